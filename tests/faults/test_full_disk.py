"""The disk is full: nothing is acknowledged that is not kept, reading works, and it recovers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.faults.real_server import Canteen, Server, open_canteen

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounts a small tmpfs"
    ),
]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 8 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", disk], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def canteen(small_disk: Path, instance: Path, make_app: Callable[..., Flask]) -> Canteen:
    """A canteen whose database lies on the small disk."""
    file = small_disk / "zhuhe.db"
    shutil.copy(instance / "zhuhe.db", file)
    app = make_app(
        DATABASE_URL=f"sqlite:///{file}", SCAN_MAX_AGE_DAYS=4000, CLOCK_SUSPECT_S=400_000_000
    )
    return open_canteen(app)


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte; returns the file to remove."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def test_a_full_disk_acknowledges_nothing_and_lets_read_and_recovers(
    server: Server, small_disk: Path
) -> None:
    server.start()
    taken = server.canteen.take(400)
    assert server.scan(taken[0]).status == 201
    ballast = fill(small_disk)
    # The log of SQLite may have room left in the blocks that it already has.
    kept, refused = [taken[0]], []
    for item in taken[1:]:
        answer = server.scan(item)
        if answer.status == 201:
            kept.append(item)
        else:
            assert answer.status in (503, 507), answer
            refused.append(item)
        if len(refused) == 3:
            break
    assert len(refused) == 3
    assert server.get("/api/canteen/roster?site=one").status == 200
    assert server.scan(taken[0]).status == 201
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in kept)

    ballast.unlink()
    for item in refused * 2:
        assert server.scan(item).status == 201
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in kept + refused)
    assert server.canteen.is_consistent()
