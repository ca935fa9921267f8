"""Meals made of events: one (person, day, sitting) folded anew."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from canteen.actions import statements as sql
from canteen.actions.late import (
    Cause,
    ClosedMonth,
    Triple,
    book_difference,
    event_of,
    events_of,
    kept_row,
)
from canteen.actions.records import Row, exception_row, meal_row
from canteen.rules import meal_of
from canteen.values import ExceptionKind


def lock_diner(connection: sa.Connection, person_id: int) -> None:
    """Let one at a time work on a diner's meals. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql.LOCK_DINER, {"person_id": person_id})


def refold(
    connection: sa.Connection,
    triple: Triple,
    now: datetime,
    closed: ClosedMonth | None = None,
    cause: Cause | None = None,
) -> None:
    """Make the meal of a triple what its events say, and park the rest. The diner is locked.

    closed: the triple's month, if anything of it was submitted; then frozen rows stay, and what
    the event of `cause` changed is booked in a later month.
    A scan that inserts its meal at this very moment holds the meal's key, so every path here
    touches the meal before it reads the events.
    """
    key = dict(zip(("person_id", "on_day", "sitting"), triple, strict=True))
    rows = {row["id"]: row for row in events_of(connection, triple)}
    folded = meal_of(map(event_of, rows.values()))
    found = connection.execute(sql.FULL_MEAL, key).mappings().first()
    stored = dict(found) if found else None
    truth = meal_row(rows[folded.meal.id]) if folded.meal else None
    meal = truth if closed is None else kept_row(closed, stored, truth)
    if meal is None:
        if stored is not None:
            person_id, day, sitting = triple
            connection.execute(
                sql.DROP_MEAL, {"person": person_id, "on_day": day, "at_sitting": sitting}
            )
    elif stored is None or stored["event_id"] != meal["event_id"]:
        put_meal(connection, meal)
    if closed is not None and cause is not None:
        book_difference(connection, closed, triple, truth, meal, cause)
    _park(connection, rows, {event.id for event in folded.parked}, now)


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
