"""Guidance on the home page: next steps that are due, for those who follow learners."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock
from core.access import Actor, Role
from core.programme import HomeCard
from workshop.lists.guidance import due_count
from workshop.views.visible import AT_WORKSHOP, workshops


def guidance_cards(actor: Actor, now: datetime) -> list[HomeCard]:
    """How many next steps of guidance are due today or were before; none of other people's sites."""
    roles = (Role.ADMIN, *AT_WORKSHOP)
    if not actor.has(*roles) or not (sites := workshops(*roles)):
        return []
    due, overdue = due_count(frozenset(site.id for site in sites), clock.service_day(now))
    note = _("%(count)s of them overdue", count=overdue) if overdue else _l("of business guidance")
    return [
        HomeCard(_l("Next steps due"), str(due), note, "workshop.guidance", {},
                 "bad" if overdue else "warn" if due else "plain")
    ]  # fmt: skip
