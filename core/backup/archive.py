"""Making a backup and checking one: a zip with a manifest that knows every table's hash."""

import hashlib
import json
import os
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from core import audit
from core.access import SYSTEM
from core.backup import stores
from core.db import db, transaction
from core.privacy import keys

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "zhuhe.db"
KEY_FILES = ("root.key", "data.key")
PROBE = "zhuhe"


class BackupError(Exception):
    """Why a backup could not be made, checked or put back: a sentence with the way out."""


@dataclass
class Manifest:
    """What a backup holds. `tables`: rows and hash; `files`: sha256 of each member of the archive."""

    made_at: str
    engine: str
    schema: str
    links: int
    head: str
    probe: str
    format: int = FORMAT
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def has_keys(self) -> bool:
        return any(name.startswith("keys/") for name in self.files)

    def differences(self, hashes: stores.Hashes) -> list[str]:
        """Tables that are not what the manifest says."""
        names = sorted({*self.tables, *hashes})
        return [name for name in names if self.tables.get(name) != _plain(hashes).get(name)]


def _plain(hashes: stores.Hashes) -> dict[str, dict[str, Any]]:
    return {name: {"rows": found.rows, "hash": found.value} for name, found in hashes.items()}


def schema_version() -> str:
    """The migration that the database is at. Raises BackupError for a database without a schema."""
    try:
        version = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.DBAPIError:
        version = None
    db.session.rollback()
    if not version:
        raise BackupError("The database has no schema yet: run `flask prepare` first.")
    return str(version)


def back_up(file: Path, *, with_keys: bool, now: datetime) -> Manifest:
    """Write a backup of the whole database; it appears under its name only when it is complete.

    Raises BackupError when the file exists, or the disk is full.
    """
    if file.exists():
        raise BackupError(
            f"{file} exists already; a backup is never written over. Choose another name."
        )
    instance = Path(current_app.instance_path)
    schema = schema_version()
    with transaction() as session:
        audit.record(session, "backup.made", subject=f"file:{file.name}"[:128], by=SYSTEM, now=now,
                     after={"with_keys": with_keys})  # fmt: skip
    audit.seal(now, audit.head_file_of(str(instance)))
    state = audit.seal_state()
    db.session.rollback()
    manifest = Manifest(
        now.isoformat(timespec="seconds"), db.engine.dialect.name, schema, state.links, state.head,
        keys().fernet.encrypt(PROBE.encode()).decode(),
    )  # fmt: skip
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w+b") as target:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                _add_data(archive, manifest, file)
                if with_keys:
                    for name in KEY_FILES:
                        _add(archive, manifest, f"keys/{name}", instance / "keys" / name)
                if (head_file := audit.head_file_of(str(instance))).exists():
                    _add(archive, manifest, "audit.head", head_file)
                archive.writestr(
                    MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
                )
            target.flush()
            os.fsync(target.fileno())
        os.replace(part, file)
    except OSError as error:
        raise BackupError(
            f"The backup could not be written: {error.strerror}. Nothing was changed."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    note = {"at": manifest.made_at, "file": str(file.resolve())}
    (instance / "backup.last").write_text(json.dumps(note, ensure_ascii=False))
    return manifest


def _add_data(archive: zipfile.ZipFile, manifest: Manifest, file: Path) -> None:
    if stores.is_sqlite():
        copy = file.with_name(f"{file.name}.db-part")
        copy.unlink(missing_ok=True)
        try:
            stores.snapshot_sqlite(copy)
            copy.chmod(0o600)
            connection = stores.open_sqlite(copy)
            try:
                manifest.tables = _plain(stores.sqlite_hashes(connection))
            finally:
                connection.close()
            _add(archive, manifest, DATABASE, copy)
        finally:
            copy.unlink(missing_ok=True)
        return
    with stores.postgresql(read_only=True) as connection:
        manifest.columns = stores.postgresql_tables(connection)
        hashes: stores.Hashes = {}
        for table, columns in manifest.columns.items():
            name = f"tables/{table}.copy"
            digest = hashlib.sha256()
            with archive.open(name, "w", force_zip64=True) as member:
                for line in stores.copy_out(connection, table, columns):
                    hashes.setdefault(table, stores.TableHash()).add(line)
                    digest.update(line)
                    member.write(line)
            hashes.setdefault(table, stores.TableHash())
            manifest.files[name] = digest.hexdigest()
        manifest.tables = _plain(hashes)


def _add(archive: zipfile.ZipFile, manifest: Manifest, name: str, file: Path) -> None:
    archive.write(file, name)
    with file.open("rb") as source:
        manifest.files[name] = hashlib.file_digest(source, "sha256").hexdigest()


def check(file: Path) -> Manifest:
    """Read a backup through and compare every hash. Raises BackupError when it is damaged or no backup."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            for name, expected in manifest.files.items():
                with archive.open(name) as member:
                    found = hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]
                if found != expected:
                    raise BackupError(
                        f"{file} is damaged: {name} is not what was saved. Take another backup."
                    )
            if manifest.engine == "postgresql":
                _check_tables(archive, manifest, file)
    except FileNotFoundError:
        raise BackupError(f"There is no file {file}.") from None
    except (
        zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, OSError,
    ) as error:  # fmt: skip
        raise BackupError(
            f"{file} is damaged or no backup ({type(error).__name__}). Take another one."
        ) from None
    return manifest


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    manifest = Manifest(**json.loads(archive.read(MANIFEST)))
    if manifest.format != FORMAT:
        raise BackupError(
            f"The backup has format {manifest.format}, this version reads format {FORMAT}."
        )
    return manifest


def _check_tables(archive: zipfile.ZipFile, manifest: Manifest, file: Path) -> None:
    hashes: stores.Hashes = {}
    for table in manifest.columns:
        with archive.open(f"tables/{table}.copy") as member:
            hashes[table] = stores.hash_lines(member)
    if wrong := manifest.differences(hashes):
        raise BackupError(
            f"{file} is damaged: table {wrong[0]} is not what was saved. Take another backup."
        )
