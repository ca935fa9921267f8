"""The network to PostgreSQL drops everything without a word: 503 in time, then a safe retry."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.faults.real_server import Answer, Canteen, Server, wait_until

pytestmark = pytest.mark.faults


@dataclass
class Road:
    """A way to PostgreSQL through which bytes go until it falls silent: nothing is ever closed.

    What is sent into a silent road is taken, so that TCP itself sees no fault at all.
    """

    target: str
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    sockets: list[socket.socket] = field(default_factory=list)
    is_silent: bool = False
    silenced: set[int] = field(default_factory=set)
    travelled: int = 0

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def open(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """All connections that there are, and all new ones."""
        self.is_silent = True
        self.silenced |= {id(each) for each in self.sockets}

    def recover(self) -> None:
        """New connections go through; those of before stay silent."""
        self.is_silent = False

    def close(self) -> None:
        for each in [self.listener, *self.sockets]:
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self.sockets += [near, far]
                if self.is_silent:
                    self.silenced |= {id(near), id(far)}
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                if id(source) not in self.silenced:
                    target.sendall(content)
                    self.travelled += 1
            if id(source) not in self.silenced:
                target.shutdown(socket.SHUT_WR)


@pytest.fixture
def engine_name() -> str:
    return "postgresql"


@pytest.fixture
def road(canteen: Canteen) -> Iterator[Road]:
    folder = sa.make_url(canteen.app.config["DATABASE_URL"]).query["host"]
    road = Road(f"{folder}/.s.PGSQL.5432")
    road.open()
    yield road
    road.close()


@pytest.fixture
def server(canteen: Canteen, road: Road) -> Iterator[Server]:
    """The server, for which the database lies at the end of the road."""
    name = sa.make_url(canteen.app.config["DATABASE_URL"]).database
    url = f"postgresql+psycopg://postgres@127.0.0.1:{road.port}/{name}"
    server = Server(canteen, {"ZHUHE_DATABASE_URL": url})
    yield server
    server.kill()


@contextlib.contextmanager
def meals_locked(canteen: Canteen) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else keeps meals from being written; they can still be read."""
    address = canteen.app.config["DATABASE_URL"].replace("+psycopg", "", 1)
    with psycopg.connect(address) as connection:
        connection.execute("LOCK TABLE meal, meal_event IN SHARE ROW EXCLUSIVE MODE")
        yield connection
        connection.rollback()


def waiting_for_locks(connection: psycopg.Connection[Any]) -> int:
    # Of this database alone: other tests use the same server at the same time.
    found = connection.execute(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND NOT granted"
    ).fetchone()
    assert found is not None
    return int(found[0])


def is_put_off(answer: Answer) -> bool:
    return (
        answer.status == 503
        and answer.body["code"] == "busy"
        and int(answer.headers["retry-after"]) > 0
        and answer.seconds < 5
    )


def retry(server: Server, item: dict[str, Any]) -> None:
    """As a counter does: again until it is served. Each worker may first find its dead connections."""
    told: list[Answer] = []
    while len(told) < 5 and 201 not in [answer.status for answer in told]:
        told.append(server.scan(item))
    assert told[-1].status == 201
    assert all(is_put_off(answer) for answer in told[:-1])


def test_idle_connections_that_fell_silent_put_scans_off_in_time(
    server: Server, road: Road
) -> None:
    server.start()
    items = server.canteen.take(24)
    for item in items[:12]:  # every worker has connections by now
        assert server.scan(item).status == 201
    road.fall_silent()
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda item=item: answers.append(server.scan(item)))
        for item in items[12:]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer for answer in answers if not is_put_off(answer)] == []
    # New connections are as silent as the old ones.
    assert is_put_off(server.scan(items[12]))
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in items[:12])

    road.recover()
    for item in items[12:]:
        retry(server, item)
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in items)
    assert server.canteen.is_consistent()


def test_a_lost_reply_of_a_statement_in_work_is_put_off_and_its_retry_is_one_row(
    server: Server, road: Road
) -> None:
    server.start()
    [first, item] = server.canteen.take(2)
    assert server.scan(first).status == 201
    answers: list[Answer] = []
    with meals_locked(server.canteen) as connection:
        thread = threading.Thread(target=lambda: answers.append(server.scan(item)))
        thread.start()
        wait_until(lambda: waiting_for_locks(connection) > 0, 3)
        road.fall_silent()
    thread.join()
    assert is_put_off(answers[0])
    # The statement was done nevertheless: only its reply was lost.
    wait_until(lambda: item["id"] in server.canteen.served_ids(), 3)

    road.recover()
    retry(server, item)
    assert sorted(server.canteen.served_ids()) == sorted([first["id"], item["id"]])
    assert server.canteen.is_consistent()


def test_a_statement_whose_client_is_gone_does_not_stay_at_work(server: Server, road: Road) -> None:
    server.start()
    [first, item] = server.canteen.take(2)
    assert server.scan(first).status == 201
    with meals_locked(server.canteen) as connection:
        thread = threading.Thread(target=server.scan, args=(item,))
        thread.start()
        wait_until(lambda: waiting_for_locks(connection) > 0, 3)
        road.fall_silent()
        thread.join()
        wait_until(lambda: waiting_for_locks(connection) == 0, 6)
    time.sleep(0.2)
    assert server.canteen.served_ids() == [first["id"]]
