"""Placements on the home page: what is due today, for those who lead women into work."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock
from core.access import Actor, Role
from core.programme import HomeCard
from workshop.lists import jobs as listing
from workshop.views.jobs_visible import MAY_PLACE
from workshop.views.visible import workshops


def placement_cards(actor: Actor, now: datetime) -> list[HomeCard]:
    """Follow-ups due, jobs started and not verified, vacancies that nobody is referred to."""
    roles = (Role.ADMIN, *MAY_PLACE)
    if not actor.has(*roles) or not (sites := workshops(*roles)):
        return []
    site_ids, today = frozenset(site.id for site in sites), clock.service_day(now)
    due, overdue = listing.due_counts(today, site_ids)
    unverified, empty = listing.unverified_count(site_ids), listing.empty_vacancies(today)
    note: Any = _("%(count)s of them overdue", count=overdue) if overdue else _l("due today")
    return [
        HomeCard(_l("Follow-ups"), str(due + overdue), note, "workshop.follow_ups", {},
                 "bad" if overdue else "warn" if due else "plain"),
        HomeCard(_l("Started, not verified"), str(unverified), _l("counts once it is verified"),
                 "workshop.placements", {"state": "started"}, "warn" if unverified else "plain"),
        HomeCard(_l("Vacancies without candidates"), str(empty), _l("nobody is referred there yet"),
                 "workshop.vacancies", {}, "warn" if empty else "plain"),
    ]  # fmt: skip
