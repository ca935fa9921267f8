"""Every mark ever set: before, after, who, when, how and why. Nothing of it is ever overwritten."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core.people.models import Person
from workshop.models import AttendanceMark, Cohort, Session

BEFORE = aliased(AttendanceMark)


@dataclass(frozen=True, slots=True)
class Entry:
    """One mark with the one it replaced, whose it is, and in which session."""

    mark: AttendanceMark
    before: AttendanceMark | None
    name: str
    session: Session
    cohort: str


def marks(session_id: int | None = None, person_id: int | None = None) -> sa.Select[Any]:
    """The marks of a session, of a learner, or of both, the latest first."""
    statement = (
        sa.select(AttendanceMark, BEFORE, Person.name, Session, Cohort.name.label("cohort"))
        .outerjoin(BEFORE, sa.and_(
            BEFORE.person_id == AttendanceMark.person_id,
            BEFORE.session_id == AttendanceMark.session_id,
            BEFORE.number == AttendanceMark.number - 1,
        ))
        .join(Person, Person.id == AttendanceMark.person_id)
        .join(Session, Session.id == AttendanceMark.session_id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .order_by(AttendanceMark.at.desc(), AttendanceMark.person_id, AttendanceMark.number.desc())
    )  # fmt: skip
    if session_id is not None:
        statement = statement.where(AttendanceMark.session_id == session_id)
    if person_id is not None:
        statement = statement.where(AttendanceMark.person_id == person_id)
    return statement


def entries(rows: list[Any]) -> list[Entry]:
    """The rows of such a query."""
    return [Entry(*row) for row in rows]
