"""Settings: documented, typed, ordered by source, and shown without secrets."""

import re
from pathlib import Path

import pytest
from flask import Flask

from core.access import Role
from core.config import SETTINGS, BadSetting, load
from tests.conftest import SignIn

DOC = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", re.MULTILINE)


def test_the_page_of_settings_lists_each_with_default_unit_and_meaning() -> None:
    documented = {
        name: (default, unit, meaning)
        for name, default, unit, meaning in ROW.findall(DOC.read_text("utf-8"))
    }
    expected = {}
    for setting in SETTINGS:
        default = (
            str(setting.default).lower()
            if isinstance(setting.default, bool)
            else str(setting.default)
        )
        shown = f"`{default}`" if default else "empty"
        expected[setting.name.lower()] = (shown, setting.unit, setting.meaning)
    assert documented == expected


def test_every_setting_is_used_somewhere() -> None:
    root = DOC.parents[1]
    sources = [*(path for package in ("core", "canteen", "workshop") for path in (root / package).rglob("*.py")),
               root / "bootstrap.py", *(root / "templates").rglob("*.html")]  # fmt: skip
    text = "\n".join(path.read_text("utf-8") for path in sources if path.name != "config.py")
    unused = [setting.name for setting in SETTINGS if not re.search(rf"\b{setting.name}\b", text)]
    assert unused == []


def test_environment_goes_before_the_file_and_the_file_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('office_phone = "1"\noffice_name = "甲街道"\n', "utf-8")
    monkeypatch.setenv("ZHUHE_OFFICE_PHONE", "2")
    values = load(tmp_path, {})
    assert (values["OFFICE_PHONE"], values["OFFICE_NAME"], values["PAGE_ROWS"]) == (
        "2",
        "甲街道",
        50,
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("offce_name = 1", "offce_name"),
        ("page_rows = 'many'", "page_rows"),
        ("https = 'perhaps'", "https"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "config.toml").write_text(line, "utf-8")
    with pytest.raises(BadSetting, match=says):
        load(tmp_path, {})


def test_the_page_shows_values_and_hides_secrets(make_app, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from core import clock
    from core.access import SYSTEM
    from core.accounts.actions import add_user
    from tests.conftest import csrf_of, with_password

    app: Flask = make_app(METRICS_TOKEN="canary-token", OFFICE_PHONE="0310-7654321")
    with app.app_context():
        user, password = add_user("root", "root", Role.ADMIN, None, by=SYSTEM, now=clock.now())
        with_password(user)
    client = app.test_client()
    client.post(
        "/sign-in", data={"name": "root", "password": password, "csrf_token": csrf_of(client)}
    )
    page = client.get("/office/settings").text
    assert "0310-7654321" in page
    assert "canary-token" not in page
    assert str(app.config["SQLALCHEMY_DATABASE_URI"]) not in page
    assert all(setting.name.lower() in page for setting in SETTINGS)


def test_only_an_administrator_sees_them(sign_in: SignIn) -> None:
    assert sign_in(Role.REVIEWER).get("/office/settings").status_code == 403
