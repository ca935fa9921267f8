"""Somebody reads for minutes: scans go on, and SQLite's log takes no more room than it must."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.real_server import Crowd, Server, database_file

pytestmark = pytest.mark.faults
READER = """
import sys
from pysqlite3 import dbapi2
connection = dbapi2.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
before = connection.execute("SELECT count(*) FROM meal_event").fetchone()
print("reading", flush=True)
sys.stdin.read()
assert connection.execute("SELECT count(*) FROM meal_event").fetchone() == before
"""


@contextmanager
def reading(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process reads one state of the database until the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None and reader.stdin is not None
        assert reader.stdout.readline() == b"reading\n"
        try:
            yield reader
        finally:
            reader.stdin.close()


def test_scans_go_on_while_somebody_reads_and_the_log_shrinks_afterwards(server: Server) -> None:
    server.start()
    file = database_file(server.canteen.app)
    log = file.with_name(f"{file.name}-wal")
    items = server.canteen.take(1200)

    def send(first: int, last: int) -> tuple[float, int]:
        """Send some; all of them are served. Returns their median time in seconds and the log's size."""
        answers = Crowd(server, items[first:last]).wait()
        assert {answer and answer.status for answer in answers.values()} == {201}
        taken = statistics.median(answer.seconds for answer in answers.values() if answer)
        return taken, log.stat().st_size

    undisturbed, _ = send(0, 200)
    with reading(file) as reader:
        disturbed, while_reading = send(200, 600)
    assert reader.returncode == 0, "the reader saw something change"
    assert disturbed < 3 * undisturbed
    # The log had to keep all of it; now it begins anew instead of growing on.
    assert while_reading > 2 * 1024**2
    _, after = send(600, 1200)
    assert after <= while_reading + 1024**2
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in items)
    assert server.canteen.is_consistent()
