"""Pages that set things up: tariff, categories, sitting windows."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions
from canteen.actions import TariffDraft
from canteen.models import MealCategory, SittingWindow, Tariff
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
    TariffState,
)
from core.access import Role
from core.db import db
from tests.canteen.house import CLERK, FIRST, House, build, diner
from tests.canteen.pages import Visit, post

SUBSIDY = {
    "name": "冬季补贴", "document_no": "渚河办〔2026〕9号", "from_on": "2026-11-24", "until_on": "",
    "priority": "50", "categories": ["minimum_living", "low_income"], "sittings": ["lunch"],
    "age_from": "60", "age_below": "80", "registration_rule": "under", "registration": ["01"],
    "layers-0-layer": "district", "layers-0-fixed": "4.50", "layers-0-share": "", "layers-0-cap": "",
    "layers-1-layer": "street", "layers-1-fixed": "", "layers-1-share": "12.5", "layers-1-cap": "1",
    "limits-0-period": "month", "limits-0-maximum": "90", "limits-0-unit": "fen", "limits-0-scope": "all",
    "annual_budget": "60000", "note": "", "price_kind": "fixed",
}  # fmt: skip


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def drafted() -> Tariff:
    return db.session.scalars(sa.select(Tariff).where(Tariff.state == TariffState.DRAFT)).one()


def test_the_form_becomes_the_row_that_a_clerk_meant(house: House, visit: Visit) -> None:
    assert (
        post(visit(Role.CLERK), "/canteen/tariffs/new?kind=subsidy", **SUBSIDY).status_code == 302
    )
    row = drafted().value
    assert set(row.conditions) == {
        Condition(Fact.CATEGORY, Operator.IN, ("minimum_living", "low_income")),
        Condition(Fact.SITTING, Operator.IN, ("lunch",)),
        Condition(Fact.AGE, Operator.AT_LEAST, ("60",)),
        Condition(Fact.AGE, Operator.BELOW, ("80",)),
        Condition(Fact.REGISTRATION, Operator.UNDER, ("01",)),
    }
    assert row.layers == (
        LayerRule(FundLayer.DISTRICT, fixed_fen=450),
        LayerRule(FundLayer.STREET, share_bp=1250, cap_fen=100),
    )
    assert row.limits == (Limit(LimitPeriod.MONTH, LimitUnit.FEN, 9000, LimitScope.ALL),)
    assert (row.priority, drafted().annual_budget_fen) == (50, 6_000_000)


def test_a_line_is_added_without_javascript_and_nothing_is_lost(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    answer = post(clerk, "/canteen/tariffs/new?kind=subsidy", **SUBSIDY, more="layers")
    assert answer.status_code == 200
    assert 'name="layers-2-layer"' in answer.text
    assert 'value="4.50"' in answer.text
    assert (
        db.session.scalar(sa.select(sa.func.count()).select_from(Tariff)) == 5
    )  # those of the house


def test_what_is_wrong_is_said_beside_its_field(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    wrong = {**SUBSIDY, "layers-1-fixed": "2", "until_on": "2026-01-01", "document_no": ""}
    answer = post(clerk, "/canteen/tariffs/new?kind=subsidy", **wrong)
    assert answer.status_code == 422
    assert "固定金额和比例只能填一项" in answer.text
    assert "截止日期早于起始日期" in answer.text
    endless = {**SUBSIDY, "until_on": "9999-12-31"}
    page = post(clerk, "/canteen/tariffs/new?kind=subsidy", **endless).text
    assert "请填写 1900 年至 2199 年之间的日期" in page
    empty = {**SUBSIDY, "layers-0-layer": "", "layers-0-fixed": "", "layers-1-layer": "",
             "layers-1-share": "", "layers-1-cap": ""}  # fmt: skip
    assert (
        "请至少填写一行资金来源" in post(clerk, "/canteen/tariffs/new?kind=subsidy", **empty).text
    )


def test_a_clerk_drafts_and_a_reviewer_puts_in_force(house: House, visit: Visit) -> None:
    person_id = diner(house, "minimum_living")
    clerk, reviewer = visit(Role.CLERK), visit(Role.REVIEWER)
    post(clerk, "/canteen/tariffs/new?kind=subsidy", **SUBSIDY)
    number = drafted().id
    trial = f"/canteen/tariffs/trial?person={person_id}&site=one&sitting=lunch&day=2026-11-24"
    assert "冬季补贴" not in clerk.get(trial).text
    assert post(clerk, f"/canteen/tariffs/{number}/in-force").status_code == 403
    assert post(reviewer, f"/canteen/tariffs/{number}/in-force").status_code == 302
    page = clerk.get(trial).text
    assert "冬季补贴" in page
    assert "¥6.50" in page  # 12.00 - 4.50 - 1.00
    assert clerk.get(f"/canteen/tariffs/{number}/edit").status_code == 409
    assert "¥60,000.00" in clerk.get(f"/canteen/tariffs/{number}").text
    ended = post(reviewer, f"/canteen/tariffs/{number}/end", on="2026-11-30", reason="到期")
    assert ended.status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Tariff, number).until_on == date(2026, 11, 30)


def test_the_next_version_takes_over_its_series(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    lunch = db.session.scalars(sa.select(Tariff).where(Tariff.series == "price-lunch")).one()
    address = f"/canteen/tariffs/new?after={lunch.id}"
    assert 'value="12.00"' in clerk.get(address).text
    price = {
        "name": "午餐价格", "document_no": "10号", "from_on": "2027-01-01", "priority": "100",
        "price_kind": "fixed", "price": "13元", "sittings": ["lunch"],
    }  # fmt: skip
    assert post(clerk, address, **price).status_code == 302
    row = drafted()
    assert (row.series, row.price_fen, row.kind) == ("price-lunch", 1300, TariffKind.PRICE)
    assert "12" in clerk.get(f"/canteen/tariffs/{row.id}").text
    assert post(clerk, f"/canteen/tariffs/{row.id}/deletion").status_code == 302
    assert db.session.scalar(sa.select(Tariff).where(Tariff.state == TariffState.DRAFT)) is None


def test_conditions_that_the_form_does_not_ask_for_survive_editing(
    house: House, visit: Visit
) -> None:
    unusual = Condition(Fact.SITTING, Operator.NOT_IN, ("breakfast",))
    draft = TariffDraft(
        series="odd", kind=TariffKind.SUBSIDY, name="特别", document_no="1号", from_on=FIRST,
        conditions=[unusual], layers=[LayerRule(FundLayer.CITY, fixed_fen=100)],
    )  # fmt: skip
    number = actions.draft_tariff(draft, by=CLERK, now=house.now).id
    clerk = visit(Role.CLERK)
    assert "除早餐以外" in clerk.get(f"/canteen/tariffs/{number}/edit").text
    assert post(clerk, f"/canteen/tariffs/{number}/edit", **SUBSIDY).status_code == 302
    db.session.expire_all()
    assert unusual in db.session.get_one(Tariff, number).value.conditions


def test_categories_are_edited_but_keep_their_code(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    made = {
        "name": "劳模",
        "code": "model_worker",
        "dimension": "privilege",
        "position": "99",
        "is_active": "y",
    }
    assert post(clerk, "/canteen/categories/new", **made).status_code == 302
    row = db.session.scalars(
        sa.select(MealCategory).where(MealCategory.code == "model_worker")
    ).one()
    changed = {**made, "name": "劳动模范", "code": "other", "dimension": "economic"}
    assert post(clerk, f"/canteen/categories/{row.id}", **changed).status_code == 302
    db.session.expire_all()
    row = db.session.get_one(MealCategory, row.id)
    assert (row.name, row.code, row.dimension.value) == ("劳动模范", "model_worker", "privilege")
    bad = {**made, "name": "七十岁", "code": "age70", "dimension": "age"}
    assert post(clerk, "/canteen/categories/new", **bad).status_code == 422
    assert (
        post(visit(Role.MANAGER, house.site_id), "/canteen/categories/new", **made).status_code
        == 403
    )


def test_sittings_change_from_a_day_on(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    lunch = {
        "lunch-is_served": "y", "lunch-starts": "11:00", "lunch-ends": "1330",
        "lunch-grace_before": "30", "lunch-grace_after": "20", "weekdays": ["1", "2", "3", "4", "5"],
        "from_on": "2026-12-01",
    }  # fmt: skip
    dinner = {"dinner-is_served": "y", "dinner-starts": "17:00", "dinner-ends": "24:00"}
    assert post(clerk, "/canteen/sittings/one", **lunch, **dinner).status_code == 302
    rows = db.session.scalars(sa.select(SittingWindow).order_by(SittingWindow.starts_min)).all()
    assert [(row.sitting.value, row.starts_min, row.ends_min, row.weekdays) for row in rows] == [
        ("lunch", 660, 810, 31), ("dinner", 1020, 1440, 31),
    ]  # fmt: skip
    never = post(clerk, "/canteen/sittings/one", **{**lunch, "weekdays": []})
    assert (never.status_code, "请至少勾选一天" in never.text) == (422, True)
    overlapping = {**lunch, **dinner, "dinner-starts": "13:00"}
    answer = post(clerk, "/canteen/sittings/one", **overlapping)
    assert answer.status_code == 422
    assert (
        post(clerk, "/canteen/sittings/one", **{**lunch, "lunch-ends": "10:00"}).status_code == 422
    )
    assert (
        post(clerk, "/canteen/sittings/one", **{**lunch, "lunch-starts": "25:00"}).status_code
        == 422
    )
    assert clerk.get("/canteen/sittings/nowhere").status_code == 404
    assert (
        post(visit(Role.MANAGER, house.site_id), "/canteen/sittings/one", **lunch).status_code
        == 403
    )
