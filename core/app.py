"""Builds the app from the programmes it is handed; knows none of them."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import core.audit
import core.evidence.models
import core.jobs.models
import core.people.import_models
import core.people.models
import core.reports.evidence
import core.reports.integrity
import core.reports.issue
import core.reports.models
import core.reports.sweeps
import core.sites.models  # noqa: F401  the whole schema belongs to the app, asked for or not
from core import access, config, db, edge, language, logs, privacy
from core.accounts.sessions import login_manager
from core.clock_watch import watch
from core.programme import Programme
from core.reception import Reception

migrate = Migrate()

# Modules with a blueprint `bp`, and modules whose `init_app` adds commands.
ROOMS = (
    "core.health",
    "core.api",
    "core.home",
    "core.accounts.views",
    "core.jobs.views",
    "core.people.views",
    "core.people.cards.views",
    "core.office.views",
    "core.clock_watch.views",
    "core.accounts.users.views",
    "core.accounts.devices.views",
    "core.sites.views",
    "core.audit_views",
    "core.reports.views",
    "core.reports.columns.views",
    "core.reports.verification",
    "core.evidence.views",
)
COMMANDS = (
    "core.commands",
    "core.jobs.worker",
    "core.people.cli",
    "core.people.cards.cli",
    "core.sites.cli",
    "core.accounts.cli",
    "core.audit_cli",
    "core.reports.cli",
    "core.backup.cli",
    "core.doctor",
)


class CannotStart(click.ClickException, RuntimeError):
    """Why there is no app, in a sentence that says how to mend it; commands print it as one line."""


def build_app(programmes: Sequence[Programme], overrides: Mapping[str, Any] | None = None) -> Flask:
    """An app with these programmes. `overrides` go before every other source of settings.

    Raises CannotStart for a bad setting, missing keys, an unsafe SQLite or a view without access.
    """
    try:
        return _build(programmes, overrides)
    except (config.BadSetting, RuntimeError) as error:
        raise CannotStart(str(error)) from error


def _build(programmes: Sequence[Programme], overrides: Mapping[str, Any] | None) -> Flask:
    overrides = dict(overrides or {})
    instance = Path(overrides.pop("INSTANCE", None) or config.instance_path())
    app = Flask(
        "zhuhe", root_path=str(config.ROOT), instance_path=str(instance), static_folder="static"
    )
    app.config.update(config.load(instance, overrides))
    _derive_settings(app)
    logs.configure()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    privacy.Keys.make_on_first_start(instance)
    privacy.init_app(app)
    db.init_app(app)
    migrate.init_app(
        app,
        db.db,
        directory=str(config.ROOT / "migrations"),
        render_as_batch=True,
        compare_type=True,
    )
    login_manager.init_app(app)
    language.babel.init_app(app, locale_selector=language.selected)
    Compress(app)
    app.url_map.converters["int"] = edge.IntegerInAddress
    app.extensions["zhuhe_programmes"] = tuple(programmes)
    _register_core(app)
    for programme in programmes:
        programme.init_app(app)
    edge.init_app(app)
    watch.init_app(app)
    app.wsgi_app = _outer_layers(app)  # type: ignore[method-assign]
    if missing := access.undeclared_endpoints(app):
        raise RuntimeError(f"views without @requires or @public: {', '.join(missing)}")
    return app


def _derive_settings(app: Flask) -> None:
    hosts = [name.strip() for name in app.config["ALLOWED_HOSTS"].split(",") if name.strip()]
    app.config.update(
        TRUSTED_HOSTS=hosts,
        MAX_CONTENT_LENGTH=app.config["MAX_UPLOAD_MB"] << 20,
        LARGEST_CONTENT_LENGTH=max(
            app.config["MAX_UPLOAD_MB"],
            app.config["EVIDENCE_MAX_MB"] * app.config["EVIDENCE_AT_ONCE"] + 1,
        )
        << 20,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.config["HTTPS"],
        BABEL_DEFAULT_LOCALE=app.config["DEFAULT_LANGUAGE"],
        BABEL_TRANSLATION_DIRECTORIES=str(config.ROOT / "translations"),
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        COMPRESS_MIN_SIZE=1400,
        COMPRESS_ALGORITHM=["br", "gzip"],
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]


def _register_core(app: Flask) -> None:
    access.public(app.view_functions["static"])
    for name in ROOMS:
        module = import_module(name)
        app.register_blueprint(module.bp)
    for name in COMMANDS:
        import_module(name).init_app(app)


def _outer_layers(app: Flask) -> Any:
    values = app.config
    layers: Any = Reception(
        app.wsgi_app, places=values["SERVER_THREADS"], wait_s=values["DATABASE_WAIT_S"],
        most_bytes=values["LARGEST_CONTENT_LENGTH"], receive_s=values["RECEIVE_S"],
    )  # fmt: skip
    layers = WhiteNoise(
        layers, root=str(config.ROOT / "static"), prefix="static/",
        max_age=31_536_000, immutable_file_test=lambda path, url: True, allow_all_origins=False,
    )  # fmt: skip
    hops = values["TRUSTED_PROXIES"]
    return ProxyFix(layers, x_for=hops, x_proto=hops, x_host=0) if hops else layers
