"""Extra fields in forms: each form of a page is sent as a browser sends it, and again with every name that
a table of ours knows beside it; both leave the same database.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from canteen import actions
from canteen.actions import TariffDraft
from canteen.values import DietKind, FundLayer, LayerRule, TariffKind
from core.access import SYSTEM, Role
from core.accounts.actions import add_device, add_user
from core.accounts.models import DeviceKind
from core.db import db
from core.privacy import read_or_none
from tests.canteen import house as building
from tests.conftest import SignIn, csrf_of
from tests.faults.real_server import database_file

Fields = list[tuple[str, str]]
# What cannot be told from the kind of a field that a page leaves empty.
TYPED = {"date": "2026-11-24", "number": "1", "time": "11:30", "tel": "13800002231"}
# What is random or a moment in a row: ids made for it, keys, hashes, times.
_RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|[\w-]{40,}"
                     r"|\$argon2\S+|-[0-9a-f]{10}\b|\d{4}-\d\d-\d\d[ T]\d\d:\d\d\S*")  # fmt: skip


@dataclass
class Form:
    """A form of a page."""

    action: str
    fields: Fields = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page that post, filled in as far as they have to be."""

    def __init__(self, page: str, address: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._address = address
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: str | None = None
        self._form: Form | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            posts = at.get("method", "").lower() == "post"
            self._form = Form(at.get("action") or self._address) if posts else None
            self.found += [self._form] if self._form else []
        name = at.get("name")
        if self._form is None:
            return
        if tag == "option" and self._select:
            self._select[1].append((at.get("value", ""), "selected" in at))
        if not name:
            return
        self._form.names.add(name)
        if tag == "select":
            self._select = (name, [])
        elif tag == "textarea":
            self._area = name
            self._form.fields.append((name, ""))
        elif tag == "input":
            self._input(name, at)

    def _input(self, name: str, at: dict[str, str]) -> None:
        assert self._form is not None
        kind, value = at.get("type", "text"), at.get("value", "")
        if kind in ("radio", "checkbox"):
            if "checked" in at or (kind == "radio" and name not in dict(self._form.fields)):
                self._form.fields = [
                    each for each in self._form.fields if each[0] != name or kind == "checkbox"
                ]
                self._form.fields.append((name, value))
        elif kind not in ("submit", "file"):
            self._form.fields.append(
                (name, value or ("required" in at and TYPED.get(kind, "示例")) or "")
            )

    def handle_data(self, data: str) -> None:
        if self._area and self._form and self._form.fields[-1][0] == self._area:
            self._form.fields[-1] = (self._area, data.removeprefix("\n").removeprefix("\r\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area and self._form:
            if not self._form.fields[-1][1]:
                self._form.fields[-1] = (self._area, "示例")
            self._area = None
        elif tag == "select" and self._select and self._form:
            name, options = self._select
            chosen = [value for value, is_chosen in options if is_chosen] or [
                value for value, _ in options if value
            ][:1]
            self._form.fields += [(name, value) for value in chosen]
            self._select = None


class Told(NamedTuple):
    """Status, place, and all rows after it."""

    status: int
    place: str
    rows: dict[str, list[str]]


def plain(value: Any) -> str:
    """A value of a row as it can be compared: opened, and without what is random in it."""
    if isinstance(value, bytes):
        return "*"
    text = str(value)
    return _RANDOM.sub("*", (read_or_none(text) or "") if text.startswith("gAAAA") else text)


@cache  # nearly all rows are those that were there before
def line_of(row: tuple[Any, ...]) -> str:
    return "|".join(map(plain, row))


@dataclass
class World:
    """A database that can be put back, and whoever sends forms to it."""

    app: Flask
    client: FlaskClient
    ids: dict[str, Any]
    token: str
    answers: dict[str, dict[str, str]]

    def keep(self) -> None:
        with self.app.app_context():
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        self.file = database_file(self.app)
        self.copy = self.file.with_suffix(".kept")
        shutil.copy(self.file, self.copy)
        self.kept_rows = self.rows()

    def put_back(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for left in (self.file, *(Path(f"{self.file}-{end}") for end in ("wal", "shm"))):
            left.unlink(missing_ok=True)
        shutil.copy(self.copy, self.file)

    def rows(self) -> dict[str, list[str]]:
        """All rows of all tables."""
        with self.app.app_context(), db.engine.connect() as connection:
            return {
                table.name: sorted(
                    line_of(tuple(row))
                    for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}")
                )
                for table in db.metadata.sorted_tables
            }

    def send(self, form: Form, more: Fields) -> Told:
        """What came of a form, with more fields beside its own; the database is put back."""
        data: dict[str, list[str]] = {}
        for name, value in [*form.fields, *more]:
            data.setdefault(name, []).append(value)
        answer = self.client.post(form.action, data={**data, "csrf_token": self.token})
        told = Told(answer.status_code, _place(answer.headers.get("Location", "")), self.rows())
        if told.rows != self.kept_rows:
            self.put_back()
        return told


def _place(location: str) -> str:
    """Where an answer leads, without what a posted search says in the address of its list."""
    return plain(urlsplit(location).path)


def build(app: Flask, now: datetime) -> dict[str, Any]:
    """A canteen with one of everything that a form can change; the values of its addresses."""
    with app.app_context():
        house = building.build(now)
        her, other = building.diner(house, "minimum_living"), building.diner(house)
        scan = building.scan(house, her)
        actions.register_meal(scan, by=SYSTEM, now=now)
        at = {"by": SYSTEM, "now": now}
        day = {"from_on": now.date(), **at}
        need = actions.add_diet_need(her, DietKind.ALLERGY, detail="花生", **day)
        actions.pause_diner(her, until_on=None, **day)
        category_id = house.categories["disabled"]
        paper = actions.propose_eligibility(her, category_id, until_on=None, evidence="示例", **day)
        draft = actions.draft_tariff(DRAFT, **at)
        user, _ = add_user("zhang", "张三", Role.COUNTER, house.site_id, **at)
        device, _ = add_device("窗口", house.site_id, DeviceKind.TABLET, **at)
        found = {
            "person_id": her, "other_id": other, "event_id": scan.id, "need_id": need.id,
            "eligibility_id": paper.id, "tariff_id": draft.id, "user_id": user.id,
            "device_id": device.id, "slug": "one", "category_id": category_id,
            "area_id": house.inside_id,
        }  # fmt: skip
        db.session.remove()
    return found


DRAFT = TariffDraft(
    series="extra", kind=TariffKind.SUBSIDY, name="示例", document_no="示例〔2026〕7号",
    from_on=date(2026, 12, 1), layers=[LayerRule(FundLayer.CITY, fixed_fen=100)],
)  # fmt: skip
# What an address takes besides the names on its pages: why an older entry is undone; the last day; all that
# the counter's next question asks.
ALSO_ASKED = {
    "canteen.create_counter_void": {"reason"},
    "canteen.end_diet_need": {"on"},
    "canteen.create_counter_entry": {"late_reason", "no_card_reason", "person", "price_fen", "sitting", "day"},
}  # fmt: skip
# Forms about roles, sites and amounts, and some others: were they refused, they would prove nothing.
WRITES = {
    "users.add", "users.add_role", "users.end", "devices.add", "devices.revoke", "sites.add", "sites.edit",
    "people.create", "people.edit", "people.standing", "cards.create_replacement", "reports.create",
    "canteen.create_counter_entry", "canteen.create_counter_void", "canteen.void_meal",
    "canteen.create_tariff", "canteen.change_tariff", "canteen.put_tariff_in_force",
    "canteen.create_category", "canteen.change_sittings", "canteen.propose_eligibility",
    "canteen.approve_eligibility", "canteen.change_diner", "canteen.end_diner", "canteen.add_diet_need",
    "canteen.suspend_diner", "canteen.pause_diner",
}  # fmt: skip
# What a page leaves to be typed; the rest is filled in by its kind.
ANSWERS = {
    "canteen.create_category": {"code": "shili"},
    "canteen.add_diet_need": {"need-detail": "花生"},
    "canteen.create_tariff": {"layers-0-layer": "city", "layers-0-fixed": "1"},
    "devices.add": {"site_id": "1"},
    "sites.add": {"slug": "shili"},
    "users.add": {"name": "lisi", "role": "counter", "site_id": "1"},
    "users.add_role": {"role": "counter", "site_id": "2"},
    "people.create": {"no_id_reason": "老人无证件"},
    "people.edit": {"no_id_reason": "老人无证件"},
}
# These end the visit.
LEAVING = {"accounts.sign_out", "accounts.lock"}


def extra_fields() -> dict[str, str]:
    """Every column of every table, and what else a stranger would try, each with a value that would show."""
    found = dict.fromkeys(("roles", "site", "sites", "is_admin", "by"), "1")
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            found[column.name] = _telling(column.type)
    return found


def _telling(kind: Any) -> str:
    if isinstance(kind, sa.Enum):
        return str(kind.enums[-1])
    if isinstance(kind, sa.Integer | sa.Boolean):
        return "1"
    return "2020-01-01" if isinstance(kind, sa.Date | sa.DateTime) else "多余"


@pytest.fixture
def world(app: Flask, sign_in: SignIn, noon: datetime) -> World:
    """Everything, and an administrator, whom nothing but the form itself holds back."""
    found = build(app, noon)
    client = sign_in(Role.ADMIN)
    with app.app_context():
        card = {"code": building.code(found["other_id"])}
    answers = {"canteen.create_counter_entry": card}
    world = World(app, client, found, csrf_of(client), answers)
    world.keep()
    return world


def forms_of(world: World) -> Iterator[tuple[str, Form]]:
    """Endpoint and form of every form that posts, on every page that the world has, each kind once."""
    seen = set()
    adapter = world.app.url_map.bind("localhost")
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith("/workshop"):
            continue  # nobody learns in this world
        names = set(rule._converters)
        if "GET" not in (rule.methods or ()) or not names <= set(world.ids):
            continue
        address = adapter.build(rule.endpoint, {name: world.ids[name] for name in names})
        page = world.client.get(address)
        if page.status_code != 200 or page.mimetype != "text/html":
            continue
        for form in Forms(page.text, address).found:
            endpoint, _values = adapter.match(urlsplit(form.action).path, method="POST")
            if (key := (endpoint, *sorted(form.names))) not in seen:
                seen.add(key)
                typed = {**ANSWERS, **world.answers}.get(endpoint, {})
                form.fields = [(name, typed.get(name, value)) for name, value in form.fields]
                yield endpoint, form


def test_extra_fields_change_nothing_in_any_form(world: World, app: Flask) -> None:
    forms = [(endpoint, form) for endpoint, form in forms_of(world) if endpoint not in LEAVING]
    world.put_back()
    asked = {endpoint: set(names) for endpoint, names in ALSO_ASKED.items()}
    for endpoint, form in forms:
        asked.setdefault(endpoint, set()).update(form.names)
    with app.app_context():
        extra = extra_fields()
    writes, wrong = set(), []
    for endpoint, form in forms:
        told = world.send(form, [])
        if told.status < 400:
            more = [each for each in extra.items() if each[0] not in asked[endpoint]]
            if world.send(form, more) != told:
                wrong.append(endpoint)
        if told.rows != world.kept_rows:
            writes.add(endpoint)
    assert wrong == []
    assert WRITES - writes == set(), "to be sent so that they are taken"
