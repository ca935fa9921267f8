"""The canteen's report as a workbook: overview, tables, register, lists, definitions, the bureau's form."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from canteen import words
from canteen.form_sources import FORM_COLUMNS, SOURCES
from canteen.reports.form import categories, form_lines, note
from canteen.reports.read import LAYERS
from canteen.values import Sitting
from core.privacy import mask_id_number
from core.reports.columns import columns_of
from core.reports.paper import Paper
from core.reports.values import Built, Dataset, Kind
from core.reports.workbook import (
    Book,
    Field,
    Mark,
    dataset_sheet,
    form_sheet,
    listing,
    notes_sheet,
    overview_sheet,
    tables_sheet,
)
from core.reports.workbook.sheets import headline_of, mark_of

_WEEKEND = "#F3EFE6"
_DAY_WIDTH = 4.6
_SUMMED = ("breakfast", "lunch", "dinner", "dine_in", "taken", "delivered")


def workbook(built: Built, paper: Paper) -> bytes:
    """The bytes of the .xlsx; the same for the same report, paper and columns of the form."""
    book = Book(headline_of(built), built.office, paper.issued_at or built.built_at)
    overview_sheet(book, built, paper)
    tables_sheet(book, built)
    form_sheet(
        book, built, paper, form_lines(built), columns_of("canteen", SOURCES, FORM_COLUMNS), SOURCES
    )
    _register(book, built, paper)
    dataset_sheet(
        book, built, paper, _("Adjustments of earlier months"), built.datasets["adjustments"],
        note=_("What came to light after that month was submitted; it is counted here and nowhere else."),
        empty=_("Nothing was booked about earlier months."),
        summed=("visits", "price_fen", *LAYERS, "subsidy_fen", "copay_fen"), optional=LAYERS,
    )  # fmt: skip
    dataset_sheet(
        book, built, paper, _("To be clarified"), built.datasets["exceptions"],
        note=_("What a machine could not decide; each is settled by somebody, with the finding."),
        empty=_("There was nothing to be clarified."),
    )  # fmt: skip
    notes_sheet(book, built, paper)
    return book.content()


def _register(book: Book, built: Built, paper: Paper) -> None:
    """登记册: one line a diner, a cell for each day or month, sums at the end."""
    data = built.datasets["register"]
    place = {column.key: number for number, column in enumerate(data.columns)}
    layers = [key for key in LAYERS if any(row[place[key]] for row in data.rows)]
    money = ("price_fen", *layers, "subsidy_fen", "copay_fen")

    def label(key: str) -> str:
        return data.columns[place[key]].label

    fields = [
        Field(label("number"), Kind.NUMBER), Field(label("name"), most=16),
        Field(label("id_number"), width=20.5), Field(label("age"), Kind.NUMBER),
        Field(label("category"), most=16, wraps=True), Field(label("registration"), most=16, wraps=True),
        Field(label("residence"), most=16, wraps=True), Field(label("phone"), most=14),
        *_day_fields(built),
        *(Field(label(key), Kind.NUMBER, is_summed=True) for key in _SUMMED),
        *(Field(label(key), Kind.FEN, is_summed=True) for key in money),
        Field(_("Note"), most=16, wraps=True),
    ]  # fmt: skip
    rows = [
        [
            row[place["number"]], row[place["name"]],
            row[place["id_number"]] if paper.full_ids else mask_id_number(row[place["id_number"]]),
            row[place["age"]], categories(data, row[place["category"]]), _home(data, row, place, "registration"),
            _home(data, row, place, "residence"), row[place["phone"]], *_days(built, row[place["marks"]]),
            *(row[place[key]] for key in (*_SUMMED, *money)), note(row[place["needs_review"]]),
        ]
        for row in data.rows
    ]  # fmt: skip
    above = [headline_of(built)]
    if built.period.is_month:
        above.append(_("Each day holds the number of meals, shown as their first words: it can be added up. "
                       "Weekends are tinted. Taken away includes what others collected."))  # fmt: skip
    listing(
        book, _("Register of meals"), title=_("Register of meals"), mark=mark_of(paper), above=above,
        fields=fields, rows=rows, pages_wide=2 if built.period.is_month else 1,
    )  # fmt: skip


def _home(data: Dataset, row: tuple[Any, ...], place: dict[str, int], key: str) -> str:
    return data.words[key].get(row[place[key]], "")


def _day_fields(built: Built) -> Iterator[Field]:
    if not built.period.is_month:
        for month in built.period.months():
            yield Field(
                _("Month %(number)s", number=month.month), Kind.NUMBER, is_summed=True, width=8
            )
        return
    for day in built.period.first_month.days():
        shade = _WEEKEND if day.weekday() >= 5 else ""
        yield Field(str(day.day), Kind.NUMBER, is_summed=True, width=_DAY_WIDTH, shade=shade)


def _days(built: Built, marks: str) -> list[Any]:
    """The register's marks as numbers: meals of each day, or of each month."""
    if not built.period.is_month:
        return [int(visits) for visits in marks.split()]
    return [_mark(int(digit)) for digit in marks]


def _mark(bits: int) -> Mark:
    eaten = [sitting for sitting in Sitting if bits & sitting.bit]
    return Mark(len(eaten), "".join(str(words.SITTING[each])[:1] for each in eaten))
