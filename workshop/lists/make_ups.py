"""Where a learner can make up a session that she missed (补课): the choices, not the mark."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.db import db
from workshop.actions.clashes import EXPECTED
from workshop.models import Attendance, Cohort, Enrolment, Session
from workshop.rules.schedule import overlap
from workshop.values import CohortState, SessionState


@dataclass(frozen=True)
class MakeUp:
    """One session in which she could make it up. is_free: she is expected nowhere else then.

    has_topic: it is about what she missed.
    """

    session: Session
    is_free: bool
    has_topic: bool


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
