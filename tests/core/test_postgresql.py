"""Waiting for PostgreSQL: within the patience of a request, without an end for the worker."""

import socket
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from core import postgresql
from core.db import db, is_busy
from core.reception import Reception
from core.writer import reading
from tests import postgres

WAIT_S = 0.5


def address() -> str:
    return postgres.server_url().replace("+psycopg", "", 1)


def in_a_request(work: Callable[[], object]) -> None:
    """Do it while somebody waits for an answer."""

    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        work()
        start_response("200 OK", [])
        return []

    layer = Reception(app, places=1, wait_s=1, most_bytes=1, receive_s=1)
    run_wsgi_app(layer, EnvironBuilder("/").get_environ())


def test_a_request_gives_up_a_reply_that_does_not_come_and_the_worker_does_not() -> None:
    patient = postgresql.connect(WAIT_S, address())
    assert patient.execute("SELECT pg_sleep(1)").fetchone() is not None

    impatient = postgresql.connect(WAIT_S, address())
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="no reply in time"):
        in_a_request(lambda: impatient.execute("SELECT pg_sleep(10)"))
    assert WAIT_S < time.monotonic() - began < WAIT_S + 0.5
    # Its next statement must not be answered by what comes late.
    assert impatient.closed
    assert patient.execute("SELECT 7").fetchone() == (7,)
    patient.close()


def test_each_reply_begins_a_new_wait() -> None:
    connection = postgresql.connect(WAIT_S, address())

    def work() -> None:
        for _ in range(4):
            connection.execute("SELECT pg_sleep(0.4)")

    in_a_request(work)
    assert not connection.closed
    connection.close()


def test_no_connection_is_begun_for_which_no_time_is_left() -> None:
    with pytest.raises(psycopg.OperationalError, match="no time is left"):
        in_a_request(lambda: postgresql.connect(postgresql.LEAST_TO_CONNECT_S - 0.1, address()))


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_reply_that_does_not_come_is_busy_and_its_connection_is_not_used_again(
    make_app: Callable[..., Flask], engine_name: str
) -> None:
    app = make_app(DATABASE_WAIT_S=WAIT_S)
    with app.app_context():
        for engine in (db.engine, reading()):
            with engine.connect() as connection:
                assert connection.scalar(sa.text("SELECT 1")) == 1

            def sleep(engine: sa.Engine = engine) -> None:
                with engine.connect() as connection:
                    connection.execute(sa.text("SELECT pg_sleep(10)"))

            with pytest.raises(sa.exc.OperationalError) as failed:
                in_a_request(sleep)
            assert is_busy(failed.value)
            with engine.connect() as connection:
                assert connection.scalar(sa.text("SELECT 1")) == 1


def test_connections_over_the_network_notice_by_themselves_that_it_is_gone() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    parameters = {**postgresql.network_options(4.0), "host": "127.0.0.1", "port": port}
    connecting = psycopg.pq.PGconn.connect_start(
        psycopg.conninfo.make_conninfo(**parameters).encode()
    )
    connecting.connect_poll()
    with socket.socket(fileno=connecting.socket) as own:
        tcp = {
            name: own.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        }
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        own.detach()
    connecting.finish()
    listener.close()
    assert tcp["TCP_KEEPIDLE"] + tcp["TCP_KEEPINTVL"] * tcp["TCP_KEEPCNT"] <= 5
    assert tcp["TCP_USER_TIMEOUT"] == 4000
