"""The book of one session: what stands in it, read under its lock, and what is written into it.

Every way to a mark (thumb, card, own check-in, sheet, undo, correction) comes through here, so
that the number of statements is the same for five learners and for thirty, and each change of an
Attendance leaves its AttendanceMark. Nothing here decides; `attendance.py` and its neighbours do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as Writing
from sqlalchemy.orm import aliased, joinedload

from core.access import Actor
from core.bulk import insert_all
from core.clock import Month, service_day
from core.db import new_id, upsert
from core.errors import RuleError
from core.people.models import Person
from core.reports.months import closed_scopes, hold_first_open_month, hold_month, is_closed
from workshop.actions.carried import carry_again
from workshop.actions.first_days import begin_training, end_training
from workshop.models import (
    Attendance,
    AttendanceMark,
    CheckIn,
    Cohort,
    Enrolment,
    Learner,
    Session,
)
from workshop.roster import is_on_the_sheet
from workshop.values import (
    AttendanceStatus,
    CheckInState,
    EnrolmentState,
    MarkSource,
    Policy,
    SessionState,
    Standing,
)

REPORT = "workshop"  # whose submission closes a month
_ATTENDANCE: Any = Attendance.__table__
_MARK: Any = AttendanceMark.__table__
_CHECK_IN: Any = CheckIn.__table__
THERE = tuple(status for status in AttendanceStatus if status.is_there)


@dataclass(frozen=True, slots=True)
class Place:
    """A learner's place in a cohort, as far as a mark needs it."""

    person_id: int
    cohort_id: int
    name: str
    state: EnrolmentState
    joined_on: Any
    left_on: Any
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A session that may be made up: whose, how long, and whether it was held."""

    session_id: int
    cohort_id: int
    course_id: int
    taught_min: int
    is_held: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One mark to be written, decided. status None: the row goes."""

    person_id: int
    cohort_id: int
    status: AttendanceStatus | None
    late_min: int
    early_min: int
    credited_min: int
    source: MarkSource
    reason: str | None
    makes_up_id: int | None = None


@dataclass
class Book:
    """What stands in one session, while nobody else can write into it."""

    session: Writing
    meeting: Session
    cohort: Cohort
    booked_month: str | None
    places: dict[int, Place]
    rows: dict[int, Mapping[str, Any]]
    numbers: dict[int, int]
    in_other_class: dict[int, str]
    made_up_elsewhere: set[int]
    missed: dict[int, Missed] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return self.cohort.policy

    def is_on_the_sheet(self, person_id: int) -> bool:
        place = self.places.get(person_id)
        return place is not None and is_on_the_sheet(
            place.state, place.joined_on, place.left_on, self.meeting.on
        )

    def number_of(self, person_id: int) -> int:
        """Of the latest mark; 0 for none."""
        return self.numbers.get(person_id, 0)

    def standing_of(self, person_id: int) -> Standing:
        row = self.rows.get(person_id)
        if row is None:
            return Standing(None)
        return Standing(row["status"], row["late_min"], row["early_min"], row["reason"],
                        row["marked_by_name"], row["marked_at"])  # fmt: skip


def open_book(
    session: Writing, session_id: int, now: datetime, guests: Iterable[int] = (),
    missed: Iterable[int] = (),
) -> Book:  # fmt: skip
    """Read and lock what a request needs, in a constant number of statements.

    guests: learners who may stand on no sheet here. missed: sessions that are to be made up.
    Raises RuleError no_such_session, marked_meanwhile.
    """
    on = session.scalar(sa.select(Session.on).where(Session.id == session_id))
    if on is None:
        raise RuleError("no_such_session")
    # Before any other lock: whoever submits this month waits, or has done so before us.
    hold_month(session.connection(), REPORT, Month.of(on))
    meeting = session.scalars(
        sa.select(Session).where(Session.id == session_id)
        .options(joinedload(Session.cohort).joinedload(Cohort.site), joinedload(Session.room))
        .with_for_update(of=Session, key_share=True)
    ).unique().one()  # fmt: skip
    if Month.of(meeting.on) != Month.of(on):
        # Moved into another month while this waited; that one can no longer be held before the lock.
        raise RuleError("marked_meanwhile")
    cohort = meeting.cohort
    booked = _booked_month(session, Month.of(meeting.on), cohort.site.slug, now)
    places = _places(session, meeting, set(guests))
    rows: dict[int, Mapping[str, Any]] = {
        row["person_id"]: dict(row)
        for row in session.execute(
            sa.select(_ATTENDANCE).where(Attendance.session_id == session_id)
        ).mappings()
    }
    numbers = dict(session.execute(
        sa.select(AttendanceMark.person_id, sa.func.max(AttendanceMark.number))
        .where(AttendanceMark.session_id == session_id).group_by(AttendanceMark.person_id)
    ).tuples().all())  # fmt: skip
    people = {*places, *rows}
    wanted = {*missed, *(row["makes_up_id"] for row in rows.values() if row["makes_up_id"])}
    return Book(
        session, meeting, cohort, booked, places, rows, numbers,
        _in_other_class(session, meeting), _made_up(session, session_id, people),
        _missed(session, wanted),
    )  # fmt: skip


def _booked_month(session: Writing, month: Month, slug: str, now: datetime) -> str | None:
    """The month that reports a mark of a submitted month; None while its own month does."""
    if month >= Month.of(service_day(now)):
        return None
    connection = session.connection()
    if not is_closed(closed_scopes(connection, REPORT, month), slug):
        return None
    return str(hold_first_open_month(connection, REPORT, month, slug))


def _places(session: Writing, meeting: Session, guests: set[int]) -> dict[int, Place]:
    # The learners are locked too: two classes at the same hour cannot both have her. First the locks,
    # then the places: what a statement reads after it waited may be older than what it waited for.
    of_cohort = sa.select(Enrolment.person_id).where(Enrolment.cohort_id == meeting.cohort_id)
    # Guests of before too: an undo or a correction writes of them as well.
    marked = sa.select(AttendanceMark.person_id).where(AttendanceMark.session_id == meeting.id)
    locked = set(session.scalars(
        sa.select(Learner.person_id)
        .where(sa.or_(
            Learner.person_id.in_(of_cohort), Learner.person_id.in_(marked),
            Learner.person_id.in_(guests),
        ))
        .order_by(Learner.person_id).with_for_update(key_share=True)
    ))  # fmt: skip
    statement = (
        sa.select(
            Enrolment.person_id,
            Enrolment.cohort_id,
            Person.name,
            Enrolment.state,
            Enrolment.joined_on,
            Enrolment.left_on,
            Enrolment.changed_at,
        )
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == meeting.cohort_id)
        .order_by(Enrolment.person_id)
    )
    # Whoever was put in between the two stands on the sheet of the next request.
    return {
        row.person_id: Place(*row) for row in session.execute(statement) if row.person_id in locked
    }


def _in_other_class(session: Writing, meeting: Session) -> dict[int, str]:
    """Who is recorded as there in another session at these hours, and the name of that cohort."""
    other = aliased(Session)
    statement = (
        sa.select(Attendance.person_id, Cohort.name)
        .join(other, other.id == Attendance.session_id)
        .join(Cohort, Cohort.id == other.cohort_id)
        .where(
            other.on == meeting.on, other.id != meeting.id, other.state == SessionState.PLANNED,
            other.starts_min < meeting.ends_min, other.ends_min > meeting.starts_min,
            Attendance.status.in_(THERE),
        )
    )  # fmt: skip
    return {person_id: name for person_id, name in session.execute(statement)}


def _made_up(session: Writing, session_id: int, people: set[int]) -> set[int]:
    """Who made this session up in another that was not cancelled."""
    return set(session.scalars(
        sa.select(Attendance.person_id)
        .join(Session, Session.id == Attendance.session_id)
        .where(Attendance.person_id.in_(people), Attendance.makes_up_id == session_id,
               Session.state == SessionState.PLANNED)
    ))  # fmt: skip


def _missed(session: Writing, session_ids: set[int]) -> dict[int, Missed]:
    if not session_ids:
        return {}
    rows = session.execute(
        sa.select(Session.id, Session.cohort_id, Cohort.course_id, Session.taught_min,
                  Session.state == SessionState.PLANNED)
        .join(Cohort, Cohort.id == Session.cohort_id).where(Session.id.in_(session_ids))
    )  # fmt: skip
    return {row.id: Missed(*row) for row in rows}


def put(
    book: Book, changes: Sequence[Change], *, by: Actor, now: datetime,
    phones: Mapping[int, str] | None = None, after_lock: bool = False,
) -> None:  # fmt: skip
    """Write decided marks: rows, their entries, and the first day of whoever came for the first time.

    phones: keyed hash of the browser that sent a mark, by learner.
    """
    if not changes:
        return
    session, meeting = book.session, book.meeting
    kept, gone, marks = [], [], []
    for change in changes:
        number = book.number_of(change.person_id) + 1
        said = {
            "person_id": change.person_id, "session_id": meeting.id, "cohort_id": change.cohort_id,
            "makes_up_id": change.makes_up_id, "status": change.status, "late_min": change.late_min,
            "early_min": change.early_min,
            # What was right for a longer session is taken back into one that was shortened since.
            "credited_min": min(change.credited_min, meeting.taught_min),
            "source": change.source, "reason": change.reason, "number": number,
        }  # fmt: skip
        marks.append({
            **said, "id": new_id(), "after_lock": after_lock, "booked_month": book.booked_month, "at": now,
            "by_id": by.user_id, "by_name": by.name[:64], "device_id": by.device_id,
            "phone_hash": (phones or {}).get(change.person_id),
        })  # fmt: skip
        if change.status is None:
            gone.append(change.person_id)
        else:
            kept.append({**said, "taught_min": meeting.taught_min, "marked_at": now,
                         "marked_by_name": by.name[:64]})  # fmt: skip
    if gone:
        session.execute(
            sa.delete(_ATTENDANCE)
            .where(Attendance.session_id == meeting.id, Attendance.person_id.in_(gone))
        )  # fmt: skip
    if kept:
        upsert(session, Attendance, kept, ["person_id", "session_id"], _REPLACED)
    insert_all(session, AttendanceMark, marks)
    _confirm_waiting(book, changes, by=by, now=now)
    begin_training(book, changes, by=by, now=now)
    end_training(book, changes, by=by, now=now)
    carry_again(session, _left_behind(book, changes), by=by, now=now)


def settle_cancelled(
    session: Writing, meetings: Iterable[Session], *, reason: str, by: Actor, now: datetime
) -> None:
    """Give back what these sessions, just cancelled and locked, stand for elsewhere.

    A make-up in them is taken away, so that she can have it in another session; the other marks
    stay. What came along to another cohort from marks that count no longer is counted anew.
    """
    session.flush()
    ids = [one.id for one in meetings]
    of_them = sa.or_(Attendance.session_id.in_(ids), Attendance.makes_up_id.in_(ids))
    # In the order of every other mark: the session first, then the learners.
    session.execute(
        sa.select(Learner.person_id)
        .where(Learner.person_id.in_(sa.select(Attendance.person_id).where(of_them)))
        .order_by(Learner.person_id).with_for_update(key_share=True)
    ).all()  # fmt: skip
    rows = session.execute(sa.select(_ATTENDANCE).where(of_them)).mappings().all()
    made_up = [row for row in rows if row["session_id"] in ids and row["makes_up_id"] is not None]
    if made_up:
        session.execute(
            sa.delete(_ATTENDANCE)
            .where(Attendance.session_id.in_(ids), Attendance.makes_up_id.is_not(None))
        )  # fmt: skip
    insert_all(session, AttendanceMark, [
        {"person_id": row["person_id"], "id": new_id(), "session_id": row["session_id"],
         "cohort_id": row["cohort_id"], "number": row["number"] + 1, "status": None, "late_min": 0,
         "early_min": 0, "credited_min": 0, "makes_up_id": row["makes_up_id"],
         "source": row["source"], "reason": reason, "after_lock": False, "booked_month": None,
         "at": now, "by_id": by.user_id, "by_name": by.name[:64], "device_id": by.device_id,
         "phone_hash": None}
        for row in made_up
    ])  # fmt: skip
    carry_again(session, ((row["person_id"], row["cohort_id"]) for row in rows), by=by, now=now)


def _confirm_waiting(book: Book, changes: Sequence[Change], *, by: Actor, now: datetime) -> None:
    """Whoever is marked as here waits no longer: the mark is the trainer's word on her check-in."""
    here = [one.person_id for one in changes if one.status is not None and one.status.is_there]
    if not here:
        return
    book.session.execute(
        sa.update(_CHECK_IN)
        .where(CheckIn.session_id == book.meeting.id, CheckIn.person_id.in_(here),
               CheckIn.state == CheckInState.WAITING)
        .values(state=CheckInState.CONFIRMED, settled_at=now, settled_by_name=by.name[:64])
    )  # fmt: skip


def _left_behind(book: Book, changes: Sequence[Change]) -> set[tuple[int, int]]:
    """The places that marks are credited to and that may have been left: a guest's is not in the book."""
    own = {each for each, place in book.places.items() if place.state is EnrolmentState.TRANSFERRED}
    return {
        (one.person_id, one.cohort_id) for one in changes
        if one.cohort_id != book.cohort.id or one.person_id in own
    }  # fmt: skip


_REPLACED = [
    column.name for column in _ATTENDANCE.columns if column.name not in ("person_id", "session_id")
]


@contextmanager
def told() -> Iterator[None]:
    """Two at the same moment: the database lets one win, the other is told. Nothing of hers is written."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        code = "make_up_taken" if "makes_up" in str(error.orig) else "marked_meanwhile"
        raise RuleError(code) from None
