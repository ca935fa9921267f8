"""The learners of one cohort: the list, the waitlist, and what is told of one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from core.db import db
from core.people.models import Person
from core.people.search import matching
from workshop.models import (
    Assessment,
    Certificate,
    Cohort,
    Course,
    Enrolment,
    EnrolmentMove,
    Learner,
)
from workshop.queries import figures_of, is_her_record
from workshop.rules.hours import Figures
from workshop.values import CohortState, EnrolmentState

# In the order in which a coordinator works: who has to be decided on first, who is gone last.
ORDER = (
    EnrolmentState.APPLIED, EnrolmentState.WAITLISTED, EnrolmentState.ADMITTED,
    EnrolmentState.TRAINING, EnrolmentState.COMPLETED, EnrolmentState.INCOMPLETE,
    EnrolmentState.WITHDRAWN, EnrolmentState.TRANSFERRED, EnrolmentState.NO_SHOW,
    EnrolmentState.GAVE_UP, EnrolmentState.DECLINED,
)  # fmt: skip
PERSON_IN_LIST = (Person.name, Person.pinyin, Person.standing, Person.is_practice)


@dataclass(frozen=True)
class PlaceQuery:
    """What the list of a cohort is filtered by."""

    cohort_id: int
    q: str = ""
    state: EnrolmentState | None = None
    person_id: int | None = None


def places(query: PlaceQuery) -> sa.Select[tuple[Enrolment]]:
    """The enrolments of a query: by state, then by their row on the sheet, then by name."""
    rank = sa.case(
        {state.value: number for number, state in enumerate(ORDER)}, value=Enrolment.state
    )
    statement = (
        sa.select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == query.cohort_id)
        .options(contains_eager(Enrolment.person).load_only(*PERSON_IN_LIST))
        .order_by(rank, Enrolment.number.is_(None), Enrolment.number, Enrolment.applied_at,
                  Enrolment.person_id)
    )  # fmt: skip
    if query.q:
        statement = statement.where(matching(query.q))
    if query.state is not None:
        statement = statement.where(Enrolment.state == query.state)
    if query.person_id is not None:
        statement = statement.where(Enrolment.person_id == query.person_id)
    return statement


@dataclass(frozen=True)
class PlaceRow:
    """A row of the list; figures: of whoever is or was in training."""

    place: Enrolment
    figures: Figures | None


def rows_of(found: Iterable[Enrolment], cohort: Cohort, now: datetime) -> list[PlaceRow]:
    """The rows of a page: two further queries whatever their number."""
    listed = list(found)
    trained = [row for row in listed if row.joined_on is not None]
    counted = figures_of(trained, {cohort.id: cohort}, now)
    return [PlaceRow(row, counted.get((row.person_id, row.cohort_id))) for row in listed]


@dataclass(frozen=True)
class Waiting:
    """Somebody in line: her position, her telephone, and the offer that stands."""

    position: int
    place: Enrolment
    phone: str | None


def waitlist(cohort_id: int) -> list[Waiting]:
    """Who waits, in the order in which seats are offered; whoever has an offer stands first."""
    rows = db.session.scalars(
        sa.select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state == EnrolmentState.WAITLISTED)
        .options(contains_eager(Enrolment.person).load_only(*PERSON_IN_LIST, Person.phone))
        .order_by(Enrolment.offered_until.is_(None), Enrolment.offered_until,
                  Enrolment.waitlisted_at, Enrolment.person_id)
    )  # fmt: skip
    return [Waiting(number, row, row.person.phone) for number, row in enumerate(rows, 1)]


def counts_of(cohort_id: int) -> dict[EnrolmentState, int]:
    """How many stand in each state, in the order of the list."""
    found = {
        state: count
        for state, count in db.session.execute(
            sa.select(Enrolment.state, sa.func.count())
            .where(Enrolment.cohort_id == cohort_id)
            .group_by(Enrolment.state)
        )
    }
    return {state: found[state] for state in ORDER if state in found}


def waiting_of(cohort_id: int) -> tuple[int, int]:
    """How many wait, and for how many of them a seat is held."""
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(Enrolment.offered_until)).where(
            Enrolment.cohort_id == cohort_id, Enrolment.state == EnrolmentState.WAITLISTED
        )
    ).one()
    return row[0], row[1]


def moves_of(place: Enrolment) -> Sequence[tuple[EnrolmentMove, Cohort | None]]:
    """Every move of one place, the newest first, with the other cohort of a transfer."""
    return [
        (move, other)
        for move, other in db.session.execute(
            sa.select(EnrolmentMove, Cohort)
            .outerjoin(Cohort, Cohort.id == EnrolmentMove.other_cohort_id)
            .where(EnrolmentMove.person_id == place.person_id,
                   EnrolmentMove.cohort_id == place.cohort_id)
            .order_by(EnrolmentMove.number.desc())
        )
    ]  # fmt: skip


def assessments_of(place: Enrolment) -> Sequence[Assessment]:
    return db.session.scalars(
        sa.select(Assessment)
        .where(Assessment.person_id == place.person_id, Assessment.cohort_id == place.cohort_id)
        .order_by(Assessment.number.desc())
    ).all()


def certificates_of(place: Enrolment) -> Sequence[Certificate]:
    return db.session.scalars(
        sa.select(Certificate)
        .where(Certificate.person_id == place.person_id, Certificate.cohort_id == place.cohort_id)
        .order_by(Certificate.issued_at.desc())
    ).all()


def to_transfer_to(cohort: Cohort) -> Sequence[Cohort]:
    """Other cohorts of the course that take learners, the next to begin first."""
    return db.session.scalars(
        sa.select(Cohort)
        .where(Cohort.course_id == cohort.course_id, Cohort.id != cohort.id,
               Cohort.state.in_((CohortState.OPEN, CohortState.RUNNING)))
        .order_by(Cohort.starts_on, Cohort.id)
        .options(joinedload(Cohort.site))
    ).all()  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """A cohort that takes learners, and where she stands in it already."""

    cohort: Cohort
    state: EnrolmentState | None


def open_for(person_id: int, seen: sa.ColumnElement[bool]) -> list[Offered]:
    """The cohorts that take learners, the next to begin first, as they look to one learner."""
    rows = db.session.execute(
        sa.select(Cohort, Enrolment.state)
        .join(Course, Course.id == Cohort.course_id)
        .outerjoin(Enrolment, sa.and_(Enrolment.cohort_id == Cohort.id,
                                      Enrolment.person_id == person_id))
        .where(Cohort.state.in_((CohortState.OPEN, CohortState.RUNNING)), seen)
        .order_by(Cohort.starts_on, Cohort.id)
        .options(joinedload(Cohort.site), contains_eager(Cohort.course))
    )  # fmt: skip
    return [Offered(cohort, state) for cohort, state in rows]


def found_to_apply(
    cohort_id: int, typed: str, person_id: int | None, site_ids: frozenset[int] | None, most: int
) -> list[tuple[Learner, EnrolmentState | None]]:
    """Learners whom a search means, and where each stands in the cohort."""
    statement = (
        sa.select(Learner, Enrolment.state)
        .join(Person, Person.id == Learner.person_id)
        .outerjoin(Enrolment, sa.and_(Enrolment.person_id == Learner.person_id,
                                      Enrolment.cohort_id == cohort_id))
        .where(Learner.ended_on.is_(None), is_her_record(), ~Person.is_practice)
        .options(contains_eager(Learner.person).load_only(*PERSON_IN_LIST, Person.birth_on)
                 .joinedload(Person.residence_area))
        .order_by(Person.pinyin, Learner.person_id)
        .limit(most)
    )  # fmt: skip
    if site_ids is not None:
        statement = statement.where(Learner.home_site_id.in_(site_ids))
    if person_id is not None:
        statement = statement.where(Learner.person_id == person_id)
    elif typed:
        statement = statement.where(matching(typed))
    return [(learner, state) for learner, state in db.session.execute(statement)]
