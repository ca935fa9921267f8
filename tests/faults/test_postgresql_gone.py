"""PostgreSQL ends its sessions, or is stopped at once: 503 in time, then a safe retry."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask

from core.db import db
from tests import postgres
from tests.faults.real_server import Canteen, Crowd, Server, open_canteen, wait_until

pytestmark = pytest.mark.faults


@dataclass
class OwnPostgres:
    """A server of this test alone, which it may stop."""

    folder: Path
    programs: Path
    account: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        options = ["listen_addresses=", f"unix_socket_directories={self.folder}", "timezone=UTC"]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data",
             *(f"--{option}" for option in options)],
            user=self.account, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, 30)

    def stop(self) -> None:
        """Immediate shutdown: no session is waited for, nothing is written back."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)
            self.process = None

    def end_sessions(self) -> int:
        with psycopg.connect(self.address, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return len(ended.fetchall())

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    account = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="zhuhe-pg-own-"))  # a socket's path must be short
    (folder / "data").mkdir(mode=0o700)
    if account:
        shutil.chown(folder, account)
        shutil.chown(folder / "data", account)
    programs = postgres._binaries(folder, account)
    subprocess.run(
        [programs / "initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
         "--no-sync", "-D", folder / "data"],
        check=True, user=account, cwd="/", stdout=subprocess.DEVNULL,
    )  # fmt: skip
    server = OwnPostgres(folder, programs, account)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def canteen(own_postgres: OwnPostgres, make_app: Callable[..., Flask]) -> Canteen:
    """A canteen on the PostgreSQL of this test."""
    url = own_postgres.address.replace("postgresql:", "postgresql+psycopg:", 1)
    app = make_app(DATABASE_URL=url, SCAN_MAX_AGE_DAYS=4000, CLOCK_SUSPECT_S=400_000_000)
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
    canteen = open_canteen(app)
    with app.app_context():
        db.engine.dispose()
    return canteen


def test_ended_sessions_and_a_stopped_server_lose_nothing(
    server: Server, own_postgres: OwnPostgres
) -> None:
    canteen = server.canteen
    server.start()
    items = canteen.take(240)
    crowd, ended = Crowd(server, items), 0
    for share in (40, 80, 120):
        wait_until(lambda share=share: len(crowd.answers) >= share, 30)  # type: ignore[misc]
        ended += own_postgres.end_sessions()
    answers = crowd.wait()
    assert ended > 0
    assert {answer.status for answer in answers.values() if answer} <= {201, 503}
    assert all(answers.values())
    assert crowd.acknowledged() <= set(canteen.served_ids())
    retried = Crowd(server, items).wait()
    assert {answer and answer.status for answer in retried.values()} == {201}
    assert sorted(canteen.served_ids()) == sorted(item["id"] for item in items)

    [late] = canteen.take(1)
    own_postgres.stop()
    for _ in range(2):
        answer = server.scan(late)
        assert (answer.status, answer.body["code"]) == (503, "busy")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.seconds < 5
    own_postgres.start()
    # Each worker may first find out that the connections it kept are dead.
    told: list[int] = []
    while 201 not in told and len(told) < 5:
        told.append(server.scan(late).status)
    assert told[-1] == 201
    assert set(told[:-1]) <= {503}
    assert sorted(canteen.served_ids()) == sorted(item["id"] for item in [*items, late])
    assert canteen.is_consistent()
