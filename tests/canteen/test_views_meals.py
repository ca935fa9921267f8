"""Pages about registered meals: the list, its export, one meal, void and move; and today."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from canteen import actions
from canteen.models import Meal, MealEvent
from canteen.values import OtherKind, Sitting, WayOfEating
from core import clock
from core.access import Role
from core.audit import AuditEntry
from core.db import db, new_id, transaction
from core.people.models import Person
from tests.canteen.house import CLERK, House, build, diner, scan
from tests.canteen.pages import Visit, post, queries_of


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def eat(house: House, person_id: int, at: datetime | None = None, **more: object) -> str:
    """One registered meal; returns the id of its event."""
    moment = at or house.now
    registered = actions.register_meal(scan(house, person_id, moment, **more), by=CLERK, now=moment)
    assert registered.outcome == "served", registered.answer
    return str(registered.answer["event_id"])


def test_a_meal_says_why_it_costs_what_it_costs(house: House, visit: Visit) -> None:
    event_id = eat(house, diner(house, "minimum_living"))
    page = visit(Role.CLERK).get(f"/canteen/meals/{event_id}").text
    assert "为什么是这个金额" in page
    for amount in ("¥12.00", '− <span class="money">¥5.00', '− <span class="money">¥3.00', "¥4.00"):
        assert amount in page
    assert "示例〔2026〕2号" in page


def test_the_export_holds_the_rows_of_the_filter_and_no_others(house: House, visit: Visit) -> None:
    poor, plain = diner(house, "minimum_living"), diner(house)
    with transaction() as session:
        session.get_one(Person, poor).name = "=1+1"
        session.get_one(Person, poor).id_number = "130499194001011234"
    eat(house, poor)
    eat(house, plain)
    eat(house, poor, house.now - timedelta(days=40))
    clerk = visit(Role.CLERK)
    found = clerk.get("/canteen/meals.xlsx?category=minimum_living")
    assert found.mimetype.endswith("spreadsheetml.sheet")
    book = CalamineWorkbook.from_filelike(io.BytesIO(found.data))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert len(set(head)) == len(head)
    assert {"居住社区", "社区补贴", "街道补贴", "运营方让利补贴"} <= set(head)
    columns = {name: number for number, name in enumerate(head)}
    assert len(rows) == 1
    assert rows[0][columns["姓名"]] == "=1+1"
    assert rows[0][columns["日期"]] == date(2026, 11, 24)
    assert rows[0][columns["餐费"]] == 12.0
    assert rows[0][columns["补贴"]] == 8.0
    assert rows[0][columns["个人自付"]] == 4.0
    assert b"130499194001011234" not in found.data
    about = dict(row[:2] for row in book.get_sheet_by_index(1).to_python())
    assert about["行数"] == 1.0
    everything = clerk.get("/canteen/meals.xlsx?from_on=2026-01-01").data
    assert (
        len(
            CalamineWorkbook.from_filelike(io.BytesIO(everything)).get_sheet_by_index(0).to_python()
        )
        == 4
    )
    assert db.session.scalar(
        sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == "meals.exported")
    ) == 2  # fmt: skip


def test_the_export_reads_on_where_a_step_ended(
    house: House, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        eat(house, diner(house))
    monkeypatch.setattr("canteen.export.STEP", 2)
    data = visit(Role.CLERK).get("/canteen/meals.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1:]
    assert len({row[-1] for row in rows}) == 5


def test_a_voided_meal_leaves_the_list_and_can_be_found_again(house: House, visit: Visit) -> None:
    event_id = eat(house, diner(house))
    manager = visit(Role.MANAGER, house.site_id)
    address = f"/canteen/meals/{event_id}/void"
    assert post(manager, address, event_id=str(new_id()), reason="").status_code == 422
    void_id = str(new_id())
    for _ in range(2):  # a second click acts once
        assert post(manager, address, event_id=void_id, reason="刷错卡").status_code == 302
    link = f"/canteen/meals/{event_id}"
    assert link not in manager.get("/canteen/meals").text
    assert link in manager.get("/canteen/meals?outcome=voided").text
    assert "刷错卡" in manager.get(link).text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 0
    voids = sa.select(sa.func.count()).select_from(MealEvent).where(MealEvent.voids_id.is_not(None))
    assert db.session.scalar(voids) == 1


def test_a_meal_moves_to_the_person_who_ate_it(house: House, visit: Visit) -> None:
    wrong, right = diner(house), diner(house, "minimum_living")
    event_id = eat(house, wrong)
    manager = visit(Role.MANAGER, house.site_id)
    address = f"/canteen/meals/{event_id}/move"
    assert f'value="{right}"' in manager.get(f"{address}?q=王秀华").text
    foreign = diner(house)
    actions.change_diner(
        foreign, home_site_id=house.second_site_id, usual_way=WayOfEating.DINE_IN, note=None,
        by=CLERK, now=house.now,
    )  # fmt: skip
    assert "王*华" in manager.get(f"{address}?q=王秀华").text
    moved = {"event_id": str(new_id()), "q": "王秀华", "reason": "拿错卡"}
    assert post(manager, address, **moved).status_code == 422
    assert post(manager, address, **moved, person_id=right).status_code == 302
    meals = db.session.execute(sa.select(Meal.person_id, Meal.copay_fen)).all()
    assert [tuple(row) for row in meals] == [(right, 400)]


def test_a_manager_neither_sees_nor_voids_meals_of_another_site(house: House, visit: Visit) -> None:
    event_id = eat(house, diner(house))
    manager = visit(Role.MANAGER, house.second_site_id)
    assert manager.get(f"/canteen/meals/{event_id}").status_code == 403
    assert post(manager, f"/canteen/meals/{event_id}/void", reason="x").status_code == 403
    assert event_id not in manager.get("/canteen/meals?outcome=all").text
    assert manager.get("/canteen/meals?site=one").status_code == 200
    assert event_id not in manager.get("/canteen/meals?site=one&outcome=all").text


def test_results_are_told_apart(house: House, visit: Visit) -> None:
    person_id = diner(house)
    meal = eat(house, person_id)
    fact = scan(house, person_id, house.now + timedelta(minutes=3), is_fact=True)
    actions.register_meal(fact, by=CLERK, now=house.now + timedelta(minutes=3))
    again = scan(house, person_id)
    actions.register_meal(again, by=CLERK, now=house.now)
    guest = scan(house, 0, other=OtherKind.GUEST)
    actions.register_meal(guest, by=CLERK, now=house.now)
    clerk = visit(Role.CLERK)
    ids = {"meal": meal, "parked": str(fact.id), "refused": str(again.id), "other": str(guest.id)}
    for outcome, event_id in ids.items():
        page = clerk.get(f"/canteen/meals?outcome={outcome}").text
        assert [each for each in ids.values() if each in page] == [event_id], outcome
        assert clerk.get(f"/canteen/meals/{event_id}").status_code == 200
    listed = clerk.get("/canteen/exceptions").text
    assert f"/canteen/exceptions/{fact.id}/second_serving" in listed


def test_a_matter_is_settled_with_a_finding(house: House, visit: Visit) -> None:
    person_id = diner(house)
    eat(house, person_id)
    fact = scan(house, person_id, house.now + timedelta(minutes=3), is_fact=True)
    actions.register_meal(fact, by=CLERK, now=house.now)
    address = f"/canteen/exceptions/{fact.id}/second_serving"
    assert visit(Role.MANAGER, house.second_site_id).get(address).status_code == 403
    manager = visit(Role.MANAGER, house.site_id)
    assert "第二份按全价收费" in manager.get(address).text
    assert post(manager, address).status_code == 422
    assert post(manager, address, choice="other", words="").status_code == 422
    assert post(manager, address, choice="0", words="与窗口核对").status_code == 302
    settled = manager.get("/canteen/exceptions?state=settled").text
    assert "只计一次。 与窗口核对" in settled
    assert manager.get("/canteen/exceptions/not-an-id/second_serving").status_code == 404
    assert manager.get(f"/canteen/exceptions/{fact.id}/nonsense").status_code == 404


def test_whoever_usually_comes_and_has_not_is_listed(house: House, visit: Visit) -> None:
    regular, paused, seldom, here = (diner(house) for _ in range(4))
    for back in range(1, 6):
        then = house.now - timedelta(days=back)
        for person_id in (regular, paused, here):
            if back <= 4:
                eat(house, person_id, then)
        if back <= 2:
            eat(house, seldom, then)
    eat(house, here)
    today = clock.service_day(house.now)
    actions.pause_diner(paused, from_on=today, until_on=None, by=CLERK, now=house.now)
    manager = visit(Role.MANAGER, house.site_id)
    page = manager.get("/canteen/today?show=missing").text
    assert [n for n in house.people if f'href="/canteen/diners/{n}"' in page] == [regular]
    assert "1 人" in page
    assert (
        manager.get("/canteen/today?show=missing&sitting=dinner").text.count("/canteen/diners/")
        == 0
    )


def test_a_counter_sees_today_with_masked_names(house: House, visit: Visit) -> None:
    eat(house, diner(house))
    counter = visit(Role.COUNTER, house.site_id)
    page = counter.get("/canteen/today").text
    assert "王*华" in page
    assert "王秀华" not in page
    assert counter.get("/canteen/meals").status_code == 403
    assert "王秀华" in visit(Role.MANAGER, house.site_id).get("/canteen/today").text


def test_home_shows_the_days_work(house: House, visit: Visit) -> None:
    eat(house, diner(house, "minimum_living", until_on=date(2026, 11, 20)))
    page = visit(Role.MANAGER, house.site_id).get("/").text
    assert "/canteen/eligibilities?show=review" in page
    assert "/canteen/today?show=missing" in page
    assert "/canteen/exceptions" in page
    assert "/canteen/" not in visit(Role.TRAINER, house.site_id).get("/").text


@pytest.mark.parametrize(
    "address", ["/canteen/meals", "/canteen/today", "/canteen/today?show=missing", "/"]
)
def test_lists_take_as_many_queries_for_twenty_rows_as_for_two(
    house: House, app: Flask, visit: Visit, address: str
) -> None:
    clerk = visit(Role.CLERK)
    people = [diner(house, "minimum_living") for _ in range(20)]
    for person_id in people[:2]:
        eat(house, person_id)
    few = queries_of(app, clerk, address)
    for person_id in people[2:]:
        eat(house, person_id)
    assert queries_of(app, clerk, address) == few


def test_days_that_cannot_be_read_are_said_and_do_not_filter(house: House, visit: Visit) -> None:
    eat(house, diner(house))
    clerk = visit(Role.CLERK)
    page = clerk.get("/canteen/meals?from_on=gestern&until_on=2026-11-24").text
    assert 'aria-invalid="true"' in page
    assert "共 1 条" in page
    assert clerk.get("/canteen/meals?sitting=brunch&outcome=nonsense&page=abc").status_code == 200


def test_sittings_of_a_grace_at_midnight_stay_on_their_day(house: House, visit: Visit) -> None:
    person_id = diner(house)
    late = datetime(2026, 11, 24, 11, 15, tzinfo=UTC)  # 19:15, in the grace after dinner
    eat(house, person_id, late)
    assert db.session.scalars(sa.select(Meal.sitting)).all() == [Sitting.DINNER]
    assert "晚餐" in visit(Role.CLERK).get("/canteen/today?sitting=dinner").text
