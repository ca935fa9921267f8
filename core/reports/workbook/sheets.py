"""The sheets that the workbook of every report has: overview, tables, lists of rows, definitions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from core.reports.paper import Paper
from core.reports.values import Built, Column, Dataset, Figure, Kind, Table, Unit
from core.reports.words import OUTPUT, period_words, revision_words
from core.reports.workbook.book import Book, lines_of
from core.reports.workbook.listing import Field, listing
from core.show import exact_time

_LABEL_WIDTH, _CELL_WIDTH = 28.0, 13.0
_LINE, _PAD = 15, 3
# Printed at this scale, six columns fit on A4 whatever font stands in for 宋体.
_SCALE = 75
_PAGE = 730 * 100 // _SCALE  # points between the margins


_KINDS = {Unit.FEN: Kind.FEN, Unit.HOURS: Kind.HOURS, Unit.SHARE: Kind.SHARE}


def kind_of(unit: Unit) -> Kind:
    """How a figure of this unit is written into a cell."""
    return _KINDS.get(unit, Kind.NUMBER)


def mark_of(paper: Paper) -> str:
    """What stands in red above whatever names people."""
    words = [_("Internal")]
    if paper.full_ids:
        words.append(_("with whole ID numbers (%(reason)s)", reason=paper.full_ids_reason or "—"))
    if paper.is_preview:
        words.append(_("preview: not issued, not to be handed in"))
    return "  ".join(words)


def headline_of(built: Built) -> str:
    """What a sheet is headed with: office, period, report."""
    return f"{built.office}{period_words(built.period)}{built.title}"


def overview_sheet(book: Book, built: Built, paper: Paper) -> None:
    """The first page: what, by whom, the headline figures, the texts, how it is verified."""
    sheet = book.sheet(_("Summary sheet"))
    last = len(built.headline.head) - 1
    _columns(sheet, last)
    book.across(sheet, 0, 0, last, mark_of(paper), "mark")
    book.across(sheet, 1, 0, last, headline_of(built), "title", text_wrap=True)
    sheet.set_row(1, 52)
    revision = "" if paper.is_preview else revision_words(paper.revision)
    under = "  ".join(part for part in (built.scope_name, revision) if part)
    book.across(sheet, 2, 0, last, under, "subtitle")
    row = _table(book, sheet, 4, built.headline, built.figures, 1)
    for title, text in ((_("Summary of work"), paper.summary), (_("Typical cases"), paper.cases)):
        if text.strip():
            row = _prose(book, sheet, row, last, title, text)
    for label, value in _facts(built, paper):
        book.put(sheet, row, 0, label, style="prose")
        row = _wrapped(book, sheet, row, last, value, "prose", first=1)
    sheet.print_area(0, 0, row, last)
    sheet.fit_to_pages(1, 0)


def tables_sheet(book: Book, built: Built) -> None:
    """All tables, one below the other, by chapter, numbered as on paper."""
    sheet = book.sheet(_("Tables"))
    last = max((len(table.head) - 1 for table in built.tables), default=1)
    _columns(sheet, last)
    number, row, used, breaks = 1, 0, 0, []
    for section in dict.fromkeys(table.section for table in built.tables):
        heads = 1  # the line of the chapter stays with its first table
        for table in (each for each in built.tables if each.section == section):
            height = heads * (_LINE + _PAD) + _height(table)
            if used and used + height > _PAGE:
                breaks.append(row)
                used = 0
            if heads:
                book.across(sheet, row, 0, last, section, "section")
                sheet.set_row(row, _LINE + _PAD)
            number += 1
            row = _table(book, sheet, row + heads, table, built.figures, number)
            used, heads = used + height, 0
    sheet.set_h_pagebreaks(breaks)
    sheet.freeze_panes(0, 1)
    sheet.print_area(0, 0, max(row - 1, 0), last)
    if last > 5:  # wider than the paper; breaks of our own do not hold then
        sheet.fit_to_pages(1, 0)
    else:
        sheet.set_print_scale(_SCALE)


def _height(table: Table) -> int:
    """How many points a table takes, with its caption, head, note and the blank line after it."""
    lines = sum(_row_height(line.label, _LABEL_WIDTH) for line in table.lines)
    width = _LABEL_WIDTH + (len(table.head) - 1) * _CELL_WIDTH - 2
    return 3 * _LINE + lines + (_row_height(table.note, width) if table.note else 0)


def _row_height(text: str, width: float) -> int:
    return _LINE * lines_of(text, width) + _PAD


def _columns(sheet: Any, last: int) -> None:
    sheet.set_column(0, 0, _LABEL_WIDTH)
    sheet.set_column(1, max(last, 1), _CELL_WIDTH)


def _table(
    book: Book, sheet: Any, row: int, table: Table, figures: Mapping[str, Figure], number: int
) -> int:
    """One table with its number, unit and note; returns the row after it and a blank one."""
    last = len(table.head) - 1
    caption = _("Table %(number)s %(caption)s", number=number, caption=table.caption)
    if last > 1:
        book.across(sheet, row, 0, last - 1, caption, "caption")
        book.put(sheet, row, last, _("Unit: %(unit)s", unit=table.unit), style="unit")
    else:
        unit = _("Unit: %(unit)s", unit=table.unit)
        book.across(sheet, row, 0, last, f"{caption}  {unit}", "caption")
    for column, label in enumerate(table.head):
        book.put(sheet, row + 1, column, label, style="head")
    row += 2
    for line in table.lines:
        style = "total" if line.is_total else "cell"
        book.put(sheet, row, 0, line.label, style=style, text_wrap=True)
        sheet.set_row(row, _row_height(line.label, _LABEL_WIDTH))
        for column, key in enumerate(line.cells, 1):
            figure = figures[key] if key else None
            kind = kind_of(figure.unit) if figure else Kind.NUMBER
            book.put(sheet, row, column, figure.value if figure else None, kind, style)
        row += 1
    if table.note:
        row = _wrapped(book, sheet, row, last, table.note, "note")
    return row + 1


def _wrapped(
    book: Book, sheet: Any, row: int, last: int, text: str, style: str, first: int = 0
) -> int:
    book.across(sheet, row, first, last, text, style)
    width = (0 if first else _LABEL_WIDTH) + (last - max(first - 1, 0)) * _CELL_WIDTH - 2
    sheet.set_row(row, _row_height(text, width))
    return row + 1


def _prose(book: Book, sheet: Any, row: int, last: int, title: str, text: str) -> int:
    book.across(sheet, row, 0, last, title, "section")
    row += 1
    for paragraph in text.splitlines():
        if paragraph.strip():
            row = _wrapped(book, sheet, row, last, paragraph.strip(), "prose")
    return row + 1


def _facts(built: Built, paper: Paper) -> Iterable[tuple[str, str]]:
    """How it came about, as label and value."""
    facts = [
        (_("Issuing office"), built.office), (_("Scope"), built.scope_name),
        (_("Days"), f"{built.period.first.isoformat()} — {built.period.last.isoformat()}"),
        (_("Counted on"), exact_time(built.built_at)),
        (_("Issued on"), exact_time(paper.issued_at) if paper.issued_at else ""),
        (_("Issued by (name)"), paper.issued_by), (_("Reviewed by"), paper.reviewed_by),
        (_("Receiver"), paper.receiver), (_("Code of verification"), paper.code),
        (_("Address of verification"), paper.verify_url), (_("Telephone"), paper.phone),
    ]  # fmt: skip
    return [(label, value) for label, value in facts if value]


def dataset_sheet(
    book: Book,
    built: Built,
    paper: Paper,
    name: str,
    data: Dataset,
    *,
    note: str,
    empty: str,
    summed: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> None:
    """The rows of a dataset as they were counted: names of people, coded values in words, ids last.

    empty: what is said where there is no row. summed: the columns that have a total. optional: those
    left out where they hold nothing.
    """
    shown = [
        (place, column)
        for place, column in enumerate(data.columns)
        if column.label and (column.key not in optional or any(row[place] for row in data.rows))
    ]
    shown.sort(key=lambda each: each[1].kind is Kind.ID)
    names = _person_names(built)
    listing(
        book, name, title=data.title, mark=mark_of(paper), frozen=2,
        above=[headline_of(built), note if data.rows else empty],
        fields=[
            Field(column.label, _kind(data, column), column.key in summed,
                  most=36 if column.kind is Kind.TEXT else 20, wraps=column.kind is Kind.TEXT)
            for _place, column in shown
        ],
        rows=[[_value(data, column, row[place], names) for place, column in shown] for row in data.rows],
    )  # fmt: skip


def _kind(data: Dataset, column: Column) -> Kind:
    """What a column's cells are: a coded value is shown in words."""
    return Kind.TEXT if column.key in data.words else column.kind


def _person_names(built: Built) -> Mapping[Any, str]:
    people = built.datasets.get("people")
    if people is None:
        return {}
    person, name = people.place("person_id"), people.place("name")
    return {row[person]: row[name] for row in people.rows}


def _value(data: Dataset, column: Column, value: Any, names: Mapping[Any, str]) -> Any:
    """A value as its cell shows it."""
    if column.kind is Kind.PERSON:
        return names.get(value, "")
    words = data.words.get(column.key)
    if column.kind is Kind.SET:
        return "、".join((words or {}).get(each, str(each)) for each in value)
    if words is not None and value is not None:
        return words.get(str(value), str(value))
    return value


def notes_sheet(book: Book, built: Built, paper: Paper) -> None:
    """What the figures mean, by which rules, that they agree, and what binds them."""
    sheet = book.sheet(_("Definitions"))
    for column, width in enumerate((6, 62, 16, 16, 12)):
        sheet.set_column(column, column, width)
    row = 0
    for title, items in (
        (_("What the figures mean"), built.definitions), (_("Rules applied"), built.rules),
        (_("Findings and their explanations"),
         [_("%(what)s: %(text)s", what=what, text=text) for what, text in paper.explanations]),
    ):  # fmt: skip
        if items:
            row = _numbered(book, sheet, row, title, items)
    book.across(sheet, row, 0, 4, _("What binds these figures"), "section")
    for label, value in (
        (_("SHA-256 of all figures and rows"), paper.digest), (_("Head of the log at issue"), paper.audit_head),
        (_("Version"), "" if paper.is_preview else f"{OUTPUT['workbook']} {revision_words(paper.revision)}"),
    ):  # fmt: skip
        row += 1
        book.across(sheet, row, 0, 1, label, "plain")
        book.across(sheet, row, 2, 4, value or _("not issued yet"), "prose")
        sheet.set_row(row, 34 if len(value) > 40 else 18)
    row = _identities(book, sheet, row + 2, built)
    sheet.print_area(0, 0, row, 4)
    sheet.fit_to_pages(1, 0)


def _numbered(book: Book, sheet: Any, row: int, title: str, items: Sequence[str]) -> int:
    book.across(sheet, row, 0, 4, title, "section")
    for number, text in enumerate(items, 1):
        row += 1
        book.put(sheet, row, 0, number, Kind.NUMBER, "plain", valign="top")
        book.across(sheet, row, 1, 4, text, "prose")
        sheet.set_row(row, _row_height(text, 104))
    return row + 2


def _identities(book: Book, sheet: Any, row: int, built: Built) -> int:
    """Each pair of numbers that must be the same, both written as numbers."""
    book.across(sheet, row, 0, 4, _("Figures that must agree"), "section")
    row += 1
    for column, label in enumerate((
        _("No."), _("What must agree"), _("Left"), _("Right"), _("Result"),
    )):  # fmt: skip
        book.put(sheet, row, column, label, style="head")
    for number, each in enumerate(built.identities, 1):
        row += 1
        kind = kind_of(each.unit)
        book.put(sheet, row, 0, number, Kind.NUMBER)
        book.put(sheet, row, 1, each.sentence, style="wrapped")
        book.put(sheet, row, 2, each.left, kind)
        book.put(sheet, row, 3, each.right, kind)
        book.put(sheet, row, 4, _("agrees") if each.holds else _("does not agree"), align="center")
        sheet.set_row(row, _row_height(each.sentence, 60))
    return row + 2
