"""Which days the office works: the week, the public holidays and the make-up working days (调休)."""

from datetime import date, timedelta
from functools import lru_cache

import sqlalchemy as sa

from core.clock import Month
from core.db import db
from core.sites.models import CalendarDay, DayKind
from core.sites.public_holidays import public_days


def first_working_day(month: Month) -> date:
    """The first day of a month on which the office works.

    What the calendar says of everywhere goes first; for a year that nobody has filled in yet, the
    public holidays as they are known.
    """
    kinds = {row.on: row.kind for row in db.session.execute(
        sa.select(CalendarDay.on, CalendarDay.kind).where(
            CalendarDay.site_id.is_(None),
            CalendarDay.on.between(date(month.year, 1, 1), date(month.year, 12, 31)),
        )
    )} or _public(month.year)  # fmt: skip
    day = month.first
    while not _is_worked(day, kinds.get(day)):
        day += timedelta(days=1)
    return day


def _is_worked(day: date, kind: DayKind | None) -> bool:
    if kind is None:
        return day.isoweekday() <= 5
    return kind is DayKind.WORKDAY


@lru_cache(maxsize=4)
def _public(year: int) -> dict[date, DayKind]:
    return {day.on: day.kind for day in public_days(year)}
