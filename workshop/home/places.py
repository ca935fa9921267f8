"""Places on the home page: whom to decide on, and for whom a seat is held."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from core.access import Actor, Role
from core.clock import service_day
from core.db import db
from core.programme import HomeCard
from core.show import clock_time, day
from workshop.models import Cohort, Enrolment
from workshop.values import CohortState, EnrolmentState
from workshop.views.visible import AT_WORKSHOP

_TAKING = (CohortState.OPEN, CohortState.RUNNING)


def place_cards(actor: Actor, now: datetime) -> list[HomeCard]:
    """Applications to decide on, and offers that wait for a call. Only what there is; one query."""
    site_ids = actor.sites_of(Role.ADMIN, *AT_WORKSHOP)
    if site_ids is not None and not site_ids:
        return []
    is_applied = Enrolment.state == EnrolmentState.APPLIED
    statement = (
        sa.select(
            sa.func.count().filter(is_applied), sa.func.min(Enrolment.cohort_id).filter(is_applied),
            sa.func.count(Enrolment.offered_until), sa.func.min(Enrolment.offered_until),
            sa.func.min(Enrolment.cohort_id).filter(Enrolment.offered_until.is_not(None)),
        )
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Cohort.state.in_(_TAKING))
        .where(sa.true() if site_ids is None else Cohort.site_id.in_(site_ids))
    )  # fmt: skip
    applied, first, offered, until, held = db.session.execute(statement).one()
    cards = []
    if offered:
        cards.append(HomeCard(
            _l("Seats held for who waits"), str(offered),
            _l("to call, the first before %(at)s", at=f"{day(service_day(until))} {clock_time(until)}"),
            "workshop.enrolments", {"cohort_id": held}, "warn",
        ))  # fmt: skip
    if applied:
        cards.append(HomeCard(
            _l("Applications to decide on"), str(applied), _l("admit, put on the waitlist, or decline"),
            "workshop.enrolments", {"cohort_id": first}, "warn",
        ))  # fmt: skip
    return cards
