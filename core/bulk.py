"""Rows made ready before the database is locked, and inserted in one go inside the transaction.

Encryption, hashes and entries of the log take most of the time of a write and need no lock. What
stands here is only inserted: a verb that changes a row still reads it under the lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import Model
from core.privacy import Encrypted, seal

# In the subject of an entry: the number that a person gets when she is written.
PERSON = "{person}"


class Rows:
    """Rows about one person who may have no number yet; `person_id` is filled in when they are written."""

    def __init__(self) -> None:
        self.by_model: dict[type[Model], list[dict[str, Any]]] = {}

    def add(self, model: type[Model], values: Mapping[str, Any]) -> None:
        """One row, its secrets encrypted here. All rows of a model name the same columns."""
        self.by_model.setdefault(model, []).append(sealed(model, values))

    def record(
        self,
        action: str,
        *,
        subject: str,
        by: Actor,
        now: datetime,
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """An entry of the log as `audit.record` writes it; PERSON in the subject becomes her number."""
        entry, values = audit.entry_of(
            action, subject=subject, by=by, now=now, reason=reason, before=before, after=after
        )
        self.add(audit.AuditEntry, entry)
        if values is not None:
            self.add(audit.AuditValues, values)


def sealed(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values with those of encrypted columns encrypted."""
    ready = dict(values)
    for name in _encrypted(model):
        if ready.get(name) is not None:
            ready[name] = seal(ready[name])
    return ready


@cache
def _encrypted(model: type[Model]) -> tuple[str, ...]:
    return tuple(
        column.key for column in _table(model).columns if isinstance(column.type, Encrypted)
    )


def write_rows(session: Session, people: Iterable[tuple[int, Rows]]) -> None:
    """Insert the rows of these people, once: one statement a table, parents first."""
    piles: dict[type[Model], list[dict[str, Any]]] = {}
    for person_id, rows in people:
        for model, values in rows.by_model.items():
            # Filled in where they stand: thousands of copies would be made, and collected, under the lock.
            for row in values:
                row["person_id"] = person_id
            piles.setdefault(model, []).extend(values)
    for row in piles.get(audit.AuditEntry, ()):
        row["subject"] = row["subject"].replace(PERSON, str(row["person_id"]))
    order = {table: n for n, table in enumerate(Model.metadata.sorted_tables)}
    for model in sorted(piles, key=lambda model: order[_table(model)]):
        insert_all(session, model, piles[model])


def insert_all(session: Session, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table. Raises RuntimeError outside a transaction."""
    _inside(session)
    if rows:
        session.execute(sa.insert(_table(model)), rows)


def insert_numbered(
    session: Session, model: type[Model], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """The same for a table that numbers its rows; returns their `id` in the order of the rows."""
    _inside(session)
    table = _table(model)
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def _inside(session: Session) -> None:
    # What the session flushes is watched by core.db; these statements pass it by.
    if not session.info.get("writing"):
        raise RuntimeError("rows are written inside core.db.transaction() only")


def _table(model: type[Model]) -> sa.Table:
    table = model.__table__
    assert isinstance(table, sa.Table)
    return table
