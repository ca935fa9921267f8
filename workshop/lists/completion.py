"""Who is assessed and decided in one cohort. A constant number of queries, however many learners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from core.db import db
from core.people.models import Person
from workshop.lists.enrolments import PERSON_IN_LIST
from workshop.models import Cohort, Enrolment
from workshop.proposals import proposals_of
from workshop.values import EnrolmentState, Judged

_DECIDED = (EnrolmentState.TRAINING, EnrolmentState.COMPLETED, EnrolmentState.INCOMPLETE)


def assessed(cohort_id: int) -> Sequence[Enrolment]:
    """Those in training and those decided, by their row on the sheet."""
    return db.session.scalars(
        sa.select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(_DECIDED))
        .options(contains_eager(Enrolment.person).load_only(*PERSON_IN_LIST))
        .order_by(Enrolment.number.is_(None), Enrolment.number, Enrolment.person_id)
    ).all()


@dataclass(frozen=True)
class Proposed:
    """One learner with what is proposed for her; decided ones stand with their decision."""

    place: Enrolment
    judged: Judged


def to_decide(cohort: Cohort, now: datetime) -> list[Proposed]:
    """Everybody who is in training or decided, with the proposal."""
    rows = assessed(cohort.id)
    proposed = proposals_of(rows, cohort, now)
    return [Proposed(row, proposed[row.person_id]) for row in rows]
