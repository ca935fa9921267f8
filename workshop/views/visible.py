"""Finds a thing and authorises it in one step, so that no view can forget the second half.

A trainer sees the cohorts she leads and the sessions she holds or stands in for, a coordinator
those of her sites, the office all; who is the one here and the other there is so site by site. It
answers 404 for what does not exist, 403 for what is not the actor's.
"""

from typing import Any

import sqlalchemy as sa
import structlog
from flask import abort, g, request
from sqlalchemy.orm import joinedload, load_only

from core import privacy
from core.access import OFFICE, Actor, Role, current_actor
from core.db import db
from core.people.models import Person
from core.people.registry import home_of, visible
from core.sites.models import Area, Site, SiteKind
from workshop import words
from workshop.models import Cohort, Enrolment, Learner, Session, Skill
from workshop.views import bp
from workshop.words import marks as mark_words

log = structlog.get_logger("access")
# Who follows learners; a trainer is not among them.
AT_WORKSHOP = (Role.CLERK, Role.REVIEWER, Role.MANAGER, Role.COORDINATOR)
MAY_TEACH = (*AT_WORKSHOP, Role.TRAINER)
FOLLOWS = (Role.ADMIN, *AT_WORKSHOP)


def is_trainer_only(actor: Actor) -> bool:
    """Whether the actor follows learners nowhere: no more than her own cohorts and sessions."""
    return not actor.has(*FOLLOWS)


def follows_at(site_id: int) -> bool:
    """Whether the actor follows the learners of this workshop, and plans there."""
    return current_actor().holds_at(site_id, *FOLLOWS)


def _at(actor: Actor, *roles: Role) -> sa.ColumnElement[bool]:
    site_ids = actor.sites_of(*roles)
    return sa.true() if site_ids is None else Cohort.site_id.in_(site_ids)


def sessions_of(actor: Actor) -> sa.ColumnElement[bool]:
    """Which sessions an actor sees; to be used where Session and Cohort are joined."""
    hers = sa.or_(
        Cohort.trainer_id == actor.user_id, Session.trainer_id == actor.user_id,
        Session.substitute_id == actor.user_id,
    )  # fmt: skip
    return sa.or_(_at(actor, *FOLLOWS), sa.and_(_at(actor, Role.TRAINER), hers))


def cohorts_of(actor: Actor) -> sa.ColumnElement[bool]:
    """Which cohorts an actor sees. Whoever stands in for a single session sees that session alone."""
    holds = sa.exists().where(Session.cohort_id == Cohort.id, Session.trainer_id == actor.user_id)
    hers = sa.or_(Cohort.trainer_id == actor.user_id, holds)
    return sa.or_(_at(actor, *FOLLOWS), sa.and_(_at(actor, Role.TRAINER), hers))


def visible_session(session_id: int) -> Session:
    """The session with its cohort, course, site and room loaded."""
    row = db.session.scalar(
        sa.select(Session).where(Session.id == session_id).options(
            joinedload(Session.cohort).joinedload(Cohort.course),
            joinedload(Session.cohort).joinedload(Cohort.site), joinedload(Session.room),
        )
    )  # fmt: skip
    if row is None:
        abort(404)
    statement = (
        sa.select(Session.id).join(Cohort, Cohort.id == Session.cohort_id)
        .where(Session.id == session_id, sessions_of(current_actor()))
    )  # fmt: skip
    if db.session.scalar(statement) is None:
        _refuse("class_session", session_id)
    return row


def check_may_make_up(meeting: Session, missed_id: int) -> None:
    """403 for a session of another site's cohort that the actor does not see either; one that is none passes."""
    foreign = (
        sa.select(Cohort.id)
        .where(Cohort.id.in_(sa.select(Session.cohort_id).where(Session.id == missed_id)),
               Cohort.site_id != meeting.cohort.site_id,
               ~cohorts_of(current_actor()))
    )  # fmt: skip
    if db.session.scalar(foreign) is not None:
        _refuse("class_session", missed_id)


def visible_cohort(cohort_id: int) -> Cohort:
    """The cohort with its course and site loaded."""
    row = db.session.scalar(
        sa.select(Cohort).where(Cohort.id == cohort_id)
        .options(joinedload(Cohort.course), joinedload(Cohort.site), joinedload(Cohort.trainer))
    )  # fmt: skip
    if row is None:
        abort(404)
    statement = sa.select(Cohort.id).where(Cohort.id == cohort_id, cohorts_of(current_actor()))
    if db.session.scalar(statement) is None:
        _refuse("cohort", cohort_id)
    return row


def visible_learner(person_id: int) -> Learner:
    """The learner with her person and area loaded, for those who follow learners."""
    row = db.session.scalar(
        sa.select(Learner).where(Learner.person_id == person_id).options(
            joinedload(Learner.person).joinedload(Person.residence_area).joinedload(Area.parent),
            joinedload(Learner.home_site),
        )
    )  # fmt: skip
    if row is None:
        abort(404)
    if not follows_at(row.home_site_id):
        _refuse("learner", person_id)
    return row


def visible_enrolment(cohort_id: int, person_id: int) -> Enrolment:
    """A learner's place in a visible cohort."""
    visible_cohort(cohort_id)
    row = db.session.get(Enrolment, (person_id, cohort_id))
    if row is None:
        abort(404)
    return row


def _refuse(kind: str, number: int) -> None:
    log.warning("access.foreign", endpoint=request.endpoint, kind=kind, number=number)
    abort(403)


def shown_name(person: Person | None) -> str:
    """The name as this actor may see it: whole for those who follow learners or teach them."""
    if person is None:
        return "—"
    return (
        str(person.name)
        if current_actor().has(Role.ADMIN, *MAY_TEACH)
        else privacy.mask_name(person.name)
    )


def shows_phones(cohort: Cohort, person_ids: list[int]) -> bool:
    """Whether phones of learners stand on a page of their cohort; if so, the look is in the log.

    For those who follow them, as on a learner's page; a trainer calls from the sheet of a session.
    """
    is_shown = current_actor().holds_at(cohort.site_id, *OFFICE, Role.COORDINATOR)
    if is_shown and person_ids:
        log.info("enrolment.phones_shown", cohort_id=cohort.id, person_ids=person_ids)
    return is_shown


def person_in_filter(person_id: int | None) -> Person | None:
    """Whom a list is filtered by, when the actor may see her."""
    if person_id is None:
        return None
    statement = sa.select(Person).where(Person.id == person_id, visible(current_actor()))
    return db.session.scalar(statement.options(load_only(Person.name)))


def workshops(*roles: Role) -> list[Site]:
    """The workshops that the actor works for, as one of these roles where some are named."""
    statement = (
        sa.select(Site).where(Site.kind == SiteKind.WORKSHOP, Site.is_active).order_by(Site.id)
    )
    actor = current_actor()
    site_ids = actor.sites_of(*roles) if roles else actor.site_ids
    if site_ids is not None:
        statement = statement.where(Site.id.in_(site_ids))
    return list(db.session.scalars(statement))


def skills_in_use(*also: int | None) -> list[Skill]:
    """Skills as they stand in lists; also those that a row has, in use or not."""
    wanted = sa.or_(Skill.is_active, Skill.id.in_(also))
    statement = sa.select(Skill).where(wanted).order_by(Skill.position, Skill.name)
    return list(db.session.scalars(statement))


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    actor = g.get("actor")
    allowed = actor.has if actor else lambda *_roles: False
    return {
        "words": words,
        "shown_name": shown_name,
        "home_of": home_of,
        "mark_words": mark_words.mark_words,
        "may_follow": allowed(Role.ADMIN, *AT_WORKSHOP),
        "may_office": allowed(*OFFICE),
        "may_decide": allowed(Role.ADMIN, Role.CLERK, Role.REVIEWER),
    }
