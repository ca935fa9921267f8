"""The workshop's block of today's work on the home page, a noun a module."""

from datetime import datetime

from core.access import Actor
from core.programme import HomeCard
from workshop.home.guidance import guidance_cards
from workshop.home.learners import learner_cards
from workshop.home.placements import placement_cards
from workshop.home.places import place_cards
from workshop.home.schedule import schedule_cards
from workshop.home.sessions import session_cards

_PARTS = (
    session_cards, place_cards, schedule_cards, learner_cards, placement_cards, guidance_cards,
)  # fmt: skip


def home(actor: Actor, now: datetime) -> list[HomeCard]:
    """The cards of all parts: sessions first, because they happen today.

    Each part returns its cards, or none for whoever has no business with it.
    """
    return [card for part in _PARTS for card in part(actor, now)]
