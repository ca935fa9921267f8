"""What is asked about a month before it is issued: exactly the guilty rows, and none in a clean month."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale

from canteen import actions
from canteen.actions import ByPerson, Registered
from canteen.actions.rulebook import rulebook
from canteen.models import Eligibility, Meal, MealAdjustment
from canteen.reports.build import build
from canteen.reports.checks import check
from canteen.values import Collector, ExceptionKind, Sitting, WayOfEating, WayOfRecording
from core.access import Actor
from core.accounts.models import Device, DeviceKind, User
from core.clock import moment_of
from core.db import db, new_id, transaction
from core.evidence.models import Attachment
from core.people.models import Person, Standing, StandingKind
from core.reports.values import Finding, Period
from tests.canteen import house as h
from tests.canteen.house import House
from tests.canteen.pages import counted
from tests.conftest import both_engines

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
OCTOBER = Period.parse("2026-10")
NAMES = (
    ("安桂兰", "an gui lan"), ("程德福", "cheng de fu"), ("丁玉珍", "ding yu zhen"), ("方文", "fang wen"),
    ("郭志强", "guo zhi qiang"), ("韩清泉", "han qing quan"), ("李秀英", "li xiu ying"),
    ("孟凡荣", "meng fan rong"), ("沈玉梅", "shen yu mei"), ("赵月娥", "zhao yue e"),
)  # fmt: skip
# No two neighbours of the register follow each other, and nobody comes within a minute.
ORDER = (3, 0, 8, 1, 6, 2, 9, 4, 7, 5)
DAYS = tuple(date(2026, 10, number) for number in (5, 6, 7, 8, 12))


@dataclass
class Canteen:
    """A canteen whose October gives no cause for a question."""

    house: House
    people: list[int]
    counter: Actor
    other: Actor  # at the second site
    meals: dict[tuple[int, date], UUID]

    def eat(
        self, number: int, on: date, at: time = time(11, 30), *, by: Actor | None = None, now: datetime | None = None,
        **more: Any,
    ) -> Registered:  # fmt: skip
        """One scan; number: which of the people."""
        moment = moment_of(on, at)
        scan = h.scan(self.house, self.people[number], moment, **more)
        return actions.register_meal(scan, by=by or self.counter, now=now or moment)

    def void(self, who: int, day: date) -> None:
        event_id = self.meals.pop((who, day))
        actions.void_meal(event_id, void_id=new_id(), reason="误扫", by=self.counter, now=NOW)

    def page(self, who: int, day: date) -> str:
        return f"/canteen/meals/{self.meals[who, day]}"


@pytest.fixture
def canteen(in_app: Flask) -> Iterator[Canteen]:
    house = h.build(NOW)
    people = [h.diner(house) for _ in NAMES]
    with transaction() as session:
        for number, (person_id, (name, pinyin)) in enumerate(zip(people, NAMES, strict=True)):
            row = session.get_one(Person, person_id)
            row.name, row.pinyin, row.birth_on = name, pinyin, date(1951 + number, 3, 1 + number)
            row.id_number = f"13040219{51 + number}03{1 + number:02d}001X"
        users = [
            User(name=name, display_name=shown, password_hash="-", created_at=NOW)
            for name, shown in (("lin", "窗口小林"), ("he", "窗口小何"))
        ]
        device = Device(
            name="窗口平板", site_id=house.site_id, kind=DeviceKind.TABLET, created_at=NOW
        )
        session.add_all([*users, device])
        session.flush()
        ids = [*(user.id for user in users), device.id]
    counter = replace(h.CLERK, name="窗口小林", user_id=ids[0], device_id=ids[2])
    other = replace(h.CLERK, name="窗口小何", user_id=ids[1])
    made = Canteen(house, people, counter, other, {})
    for day in DAYS:
        for place, who in enumerate(ORDER):
            found = made.eat(who, day, time(11, 5 + 4 * place, 6 * place))
            assert found.outcome == "served"
            made.meals[who, day] = UUID(found.answer["event_id"])
    with force_locale("zh_Hans"):
        yield made


def found(period: Period = OCTOBER, scope: str = "all") -> list[Finding]:
    db.session.expire_all()
    return list(check(build(period, scope, NOW), NOW))


def only(code: str, *, scope: str = "all") -> Finding:
    """The one thing that is asked about."""
    findings = found(scope=scope)
    assert [finding.code for finding in findings] == [code]
    assert findings[0].title and findings[0].advice
    return findings[0]


@both_engines
def test_clean_month_gives_no_cause_for_a_question(canteen: Canteen) -> None:
    assert found() == found(scope="one") == found(scope="two") == []


@both_engines
def test_meal_changed_by_hand_stops_the_issue(canteen: Canteen) -> None:
    event_id = canteen.meals[4, DAYS[1]]
    with transaction() as session:
        session.execute(
            sa.update(Meal).where(Meal.event_id == event_id).values(price_fen=1500, copay_fen=1500)
        )
    finding = only("meal_differs")
    assert finding.stops
    assert finding.rows == ((
        "郭志强 · 2026年10月6日 · 午餐：记录为餐费 ¥15.00、补贴 ¥0.00，流水为餐费 ¥12.00、补贴 ¥0.00",
        canteen.page(4, DAYS[1]),
    ),)  # fmt: skip
    assert only("meal_differs", scope="one").rows == finding.rows
    assert found(scope="two") == []


@both_engines
def test_meal_deleted_by_hand_stops_the_issue(canteen: Canteen) -> None:
    event_id = canteen.meals[2, DAYS[0]]
    with transaction() as session:
        session.execute(sa.delete(Meal).where(Meal.event_id == event_id))
    finding = only("meal_differs")
    assert finding.rows == ((
        "丁玉珍 · 2026年10月5日 · 午餐：记录为无，流水为餐费 ¥12.00、补贴 ¥0.00", canteen.page(2, DAYS[0]),
    ),)  # fmt: skip


@both_engines
def test_meal_without_a_price_stops_the_issue(canteen: Canteen) -> None:
    canteen.void(3, DAYS[2])
    with transaction() as session:
        session.execute(
            sa.text("UPDATE tariff SET until_on = '2026-10-06' WHERE series = 'price-lunch'")
        )
    rulebook(-1)  # as the verb that ends a tariff makes every process read it again
    # Served offline when no price was in force: kept at no price, and a matter for somebody.
    fact = canteen.eat(3, DAYS[2], time(11, 30), is_fact=True)
    actions.settle_exception(
        UUID(fact.answer["event_id"]), ExceptionKind.AGAINST_RULE, finding="已用餐", by=canteen.counter,
        now=NOW,
    )  # fmt: skip
    finding = only("unpriced")
    assert finding.stops
    assert finding.rows == (
        ("方文 · 2026年10月7日 · 午餐 · 第一食堂", f"/canteen/meals/{fact.answer['event_id']}"),
    )


@both_engines
def test_adjustment_that_does_not_add_up_stops_the_issue(canteen: Canteen) -> None:
    served = canteen.eat(1, date(2026, 9, 29))
    h.submit("2026-09")
    actions.void_meal(
        UUID(served.answer["event_id"]),
        void_id=new_id(),
        reason="误扫",
        by=canteen.counter,
        now=NOW,
    )
    assert found() == []
    with transaction() as session:
        session.execute(sa.update(MealAdjustment).values(visits=0, price_fen=-200, copay_fen=-200))
    finding = only("adjustment_differs")
    assert finding.stops
    assert finding.rows == ((
        "程德福 · 2026年9月29日 · 午餐：记录为餐费 ¥12.00、补贴 ¥0.00，流水为无",
        f"/canteen/meals/{served.answer['event_id']}",
    ),)  # fmt: skip


def stood(canteen: Canteen, who: int, kind: StandingKind, since: date, until: date | None) -> None:
    with transaction() as session:
        session.add(
            Standing(person_id=canteen.people[who], kind=kind, since_on=since, until_on=until)
        )


@both_engines
def test_meals_of_the_dead_are_asked_about_first(canteen: Canteen) -> None:
    stood(canteen, 5, StandingKind.DECEASED, DAYS[2], None)
    canteen.eat(0, DAYS[4], time(11, 20), site_id=canteen.house.second_site_id)  # another question
    findings = found()
    assert [finding.code for finding in findings] == ["deceased", "two_places"]
    # On the day of her death she may have eaten before it.
    assert findings[0].rows == tuple(
        (f"韩清泉 · {said} · 午餐 · 第一食堂（2026年10月7日起：去世）", canteen.page(5, day))
        for said, day in (("2026年10月8日", DAYS[3]), ("2026年10月12日", DAYS[4]))
    )
    assert not findings[0].stops


@both_engines
def test_meals_of_people_who_were_away_are_asked_about(canteen: Canteen) -> None:
    stood(canteen, 6, StandingKind.HOSPITAL, DAYS[0], DAYS[2])
    stood(canteen, 7, StandingKind.MOVED_AWAY, date(2026, 9, 1), date(2026, 10, 5))
    stood(canteen, 8, StandingKind.CARE_HOME, date(2026, 11, 1), None)
    assert [row[1] for row in only("away").rows] == [
        canteen.page(7, DAYS[0]), canteen.page(6, DAYS[1]), canteen.page(6, DAYS[2]),
    ]  # fmt: skip


@both_engines
def test_open_matters_are_asked_about_until_they_are_settled(canteen: Canteen) -> None:
    second = canteen.eat(
        9, DAYS[0], time(12, 30), is_fact=True, now=moment_of(DAYS[0], time(12, 31))
    )
    finding = only("open_matters")
    event_id = UUID(second.answer["event_id"])
    assert finding.rows == ((
        "同一餐次重复供餐 · 赵月娥 · 2026年10月5日 · 第一食堂",
        f"/canteen/exceptions/{event_id}/second_serving",
    ),)  # fmt: skip
    actions.settle_exception(
        event_id, ExceptionKind.SECOND_SERVING, finding="已与窗口核对", by=canteen.counter, now=NOW
    )
    assert found() == []


def paper_of(
    canteen: Canteen, who: int, category: str, until_on: date | None = None
) -> Eligibility:
    paper = actions.propose_eligibility(
        canteen.people[who], canteen.house.categories[category], from_on=h.FIRST, until_on=until_on,
        evidence="低保证", by=h.CLERK, now=NOW,
    )  # fmt: skip
    return actions.approve_eligibility(canteen.people[who], paper.id, by=h.CLERK, now=NOW)


def attach(paper: Eligibility, removed: bool = False) -> None:
    with transaction() as session:
        session.add(Attachment(
            subject=f"eligibility:{paper.person_id}.{paper.id}", person_id=paper.person_id, title="低保证",
            media_type="image/jpeg", size_bytes=1, pages=1, sha256="0" * 64, uploaded_at=NOW,
            uploaded_by_name="经办人甲", removed_at=NOW if removed else None,
            removed_reason="传错" if removed else None,
        ))  # fmt: skip


@both_engines
def test_meals_on_an_expired_eligibility_are_asked_about(canteen: Canteen) -> None:
    who = 2
    with transaction() as session:  # nothing but the paper that ran out
        session.execute(sa.delete(Eligibility).where(Eligibility.person_id == canteen.people[who]))
    attach(paper_of(canteen, who, "minimum_living", date(2026, 10, 10)))
    for day in (date(2026, 10, 9), date(2026, 10, 13), date(2026, 10, 14)):
        assert canteen.eat(who, day).answer["meal"]["subsidy_fen"] == 800
    assert only("review").rows == ((
        "丁玉珍：2 餐，2026年10月13日 — 2026年10月14日，补贴 ¥16.00",
        f"/canteen/diners/{canteen.people[who]}",
    ),)  # fmt: skip


@both_engines
def test_subsidy_without_evidence_is_asked_about(canteen: Canteen, in_app: Flask) -> None:
    papers = {who: paper_of(canteen, who, "minimum_living") for who in (1, 4, 6)}
    attach(papers[1])
    attach(papers[4], removed=True)
    for who in papers:
        canteen.eat(who, date(2026, 10, 20))
    assert only("evidence").rows == (
        ("郭志强：1 餐，2026年10月20日，补贴 ¥8.00", f"/canteen/diners/{canteen.people[4]}"),
        ("李秀英：1 餐，2026年10月20日，补贴 ¥8.00", f"/canteen/diners/{canteen.people[6]}"),
    )
    in_app.config["CHECK_EVIDENCE"] = False
    assert found() == []


@both_engines
def test_subsidy_without_an_id_number_is_asked_about(canteen: Canteen) -> None:
    with transaction() as session:
        for who in (3, 8):
            session.get_one(Person, canteen.people[who]).id_number = None
    attach(paper_of(canteen, 3, "minimum_living"))
    canteen.eat(3, date(2026, 10, 20))
    # The other one without a number had no subsidy.
    assert only("no_id").rows == (
        ("方文：1 餐，2026年10月20日，补贴 ¥8.00", f"/people/{canteen.people[3]}"),
    )


@both_engines
def test_likely_doubles_with_subsidy_are_asked_about(canteen: Canteen) -> None:
    one, two, three = canteen.people[0], canteen.people[7], canteen.people[9]
    with transaction() as session:
        session.get_one(Person, two).name = "安桂兰"
        session.get_one(Person, two).birth_on = date(1951, 3, 1)
        for person_id in (canteen.people[5], three):  # the same telephone, nothing else
            session.get_one(Person, person_id).phone_hash = "f" * 64
    attach(paper_of(canteen, 7, "minimum_living"))
    assert found() == []  # nobody of them had subsidy
    canteen.eat(7, date(2026, 10, 20))
    assert only("doubles").rows == (
        (f"安桂兰（编号 {one}）与安桂兰（编号 {two}）", f"/people/{one}/merger"),
    )


@both_engines
def test_one_person_at_two_sites_within_minutes_is_asked_about(canteen: Canteen) -> None:
    there = canteen.house.second_site_id
    day = DAYS[3]  # 李秀英 eats at 11:21:24
    found_there = canteen.eat(6, day, time(11, 30), site_id=there, by=canteen.other)
    assert found_there.outcome == "already_served"
    canteen.eat(1, day, time(11, 50), site_id=there, by=canteen.other)  # 32 minutes after her meal
    row = ((
        "李秀英 · 2026年10月8日 · 先 11:21 第一食堂 已登记，后 11:30 第二食堂 未登记（相隔 8 分钟）",
        canteen.page(6, day),
    ),)  # fmt: skip
    assert only("two_places").rows == row
    assert only("two_places", scope="one").rows == row
    assert found(scope="two") == []
    canteen.void(6, day)
    assert found() == []


@both_engines
def test_stack_of_cards_is_asked_about(canteen: Canteen, in_app: Flask) -> None:
    in_app.config.update(CHECK_BURST_CARDS=5)
    monday, tuesday, friday = (date(2026, 10, number) for number in (19, 20, 23))
    noon = timedelta(hours=11, minutes=40)

    def scan(day: date, people: list[int], seconds: int, by: Actor | None = None) -> None:
        for place, who in enumerate(people):
            at = (datetime.min + noon + timedelta(seconds=place * seconds)).time()
            assert canteen.eat(who, day, at, by=by).outcome == "served"

    scan(monday, [0, 2, 3, 5, 9, 4], 15)  # five rise, the sixth falls
    scan(tuesday, [9, 8, 6, 4, 1], 8)  # the stack from behind
    scan(friday, [0, 1, 2, 3], 5)  # one too few
    scan(friday, [4, 5, 6, 7, 8], 16)  # people who come, one too slow a second
    assert only("bursts").rows == (
        ("第一食堂 · 窗口小林 · 2026年10月19日 11:40:00–11:41:00：连续 5 张卡，从安桂兰到赵月娥",
         "/canteen/meals?from_on=2026-10-19&until_on=2026-10-19&site=one"),
        ("第一食堂 · 窗口小林 · 2026年10月20日 11:40:00–11:40:32：连续 5 张卡，从赵月娥到程德福",
         "/canteen/meals?from_on=2026-10-20&until_on=2026-10-20&site=one"),
    )  # fmt: skip


@both_engines
def test_two_counters_at_once_make_no_stack(canteen: Canteen, in_app: Flask) -> None:
    in_app.config.update(CHECK_BURST_CARDS=5)
    for place in range(10):
        canteen.eat(place, date(2026, 10, 19), time(11, 40, 4 * place),
                    by=canteen.other if place % 2 else canteen.counter)  # fmt: skip
    # Each counter has every second card; together they would be a stack of ten, apart of five.
    assert len(only("bursts").rows) == 2
    in_app.config.update(CHECK_BURST_CARDS=6)
    assert found() == []


@both_engines
def test_meals_without_a_card_are_asked_about(canteen: Canteen, in_app: Flask) -> None:
    in_app.config.update(CHECK_MANUAL_MEALS=5, CHECK_MANUAL_PERCENT=8)
    by_name = {"who": ByPerson(canteen.people[0]), "recording": WayOfRecording.BY_NAME}
    for number in (13, 14, 15, 16):
        canteen.eat(0, date(2026, 10, number), **by_name)
    assert found() == []  # four are too few to ask
    day = date(2026, 10, 13)
    canteen.eat(2, day, who=ByPerson(canteen.people[2]), day=day, sitting=Sitting.LUNCH,
                recording=WayOfRecording.PAPER, late_reason="停电")  # fmt: skip
    canteen.eat(3, date(2026, 10, 14), time(11, 45))
    # 50 of the clean month and 6 more: 5 of 56 are 8.9 %.
    assert only("by_hand").rows == ((
        "第一食堂：56 餐中有 5 餐（9%）：姓名查找 4、纸质补录 1",
        "/canteen/meals?from_on=2026-10-01&until_on=2026-10-31&site=one&recording=by_name",
    ),)  # fmt: skip
    assert found(scope="two") == []
    in_app.config.update(CHECK_MANUAL_PERCENT=9)
    assert found() == []


@both_engines
def test_many_collected_meals_are_asked_about_by_site_and_by_account(
    canteen: Canteen, in_app: Flask
) -> None:
    in_app.config.update(CHECK_COLLECTED_MEALS=3, CHECK_COLLECTED_PERCENT=50)
    there = {"site_id": canteen.house.second_site_id, "collected_by": Collector.NEIGHBOUR}
    for number in (13, 14):
        canteen.eat(0, date(2026, 10, number), by=canteen.other, **there)
    # Delivered to a neighbour's hand: the courier's matter, not the counter's.
    canteen.eat(1, date(2026, 10, 13), by=canteen.other, way=WayOfEating.DELIVERED, **there)
    assert found() == []
    canteen.eat(2, date(2026, 10, 13), by=canteen.other, **there)
    address = "/canteen/meals?from_on=2026-10-01&until_on=2026-10-31&way=collected"
    assert only("collected").rows == (
        ("第二食堂：4 餐中有 3 餐（75%）", address), ("窗口小何：4 餐中有 3 餐（75%）", address),
    )  # fmt: skip
    assert found(scope="one") == []


@both_engines
def test_account_far_outside_the_mealtime_is_asked_about(canteen: Canteen) -> None:
    evening = {"late_reason": "补登", "sitting": Sitting.LUNCH, "recording": WayOfRecording.BY_NAME}
    day = date(2026, 10, 14)
    # Lunch ends at 13:30; an hour later is not yet far.
    for who, at in ((0, time(14, 30)), (1, time(14, 31)), (2, time(21, 5)), (3, time(22, 0))):
        more = {**evening, "who": ByPerson(canteen.people[who]), "day": day}
        assert canteen.eat(who, day, at, by=canteen.other, **more).outcome == "served"
    # Typed in from paper at night: that is what paper is for.
    for who in (4, 5, 6):
        paper = {**evening, "recording": WayOfRecording.PAPER, "who": ByPerson(canteen.people[who])}
        canteen.eat(who, day, time(21, 0), by=canteen.counter, day=day, **paper)
    [row] = only("outside").rows
    first = sa.select(Meal.event_id).where(Meal.person_id == canteen.people[1], Meal.day == day)
    assert row == (
        "窗口小何：共 3 餐，最早一餐在 2026年10月14日 14:31（午餐，第一食堂）",
        f"/canteen/meals/{db.session.scalar(first)}",
    )


@both_engines
def test_longer_period_asks_for_its_months_and_not_again_for_its_days(canteen: Canteen) -> None:
    stood(canteen, 5, StandingKind.DECEASED, DAYS[2], None)
    quarter = Period.parse("2026-Q4")
    h.issue("2026-10", now=NOW)
    [finding] = found(quarter)
    assert (finding.code, finding.stops) == ("months_missing", False)
    assert finding.rows == (
        ("2026-11", "/reports?year=2026"), ("2026-12", "/reports?year=2026"),
    )  # fmt: skip
    h.issue("2026-11", "one", now=NOW)
    assert [row[0] for finding in found(quarter, "one") for row in finding.rows] == ["2026-12"]
    assert len(found(quarter)[0].rows) == 2


@both_engines
def test_rows_and_addresses_are_the_same_in_a_request_and_in_the_worker(
    canteen: Canteen, in_app: Flask
) -> None:
    """What somebody explained on a page is what the worker finds when it issues."""
    stood(canteen, 5, StandingKind.DECEASED, DAYS[2], None)
    in_worker = found()
    with in_app.test_request_context("/reports", base_url="https://zhuhe.example.cn"):
        assert found() == in_worker
    assert in_worker[0].rows[0][1] == canteen.page(5, DAYS[3])


@both_engines
def test_merged_record_speaks_for_the_person_it_was_merged_into(canteen: Canteen) -> None:
    into, merged = canteen.people[0], canteen.people[5]
    stood(canteen, 5, StandingKind.DECEASED, DAYS[3], None)
    with transaction() as session:
        session.get_one(Person, merged).merged_into_id = into
    # Both ate on each day, as one person: after the death both meals are asked about.
    assert {row[1] for row in only("deceased").rows} == {
        canteen.page(0, DAYS[4]), canteen.page(5, DAYS[4]),
    }  # fmt: skip
    assert all(row[0].startswith("安桂兰") for row in only("deceased").rows)


@both_engines
@pytest.mark.parametrize("scope", ["all", "one"])
def test_checks_take_the_same_number_of_queries_for_any_number_of_rows(
    canteen: Canteen, in_app: Flask, scope: str
) -> None:
    for who in (0, 1):
        paper_of(canteen, who, "minimum_living")
        canteen.eat(who, date(2026, 10, 20))
    built = build(OCTOBER, scope, NOW)
    with counted(in_app) as few:
        assert check(built, NOW)
    in_app.config.update(CHECK_MANUAL_MEALS=1, CHECK_MANUAL_PERCENT=0, CHECK_COLLECTED_MEALS=1,
                         CHECK_COLLECTED_PERCENT=0, CHECK_OUTSIDE_MEALS=1)  # fmt: skip
    for who in range(2, 10):
        paper_of(canteen, who, "minimum_living", date(2026, 10, 21))
        stood(canteen, who, StandingKind.DECEASED, DAYS[0], None)
        canteen.eat(who, date(2026, 10, 20), collected_by=Collector.FAMILY)
        canteen.eat(who, date(2026, 10, 22), recording=WayOfRecording.BY_NAME,
                    who=ByPerson(canteen.people[who]))  # fmt: skip
    built = build(OCTOBER, scope, NOW)
    with counted(in_app) as many:
        assert len(check(built, NOW)) >= 4
    assert len(many) == len(few)
