"""Facts that come late: a submitted month stays as it is, each correction is booked once, later."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions, queries
from canteen.actions import ByPerson, Registered, Scan, TariffDraft
from canteen.models import CanteenException, Meal, MealAdjustment, MealEvent, OtherSale
from canteen.values import (
    Condition,
    EventKind,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitUnit,
    Operator,
    OtherKind,
    Sitting,
    TariffKind,
    WayOfRecording,
)
from core.clock import Month
from core.db import db, new_id, transaction
from core.reports.months import closed_by, first_open_month
from core.reports.values import ReportState
from core.writer import reading
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import both_engines

# Saturday, the last of October, 11:42 in Handan, and the Monday on which it comes to light.
OCTOBER = datetime(2026, 10, 31, 3, 42, tzinfo=UTC)
DAY = date(2026, 10, 31)
NOON = datetime(2026, 11, 2, 3, 42, tzinfo=UTC)


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(NOON)


def eat(house: House, person_id: int, at: datetime = OCTOBER, **more: Any) -> Registered:
    """A scan that reached us at once."""
    return actions.register_meal(h.scan(house, person_id, at, **more), by=h.CLERK, now=at)


def from_paper(house: House, person_id: int, day: date = DAY, **more: Any) -> Registered:
    """Entered in November from the paper of October."""
    values: dict[str, Any] = {
        "who": ByPerson(person_id), "recording": WayOfRecording.PAPER, "late_reason": "停电,纸质登记",
        "day": day, "sitting": Sitting.LUNCH, **more,
    }  # fmt: skip
    return actions.register_meal(h.scan(house, person_id, NOON, **values), by=h.CLERK, now=NOON)


def fact(house: House, person_id: int, at: datetime, **more: Any) -> Registered:
    """Served by a counter without a line in October, uploaded in November."""
    scan = h.scan(house, person_id, at, is_fact=True, day=at.date(), sitting=Sitting.LUNCH, **more)
    return actions.register_meal(scan, by=h.CLERK, now=NOON)


def void(found: Registered, now: datetime = NOON) -> MealEvent:
    return actions.void_meal(
        _id(found), void_id=new_id(), reason="本人未到", by=h.CLERK, now=now
    )  # fmt: skip


def _id(found: Registered) -> UUID:
    return UUID(found.answer["event_id"])


def meals() -> list[tuple[Any, ...]]:
    """Every column of every meal."""
    table: Any = Meal.__table__
    return [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]


def booked() -> list[tuple[Any, ...]]:
    """What was booked: site, of which month, in which, visits, price, subsidy, co-pay."""
    rows = db.session.scalars(
        sa.select(MealAdjustment).order_by(MealAdjustment.booked_at, MealAdjustment.subsidy_fen)
    )
    return [
        (row.site_id, row.of_month, row.booked_month, row.visits, row.price_fen, row.subsidy_fen, row.copay_fen)
        for row in rows
    ]  # fmt: skip


def in_order() -> None:
    """What every test here ends with."""
    db.session.expire_all()
    assert actions.differences() == []


@both_engines
def test_void_in_a_submitted_month_leaves_the_meal_and_is_booked_in_the_next(house: House) -> None:
    served = eat(house, h.diner(house, "minimum_living"))
    h.submit("2026-10")
    before = meals()
    event = void(served)
    assert meals() == before
    # The ¥12 lunch with ¥8 of subsidy is taken back in November.
    assert booked() == [(house.site_id, "2026-10", "2026-11", -1, -1200, -800, -400)]
    row = db.session.scalars(sa.select(MealAdjustment)).one()
    assert (row.event_id, row.reason, row.booked_by) == (event.id, "本人未到", "经办人甲")
    assert (row.city_fen, row.street_fen, row.day) == (-500, -300, DAY)
    in_order()


@both_engines
def test_month_that_was_only_issued_changes_itself(house: House) -> None:
    served = eat(house, h.diner(house, "minimum_living"))
    h.submit("2026-10", state=ReportState.SIGNED)
    void(served)
    assert (meals(), booked()) == ([], [])
    in_order()


@both_engines
@pytest.mark.parametrize("state", [ReportState.CLOSED, ReportState.RETURNED])
def test_month_stays_closed_whatever_the_bureau_answers(house: House, state: ReportState) -> None:
    served = eat(house, h.diner(house))
    h.submit("2026-10", state=state)
    void(served)
    assert len(meals()) == len(booked()) == 1
    in_order()


@both_engines
def test_paper_of_a_submitted_month_is_served_once_and_booked(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    h.submit("2026-10")
    first = from_paper(house, person_id)
    assert (first.status, first.outcome) == (201, "served")
    second = from_paper(house, person_id)
    assert second.outcome == "already_served"
    assert second.answer["meal_event_id"] == first.answer["event_id"]
    assert meals() == []
    assert booked() == [(house.site_id, "2026-10", "2026-11", 1, 1200, 800, 400)]
    assert db.session.scalars(sa.select(MealAdjustment.reason)).one() == "停电,纸质登记"
    in_order()


@both_engines
def test_meal_that_was_voided_late_can_be_entered_anew(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    served = eat(house, person_id)
    h.submit("2026-10")
    void(served)
    again = from_paper(house, person_id)
    assert again.outcome == "served"
    assert [row[3] for row in booked()] == [-1, 1]
    void(again)
    assert sum(row[3] for row in booked()) == -1
    assert sum(row[5] for row in booked()) == -800
    in_order()


@both_engines
def test_repeated_late_events_are_booked_once(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    served, other = eat(house, person_id), h.diner(house)
    h.submit("2026-10")
    void_id = new_id()
    for _ in range(3):
        actions.void_meal(_id(served), void_id=void_id, reason="误扫", by=h.CLERK, now=NOON)
    paper = Scan(
        new_id(), ByPerson(other), house.site_id, NOON, day=DAY, sitting=Sitting.LUNCH,
        recording=WayOfRecording.PAPER, late_reason="补录",
    )  # fmt: skip
    upload = h.scan(house, h.diner(house), OCTOBER, is_fact=True, day=DAY, sitting=Sitting.LUNCH)
    for scan in (paper, upload) * 3:
        assert actions.register_meal(scan, by=h.CLERK, now=NOON).outcome == "served"
    assert sorted(row[3] for row in booked()) == [-1, 1, 1]
    in_order()


@both_engines
def test_database_itself_counts_a_correcting_event_once_a_site(house: House) -> None:
    void_of = eat(house, h.diner(house))
    h.submit("2026-10")
    void(void_of)
    row = db.session.scalars(sa.select(MealAdjustment)).one()
    again = {column.name: getattr(row, column.name) for column in MealAdjustment.__table__.columns}
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.insert(MealAdjustment), again)
    db.session.rollback()
    again.update(event_id=new_id(), booked_month="2026-10")
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.insert(MealAdjustment), again)


@both_engines
def test_earlier_serving_at_another_site_is_moved_from_one_to_the_other(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    eat(house, person_id)
    h.submit("2026-10")
    before = meals()
    # The other counter served her ten minutes before, and says so a month later.
    fact(house, person_id, OCTOBER - timedelta(minutes=10), site_id=house.second_site_id)
    assert meals() == before
    assert sorted(row[0:1] + row[3:] for row in booked()) == [
        (house.site_id, -1, -1200, -800, -400), (house.second_site_id, 1, 1200, 800, 400),
    ]  # fmt: skip
    reasons = set(db.session.scalars(sa.select(MealAdjustment.reason)))
    assert reasons == {"uploaded"}
    parked = db.session.scalars(sa.select(CanteenException.event_id)).one()
    assert parked == before[0][3]  # the later serving waits for a human
    in_order()


@both_engines
def test_serving_that_changes_no_amount_books_nothing(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    eat(house, person_id)
    h.submit("2026-10")
    before = meals()
    fact(house, person_id, OCTOBER - timedelta(minutes=10))
    fact(house, person_id, OCTOBER + timedelta(minutes=10))
    assert (meals(), booked()) == (before, [])
    in_order()


@both_engines
def test_voiding_the_first_of_two_servings_books_the_second(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    first = eat(house, person_id)
    fact(house, person_id, OCTOBER + timedelta(minutes=10), site_id=house.second_site_id)
    h.submit("2026-10")
    assert db.session.query(CanteenException).count() == 1
    event = void(first)
    assert sorted(row[0:1] + row[3:] for row in booked()) == [
        (house.site_id, -1, -1200, -800, -400), (house.second_site_id, 1, 1200, 800, 400),
    ]  # fmt: skip
    assert set(db.session.scalars(sa.select(MealAdjustment.event_id))) == {event.id}
    assert db.session.query(CanteenException).count() == 0
    in_order()


@both_engines
def test_moved_meal_is_taken_from_one_and_given_to_the_other(house: House) -> None:
    poor, plain = h.diner(house, "minimum_living"), h.diner(house)
    served = eat(house, poor)
    h.submit("2026-10")
    before = meals()
    actions.move_meal(
        _id(served), to_person_id=plain, move_id=new_id(), reason="拿错卡", by=h.CLERK, now=NOON
    )
    assert meals() == before
    found = db.session.execute(
        sa.select(
            MealAdjustment.person_id, MealAdjustment.visits, MealAdjustment.subsidy_fen
        ).order_by(MealAdjustment.visits)
    )
    assert [tuple(row) for row in found] == [(poor, -1, -800), (plain, 1, 0)]
    in_order()


@both_engines
def test_sales_outside_the_subsidy_follow_the_same_rule(house: House) -> None:
    host = h.diner(house)
    early = eat(house, host, other=OtherKind.COMPANION, host_id=host)
    h.submit("2026-10")
    void(early)
    late = from_paper(house, host, other=OtherKind.GUEST)
    assert late.outcome == "served"
    assert db.session.query(OtherSale).count() == 1
    rows = db.session.execute(
        sa.select(MealAdjustment.other_kind, MealAdjustment.person_id, MealAdjustment.visits,
                  MealAdjustment.price_fen, MealAdjustment.copay_fen).order_by(MealAdjustment.visits)
    )  # fmt: skip
    assert [tuple(row) for row in rows] == [
        (OtherKind.COMPANION, host, -1, -1200, -1200), (OtherKind.GUEST, host, 1, 1200, 1200),
    ]  # fmt: skip
    in_order()
    void(late)
    assert sum(row[3] for row in booked()) == -1
    in_order()


@both_engines
def test_difference_goes_to_the_first_month_still_open(house: House) -> None:
    served = eat(house, h.diner(house))
    h.submit("2026-10")
    h.submit("2026-11")
    january = datetime(2027, 1, 8, 3, 0, tzinfo=UTC)
    void(served, january)
    assert [row[1:3] for row in booked()] == [("2026-10", "2026-12")]
    assert first_open_month("canteen", Month(2026, 10), "one") == Month(2026, 12)
    assert first_open_month("canteen", Month(2026, 11), "two") == Month(2026, 12)
    in_order()


@both_engines
def test_a_sites_own_report_closes_that_site_alone(house: House) -> None:
    here = eat(house, h.diner(house))
    there = eat(house, h.diner(house), site_id=house.second_site_id)
    h.submit("2026-10", "one")
    h.submit("2026-11", "one")
    report = closed_by("canteen", Month(2026, 10), "one")
    assert report is not None and report.scope == "one"
    assert closed_by("canteen", Month(2026, 10), "two") is None
    void(here, datetime(2026, 12, 5, 3, 0, tzinfo=UTC))
    void(there, datetime(2026, 12, 5, 3, 0, tzinfo=UTC))
    assert booked() == [(house.site_id, "2026-10", "2026-12", -1, -1200, 0, -1200)]
    assert [row[4] for row in meals()] == [house.site_id]
    in_order()


@both_engines
def test_meal_between_a_closed_and_an_open_site_is_owed_once(house: House) -> None:
    """Each site's rows follow its own report, and the sum is one meal in every order of arrival."""
    person_id = h.diner(house, "minimum_living")
    h.submit("2026-10", "one")
    at_two = fact(house, person_id, OCTOBER, site_id=house.second_site_id)
    assert [row[4] for row in meals()] == [house.second_site_id]
    # An earlier serving at the closed site: the open site's row gives way to an adjustment.
    at_one = fact(house, person_id, OCTOBER - timedelta(minutes=5))
    assert (meals(), [row[0] for row in booked()]) == ([], [house.site_id])
    in_order()
    void(at_one)
    assert [row[4] for row in meals()] == [house.second_site_id]
    assert sum(row[3] for row in booked()) == 0
    in_order()
    void(at_two)
    assert (meals(), sum(row[5] for row in booked())) == ([], 0)
    in_order()


@both_engines
def test_frozen_meal_gives_way_to_an_open_site_only_on_paper(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    eat(house, person_id)
    h.submit("2026-10", "one")
    before = meals()
    fact(house, person_id, OCTOBER - timedelta(minutes=5), site_id=house.second_site_id)
    # The key of the meal is taken by the frozen row, so the open site's meal is booked too.
    assert meals() == before
    assert sorted((row[0], row[2], row[5]) for row in booked()) == [
        (house.site_id, "2026-11", -800), (house.second_site_id, "2026-11", 800),
    ]  # fmt: skip
    in_order()


@both_engines
def test_limits_count_what_is_owed_now(house: House) -> None:
    weekly = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 2)
    h.subsidy(
        house, "low", ["minimum_living"], [LayerRule(FundLayer.CITY, fixed_fen=300)], [weekly]
    )
    person_id = h.diner(house, "minimum_living")
    monday = eat(house, person_id, OCTOBER - timedelta(days=5))
    h.submit("2026-10")

    def late(day: int) -> int:
        found = from_paper(house, person_id, date(2026, 10, day))
        return int(found.answer["meal"]["subsidy_fen"])

    # 26 October to 1 November: Monday is stored, Tuesday comes late, so Wednesday is one too many.
    assert (late(27), late(28)) == (300, 0)
    # A late void frees its allowance for the next late meal, never for one that is priced already.
    void(monday)
    assert (late(29), late(30)) == (300, 0)
    in_order()


@both_engines
def test_scan_of_today_counts_the_closed_days_of_its_week(house: House) -> None:
    weekly = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 1)
    h.subsidy(
        house, "low", ["minimum_living"], [LayerRule(FundLayer.CITY, fixed_fen=300)], [weekly]
    )
    person_id = h.diner(house, "minimum_living")
    # Monday 30 November is eaten and voided after its report; the week goes on in December.
    monday = datetime(2026, 11, 30, 3, 42, tzinfo=UTC)
    served = eat(house, person_id, monday)
    h.submit("2026-11")
    wednesday = monday + timedelta(days=2)
    void(served, wednesday - timedelta(hours=1))
    found = eat(house, person_id, wednesday)
    assert found.answer["meal"]["subsidy_fen"] == 300
    in_order()


@both_engines
def test_budget_counts_what_is_owed_now(house: House) -> None:
    h.in_force(house, TariffDraft(
        series="winter", kind=TariffKind.SUBSIDY, name="winter", document_no="示例〔2026〕3号", from_on=h.FIRST,
        conditions=[Condition(Fact.CATEGORY, Operator.IN, ("destitute",))],
        layers=[LayerRule(FundLayer.CITY, fixed_fen=1000)], annual_budget_fen=100_000,
    ))  # fmt: skip
    person_id = h.diner(house, "destitute")
    gone, _kept = eat(house, person_id), eat(house, person_id, OCTOBER - timedelta(days=1))
    h.submit("2026-10")

    def used() -> int:
        db.session.expire_all()
        [balance] = queries.budget_balances(NOON.date())
        return balance.used_fen

    assert used() == 2000
    void(gone)
    assert used() == 1000
    from_paper(house, person_id, DAY - timedelta(days=2))
    from_paper(house, person_id, DAY - timedelta(days=3))
    assert used() == 3000


@both_engines
def test_refusals_of_a_closed_month_are_kept_and_book_nothing(house: House) -> None:
    nobody = h.person(house)
    h.submit("2026-10")
    found = from_paper(house, nobody)
    assert found.answer["reason"] == "not_eligible"
    assert booked() == []
    assert db.session.scalars(sa.select(MealEvent.kind)).one() is EventKind.REFUSED


@both_engines
def test_practice_counts_nowhere_in_a_closed_month_either(house: House) -> None:
    person_id = h.diner(house, practice=True)
    served = eat(house, person_id)
    h.submit("2026-10")
    from_paper(house, person_id, DAY - timedelta(days=1))
    void(served)
    assert (meals(), booked()) == ([], [])


@both_engines
def test_what_a_rule_forbids_comes_late_without_subsidy(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    actions.suspend_diner(
        person_id, from_on=DAY, until_on=DAY, reason="核查", by=h.CLERK, now=OCTOBER
    )
    h.submit("2026-10")
    fact(house, person_id, OCTOBER)
    assert [row[3:] for row in booked()] == [(1, 1200, 0, 1200)]
    in_order()


@pytest.mark.parametrize("ms", [-1, 0, 1])
def test_scan_at_the_first_of_a_month_lands_on_its_side(house: House, ms: int) -> None:
    """At 00:00 in Handan on 1 November, a millisecond earlier and later; October is submitted."""
    h.submit("2026-10")
    midnight = datetime(2026, 10, 31, 16, 0, tzinfo=UTC) + timedelta(milliseconds=ms)
    person_id = h.diner(house)
    now = midnight + timedelta(hours=1)
    late = {"late_reason": "夜间补餐", "sitting": Sitting.DINNER}
    found = actions.register_meal(h.scan(house, person_id, midnight, **late), by=h.CLERK, now=now)
    assert found.outcome == "served"
    assert found.answer["day"] == ("2026-10-31" if ms < 0 else "2026-11-01")
    assert (len(meals()), len(booked())) == ((0, 1) if ms < 0 else (1, 0))
    in_order()


@both_engines
def test_scan_of_the_day_asks_for_no_report(house: House) -> None:
    h.submit("2026-10")
    served = h.scan(house, h.diner(house, "minimum_living"))
    words: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words.append(statement)

    engines = {id(engine): engine for engine in (db.engine, reading())}.values()
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    actions.register_meal(served, by=h.CLERK, now=NOON)
    actions.register_meal(h.scan(house, h.diner(house), is_fact=True), by=h.CLERK, now=NOON)
    actions.void_meal(served.id, void_id=new_id(), reason="误扫", by=h.CLERK, now=NOON)
    assert not [text for text in words if "report" in text or "meal_adjustment" in text]
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)
