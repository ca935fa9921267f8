"""Facts about a month that was submitted: its rows stay, the difference is booked in a later month.

What a person's sitting comes to is still what all its events say (`rules.meal_of`). A month's rows
are frozen where its report was submitted; so what is owed now, minus the frozen row, minus what was
booked before, is booked as an adjustment of the event that made the difference. A scan of the
present month, which nobody can have submitted, looks at nothing here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from canteen.actions import statements as sql
from canteen.actions.records import Row, meal_row
from canteen.models import MealAdjustment
from canteen.models.meals import LAYER_COLUMNS
from canteen.rules import meal_of
from canteen.values import Event, EventKind, PastMeal, Sitting
from core.access import Actor
from core.clock import Month, service_day
from core.reports.months import closed_scopes, hold_first_open_month, hold_month, is_closed
from core.sites.models import Site

REPORT = "canteen"
ADJUSTMENT: Any = MealAdjustment.__table__
SUMS = ("visits", "price_fen", *LAYER_COLUMNS.values(), "subsidy_fen", "copay_fen")
Triple = tuple[int, date, Sitting]
Sums = tuple[int, ...]
_NOTHING: Sums = (0,) * len(SUMS)
# Keys of `words.LATE`: why a difference was booked when nobody wrote a reason.
UPLOADED, REGISTERED_LATE = "uploaded", "registered_late"


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that makes a difference: why, and who booked it when."""

    event_id: UUID
    reason: str
    by: str
    now: datetime

    @classmethod
    def of(cls, event: Mapping[str, Any], by: Actor, now: datetime) -> "Cause":
        """The event of a meal or sale that comes in now."""
        known = UPLOADED if event["is_fact"] else REGISTERED_LATE
        return cls(event["id"], (event["note"] or known)[:256], by.name[:64], now)


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month that was submitted for some sites or all."""

    month: Month
    scopes: frozenset[str]
    slugs: Mapping[int, str]

    def covers(self, site_id: int) -> bool:
        """Whether the rows of this site are frozen."""
        return is_closed(self.scopes, self.slugs[site_id])


def is_of_another_month(day: date, now: datetime) -> bool:
    """Whether a fact about this day may concern a month that was submitted."""
    today = service_day(now)
    return (day.year, day.month) != (today.year, today.month)


def closed_month(connection: sa.Connection, day: date, now: datetime) -> ClosedMonth | None:
    """The month of a day, if anything of it was submitted; held until the transaction ends.

    To be called before the diner is locked. None, without a look, for a day of the present month.
    """
    if not is_of_another_month(day, now):
        return None
    month = Month.of(day)
    hold_month(connection, REPORT, month)
    scopes = closed_scopes(connection, REPORT, month)
    if not scopes:
        return None
    slugs = dict(connection.execute(sa.select(Site.id, Site.slug)).tuples().all())
    return ClosedMonth(month, scopes, slugs)


def event_of(row: Mapping[str, Any]) -> Event:
    """As much of a stored event as decides what is owed."""
    return Event(row["id"], row["kind"], row["occurred_at"], row["voids_id"])


def meal_by_events(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The event of a triple that is its meal; None when nothing stands."""
    known = {row["id"]: row for row in rows}
    folded = meal_of(map(event_of, known.values()))
    return known[folded.meal.id] if folded.meal else None


def events_of(connection: sa.Connection, triple: Triple) -> list[Row]:
    """All served and voided events of a triple."""
    person_id, day, sitting = triple
    key = {"person_id": person_id, "on_day": day, "sitting": sitting}
    return [dict(row) for row in connection.execute(sql.TRIPLE, key).mappings()]


def sums_of(meal: Mapping[str, Any] | None) -> Sums:
    """A meal as the amounts of an adjustment: one visit and its money."""
    return _NOTHING if meal is None else (1, *(meal[name] for name in SUMS[1:]))


def booked(rows: Iterable[Mapping[str, Any]]) -> dict[int, Sums]:
    """The sums of adjustments by site."""
    sums: dict[int, Sums] = {}
    for row in rows:
        sums[row["site_id"]] = plus(
            sums.get(row["site_id"], _NOTHING), tuple(row[name] for name in SUMS)
        )
    return sums


def plus(one: Sums, other: Sums, sign: int = 1) -> Sums:
    """The sum of two, or their difference."""
    return tuple(a + sign * b for a, b in zip(one, other, strict=True))


def differences_by_site(
    truth: Mapping[str, Any] | None, kept: Mapping[str, Any] | None, adjusted: Mapping[int, Sums]
) -> dict[int, Sums]:
    """What is owed, minus the row that is kept, minus what was booked: by site, zeros left out."""
    left = {site_id: plus(_NOTHING, sums, -1) for site_id, sums in adjusted.items()}
    for meal, sign in ((truth, 1), (kept, -1)):
        if meal is not None:
            site_id = meal["site_id"]
            left[site_id] = plus(left.get(site_id, _NOTHING), sums_of(meal), sign)
    return {site_id: sums for site_id, sums in left.items() if any(sums)}


def kept_row(closed: ClosedMonth, stored: Row | None, truth: Row | None) -> Row | None:
    """The row that a triple has: a frozen one for ever, else what is owed where the month is open."""
    if stored is not None and closed.covers(stored["site_id"]):
        return stored
    return truth if truth is not None and not closed.covers(truth["site_id"]) else None


def book_difference(
    connection: sa.Connection,
    closed: ClosedMonth,
    triple: Triple,
    truth: Mapping[str, Any] | None,
    kept: Mapping[str, Any] | None,
    cause: Cause,
) -> None:
    """Book what the event of `cause` changed about a triple; nothing when it changed no amount."""
    person_id, day, sitting = triple
    rows = connection.execute(
        sa.select(ADJUSTMENT).where(
            ADJUSTMENT.c.person_id == person_id, ADJUSTMENT.c.day == day,
            ADJUSTMENT.c.sitting == sitting, ADJUSTMENT.c.other_kind.is_(None),
        )
    ).mappings()  # fmt: skip
    adjusted = booked(dict(row) for row in rows)
    for site_id, sums in sorted(differences_by_site(truth, kept, adjusted).items()):
        _book(connection, closed, cause, sums, {
            "person_id": person_id, "other_kind": None, "site_id": site_id, "day": day, "sitting": sitting,
        })  # fmt: skip


def book_sale(
    connection: sa.Connection,
    closed: ClosedMonth,
    sale: Mapping[str, Any],
    visits: int,
    cause: Cause,
) -> None:
    """Book a sale outside the subsidy that came in late (visits 1) or was taken back late (−1).

    sale: its served event.
    """  # fmt: skip
    price = visits * sale["price_fen"]
    amounts = {"visits": visits, "price_fen": price, "copay_fen": price}
    _book(connection, closed, cause, tuple(amounts.get(name, 0) for name in SUMS), {
        "person_id": sale["host_id"], "other_kind": sale["other_kind"], "site_id": sale["site_id"],
        "day": sale["day"], "sitting": sale["sitting"],
    })  # fmt: skip


def _book(
    connection: sa.Connection, closed: ClosedMonth, cause: Cause, sums: Sums, about: Row
) -> None:
    month = hold_first_open_month(connection, REPORT, closed.month, closed.slugs[about["site_id"]])
    connection.execute(sa.insert(ADJUSTMENT), {
        "event_id": cause.event_id, **about, "of_month": str(closed.month), "booked_month": str(month),
        **dict(zip(SUMS, sums, strict=True)), "reason": cause.reason, "booked_at": cause.now,
        "booked_by": cause.by,
    })  # fmt: skip


def adjusted_meals(
    connection: sa.Connection, first: date, last: date, person_id: int | None = None
) -> dict[Triple, Row | None]:
    """What is owed now for the triples with an adjustment, between two days: of one person, or all."""
    where = [ADJUSTMENT.c.day >= first, ADJUSTMENT.c.day <= last, ADJUSTMENT.c.other_kind.is_(None)]
    if person_id is not None:
        where.append(ADJUSTMENT.c.person_id == person_id)
    key = (ADJUSTMENT.c.person_id, ADJUSTMENT.c.day, ADJUSTMENT.c.sitting)
    triples = {tuple(row) for row in connection.execute(sa.select(*key).where(*where).distinct())}
    if not triples:
        return {}
    event = sql.EVENT.c
    rows = connection.execute(
        sa.select(sql.EVENT).where(
            event.person_id.in_({each[0] for each in triples}),
            event.day.in_({each[1] for each in triples}),
            event.kind.in_([EventKind.SERVED, EventKind.VOIDED]),
            event.other_kind.is_(None), event.is_practice.is_(sa.false()),
        )
    ).mappings()  # fmt: skip
    by_triple: dict[Triple, list[Row]] = {triple: [] for triple in triples}
    for row in rows:
        found = by_triple.get((row["person_id"], row["day"], row["sitting"]))
        if found is not None:
            found.append(dict(row))
    meals = {triple: meal_by_events(rows) for triple, rows in by_triple.items()}
    return {triple: meal_row(event) if event else None for triple, event in meals.items()}


def past_meals(
    connection: sa.Connection, person_id: int, first: date, last: date, now: datetime
) -> list[tuple[date, Sitting, PastMeal]]:
    """Her subsidised meals between two days as they are owed now, for limits. The diner is locked."""
    past = {
        (row.day, row.sitting): PastMeal(row.day, row.tariff_id, row.subsidy_fen)
        for row in sql.PAST.rows(connection, person_id=person_id, first=first, last=last)
    }
    if is_of_another_month(first, now):
        for (_, day, sitting), meal in adjusted_meals(connection, first, last, person_id).items():
            past.pop((day, sitting), None)
            if meal is not None and meal["subsidy_fen"] > 0:
                past[day, sitting] = PastMeal(day, meal["tariff_id"], meal["subsidy_fen"])
    return [(day, sitting, meal) for (day, sitting), meal in past.items()]
