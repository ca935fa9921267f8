"""What the pages of employers, placements and follow-ups share: who sees what, and links."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from flask import abort, current_app, g, request, url_for
from sqlalchemy.orm import joinedload

from core import clock
from core.access import OFFICE, Role, current_actor
from core.db import db
from core.people.models import Person
from core.sites.models import Area
from workshop.models import Employer, Placement, Vacancy
from workshop.views import bp
from workshop.words import matches as match_words

log = structlog.get_logger("access")
# Who leads women into work; a manager of the site reads, without wages and telephones.
MAY_PLACE = (Role.CLERK, Role.REVIEWER, Role.COORDINATOR)


def sees_wages_at(site_id: int) -> bool:
    """Whether wages and telephones of a workshop are shown: to the office and to its coordinators."""
    return current_actor().holds_at(site_id, *OFFICE, Role.COORDINATOR)


def visible_placement(person_id: int, placement_id: UUID) -> Placement:
    """A placement of the actor's sites, with its person, area and vacancy loaded."""
    row = db.session.scalar(
        sa.select(Placement)
        .where(Placement.person_id == person_id, Placement.id == placement_id)
        .options(
            joinedload(Placement.person).load_only(
                Person.name, Person.birth_on, Person.residence_area_id
            ).joinedload(Person.residence_area).joinedload(Area.parent),
            joinedload(Placement.vacancy), joinedload(Placement.employer),
        )
    )  # fmt: skip
    if row is None:
        abort(404)
    if not current_actor().sees_site(row.site_id):
        log.warning("access.foreign", endpoint=request.endpoint, kind="placement", number=person_id)
        abort(403)
    return row


def known_employer(employer_id: int) -> Employer:
    """An employer; whoever may see employers may see each."""
    row = db.session.scalar(
        sa.select(Employer).where(Employer.id == employer_id).options(joinedload(Employer.area))
    )
    if row is None:
        abort(404)
    return row


def known_vacancy(vacancy_id: int) -> Vacancy:
    """A vacancy with its employer, skill and areas loaded."""
    row = db.session.scalar(
        sa.select(Vacancy).where(Vacancy.id == vacancy_id).options(
            joinedload(Vacancy.employer).joinedload(Employer.area), joinedload(Vacancy.skill),
            joinedload(Vacancy.area),
        )
    )  # fmt: skip
    if row is None:
        abort(404)
    return row


def areas_in_use(also: int | None = None) -> list[Area]:
    """Areas by their code path; also the one that a row has, in use or not: saving must not clear it."""
    wanted = sa.or_(Area.is_active, Area.id == also)
    return list(db.session.scalars(sa.select(Area).where(wanted).order_by(Area.code)))


def active_employers() -> list[Employer]:
    """Employers to choose from, the micro-factory first."""
    return list(db.session.scalars(
        sa.select(Employer).where(Employer.is_active)
        .order_by(Employer.is_micro_factory.desc(), Employer.name)
    ))  # fmt: skip


def page_of_learner(person_id: int) -> str:
    """Where everything about her stands."""
    is_there = "workshop.learner" in current_app.view_functions
    return url_for(
        "workshop.learner" if is_there else "workshop.learner_vacancies", person_id=person_id
    )


@bp.context_processor
def _for_jobs() -> dict[str, Any]:
    actor = g.get("actor")
    return {
        "sees_wages": bool(actor and actor.has(*OFFICE, Role.COORDINATOR)),
        "sees_wages_at": sees_wages_at,
        "may_place": bool(actor and actor.has(Role.ADMIN, *MAY_PLACE)),
        "match_phrase": match_words.phrase,
        "weekdays_word": match_words.weekdays,
        "clock_word": match_words.clock,
        "page_of_learner": page_of_learner,
        "service_today": lambda: clock.service_day(clock.now()),
    }
