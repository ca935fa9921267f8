"""Stages of a business of her own, and of a loan for it."""

from enum import StrEnum


class VentureStage(StrEnum):
    """How far a business of her own has come, in the order in which it usually goes."""

    IDEA = "idea"
    PREPARING = "preparing"
    LICENSED = "licensed"
    OPERATING = "operating"
    ENDED = "ended"

    @property
    def is_licensed(self) -> bool:
        """Whether it has a licence, and she may be registered as placed by it."""
        return self in (VentureStage.LICENSED, VentureStage.OPERATING)


class LoanState(StrEnum):
    PREPARING = "preparing"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PAID_OUT = "paid_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPAID = "repaid"

    @property
    def is_granted(self) -> bool:
        """Whether the bank has said yes, and to how much."""
        return self in (LoanState.APPROVED, LoanState.PAID_OUT, LoanState.REPAID)
