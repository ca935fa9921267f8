"""What the canteen's paper has behind its figures: the register of meals, and lists for the files.

Which columns stand where; how they are laid out is the house's affair (core/reports/register_pages.py).
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from canteen.reports.read import LAYERS
from core.privacy import mask_id_number, mask_name
from core.reports import suppression
from core.reports.paper import Paper, printed
from core.reports.register import (
    Annexes,
    Blank,
    Column,
    Listing,
    Marks,
    Numbers,
    Register,
    Texts,
)
from core.reports.register_data import NOTHING, Lines, one
from core.reports.values import Built, Dataset, Output, Unit


def annexes(built: Built, paper: Paper) -> Annexes:
    """The register as this paper may show it; 留存版 has the lists besides."""
    if paper.output is Output.PUBLIC:
        minimum = current_app.config["SMALL_CELL_MINIMUM"]
        few = len(built.datasets["register"].rows) < minimum
        return Annexes() if few else Annexes((_public_register(built, minimum),))
    lists = (_exceptions(built), _adjustments(built)) if paper.output is Output.ARCHIVE else ()
    return Annexes((_register(built, paper),), tuple(each for each in lists if each.rows))


def _register(built: Built, paper: Paper) -> Register:
    lines = Lines(built.datasets["register"])
    kinds = lines.data.words["category"]
    id_shown: Callable[[str], str] = str if paper.full_ids else mask_id_number
    columns: list[Column] = [
        Numbers((_("No."),), one(lines.of("number")), is_summed=False),
        Texts((_("Name"),), one(lines.of("name")), 17, 24),
        Texts(
            (_("ID number"), _("Phone")),
            [
                (id_shown(number) or NOTHING, phone or NOTHING)
                for number, phone in zip(lines.of("id_number"), lines.of("phone"), strict=True)
            ],
            is_whole=True,
        ),
        Numbers((_("Age"),), one(lines.of("age")), is_summed=False),
        Texts(
            (_("Priced\ncategory"),),
            one(["、".join(kinds.get(code, code) for code in codes) for codes in lines.of("category")]),
            12, 18,
        ),
        Texts(
            (_("Registration"), _("Residence")),
            list(zip(lines.words("registration"), lines.words("residence"), strict=True)),
            17, 34,
        ),
        *_days(built, lines),
        lines.numbers((_("Breakfast"), _("Dine in")), "breakfast", "dine_in"),
        lines.numbers((_("Lunch"), _("Take away")), "lunch", "taken"),
        lines.numbers((_("Dinner"), _("Delivered")), "dinner", "delivered"),
        lines.numbers((_("Meal price"), _("Co-pay")), "price_fen", "copay_fen", unit=Unit.FEN),
        *_layers(lines),
        Blank((_("Signature or\nthumbprint"),), 18),
        Texts(
            (_("Note"),),
            one([_("To be reviewed") if count else "" for count in lines.of("needs_review")]),
            9, 12,
        ),
    ]  # fmt: skip
    return Register(
        _("Register of meals"), _("visits, yuan"), len(lines.rows), tuple(columns), _legend(built), _reading(built),
        (_("Person in charge"), _("Reviewed by"), _("Filled in by")),
    )  # fmt: skip


def _days(built: Built, lines: Lines) -> list[Column]:
    """A glyph for each day of a month; in a longer period the visits of each month."""
    period = built.period
    if period.is_month:
        days = period.first_month.days()
        weekends = frozenset(n for n, day in enumerate(days) if day.weekday() >= 5)
        labels = tuple(str(day.day) for day in days)
        return [
            Marks(
                _("Days of the month on which meals were taken"),
                labels,
                lines.of("marks"),
                weekends,
            )
        ]
    visits = [[int(count) for count in marks.split()] for marks in lines.of("marks")]
    return [
        Numbers((_("Month %(number)s", number=month.month),), [(row[place],) for row in visits])
        for place, month in enumerate(period.months())
    ]


def _layers(lines: Lines) -> list[Numbers]:
    """Who pays the subsidy, two layers to a column; those that paid nothing are left out."""
    present = [key for key in LAYERS if any(lines.of(key))]
    columns = []
    for upper, lower in zip(present[::2], [*present[1::2], None], strict=False):
        if lower is None:
            cells: Any = [(fen, None) for fen in lines.of(upper)]
            columns.append(Numbers((lines.label(upper), ""), cells, Unit.FEN))
        else:
            heads = lines.label(upper), lines.label(lower)
            columns.append(lines.numbers(heads, upper, lower, unit=Unit.FEN))
    return columns


def _legend(built: Built) -> tuple[str, ...]:
    if not built.period.is_month:
        return ()
    return (
        _("Days: 1 breakfast, 2 lunch, 4 dinner, added up within a day (3 breakfast and lunch, "
          "5 breakfast and dinner, 6 lunch and dinner, 7 all three); · none."),
    )  # fmt: skip


def _reading(built: Built) -> str:
    halves = _("Each person takes two lines: the upper line is read with the upper heading, the lower "
               "with the lower. Taken away includes what others collected.")  # fmt: skip
    return halves + _("Weekends are tinted.") if built.period.is_month else halves


def _public_register(built: Built, minimum: int) -> Register:
    """For the wall: name in part, community, visits, subsidy, and nothing else about anybody."""
    lines = Lines(built.datasets["register"])
    hidden = suppression.small_groups(lines.of("residence"), minimum, _hidden_homes(built, minimum))
    homes = lines.data.words["residence"]
    sittings = zip(*(lines.of(key) for key in ("breakfast", "lunch", "dinner")), strict=True)
    columns = (
        Numbers((_("No."),), one(lines.of("number")), is_summed=False),
        Texts((_("Name"),), one([mask_name(name) for name in lines.of("name")]), 30, 36),
        Texts(
            (_("Community of residence"),),
            one([suppression.HIDDEN if code in hidden else homes.get(code, NOTHING)
                  for code in lines.of("residence")]),
            40, 60,
        ),
        Numbers((_("Visits"),), [(sum(each),) for each in sittings]),
        lines.numbers((_("Subsidy (yuan)"),), "subsidy_fen", unit=Unit.FEN),
    )  # fmt: skip
    return Register(
        _("Meals and subsidies by person"), _("visits, yuan"), len(lines.rows), columns,
        (_("Names are shown in part. Communities with few diners are not named (%(sign)s).",
           sign=suppression.HIDDEN),) if hidden else (_("Names are shown in part."),),
        is_wide=False,
    )  # fmt: skip


def _hidden_homes(built: Built, minimum: int) -> set[str]:
    """The communities whose line in the table is hidden: naming them here would give it back."""
    return {
        str(value)
        for key in suppression.hidden(built, minimum)
        for column, values in built.figures[key].where
        if column == "community"
        for value in values
    }


# ---------- lists for the files ----------


def _names(built: Built) -> dict[int, str]:
    people = built.datasets["people"]
    person, name = people.place("person_id"), people.place("name")
    return {row[person]: row[name] for row in people.rows}


def _exceptions(built: Built) -> Listing:
    data, names = built.datasets["exceptions"], _names(built)
    place = {column.key: number for number, column in enumerate(data.columns)}
    return Listing(
        _("Exceptions of the period"),
        (_("Date"), _("Canteen"), _("What it is"), _("Name"), _("State"), _("Finding"), _("Record")),
        tuple(
            (_day(row[place["day"]]), _word(data, "site", row[place["site"]]),
             _word(data, "kind", row[place["kind"]]), names.get(row[place["person_id"]], NOTHING),
             _word(data, "state", row[place["state"]]), row[place["finding"]] or NOTHING,
             _record(row[place["event_id"]]))
            for row in data.rows
        ),
    )  # fmt: skip


def _adjustments(built: Built) -> Listing:
    data, names = built.datasets["adjustments"], _names(built)
    place = {column.key: number for number, column in enumerate(data.columns)}
    return Listing(
        _("Adjustments booked in the period"),
        (_("Date"), _("Canteen"), _("Name"), _("Sitting"), _("Visits"), _("Subsidy"), _("Co-pay"),
         _("Reason"), _("Booked by"), _("Record")),
        tuple(
            (_day(row[place["day"]]), _word(data, "site", row[place["site"]]),
             names.get(row[place["person_id"]], NOTHING), _word(data, "sitting", row[place["sitting"]]),
             printed(row[place["visits"]], Unit.VISITS), printed(row[place["subsidy_fen"]], Unit.FEN),
             printed(row[place["copay_fen"]], Unit.FEN), row[place["reason"]], row[place["booked_by"]],
             _record(row[place["event_id"]]))
            for row in data.rows
        ),
        frozenset({4, 5, 6}),
    )  # fmt: skip


def _day(value: date | None) -> str:
    return f"{value.month}-{value.day:02d}" if value else NOTHING


def _word(data: Dataset, column: str, value: Any) -> str:
    return data.words[column].get(value, NOTHING) if value else NOTHING


def _record(event_id: str) -> str:
    """The end of a record's id: enough to find it by."""
    return event_id[-12:]
