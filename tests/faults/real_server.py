"""The product's own server in a process group of its own, on a free port, and who talks to it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from flask import Flask

from bootstrap import server_command
from canteen import actions
from canteen.models import MealEvent
from canteen.values import EventKind
from core import clock
from core.config import ROOT
from core.db import db, new_id
from tests.canteen.programs import SCANS, make_house, program
from tests.conftest import NOON

# The server goes by the real clock; these let it serve the sittings of the test's days.
ANY_DAY = {"ZHUHE_SCAN_MAX_AGE_DAYS": "4000", "ZHUHE_CLOCK_SUSPECT_S": "400000000"}
LAST_DAY = date(2026, 11, 23)
NETWORK_ERRORS = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """What came back, and after how long."""

    status: int
    headers: dict[str, str]
    body: Any
    seconds: float


@dataclass
class Canteen:
    """A canteen in a database: a device's token and scans that nobody has sent yet."""

    app: Flask
    token: str
    scans: Iterator[dict[str, Any]]

    def take(self, count: int) -> list[dict[str, Any]]:
        return [next(self.scans) for _ in range(count)]

    def served_ids(self) -> list[str]:
        """Ids of all meals that were served, as the database has them now."""
        with self.app.app_context():
            events = db.session.query(MealEvent.id).filter(MealEvent.kind == EventKind.SERVED)
            found = [str(row.id) for row in events]
            db.session.remove()
            db.engine.dispose()  # a test may end this connection too
            return found

    def is_consistent(self) -> bool:
        """Whether the meals are what the events say."""
        with self.app.app_context():
            found = actions.differences()
            db.session.remove()
            db.engine.dispose()
            return found == []


def open_canteen(app: Flask, diners: int = 6) -> Canteen:
    """Fill the app's empty database with a canteen, its diners and a device."""
    house, codes = make_house(app, NOON, *["minimum_living"] * diners)
    token = program(app, NOON, house.site_id).headers["Authorization"]
    return Canteen(app, token, _scans(codes))


def _scans(codes: list[str]) -> Iterator[dict[str, Any]]:
    """Each diner once at lunch on each day: every one of them is to be served."""
    for ago in range(200):
        at = clock.moment_of(LAST_DAY - timedelta(days=ago), clock_time(11, 30)).isoformat()
        for code in codes:
            yield {"id": str(new_id()), "code": code, "site": "one", "scanned_at": at}


@dataclass
class Server:
    """Started by `start`, ended by `kill`; may be started again on the same data.

    words: more options of the web server.
    """

    canteen: Canteen
    env: dict[str, str] = field(default_factory=dict)
    words: str = ""
    workers: int = 2
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self, before: Callable[[], None] | None = None) -> "Server":
        """Start it and wait until it answers. before: called in the child before the server."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = server_command(
            sys.executable, SERVER_WORKERS=self.workers, host="127.0.0.1", port=self.port
        )
        config = self.canteen.app.config
        env = {
            **os.environ, **ANY_DAY, "ZHUHE_INSTANCE": str(self.canteen.app.instance_path),
            "ZHUHE_DATABASE_URL": config["DATABASE_URL"], **self.env,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [*command, *self.words.split()], env=env, cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=before,
        )  # fmt: skip
        wait_until(self._answers, 30)
        return self

    def kill(self) -> None:
        """kill -9 for the server and all its workers."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, "the server has ended"
        with contextlib.suppress(*NETWORK_ERRORS):
            return self.get("/healthz", timeout_s=2).status == 200
        return False

    def get(self, path: str, timeout_s: float = 15) -> Answer:
        return self._send("GET", path, None, timeout_s)

    def scan(self, item: dict[str, Any], timeout_s: float = 15) -> Answer:
        return self._send("POST", SCANS, json.dumps(item), timeout_s)

    def _send(self, method: str, path: str, body: str | None, timeout_s: float) -> Answer:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        headers = {"Authorization": self.canteen.token, "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        is_json = response.headers.get_content_type() == "application/json"
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(
            response.status, told, json.loads(text) if is_json else text, time.monotonic() - began
        )


class Crowd:
    """Clients that send scans at the same time; keeps who was told what, None for no answer."""

    def __init__(self, server: Server, items: list[dict[str, Any]], clients: int = 8) -> None:
        self.answers: dict[str, Answer | None] = {}
        self._server, self._left = server, list(reversed(items))
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while True:
            try:
                item = self._left.pop()
            except IndexError:
                return
            try:
                self.answers[item["id"]] = self._server.scan(item)
            except NETWORK_ERRORS:
                self.answers[item["id"]] = None

    def wait(self) -> dict[str, Answer | None]:
        for thread in self._threads:
            thread.join()
        return self.answers

    def acknowledged(self) -> set[str]:
        """Ids that were answered with 201."""
        answers = list(self.answers.items())
        return {key for key, answer in answers if answer is not None and answer.status == 201}


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Poll until it holds; fails the test when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def database_file(app: Flask) -> Path:
    return Path(app.instance_path) / "zhuhe.db"
