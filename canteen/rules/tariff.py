"""The tariff engine: what a meal costs and who pays, with every step of the reasoning.

A price row is chosen and then a subsidy row; rows are never added together. Conditions are rows
too: a further condition is a row, or at most one more fact, and never a branch in this module.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from canteen.values import (
    GENERAL,
    Category,
    Condition,
    Dimension,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    Operator,
    PastMeal,
    Priced,
    PriceKind,
    Step,
    TariffKind,
    TariffRow,
)
from core.errors import RuleError

Facts = Mapping[Fact, str | int | None]


class PastNeeded(Exception):
    """A row that fits this meal has a limit: her stored meals must be counted before it is priced."""


def age_on(birth_on: date | None, day: date, *, from_next_month: bool = False) -> int | None:
    """Completed years on a day; None when the birth date is unknown.

    from_next_month: an age begins with the month after the birthday. Somebody born on
    29 February turns a year older on 1 March of a common year.
    """
    if birth_on is None:
        return None
    years = day.year - birth_on.year
    if from_next_month:
        return years - (day.month <= birth_on.month)
    return years - ((day.month, day.day) < (birth_on.month, birth_on.day))


def _is_under(path: str | int, roots: tuple[str, ...]) -> bool:
    return any(path == root or str(path).startswith(f"{root}.") for root in roots)


_HOLDS: Mapping[Operator, Callable[[str | int, tuple[str, ...]], bool]] = {
    Operator.IN: lambda value, values: str(value) in values,
    Operator.NOT_IN: lambda value, values: str(value) not in values,
    Operator.AT_LEAST: lambda value, values: int(value) >= int(values[0]),
    Operator.BELOW: lambda value, values: int(value) < int(values[0]),
    Operator.UNDER: _is_under,
    Operator.NOT_UNDER: lambda value, values: not _is_under(value, values),
}
_NUMBERS = frozenset({Fact.AGE, Fact.WEEKDAY})
_PATHS = frozenset({Fact.REGISTRATION, Fact.RESIDENCE})


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds. What is unknown satisfies no condition, not even a negative one."""
    value = facts.get(condition.fact)
    return value is not None and _HOLDS[condition.operator](value, condition.values)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A subsidy row that fits, under one of her categories, and what it would pay."""

    row: TariffRow
    category: Category | None
    order: int
    layers: Mapping[FundLayer, int]
    steps: tuple[Step, ...]
    limit_reached: bool

    @property
    def subsidy_fen(self) -> int:
        return sum(self.layers.values())


def price_meal(
    rows: Iterable[TariffRow],
    facts: Facts,
    categories: Sequence[Category],
    *,
    day: date,
    past: Sequence[PastMeal] | None = (),
    series_of: Mapping[int, str] | None = None,
    typed_fen: int | None = None,
    highest_wins: bool = True,
) -> Priced:
    """Price one meal.

    rows: the rows in force. facts: everything but the category, which is tried in turn.
    categories: those she is in, the general one last; the order breaks ties. past: her stored
    subsidised meals of this month and week without the sitting in question; None when they were not
    counted yet. series_of: series of any tariff id in `past`. typed_fen: the price typed by staff
    where a row wants the actual one.
    highest_wins: 就高不就低 among rows of one priority.
    Raises RuleError no_price, price_needed; PastNeeded.
    """
    valid = [row for row in rows if row.is_valid_on(day)]
    price_row, price_fen, steps = _price(valid, facts, categories, typed_fen)
    fitting = [
        (row, order, category)
        for row in valid
        if row.kind is TariffKind.SUBSIDY
        for order, category in _fitting(row, facts, categories)
    ]
    if past is None and any(row.limits for row, _order, _category in fitting):
        raise PastNeeded
    choices = [
        _choose(row, category, order, price_fen, day, past or (), series_of or {})
        for row, order, category in fitting
    ]
    if not choices:
        return Priced(price_fen, price_fen, {}, price_row.id, None, _general(categories),
                      (*steps, Step("no_subsidy"), Step("copay", {"fen": price_fen})))  # fmt: skip
    best = min(choices, key=lambda choice: (
        choice.row.priority, -choice.subsidy_fen if highest_wins else 0, choice.row.id, choice.order,
    ))  # fmt: skip
    copay_fen = price_fen - best.subsidy_fen
    return Priced(
        price_fen, copay_fen, {layer: fen for layer, fen in best.layers.items() if fen},
        price_row.id, best.row.id, best.category,
        (*steps, *_why_this_row(best, choices, highest_wins), *best.steps,
         Step("copay", {"fen": copay_fen})),
        best.limit_reached,
    )  # fmt: skip


def _general(categories: Sequence[Category]) -> Category | None:
    return next((category for category in categories if category.code == GENERAL), None)


def _fitting(
    row: TariffRow, facts: Facts, categories: Sequence[Category]
) -> list[tuple[int, Category | None]]:
    """Her categories under which all conditions of a row hold; without a condition on it, the general one."""
    # Loops, because generators cost more than what they ask, nine rows a scan.
    for condition in row.on_facts:
        if not holds(condition, facts):
            return []
    if not row.on_category:
        return [(len(categories), _general(categories))]
    found: list[tuple[int, Category | None]] = []
    for order, category in enumerate(categories):
        for condition in row.on_category:
            if not _HOLDS[condition.operator](category.code, condition.values):
                break
        else:
            found.append((order, category))
    return found


def _price(
    rows: Sequence[TariffRow], facts: Facts, categories: Sequence[Category], typed_fen: int | None
) -> tuple[TariffRow, int, tuple[Step, ...]]:
    fitting = [
        row for row in rows if row.kind is TariffKind.PRICE and _fitting(row, facts, categories)
    ]
    if not fitting:
        raise RuleError("no_price")
    row = min(fitting, key=lambda row: (row.priority, row.id))
    if row.price_kind is PriceKind.ACTUAL:
        if typed_fen is None:
            raise RuleError("price_needed", tariff_id=row.id)
        if typed_fen < 0 or (row.price_fen is not None and typed_fen > row.price_fen):
            raise RuleError("price_out_of_range", most_fen=row.price_fen)
        fen = typed_fen
    else:
        assert row.price_fen is not None
        fen = row.price_fen
    return row, fen, (Step("price", {
        "fen": fen, "tariff_id": row.id, "name": row.name, "document_no": row.document_no,
        "kind": str(row.price_kind),
    }),)  # fmt: skip


def _choose(
    row: TariffRow,
    category: Category | None,
    order: int,
    price_fen: int,
    day: date,
    past: Sequence[PastMeal],
    series_of: Mapping[int, str],
) -> _Choice:
    allowance, limiting = price_fen, None
    for limit in row.limits:
        left = _left_of(limit, row, price_fen, day, past, series_of)
        if left < allowance:
            allowance, limiting = left, limit
    layers: dict[FundLayer, int] = {}
    steps: list[Step] = []
    left_fen, cut = allowance, False
    for rule in row.layers:
        wanted = _wanted(rule, price_fen)
        layers[rule.layer] = min(wanted, left_fen)
        left_fen -= layers[rule.layer]
        cut = cut or layers[rule.layer] < wanted
        steps.append(_layer_step(rule, price_fen, layers[rule.layer]))
    reached = limiting is not None and cut
    if reached and limiting is not None:
        steps.append(Step("limit", {
            "period": limiting.period.value, "unit": limiting.unit.value, "maximum": limiting.maximum,
        }))  # fmt: skip
    return _Choice(row, category, order, layers, tuple(steps), reached)


def _wanted(rule: LayerRule, price_fen: int) -> int:
    fen = (
        rule.fixed_fen if rule.fixed_fen is not None else price_fen * (rule.share_bp or 0) // 10_000
    )
    return fen if rule.cap_fen is None else min(fen, rule.cap_fen)


def _layer_step(rule: LayerRule, price_fen: int, fen: int) -> Step:
    values = {"layer": rule.layer.value, "fen": fen}
    if rule.fixed_fen is not None:
        return Step("layer_fixed", {**values, "fixed_fen": rule.fixed_fen})
    return Step("layer_share", {
        **values, "share_bp": rule.share_bp or 0, "of_fen": price_fen, "cap_fen": rule.cap_fen,
    })  # fmt: skip


def _why_this_row(
    best: _Choice, choices: Sequence[_Choice], highest_wins: bool
) -> tuple[Step, ...]:
    row = best.row
    chosen = Step("subsidy_row", {
        "tariff_id": row.id, "name": row.name, "document_no": row.document_no,
        "category": best.category.code if best.category else None,
        "category_name": best.category.name if best.category else None,
    })  # fmt: skip
    others = {choice.row.id: choice for choice in choices if choice.row.id != row.id}
    if not others:
        return (chosen,)
    if all(choice.row.priority > row.priority for choice in others.values()):
        why = "priority"
    elif highest_wins and any(
        choice.subsidy_fen < best.subsidy_fen
        for choice in others.values()
        if choice.row.priority == row.priority
    ):
        why = "largest"
    else:
        why = "lowest_number"
    return chosen, Step("rows_compared", {
        "why": why,
        "others": [
            {"name": choice.row.name, "fen": choice.subsidy_fen, "priority": choice.row.priority}
            for choice in sorted(others.values(), key=lambda choice: choice.row.id)
        ],
    })  # fmt: skip


def _left_of(
    limit: Limit,
    row: TariffRow,
    price_fen: int,
    day: date,
    past: Sequence[PastMeal],
    series_of: Mapping[int, str],
) -> int:
    """Fen that a limit still allows for this meal."""
    first, last = period_of(limit.period, day)
    counted = [
        meal
        for meal in past
        if meal.subsidy_fen > 0 and first <= meal.day <= last
        and (limit.scope is LimitScope.ALL or _is_of_series(meal, row, series_of))
    ]  # fmt: skip
    if limit.unit is LimitUnit.MEALS:
        return price_fen if len(counted) < limit.maximum else 0
    return max(0, limit.maximum - sum(meal.subsidy_fen for meal in counted))


def _is_of_series(meal: PastMeal, row: TariffRow, series_of: Mapping[int, str]) -> bool:
    if meal.tariff_id is None:
        return False
    return meal.tariff_id == row.id or (
        bool(row.series) and series_of.get(meal.tariff_id) == row.series
    )


def period_of(period: LimitPeriod, day: date) -> tuple[date, date]:
    """First and last day of the day, week (Monday to Sunday) or calendar month around a day."""
    if period is LimitPeriod.DAY:
        return day, day
    if period is LimitPeriod.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def check_row(row: TariffRow) -> None:
    """Whether the engine can work with a row. Raises RuleError naming what is wrong."""
    if row.until_on is not None and row.until_on < row.from_on:
        raise RuleError("ends_before_start")
    if row.kind is TariffKind.PRICE:
        if row.price_kind is None or (
            row.price_fen is None and row.price_kind is not PriceKind.ACTUAL
        ):
            raise RuleError("tariff_without_price")
        if row.layers or row.limits:
            raise RuleError("price_row_with_layers")
    elif not row.layers:
        raise RuleError("tariff_without_layers")
    for rule in row.layers:
        if (rule.fixed_fen is None) == (rule.share_bp is None):
            raise RuleError("layer_fixed_or_share", layer=rule.layer.value)
    for condition in row.conditions:
        _check_condition(condition)


def _check_condition(condition: Condition) -> None:
    numeric = condition.operator in (Operator.AT_LEAST, Operator.BELOW)
    by_path = condition.operator in (Operator.UNDER, Operator.NOT_UNDER)
    fits = (
        bool(condition.values)
        and (not numeric or condition.fact in _NUMBERS)
        and (not by_path or condition.fact in _PATHS)
        and (condition.fact not in _NUMBERS or all(value.isdecimal() for value in condition.values))
        and (not numeric or len(condition.values) == 1)
    )
    if not fits:
        raise RuleError(
            "bad_condition", fact=condition.fact.value, operator=condition.operator.value
        )


def categories_by_age(all_categories: Iterable[Category], age: int | None) -> list[Category]:
    """The categories held by birth date alone."""
    return [
        category
        for category in all_categories
        if category.dimension is Dimension.AGE and category.fits_age(age)
    ]
