"""The list of certificates as a workbook."""

import io
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from core.export import About, Column
from core.export import workbook as written
from workshop import words
from workshop.lists.certificates import CertificateRow


def workbook(
    rows: Sequence[CertificateRow], filters: Sequence[About], *, by: str, now: datetime
) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it has."""
    columns: list[Column[CertificateRow]] = [
        Column(_("Number"), 20, "text", lambda row: row.number),
        Column(_("Name"), 12, "text", lambda row: row.name),
        Column(_("Course or title"), 26, "text", lambda row: row.title),
        Column(_("Level"), 16, "text", lambda row: str(words.SKILL_LEVEL[row.level]) if row.level else ""),
        Column(_("Class"), 26, "text", lambda row: row.cohort or ""),
        Column(_("Class hours"), 8, "number", lambda row: row.class_hours),
        Column(_("Date of the certificate"), 12, "day", lambda row: row.issued_on),
        Column(_("Issuing body"), 20, "text", lambda row: _("this office") if row.is_ours else row.issuer),
        Column(_("Why revoked"), 24, "text", lambda row: row.reason or ""),
    ]  # fmt: skip
    return written(
        _("Certificates"), columns, rows,
        lambda count: [(_("Rows"), "number", count), *filters], by=by, now=now, frozen=2,
    )  # fmt: skip
