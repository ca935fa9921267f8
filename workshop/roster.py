"""Who stands on the sheet of a session: one place that says it, for verbs, pages and paper."""

from datetime import date

import sqlalchemy as sa

from workshop.models import Enrolment
from workshop.values import EnrolmentState

_E = EnrolmentState
# Whoever left is still on the sheets of the days until she left.
_GONE = (_E.WITHDRAWN, _E.TRANSFERRED)
_THERE = (_E.ADMITTED, _E.TRAINING, _E.COMPLETED, _E.INCOMPLETE)


def on_the_sheet(cohort_id: object, on: object) -> sa.ColumnElement[bool]:
    """Condition on Enrolment: a place in this cohort on this day. Both may be columns."""
    return sa.and_(
        Enrolment.cohort_id == cohort_id,
        sa.or_(Enrolment.state.in_(_THERE),
               sa.and_(Enrolment.state.in_(_GONE), Enrolment.left_on.is_not(None))),
        sa.or_(Enrolment.joined_on.is_(None), Enrolment.joined_on <= on),
        sa.or_(Enrolment.left_on.is_(None), Enrolment.left_on >= on),
    )  # fmt: skip


def is_on_the_sheet(
    state: EnrolmentState, joined_on: date | None, left_on: date | None, on: date
) -> bool:
    """The same of one place that was read."""
    if state not in _THERE and (state not in _GONE or left_on is None):
        return False
    return (joined_on is None or joined_on <= on) and (left_on is None or left_on >= on)
