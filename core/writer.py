"""Short writes of the hot path, committed in groups.

On SQLite each commit waits for one sync of the disk. Whoever comes first leads: it queues for the
write lock, takes along everything that was handed in meanwhile, each piece in its own savepoint,
commits once, and wakes the others. So a slow disk costs one sync for a whole group, and a fast
one costs nothing: with a single client the caller's own thread does it all. There is no thread to
start, to fork or to lose; an answer is given only after its commit.

On PostgreSQL the server groups commits itself; a piece runs in its own transaction and is tried
again after a deadlock, a serialization failure or a lost connection. Pieces must therefore be
harmless when repeated, which those keyed by an event id are.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy import event

from core.db import begin_writing, db, is_busy
from core.errors import Busy
from core.postgresql import bound, by_key
from core.prepared import do
from core.reception import begun, give_way, left_s, take_kept
from core.write_lock import WriteLock

Result = TypeVar("Result")
Work = Callable[[sa.Connection], Result]

# So many pieces a commit at most: a longer group would make its first member wait for its last.
GROUP_SIZE = 64
ATTEMPTS = 3
# A fast disk commits in less. Whoever waits longer gives its place to others: on a slow one they
# compute meanwhile and are many at the next commit.
COMMIT_S = 0.002


def write(work: "Work[Result]", at_once: "Work[Result] | None" = None) -> Result:
    """Run one piece of work in a transaction of its own and return what it returned, committed.

    work: given a Core connection; it must not touch `db.session`, the request or the connection's
    transaction, because another thread may run it. What it raises undoes it alone and is raised
    here. at_once: the same as a single statement, where that is known; it is tried first on
    PostgreSQL, which is spared three journeys, and gives way to `work` when a key is taken.
    Raises Busy when the database cannot be had in time; then nothing was written.
    """
    lock: WriteLock | None = current_app.extensions.get("zhuhe_write_lock")
    if lock is None:
        return _write_directly(work, at_once, current_app.config["DATABASE_WAIT_S"])
    return _group(current_app._get_current_object(), lock).run(work)  # type: ignore[attr-defined]


def reading() -> sa.Engine:
    """The engine for single statements, each a transaction of its own: none is begun for them."""
    engine = db.engine
    if engine.dialect.name == "sqlite":
        return engine  # in autocommit already
    known: sa.Engine | None = current_app.extensions.get("zhuhe_reading")
    if known is None or known.url != engine.url:
        # Connections of its own: to switch one over and back costs more than to look up a row.
        options = by_key(current_app.config["SQLALCHEMY_ENGINE_OPTIONS"])
        known = bound(
            sa.create_engine(
                engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options
            ),
            current_app.config["DATABASE_WAIT_S"],
        )
        event.listen(engine, "engine_disposed", lambda _engine: known.dispose())
        current_app.extensions["zhuhe_reading"] = known
    return known


def reader() -> sa.Connection:
    """A connection of `reading()` for one `with`: the one that this request kept, or another."""
    kept: sa.Connection | None = take_kept()
    return reading().connect() if kept is None else kept


def _write_directly(work: "Work[Result]", at_once: "Work[Result] | None", wait_s: float) -> Result:
    deadline = time.monotonic() + left_s(wait_s)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if at_once is not None:
                try:
                    with reading().connect() as connection:
                        return at_once(connection)
                except sa.exc.IntegrityError:
                    at_once = None
            with db.engine.begin() as connection:
                return work(connection)
        except sa.exc.DBAPIError as error:
            if not is_busy(error):
                raise
            if attempt == ATTEMPTS or time.monotonic() > deadline:
                raise Busy from error
        except sa.exc.TimeoutError as error:  # the pool is empty
            raise Busy from error
        time.sleep(0.01 * attempt)
    raise AssertionError("unreachable")


class _Piece(Generic[Result]):
    """One caller's work, and what became of it."""

    __slots__ = ("done", "error", "result", "settled", "work")

    def __init__(self, work: "Work[Result]") -> None:
        self.work = work
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.settled = False
        self.done = threading.Event()

    def settle(self, error: BaseException | None = None) -> None:
        if not self.settled:
            self.settled, self.error = True, error
        self.done.set()


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


class Group:
    """The writers of one process on one SQLite file."""

    def __init__(self, engine: sa.Engine, lock: WriteLock) -> None:
        self._engine = engine
        self._lock = lock
        self._mutex = threading.Lock()
        self._waiting: deque[_Piece[Any]] = deque()
        self._is_led = False
        self.pid = os.getpid()

    def run(self, work: "Work[Result]") -> Result:
        """See `write`."""
        piece: _Piece[Result] = _Piece(work)
        with self._mutex:
            self._waiting.append(piece)
            leads, self._is_led = not self._is_led, True
        if not leads:
            self._wait_for_leader(piece)
        while not piece.settled:
            self._lead()
        if piece.error is not None:
            raise piece.error
        begun()
        return piece.result  # type: ignore[return-value]

    def _wait_for_leader(self, piece: "_Piece[Any]") -> None:
        """Until the leader has settled this piece, or woken it to lead the next group."""
        patience_s = self._lock.patience_s()
        if piece.done.wait(min(COMMIT_S, patience_s)):
            return
        give_way()
        if piece.done.wait(max(0.0, patience_s - COMMIT_S)):
            return
        with self._mutex:
            if piece in self._waiting and not piece.done.is_set():
                self._waiting.remove(piece)
                piece.settle(Busy())
        # It is being committed, unless it was withdrawn.
        piece.done.wait()

    def _lead(self) -> None:
        group: list[_Piece[Any]] = []
        try:
            with self._lock.hold() as deadline, self._engine.connect() as connection:
                try:
                    begin_writing(connection, self._lock, deadline)
                    group = self._take()
                    self._commit(connection, group)
                except sa.exc.DBAPIError as error:
                    raise (Busy() if is_busy(error) else error) from error
                finally:
                    self._undo(connection)
        except BaseException as error:
            # Who queued meanwhile shares a Busy: groups that each wait anew would take a multiple.
            for piece in group + (self._take() if not group or isinstance(error, Busy) else []):
                piece.settle(error)
        finally:
            with self._mutex:
                if self._waiting:
                    self._waiting[0].done.set()
                else:
                    self._is_led = False
        for piece in group:
            piece.done.set()

    def _take(self) -> list[_Piece[Any]]:
        with self._mutex:
            return [self._waiting.popleft() for _ in range(min(GROUP_SIZE, len(self._waiting)))]

    def _commit(self, connection: sa.Connection, group: list[_Piece[Any]]) -> None:
        failed = self._run(connection, group)
        # In the driver's words: SQLAlchemy knows of no transaction that it could end.
        do(connection, "ROLLBACK" if len(failed) == len(group) else "COMMIT")
        for piece in group:
            piece.error, piece.settled = failed.get(id(piece)), True

    @staticmethod
    def _undo(connection: sa.Connection) -> None:
        """Leave no transaction open, whatever happened; a lost connection has none."""
        if not connection.invalidated and _driver(connection).in_transaction:
            do(connection, "ROLLBACK")

    @staticmethod
    def _run(connection: sa.Connection, group: list[_Piece[Any]]) -> dict[int, BaseException]:
        """Run all pieces; returns what the failed ones raised. Raises when the transaction is gone."""
        failed: dict[int, BaseException] = {}
        alone = len(group) == 1
        for piece in group:
            if not alone:
                do(connection, "SAVEPOINT piece")
            try:
                piece.result = piece.work(connection)
            except BaseException as error:
                # A full disk or a failed sync has already rolled back everybody's work.
                if not _driver(connection).in_transaction:
                    raise
                failed[id(piece)] = error
                if not alone:
                    do(connection, "ROLLBACK TO piece")
            if not alone:
                do(connection, "RELEASE piece")
        return failed


_making = threading.Lock()


def _group(app: Flask, lock: WriteLock) -> Group:
    group: Group | None = app.extensions.get("zhuhe_writers")
    if group is None or group.pid != os.getpid():
        # A forked child shares nothing with its parent's writers.
        with _making:
            group = app.extensions.get("zhuhe_writers")
            if group is None or group.pid != os.getpid():
                group = app.extensions["zhuhe_writers"] = Group(db.engine, lock)
    return group
