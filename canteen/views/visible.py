"""Finds a thing and authorises it in one step, so that no view can forget the second half.

A diner is visible through her home site, an event and an exception through theirs; 404 for what
does not exist, 403 for what is not the actor's.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from flask import abort, current_app, g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.orm import joinedload, load_only

from canteen import export, phrases, words
from canteen.explanation import step_text
from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import CanteenException, Diner, Eligibility, MealCategory, MealEvent, Tariff
from canteen.values import EventKind, ExceptionKind
from canteen.views import bp
from core.access import OFFICE, Role, current_actor, visible_site
from core.db import db
from core.people.models import Person
from core.people.registry import home_of, visible
from core.privacy import mask_name
from core.sites.models import Area, AreaLevel, Site, SiteKind

log = structlog.get_logger("access")
# What these roles may do on a page is decided here once, for buttons and views alike.
MAY_PROPOSE = (Role.CLERK, Role.REVIEWER)
MAY_DECIDE = (Role.REVIEWER,)
AT_HER_SITE = (Role.CLERK, Role.REVIEWER, Role.MANAGER)


def _refuse_foreign(site_id: int, kind: str) -> None:
    if not current_actor().sees_site(site_id):
        log.warning("access.foreign_site", endpoint=request.endpoint, site_id=site_id, kind=kind)
        abort(403)


def visible_diner(person_id: int) -> Diner:
    """The diner with person and site loaded."""
    diner = db.session.scalar(
        sa.select(Diner)
        .where(Diner.person_id == person_id)
        .options(
            joinedload(Diner.person).load_only(*PERSON_IN_LIST)
            .joinedload(Person.residence_area).joinedload(Area.parent),
            joinedload(Diner.home_site),
        )
    )  # fmt: skip
    if diner is None:
        abort(404)
    _refuse_foreign(diner.home_site_id, "diner")
    return diner


def visible_eligibility(person_id: int, eligibility_id: UUID) -> Eligibility:
    """One paper of a visible diner."""
    visible_diner(person_id)
    row = db.session.get(Eligibility, (person_id, eligibility_id))
    if row is None:
        abort(404)
    return row


def visible_event(event_id: UUID) -> MealEvent:
    """An attempt at a counter; a voiding is shown with what it voids."""
    event = db.session.get(MealEvent, event_id)
    if event is not None and event.voids_id is not None:
        event = db.session.get(MealEvent, event.voids_id)
    if event is None:
        abort(404)
    _refuse_foreign(event.site_id, "meal_event")
    return event


def visible_exception(event_id: UUID, kind: str) -> CanteenException:
    """One matter to be settled."""
    known = kind in [member.value for member in ExceptionKind]
    row = db.session.get(CanteenException, (event_id, ExceptionKind(kind))) if known else None
    if row is None:
        abort(404)
    _refuse_foreign(row.site_id, "exception")
    return row


def known_tariff(tariff_id: int) -> Tariff:
    """A tariff row; whoever may see tariffs may see each."""
    row = db.session.get(Tariff, tariff_id)
    if row is None:
        abort(404)
    return row


def visible_canteen(slug: str) -> Site:
    """The canteen of this slug, in use; 404 for any other site, 403 for one that is not the actor's."""
    site: Site = visible_site(slug)
    if site.kind is not SiteKind.CANTEEN or not site.is_active:
        abort(404)
    return site


def canteens() -> list[Site]:
    """The canteens that the actor works for, in the order of their names' making."""
    statement = (
        sa.select(Site).where(Site.kind == SiteKind.CANTEEN, Site.is_active).order_by(Site.id)
    )
    site_ids = current_actor().site_ids
    if site_ids is not None:
        statement = statement.where(Site.id.in_(site_ids))
    return list(db.session.scalars(statement))


def all_categories(*, active: bool = True) -> list[MealCategory]:
    """Categories as they stand in lists."""
    statement = sa.select(MealCategory).order_by(MealCategory.position, MealCategory.id)
    return list(
        db.session.scalars(statement.where(MealCategory.is_active) if active else statement)
    )


def all_areas(*levels: AreaLevel) -> list[Area]:
    """Areas in use by their code path."""
    statement = sa.select(Area).where(Area.is_active).order_by(Area.code)
    return list(
        db.session.scalars(statement.where(Area.level.in_(levels)) if levels else statement)
    )


def grace_days() -> int:
    """How long a paper that has run out still serves."""
    return int(current_app.config["ELIGIBILITY_GRACE_DAYS"])


def shown_name(person: Person | None) -> str:
    """The name as this actor may see it: whole for office and manager, masked for everybody else."""
    if person is None:
        return "—"
    return (
        str(person.name) if current_actor().has(*OFFICE, Role.MANAGER) else mask_name(person.name)
    )


def person_in_filter(person_id: int | None) -> Person | None:
    """Whom a list is filtered by, when the actor may see her."""
    if person_id is None:
        return None
    return db.session.scalar(
        sa.select(Person)
        .where(Person.id == person_id, visible(current_actor()))
        .options(load_only(*PERSON_IN_LIST))
    )


def page_of_person(person_id: int) -> str:
    """Where the registry shows this person."""
    return url_for("people.show", person_id=person_id)


def known_diners(person_ids: Iterable[int]) -> set[int]:
    """Which of these people are diners of the actor's own sites."""
    statement = sa.select(Diner.person_id).where(Diner.person_id.in_(list(person_ids)))
    site_ids = current_actor().site_ids
    if site_ids is not None:
        statement = statement.where(Diner.home_site_id.in_(site_ids))
    return set(db.session.scalars(statement))


def person_link(person: Person) -> Markup:
    """The name, as a link to the diner's page where the actor may see it."""
    if not known_diners([person.id]):
        return escape(shown_name(person))
    return Markup('<a href="{}">{}</a>').format(
        url_for("canteen.diner", person_id=person.id), shown_name(person)
    )


def event_words(event: MealEvent) -> str:
    """What one row of the flow says happened."""
    if event.kind is EventKind.VOIDED:
        return str(_("voided"))
    if event.kind is EventKind.REFUSED:
        return str(_("not registered: %(reason)s", reason=phrases.reason(event.reason)))
    if event.other_kind is not None:
        return str(words.OTHER_KIND[event.other_kind])
    return str(_("registered"))


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    actor = g.get("actor")
    allowed = actor.has if actor else lambda *_roles: False
    return {
        "shown_name": shown_name, "home_of": home_of, "person_link": person_link, "words": words,
        "step_text": step_text, "result_words": export.result_words, "event_words": event_words,
        "page_of_person": page_of_person, "clock_of": phrases.clock_of, "days_of": phrases.days_of,
        "may_propose": allowed(Role.ADMIN, *MAY_PROPOSE), "may_decide": allowed(Role.ADMIN, *MAY_DECIDE),
        "may_at_site": allowed(Role.ADMIN, *AT_HER_SITE),
    }  # fmt: skip
