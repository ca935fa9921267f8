"""The numbered sheet of a session: for paper, and for typing back what was signed on it."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.db import db
from core.people.models import Person
from workshop.models import Attendance, AttendanceMark, Enrolment, Session
from workshop.roster import on_the_sheet
from workshop.values import Standing


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One numbered line. number: the place on paper; mark: of the latest mark, 0 for none."""

    number: int
    person_id: int
    name: str
    standing: Standing
    mark: int


def numbered(meeting: Session) -> list[SheetRow]:
    """Whoever has a number on the sheet of this session, in its order. Two queries."""
    rows = db.session.execute(
        sa.select(Enrolment.number, Person.id, Person.name, Attendance)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Attendance, sa.and_(
            Attendance.person_id == Enrolment.person_id, Attendance.session_id == meeting.id,
        ))
        .where(on_the_sheet(meeting.cohort_id, meeting.on), Enrolment.number.is_not(None))
        .order_by(Enrolment.number)
    ).all()  # fmt: skip
    marks = dict(db.session.execute(
        sa.select(AttendanceMark.person_id, sa.func.max(AttendanceMark.number))
        .where(AttendanceMark.session_id == meeting.id).group_by(AttendanceMark.person_id)
    ).tuples().all())  # fmt: skip
    return [
        SheetRow(
            row.number, row.id, row.name,
            Standing(row.Attendance.status, row.Attendance.late_min, row.Attendance.early_min,
                     row.Attendance.reason) if row.Attendance else Standing(None),
            marks.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip
