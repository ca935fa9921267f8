"""Places in cohorts: applying, the waitlist and its offers, each move between states, transfers.

A verb first locks the cohort, then the learners in the order of their numbers, so that two that
act in the same second queue. Moves are their own audit entries; what else changes is recorded.
"""

from workshop.actions.enrolments.moves import apply, move
from workshop.actions.enrolments.offers import (
    accept_offer,
    decline_offer,
    offer_free_seats,
    sweep_offers,
)
from workshop.actions.enrolments.several import Several, admit, start_training
from workshop.actions.enrolments.subsidy import set_subsidised
from workshop.actions.enrolments.transfers import transfer

__all__ = [
    "Several",
    "accept_offer",
    "admit",
    "apply",
    "decline_offer",
    "move",
    "offer_free_seats",
    "set_subsidised",
    "start_training",
    "sweep_offers",
    "transfer",
]
