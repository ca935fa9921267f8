"""An app on a fresh, migrated database: SQLite by default, both engines where a test asks for it.

The app is built once a process and engine and put back for each test; the database is a new copy.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.access import SYSTEM, Actor, Role
from core.accounts import actions as accounts
from core.accounts.actions import add_user
from core.accounts.models import User
from core.clock_watch.watch import Watch
from core.db import db
from core.jobs import queue
from tests import postgres
from wsgi import create_app

# Tuesday, 24 November 2026, 11:42 in Handan: in the middle of lunch.
NOON = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)
TEST_SETTINGS = {"TESTING": True, "PROPAGATE_EXCEPTIONS": True}


@pytest.fixture(scope="session", autouse=True)
def products_hasher() -> Iterator[PasswordHasher]:
    """How the product hashes passwords: as dear as it is meant to be, so most tests do it cheaply."""
    kept = accounts.hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield kept


@pytest.fixture
def hash_as_product(products_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what hashing is worth."""
    monkeypatch.setattr(accounts, "hasher", products_hasher)


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


@pytest.fixture(scope="session")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test of this process has its instance folder."""
    return tmp_path_factory.getbasetemp() / "instance"


@pytest.fixture
def instance(sqlite_template: Path, instance_folder: Path) -> Path:
    """A fresh copy of the migrated instance folder."""
    instance_folder.mkdir(mode=0o700, exist_ok=True)
    for left in instance_folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.suffix != ".write-lock":  # a kept app has it open
            left.unlink()
    return Path(shutil.copytree(sqlite_template, instance_folder, dirs_exist_ok=True))


@pytest.fixture
def engine_name() -> str:
    """The engine of `app`; `both_engines` parametrises it."""
    return "sqlite"


def both_engines(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test on SQLite and on PostgreSQL."""
    return pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])(test)


@pytest.fixture
def settings(
    engine_name: str, instance: Path, worker: str, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """The settings of an app on one fresh database."""
    found: dict[str, Any] = {"INSTANCE": instance, **TEST_SETTINGS}
    if engine_name == "postgresql":
        template = request.getfixturevalue("postgresql_template")
        found["DATABASE_URL"] = postgres.create_database(f"test_{worker}", template)
    return found


def _close(app: Flask) -> None:
    with app.app_context():
        queue.close()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make_app(settings: dict[str, Any]) -> Iterator[Callable[..., Flask]]:
    """Build apps on one fresh database; extra settings as keywords."""
    made: list[Flask] = []

    def make(**extra: Any) -> Flask:
        made.append(create_app({**settings, **extra}))
        return made[-1]

    yield make
    for app in made:
        _close(app)


@dataclass
class Kept:
    """An app, and what it was when it was built.

    To build one takes an eighth of a second, and what Jinja and SQLAlchemy compile is kept with it.
    """

    app: Flask
    config: dict[str, Any]
    extensions: dict[str, Any]

    def as_built(self) -> Flask:
        """The app, with nothing left in it of what it was used for."""
        for now, then in (
            (self.app.config, self.config),
            (self.app.extensions, self.extensions),
        ):
            now.clear()
            now.update(then)
        self.app.extensions["zhuhe_clock"] = Watch()
        return self.app


@pytest.fixture(scope="session")
def kept_apps() -> dict[str, Kept]:
    """The app of each engine that this process has used."""
    return {}


@pytest.fixture
def app(settings: dict[str, Any], engine_name: str, kept_apps: dict[str, Kept]) -> Iterator[Flask]:
    """The app on a fresh database."""
    if engine_name not in kept_apps:
        app = create_app(settings)
        kept_apps[engine_name] = Kept(app, dict(app.config), dict(app.extensions))
    app = kept_apps[engine_name].as_built()
    yield app
    _close(app)


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
