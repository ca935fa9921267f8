"""A coordinator with a phone: she writes a meeting down, and its next step waits until it is done."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import clock
from core.access import Role
from core.db import db
from tests.browser.conftest import Live
from tests.workshop import house
from workshop.models import GuidanceMeeting

pytestmark = pytest.mark.browser


def looks_right(page: Page) -> None:
    """Nothing sticks out to the side, and nobody is kept out."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_meeting_is_written_down_with_one_hand(live: Live, enter: Callable[..., Page]) -> None:
    with live.app.app_context():
        workshop = house.build(clock.now())
        house.learner(workshop, "王桂兰")
    page = enter(Role.COORDINATOR, workshop.site_id)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="创业指导待办").click()
    page.get_by_role("link", name="登记创业指导").first.click()
    page.get_by_label("学员").fill("桂兰")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="王桂兰").click()
    page.get_by_label("指导主题").fill("办理执照")
    page.get_by_label("下一步").fill("带租房合同到窗口核名")
    page.get_by_role("button", name="保存指导记录").click()
    looks_right(page)
    # Its day is missing: said beside the field, and nothing that was typed is gone.
    expect(page.get_by_text("请填写下一步的期限")).to_be_visible()
    expect(page.get_by_label("指导主题")).to_have_value("办理执照")
    today = clock.service_day(clock.now()).isoformat()
    page.get_by_label("完成期限").fill(today)
    page.get_by_role("button", name="保存指导记录").click()
    expect(page.locator("#content").get_by_text("已登记对王桂兰的指导")).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name="全部创业指导").click()
    waiting = page.get_by_role("listitem").filter(has_text="带租房合同到窗口核名")
    expect(waiting.get_by_text("今天到期")).to_be_visible()
    looks_right(page)
    for button in waiting.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    waiting.get_by_role("button", name="完成").click()
    expect(page.get_by_text("没有待办的下一步")).to_be_visible()
    with live.app.app_context():
        row = db.session.scalars(sa.select(GuidanceMeeting)).one()
        assert (row.topic, row.next_done_on is not None) == ("办理执照", True)


def test_a_venture_is_led_to_its_licence_on_a_phone(live: Live, enter: Callable[..., Page]) -> None:
    with live.app.app_context():
        workshop = house.build(clock.now())
        person_id = house.learner(workshop, "王桂兰")
    today = clock.service_day(clock.now()).isoformat()
    page = enter(Role.COORDINATOR, workshop.site_id)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live.url}/workshop/learners/{person_id}/guidance")
    page.get_by_role("link", name="新增创业项目").click()
    page.get_by_label("项目名称").fill("李姐改衣铺")
    page.get_by_role("button", name="保存").click()
    stage = page.locator("details").filter(has=page.locator("summary", has_text="已领照"))
    stage.locator("summary").click()
    stage.get_by_label("领照日期").fill(today)
    stage.get_by_role("button", name="已领照").click()
    # The number is missing: the form is open again, and the day still there.
    expect(stage.get_by_label("领照日期")).to_have_value(today)
    looks_right(page)
    stage.get_by_label("执照号码").fill("92130499MA0EXAMPLE")
    stage.get_by_role("button", name="已领照").click()
    expect(page.get_by_role("link", name="登记她的就业")).to_be_visible()
    page.locator("summary", has_text="申请贷款").click()
    page.get_by_label("贷款银行").fill("示例农商银行")
    page.get_by_label("申请金额").fill("10,0000")
    page.get_by_role("button", name="保存申请").click()
    expect(page.locator("#content").get_by_text("¥100,000.00")).to_be_visible()
    looks_right(page)
    page.goto(f"{live.url}/workshop/ventures")
    looks_right(page)
