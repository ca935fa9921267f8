"""The PostgreSQL of the tests is shared by a run, quick to copy from, and leaves nothing behind."""

import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from tests import postgres


def _rows(url: str, statement: str) -> list:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        return list(result.all()) if result.returns_rows else []


def test_a_database_is_copied_from_its_template() -> None:
    template = postgres.create_database("template_of_a_test")
    _rows(template, "CREATE TABLE dish (name text)")
    _rows(template, "INSERT INTO dish VALUES ('豆腐')")
    copy = postgres.create_database("copy_of_a_test", "template_of_a_test")
    assert _rows(copy, "SELECT name FROM dish") == [("豆腐",)]
    assert _rows(copy, "SHOW fsync") == [("off",)]
    postgres.drop_database("copy_of_a_test")
    postgres.drop_database("template_of_a_test")


def test_a_durable_server_waits_for_the_disk() -> None:
    assert _rows(postgres.server_url(durable=True), "SHOW fsync") == [("on",)]


def test_the_server_ends_with_the_run_that_started_it() -> None:
    program = "from tests import postgres; print(postgres.server_url())"
    url = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "", "PYTHONPATH": str(Path(__file__).parent.parent)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    folder = Path(url.split("host=")[1])
    deadline = time.monotonic() + 10
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
