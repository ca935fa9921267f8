"""What pages say of a submitted month: asked before voiding, told in lists, history and on the meal."""

import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from canteen import actions
from canteen.actions import ByPerson
from canteen.models import Meal, MealAdjustment
from canteen.values import Sitting, WayOfRecording
from core.access import Role
from core.db import db, new_id
from tests.canteen.house import CLERK, House, build, diner, issue, scan, submit
from tests.canteen.pages import Visit, Visitor, post, queries_of
from tests.conftest import both_engines

OCTOBER = datetime(2026, 10, 20, 3, 42, tzinfo=UTC)
SAID = "已报送月份，更正计入 2026-11"
ASKED = "2026-10 已报送，不再改动。这笔更正计入 2026-11"


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def eat(house: House, person_id: int) -> UUID:
    found = actions.register_meal(scan(house, person_id, OCTOBER), by=CLERK, now=OCTOBER)
    return UUID(found.answer["event_id"])


def from_paper(house: House, person_id: int) -> UUID:
    late = scan(
        house, person_id, who=ByPerson(person_id), day=date(2026, 10, 21), sitting=Sitting.LUNCH,
        recording=WayOfRecording.PAPER, late_reason="停电",
    )  # fmt: skip
    assert actions.register_meal(late, by=CLERK, now=house.now).outcome == "served"
    return late.id


def october(visitor: Visitor, outcome: str) -> str:
    address = f"/canteen/meals?from_on=2026-10-01&until_on=2026-10-31&outcome={outcome}"
    return visitor.get(address).text


@both_engines
def test_voiding_in_a_submitted_month_says_where_it_will_be_booked(
    house: House, visit: Visit
) -> None:
    event_id = eat(house, diner(house, "minimum_living"))
    manager = visit(Role.MANAGER, house.site_id)
    assert "更正计入" not in manager.get(f"/canteen/meals/{event_id}").text
    submit("2026-10")
    assert ASKED in manager.get(f"/canteen/meals/{event_id}").text
    assert ASKED in manager.get(f"/canteen/meals/{event_id}/move").text
    answer = post(
        manager, f"/canteen/meals/{event_id}/void", event_id=str(new_id()), reason="刷错卡"
    )
    assert answer.status_code == 302
    page = manager.get(answer.location).text
    assert "已作废。2026-10 按报送时保持不变，更正计入 2026-11。" in page
    assert "报送后查明的更正计入 2026-11" in page
    assert "人次 -1" in page and "-¥8.00" in page and "刷错卡" in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 1


@both_engines
def test_list_shows_what_counts_and_where_it_is_booked(house: House, visit: Visit) -> None:
    gone, kept = (eat(house, diner(house, "minimum_living")) for _ in range(2))
    submit("2026-10")
    actions.void_meal(gone, void_id=new_id(), reason="误扫", by=CLERK, now=house.now)
    late = from_paper(house, diner(house))
    clerk = visit(Role.CLERK)
    links = {name: f"/canteen/meals/{id}" for name, id in
             (("gone", gone), ("kept", kept), ("late", late))}  # fmt: skip
    shown = {
        outcome: {name for name, link in links.items() if link in october(clerk, outcome)}
        for outcome in ("served", "meal", "voided", "parked")
    }
    assert shown == {
        "served": {"kept", "late"}, "meal": {"kept", "late"}, "voided": {"gone"}, "parked": set(),
    }  # fmt: skip
    assert october(clerk, "meal").count(SAID) == 1
    assert october(clerk, "voided").count(SAID) == 1
    # Two meals of ¥12, one with ¥8 of subsidy: what is owed now, not what was submitted.
    sums = october(clerk, "served").replace("\n", "")
    assert "<strong>2</strong> 人次 · <strong>2</strong> 人" in sums
    assert "¥24.00" in sums and "¥8.00" in sums and "¥16.00" in sums
    by_category = "/canteen/meals?from_on=2026-10-01&until_on=2026-10-31&category=general"
    assert links["late"] in clerk.get(by_category).text
    address = "/canteen/meals.xlsx?from_on=2026-10-01&until_on=2026-10-31&outcome="
    columns = ("结果", "享受补贴类别", "年龄", "餐费", "市级补贴", "补贴", "个人自付")
    assert sheet(clerk, f"{address}served", columns) == [
        ("补贴用餐", "普通", 76.0, 12.0, 0.0, 0.0, 12.0), ("补贴用餐", "低保", 76.0, 12.0, 5.0, 8.0, 4.0),
    ]  # fmt: skip
    assert sheet(clerk, f"{address}voided", columns) == [("已作废", "", "", "", "", "", "")]


def sheet(visitor: Visitor, address: str, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Some columns of an exported list."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(visitor.get(address).data))
    head, *rows = book.get_sheet_by_index(0).to_python()
    return [tuple(row[head.index(name)] for name in columns) for row in rows]


def test_late_meal_says_why_it_costs_what_it_costs(house: House, visit: Visit) -> None:
    submit("2026-10")
    event_id = from_paper(house, diner(house, "minimum_living"))
    page = visit(Role.CLERK).get(f"/canteen/meals/{event_id}").text
    for text in (
        "为什么是这个金额",
        "低保",
        '− <span class="money">¥5.00',
        "76",
        "人次 +1",
        "停电",
    ):
        assert text in page, text
    assert "此条在核实之前不计入任何统计" not in page


@both_engines
def test_history_of_a_person_tells_it(house: House, visit: Visit) -> None:
    person_id = diner(house, "minimum_living")
    event_id = eat(house, person_id)
    submit("2026-10")
    from_paper(house, person_id)
    clerk = visit(Role.CLERK)
    addresses = (f"/canteen/diners/{person_id}", f"/people/{person_id}")
    assert [clerk.get(address).text.count(SAID) for address in addresses] == [1, 1]
    actions.void_meal(event_id, void_id=new_id(), reason="误扫", by=CLERK, now=house.now)
    for address in addresses:
        page = clerk.get(address).text
        assert page.count(SAID) == 2 and "已作废" in page


def test_matter_of_a_submitted_month_names_the_serving_that_counts(
    house: House, visit: Visit
) -> None:
    person_id = diner(house)
    first = eat(house, person_id)
    later = scan(house, person_id, OCTOBER.replace(minute=50), is_fact=True)
    actions.register_meal(later, by=CLERK, now=OCTOBER.replace(minute=55))
    submit("2026-10")
    clerk = visit(Role.CLERK)
    matter = f"/canteen/exceptions/{later.id}/second_serving"
    assert clerk.get(matter).text.count("计入</span>") == 1
    actions.void_meal(first, void_id=new_id(), reason="误扫", by=CLERK, now=house.now)
    assert clerk.get(matter).status_code == 404
    page = clerk.get(f"/canteen/meals/{later.id}").text
    assert "¥12.00" in page and "此条在核实之前不计入任何统计" not in page
    # Both servings cost the same, so nothing was booked, and the month stands as it was submitted.
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MealAdjustment)) == 0


@pytest.mark.parametrize("address", ["/canteen/meals?from_on=2026-10-01", "/canteen/diners/{0}"])
def test_adjustments_cost_no_query_a_row(
    house: House, app: Flask, visit: Visit, address: str
) -> None:
    people = [diner(house) for _ in range(8)]
    events = [eat(house, person_id) for person_id in people]
    submit("2026-10")
    clerk = visit(Role.CLERK)
    address = address.format(people[0])
    few = queries_of(app, clerk, address)
    for event_id in events:
        actions.void_meal(event_id, void_id=new_id(), reason="误扫", by=CLERK, now=house.now)
    for person_id in people:
        from_paper(house, person_id)
    assert queries_of(app, clerk, address) == few


@both_engines
def test_report_says_what_came_in_after_it_was_issued(house: House, visit: Visit) -> None:
    gone, _kept = (eat(house, diner(house)) for _ in range(2))
    report_id = issue("2026-10", now=house.now)
    clerk = visit(Role.CLERK)
    said = "条记录在本报告出具之后补入或更改"
    assert said not in clerk.get(f"/reports/{report_id}").text
    actions.void_meal(gone, void_id=new_id(), reason="误扫", by=CLERK, now=house.now)
    assert f"本期有 1 {said}" in clerk.get(f"/reports/{report_id}").text
