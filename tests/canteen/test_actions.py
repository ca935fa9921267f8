"""The verbs of the counter on both engines."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions
from canteen.actions import ByCode, ByPerson, Registered, Scan, TariffDraft
from canteen.models import CanteenException, Meal, MealEvent, OtherSale
from canteen.values import (
    Collector,
    Condition,
    DietKind,
    EventKind,
    ExceptionKind,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitUnit,
    Operator,
    OtherKind,
    PriceKind,
    Sitting,
    TariffKind,
    WayOfEating,
    WayOfRecording,
)
from core.db import db, new_id, transaction
from core.errors import RuleError
from core.people.actions import change_standing, merge_person
from core.people.models import Person, StandingKind
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON, both_engines


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(NOON)


def register(scan: Scan, now: datetime = NOON) -> Registered:
    return actions.register_meal(scan, by=h.CLERK, now=now)


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@both_engines
def test_first_scan_of_a_sitting_is_served_and_priced(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    answer = register(h.scan(house, person_id))
    assert (answer.status, answer.answer["outcome"]) == (201, "served")
    # ¥12 lunch: ¥5 of the city and ¥3 of the street leave ¥4.
    assert answer.answer["meal"] == {
        "price_fen": 1200, "subsidy_fen": 800, "copay_fen": 400,
        "layers": {"city": 500, "street": 300}, "category": "minimum_living",
        "tariff_id": answer.answer["meal"]["tariff_id"],
    }  # fmt: skip
    meal = db.session.scalars(sa.select(Meal)).one()
    assert (meal.day, meal.sitting, meal.age) == (date(2026, 11, 24), Sitting.LUNCH, 76)
    assert (meal.layers, meal.copay_fen, meal.operator) == (
        {FundLayer.CITY: 500, FundLayer.STREET: 300}, 400, "示例运营",
    )  # fmt: skip
    assert answer.seen is not None and answer.seen.name == "王秀华"
    assert "王秀华" not in str(answer.answer)
    assert actions.differences() == []


@both_engines
def test_second_scan_says_when_and_where(house: House) -> None:
    person_id = h.diner(house)
    first = register(h.scan(house, person_id))
    second = register(
        h.scan(house, person_id, site_id=house.second_site_id), h.later(NOON, minutes=3)
    )
    assert (second.status, second.answer["outcome"]) == (200, "already_served")
    assert second.answer["site"] == "one"
    assert second.answer["meal_event_id"] == first.answer["event_id"]
    assert datetime.fromisoformat(second.answer["at"]) == NOON
    assert (count(Meal), count(MealEvent)) == (1, 2)


@both_engines
def test_repeated_event_gets_the_stored_answer_and_status(house: House) -> None:
    scan = h.scan(house, h.diner(house))
    first, second = register(scan), register(scan, h.later(NOON, hours=9))
    assert (second.status, second.answer, second.replayed) == (first.status, first.answer, True)
    assert (count(Meal), count(MealEvent)) == (1, 1)


@both_engines
def test_repeated_id_with_other_content_is_refused_and_writes_nothing(house: House) -> None:
    one, two = h.diner(house), h.diner(house)
    scan = h.scan(house, one)
    register(scan)
    with pytest.raises(RuleError) as caught:
        register(h.scan(house, two, id=scan.id))
    assert caught.value.code == "id_reused"
    assert (count(Meal), count(MealEvent)) == (1, 1)


@both_engines
def test_unknown_code_is_a_refused_event_without_the_code(house: House) -> None:
    answer = register(h.scan(house, 0, who=ByCode("12345678901234567")))
    assert (answer.status, answer.answer["reason"]) == (200, "unknown_card")
    event = db.session.scalars(sa.select(MealEvent)).one()
    assert (event.kind, event.person_id) == (EventKind.REFUSED, None)
    assert "12345678901234567" not in str(
        {c.name: getattr(event, c.name) for c in sa.inspect(MealEvent).columns}
    )


@both_engines
def test_replaced_card_is_refused_and_the_new_one_serves(house: House) -> None:
    person_id = h.diner(house)
    h.replace_card(person_id, NOON)
    assert register(h.scan(house, person_id)).answer["reason"] == "card_replaced"
    new = h.scan(house, person_id, who=ByCode(h.code(person_id, 2)))
    assert register(new).outcome == "served"


@both_engines
def test_deceased_moved_and_suspended_are_refused_with_their_codes(house: House) -> None:
    for kind in (StandingKind.MOVED_AWAY, StandingKind.CARE_HOME, StandingKind.DECEASED):
        person_id = h.diner(house)
        with transaction() as session:
            session.get_one(Person, person_id).standing = kind
        assert register(h.scan(house, person_id)).answer["reason"] == kind.value
    person_id = h.diner(house)
    actions.suspend_diner(
        person_id,
        from_on=NOON.date(),
        until_on=date(2026, 12, 1),
        reason="核查",
        by=h.CLERK,
        now=NOON,
    )
    answer = register(h.scan(house, person_id)).answer
    assert (answer["reason"], answer["until"]) == ("suspended", "2026-12-01")
    assert count(Meal) == 0


@both_engines
def test_only_an_eligible_diner_is_served(house: House) -> None:
    stranger, without_paper = h.person(house), h.diner(house, None)
    aged = h.diner(house, None, birth_on=date(1940, 1, 1))
    assert register(h.scan(house, stranger)).answer["reason"] == "not_eligible"
    assert register(h.scan(house, without_paper)).answer["reason"] == "not_eligible"
    assert register(h.scan(house, aged)).answer["meal"]["category"] == "aged"


@both_engines
def test_paper_is_judged_by_where_she_stood_on_that_day(house: House) -> None:
    person_id = h.diner(house)
    for kind, since_on in ((StandingKind.HOSPITAL, 10), (StandingKind.REGISTERED, 20)):
        change_standing(person_id, kind, since_on=date(2026, 11, since_on), by=h.CLERK, now=NOON)
    paper = {"recording": WayOfRecording.PAPER, "late_reason": "停电补录", "sitting": Sitting.LUNCH}
    told = [
        register(h.scan(house, person_id, **paper, day=date(2026, 11, day))).answer.get("reason")
        for day in (9, 10, 19, 20, 24)
    ]
    assert told == [None, "hospital", "hospital", None, None]


@both_engines
def test_record_that_was_merged_eats_no_more(house: House) -> None:
    double, stays = h.diner(house), h.diner(house)
    merge_person(double, stays, reason="登记两次", by=h.CLERK, now=NOON)
    by_name = h.scan(house, 0, who=ByPerson(double), recording=WayOfRecording.BY_NAME)
    assert register(by_name).answer["reason"] == "not_eligible"
    assert register(h.scan(house, double)).answer["reason"] == "card_revoked"
    assert register(h.scan(house, stays)).outcome == "served"
    assert db.session.scalars(sa.select(Meal.person_id)).all() == [stays]


@both_engines
def test_eligibility_expired_up_to_thirty_days_serves_and_is_marked(house: House) -> None:
    amber = h.diner(house, "minimum_living", until_on=date(2026, 10, 25))
    gone = h.diner(house, "minimum_living", until_on=date(2026, 10, 24))
    answer = register(h.scan(house, amber)).answer
    assert answer["notes"] == [{"code": "eligibility_review", "expired_on": "2026-10-25"}]
    assert answer["meal"]["subsidy_fen"] == 800
    assert db.session.scalars(sa.select(Meal)).one().needs_review
    assert register(h.scan(house, gone)).answer["reason"] == "not_eligible"


@both_engines
def test_diet_block_waits_for_its_acknowledgement(house: House) -> None:
    person_id = h.diner(house)
    actions.add_diet_need(
        person_id, DietKind.ALLERGY, detail="花生", from_on=h.FIRST, by=h.CLERK, now=NOON
    )
    refused = register(h.scan(house, person_id))
    assert (refused.answer["reason"], refused.answer["needs"]) == ("diet_block", ["allergy"])
    assert refused.seen is not None and refused.seen.needs[0].detail == "花生"
    assert "花生" not in str(refused.answer)
    served = register(h.scan(house, person_id, acknowledged=True))
    assert served.outcome == "served"
    again = register(h.scan(house, person_id))
    assert again.outcome == "already_served"


@both_engines
def test_pause_never_closes_the_counter(house: House) -> None:
    person_id = h.diner(house)
    actions.pause_diner(person_id, from_on=NOON.date(), until_on=None, by=h.CLERK, now=NOON)
    answer = register(h.scan(house, person_id))
    assert answer.answer["notes"] == [{"code": "paused"}]
    assert answer.seen is not None and answer.seen.pause_id is not None
    actions.end_pause(person_id, answer.seen.pause_id, on=NOON.date(), by=h.CLERK, now=NOON)


@both_engines
def test_outside_a_sitting_only_a_reason_serves(house: House) -> None:
    person_id = h.diner(house)
    afternoon = h.later(NOON, hours=3)
    refused = register(h.scan(house, person_id, afternoon), afternoon).answer
    assert (refused["reason"], refused["next"]["sitting"]) == ("outside_sitting", "dinner")
    late = h.scan(house, person_id, afternoon, late_reason="停电", sitting=Sitting.LUNCH)
    assert register(late, afternoon).answer["sitting"] == "lunch"
    assert db.session.scalars(sa.select(Meal)).one().is_late


@both_engines
def test_paper_entry_wants_its_reason(house: House) -> None:
    person_id = h.diner(house)
    with pytest.raises(RuleError, match="late_reason_needed"):
        register(h.scan(house, person_id, recording=WayOfRecording.PAPER))
    entry = h.scan(
        house, person_id, recording=WayOfRecording.PAPER, late_reason="停电补录",
        day=date(2026, 11, 20), sitting=Sitting.DINNER,
    )  # fmt: skip
    assert register(entry).answer["day"] == "2026-11-20"


def test_nobody_has_eaten_on_a_day_to_come(house: House) -> None:
    person_id = h.diner(house)
    paper = {"recording": WayOfRecording.PAPER, "late_reason": "停电补录", "sitting": Sitting.LUNCH}
    tomorrow = h.later(NOON, days=1)
    for slip in ({"day": date(2026, 11, 25)}, {"day": date(2027, 11, 20)}, {"at": tomorrow}):
        with pytest.raises(RuleError, match="paper_in_future"):
            register(h.scan(house, person_id, **paper, **slip))
    assert count(MealEvent) == 0
    assert register(h.scan(house, person_id, **paper, day=NOON.date())).outcome == "served"


@both_engines
def test_collected_by_another_is_a_way_of_eating(house: House) -> None:
    answer = register(h.scan(house, h.diner(house), collected_by=Collector.NEIGHBOUR)).answer
    assert (answer["way"], answer["collected_by"]) == (WayOfEating.COLLECTED, "neighbour")


@both_engines
def test_guest_and_second_portion_are_sales_without_subsidy(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    register(h.scan(house, person_id))
    second = register(h.scan(house, person_id, other=OtherKind.SECOND)).answer
    guest = register(h.scan(house, 0, who=None, other=OtherKind.GUEST)).answer
    assert second["meal"]["copay_fen"] == guest["meal"]["copay_fen"] == 1200
    sales = db.session.scalars(sa.select(OtherSale).order_by(OtherSale.kind)).all()
    assert [(row.kind, row.host_id) for row in sales] == [
        (OtherKind.GUEST, None), (OtherKind.SECOND, person_id),
    ]  # fmt: skip
    assert count(Meal) == 1
    assert actions.differences() == []


@both_engines
def test_void_frees_the_sitting_and_repeats_harmlessly(house: House) -> None:
    person_id = h.diner(house)
    scan, void_id = h.scan(house, person_id), new_id()
    register(scan)
    for _ in range(2):
        actions.void_meal(scan.id, void_id=void_id, reason="扫错人", by=h.CLERK, now=NOON)
    assert count(Meal) == 0
    with pytest.raises(RuleError, match="already_voided"):
        actions.void_meal(scan.id, void_id=new_id(), reason="扫错人", by=h.CLERK, now=NOON)
    assert register(h.scan(house, person_id)).outcome == "served"
    assert actions.differences() == []


@both_engines
def test_voided_sale_is_gone(house: House) -> None:
    scan = h.scan(house, 0, who=None, other=OtherKind.GUEST)
    register(scan)
    actions.void_meal(scan.id, void_id=new_id(), reason="误点", by=h.CLERK, now=NOON)
    assert count(OtherSale) == 0
    with pytest.raises(RuleError, match="already_voided"):
        actions.void_meal(scan.id, void_id=new_id(), reason="误点", by=h.CLERK, now=NOON)


@both_engines
def test_moved_meal_belongs_to_the_other_person_at_her_price(house: House) -> None:
    wrong, right = h.diner(house, "minimum_living"), h.diner(house)
    scan, move_id = h.scan(house, wrong), new_id()
    register(scan)
    for _ in range(2):
        moved = actions.move_meal(
            scan.id, to_person_id=right, move_id=move_id, reason="拿错卡", by=h.CLERK, now=NOON
        )
    assert moved.answer["meal"]["copay_fen"] == 1200
    meal = db.session.scalars(sa.select(Meal)).one()
    assert (meal.person_id, meal.event_id) == (right, move_id)
    assert actions.differences() == []


@both_engines
def test_moved_meal_keeps_the_price_that_was_typed(house: House) -> None:
    actual = TariffDraft(
        series="price-lunch", kind=TariffKind.PRICE, name="按实收", document_no="示例〔2026〕9号",
        from_on=h.FIRST, price_kind=PriceKind.ACTUAL, price_fen=3000,
        conditions=[Condition(Fact.SITTING, Operator.IN, ("lunch",))],
    )  # fmt: skip
    h.in_force(house, actual)
    one, two = h.diner(house), h.diner(house, "minimum_living")
    scan = h.scan(house, one, price_fen=1550)
    register(scan)
    move_id = new_id()
    for _time in range(2):
        moved = actions.move_meal(
            scan.id, to_person_id=two, move_id=move_id, reason="拿错卡", by=h.CLERK, now=NOON
        )
        meal = moved.answer["meal"]
        assert (meal["price_fen"], meal["subsidy_fen"], meal["copay_fen"]) == (1550, 800, 750)
    assert db.session.scalars(sa.select(Meal.person_id)).all() == [two]


@both_engines
def test_meal_is_not_moved_to_somebody_who_has_eaten(house: House) -> None:
    wrong, right = h.diner(house), h.diner(house)
    scan = h.scan(house, wrong)
    register(scan)
    register(h.scan(house, right))
    with pytest.raises(RuleError, match="already_served"):
        actions.move_meal(
            scan.id, to_person_id=right, move_id=new_id(), reason="拿错卡", by=h.CLERK, now=NOON
        )
    assert count(Meal) == 2
    assert count(MealEvent) == 2


@both_engines
def test_two_facts_of_one_sitting_keep_one_meal_in_any_order(house: House) -> None:
    early, late = h.later(NOON, minutes=-20), h.later(NOON, minutes=-5)
    for order in ((early, late), (late, early)):
        person_id = h.diner(house, "minimum_living")
        scans = [
            h.scan(house, person_id, at, is_fact=True, recording=WayOfRecording.SYNCED)
            for at in order
        ]
        assert [register(each).outcome for each in scans] == ["served", "served"]
        meal = db.session.scalars(sa.select(Meal).where(Meal.person_id == person_id)).one()
        assert meal.occurred_at == early
        parked = db.session.scalars(
            sa.select(CanteenException).where(CanteenException.person_id == person_id)
        ).one()
        assert parked.kind is ExceptionKind.SECOND_SERVING
        assert parked.event_id == next(each.id for each in scans if each.scanned_at == late)
        # The earlier one is voided: the later one is the meal, and nothing is left to decide.
        actions.void_meal(meal.event_id, void_id=new_id(), reason="误扫", by=h.CLERK, now=NOON)
        db.session.expire_all()
        assert (
            db.session.scalars(sa.select(Meal).where(Meal.person_id == person_id)).one().occurred_at
            == late
        )
        open_left = sa.select(CanteenException).where(CanteenException.person_id == person_id)
        assert db.session.scalars(open_left).all() == []
    assert actions.differences() == []


@both_engines
def test_fact_against_the_rules_is_recorded_without_subsidy_and_parked(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    h.replace_card(person_id, NOON)
    answer = register(h.scan(house, person_id, is_fact=True)).answer
    assert (answer["outcome"], answer["parked"]) == ("served", "card_replaced")
    assert answer["meal"]["subsidy_fen"] == 0
    parked = db.session.scalars(sa.select(CanteenException)).one()
    assert (parked.kind, parked.details) == (
        ExceptionKind.AGAINST_RULE,
        {"reason": "card_replaced"},
    )
    actions.settle_exception(
        parked.event_id, parked.kind, finding="本人已核实", by=h.CLERK, now=NOON
    )
    with pytest.raises(RuleError, match="already_settled"):
        actions.settle_exception(parked.event_id, parked.kind, finding="再次", by=h.CLERK, now=NOON)
    assert actions.differences() == []


@both_engines
def test_fact_of_an_unknown_card_or_a_stranger_is_kept_for_a_human(house: House) -> None:
    unknown = register(h.scan(house, 0, who=ByCode("1"), is_fact=True)).answer
    stranger = register(h.scan(house, h.person(house), is_fact=True)).answer
    assert (unknown["parked"], stranger["parked"]) == ("unknown_card", "not_eligible")
    assert (count(Meal), count(OtherSale)) == (0, 1)
    assert actions.differences() == []


@both_engines
def test_impossible_clock_is_put_before_a_human(house: House) -> None:
    person_id = h.diner(house)
    future = h.later(NOON, days=1)
    assert register(h.scan(house, person_id, future)).answer["reason"] == "clock_suspect"
    parked = register(h.scan(house, person_id, future, is_fact=True)).answer
    assert (parked["parked"], parked["meal"]["subsidy_fen"]) == ("clock_suspect", 0)


@both_engines
def test_weekly_limit_counts_stored_meals_and_a_void_frees_its_allowance(house: House) -> None:
    weekly = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 2)
    h.subsidy(
        house, "low", ["minimum_living"], [LayerRule(FundLayer.CITY, fixed_fen=300)], [weekly]
    )
    person_id = h.diner(house, "minimum_living")
    scans = [h.scan(house, person_id, h.later(NOON, days=n)) for n in range(3)]
    paid = [register(each, each.scanned_at).answer["meal"]["subsidy_fen"] for each in scans]
    assert paid == [300, 300, 0]
    actions.void_meal(
        scans[2].id, void_id=new_id(), reason="误扫", by=h.CLERK, now=h.later(NOON, days=2)
    )
    actions.void_meal(
        scans[0].id, void_id=new_id(), reason="误扫", by=h.CLERK, now=h.later(NOON, days=2)
    )
    again = register(h.scan(house, person_id, scans[2].scanned_at), scans[2].scanned_at)
    assert again.answer["meal"]["subsidy_fen"] == 300
    assert actions.differences() == []


@both_engines
def test_tariff_changed_in_a_sitting_prices_only_what_follows(house: House) -> None:
    one, two = h.diner(house, "minimum_living"), h.diner(house, "minimum_living")
    before = register(h.scan(house, one)).answer["meal"]
    h.subsidy(
        house,
        "low",
        ["minimum_living"],
        [LayerRule(FundLayer.CITY, fixed_fen=100)],
        from_on=NOON.date(),
    )
    after = register(h.scan(house, two)).answer["meal"]
    assert (before["subsidy_fen"], after["subsidy_fen"]) == (800, 100)
    stored = db.session.scalars(sa.select(Meal).order_by(Meal.person_id)).all()
    assert [row.subsidy_fen for row in stored] == [800, 100]
    assert stored[0].tariff_id != stored[1].tariff_id


def test_row_without_an_end_in_sight_stops_no_counter(house: House) -> None:
    """9999-12-31 is what a spreadsheet holds for 长期; an older database or a program may too."""
    endless = TariffDraft(
        series="low", kind=TariffKind.SUBSIDY, name="长期", document_no="示例〔2026〕3号",
        from_on=NOON.date(), until_on=date(9999, 12, 31),
        layers=[LayerRule(FundLayer.CITY, fixed_fen=100)],
    )  # fmt: skip
    h.in_force(house, endless)
    served = register(h.scan(house, h.diner(house, "minimum_living")))
    assert served.answer["meal"]["subsidy_fen"] == 100


@both_engines
def test_practice_counts_nowhere(house: House) -> None:
    person_id = h.diner(house, practice=True)
    first = register(h.scan(house, person_id))
    assert first.answer["notes"] == [{"code": "practice"}]
    assert register(h.scan(house, person_id)).outcome == "already_served"
    event_id = db.session.scalars(
        sa.select(MealEvent.id).where(MealEvent.kind == EventKind.SERVED)
    ).one()
    actions.void_meal(event_id, void_id=new_id(), reason="练习", by=h.CLERK, now=NOON)
    assert register(h.scan(house, person_id)).outcome == "served"
    assert count(Meal) == 0
    assert actions.differences() == []


@both_engines
def test_one_bad_scan_of_a_batch_stops_no_other(house: House) -> None:
    one, two = h.diner(house), h.diner(house)
    first = h.scan(house, one)
    register(first)
    results = actions.register_batch(
        [h.scan(house, two, id=first.id), h.scan(house, two)], by=h.CLERK, now=NOON
    )
    assert isinstance(results[0], RuleError)
    assert isinstance(results[1], Registered) and results[1].outcome == "served"
    for _ in range(2):
        actions.park_bad_item(
            item_id=h.uid(7),
            site_id=house.site_id,
            details={"fault": "no_time"},
            by=h.CLERK,
            now=NOON,
        )
    assert db.session.scalars(sa.select(CanteenException)).one().kind is ExceptionKind.BAD_ITEM
