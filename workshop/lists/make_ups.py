"""Who missed a session, and where she can make it up (补课): the choices, not the mark."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.db import db
from core.people.models import Person
from workshop.actions.clashes import EXPECTED
from workshop.models import Attendance, Cohort, Enrolment, Session
from workshop.rules.schedule import overlap
from workshop.values import AttendanceStatus, CohortState, SessionState


@dataclass(frozen=True)
class MakeUp:
    """One session in which she could make it up. is_free: she is expected nowhere else then.

    has_topic: it is about what she missed.
    """

    session: Session
    is_free: bool
    has_topic: bool


@dataclass(frozen=True)
class Missed:
    """A learner who was away from a session. made_up_in: where she made it up; None: nowhere yet."""

    person_id: int
    name: str
    status: AttendanceStatus
    made_up_in: Session | None


def missed_by(session_id: int) -> list[Missed]:
    """Who was absent or on leave, by her number on the sheet, and what was made up. One query."""
    instead, there = sa.orm.aliased(Attendance), sa.orm.aliased(Session)
    rows = db.session.execute(
        sa.select(Attendance.person_id, Person.name, Attendance.status, there)
        .join(Person, Person.id == Attendance.person_id)
        .join(Enrolment, sa.and_(Enrolment.person_id == Attendance.person_id,
                                 Enrolment.cohort_id == Attendance.cohort_id))
        .outerjoin(instead, sa.and_(instead.person_id == Attendance.person_id,
                                    instead.makes_up_id == Attendance.session_id))
        .outerjoin(there, there.id == instead.session_id)
        .where(Attendance.session_id == session_id, Attendance.makes_up_id.is_(None),
               Attendance.status.in_((AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED)))
        .options(joinedload(there.cohort))
        .order_by(Enrolment.number.is_(None), Enrolment.number, Person.pinyin, Person.id)
    )  # fmt: skip
    return [Missed(person_id, name, status, row) for person_id, name, status, row in rows]


def make_ups(
    missed: Session, person_id: int, *, site_ids: frozenset[int] | None = None,
    now: datetime | None = None, most: int = 30,
) -> list[MakeUp]:  # fmt: skip
    """Sessions of the same course's other cohorts after a missed one, the same topic first, then by time.

    Those in which she stands already, or that make up another, are left out. site_ids: of the
    actor; None is every workshop. now: with it only what is not over. Three queries.
    """
    cohort = db.session.get_one(Cohort, missed.cohort_id)
    later = sa.or_(
        Session.on > missed.on,
        sa.and_(Session.on == missed.on, Session.starts_min >= missed.ends_min),
    )
    taken = sa.exists().where(
        Attendance.person_id == person_id, Attendance.session_id == Session.id
    )
    statement = (
        sa.select(Session)
        .join(Session.cohort)
        .where(
            Cohort.course_id == cohort.course_id, Cohort.id != cohort.id, later, ~taken,
            Cohort.state.in_((CohortState.OPEN, CohortState.RUNNING, CohortState.CLOSED)),
            Session.state == SessionState.PLANNED,
        )
        .options(joinedload(Session.cohort), joinedload(Session.room))
        .order_by(Session.on, Session.starts_min, Session.id)
    )  # fmt: skip
    if site_ids is not None:
        statement = statement.where(Cohort.site_id.in_(site_ids))
    rows = [row for row in db.session.scalars(statement) if now is None or row.ends_at > now]
    rows.sort(key=lambda row: not (missed.topic and row.topic == missed.topic))
    rows = rows[:most]
    hers = _expected_at(person_id, {row.on for row in rows})
    return [
        MakeUp(row, not any(_overlap(row, other) for other in hers),
               bool(missed.topic) and row.topic == missed.topic)
        for row in rows
    ]  # fmt: skip


def _expected_at(person_id: int, days: set[date]) -> list[Session]:
    """Where she is expected on these days."""
    return list(
        db.session.scalars(
            sa.select(Session)
            .join(Enrolment, Enrolment.cohort_id == Session.cohort_id)
            .where(
                Enrolment.person_id == person_id, Enrolment.state.in_(EXPECTED),
                Session.state == SessionState.PLANNED, Session.on.in_(days),
                sa.or_(Enrolment.joined_on.is_(None), Enrolment.joined_on <= Session.on),
            )
        )
    )  # fmt: skip


def _overlap(one: Session, other: Session) -> bool:
    return (
        one.id != other.id
        and one.on == other.on
        and overlap(one.starts_min, one.ends_min, other.starts_min, other.ends_min)
    )
