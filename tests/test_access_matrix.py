"""Every route × method × role, signed out, and devices, as tests/access_table.py says; and foreign sites."""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from core import clock
from core.access import SYSTEM, Role, access_of
from core.accounts.actions import add_device, enrol_device, set_pin
from core.accounts.models import EVERYWHERE, DeviceKind, User
from core.accounts.sessions import DEVICE_COOKIE
from core.db import db, transaction
from core.sites.actions import SiteFacts, add_site
from core.sites.models import SiteKind
from tests.access_table import TABLE
from tests.conftest import SignIn, csrf_of

NOBODY = 999_999  # no row has this number: whoever is let in gets 404
FOREIGN_NAME = "外站老年餐吧"


class Line(NamedTuple):
    """One line of the table."""

    roles: frozenset[Role]
    public: bool
    device: bool
    pin: bool


def read_table() -> dict[str, Line]:
    lines = {}
    for line in TABLE.split("\n"):
        if not line:
            continue
        endpoint, *words = line.split()
        roles = set(Role) if "everybody" in words else {Role(w) for w in words if w in set(Role)}
        lines[endpoint] = Line(
            frozenset({*roles, Role.ADMIN}), "public" in words, "+device" in words, "+pin" in words
        )
    return lines


LINES = read_table()


class Sites(NamedTuple):
    own: int
    foreign: int


@pytest.fixture
def sites(app: Flask) -> Sites:
    with app.app_context():
        kinds = {"own": "本站老年食堂", "foreign": FOREIGN_NAME}
        made = [
            add_site(
                slug, SiteKind.CANTEEN, SiteFacts(name, "大娘/大爷"), by=SYSTEM, now=clock.now()
            ).id
            for slug, name in kinds.items()
        ]
        return Sites(*made)


def address(app: Flask, rule: Rule) -> str:
    """An address of a rule whose objects do not exist; a site is the caller's own."""
    samples = {
        name: NOBODY if "Integer" in type(converter).__name__
        else uuid.UUID(int=1) if "UUID" in type(converter).__name__
        else {"slug": "own", "filename": "app.css"}.get(name, "nothing")
        for name, converter in rule._converters.items()
    }  # fmt: skip
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, samples)
    return str(built)


def requests_of(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and address of every route; leaving comes last."""
    rules = sorted(
        app.url_map.iter_rules(),
        key=lambda rule: (rule.endpoint == "accounts.sign_out", rule.endpoint),
    )
    for rule in rules:
        if rule.endpoint not in LINES or rule.endpoint == "static":
            continue  # one that is not listed is named by the first test
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address(app, rule)


def send(
    client: FlaskClient, method: str, path: str, token: str | None = None, **more: object
) -> TestResponse:
    data = {"csrf_token": token} if token and method != "GET" else None
    return client.open(path, method=method, data=data, **more)  # type: ignore[arg-type]


def test_every_endpoint_stands_in_the_table_once_and_sorted(app: Flask) -> None:
    names = [line.split()[0] for line in TABLE.split("\n") if line]
    assert names == sorted(set(names))
    assert sorted(app.view_functions) == names


def test_each_view_declares_what_the_table_says(in_app: Flask) -> None:
    wrong = []
    for endpoint in in_app.view_functions:
        declared, line = access_of(endpoint), LINES.get(endpoint)
        if declared is None or line is None:
            continue  # the test before this one names it
        said = Line(
            line.roles if declared.public else declared.roles,
            declared.public,
            declared.device,
            declared.pin,
        )
        if said != line:
            wrong.append((endpoint, said))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_its_routes_and_no_other(
    app: Flask, sites: Sites, sign_in: SignIn, role: Role
) -> None:
    client = sign_in(role, None if role in EVERYWHERE else sites.own)
    token, wrong = csrf_of(client), []
    for endpoint, method, path in requests_of(app):
        line = LINES[endpoint]
        if endpoint == "accounts.sign_in":
            continue
        answer = send(client, method, path, token)
        allowed = line.public or role in line.roles
        good = (
            answer.status_code not in (401, 403) and answer.status_code < 500
            if allowed
            else answer.status_code == 403
        )
        if not good:
            wrong.append((endpoint, method, answer.status_code))
    assert wrong == []


def test_whoever_is_signed_out_reaches_public_routes_only(app: Flask, sites: Sites) -> None:
    wrong = []
    for endpoint, method, path in requests_of(app):
        client = app.test_client()
        answer = send(client, method, path, csrf_of(client))
        if LINES[endpoint].public:
            good = answer.status_code != 401
        elif method == "GET" and not path.startswith("/api/"):
            good = answer.status_code == 302 and answer.location.startswith("/sign-in?next=")
        else:
            good = answer.status_code == 401
        if not good:
            wrong.append((endpoint, method, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_a_device_reaches_its_routes_and_no_other(
    app: Flask, sites: Sites, kind: DeviceKind
) -> None:
    client = app.test_client()
    with app.app_context():
        _, secret = add_device("窗口", sites.own, kind, by=SYSTEM, now=clock.now())
        headers = {"Authorization": f"Bearer {secret}"}
        if kind == DeviceKind.TABLET:
            _, cookie = enrol_device(secret, now=clock.now())
            client.set_cookie(DEVICE_COOKIE, cookie)
            headers = {}
    token, wrong = csrf_of(client), []
    for endpoint, method, path in requests_of(app):
        line = LINES[endpoint]
        answer = send(client, method, path, token, headers=headers)
        allowed = line.public or (line.device and not line.pin)
        # A public route may have reasons of its own to refuse, but never that nobody is signed in.
        good = (
            answer.status_code not in (401, 403) and answer.status_code < 500
            if allowed
            else answer.status_code == 403
        )
        if not good and not (endpoint == "accounts.enrol" and answer.status_code == 410):
            wrong.append((endpoint, method, answer.status_code))
    assert wrong == []


def test_a_write_without_csrf_token_is_refused_on_every_route(
    app: Flask, sites: Sites, sign_in: SignIn
) -> None:
    client = sign_in(Role.ADMIN)
    wrong = [
        (endpoint, method)
        for endpoint, method, path in requests_of(app)
        if method != "GET" and send(client, method, path).status_code != 403
    ]
    assert wrong == []


def test_a_foreign_sites_name_is_on_no_page_of_a_manager(
    app: Flask, sites: Sites, sign_in: SignIn
) -> None:
    client, shown = sign_in(Role.MANAGER, sites.own), []
    for endpoint, method, path in requests_of(app):
        if method != "GET" or Role.MANAGER not in LINES[endpoint].roles or LINES[endpoint].public:
            continue
        for site in ("foreign", str(sites.foreign)):
            answer = client.get(f"{path}?site={site}&site_id={sites.foreign}")
            if FOREIGN_NAME.encode() in answer.data:
                shown.append((endpoint, site))
    assert shown == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/canteen/counter?site=foreign"),
        ("GET", "/canteen/counter/diner?site=foreign"),
        ("POST", "/canteen/counter/people"),
        ("GET", "/api/canteen/roster?site=foreign"),
        ("POST", "/api/canteen/scans"),
        ("POST", "/canteen/counter/meals"),
    ],
)
@pytest.mark.parametrize("role", [Role.COUNTER, Role.MANAGER])
def test_a_foreign_site_is_refused(
    app: Flask, sites: Sites, sign_in: SignIn, role: Role, method: str, path: str
) -> None:
    client = sign_in(role, sites.own)
    scan = {
        "id": str(uuid.uuid4()), "code": "1" * 17, "site": "foreign", "scanned_at": clock.now().isoformat(),
    }  # fmt: skip
    headers = {"X-CSRFToken": csrf_of(client)}
    answer = client.open(
        path, method=method, json=scan if method == "POST" else None, headers=headers
    )
    assert answer.status_code in (403, 404), answer.text


def test_a_role_is_held_at_its_own_site_only(app: Flask, sites: Sites, sign_in: SignIn) -> None:
    """Manager of one canteen, counter staff of another: at the other one she manages nothing."""
    from core.accounts.actions import change_grants

    client = sign_in(Role.MANAGER, sites.own, name="sun")
    with app.app_context():
        user = db.session.scalars(db.select(User).filter_by(name="sun")).one()
        grants = [(Role.MANAGER, sites.own), (Role.COUNTER, sites.foreign)]
        change_grants(user, grants, by=SYSTEM, now=clock.now())
    assert client.get("/canteen/counter?site=foreign").status_code == 200
    assert FOREIGN_NAME not in client.get("/canteen/meals").text


def test_a_refusal_is_logged(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.CLERK)
    with capture_logs() as logs:
        client.get("/office/users")
    assert [(log["event"], log["endpoint"]) for log in logs] == [("access.denied", "users.index")]


def test_a_pin_on_a_tablet_opens_its_counter_and_nothing_of_the_office(
    app: Flask, sites: Sites
) -> None:
    from core.accounts.actions import add_user

    client = app.test_client()
    with app.app_context():
        now = clock.now()
        user, password = add_user("admin2", "管理员", Role.ADMIN, None, by=SYSTEM, now=now)
        set_pin(user, password, "4711", by=SYSTEM, now=now)
        with transaction() as session:
            session.merge(user).must_change_password = False
        _, secret = add_device("窗口", sites.own, DeviceKind.TABLET, by=SYSTEM, now=now)
        _, cookie = enrol_device(secret, now=now)
    client.set_cookie(DEVICE_COOKIE, cookie)
    unlock = {"name": "admin2", "pin": "4711", "csrf_token": csrf_of(client)}
    answer = client.post("/account/unlock", data=unlock)
    assert answer.status_code == 200, answer.text
    token = csrf_of(client)
    reached = []
    for endpoint, method, path in requests_of(app):
        line = LINES[endpoint]
        if (
            line.public
            or line.device
            or line.pin
            or endpoint in ("accounts.sign_out", "accounts.lock")
        ):
            continue
        if send(client, method, path, token).status_code != 403:
            reached.append((endpoint, method))
    assert reached == []
    assert client.get("/canteen/counter?site=own").status_code == 200
