"""Transactions on both engines: all or nothing, one writer at a time, nothing outside."""

import os
import threading
import time
import traceback
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from core import writer
from core.db import db, new_id, transaction, upsert
from core.errors import Busy
from core.sites.models import Area, AreaLevel, Counter
from tests.conftest import both_engines


def _value(name: str) -> int | None:
    return db.session.scalar(sa.select(Counter.value).where(Counter.name == name))


@both_engines
def test_a_verb_that_fails_halfway_leaves_nothing(in_app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(Counter(name="half", value=1))
        session.flush()
        raise ZeroDivisionError
    assert _value("half") is None


@both_engines
def test_a_nested_transaction_commits_with_the_outer_one(in_app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        with transaction() as session:
            session.add(Counter(name="inner", value=1))
        raise ZeroDivisionError
    assert _value("inner") is None


@both_engines
def test_a_row_written_outside_a_transaction_is_refused(in_app: Flask) -> None:
    db.session.add(Counter(name="loose", value=1))
    with pytest.raises(RuntimeError, match="transaction"):
        db.session.flush()
    db.session.rollback()


@both_engines
def test_upsert_tells_which_rows_it_wrote(in_app: Flask) -> None:
    with transaction() as session:
        assert len(upsert(session, Counter, {"name": "a", "value": 1}, ["name"])) == 1
        assert upsert(session, Counter, {"name": "a", "value": 2}, ["name"]) == []
        written = upsert(session, Counter, {"name": "a", "value": 3}, ["name"], ["value"])
        assert [row.name for row in written] == ["a"]
    assert _value("a") == 3


@both_engines
def test_upsert_leaves_out_a_row_whichever_of_its_keys_is_taken(in_app: Flask) -> None:
    values = {"code": "130499", "name": "示例街道", "level": AreaLevel.STREET}
    with transaction() as session:
        assert len(upsert(session, Area, values, ["id"])) == 1
        assert upsert(session, Area, values, ["id"]) == []


@both_engines
def test_writers_queue_and_lose_no_update(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.add(Counter(name="queue", value=0))

    def add_ten() -> None:
        for _ in range(10):
            with app.app_context(), transaction() as session:
                row = session.get(Counter, "queue", with_for_update=True)
                assert row is not None
                row.value += 1

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert _value("queue") == 80


def test_a_lock_held_by_another_ends_in_busy_within_the_wait(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(DATABASE_WAIT_S=0.5)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with app.app_context(), transaction():
            held.set()
            release.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    started = time.monotonic()
    with app.app_context(), pytest.raises(Busy), transaction():
        pass
    assert time.monotonic() - started < 2
    release.set()
    thread.join()


def test_ids_are_unique_version_7_and_sort_by_time() -> None:
    made = [new_id() for _ in range(5000)]  # several in each millisecond
    assert len(set(made)) == 5000
    assert {(each.version, each.variant) for each in made} == {(7, uuid.RFC_4122)}
    assert made == sorted(made)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_processes_forked_in_one_millisecond_make_different_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_000_000_000)
    new_id()
    end, other_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(other_end, new_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)
    assert uuid.UUID(bytes=os.read(end, 16)) != new_id()


def test_an_affected_sqlite_is_refused(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pysqlite3 import dbapi2

    monkeypatch.setattr(dbapi2, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(RuntimeError, match="WAL-reset"):
        make_app()


@both_engines
def test_an_error_does_not_repeat_what_the_statement_held(in_app: Flask) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        db.session.execute(sa.text("SELECT 1 FROM nosuch WHERE name = :name"), {"name": "canary"})
    assert "canary" not in str(caught.value)
    with pytest.raises(sa.exc.DBAPIError) as caught, writer.reading().connect() as connection:
        connection.execute(sa.text("SELECT 1 FROM nosuch WHERE name = :name"), {"name": "canary"})
    assert "canary" not in str(caught.value)


@both_engines
def test_an_error_does_not_repeat_the_row_that_was_refused(in_app: Flask) -> None:
    row = Area(code="01", name="canary", level=AreaLevel.GRID)  # a grid of nothing
    with pytest.raises(sa.exc.IntegrityError) as caught, transaction() as session:
        session.add(row)
    told = "".join(traceback.format_exception(caught.value))
    assert "parent_by_level" in told and "canary" not in told
