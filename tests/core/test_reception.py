"""The door of the app: who gets in, in which order, and what of a request is let in at all."""

import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from core import reception
from core.reception import REFUSED, Gate, Reception
from tests.conftest import csrf_of

Answer = tuple[list[bytes], str, Any]


def receive(app: Callable[..., Any], environ: dict[str, Any], **limits: Any) -> Answer:
    """Send one request through a reception of its own."""
    values = {"places": 1, "wait_s": 1.0, "most_bytes": 1000, "receive_s": 5.0, **limits}
    answer, status, headers = run_wsgi_app(Reception(app, **values), environ)
    return list(answer), status, headers


def posted(content: bytes = b"", **more: Any) -> dict[str, Any]:
    return {**EnvironBuilder("/", method="POST", data=content).get_environ(), **more}


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Says what it was refused with, and what it read."""
    content = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [str(environ.get(REFUSED)).encode(), b" ", content]


class Stream(BytesIO):
    """Content that comes in pieces of ten bytes, each after a pause."""

    pause_s = 0.0

    def read(self, size: int | None = -1) -> bytes:
        time.sleep(self.pause_s)
        return super().read(min(10, size if size and size > 0 else 10))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits so long that the gate lets more in than it has places."""
    monkeypatch.setattr(reception, "LONG_S", 60.0)


@pytest.mark.usefixtures("patient")
def test_a_gate_lets_in_whoever_waited_longest() -> None:
    gate, order = Gate(1), []
    assert gate.enter(0)

    def come(number: int) -> None:
        assert gate.enter(5)
        order.append(number)
        gate.leave()

    threads = [threading.Thread(target=come, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
        while len(gate._waiting) <= threads.index(thread):
            time.sleep(0.001)
    gate.leave()
    for thread in threads:
        thread.join()
    assert order == list(range(6))
    assert gate.enter(0)


def test_whoever_gives_up_waiting_loses_nobody_a_place() -> None:
    gate = Gate(1)
    assert gate.enter(0)
    assert not gate.enter(0.01)
    gate.leave()
    assert gate.enter(0)
    assert not gate.enter(0)


def test_one_slow_page_holds_up_others_for_a_moment_and_many_do_not_all_run_at_once() -> None:
    gate = Gate(2)
    assert gate.enter(0)
    assert gate.enter(0)
    began = time.monotonic()
    for _ in range(2 * (reception.CROWDED - 1)):
        assert gate.enter(5)
    assert reception.LONG_S <= (time.monotonic() - began) / 4 < 5 * reception.LONG_S
    assert not gate.enter(2 * reception.LONG_S)

    came = threading.Event()
    late = threading.Thread(target=lambda: (gate.enter(30), came.set()))
    late.start()
    time.sleep(2 * reception.LONG_S)
    assert not came.is_set()
    gate.leave()
    assert came.wait(5)
    late.join()
    for _ in range(6):
        gate.leave()
    assert [gate.enter(0) for _ in range(3)] == [True, True, False]


@pytest.mark.usefixtures("patient")
def test_no_more_than_the_places_are_worked_on_and_the_rest_are_refused_in_time() -> None:
    started, ends = threading.Semaphore(0), threading.Event()

    def work(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ.get(REFUSED) is None:
            started.release()
            ends.wait(5)
        return echo(environ, start_response)

    layer = Reception(work, places=2, wait_s=0.2, most_bytes=1000, receive_s=5)
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(b"".join(run_wsgi_app(layer, posted())[0])))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert started.acquire(timeout=5)
    while len(found) < 3:
        time.sleep(0.01)
    ends.set()
    for thread in threads:
        thread.join()
    assert sorted(found) == [b"503 "] * 3 + [b"None "] * 2


def test_whoever_gives_way_lets_another_in_and_returns_no_place_twice() -> None:
    def nested(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/":
            reception.give_way()
            reception.give_way()
            inner = run_wsgi_app(layer, {**posted(), "PATH_INFO": "/inner"})[0]
            assert b"".join(inner) == b"None "
        return echo(environ, start_response)

    layer = Reception(nested, places=1, wait_s=0.1, most_bytes=1000, receive_s=5)
    assert b"".join(run_wsgi_app(layer, posted())[0]) == b"None "
    assert layer._gate._inside == 0


def test_a_place_comes_free_even_when_what_was_kept_open_cannot_be_closed() -> None:
    class Broken:
        def close(self) -> None:
            raise OSError("gone")

    def work(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        reception.keep(Broken())
        return echo(environ, start_response)

    layer = Reception(work, places=1, wait_s=0.1, most_bytes=1000, receive_s=5)
    with pytest.raises(OSError, match="gone"):
        run_wsgi_app(layer, posted())
    assert layer._gate._inside == 0
    assert not reception.is_awaited()


def test_patience_counts_from_the_arrival_and_begins_anew_when_the_database_gave_way() -> None:
    told: list[float] = []

    def work(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        time.sleep(0.2)
        told.append(reception.left_s(1.0))
        told.append(reception.left_s(0.1))
        reception.begun()
        told.append(reception.left_s(1.0))
        return echo(environ, start_response)

    receive(work, posted())
    assert told[0] == pytest.approx(0.8, abs=0.1)
    assert told[1] == 0
    assert told[2] == pytest.approx(1.0, abs=0.1)
    assert reception.left_s(1.0) == 1.0
    assert not reception.is_awaited()


def test_content_arrives_whole_whatever_its_pieces() -> None:
    content = bytes(range(256)) * 3
    for limits in ({}, {"most_bytes": len(content)}):
        source = Stream(content)
        body, _, _ = receive(echo, {**posted(content), "wsgi.input": source}, **limits)
        assert body == [b"None " + content]


def test_content_on_the_disk_arrives_whole_too() -> None:
    content = b"z" * (reception.MEMORY_BYTES + 5)
    body, _, _ = receive(echo, posted(content), most_bytes=2 * len(content))
    assert body == [b"None " + content]


def test_content_without_a_length_is_read_to_its_end_and_measured() -> None:
    def lengths(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        return [f"{environ['CONTENT_LENGTH']} {'HTTP_TRANSFER_ENCODING' in environ}".encode()]

    environ = posted()
    environ.pop("CONTENT_LENGTH", None)
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Stream(b"x" * 55)}
    assert receive(lengths, environ)[0] == [b"55 False"]
    # One byte more than may be is enough to know.
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Stream(b"x" * 5000)}
    environ.pop("CONTENT_LENGTH", None)
    assert receive(lengths, environ)[0] == [b"1001 False"]


def test_content_cut_off_on_the_way_is_never_taken_for_the_whole() -> None:
    environ = {**posted(b"amount=120"), "wsgi.input": BytesIO(b"amount=12")}
    assert receive(echo, environ)[0] == [b"400 amount=12"]


def test_content_that_comes_too_slowly_is_refused_before_its_end() -> None:
    source = Stream(b"x" * 900)
    source.pause_s = 0.02
    began = time.monotonic()
    environ = {**posted(b"x" * 900), "wsgi.input": source}
    assert receive(echo, environ, receive_s=0.1)[0][0].startswith(b"408 ")
    assert time.monotonic() - began < 1


def test_content_declared_too_large_is_not_handed_on() -> None:
    environ = posted(b"x" * 900)
    assert receive(echo, environ, most_bytes=500)[0] == [b"None "]
    assert environ["CONTENT_LENGTH"] == "900"
    # Far too large is not even read.
    source = BytesIO(b"x" * 900)
    receive(echo, {**posted(b"x" * 900), "wsgi.input": source}, most_bytes=100)
    assert source.tell() == 0


def test_a_failing_app_gives_its_place_back_and_closes_its_answer() -> None:
    closed: list[bool] = []

    class Broken:
        def __iter__(self) -> Any:
            raise RuntimeError("in the middle of an answer")

        def close(self) -> None:
            closed.append(True)

    layer = Reception(lambda *_: Broken(), places=1, wait_s=0.1, most_bytes=10, receive_s=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            layer(posted(), lambda *_: None)
    assert closed == [True] * 3


@pytest.mark.parametrize(
    ("status", "words"),
    [(408, "网络太慢"), (400, "无法读取这次提交"), (503, "数据库正忙")],
)
def test_the_app_says_in_words_what_did_not_arrive(app: Flask, status: int, words: str) -> None:
    client = app.test_client()
    for path, accept in (("/sign-in", "text/html"), ("/api/canteen/scans", "application/json")):
        answer = client.post(path, environ_overrides={REFUSED: status}, headers={"Accept": accept})
        assert answer.status_code == status
        told = answer.json["message"] if answer.is_json else answer.text
        assert words in told
        assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_form_of_too_many_fields_is_refused_and_one_of_many_is_not(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    fields = {"csrf_token": csrf_of(client), "name": "nobody", "password": "wrong"}
    for count, status in ((1900, 422), (2000, 413)):
        extra = {f"f{n}": "1" for n in range(count)}
        assert client.post("/sign-in", data={**fields, **extra}).status_code == status
