"""From an application to a certificate on a phone, and a stranger who verifies it."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from core import clock
from core.access import Role
from core.db import db, transaction
from core.jobs import work_off
from tests.browser.conftest import SIZES, Live
from tests.workshop import house as h
from workshop.certificate_codes import grouped, token_of
from workshop.models import Attendance, Certificate, CertificateNumber, Cohort, Enrolment
from workshop.values import AttendanceStatus, CohortState, EnrolmentState, MarkSource

pytestmark = pytest.mark.browser


def held(live: Live, people: list[int], cohort_id: int) -> None:
    """Everybody was present in every session."""
    with transaction() as session:
        for session_id in h.sessions_of(cohort_id):
            session.add_all([
                Attendance(
                    person_id=person_id, session_id=session_id, cohort_id=cohort_id, taught_min=180,
                    status=AttendanceStatus.PRESENT, credited_min=180, source=MarkSource.THUMB,
                    marked_at=h.FIRST_AT, marked_by_name="zheng",
                )
                for person_id in people
            ])  # fmt: skip


def told(page: Page, text: str) -> None:
    """The notice that says so; the same words are announced to screen readers besides."""
    expect(page.locator(".notice", has_text=text)).to_be_visible()


def test_a_class_is_admitted_assessed_completed_and_certified_on_a_phone(
    live: Live, browser: Browser, enter: Callable[..., Page]
) -> None:
    with live.app.app_context():
        house = h.build(clock.now())
        today = clock.service_day(clock.now())
        first = today.replace(day=1).replace(year=today.year - 1)
        cohort_id = h.cohort(house, capacity=2, first=first, state=CohortState.RUNNING)
        people = [h.learner(house, name) for name in ("赵月娥", "钱淑芬")]
    page = enter(Role.COORDINATOR, house.site_id)
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    places = f"{live.url}/workshop/cohorts/{cohort_id}/enrolments"
    for name in ("赵月娥", "钱淑芬"):
        page.goto(f"{places}/new")
        page.fill("input[name=q]", name)
        page.press("input[name=q]", "Enter")
        page.get_by_role("button", name="报名", exact=True).click()
        told(page, f"{name}已报名")
    page.goto(places)
    for box in page.locator("label.pick").all():
        box.click()
    page.get_by_role("button", name="审核通过所选").click()
    told(page, "2 人审核通过")
    for box in page.locator("label.pick").all():
        box.click()
    page.get_by_role("button", name="所选开始培训").click()
    told(page, "2 人开始培训")
    with live.app.app_context():
        held(live, people, cohort_id)

    page.goto(f"{live.url}/workshop/cohorts/{cohort_id}/assessments")
    page.locator("input.mark").first.focus()
    page.keyboard.type("85")
    page.keyboard.press("Enter")  # down the column, not sent yet
    page.keyboard.type("92")
    page.get_by_role("button", name="保存成绩").click()
    told(page, "已登记 2 条成绩")

    page.goto(f"{live.url}/workshop/cohorts/{cohort_id}/completion")
    expect(page.get_by_text("可结业")).to_have_count(2)
    page.get_by_role("button", name="认定所选学员").click()
    told(page, "结业 2 人")
    page.get_by_role("link", name="去发证").click()
    page.get_by_role("button", name="为所选发证").click()
    told(page, "已发出 2 份证书")
    page.get_by_role("button", name="打印所选").click()
    page.wait_for_url(re.compile("/jobs/"))
    with live.app.app_context():
        assert work_off() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("结业证书.*pdf")).click()
    assert download.value.path().read_bytes().startswith(b"%PDF")

    with live.app.app_context():
        states = {row.state for row in db.session.scalars(sa.select(Enrolment))}
        assert states == {EnrolmentState.COMPLETED}
        assert db.session.get_one(Cohort, cohort_id).seats_used == 2
        [row, _other] = db.session.scalars(sa.select(Certificate).order_by(Certificate.number))
        number = db.session.get_one(CertificateNumber, row.number)
        code = grouped(token_of(number.year, number.serial, number.number))
    stranger = browser.new_context(locale="zh-CN").new_page()
    stranger.goto(f"{live.url}/certificates/verify")
    stranger.fill("input[name=code]", code.lower())
    stranger.press("input[name=code]", "Enter")
    expect(stranger.get_by_text("这份证书有效")).to_be_visible()
    expect(stranger.get_by_text("赵月娥")).to_be_visible()
    stranger.context.close()
