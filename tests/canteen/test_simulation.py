"""A past month under a draft: each meal priced again, compared with what was paid, nothing stored."""

import io
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from canteen import actions
from canteen.actions import TariffDraft
from canteen.lists.simulation import simulate
from canteen.models import Meal, Tariff
from canteen.values import (
    Condition,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    Operator,
    TariffKind,
)
from core import clock
from core.access import Role
from core.clock import Month
from core.db import db
from tests.canteen.house import CLERK, House, build, diner, scan
from tests.canteen.pages import Visit
from tests.conftest import both_engines

NOVEMBER = Month(2026, 11)


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def draft(house: House, series: str, category: str, fen: int, *limits: Limit) -> Tariff:
    """A drafted subsidy of one layer."""
    return actions.draft_tariff(TariffDraft(
        series=series, kind=TariffKind.SUBSIDY, name="草案", document_no="示例〔2026〕9号",
        from_on=date(2027, 1, 1), conditions=[Condition(Fact.CATEGORY, Operator.IN, (category,))],
        layers=[LayerRule(FundLayer.STREET, fixed_fen=fen)], limits=limits,
    ), by=CLERK, now=house.now)  # fmt: skip


def eat(house: House, person_id: int, days_ago: int = 0, site_id: int | None = None) -> None:
    at = house.now - timedelta(days=days_ago)
    with clock.at(at):
        answer = actions.register_meal(
            scan(house, person_id, at, site_id=site_id or house.site_id), by=CLERK, now=at
        )
    assert answer.outcome == "served", answer.answer


@both_engines
def test_a_draft_takes_the_place_of_its_series_and_everybody_is_compared(house: House) -> None:
    poor, plain = diner(house, "minimum_living"), diner(house)
    for days_ago in (0, 1, 2):
        eat(house, poor, days_ago)  # lunch ¥12, subsidy ¥5 + ¥3, co-pay ¥4
        eat(house, plain, days_ago)  # lunch ¥12, no subsidy
    outcome = simulate(NOVEMBER, [draft(house, "low", "minimum_living", 600)], None)
    # 6 lunches of ¥12; three with ¥8, under the draft with ¥6.
    assert (outcome.meals, outcome.reproduced, outcome.unpriced) == (6, 6, 0)
    assert (outcome.was.price_fen, outcome.was.subsidy_fen) == (7200, 2400)
    assert (outcome.would_be.price_fen, outcome.would_be.subsidy_fen) == (7200, 1800)
    assert outcome.was.layers[FundLayer.CITY] == 1500
    assert outcome.would_be.layers[FundLayer.CITY] == 0
    assert [(each.person_id, each.gain_fen) for each in outcome.losses] == [(poor, -600)]
    assert outcome.gains == []


@both_engines
def test_limits_are_counted_along_the_month_and_across_sites(house: House) -> None:
    plain = diner(house)
    eat(house, plain, 2)
    eat(house, plain, 1, house.second_site_id)
    eat(house, plain, 0)
    two = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 2, LimitScope.SERIES)
    row = draft(house, "new", "general", 500, two)
    # 22 to 24 November: Sunday is of another week than Monday and Tuesday, so all three count.
    assert simulate(NOVEMBER, [row], None).would_be.subsidy_fen == 1500
    eat(house, plain, 3)  # Saturday: the second of that week
    eat(house, plain, 4)  # Friday: now Saturday is the second, Sunday the third
    outcome = simulate(NOVEMBER, [row], None)
    assert outcome.would_be.subsidy_fen == 2000
    here = simulate(NOVEMBER, [row], "two")
    assert (here.meals, here.would_be.subsidy_fen) == (1, 500)


def test_a_meal_that_the_trial_cannot_price_keeps_its_amount(house: House) -> None:
    eat(house, diner(house, "minimum_living"))
    narrow = actions.draft_tariff(TariffDraft(
        series="price-lunch", kind=TariffKind.PRICE, name="只限示例", document_no="9号",
        from_on=date(2027, 1, 1), price_kind="fixed", price_fen=1500,
        conditions=[Condition(Fact.SITE, Operator.IN, ("two",))],
    ), by=CLERK, now=house.now)  # fmt: skip
    outcome = simulate(NOVEMBER, [narrow], None)
    assert outcome.unpriced == 1
    assert outcome.would_be.price_fen == outcome.was.price_fen == 1200
    assert outcome.would_be.subsidy_fen == 800


def test_page_and_workbook_agree_and_nothing_is_stored(house: House, visit: Visit) -> None:
    poor = diner(house, "minimum_living")
    eat(house, poor)
    row = draft(house, "low", "minimum_living", 1000)
    stored = db.session.execute(sa.select(Meal.__table__)).all()
    clerk = visit(Role.CLERK)
    page = clerk.get(f"/canteen/tariffs/simulation?drafts={row.id}&month=2026-11")
    assert page.status_code == 200
    assert "¥8.00" in page.text and "¥10.00" in page.text and "+¥2.00" in page.text
    file = clerk.get(f"/canteen/tariffs/simulation.xlsx?drafts={row.id}&month=2026-11")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    names = sheets.sheet_names
    assert sheets.get_sheet_by_name(names[1]).to_python()[1] == ["王秀华", 1, 8, 10, 4, 2, 2]
    sums = {line[0]: line[1:4] for line in sheets.get_sheet_by_name(names[0]).to_python()}
    assert [8, 10, 2] in sums.values() and [4, 2, -2] in sums.values()
    db.session.rollback()
    assert db.session.execute(sa.select(Meal.__table__)).all() == stored


@pytest.mark.parametrize("month", ["2027-01", "昨天", "2026-13", ""])
def test_a_month_that_is_not_offered_is_refused_by_name(
    house: House, visit: Visit, month: str
) -> None:
    row = draft(house, "low", "minimum_living", 1000)
    page = visit(Role.REVIEWER).get(f"/canteen/tariffs/simulation?drafts={row.id}&month={month}")
    assert page.status_code == 200
    assert "field-error" in page.text


def test_without_a_draft_the_page_says_how_to_begin(house: House, visit: Visit) -> None:
    page = visit(Role.CLERK).get("/canteen/tariffs/simulation")
    assert "没有可试算的草案" in page.text
