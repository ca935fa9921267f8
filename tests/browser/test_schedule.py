"""Planning a class with a thumb, in a real browser: the pattern, the preview, and what the class is told."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import clock
from core.access import Role
from tests.browser.conftest import SIZES, Live
from tests.workshop import house as h
from tests.workshop.house import House
from workshop.actions.cohorts import CohortFacts, open_cohort

pytestmark = pytest.mark.browser


@pytest.fixture
def house(live: Live) -> House:
    """A workshop with a class under way in its one room every morning."""
    with live.app.app_context():
        made = h.build(clock.now())
        cohort_id = h.cohort(made, first=clock.service_day(clock.now()), sessions=5)
        h.enrolled(made, cohort_id, 2, joined_on=clock.service_day(clock.now()))
        return made


@pytest.fixture
def page(house: House, enter: Callable[..., Page]) -> Page:
    """A coordinator with a phone in her hand."""
    found = enter(Role.COORDINATOR, house.site_id)
    width, height = SIZES["phone"]
    found.set_viewport_size({"width": width, "height": height})
    return found


def looks_right(page: Page) -> None:
    """Nothing sticks out to the side, and nobody is kept out."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_class_is_planned_and_moved_with_a_thumb(page: Page, live: Live, house: House) -> None:
    today = clock.service_day(clock.now())
    with live.app.app_context():
        facts = CohortFacts(today, today, 20)
        row = open_cohort(house.course_id, facts, site_id=house.site_id,
                          by=house.actor(Role.COORDINATOR), now=clock.now())  # fmt: skip
        cohort_id = row.id
    page.goto(f"{live.url}/workshop/cohorts")
    looks_right(page)
    page.get_by_role("link", name="缝纫初级第 2 期").click()
    page.get_by_role("link", name="排课").click()
    for weekday in ("星期一", "星期二", "星期三", "星期四", "星期五"):
        slot = page.get_by_role("group", name=weekday)
        slot.get_by_label("上课").fill("0930")
        slot.get_by_label("下课").fill("11:00")
        slot.get_by_label("教室").select_option(str(house.room_id))
    page.get_by_label("按次数排").check()
    page.get_by_label("次数", exact=True).fill("7")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("heading", name="预览")).to_be_visible()
    expect(page.get_by_text("一号教室已被占用").first).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="去掉勾选的日期").click()
    expect(page.get_by_text("您选择不排").first).to_be_visible()
    page.get_by_role("button", name=re.compile("排 7 次课")).click()
    expect(page.locator(".notice-ok")).to_have_text("已排 7 次课。")
    looks_right(page)
    with live.app.app_context():
        session_id = h.sessions_of(cohort_id)[0]
    page.goto(f"{live.url}/workshop/sessions/{session_id}")
    looks_right(page)
    page.get_by_text("换教室", exact=True).click()
    page.locator("[name=room-room_id]").select_option("")
    page.locator("[name=room-reason]").fill("暖气检修")
    page.get_by_role("button", name="确定换教室").click()
    expect(page.get_by_text("换教室通知】")).to_be_visible()
    expect(page.get_by_text("原因：暖气检修")).to_be_visible()
    page.get_by_role("button", name="复制文字").click()
    expect(page.get_by_role("status")).to_have_text("已复制，请粘贴到群里。")
    looks_right(page)
    page.goto(f"{live.url}/workshop/calendar")
    looks_right(page)


def test_the_week_is_a_grid_on_a_desk_and_a_list_on_a_phone(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/workshop/calendar")
    expect(page.locator(".week-days")).to_be_visible()
    expect(page.locator(".week-grid")).to_be_hidden()
    width, height = SIZES["desktop"]
    page.set_viewport_size({"width": width, "height": height})
    expect(page.locator(".week-grid")).to_be_visible()
    expect(page.locator(".week-days")).to_be_hidden()
    looks_right(page)
