"""The rows of one figure as a workbook: text as text, money as numbers, never a formula."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from core import clock, show
from core.reports.opened import Opened, definition
from core.reports.values import Built, Column, Kind
from core.reports.words import amount, period_words, revision_words

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAFE = {
    "constant_memory": True, "in_memory": True, "strings_to_formulas": False,
    "strings_to_numbers": False, "strings_to_urls": False,
}  # fmt: skip
_WIDTH = {
    Kind.ID: 38, Kind.DAY: 11, Kind.MOMENT: 16, Kind.FEN: 10, Kind.HOURS: 10, Kind.NUMBER: 8, Kind.PERSON: 12,
}  # fmt: skip
Shown = Callable[[Column, Any], str]


def workbook(
    built: Built,
    found: Opened,
    text: Shown,
    *,
    revision: int,
    is_draft: bool,
    by: str,
    now: datetime,
) -> io.BytesIO:
    """The file. text: how a value that is no number is shown, names masked or not."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _SAFE)
    local = clock.local(now).replace(tzinfo=None)
    book.set_properties({"title": found.figure.label, "author": by, "created": local})
    formats = {
        "head": book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "yuan": book.add_format({"num_format": "0.00"}),
    }
    sheet = book.add_worksheet(_("Records"))
    for number, (_place, column) in enumerate(found.columns):
        sheet.set_column(number, number, _WIDTH.get(column.kind, 14))
        sheet.write_string(0, number, column.label, formats["head"])
    for line, row in enumerate(found.rows, 1):
        for number, (place, column) in enumerate(found.columns):
            _write(sheet, line, number, found, column, row[place], text, formats)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, len(found.rows)), max(0, len(found.columns) - 1))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C— &P / &N —")
    _about(book, formats, built, found, revision, is_draft, by, now)
    book.close()
    file.seek(0)
    return file


def _write(
    sheet: Any, line: int, number: int, found: Opened, column: Column, value: Any, text: Shown,
    formats: dict[str, Any],
) -> None:  # fmt: skip
    if value is None or value == "" or value == ():
        return
    if column.kind is Kind.FEN or column.kind is Kind.HOURS:
        sheet.write_number(line, number, value / 100, formats["yuan"])
    elif column.kind is Kind.NUMBER and column.key not in found.dataset.words:
        sheet.write_number(line, number, value)
    elif column.kind is Kind.DAY:
        sheet.write_datetime(
            line, number, datetime.combine(value, datetime.min.time()), formats["day"]
        )
    elif column.kind is Kind.MOMENT:
        sheet.write_datetime(
            line, number, clock.local(value).replace(tzinfo=None), formats["moment"]
        )
    else:
        sheet.write_string(line, number, text(column, value), formats["text"])


def _about(
    book: Any, formats: dict[str, Any], built: Built, found: Opened, revision: int, is_draft: bool,
    by: str, now: datetime,
) -> None:  # fmt: skip
    """A second sheet that says which figure this is, what it counts, and who made the file."""
    figure = found.figure
    lines = [
        (_("Report"), f"{built.title} {period_words(built.period)} {built.scope_name}"),
        (_("Revision"), _("draft") if is_draft else revision_words(revision)),
        (_("Figure"), figure.label),
        (_("In the report"), amount(figure.value, figure.unit)),
        (_("Counted again from these rows"), amount(found.again, figure.unit)),
        *definition(found),
        (_("Counted on"), show.exact_time(built.built_at)),
        (_("Made by"), by),
        (_("Made at"), show.exact_time(now)),
    ]
    sheet = book.add_worksheet(_("About this table"))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    for number, (label, value) in enumerate(lines):
        sheet.write_string(number, 0, label, formats["head"])
        sheet.write_string(number, 1, value, formats["text"])
