"""The tariff engine, with amounts worked out by hand."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canteen.rules import PastNeeded, check_row, price_meal
from canteen.rules.tariff import holds, period_of
from canteen.values import (
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
    Sitting,
    TariffKind,
    TariffRow,
)
from core.errors import RuleError

DAY = date(2026, 11, 24)  # a Tuesday
LOW = Category(1, "low", "低保", Dimension.ECONOMIC, 10)
AGED = Category(2, "aged", "高龄", Dimension.AGE, 20, age_from=80)
GENERAL = Category(3, "general", "普通", Dimension.GENERAL, 30)
FACTS: dict[Fact, str | int | None] = {
    Fact.SITTING: "lunch", Fact.DAY_TYPE: "weekday", Fact.WEEKDAY: 2, Fact.SITE: "one",
    Fact.WAY: "dine_in", Fact.SALE: "diner", Fact.AGE: 82, Fact.REGISTRATION: "01.03.05",
    Fact.RESIDENCE: "01.03.05",
}  # fmt: skip


def row(number: int, kind: TariffKind, **more: Any) -> TariffRow:
    values = {
        "name": f"第{number}条",
        "document_no": "示例〔2026〕1号",
        "from_on": date(2026, 1, 1),
    }
    return TariffRow(id=number, kind=kind, **{**values, **more})


def price(fen: int = 1200, number: int = 1, **more: Any) -> TariffRow:
    return row(number, TariffKind.PRICE, price_kind=PriceKind.FIXED, price_fen=fen, **more)


def fixed(layer: FundLayer, fen: int, cap: int | None = None) -> LayerRule:
    return LayerRule(layer, fixed_fen=fen, cap_fen=cap)


def share(layer: FundLayer, bp: int, cap: int | None = None) -> LayerRule:
    return LayerRule(layer, share_bp=bp, cap_fen=cap)


def subsidy(number: int, category: str | None, *layers: LayerRule, **more: Any) -> TariffRow:
    conditions = list(more.pop("conditions", ()))
    if category:
        conditions.append(Condition(Fact.CATEGORY, Operator.IN, (category,)))
    return row(number, TariffKind.SUBSIDY, layers=layers, conditions=tuple(conditions), **more)


def priced(
    *rows: TariffRow, held: tuple[Category, ...] = (LOW, AGED, GENERAL), **more: Any
) -> Priced:
    facts = {**FACTS, **more.pop("facts", {})}
    return price_meal(rows, facts, held, day=more.pop("day", DAY), **more)


def test_a_quarter_of_the_price_capped_at_three_yuan() -> None:
    quarter = subsidy(2, "aged", share(FundLayer.DISTRICT, 2500, 300))
    assert priced(price(1000), quarter).layers == {FundLayer.DISTRICT: 250}
    assert priced(price(1600), quarter).layers == {FundLayer.DISTRICT: 300}


def test_shares_round_down_to_the_fen_and_the_rest_is_co_pay() -> None:
    thirds = subsidy(2, "low", share(FundLayer.CITY, 3333), share(FundLayer.STREET, 3333))
    found = priced(price(1001), thirds)
    # 1001 x 0.3333 = 333.63
    assert found.layers == {FundLayer.CITY: 333, FundLayer.STREET: 333}
    assert found.copay_fen == 335


def test_layers_together_never_exceed_what_was_eaten() -> None:
    found = priced(
        price(600), subsidy(2, "low", fixed(FundLayer.CITY, 500), fixed(FundLayer.STREET, 300))
    )
    assert (found.layers, found.copay_fen) == ({FundLayer.CITY: 500, FundLayer.STREET: 100}, 0)


def test_rows_are_never_added_together_and_the_largest_wins() -> None:
    rows = [
        subsidy(2, "aged", fixed(FundLayer.CITY, 300)),
        subsidy(3, "low", fixed(FundLayer.CITY, 800)),
    ]
    found = priced(price(), *rows)
    assert (found.subsidy_fen, found.tariff_id, found.category) == (800, 3, LOW)


def test_priority_goes_before_the_amount() -> None:
    rows = [
        subsidy(2, "aged", fixed(FundLayer.CITY, 300), priority=1),
        subsidy(3, "low", fixed(FundLayer.CITY, 800), priority=2),
    ]
    assert priced(price(), *rows).tariff_id == 2


def test_equal_amounts_go_to_the_lowest_number() -> None:
    rows = [subsidy(n, "low", fixed(FundLayer.CITY, 300)) for n in (7, 5, 6)]
    assert priced(price(), *rows).tariff_id == 5


def test_without_highest_wins_the_lowest_number_decides() -> None:
    rows = [
        subsidy(2, "aged", fixed(FundLayer.CITY, 300)),
        subsidy(3, "low", fixed(FundLayer.CITY, 800)),
    ]
    assert priced(price(), *rows, highest_wins=False).tariff_id == 2


def test_who_is_in_no_subsidised_category_pays_the_price_as_general() -> None:
    found = priced(price(), subsidy(2, "low", fixed(FundLayer.CITY, 800)), held=(GENERAL,))
    assert (found.copay_fen, found.tariff_id, found.category) == (1200, None, GENERAL)


def test_row_without_category_is_priced_as_general() -> None:
    found = priced(price(), subsidy(2, None, fixed(FundLayer.STREET, 100)))
    assert (found.subsidy_fen, found.category) == (100, GENERAL)


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (Condition(Fact.SITTING, Operator.IN, ("lunch", "dinner")), {}, True),
        (Condition(Fact.SITTING, Operator.NOT_IN, ("lunch",)), {}, False),
        (Condition(Fact.AGE, Operator.AT_LEAST, ("80",)), {}, True),
        (Condition(Fact.AGE, Operator.AT_LEAST, ("83",)), {}, False),
        (Condition(Fact.AGE, Operator.BELOW, ("83",)), {}, True),
        (Condition(Fact.WEEKDAY, Operator.IN, ("6", "7")), {}, False),
        (Condition(Fact.REGISTRATION, Operator.UNDER, ("01",)), {}, True),
        (Condition(Fact.REGISTRATION, Operator.UNDER, ("01.03",)), {}, True),
        (Condition(Fact.REGISTRATION, Operator.UNDER, ("01.0",)), {}, False),
        (Condition(Fact.REGISTRATION, Operator.NOT_UNDER, ("99",)), {}, True),
        (Condition(Fact.AGE, Operator.BELOW, ("83",)), {Fact.AGE: None}, False),
        (
            Condition(Fact.REGISTRATION, Operator.NOT_UNDER, ("99",)),
            {Fact.REGISTRATION: None},
            False,
        ),
    ],
)
def test_conditions(condition: Condition, facts: dict[Fact, Any], expected: bool) -> None:
    assert holds(condition, {**FACTS, **facts}) is expected


def test_layer_of_the_town_is_lost_outside_it() -> None:
    """Zengcheng's shape: two rows, the fuller one only for those registered in the town."""
    inside = subsidy(2, "low", fixed(FundLayer.CITY, 300), fixed(FundLayer.STREET, 200),
                     conditions=[Condition(Fact.REGISTRATION, Operator.UNDER, ("01",))])  # fmt: skip
    anywhere = subsidy(3, "low", fixed(FundLayer.CITY, 300))
    assert priced(price(), inside, anywhere).subsidy_fen == 500
    assert priced(price(), inside, anywhere, facts={Fact.REGISTRATION: "99"}).subsidy_fen == 300


def test_dates_are_inclusive_and_versions_follow_each_other() -> None:
    old = subsidy(2, "low", fixed(FundLayer.CITY, 300), until_on=date(2026, 11, 23))
    new = subsidy(3, "low", fixed(FundLayer.CITY, 500), from_on=DAY)
    assert priced(price(), old, new, day=date(2026, 11, 23)).tariff_id == 2
    assert priced(price(), old, new, day=DAY).tariff_id == 3


def past(day: date, fen: int = 300, tariff_id: int = 2) -> PastMeal:
    return PastMeal(day, tariff_id, fen)


def test_five_meals_a_week_and_the_sixth_is_paid_in_full() -> None:
    """Tianjin's shape: ¥3 a meal, at most five a week, Monday to Sunday."""
    tianjin = subsidy(2, "low", fixed(FundLayer.CITY, 300),
                      limits=(Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 5),))  # fmt: skip
    monday, sunday = date(2026, 11, 23), date(2026, 11, 22)
    four = [past(monday)] * 4
    assert priced(price(), tianjin, past=[*four, past(sunday)]).subsidy_fen == 300
    full = priced(price(), tianjin, past=[*four, past(DAY)])
    assert (full.subsidy_fen, full.limit_reached, full.tariff_id) == (0, True, 2)
    assert "limit" in [step.code for step in full.steps]


def test_limit_in_yuan_leaves_the_rest_of_it_to_the_first_layers() -> None:
    month = Limit(LimitPeriod.MONTH, LimitUnit.FEN, 1000)
    two = subsidy(
        2, "low", fixed(FundLayer.CITY, 300), fixed(FundLayer.STREET, 200), limits=(month,)
    )
    found = priced(price(), two, past=[past(date(2026, 11, 1), 600)])
    assert (found.layers, found.copay_fen) == ({FundLayer.CITY: 300, FundLayer.STREET: 100}, 800)
    assert priced(price(), two, past=[past(date(2026, 10, 31), 600)]).subsidy_fen == 500


def test_limit_of_a_series_counts_its_earlier_version_and_no_other_row() -> None:
    limit = (Limit(LimitPeriod.MONTH, LimitUnit.MEALS, 1),)
    new = subsidy(5, "low", fixed(FundLayer.CITY, 300), limits=limit, series="low")
    names = {2: "low", 3: "aged", 5: "low"}
    assert priced(price(), new, past=[past(DAY, 300, 2)], series_of=names).subsidy_fen == 0
    assert priced(price(), new, past=[past(DAY, 300, 3)], series_of=names).subsidy_fen == 300
    everything = subsidy(5, "low", fixed(FundLayer.CITY, 300), series="low",
                         limits=(Limit(LimitPeriod.MONTH, LimitUnit.MEALS, 1, LimitScope.ALL),))  # fmt: skip
    assert priced(price(), everything, past=[past(DAY, 300, 3)], series_of=names).subsidy_fen == 0


def test_meal_without_subsidy_uses_up_no_allowance() -> None:
    once = subsidy(
        2, "low", fixed(FundLayer.CITY, 300), limits=(Limit(LimitPeriod.DAY, LimitUnit.MEALS, 1),)
    )
    assert priced(price(), once, past=[past(DAY, 0)]).subsidy_fen == 300


def test_past_meals_are_asked_for_only_where_a_limit_fits() -> None:
    day = (Limit(LimitPeriod.DAY, LimitUnit.MEALS, 1),)
    limited = subsidy(2, "low", fixed(FundLayer.CITY, 300), limits=day)
    with pytest.raises(PastNeeded):
        priced(price(), limited, past=None)
    assert priced(price(), limited, past=()).subsidy_fen == 300
    assert priced(price(), limited, past=None, held=(AGED, GENERAL)).subsidy_fen == 0


def test_period_of_a_limit() -> None:
    assert period_of(LimitPeriod.DAY, DAY) == (DAY, DAY)
    assert period_of(LimitPeriod.WEEK, DAY) == (date(2026, 11, 23), date(2026, 11, 29))
    assert period_of(LimitPeriod.MONTH, date(2026, 12, 31)) == (
        date(2026, 12, 1),
        date(2026, 12, 31),
    )
    assert period_of(LimitPeriod.MONTH, date(2028, 2, 1)) == (date(2028, 2, 1), date(2028, 2, 29))


def test_price_by_sitting_and_its_absence() -> None:
    lunch = price(1200, 1, conditions=(Condition(Fact.SITTING, Operator.IN, ("lunch",)),))
    assert priced(lunch).price_fen == 1200
    with pytest.raises(RuleError, match="no_price"):
        priced(lunch, facts={Fact.SITTING: Sitting.DINNER.value})


def test_actual_price_is_typed_and_bounded() -> None:
    typed = row(1, TariffKind.PRICE, price_kind=PriceKind.ACTUAL, price_fen=3000)
    with pytest.raises(RuleError, match="price_needed"):
        priced(typed)
    assert priced(typed, typed_fen=850).price_fen == 850
    for fen in (-1, 3001):
        with pytest.raises(RuleError, match="price_out_of_range"):
            priced(typed, typed_fen=fen)


def test_set_meal_is_a_condition_like_any_other() -> None:
    meals = [
        row(n, TariffKind.PRICE, price_kind=PriceKind.SET_MEAL, price_fen=fen,
            conditions=(Condition(Fact.SET_MEAL, Operator.IN, (name,)),))
        for n, name, fen in ((1, "A", 1200), (2, "B", 1500))
    ]  # fmt: skip
    assert priced(*meals, facts={Fact.SET_MEAL: "B"}).price_fen == 1500


def test_explanation_names_the_rows_and_why_they_were_chosen() -> None:
    rows = [
        subsidy(2, "aged", fixed(FundLayer.CITY, 300)),
        subsidy(3, "low", fixed(FundLayer.CITY, 800)),
    ]
    steps = [step.plain() for step in priced(price(), *rows).steps]
    assert [step["code"] for step in steps] == [
        "price", "subsidy_row", "rows_compared", "layer_fixed", "copay",
    ]  # fmt: skip
    assert steps[1]["category_name"] == "低保"
    assert (steps[2]["why"], steps[2]["others"]) == (
        "largest",
        [{"name": "第2条", "fen": 300, "priority": 100}],
    )
    assert steps[-1]["fen"] == 400


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (price(until_on=date(2025, 1, 1)), "ends_before_start"),
        (row(1, TariffKind.PRICE), "tariff_without_price"),
        (price(layers=(fixed(FundLayer.CITY, 1),)), "price_row_with_layers"),
        (row(1, TariffKind.SUBSIDY), "tariff_without_layers"),
        (subsidy(1, None, LayerRule(FundLayer.CITY)), "layer_fixed_or_share"),
        (subsidy(1, None, LayerRule(FundLayer.CITY, 1, 1)), "layer_fixed_or_share"),
        (price(conditions=(Condition(Fact.AGE, Operator.AT_LEAST, ("八十",)),)), "bad_condition"),
        (price(conditions=(Condition(Fact.SITTING, Operator.BELOW, ("3",)),)), "bad_condition"),
        (price(conditions=(Condition(Fact.SITE, Operator.UNDER, ("01",)),)), "bad_condition"),
        (price(conditions=(Condition(Fact.SITE, Operator.IN, ()),)), "bad_condition"),
    ],
)
def test_rows_the_engine_cannot_work_with_are_named(bad: TariffRow, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        check_row(bad)
    assert caught.value.code == code


amounts = st.integers(0, 3000)
layer_rules = st.lists(
    st.one_of(
        st.builds(LayerRule, st.sampled_from(FundLayer), fixed_fen=amounts, cap_fen=st.none() | amounts),
        st.builds(LayerRule, st.sampled_from(FundLayer), share_bp=st.integers(0, 10_000), cap_fen=st.none() | amounts),
    ),
    min_size=1, max_size=5, unique_by=lambda rule: rule.layer,
)  # fmt: skip
limits = st.lists(
    st.builds(Limit, st.sampled_from(LimitPeriod), st.sampled_from(LimitUnit), st.integers(0, 2000),
              st.sampled_from(LimitScope)), max_size=2,
)  # fmt: skip
subsidies = st.lists(
    st.builds(
        lambda n, category, layers, most, priority: subsidy(
            n, category, *layers, limits=tuple(most), priority=priority
        ),
        st.integers(2, 9), st.sampled_from(["low", "aged", "general", None]), layer_rules, limits,
        st.integers(1, 2),
    ),
    max_size=5, unique_by=lambda each: each.id,
)  # fmt: skip
pasts = st.lists(
    st.builds(
        PastMeal, st.dates(date(2026, 11, 1), date(2026, 11, 30)), st.integers(2, 9), amounts
    ),
    max_size=6,
)


@given(amounts, subsidies, pasts, st.booleans())
def test_parts_always_make_the_price_and_the_order_of_rows_does_not_matter(
    fen: int, rows: list[TariffRow], stored: list[PastMeal], highest_wins: bool
) -> None:
    found = priced(price(fen), *rows, past=stored, highest_wins=highest_wins)
    assert found.price_fen == sum(found.layers.values()) + found.copay_fen == fen
    assert found.copay_fen >= 0 and all(part > 0 for part in found.layers.values())
    assert found == priced(*reversed(rows), price(fen), past=stored, highest_wins=highest_wins)
    if found.tariff_id is not None:
        chosen = next(each for each in rows if each.id == found.tariff_id)
        assert chosen.priority == min(each.priority for each in rows)
        spent = sum(meal.subsidy_fen for meal in stored)
        for limit in chosen.limits:
            if (limit.period, limit.unit, limit.scope) == (
                LimitPeriod.MONTH,
                LimitUnit.FEN,
                LimitScope.ALL,
            ):
                assert found.subsidy_fen <= max(0, limit.maximum - spent)
