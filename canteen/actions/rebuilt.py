"""The proof that all still fits: every meal and sale made anew from its events, and compared.

Where a month was submitted, its row is frozen: then the row must be what its own event says, and
row and adjustments together must come to what all events say.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from canteen.actions import statements as sql
from canteen.actions.late import (
    ADJUSTMENT,
    REPORT,
    booked,
    differences_by_site,
    meal_by_events,
)
from canteen.actions.records import Row, meal_row, other_row
from canteen.values import EventKind
from core.clock import Month
from core.db import db
from core.reports.models import Report
from core.reports.values import ReportState
from core.sites.models import Site

Key = tuple[Any, ...]
# What a meal or sale is made of; the stored answers, which are most of an event, stay where they are.
_OF_EVENT = [
    sql.EVENT.c[name]
    for name in (
        "id", "kind", "voids_id", "person_id", "other_kind", "host_id", "site_id", "day", "sitting",
        "way", "recording", "collected_by", "occurred_at", "price_fen", "subsidy_fen", "copay_fen",
        "priced",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A triple or sale whose stored row, with its adjustments, is not what its events say."""

    key: Key
    stored: Mapping[str, Any] | None
    rebuilt: Mapping[str, Any] | None

    @property
    def event_id(self) -> UUID | None:
        """The event of what is stored, or of what should be."""
        row = self.stored or self.rebuilt
        return row.get("event_id", row.get("id")) if row else None


@dataclass
class _Thing:
    """One triple or one sale: its events, its stored row, its adjustments."""

    events: list[Row] = field(default_factory=list)
    stored: Row | None = None
    adjustments: list[Row] = field(default_factory=list)

    @property
    def sites(self) -> set[int]:
        rows = [*self.events, *self.adjustments, *([self.stored] if self.stored else [])]
        return {row["site_id"] for row in rows}

    @property
    def day(self) -> date:
        found: date = next(
            row["day"] for row in (self.stored, *self.events, *self.adjustments) if row is not None
        )
        return found


def differences(
    first: date | None = None,
    last: date | None = None,
    *,
    days: Collection[date] | None = None,
    site_ids: Collection[int] | None = None,
) -> list[Difference]:
    """Rebuild every meal and other sale and compare; empty when all is well.

    first, last: days, both included. days: only these. site_ids: only what concerns these sites.
    None means all.
    """
    with db.engine.connect() as connection:
        read = _Read(connection, _When(first, last, days), site_ids)
        meals, sales = read.things()
        closed = _closed(connection)
    found = [
        *_compared(meals, closed, _rebuilt_meal, _own_meal),
        *_compared(sales, closed, _rebuilt_sale, _own_sale),
    ]
    return sorted(found, key=lambda each: str(each.key))


@dataclass(frozen=True)
class _When:
    first: date | None
    last: date | None
    days: Collection[date] | None

    def of(self, day: Any) -> list[sa.ColumnElement[bool]]:
        """The condition on a column, in parts."""
        parts = [day >= self.first] if self.first else []
        parts += [day <= self.last] if self.last else []
        return parts + ([day.in_(sorted(self.days))] if self.days is not None else [])


class _Read:
    """The rows of some days and sites: a constant number of queries."""

    def __init__(
        self, connection: sa.Connection, when: _When, site_ids: Collection[int] | None
    ) -> None:
        self._connection = connection
        self._when, self._sites = when, site_ids

    def _here(self, table: Any) -> sa.ColumnElement[bool]:
        # Sites are named one by one, so that the index of sites and days serves.
        every = sa.select(Site.id).scalar_subquery()
        here: sa.ColumnElement[bool] = table.c.site_id.in_(
            every if self._sites is None else list(self._sites)
        )
        return here

    def _rows(self, columns: Any, table: Any, *where: Any) -> Iterable[Row]:
        """Rows of the sites; then, of whoever has anything there, those that lie elsewhere."""
        here, days = self._here(table), self._when.of(table.c.day)
        statements = [sa.select(*columns).where(here, *days, *where)]
        if self._sites is not None and "person_id" in table.c:
            people = sa.union(*(
                sa.select(each.c.person_id).where(self._here(each), *self._when.of(each.c.day))
                for each in (sql.EVENT, sql.MEAL, ADJUSTMENT)
            ))  # fmt: skip
            elsewhere = (~here, table.c.person_id.in_(people), *days)
            statements.append(sa.select(*columns).where(*elsewhere, *where))
        for statement in statements:
            yield from (dict(row) for row in self._connection.execute(statement).mappings())

    def things(self) -> tuple[dict[Key, _Thing], dict[Key, _Thing]]:
        """Triples and sales by their key."""
        meals: dict[Key, _Thing] = {}
        sales: dict[Key, _Thing] = {}
        sale_of: dict[UUID, UUID] = {}
        event = sql.EVENT
        for row in self._rows(
            _OF_EVENT, event, event.c.kind.in_([EventKind.SERVED, EventKind.VOIDED]),
            event.c.is_practice.is_(sa.false()),
        ):  # fmt: skip
            if row["other_kind"] is not None:
                sale_of[row["id"]] = row["voids_id"] or row["id"]
                sales.setdefault((sale_of[row["id"]],), _Thing()).events.append(row)
            elif row["person_id"] is not None:
                meals.setdefault(_triple(row), _Thing()).events.append(row)
        for row in self._rows(sql.MEAL.c, sql.MEAL):
            meals.setdefault(_triple(row), _Thing()).stored = row
        for row in self._rows(sql.OTHER.c, sql.OTHER):
            sales.setdefault((row["id"],), _Thing()).stored = row
        for row in self._rows(ADJUSTMENT.c, ADJUSTMENT):
            is_sale = row["other_kind"] is not None
            key = (sale_of.get(row["event_id"], row["event_id"]),) if is_sale else _triple(row)
            (sales if is_sale else meals).setdefault(key, _Thing()).adjustments.append(row)
        return self._chosen(meals), self._chosen(sales)

    def _chosen(self, things: dict[Key, _Thing]) -> dict[Key, _Thing]:
        if self._sites is None:
            return things
        wanted = set(self._sites)
        return {key: each for key, each in things.items() if not wanted.isdisjoint(each.sites)}


def _triple(row: Mapping[str, Any]) -> Key:
    return row["person_id"], row["day"], row["sitting"]


def _closed(connection: sa.Connection) -> dict[str, frozenset[str]]:
    """The scopes in which each month was submitted."""
    report: Any = Report.__table__.c
    closing = [state for state in ReportState if state.was_submitted]
    found: dict[str, frozenset[str]] = {}
    rows = connection.execute(
        sa.select(report.period, report.scope)
        .where(report.name == REPORT, report.state.in_(closing))
        .distinct()
    )
    for period, scope in rows:
        found[period] = found.get(period, frozenset()) | {scope}
    return found


def _compared(
    things: Mapping[Key, _Thing], closed: Mapping[str, frozenset[str]], rebuilt: Any, own: Any
) -> Iterable[Difference]:
    for key, thing in things.items():
        truth = rebuilt(thing)
        if thing.stored == truth and not thing.adjustments:
            continue
        if str(Month.of(thing.day)) in closed:
            says = own(thing)
            if thing.stored != says:
                yield Difference(key, thing.stored, says)
            elif _left(truth, thing):
                yield Difference(key, thing.stored, truth)
        else:
            yield Difference(key, thing.stored, truth)


def _left(truth: Row | None, thing: _Thing) -> dict[int, Any]:
    """What neither the row nor the adjustments account for."""
    whole = (_as_meal(truth), _as_meal(thing.stored))
    return differences_by_site(*whole, booked(thing.adjustments))


def _as_meal(row: Row | None) -> Row | None:
    """A sale has a price that is paid in full, and no layers."""
    if row is None or "copay_fen" in row:
        return row
    layers = {name: 0 for name in ADJUSTMENT.c.keys() if name.endswith("_fen")}  # noqa: SIM118
    return {**layers, **row, "copay_fen": row["price_fen"]}


def _rebuilt_meal(thing: _Thing) -> Row | None:
    event = meal_by_events(thing.events)
    return meal_row(event) if event else None


def _own_meal(thing: _Thing) -> Row | None:
    """What the event of the stored meal alone says; None where there is no such event."""
    return _own(thing, "event_id", meal_row)


def _rebuilt_sale(thing: _Thing) -> Row | None:
    if any(event["kind"] is EventKind.VOIDED for event in thing.events):
        return None
    return next((other_row(event) for event in thing.events), None)


def _own_sale(thing: _Thing) -> Row | None:
    return _own(thing, "id", other_row)


def _own(thing: _Thing, name: str, made: Any) -> Row | None:
    stored = thing.stored
    if stored is None:
        return None
    served = (event for event in thing.events if event["kind"] is EventKind.SERVED)
    return next((made(event) for event in served if event["id"] == stored[name]), None)
