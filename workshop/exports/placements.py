"""The list of placements as a workbook: the rows of the same statement. ID numbers and phones are never in it."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from core import show
from core.access import Actor
from core.db import db
from core.people.registry import home_of
from core.reports.values import Kind
from core.reports.workbook.book import Book
from workshop import words
from workshop.lists import jobs as listing
from workshop.lists.jobs import PlacementQuery
from workshop.lists.rates import is_early
from workshop.models import Placement
from workshop.values import EvidenceKind

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEP = 500
_Column = tuple[Any, int, Kind, Callable[[Placement], Any]]


def _columns() -> list[_Column]:
    """Label, width, kind, and how to read the cell of a row."""

    def word(table: Any, name: str) -> Callable[[Placement], str]:
        return lambda row: str(table[value]) if (value := getattr(row, name)) is not None else ""

    return [
        (_("Name"), 10, Kind.TEXT, lambda row: row.person.name),
        (_("Community"), 14, Kind.TEXT, lambda row: home_of(row.person)),
        (_("Way into work"), 12, Kind.TEXT, word(words.CHANNEL, "channel")),
        (_("Form of work"), 12, Kind.TEXT, word(words.FORM, "form")),
        (_("State"), 10, Kind.TEXT, word(words.PLACEMENT_STATE, "state")),
        (_("Employer"), 28, Kind.TEXT, lambda row: row.employer_name),
        (_("What she does"), 14, Kind.TEXT, lambda row: row.job_title),
        (_("Started on"), 12, Kind.DAY, lambda row: row.started_on),
        (_("Verified on"), 12, Kind.DAY, lambda row: row.verified_on),
        (_("Verified by"), 14, Kind.TEXT, _evidence),
        (_("Wage a month"), 10, Kind.FEN, lambda row: row.wage_fen),
        (_("Hours a week"), 8, Kind.NUMBER, lambda row: row.hours_week),
        (_("Last day at work"), 12, Kind.DAY, lambda row: row.left_on),
        (_("Why she left"), 16, Kind.TEXT, word(words.LEAVING_REASON, "leaving_reason")),
        (_("left early"), 8, Kind.TEXT,
         lambda row: _("yes") if is_early(row.started_on, row.left_on) else ""),
        (_("Reason"), 24, Kind.TEXT, lambda row: row.end_reason or ""),
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


def workbook(query: PlacementQuery, *, by: Actor, now: datetime) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it has."""
    book = Book(_("Placements"), by.name, now)
    sheet, columns = book.sheet(_("Placements")), _columns()
    writers = [book.writer(kind) for _label, _width, kind, _read in columns]
    head = book.writer(Kind.TEXT, "head")
    for place, (label, width, _kind, _read) in enumerate(columns):
        sheet.set_column(place, place, width)
        head(sheet, 0, place, str(label))
    count = 0
    for count, row in enumerate(_rows(query), 1):
        for place, (_label, _width, _kind, read) in enumerate(columns):
            writers[place](sheet, count, place, read(row))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, count), len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    _about(book, query, by, now, count)
    return io.BytesIO(book.content()), count


def _about(book: Book, query: PlacementQuery, by: Actor, now: datetime, count: int) -> None:
    """A second sheet that says what is in the first: filters, who made it and when."""
    from workshop.forms.placements import MONTH_OF

    sheet = book.sheet(_("About this table"))
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 50)
    lines = [
        (_("Search"), query.q),
        (_("State"), str(words.PLACEMENT_STATE[query.state]) if query.state else ""),
        (_("Way into work"), str(words.CHANNEL[query.channel]) if query.channel else ""),
        (_("Month"), f"{query.month} {MONTH_OF[query.month_of]}" if query.month else ""),
        (_("Rows"), str(count)),
        (_("Made by"), by.name),
        (_("Made at"), show.exact_time(now)),
    ]  # fmt: skip
    head, cell = book.writer(Kind.TEXT, "head"), book.writer()
    for number, (label, value) in enumerate(pair for pair in lines if pair[1]):
        head(sheet, number, 0, str(label))
        cell(sheet, number, 1, value)
