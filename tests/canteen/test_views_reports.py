"""The canteen's report on its pages: from a figure down to the meal behind it, as it was at issue."""

import io
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from canteen import actions as canteen
from canteen.values import OtherKind
from core import jobs
from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.accounts.sessions import user_actor
from core.audit import AuditEntry
from core.db import db, new_id, transaction
from core.people.models import Person
from core.reports import actions, queries, readiness, snapshot
from core.reports.values import ALL, Period
from tests.canteen.house import CLERK, House, build, diner, scan
from tests.canteen.pages import Visit, queries_of
from tests.core.reports import stand_ins

OCTOBER = Period.parse("2026-10")
LUNCH = datetime(2026, 10, 1, 3, 42, tzinfo=UTC)


@dataclass
class Month:
    """A small canteen's October and its report."""

    house: House
    app: Flask
    poor: int
    aged: int
    events: list[str]
    report_id: uuid.UUID
    clerk: Actor
    reviewer: Actor

    def page(self, place: str = "") -> str:
        return f"/reports/{self.report_id}{place}"

    def explain(self) -> None:
        """Write a word about whatever the checks found."""
        report, now = queries.report_of(self.report_id), self.house.now
        for found in readiness.look(report, now).findings:
            rows = readiness.rows_digest(found)
            actions.explain(self.report_id, found.code, rows, "已核实", by=self.clerk, now=now)

    def issue(self) -> None:
        self.explain()
        now = self.house.now
        digest = snapshot.digest(queries.count(queries.report_of(self.report_id), now))
        actions.review(self.report_id, digest, grant_full_ids=False, by=self.reviewer, now=now)
        actions.order_issue(self.report_id, by=self.clerk, now=now)
        jobs.work_off()
        db.session.expire_all()
        assert queries.report_of(self.report_id).state.value == "issued"

    def void(self, event_id: str) -> None:
        canteen.void_meal(
            UUID(event_id), void_id=new_id(), reason="刷错卡", by=CLERK, now=self.house.now
        )


@pytest.fixture
def month(in_app: Flask, noon: datetime, office: tuple[Actor, Actor]) -> Month:
    """Two diners: three lunches of one at ¥8 subsidy, two of the other at ¥3, and one guest."""
    house = build(noon)
    poor, aged = (
        diner(house, "minimum_living"),
        diner(house, birth_on=LUNCH.date().replace(year=1940)),
    )
    with transaction() as session:
        session.get_one(Person, aged).name = "=李桂芬"
        session.get_one(Person, poor).id_number = "130499194001011234"
    events = []
    for person_id, days in ((poor, (0, 1, 2)), (aged, (0, 1))):
        for day in days:
            moment = LUNCH + timedelta(days=day)
            taken = canteen.register_meal(scan(house, person_id, moment), by=CLERK, now=moment)
            events.append(str(taken.answer["event_id"]))
    guest = scan(house, 0, LUNCH, other=OtherKind.GUEST)
    canteen.register_meal(guest, by=CLERK, now=LUNCH)
    clerk, reviewer = office
    report_id = actions.open_draft("canteen", OCTOBER, ALL, by=clerk, now=noon).id
    return Month(house, in_app, poor, aged, events, report_id, clerk, reviewer)


@pytest.fixture
def office(in_app: Flask, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[Actor, Actor]:
    """Who issues and who reviews; papers are drawn by stand-ins."""
    drawing = stand_ins.put_in(monkeypatch)
    drawing.pdf_of = lambda kind, built, paper, progress: (f"%PDF {paper.code}".encode(), 2)
    made = [
        add_user(name, name, role, None, by=SYSTEM, now=noon)[0]
        for name, role in (("jing", Role.CLERK), ("shen", Role.REVIEWER))
    ]
    return user_actor(made[0]), user_actor(made[1])


def looks() -> list[str]:
    return list(db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.startswith("report.figure")).order_by(AuditEntry.id)
    ))  # fmt: skip


def test_a_figure_leads_to_the_meals_behind_it(month: Month, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    page = clerk.get(month.page()).text
    assert month.page("/figures/head.subsidy") in page
    text = clerk.get(month.page("/figures/head.subsidy")).text
    assert "30.00" in text  # 3 × 8 + 2 × 3
    for event_id in month.events:
        assert f'href="/canteen/meals/{event_id}"' in text
    assert "按以下明细重新计数：一致" in text
    assert "“补贴”一栏之和" in text
    assert clerk.get(f"/canteen/meals/{month.events[0]}").status_code == 200
    assert looks() == ["report.figure_opened"]


def test_a_figure_of_people_lists_each_once_and_then_her_meals(month: Month, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    text = clerk.get(month.page("/figures/head.people")).text
    rows = text[text.index("<tbody>") : text.index("</tbody>")]
    assert rows.count("<tr>") == 2
    own = clerk.get(month.page(f"/figures/head.people?of={month.aged}")).text
    assert own.count("/canteen/meals/") == 2
    everything = clerk.get(month.page("/figures/head.people?rows=all")).text
    assert everything.count("/canteen/meals/") == 5
    assert clerk.get(month.page("/figures/head.visits?of=1")).status_code == 404


def test_an_issued_figure_opens_as_it_was_at_issue_and_a_draft_as_it_is(
    month: Month, visit: Visit
) -> None:
    clerk = visit(Role.CLERK)
    assert "草稿：刚刚按现有记录统计" in clerk.get(month.page("/figures/head.visits")).text
    month.issue()
    month.void(month.events[0])
    text = clerk.get(month.page("/figures/head.visits")).text
    assert "出具时的原样" in text
    assert text.count("/canteen/meals/") == 5
    assert month.events[0] in text
    begun = clerk.post(month.page("/revision"), **{"revision-reason": "刷错卡"}).location
    live = clerk.get(f"{begun}/figures/head.visits").text
    assert live.count("/canteen/meals/") == 4
    assert month.events[0] not in live
    differences = clerk.get(f"{begun}/differences").text
    assert "−8.00" in differences
    assert "补贴用餐人次" in differences


def test_the_office_sees_names_an_auditor_does_not_and_nobody_an_id_number(
    month: Month, visit: Visit
) -> None:
    month.issue()
    address = month.page("/figures/head.visits")
    assert "王秀华" in visit(Role.REVIEWER).get(address).text
    auditor = visit(Role.AUDITOR)
    text = auditor.get(address).text
    assert "王*华" in text
    assert "王秀华" not in text
    assert "130499194001011234" not in text
    book = auditor.get(month.page("/figures/head.visits.xlsx"))
    head, *rows = _rows(book.data)
    names = {row[head.index("姓名")] for row in rows}
    assert names == {"王*华", "=*芬"}
    assert looks() == ["report.figure_opened", "report.figure_opened", "report.figure_exported"]


def test_an_auditor_goes_down_to_the_meal_and_her_look_is_logged(
    month: Month, visit: Visit
) -> None:
    auditor, address = visit(Role.AUDITOR), f"/canteen/meals/{month.events[0]}"
    assert f'href="{address}"' in auditor.get(month.page("/figures/head.visits")).text
    page = auditor.get(address)
    assert page.status_code == 200
    assert "王*华" in page.text
    assert "王秀华" not in page.text
    assert "/void" not in page.text
    look = sa.select(AuditEntry.person_id).where(AuditEntry.action == "meal.looked_at")
    assert list(db.session.scalars(look)) == [month.poor]


def test_no_link_leads_to_a_page_that_would_refuse(
    month: Month, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.reports.views.figures.may_open", lambda endpoint: False)
    assert "/canteen/meals/" not in visit(Role.CLERK).get(month.page("/figures/head.visits")).text


def _rows(data: bytes, sheet: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def test_the_rows_are_exported_as_text_and_numbers_never_as_formulas(
    month: Month, visit: Visit
) -> None:
    answer = visit(Role.CLERK).get(month.page("/figures/head.subsidy.xlsx"))
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    head, *rows = _rows(answer.data)
    columns = {name: number for number, name in enumerate(head)}
    assert sum(row[columns["补贴"]] for row in rows) == 30.0  # type: ignore[misc]
    assert "=李桂芬" in {row[columns["姓名"]] for row in rows}
    assert {row[columns["流水号"]] for row in rows} == set(month.events)
    about = dict(row[:2] for row in _rows(answer.data, 1))
    assert about["报告中的数"] == about["按以下明细重新计数"] == "30.00 元"
    assert about["版次"] == "草稿"


def test_every_printed_figure_of_the_month_opens_and_agrees(month: Month, visit: Visit) -> None:
    month.issue()
    clerk = visit(Role.CLERK)
    built = queries.as_issued(month.report_id)
    keys = {key for table in (built.headline, *built.tables)
            for line in table.lines for key in line.cells if key}  # fmt: skip
    wrong = []
    for key in sorted(keys):
        answer = clerk.get(month.page(f"/figures/{key}"))
        if answer.status_code != 200 or "重新计数：一致" not in answer.text:
            wrong.append(key)
    assert wrong == []
    assert len(keys) > 60


def test_queries_and_weight_of_a_figure_do_not_grow_with_its_rows(
    month: Month, visit: Visit
) -> None:
    clerk, address = visit(Role.CLERK), month.page("/figures/head.visits")
    few = queries_of(month.app, clerk, address)
    for _ in range(30):
        person_id = diner(month.house)
        for day in range(2):
            moment = LUNCH + timedelta(days=day)
            canteen.register_meal(scan(month.house, person_id, moment), by=CLERK, now=moment)
    assert queries_of(month.app, clerk, address) == few
    page = clerk.get(address)
    assert page.text.count("<tr>") == 51  # fifty and the head
    assert len(page.data) < 100_000
    assert clerk.get(f"{address}?page=2").text.count("<tr>") == 16


def test_the_rows_of_a_guest_name_nobody(month: Month, visit: Visit) -> None:
    text = visit(Role.CLERK).get(month.page("/figures/head.others")).text
    assert text.count("/canteen/meals/") == 1
    assert "王秀华" not in text


def test_a_managers_figures_stop_at_her_own_site(month: Month, visit: Visit) -> None:
    own = actions.open_draft("canteen", OCTOBER, "one", by=month.clerk, now=month.house.now).id
    whole = month.report_id
    month.report_id = own
    month.issue()
    manager = visit(Role.MANAGER, month.house.site_id)
    assert manager.get(f"/reports/{own}/figures/head.visits").status_code == 200
    assert manager.get(f"/reports/{whole}/figures/head.visits").status_code == 403
    assert "王秀华" in manager.get(f"/reports/{own}/figures/head.visits").text
    foreign = visit(Role.MANAGER, month.house.second_site_id)
    assert foreign.get(f"/reports/{own}/figures/head.visits").status_code == 403


def test_the_preview_says_what_the_paper_says_and_every_figure_opens(
    month: Month, visit: Visit
) -> None:
    clerk = visit(Role.CLERK)
    draft = clerk.get(month.page("/preview"))
    assert len(draft.data) < 100_000
    assert "草稿：刚刚按现有记录统计" in draft.text
    month.issue()
    month.void(month.events[0])
    text = clerk.get(month.page("/preview")).text
    assert "出具时的原样" in text
    links = set(re.findall(r'href="(figures/[^"]+)"', text))
    built = queries.as_issued(month.report_id)
    assert {link.removeprefix("figures/") for link in links} == {
        key for table in (built.headline, *built.tables)
        for line in table.lines for key in line.cells if key
    }  # fmt: skip
    assert all(clerk.get(month.page(f"/{link}")).status_code == 200 for link in sorted(links)[:5])
    assert ">5</a>" in text  # the voided meal is still among them


def test_an_auditor_looks_at_each_paper_and_the_look_is_noted(month: Month, visit: Visit) -> None:
    month.issue()
    auditor = visit(Role.AUDITOR)
    for output in ("submission", "archive", "public"):
        assert auditor.get(month.page(f"/preview?output={output}")).status_code == 200
    assert auditor.get(month.page("/preview?output=draft")).status_code == 404
    looked = sa.select(AuditEntry).where(AuditEntry.action == "report.previewed")
    assert len(list(db.session.scalars(looked))) == 2  # the public one names nobody


def test_the_register_stands_on_the_screen_fifty_lines_a_page(month: Month, visit: Visit) -> None:
    for _ in range(58):
        person_id = diner(month.house)
        canteen.register_meal(scan(month.house, person_id, LUNCH), by=CLERK, now=LUNCH)
    clerk = visit(Role.CLERK)
    assert month.page("/registers/0?output=archive") in clerk.get(month.page("/preview")).text
    first, second = (clerk.get(month.page(f"/registers/0?page={page}")) for page in (1, 2))
    lines = [re.findall(r"<tr><td", answer.text) for answer in (first, second)]
    assert [len(each) for each in lines] == [50, 10]
    assert len(first.data) < 100_000
    assert clerk.get(month.page("/registers/7")).status_code == 404


def test_whole_id_numbers_are_for_paper_and_never_for_the_screen(
    month: Month, visit: Visit
) -> None:
    month.explain()
    actions.ask_full_ids(month.report_id, reason="逐人核对", by=month.clerk, now=month.house.now)
    digest = snapshot.digest(queries.count(queries.report_of(month.report_id), month.house.now))
    actions.review(
        month.report_id, digest, grant_full_ids=True, by=month.reviewer, now=month.house.now
    )
    text = visit(Role.CLERK).get(month.page("/registers/0?output=submission")).text
    assert "1304**********1234" in text
    assert "130499194001011234" not in text
