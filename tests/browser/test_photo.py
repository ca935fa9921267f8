"""A photo and a consent on a resident's page, in a real browser, with and without JavaScript."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.people.actions import add_person
from core.people.values import Details
from tests.browser.conftest import Live
from tests.conftest import with_password
from tests.core.people.test_photos import with_place_and_device

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(with_place_and_device())
    return path


@pytest.fixture
def person(live: Live) -> str:
    """The address of somebody's page."""
    live.app.config["PHOTO_TIMEOUT_S"] = 30  # the browser beside it takes its share of the machine
    with live.app.app_context():
        added = add_person(Details("王秀华", no_id_reason="遗失"), by=SYSTEM, now=clock.now())
        return f"{live.url}/people/{added.id}"


def open_page(browser: Browser, live: Live, person: str, **options: object) -> Page:
    context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page = context.new_page()
    with live.app.app_context():
        user, password = add_user("li", "李经办", Role.CLERK, None, by=SYSTEM, now=clock.now())
        with_password(user)
    page.goto(f"{live.url}/sign-in")
    page.fill("input[name=name]", "li")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.goto(person)
    return page


@pytest.mark.parametrize("script", [True, False])
def test_a_photo_is_kept_replaced_and_removed(
    browser: Browser, live: Live, person: str, photo: Path, script: bool
) -> None:
    page = open_page(browser, live, person, java_script_enabled=script)
    for label in ("添加照片", "更换照片"):
        page.locator("summary", has_text=label).click()
        expect(page.get_by_label("现在拍照")).to_be_hidden()  # a mouse has no camera
        page.get_by_label("从文件选照片").set_input_files(photo)
        page.get_by_role("button", name="保存这张照片").click()
        shown = page.get_by_role("img", name="王秀华的照片")
        expect(shown).to_be_visible()
        if script:
            assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [360, 480]
    page.locator("summary", has_text="删除照片").click()
    page.get_by_role("button", name="删除照片").click()
    expect(page.get_by_role("img", name="王秀华的照片")).to_have_count(0)
    expect(page.locator(".notice-ok")).to_contain_text("照片已删除")
    page.context.close()


def test_a_phone_offers_its_camera(browser: Browser, live: Live, person: str, photo: Path) -> None:
    page = open_page(
        browser, live, person, has_touch=True, is_mobile=True,
        viewport={"width": 390, "height": 800},
    )  # fmt: skip
    page.locator("summary", has_text="添加照片").click()
    camera = page.get_by_label("现在拍照")
    assert camera.get_attribute("capture") == "environment"
    camera.set_input_files(photo)
    page.get_by_role("button", name="保存这张照片").click()
    expect(page.get_by_role("img", name="王秀华的照片")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_what_is_no_photo_is_said_where_it_was_chosen(
    browser: Browser, live: Live, person: str, tmp_path: Path
) -> None:
    page = open_page(browser, live, person)
    wrong = tmp_path / "photo.jpg"
    wrong.write_bytes(b"%PDF-1.7")
    page.locator("summary", has_text="添加照片").click()
    page.get_by_label("从文件选照片").set_input_files(wrong)
    page.get_by_role("button", name="保存这张照片").click()
    expect(page.locator(".field-error")).to_contain_text("不是 JPEG 或 PNG")
    expect(page.get_by_label("从文件选照片")).to_be_visible()
    page.context.close()


def test_the_page_has_no_accessibility_violation_with_everything_open(
    browser: Browser, live: Live, person: str, photo: Path
) -> None:
    page = open_page(browser, live, person)
    page.get_by_role("link", name="登记同意书").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.get_by_label("原件由谁保管").fill("社区档案柜第 3 盒")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("社区档案柜第 3 盒")
    page.locator("summary", has_text="添加照片").click()
    page.get_by_label("从文件选照片").set_input_files(photo)
    page.get_by_role("button", name="保存这张照片").click()
    page.locator("summary", has_text="撤回同意").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.context.close()
