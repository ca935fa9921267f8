"""The workshop's block of today's work on the home page, a noun a module."""

from datetime import datetime

from core.access import Actor
from core.programme import HomeCard
from workshop.home.guidance import guidance_cards
from workshop.home.sessions import session_cards


def home(actor: Actor, now: datetime) -> list[HomeCard]:
    """Sessions first: they happen today."""
    return session_cards(actor, now) + guidance_cards(actor, now)
