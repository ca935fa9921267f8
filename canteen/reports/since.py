"""What has changed about a report since it was issued: meals, sales and adjustments, come or gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from canteen.models import Meal, MealAdjustment, MealEvent, OtherSale
from canteen.reports import read
from core.db import db
from core.reports.values import Built, Period

# An entry bears the moment its request began, and is written a little later: longer than any of them.
_IN_FLIGHT = timedelta(hours=1)


def changes(period: Period, scope: str, issued_at: datetime, counted: Callable[[], Built]) -> int:
    """How many meals, sales and adjustments are there now and were not counted, or the reverse.

    issued_at: when it was. counted: reads what was counted, and is only asked where something came
    in since then. Raises KeyError for an unknown scope.
    """
    wanted = read.range_of(period, scope)
    if not _came_in(wanted, issued_at - _IN_FLIGHT):
        return 0
    return len(_then(counted()) ^ _now(wanted))


def _then(built: Built) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, columns in (
        ("meals", ("event_id",)), ("others", ("event_id",)), ("adjustments", ("event_id", "site")),
    ):  # fmt: skip
        data = built.datasets[name]
        places = [data.place(column) for column in columns]
        found.update((name, *(row[place] for place in places)) for row in data.rows)
    return found


def _came_in(wanted: read.Range, since: datetime) -> bool:
    event: Any = MealEvent.__table__.c
    booked: Any = MealAdjustment.__table__.c
    arrived = sa.exists().where(wanted.of(event.day, event.site_id), event.received_at > since)
    adjusted = sa.exists().where(*_booked(wanted), booked.booked_at > since)
    return bool(db.session.scalar(sa.select(sa.or_(arrived, adjusted))))


def _booked(wanted: read.Range) -> tuple[sa.ColumnElement[bool], ...]:
    row: Any = MealAdjustment.__table__.c
    months = [str(month) for month in wanted.period.months()]
    return row.booked_month.in_(months), row.site_id.in_(list(wanted.sites))


def _now(wanted: read.Range) -> set[tuple[str, ...]]:
    meal: Any = Meal.__table__.c
    sale: Any = OtherSale.__table__.c
    booked: Any = MealAdjustment.__table__.c
    execute = db.session.execute
    return {
        *(("meals", str(id)) for id, in execute(
            sa.select(meal.event_id).where(wanted.of(meal.day, meal.site_id)))),
        *(("others", str(id)) for id, in execute(
            sa.select(sale.id).where(wanted.of(sale.day, sale.site_id)))),
        *(("adjustments", str(id), wanted.sites[site_id].slug) for id, site_id in execute(
            sa.select(booked.event_id, booked.site_id).where(*_booked(wanted)))),
    }  # fmt: skip
