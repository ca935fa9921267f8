"""Cohorts and sessions on the home page: what whoever plans has to look at."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from core.access import Actor, Role
from core.programme import HomeCard
from workshop.lists.cohorts import to_do
from workshop.views.visible import AT_WORKSHOP, workshops


def schedule_cards(actor: Actor, now: datetime) -> list[HomeCard]:
    """Sessions without a room or a trainer, cohorts whose day has come. Only what there is."""
    roles = (Role.ADMIN, *AT_WORKSHOP)
    if not actor.has(*roles) or not (sites := workshops(*roles)):
        return []
    found = to_do(frozenset(site.id for site in sites), now)
    cards = (
        (_l("Sessions without a room"), found.without_room, _l("within seven days"),
         "workshop.calendar", {"by": "room"}),
        (_l("Sessions without a trainer"), found.without_trainer, _l("within seven days"),
         "workshop.calendar", {"by": "trainer"}),
        (_l("Cohorts to start"), found.to_start, _l("their first day has come"),
         "workshop.cohorts", {"show": "current"}),
        (_l("Cohorts to close"), found.to_close, _l("their last day is over"),
         "workshop.cohorts", {"show": "running"}),
    )  # fmt: skip
    return [
        HomeCard(title, str(count), note, endpoint, args, "warn")
        for title, count, note, endpoint, args in cards
        if count
    ]
