"""A roster from Excel to the registry in a real browser: sent, looked at, mended, confirmed, found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from canteen.actions import ensure_categories
from core import clock
from core.access import SYSTEM, Role
from tests.browser.conftest import Live
from tests.core.people.conftest import build_street
from tests.core.people.roster.invented import Somebody, somebodies
from tests.core.people.test_imports import roster

pytestmark = pytest.mark.browser

WRONG = 4  # counted from 0; two lines stand above the first person


@pytest.fixture
def people() -> list[Somebody]:
    """Twelve invented people with names of their own, so that each can be found."""
    names = "甲乙丙丁戊己庚辛壬癸子丑"
    return [p.but(name=f"测{names[n]}兰") for n, p in enumerate(somebodies(12, seed=81))]


@pytest.fixture
def file(people: list[Somebody], tmp_path: Path) -> Path:
    """Their roster, with the check digit of one ID number written wrong."""
    right = people[WRONG].id_number
    written = list(people)
    written[WRONG] = people[WRONG].but(id_number=right[:-1] + ("1" if right[-1] != "1" else "2"))
    path = tmp_path / "农林二社区老年人花名册.xlsx"
    path.write_bytes(roster(written, diets="低盐"))
    return path


@pytest.fixture
def page(live: Live, enter: Callable[..., Page]) -> Page:
    """A clerk at home, in a street with two communities and one canteen."""
    with live.app.app_context():
        build_street()
        ensure_categories(by=SYSTEM, now=clock.now())
    return enter(Role.CLERK)


def send(page: Page, file: Path) -> None:
    """From the home page to the preview, the way a person goes."""
    page.get_by_role("navigation", name="主菜单").first.get_by_role("link", name="居民").click()
    page.get_by_role("link", name="导入").first.click()
    page.get_by_label("名册").set_input_files(file)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()


def test_a_roster_is_sent_mended_and_confirmed_and_its_people_are_found(
    page: Page, live: Live, file: Path, people: list[Somebody]
) -> None:
    wrong = people[WRONG]
    send(page, file)
    row = page.locator(".import-row")
    expect(row).to_have_count(1)
    cell = f"B{WRONG + 3}"
    expect(row).to_contain_text(f"第 {WRONG + 3} 行")
    expect(row.locator("strong")).to_have_text(cell)
    expect(row).to_contain_text("身份证号有一位不对")
    expect(page.get_by_role("button", name="导入 12 人")).to_have_count(0)
    row.get_by_label("身份证号").fill(wrong.id_number)
    row.get_by_role("button", name="保存修改").click()
    expect(page.locator(".import-row")).to_have_count(0)
    page.get_by_role("button", name="导入 12 人").click()
    expect(page.locator(".notice-ok")).to_contain_text("新增 12")
    search = page.get_by_role("searchbox")
    search.fill(wrong.name)
    search.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=wrong.name).click()
    expect(page.get_by_role("heading", name=wrong.name)).to_be_visible()
    expect(page.locator("main")).to_contain_text(wrong.id_number[-4:])
    expect(page.locator("main")).not_to_contain_text(wrong.id_number)
    page.get_by_role("link", name="居民").last.click()
    search.fill(wrong.id_number)
    search.press("Enter")
    expect(page.get_by_role("heading", name=wrong.name)).to_be_visible()
    assert wrong.id_number not in page.url


def test_what_was_typed_stays_wrong_until_it_is_right(
    page: Page, live: Live, file: Path, people: list[Somebody]
) -> None:
    send(page, file)
    row = page.locator(".import-row")
    row.get_by_label("身份证号").fill("12345")
    row.get_by_role("button", name="保存修改").click()
    expect(page.locator(".import-row")).to_contain_text("5")
    expect(page.locator(".import-row").get_by_label("身份证号")).to_have_value("12345")
    page.locator(".import-row summary").click()
    page.locator(".import-row").get_by_label("原因").fill("证件在子女处")
    page.get_by_role("button", name="按无身份证号导入").click()
    page.get_by_role("button", name="导入 12 人").click()
    expect(page.locator(".notice-ok")).to_contain_text("新增 12")


@pytest.mark.parametrize("width", [360, 1440])
def test_the_preview_has_no_accessibility_violation(page: Page, file: Path, width: int) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    send(page, file)
    page.locator(".import-row summary").click()
    page.set_viewport_size({"width": width, "height": 800})
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_preview_is_not_wider_than_a_phone(page: Page, file: Path) -> None:
    send(page, file)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
