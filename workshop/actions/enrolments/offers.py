"""The waitlist: a free seat is offered to whoever waits longest, and held for her for a while."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core import audit
from core.access import SYSTEM, Actor
from core.clock import service_day
from core.db import db, transaction
from core.errors import RuleError
from workshop.actions.enrolments.steps import (
    TAKING,
    check_day,
    check_hours_free,
    check_not_ended,
    enrolment_of,
    free_seat,
    locked_cohort,
    locked_learner,
    step,
    take_seat,
)
from workshop.models import Cohort, Enrolment
from workshop.values import EnrolmentState


def offer_free_seats(session: Session, cohort: Cohort, *, by: Actor, now: datetime) -> int:
    """Offer what is free to those who wait, first come first; returns how many offers were made.

    Called in the transaction that frees a seat or raises the capacity, with the cohort locked.
    """
    if cohort.state not in TAKING or cohort.ends_on < service_day(now):
        return 0
    session.flush()
    free = cohort.capacity - cohort.seats_used
    if free <= 0:
        return 0
    waiting = session.scalars(
        sa.select(Enrolment)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state == EnrolmentState.WAITLISTED,
               Enrolment.offered_until.is_(None))
        .order_by(Enrolment.waitlisted_at, Enrolment.person_id)
        .limit(free)
    ).all()  # fmt: skip
    until = now + timedelta(hours=current_app.config["ENROLMENT_OFFER_HOURS"])
    made = 0
    for row in waiting:
        if not take_seat(session, cohort):
            break
        made += 1
        row.offered_until, row.changed_at = until, now
        audit.record(session, "enrolment.offered", subject=f"enrolment:{row.person_id}:{cohort.id}",
                     by=by, now=now, person_id=row.person_id, after={"offered_until": until})  # fmt: skip
    session.flush()
    return made


def accept_offer(
    person_id: int, cohort_id: int, *, on: date, by: Actor, now: datetime
) -> Enrolment:
    """She takes the seat that was offered.

    Raises RuleError enrolment_ with no_offer, offer_lapsed, clashes, learner_ended, in_future.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        learner = locked_learner(session, person_id)
        row = enrolment_of(session, person_id, cohort_id)
        check_offer_stands(row, now)
        check_not_ended(learner)
        check_hours_free(session, person_id, cohort_id, on)
        step(session, cohort, row, EnrolmentState.ADMITTED, on=on, reason=None, by=by, now=now)
        return row


def check_offer_stands(row: Enrolment, now: datetime) -> None:
    """Raises RuleError enrolment_no_offer, enrolment_offer_lapsed."""
    if row.offered_until is None:
        raise RuleError("enrolment_no_offer")
    if row.offered_until <= now:
        raise RuleError("enrolment_offer_lapsed")


def decline_offer(
    person_id: int, cohort_id: int, *, on: date, reason: str | None, by: Actor, now: datetime
) -> Enrolment:
    """She does not want the seat: her application ends, and the next in line is asked.

    Raises RuleError enrolment_no_offer, reason_needed.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        locked_learner(session, person_id)
        row = enrolment_of(session, person_id, cohort_id)
        if row.offered_until is None:
            raise RuleError("enrolment_no_offer")
        step(session, cohort, row, EnrolmentState.GAVE_UP, on=on, reason=reason, by=by, now=now)
        offer_free_seats(session, cohort, by=by, now=now)
        return row


def sweep_offers(now: datetime) -> int:
    """Let lapsed offers go to the next in line, and offer seats that are free; returns how many changed.

    Whose offer lapsed goes to the end of the line: she is asked again when her turn comes.
    """
    return sum(_sweep_cohort(cohort_id, now) for cohort_id in _cohorts_to_sweep(now))


def _cohorts_to_sweep(now: datetime) -> list[int]:
    waits = sa.exists().where(
        Enrolment.cohort_id == Cohort.id, Enrolment.state == EnrolmentState.WAITLISTED
    )
    lapsed = waits.where(Enrolment.offered_until <= now)
    unasked = waits.where(Enrolment.offered_until.is_(None))
    is_free = sa.and_(
        Cohort.state.in_(TAKING), Cohort.ends_on >= service_day(now),
        Cohort.seats_used < Cohort.capacity,
    )  # fmt: skip
    return list(db.session.scalars(
        sa.select(Cohort.id).where(sa.or_(lapsed, sa.and_(is_free, unasked))).order_by(Cohort.id)
    ))  # fmt: skip


def _sweep_cohort(cohort_id: int, now: datetime) -> int:
    with transaction() as session:
        cohort = locked_cohort(session, cohort_id)
        lapsed = session.scalars(
            sa.select(Enrolment)
            .where(Enrolment.cohort_id == cohort_id, Enrolment.state == EnrolmentState.WAITLISTED,
                   Enrolment.offered_until <= now)
            .order_by(Enrolment.offered_until, Enrolment.person_id)
        ).all()  # fmt: skip
        for row in lapsed:
            audit.record(session, "enrolment.offer_lapsed",
                         subject=f"enrolment:{row.person_id}:{cohort_id}", by=SYSTEM, now=now,
                         person_id=row.person_id, before={"offered_until": row.offered_until})  # fmt: skip
            row.offered_until, row.waitlisted_at, row.changed_at = None, now, now
            free_seat(session, cohort)
        return len(lapsed) + offer_free_seats(session, cohort, by=SYSTEM, now=now)
