"""A sheet of many rows under one frozen head, with totals: registers, lists, the bureau's form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from core.reports.values import Kind
from core.reports.workbook.book import Book, Mark, width_of

_LOOKED_AT = 500  # so many rows tell how wide a column must be


@dataclass(frozen=True)
class Field:
    """One column. width: in digits, None for as wide as its contents up to `most`. shade: its colour.

    wraps: whether a long text takes several lines.
    """

    label: str
    kind: Kind = Kind.TEXT
    is_summed: bool = False
    width: float | None = None
    most: float = 30
    wraps: bool = False
    shade: str = ""


def listing(
    book: Book,
    name: str,
    *,
    title: str,
    above: Sequence[str],
    fields: Sequence[Field],
    rows: Sequence[Sequence[Any]],
    mark: str = "",
    frozen: int = 2,
    below: Sequence[str] = (),
    is_wide: bool = True,
    pages_wide: int = 1,
) -> Any:
    """Write one sheet and return it. above: lines under the title; below: lines under the totals.

    mark: what stands in red above the title. frozen: so many columns stay in sight and are repeated
    on every printed page. pages_wide: over how many pages a row may run in print.
    """
    sheet = book.sheet(name)
    last = max(len(fields) - 1, 0)
    # Of a row over two pages the title stands on the first, clear of the columns that are repeated.
    first, shown = (frozen, min(last, frozen + 9)) if pages_wide > 1 else (0, last)
    row = 0
    if mark:
        book.put(sheet, row, 0, mark, style="mark")
        row += 1
    book.across(sheet, row, first, shown, title, "title")
    sheet.set_row(row, 30)
    row += 1
    for line in above:
        book.across(sheet, row, first, shown, line, "note", valign="vcenter")
        sheet.set_row(row, 18)
        row += 1
    head = row
    for column, field in enumerate(fields):
        book.put(sheet, head, column, field.label, style="head", **_shade(field))
        seen = [each[column] for each in rows[:_LOOKED_AT]]
        if field.is_summed:
            seen.append(_total(rows, column))
        sheet.set_column(column, column, _width(field, seen))
    tallest = max((_lines(field) for field in fields), default=1)
    sheet.set_row(head, 18 * tallest + 4)
    writers = [
        book.writer(field.kind, "wrapped" if field.wraps else "cell", **_shade(field))
        for field in fields
    ]
    for number, values in enumerate(rows, head + 1):
        for column, (write, value) in enumerate(zip(writers, values, strict=True)):
            write(sheet, number, column, value)
    row = head + 1 + len(rows)
    if rows and any(field.is_summed for field in fields):
        _totals(book, sheet, row, fields, rows)
        row += 1
    end = row - 1
    for line in below:
        book.across(sheet, row, first, shown, line, "plain")
        row += 1
    if rows:
        sheet.autofilter(head, 0, head + len(rows), last)
    sheet.freeze_panes(head + 1, min(frozen, len(fields)))
    _for_print(
        sheet, head, max(end, row - 1), last, frozen if pages_wide > 1 else 0, is_wide, pages_wide
    )
    return sheet


def _totals(
    book: Book, sheet: Any, row: int, fields: Sequence[Field], rows: Sequence[Sequence[Any]]
) -> None:
    word = _first_text(fields)
    for column, field in enumerate(fields):
        if field.is_summed:
            total = _total(rows, column)
            book.put(sheet, row, column, total, field.kind, "total", shrink=True, **_shade(field))
        else:
            book.put(sheet, row, column, _("Total") if column == word else "", style="total")


def _total(rows: Sequence[Sequence[Any]], column: int) -> int:
    values = (each[column] for each in rows)
    return sum(value.number if isinstance(value, Mark) else value or 0 for value in values)


def _first_text(fields: Sequence[Field]) -> int:
    """Where the word "total" stands: in the first column of texts, else in the first without a sum."""
    texts = [n for n, field in enumerate(fields) if not field.is_summed and field.kind is Kind.TEXT]
    others = [n for n, field in enumerate(fields) if not field.is_summed]
    return (texts or others or [-1])[0]


def _shade(field: Field) -> dict[str, Any]:
    return {"bg_color": field.shade} if field.shade else {}


_FIXED = {Kind.DAY: 11.5, Kind.MOMENT: 17.0, Kind.ID: 38.0}
_SHOWN: dict[Kind, Callable[[Any], str]] = {
    Kind.FEN: lambda fen: f"{fen / 100:,.2f}", Kind.HOURS: lambda hours: f"{hours / 100:,.2f}",
    Kind.NUMBER: lambda number: f"{number:,}",
}  # fmt: skip


def _width(field: Field, values: Sequence[Any]) -> float:
    if field.width is not None:
        return field.width
    if field.kind in _FIXED:
        return _FIXED[field.kind]
    show = _SHOWN.get(field.kind, str)
    widest = max(
        (width_of(show(value)) for value in values if value not in (None, "")), default=0.0
    )
    head = width_of(field.label) / _lines(field)
    return min(field.most, max(widest, head, 4.0)) + 2


def _lines(field: Field) -> int:
    """Over how many lines a head is spread: short words stand on one."""
    return 1 if field.width is None and width_of(field.label) <= 12 else 2


def _for_print(
    sheet: Any, head: int, end: int, last: int, repeated: int, is_wide: bool, pages_wide: int
) -> None:
    if is_wide:
        sheet.set_landscape()
    sheet.repeat_rows(head)
    if repeated:
        sheet.repeat_columns(0, repeated - 1)
    sheet.print_area(0, 0, end, last)
    sheet.fit_to_pages(pages_wide, 0)
