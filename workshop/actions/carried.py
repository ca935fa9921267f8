"""What comes along with a transfer, also when it is marked or corrected only afterwards."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session as Writing

from core import audit
from core.access import Actor
from workshop.models import Cohort, Enrolment, EnrolmentMove
from workshop.queries import Pair, figures_of
from workshop.values import EnrolmentState

_E = EnrolmentState


def carried_min(old: Enrolment, old_cohort: Cohort, cohort: Cohort, now: datetime) -> int:
    """Minutes that she was credited up to her last day, as far as the new cohort plans them."""
    counted = figures_of([old], {old_cohort.id: old_cohort}, now)[old.person_id, old.cohort_id]
    return min(counted.all_credited_min, cohort.planned_min)


def carry_again(session: Writing, places: Iterable[Pair], *, by: Actor, now: datetime) -> None:
    """Count anew what came along from those of these places that were transferred, to the last in line.

    To be called under the lock of the learners.
    """
    pairs = set(places)
    # A place that was transferred is never taken again, so the line has an end.
    while pairs:
        lefts = _transferred(session, pairs)
        if not lefts:
            return
        successors = _successors(session, lefts)
        ids = {left.cohort_id for left in lefts} | {new.cohort_id for new in successors.values()}
        cohorts = {
            row.id: row for row in session.scalars(sa.select(Cohort).where(Cohort.id.in_(ids)))
        }
        counted = figures_of(lefts, cohorts, now)
        pairs = set()
        for key, row in successors.items():
            carried = min(counted[key].all_credited_min, cohorts[row.cohort_id].planned_min)
            if carried == row.carried_min:
                continue
            audit.record(session, "enrolment.carried", by=by, now=now, person_id=row.person_id,
                         subject=f"enrolment:{row.person_id}:{row.cohort_id}",
                         before={"carried_min": row.carried_min},
                         after={"from_cohort": key[1], "carried_min": carried})  # fmt: skip
            row.carried_min = carried
            pairs.add((row.person_id, row.cohort_id))
        session.flush()


def _transferred(session: Writing, pairs: set[Pair]) -> list[Enrolment]:
    return list(session.scalars(
        sa.select(Enrolment)
        .where(sa.tuple_(Enrolment.person_id, Enrolment.cohort_id).in_(pairs),
               Enrolment.state == _E.TRANSFERRED)
        .execution_options(populate_existing=True)
    ))  # fmt: skip


def _successors(session: Writing, lefts: list[Enrolment]) -> Mapping[Pair, Enrolment]:
    """By the place that was left, the one to which she was moved."""
    key = (EnrolmentMove.person_id, EnrolmentMove.cohort_id)
    rows = session.execute(
        sa.select(EnrolmentMove.cohort_id, Enrolment)
        .join(Enrolment, sa.and_(Enrolment.person_id == EnrolmentMove.person_id,
                                 Enrolment.cohort_id == EnrolmentMove.other_cohort_id))
        .where(sa.tuple_(*key).in_([(one.person_id, one.cohort_id) for one in lefts]),
               EnrolmentMove.to_state == _E.TRANSFERRED)
        .order_by(*key)
        .execution_options(populate_existing=True)
    ).tuples()  # fmt: skip
    return {(row.person_id, left_id): row for left_id, row in rows}
