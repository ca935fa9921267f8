"""A month that was submitted keeps its sessions: none is added, moved or cancelled in it."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session as DbSession

from core.clock import Month, service_day
from core.errors import RuleError
from core.reports.months import closed_scopes, hold_month, is_closed

REPORT = "workshop"


def hold_open_months(
    session: DbSession, site_slug: str, days: Iterable[date], now: datetime
) -> None:
    """Let nobody submit the months of these days before the transaction ends.

    To be called before anything else is locked. A month that is not over cannot be submitted, so
    planning ahead holds nothing. Raises RuleError session_month_submitted (month).
    """
    this_month = Month.of(service_day(now))
    for month in sorted({Month.of(day) for day in days if Month.of(day) < this_month}):
        hold_month(session.connection(), REPORT, month)
        if is_closed(closed_scopes(session.connection(), REPORT, month), site_slug):
            raise RuleError("session_month_submitted", month=str(month))
