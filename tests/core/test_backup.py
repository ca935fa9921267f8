"""Backups: whole, restored equal by table hashes, and every damaged, stale or foreign one detected."""

import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.accounts.models import User, UserSession
from core.backup import stores
from core.backup.archive import BackupError, Manifest, back_up, check
from core.backup.restoring import restore
from core.db import db, transaction
from core.sites.models import Area, AreaLevel
from tests import postgres
from tests.conftest import TEST_SETTINGS, both_engines
from wsgi import create_app


def fill(now: datetime) -> None:
    """Users with awkward names, a tree, sessions: text, self-references, booleans, empty values."""
    for number, name in enumerate(("宋䶮", "O'Brien\\t", 'a"b;c', "换行\n名")):
        add_user(f"user{number}", name, Role.CLERK, None, by=SYSTEM, now=now)
    with transaction() as session:
        street = Area(code="01", name="街道", level=AreaLevel.STREET)
        session.add_all(
            [street, Area(code="01.01", name="社区", level=AreaLevel.COMMUNITY, parent=street)]
        )
        session.add(UserSession(token_hash="0" * 64, user_id=1, started_at=now, last_seen_at=now, pin_seen_at=now,
                                by_pin=False, address="10.0.0.1"))  # fmt: skip


@pytest.fixture
def source(in_app: Flask, noon: datetime) -> Flask:
    fill(noon)
    return in_app


@pytest.fixture
def saved(source: Flask, noon: datetime, tmp_path: Path) -> tuple[Path, Manifest]:
    file = tmp_path / "backup.zip"
    return file, back_up(file, with_keys=True, now=noon)


MakeTarget = Callable[[], Flask]


@pytest.fixture
def make_target(engine_name: str, worker: str, tmp_path: Path, sqlite_template: Path) -> MakeTarget:
    """A second, empty instance with keys of its own."""

    def make() -> Flask:
        settings = {**TEST_SETTINGS, "INSTANCE": tmp_path / "target"}
        (tmp_path / "target").mkdir()
        if engine_name == "postgresql":
            settings["DATABASE_URL"] = postgres.create_database(f"target_{worker}")
        else:
            shutil.copy(sqlite_template / "zhuhe.db", tmp_path / "target" / "zhuhe.db")
            (tmp_path / "target" / "zhuhe.db").unlink()
        return create_app(settings)

    return make


def hashes_without_log() -> dict[str, str]:
    """Tables that restoring itself does not write to."""
    own = ("audit_entry", "audit_values", "user_session", "change_counter")
    return {name: found.value for name, found in stores.live_hashes().items() if name not in own}


@both_engines
def test_a_restored_instance_equals_its_source(
    saved: tuple[Path, Manifest], make_target: MakeTarget, noon: datetime, engine_name: str
) -> None:
    file, manifest = saved
    source = hashes_without_log()
    target = make_target()
    with target.app_context():
        restored = restore(file, force=False, with_keys=True, now=noon)
        assert restored == manifest
        assert hashes_without_log() == source
        assert (
            next(
                user.display_name for user in db.session.scalars(sa.select(User).order_by(User.id))
            )
            == "宋䶮"
        )
        assert audit.verify(audit.head_file_of(target.instance_path)).fault is None
        # The next account gets a number of its own, and nobody stays signed in.
        add_user("after", "after", Role.CLERK, None, by=SYSTEM, now=noon)
        assert (
            db.session.scalar(sa.select(UserSession).where(UserSession.ended_at.is_(None))) is None
        )
        db.session.remove()
        db.engine.dispose()


@both_engines
def test_a_full_database_is_not_written_over(
    saved: tuple[Path, Manifest], noon: datetime, engine_name: str
) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(saved[0], force=False, with_keys=False, now=noon)


@both_engines
def test_force_puts_it_back_over_what_is_there(
    saved: tuple[Path, Manifest], source: Flask, noon: datetime, engine_name: str
) -> None:
    before = hashes_without_log()
    add_user("later", "later", Role.CLERK, None, by=SYSTEM, now=noon)
    db.session.remove()
    restore(saved[0], force=True, with_keys=False, now=noon)
    assert hashes_without_log() == before
    assert db.session.scalar(sa.select(User.id).where(User.name == "later")) is None
    if engine_name == "sqlite":  # what was there is kept beside it
        assert list(Path(source.instance_path).glob("zhuhe.db.before-*"))


@both_engines
def test_a_stale_backup_is_refused(
    saved: tuple[Path, Manifest], source: Flask, noon: datetime, engine_name: str
) -> None:
    add_user("later", "later", Role.CLERK, None, by=SYSTEM, now=noon + timedelta(hours=1))
    audit.seal(noon + timedelta(hours=1), audit.head_file_of(source.instance_path))
    from core.backup.restoring import refuse_stale

    with pytest.raises(BackupError, match="older than what was here"):
        refuse_stale(saved[1], Path(source.instance_path))


def rewrite(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write the archive anew, its members changed or left out."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            if (new := change(name, content)) is not None:
                archive.writestr(name, new)


@both_engines
@pytest.mark.parametrize(
    "damage", ["cut", "flipped", "member changed", "member gone", "hash forged", "no zip", "none"]
)
def test_a_damaged_backup_is_detected(
    saved: tuple[Path, Manifest], damage: str, engine_name: str
) -> None:
    file, _ = saved
    data = "zhuhe.db" if engine_name == "sqlite" else "tables/user_account.copy"
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped":
        # In the middle of a table: a flipped date in a zip's own headers would damage nothing.
        with zipfile.ZipFile(file) as packed:
            member = packed.getinfo(data)
        middle = member.header_offset + 30 + len(data) + member.compress_size // 2
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    elif damage == "member changed":
        rewrite(
            file,
            lambda name, content: content.replace(b"user1", b"user7") if name == data else content,
        )
    elif damage == "member gone":
        rewrite(file, lambda name, content: None if name == data else content)
    elif damage == "hash forged":

        def forge(name: str, content: bytes) -> bytes:
            if name != "manifest.json":
                return content
            manifest = json.loads(content)
            manifest["files"][data] = "0" * 64
            return json.dumps(manifest).encode()

        rewrite(file, forge)
    elif damage == "no zip":
        file.write_text("name;phone")
    else:
        file.unlink()
    with pytest.raises(BackupError):
        check(file)


@both_engines
def test_a_backup_without_the_right_keys_is_refused(
    source: Flask, make_target: MakeTarget, noon: datetime, tmp_path: Path, engine_name: str
) -> None:
    file = tmp_path / "no-keys.zip"
    back_up(file, with_keys=False, now=noon)
    target = make_target()
    with target.app_context():
        with pytest.raises(BackupError, match="keys of this instance do not open"):
            restore(file, force=False, with_keys=False, now=noon)
        db.session.remove()
        db.engine.dispose()


def test_a_backup_never_writes_over_a_file(saved: tuple[Path, Manifest], noon: datetime) -> None:
    with pytest.raises(BackupError, match="exists already"):
        back_up(saved[0], with_keys=False, now=noon)


def test_a_backup_is_readable_by_its_owner_alone_and_tells_no_key(
    source: Flask, noon: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "plain.zip"
    back_up(file, with_keys=False, now=noon)
    assert file.stat().st_mode & 0o077 == 0
    root = (Path(source.instance_path) / "keys" / "root.key").read_text().strip()
    with zipfile.ZipFile(file) as archive:
        assert not [name for name in archive.namelist() if name.startswith("keys/")]
        assert root not in archive.read("manifest.json").decode()


def test_a_damaged_database_is_moved_aside_and_replaced(
    saved: tuple[Path, Manifest], source: Flask, noon: datetime
) -> None:
    before = hashes_without_log()
    db.session.remove()
    db.engine.dispose()
    file = Path(source.instance_path) / "zhuhe.db"
    for suffix in ("-wal", "-shm"):
        file.with_name(f"zhuhe.db{suffix}").unlink(missing_ok=True)
    file.write_bytes(b"this is no database" * 1000)
    restore(saved[0], force=True, with_keys=False, now=noon)
    assert hashes_without_log() == before
    aside = next(file.parent.glob("zhuhe.db.before-*"))
    assert aside.read_bytes().startswith(b"this is no database")


def test_a_backup_of_a_newer_version_is_refused(
    saved: tuple[Path, Manifest], noon: datetime
) -> None:
    def newer(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        return json.dumps({**json.loads(content), "schema": "9999"}).encode()

    rewrite(saved[0], newer)
    with pytest.raises(BackupError, match="newer version"):
        restore(saved[0], force=True, with_keys=False, now=noon)
