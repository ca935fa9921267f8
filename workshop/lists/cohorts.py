"""The list of cohorts, and the sessions of one: what each row shows besides."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.clock import service_day
from core.db import db
from workshop.models import Attendance, Cohort, Course, Enrolment, Session
from workshop.values import AttendanceStatus, CohortState, EnrolmentState, SessionState


class CohortList(StrEnum):
    """Which cohorts are shown."""

    CURRENT = "current"
    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ALL = "all"

    @property
    def states(self) -> tuple[CohortState, ...]:
        if self is CohortList.CURRENT:
            return CohortState.PLANNED, CohortState.OPEN, CohortState.RUNNING
        return tuple(CohortState) if self is CohortList.ALL else (CohortState(self.value),)


@dataclass(frozen=True)
class CohortQuery:
    """What the list is filtered by. seen: what the actor may see at all."""

    seen: sa.ColumnElement[bool]
    show: CohortList = CohortList.CURRENT
    site_id: int | None = None
    course_id: int | None = None


@dataclass(frozen=True)
class CohortRow:
    """A cohort with its sessions counted. Minutes; next: the session that begins or ends next."""

    cohort: Cohort
    sessions: int
    over: int
    scheduled_min: int
    next: Session | None


def cohorts(query: CohortQuery) -> sa.Select[tuple[Cohort]]:
    """The cohorts of a query: those under way first, then by their first day, newest first."""
    order = sa.case(
        {state.value: number for number, state in enumerate(
            (CohortState.RUNNING, CohortState.OPEN, CohortState.PLANNED, CohortState.CLOSED)
        )}, value=Cohort.state, else_=9,
    )  # fmt: skip
    statement = (
        sa.select(Cohort)
        .where(query.seen, Cohort.state.in_(query.show.states))
        .options(joinedload(Cohort.course), joinedload(Cohort.site), joinedload(Cohort.trainer))
        .order_by(order, Cohort.starts_on.desc(), Cohort.id.desc())
    )
    if query.site_id is not None:
        statement = statement.where(Cohort.site_id == query.site_id)
    if query.course_id is not None:
        statement = statement.where(Cohort.course_id == query.course_id)
    return statement


def rows_of(cohorts: Sequence[Cohort], now: datetime) -> list[CohortRow]:
    """What the list shows of each, with one query however many there are."""
    sessions: dict[int, list[Session]] = defaultdict(list)
    statement = (
        sa.select(Session)
        .where(Session.cohort_id.in_([row.id for row in cohorts]),
               Session.state == SessionState.PLANNED)
        .options(joinedload(Session.room), joinedload(Session.substitute))
        .order_by(Session.on, Session.starts_min, Session.id)
    )  # fmt: skip
    for row in db.session.scalars(statement) if cohorts else ():
        sessions[row.cohort_id].append(row)
    return [_row(cohort, sessions[cohort.id], now) for cohort in cohorts]


def _row(cohort: Cohort, planned: list[Session], now: datetime) -> CohortRow:
    coming = [one for one in planned if one.ends_at > now]
    return CohortRow(
        cohort, len(planned), len(planned) - len(coming), sum(one.taught_min for one in planned),
        coming[0] if coming else None,
    )  # fmt: skip


@dataclass(frozen=True)
class SessionRow:
    """A session with its marks counted. marked: everybody with a mark that is no leave."""

    session: Session
    marked: int
    excused: int


def sessions_of(cohort_id: int) -> list[SessionRow]:
    """All sessions of a cohort in the order of time, cancelled ones too. Two queries."""
    rows = db.session.scalars(
        sa.select(Session)
        .where(Session.cohort_id == cohort_id)
        .options(joinedload(Session.room), joinedload(Session.trainer), joinedload(Session.substitute))
        .order_by(Session.on, Session.starts_min, Session.id)
    ).all()  # fmt: skip
    counts: dict[int, dict[bool, int]] = defaultdict(lambda: {True: 0, False: 0})
    is_leave = Attendance.status == AttendanceStatus.EXCUSED
    for session_id, excused, count in db.session.execute(
        sa.select(Attendance.session_id, is_leave, sa.func.count())
        .where(Attendance.session_id.in_([row.id for row in rows]))
        .group_by(Attendance.session_id, is_leave)
    ):
        counts[session_id][bool(excused)] += count
    return [SessionRow(row, counts[row.id][False], counts[row.id][True]) for row in rows]


def counts_by_state(cohort_id: int) -> dict[EnrolmentState, int]:
    """How many places of a cohort stand in each state."""
    rows = db.session.execute(
        sa.select(Enrolment.state, sa.func.count())
        .where(Enrolment.cohort_id == cohort_id)
        .group_by(Enrolment.state)
    )
    found = {state: int(count) for state, count in rows}
    return {state: found[state] for state in EnrolmentState if state in found}


def courses(*, active: bool = True) -> list[Course]:
    """Courses by name."""
    statement = sa.select(Course).options(joinedload(Course.skill)).order_by(Course.name, Course.id)
    return list(db.session.scalars(statement.where(Course.is_active) if active else statement))


@dataclass(frozen=True)
class ToDo:
    """What somebody who plans has to look at."""

    without_room: int
    without_trainer: int
    to_start: int
    to_close: int


def to_do(site_ids: frozenset[int] | None, now: datetime) -> ToDo:
    """Sessions of the next seven days without a room or a trainer; cohorts whose day has come. Two queries."""
    today = service_day(now)
    at_site = sa.true() if site_ids is None else Cohort.site_id.in_(site_ids)
    until = date.fromordinal(today.toordinal() + 6)
    without = db.session.execute(
        sa.select(
            sa.func.count().filter(Session.room_id.is_(None)),
            sa.func.count().filter(Session.trainer_id.is_(None), Session.substitute_id.is_(None)),
        )
        .select_from(Session)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(at_site, Session.state == SessionState.PLANNED, Session.on.between(today, until))
    ).one()
    waiting = db.session.execute(
        sa.select(
            sa.func.count().filter(
                Cohort.state.in_((CohortState.PLANNED, CohortState.OPEN)), Cohort.starts_on <= today
            ),
            sa.func.count().filter(Cohort.state == CohortState.RUNNING, Cohort.ends_on < today),
        )
        .select_from(Cohort)
        .where(at_site)
    ).one()
    return ToDo(*without, *waiting)
