"""From a vacancy to a verified job and its follow-up, with a thumb on a phone of 390 px."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import clock
from core.access import Role
from core.db import db
from tests.browser.conftest import Live
from tests.core.evidence.papers import photo
from tests.workshop import house, jobs
from tests.workshop.house import House
from workshop.models import FollowUp, Placement
from workshop.values import FollowUpOutcome, PlacementState

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def workshop(live: Live) -> House:
    with live.app.app_context():
        return house.build(clock.now())


def harmless(page: Page) -> None:
    """Nothing that axe finds grave, and nothing wider than the phone."""
    found = Axe().run(page)
    grave = [
        one["id"]
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_one_woman_is_brought_into_a_verified_job(
    live: Live, enter: Callable[..., Page], workshop: House, tmp_path: Path
) -> None:
    with live.app.app_context():
        person_id = house.learner(workshop, "王桂兰")
        vacancy_id = jobs.vacancy(workshop)
    contract = tmp_path / "contract.jpg"
    contract.write_bytes(photo())
    page = enter(Role.COORDINATOR, workshop.site_id)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live.url}/workshop/vacancies/{vacancy_id}")
    harmless(page)
    page.get_by_role("button", name="推荐王桂兰").click()
    page.get_by_role("link", name="王桂兰").click()
    for step in ("面试", "录用", "到岗"):
        page.locator(".next-step").get_by_role("button", name=step).click()
        expect(page.locator(".moves li").last).to_contain_text(step)
    harmless(page)
    page.get_by_role("link", name="去上传材料").click()
    page.get_by_text("上传附件", exact=True).click()
    page.set_input_files("input[name=files]", str(contract))
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".notice-ok")).to_contain_text("已上传附件")
    page.get_by_role("button", name="核实").click()
    expect(page.locator(".notice-ok")).to_contain_text("已核实，计入本月")
    with live.app.app_context():
        row = db.session.scalars(db.select(Placement)).one()
        assert (row.person_id, row.state) == (person_id, PlacementState.VERIFIED)


def test_a_follow_up_is_made_with_one_hand(
    live: Live, enter: Callable[..., Page], workshop: House
) -> None:
    with live.app.app_context():
        today = clock.service_day(clock.now())
        person_id = house.learner(workshop, "孙巧玲")
        found = jobs.at_work(workshop, person_id, started_on=today - timedelta(days=33))
    page = enter(Role.COORDINATOR, workshop.site_id)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("navigation").get_by_role("link", name="回访").last.click()
    harmless(page)
    row = page.locator(".work-row")
    expect(row).to_have_count(1)
    box = row.bounding_box()
    assert box is not None
    assert box["height"] >= 56
    row.get_by_role("link", name="孙巧玲").click()
    expect(page.locator("a[href^='tel:']")).to_have_count(0)
    page.get_by_role("button", name="打电话").click()
    expect(page.locator("a[href='tel:13900000000']")).to_be_visible()
    harmless(page)
    page.get_by_text("仍在原单位").click()
    page.locator("[name='outcome-note']").fill("活不重")
    page.get_by_role("button", name="保存结果").click()
    expect(page.get_by_text("今天没有要回访的人")).to_be_visible()
    with live.app.app_context():
        settled = db.session.get_one(FollowUp, (person_id, found, 30))
        assert (settled.outcome, settled.note) == (FollowUpOutcome.SAME_EMPLOYER, "活不重")
