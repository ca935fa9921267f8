"""Personal data: encrypted at rest, masked on the screen, and in no log, address, error or figure."""

import re
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from core import audit, clock, logs, privacy
from core.access import Actor, Role
from core.db import db, transaction
from core.people.models import Person, Sex
from tests.conftest import SignIn, both_engines, csrf_of

# A number that no county gives out, with its right check digit.
CANARY = "130499193608235198"
PHONE = "19900008675"
ADDRESS = "canary路26号楼5单元601"


def canary(now: datetime) -> int:
    with transaction() as session:
        person = Person(name="王秀华", pinyin="wangxiuhua", sex=Sex.FEMALE, birth_on=date(1936, 8, 23),
                        id_number=CANARY, phone=PHONE, address=ADDRESS, note="听不见", created_at=now)  # fmt: skip
        session.add(person)
        session.flush()
        audit.record(session, "person.added", subject=f"person:{person.id}", person_id=person.id, now=now,
                     by=Actor("甲", user_id=1), after={"id_number": CANARY, "phone": PHONE})  # fmt: skip
        return person.id


@both_engines
def test_at_rest_nothing_personal_can_be_read(
    in_app: Flask, noon: datetime, engine_name: str
) -> None:
    canary(noon)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.text(f'SELECT * FROM "{table.name}"')):
            stored = " ".join(map(str, row))
            assert not [value for value in (CANARY, PHONE, ADDRESS, "听不见") if value in stored], (
                table.name
            )
    person = db.session.scalars(sa.select(Person)).one()
    assert (person.id_number, person.phone, person.address) == (CANARY, PHONE, ADDRESS)


def test_the_files_of_the_instance_hold_nothing_personal(in_app: Flask, noon: datetime) -> None:
    canary(noon)
    db.session.remove()
    db.engine.dispose()
    for file in Path(in_app.instance_path).rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert CANARY.encode() not in content and PHONE.encode() not in content, file


def test_foreign_keys_open_nothing(in_app: Flask, noon: datetime) -> None:
    canary(noon)
    token = db.session.scalar(sa.select(sa.type_coerce(Person.phone, sa.Text)))
    assert token is not None and privacy.read_or_none(token) == PHONE
    from cryptography.fernet import Fernet

    in_app.extensions["zhuhe_keys"] = privacy.Keys(b"other", [Fernet.generate_key()])
    assert privacy.read_or_none(token) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [("root.key", ""), ("root.key", "ab" * 31), ("root.key", "no hex"), ("data.key", ""),
     ("data.key", "short"), ("data.key", "schlüssel")],
)  # fmt: skip
def test_a_cut_or_damaged_key_opens_nothing_and_says_so(
    instance: Path, name: str, content: str
) -> None:
    (instance / "keys" / name).write_text(content, "latin-1")
    with pytest.raises(privacy.MissingKeys, match="Put the keys back"):
        privacy.Keys.load(instance / "keys")


def test_a_new_data_key_on_top_still_opens_the_old(in_app: Flask) -> None:
    from cryptography.fernet import Fernet

    folder = Path(in_app.instance_path) / "keys"
    old = privacy.Keys.load(folder).fernet.encrypt(b"x")
    (folder / "data.key").write_text(
        f"{Fernet.generate_key().decode()}\n{(folder / 'data.key').read_text()}"
    )
    assert privacy.Keys.load(folder).fernet.decrypt(old) == b"x"


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (privacy.mask_name, "王秀华", "王*华"), (privacy.mask_name, "王兵", "王*"),
        (privacy.mask_id_number, CANARY, "1304**********5198"), (privacy.mask_phone, PHONE, "199****8675"),
        (privacy.mask_phone, "2012345", "*****45"), (privacy.mask_phone, None, ""),
    ],
)  # fmt: skip
def test_masks(mask, value: str | None, shown: str) -> None:  # type: ignore[no-untyped-def]
    assert mask(value) == shown


@pytest.mark.parametrize(
    "text", [CANARY, CANARY[:-1] + "X", "12345678901234567", PHONE, f"重复:{CANARY}。"]
)
def test_logs_hide_long_numbers(text: str) -> None:
    masked = logs.mask(text)
    assert masked != text and not re.search(r"\d{8}", masked)


def test_a_uuid_and_a_moment_stay_readable_in_logs() -> None:
    for text in ("019b4c10-9a5f-7c3e-8a11-0123456789ab", "2026-11-24T03:42:00+00:00", "port 8000"):
        assert logs.mask(text) == text


def everything_said(answer: TestResponse) -> str:
    return (
        f"{answer.text} {answer.headers}" if answer.mimetype != "image/png" else str(answer.headers)
    )


def test_an_id_number_is_in_no_log_address_error_or_figure(
    make_app,
    noon: datetime,
    capfd: pytest.CaptureFixture[str],  # type: ignore[no-untyped-def]
) -> None:
    """It is typed into every place that takes text, and into addresses; then everything is searched."""
    from core.access import SYSTEM
    from core.accounts.actions import add_user
    from tests.conftest import with_password

    app: Flask = make_app(PROPAGATE_EXCEPTIONS=False)

    @app.get("/broken")
    def broken() -> str:
        raise ValueError(f"could not read {CANARY}")

    from core.access import requires

    app.view_functions["broken"] = requires(Role.CLERK)(broken)
    with app.app_context():
        person_id = canary(noon)
        user, password = add_user("clerk", "clerk", Role.CLERK, None, by=SYSTEM, now=clock.now())
        with_password(user)
    client = app.test_client()
    client.post(
        "/sign-in", data={"name": "clerk", "password": password, "csrf_token": csrf_of(client)}
    )
    token, said = csrf_of(client), []
    for path in (
        f"/people/{person_id}",
        "/people",
        "/broken",
        f"/people/{CANARY}",
        f"/nowhere/{CANARY}",
        "/metrics",
    ):
        answer = client.get(path)
        said.append(everything_said(answer))
    form = {"q": CANARY, "name": CANARY, "password": CANARY, "reason": CANARY, "csrf_token": token}
    for path in (
        "/people/search",
        "/sign-in",
        f"/people/{person_id}/standing",
        "/account/password",
        "/sign-out",
    ):
        answer = client.post(path, data=form)
        assert CANARY not in str(answer.headers), path
        said.append(answer.text if "search" not in path and "standing" not in path else "")
    out, err = capfd.readouterr()
    assert CANARY not in out + err
    assert "error.unforeseen" in err  # it was logged, and masked
    assert not [text for text in said if CANARY in text and 'value="' not in text]
    metrics = app.test_client().get("/metrics").text
    assert CANARY not in metrics and PHONE not in metrics


def test_search_by_an_id_number_puts_it_into_no_address(sign_in: SignIn) -> None:
    client = sign_in(Role.CLERK)
    answer = client.post("/people/search", data={"q": CANARY, "csrf_token": csrf_of(client)})
    assert CANARY not in (answer.location or "")


def test_the_standard_librarys_sqlite_is_not_what_opens_the_file(in_app: Flask) -> None:
    assert not isinstance(db.session.connection().connection.driver_connection, sqlite3.Connection)
