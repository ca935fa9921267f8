"""The annual budget of a tariff row: used, left and its share on the pages, a warning before it is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from canteen import actions, queries
from canteen.actions import TariffDraft
from canteen.values import Condition, Fact, FundLayer, LayerRule, Operator, TariffKind
from core.access import Role
from core.db import new_id
from tests.canteen.house import CLERK, FIRST, House, build, diner, in_force, scan
from tests.canteen.pages import Visit, queries_of
from tests.conftest import NOON, both_engines

DAY = NOON.date()


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def budgeted(
    house: House, budget_fen: int, series: str = "winter", category: str = "destitute"
) -> int:
    """A row of ¥8 a lunch with a budget; returns its number."""
    return in_force(house, TariffDraft(
        series=series, kind=TariffKind.SUBSIDY, name=f"{series}补贴", document_no="示例〔2026〕9号",
        from_on=FIRST, priority=1, layers=[LayerRule(FundLayer.CITY, fixed_fen=800)],
        conditions=[Condition(Fact.CATEGORY, Operator.IN, (category,))], annual_budget_fen=budget_fen,
    ))  # fmt: skip


def eat(house: House, meals: int, category: str = "destitute", at: datetime = NOON) -> list[str]:
    """So many lunches of ¥8 subsidy, of a diner each; returns their events' ids."""
    ids = []
    for _ in range(meals):
        registered = actions.register_meal(
            scan(house, diner(house, category), at), by=CLERK, now=at
        )
        assert registered.outcome == "served"
        ids.append(str(registered.answer["event_id"]))
    return ids


@contextmanager
def warned_from(app: Flask, percent: int) -> Iterator[None]:
    before = app.config["BUDGET_WARN_PERCENT"]
    app.config["BUDGET_WARN_PERCENT"] = percent
    yield
    app.config["BUDGET_WARN_PERCENT"] = before


@both_engines
def test_a_budget_says_what_is_used_and_left_of_the_calendar_year(
    house: House, engine_name: str
) -> None:
    budgeted(house, 10_000)
    [balance] = queries.budget_balances(DAY)
    assert (balance.used_fen, balance.left_fen, balance.used_percent) == (0, 10_000, 0)
    eat(house, 3)
    [balance] = queries.budget_balances(DAY)
    assert (balance.used_fen, balance.left_fen, balance.used_percent) == (2_400, 7_600, 24)
    # The last lunch of the year still counts, the first of the next one does not.
    eat(house, 1, at=datetime(2026, 12, 31, 4, 0, tzinfo=UTC))
    eat(house, 1, at=datetime(2027, 1, 1, 4, 0, tzinfo=UTC))
    assert queries.budget_balances(DAY)[0].used_fen == 3_200
    assert queries.budget_balances(DAY + timedelta(days=60))[0].used_fen == 800


@both_engines
def test_a_voided_meal_gives_its_share_back(house: House, engine_name: str) -> None:
    budgeted(house, 10_000)
    [event_id, _] = eat(house, 2)
    actions.void_meal(UUID(event_id), void_id=new_id(), reason="登记错人", by=CLERK, now=NOON)
    assert queries.budget_balances(DAY)[0].used_fen == 800


def test_the_pages_of_the_tariff_show_used_share_and_left(house: House, visit: Visit) -> None:
    tariff_id = budgeted(house, 10_000)
    eat(house, 3)
    clerk = visit(Role.CLERK)
    listed = clerk.get("/canteen/tariffs").text
    assert "今年预算 ¥100.00，已用 24 %，剩余 ¥76.00" in listed
    assert "预算快用完" not in listed
    page = clerk.get(f"/canteen/tariffs/{tariff_id}").text
    for text in ("¥100.00", "¥24.00", "24 %", "¥76.00", '<progress max="10000" value="2400"'):
        assert text in page
    assert "窗口照常登记" not in page


@pytest.mark.parametrize(
    ("budget_fen", "meals", "share", "word"),
    [(8_889, 10, "89 %", None), (8_800, 10, "90 %", "快用完"), (8_000, 10, "100 %", "已用完"),
     (2_000, 3, "120 %", "已用完"), (0, 0, "100 %", "已用完")],
)  # fmt: skip
def test_the_office_is_warned_from_the_share_that_the_setting_names(
    house: House, visit: Visit, budget_fen: int, meals: int, share: str, word: str | None
) -> None:
    tariff_id = budgeted(house, budget_fen)
    eat(house, meals)
    clerk = visit(Role.CLERK)
    home, listed = clerk.get("/").text, clerk.get("/canteen/tariffs").text
    page = clerk.get(f"/canteen/tariffs/{tariff_id}").text
    assert share in listed and share in page
    for text in (home, listed, page):
        assert ("预算快用完" in text) == (word == "快用完")
        assert ("预算已用完" in text) == (word == "已用完")
    assert (f'href="/canteen/tariffs/{tariff_id}"' in home) == (word is not None)
    assert (share in home) == (word is not None)
    assert ("窗口照常登记" in page) == (word is not None)


def test_the_warning_follows_its_setting(house: House, app: Flask, visit: Visit) -> None:
    budgeted(house, 10_000)
    eat(house, 3)
    clerk = visit(Role.CLERK)
    with warned_from(app, 24):
        assert "预算快用完" in clerk.get("/").text
    with warned_from(app, 25):
        assert "预算快用完" not in clerk.get("/").text


def test_only_the_office_is_warned_and_a_used_up_budget_stops_nobody(
    house: House, visit: Visit
) -> None:
    budgeted(house, 800)
    eat(house, 2)  # the second one is beyond the budget, and is served with its subsidy
    assert queries.budget_balances(DAY)[0].left_fen == -800
    assert "预算" not in visit(Role.MANAGER, house.site_id).get("/").text
    assert "-¥8.00" in visit(Role.REVIEWER).get("/").text


def test_budgets_cost_the_same_queries_whatever_their_number_and_their_meals(
    house: House, app: Flask, visit: Visit
) -> None:
    budgeted(house, 1_000)
    eat(house, 2)
    clerk = visit(Role.CLERK)
    counts = {address: queries_of(app, clerk, address) for address in ("/", "/canteen/tariffs")}
    for number, category in enumerate(("minimum_living", "low_income", "alone", "general")):
        budgeted(house, 1_000, f"more{number}", category)
        eat(house, 3, category)
    assert len(queries.budget_balances(DAY)) == 5
    assert {address: queries_of(app, clerk, address) for address in counts} == counts
