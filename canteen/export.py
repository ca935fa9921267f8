"""The list of meals as a workbook: the rows of the same statement, text as text, money as numbers.

No cell is ever a formula, whatever a name or a note begins with. ID numbers are never in it.
"""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import xlsxwriter
from flask import current_app
from flask_babel import gettext as _

from canteen import phrases, words
from canteen.forms.filters import MEAL_OUTCOMES
from canteen.lists import meals as listing
from canteen.lists.meals import MealQuery, MealRow
from canteen.models import MealEvent
from canteen.values import FundLayer
from core import clock, show
from core.db import db
from core.people.models import Person

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAFE = {
    "constant_memory": True, "in_memory": True, "strings_to_formulas": False,
    "strings_to_numbers": False, "strings_to_urls": False,
}  # fmt: skip
STEP = 500
Cell = str | int | float | datetime | None


def workbook(
    query: MealQuery,
    *,
    shown_name: Callable[[Person | None], str],
    home_of: Callable[[Person], str],
    by: str,
    now: datetime,
) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it has. Rows are read in steps, newest first, like the list."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, SAFE)
    book.set_properties(
        {"title": _("Meals"), "author": by, "created": clock.local(now).replace(tzinfo=None)}
    )
    formats = {
        "head": book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "yuan": book.add_format({"num_format": "0.00"}),
    }
    sheet = book.add_worksheet(_("Meals"))
    columns = _columns(shown_name, home_of)
    for number, (label, width, _kind, _read) in enumerate(columns):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, str(label), formats["head"])
    count = 0
    for count, row in enumerate(_rows(query), 1):
        for number, (_label, _width, kind, read) in enumerate(columns):
            _write(sheet, count, number, kind, read(row), formats)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(1, count), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.75)
    title = f"{current_app.config['OFFICE_NAME']} {_('Meals')} {query.from_on}—{query.until_on}"
    sheet.set_header(f"&C&12{title.replace('&', '&&')}")
    sheet.set_footer("&C— &P / &N —")
    _about(book, formats, query, by, now, count)
    book.close()
    file.seek(0)
    return file, count


def _rows(query: MealQuery) -> Iterator[tuple[MealRow, str]]:
    """Each row with the name of who recorded it, read in steps that end on a key, not on an offset."""
    statement = listing.attempts(query)
    last: MealEvent | None = None
    while True:
        step = statement if last is None else statement.where(listing.is_after(last))
        rows = listing.rows_of(db.session.execute(step.limit(STEP)))
        staff = listing.names_of_staff(row.event for row in rows)
        for row in rows:
            yield row, staff[row.event.id]
        if len(rows) < STEP:
            return
        last = rows[-1].event


def _write(
    sheet: Any, row: int, column: int, kind: str, value: Any, formats: dict[str, Any]
) -> None:
    if value is None or value == "":
        return
    if kind == "yuan":
        sheet.write_number(row, column, value / 100, formats["yuan"])
    elif kind == "number":
        sheet.write_number(row, column, value)
    elif kind in ("day", "moment"):
        sheet.write_datetime(row, column, value, formats[kind])
    else:
        sheet.write_string(row, column, str(value), formats["text"])


def _columns(
    shown_name: Callable[[Person | None], str], home_of: Callable[[Person], str]
) -> list[tuple[Any, int, str, Callable[[tuple[MealRow, str]], Any]]]:
    """Label, width, kind, and how to read the cell of a row."""

    def paid_by(layer: FundLayer) -> Callable[[tuple[MealRow, str]], Any]:
        return of_meal(lambda row: row.layers.get(layer, 0))

    def of_meal(read: Callable[[MealRow], Any]) -> Callable[[tuple[MealRow, str]], Any]:
        return lambda row: read(row[0]) if row[0].is_counted else None

    layers = [(words.LAYER[each], 9, "yuan", paid_by(each)) for each in FundLayer]
    return [
        (_("Date"), 11, "day", lambda row: row[0].event.day),
        (_("Sitting"), 7, "text", lambda row: words.SITTING.get(row[0].event.sitting, "")),
        (_("Name"), 10, "text", lambda row: shown_name(row[0].person) if row[0].person else ""),
        (_("Age"), 6, "number", of_meal(lambda row: row.age)),
        (_("Community"), 14, "text", lambda row: home_of(row[0].person) if row[0].person else ""),
        (_("Canteen"), 18, "text", lambda row: row[0].site.name),
        (_("Way of eating"), 9, "text", lambda row: words.WAY[row[0].event.way]),
        (_("Way of recording"), 10, "text", lambda row: words.RECORDING[row[0].event.recording]),
        (_("Collected by"), 8, "text", lambda row: words.COLLECTOR[row[0].event.collected_by]),
        (_("Result"), 12, "text", lambda row: result_words(row[0])),
        (_("Priced category"), 12, "text", of_meal(lambda row: row.category.name if row.category else "")),
        (_("Meal price"), 9, "yuan", lambda row: row[0].event.price_fen if counts(row[0]) else None),
        *layers,
        (_("Subsidy"), 9, "yuan", of_meal(lambda row: row.event.subsidy_fen)),
        (_("Co-pay"), 9, "yuan", lambda row: row[0].event.copay_fen if counts(row[0]) else None),
        (_("Tariff"), 22, "text", of_meal(_tariff)),
        (_("Registered at"), 16, "moment",
         lambda row: clock.local(row[0].event.occurred_at).replace(tzinfo=None)),
        (_("Recorded by"), 14, "text", lambda row: row[1]),
        (_("Number of the record"), 38, "text", lambda row: str(row[0].event.id)),
    ]  # fmt: skip


def counts(row: MealRow) -> bool:
    """Whether its money counts: a meal, or a sale that was not voided."""
    return row.outcome in (listing.MealOutcome.MEAL, listing.MealOutcome.OTHER)


def result_words(row: MealRow) -> str:
    """What an attempt came to, with the reason of a refusal or the kind of another sale."""
    event = row.event
    if row.outcome is listing.MealOutcome.REFUSED:
        return str(phrases.reason(event.reason))
    if event.other_kind is not None and row.outcome is listing.MealOutcome.OTHER:
        return str(words.OTHER_KIND[event.other_kind])
    return str(MEAL_OUTCOMES[row.outcome])


def _tariff(row: MealRow) -> str:
    return f"{row.tariff.name} {row.tariff.document_no}" if row.tariff else ""


def _about(
    book: Any, formats: dict[str, Any], query: MealQuery, by: str, now: datetime, count: int
) -> None:
    """A second sheet that says what is in the first: filters, sums, who made it and when."""
    sums = listing.totals(query)
    lines: list[tuple[Any, str, Any]] = [
        (_("Days"), "text", f"{query.from_on} — {query.until_on}"),
        (_("Result"), "text", str(MEAL_OUTCOMES[query.outcome])),
        (_("Rows"), "number", count),
        (_("Subsidised meals (visits)"), "number", sums.meals),
        (_("People, each once"), "number", sums.people),
        (_("Meal price"), "yuan", sums.price_fen),
        (_("Subsidy"), "yuan", sums.subsidy_fen),
        (_("Co-pay"), "yuan", sums.copay_fen),
        (_("Made by"), "text", by),
        (_("Made at"), "text", f"{show.full_day(clock.service_day(now))} {show.clock_time(now)}"),
    ]  # fmt: skip
    for label, value in (
        (_("Search"), query.q), (_("Sitting"), query.sitting and words.SITTING[query.sitting]),
        (_("Way of eating"), query.way and words.WAY[query.way]),
        (_("Way of recording"), query.recording and words.RECORDING[query.recording]),
        (_("Priced category"), query.category or ""),
    ):  # fmt: skip
        if value:
            lines.append((label, "text", str(value)))
    sheet = book.add_worksheet(_("About this table"))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 40)
    for number, (label, kind, value) in enumerate(lines):
        sheet.write_string(number, 0, str(label), formats["head"])
        _write(sheet, number, 1, kind, value, formats)
