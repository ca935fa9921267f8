"""The workshop's report on its pages: home, from a figure down to the class or job behind it, as issued too."""

import io
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from core import clock, jobs
from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.reports import actions, queries, readiness, snapshot, sweeps
from core.reports.models import Report
from core.reports.values import ALL, Period
from core.sites.models import Site, SiteKind
from tests.canteen.pages import Visit
from tests.core.reports import stand_ins
from tests.workshop import house
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.october import NOW, October, tell
from workshop import PROGRAMME

OCTOBER = Period.parse("2026-10")


@dataclass
class Office:
    """The October made by hand, its draft, and who issues and reviews it."""

    october: October
    report_id: uuid.UUID
    clerk: Actor
    reviewer: Actor

    def page(self, place: str = "") -> str:
        return f"/reports/{self.report_id}{place}"

    def issue(self) -> None:
        report = queries.report_of(self.report_id)
        for found in readiness.look(report, NOW).findings:
            rows = readiness.rows_digest(found)
            actions.explain(self.report_id, found.code, rows, "已核实", by=self.clerk, now=NOW)
        digest = snapshot.digest(queries.count(queries.report_of(self.report_id), NOW))
        actions.review(self.report_id, digest, grant_full_ids=False, by=self.reviewer, now=NOW)
        job_id = actions.order_issue(self.report_id, by=self.clerk, now=NOW).id
        with clock.at(NOW):
            jobs.run_job(job_id)


@pytest.fixture
def office(workshop: House, monkeypatch: pytest.MonkeyPatch) -> Office:
    stand_ins.put_in(monkeypatch)
    october = tell(workshop)
    clerk, reviewer = (
        user_actor(add_user(name, name, role, None, by=SYSTEM, now=NOW)[0])
        for name, role in (("jing", Role.CLERK), ("shen", Role.REVIEWER))
    )
    report_id = actions.open_draft("workshop", OCTOBER, ALL, by=clerk, now=NOW).id
    return Office(october, report_id, clerk, reviewer)


def test_each_figure_leads_to_the_class_or_job_behind_it(office: Office, visit: Visit) -> None:
    clerk, october = visit(Role.CLERK), office.october
    preview = clerk.get(office.page("/preview")).text
    assert 'href="figures/head.visits"' in preview and "67.3%" in preview
    text = clerk.get(office.page("/figures/cohort.total.visits?rows=all")).text
    assert "按以下明细重新计数：一致" in text
    session = october.sessions[1, t.date(2026, 10, 1)]
    assert f'href="/workshop/sessions/{session}/attendance"' in text
    assert clerk.get(f"/workshop/sessions/{session}/attendance").status_code == 200
    text = clerk.get(office.page("/figures/event.verified.visits")).text
    job = f"/workshop/placements/{october.people['A']}/{october.jobs['A']}"
    assert f'href="{job}"' in text
    assert clerk.get(job).status_code == 200
    assert "3200" not in text  # a band, never the wage
    share = clerk.get(office.page(f"/figures/led.c{october.cohorts[1]}.share")).text
    assert "67.3%" in share and "的比例" in share


def test_figures_open_as_issued_after_a_correction(office: Office, visit: Visit) -> None:
    office.issue()
    october, clerk = office.october, visit(Role.CLERK)
    october.mark("E", 2, t.date(2026, 10, 26), t.S.ABSENT, moment=NOW)
    text = clerk.get(office.page("/figures/head.visits")).text
    assert "按以下明细重新计数：一致" in text and ">29 " in text
    workbook = clerk.get(office.page("/figures/head.visits.xlsx"))
    assert workbook.status_code == 200


def test_only_the_office_opens_who_is_in_hardship(office: Office, visit: Visit) -> None:
    report_id = actions.open_draft("workshop", OCTOBER, "gongfang", by=office.clerk, now=NOW).id
    at_site = Office(office.october, report_id, office.clerk, office.reviewer)
    at_site.issue()
    manager, clerk = visit(Role.MANAGER, office.october.house.site_id), visit(Role.CLERK)
    for key in ("any.people", "single.people", "any.placed"):
        for place in (f"/figures/hardship.{key}", f"/figures/hardship.{key}.xlsx"):
            assert manager.get(at_site.page(place)).status_code == 403, place
            assert clerk.get(at_site.page(place)).status_code == 200, place
    assert "单亲家庭" in clerk.get(at_site.page("/figures/hardship.any.people?rows=all")).text
    # Whatever she opens of any of the rows tells nothing of it, and no link leads her to a refusal.
    built, hardship = queries.as_issued(report_id), ("困难", "单亲", "低保")
    of_each = {figure.dataset: key for key, figure in built.figures.items()
               if not key.startswith("hardship.")}  # fmt: skip
    assert "women" in of_each and len(of_each) > 10
    for key in of_each.values():
        page = manager.get(at_site.page(f"/figures/{key}?rows=all"))
        assert page.status_code == 200, key
        assert [word for word in hardship if word in page.text] == [], key
    assert "/figures/hardship." not in manager.get(at_site.page()).text
    # The same women, counted by where they live: open to her, without the columns of the office.
    place = "/figures/community.total.people"
    for address in (f"{place}?rows=all", f"{place}?of={office.october.people['A']}"):
        page = manager.get(at_site.page(address))
        assert page.status_code == 200 and "A氏" in page.text
        assert not any(word in page.text for word in hardship)
        assert "单亲家庭" in clerk.get(at_site.page(address)).text
    for visitor, is_told in ((manager, False), (clerk, True)):
        rows = CalamineWorkbook.from_filelike(
            io.BytesIO(visitor.get(at_site.page(f"{place}.xlsx")).data)
        ).get_sheet_by_index(0).to_python()  # fmt: skip
        assert ("A氏" in str(rows)) and ("单亲" in str(rows)) is is_told


def test_findings_lead_to_where_they_are_put_right(office: Office, visit: Visit) -> None:
    text = visit(Role.CLERK).get(office.page()).text
    assert "考勤未登记完的课次" in text and "已核实就业但没有证明材料" in text
    session = office.october.sessions[1, t.date(2026, 10, 7)]
    assert f"/workshop/sessions/{session}/attendance" in text
    assert f"/workshop/placements/{office.october.people['A']}/{office.october.jobs['A']}" in text


def test_the_register_and_the_bureaus_form_have_pages(office: Office, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    text = clerk.get(office.page("/registers/0?output=submission")).text
    assert "学员名册" in text and "36/40" in text
    text = clerk.get("/office/report-columns?name=workshop").text
    assert "学时（计入/计划）" in text and "就业已核实" in text


def test_both_kinds_begin_their_drafts_and_home_tells_them_apart(
    office: Office, visit: Visit
) -> None:
    with transaction() as session:
        session.add(
            Site(slug="one", name="第一食堂", kind=SiteKind.CANTEEN, address_style="奶奶/爷爷")
        )
    november = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    assert sweeps.prepare_drafts(november) >= 2
    names = {row.name for row in db.session.query(Report).filter_by(period="2026-11")}
    assert names == {"canteen", "workshop"}
    home = visit(Role.CLERK).get("/").text
    assert "妇女创业微工厂工作报表" in home


def test_every_page_of_a_row_is_there(in_app: Flask) -> None:
    [kind] = PROGRAMME.reports
    for dataset, page in kind.row_pages.items():
        rule = next(in_app.url_map.iter_rules(page.endpoint))
        assert rule.arguments == set(page.keys), dataset


def test_a_workshop_that_is_not_in_use_any_more_is_reported_for_its_months(
    workshop: House, visit: Visit
) -> None:
    with transaction() as session:
        session.get_one(Site, house.second_site(workshop)).is_active = False
    clerk = visit(Role.CLERK)
    assert "东街微工厂（不启用）" in clerk.get("/reports").text
    opened = clerk.post("/reports", period="2026-10", what="workshop:dongjie")
    assert "东街微工厂" in clerk.get(opened.headers["Location"]).text
