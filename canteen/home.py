"""The canteen's block of today's work on the home page."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from canteen import queries
from canteen.lists import today
from canteen.lists.eligibilities import PaperList, eligibilities
from canteen.models import CanteenException
from canteen.views.visible import canteens
from core import clock
from core.access import OFFICE, Actor, Role
from core.db import db
from core.programme import HomeCard
from core.show import money

# More than these are found on the page of tariffs.
MOST_BUDGETS = 3


def home(actor: Actor, now: datetime) -> list[HomeCard]:
    """Meals of the day for whoever works at a canteen; what waits, for those who settle it."""
    if not actor.has(*OFFICE, Role.MANAGER, Role.COUNTER):
        return []
    site_ids = [site.id for site in canteens()]
    if not site_ids:
        return []
    cards = _today(site_ids, now)
    return cards + _waiting(actor, now) if actor.has(*OFFICE, Role.MANAGER) else cards


def _today(site_ids: list[int], now: datetime) -> list[HomeCard]:
    day = clock.service_day(now)
    counts = today.day_counts(day, site_ids)
    missing = _count(today.missing(day, site_ids, None))
    return [
        HomeCard(_l("Meals today"), str(counts.meals),
                 _("%(people)s people, %(others)s meals outside the subsidy",
                   people=counts.people, others=counts.others), "canteen.today"),
        HomeCard(_l("Not yet eaten"), str(missing), _l("usually come, not yet today"),
                 "canteen.today", {"show": "missing"}),
    ]  # fmt: skip


def _waiting(actor: Actor, now: datetime) -> list[HomeCard]:
    day = clock.service_day(now)
    grace = int(current_app.config["ELIGIBILITY_GRACE_DAYS"])
    papers = {
        show: _count(
            eligibilities(show, day, grace_days=grace, within_days=30, site_ids=actor.site_ids)
        )
        for show in PaperList
    }
    open_statement = sa.select(CanteenException.event_id).where(
        CanteenException.settled_at.is_(None)
    )
    if actor.site_ids is not None:
        open_statement = open_statement.where(CanteenException.site_id.in_(actor.site_ids))
    cards: list[tuple[Any, int, Any, str, dict[str, str]]] = [
        (_l("To be clarified"), _count(open_statement), _l("what a machine could not decide"),
              "canteen.exceptions", {})
    ]  # fmt: skip
    for show, title, note in (
        (
            PaperList.PROPOSED,
            _l("Eligibilities to approve"),
            _l("proposed, waiting for a reviewer"),
        ),
        (PaperList.REVIEW, _l("Eligibilities to review"), _l("run out; still served for a while")),
        (PaperList.EXPIRING, _l("Eligibilities expiring"), _l("within 30 days")),
    ):
        cards.append((title, papers[show], note, "canteen.eligibilities", {"show": show.value}))
    return [
        HomeCard(title, str(count), note, endpoint, args, "warn" if count else "plain")
        for title, count, note, endpoint, args in cards
    ] + (_low_budgets(day) if actor.is_office else [])


def _low_budgets(day: date) -> list[HomeCard]:
    """The budgets of the year of which little or nothing is left, the fullest first."""
    low = sorted(
        (balance for balance in queries.budget_balances(day) if balance.is_low),
        key=lambda balance: -balance.used_percent,
    )
    return [
        HomeCard(_l("Budget used up") if balance.is_used_up else _l("Budget nearly used up"),
                 f"{balance.used_percent} %",
                 _("%(name)s, %(left)s left", name=balance.tariff.name, left=money(balance.left_fen)),
                 "canteen.tariff", {"tariff_id": balance.tariff.id},
                 "bad" if balance.is_used_up else "warn")
        for balance in low[:MOST_BUDGETS]
    ]  # fmt: skip


def _count(statement: sa.Select[Any]) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
        )
        or 0
    )
