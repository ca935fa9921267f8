"""The sheet of one session as the trainer's phone shows it: a constant number of queries, no secrets.

Names and marks; no phone, no address, and never a hardship.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from core.access import Actor
from core.db import db
from core.people.models import Person, PersonReading
from workshop import queries
from workshop.actions.attendance import is_locked, undoable
from workshop.models import Attendance, AttendanceMark, CheckIn, Enrolment, Session
from workshop.roster import on_the_sheet
from workshop.rules.hours import Figures, absences_in_a_row, figures, saving_session
from workshop.rules.opening import opens_at
from workshop.values import (
    AttendanceStatus,
    CheckInState,
    CohortState,
    EnrolmentState,
    MarkSource,
    SessionState,
    Standing,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One learner on the sheet. number: of her latest mark here, 0 for none."""

    person_id: int
    name: str
    readings: str
    standing: Standing
    number: int
    source: MarkSource | None = None
    place: int | None = None
    state: EnrolmentState | None = None
    counted: Figures | None = None
    is_last_chance: bool = False
    absences: int = 0
    missed: Session | None = None

    @property
    def is_marked(self) -> bool:
        return self.standing.status is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check-in that waits for the trainer. others: how many more came from the same phone."""

    person_id: int
    name: str
    at: datetime
    others: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows. state: open, ahead (only leave), locked or cancelled."""

    rows: list[Row]
    guests: list[Row]
    waiting: list[Waiting]
    state: str
    can_undo: bool
    warn_absences: int

    @property
    def unmarked(self) -> int:
        return sum(not row.is_marked for row in self.rows)

    @property
    def marked(self) -> int:
        return len(self.rows) - self.unmarked

    def counts(self) -> dict[AttendanceStatus, int]:
        found: dict[AttendanceStatus, int] = defaultdict(int)
        for row in self.rows:
            if row.standing.status is not None:
                found[row.standing.status] += 1
        return found

    def by_id(self) -> dict[int, Row]:
        return {row.person_id: row for row in (*self.rows, *self.guests)}


def state_of(meeting: Session, now: datetime) -> str:
    """What can be done with its marks now."""
    if SessionState.CANCELLED is meeting.state or meeting.cohort.state is CohortState.CANCELLED:
        return "cancelled"
    if is_locked(meeting, now):
        return "locked"
    early = int(current_app.config["CHECK_IN_EARLY_MINUTES"])
    return "ahead" if now < opens_at(meeting.starts_at, early) else "open"


def sheet(meeting: Session, by: Actor, now: datetime, *, is_whole: bool = True) -> Sheet:
    """Read the sheet of a session whose cohort is loaded.

    is_whole False: the marks alone, without figures, readings and who waits, for the answer to a phone.
    """
    places = db.session.execute(
        sa.select(Enrolment, Person.name, Person.pinyin)
        .join(Person, Person.id == Enrolment.person_id)
        .where(on_the_sheet(meeting.cohort_id, meeting.on))
        .order_by(Enrolment.number.is_(None), Enrolment.number, Person.pinyin, Person.id)
    ).all()
    marks = {
        mark.person_id: (mark, name, pinyin)
        for mark, name, pinyin in db.session.execute(
            sa.select(Attendance, Person.name, Person.pinyin)
            .join(Person, Person.id == Attendance.person_id)
            .where(Attendance.session_id == meeting.id)
        )
    }
    numbers = dict(db.session.execute(
        sa.select(AttendanceMark.person_id, sa.func.max(AttendanceMark.number))
        .where(AttendanceMark.session_id == meeting.id).group_by(AttendanceMark.person_id)
    ).tuples().all())  # fmt: skip
    ids = [place.Enrolment.person_id for place in places]
    readings = _readings([*ids, *marks] if is_whole else [])
    held = queries.held_of([place.Enrolment for place in places] if is_whole else [], now)
    policy, planned = meeting.cohort.policy, meeting.cohort.planned_min
    rows = []
    for place in places:
        own = place.Enrolment
        hers = held.get((own.person_id, own.cohort_id), [])
        counted = figures(hers, planned, own.carried_min) if is_whole else None
        saving = saving_session(hers, counted, policy) if counted else None
        mark = marks[own.person_id][0] if own.person_id in marks else None
        rows.append(Row(
            own.person_id, place.name, _typed(place.pinyin, readings[own.person_id]), _standing(mark),
            numbers.get(own.person_id, 0), mark.source if mark else None, own.number, own.state,
            counted, saving is not None and saving.session_id == meeting.id, absences_in_a_row(hers),
        ))  # fmt: skip
    strangers = [one for one in marks if one not in set(ids)]
    missed = _missed([marks[one][0] for one in strangers])
    guests = [
        Row(one, marks[one][1], _typed(marks[one][2], readings[one]), _standing(marks[one][0]),
            numbers.get(one, 0), marks[one][0].source,
            missed=missed.get(marks[one][0].makes_up_id or 0))
        for one in strangers
    ]  # fmt: skip
    can_undo = db.session.scalar(undoable(meeting.id, by=by, now=now)) is not None
    warn = int(current_app.config["AT_RISK_ABSENCES"]) - 1
    waits = waiting(meeting.id) if is_whole else []
    return Sheet(rows, guests, waits, state_of(meeting, now), can_undo, max(1, warn))


def _standing(mark: Attendance | None) -> Standing:
    if mark is None:
        return Standing(None)
    return Standing(mark.status, mark.late_min, mark.early_min, mark.reason, mark.marked_by_name,
                    mark.marked_at)  # fmt: skip


def _readings(person_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if not person_ids:
        return found
    for person_id, reading in db.session.execute(
        sa.select(PersonReading.person_id, PersonReading.reading)
        .where(PersonReading.person_id.in_(person_ids))
    ):  # fmt: skip
        found[person_id].append(reading)
    return found


def _typed(pinyin: str, readings: list[str]) -> str:
    """All by which she is found when letters are typed: whole syllables and initials."""
    parts = pinyin.split()
    own = ["".join(parts), "".join(part[0] for part in parts)]
    return " ".join(dict.fromkeys([*own, *readings]))


def _missed(guests: list[Attendance]) -> dict[int, Session]:
    ids = [one.makes_up_id for one in guests if one.makes_up_id]
    if not ids:
        return {}
    rows = db.session.scalars(
        sa.select(Session).where(Session.id.in_(ids)).options(sa.orm.joinedload(Session.cohort))
    )
    return {row.id: row for row in rows}


def waiting(session_id: int) -> list[Waiting]:
    """Who waits for the trainer, the first to come first."""
    rows = db.session.execute(
        sa.select(CheckIn.person_id, Person.name, CheckIn.at, CheckIn.phone_hash, CheckIn.state)
        .join(Person, Person.id == CheckIn.person_id)
        .where(CheckIn.session_id == session_id)
        .order_by(CheckIn.at, CheckIn.person_id)
    ).all()
    of_phone: dict[str, int] = defaultdict(int)
    for row in rows:
        of_phone[row.phone_hash] += 1
    return [
        Waiting(row.person_id, row.name, row.at, of_phone[row.phone_hash] - 1)
        for row in rows if row.state is CheckInState.WAITING
    ]  # fmt: skip


def last_day(meeting: Session) -> date:
    """The last day on which the trainer herself can still change it."""
    return meeting.on + timedelta(days=int(current_app.config["ATTENDANCE_LOCK_DAYS"]))
