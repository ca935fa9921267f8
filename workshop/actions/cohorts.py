"""Runs of a course: opened with a copy of its policy, changed, started, closed, cancelled."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Site, SiteKind
from workshop.actions.clashes import ClashKind, Wanted, clashes
from workshop.actions.enrolments import offer_free_seats
from workshop.actions.marks import settle_cancelled
from workshop.actions.reasons import needs_reason
from workshop.actions.teaching import check_trainer
from workshop.models import Attendance, Cohort, Course, Enrolment, Session
from workshop.rules.cohorts import check_move, is_over
from workshop.values import CohortState, EnrolmentState, Policy, SessionState

OPEN_ENROLMENTS = tuple(state for state in EnrolmentState if state.is_open)


@dataclass(frozen=True)
class CohortFacts:
    """What may be said of a cohort at any time. name "": the course's with its number."""

    starts_on: date
    ends_on: date
    capacity: int
    trainer_id: int | None = None
    name: str = ""
    is_subsidised: bool = True
    note: str = ""


_SHOWN = ("site_id", "course_id", "number", "name", "state", "starts_on", "ends_on", "capacity",
          "planned_min", "is_subsidised", "trainer_id", "note")  # fmt: skip


def _shown(row: Cohort) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN} | asdict(row.policy)


def locked_cohort(session: DbSession, cohort_id: int) -> Cohort:
    """The cohort, locked until the end of the transaction. Raises RuleError no_such_cohort."""
    # Without KEY, so that rows that only point at it go on being written meanwhile.
    row = session.get(Cohort, cohort_id, with_for_update={"key_share": True})
    if row is None:
        raise RuleError("no_such_cohort")
    return row


def open_cohort(
    course_id: int,
    facts: CohortFacts,
    *,
    site_id: int,
    by: Actor,
    now: datetime,
    number: int | None = None,
    state: CohortState = CohortState.PLANNED,
) -> Cohort:
    """Open the next run of a course, with its policy and hours as they are today.

    number: of the run; None: the next one. state: in preparation, or open for enrolment at once.
    Raises RuleError no_such_course, no_such_site, no_such_trainer, ends_before_start,
    cohort_number_taken (number).
    """
    if state not in (CohortState.PLANNED, CohortState.OPEN):
        raise RuleError("cohort_no_such_move", before="", after=state.value)
    _check_days(facts.starts_on, facts.ends_on)
    with transaction() as session:
        # Two who open a run of one course at once get two numbers.
        course = session.get(Course, course_id, with_for_update=True)
        if course is None or not course.is_active:
            raise RuleError("no_such_course")
        site = session.get(Site, site_id)
        if site is None or site.kind is not SiteKind.WORKSHOP:
            raise RuleError("no_such_site")
        check_trainer(session, facts.trainer_id, site_id, now)
        last = session.scalar(
            sa.select(sa.func.max(Cohort.number)).where(Cohort.course_id == course_id)
        )
        number = number if number is not None else (last or 0) + 1
        row = Cohort(
            site_id=site_id, course_id=course_id, number=number, state=state,
            name=facts.name.strip() or f"{course.name}第 {number} 期", starts_on=facts.starts_on,
            ends_on=facts.ends_on, capacity=facts.capacity, is_subsidised=facts.is_subsidised,
            trainer_id=facts.trainer_id, note=facts.note,
            planned_min=course.class_hours * course.class_hour_min, created_at=now,
            **asdict(course.policy),
        )  # fmt: skip
        session.add(row)
        try:
            session.flush()
        except sa.exc.IntegrityError:
            raise RuleError("cohort_number_taken", number=number) from None
        audit.record(session, "cohort.added", subject=f"cohort:{row.id}", by=by, now=now,
                     after=_shown(row))  # fmt: skip
        return row


def change_cohort(cohort_id: int, facts: CohortFacts, *, by: Actor, now: datetime) -> Cohort:
    """Change what may be said of a cohort. A new trainer takes over the sessions that are to come;
    seats that are added are offered to those who wait.

    Raises RuleError no_such_cohort, cohort_is_over, no_such_trainer, ends_before_start,
    cohort_capacity_below_seats (seats), cohort_days_leave_sessions (first, last), and as a clash
    trainer_is_elsewhere (where).
    """
    _check_days(facts.starts_on, facts.ends_on)
    with transaction() as session:
        row = locked_cohort(session, cohort_id)
        if is_over(row.state):
            raise RuleError("cohort_is_over")
        if facts.capacity < row.seats_used:
            raise RuleError("cohort_capacity_below_seats", seats=row.seats_used)
        _check_sessions_within(session, row.id, facts.starts_on, facts.ends_on)
        before = _shown(row)
        if facts.trainer_id != row.trainer_id:
            check_trainer(session, facts.trainer_id, row.site_id, now)
            _hand_over(session, row, facts.trainer_id, now)
        row.name = facts.name.strip() or row.name
        row.starts_on, row.ends_on, row.capacity = facts.starts_on, facts.ends_on, facts.capacity
        row.trainer_id, row.note = facts.trainer_id, facts.note
        row.is_subsidised = facts.is_subsidised
        audit.record(session, "cohort.changed", subject=f"cohort:{row.id}", by=by, now=now,
                     before=before, after=_shown(row))  # fmt: skip
        if row.capacity > before["capacity"]:
            session.flush()
            offer_free_seats(session, row, by=by, now=now)
        return row


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise RuleError("ends_before_start")


def _check_sessions_within(
    session: DbSession, cohort_id: int, starts_on: date, ends_on: date
) -> None:
    first, last = session.execute(
        sa.select(sa.func.min(Session.on), sa.func.max(Session.on)).where(
            Session.cohort_id == cohort_id, Session.state == SessionState.PLANNED
        )
    ).one()
    if first is not None and (first < starts_on or last > ends_on):
        raise RuleError(
            "cohort_days_leave_sessions", first=first.isoformat(), last=last.isoformat()
        )


def _hand_over(session: DbSession, row: Cohort, trainer_id: int | None, now: datetime) -> None:
    """Give the sessions to come that were the old trainer's, or nobody's, to the new one."""
    coming = [
        one
        for one in session.scalars(
            sa.select(Session).where(
                Session.cohort_id == row.id, Session.state == SessionState.PLANNED,
                Session.on >= service_day(now),
                Session.trainer_id.is_(None) if row.trainer_id is None
                else sa.or_(Session.trainer_id == row.trainer_id, Session.trainer_id.is_(None)),
            )
        )
        if one.starts_at > now
    ]  # fmt: skip
    if trainer_id is not None:
        wanted = [
            Wanted(row.id, one.on, one.starts_min, one.ends_min, teacher_id=trainer_id,
                   except_id=one.id)
            for one in coming
            if one.substitute_id is None
        ]  # fmt: skip
        for clash in clashes(session, wanted):
            if clash.kind is ClashKind.TRAINER:
                raise RuleError("trainer_is_elsewhere", where=place_of(clash.session))
    for one in coming:
        one.trainer_id = trainer_id
        if one.substitute_id == trainer_id:
            one.substitute_id = None


def place_of(row: Session) -> str:
    """A session in the fewest words: 缝纫初级第 1 期 2026-11-24 09:00."""
    return f"{row.cohort.name} {row.on.isoformat()} {row.starts_min // 60:02d}:{row.starts_min % 60:02d}"


def change_policy(
    cohort_id: int, policy: Policy, class_hours: int, *, reason: str, by: Actor, now: datetime
) -> Cohort:
    """Change what completes a cohort and how many class hours it plans, before the first mark.

    Raises RuleError reason_needed, no_such_cohort, cohort_is_over, cohort_has_marks.
    """
    reason = needs_reason(reason)
    with transaction() as session:
        row = locked_cohort(session, cohort_id)
        if is_over(row.state):
            raise RuleError("cohort_is_over")
        if session.scalar(sa.select(sa.exists().where(Attendance.cohort_id == cohort_id))):
            raise RuleError("cohort_has_marks")
        before = _shown(row)
        for name, value in asdict(policy).items():
            setattr(row, name, value)
        row.planned_min = class_hours * policy.class_hour_min
        audit.record(session, "cohort.policy_changed", subject=f"cohort:{row.id}", by=by, now=now,
                     reason=reason, before=before, after=_shown(row))  # fmt: skip
        return row


def open_enrolment(cohort_id: int, *, by: Actor, now: datetime) -> Cohort:
    """From now on it takes learners. Raises RuleError no_such_cohort, cohort_no_such_move."""
    return _move(cohort_id, CohortState.OPEN, "cohort.enrolment_opened", by=by, now=now)


def start_cohort(cohort_id: int, *, by: Actor, now: datetime) -> Cohort:
    """It begins. Raises RuleError no_such_cohort, cohort_no_such_move, cohort_without_sessions."""
    return _move(cohort_id, CohortState.RUNNING, "cohort.started", by=by, now=now)


def close_cohort(cohort_id: int, *, reason: str = "", by: Actor, now: datetime) -> Cohort:
    """It is over and everybody in it decided. A reason is needed where planned hours were not held.

    Raises RuleError no_such_cohort, cohort_no_such_move, cohort_has_sessions_ahead (count),
    cohort_has_open_places (count), cohort_hours_missing (hours).
    """
    return _move(cohort_id, CohortState.CLOSED, "cohort.finished", reason=reason, by=by, now=now)


def reopen_cohort(cohort_id: int, *, reason: str, by: Actor, now: datetime) -> Cohort:
    """It was closed too early. Raises RuleError reason_needed, no_such_cohort, cohort_no_such_move."""
    reason = needs_reason(reason)
    return _move(cohort_id, CohortState.RUNNING, "cohort.taken_up", reason=reason, by=by, now=now)


def cancel_cohort(cohort_id: int, *, reason: str, by: Actor, now: datetime) -> Cohort:
    """It does not take place, or goes on no longer: the sessions to come are cancelled with it.

    Raises RuleError reason_needed, no_such_cohort, cohort_no_such_move, cohort_has_open_places
    (count): each woman in it is transferred or told first, so that nobody is forgotten.
    """
    reason = needs_reason(reason)
    return _move(
        cohort_id, CohortState.CANCELLED, "cohort.cancelled", reason=reason, by=by, now=now
    )


def _move(
    cohort_id: int, after: CohortState, action: str, *, reason: str = "", by: Actor, now: datetime
) -> Cohort:
    with transaction() as session:
        row = locked_cohort(session, cohort_id)
        check_move(row.state, after)
        if after is CohortState.RUNNING:
            _check_has_sessions(session, row)
        if is_over(after):
            _check_nobody_left(session, row)
        if after is CohortState.CLOSED:
            _check_held(session, row, reason, now)
        cancelled: list[int] = []
        if after is CohortState.CANCELLED:
            cancelled = _cancel_coming(session, row, reason, by, now)
        before, row.state = row.state, after
        row.closed_at = now if is_over(after) else None
        values: dict[str, Any] = {"state": after}
        if cancelled:
            values["sessions_cancelled"] = cancelled
        audit.record(session, action, subject=f"cohort:{row.id}", by=by, now=now,
                     reason=reason.strip()[:128] or None, before={"state": before}, after=values)  # fmt: skip
        return row


def _check_has_sessions(session: DbSession, row: Cohort) -> None:
    if not session.scalar(sa.select(sa.exists().where(
        Session.cohort_id == row.id, Session.state == SessionState.PLANNED
    ))):  # fmt: skip
        raise RuleError("cohort_without_sessions")


def _check_nobody_left(session: DbSession, row: Cohort) -> None:
    count = session.scalar(
        sa.select(sa.func.count()).select_from(Enrolment).where(
            Enrolment.cohort_id == row.id, Enrolment.state.in_(OPEN_ENROLMENTS)
        )
    )  # fmt: skip
    if count:
        raise RuleError("cohort_has_open_places", count=count)


def _check_held(session: DbSession, row: Cohort, reason: str, now: datetime) -> None:
    planned = list(
        session.scalars(
            sa.select(Session).where(
                Session.cohort_id == row.id, Session.state == SessionState.PLANNED
            )
        )
    )
    if ahead := sum(one.ends_at > now for one in planned):
        raise RuleError("cohort_has_sessions_ahead", count=ahead)
    missing = row.planned_min - sum(one.taught_min for one in planned)
    if missing > 0 and not reason.strip():
        raise RuleError("cohort_hours_missing", hours=-(-missing // row.class_hour_min))


def _cancel_coming(
    session: DbSession, row: Cohort, reason: str, by: Actor, now: datetime
) -> list[int]:
    coming = [
        one
        for one in session.scalars(
            sa.select(Session).where(
                Session.cohort_id == row.id, Session.state == SessionState.PLANNED,
                Session.on >= service_day(now),
            )
        )
        if one.starts_at > now
    ]  # fmt: skip
    for one in coming:
        one.state, one.change_reason, one.version = SessionState.CANCELLED, reason, one.version + 1
    settle_cancelled(session, coming, reason=reason, by=by, now=now)
    return [one.id for one in coming]
