"""The workshop's report of a month as the office meets it: read, explained, opened, issued and downloaded."""

from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from core import clock
from core.access import Role
from core.reports import layout
from core.reports.values import Output
from tests.browser.conftest import SIZES, Desk, Live
from tests.browser.test_reports import explain, issue
from tests.conftest import NOON
from tests.core.reports import stand_ins
from tests.workshop import house, told
from tests.workshop.test_report_life import small_october, text_of

pytestmark = pytest.mark.browser


def test_a_month_of_the_workshop_is_checked_opened_issued_and_read_on_paper(
    live: Live, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock of all threads, for the server has its own.
    monkeypatch.setattr(clock, "_fixed", ContextVar("fixed_clock", default=NOON))
    draw_the_submission_alone(monkeypatch)
    with live.app.app_context():
        people, sessions = small_october(house.build(NOON))
        told.mark(people[0], sessions[0], None)  # one line that nobody filled in
    clerk, reviewer = desk(Role.CLERK), desk(Role.REVIEWER)
    page = clerk.page

    clerk.go("/reports")
    page.get_by_label("报告与范围").select_option("workshop:all")
    clerk.click("打开草稿")
    expect(page.locator("h1")).to_contain_text("2026年10月")
    address = page.url.removeprefix(live.url)
    clerk.sees("才能出具")
    expect(page.locator("#todo-head")).to_be_visible()
    assert explain(clerk, "已与签到表核对。") > 0
    clerk.sees("已说明")

    # One figure on a phone, down to the rows it was counted from.
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    page.locator("a[href$='/figures/head.visits']").first.click()
    expect(page.locator(".figure-big")).to_have_text("8 人次")
    clerk.sees("按以下明细重新计数：一致")
    expect(page.locator("tbody tr")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    clerk.is_clean()

    width, height = SIZES["desktop"]
    page.set_viewport_size({"width": width, "height": height})
    issue(live, clerk, reviewer, address)
    with page.expect_download() as download:
        page.get_by_role("link", name="报送版").click()
    # This month, the month before, and the year.
    assert "培训人次808" in text_of(Path(download.value.path()).read_bytes())


def draw_the_submission_alone(patch: pytest.MonkeyPatch) -> None:
    """The other two papers are drawn by the same hand, and would cost as long again."""
    drawn = layout.pdf_of
    stand_ins.put_in(patch)

    def pdf_of(kind: Any, built: Any, paper: Any, progress: Any) -> tuple[bytes, int]:
        draw = drawn if paper.output is Output.SUBMISSION else stand_ins.pdf_of
        return draw(kind, built, paper, progress)

    patch.setattr(layout, "pdf_of", pdf_of)
