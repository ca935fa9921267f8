"""Commands of the house: plain lines, exit codes, JSON, and never a secret more than needed."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from core import audit, clock, doctor
from core.access import SYSTEM
from core.audit import AuditEntry
from core.db import db, transaction
from tests.conftest import both_engines, csrf_of


def run(app: Flask, *words: str) -> Result:
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_site_a_user_and_a_device_from_the_command_line(app: Flask) -> None:
    assert (
        run(app, "sites", "add", "nonglin", "农林二社区老年食堂", "--kind", "canteen").exit_code
        == 0
    )
    added = run(app, "users", "add", "Lin", "--role", "counter", "--site", "nonglin")
    name, password = added.output.split()
    assert name == "lin"
    client = app.test_client()
    data = {"name": "lin", "password": password, "csrf_token": csrf_of(client)}
    assert client.post("/sign-in", data=data).status_code == 302
    renewed = run(app, "users", "reset", "LIN").output.split()[1]
    assert renewed != password
    assert client.get("/account").status_code == 302
    token = run(app, "devices", "add", "打印程序", "--site", "nonglin").output.strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/", headers=headers).status_code == 200
    listed = json.loads(run(app, "users", "list", "--json").output)
    assert listed == [
        {"name": "lin", "display_name": "Lin", "roles": ["counter@nonglin"], "ended": False}
    ]
    assert json.loads(run(app, "sites", "list", "--json").output)[0]["slug"] == "nonglin"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("users", "add", "lin", "--role", "counter"), "站点|the site"),
        (("users", "add", "lin", "--role", "counter", "--site", "nosuch"), "no site 'nosuch'"),
        (("users", "add", "lin", "--role", "emperor"), "emperor"),
        (("users", "add", "lin", "--role", "auditor"), "--until"),
        (("users", "reset", "nobody"), "no account 'nobody'"),
        (("sites", "add", "No Good", "x", "--kind", "canteen"), "small letters"),
        (("sites", "add", "s" * 33, "x", "--kind", "canteen"), "1 to 32 characters"),
        (("sites", "add", "s", "x" * 65, "--kind", "canteen"), "1 to 64 characters"),
        (("sites", "add", "s", " ", "--kind", "canteen"), "1 to 64 characters"),
        (
            ("sites", "add", "s", "x", "--kind", "canteen", "--phone", "1" * 33),
            "0 to 32 characters",
        ),
        (
            ("users", "add", "lin", "--role", "admin", "--display-name", "x" * 33),
            "1 to 32 characters",
        ),
        (("users", "add", "lin", "--role", "admin", "--display-name", "\udcff"), "in UTF-8"),
        (("users", "add", "lin", "--role", "admin", "--until", "9999-12-31"), "before 2200"),
        (("devices", "add", "x" * 65, "--site", "nosuch"), "1 to 64 characters"),
        (("devices", "add", "x", "--site", "nosuch"), "none yet"),
        (("restore", "/nonexistent/file"), "There is no file"),
    ],
)
def test_what_cannot_be_done_is_said_and_fails(
    app: Flask, words: tuple[str, ...], says: str
) -> None:
    result = run(app, *words)
    assert result.exit_code != 0
    assert re.search(says, result.output)


@both_engines
def test_audit_verify_fails_when_a_row_was_bent(
    app: Flask, noon: datetime, engine_name: str
) -> None:
    run(app, "users", "add", "lin", "--role", "clerk")
    assert "1 sealed" in run(app, "audit", "seal").output
    assert run(app, "audit", "verify").exit_code == 0
    with app.app_context(), transaction() as session:
        session.execute(sa.update(AuditEntry).values(actor_name="别人"))
    result = run(app, "audit", "verify", "--json")
    assert result.exit_code == 1
    assert "was changed" in json.loads(result.output)["fault"]


@both_engines
def test_backup_and_check_from_the_command_line(
    app: Flask, tmp_path: Path, engine_name: str
) -> None:
    file = str(tmp_path / "b.zip")
    run(app, "users", "add", "lin", "--role", "clerk")
    assert run(app, "backup", file).exit_code == 0
    assert run(app, "restore", file, "--check").exit_code == 0
    assert run(app, "restore", file).exit_code == 1
    assert run(app, "restore", file, "--force").exit_code == 0
    assert run(app, "audit", "verify").exit_code == 0


# the doctor --------------------------------------------------------------------------------------


def findings(app: Flask) -> dict[str, list[str]]:
    states: dict[str, list[str]] = {}
    for finding in json.loads(run(app, "doctor", "--json").output):
        states.setdefault(finding["topic"], []).append(finding["state"])
    return states


@both_engines
def test_a_sound_installation_passes(app: Flask, tmp_path: Path, engine_name: str) -> None:
    with app.app_context():
        doctor.leave_sign(clock.now())
    run(app, "backup", str(tmp_path / "b.zip"))
    Path(app.instance_path).chmod(0o700)
    assert {state for states in findings(app).values() for state in states} == {"ok"}
    assert run(app, "doctor").exit_code == 0


def test_each_ill_is_named_with_the_line_that_mends_it(make_app, instance: Path) -> None:  # type: ignore[no-untyped-def]
    app: Flask = make_app(ALLOWED_HOSTS="zhuhe.example.cn,127.0.0.1")
    with app.app_context():
        doctor.leave_sign(clock.now() - timedelta(hours=1))
        with transaction() as session:
            audit.record(session, "user.added", subject="user:1", by=SYSTEM,
                         now=clock.now() + timedelta(days=1), after={})  # fmt: skip
            session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    (instance / "keys").chmod(0o755)
    (instance / "audit.head").write_text(f"2026-01-01T00:00:00+00:00 99 {'0' * 64}\n")
    result = run(app, "doctor")
    assert result.exit_code == 1
    states = findings(app)
    for topic in ("schema", "permissions", "worker", "https", "clock", "audit"):
        assert "bad" in states[topic], topic
    assert states["backup"] == ["warn"]
    for line in ("flask prepare", "chmod go=", "flask worker", "timedatectl", "flask audit verify"):
        assert f"→ {line}" in result.output


def test_foreign_keys_are_named(make_app, instance: Path) -> None:  # type: ignore[no-untyped-def]
    first: Flask = make_app()
    with first.app_context(), transaction() as session:
        audit.record(
            session, "user.added", subject="user:1", by=SYSTEM, now=clock.now(), after={"a": 1}
        )
    from cryptography.fernet import Fernet

    (instance / "keys" / "data.key").write_text(Fernet.generate_key().decode())
    assert "bad" in findings(make_app())["keys"]


@pytest.mark.parametrize(
    ("address", "hosts", "state"),
    [
        ("https://zhuhe.example.cn", "zhuhe.example.cn,127.0.0.1", "ok"),
        ("https://zhuhe.example.cn", "127.0.0.1", "bad"),
        ("zhuhe.example.cn", "zhuhe.example.cn", "bad"),
    ],
)
def test_doctor_sees_that_strangers_could_not_verify_a_report(
    make_app, address: str, hosts: str, state: str
) -> None:  # type: ignore[no-untyped-def]
    app = make_app(PUBLIC_URL=address, ALLOWED_HOSTS=hosts, HTTPS=True, TRUSTED_PROXIES=1)
    assert findings(app)["public_url"] == [state]


def test_doctor_backup_and_settings_print_no_secret(
    make_app, instance: Path, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    app: Flask = make_app(METRICS_TOKEN="canary-token")
    secrets = [
        "canary-token",
        *(file.read_text().strip() for file in (instance / "keys").iterdir()),
    ]
    file = str(tmp_path / "b.zip")
    said = "".join(
        run(app, *words).output
        for words in (
            ("doctor",),
            ("doctor", "--json"),
            ("backup", file, "--with-keys", "--json"),
            ("restore", file),
        )
    )
    assert not [secret for secret in secrets if secret in said]


def test_a_database_that_does_not_answer_is_named_without_its_password(instance: Path) -> None:
    from tests.conftest import TEST_SETTINGS
    from wsgi import create_app

    url = "postgresql+psycopg://zhuhe:canary-pass@127.0.0.1:1/zhuhe"
    app = create_app(
        {**TEST_SETTINGS, "INSTANCE": instance, "DATABASE_URL": url, "DATABASE_WAIT_S": 0.5}
    )
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "canary-pass" not in result.output
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@both_engines
def test_a_database_without_tables_is_told_in_one_line(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
    for words in (("sites", "list"), ("users", "list"), ("cards", "list"), ("audit", "verify")):
        result = run(app, *words)
        assert result.exit_code == 1 and "run `flask prepare` first" in result.output


def test_a_database_that_is_away_is_told_in_one_line(make_app: Callable[..., Flask]) -> None:
    url = "postgresql+psycopg://zhuhe:canary@127.0.0.1:9/zhuhe"
    result = run(make_app(DATABASE_URL=url), "users", "list")
    assert result.exit_code == 1 and "does not answer" in result.output
    assert "canary" not in result.output
