"""Many at once: whoever can be moved is, and of each other it is said why not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from workshop.actions.enrolments.moves import move_in
from workshop.actions.enrolments.offers import offer_free_seats
from workshop.actions.enrolments.steps import check_day, locked_cohort, locked_learners
from workshop.models import Cohort, Enrolment, Learner
from workshop.values import EnrolmentState


@dataclass
class Several:
    """Whose move was made, who was put on the waitlist instead, and who stayed where she was, and why."""

    done: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    refused: list[tuple[int, RuleError]] = field(default_factory=list)


def admit(
    person_ids: Iterable[int], cohort_id: int, *, or_wait: bool, on: date, by: Actor, now: datetime
) -> Several:
    """Admit these, in the order in which they applied, as far as there are seats.

    or_wait: for whom no seat is left is put on the waitlist. Raises RuleError enrolment_no_cohort, enrolment_in_future.
    """

    def one(
        session: Session, cohort: Cohort, learner: Learner, row: Enrolment, found: Several
    ) -> None:
        how = {"on": on, "reason": None, "by": by, "now": now}
        try:
            move_in(session, cohort, learner, row, EnrolmentState.ADMITTED, **how)  # type: ignore[arg-type]
        except RuleError as error:
            may_wait = or_wait and row.state is EnrolmentState.APPLIED
            if error.code != "enrolment_no_seat" or not may_wait:
                raise
            move_in(session, cohort, learner, row, EnrolmentState.WAITLISTED, **how)  # type: ignore[arg-type]
            found.waiting.append(row.person_id)
        else:
            found.done.append(row.person_id)

    return _each(person_ids, cohort_id, one, on=on, by=by, now=now)


def start_training(
    person_ids: Iterable[int], cohort_id: int, *, on: date, by: Actor, now: datetime
) -> Several:
    """Note that these admitted learners are there: their training starts on a day.

    Raises RuleError enrolment_no_cohort, enrolment_in_future.
    """

    def one(
        session: Session, cohort: Cohort, learner: Learner, row: Enrolment, found: Several
    ) -> None:
        if row.state is not EnrolmentState.ADMITTED:
            raise RuleError("enrolment_no_such_move")
        move_in(session, cohort, learner, row, EnrolmentState.TRAINING, on=on, reason=None, by=by,
                now=now)  # fmt: skip
        found.done.append(row.person_id)

    return _each(person_ids, cohort_id, one, on=on, by=by, now=now)


One = Callable[[Session, Cohort, Learner, Enrolment, Several], None]


def _each(
    person_ids: Iterable[int], cohort_id: int, one: One, *, on: date, by: Actor, now: datetime
) -> Several:
    """Do it for each in the order of application, in one transaction."""
    found = Several()
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        ids = set(person_ids)
        learners = locked_learners(session, ids)
        rows = session.scalars(
            sa.select(Enrolment)
            .where(Enrolment.cohort_id == cohort_id, Enrolment.person_id.in_(ids))
            .order_by(Enrolment.applied_at, Enrolment.person_id)
        ).all()
        for row in rows:
            # A refusal comes before anything of this one is written, so the others stand.
            try:
                one(session, cohort, learners[row.person_id], row, found)
            except RuleError as error:
                found.refused.append((row.person_id, error))
        offer_free_seats(session, cohort, by=by, now=now)
    return found
