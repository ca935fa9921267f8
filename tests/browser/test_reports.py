"""The report of a month as people meet it: from the draft to a stranger with a paper in the hand."""

import io
from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import expect

from canteen import actions
from core import clock, jobs
from core.access import Role
from core.clock import Month
from core.db import db
from core.reports.models import IssuedReport, ReportFile
from tests.browser.conftest import Desk, Live
from tests.canteen import house
from tests.core.reports import stand_ins

pytestmark = pytest.mark.browser
# Papers are drawn by the test's own thread, while the server answers.
ISSUE_WITHIN_MS = 60_000


def last_month(live: Live) -> Month:
    """Two diners and last month's lunches: one of them on a paper that ran out on the fifth."""
    now = clock.now()
    month = Month.of(clock.service_day(now)).previous()
    with live.app.app_context():
        built = house.build(now)
        poor = house.diner(built, "minimum_living", until_on=month.first + timedelta(days=4))
        aged = house.diner(built, birth_on=month.first.replace(year=1940))
        for number in range(8):
            moment = clock.moment_of(month.first + timedelta(days=number), time(11, 42))
            for person_id in (poor, aged):
                actions.register_meal(
                    house.scan(built, person_id, moment), by=house.CLERK, now=moment
                )
    return month


def signed_page() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (236, 232, 224)).save(file, "JPEG")
    return file.getvalue()


def work(live: Live) -> None:
    """What the worker does."""
    with live.app.app_context():
        jobs.work_off()
        db.session.remove()


def issued(live: Live, revision: int) -> tuple[str, bytes]:
    """The code on the paper of a revision, and the PDF for the bureau."""
    with live.app.app_context():
        row = db.session.scalars(
            sa.select(IssuedReport).where(IssuedReport.revision == revision)
        ).one()
        file = db.session.scalars(
            sa.select(ReportFile).where(
                ReportFile.report_id == row.id, ReportFile.output == "submission"
            )
        ).one()
        return row.token, file.content


def explain(clerk: Desk, words: str = "资格年审材料已交，下月初补办。") -> int:
    """Write a word about each finding that wants one; returns how many did."""
    count = 0
    while (waiting := clerk.page.locator(".finding", has_text="需要说明")).count():
        waiting.first.locator("textarea").fill(words)
        waiting.first.get_by_role("button", name="保存说明").click()
        clerk.page.wait_for_load_state()
        count += 1
    return count


def issue(live: Live, clerk: Desk, reviewer: Desk, address: str) -> None:
    """Reviewed by one, issued by another; both see how far it is."""
    reviewer.go(address)
    reviewer.click("确认复核")
    reviewer.sees("由您复核")
    clerk.go(address)
    clerk.click("出具")
    expect(clerk.page.locator("#issuing progress")).to_be_visible()
    reviewer.go(address)
    expect(reviewer.page.locator("#issuing progress")).to_be_visible()
    work(live)
    for desk in (clerk, reviewer):
        expect(desk.page.locator("#files-head")).to_be_visible(timeout=ISSUE_WITHIN_MS)


def test_a_month_is_issued_corrected_submitted_and_verified(
    live: Live, desk: Callable[..., Desk]
) -> None:
    month = last_month(live)
    clerk, reviewer, stranger = desk(Role.CLERK), desk(Role.REVIEWER), desk()

    # The draft, and what is to be settled in it.
    clerk.go("/reports")
    clerk.is_clean()
    clerk.click("打开草稿")
    expect(clerk.page.locator("h1")).to_contain_text(f"{month.year}年{month.month}月")
    address = clerk.page.url.removeprefix(live.url)
    clerk.sees("才能出具")
    assert explain(clerk) > 0
    clerk.sees("已说明")
    clerk.is_clean()

    issue(live, clerk, reviewer, address)
    clerk.is_clean()

    # Three figures, down to the meal behind them.
    for key in ("head.visits", "head.subsidy"):
        clerk.go(f"{address}/figures/{key}")
        clerk.sees("按以下明细重新计数：一致")
        clerk.is_clean()
    clerk.go(f"{address}/figures/head.people")
    clerk.page.locator("tbody .row-link").first.click()
    clerk.page.locator("tbody .row-link").first.click()
    clerk.page.wait_for_url("**/canteen/meals/*")

    # One of those meals was wrong.
    clerk.unfold("作废")
    clerk.page.locator("input[name=reason]").fill("刷错卡")
    clerk.page.locator(".confirm-body .btn-danger").click()
    clerk.sees("刷错卡")
    clerk.go(address)
    clerk.unfold("编制下一版")
    clerk.page.locator("input[name=revision-reason]").fill("一份用餐登记错人")
    clerk.click("开始")
    second = clerk.page.url.removeprefix(live.url)
    assert second != address
    clerk.sees("与第 1 版的差异")
    explain(clerk)
    issue(live, clerk, reviewer, second)
    clerk.go(f"{second}/differences")
    clerk.sees("补贴用餐人次")
    expect(clerk.page.locator("tbody tr").first).to_contain_text("−1")
    clerk.is_clean()

    # On paper: signed, stamped, handed in.
    clerk.go(second)
    scan = {"name": "盖章页.jpg", "mimeType": "image/jpeg", "buffer": signed_page()}
    clerk.page.locator("input[name=signature-scan]").set_input_files(scan)  # type: ignore[arg-type]
    clerk.click("已签字盖章")
    clerk.page.locator("input[name=submission-receiver]").fill("示例区民政局")
    clerk.click("已报送")
    clerk.sees("从此数字不再改变")
    clerk.is_clean()

    # Two years later somebody holds the old paper.
    token, paper = issued(live, 1)
    stranger.go(f"/verify/{token}")
    stranger.sees("已有第 2 版，本版已被更正")
    stranger.is_clean()
    compare(stranger, paper, "与已出具的报送版一致")
    newest, _paper = issued(live, 2)
    stranger.go("/verify")
    stranger.page.locator("input[name=code]").fill(newest.lower())
    stranger.click("核验")
    stranger.sees("此为最新版本")
    compare(stranger, paper, "不一致")


def compare(stranger: Desk, content: bytes, words: str) -> None:
    """Choose the file, then drop it: both are compared on the spot, and nothing is sent.

    The tab's icon does not count: Chromium asks for it when it likes, long after the page is there.
    """
    page = stranger.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    file = {"name": "报告.pdf", "mimeType": "application/pdf", "buffer": content}
    result = page.locator("[data-result]")
    page.locator("#verify-file").set_input_files(file)  # type: ignore[arg-type]
    expect(result).to_contain_text(words)
    page.evaluate(
        """async (bytes) => {
          document.querySelector("[data-result]").hidden = true;
          const moved = new DataTransfer();
          moved.items.add(new File([new Uint8Array(bytes)], "报告.pdf", {type: "application/pdf"}));
          document.querySelector("[data-verify]").dispatchEvent(
            new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: moved}));
        }""",
        list(content),
    )
    expect(result).to_be_visible()
    expect(result).to_contain_text(words)
    assert [url for url in sent if "/static/favicon.svg" not in url] == []


def test_where_the_browser_may_not_compute_the_page_says_what_to_do(
    live: Live, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _quickly_issued(live, desk, monkeypatch)
    stranger = desk()
    stranger.page.add_init_script(
        "Object.defineProperty(window.crypto, 'subtle', {value: undefined})"
    )
    stranger.go(f"/verify/{token}")
    stranger.sees("本页不是通过 https 打开的")
    expect(stranger.page.locator("[data-verify]")).to_be_hidden()
    stranger.is_clean()


def test_the_whole_life_works_without_javascript(
    live: Live, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _quickly_issued(live, desk, monkeypatch, java_script_enabled=False)
    stranger = desk(java_script_enabled=False)
    stranger.go(f"/verify/{token}")
    stranger.sees("此为最新版本")
    stranger.unfold("自行计算的方法")
    stranger.sees("certutil")


def _quickly_issued(
    live: Live, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, **more: object
) -> str:
    """Press through the life up to the issue, with papers that are drawn at once; returns the code."""
    drawing = stand_ins.put_in(monkeypatch)
    drawing.pdf_of = lambda kind, built, paper, progress: (f"%PDF {paper.code}".encode(), 2)
    with live.app.app_context():
        house.build(clock.now())
    clerk, reviewer = desk(Role.CLERK, **more), desk(Role.REVIEWER, **more)
    clerk.go("/reports")
    clerk.click("打开草稿")
    address = clerk.page.url.removeprefix(live.url)
    explain(clerk)
    reviewer.go(address)
    reviewer.click("确认复核")
    clerk.go(address)
    clerk.click("出具")
    expect(clerk.page.locator("#issuing progress")).to_be_visible()
    work(live)
    # The page loads itself again, with JavaScript or without.
    expect(clerk.page.locator("#files-head")).to_be_visible(timeout=ISSUE_WITHIN_MS)
    return issued(live, 1)[0]
