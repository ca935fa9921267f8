"""Remembered prices are those that the engine says anew, on every day and for everybody."""

import itertools
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canteen.actions import prices
from canteen.actions.prices import Prices
from canteen.rules import PastNeeded, price_meal
from canteen.values import (
    Condition,
    Fact,
    FundLayer,
    Limit,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    Operator,
    Priced,
    TariffRow,
)
from core.errors import RuleError
from tests.canteen.test_rules_tariff import AGED, DAY, FACTS, GENERAL, LOW, fixed, price, subsidy

FACTS_ASKED = {
    Fact.AGE: [(Operator.AT_LEAST, "70"), (Operator.BELOW, "80")],
    Fact.SITTING: [(Operator.IN, "lunch"), (Operator.NOT_IN, "lunch")],
    Fact.WEEKDAY: [(Operator.IN, "2")],
    Fact.REGISTRATION: [(Operator.UNDER, "01.03"), (Operator.NOT_UNDER, "01")],
}
days = st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3))
conditions = st.sampled_from(list(FACTS_ASKED)).flatmap(
    lambda fact: st.sampled_from(FACTS_ASKED[fact]).map(
        lambda asked: Condition(fact, asked[0], (asked[1],))
    )
)


def dated(
    number: int, first: date, length: int | None, *asked: Condition, **more: Any
) -> TariffRow:
    until = None if length is None else first + timedelta(days=length)
    dates = {"from_on": first, "until_on": until, "conditions": asked}
    if number % 3 == 0:
        return price(800 + number, number, **dates)
    layers = (fixed(FundLayer.CITY, 100 * number),)
    return subsidy(number, more["category"], *layers, **dates)


rows = st.lists(
    st.tuples(
        days, st.none() | st.integers(0, 4), st.lists(conditions, max_size=2),
        st.sampled_from([None, "low", "aged"]),
    ),
    max_size=8,
).map(lambda drawn: [
    dated(number, first, length, *asked, category=category)
    for number, (first, length, asked, category) in enumerate(drawn, 1)
])  # fmt: skip
meals = st.lists(
    st.tuples(
        st.sampled_from([65, 75, 85, None]), st.sampled_from(["lunch", "dinner"]),
        st.sampled_from([1, 2]), st.sampled_from(["01.03.05", "01.02", None]),
        st.sampled_from([(GENERAL,), (LOW, GENERAL), (AGED, LOW, GENERAL), (LOW, AGED, GENERAL)]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def said(ask: Any) -> Priced | str:
    try:
        return ask()  # type: ignore[no-any-return]
    except RuleError as error:
        return error.code


@given(rows, meals, st.booleans())
def test_they_are_what_the_engine_says(
    tariffs: list[TariffRow], asked: list[tuple[Any, ...]], highest_wins: bool
) -> None:
    known = Prices(tariffs, {}, highest_wins)
    days_around = [DAY + timedelta(days=n) for n in range(-4, 9)]
    for day, (age, sitting, weekday, area, held) in itertools.product(days_around, asked):
        facts = {**FACTS, Fact.AGE: age, Fact.SITTING: sitting, Fact.WEEKDAY: weekday,
                 Fact.REGISTRATION: area}  # fmt: skip
        engine = partial(price_meal, tariffs, facts, held, day=day, past=None,
                         highest_wins=highest_wins)  # fmt: skip
        assert said(partial(known.of, facts, held, day)) == said(engine)


def test_a_weekday_of_the_next_week_asks_the_engine_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[date] = []

    def counted(*values: Any, day: date, **more: Any) -> Priced:
        asked.append(day)
        return price_meal(*values, day=day, **more)

    monkeypatch.setattr(prices, "price_meal", counted)
    ends = DAY + timedelta(days=9)
    known = Prices(
        [price(), subsidy(2, "low", fixed(FundLayer.CITY, 100), until_on=ends)], {}, True
    )
    week = [DAY + timedelta(days=7 * n) for n in range(3)]
    assert [known.of(FACTS, (LOW, GENERAL), day).subsidy_fen for day in week] == [100, 100, 0]
    assert known.of({**FACTS, Fact.AGE: 61}, (LOW, GENERAL), ends).subsidy_fen == 100
    assert asked == [week[0], week[2]]  # no row asks for her age


def test_what_needs_her_past_is_never_remembered() -> None:
    limit = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 1, LimitScope.ALL)
    known = Prices(
        [price(), subsidy(2, "low", fixed(FundLayer.CITY, 100), limits=(limit,))], {}, True
    )
    for _ in range(2):
        with pytest.raises(PastNeeded):
            known.of(FACTS, (LOW, GENERAL), DAY)


def test_no_more_are_kept_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "MOST", 3)
    rows = [price(conditions=(Condition(Fact.AGE, Operator.AT_LEAST, ("0",)),))]
    known = Prices(rows, {}, True)
    for age in range(20):
        assert known.of({**FACTS, Fact.AGE: age}, (GENERAL,), DAY).price_fen == 1200
        assert len(known._known) <= 3
