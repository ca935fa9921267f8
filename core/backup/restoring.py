"""Putting a backup back: checked first, compared by table hashes afterwards, nothing thrown away."""

import os
import shutil
import tempfile
import zipfile
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app

from core import audit
from core.access import SYSTEM
from core.accounts.models import UserSession
from core.backup import stores
from core.backup.archive import DATABASE, KEY_FILES, PROBE, BackupError, Manifest, check
from core.db import db, transaction
from core.privacy import Keys
from core.write_lock import WriteLock


def restore(file: Path, *, force: bool, with_keys: bool, now: datetime) -> Manifest:
    """Put a backup back and bring it to this version's schema; every sign-in ends.

    force: over a database that holds something, or with a backup that lacks sealed records; what
    was there is kept beside it as far as it can be read. Raises BackupError.
    """
    manifest = check(file)
    instance = Path(current_app.instance_path)
    _refuse_foreign(manifest, with_keys, file)
    readable = _refuse_full(force)
    if not force:
        refuse_stale(manifest, instance)
    stamp = now.strftime("%Y%m%d-%H%M%S")
    with zipfile.ZipFile(file) as archive:
        if with_keys:
            _put_keys_back(archive, instance, stamp)
        db.session.remove()
        if stores.is_sqlite():
            _restore_sqlite(archive, manifest, stamp, readable)
        else:
            _restore_postgresql(archive, manifest)
        db.engine.dispose()
        _put_head_back(archive, manifest, instance, stamp)
    flask_migrate.upgrade()
    with transaction() as session:
        # Whoever signed out since the backup would otherwise be signed in again.
        session.execute(
            sa.update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=now)
        )
        audit.record(session, "backup.restored", subject="database", by=SYSTEM, now=now,
                     after={"made_at": manifest.made_at, "links": manifest.links})  # fmt: skip
    return manifest


def refuse_stale(manifest: Manifest, instance: Path) -> None:
    """Raises BackupError when this instance noted sealed records that the backup does not hold."""
    noted = audit.noted_heads(audit.head_file_of(str(instance)))
    newest = max(noted, default=0)
    if newest > manifest.links:
        raise BackupError(
            f"This backup of {manifest.made_at} is older than what was here: it holds the log up to link "
            f"{manifest.links}, this instance noted link {newest}. Take a newer backup, or add --force "
            f"and lose what was recorded in between."
        )
    if noted.get(manifest.links, manifest.head) != manifest.head:
        raise BackupError("This backup comes from another instance: its log is not the one noted here. "
                          "Add --force only when that is what you want.")  # fmt: skip


def _refuse_foreign(manifest: Manifest, with_keys: bool, file: Path) -> None:
    engine = db.engine.dialect.name
    if manifest.engine != engine:
        raise BackupError(f"This is a backup of {manifest.engine}, and the settings name {engine}. "
                          "Set database_url to a database of that kind.")  # fmt: skip
    script = ScriptDirectory(str(Path(current_app.root_path) / "migrations"))
    try:
        script.get_revision(manifest.schema)
    except CommandError:
        raise BackupError(f"This backup was made by a newer version (schema {manifest.schema}). "
                          "Install that version first.") from None  # fmt: skip
    keys: Keys = current_app.extensions["zhuhe_keys"]
    if with_keys:
        if not manifest.has_keys:
            raise BackupError(f"{file} holds no keys; they were not asked for when it was made.")
        with zipfile.ZipFile(file) as archive:
            root, data = (archive.read(f"keys/{name}").decode() for name in KEY_FILES)
        keys = Keys(bytes.fromhex(root.strip()), [key.encode() for key in data.split()])
    try:
        right = keys.fernet.decrypt(manifest.probe.encode()) == PROBE.encode()
    except Exception:  # whatever is wrong with the token, the keys do not fit
        right = False
    if not right:
        way = (
            "add --with-keys"
            if manifest.has_keys
            else "put the keys it was made with into instance/keys"
        )
        raise BackupError(
            f"The keys of this instance do not open this backup: no name could be read. To go on, {way}."
        )


def _refuse_full(force: bool) -> bool:
    """Whether the present database can be read. Raises BackupError when it holds something."""
    try:
        empty = stores.is_empty()
        readable = True
    except sa.exc.DatabaseError:
        empty = readable = False
    if not empty and not force:
        raise BackupError("The database is not empty. Add --force to put the backup in its place; what is there "
                          "now is kept beside it where it is SQLite, so back it up first where it is not.")  # fmt: skip
    return readable


def _restore_sqlite(
    archive: zipfile.ZipFile, manifest: Manifest, stamp: str, readable: bool
) -> None:
    target = Path(str(db.engine.url.database))
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="restore-") as folder:
        copy = Path(archive.extract(DATABASE, folder))
        source = stores.open_sqlite(copy)
        try:
            if (verdict := source.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise BackupError(
                    f"The database in the backup is damaged ({verdict}). Take another backup."
                )
            _compare(manifest, stores.sqlite_hashes(source))
            if readable:
                _copy_over(source, target, stamp)
        finally:
            source.close()
        if not readable:
            _put_in_place(copy, target, stamp)
    restored = stores.open_sqlite(target)
    try:
        _compare(manifest, stores.sqlite_hashes(restored))
    finally:
        restored.close()


def _copy_over(source: Any, target: Path, stamp: str) -> None:
    """In one transaction of the target, so that whoever has it open sees the old state or the new one."""
    lock: WriteLock | None = current_app.extensions.get("zhuhe_write_lock")
    if not stores.is_empty():
        stores.snapshot_sqlite(target.with_name(f"{target.name}.before-{stamp}"))
    db.engine.dispose()
    with lock.hold() if lock else nullcontext():
        live = stores.open_sqlite(target)
        try:
            live.execute("PRAGMA journal_mode=WAL")
            source.backup(live)
            live.execute("PRAGMA journal_mode=WAL")
        finally:
            live.close()


def _put_in_place(copy: Path, target: Path, stamp: str) -> None:
    """A file that cannot be read is moved aside with its journal, never written over."""
    db.engine.dispose()
    for suffix in ("", "-wal", "-shm"):
        damaged = target.with_name(f"{target.name}{suffix}")
        if damaged.exists():
            os.replace(damaged, target.with_name(f"{target.name}.before-{stamp}{suffix}"))
    copy.chmod(0o600)
    os.replace(copy, target)


def _restore_postgresql(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    present = sa.MetaData()
    present.reflect(db.engine, only=lambda name, _: not name.startswith("queue"))
    present.drop_all(db.engine)
    flask_migrate.upgrade(revision=manifest.schema)
    tables = sa.MetaData()
    tables.reflect(db.engine, only=lambda name, _: name in manifest.columns)
    with stores.postgresql(read_only=False) as connection:
        connection.execute("DELETE FROM alembic_version")
        for table in tables.sorted_tables:
            with archive.open(f"tables/{table.name}.copy") as member:
                stores.copy_in(connection, table.name, manifest.columns[table.name], member)
        stores.advance_sequences(connection, manifest.columns)
        _compare(manifest, stores.postgresql_hashes(connection))


def _compare(manifest: Manifest, hashes: stores.Hashes) -> None:
    if wrong := manifest.differences(hashes):
        raise BackupError(f"Table {wrong[0]} is not what was saved. Take another backup.")


def _put_keys_back(archive: zipfile.ZipFile, instance: Path, stamp: str) -> None:
    folder = instance / "keys"
    if folder.exists():
        shutil.copytree(folder, instance / f"keys.before-{stamp}")
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in KEY_FILES:
        part = folder / f"{name}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(archive.read(f"keys/{name}"))
        os.replace(part, folder / name)
    current_app.extensions["zhuhe_keys"] = Keys.load(folder)


def _put_head_back(
    archive: zipfile.ZipFile, manifest: Manifest, instance: Path, stamp: str
) -> None:
    """The heads noted outside must be those of the chain that is now there."""
    head_file = audit.head_file_of(str(instance))
    if head_file.exists():
        shutil.copyfile(head_file, head_file.with_name(f"audit.head.before-{stamp}"))
    lines = archive.read("audit.head").decode() if "audit.head" in manifest.files else ""
    part = head_file.with_name("audit.head.part")
    part.write_text(lines)
    os.replace(part, head_file)
