"""Another process keeps SQLite's write lock: scans are put off in time, reading goes on."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def test_scans_are_put_off_within_5_s_and_land_once_when_the_lock_is_free(server: Server) -> None:
    server.start()
    items = server.canteen.take(
        1 + 3
    )  # a worker that gets all three still has a thread for reading
    assert server.scan(items[0]).status == 201
    put_off: list[Answer] = []
    with held(database_file(server.canteen.app)):
        threads = [
            threading.Thread(target=lambda item=item: put_off.append(server.scan(item)))
            for item in items[1:]
        ]
        for thread in threads:
            thread.start()
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
