"""Follow-ups (回访): what was found, tries that failed, another day, and taking an outcome back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import new_id, transaction
from core.errors import RuleError
from core.reports.months import closed_scopes, hold_month, is_closed
from core.sites.models import Site
from workshop.actions.placements import leave, locked_placement
from workshop.models import FollowUp, FollowUpAttempt, Placement
from workshop.reports.span import REPORT, Closings
from workshop.values import FollowUpOutcome, LeavingReason, PlacementState

_AT_WORK = (PlacementState.STARTED, PlacementState.VERIFIED)


@dataclass(frozen=True)
class Leaving:
    """Her last day in the job that is asked about, and why she left."""

    on: date
    reason: LeavingReason


def _open(session: Session, person_id: int, placement_id: UUID, after_days: int) -> FollowUp:
    row = _locked(session, person_id, placement_id, after_days)
    if row.outcome is not None:
        raise RuleError("follow_up_done", by=row.done_by_name, day=str(row.done_on))
    return row


def _locked(session: Session, person_id: int, placement_id: UUID, after_days: int) -> FollowUp:
    key = (person_id, placement_id, after_days)
    row = session.get(FollowUp, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise RuleError("no_such_follow_up")
    return row


def _subject(row: FollowUp) -> str:
    return f"placement:{row.person_id}.{row.placement_id}"


def record_outcome(
    person_id: int, placement_id: UUID, after_days: int, outcome: FollowUpOutcome, *, on: date,
    by: Actor, now: datetime, employer_name: str | None = None, wage_fen: int | None = None,
    note: str | None = None, leaving: Leaving | None = None,
) -> FollowUp:  # fmt: skip
    """Write down what a follow-up found on a day.

    Another employer (with its name) or no work says that she left this one: while the placement says
    that she is there, `leaving` is needed and recorded with it; with another outcome it contradicts it.
    That she works is known of a day only on it or after it.
    Raises RuleError no_such_placement, no_such_follow_up, follow_up_done, other_employer_needed, leaving_needed,
    leaving_contradicts, left_after_found, day_in_future, day_before_start, day_before_due, those of leave.
    """
    if on > service_day(now):
        raise RuleError("day_in_future")
    if leaving is not None and not outcome.ends_job:
        raise RuleError("leaving_contradicts")
    if leaving is not None and leaving.on > on:
        raise RuleError("left_after_found", day=leaving.on.isoformat())
    named = (employer_name or "").strip()[:96] or None
    if outcome is FollowUpOutcome.OTHER_EMPLOYER and named is None:
        raise RuleError("other_employer_needed")
    with transaction() as session:
        # Vacancy, placement, follow-up: in the order of leave(), so that the two wait for each other
        # instead of meeting in a deadlock.
        job, _vacancy = locked_placement(session, person_id, placement_id)
        if job.started_on is not None and on < job.started_on:
            raise RuleError("day_before_start", day=job.started_on.isoformat())
        has_left = False
        if outcome.ends_job and job.state in _AT_WORK:
            if leaving is None:
                raise RuleError("leaving_needed")
            has_left = True
        row = _open(session, person_id, placement_id, after_days)
        if outcome.is_in_work and on < row.due_on:
            raise RuleError("day_before_due", days=after_days, day=row.due_on.isoformat())
        row.outcome, row.done_on, row.done_at, row.done_by_name = outcome, on, now, by.name
        row.employer_name = named if outcome is FollowUpOutcome.OTHER_EMPLOYER else None
        row.wage_fen = wage_fen if outcome.is_in_work else None
        row.note = (note or "").strip()[:500] or None
        session.flush()
        if has_left and leaving is not None:
            leave(person_id, placement_id, on=leaving.on, reason=leaving.reason, by=by, now=now,
                  next_employer=named)  # fmt: skip
        audit.record(session, "follow_up.recorded", subject=_subject(row), by=by, now=now,
                     person_id=person_id, after={"after_days": after_days, "outcome": outcome,
                                                 "on": on, "employer_name": named})  # fmt: skip
        return row


def add_attempt(
    person_id: int, placement_id: UUID, after_days: int, *, by: Actor, now: datetime,
    note: str | None = None,
) -> FollowUp:  # fmt: skip
    """She could not be reached this time (没打通): it comes again after FOLLOW_UP_RETRY_DAYS.

    Raises RuleError no_such_follow_up, follow_up_done.
    """
    retry = timedelta(days=int(current_app.config["FOLLOW_UP_RETRY_DAYS"]))
    with transaction() as session:
        row = _open(session, person_id, placement_id, after_days)
        row.next_on = max(row.next_on, service_day(now) + retry)
        _tried(session, row, note, None, by, now)
        return row


def put_off(
    person_id: int, placement_id: UUID, after_days: int, *, to: date, by: Actor, now: datetime,
    note: str | None = None,
) -> FollowUp:  # fmt: skip
    """Ask on another day (改到明天). Raises RuleError no_such_follow_up, follow_up_done, day_not_ahead."""
    if to <= service_day(now):
        raise RuleError("day_not_ahead")
    with transaction() as session:
        row = _open(session, person_id, placement_id, after_days)
        row.next_on = to
        _tried(session, row, note, to, by, now)
        return row


def _tried(
    session: Session, row: FollowUp, note: str | None, put_off_to: date | None, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    session.add(FollowUpAttempt(
        person_id=row.person_id, id=new_id(), placement_id=row.placement_id,
        after_days=row.after_days, at=now, note=(note or "").strip()[:500] or None,
        put_off_to=put_off_to, by_name=by.name,
    ))  # fmt: skip
    audit.record(session, "follow_up.tried", subject=_subject(row), by=by, now=now,
                 person_id=row.person_id,
                 after={"after_days": row.after_days, "next_on": row.next_on})  # fmt: skip


def undo_outcome(
    person_id: int, placement_id: UUID, after_days: int, *, reason: str, by: Actor, now: datetime
) -> FollowUp:
    """Take an outcome back for a reason: the follow-up is open again, at once.

    An outcome with which she left the job stays: a job that was left is not opened again, a new
    placement is entered instead. What a submitted month has counted stays that month's, so that
    recording it anew counts nowhere else.
    Raises RuleError reason_needed, no_such_follow_up, follow_up_open, outcome_ended_job.
    """
    if not reason.strip():
        raise RuleError("reason_needed")
    with transaction() as session:
        job = session.get(Placement, (person_id, placement_id))
        month = _held_month(session, job, after_days)
        row = _locked(session, person_id, placement_id, after_days)
        if row.outcome is None:
            raise RuleError("follow_up_open")
        if row.outcome.ends_job and job is not None and job.state is PlacementState.LEFT:
            raise RuleError("outcome_ended_job")
        before = {"after_days": after_days, "outcome": row.outcome, "on": row.done_on,
                  "by": row.done_by_name, "employer_name": row.employer_name,
                  "wage_fen": row.wage_fen, "note": row.note}  # fmt: skip
        row.reported_month = row.reported_month or month
        row.outcome = row.done_on = row.done_at = row.done_by_name = None
        row.employer_name = row.wage_fen = None
        row.next_on = service_day(now)
        audit.record(session, "follow_up.undone", subject=_subject(row), by=by, now=now,
                     person_id=person_id, reason=reason.strip()[:128], before=before)  # fmt: skip
        return row


def _held_month(session: Session, job: Placement | None, after_days: int) -> str | None:
    """The submitted month that counts a follow-up; None when it is open, and then held open."""
    row = session.get(FollowUp, (job.person_id, job.id, after_days)) if job is not None else None
    if job is None or row is None or row.done_on is None or row.done_at is None:
        return None
    site = session.get_one(Site, job.site_id)
    fact = ("follow_ups", f"{job.id}.{after_days}")
    month = Closings.read().month_of(row.done_on, row.done_at, site.slug, fact)
    hold_month(session.connection(), REPORT, month)
    closed = is_closed(closed_scopes(session.connection(), REPORT, month), site.slug)
    return str(month) if closed else None


def note_calls(person_ids: Iterable[int], *, why: str, by: Actor, now: datetime) -> None:
    """Write down that somebody looked up telephones to call. why: the subject of the calls."""
    with transaction() as session:
        for person_id in person_ids:
            audit.record(session, "person.phone_shown", subject=f"person:{person_id}", by=by,
                         now=now, person_id=person_id, after={"why": why})  # fmt: skip
