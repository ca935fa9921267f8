"""One session after it was planned: another time, another room, another trainer, or none at all.

Whatever changes its time or place raises `version`, so that a phone that still shows the old ones
notices. A session with marks keeps its time: what was credited was credited for it.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Site
from workshop.actions.clashes import ClashKind, Wanted, clashes
from workshop.actions.cohorts import locked_cohort
from workshop.actions.marks import settle_cancelled
from workshop.actions.open_months import hold_open_months
from workshop.actions.planning import check_rooms, refuse_clashes
from workshop.actions.reasons import needs_reason
from workshop.actions.teaching import check_trainer
from workshop.models import Attendance, Cohort, Session
from workshop.rules.cohorts import is_over
from workshop.rules.schedule import check_times
from workshop.values import AttendanceStatus, SessionState

# What tells learners something new; the others are the office's own.
CHANGES = (
    "class_session.rescheduled", "class_session.room_moved", "class_session.cancelled",
    "class_session.staff_changed",
)  # fmt: skip
_SHOWN = ("on", "starts_min", "ends_min", "taught_min", "room_id", "trainer_id", "substitute_id",
          "topic", "state", "version")  # fmt: skip


def _shown(row: Session) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


def _locked(
    session: DbSession,
    session_id: int,
    version: int | None,
    *days: date,
    now: datetime | None = None,
    key_share: bool = False,
) -> tuple[Session, Cohort]:
    """The session and its cohort, the cohort locked first. version: as the page showed it.

    now: with it the months of the session and of these days must be open. key_share: marks that
    only point at it go on being written meanwhile.
    """
    found = session.execute(
        sa.select(Session.cohort_id, Session.on, Site.slug)
        .join(Session.cohort)
        .join(Site, Site.id == Cohort.site_id)
        .where(Session.id == session_id)
    ).first()
    if found is None:
        raise RuleError("no_such_session")
    if now is not None:
        hold_open_months(session, found.slug, [found.on, *days], now)
    cohort = locked_cohort(session, found.cohort_id)
    row = session.get_one(Session, session_id, with_for_update={"key_share": key_share})
    if is_over(cohort.state):
        raise RuleError("cohort_is_over")
    if row.state is SessionState.CANCELLED:
        raise RuleError("session_is_cancelled")
    if version is not None and version != row.version:
        raise RuleError("session_changed")
    return row, cohort


def marks_of(session: DbSession, session_id: int) -> tuple[int, int]:
    """How many marks stand for a session, make-ups included, and how many more leaves entered for it."""
    rows = session.execute(
        sa.select(Attendance.status, sa.func.count())
        .where(sa.or_(Attendance.session_id == session_id, Attendance.makes_up_id == session_id))
        .group_by(Attendance.status)
    )
    counts = {status: int(count) for status, count in rows}
    excused = counts.pop(AttendanceStatus.EXCUSED, 0)
    return sum(counts.values()), excused


def _wanted(row: Session) -> Wanted:
    return Wanted(
        row.cohort_id, row.on, row.starts_min, row.ends_min, row.room_id,
        row.substitute_id or row.trainer_id, row.id,
    )  # fmt: skip


def reschedule(
    session_id: int,
    *,
    on: date,
    starts_min: int,
    ends_min: int,
    taught_min: int,
    room_id: int | None,
    reason: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Session:
    """Hold it at another time, in a room that may be another; the cohort's last day moves along.

    Minutes after midnight; taught_min is what it credits. Leave that was entered for it stays, and
    the page says so. An open check-in is closed. Raises RuleError reason_needed, no_such_session,
    cohort_is_over, session_is_cancelled, session_changed, session_has_marks (count),
    session_month_submitted (month), session_before_cohort (first), no_such_room, those of
    check_times and of refuse_clashes.
    """
    reason = needs_reason(reason)
    check_times(starts_min, ends_min, taught_min)
    with transaction() as session:
        row, cohort = _locked(session, session_id, version, on, now=now)
        marked, _ = marks_of(session, row.id)
        if marked:
            raise RuleError("session_has_marks", count=marked)
        if on < cohort.starts_on:
            raise RuleError("session_before_cohort", first=cohort.starts_on.isoformat())
        if room_id != row.room_id:
            check_rooms(session, cohort.site_id, {room_id})
        wanted = replace(
            _wanted(row), on=on, starts_min=starts_min, ends_min=ends_min, room_id=room_id
        )
        refuse_clashes(clashes(session, [wanted]))
        before, was_last = _shown(row), row.on == cohort.ends_on
        row.on, row.starts_min, row.ends_min, row.taught_min = on, starts_min, ends_min, taught_min
        row.room_id, row.change_reason, row.version = room_id, reason, row.version + 1
        row.check_in_from = row.check_in_until = None
        # Back too: a day typed wrong would stay on certificates, and in when a rate is due.
        cohort.ends_on = _last_day(session, cohort) if was_last else max(cohort.ends_on, on)
        _record(session, "rescheduled", row, before, reason, by, now)
        return row


def _last_day(session: DbSession, cohort: Cohort) -> date:
    """The day of its last session that is not cancelled."""
    session.flush()
    return session.scalars(
        sa.select(sa.func.max(Session.on)).where(
            Session.cohort_id == cohort.id, Session.state == SessionState.PLANNED
        )
    ).one()


def move_room(
    session_id: int,
    room_id: int | None,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Session:
    """Hold it in another room at the same time, marked or not.

    Raises RuleError reason_needed, no_such_session, cohort_is_over, session_is_cancelled,
    session_changed, no_such_room and session_clash_room.
    """
    reason = needs_reason(reason)
    with transaction() as session:
        row, cohort = _locked(session, session_id, version)
        check_rooms(session, cohort.site_id, {room_id})
        found = clashes(session, [replace(_wanted(row), room_id=room_id)])
        refuse_clashes([one for one in found if one.kind is ClashKind.ROOM])
        before = _shown(row)
        row.room_id, row.change_reason, row.version = room_id, reason, row.version + 1
        _record(session, "room_moved", row, before, reason, by, now)
        return row


def set_staff(
    session_id: int,
    *,
    trainer_id: int | None,
    substitute_id: int | None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> Session:
    """Who holds it: its trainer, and whoever stands in this once and sees this session alone.

    Raises RuleError no_such_session, cohort_is_over, session_is_cancelled, no_such_trainer,
    session_substitute_same, reason_needed for a substitute, and session_clash_trainer.
    """
    if substitute_id is not None and substitute_id == trainer_id:
        raise RuleError("session_substitute_same")
    with transaction() as session:
        row, cohort = _locked(session, session_id, None)
        if substitute_id is not None and substitute_id != row.substitute_id:
            needs_reason(reason)
        for user_id, known in ((trainer_id, row.trainer_id), (substitute_id, row.substitute_id)):
            if user_id != known:
                check_trainer(session, user_id, cohort.site_id, now)
        found = clashes(session, [replace(_wanted(row), teacher_id=substitute_id or trainer_id)])
        refuse_clashes([one for one in found if one.kind is ClashKind.TRAINER])
        before = _shown(row)
        row.trainer_id, row.substitute_id = trainer_id, substitute_id
        row.change_reason = reason.strip()[:128] or row.change_reason
        _record(session, "staff_changed", row, before, reason.strip()[:128] or None, by, now)
        return row


def set_substitute(
    session_id: int, user_id: int | None, *, reason: str, by: Actor, now: datetime
) -> Session:
    """Let somebody stand in this once, or (None) nobody. Raises as set_staff does."""
    with transaction() as session:
        row, _ = _locked(session, session_id, None)
        return set_staff(session_id, trainer_id=row.trainer_id, substitute_id=user_id,
                         reason=reason, by=by, now=now)  # fmt: skip


def set_topic(session_id: int, topic: str, *, by: Actor, now: datetime) -> Session:
    """What it is about. Raises RuleError no_such_session, cohort_is_over, session_is_cancelled."""
    with transaction() as session:
        row, _ = _locked(session, session_id, None)
        before = _shown(row)
        row.topic = topic.strip()[:96]
        _record(session, "changed", row, before, None, by, now)
        return row


def cancel_session(
    session_id: int,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    drops_marks: bool = False,
    version: int | None = None,
) -> Session:
    """It does not take place. Marks stay in the history and count no longer; leave needs no word.

    A make-up in it is taken away, and can be had in another session.

    drops_marks: that whoever cancels knows of the marks. Taking back hours that were credited is the
    office's, as any correction after the fact. Raises RuleError reason_needed, no_such_session,
    cohort_is_over, session_is_cancelled, session_changed, session_month_submitted (month),
    session_marks_are_the_offices (count), session_marks_would_go (count).
    """
    reason = needs_reason(reason)
    with transaction() as session:
        # A make-up of this session that is marked meanwhile holds learners for which this waits below.
        row, _ = _locked(session, session_id, version, now=now, key_share=True)
        marked, _ = marks_of(session, row.id)
        if marked and not by.is_office:
            raise RuleError("session_marks_are_the_offices", count=marked)
        if marked and not drops_marks:
            raise RuleError("session_marks_would_go", count=marked)
        before = _shown(row)
        row.state, row.change_reason, row.version = SessionState.CANCELLED, reason, row.version + 1
        row.check_in_from = row.check_in_until = None
        _record(session, "cancelled", row, before, reason, by, now, marks=marked)
        settle_cancelled(session, [row], reason=reason, by=by, now=now)
        return row


def note_phones(session_id: int, *, by: Actor, now: datetime) -> None:
    """Note that the phones of a session's learners were looked at. Raises RuleError no_such_session."""
    with transaction() as session:
        if session.get(Session, session_id) is None:
            raise RuleError("no_such_session")
        audit.record(session, "class_session.phones_shown", subject=f"class_session:{session_id}",
                     by=by, now=now)  # fmt: skip


def _record(
    session: DbSession, verb: str, row: Session, before: dict[str, Any], reason: str | None,
    by: Actor, now: datetime, *, marks: int = 0,
) -> None:  # fmt: skip
    after = _shown(row) | ({"marks": marks} if marks else {})
    audit.record(session, f"class_session.{verb}", subject=f"class_session:{row.id}", by=by, now=now,
                 reason=reason, before=before, after=after)  # fmt: skip
