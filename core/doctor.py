"""`flask doctor`: is this machine fit to serve, and if not, which line mends it. Prints no secrets."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from ctypes import CDLL
from ctypes.util import find_library
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext

from core import audit, clock
from core.audit import AuditValues
from core.clock_watch.doubts import findings
from core.config import ROOT
from core.db import db
from core.jobs.sweeps import sweep
from core.privacy import read_or_none

WORKER_SIGN = "worker.alive"
WORKER_SILENT_S = 90
LOW_DISK_MB, EMPTY_DISK_MB = 2048, 200
BACKUP_OLD = timedelta(days=2)
# The code and its dates are younger than this day, so a clock before it is wrong.
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
FONTS = (
    "NotoSansSC_400Regular.ttf",
    "NotoSansSC_700Bold.ttf",
    "NotoSerifSC_400Regular.ttf",
    "NotoSerifSC_700Bold.ttf",
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: "ok", "warn" (it works, but) or "bad", and the line that mends it."""

    topic: str
    state: str
    text: str
    mend: str = ""


def _ok(topic: str, text: str) -> Finding:
    return Finding(topic, "ok", text)


def _bad(topic: str, text: str, mend: str) -> Finding:
    return Finding(topic, "bad", text, mend)


def _warn(topic: str, text: str, mend: str) -> Finding:
    return Finding(topic, "warn", text, mend)


def _instance() -> Path:
    return Path(current_app.instance_path)


@sweep()
def leave_sign(now: datetime) -> int:
    """A sign of life of this machine's worker, for the doctor."""
    (_instance() / WORKER_SIGN).write_text(now.isoformat())
    return 0


def check_python() -> Iterator[Finding]:
    yield _ok("python", f"Python {'.'.join(map(str, sys.version_info[:3]))}")


def check_database() -> Iterator[Finding]:
    try:
        with db.engine.connect() as connection:
            if db.engine.dialect.name == "sqlite":
                version = connection.execute(sa.text("SELECT sqlite_version()")).scalar()
                yield _ok(
                    "database", f"SQLite {version}"
                )  # the app refuses to start on an unsafe one
                verdict = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
                if verdict != "ok":
                    yield _bad(
                        "database", f"The file is damaged ({verdict})", "flask restore FILE --force"
                    )
            else:
                yield _ok(
                    "database",
                    f"PostgreSQL {connection.execute(sa.text('SHOW server_version')).scalar()}",
                )
    except sa.exc.DBAPIError as error:
        # The driver's own words may quote the address with its password.
        yield _bad("database", f"The database does not answer ({type(error.orig).__name__})",
                   "check database_url and the server; for a damaged file: flask restore FILE --force")  # fmt: skip


def check_schema() -> Iterator[Finding]:
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    try:
        version = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.DBAPIError:
        version = None
    finally:
        db.session.rollback()
    if version == head:
        yield _ok("schema", f"Schema {version} is this version's")
    else:
        yield _bad(
            "schema", f"Schema {version or 'missing'}, this version needs {head}", "flask prepare"
        )


def check_keys() -> Iterator[Finding]:
    stored = sa.type_coerce(AuditValues.content, sa.Text)
    try:
        token = db.session.scalar(sa.select(stored).limit(1))
    except sa.exc.DBAPIError:
        token = None
    finally:
        db.session.rollback()
    if token is not None and read_or_none(token) is None:
        yield _bad("keys", "The keys in instance/keys do not open this database",
                   "put the keys back that belong to it, from where you keep their copy")  # fmt: skip
    else:
        yield _ok("keys", "The keys are there" + (" and open the database" if token else ""))


def check_permissions() -> Iterator[Finding]:
    if os.name == "nt":
        return
    instance = _instance()
    open_to_others = [
        path
        for path in (
            instance,
            instance / "keys",
            *sorted((instance / "keys").glob("*")),
            instance / "config.toml",
        )
        if path.exists() and path.stat().st_mode & 0o077
    ]
    if open_to_others:
        names = " ".join(str(path) for path in open_to_others)
        yield _bad("permissions", "Others on this machine may read secrets", f"chmod go= {names}")
    else:
        yield _ok("permissions", "Keys and settings are readable by their owner alone")
    if not os.access(instance, os.W_OK):
        yield _bad(
            "permissions",
            f"{instance} cannot be written",
            f"chown -R {os.environ.get('USER', 'zhuhe')} {instance}",
        )


def check_disk() -> Iterator[Finding]:
    free_mb = shutil.disk_usage(_instance()).free // 1024**2
    text = f"{free_mb:,} MiB free on the disk of the instance folder"
    mend = "delete or move what is not needed, or give it a larger disk"
    if free_mb < EMPTY_DISK_MB:
        yield _bad("disk", text, mend)
    elif free_mb < LOW_DISK_MB:
        yield _warn("disk", text, mend)
    else:
        yield _ok("disk", text)


def check_clock() -> Iterator[Finding]:
    now = clock.now()
    try:
        doubts = findings(now)
    except sa.exc.DBAPIError:
        doubts = []
    finally:
        db.session.rollback()
    here = f"{clock.local(now):%Y-%m-%d %H:%M}"
    mend = "timedatectl set-ntp true"
    if now < NOT_BEFORE:
        yield _bad("clock", f"It is {here} here, which cannot be", mend)
    for doubt in doubts:
        span = timedelta(seconds=abs(doubt.seconds))
        if doubt.move:
            way = "forward" if doubt.seconds > 0 else "back"
            yield _bad("clock", f"The clock was put {way} by {span} and nobody has checked it; it is {here} here",
                       f"{mend}, then say so under /office/clock")  # fmt: skip
        elif doubt.newest:
            last = f"{clock.local(doubt.newest):%Y-%m-%d %H:%M}"
            yield _bad("clock", f"It is {here} here, before the last record of {last}", mend)
        else:
            way = "ahead of" if doubt.seconds > 0 else "behind"
            yield _bad(
                "clock", f"It is {here} here, {span} {way} all {doubt.devices} devices", mend
            )
    if now >= NOT_BEFORE and not doubts:
        yield _ok("clock", f"It is {here} in Shanghai")


def check_pdf() -> Iterator[Finding]:
    if not current_app.config["PDF"]:
        yield _warn(
            "pdf",
            "PDFs are switched off",
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0, then pdf = true",
        )
        return
    missing = [name for name in ("pango-1.0", "pangoft2-1.0") if not _has_library(name)]
    if missing:
        yield _bad(
            "pdf",
            f"{', '.join(missing)} is missing",
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0",
        )
    if not _has_library("harfbuzz-subset"):
        yield _bad("pdf", "harfbuzz-subset is missing: a page takes ten seconds instead of a fifth of one",
                   "apt-get install libharfbuzz-subset0")  # fmt: skip
    elif not missing:
        yield _ok("pdf", "Pango and harfbuzz-subset are there")
    lost = [name for name in FONTS if not (ROOT / "static/fonts" / name).is_file()]
    if lost:
        yield _bad("fonts", f"{', '.join(lost)} is missing", "git checkout static/fonts")
    else:
        yield _ok("fonts", "The bundled fonts are there")


def _has_library(name: str) -> bool:
    found = find_library(name) or f"lib{name}.so.0"
    try:
        CDLL(found)
    except OSError:
        return False
    return True


def check_worker() -> Iterator[Finding]:
    mend = "flask worker (`bootstrap.py run` starts it by itself)"
    try:
        seen = datetime.fromisoformat((_instance() / WORKER_SIGN).read_text())
    except (OSError, ValueError):
        yield _warn("worker", "No worker has run on this machine yet: PDFs and imports wait", mend)
        return
    silent_s = int((clock.now() - seen).total_seconds())
    if silent_s > WORKER_SILENT_S:
        yield _bad(
            "worker",
            f"The worker gave no sign of life for {silent_s // 60} min: PDFs and imports wait",
            mend,
        )
    else:
        yield _ok("worker", f"The worker gave a sign of life {max(0, silent_s)} s ago")


def check_network() -> Iterator[Finding]:
    config = current_app.config
    hosts = [name.strip() for name in config["ALLOWED_HOSTS"].split(",")]
    public = [name for name in hosts if name not in ("127.0.0.1", "localhost", "[::1]")]
    if "*" in hosts:
        yield _bad(
            "hosts",
            "allowed_hosts lets any name in",
            'allowed_hosts = "zhuhe.example.cn,127.0.0.1"',
        )
    elif public and not config["HTTPS"]:
        yield _bad("https", f"Called as {', '.join(public)} without HTTPS: passwords can be read on the way",
                   "put a proxy with a certificate in front; then https = true, trusted_proxies = 1")  # fmt: skip
    elif public:
        yield _ok("https", f"Called as {', '.join(public)} over HTTPS")
    else:
        yield _ok("hosts", "Called on this machine only")
    if config["HTTPS"] and not config["TRUSTED_PROXIES"]:
        yield _warn("https", "https is on and no proxy is trusted: every form is refused unless this server itself "
                    "speaks TLS", "trusted_proxies = 1")  # fmt: skip
    if config["PUBLIC_URL"]:
        yield from _check_public_address(config["PUBLIC_URL"], hosts)


def _check_public_address(address: str, hosts: list[str]) -> Iterator[Finding]:
    """The address that is printed on reports for strangers must let them in."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield _bad("public_url", f"{address} is no address of the web: reports can't be verified by it",
                   'public_url = "https://zhuhe.example.cn"')  # fmt: skip
    elif parts.hostname not in hosts and "*" not in hosts:
        yield _bad("public_url", f"Whoever scans a report is refused: {parts.hostname} is not in allowed_hosts",
                   f'allowed_hosts = "{parts.hostname},127.0.0.1"')  # fmt: skip
    else:
        yield _ok("public_url", f"Reports are verified at {address}")


def check_audit() -> Iterator[Finding]:
    head_file = audit.head_file_of(str(_instance()))
    try:
        noted, state = audit.noted_heads(head_file), audit.seal_state()
    except sa.exc.DBAPIError:
        return
    finally:
        db.session.rollback()
    if noted and max(noted) > state.links:
        yield _bad(
            "audit",
            f"The log ends at link {state.links}, link {max(noted)} was noted",
            "flask audit verify",
        )
    else:
        yield _ok("audit", f"{state.links} records sealed, {state.waiting} waiting")


def check_backup() -> Iterator[Finding]:
    mend = "flask backup FILE, every night, to another machine"
    try:
        note = json.loads((_instance() / "backup.last").read_text())
        age = clock.now() - datetime.fromisoformat(note["at"])
    except (OSError, ValueError, KeyError):
        yield _warn("backup", "No backup was made yet", mend)
        return
    text = f"The last backup is of {note['at']}"
    yield _warn("backup", text, mend) if age > BACKUP_OLD else _ok("backup", text)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python, check_database, check_schema, check_keys, check_permissions, check_disk, check_clock,
    check_pdf, check_worker, check_network, check_audit, check_backup,
)  # fmt: skip


def examine() -> list[Finding]:
    """Every finding, in order; a check that itself fails is a finding too."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings.extend(check())
        except Exception as error:
            topic = check.__name__.removeprefix("check_")
            findings.append(
                _bad(topic, f"could not be looked at ({type(error).__name__})", "see the log")
            )
    return findings


@click.command()
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look this installation over: ✓ is well, ! works but should be mended, ✗ must be mended (exit 1)."""
    findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            sign = {"ok": "✓", "warn": "!", "bad": "✗"}[finding.state]
            click.echo(f"{sign} {finding.topic:<12} {finding.text}")
            if finding.mend:
                click.echo(f"  → {finding.mend}")
    sys.exit(1 if any(finding.state == "bad" for finding in findings) else 0)


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(doctor)
