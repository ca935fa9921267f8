"""Marks of attendance: a whole class in one request, one step back, and a make-up for what was missed.

Whoever may call these for which session is decided by the views; when a mark may be set, for whom
and what it is worth is decided here. What is refused or in conflict is named, the rest is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from core import audit
from core.access import Actor
from core.audit import AuditEntry
from core.db import transaction
from core.errors import RuleError
from workshop.actions.marks import Book, Change, open_book, put, told
from workshop.models import Attendance, AttendanceMark, CheckIn, Enrolment, Session
from workshop.rules.hours import marked
from workshop.rules.opening import locks_at, opens_at
from workshop.values import (
    AttendanceStatus,
    CheckInState,
    CohortState,
    Conflict,
    Mark,
    MarkSource,
    Saved,
    SessionState,
    Standing,
)

EXCUSED = AttendanceStatus.EXCUSED
MISSED = (AttendanceStatus.ABSENT, EXCUSED)


def mark(
    session_id: int, marks: Sequence[Mark], *, session_version: int | None, source: MarkSource,
    by: Actor, now: datetime, phone_hash: str | None = None, all_present: bool = False,
) -> Saved:  # fmt: skip
    """Save what was entered for a session, all in one transaction; whatever says the same is left alone.

    session_version: of time and room as the sender saw them; None where she saw none. all_present:
    whoever then still has no mark is present. phone_hash: keyed hash of the sender's browser.
    Raises RuleError no_such_session, session_cancelled, session_locked, session_moved (on, starts_min,
    ends_min, room, version), session_not_started (minutes, at), marked_meanwhile, make_up_taken; then
    nothing is written. Refusals and conflicts of single learners stand in what is returned.
    """
    marks = list(
        {one.person_id: one for one in marks}.values()
    )  # named twice, the last word counts
    with told(), transaction() as session:
        book = open_book(
            session, session_id, now, (one.person_id for one in marks),
            (one.makes_up_id for one in marks if one.makes_up_id is not None),
        )  # fmt: skip
        check_open(book, now, session_version)
        if all_present or any(one.status not in (EXCUSED, None) for one in marks):
            check_begun(book, now)
        changes, outcome = decide(book, marks, source, now)
        if all_present:
            more, elsewhere = _the_rest(book, {one.person_id for one in marks})
            changes, outcome = changes + more, replace(outcome, refused=outcome.refused + elsewhere)
        phones = {change.person_id: phone_hash for change in changes} if phone_hash else {}
        put(book, changes, by=by, now=now, phones=phones)
        return replace(outcome, saved=tuple(change.person_id for change in changes))


def arrived(
    session_id: int, person_ids: Iterable[int], *, source: MarkSource, by: Actor, now: datetime,
    phones: Mapping[int, str] | None = None,
) -> Saved:  # fmt: skip
    """These are here: by their card, or by their own check-in. Who is marked as here already stays so.

    Raises RuleError as `mark` does.
    """
    ids = list(dict.fromkeys(person_ids))
    with told(), transaction() as session:
        book = open_book(session, session_id, now, ids)
        check_open(book, now, None)
        check_begun(book, now)
        here = tuple(
            one for one in ids if one in book.rows and book.rows[one]["status"].is_there
        )  # fmt: skip
        marks = [Mark(one, AttendanceStatus.PRESENT, number=None) for one in ids if one not in here]
        changes, outcome = decide(book, marks, source, now)
        put(book, changes, by=by, now=now, phones=phones)
        saved = tuple(change.person_id for change in changes)
        return replace(outcome, saved=saved, unchanged=here)


def check_open(book: Book, now: datetime, session_version: int | None) -> None:
    """Raises RuleError session_cancelled, session_locked, session_moved."""
    meeting = book.meeting
    if meeting.state is SessionState.CANCELLED or book.cohort.state is CohortState.CANCELLED:
        raise RuleError("session_cancelled", reason=meeting.change_reason or "")
    if is_locked(meeting, now):
        raise RuleError("session_locked", days=_setting("ATTENDANCE_LOCK_DAYS"))
    if session_version is not None and session_version != meeting.version:
        raise RuleError(
            "session_moved", on=meeting.on.isoformat(), starts_min=meeting.starts_min,
            ends_min=meeting.ends_min, room=meeting.room.name if meeting.room else "",
            version=meeting.version,
        )  # fmt: skip


def check_begun(book: Book, now: datetime) -> None:
    """Raises RuleError session_not_started (minutes, at): only leave is entered ahead."""
    early = _setting("CHECK_IN_EARLY_MINUTES")
    if now < opens_at(book.meeting.starts_at, early):
        at = f"{book.meeting.starts_min // 60:02d}:{book.meeting.starts_min % 60:02d}"
        raise RuleError("session_not_started", minutes=early, at=at)


def is_locked(meeting: Session, now: datetime) -> bool:
    """Whether only the office still corrects its marks."""
    return now >= locks_at(meeting.on, _setting("ATTENDANCE_LOCK_DAYS"))


def decide(
    book: Book, marks: Iterable[Mark], source: MarkSource, now: datetime
) -> tuple[list[Change], Saved]:
    """What to write for each mark, and which say nothing new, are in conflict, or are refused."""
    changes: list[Change] = []
    unchanged: list[int] = []
    conflicts: list[Conflict] = []
    refused: list[tuple[int, RuleError]] = []
    for one in marks:
        try:
            change = change_of(book, one, source, now)
        except RuleError as error:
            refused.append((one.person_id, error))
            continue
        if _says_what_stands(book, change):
            unchanged.append(one.person_id)
        elif one.number is not None and one.number != book.number_of(one.person_id):
            mine = Standing(change.status, change.late_min, change.early_min, change.reason)
            conflicts.append(Conflict(one.person_id, mine, book.standing_of(one.person_id)))
        else:
            changes.append(change)
    return changes, Saved((), tuple(unchanged), tuple(conflicts), tuple(refused))


def change_of(book: Book, one: Mark, source: MarkSource, now: datetime) -> Change:
    """What a mark comes to by the cohort's policy.

    Raises RuleError of_another_cohort, in_other_class (cohort), made_up_elsewhere,
    minutes_missing, leave_needs_reason, and those of a make-up.
    """
    stored = book.rows.get(one.person_id)
    makes_up_id = one.makes_up_id or (stored["makes_up_id"] if stored else None)
    cohort_id = book.cohort.id
    if makes_up_id is not None:
        cohort_id = book.missed[makes_up_id].cohort_id if makes_up_id in book.missed else 0
        if stored is None or stored["makes_up_id"] != makes_up_id:
            _check_make_up(book, one.person_id, makes_up_id)
    elif not book.is_on_the_sheet(one.person_id):
        raise RuleError("of_another_cohort")
    used = one.source or source
    keeps_reason = one.status in (EXCUSED, None) or used is MarkSource.CORRECTION
    reason = ((one.reason or "").strip()[:128] or None) if keeps_reason else None
    if one.status is None:
        if stored is not None and one.person_id in book.made_up_elsewhere:
            raise RuleError("made_up_elsewhere")  # what was made up must stay missed
        return Change(one.person_id, cohort_id, None, 0, 0, 0, used, reason, makes_up_id)
    is_there = one.status.is_there
    if is_there and one.person_id in book.in_other_class:
        raise RuleError("in_other_class", cohort=book.in_other_class[one.person_id])
    if is_there and one.person_id in book.made_up_elsewhere:
        raise RuleError("made_up_elsewhere")
    timed = (AttendanceStatus.LATE, AttendanceStatus.LEFT_EARLY)
    if one.status in timed and not one.late_min + one.early_min:
        raise RuleError("minutes_missing")
    if one.status is EXCUSED and now < book.meeting.starts_at:
        used = MarkSource.EXCUSE if used is MarkSource.THUMB else used
        if reason is None:
            raise RuleError("leave_needs_reason")
    said = marked(one.status, book.meeting.taught_min, book.policy, one.late_min, one.early_min)
    credited = said.credited_min
    if makes_up_id is not None:
        credited = min(credited, book.missed[makes_up_id].taught_min)
    return Change(
        one.person_id, cohort_id, said.status, said.late_min, said.early_min, credited, used,
        reason, makes_up_id,
    )  # fmt: skip


def _says_what_stands(book: Book, change: Change) -> bool:
    row = book.rows.get(change.person_id)
    if row is None:
        return change.status is None
    if change.status is EXCUSED and row["reason"] != change.reason:
        return False
    return (row["status"], row["late_min"], row["early_min"], row["makes_up_id"]) == (
        change.status, change.late_min, change.early_min, change.makes_up_id,
    )  # fmt: skip


def _check_make_up(book: Book, person_id: int, makes_up_id: int) -> None:
    """Raises RuleError make_up_not_hers, make_up_not_missed, make_up_taken."""
    missed = book.missed.get(makes_up_id)
    if missed is None or missed.course_id != book.cohort.course_id:
        raise RuleError("make_up_not_hers")
    if missed.cohort_id == book.cohort.id or book.is_on_the_sheet(person_id):
        raise RuleError("make_up_not_hers")
    session = book.session
    if session.get(Enrolment, (person_id, missed.cohort_id)) is None:
        raise RuleError("make_up_not_hers")
    own = session.get(Attendance, (person_id, makes_up_id))
    if own is None or own.status not in MISSED or not missed.is_held:
        raise RuleError("make_up_not_missed")
    taken = sa.select(Attendance.session_id).where(
        Attendance.person_id == person_id, Attendance.makes_up_id == makes_up_id
    )
    if session.scalar(taken) is not None:
        raise RuleError("make_up_taken")


def _the_rest(
    book: Book, named: set[int]
) -> tuple[list[Change], tuple[tuple[int, RuleError], ...]]:
    """Whoever stands on the sheet without a mark: present, but for those who are in another class."""
    unmarked = [
        person_id for person_id in book.places
        if book.is_on_the_sheet(person_id) and person_id not in book.rows and person_id not in named
    ]  # fmt: skip
    changes, outcome = decide(
        book, [Mark(one, AttendanceStatus.PRESENT, number=None) for one in unmarked],
        MarkSource.ALL_PRESENT, book.meeting.starts_at,
    )  # fmt: skip
    return changes, outcome.refused


def undoable(session_id: int, *, by: Actor, now: datetime) -> sa.Select[tuple[datetime]]:
    """When this actor's last request was, as a query; nothing when it is too old or taken back already."""
    of_hers = (AttendanceMark.session_id == session_id, AttendanceMark.by_id == by.user_id)
    last = sa.select(sa.func.max(AttendanceMark.at)).where(*of_hers).scalar_subquery()
    taken_back = sa.exists().where(
        AuditEntry.subject == f"class_session:{session_id}",
        AuditEntry.action == "attendance.undone", AuditEntry.at == AttendanceMark.at,
    )  # fmt: skip
    since = now - timedelta(minutes=_setting("UNDO_MINUTES"))
    return (
        sa.select(AttendanceMark.at)
        .where(*of_hers, AttendanceMark.at == last, AttendanceMark.at >= since, ~taken_back)
        .where(AttendanceMark.after_lock.is_(False))
        .limit(1)
    )  # fmt: skip


def undo(session_id: int, *, by: Actor, now: datetime) -> Saved:
    """Take back this trainer's last request in this session: exactly what stood before stands again.

    Whoever was marked by somebody else since is left as she is and named as a conflict; whoever made
    the session up meanwhile is refused (made_up_elsewhere), as it must stay missed. Raises RuleError
    nothing_to_undo, session_cancelled, session_locked.
    """
    with told(), transaction() as session:
        book = open_book(session, session_id, now)
        check_open(book, now, None)
        at = session.scalar(undoable(session_id, by=by, now=now))
        if at is None:
            raise RuleError("nothing_to_undo")
        changes, conflicts, refused = [], [], []
        for now_is, before in _last_request(session_id, by, at, session):
            person_id = now_is.person_id
            if book.number_of(person_id) != now_is.number:
                mine = _standing(before)
                conflicts.append(Conflict(person_id, mine, book.standing_of(person_id)))
                continue
            change = _as_before(now_is, before)
            if person_id in book.made_up_elsewhere and change.status not in MISSED:
                refused.append((person_id, RuleError("made_up_elsewhere")))
                continue
            changes.append(change)
        # One tap must not be a mark of its own for the next undo; the entry says which moment it was.
        audit.record(session, "attendance.undone", subject=f"class_session:{session_id}", by=by,
                     now=now, after={"marks": len(changes), "of": at})  # fmt: skip
        put(book, changes, by=by, now=now)
        done = tuple(one.person_id for one in changes)
        _let_wait_again(book, done, at)
        return Saved(done, (), tuple(conflicts), tuple(refused))


def _let_wait_again(book: Book, person_ids: Sequence[int], at: datetime) -> None:
    """The check-ins that a request confirmed with its marks wait once more for the trainer's word."""
    book.session.execute(
        sa.update(CheckIn.__table__)  # type: ignore[arg-type]
        .where(CheckIn.session_id == book.meeting.id, CheckIn.person_id.in_(person_ids),
               CheckIn.state == CheckInState.CONFIRMED, CheckIn.settled_at == at)
        .values(state=CheckInState.WAITING, settled_at=None, settled_by_name=None)
    )  # fmt: skip


def _last_request(
    session_id: int, by: Actor, at: datetime, session: sa.orm.Session
) -> list[tuple[AttendanceMark, AttendanceMark | None]]:
    """The marks of one request, each with the one it replaced."""
    before = sa.orm.aliased(AttendanceMark)
    rows = session.execute(
        sa.select(AttendanceMark, before)
        .outerjoin(before, sa.and_(
            before.person_id == AttendanceMark.person_id,
            before.session_id == AttendanceMark.session_id,
            before.number == AttendanceMark.number - 1,
        ))
        .where(AttendanceMark.session_id == session_id, AttendanceMark.by_id == by.user_id,
               AttendanceMark.at == at)
        .order_by(AttendanceMark.person_id)
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def _as_before(now_is: AttendanceMark, before: AttendanceMark | None) -> Change:
    if before is None or before.status is None:
        return Change(now_is.person_id, now_is.cohort_id, None, 0, 0, 0, now_is.source, None,
                      now_is.makes_up_id)  # fmt: skip
    return Change(
        before.person_id, before.cohort_id, before.status, before.late_min, before.early_min,
        before.credited_min, before.source, before.reason, before.makes_up_id,
    )  # fmt: skip


def _standing(row: AttendanceMark | None) -> Standing:
    if row is None:
        return Standing(None)
    return Standing(row.status, row.late_min, row.early_min, row.reason, row.by_name, row.at)


def correct(
    session_id: int, person_id: int, status: AttendanceStatus | None, *, reason: str,
    number: int | None, by: Actor, now: datetime, late_min: int = 0, early_min: int = 0,
) -> Saved:  # fmt: skip
    """Correct one mark, also after the lock: for the office, always with a reason that is kept.

    A mark of a month that was submitted is booked in the first month still open. Raises RuleError
    reason_needed, no_such_session, session_cancelled, session_not_started (minutes, at), and what is
    refused for a single learner.
    """
    if not reason.strip():
        raise RuleError("reason_needed")
    with told(), transaction() as session:
        book = open_book(session, session_id, now, (person_id,))
        if book.meeting.state is SessionState.CANCELLED:
            raise RuleError("session_cancelled", reason=book.meeting.change_reason or "")
        if status not in (EXCUSED, None):
            check_begun(book, now)
        one = Mark(person_id, status, late_min, early_min, reason, number)
        change = change_of(book, one, MarkSource.CORRECTION, now)
        if number is not None and number != book.number_of(person_id):
            mine = Standing(change.status, change.late_min, change.early_min, change.reason)
            return Saved(conflicts=(Conflict(person_id, mine, book.standing_of(person_id)),))
        if _says_what_stands(book, change):
            return Saved(unchanged=(person_id,))
        put(book, [change], by=by, now=now, after_lock=is_locked(book.meeting, now))
        return Saved((person_id,))


def _setting(name: str) -> int:
    return int(current_app.config[name])
