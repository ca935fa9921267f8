"""Which sessions would take a learner's hour twice."""

from collections import defaultdict
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from workshop.models import Enrolment, Session
from workshop.values import EnrolmentState, SessionState

EXPECTED = (EnrolmentState.ADMITTED, EnrolmentState.TRAINING)


def clashes_of_learner(
    session: DbSession, person_id: int, cohort_id: int, *, from_on: date | None = None,
    leaving_id: int | None = None,
) -> list[tuple[Session, Session]]:  # fmt: skip
    """Pairs that would overlap if she had a seat in a cohort: (a session of it, hers elsewhere).

    from_on: only from this day on. leaving_id: the cohort she leaves for it, by a transfer.
    """
    wanted = (
        sa.select(Session)
        .where(Session.cohort_id == cohort_id, Session.state == SessionState.PLANNED)
        .order_by(Session.on, Session.starts_min, Session.id)
    )
    theirs = (
        sa.select(Session)
        .join(Enrolment, Enrolment.cohort_id == Session.cohort_id)
        .where(
            Enrolment.person_id == person_id, Enrolment.state.in_(EXPECTED),
            Session.state == SessionState.PLANNED,
            Session.cohort_id.not_in([cohort_id, *([] if leaving_id is None else [leaving_id])]),
            sa.or_(Enrolment.joined_on.is_(None), Enrolment.joined_on <= Session.on),
        )
        .options(joinedload(Session.cohort), joinedload(Session.room))
        .order_by(Session.on, Session.starts_min, Session.id)
    )  # fmt: skip
    if from_on is not None:
        wanted, theirs = wanted.where(Session.on >= from_on), theirs.where(Session.on >= from_on)
    by_day: dict[date, list[Session]] = defaultdict(list)
    for row in session.scalars(theirs):
        by_day[row.on].append(row)
    return [
        (one, other)
        for one in session.scalars(wanted)
        for other in by_day[one.on]
        if one.starts_min < other.ends_min and other.starts_min < one.ends_min
    ]
