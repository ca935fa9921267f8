"""Issued reports in the sealed log: their rows are its sources, their bytes are compared with its digests.

The chain binds every column but the encrypted ones, so that verifying it needs no key; these are
bound by their digests in the others.
"""

import hashlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import sqlalchemy as sa

from core import audit
from core.db import db
from core.privacy import Encrypted, EncryptedBytes, read_bytes_or_none
from core.reports import snapshot
from core.reports.models import IssuedReport, ReportFile


def _source(name: str, table: Any) -> audit.Source:
    columns = tuple(
        column
        for column in table.columns
        if not isinstance(column.type, Encrypted | EncryptedBytes)
    )
    return audit.Source(name, table.c.id, columns)


def contents_fault() -> str | None:
    """The first issued report or file whose bytes are not those that were issued; None if all are."""
    return next(chain(
        _faults(IssuedReport, "content", IssuedReport.digest, _digest),
        _faults(IssuedReport, "explanations", IssuedReport.explanations_sha256, _sha256),
        _faults(ReportFile, "content", ReportFile.sha256, _sha256),
    ), None)  # fmt: skip


def _faults(model: Any, name: str, bound: Any, digest: Callable[[bytes], str]) -> Iterator[str]:
    stored = sa.type_coerce(getattr(model, name), model.__table__.c[name].type.impl)
    # One after the other: each may be some megabytes, so never all at once.
    for row_id in db.session.scalars(sa.select(model.id).order_by(model.id)).all():
        token, wanted = db.session.execute(sa.select(stored, bound).where(model.id == row_id)).one()
        content = read_bytes_or_none(token.encode() if isinstance(token, str) else token)
        if content is None or digest(content) != wanted:
            yield f"{model.__tablename__} {row_id}: {name}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(content: bytes) -> str:
    try:
        return snapshot.digest_of(content)
    except ValueError:
        return ""


audit.register_source(_source("issued_report", IssuedReport.__table__))
audit.register_source(_source("report_file", ReportFile.__table__))
audit.register_contents("report contents", contents_fault)
