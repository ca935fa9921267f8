"""The list of meals as a workbook: the rows of the same statement, each as `core.export` writes it."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from canteen import phrases, words
from canteen.forms.filters import MEAL_OUTCOMES
from canteen.lists import meals as listing
from canteen.lists.meals import MealQuery, MealRow
from canteen.models import MealEvent
from canteen.values import FundLayer
from core import clock, export
from core.db import db
from core.people.models import Person

STEP = 500
Line = tuple[MealRow, str]  # a row, and who recorded it


def workbook(
    query: MealQuery,
    filters: Sequence[export.About],
    *,
    shown_name: Callable[[Person | None], str],
    home_of: Callable[[Person], str],
    by: str,
    now: datetime,
) -> tuple[io.BytesIO, int]:
    """The file, and how many rows it has. Rows are read in steps, newest first, like the list."""
    return export.workbook(
        _("Meals"), _columns(shown_name, home_of), _rows(query), lambda count: _about(query, filters, count),
        by=by, now=now, span=f"{query.from_on}—{query.until_on}",
    )  # fmt: skip


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


def _columns(
    shown_name: Callable[[Person | None], str], home_of: Callable[[Person], str]
) -> list[export.Column[Line]]:
    """Label, width, kind, and how to read the cell of a row."""

    def paid_by(layer: FundLayer) -> Callable[[Line], Any]:
        return of_meal(lambda row: row.layers.get(layer, 0))

    def of_meal(read: Callable[[MealRow], Any]) -> Callable[[Line], Any]:
        return lambda row: read(row[0]) if row[0].is_counted else None

    layers = [
        export.Column(_("Subsidy, %(layer)s", layer=words.LAYER[each]), 11, "yuan", paid_by(each))
        for each in FundLayer
    ]
    return [
        export.Column(_("Date"), 11, "day", lambda row: row[0].event.day),
        export.Column(_("Sitting"), 7, "text", _sitting),
        export.Column(_("Name"), 10, "text", lambda row: shown_name(row[0].person) if row[0].person else ""),
        export.Column(_("Age"), 6, "number", of_meal(lambda row: row.age)),
        export.Column(_("Lives in"), 14, "text", lambda row: home_of(row[0].person) if row[0].person else ""),
        export.Column(_("Canteen"), 18, "text", lambda row: row[0].site.name),
        export.Column(_("Way of eating"), 9, "text", lambda row: words.WAY[row[0].event.way]),
        export.Column(_("Way of recording"), 10, "text", lambda row: words.RECORDING[row[0].event.recording]),
        export.Column(_("Collected by"), 8, "text", lambda row: words.COLLECTOR[row[0].event.collected_by]),
        export.Column(_("Result"), 12, "text", lambda row: result_words(row[0])),
        export.Column(_("Priced category"), 12, "text", of_meal(lambda row: row.category.name if row.category else "")),
        export.Column(_("Meal price"), 9, "yuan", lambda row: row[0].event.price_fen if counts(row[0]) else None),
        *layers,
        export.Column(_("Subsidy"), 9, "yuan", of_meal(lambda row: row.event.subsidy_fen)),
        export.Column(_("Co-pay"), 9, "yuan", lambda row: row[0].event.copay_fen if counts(row[0]) else None),
        export.Column(_("Tariff"), 22, "text", of_meal(_tariff)),
        export.Column(_("Registered at"), 16, "moment",
         lambda row: clock.local(row[0].event.occurred_at).replace(tzinfo=None)),
        export.Column(_("Recorded by"), 14, "text", lambda row: row[1]),
        export.Column(_("Number of the record"), 38, "text", lambda row: str(row[0].event.id)),
    ]  # fmt: skip


def _sitting(line: Line) -> Any:
    sitting = line[0].event.sitting
    return words.SITTING[sitting] if sitting else ""


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


def _about(query: MealQuery, filters: Sequence[export.About], count: int) -> list[export.About]:
    """What is in the table: filters and sums."""
    sums = listing.totals(query)
    return [
        (_("Days"), "text", f"{query.from_on} — {query.until_on}"),
        (_("Result"), "text", str(MEAL_OUTCOMES[query.outcome])),
        (_("Rows"), "number", count),
        (_("Subsidised meals (visits)"), "number", sums.meals),
        (_("People, each once"), "number", sums.people),
        (_("Meal price"), "yuan", sums.price_fen),
        (_("Subsidy"), "yuan", sums.subsidy_fen),
        (_("Co-pay"), "yuan", sums.copay_fen),
        *filters,
    ]  # fmt: skip
