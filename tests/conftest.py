"""An app on a fresh, migrated database: SQLite by default, both engines where a test asks for it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.accounts.models import User
from core.db import db
from core.jobs import queue
from tests import postgres
from wsgi import create_app

# Tuesday, 24 November 2026, 11:42 in Handan: in the middle of lunch.
NOON = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)
TEST_SETTINGS = {"TESTING": True, "PROPAGATE_EXCEPTIONS": True}


@pytest.fixture(scope="session")
def worker(worker_id: str) -> str:
    """Name of this pytest process, for databases of its own."""
    return worker_id


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with keys and a migrated SQLite file, to be copied."""
    instance = tmp_path_factory.mktemp("sqlite-template")
    _migrate(create_app({"INSTANCE": instance, **TEST_SETTINGS}))
    return instance


@pytest.fixture(scope="session")
def postgresql_template(sqlite_template: Path, worker: str) -> str:
    """Name of a migrated PostgreSQL database, to be copied."""
    name = f"template_{worker}"
    url = postgres.create_database(name)
    _migrate(create_app({"INSTANCE": sqlite_template, "DATABASE_URL": url, **TEST_SETTINGS}))
    return name


def _migrate(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def instance(sqlite_template: Path, tmp_path: Path) -> Path:
    """A fresh copy of the migrated instance folder."""
    target = tmp_path / "instance"
    shutil.copytree(sqlite_template, target)
    return target


@pytest.fixture
def engine_name() -> str:
    """The engine of `app`; `both_engines` parametrises it."""
    return "sqlite"


def both_engines(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test on SQLite and on PostgreSQL."""
    return pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])(test)


@pytest.fixture
def make_app(
    engine_name: str, instance: Path, worker: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Flask]]:
    """Make apps on one fresh database; extra settings as keywords."""
    settings: dict[str, Any] = {"INSTANCE": instance, **TEST_SETTINGS}
    if engine_name == "postgresql":
        template = request.getfixturevalue("postgresql_template")
        settings["DATABASE_URL"] = postgres.create_database(f"test_{worker}", template)
    made: list[Flask] = []

    def make(**extra: Any) -> Flask:
        made.append(create_app({**settings, **extra}))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            queue.close()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The app on a fresh database."""
    return make_app()


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """The app with its context pushed, for tests of verbs."""
    with app.app_context():
        yield app


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The clock stands at 11:42 on 24 November 2026."""
    with clock.at(NOON):
        yield NOON


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A client signed in with a role, at a site of this id where the role needs one."""

    def as_role(role: Role, site_id: int | None = None, name: str | None = None) -> FlaskClient:
        name = name or f"{role.value}-{site_id or 'all'}"
        with app.app_context():
            user, password = add_user(name, name, role, site_id, by=SYSTEM, now=clock.now())
            with_password(user)
        client = app.test_client()
        token = csrf_of(client)
        answer = client.post(
            "/sign-in", data={"name": name, "password": password, "csrf_token": token}
        )
        assert answer.status_code == 302, answer.text
        return client

    return as_role


def with_password(user: User) -> None:
    """Spare a test the change of the one-time password."""
    from core.db import transaction

    with transaction() as session:
        merged = session.merge(user)
        merged.must_change_password = False


def csrf_of(client: FlaskClient) -> str:
    """The CSRF token of this client's session, as its pages carry it."""
    page = client.get("/sign-in", follow_redirects=False)
    if page.status_code != 200:
        page = client.get("/account")
    marker = 'name="csrf-token" content="'
    text = page.text
    start = text.index(marker) + len(marker)
    return text[start : text.index('"', start)]


@pytest.fixture
def clerk() -> Actor:
    """Somebody of the street office, for tests of verbs."""
    return Actor("经办人甲", user_id=1, roles=frozenset({Role.CLERK}), site_ids=None)
