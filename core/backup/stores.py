"""The data of a backup as its engine gives it: SQLite as one file, PostgreSQL as COPY of each table.

A table's hash does not depend on the order of its rows, which the engines do not promise.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg import IsolationLevel, sql

from core.db import db

# What says nothing about the office: the version, and numbers that only caches compare.
NOT_CONTENT = ("alembic_version", "change_counter")
_STEADY = ("SET TIME ZONE 'UTC'", "SET datestyle TO 'ISO'", "SET bytea_output TO 'hex'")


@dataclass
class TableHash:
    """Rows of a table and the sum of their digests."""

    rows: int = 0
    total: int = 0

    def add(self, row: bytes) -> None:
        self.rows += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(row).digest())) % (1 << 256)

    @property
    def value(self) -> str:
        return f"{self.total:064x}"


Hashes = dict[str, TableHash]


def sqlite_hashes(connection: Any) -> Hashes:
    """Hash every table of an open pysqlite3 connection. Raises its DatabaseError on a damaged file."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
    ]
    hashes: Hashes = {}
    for name in sorted(names):
        hashes[name] = TableHash()
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            text = json.dumps(row, ensure_ascii=False, default=lambda value: value.hex())
            hashes[name].add(text.encode())
    return hashes


def open_sqlite(file: Path) -> Any:
    """A pysqlite3 connection of its own: no other SQLite may open the app's file."""
    from pysqlite3 import dbapi2

    return dbapi2.connect(str(file), isolation_level=None)


def snapshot_sqlite(target: Path) -> None:
    """Copy the live database as it is at one moment; others go on writing meanwhile."""
    source = db.engine.raw_connection()
    try:
        source.cursor().execute("VACUUM INTO ?", (str(target),))
    finally:
        source.close()


@contextmanager
def postgresql(read_only: bool) -> Iterator[Any]:
    """A psycopg connection in one transaction: a snapshot to read from, or all or nothing to write."""
    pooled = db.engine.raw_connection()
    connection: Any = pooled.driver_connection
    try:
        if read_only:
            connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
        for statement in _STEADY:
            connection.execute(statement)
        yield connection
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        pooled.invalidate()  # its settings must not reach another user of the pool
        pooled.close()


def postgresql_tables(connection: Any) -> dict[str, list[str]]:
    """Tables and their columns, but those of the queue: it is emptied, not kept."""
    rows = connection.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
        " AND c.table_name NOT LIKE 'queue%' ORDER BY c.table_name, c.ordinal_position"
    )
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    return tables


def copy_out(connection: Any, table: str, columns: list[str]) -> Iterator[bytes]:
    """The rows of a table, a line of PostgreSQL's text format each."""
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    rest = b""
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            *lines, rest = (rest + bytes(block)).split(b"\n")
            yield from (line + b"\n" for line in lines)
    if rest:
        yield rest


def copy_in(connection: Any, table: str, columns: list[str], lines: Iterable[bytes]) -> None:
    """Write rows in PostgreSQL's text format into a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in lines:
            copy.write(line)


def postgresql_hashes(connection: Any) -> Hashes:
    """Hash every table as COPY gives it."""
    hashes: Hashes = {}
    for table, columns in postgresql_tables(connection).items():
        hashes[table] = hash_lines(copy_out(connection, table, columns))
    return hashes


def hash_lines(lines: Iterable[bytes], then: Callable[[bytes], Any] | None = None) -> TableHash:
    """Hash lines, handing each on when `then` is given."""
    found = TableHash()
    for line in lines:
        found.add(line)
        if then:
            then(line)
    return found


def advance_sequences(connection: Any, tables: dict[str, list[str]]) -> None:
    """Let the next numbers follow those that were put back."""
    for table, columns in tables.items():
        if "id" not in columns:
            continue
        sequence = connection.execute(
            "SELECT pg_get_serial_sequence(%s, 'id')", (table,)
        ).fetchone()[0]
        if sequence:
            statement = sql.SQL(
                "SELECT setval(%s, COALESCE((SELECT max(id) FROM {}), 0) + 1, false)"
            )
            connection.execute(statement.format(sql.Identifier(table)), (sequence,))


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def live_hashes() -> Hashes:
    """The hashes of the database in use."""
    if is_sqlite():
        source = db.engine.raw_connection()
        try:
            return sqlite_hashes(source.driver_connection)
        finally:
            source.close()
    with postgresql(read_only=True) as connection:
        return postgresql_hashes(connection)


def is_empty() -> bool:
    """Whether nothing would be lost by writing over the database. Raises when it cannot be read."""
    names = [name for name in sa.inspect(db.engine).get_table_names() if name not in NOT_CONTENT]
    with db.engine.connect() as connection:
        for name in names:
            if name.startswith("queue"):
                continue
            if connection.execute(
                sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)
            ).first():
                return False
    return True
