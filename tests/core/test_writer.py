"""Group commit: what one piece does to the others, to the lock, and to a fork."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from core import reception, writer
from core.db import db
from core.errors import Busy
from core.prepared import do
from core.reception import Reception
from core.writer import write
from tests.conftest import both_engines

THREADS = 12


@pytest.fixture
def table(in_app: Flask) -> Iterator[sa.Table]:
    table = sa.Table("writer_probe", sa.MetaData(), sa.Column("n", sa.Integer, primary_key=True))
    with db.engine.begin() as connection:
        table.create(connection)
    yield table


def insert(table: sa.Table, number: int) -> Callable[[sa.Connection], int]:
    def work(connection: sa.Connection) -> int:
        connection.execute(sa.insert(table).values(n=number))
        return number

    return work


def numbers(table: sa.Table) -> set[int]:
    with db.engine.connect() as connection:
        return set(connection.scalars(sa.select(table.c.n)))


def together(app: Flask, calls: list[Callable[[], object]]) -> list[object]:
    """Run calls at the same moment; what they returned, or raised."""
    barrier, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position: int, call: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                found[position] = call()
            except Exception as error:
                found[position] = error
            db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@both_engines
def test_every_piece_of_a_crowd_is_committed_and_answered(in_app: Flask, table: sa.Table) -> None:
    calls = [lambda n=n: write(insert(table, n)) for n in range(THREADS)]
    assert together(in_app, calls) == list(range(THREADS))  # type: ignore[arg-type]
    assert numbers(table) == set(range(THREADS))


@both_engines
def test_failing_piece_undoes_itself_alone(in_app: Flask, table: sa.Table) -> None:
    def failing(connection: sa.Connection) -> None:
        connection.execute(sa.insert(table).values(n=99))
        time.sleep(0.05)
        raise ValueError("of no use")

    calls = [lambda n=n: write(insert(table, n)) for n in range(THREADS - 1)]
    found = together(in_app, [lambda: write(failing), *calls])  # type: ignore[list-item]
    assert isinstance(found[0], ValueError)
    assert found[1:] == list(range(THREADS - 1))
    assert numbers(table) == set(range(THREADS - 1))


@both_engines
def test_broken_constraint_reaches_only_its_caller(in_app: Flask, table: sa.Table) -> None:
    found = together(in_app, [lambda: write(insert(table, 1)) for _ in range(4)])
    assert sorted(type(each).__name__ for each in found) == ["IntegrityError"] * 3 + ["int"]
    assert write(insert(table, 2)) == 2


def test_waiting_callers_share_one_commit(
    in_app: Flask, table: sa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def note(connection: sa.Connection, words: str) -> int:
        said.append(words)
        return do(connection, words)

    monkeypatch.setattr(writer, "do", note)
    lock = in_app.extensions["zhuhe_write_lock"]
    with lock.hold():
        threads = threading.Thread(
            target=together,
            args=(in_app, [lambda n=n: write(insert(table, n)) for n in range(THREADS)]),
        )
        threads.start()
        time.sleep(0.5)
    threads.join()
    assert numbers(table) == set(range(THREADS))
    assert 1 <= said.count("COMMIT") <= 2


def test_whoever_waits_for_a_commit_lets_others_compute(
    in_app: Flask, table: sa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    everybody = threading.Event()

    def first(connection: sa.Connection) -> int:
        assert everybody.wait(
            10
        )  # the others reached their write although there are two places, and one waits
        return insert(table, 0)(connection)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        number = int(environ["PATH_INFO"].strip("/"))
        begun.append(number)
        if len(begun) == 3:
            everybody.set()
        with in_app.app_context():
            write(insert(table, number) if number else first)
        start_response("200 OK", [])
        return []

    layer = Reception(app, places=2, wait_s=30, most_bytes=1000, receive_s=5)
    monkeypatch.setattr(reception, "LONG_S", 60.0)
    threads = [
        threading.Thread(
            target=run_wsgi_app, args=(layer, EnvironBuilder(f"/{number}").get_environ())
        )
        for number in range(3)
    ]
    for thread in threads:
        thread.start()
        while len(begun) < min(2, threads.index(thread) + 1):
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert numbers(table) == {0, 1, 2}


def test_lock_held_by_another_gives_busy_to_all_who_wait(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(DATABASE_WAIT_S=0.3)
    with app.app_context():
        table = sa.Table(
            "writer_probe", sa.MetaData(), sa.Column("n", sa.Integer, primary_key=True)
        )
        with db.engine.begin() as connection:
            table.create(connection)
        other = db.engine.connect()
        other.exec_driver_sql("BEGIN IMMEDIATE")
        started = time.monotonic()
        found = together(app, [lambda n=n: write(insert(table, n)) for n in range(4)])
        assert [type(each) for each in found] == [Busy] * 4
        assert time.monotonic() - started < 2
        other.rollback()
        other.close()
        assert write(insert(table, 7)) == 7
        assert numbers(table) == {7}


def test_forked_child_writes_with_a_group_of_its_own(in_app: Flask, table: sa.Table) -> None:
    write(insert(table, 1))
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            write(insert(table, 2))
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert write(insert(table, 3)) == 3
    assert numbers(table) == {1, 2, 3}


def failing(
    table: sa.Table, number: int, failures: int, state: str
) -> Callable[[sa.Connection], int]:
    """Work that the server breaks off so many times before it lets it through."""
    tries: list[int] = []

    def work(connection: sa.Connection) -> int:
        tries.append(number)
        insert(table, number)(connection)
        if len(tries) <= failures:
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")
        return len(tries)

    return work


@pytest.mark.parametrize("engine_name", ["postgresql"])
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_serialization_failure_or_deadlock_is_tried_again_a_few_times_only(
    table: sa.Table, engine_name: str, state: str
) -> None:
    assert write(failing(table, 1, 2, state)) == 3
    with pytest.raises(Busy):
        write(failing(table, 2, 3, state))
    assert numbers(table) == {1}


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_two_writers_that_wait_for_each_other_both_land(
    in_app: Flask, table: sa.Table, engine_name: str
) -> None:
    barrier, rounds, landed = threading.Barrier(2), [0, 0], threading.Event()
    with db.engine.begin() as connection:
        connection.execute(sa.insert(table), [{"n": 1}, {"n": 2}])

    def update(own: int, other: int) -> Callable[[sa.Connection], None]:
        def work(connection: sa.Connection) -> None:
            rounds[own - 1] += 1
            if rounds[own - 1] == 2:
                landed.wait(5)  # or it would take its row before the other one had woken up
            for number in (own, other):
                where = sa.update(table).where(table.c.n % 10 == number)
                connection.execute(where.values(n=table.c.n + 10))
                if number == own and rounds[own - 1] == 1:
                    barrier.wait(5)  # each holds what the other one wants: a real deadlock

        return work

    def land(own: int, other: int) -> None:
        write(update(own, other))
        landed.set()

    found = together(in_app, [lambda: land(1, 2), lambda: land(2, 1)])
    assert found == [None, None]
    assert sorted(rounds) == [1, 2], "nobody had to be tried again"
    assert numbers(table) == {21, 22}
