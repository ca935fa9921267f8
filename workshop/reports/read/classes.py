"""Cohorts, their sessions, and what is recorded of each learner in each of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core.clock import moment_at
from core.db import db
from core.reports.values import ALL
from workshop.models import Attendance, AttendanceMark, Cohort, EnrolmentMove, Room, Session
from workshop.reports.span import Span
from workshop.values import AttendanceStatus, Policy, SessionState

HELD, COMING, CANCELLED = "held", "coming", "cancelled"
# Cohorts that ended so long before anything else that is looked at still have a rate of placement.
ROUND = timedelta(days=366)


def hundredths(minutes: int, class_hour_min: int) -> int:
    """Minutes as hundredths of class hours, half of one rounded up."""
    return (200 * minutes + class_hour_min) // (2 * class_hour_min)


def code_of(cohort_id: int) -> str:
    """By which figures and rows name a cohort."""
    return f"c{cohort_id}"


class Run(NamedTuple):
    """A cohort, as much of it as the report looks at."""

    id: int
    code: str
    name: str
    site_id: int
    course_id: int
    planned_min: int
    capacity: int
    is_subsidised: bool
    starts_on: date
    ends_on: date
    policy: Policy

    def hours(self, minutes: int) -> int:
        """Minutes of its teaching as hundredths of class hours."""
        return hundredths(minutes, self.policy.class_hour_min)


class Meeting(NamedTuple):
    """A session. is_over: by the moment up to which the report looks."""

    id: int
    cohort_id: int
    on: date
    starts_min: int
    ends_min: int
    taught_min: int
    room: str
    room_id: int | None
    trainer_id: int | None
    substitute_id: int | None
    state: SessionState
    is_over: bool
    topic: str
    reason: str

    @property
    def standing(self) -> str:
        if self.state is SessionState.CANCELLED:
            return CANCELLED
        return HELD if self.is_over else COMING


class Stood(NamedTuple):
    """What was recorded of a learner in a session when its month was submitted, or is now."""

    person_id: int
    session_id: int
    cohort_id: int
    makes_up_id: int | None
    status: AttendanceStatus
    late_min: int
    early_min: int
    credited_min: int
    source: str
    by_name: str
    after_lock: bool


class Correction(NamedTuple):
    """A mark of a session whose month had been submitted, against the one before it."""

    mark: Any
    before: Any
    month: str


class Roster(NamedTuple):
    """Who was expected in each session that was held, and of whom nothing is recorded."""

    expected: Mapping[int, list[int]]
    unmarked_in: Mapping[int, list[int]]


@dataclass(frozen=True)
class Classes:
    """The cohorts of the scope with their sessions and marks.

    marks: as they stood when their month was submitted, so that a month stays what it was; known:
    with the corrections that are reported by the end of the period, and with what the scope's learners
    made up at other workshops.
    """

    span: Span
    runs: Mapping[int, Run]
    meetings: Mapping[int, Meeting]
    marks: tuple[Stood, ...]
    known: tuple[Stood, ...]
    corrections: tuple[Correction, ...]

    @cached_property
    def of_cohort(self) -> Mapping[int, list[Meeting]]:
        found: dict[int, list[Meeting]] = defaultdict(list)
        for meeting in self.meetings.values():
            found[meeting.cohort_id].append(meeting)
        return found

    @cached_property
    def in_period(self) -> list[Meeting]:
        """The sessions of the period, by time."""
        period = self.span.period
        found = [each for each in self.meetings.values() if period.first <= each.on <= period.last]
        return sorted(found, key=lambda each: (each.on, each.starts_min, each.id))

    @property
    def cohort_words(self) -> dict[str, str]:
        return {run.code: run.name for run in self.runs.values()}


def read(span: Span, people: Mapping[int, int]) -> Classes:
    """Cohorts, sessions and marks of the scope; six queries, for one workshop two more.

    people: whom a merged record counts for.
    """
    runs = _runs(span)
    meetings = _meetings(span, runs)
    marks, known = _stood(span, meetings, people)
    known = (*known, *_made_up_elsewhere(span, runs, people))
    return Classes(span, runs, meetings, marks, known, _corrections(span, people))


def _runs(span: Span) -> dict[int, Run]:
    rows = db.session.scalars(
        sa.select(Cohort).where(_in_span(span)).order_by(Cohort.starts_on, Cohort.id)
    )
    return {
        row.id: Run(row.id, code_of(row.id), row.name, row.site_id, row.course_id, row.planned_min,
                    row.capacity, row.is_subsidised, row.starts_on, row.ends_on, row.policy)
        for row in rows
    }  # fmt: skip


def _meetings(span: Span, runs: Mapping[int, Run]) -> dict[int, Meeting]:
    table: Any = Session.__table__.c
    rows = db.session.execute(
        sa.select(
            table.id, table.cohort_id, table.on, table.starts_min, table.ends_min, table.taught_min,
            Room.name, table.room_id, table.trainer_id, table.substitute_id, table.state, table.topic,
            table.change_reason,
        )
        .join(Cohort, Cohort.id == table.cohort_id)
        .outerjoin(Room, Room.id == table.room_id)
        .where(_in_span(span))
        .order_by(table.on, table.starts_min, table.id)
    )  # fmt: skip
    found = {}
    for (number, cohort_id, on, starts, ends, taught, room, room_id, trainer, substitute, state, topic,
         reason) in rows:  # fmt: skip
        found[number] = Meeting(
            number, cohort_id, on, starts, ends, taught, room or "", room_id, trainer, substitute,
            state, on <= span.period.last and moment_at(on, ends) <= span.ends_at, topic, reason or "",
        )  # fmt: skip
    return found


def _of_scope(statement: Any, table: Any, span: Span) -> Any:
    """With the sessions of the cohorts that are looked at."""
    return (
        statement.join(Session, Session.id == table.session_id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(_in_span(span))
    )


def _in_span(span: Span) -> sa.ColumnElement[bool]:
    """Cohorts that are looked at, their sessions and marks with them: a decision may come long after
    the last day, and her hours are counted with it. Of those over for long, the ones with late facts."""
    moved = sa.select(EnrolmentMove.cohort_id).where(EnrolmentMove.at >= span.recorded_since)
    met, mark = aliased(Session), aliased(AttendanceMark)
    booked = (
        sa.select(met.cohort_id)
        .join(mark, mark.session_id == met.id)
        .where(mark.booked_month.in_(_months(span)))
    )
    return sa.and_(
        Cohort.site_id.in_(span.site_ids), Cohort.starts_on <= span.period.last,
        sa.or_(Cohort.ends_on >= span.since - ROUND, Cohort.id.in_(moved), Cohort.id.in_(booked)),
    )  # fmt: skip


def _months(span: Span) -> set[str]:
    return {*span.months, *span.months_before, *span.months_of_year}


def _stood(
    span: Span, meetings: Mapping[int, Meeting], people: Mapping[int, int]
) -> tuple[tuple[Stood, ...], tuple[Stood, ...]]:
    """Every mark as it stood when its month was submitted, and as it was known at the end of the period."""
    row: Any = Attendance.__table__.c
    mark: Any = AttendanceMark.__table__.c
    booked = [
        (each.person_id, each.session_id)
        for each in db.session.execute(
            _of_scope(
                sa.select(mark.person_id, mark.session_id).where(mark.booked_month.is_not(None)),
                mark, span,
            ).distinct()
        )
    ]  # fmt: skip
    now = db.session.execute(
        _of_scope(
            sa.select(row.person_id, row.session_id, row.cohort_id, row.makes_up_id, row.status,
                      row.late_min, row.early_min, row.credited_min, row.source, row.marked_by_name),
            row, span,
        )
    )  # fmt: skip
    late = set(booked)
    corrected = _after_lock(span)
    found = [
        Stood(people.get(person_id, person_id), session_id, cohort_id, makes_up_id, status, late_min,
              early_min, credited_min, source.value, by_name, (person_id, session_id) in corrected)
        for person_id, session_id, cohort_id, makes_up_id, status, late_min, early_min, credited_min,
            source, by_name in now
        if (person_id, session_id) not in late
    ]  # fmt: skip
    of_pairs = _marks_of(booked) if booked else {}
    last = str(span.period.last_month)
    then = [*found, *_then(of_pairs, people, "")]
    known = [*found, *_then(of_pairs, people, last)]

    def in_order(rows: list[Stood]) -> tuple[Stood, ...]:
        met = ((meetings[each.session_id], each) for each in rows if each.session_id in meetings)
        ordered = sorted(
            met, key=lambda pair: (pair[0].on, pair[0].starts_min, pair[0].id, pair[1].person_id)
        )
        return tuple(each for _meeting, each in ordered)

    return in_order(then), in_order(known)


def _made_up_elsewhere(
    span: Span, runs: Mapping[int, Run], people: Mapping[int, int]
) -> list[Stood]:
    """What learners of one workshop made up at another, as it was known at the end of the period.

    Only in sessions that were held: they are none of the scope's meetings, which say so of the others.
    """
    if span.scope == ALL:
        return []
    mark: Any = AttendanceMark.__table__.c
    rows = db.session.execute(
        sa.select(mark.person_id, mark.session_id, Session.on, Session.ends_min)
        .join(Session, Session.id == mark.session_id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(mark.cohort_id.in_(list(runs)), mark.makes_up_id.is_not(None),
               Cohort.site_id.not_in(span.site_ids), Session.on <= span.period.last,
               Session.state != SessionState.CANCELLED)
        .distinct()
    )  # fmt: skip
    pairs = {
        (person_id, session_id)
        for person_id, session_id, on, ends_min in rows
        if moment_at(on, ends_min) <= span.ends_at
    }
    return _then(_marks_of(pairs), people, str(span.period.last_month))


def _after_lock(span: Span) -> set[tuple[int, int]]:
    mark: Any = AttendanceMark.__table__.c
    return {
        (person_id, session_id)
        for person_id, session_id in db.session.execute(
            _of_scope(
                sa.select(mark.person_id, mark.session_id)
                .where(mark.after_lock.is_(sa.true()), mark.booked_month.is_(None)),
                mark, span,
            )
        )
    }  # fmt: skip


def _marks_of(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Any]]:
    """All marks of these learners and sessions, in their order."""
    mark: Any = AttendanceMark.__table__
    wanted = set(pairs)
    rows = db.session.execute(
        sa.select(mark)
        .where(mark.c.session_id.in_({session_id for _person, session_id in wanted}))
        .order_by(mark.c.person_id, mark.c.session_id, mark.c.number)
    )
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        if (row.person_id, row.session_id) in wanted:
            found[row.person_id, row.session_id].append(row)
    return found


def _then(
    of_pairs: Mapping[tuple[int, int], list[Any]], people: Mapping[int, int], until: str
) -> list[Stood]:
    """What stood of these by the marks that a month up to `until` reports, or their own month."""
    found = []
    for (person_id, session_id), marks in of_pairs.items():
        seen = [each for each in marks if each.booked_month is None or each.booked_month <= until]
        if seen and seen[-1].status is not None:
            last = seen[-1]
            found.append(Stood(
                people.get(person_id, person_id), session_id, last.cohort_id, last.makes_up_id,
                last.status, last.late_min, last.early_min, last.credited_min, last.source.value,
                last.by_name, any(each.after_lock for each in seen),
            ))  # fmt: skip
    return found


def _corrections(span: Span, people: Mapping[int, int]) -> tuple[Correction, ...]:
    """The marks that a month from the year's beginning on reports about earlier ones."""
    mark: Any = AttendanceMark.__table__.c
    months = _months(span)
    booked = {
        each.id
        for each in db.session.execute(
            _of_scope(sa.select(mark.id).where(mark.booked_month.in_(months)), mark, span)
        )
    }
    if not booked:
        return ()
    pairs = {
        (each.person_id, each.session_id)
        for each in db.session.execute(
            _of_scope(
                sa.select(mark.person_id, mark.session_id).where(mark.booked_month.in_(months)),
                mark, span,
            )
        )
    }  # fmt: skip
    found = []
    for marks in _marks_of(pairs).values():
        for before, each in zip([None, *marks], marks, strict=False):
            if each.id in booked:
                found.append(Correction(each, before, each.booked_month))
    return tuple(sorted(found, key=lambda each: (each.mark.at, str(each.mark.id))))


def clock_of(minute: int) -> str:
    """Minutes after midnight as 09:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
