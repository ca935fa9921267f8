"""Which moves a cohort may make: prepared, open for enrolment, running, closed or cancelled."""

from collections.abc import Mapping

from core.errors import RuleError
from workshop.values import CohortState

_C = CohortState

MOVES: Mapping[CohortState, frozenset[CohortState]] = {
    _C.PLANNED: frozenset({_C.OPEN, _C.CANCELLED}),
    _C.OPEN: frozenset({_C.RUNNING, _C.CANCELLED}),
    _C.RUNNING: frozenset({_C.CLOSED, _C.CANCELLED}),
    _C.CLOSED: frozenset(
        {_C.RUNNING}
    ),  # closed too early: the office opens it again, with a reason
    _C.CANCELLED: frozenset(),
}


def check_move(before: CohortState, after: CohortState) -> None:
    """Raises RuleError cohort_no_such_move."""
    if after not in MOVES[before]:
        raise RuleError("cohort_no_such_move", before=before.value, after=after.value)


def is_over(state: CohortState) -> bool:
    """Whether nothing of it changes any more, unless it is opened again."""
    return state in (_C.CLOSED, _C.CANCELLED)
