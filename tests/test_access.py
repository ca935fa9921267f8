"""Sign-in, sessions, headers: what holds for every page."""

from flask import Flask

from core.access import Role
from tests.conftest import SignIn, csrf_of


def test_sign_in_leads_home_and_sign_out_kills_a_copied_cookie(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.CLERK)
    assert client.get("/").status_code == 200
    stolen = client.get_cookie("session")
    assert stolen is not None
    client.post("/sign-out", data={"csrf_token": csrf_of(client)})
    thief = app.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/").status_code == 302


def test_post_without_a_token_or_from_elsewhere_is_refused(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.CLERK)
    assert client.post("/sign-out").status_code == 403
    foreign = {"Origin": "https://evil.example"}
    answer = client.post("/sign-out", data={"csrf_token": csrf_of(client)}, headers=foreign)
    assert answer.status_code == 403
    assert client.get("/").status_code == 200


def test_unknown_account_and_wrong_password_read_the_same(app: Flask, sign_in: SignIn) -> None:
    sign_in(Role.CLERK, name="zhang")
    client = app.test_client()
    texts = set()
    for name in ("zhang", "nobody"):
        data = {"name": name, "password": "wrong", "csrf_token": csrf_of(client)}
        answer = client.post("/sign-in", data=data)
        assert answer.status_code == 422
        texts.add(answer.text.replace(name, "").replace(csrf_of(client), ""))
    assert len({text.split("notice-bad")[1][:200] for text in texts}) == 1


def test_guessing_is_locked_for_the_guesser_only(app: Flask, sign_in: SignIn) -> None:
    sign_in(Role.CLERK, name="zhang")
    guesser = app.test_client()
    data = {"name": "zhang", "password": "wrong", "csrf_token": csrf_of(guesser)}
    for _ in range(6):
        answer = guesser.post("/sign-in", data=data)
    assert "15" in answer.text
    elsewhere = app.test_client()
    data["csrf_token"] = csrf_of(elsewhere)
    answer = elsewhere.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert "15" not in answer.text.split("notice-bad")[1][:200]


def test_foreign_host_is_refused(app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_pages_carry_the_policy(app: Flask) -> None:
    policy = app.test_client().get("/sign-in").headers["Content-Security-Policy"]
    assert "script-src 'nonce-" in policy
    assert "unsafe-inline" not in policy
