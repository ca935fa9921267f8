"""One step of one enrolment: its seat, its number on the sheet, and the row that records it.

Everything here works in the transaction at hand, under the lock of the cohort.
"""

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from core.access import Actor
from core.clock import service_day
from core.db import new_id
from core.errors import RuleError
from core.people.models import Person
from workshop.actions.clashes import clashes_of_learner
from workshop.models import Attendance, Cohort, Enrolment, EnrolmentMove, Learner
from workshop.models import Session as ClassSession
from workshop.rules.moves import check_enrolment_move
from workshop.values import CohortState, EnrolmentState

REASON_LENGTH = 256
TAKING = (CohortState.OPEN, CohortState.RUNNING)
# These are open in a cohort that is closed or cancelled too: they only let go.
WAYS_OUT = frozenset({
    EnrolmentState.DECLINED, EnrolmentState.GAVE_UP, EnrolmentState.NO_SHOW, EnrolmentState.WITHDRAWN,
})  # fmt: skip
_COHORT = Cohort.__table__


def locked_cohort(session: Session, cohort_id: int) -> Cohort:
    """The cohort, locked against every other verb here. Raises RuleError enrolment_no_cohort."""
    # FOR NO KEY UPDATE: rows that merely point to the cohort can be written meanwhile.
    row = session.get(Cohort, cohort_id, with_for_update={"key_share": True})
    if row is None:
        raise RuleError("enrolment_no_cohort")
    return row


def locked_learners(session: Session, person_ids: Iterable[int]) -> dict[int, Learner]:
    """The learners by id with their persons, locked in one order so that nobody waits in a circle."""
    ids = sorted(set(person_ids))
    rows = session.scalars(
        sa.select(Learner).where(Learner.person_id.in_(ids)).order_by(Learner.person_id)
        .options(joinedload(Learner.person, innerjoin=True).load_only(
            Person.name, Person.sex, Person.birth_on, Person.merged_into_id,
        ))
        .with_for_update(key_share=True, of=Learner)
    )  # fmt: skip
    return {row.person_id: row for row in rows}


def locked_learner(session: Session, person_id: int) -> Learner:
    """One of them. Raises RuleError enrolment_no_learner."""
    row = locked_learners(session, [person_id]).get(person_id)
    if row is None:
        raise RuleError("enrolment_no_learner")
    return row


def enrolment_of(session: Session, person_id: int, cohort_id: int) -> Enrolment:
    """Her place in the cohort. Raises RuleError enrolment_not_there."""
    row = session.get(Enrolment, (person_id, cohort_id))
    if row is None:
        raise RuleError("enrolment_not_there")
    return row


def check_takes_learners(cohort: Cohort) -> None:
    """Raises RuleError enrolment_cohort_shut unless it is open for enrolment or running."""
    if cohort.state not in TAKING:
        raise RuleError("enrolment_cohort_shut", cohort=cohort.name)


def check_not_ended(learner: Learner) -> None:
    """Raises RuleError enrolment_learner_ended."""
    if learner.ended_on is not None:
        raise RuleError("enrolment_learner_ended")


def check_day(on: date, now: datetime) -> None:
    """Raises RuleError enrolment_in_future: what happens is recorded on its day, or later."""
    if on > service_day(now):
        raise RuleError("enrolment_in_future")


def check_not_before(cohort: Cohort, on: date) -> None:
    """Raises RuleError enrolment_before_class: a mistyped year would count in a month without a report.

    It may be before the first day, for who starts with a class that is planned, but not before that.
    """
    if on < min(cohort.starts_on, service_day(cohort.created_at)):
        raise RuleError("enrolment_before_class", first=cohort.starts_on.isoformat())


def check_hours_free(session: Session, person_id: int, cohort_id: int, from_on: date) -> None:
    """Raises RuleError enrolment_clashes: from this day on she would sit in two sessions at once."""
    session.flush()
    clashes = clashes_of_learner(session, person_id, cohort_id, from_on=from_on)
    if clashes:
        own, other = clashes[0]
        raise RuleError(
            "enrolment_clashes", cohort=other.cohort.name, count=len(clashes), day=f"{own.on:%Y-%m-%d}",
            start=f"{own.starts_min // 60:02d}:{own.starts_min % 60:02d}",
        )  # fmt: skip


def take_seat(session: Session, cohort: Cohort) -> bool:
    """Take one seat where there is one; the database compares, so the last goes to one alone."""
    taken = session.execute(
        sa.update(_COHORT)  # type: ignore[arg-type]
        .where(_COHORT.c.id == cohort.id, _COHORT.c.seats_used < _COHORT.c.capacity)
        .values(seats_used=_COHORT.c.seats_used + 1)
        .returning(_COHORT.c.id)
    ).first()
    session.expire(cohort, ["seats_used"])
    return taken is not None


def free_seat(session: Session, cohort: Cohort) -> None:
    """Give one seat back."""
    session.execute(
        sa.update(_COHORT)  # type: ignore[arg-type]
        .where(_COHORT.c.id == cohort.id)
        .values(seats_used=_COHORT.c.seats_used - 1)
    )
    session.expire(cohort, ["seats_used"])


def holds_seat(row: Enrolment) -> bool:
    """Whether it counts against the capacity: by its state, or by an offer that stands."""
    return row.state.holds_seat or row.offered_until is not None


def record_move(
    session: Session, row: Enrolment, before: EnrolmentState | None, *, on: date,
    reason: str | None, by: Actor, now: datetime, other_cohort_id: int | None = None,
) -> None:  # fmt: skip
    """Write down that she came from `before` to the state in which the row stands."""
    last = session.scalar(
        sa.select(sa.func.max(EnrolmentMove.number)).where(
            EnrolmentMove.person_id == row.person_id, EnrolmentMove.cohort_id == row.cohort_id
        )
    )
    session.add(EnrolmentMove(
        person_id=row.person_id, id=new_id(), cohort_id=row.cohort_id, number=(last or 0) + 1,
        from_state=before, to_state=row.state, at=now, on=on,
        reason=(reason or "").strip()[:REASON_LENGTH] or None, other_cohort_id=other_cohort_id,
        by_id=by.user_id, by_name=by.name,
    ))  # fmt: skip


def step(
    session: Session, cohort: Cohort, row: Enrolment, to: EnrolmentState, *, on: date,
    reason: str | None, by: Actor, now: datetime, other_cohort_id: int | None = None,
) -> None:  # fmt: skip
    """Move one enrolment by one state, with its seat and its record.

    Raises RuleError reason_needed, and enrolment_ with no_such_move, no_seat, cohort_over,
    left_before_joining, marks_after.
    """
    before, held = row.state, holds_seat(row)
    check_enrolment_move(before, to, reason)
    if cohort.state not in TAKING and to not in WAYS_OUT:
        raise RuleError("enrolment_cohort_over", cohort=cohort.name)
    if to in (EnrolmentState.WITHDRAWN, EnrolmentState.TRANSFERRED) and row.joined_on is not None:
        _check_last_day(session, row, on)
    if to.holds_seat and not held and not take_seat(session, cohort):
        raise RuleError("enrolment_no_seat", cohort=cohort.name, capacity=cohort.capacity)
    if held and not to.holds_seat:
        row.offered_until = None  # before the seat goes back: nobody holds what is free
        free_seat(session, cohort)
    row.state, row.changed_at, row.offered_until = to, now, None
    if to is EnrolmentState.WAITLISTED:
        row.waitlisted_at = now
    elif to is EnrolmentState.ADMITTED and row.number is None:
        row.number = _next_number(session, row.cohort_id)
    elif to is EnrolmentState.TRAINING:
        row.joined_on, row.left_on = row.joined_on or on, None
    elif to in (EnrolmentState.WITHDRAWN, EnrolmentState.TRANSFERRED) and row.joined_on:
        row.left_on = on
    record_move(session, row, before, on=on, reason=reason, by=by, now=now,
                other_cohort_id=other_cohort_id)  # fmt: skip
    session.flush()


def _next_number(session: Session, cohort_id: int) -> int:
    """Her row on the sheet: rows stay when somebody leaves, so no number is given twice."""
    last = session.scalar(
        sa.select(sa.func.max(Enrolment.number)).where(Enrolment.cohort_id == cohort_id)
    )
    return (last or 0) + 1


def _check_last_day(session: Session, row: Enrolment, on: date) -> None:
    if row.joined_on is not None and on < row.joined_on:
        raise RuleError("enrolment_left_before_joining", day=f"{row.joined_on:%Y-%m-%d}")
    marked = session.scalar(
        sa.select(sa.func.max(ClassSession.on))
        .join(Attendance, Attendance.session_id == ClassSession.id)
        .where(Attendance.person_id == row.person_id, Attendance.cohort_id == row.cohort_id)
    )
    if marked is not None and marked > on:
        raise RuleError("enrolment_marks_after", day=f"{marked:%Y-%m-%d}")
