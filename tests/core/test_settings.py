"""Settings: documented, typed, ordered by source, and shown without secrets."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup

from core.access import Role
from core.config import SETTINGS, BadSetting, load
from tests.conftest import SignIn
from wsgi import create_app

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
        ("page_rows = [1]", "page_rows must be one text or number"),
        ("page_rows = 2.7", "page_rows must be a whole number"),
        ("page_rows = true", "page_rows must be one"),
        ("page_rows = inf", "page_rows must be a whole number"),
        ("page_rows = 2026-11-24", "page_rows must be a whole number"),
        ("page_rows = 0", "page_rows must be a whole number from 1 on"),
        ("trusted_proxies = -1", "trusted_proxies must be a whole number from 0 on"),
        ("database_wait_s = nan", "database_wait_s must be a number"),
        ("database_wait_s = 0", "database_wait_s must be a number from 0.1 on"),
        ("default_language = 'fr'", "default_language must be otherwise.*zh_Hans or en"),
        ("wage_bands = 'much'", "wage_bands must be otherwise"),
        ("page_rows =", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "config.toml").write_text(line, "utf-8")
    with pytest.raises(BadSetting, match=says):
        load(tmp_path, {})


@pytest.mark.parametrize("days", ["30,90,180", "30，90，180", "30、90、180", "30 90 180", ""])
def test_a_list_of_numbers_is_taken_however_it_is_separated(tmp_path: Path, days: str) -> None:
    (tmp_path / "config.toml").write_text(f"follow_up_days = '{days}'", "utf-8")
    assert load(tmp_path, {})["FOLLOW_UP_DAYS"] == days


def test_an_address_in_a_wrong_setting_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("queue_url = 'http://u:canary@h'", "utf-8")
    with pytest.raises(BadSetting, match="queue_url") as refused:
        load(tmp_path, {})
    assert "canary" not in str(refused.value)


def test_a_file_that_notepad_saved_is_read_and_one_of_bytes_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("office_phone = 3101234\n", "utf-8-sig")
    assert load(tmp_path, {})["OFFICE_PHONE"] == "3101234"
    (tmp_path / "config.toml").write_bytes("office_name = '甲'".encode("gbk"))
    with pytest.raises(BadSetting, match="cannot be read"):
        load(tmp_path, {})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("page_rows = 'many'", "page_rows must be a whole number"),
        ("database_url = 'mysql://x'", "DATABASE_URL must begin with"),
        ("database_url = 'postgresql+psycopg://u:canary@h:port/x'", "DATABASE_URL is no address"),
    ],
)
def test_a_command_says_in_one_line_why_it_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, says: str
) -> None:
    (tmp_path / "config.toml").write_text(line, "utf-8")
    monkeypatch.setenv("ZHUHE_INSTANCE", str(tmp_path))
    group = FlaskGroup(create_app=create_app, set_debug_flag=False)
    result = CliRunner().invoke(group, ["sites", "list"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert says in result.output and "canary" not in result.output


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
