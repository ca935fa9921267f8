"""The disk takes what is written and cannot sync it: nothing is acknowledged, reading works, it recovers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.real_server import Canteen, Crowd, Server

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="loads a library that makes fsync fail"
    ),
]


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """While this file is there, no sync succeeds."""
    return tmp_path / "failing"


@pytest.fixture
def server(canteen: Canteen, flag: Path, tmp_path: Path) -> Server:
    """Its disk fails at our word."""
    library = tmp_path / "failing_sync.so"
    source = Path(__file__).with_name("failing_sync.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    env = {"LD_PRELOAD": str(library), "FAIL_SYNC": str(flag)}
    return Server(canteen, env, workers=1)


def test_a_disk_that_does_not_sync_acknowledges_nothing_and_lets_read_and_recovers(
    server: Server, flag: Path
) -> None:
    before, *items = server.canteen.take(13)
    try:
        server.start()
        assert server.scan(before).status == 201

        flag.touch()
        alone = server.scan(items[0])
        assert (alone.status, alone.body["code"]) == (507, "disk_failed")
        # In one group too, in which each would otherwise vouch for the others.
        crowd = Crowd(server, items).wait()
        assert {answer.status for answer in crowd.values() if answer} == {507}
        assert server.get("/api/canteen/roster?site=one").status == 200
        assert server.scan(before).status == 201, "what was kept is still said"
        assert server.canteen.served_ids() == [before["id"]]

        flag.unlink()
        for item in items * 2:
            assert server.scan(item).status == 201
    finally:
        server.kill()
    assert sorted(server.canteen.served_ids()) == sorted(each["id"] for each in [before, *items])
    assert server.canteen.is_consistent()
