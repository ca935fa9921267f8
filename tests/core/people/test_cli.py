"""`flask people import`, and that every finding can be said in words."""

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen.actions import ensure_categories
from core.access import SYSTEM
from core.db import db
from core.people.imports.words import known_codes
from core.people.models import Person
from tests.conftest import NOON
from tests.core.people.conftest import build_street
from tests.core.people.roster.invented import somebodies
from tests.core.people.test_imports import roster

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(app: Flask, noon):
    with app.app_context():
        build_street()
        ensure_categories(by=SYSTEM, now=NOON)

    def command(path: Path, *options: str):
        return app.test_cli_runner().invoke(args=["people", "import", str(path), *options])

    return command


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0


def write(tmp_path: Path, people) -> Path:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(roster(people))
    return file


def test_a_preview_writes_nothing_and_confirm_writes_all(app, run, tmp_path):
    file = write(tmp_path, somebodies(8, seed=51))
    assert run(file).exit_code == 0
    assert count(app) == 0
    done = run(file, "--as", "diners", "--confirm")
    assert (done.exit_code, count(app)) == (0, 8), done.output
    assert run(file, "--confirm").exit_code == 0
    assert count(app) == 8


def test_a_wrong_row_makes_it_exit_1_and_names_the_cell(app, run, tmp_path):
    people = somebodies(5, seed=52)
    people[2] = people[2].but(
        id_number=people[2].id_number[:17] + ("1" if people[2].id_number[17] != "1" else "2")
    )
    file = write(tmp_path, people)
    result = run(file, "--confirm")
    assert result.exit_code == 1 and "B5" in result.output
    assert count(app) == 0


def test_json_has_every_field_of_every_row(app, run, tmp_path):
    people = somebodies(5, seed=53)
    result = run(write(tmp_path, people), "--json")
    rows = json.loads(result.stdout)["rows"]
    assert [(r["name"], r["id_number"], r["birth"], r["grid"], r["categories"], r["wrong_id"]) for r in rows] == [
        (p.name, p.id_number, p.birth.isoformat(), p.grid, list(p.categories), False) for p in people
    ]  # fmt: skip


def test_what_is_no_workbook_exits_1_with_a_sentence(app, run, tmp_path):
    file = tmp_path / "a.xlsx"
    file.write_bytes("姓名,电话\n".encode("gbk") * 9)
    result = run(file)
    assert result.exit_code == 1 and "xlsx" in result.output
    assert json.loads(run(file, "--json").stdout)["error"] == "roster_csv"


def test_every_finding_has_its_sentence():
    made = set()
    for path in [*(ROOT / "core/people").rglob("*.py"), ROOT / "canteen/importer.py"]:
        made |= set(
            re.findall(
                r'(?:Finding|(?:self|row)\.find|_find|_with)\(\s*(?:row, )?"([a-z_0-9]+)"',
                path.read_text("utf-8"),
            )
        )
    assert len(made) > 25
    assert made <= known_codes()
