"""Connections to PostgreSQL on which nobody waits for ever, even when the network drops all it is sent.

TCP notices a dead peer by what is not acknowledged (tcp_user_timeout) or not probed back (keepalives).
A proxy, a tunnel or a frozen server acknowledges everything and answers nothing: only a limit on the
wait for the reply helps. It is kept here, for requests alone: a report in the worker may take minutes.
"""

from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy import event

from core.reception import begun, is_awaited, left_s

# The server's own time-outs answer first: they leave a connection that can be used again.
LATER_S = 0.2
# Neither libpq nor psycopg waits for less than two seconds.
LEAST_TO_CONNECT_S = 2.0


def network_options(wait_s: float) -> dict[str, Any]:
    """Parameters of libpq by which a lost connection is found out within about `wait_s`."""
    return {
        "connect_timeout": max(int(LEAST_TO_CONNECT_S), int(wait_s)),
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": max(1, int(wait_s) - 2),
        "tcp_user_timeout": int(wait_s * 1000),
    }


def engine_options(wait_s: float) -> dict[str, Any]:
    """Keywords of create_engine. The server ends a statement soon after its client is gone."""
    server = {
        "lock_timeout": f"{int(wait_s * 1000)}",
        "idle_in_transaction_session_timeout": "60000",
        "client_connection_check_interval": "1000",
    }
    return {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": wait_s,
        "pool_use_lifo": True,
        "connect_args": {
            **network_options(wait_s),
            "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
        },
    }


def by_key(options: dict[str, Any]) -> dict[str, Any]:
    """The same keywords of create_engine, for statements that look rows up by a key.

    A prepared statement keeps its plan. One that was made while a table had a few pages reads the whole
    table, and goes on so while thousands of rows come in, until autovacuum has looked at it.
    """
    arguments = options["connect_args"]
    words = f"{arguments['options']} -c enable_seqscan=off -c jit=off"
    return {**options, "connect_args": {**arguments, "options": words}}


class Connection(psycopg.Connection[Any]):
    """A connection whose every wait ends within the patience of the request it serves."""

    wait_s = 0.0

    def wait(self, gen: Any, *args: Any, **more: Any) -> Any:
        """As psycopg has it; raises OperationalError, and closes, when no reply came in time."""
        if not is_awaited():
            return super().wait(gen, *args, **more)
        try:
            reply = super().wait(gen, *args, **{**more, "timeout": left_s(self.wait_s) + LATER_S})
        except errors._WaitTimeout:
            # Whatever still comes belongs to a statement that nobody waits for any more.
            self.pgconn.finish()
            raise psycopg.OperationalError("PostgreSQL gave no reply in time") from None
        begun()
        return reply

    def rollback(self) -> None:
        """As psycopg has it; a connection that is lost has nothing left to roll back.

        Sessions are closed after the answer, where an error would take the answer's place.
        """
        try:
            super().rollback()
        except psycopg.OperationalError:
            if not self.closed:
                raise


def connect(wait_s: float, *args: Any, **parameters: Any) -> Connection:
    """Connect with libpq's parameters. Raises psycopg.OperationalError when it takes too long."""
    if is_awaited():
        if (left := left_s(wait_s)) < LEAST_TO_CONNECT_S:
            raise psycopg.OperationalError("no time is left for a new connection")
        parameters["connect_timeout"] = int(left)
    connection = Connection.connect(*args, **parameters)
    connection.wait_s = wait_s
    return connection


def bound(engine: sa.Engine, wait_s: float) -> sa.Engine:
    """The same engine, of whose connections nobody waits longer than `wait_s` for a reply."""

    def do_connect(_dialect: Any, _record: Any, args: list[Any], parameters: dict[str, Any]) -> Any:
        return connect(wait_s, *args, **parameters)

    def drop_lost(connection: Any, record: Any) -> None:
        if connection is not None and connection.closed:
            record.invalidate()

    def drop_detail(context: Any) -> None:
        # "Failing row contains …", "Key (name)=(…)": errors go to the log, which holds no rows.
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None and error.args:
                error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])

    event.listen(engine, "do_connect", do_connect)
    event.listen(engine, "handle_error", drop_detail)
    event.listen(engine, "checkin", drop_lost)
    return engine
