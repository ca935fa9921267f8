"""What is still to be done, what differs between two counts, and what happens by itself."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, url_for
from flask_babel import force_locale

from core import clock
from core.clock import Month
from core.db import db, transaction
from core.reports import actions, queries, readiness, sweeps
from core.reports.differences import Difference, differences
from core.reports.models import Report
from core.reports.registry import ReportKind, report_kinds
from core.reports.values import ALL, Built, Finding, Period, Unit
from core.sites.models import CalendarDay, DayKind, Site, SiteKind
from core.sites.working_days import first_working_day
from tests.conftest import both_engines
from tests.core.reports import facts
from tests.core.reports.conftest import MONDAY, OCTOBER, Office, log, report


def at(day: str, hour: int = 10) -> datetime:
    """A moment of a day in Handan."""
    return (datetime.fromisoformat(day) + timedelta(hours=hour - 8)).replace(tzinfo=UTC)


def to_do(office: Office, report_id: object) -> dict[str, bool]:
    """The items of a look, by code, and whether each is done."""
    seen = readiness.look(report(report_id), office.now)  # type: ignore[arg-type]
    return {item.code: item.is_done for item in seen.items}


def test_what_is_missing_is_listed_item_by_item_until_nothing_is(office: Office) -> None:
    report_id = office.open()
    facts.put("2026-10", 3, 1000)
    facts.put("2026-10", 4, -5)
    actions.write_texts(report_id, summary="", cases="", receiver="", by=office.clerk, now=MONDAY)
    assert to_do(office, report_id) == {
        "negative": False, "large": False, "receiver": False, "review": False,
    }  # fmt: skip
    assert report(report_id).open_items == 4
    facts.take_away("2026-10", 4)
    actions.write_texts(
        report_id, summary="", cases="", receiver="市局", by=office.clerk, now=MONDAY
    )
    [large] = readiness.look(report(report_id), MONDAY).findings
    digest = readiness.rows_digest(large)
    actions.explain(report_id, "large", digest, "大额已核", by=office.clerk, now=MONDAY)
    assert to_do(office, report_id) == {"large": True, "receiver": True, "review": False}
    office.review(report_id)
    assert all(to_do(office, report_id).values())
    assert report(report_id).open_items == 0


def test_what_stops_the_issue_stands_first_and_each_item_says_where_it_is_done(
    office: Office,
) -> None:
    report_id = office.open()
    facts.put("2026-10", 3, 1000)
    facts.put("2026-10", 4, -5)
    items = readiness.look(report(report_id), MONDAY).items
    assert [item.sentence for item in items] == [
        "negative facts：须更正（1 条）", "large facts：须核实或说明（1 条）", "填写报送单位", "请另一人复核",
    ]  # fmt: skip
    assert {item.args["report_id"] for item in items} == {report_id}
    assert items[0].args["_anchor"] == "finding-negative"


def test_a_name_that_no_font_can_draw_is_to_be_put_right_before_the_review(
    office: Office, drawing: Any, in_app: Flask
) -> None:
    drawing.missing_glyphs = lambda built, paper: (("王䶮", "䶮"),)
    report_id = office.open()
    [finding] = readiness.look(report(report_id), MONDAY).findings
    assert (finding.stops, finding.rows) == (True, (("王䶮(䶮)", None),))
    assert to_do(office, report_id)["glyphs"] is False


def test_each_item_leads_to_the_place_on_the_page_where_it_is_done(
    office: Office, in_app: Flask
) -> None:
    report_id = office.open()
    facts.put("2026-10", 3, 1000)
    with in_app.test_request_context():
        found = {
            item.code: url_for(item.endpoint, **item.args)
            for item in readiness.look(report(report_id), MONDAY).items
        }
    page = f"/reports/{report_id}"
    assert found == {
        "large": f"{page}#finding-large", "receiver": f"{page}#texts", "review": f"{page}#review",
    }  # fmt: skip


def test_an_explanation_of_other_rows_counts_no_longer(office: Office) -> None:
    finding = Finding("a", "title", "advice", (("row 1", None),))
    more = dataclasses.replace(finding, rows=(("row 1", None), ("row 2", "/there")))
    other = dataclasses.replace(finding, code="b")
    digests = {readiness.rows_digest(each) for each in (finding, more, other)}
    assert len(digests) == 3
    assert readiness.rows_digest(dataclasses.replace(finding, title="other words")) in digests


def test_an_identity_that_does_not_hold_stops_and_cannot_be_explained(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "RIGHT", 2)
    report_id = office.open()
    [broken] = readiness.look(report(report_id), MONDAY).findings
    assert (broken.code, broken.stops, broken.rows) == (
        "identities", True, (("1 = 1: 1 ≠ 2", None),),
    )  # fmt: skip
    digest = readiness.rows_digest(broken)
    actions.explain(report_id, "identities", digest, "就这样", by=office.clerk, now=MONDAY)
    assert to_do(office, report_id)["identities"] is False


def test_a_count_is_the_same_whatever_language_its_reader_has(office: Office) -> None:
    report_id = office.open()
    with force_locale("en"):
        english = office.digest(report_id)
    assert english == office.digest(report_id)


def test_differences_name_each_printed_figure_once(office: Office) -> None:
    report_id = office.open()
    old = queries.count(report(report_id), MONDAY)
    facts.put("2026-10", 3, 250)
    new = queries.count(report(report_id), MONDAY)
    assert differences(old, new) == (
        Difference("head.facts", "Overview · facts · Now", Unit.COUNT, 3, 4),
        Difference("head.fen", "Overview · fen · Now", Unit.FEN, 1500, 1750),
    )
    assert differences(old, old) == ()


def test_a_figure_that_only_one_of_two_reports_has_differs_too(office: Office) -> None:
    old = queries.count(report(office.open()), MONDAY)
    without = dataclasses.replace(
        old, figures={"head.fen": old.figures["head.fen"]}, charts=(),
        headline=dataclasses.replace(old.headline, lines=old.headline.lines[1:]),
    )  # fmt: skip
    [gone] = differences(old, without)
    assert (gone.key, gone.old, gone.new) == ("head.facts", 3, None)
    [come] = differences(without, old)
    assert (come.key, come.old, come.new) == ("head.facts", None, 3)


def waiting(now: datetime) -> list[tuple[str, int | None]]:
    db.session.expire_all()
    return [(row.period, row.open_items) for row in queries.waiting_reports(now)]


def test_home_hears_of_a_month_from_the_25th_on_and_of_no_issued_one(office: Office) -> None:
    office.led_to("issued")
    with clock.at(at("2026-11-24")):
        november = office.open(Period.parse("2026-11"))
        office.open(Period.parse("2026"))
        readiness.look(report(november), at("2026-11-24"))
    assert waiting(at("2026-11-24", 23)) == []
    assert waiting(at("2026-11-25", 0)) == [("2026-11", 1)]
    assert waiting(at("2027-01-02")) == [("2026-11", 1), ("2026", None)]


@pytest.fixture
def works(office: Office) -> Office:
    """A site of the kind that the facts are of."""
    with transaction() as session:
        session.add(Site(slug="works", name="微工厂", kind=SiteKind.WORKSHOP))
    return office


def drafts() -> list[tuple[str, str]]:
    db.session.expire_all()
    rows = db.session.execute(sa.select(Report.name, Report.period).order_by(Report.period))
    return [(row.name, row.period) for row in rows]


@both_engines
def test_last_months_draft_is_begun_on_the_first_working_day_once(
    works: Office, engine_name: str
) -> None:
    # 1 November 2026 is a Sunday.
    assert sweeps.prepare_drafts(at("2026-11-01", 23)) == 0
    assert drafts() == []
    assert sweeps.prepare_drafts(at("2026-11-02", 0)) == 1
    assert drafts() == [("facts", "2026-10")]
    assert sweeps.prepare_drafts(at("2026-11-02", 1)) == 0
    [move] = db.session.scalars(sa.select(Report)).one().moves
    assert move.by_name == "系统"


def test_this_months_draft_is_begun_on_the_25th(works: Office) -> None:
    sweeps.prepare_drafts(at("2026-11-24", 23))
    assert drafts() == [("facts", "2026-10")]
    assert sweeps.prepare_drafts(at("2026-11-25", 0)) == 1
    assert drafts() == [("facts", "2026-10"), ("facts", "2026-11")]
    assert sweeps.prepare_drafts(at("2026-12-01")) == 0


def test_a_draft_that_somebody_discarded_stays_away(works: Office) -> None:
    sweeps.prepare_drafts(at("2026-11-02"))
    actions.discard_draft(
        db.session.scalars(sa.select(Report.id)).one(), by=works.clerk, now=MONDAY
    )
    assert sweeps.prepare_drafts(at("2026-11-03")) == 0
    assert drafts() == []


def test_a_month_that_was_issued_by_hand_already_is_left_alone(works: Office) -> None:
    works.led_to("issued")
    assert sweeps.prepare_drafts(at("2026-11-02")) == 1
    assert drafts() == [("facts", "2026-10")]
    assert sweeps.prepare_drafts(at("2026-11-03")) == 0


def test_without_a_site_there_is_no_draft(office: Office) -> None:
    assert sweeps.prepare_drafts(at("2026-11-25")) == 0


def test_a_server_that_stood_still_for_weeks_makes_up_for_it(works: Office) -> None:
    assert sweeps.prepare_drafts(at("2026-11-28")) == 2
    assert drafts() == [("facts", "2026-10"), ("facts", "2026-11")]


def test_one_kind_that_breaks_keeps_no_other_from_its_draft(
    works: Office, in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        session.add(Site(slug="meals", name="食堂", kind=SiteKind.CANTEEN))
    real = sweeps.open_draft

    def open_draft(name: str, *args: object, **more: object) -> Report:
        if name == "canteen":
            raise OSError("broken")
        return real(name, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeps, "open_draft", open_draft)
    assert list(report_kinds()) == ["canteen", "facts"]
    assert sweeps.prepare_drafts(at("2026-11-02")) == 1
    assert drafts() == [("facts", "2026-10")]


@both_engines
def test_open_reports_are_counted_anew_every_quarter_of_an_hour_at_most(
    office: Office, engine_name: str
) -> None:
    report_id = office.open()
    assert sweeps.refresh_open_items(at("2026-11-02", 10)) == 1
    assert report(report_id).open_items == 1
    facts.put("2026-10", 3, 1000)
    ten = at("2026-11-02", 10)
    assert sweeps.refresh_open_items(ten + timedelta(minutes=14, seconds=59)) == 0
    assert report(report_id).open_items == 1
    assert sweeps.refresh_open_items(ten + timedelta(minutes=15)) == 1
    assert report(report_id).open_items == 2
    assert report(report_id).checked_at == ten + timedelta(minutes=15)
    assert report(report_id).changed_at == MONDAY  # a look is no change


def test_only_due_months_are_counted_by_themselves(office: Office) -> None:
    with clock.at(at("2026-11-10")):
        office.open(Period.parse("2026-11"))
        office.open(Period.parse("2026-Q4"))
    assert sweeps.refresh_open_items(at("2026-11-24")) == 0
    assert sweeps.refresh_open_items(at("2026-11-25")) == 1
    assert sweeps.refresh_open_items(at("2027-01-05")) == 1


def test_a_review_taken_back_is_looked_at_again_at_once(office: Office) -> None:
    report_id = office.led_to("reviewed")
    assert sweeps.refresh_open_items(at("2026-11-02", 10)) == 0
    actions.withdraw_review(report_id, reason="再核", by=office.clerk, now=MONDAY)
    assert sweeps.refresh_open_items(at("2026-11-02", 10)) == 1
    assert report(report_id).open_items == 1


def with_build(
    monkeypatch: pytest.MonkeyPatch, build: Callable[[Period, str, datetime], Built]
) -> None:
    kind: ReportKind = dataclasses.replace(facts.KIND, build=build)
    monkeypatch.setattr(queries, "report_kinds", lambda: {"facts": kind})


def test_a_report_that_can_not_be_counted_says_so_and_waits_its_quarter_of_an_hour(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = office.open(), office.open(Period.parse("2026-09"))
    readiness.look(report(broken), MONDAY - timedelta(hours=1))
    tried: list[str] = []

    def build(period: Period, scope: str, now: datetime) -> Built:
        tried.append(str(period))
        if period == OCTOBER:
            raise OSError("broken")
        return facts.build(period, scope, now)

    with_build(monkeypatch, build)
    assert sweeps.refresh_open_items(MONDAY) == 1
    assert sorted(tried) == ["2026-09", "2026-10"]
    assert (report(broken).open_items, report(sound).open_items) == (None, 1)
    assert sweeps.refresh_open_items(MONDAY + timedelta(minutes=1)) == 0
    assert len(tried) == 2


def test_sweeps_leave_no_entry_in_the_log_when_nothing_happens(works: Office) -> None:
    sweeps.prepare_drafts(at("2026-11-02"))
    report_id = db.session.scalars(sa.select(Report.id)).one()
    sweeps.refresh_open_items(at("2026-11-02"))
    sweeps.prepare_drafts(at("2026-11-02", 11))
    assert log(report_id) == ["report.begun"]


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2026-11", 2),  # the 1st is a Sunday
        ("2026-12", 1),
        ("2026-10", 8),  # after National Day
        ("2026-05", 6),  # after Labour Day
        ("2026-01", 4),  # a Sunday that is worked for the New Year
    ],
)
def test_the_first_working_day_comes_after_the_public_holidays(
    in_app: Flask, month: str, day: int
) -> None:
    found = first_working_day(Month.parse(month))
    assert found == date(found.year, found.month, day)
    assert str(Month.of(found)) == month


def test_what_the_offices_calendar_says_goes_before_the_public_holidays(in_app: Flask) -> None:
    with transaction() as session:
        session.add(CalendarDay(on=date(2026, 12, 1), kind=DayKind.HOLIDAY, name="放假"))
        session.add(CalendarDay(on=date(2026, 11, 1), kind=DayKind.WORKDAY, name="补班"))
        session.add(Site(id=7, slug="meals", name="食堂", kind=SiteKind.CANTEEN))
        session.flush()
        session.add(CalendarDay(on=date(2026, 12, 2), kind=DayKind.HOLIDAY, name="停餐", site_id=7))
    assert first_working_day(Month.parse("2026-12")) == date(2026, 12, 2)
    assert first_working_day(Month.parse("2026-11")) == date(2026, 11, 1)


def test_the_draft_of_a_new_kind_is_not_begun_where_its_site_has_ended(office: Office) -> None:
    with transaction() as session:
        session.add(Site(slug="works", name="微工厂", kind=SiteKind.WORKSHOP, is_active=False))
    assert sweeps.prepare_drafts(at("2026-11-02")) == 0
    assert queries.revisions(db.session(), "facts", ALL, "2026-10") == []
