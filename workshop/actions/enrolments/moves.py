"""Applying for a cohort, and each single move of an enrolment but the transfer."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from workshop.actions.enrolments import subsidy
from workshop.actions.enrolments.offers import check_offer_stands, offer_free_seats
from workshop.actions.enrolments.steps import (
    check_day,
    check_hours_free,
    check_not_before,
    check_not_ended,
    check_takes_learners,
    enrolment_of,
    locked_cohort,
    locked_learner,
    record_move,
    step,
)
from workshop.models import Attendance, Certificate, Cohort, Enrolment, Learner
from workshop.rules.moves import check_enrolment_move
from workshop.values import EnrolmentState

_E = EnrolmentState
# Completion is decided by its own verb, a transfer names two cohorts, an application begins anew.
_BY_OTHERS = frozenset({_E.APPLIED, _E.COMPLETED, _E.INCOMPLETE, _E.TRANSFERRED})
_AFTER_TRAINING = frozenset({_E.COMPLETED, _E.INCOMPLETE, _E.WITHDRAWN})


def apply(person_id: int, cohort_id: int, *, on: date, by: Actor, now: datetime) -> Enrolment:
    """Apply for a place, or again after it was declined, given up or not taken.

    Over the retirement age, or subsidised for the same skill and level before, she is taken all the
    same and not counted for subsidy. Raises RuleError enrolment_ with no_cohort, no_learner,
    learner_ended, cohort_shut, stands, clashes, in_future.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        learner = locked_learner(session, person_id)
        check_not_ended(learner)
        check_takes_learners(cohort)
        check_hours_free(session, person_id, cohort_id, on)
        return put_in(session, cohort, learner, on=on, by=by, now=now)


def put_in(
    session: Session, cohort: Cohort, learner: Learner, *, on: date, by: Actor, now: datetime,
    reason: str | None = None, other_cohort_id: int | None = None,
) -> Enrolment:  # fmt: skip
    """The application itself, once everything is checked and locked. Raises RuleError enrolment_stands."""
    row = session.get(Enrolment, (learner.person_id, cohort.id))
    before = row.state if row else None
    try:
        check_enrolment_move(before, _E.APPLIED, None)
    except RuleError:
        raise RuleError("enrolment_stands", cohort=cohort.name) from None
    if row is None:
        row = Enrolment(person_id=learner.person_id, cohort_id=cohort.id)
        session.add(row)
    row.state, row.applied_at, row.changed_at = _E.APPLIED, now, now
    row.waitlisted_at = row.offered_until = row.joined_on = row.left_on = None
    row.carried_min = 0
    subsidy.judge(session, row, learner, cohort, on)
    session.flush()
    record_move(session, row, before, on=on, reason=reason, by=by, now=now,
                other_cohort_id=other_cohort_id)  # fmt: skip
    if not row.is_subsidised:
        audit.record(session, "enrolment.not_subsidised", by=by, now=now, person_id=row.person_id,
                     subject=f"enrolment:{row.person_id}:{cohort.id}",
                     reason=row.not_subsidised_reason)  # fmt: skip
    session.flush()
    return row


def move(
    person_id: int, cohort_id: int, to: EnrolmentState, *, on: date, reason: str | None = None,
    by: Actor, now: datetime,
) -> Enrolment:  # fmt: skip
    """Move one enrolment to the next state; the seat it frees is offered to whoever waits longest.

    on: the day it happened; joined_on when training starts, the last day when she withdraws.
    Raises RuleError reason_needed, and enrolment_ with no_such_move, no_seat, not_there, cohort_over,
    cohort_shut, clashes, has_certificate, has_marks, marks_after, left_before_joining, in_future,
    before_class.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        learner = locked_learner(session, person_id)
        row = enrolment_of(session, person_id, cohort_id)
        move_in(session, cohort, learner, row, to, on=on, reason=reason, by=by, now=now)
        offer_free_seats(session, cohort, by=by, now=now)
        return row


def move_in(
    session: Session, cohort: Cohort, learner: Learner, row: Enrolment, to: EnrolmentState, *,
    on: date, reason: str | None, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """The move itself, once everything is locked; errors as of `move`, before anything is written."""
    if to in _BY_OTHERS:
        raise RuleError("enrolment_no_such_move", before=str(row.state), after=str(to))
    check_enrolment_move(row.state, to, reason)
    check_not_before(cohort, on)
    if to is _E.ADMITTED:
        _check_admission(session, cohort, learner, row, on, by=by, now=now)
    elif to is _E.TRAINING and row.state in _AFTER_TRAINING:
        _check_taking_back(session, learner, row, on)
    elif to is _E.NO_SHOW and has_attended(session, row):
        raise RuleError("enrolment_has_marks")
    step(session, cohort, row, to, on=on, reason=reason, by=by, now=now)


def _check_admission(
    session: Session, cohort: Cohort, learner: Learner, row: Enrolment, on: date, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    check_takes_learners(cohort)
    check_not_ended(learner)
    check_hours_free(session, row.person_id, row.cohort_id, on)
    # Whoever waits comes first: a seat that is free is theirs before it can be taken here.
    offer_free_seats(session, cohort, by=by, now=now)
    if row.state is _E.WAITLISTED:
        if row.offered_until is None:
            raise RuleError("enrolment_no_seat", cohort=cohort.name, capacity=cohort.capacity)
        check_offer_stands(row, now)


def _check_taking_back(session: Session, learner: Learner, row: Enrolment, on: date) -> None:
    in_force = sa.exists().where(
        Certificate.person_id == row.person_id, Certificate.cohort_id == row.cohort_id,
        Certificate.revoked_at.is_(None),
    )  # fmt: skip
    if session.scalar(sa.select(in_force)):
        raise RuleError("enrolment_has_certificate")
    if row.state is _E.WITHDRAWN:
        check_not_ended(learner)
        check_hours_free(session, row.person_id, row.cohort_id, on)


def has_attended(session: Session, row: Enrolment) -> bool:
    """Whether any session is credited to this enrolment."""
    found = sa.exists().where(
        Attendance.person_id == row.person_id, Attendance.cohort_id == row.cohort_id,
        Attendance.credited_min > 0,
    )  # fmt: skip
    return bool(session.scalar(sa.select(found)))
