"""Another process keeps SQLite's write lock: scans are put off in time, reading goes on."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.faults.real_server import Answer, Server, database_file

pytestmark = pytest.mark.faults
HOLDER = """
import sys
from pysqlite3 import dbapi2
connection = dbapi2.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another process has the write lock until the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.stdin.close()


def scan_at_once(
    server: Server, items: list[dict[str, Any]], answers: list[Answer]
) -> list[Thread]:
    """Send each in a thread of its own; the answers come in as they come."""
    threads = [Thread(target=lambda item=item: answers.append(server.scan(item))) for item in items]
    for thread in threads:
        thread.start()
    return threads


def test_scans_are_put_off_within_5_s_and_land_once_when_the_lock_is_free(server: Server) -> None:
    server.start()
    items = server.canteen.take(
        1 + 3
    )  # a worker that gets all three still has a thread for reading
    assert server.scan(items[0]).status == 201
    put_off: list[Answer] = []
    with held(database_file(server.canteen.app)):
        threads = scan_at_once(server, items[1:], put_off)
        roster = server.get("/api/canteen/roster?site=one")
        repeated = server.scan(items[0])
        for thread in threads:
            thread.join()
    assert (roster.status, len(roster.body["people"])) == (200, 6)
    assert roster.seconds < 2
    assert repeated.status in (201, 503)
    assert {answer.status for answer in put_off} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in put_off)
    assert all(answer.body["code"] == "busy" for answer in put_off)
    assert max(answer.seconds for answer in put_off) < 5
    assert server.canteen.served_ids() == [items[0]["id"]]

    for item in items + items:
        assert server.scan(item).status == 201
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in items)
    assert server.canteen.is_consistent()


def is_put_off(answer: Answer) -> bool:
    """503 with a time to come again."""
    return answer.status == 503 and int(answer.headers["retry-after"]) > 0


def test_many_scans_in_flight_are_all_put_off_in_time_and_reading_goes_on(server: Server) -> None:
    server.start()
    items = server.canteen.take(60)  # far more than the 2 x 4 that are worked on at a time
    answers: list[Answer] = []
    with held(database_file(server.canteen.app)):
        threads = scan_at_once(server, items, answers)
        time.sleep(1)  # now every one of them waits for the lock
        rosters = [server.get("/api/canteen/roster?site=one") for _ in range(6)]
        for thread in threads:
            thread.join()
    assert [roster.status for roster in rosters] == [200] * 6
    assert max(roster.seconds for roster in rosters) < 1
    assert [is_put_off(answer) for answer in answers] == [True] * 60
    assert max(answer.seconds for answer in answers) < 5

    again = [server.scan(item) for item in items]
    assert [answer.status for answer in again] == [201] * 60
    assert max(answer.seconds for answer in again) < 1
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in items)
    assert server.canteen.is_consistent()


def test_a_lock_that_is_known_to_be_kept_is_told_at_once_and_not_after_another_wait(
    server: Server,
) -> None:
    server.workers = 1  # each process finds out by itself
    server.start()
    items = server.canteen.take(32)
    first: list[Answer] = []
    later: list[Answer] = []
    with held(database_file(server.canteen.app)):
        for answers, some in ((first, items[:16]), (later, items[16:])):
            for thread in scan_at_once(server, some, answers):
                thread.join()
    assert [is_put_off(answer) for answer in first + later] == [True] * 32
    assert 3.5 < max(answer.seconds for answer in first) < 5
    assert max(answer.seconds for answer in later) < 1.5

    again = [server.scan(item) for item in items]
    assert [answer.status for answer in again] == [201] * 32
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in items)
