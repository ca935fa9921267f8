"""The database: engines, column types, transactions and the one dialect-specific verb.

SQLite is read in autocommit and written only between BEGIN IMMEDIATE and COMMIT, behind a queueing
lock; PostgreSQL runs in READ COMMITTED. Rows are written inside `transaction()` and nowhere else.
"""

import json
import math
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from core import postgresql
from core.prepared import do, run
from core.reception import give_way
from core.write_lock import TRY_S, WriteLock

# 3.51.3 mends the WAL-reset bug, which can corrupt a database that two processes checkpoint.
SQLITE_MIN = (3, 51, 3)


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base  # a type checker cannot see the class that Flask-SQLAlchemy makes at run time
else:
    Model = db.Model

BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Json = sa.JSON().with_variant(pg.JSONB, "postgresql")


# As people read it: a name takes half the bytes of its escapes, and a busy row is read and written whole.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime on both engines. Raises ValueError for a naive one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        value = _in_utc(value)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any] | None:
        """What the driver gets: on SQLite the text itself, which spares each scan's three moments
        SQLAlchemy's way to the same text."""
        return _text_of if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def _text_of(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return _in_utc(moment).isoformat(" ", "microseconds").removesuffix("+00:00")


def choice(values: type[StrEnum], name: str | None = None) -> sa.Enum:
    """A column type for a StrEnum: stored as its value, checked by the database.

    name: of the check, where two columns of a table hold the same kind.
    """
    return sa.Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or values.__name__.lower(),
        values_callable=lambda enum: [member.value for member in enum],
    )


class _LastId:
    """The millisecond and the 74 random bits of the id that this process made last."""

    millis = random = 0
    mutex = threading.Lock()


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): unique anywhere, and sorted by the time it was made.

    Those of one process within a millisecond too, so that a log tells in order what one verb did.
    """
    random = int.from_bytes(os.urandom(10), "big") >> 6
    with _LastId.mutex:
        millis = time.time_ns() // 1_000_000
        if millis == _LastId.millis:
            # Further by a random step of 40 bits: a forked process begins at the same place.
            random = (_LastId.random + (random >> 34) + 1) % (1 << 74)
        _LastId.millis, _LastId.random = millis, random
    value = (millis & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | random >> 62 << 64
    return uuid.UUID(int=value | 0b10 << 62 | random & (1 << 62) - 1)


def init_app(app: Flask) -> None:
    """Bind the engine that the settings name. Raises RuntimeError where SQLite is unsafe."""
    url = app.config["DATABASE_URL"] or f"sqlite:///{Path(app.instance_path) / 'zhuhe.db'}"
    wait_s = app.config["DATABASE_WAIT_S"]
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    if url.startswith("sqlite"):
        options = _sqlite_options(wait_s)
        file = sa.make_url(url).database
        if not file or file == ":memory:":
            raise RuntimeError(
                "DATABASE_URL: SQLite needs a file, an in-memory database keeps nothing."
            )
        app.extensions["zhuhe_write_lock"] = WriteLock(Path(f"{file}.write-lock"), wait_s)
    else:
        if not url.startswith("postgresql+psycopg://"):
            raise RuntimeError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
        try:
            sa.make_url(url)
        except (ValueError, sa.exc.ArgumentError):
            # Not in its own words: they may quote the address with its password.
            raise RuntimeError(
                "DATABASE_URL is no address: postgresql+psycopg://user:password@host/name"
            ) from None
        options = postgresql.engine_options(wait_s)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    options["json_serializer"] = _to_json
    options["hide_parameters"] = True  # what a statement held is personal, and errors go to the log
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)
        else:
            postgresql.bound(db.engine, wait_s)


def _sqlite_options(wait_s: float) -> dict[str, Any]:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        raise RuntimeError(
            "SQLite needs the pysqlite3 package, which this machine has no wheel for; "
            "set ZHUHE_DATABASE_URL to a PostgreSQL database instead."
        ) from None
    if dbapi2.sqlite_version_info < SQLITE_MIN:
        raise RuntimeError(
            f"SQLite {dbapi2.sqlite_version} can corrupt a database (WAL-reset bug); "
            f"install pysqlite3 >= 0.6.1, which brings {'.'.join(map(str, SQLITE_MIN))} or newer."
        )
    # Requests that wait for the write lock keep the connection they read with, and there may be many.
    return {"module": dbapi2, "connect_args": {"timeout": wait_s}, "pool_size": 20,
            "max_overflow": 80, "pool_timeout": wait_s, "pool_use_lifo": True}  # fmt: skip


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # reads in autocommit; transaction() begins by itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction around a verb: commits at the end, rolls back when it raises.

    A nested call joins the outer one. Raises Busy when the database cannot be had in time.
    """
    session = db.session()
    if session.info.get("writing"):
        yield session
        return
    with _begun(session):
        # What was read before may have changed while this request queued.
        session.expire_all()
        session.info["writing"] = True
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


@contextmanager
def _begun(session: Session) -> Iterator[None]:
    lock: WriteLock | None = current_app.extensions.get("zhuhe_write_lock")
    if lock is None:
        yield
        return
    with lock.hold() as deadline:
        try:
            begin_writing(session.connection(), lock, deadline)
        except BaseException:
            session.rollback()
            raise
        yield


@contextmanager
def one_view() -> Iterator[None]:
    """Many reads of one state of the data: what is written meanwhile is seen by none of them.

    Inside a transaction() it is that transaction that reads. Otherwise rows read before are read again.
    """
    session = db.session()
    if session.info.get("writing"):
        yield
        return
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("BEGIN")
    else:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        session.rollback()


def begin_writing(connection: sa.Connection, lock: WriteLock, deadline: float) -> None:
    """BEGIN IMMEDIATE on SQLite. Raises Busy when somebody else keeps its lock until the deadline."""
    left_s = max(0.0, deadline - time.monotonic())
    for wait_s in (min(TRY_S, left_s), left_s - TRY_S):
        if wait_s < 0:
            break
        _wait_at_most(connection, wait_s)
        try:
            do(connection, "BEGIN IMMEDIATE")
            lock.had()
            return
        except sa.exc.DBAPIError as error:
            if not is_busy(error):
                raise
        give_way()
    raise lock.missed()


def _wait_at_most(connection: sa.Connection, wait_s: float) -> None:
    """Let SQLite wait so long, rounded up to a quarter of a second, for who holds its own lock."""
    quarters = math.ceil(wait_s * 4)
    if connection.info.get("busy_quarters") != quarters:
        run(connection, f"PRAGMA busy_timeout={quarters * 250}")
        connection.info["busy_quarters"] = quarters


def is_busy(error: sa.exc.DBAPIError) -> bool:
    """Whether the same request may be tried again: a lock, a lost connection, a full pool."""
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in ("08", "40", "53", "57") or state == "55P03"
    text = str(error.orig)
    return "locked" in text or "busy" in text or "connection" in text


def is_taken(error: sa.exc.DBAPIError) -> bool:
    """Whether somebody else wrote the same key in the same moment, after it was found free."""
    state = getattr(error.orig, "sqlstate", None)
    return state == "23505" or "UNIQUE constraint failed" in str(error.orig)


@event.listens_for(Session, "before_flush")
def _only_inside_a_transaction(session: Session, *_: Any) -> None:
    if not session.info.get("writing") and (session.new or session.dirty or session.deleted):
        raise RuntimeError("rows are written inside core.db.transaction() only")


def upsert(
    session: Session,
    model: type[Any],
    values: dict[str, Any] | Sequence[dict[str, Any]],
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> list[sa.Row[Any]]:
    """Insert rows; on a conflict of `key` update the columns named, or leave the row alone.

    Without columns to update, a row with any taken key is left out: of two inserts in the same moment
    PostgreSQL may meet a second unique index of the table first, and would raise for that.

    Returns the key columns of the rows really written, so that a caller can tell a conflict.
    """
    table = model.__table__
    insert = pg.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    if update is None:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: statement.excluded[name] for name in update},
        )
    # As parameters, not in the statement's text: thousands of rows then cost no compilation.
    rows = [values] if isinstance(values, dict) else list(values)
    return list(session.execute(statement.returning(*(table.c[name] for name in key)), rows))
