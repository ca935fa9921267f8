"""Forged hosts, forged addresses, tricks in paths, guesses: refused, ignored or slowed by the real server."""

import json
import socket
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from canteen.models import CanteenException
from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.db import db
from tests.canteen import house as building
from tests.canteen.programs import make_house, program
from tests.conftest import csrf_of
from tests.faults.real_server import Server

pytestmark = pytest.mark.faults


def ask(server: Server, text: str) -> tuple[int, str]:
    """Status and everything else of the answer to a request as it is written here."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(text.replace("\n", "\r\n").encode("latin1"))
        received = b""
        while piece := client.recv(65536):
            received += piece
    head = received.decode("utf-8", "replace")
    return (int(head[9:12]) if head else 0), head


def test_a_forged_host_is_refused_and_stands_in_no_answer(server: Server) -> None:
    server.start()
    for host in (
        "evil.example", "evil.example:80", "127.0.0.1.evil.example", "evil.example#127.0.0.1",
        "127.0.0.1@evil.example", "localhost.", "127.0.0.1, evil.example", "[::1].evil.example", "",
    ):  # fmt: skip
        for path in ("/sign-in", "/api/canteen/roster?site=one", "/canteen/meals"):
            status, answer = ask(
                server, f"GET {path} HTTP/1.1\nHost: {host}\nConnection: close\n\n"
            )
            assert status == 400, (host, path, answer)
            assert "evil.example" not in answer
    status, answer = ask(
        server, "GET http://evil.example/sign-in HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n"
    )
    assert status in (200, 400) and "evil.example" not in answer
    status, _ = ask(server, "GET /sign-in HTTP/1.0\n\n")
    assert status == 400


def test_forwarded_headers_that_no_proxy_vouches_for_are_ignored(server: Server) -> None:
    server.start()
    forged = (
        "X-Forwarded-Host: evil.example\nX-Forwarded-Proto: https\nX-Forwarded-Port: 444\n"
        "X-Forwarded-Prefix: /evil\nX-Original-URL: /office/users\nX-Rewrite-URL: /office/users\n"
        "Forwarded: host=evil.example;proto=https\nX-Forwarded-For: 198.51.100.1\n"
    )
    status, answer = ask(
        server,
        f"GET /canteen/meals HTTP/1.1\nHost: 127.0.0.1:{server.port}\n{forged}Connection: close\n\n",
    )
    assert status == 302
    assert "location: /sign-in?next=" in answer.lower().replace("%2f", "/")
    assert "evil" not in answer and "https://" not in answer


def test_only_the_last_hop_of_a_trusted_proxy_is_believed(make_app: Callable[..., Flask]) -> None:
    app = make_app(TRUSTED_PROXIES=1, SIGN_IN_ADDRESS_FAILURES=3, SIGN_IN_PAIR_FAILURES=50)
    client = app.test_client()

    def fail(forwarded: str) -> str:
        data = {"name": "nobody", "password": "wrong", "csrf_token": csrf_of(client)}
        return client.post("/sign-in", data=data, headers={"X-Forwarded-For": forwarded}).text

    # The guesser writes what it likes before the proxy adds the true address.
    for number in range(3):
        assert "分钟" not in fail(f"10.0.0.{number}, 203.0.113.9")
    assert "分钟" in fail("192.0.2.1, 203.0.113.9")
    assert "分钟" not in fail("203.0.113.9, 203.0.113.10")


@pytest.mark.parametrize("proxies", [0, 1])
def test_figures_are_open_to_loopback_alone_whatever_is_forged(
    make_app: Callable[..., Flask], proxies: int
) -> None:
    client = make_app(TRUSTED_PROXIES=proxies).test_client()
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    forged = {"X-Forwarded-For": "127.0.0.1" if proxies == 0 else "127.0.0.1, 203.0.113.9"}
    assert client.get("/metrics", environ_base=stranger, headers=forged).status_code == 404
    assert client.get("/metrics").status_code == 200


def test_no_path_leads_out_of_the_folder_of_packaged_files(server: Server) -> None:
    server.start()
    for path in (
        "/static/../instance/keys/root.key", "/static/..%2f..%2finstance/keys/root.key",
        "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..\\..\\etc\\passwd", "/static/..%5c..%5cetc%5cpasswd",
        "/static//etc/passwd", "/static/%00/etc/passwd", "//etc/passwd", "/static/app.css%00.png",
        "/static/....//....//etc/passwd", "/static/fonts/..;/app.css", "/..%c0%af../etc/passwd",
    ):  # fmt: skip
        status, answer = ask(
            server, f"GET {path} HTTP/1.1\nHost: 127.0.0.1:{server.port}\nConnection: close\n\n"
        )
        assert status in (301, 302, 308, 400, 404), (path, status)
        assert "root:x:" not in answer
    status, _ = ask(
        server,
        f"GET /static/app.css HTTP/1.1\nHost: 127.0.0.1:{server.port}\nConnection: close\n\n",
    )
    assert status == 200


def test_guessed_codes_stay_slowed_after_a_restart_and_are_put_before_a_human(
    make_app: Callable[..., Flask], noon: datetime
) -> None:
    app = make_app(UNKNOWN_CODES_PER_MINUTE=5)
    house, [known] = make_house(app, noon, "general")
    sender = program(app, noon, house.site_id)
    with app.app_context():
        unknown = [building.code(900_000 + number) for number in range(20)]
    told = [sender.scan(code) for code in unknown[:8]]
    assert [answer.status_code for answer in told] == [200] * 5 + [429] * 3
    said = {json.dumps({**answer.json, "event_id": ""}, sort_keys=True) for answer in told[:5]}
    assert len(said) == 1, "each guess must read the same"

    restarted = make_app(UNKNOWN_CODES_PER_MINUTE=5)
    sender.client = restarted.test_client()
    # A process that has seen nothing of this device lets one guess through and then remembers.
    assert [sender.scan(code).status_code for code in unknown[8:12]] == [200, 429, 429, 429]
    assert sender.scan(known).status_code == 201
    with restarted.app_context():
        assert db.session.query(CanteenException).count() == 1


@pytest.mark.usefixtures("hash_as_product")
def test_known_and_unknown_accounts_take_the_same_time(app: Flask) -> None:
    app.config |= {f"SIGN_IN_{what}_FAILURES": 1000 for what in ("PAIR", "ADDRESS", "ACCOUNT")}
    with app.app_context():
        add_user("zhang", "zhang", Role.CLERK, None, by=SYSTEM, now=clock.now())
        db.session.remove()
    client = app.test_client()
    token = csrf_of(client)
    times: dict[str, list[float]] = {"zhang": [], "nobody": []}
    for _ in range(15):
        for name, taken in times.items():  # in turns, so that a busy machine slows both
            began = time.perf_counter()
            sign_in(client, name, token)
            taken.append(time.perf_counter() - began)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert 0.6 < known / unknown < 1.6


def sign_in(client: FlaskClient, name: str, token: str) -> None:
    data = {"name": name, "password": "wrong password", "csrf_token": token}
    assert client.post("/sign-in", data=data).status_code == 422


def test_a_locked_account_opens_again_by_itself(app: Flask, noon: datetime) -> None:
    with app.app_context():
        _, password = add_user("zhang", "zhang", Role.CLERK, None, by=SYSTEM, now=noon)
        db.session.remove()
    client = app.test_client()
    for _ in range(app.config["SIGN_IN_PAIR_FAILURES"]):
        sign_in(client, "zhang", csrf_of(client))
    right = {"name": "zhang", "password": password, "csrf_token": csrf_of(client)}
    waiting = client.post("/sign-in", data=right)
    assert waiting.status_code == 422 and "15 分钟" in waiting.text
    with clock.at(noon + timedelta(minutes=app.config["SIGN_IN_WAIT_MINUTES"], seconds=1)):
        assert client.post("/sign-in", data=right).status_code == 302
