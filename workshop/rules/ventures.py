"""Which moves the stages of a venture and the states of a loan allow, and what each must say.

Stages: 想法 → 筹备 → 已领照 → 经营中 → 已结束. Forward a stage may be skipped; back needs a reason.
"""

from collections.abc import Mapping

from core.errors import RuleError
from workshop.values import LoanState, VentureStage

_L = LoanState
_STAGES = list(VentureStage)

LOAN: Mapping[LoanState, frozenset[LoanState]] = {
    _L.PREPARING: frozenset({_L.SUBMITTED, _L.WITHDRAWN}),
    _L.SUBMITTED: frozenset({_L.APPROVED, _L.REFUSED, _L.WITHDRAWN}),
    _L.APPROVED: frozenset({_L.PAID_OUT, _L.WITHDRAWN}),
    _L.PAID_OUT: frozenset({_L.REPAID}),
    # Whoever was refused may mend the papers and ask again: it is the same application.
    _L.REFUSED: frozenset({_L.SUBMITTED}),
    _L.WITHDRAWN: frozenset(),
    _L.REPAID: frozenset(),
}


def is_back(before: VentureStage, after: VentureStage) -> bool:
    """Whether a move takes back what was reached; reopening what had ended is one."""
    return _STAGES.index(after) < _STAGES.index(before)


def check_stage_move(
    before: VentureStage, after: VentureStage, *, reason: str | None, has_licence: bool
) -> None:
    """Raises RuleError venture_same_stage, reason_needed, licence_needed.

    reason: needed for a move back, and for the end. has_licence: the day and number are known.
    """
    if after is before:
        raise RuleError("venture_same_stage", stage=str(after))
    if (is_back(before, after) or after is VentureStage.ENDED) and not (reason or "").strip():
        raise RuleError("reason_needed")
    if after.is_licensed and not has_licence:
        raise RuleError("licence_needed")


def check_loan_move(before: LoanState, after: LoanState, granted_fen: int | None) -> None:
    """granted_fen: what the bank granted. Raises RuleError loan_no_such_move, loan_amount_needed."""
    if after not in LOAN[before]:
        raise RuleError("loan_no_such_move", before=str(before), after=str(after))
    if after.is_granted and not granted_fen:
        raise RuleError("loan_amount_needed")
