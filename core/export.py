"""A list as a workbook to take away: text as text, money as numbers, and a sheet that says what it is.

No cell is ever a formula, whatever a name or a note begins with. ID numbers are never in it.
"""

import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import xlsxwriter
from flask import current_app
from flask_babel import gettext as _
from wtforms import SelectField
from wtforms.fields import SelectChoice

from core import clock, show
from core.forms import FilterForm

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAFE = {
    "constant_memory": True, "in_memory": True, "strings_to_formulas": False,
    "strings_to_numbers": False, "strings_to_urls": False,
}  # fmt: skip
Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its head, its width in characters, how its cells are written, how a row is read.

    kind: text, number, yuan (whole fen), day (a date) or moment (a wall-clock datetime).
    """

    label: Any
    width: int
    kind: str
    read: Callable[[Row], Any]


# Label, kind and value of one line of the sheet that says what the table is.
About = tuple[Any, str, Any]


def workbook(
    title: str,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    about: Callable[[int], Sequence[About]],
    *,
    by: str,
    now: datetime,
    span: str = "",
    frozen: int = 3,
) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it has. Rows may be read while they are written.

    about: told the number of rows, the lines of the second sheet; who made it and when stand there
    anyway. span: what the page header says after the title. frozen: columns that stay in sight.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, SAFE)
    book.set_properties(
        {"title": title, "author": by, "created": clock.local(now).replace(tzinfo=None)}
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
    sheet = book.add_worksheet(title)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(0, number, str(column.label), formats["head"])
    count = 0
    for count, row in enumerate(rows, 1):
        for number, column in enumerate(columns):
            _write(sheet, count, number, column.kind, column.read(row), formats)
    sheet.freeze_panes(1, frozen)
    sheet.autofilter(0, 0, max(1, count), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.75)
    head = " ".join(part for part in (current_app.config["OFFICE_NAME"], title, span) if part)
    sheet.set_header(f"&C&12{head.replace('&', '&&')}")
    sheet.set_footer("&C— &P / &N —")
    _tell(book, formats, [
        *about(count),
        (_("Made by"), "text", by),
        (_("Made at"), "text", f"{show.full_day(clock.service_day(now))} {show.clock_time(now)}"),
    ])  # fmt: skip
    book.close()
    file.seek(0)
    return file, count


def filters(form: FilterForm, person: Any = None, *, without: Collection[str] = ()) -> list[About]:
    """A line for each filter that is set, in the words of the page, for the second sheet.

    person: whom the field of that name means, when the actor may see her. The order of rows is no filter.
    """
    found: list[About] = []
    for part in form:
        value = form.value_of(part.name)
        if value is None or part.name in ("order", *without):
            continue
        words = str(value)
        if isinstance(part, SelectField):
            choices = map(SelectChoice.from_input, part.choices or ())
            words = next(
                str(each.label).strip() for each in choices if part.coerce(each.value) == value
            )
        elif part.name == "person":
            words = person.name if person else "—"
        found.append((part.label.text, "text", words))
    return found


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


def _tell(book: Any, formats: dict[str, Any], lines: Sequence[About]) -> None:
    sheet = book.add_worksheet(_("About this table"))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 40)
    shown = [line for line in lines if line[2] is not None and line[2] != ""]
    for number, (label, kind, value) in enumerate(shown):
        sheet.write_string(number, 0, str(label), formats["head"])
        _write(sheet, number, 1, kind, value, formats)
