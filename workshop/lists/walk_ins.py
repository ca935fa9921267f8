"""Who else may be standing in the room: learners found by name, and what can be done with each."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.access import Actor
from core.db import db
from core.people.models import Person
from core.people.search import Kind, matching, read_query
from workshop.models import Attendance, Cohort, Enrolment, Learner, Session
from workshop.queries import is_her_record
from workshop.roster import is_on_the_sheet
from workshop.values import AttendanceStatus, EnrolmentState, SessionState

FOUND_AT_MOST = 12
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """One learner. missed: her sessions of this course that can be made up here."""

    person_id: int
    name: str
    is_on_sheet: bool
    cohorts: tuple[str, ...]
    state: EnrolmentState | None
    missed: tuple[tuple[Session, AttendanceStatus], ...]

    @property
    def is_of_course(self) -> bool:
        return bool(self.cohorts)


def is_enough(typed: str) -> bool:
    """Whether what was typed names somebody: a whole list is not to be leafed through here."""
    query = read_query(typed)
    return query.kind is not Kind.NOTHING and (
        len(query.text) >= SHORTEST or query.kind not in (Kind.NAME, Kind.PINYIN)
    )


def find(meeting: Session, typed: str, actor: Actor, person_id: int | None = None) -> list[Found]:
    """Learners by name, pinyin or digits, those of the course first. Four queries at most."""
    statement = (
        sa.select(Person.id, Person.name)
        .join(Learner, Learner.person_id == Person.id)
        .where(is_her_record(), Learner.ended_on.is_(None))
        .where(matching(typed) if person_id is None else Person.id == person_id)
        .order_by(Person.pinyin, Person.id).limit(FOUND_AT_MOST)
    )  # fmt: skip
    if actor.site_ids is not None:
        statement = statement.where(Learner.home_site_id.in_(actor.site_ids))
    people = db.session.execute(statement).all()
    ids = [row.id for row in people]
    places: dict[int, list[Any]] = defaultdict(list)
    for place in db.session.execute(
        sa.select(Enrolment, Cohort.name, Cohort.course_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.person_id.in_(ids), Cohort.course_id == meeting.cohort.course_id)
        .order_by(Cohort.starts_on.desc())
    ):  # fmt: skip
        places[place.Enrolment.person_id].append(place)
    missed = missed_of(ids, meeting)
    found = []
    for row in people:
        own = next(
            (p.Enrolment for p in places[row.id] if p.Enrolment.cohort_id == meeting.cohort_id),
            None,
        )
        is_on = own is not None and is_on_the_sheet(
            own.state, own.joined_on, own.left_on, meeting.on
        )
        others = tuple(p.name for p in places[row.id] if p.Enrolment.state.has_trained)
        found.append(Found(
            row.id, row.name, is_on, others, own.state if own else None, tuple(missed[row.id]),
        ))  # fmt: skip
    return sorted(
        found, key=lambda one: (not one.is_on_sheet, not one.missed, not one.is_of_course)
    )


def missed_of(
    person_ids: list[int], meeting: Session
) -> dict[int, list[tuple[Session, AttendanceStatus]]]:
    """By learner, the sessions in other cohorts of the course that she missed and has not made up."""
    made_up = sa.orm.aliased(Attendance)
    rows = db.session.execute(
        sa.select(Attendance.person_id, Attendance.status, Session)
        .join(Session, Session.id == Attendance.session_id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(
            Attendance.person_id.in_(person_ids), Attendance.makes_up_id.is_(None),
            Attendance.status.in_((AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED)),
            Cohort.course_id == meeting.cohort.course_id, Cohort.id != meeting.cohort_id,
            Session.state == SessionState.PLANNED,
            ~sa.exists().where(made_up.person_id == Attendance.person_id,
                               made_up.makes_up_id == Attendance.session_id),
        )
        .options(joinedload(Session.cohort))
        .order_by(Session.on, Session.starts_min)
    )  # fmt: skip
    found: dict[int, list[tuple[Session, AttendanceStatus]]] = defaultdict(list)
    for person_id, status, session in rows:
        found[person_id].append((session, status))
    return found
