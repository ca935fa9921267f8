"""Attaching papers from a phone: with our script, without it, and what it says beforehand."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from canteen.evidence import subject_of
from canteen.models import Eligibility
from core import clock
from core.access import Role
from core.db import db
from core.evidence.actions import list_of
from tests.browser.conftest import Live
from tests.canteen.house import build, diner
from tests.core.evidence.papers import pdf, photo

pytestmark = pytest.mark.browser


@pytest.fixture
def person_id(live: Live) -> int:
    with live.app.app_context():
        return diner(build(clock.now()))


@pytest.fixture
def papers(tmp_path: Path) -> list[str]:
    for name, content in (("a.jpg", photo()), ("b.pdf", pdf(pages=2)), ("c.pdf", b"MZ")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "large.jpg").write_bytes(b"\xff\xd8\xff" + b"\0" * (10 << 20))
    return [str(tmp_path / name) for name in ("a.jpg", "b.pdf", "c.pdf", "large.jpg")]


def kept(live: Live) -> list[str]:
    with live.app.app_context():
        paper = db.session.scalars(db.select(Eligibility)).one()
        return [row.title for row in list_of(subject_of(paper))]


def test_papers_are_attached_and_opened(
    live: Live, enter: Callable[..., Page], person_id: int, papers: list[str]
) -> None:
    page = enter(Role.CLERK)
    page.goto(f"{live.url}/canteen/diners/{person_id}")
    page.get_by_text("上传附件", exact=True).click()
    page.set_input_files("input[name=files]", papers[:3])
    expect(page.locator(".evidence-chosen")).to_contain_text("已选 3 个文件")
    page.locator(".evidence-add input[name=title]").fill("低保证")
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".notice-ok")).to_contain_text("已上传附件 2 份")
    expect(page.locator(".notice-bad")).to_contain_text("从内容看")
    assert kept(live) == ["低保证 1", "低保证 2"]
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="低保证 1").click()
    picture = opened.value.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [900, 1200]


def test_a_file_too_large_is_named_before_it_is_sent(
    live: Live, enter: Callable[..., Page], person_id: int, papers: list[str]
) -> None:
    page = enter(Role.CLERK)
    page.goto(f"{live.url}/canteen/diners/{person_id}")
    page.get_by_text("上传附件", exact=True).click()
    page.set_input_files("input[name=files]", papers)
    expect(page.locator(".evidence-bad")).to_have_text("large.jpg 超过 10 MB，不能上传。")


def test_a_line_that_breaks_keeps_what_was_chosen(
    live: Live, enter: Callable[..., Page], person_id: int, papers: list[str]
) -> None:
    page = enter(Role.CLERK)
    page.goto(f"{live.url}/canteen/diners/{person_id}")
    page.get_by_text("上传附件", exact=True).click()
    page.set_input_files("input[name=files]", papers[:1])
    page.route("**/evidence/**", lambda route: route.abort())
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("[data-evidence-progress]")).to_contain_text("文件仍在这里选着")
    page.unroute("**/evidence/**")
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".notice-ok")).to_contain_text("已上传附件 1 份")
    assert kept(live) == ["a"]


def test_it_works_without_script(
    live: Live, browser: Browser, enter: Callable[..., Page], person_id: int, papers: list[str]
) -> None:
    cookies = enter(Role.CLERK).context.cookies()
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN", has_touch=True)
    plain.add_cookies(cookies)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{live.url}/canteen/diners/{person_id}")
    page.get_by_text("上传附件", exact=True).click()
    page.set_input_files("input[name=photo]", papers[0])
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".notice-ok")).to_contain_text("已上传附件 1 份")
    plain.close()
    assert kept(live) == ["a"]


def test_papers_and_columns_have_no_accessibility_violation(
    live: Live, enter: Callable[..., Page], person_id: int, papers: list[str]
) -> None:
    page = enter(Role.CLERK)
    page.goto(f"{live.url}/canteen/diners/{person_id}")
    page.get_by_text("上传附件", exact=True).click()
    page.set_input_files("input[name=files]", papers[:1])
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".notice-ok")).to_be_visible()
    page.get_by_text("上传附件", exact=True).click()
    for block in (".evidence", "#content"):
        results = Axe().run(page, context=block)
        assert results.violations_count == 0, results.generate_report()
        page.goto(f"{live.url}/office/report-columns")
