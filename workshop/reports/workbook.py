"""The workshop's report as a workbook: overview, tables, register, lists, definitions, the bureau's form."""

from flask_babel import gettext as _

from core.privacy import mask_id_number
from core.reports.columns import columns_of
from core.reports.paper import Paper
from core.reports.values import Built, Kind
from core.reports.workbook import (
    Book,
    Field,
    dataset_sheet,
    form_sheet,
    listing,
    notes_sheet,
    overview_sheet,
    tables_sheet,
)
from core.reports.workbook.sheets import headline_of, mark_of
from workshop.form_sources import FORM_COLUMNS, SOURCES
from workshop.reports.form import form_lines
from workshop.reports.read.attendance import booked_in
from workshop.reports.span import REPORT

_SUMMED = ("credited", "planned")
_IN_WORDS = ("residence", "cohort", "state", "form", "verified", "subsidised")


def workbook(built: Built, paper: Paper) -> bytes:
    """The bytes of the .xlsx; the same for the same report, paper and columns of the form."""
    book = Book(headline_of(built), built.office, paper.issued_at or built.built_at)
    overview_sheet(book, built, paper)
    tables_sheet(book, built)
    form_sheet(
        book, built, paper, form_lines(built), columns_of(REPORT, SOURCES, FORM_COLUMNS), SOURCES
    )
    _register(book, built, paper)
    notes, empty = _notes(), _("There is no row.")
    # Whom to call is for the office's own paper alone: a workbook is handed on.
    for data in (built.datasets["unmarked"], booked_in(built), built.datasets["follow_ups"]):
        dataset_sheet(book, built, paper, data.title, data, note=notes[data.name], empty=empty)
    notes_sheet(book, built, paper)
    return book.content()


def _notes() -> dict[str, str]:
    return {
        "unmarked": _("Nothing is recorded of them; they are counted neither as present nor as absent."),
        "adjustments": _("What came to light after that month was submitted; it is counted here and nowhere else."),
        "follow_ups": _("Those that fell due in the period, and those done in it."),
    }  # fmt: skip


def _register(book: Book, built: Built, paper: Paper) -> None:
    """学员名册: one line a place in a cohort, sums of hours at the end."""
    data = built.datasets["register"]
    shown = [
        (place, column) for place, column in enumerate(data.columns) if column.label
    ]  # fmt: skip
    fields = [
        Field(column.label, Kind.TEXT if column.key in _IN_WORDS else column.kind,
              is_summed=column.key in _SUMMED, most=20,
              wraps=column.kind is Kind.TEXT, width=20.5 if column.key == "id_number" else None)
        for _place, column in shown
    ]  # fmt: skip
    rows = [
        [
            data.words[column.key].get(str(row[place]), "") if column.key in _IN_WORDS
            else mask_id_number(row[place]) if column.key == "id_number" and not paper.full_ids
            else row[place]
            for place, column in shown
        ]
        for row in data.rows
    ]  # fmt: skip
    listing(
        book, _("Register of learners"), title=_("Register of learners"), mark=mark_of(paper),
        above=[headline_of(built), _("One line for each place in a cohort; hours as of the end of the period.")],
        fields=fields, rows=rows,
    )  # fmt: skip
