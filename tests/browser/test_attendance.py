"""A class under one thumb at 360 px: thirty learners, a lost network, own check-in, the office's correction."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core import clock
from core.access import Role
from core.accounts.models import User
from core.db import db, transaction
from core.people.models import Person
from tests.browser.conftest import SIZES, Live, check_wcag
from tests.workshop import house
from workshop.actions.attendance import mark
from workshop.models import Attendance, AttendanceMark, Cohort, Session
from workshop.values import AttendanceStatus, Mark, MarkSource

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
WIDTH, HEIGHT = SIZES["phone"]


@dataclass(frozen=True)
class Class:
    """A session that is on now, and those who stand on its sheet."""

    site_id: int
    session_id: int
    past_id: int
    people: list[int]
    names: list[str]
    digits: list[str]
    address: str


def phone_of(browser: Browser) -> BrowserContext:
    """A fresh browser on a phone, worked with a thumb."""
    fresh = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    fresh.set_default_timeout(10_000)
    return fresh


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """The trainer's phone."""
    fresh = phone_of(browser)
    yield fresh
    fresh.close()


@pytest.fixture
def group(live: Live) -> Class:
    """Thirty learners of a session that began twenty minutes ago."""
    now = clock.now()
    local = clock.local(now)
    starts = max(0, min(local.hour * 60 + local.minute - 20, 1440 - 180))
    with live.app.app_context():
        built = house.build(now)
        first = clock.service_day(now) - timedelta(days=60)
        cohort_id = house.cohort(built, sessions=5, first=first)
        people = house.enrolled(built, cohort_id, 30, joined_on=first)
        with transaction() as session:
            cohort = session.get_one(Cohort, cohort_id)
            cohort.ends_on = local.date()
            today = Session(
                cohort_id=cohort_id, on=local.date(), starts_min=starts, ends_min=starts + 180,
                taught_min=180, room_id=built.room_id, created_at=now,
            )  # fmt: skip
            session.add(today)
            session.flush()
            session_id = today.id
            rows = [session.get_one(Person, one) for one in people]
            names, digits = [row.name for row in rows], [str(row.phone)[-4:] for row in rows]
        past = house.sessions_of(cohort_id)[0]
    address = f"{live.url}/workshop/sessions/{session_id}/attendance"
    return Class(built.site_id, session_id, past, people, names, digits, address)


@pytest.fixture
def page(enter: Enter, live: Live, group: Class) -> Page:
    """The trainer's phone, one tap from her first page to the class that is on."""
    page = enter(Role.TRAINER, group.site_id)
    with live.app.app_context(), transaction() as session:
        user_id = session.scalars(sa.select(User.id).order_by(User.id.desc())).first()
        session.get_one(Session, group.session_id).trainer_id = user_id
    page.goto(live.url)
    page.get_by_role("link", name="今日课次").tap()
    page.wait_for_url(group.address)
    return page


def stands(live: Live, session_id: int) -> dict[int, AttendanceStatus]:
    with live.app.app_context():
        rows = db.session.scalars(sa.select(Attendance).where(Attendance.session_id == session_id))
        return {row.person_id: row.status for row in rows}


def choose(page: Page, person_id: int, status: str) -> None:
    page.locator(f"label[for=s-{person_id}-{status}]").tap()


def save_button(page: Page) -> None:
    page.locator("#save").tap()


def test_thirty_learners_are_marked_one_by_one_in_a_minute_and_one_request(
    page: Page, group: Class, live: Live
) -> None:
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    begun = time.monotonic()
    for n, person_id in enumerate(group.people):
        choose(page, person_id, "present" if n % 10 else "absent")
    expect(page.locator("#save")).to_contain_text("保存 30 项")
    expect(page.locator("[data-unmarked]")).to_have_text("0")
    save_button(page)
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    taken_s = time.monotonic() - begun
    assert posts == [group.address]
    assert taken_s < 60
    found = stands(live, group.session_id)
    assert len(found) == 30
    assert [found[one] for one in group.people[:2]] == [ABSENT, P]


def test_the_rest_is_present_with_one_tap_and_taken_back_with_another(
    page: Page, group: Class, live: Live
) -> None:
    late, away, excused = group.people[:3]
    choose(page, late, "late")
    page.locator(f"#p-{late} [data-set='10']").first.tap()
    choose(page, excused, "excused")
    page.locator(f"#p-{excused} [data-set='孩子生病']").tap()
    choose(page, away, "absent")
    expect(page.locator(f"#p-{late} [data-said]")).to_have_text("迟到 10 分钟")
    page.locator("#all").tap()
    expect(page.locator("[data-unmarked]")).to_have_text("0")
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    found = stands(live, group.session_id)
    assert [found[one] for one in group.people[:4]] == [LATE, ABSENT, EXCUSED, P]
    with live.app.app_context():
        sources = dict(db.session.execute(
            sa.select(AttendanceMark.source, sa.func.count()).group_by(AttendanceMark.source)
        ).tuples().all())  # fmt: skip
        reason = db.session.get_one(Attendance, (excused, group.session_id)).reason
    assert sources == {MarkSource.THUMB: 3, MarkSource.ALL_PRESENT: 27}
    assert reason == "孩子生病"
    page.locator("#undo").tap()
    expect(page.locator("[data-unmarked]")).to_have_text("30")
    assert stands(live, group.session_id) == {}


def test_rows_and_choices_are_as_large_as_a_thumb_and_nothing_sticks_out(
    page: Page, group: Class
) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    row = page.locator(f"#p-{group.people[0]}").bounding_box()
    choice = page.locator(f"label[for=s-{group.people[0]}-late]").bounding_box()
    bar = page.locator(".mark-bar").bounding_box()
    assert row is not None and choice is not None and bar is not None
    assert row["height"] >= 56
    assert choice["height"] >= 56
    assert choice["width"] >= 44
    assert bar["y"] + bar["height"] <= HEIGHT + 1
    page.locator("summary", has_text=group.names[0]).locator(".mark-name").tap()
    page.wait_for_timeout(200)
    check_wcag(page, page.url)


def test_the_pages_around_a_class_keep_nobody_out_at_any_size(
    page: Page, group: Class, live: Live
) -> None:
    choose(page, group.people[0], "absent")
    save_button(page)
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    session = f"/workshop/sessions/{group.session_id}"
    page.goto(f"{live.url}{session}/code")
    page.get_by_role("button", name="开放签到").tap()
    expect(page.locator("#digits")).to_be_visible()
    addresses = (
        f"{session}/attendance", f"{session}/code", f"{session}/sheet", f"{session}/walk-in",
        f"{session}/attendance/history", "/workshop/today", "/workshop/at-risk", "/check-in",
    )  # fmt: skip
    for address in addresses:
        page.goto(f"{live.url}{address}")
        check_wcag(page, page.url)
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)


def test_a_list_is_searched_by_initials(page: Page, group: Class) -> None:
    page.fill("#find", group.names[4])
    expect(page.locator(".mark-row:visible")).to_have_count(1)
    page.fill("#find", "lxy")
    expect(page.locator(".mark-row:visible")).to_have_count(30)
    page.fill("#find", "zz")
    expect(page.locator("#found-none")).to_be_visible()


def test_unsaved_marks_outlive_a_lost_network_and_a_reload(
    page: Page, group: Class, live: Live, context: BrowserContext
) -> None:
    first, second = group.people[:2]
    choose(page, first, "absent")
    choose(page, second, "present")
    context.set_offline(True)
    save_button(page)
    expect(page.locator("#told")).to_contain_text("连不上服务器")
    assert stands(live, group.session_id) == {}
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert str(first) in kept
    assert all(name not in kept for name in group.names)
    page.close()  # open, it would save by itself as soon as the network is back
    context.set_offline(False)
    page = context.new_page()
    page.goto(group.address)
    expect(page.locator("#told")).to_contain_text("2 项考勤还没有保存")
    expect(page.locator("#save")).to_contain_text("保存 2 项")
    save_button(page)
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    assert stands(live, group.session_id) == {first: ABSENT, second: P}
    assert page.evaluate("localStorage.length") == 0


def test_what_was_kept_is_saved_when_the_network_is_back(
    page: Page, group: Class, live: Live, context: BrowserContext
) -> None:
    choose(page, group.people[0], "present")
    context.set_offline(True)
    save_button(page)
    expect(page.locator("#told")).to_contain_text("连不上服务器")
    context.set_offline(False)
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    assert stands(live, group.session_id) == {group.people[0]: P}


def test_two_phones_that_differ_are_told_and_one_tap_settles_it(
    page: Page, group: Class, live: Live
) -> None:
    person_id = group.people[0]
    with live.app.app_context():
        by = house.House(group.site_id, 0, 0, 0, 0, 1, 2, 3, clock.now()).actor(Role.COORDINATOR)
        mark(group.session_id, [Mark(person_id, ABSENT)], session_version=1, source=MarkSource.THUMB,
             by=by, now=clock.now())  # fmt: skip
    choose(page, person_id, "present")
    save_button(page)
    expect(page.locator("#told")).to_contain_text("您选的是「出勤」")
    expect(page.locator("#told")).to_contain_text("「缺勤」")
    page.get_by_role("button", name="用我的").tap()
    save_button(page)
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    assert stands(live, group.session_id) == {person_id: P}


def test_a_session_moved_meanwhile_is_saved_for_its_new_time_with_one_tap(
    page: Page, group: Class, live: Live
) -> None:
    choose(page, group.people[0], "present")
    with live.app.app_context(), transaction() as session:
        row = session.get_one(Session, group.session_id)
        row.ends_min, row.taught_min, row.version = row.ends_min - 30, 150, 2
    save_button(page)
    expect(page.locator("#told")).to_contain_text("时间或教室变了")
    expect(page.locator("#save")).to_contain_text("保存 1 项")
    page.get_by_role("button", name="按新的时间保存这些考勤").tap()
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    assert stands(live, group.session_id) == {group.people[0]: P}


def test_the_form_works_without_a_script(
    browser: Browser, page: Page, group: Class, live: Live, context: BrowserContext
) -> None:
    plain = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", java_script_enabled=False
    )
    plain.add_cookies(context.cookies())  # type: ignore[arg-type]
    sheet = plain.new_page()
    sheet.goto(group.address)
    person_id = group.people[1]
    sheet.locator(f"label[for=s-{person_id}-late]").click()
    sheet.locator(f"#p-{person_id} .mark-name").click()
    sheet.fill(f"#l-{person_id}", "5")
    sheet.locator("#save").click()
    expect(sheet.locator(".notice").first).to_contain_text("已保存 1 项")
    assert stands(live, group.session_id) == {person_id: LATE}
    plain.close()


def test_a_learner_checks_in_on_her_own_phone_and_the_trainer_sees_her_come(
    browser: Browser, page: Page, group: Class, live: Live
) -> None:
    page.get_by_role("link", name="签到码").tap()
    page.get_by_role("button", name="开放签到").tap()
    code = page.locator("#digits").inner_text().replace(" ", "")
    page.get_by_role("link", name="返回名单").tap()
    hers = phone_of(browser)
    phone = hers.new_page()
    seen: list[str] = []
    phone.on("request", lambda one: seen.append(one.url))
    phone.goto(f"{live.url}/check-in#{code}")
    expect(phone.locator("#code")).to_have_value(code)
    phone.fill("#name", group.names[6])
    phone.fill("#last4", "0000")
    phone.get_by_role("button", name="我到了").tap()
    expect(phone.locator("[role=alert]")).to_contain_text("名单上没有这个姓名和手机后四位")
    expect(phone.locator("#name")).to_have_value(group.names[6])
    phone.fill("#last4", group.digits[6])
    phone.get_by_role("button", name="我到了").tap()
    expect(phone.locator("[data-state]")).to_contain_text("等老师确认")
    # The list of the trainer shows her without a reload, and the phone hears of it.
    expect(page.locator("#waiting")).to_contain_text(group.names[6])
    page.get_by_role("button", name="全部确认").tap()
    expect(page.locator("#waiting")).not_to_contain_text(group.names[6])
    expect(page.locator("[data-unmarked]")).to_have_text("29")
    expect(phone.locator("[data-state]")).to_contain_text("已确认")
    assert stands(live, group.session_id) == {group.people[6]: P}
    assert all(code not in url and group.digits[6] not in url for url in seen)
    hers.close()


def test_the_office_corrects_a_locked_mark_and_the_history_keeps_both(
    enter: Enter, group: Class, live: Live
) -> None:
    person_id = group.people[0]
    with live.app.app_context():
        meeting = db.session.get_one(Session, group.past_id)
        by = house.House(group.site_id, 0, 0, 0, 0, 1, 2, 3, clock.now()).actor(Role.TRAINER)
        mark(group.past_id, [Mark(person_id, ABSENT)], session_version=1, source=MarkSource.THUMB,
             by=by, now=meeting.starts_at + timedelta(minutes=20))  # fmt: skip
    office = enter(Role.CLERK)
    office.goto(f"{live.url}/workshop/sessions/{group.past_id}/attendance")
    expect(office.locator("main")).to_contain_text("已锁定")
    office.locator(f"#p-{person_id} .mark-name").tap()
    office.locator(f"#p-{person_id}").get_by_role("link", name="更正").tap()
    office.get_by_label("出勤", exact=True).check()
    office.get_by_role("button", name="确认更正").tap()
    expect(office.locator("[role=alert]")).to_be_visible()
    office.get_by_label("原因").fill("签到表有本人签名")
    office.get_by_role("button", name="确认更正").tap()
    expect(office.locator("tbody")).to_contain_text("签到表有本人签名")
    expect(office.locator("tbody tr").first).to_contain_text("锁定后")
    assert stands(live, group.past_id) == {person_id: P}
