"""The bureau's own form as a sheet, with the columns that the office chose."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from core.reports.form import FormColumn, Line, Source, cells
from core.reports.paper import Paper
from core.reports.values import Built, Kind
from core.reports.words import period_words
from core.reports.workbook.book import Book
from core.reports.workbook.listing import Field, listing
from core.reports.workbook.sheets import headline_of, mark_of


def form_sheet(
    book: Book,
    built: Built,
    paper: Paper,
    lines: Sequence[Line],
    columns: Sequence[FormColumn],
    sources: Mapping[str, Source],
) -> None:
    """报送表: one line a person, totals, and where it is signed."""
    unknown = Source("")
    kinds = [sources.get(column.source, unknown) for column in columns]
    listing(
        book, _("Form for the bureau"), mark=mark_of(paper),
        title=_("%(report)s (form for the bureau)", report=headline_of(built)),
        above=[
            _("Filled in by: %(office)s   Scope: %(scope)s   Period: %(period)s   Unit: visits, yuan",
              office=built.office, scope=built.scope_name, period=period_words(built.period)),
        ],
        fields=[
            Field(column.heading, source.kind, source.is_summed, most=24,
                  wraps=source.kind is Kind.TEXT)
            for column, source in zip(columns, kinds, strict=True)
        ],
        rows=cells(lines, columns, sources, shows=lambda each: paper.full_ids or not each.needs_grant),
        below=[
            "",
            _("In charge:                    Reviewed by:                    Filled in by:                    "
              "Date:                    (seal)"),
        ],
    )  # fmt: skip
