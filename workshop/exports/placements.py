"""The list of placements as a workbook: the rows of the same statement. ID numbers and phones are never in it."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from core import export
from core.db import db
from core.export import About, Column
from core.people.registry import home_of
from workshop import words
from workshop.lists import jobs as listing
from workshop.lists.jobs import PlacementQuery
from workshop.lists.rates import is_early
from workshop.models import Placement
from workshop.values import EvidenceKind

STEP = 500


def _columns() -> list[Column[Placement]]:
    def word(table: Any, name: str) -> Callable[[Placement], str]:
        return lambda row: str(table[value]) if (value := getattr(row, name)) is not None else ""

    return [
        Column(_("Name"), 10, "text", lambda row: row.person.name),
        Column(_("Community"), 14, "text", lambda row: home_of(row.person)),
        Column(_("Way into work"), 12, "text", word(words.CHANNEL, "channel")),
        Column(_("Form of work"), 12, "text", word(words.FORM, "form")),
        Column(_("State"), 10, "text", word(words.PLACEMENT_STATE, "state")),
        Column(_("Employer"), 28, "text", lambda row: row.employer_name),
        Column(_("What she does"), 14, "text", lambda row: row.job_title),
        Column(_("Started on"), 12, "day", lambda row: row.started_on),
        Column(_("Verified on"), 12, "day", lambda row: row.verified_on),
        Column(_("Verified by"), 14, "text", _evidence),
        Column(_("Wage a month"), 10, "yuan", lambda row: row.wage_fen),
        Column(_("Hours a week"), 8, "number", lambda row: row.hours_week),
        Column(_("Last day at work"), 12, "day", lambda row: row.left_on),
        Column(_("Why she left"), 16, "text", word(words.LEAVING_REASON, "leaving_reason")),
        Column(_("left early"), 8, "text",
               lambda row: _("yes") if is_early(row.started_on, row.left_on) else ""),
        Column(_("Reason"), 24, "text", lambda row: row.end_reason or ""),
    ]  # fmt: skip


def _evidence(row: Placement) -> str:
    return str(words.EVIDENCE_KIND[EvidenceKind(row.evidence_kind)]) if row.evidence_kind else ""


def _rows(query: PlacementQuery) -> Iterator[Placement]:
    """The rows in steps, so that a whole city never stands in memory at once."""
    statement, offset = listing.placements(query), 0
    while True:
        found = list(db.session.scalars(statement.limit(STEP).offset(offset)))
        yield from found
        if len(found) < STEP:
            return
        offset += STEP


def workbook(
    query: PlacementQuery, filters: Sequence[About], *, by: str, now: datetime
) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it has."""
    return export.workbook(
        _("Placements"), _columns(), _rows(query),
        lambda count: [*filters, (_("Rows"), "number", count)], by=by, now=now, frozen=1,
    )  # fmt: skip
