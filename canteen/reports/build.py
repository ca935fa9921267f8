"""The canteen's report, counted: rows are read once, and every figure is counted from them.

What is printed where stands in `tables.py`; how it looks, in the template.
"""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from canteen.reports import read, tables
from canteen.reports.register import register
from core.db import one_view
from core.reports.counting import Ledger
from core.reports.identities import sums_of
from core.reports.residents import Communities, merged, persons
from core.reports.values import ALL, Built, Column, Dataset, Identity, Kind, Period, Unit


def build(period: Period, scope: str, now: datetime) -> Built:
    """Count the period at the sites of the scope. Raises KeyError for an unknown scope."""
    with one_view():
        data = _read(period, scope)
    ledger = Ledger(data)
    wanted = tables.Wanted(period, ledger, read.categories(), read.tariffs())
    headline = tables.headline(wanted)
    printed = tables.all_tables(wanted)
    site = None if scope == ALL else next(iter(ledger.datasets["meals"].words["site"].values()))
    return Built(
        name="canteen", title=_("Service report of the senior canteens"), period=period, scope=scope,
        scope_name=site or _("All canteens"), office=current_app.config["OFFICE_NAME"], built_at=now,
        figures=ledger.figures, headline=headline, tables=printed, charts=(tables.chart(wanted),),
        identities=_identities(ledger, printed), datasets=ledger.datasets,
        definitions=tables.definitions(), rules=tables.rules(wanted),
    )  # fmt: skip


def _read(period: Period, scope: str) -> list[Dataset]:
    wanted = read.range_of(period, scope)
    people, homes, kinds = merged(), Communities.read(), read.categories()
    meals = read.meals(wanted, people, homes, kinds, read.tariffs())
    beside = [
        read.others(wanted, people), read.adjustments(wanted, people), read.months(wanted, people),
        read.earlier(wanted, people), read.events(wanted, people), read.exceptions(wanted, people),
        read.diners(wanted, people, homes),
    ]  # fmt: skip
    ids = {
        row[place]
        for data in (meals, *beside)
        for place, column in enumerate(data.columns)
        if column.kind is Kind.PERSON
        for row in data.rows
        if row[place] is not None
    }
    named = persons(sorted(ids), homes)
    lines = register(meals, named, period, current_app.config["AGE_TIER_FROM_NEXT_MONTH"])
    by_name = {data.name: data for data in beside}
    return [
        meals, *beside, _days(meals, wanted), _due(meals, by_name["adjustments"]),
        _due_by_month(by_name["months"], by_name["earlier"]), named, lines,
    ]  # fmt: skip


def _days(meals: Dataset, wanted: read.Range) -> Dataset:
    """The days on which each site served anybody."""
    site, day = meals.place("site"), meals.place("day")
    rows = tuple(sorted({(row[site], row[day]) for row in meals.rows}))
    columns = Column("site", _("Canteen")), Column("day", _("Date"), Kind.DAY)
    return Dataset("days", _("Days with meals"), columns, rows, {"site": meals.words["site"]})


_DUE_KINDS = {"meal": _l("subsidised meal"), "adjustment": _l("adjustment")}


def _due(meals: Dataset, adjustments: Dataset) -> Dataset:
    """What is paid for this period: its meals, and the adjustments booked in it."""
    names = ("event_id", "person_id", "day", "site", "subsidy_fen")
    rows = [
        (*(row[data.place(name)] for name in names), kind)
        for data, kind in ((meals, "meal"), (adjustments, "adjustment"))
        for row in data.rows
    ]
    columns = (*(meals.columns[meals.place(name)] for name in names), Column("kind", _("Kind")))
    return Dataset("due", _("Subsidy due"), columns, tuple(rows), {
        "site": meals.words["site"], "kind": {key: str(word) for key, word in _DUE_KINDS.items()},
    })  # fmt: skip


def _due_by_month(months: Dataset, earlier: Dataset) -> Dataset:
    """The same month by month, for the period before and the year."""
    sums: dict[tuple[str, str], int] = {}
    for data, kind in ((months, "meal"), (earlier, "adjustment")):
        month, fen = data.place("month"), data.place("subsidy_fen")
        for row in data.rows:
            if data is months or row[data.place("kind")] == "adjustment":
                sums[row[month], kind] = sums.get((row[month], kind), 0) + row[fen]
    columns = (Column("month", _("Month")), Column("kind", _("Kind")),
               Column("subsidy_fen", _("Subsidy"), Kind.FEN))  # fmt: skip
    rows = tuple((month, kind, fen) for (month, kind), fen in sorted(sums.items()))
    words = {"kind": {key: str(word) for key, word in _DUE_KINDS.items()}}
    return Dataset("due_by_month", _("Subsidy due, by month"), columns, rows, words)


def _identities(ledger: Ledger, printed: tuple[Any, ...]) -> tuple[Identity, ...]:
    """Everything that must agree: each table with its total, money with its parts, the register."""
    value = {key: figure.value for key, figure in ledger.figures.items()}
    lines = ledger.datasets["register"]

    def of_register(column: str) -> int:
        place = lines.place(column)
        return sum(row[place] for row in lines.rows)

    # A month without meals prints no table of layers.
    layers = sum(value.get(f"layer.{layer.removesuffix('_fen')}", 0) for layer in read.LAYERS)
    found = [
        Identity("price", _("Meal price = subsidy + co-pay"), value["head.price"],
                 value["head.subsidy"] + value["head.copay"], Unit.FEN),
        Identity("layers", _("Subsidy = sum of its layers"), value["head.subsidy"], layers,
                 Unit.FEN),
        Identity("due", _("Due for this period = subsidy + adjustments"), value["head.due"],
                 value["head.subsidy"] + value["head.adjusted"], Unit.FEN),
        Identity("register.people", _("People = lines of the register"), value["head.people"], len(lines.rows)),
        Identity("register.visits", _("Visits = sittings in the register"), value["head.visits"],
                 sum(of_register(each) for each in ("breakfast", "lunch", "dinner"))),
        Identity("register.ways", _("Visits = ways of eating in the register"), value["head.visits"],
                 sum(of_register(each) for each in ("dine_in", "taken", "delivered"))),
        Identity("register.subsidy", _("Subsidy = sum of the register"), value["head.subsidy"],
                 of_register("subsidy_fen"), Unit.FEN),
        Identity("register.copay", _("Co-pay = sum of the register"), value["head.copay"],
                 of_register("copay_fen"), Unit.FEN),
        Identity("months.visits", _("Visits = those counted by person and month"), value["head.visits"],
                 value["months.visits"]),
        Identity("months.subsidy", _("Subsidy = that counted by person and month"), value["head.subsidy"],
                 value["months.subsidy"], Unit.FEN),
    ]  # fmt: skip
    return (*found, *sums_of(ledger, printed))
