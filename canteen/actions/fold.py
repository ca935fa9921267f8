"""Meals made of events: one (person, day, sitting) folded anew, and the proof that all still fit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from canteen.actions import statements as sql
from canteen.actions.records import Row, exception_row, meal_row, other_row
from canteen.rules import meal_of
from canteen.values import Event, EventKind, ExceptionKind, Sitting
from core.db import db

Triple = tuple[int, date, Sitting]


def lock_diner(connection: sa.Connection, person_id: int) -> None:
    """Let one at a time work on a diner's meals. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql.LOCK_DINER, {"person_id": person_id})


def refold(connection: sa.Connection, triple: Triple, now: datetime) -> None:
    """Make the meal of a triple what its events say, and park the rest. The diner is locked.

    A scan that inserts its meal at this very moment holds the meal's key, so every path here
    touches the meal before it reads the events.
    """
    person_id, day, sitting = triple
    key = {"person_id": person_id, "on_day": day, "sitting": sitting}
    rows = {row.id: dict(row._mapping) for row in connection.execute(sql.TRIPLE, key)}
    folded = meal_of(_event(row) for row in rows.values())
    stored = connection.execute(sql.MEAL_OF, key).first()
    if folded.meal is None:
        if stored is not None:
            connection.execute(
                sql.DROP_MEAL, {"person": person_id, "on_day": day, "at_sitting": sitting}
            )
    elif stored is None or stored.event_id != folded.meal.id:
        put_meal(connection, meal_row(rows[folded.meal.id]))
    _park(connection, rows, {event.id for event in folded.parked}, now)


def _event(row: Mapping[str, Any]) -> Event:
    return Event(row["id"], row["kind"], row["occurred_at"], row["voids_id"])


def put_meal(connection: sa.Connection, row: Row) -> None:
    """Insert a meal, or make the one of its triple equal to it."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = ["person_id", "day", "sitting"]
    statement = insert(sql.MEAL).values(row)
    changed = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def _park(
    connection: sa.Connection,
    rows: Mapping[UUID, Mapping[str, Any]],
    parked: set[UUID],
    now: datetime,
) -> None:
    rest = [row["id"] for row in rows.values() if row["id"] not in parked]
    connection.execute(sql.CLOSE_SECOND_SERVINGS, {"event_ids": rest})
    for event_id in sorted(parked):
        row = exception_row(rows[event_id], ExceptionKind.SECOND_SERVING, {}, now)
        sql.insert_once(connection, sql.EXCEPTION, row)


@dataclass(frozen=True, slots=True)
class Difference:
    """A triple or sale whose stored row is not what its events say."""

    key: tuple[Any, ...]
    stored: Mapping[str, Any] | None
    rebuilt: Mapping[str, Any] | None


def differences(first: date | None = None, last: date | None = None) -> list[Difference]:
    """Rebuild every meal and other sale from the events and compare; empty when all is well."""
    event, between = sql.EVENT, _between
    statement = sa.select(event).where(
        event.c.kind.in_([EventKind.SERVED, EventKind.VOIDED]),
        event.c.is_practice.is_(sa.false()),
        between(event.c.day, first, last),
    )
    triples: dict[Triple, list[Mapping[str, Any]]] = {}
    sales: list[Mapping[str, Any]] = []
    with db.engine.connect() as connection:
        for found in connection.execute(statement).mappings():
            row = dict(found)
            if row["other_kind"] is not None:
                sales.append(row)
            elif row["person_id"] is not None:
                triples.setdefault((row["person_id"], row["day"], row["sitting"]), []).append(row)
        meals = [dict(row) for row in connection.execute(
            sa.select(sql.MEAL).where(between(sql.MEAL.c.day, first, last))).mappings()]  # fmt: skip
        others = [dict(row) for row in connection.execute(
            sa.select(sql.OTHER).where(between(sql.OTHER.c.day, first, last))).mappings()]  # fmt: skip
    stored_meals = {(row["person_id"], row["day"], row["sitting"]): row for row in meals}
    stored_sales = {(row["id"],): row for row in others}
    return [
        *_compare(stored_meals, dict(_rebuilt_meals(triples))),
        *_compare(stored_sales, _rebuilt_sales(sales)),
    ]


def _between(column: Any, first: date | None, last: date | None) -> sa.ColumnElement[bool]:
    bounds = [column >= first] if first else []
    return sa.and_(sa.true(), *bounds, *([column <= last] if last else []))


def _rebuilt_meals(
    triples: Mapping[Triple, list[Mapping[str, Any]]],
) -> Iterable[tuple[tuple[Any, ...], Row]]:
    for triple, rows in triples.items():
        folded = meal_of(_event(row) for row in rows)
        if folded.meal is not None:
            yield triple, meal_row({row["id"]: row for row in rows}[folded.meal.id])


def _rebuilt_sales(rows: list[Mapping[str, Any]]) -> dict[tuple[Any, ...], Row]:
    voided = {row["voids_id"] for row in rows if row["kind"] is EventKind.VOIDED}
    return {
        (row["id"],): other_row(row)
        for row in rows
        if row["kind"] is EventKind.SERVED and row["id"] not in voided
    }


def _compare(
    stored: Mapping[tuple[Any, ...], Mapping[str, Any]], rebuilt: Mapping[tuple[Any, ...], Row]
) -> list[Difference]:
    return [
        Difference(key, stored.get(key), rebuilt.get(key))
        for key in sorted({*stored, *rebuilt}, key=str)
        if stored.get(key) != rebuilt.get(key)
    ]
