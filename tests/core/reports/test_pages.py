"""The pages of a report's life, as a clerk, a reviewer, an auditor and a manager meet them."""

import io
import re
import uuid
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from core import jobs
from core.access import SYSTEM, Role
from core.audit import AuditEntry
from core.db import db
from core.reports import actions, readiness
from core.reports.models import ReportFile
from core.reports.values import ALL, Period, ReportState
from core.sites.actions import SiteFacts, add_site
from core.sites.models import SiteKind
from tests.canteen.pages import Visit, Visitor, apart, counted, queries_of
from tests.conftest import SignIn, both_engines
from tests.core.reports import facts
from tests.core.reports.conftest import MONDAY, OCTOBER, Office, log, report


@pytest.fixture
def visit(sign_in: SignIn) -> Visit:
    """Somebody signed in, on Monday unless told otherwise."""

    def as_role(role: Role, site_id: int | None = None, now: datetime = MONDAY) -> Visitor:
        name = f"{role.value}-{now.date()}"
        return Visitor(apart(now, sign_in, role, site_id, name), now)

    return as_role


def page_of(report_id: uuid.UUID) -> str:
    return f"/reports/{report_id}"


def state_of(report_id: uuid.UUID) -> ReportState:
    return report(report_id).state


def photo() -> io.BytesIO:
    """What a phone makes of a signed page."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (240, 236, 228)).save(file, "JPEG")
    file.seek(0)
    return file


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def entries(action: str) -> int:
    count = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    return db.session.scalar(count) or 0


def test_opening_a_draft_twice_leads_to_the_same_report(office: Office, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    choice = {"period": "2026-10", "what": "facts:all"}
    places = {clerk.post("/reports", **choice).location for _ in range(2)}
    assert len(places) == 1
    page = clerk.get(places.pop())
    assert page.status_code == 200
    assert "Facts" in page.text
    assert "2026年10月" in page.text
    assert "第 1 版" in page.text


def test_a_period_that_is_none_opens_nothing(office: Office, visit: Visit) -> None:
    answer = visit(Role.CLERK).post("/reports", period="2026-13", what="facts:all")
    assert answer.status_code == 422
    assert db.session.scalar(sa.text("SELECT count(*) FROM report")) == 0


def test_an_issued_report_is_not_opened_again_and_says_what_to_do(
    office: Office, visit: Visit
) -> None:
    office.led_to("issued")
    clerk = visit(Role.CLERK)
    answer = clerk.post("/reports", period="2026-10", what="facts:all")
    assert answer.location == "/reports"
    assert "notice-warn" in clerk.get("/reports").text


@both_engines
def test_the_list_is_filtered_by_year_kind_of_period_and_state(
    office: Office, visit: Visit, engine_name: str
) -> None:
    issued = office.led_to("issued")
    quarter, year = (office.open(Period.parse(text)) for text in ("2026-Q3", "2025"))
    clerk = visit(Role.CLERK)

    def listed(query: str) -> set[uuid.UUID]:
        text = clerk.get(f"/reports?{query}").text
        return {each for each in (issued, quarter, year) if page_of(each) in text}

    assert listed("") == {issued, quarter, year}
    assert listed("year=2026") == {issued, quarter}
    assert listed("span=quarter") == {quarter}
    assert listed("span=year") == {year}
    assert listed("span=month") == {issued}
    assert listed("span=half") == set()
    assert listed("state=draft") == {quarter, year}
    assert listed("state=issued&year=2026") == {issued}


@both_engines
def test_the_newest_period_and_revision_stand_on_top(
    office: Office, visit: Visit, engine_name: str
) -> None:
    first = office.led_to("issued")
    second = actions.start_revision(first, reason="登记错人", by=office.clerk, now=MONDAY).id
    others = [office.open(Period.parse(text)) for text in ("2026", "2026-Q3", "2026-09", "2025-H2")]
    text = visit(Role.CLERK).get("/reports").text
    order = sorted([first, second, *others], key=lambda each: text.index(page_of(each)))
    year, quarter, september, half = others
    assert order == [year, second, first, quarter, september, half]


def test_the_queries_of_the_list_do_not_grow_with_its_rows(
    office: Office, visit: Visit, in_app: Flask
) -> None:
    office.led_to("issued")
    clerk = visit(Role.CLERK)
    few = queries_of(in_app, clerk, "/reports")
    for year in range(2000, 2025):
        office.open(Period.parse(str(year)))
    assert queries_of(in_app, clerk, "/reports") == few


def test_an_empty_list_says_how_to_begin(office: Office, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    assert "还没有报告" in clerk.get("/reports").text
    assert "没有符合条件的报告" in clerk.get("/reports?state=closed").text


def test_a_finding_is_explained_on_the_page_for_the_rows_that_were_shown(
    office: Office, visit: Visit
) -> None:
    facts.put("2026-10", 9, 2000)
    report_id = office.open()
    clerk = visit(Role.CLERK)
    page = clerk.get(page_of(report_id)).text
    assert "还差 2 项才能出具" in page  # the finding and the review
    assert f'href="{page_of(report_id)}#finding-large"' in page
    sent = {
        "explanation-code": "large",
        "explanation-rows_digest": hidden(page, "explanation-rows_digest"),
    }
    empty = clerk.post(f"{page_of(report_id)}/explanations", **sent)
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    answer = clerk.post(
        f"{page_of(report_id)}/explanations", **sent, **{"explanation-text": "补发三个月"}
    )
    assert answer.location.endswith("#finding-large")
    page = clerk.get(page_of(report_id)).text
    assert "补发三个月" in page
    assert "还差 1 项才能出具" in page
    facts.put("2026-10", 8, 3000)
    assert "此后明细有变化" in clerk.get(page_of(report_id)).text


def test_what_stops_the_issue_cannot_be_explained_away(office: Office, visit: Visit) -> None:
    facts.put("2026-10", 9, -5)
    page = visit(Role.CLERK).get(page_of(office.open())).text
    finding = page[page.index('id="finding-negative"') : page.index('id="identities-head"')]
    assert "不能出具" in finding
    assert "textarea" not in finding


def test_a_finding_of_many_rows_shows_all_of_them_on_a_page_of_its_own(
    office: Office, visit: Visit
) -> None:
    for number in range(30):
        facts.put("2026-10", 100 + number, 5000 + number)
    report_id = office.open()
    clerk = visit(Role.CLERK)
    assert f"{page_of(report_id)}/findings/large" in clerk.get(page_of(report_id)).text
    text = clerk.get(f"{page_of(report_id)}/findings/large").text
    assert all(f"{5000 + number}" in text for number in range(30))
    assert clerk.get(f"{page_of(report_id)}/findings/nothing").status_code == 404


def test_an_auditor_reads_what_was_found_and_not_about_whom(office: Office, visit: Visit) -> None:
    facts.put("2026-10", 9, 2000)
    report_id = office.open()
    assert "2026-10 9: 2000" in visit(Role.CLERK).get(page_of(report_id)).text
    auditor = visit(Role.AUDITOR)
    page = auditor.get(page_of(report_id)).text
    assert "large facts（1）" in page
    assert "2026-10 9: 2000" not in page
    assert auditor.get(f"{page_of(report_id)}/findings/large").status_code == 403


def test_identities_show_both_sides(
    office: Office, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id = office.open()
    clerk = visit(Role.CLERK)
    assert "1 项全部相符" in clerk.get(page_of(report_id)).text
    monkeypatch.setattr(facts, "RIGHT", 77)
    page = clerk.get(page_of(report_id)).text
    assert "1 项不符" in page
    assert '<td class="num">77</td>' in page


def test_texts_stay_as_typed_and_ask_for_another_review(office: Office, visit: Visit) -> None:
    report_id = office.led_to("reviewed")
    clerk = visit(Role.CLERK)
    sent = {"texts-receiver": "邯山区民政局", "texts-summary": "开餐三十一天。", "texts-cases": ""}
    clerk.post(f"{page_of(report_id)}/texts", **sent)
    row = report(report_id)
    assert (row.receiver, row.summary, row.state) == (
        "邯山区民政局", "开餐三十一天。", ReportState.DRAFT,
    )  # fmt: skip
    assert (
        "复核后修改" in clerk.get(page_of(report_id)).text
        or "文字" in clerk.get(page_of(report_id)).text
    )
    long = clerk.post(f"{page_of(report_id)}/texts", **{**sent, "texts-summary": "长" * 9000})
    assert long.status_code == 422
    assert "长" * 9000 in long.text


def test_whole_id_numbers_are_asked_for_by_one_and_granted_by_another(
    office: Office, visit: Visit
) -> None:
    report_id = office.open()
    clerk, reviewer = visit(Role.CLERK), visit(Role.REVIEWER)
    asked = {"full-ids-reason": "民政局要求逐人核对"}
    assert (
        clerk.post(f"{page_of(report_id)}/full-ids", **{"full-ids-reason": " "}).status_code == 422
    )
    clerk.post(f"{page_of(report_id)}/full-ids", **asked)
    page = reviewer.get(page_of(report_id)).text
    assert "民政局要求逐人核对" in page
    give_review(reviewer, report_id, **{"review-grant_full_ids": "y"})
    row = report(report_id)
    assert row.state is ReportState.REVIEWED
    assert row.full_ids_granted_by_id not in (None, row.full_ids_asked_by_id)
    clerk.post(f"{page_of(report_id)}/full-ids/removal")
    assert report(report_id).full_ids_reason is None


def give_review(reviewer: Visitor, report_id: uuid.UUID, **more: str) -> None:
    """Press 确认复核 on the page as it is shown now."""
    page = reviewer.get(page_of(report_id)).text
    names = ("review-digest", "review-shown_at")
    sent = {name: hidden(page, name) for name in names}
    reviewer.post(f"{page_of(report_id)}/review", **sent, **more)


def test_a_review_of_figures_that_changed_meanwhile_is_refused(
    office: Office, visit: Visit
) -> None:
    report_id = office.open()
    reviewer = visit(Role.REVIEWER)
    page = reviewer.get(page_of(report_id)).text
    sent = {name: hidden(page, name) for name in ("review-digest", "review-shown_at")}
    facts.put("2026-10", 0, 301)
    reviewer.post(f"{page_of(report_id)}/review", **sent)
    assert state_of(report_id) is ReportState.DRAFT
    assert "notice-warn" in reviewer.get(page_of(report_id)).text


def test_only_what_may_be_done_next_is_offered(office: Office, visit: Visit) -> None:
    report_id = office.open()
    clerk, reviewer, auditor = (visit(role) for role in (Role.CLERK, Role.REVIEWER, Role.AUDITOR))
    review, issue = (f'action="{page_of(report_id)}/{step}"' for step in ("review", "issue"))
    assert review not in clerk.get(page_of(report_id)).text
    assert review in reviewer.get(page_of(report_id)).text
    give_review(reviewer, report_id)
    assert issue not in reviewer.get(page_of(report_id)).text  # who reviewed does not issue
    assert issue in clerk.get(page_of(report_id)).text
    page = auditor.get(page_of(report_id)).text
    assert '<form method="post" action="/reports' not in page
    assert 'id="identities-head"' in page


def test_a_running_month_is_looked_at_and_not_reviewed(office: Office, visit: Visit) -> None:
    report_id = office.open(Period.parse("2026-11"))
    page = visit(Role.REVIEWER).get(page_of(report_id)).text
    assert "本期到 2026年11月30日 结束" in page
    assert "确认复核" not in page


def test_the_issue_shows_its_progress_to_everybody_and_is_over_when_it_is_done(
    office: Office, visit: Visit
) -> None:
    report_id = office.led_to("reviewed")
    clerk, reviewer = visit(Role.CLERK), visit(Role.REVIEWER)
    for _ in range(2):  # a second press shows the same work
        clerk.post(f"{page_of(report_id)}/issue")
    assert db.session.scalar(sa.text("SELECT count(*) FROM job")) == 1
    page = reviewer.get(page_of(report_id)).text
    assert 'http-equiv="refresh"' in page  # without JavaScript
    assert f'hx-get="{page_of(report_id)}/issue"' in page
    running = reviewer.get(f"{page_of(report_id)}/issue")
    assert "HX-Refresh" not in running.headers
    jobs.work_off()
    over = reviewer.get(f"{page_of(report_id)}/issue")
    assert over.headers["HX-Refresh"] == "true"
    page = reviewer.get(page_of(report_id)).text
    assert "已出具。文件列在下方" in page
    assert 'http-equiv="refresh"' not in page
    assert state_of(report_id) is ReportState.ISSUED


def test_a_second_person_stops_the_issue_and_is_told_that_nothing_came_of_it(
    office: Office, visit: Visit
) -> None:
    report_id = office.led_to("reviewed")
    office.order(report_id)
    reviewer = visit(Role.REVIEWER)
    reviewer.post(f"{page_of(report_id)}/issue/cancellation")
    jobs.work_off()
    assert state_of(report_id) is ReportState.REVIEWED
    assert "notice-warn" in reviewer.get(page_of(report_id)).text
    # Somebody else may begin again.
    visit(Role.CLERK).post(f"{page_of(report_id)}/issue")
    jobs.work_off()
    assert state_of(report_id) is ReportState.ISSUED


def test_signed_submitted_returned_submitted_again_and_concluded(
    office: Office, visit: Visit
) -> None:
    report_id = office.led_to("issued")
    clerk = visit(Role.CLERK)
    without = clerk.post(f"{page_of(report_id)}/signature")
    assert without.status_code == 302
    assert state_of(report_id) is ReportState.ISSUED
    clerk.post(f"{page_of(report_id)}/signature", **{"signature-scan": (photo(), "盖章页.jpg")})
    assert state_of(report_id) is ReportState.SIGNED
    page = clerk.get(page_of(report_id)).text
    assert "签字盖章页" in page
    handed_in = {"submission-receiver": "邯山区民政局", "submission-on": "2026-11-02"}
    assert clerk.post(f"{page_of(report_id)}/submission").status_code == 422
    clerk.post(f"{page_of(report_id)}/submission", **handed_in)
    assert state_of(report_id) is ReportState.SUBMITTED
    assert clerk.post(f"{page_of(report_id)}/return").status_code == 422
    clerk.post(f"{page_of(report_id)}/return", **{"return-note": "附件缺页"})
    page = clerk.get(page_of(report_id)).text
    assert "已退回" in page
    assert "附件缺页" in page
    clerk.post(f"{page_of(report_id)}/submission", **handed_in)
    clerk.post(f"{page_of(report_id)}/closing", **{"closing-note": "回执 17 号"})
    assert state_of(report_id) is ReportState.CLOSED
    page = clerk.get(page_of(report_id)).text
    assert "回执 17 号" in page
    assert "编制下一版" not in page


def test_a_revision_names_what_it_says_otherwise(office: Office, visit: Visit) -> None:
    first = office.led_to("issued")
    clerk = visit(Role.CLERK)
    assert clerk.post(f"{page_of(first)}/revision", **{"revision-reason": ""}).status_code == 422
    facts.put("2026-10", 2, 600)
    begun = clerk.post(f"{page_of(first)}/revision", **{"revision-reason": "一份登记错人"})
    second = uuid.UUID(begun.location.rpartition("/")[2])
    page = clerk.get(page_of(second)).text
    assert "一份登记错人" in page
    assert "与第 1 版的差异" in page
    text = clerk.get(f"{page_of(second)}/differences").text
    for figure in ("15.00", "14.00", "−1.00"):
        assert figure in text
    assert f"{page_of(first)}/figures/head.fen" in text
    assert clerk.get(f"{page_of(first)}/differences").status_code == 404
    # The issued one stays as it was, and leads on to its correction.
    assert "15.00" in clerk.get(page_of(first)).text
    assert page_of(second) in clerk.get(page_of(first)).text
    clerk.post(f"{page_of(second)}/discarding")
    assert clerk.get(page_of(second)).status_code == 404


def test_the_line_of_life_says_who_did_what(office: Office, visit: Visit) -> None:
    report_id = office.led_to("signed")
    page = visit(Role.AUDITOR).get(page_of(report_id)).text
    line = page[page.index("life-line") : page.index("</ol>")]
    assert line.count('class="behind"') == 3
    assert line.count('aria-current="step"') == 1
    assert "reviewer person" in line
    assert "clerk person" in line


def test_files_are_the_stored_bytes_and_each_download_is_logged(
    office: Office, visit: Visit
) -> None:
    report_id = office.led_to("issued")
    auditor = visit(Role.AUDITOR)
    row = db.session.scalars(sa.select(ReportFile).where(ReportFile.output == "submission")).one()
    answer = auditor.get(f"{page_of(report_id)}.pdf?output=submission")
    assert answer.data == row.content
    assert answer.headers["ETag"] == f'"{row.sha256}"'
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert "%E6%8A%A5%E9%80%81%E7%89%88" in answer.headers["Content-Disposition"]  # 报送版
    assert answer.headers["Cache-Control"] == "no-store"
    assert entries("report.file_fetched") == 1
    again = apart(MONDAY, auditor.client.get, f"{page_of(report_id)}.pdf?output=submission",
                  headers={"If-None-Match": answer.headers["ETag"]})  # fmt: skip
    assert (again.status_code, again.data) == (304, b"")
    assert entries("report.file_fetched") == 1
    book = auditor.get(f"{page_of(report_id)}.xlsx")
    assert book.data.startswith(b"workbook")
    assert auditor.get(f"{page_of(report_id)}.pdf?output=none").status_code == 404


def test_a_draft_has_no_files(office: Office, visit: Visit) -> None:
    report_id = office.open()
    clerk = visit(Role.CLERK)
    assert clerk.get(f"{page_of(report_id)}.pdf").status_code == 404
    assert clerk.get(f"{page_of(report_id)}.xlsx").status_code == 404


@both_engines
def test_a_manager_sees_what_was_issued_for_her_site_and_the_public_paper_only(
    office: Office, visit: Visit, engine_name: str
) -> None:
    sites = [
        add_site(slug, SiteKind.WORKSHOP, SiteFacts(slug, "大娘/大爷"), by=SYSTEM, now=MONDAY).id
        for slug in ("hers", "other")
    ]
    scopes = ("hers", "other", ALL)
    known = {
        scope: actions.open_draft("facts", OCTOBER, scope, by=office.clerk, now=MONDAY).id
        for scope in scopes
    }
    manager = visit(Role.MANAGER, sites[0])
    assert manager.get(page_of(known["hers"])).status_code == 403  # a draft
    for report_id in known.values():
        office.review(report_id)
        office.issue(report_id)
    listed = manager.get("/reports").text
    for scope, report_id in known.items():
        expected = scope == "hers"
        assert (page_of(report_id) in listed) is expected
        for address in ("", "/preview", "/figures/head.fen", ".pdf?output=public"):
            status = manager.get(f"{page_of(report_id)}{address}").status_code
            assert status == (200 if expected else 403), (scope, address)
    own = page_of(known["hers"])
    for address in (
        ".pdf?output=submission",
        ".pdf?output=archive",
        ".xlsx",
        "/preview?output=archive",
    ):
        assert manager.get(f"{own}{address}").status_code == 403, address
    page = manager.get(own).text
    assert "公示版" in page
    assert "报送版" not in page
    assert "报送" in manager.get("/").text or "已出具" in manager.get("/").text


def test_home_speaks_of_the_running_month_from_its_day_on_and_counts_nothing(
    office: Office, visit: Visit, in_app: Flask
) -> None:
    running = Period.parse("2026-11")
    report_id = office.open(running)
    readiness.look(report(report_id), MONDAY)
    assert page_of(report_id) not in visit(Role.CLERK).get("/").text
    clerk = visit(Role.CLERK, now=MONDAY + timedelta(days=23))
    with counted(in_app) as sent:
        page = clerk.get("/").text
    assert not [each for each in sent if "fact" in each]
    assert page_of(report_id) in page
    assert "还差 1 项" in page
    assert "2026年11月月报" in page


def test_home_names_what_waits_for_a_review_and_for_its_issue(office: Office, visit: Visit) -> None:
    report_id = office.open()
    actions.write_texts(
        report_id, summary="", cases="", receiver="区民政局", by=office.clerk, now=MONDAY
    )
    readiness.look(report(report_id), MONDAY)
    reviewer = visit(Role.REVIEWER)
    assert "待复核" in reviewer.get("/").text
    office.review(report_id)
    assert "可以出具" in reviewer.get("/").text
    office.issue(report_id)
    assert page_of(report_id) not in reviewer.get("/").text


def test_an_unknown_report_and_a_bad_figure_do_not_exist(office: Office, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    assert clerk.get(page_of(uuid.UUID(int=1))).status_code == 404
    assert clerk.get(f"{page_of(office.open())}/figures/none").status_code == 404


def test_the_pages_say_in_words_what_the_log_says_in_codes(office: Office, visit: Visit) -> None:
    report_id = office.led_to("submitted")
    visit(Role.CLERK).get(f"{page_of(report_id)}/figures/head.fen")
    assert "report.figure_opened" in log(report_id)
    text = visit(Role.AUDITOR).get("/office/audit?what=report").text
    assert "report." not in re.sub(r'(href|value)="[^"]*"', "", text)


def test_what_was_explained_stands_on_the_issued_report_as_it_was_printed(
    office: Office, visit: Visit
) -> None:
    facts.put("2026-10", 9, 2000)
    report_id = office.open()
    found = readiness.examine(report(report_id), MONDAY)[1][0]
    actions.explain(
        report_id, found.code, readiness.rows_digest(found), "已核实", by=office.clerk, now=MONDAY
    )
    auditor = visit(Role.AUDITOR)
    assert "已核实" in auditor.get(page_of(report_id)).text
    office.review(report_id)
    office.issue(report_id)
    page = auditor.get(page_of(report_id)).text
    explained = page[page.index('id="explained-head"') : page.index('id="identities-head"')]
    assert "large facts" in explained
    assert "已核实" in explained
    assert "已核实" not in (
        db.session.scalar(sa.text("SELECT explanations FROM issued_report")) or ""
    )
