"""Which figures the canteen's report prints, table by table, and from which rows each is counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from canteen import words
from canteen.values import Dimension, FundLayer
from core.reports.counting import Ledger
from core.reports.values import (
    PEOPLE,
    ROWS,
    Chart,
    Line,
    Measure,
    Period,
    Table,
    Unit,
    summed,
)

# Key, unit and measure of the columns that most tables share.
_SHARED = (
    ("visits", Unit.VISITS, ROWS), ("people", Unit.PEOPLE, PEOPLE), ("price", Unit.FEN, summed("price_fen")),
    ("subsidy", Unit.FEN, summed("subsidy_fen")), ("copay", Unit.FEN, summed("copay_fen")),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the tables are made of."""

    period: Period
    ledger: Ledger
    categories: Mapping[int, Any]
    tariffs: Mapping[int, Any]


def headline(wanted: Wanted) -> Table:
    """Page one: each figure for this period, the one before, and the year so far."""
    add, period = wanted.ledger.add, wanted.period
    now = tuple(str(month) for month in period.months())
    before = tuple(str(month) for month in period.previous().months())
    year = _year_so_far(period)
    spans = (("before", before), ("year", year))
    lines = []
    for key, label, unit, own, by_month in (
        ("visits", _("Subsidised meals (visits)"), Unit.VISITS, ROWS, summed("visits")),
        ("people", _("People, each counted once"), Unit.PEOPLE, PEOPLE, PEOPLE),
        ("price", _("Meal price"), Unit.FEN, summed("price_fen"), summed("price_fen")),
        ("subsidy", _("Subsidy"), Unit.FEN, summed("subsidy_fen"), summed("subsidy_fen")),
        ("copay", _("Co-pay"), Unit.FEN, summed("copay_fen"), summed("copay_fen")),
    ):  # fmt: skip
        cells = [add(f"head.{key}", label, unit, "meals", own)]
        cells += [add(f"head.{key}.{name}", label, unit, "months", by_month, {"month": span})
                  for name, span in spans]  # fmt: skip
        lines.append(Line(label, tuple(cells)))
    add("months.visits", _("Visits"), Unit.VISITS, "months", summed("visits"), {"month": now})
    add("months.subsidy", _("Subsidy"), Unit.FEN, "months", summed("subsidy_fen"), {"month": now})
    label = _("Adjustments of earlier months (subsidy)")
    lines.append(Line(label, (
        add("head.adjusted", label, Unit.FEN, "adjustments", summed("subsidy_fen")),
        *(add(f"head.adjusted.{name}", label, Unit.FEN, "earlier", summed("subsidy_fen"),
              {"kind": "adjustment", "month": span}) for name, span in spans),
    )))  # fmt: skip
    lines.append(_due(wanted, spans))
    label = _("Meals outside the subsidy (visits)")
    lines.append(Line(label, (
        add("head.others", label, Unit.VISITS, "others"),
        *(add(f"head.others.{name}", label, Unit.VISITS, "earlier", summed("visits"),
              {"kind": "other", "month": span}) for name, span in spans),
    )))  # fmt: skip
    label = _("Enrolled diners at the end of the period")
    lines.append(
        Line(label, (add("head.diners", label, Unit.PEOPLE, "diners", PEOPLE), None, None))
    )
    label = _("Days with meals")
    lines.append(
        Line(
            label,
            (add("head.days", label, Unit.COUNT, "days", Measure("distinct", "day")), None, None),
        )
    )
    return Table(
        "headline", _("Overview"), _("Overview"), _("visits, people, yuan"),
        (_("Figure"), _("This period"), _("Period before"), _("Year so far")), tuple(lines),
        adds_up=False, is_public=True,
        note=_("People of the year are not the sum of the months: each is counted once."),
    )  # fmt: skip


def _due(wanted: Wanted, spans: Iterable[tuple[str, tuple[str, ...]]]) -> Line:
    """What is due: the period's subsidy and the adjustments booked in it, from rows of both."""
    label = _("Subsidy due for this period")
    add = wanted.ledger.add
    cells = [add("head.due", label, Unit.FEN, "due", summed("subsidy_fen"))]
    cells += [add(f"head.due.{name}", label, Unit.FEN, "due_by_month", summed("subsidy_fen"),
                  {"month": span}) for name, span in spans]  # fmt: skip
    return Line(label, tuple(cells), is_total=True)


def _year_so_far(period: Period) -> tuple[str, ...]:
    first = Period.parse(f"{period.last_month.year:04d}")
    return tuple(str(month) for month in first.months() if month <= period.last_month)


def all_tables(wanted: Wanted) -> tuple[Table, ...]:
    """Every table after the first page, in print order; those with nothing in them are left out."""
    meals = wanted.ledger.datasets["meals"]
    own = {row.code: row.name for row in wanted.categories.values()}
    tables = [
        _by(wanted, "sitting", _("By sitting"), _("Sitting"), _word(words.SITTING), is_public=True),
        _by(wanted, "way", _("By way of eating"), _("Way of eating"), _word(words.WAY), is_public=True),
        _by(wanted, "recording", _("By way of recording"), _("Way of recording"), _word(words.RECORDING),
            note=_("How a meal was recorded says nothing about how it was eaten.")),
        _by(wanted, "category", _("By priced category"), _("Priced category"), {**own, "": _("none")}),
        *_dimensions(wanted),
        _by(wanted, "community", _("By community of residence"), _("Community"),
            meals.words["community"], is_public=True),
        _by(wanted, "site", _("By canteen"), _("Canteen"), meals.words["site"], is_public=True),
        _layers(wanted),
        _by(wanted, "tariff", _("By row of the tariff"), _("Row of the tariff"),
            {**meals.words["tariff"], "": _("no subsidy")}),
        _others(wanted), _adjustments(wanted), _checks(wanted),
    ]  # fmt: skip
    return tuple(table for table in tables if table is not None)


def _word(mapping: Mapping[Any, Any]) -> dict[str, str]:
    return {key.value: str(word) for key, word in mapping.items()}


def _by(
    wanted: Wanted,
    column: str,
    caption: str,
    head: str,
    labels: Mapping[str, str],
    note: str = "",
    is_public: bool = False,
) -> Table | None:
    """The meals split by one column, with a total; only values that occur."""
    meals = wanted.ledger.datasets["meals"]
    place = meals.place(column)
    present = {row[place] for row in meals.rows}
    if not present:
        return None
    lines = [
        Line(label, _shared(wanted, f"{column}.{code or 'none'}", label, {column: code}))
        for code, label in labels.items()
        if code in present
    ]
    return Table(
        column, _("Meals of the period"), caption, _("visits, people, yuan"), _shared_head(head),
        (*lines, Line(_("Total"), _shared(wanted, f"{column}.total", _("Total"), {}), is_total=True)),
        note=note, is_public=is_public,
    )  # fmt: skip


def _shared(wanted: Wanted, prefix: str, label: str, where: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        wanted.ledger.add(f"{prefix}.{key}", label, unit, "meals", measure, where)
        for key, unit, measure in _SHARED
    )


def _shared_head(first: str) -> tuple[str, ...]:
    return (
        first, _("Visits"), _("People"), _("Meal price"), _("Subsidy"), _("Co-pay"),
    )  # fmt: skip


def _dimensions(wanted: Wanted) -> list[Table]:
    """Those who are in a category, whatever they were priced by; one dimension a table."""
    meals = wanted.ledger.datasets["meals"]
    place = meals.place("held")
    present = {code for row in meals.rows for code in row[place]}
    tables = []
    for dimension in Dimension:
        if dimension is Dimension.GENERAL:
            continue
        rows = [row for row in wanted.categories.values()
                if row.dimension is dimension and row.code in present]  # fmt: skip
        if rows:
            caption = _("By %(dimension)s", dimension=words.DIMENSION[dimension])
            lines = tuple(
                Line(row.name, _shared(wanted, f"held.{row.code}", row.name, {"held": row.code}))
                for row in rows
            )
            tables.append(Table(
                f"held.{dimension.value}", _("Meals of the period"), caption, _("visits, people, yuan"),
                _shared_head(str(words.DIMENSION[dimension])), lines, adds_up=False,
                note=_("One person may be in several categories; these lines must not be added."),
            ))  # fmt: skip
    return tables


def _layers(wanted: Wanted) -> Table | None:
    if not wanted.ledger.datasets["meals"].rows:
        return None
    add = wanted.ledger.add
    keys = {layer: add(f"layer.{layer}", str(words.LAYER[layer]), Unit.FEN, "meals",
                       summed(f"{layer.value}_fen")) for layer in FundLayer}  # fmt: skip
    lines = [
        Line(str(words.LAYER[layer]), (keys[layer],))
        for layer in FundLayer
        if wanted.ledger.figures[keys[layer]].value
    ]
    total = add("layer.total", _("Total"), Unit.FEN, "meals", summed("subsidy_fen"))
    return Table(
        "layer", _("Funds of the subsidy"), _("By who pays"), _("yuan"), (_("Layer"), _("Subsidy")),
        (*lines, Line(_("Total"), (total,), is_total=True)), is_public=True,
    )  # fmt: skip


def _others(wanted: Wanted) -> Table | None:
    data = wanted.ledger.datasets["others"]
    place = data.place("kind")
    present = {row[place] for row in data.rows}
    if not present:
        return None
    add = wanted.ledger.add

    def cells(prefix: str, label: str, where: Mapping[str, Any]) -> tuple[str, ...]:
        return (
            add(f"{prefix}.visits", label, Unit.VISITS, "others", ROWS, where),
            add(f"{prefix}.price", label, Unit.FEN, "others", summed("price_fen"), where),
        )

    lines = [
        Line(label, cells(f"other.{code}", label, {"kind": code}))
        for code, label in data.words["kind"].items()
        if code in present
    ]
    return Table(
        "other", _("Beside the subsidy"), _("Meals outside the subsidy"), _("visits, yuan"),
        (_("Kind"), _("Visits"), _("Meal price")),
        (*lines, Line(_("Total"), cells("other.total", _("Total"), {}), is_total=True)),
        note=_("Visits only: these guests are not counted as people, and no subsidy is paid."),
        is_public=True,
    )  # fmt: skip


def _adjustments(wanted: Wanted) -> Table | None:
    data = wanted.ledger.datasets["adjustments"]
    place = data.place("of_month")
    present = sorted({row[place] for row in data.rows})
    if not present:
        return None
    add = wanted.ledger.add

    def cells(prefix: str, label: str, where: Mapping[str, Any]) -> tuple[str, ...]:
        return (
            add(f"{prefix}.count", label, Unit.COUNT, "adjustments", ROWS, where),
            *(add(f"{prefix}.{key}", label, unit, "adjustments", summed(column), where)
              for key, unit, column in (
                  ("visits", Unit.VISITS, "visits"), ("price", Unit.FEN, "price_fen"),
                  ("subsidy", Unit.FEN, "subsidy_fen"), ("copay", Unit.FEN, "copay_fen"))),
        )  # fmt: skip

    lines = [
        Line(month, cells(f"adjustment.{month}", month, {"of_month": month})) for month in present
    ]
    return Table(
        "adjustment", _("Adjustments"), _("Adjustments of earlier months"), _("entries, visits, yuan"),
        (_("Of the month"), _("Entries"), _("Visits"), _("Meal price"), _("Subsidy"), _("Co-pay")),
        (*lines, Line(_("Total"), cells("adjustment.total", _("Total"), {}), is_total=True)),
        note=_("What came to light after that month was submitted; it is counted here and nowhere else."),
    )  # fmt: skip


def _checks(wanted: Wanted) -> Table:
    """What the office looks at besides: late entries, voids, things to be clarified."""
    add = wanted.ledger.add
    lines = [
        Line(label, (add(f"check.{key}", label, Unit.COUNT, data, ROWS, where),))
        for key, label, data, where in (
            ("late", _("Meals entered late from paper"), "meals", {"is_late": 1}),
            ("review", _("Meals on an eligibility to be reviewed"), "meals", {"needs_review": 1}),
            ("voids", _("Voided meals"), "events", {"kind": "voided"}),
            ("refusals", _("Refusals at the counter"), "events", {"kind": "refused"}),
            ("settled", _("Clarified"), "exceptions", {"state": "settled"}),
            ("open", _("Still to be clarified"), "exceptions", {"state": "open"}),
        )
    ]  # fmt: skip
    return Table(
        "check", _("Corrections and checks"), _("Corrections and checks"), _("entries"),
        (_("What"), _("Entries")), tuple(lines), adds_up=False,
    )  # fmt: skip


def chart(wanted: Wanted) -> Chart:
    """Meals day by day, in a longer period month by month, stacked by sitting."""
    add, period = wanted.ledger.add, wanted.period
    if period.is_month:
        spans: list[tuple[str, str, dict[str, Any]]] = [
            (str(day.day), day.isoformat(), {"day": day}) for day in period.first_month.days()
        ]
    else:
        spans = [
            (str(month.month), str(month), {"day": tuple(month.days())})
            for month in period.months()
        ]
    series = tuple(
        (str(label), tuple(
            add(f"chart.{sitting}.{key}", f"{key} {label}", Unit.VISITS, "meals", ROWS,
                {"sitting": sitting.value, **where})
            for _label, key, where in spans
        ))
        for sitting, label in words.SITTING.items()
    )  # fmt: skip
    caption = _("Meals by day") if period.is_month else _("Meals by month")
    return Chart(
        "days",
        _("Meals of the period"),
        caption,
        _("visits"),
        tuple(span[0] for span in spans),
        series,
    )


def definitions() -> tuple[str, ...]:
    """What the words of this report mean."""
    return (
        _("Visits: one for each subsidised meal of one person in one sitting of one day; at most one exists."),
        _("People: everybody with at least one such meal in the period, counted once."),
        _("Meal price = subsidy + co-pay, as priced on the day by the tariff in force then; later "
          "moves, birthdays and tariffs change nothing."),
        _("Priced category: the one category by which a meal was priced. Only tables by it add up."),
        _("Meals outside the subsidy: companions, guests, volunteers, staff and second portions."),
        _("Adjustments: what came to light about a month that had been submitted already."),
    )  # fmt: skip


def rules(wanted: Wanted) -> tuple[str, ...]:
    """The rows of the tariff by which the meals were priced."""
    meals = wanted.ledger.datasets["meals"]
    places = meals.place("tariff"), meals.place("price_tariff")
    used = {int(row[place]) for row in meals.rows for place in places if row[place]}
    return tuple(
        _("No. %(number)s %(name)s, %(document)s, from %(from_on)s", number=each,
          name=wanted.tariffs[each].name, document=wanted.tariffs[each].document_no,
          from_on=wanted.tariffs[each].from_on.isoformat())
        for each in sorted(used)
    )  # fmt: skip
