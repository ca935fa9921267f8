"""One workbook being written: its sheets, its formats, and how a value becomes a cell."""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from core import clock
from core.reports.values import Kind

# A text is written as text whatever it begins with: =, +, -, @, http: or digits.
_SAFE = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False,
}  # fmt: skip
A4 = 9
NUMBER_FORMAT = {
    Kind.FEN: "#,##0.00_ ", Kind.HOURS: "#,##0.00_ ", Kind.SHARE: "0.0%_ ",
    Kind.NUMBER: "#,##0_ ", Kind.DAY: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm",
}  # fmt: skip
_HEI = "黑体"
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_name": _HEI, "font_size": 18, "align": "center", "valign": "vcenter"},
    "subtitle": {"align": "center", "font_color": "#404040"},
    "mark": {"bold": True, "font_name": _HEI, "font_color": "#A01A1F"},
    "section": {"bold": True, "font_name": _HEI, "font_size": 13},
    "caption": {"bold": True, "font_name": _HEI},
    "unit": {"align": "right", "font_color": "#404040", "font_size": 10},
    "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1,
             "bg_color": "#EFEFEF"},
    "cell": {"border": 1, "valign": "vcenter"},
    "wrapped": {"border": 1, "valign": "vcenter", "text_wrap": True},
    "total": {"border": 1, "bold": True, "top": 2, "valign": "vcenter"},
    "plain": {},
    "prose": {"text_wrap": True, "valign": "top"},
    "note": {"text_wrap": True, "valign": "top", "font_size": 10, "font_color": "#404040"},
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A number that is shown as a word: 2, shown as 早晚. Nothing is shown for 0."""

    number: int
    word: str


Writer = Callable[[Any, int, int, Any], None]


class Book:
    """A workbook. Equal calls give equal bytes: `made_at` is the only moment in it."""

    def __init__(self, title: str, author: str, made_at: datetime) -> None:
        self._file = io.BytesIO()
        # A dictionary of its own: the library writes into it, and the next book would differ.
        font = {"font_name": "宋体", "font_size": 11}
        options = {**_SAFE, "default_format_properties": font}
        self._book = xlsxwriter.Workbook(self._file, options)
        created = clock.local(made_at).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"title": title, "author": author, "created": created})
        self._formats: dict[tuple[str, tuple[tuple[str, Any], ...]], Any] = {}
        self._names: set[str] = set()

    def format(self, style: str, **more: Any) -> Any:
        """A format of a style with further properties; each is made once."""
        key = style, tuple(sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({**STYLES[style], **more})
        return self._formats[key]

    def sheet(self, name: str) -> Any:
        """A new sheet on A4; a name that Excel refuses or that is taken is changed a little."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:28] or "-"
        free = next(
            each
            for each in (plain, *(f"{plain} {n}" for n in range(2, 99)))
            if each.lower() not in self._names
        )
        self._names.add(free.lower())
        sheet = self._book.add_worksheet(free)
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.75)
        sheet.set_footer("&C— &P / &N —")
        sheet.hide_gridlines(2)
        return sheet

    def writer(self, kind: Kind = Kind.TEXT, style: str = "cell", **more: Any) -> Writer:
        """What writes cells of a kind in a style: fen as yuan, hundredths as class hours, days and moments
        as dates, the rest as text, `Mark`s as numbers shown as words. None and the empty text are an empty cell."""
        if kind in (Kind.DAY, Kind.MOMENT):
            more = {"align": "center", **more}
        shown = self.format(style, num_format=NUMBER_FORMAT.get(kind, "@"), **more)
        empty = self.format(style, **more)
        marks: dict[str, Any] = {}

        def write(sheet: Any, row: int, column: int, value: Any) -> None:
            if isinstance(value, Mark):
                if not value.number:
                    sheet.write_blank(row, column, None, empty)
                    return
                if value.word not in marks:
                    word = value.word.replace('"', "")
                    marks[value.word] = self.format(
                        style, num_format=f'"{word}"', align="center", shrink=True, **more
                    )
                sheet.write_number(row, column, value.number, marks[value.word])
            elif value is None or value == "" or value == ():
                sheet.write_blank(row, column, None, empty)
            elif kind in (Kind.FEN, Kind.HOURS):
                sheet.write_number(row, column, value / 100, shown)
            elif kind is Kind.SHARE:
                sheet.write_number(row, column, value / 1000, shown)
            elif kind is Kind.NUMBER:
                sheet.write_number(row, column, value, shown)
            elif kind in (Kind.DAY, Kind.MOMENT):
                sheet.write_datetime(row, column, _naive(value), shown)
            else:
                sheet.write_string(row, column, str(value), shown)

        return write

    def put(
        self, sheet: Any, row: int, column: int, value: Any, kind: Kind = Kind.TEXT, style: str = "cell",
        **more: Any,
    ) -> None:  # fmt: skip
        """Write one cell; for many of a kind, `writer` is faster."""
        self.writer(kind, style, **more)(sheet, row, column, value)

    def across(
        self, sheet: Any, row: int, first: int, last: int, text: str, style: str, **more: Any
    ) -> None:
        """Write a text over several columns of a row."""
        shown = self.format(style, num_format="@", **more)
        if last > first:
            sheet.merge_range(row, first, row, last, "", shown)
        sheet.write_string(row, first, text, shown)

    def content(self) -> bytes:
        """The bytes of the file; nothing can be written after."""
        self._book.close()
        return self._file.getvalue()


def _naive(value: date) -> datetime:
    if isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None)
    return datetime.combine(value, datetime.min.time())


def width_of(text: str) -> float:
    """How many digits wide a text is: a Chinese character takes two."""
    return sum(2.0 if unicodedata.east_asian_width(c) in "WFA" else 1.0 for c in text)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a cell so wide."""
    return sum(max(1, -(-int(width_of(line)) // max(1, int(width)))) for line in text.split("\n"))
