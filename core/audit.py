"""The log of who changed what: written in the same transaction, then chained.

An entry's before and after values are encrypted and can be erased; the chain holds only their
salted digest, so that erasing a person breaks no link. `seal()` chains what is not yet sealed, one
sealer at a time; `verify()` names the first record that does not fit.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.access import Actor
from core.db import BigId, Model, Moment, db, new_id, transaction
from core.privacy import Encrypted, read_or_none

GENESIS = "0" * 64


class AuditEntry(Model):
    """One change: who, when, what, why. The values changed stand in AuditValues."""

    __tablename__ = "audit_entry"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    action: Mapped[str] = mapped_column(sa.String(64), index=True)
    subject: Mapped[str] = mapped_column(sa.String(128), index=True)
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    device_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    values_digest: Mapped[str | None] = mapped_column(sa.String(64))


class AuditValues(Model):
    """Before and after of one entry, encrypted; erased with the person, the digest stays."""

    __tablename__ = "audit_values"
    entry_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    content: Mapped[str] = mapped_column(Encrypted)


class AuditSeal(Model):
    """One link of the chain: a record, its digest, and the head that includes it."""

    __tablename__ = "audit_seal"
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(sa.String(32))
    record_id: Mapped[uuid.UUID]
    record_digest: Mapped[str] = mapped_column(sa.String(64))
    head: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (sa.UniqueConstraint("source", "record_id"),)


@dataclass(frozen=True)
class Source:
    """A table whose rows are their own audit entries. `rows` are the columns that the digest binds."""

    name: str
    id_column: sa.Column[Any]
    columns: tuple[sa.Column[Any], ...]


_sources: dict[str, Source] = {}
# Each looks at what the chain binds only by its digest; returns the first record that differs, or None.
_contents: dict[str, Callable[[], str | None]] = {}


def register_source(source: Source) -> None:
    """Let the chain include another append-only table (meal events, attendance marks)."""
    _sources[source.name] = source


def register_contents(name: str, fault: Callable[[], str | None]) -> None:
    """Let `verify` look at contents too, which are stored beside the digest that the chain binds."""
    _contents[name] = fault


def record(
    session: Session,
    action: str,
    *,
    subject: str,
    by: Actor,
    now: datetime,
    person_id: int | None = None,
    reason: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry in the session's transaction. `before` and `after` are plain values."""
    entry, values = entry_of(
        action, subject=subject, by=by, now=now, person_id=person_id, reason=reason,
        before=before, after=after,
    )  # fmt: skip
    if values is not None:
        session.add(AuditValues(**values))
    session.add(AuditEntry(**entry))


def entry_of(
    action: str,
    *,
    subject: str,
    by: Actor,
    now: datetime,
    person_id: int | None = None,
    reason: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The columns of an entry, and of its values when there are any; nothing is written."""
    entry: dict[str, Any] = {
        "id": new_id(), "at": now, "action": action, "subject": subject, "person_id": person_id,
        "user_id": by.user_id, "device_id": by.device_id, "actor_name": by.name, "reason": reason,
        "values_digest": None,
    }  # fmt: skip
    if before is None and after is None:
        return entry, None
    content = json.dumps(
        {"salt": secrets.token_hex(16), "before": before, "after": after},
        ensure_ascii=False, default=_plain, sort_keys=True,
    )  # fmt: skip
    entry["values_digest"] = hashlib.sha256(content.encode()).hexdigest()
    return entry, {"entry_id": entry["id"], "person_id": person_id, "content": content}


def values_of(entries: list[AuditEntry]) -> dict[uuid.UUID, dict[str, Any]]:
    """Before and after by entry id, in one query; erased ones are absent."""
    ids = [entry.id for entry in entries if entry.values_digest]
    rows = db.session.scalars(sa.select(AuditValues).where(AuditValues.entry_id.in_(ids)))
    return {row.entry_id: json.loads(row.content) for row in rows}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _entry_source() -> Source:
    table = AuditEntry.__table__
    columns = tuple(column for column in table.columns)
    return Source("audit_entry", table.c.id, columns)  # type: ignore[arg-type]


def _all_sources() -> dict[str, Source]:
    return {"audit_entry": _entry_source(), **_sources}


def _digest(source: str, row: sa.Row[Any]) -> str:
    fields = {
        key: _plain(value) if value is not None else None for key, value in row._mapping.items()
    }
    text = json.dumps([source, fields], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _link(head: str, digest: str) -> str:
    return hashlib.sha256(f"{head}{digest}".encode()).hexdigest()


def seal(now: datetime, head_file: Path | None = None) -> int:
    """Chain every record not yet sealed; returns how many. One transaction, so one sealer."""
    count = 0
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text("SELECT pg_advisory_xact_lock(727071)"))
        last = session.execute(
            sa.select(AuditSeal.number, AuditSeal.head).order_by(AuditSeal.number.desc()).limit(1)
        ).first()
        number, head = (last.number, last.head) if last else (0, GENESIS)
        for source in _all_sources().values():
            for row in session.execute(_unsealed(source)).all():
                digest = _digest(source.name, row)
                number, head, count = number + 1, _link(head, digest), count + 1
                session.add(AuditSeal(
                    number=number, source=source.name, record_id=row._mapping[source.id_column.key],
                    record_digest=digest, head=head, sealed_at=now,
                ))  # fmt: skip
    if count and head_file:
        with head_file.open("a") as file:
            file.write(f"{now.isoformat()} {number} {head}\n")
    return count


def _unsealed(source: Source) -> sa.Select[Any]:
    sealed = sa.exists().where(
        AuditSeal.source == source.name, AuditSeal.record_id == source.id_column
    )
    return sa.select(*source.columns).where(~sealed).order_by(source.id_column)


# What can be wrong with the log, by code, for the command line; the page has its own sentences.
FAULTS = {
    "link_missing": "link {missing} is missing before {record} (link {link})",
    "record_gone": "{record} (link {link}): the record is gone",
    "record_changed": "{record} (link {link}): the record was changed",
    "chain_changed": "{record} (link {link}): the chain was changed",
    "head_differs": "{record} (link {link}): differs from the head noted outside",
    "tail_cut": "the chain ends at link {link}, but link {noted} was noted outside: its tail is cut off",
    "values_changed": "{record}: its before and after values were changed",
    "content_changed": "{record} changed since the issue",
}
# Told how many records are done, and of how many.
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Verdict:
    """Outcome of a verification: links checked, the head, and what is wrong with the first bad one.

    code: one of FAULTS, with its details; fault: the same as a line of text. None when all is well.
    """

    checked: int
    head: str
    fault: str | None = None
    code: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def verify(head_file: Path | None = None, tell: Tell | None = None) -> Verdict:
    """Recompute the chain from the rows; stops at the first record that does not fit.

    head_file: heads written down outside the database; they betray a tail cut off, or a chain that
    was sealed anew over changed records. tell: called between pages of records, and may raise.
    """
    head, checked, noted = GENESIS, 0, noted_heads(head_file)

    def bad(code: str, **details: Any) -> Verdict:
        return Verdict(checked, head, FAULTS[code].format(**details), code, details)

    for seal_row, row in _chain(_counted(tell)):
        where = {"record": f"{seal_row.source} {seal_row.record_id}", "link": seal_row.number}
        if seal_row.number != checked + 1:
            return bad("link_missing", missing=checked + 1, **where)
        if row is None:
            return bad("record_gone", **where)
        if _digest(seal_row.source, row) != seal_row.record_digest:
            return bad("record_changed", **where)
        head = _link(head, seal_row.record_digest)
        if head != seal_row.head:
            return bad("chain_changed", **where)
        if noted.get(seal_row.number, head) != head:
            return bad("head_differs", **where)
        checked += 1
    cut = min((number for number in noted if number > checked), default=None)
    if cut is not None:
        return bad("tail_cut", link=checked, noted=cut)
    changed = _changed_values(_counted(tell, checked))
    if changed is not None:
        return bad("values_changed", record=f"audit_entry {changed}")
    for fault in _contents.values():
        record = fault()
        if record is not None:
            return bad("content_changed", record=record)
    return Verdict(checked, head)


def _counted(tell: Tell | None, done: int = 0) -> Callable[[int], None]:
    """Adds up the records of pages and tells them, of all links and all values that there are."""
    if tell is None:
        return lambda more: None
    total = (db.session.scalar(sa.select(sa.func.max(AuditSeal.number))) or 0) + (
        db.session.scalar(sa.select(sa.func.count()).select_from(AuditValues)) or 0
    )
    count = done

    def told(more: int) -> None:
        nonlocal count
        count += more
        tell(count, max(total, count))

    return told


def noted_heads(head_file: Path | None) -> dict[int, str]:
    """The heads noted in `instance/audit.head`, by number of the link; empty without the file."""
    if head_file is None or not head_file.exists():
        return {}
    lines = (line.split() for line in head_file.read_text().splitlines())
    # A full disk may have cut a line off: it notes nothing.
    whole = (parts for parts in lines if len(parts) == 3 and len(parts[2]) == len(GENESIS))
    return {int(number): head for _at, number, head in whole if number.isdecimal()}


def head_file_of(instance: str) -> Path:
    """Where heads are noted outside the database."""
    return Path(instance) / "audit.head"


@dataclass(frozen=True)
class SealState:
    """How far the chain reaches: links, the last head and when it was sealed, and what still waits."""

    links: int
    head: str
    sealed_at: datetime | None
    waiting: int


def seal_state() -> SealState:
    """The chain's length and head, and how many records no link holds yet."""
    last = db.session.scalar(sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))
    waiting = sum(
        db.session.scalar(sa.select(sa.func.count()).select_from(_unsealed(source).subquery())) or 0
        for source in _all_sources().values()
    )
    if last is None:
        return SealState(0, GENESIS, None, waiting)
    return SealState(last.number, last.head, last.sealed_at, waiting)


def head() -> tuple[int, str]:
    """The number of the last link and the head that it makes."""
    statement = (
        sa.select(AuditSeal.number, AuditSeal.head).order_by(AuditSeal.number.desc()).limit(1)
    )
    last = db.session.execute(statement).first()
    return (last.number, last.head) if last else (0, GENESIS)


def is_sealed(entry_id: uuid.UUID) -> bool:
    """Whether a link of the chain holds this entry."""
    return bool(db.session.scalar(
        sa.select(AuditSeal.number).where(AuditSeal.source == "audit_entry", AuditSeal.record_id == entry_id)
    ))  # fmt: skip


def _chain(counted: Callable[[int], None]) -> Iterator[tuple[AuditSeal, sa.Row[Any] | None]]:
    sources, step, start = _all_sources(), 500, 0
    while True:
        seals = db.session.scalars(
            sa.select(AuditSeal)
            .where(AuditSeal.number > start)
            .order_by(AuditSeal.number)
            .limit(step)
        ).all()
        if not seals:
            return
        rows: dict[tuple[str, uuid.UUID], sa.Row[Any]] = {}
        for name, source in sources.items():
            ids = [row.record_id for row in seals if row.source == name]
            for row in db.session.execute(
                sa.select(*source.columns).where(source.id_column.in_(ids))
            ):
                rows[name, row._mapping[source.id_column.key]] = row
        for seal_row in seals:
            yield seal_row, rows.get((seal_row.source, seal_row.record_id))
        start = seals[-1].number
        counted(len(seals))


def _changed_values(counted: Callable[[int], None]) -> uuid.UUID | None:
    """The first entry whose values do not fit their digest."""
    # Read as stored: a value that was tampered with must be named here, not raise.
    stored = sa.type_coerce(AuditValues.content, sa.Text).label("stored")
    statement = (
        sa.select(AuditEntry.id, AuditEntry.values_digest, stored)
        .join(AuditValues, AuditValues.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id)
        .limit(500)
    )
    rows = db.session.execute(statement).all()
    while rows:
        for entry_id, digest, token in rows:
            content = read_or_none(token)
            if content is None or hashlib.sha256(content.encode()).hexdigest() != digest:
                return uuid.UUID(str(entry_id))
        last = rows[-1][0]
        counted(len(rows))
        rows = db.session.execute(statement.where(AuditEntry.id > last)).all()
    return None
