"""Stages of a business of her own, and of a loan for it."""

from enum import StrEnum


class VentureStage(StrEnum):
    IDEA = "idea"
    PREPARING = "preparing"
    LICENSED = "licensed"
    OPERATING = "operating"
    ENDED = "ended"


class LoanState(StrEnum):
    PREPARING = "preparing"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PAID_OUT = "paid_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPAID = "repaid"
