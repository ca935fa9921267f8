"""Fault 15: something comes to light about a month at the very moment in which it is submitted."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions
from canteen.actions import ByPerson, Scan
from canteen.models import Meal, MealAdjustment
from canteen.reports.build import build
from canteen.values import OtherKind, Sitting, WayOfRecording
from core.clock import Month
from core.db import db, new_id, transaction
from core.errors import RuleError
from core.reports.models import IssuedReport, Report
from core.reports.months import close_month, facts_after
from core.reports.snapshot import unpack
from core.reports.values import Period, ReportState
from tests.canteen import house as h
from tests.canteen.crowd import together
from tests.canteen.house import House
from tests.conftest import NOON, both_engines

ROUNDS = 9  # back to February: the tariff begins in January


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(NOON)


def eat(house: House, person_id: int, at: datetime) -> UUID:
    found = actions.register_meal(h.scan(house, person_id, at), by=h.CLERK, now=at)
    assert found.outcome == "served"
    return UUID(found.answer["event_id"])


def void(event_id: UUID, now: datetime = NOON) -> str:
    actions.void_meal(event_id, void_id=new_id(), reason="误扫", by=h.CLERK, now=now)
    return "voided"


def paper(house: House, person_id: int, day: datetime, other: OtherKind | None = None) -> str:
    return actions.register_meal(Scan(
        new_id(), ByPerson(person_id), house.site_id, NOON, day=day.date(), sitting=Sitting.DINNER,
        recording=WayOfRecording.PAPER, late_reason="补录", other=other,
    ), by=h.CLERK, now=NOON).outcome  # fmt: skip


@both_engines
def test_each_fact_lies_on_one_side_of_the_submission(in_app: Flask, house: House) -> None:
    people = [h.diner(house, "minimum_living") for _ in range(3)]
    month, sides = Month(2026, 10), set()
    for number in range(ROUNDS):
        at = month.starts_at + timedelta(days=9, hours=11, minutes=40)
        served = [eat(house, person_id, at) for person_id in people]
        report_id = h.issue(str(month), now=NOON)
        calls: list[Callable[[], object]] = [lambda r=report_id: h.hand_in(r, NOON)]  # type: ignore[misc]
        calls += [
            lambda e=served[0]: void(e),  # type: ignore[misc]
            lambda d=at: paper(house, people[1], d),  # type: ignore[misc]
            lambda d=at: paper(house, people[2], d, OtherKind.GUEST),  # type: ignore[misc]
        ][: number % 4]  # fmt: skip
        found = together(in_app, calls)
        assert found[1:] == ["voided", "served", "served"][: number % 4]
        report = db.session.get_one(Report, report_id, populate_existing=True)
        booked = db.session.query(MealAdjustment).filter_by(of_month=str(month)).count()
        counted = unpack(db.session.get_one(IssuedReport, report_id).content)
        stored = {str(id) for id in db.session.scalars(
            sa.select(Meal.event_id).where(Meal.day >= month.first, Meal.day <= month.last))}  # fmt: skip
        was_counted = {row[0] for row in counted.datasets["meals"].rows}
        if found[0] is None:
            # Submitted: its rows are those that were counted, and everything else is booked later.
            assert report.state is ReportState.SUBMITTED
            assert (stored, booked) == (was_counted, number % 4)
        else:
            # Something was there first: nothing was submitted, and nothing is booked elsewhere.
            assert found[0] == "report_outdated" and report.state is ReportState.SIGNED
            assert booked == 0 and 0 < facts_after(report) <= number % 4
        sides.add(found[0])
        month = month.previous()
    assert actions.differences() == []
    assert None in sides


@both_engines
@pytest.mark.parametrize("submitted", ["2026-10", "2026-11"])
def test_late_fact_waits_for_the_submission_and_is_booked_after_it(
    in_app: Flask, house: House, submitted: str
) -> None:
    """The submission of its own month, or of the next, is held open until the void has begun."""
    now = datetime(2026, 12, 3, 3, 0, tzinfo=UTC)
    served = eat(house, h.diner(house, "minimum_living"), datetime(2026, 10, 20, 3, 40, tzinfo=UTC))
    if submitted == "2026-11":
        h.submit("2026-10")
    report_id = h.issue(submitted, now=now)
    began, done = threading.Event(), threading.Event()

    def submit() -> str:
        with transaction() as session:
            report = session.get_one(Report, report_id)
            close_month(session, report, now)
            began.set()
            # On SQLite the void queues behind this very transaction, on PostgreSQL behind the book.
            assert not done.wait(0.4)
            report.state = ReportState.SUBMITTED
        return "submitted"

    def late() -> str:
        assert began.wait(5)
        answer = void(served, now)
        done.set()
        return answer

    assert together(in_app, [submit, late]) == ["submitted", "voided"]
    assert db.session.query(Meal).count() == 1
    row = db.session.scalars(sa.select(MealAdjustment)).one()
    assert row.booked_month == str(Month.parse(submitted).next())


@both_engines
def test_submission_waits_for_a_late_fact_and_refuses(in_app: Flask, house: House) -> None:
    """The other way round: the void is written and not yet committed when somebody submits."""
    served = eat(house, h.diner(house), datetime(2026, 10, 20, 3, 40, tzinfo=UTC))
    report_id = h.issue("2026-10", now=NOON)
    began, done = threading.Event(), threading.Event()

    def late() -> str:
        with transaction():
            answer = void(served)
            began.set()
            assert not done.wait(0.4)
        return answer

    def submit() -> None:
        assert began.wait(5)
        try:
            h.hand_in(report_id, NOON)
        finally:
            done.set()

    assert together(in_app, [late, submit]) == ["voided", "report_outdated"]
    assert db.session.query(Meal).count() == db.session.query(MealAdjustment).count() == 0


@both_engines
def test_difference_is_not_booked_into_a_month_that_is_just_submitted(
    in_app: Flask, house: House
) -> None:
    """October's correction belongs to November while November's report is on its way out."""
    december = datetime(2026, 12, 3, 3, 0, tzinfo=UTC)
    served = eat(house, h.diner(house), datetime(2026, 10, 20, 3, 40, tzinfo=UTC))
    h.submit("2026-10")
    report_id = h.issue("2026-11", now=december)
    found = together(
        in_app, [lambda: h.hand_in(report_id, december), lambda: void(served, december)]
    )
    row = db.session.scalars(sa.select(MealAdjustment)).one()
    november = Period.parse("2026-11")
    counted = build(november, "all", december).value("head.adjusted")
    if found[0] is None:
        assert row.booked_month == "2026-12" and counted == 0
    else:
        assert found[0] == "report_outdated" and row.booked_month == "2026-11"


@both_engines
def test_issued_report_stays_and_its_month_counts_the_same(in_app: Flask, house: House) -> None:
    person_id, at = h.diner(house, "minimum_living"), datetime(2026, 10, 20, 3, 40, tzinfo=UTC)
    served = eat(house, person_id, at)
    report_id = h.issue("2026-10", now=NOON)
    h.hand_in(report_id, NOON)
    kept = bytes(db.session.get_one(IssuedReport, report_id).content)
    void(served)
    assert paper(house, person_id, at) == "served"
    db.session.expire_all()
    assert bytes(db.session.get_one(IssuedReport, report_id).content) == kept
    october, november = (build(Period.parse(text), "all", NOON) for text in ("2026-10", "2026-11"))
    issued = unpack(kept)
    for key in ("visits", "people", "price", "subsidy", "copay", "due", "others"):
        assert october.value(f"head.{key}") == issued.value(f"head.{key}")
    # A ¥12 lunch with ¥8 of subsidy gone, a ¥10 dinner with ¥8 come: nothing but the co-pay differs.
    assert (november.value("head.visits"), november.value("adjustment.total.visits")) == (0, 0)
    assert november.value("adjustment.total.copay") == -400 + 200
    assert november.value("head.due") == 0
    assert [identity for identity in november.identities if not identity.holds] == []


@both_engines
def test_month_is_not_submitted_before_it_is_over(house: House) -> None:
    report_id = h.issue("2026-10", now=NOON)
    midnight = Month(2026, 10).ends_at
    for ms in (-1, 0, 1):
        with pytest.raises(RuleError) as caught:
            h.hand_in(report_id, midnight + timedelta(milliseconds=ms))
        assert caught.value.code == "month_not_over"
    h.hand_in(report_id, midnight + timedelta(minutes=1))
    assert db.session.get_one(Report, report_id).state is ReportState.SUBMITTED


@both_engines
def test_what_came_in_after_the_issue_is_counted_by_entry(house: House) -> None:
    person_id, at = h.diner(house, "minimum_living"), datetime(2026, 10, 20, 3, 40, tzinfo=UTC)
    served, before = eat(house, person_id, at), eat(house, h.diner(house), at)
    void(before, NOON - timedelta(minutes=1))
    report = db.session.get_one(Report, h.issue("2026-10", now=NOON))
    assert facts_after(report) == 0
    void(served, NOON + timedelta(days=1))
    paper(house, person_id, at)
    paper(house, person_id, at, OtherKind.SECOND)
    assert facts_after(report) == 3
    # What ends as it was is no change: taken back, it needs no revision.
    again = eat(house, h.diner(house), at)
    assert facts_after(report) == 4
    void(again)
    assert facts_after(report) == 3
