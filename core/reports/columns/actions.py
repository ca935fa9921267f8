"""Setting the columns of the bureau's form, putting back the default, and taking the last change back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.reports.columns import stored
from core.reports.form import MOST_COLUMNS, FormColumn
from core.reports.models import ReportColumn
from core.reports.queries import kind_of

HEADING_MOST = 64

describe({
    "columns_none": Text(_l("The form needs at least one column. Nothing was saved."), 422),
    "columns_too_many": Text(
        _l("The form takes at most %(most)s columns. Nothing was saved; take some out."), 422),
    "columns_heading": Text(
        _l("Every column needs a heading of at most %(most)s characters. Nothing was saved."), 422),
    "columns_source": Text(
        _l("For one of the columns nothing was chosen that could stand in it. Nothing was saved."), 422),
    "columns_changed": Text(
        _l("Somebody else changed the columns since you opened this page. Nothing was saved; what you "
           "entered still stands here: compare it with the form below and save again.")),
    "columns_nothing_to_undo": Text(_l("There is no change to take back.")),
})  # fmt: skip


def digest(columns: Sequence[FormColumn]) -> str:
    """Tells whether the columns are still those that somebody saw."""
    return hashlib.sha256(_text(columns).encode()).hexdigest()[:16]


def _text(columns: Sequence[FormColumn]) -> str:
    return json.dumps([asdict(each) for each in columns], ensure_ascii=False)


def save_columns(
    name: str, columns: Sequence[FormColumn], *, seen: str, by: Actor, now: datetime
) -> bool:
    """Set the columns of a report's form, in this order; returns whether anything differs.

    seen: the digest of the stored ones that this was made from. Raises RuleError columns_none,
    columns_too_many, columns_heading, columns_source, columns_changed, report_kind_unknown.
    """
    sources = kind_of(name).sources
    columns = tuple(FormColumn(each.heading.strip(), each.source) for each in columns)
    if not columns:
        raise RuleError("columns_none")
    if len(columns) > MOST_COLUMNS:
        raise RuleError("columns_too_many", most=MOST_COLUMNS)
    if any(not 0 < len(each.heading) <= HEADING_MOST for each in columns):
        raise RuleError("columns_heading", most=HEADING_MOST)
    if any(each.source not in sources for each in columns):
        raise RuleError("columns_source")
    with transaction() as session:
        before = _locked(session, name)
        if digest(before) != seen:
            raise RuleError("columns_changed")
        if before == columns:
            return False
        _replace(session, name, columns)
        _record(session, "changed", name, before, columns, by, now)
    return True


def reset_columns(name: str, *, by: Actor, now: datetime) -> bool:
    """Put back the default; returns whether it was another. Raises RuleError report_kind_unknown."""
    kind_of(name)
    with transaction() as session:
        before = _locked(session, name)
        if not before:
            return False
        _replace(session, name, ())
        _record(session, "reset", name, before, (), by, now)
    return True


def undo_columns(name: str, *, by: Actor, now: datetime) -> None:
    """Take the last change back, as the log has it; done twice, it stands again.

    Raises RuleError columns_nothing_to_undo, report_kind_unknown.
    """
    kind_of(name)
    with transaction() as session:
        before = _locked(session, name)
        entry = last_change(name)
        values = audit.values_of([entry]) if entry is not None else {}
        if entry is None or entry.id not in values:
            raise RuleError("columns_nothing_to_undo")
        columns = tuple(FormColumn(**each) for each in values[entry.id]["before"]["columns"])
        _replace(session, name, columns)
        _record(session, "undone", name, before, columns, by, now)


def last_change(name: str) -> audit.AuditEntry | None:
    """The entry of the last change of a report's columns; None when there was none."""
    return db.session.scalar(
        sa.select(audit.AuditEntry)
        .where(audit.AuditEntry.subject == _subject(name))
        .order_by(audit.AuditEntry.at.desc(), audit.AuditEntry.id.desc())
        .limit(1)
    )


def _subject(name: str) -> str:
    return f"report_columns:{name}"


def _locked(session: Session, name: str) -> tuple[FormColumn, ...]:
    """The stored columns, nobody else changing them meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(727072)"))
    return stored(session, name)


def _replace(session: Session, name: str, columns: Sequence[FormColumn]) -> None:
    session.execute(sa.delete(ReportColumn).where(ReportColumn.name == name))
    session.add_all(
        ReportColumn(name=name, position=position, heading=each.heading, source=each.source)
        for position, each in enumerate(columns, 1)
    )


def _record(
    session: Session, verb: str, name: str, before: Sequence[FormColumn], after: Sequence[FormColumn],
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    def plain(columns: Sequence[FormColumn]) -> dict[str, Any]:
        return {"columns": [asdict(each) for each in columns]}

    audit.record(session, f"report_columns.{verb}", subject=_subject(name), by=by, now=now,
                 before=plain(before), after=plain(after))  # fmt: skip
