"""A damaged file is not started on, and a killed migration can simply be run again."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from core.config import ROOT
from tests.faults.real_server import wait_until

pytestmark = pytest.mark.faults
PAGE = 4096


def flask(instance: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "flask", *words], cwd=ROOT, text=True, start_new_session=True,
        env={**os.environ, "ZHUHE_INSTANCE": str(instance), "ZHUHE_DATABASE_URL": ""},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def schema(file: Path) -> set[tuple[str, str]]:
    """Names of all tables and indexes with their definitions."""
    connection = dbapi2.connect(str(file))
    try:
        rows = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return set(rows)


def test_prepare_refuses_a_damaged_database_and_names_the_way_out(instance: Path) -> None:
    file = instance / "zhuhe.db"
    connection = dbapi2.connect(str(file))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    damaged = bytearray(file.read_bytes())
    # The first page, with the schema's root, stays: the file still opens.
    for page in range(2, len(damaged) // PAGE, 2):
        damaged[page * PAGE : page * PAGE + 64] = b"\xa5" * 64
    file.write_bytes(damaged)
    with flask(instance, "prepare", "--no-demo") as process:
        told, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "is damaged" in told and "flask restore" in told
    assert "Traceback" not in told
    assert file.read_bytes() == bytes(damaged)


def test_a_migration_killed_at_any_moment_leaves_a_file_that_migrates(
    sqlite_template: Path, tmp_path: Path
) -> None:
    whole = schema(sqlite_template / "zhuhe.db")
    for attempt, delay_s in enumerate((0.0, 0.1, 0.3)):
        instance = tmp_path / f"instance-{attempt}"
        shutil.copytree(sqlite_template, instance, ignore=shutil.ignore_patterns("zhuhe.db*"))
        with flask(instance, "db", "upgrade") as process:
            wait_until((instance / "zhuhe.db-wal").exists, 30)
            time.sleep(delay_s)
            process.kill()
        assert schema(instance / "zhuhe.db") in (set(), whole)
    with flask(instance, "db", "upgrade") as again:
        told, _ = again.communicate(timeout=60)
    assert again.returncode == 0, told
    assert schema(instance / "zhuhe.db") == whole
