"""The canteen's report against figures worked out by hand: every figure that is printed, and the register.

Prices ¥6, ¥12, ¥10. 低保: the city pays ¥5 and the street ¥3, so breakfast is ¥6 + 0, lunch ¥8 + 4, dinner
¥8 + 2 (subsidy + co-pay). 高龄: a quarter by the district: breakfast 1.50 + 4.50, lunch 3 + 9, dinner
2.50 + 7.50. All others pay in full. Amounts below are in fen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale

from canteen import actions
from canteen.actions import ByPerson
from canteen.models import Meal, Tariff
from canteen.reports import build as building
from canteen.reports import read
from canteen.reports.build import build
from canteen.values import Collector, ExceptionKind, OtherKind, Sitting, WayOfEating, WayOfRecording
from core.clock import moment_of
from core.db import db, new_id, transaction
from core.people.models import Person
from core.reports.snapshot import digest, pack, unpack
from core.reports.values import Built, Period, rows_of
from core.sites.models import CalendarDay, DayKind
from tests.canteen import house as h
from tests.canteen.house import House
from tests.canteen.pages import counted
from tests.conftest import both_engines

OCTOBER = Period.parse("2026-10")
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
B, L, D = Sitting.BREAKFAST, Sitting.LUNCH, Sitting.DINNER
AT = {B: time(7, 10), L: time(11, 40), D: time(17, 30)}
LOW, OLD = "minimum_living", date(1944, 5, 1)


@dataclass
class Month:
    """The hand-made October of two canteens."""

    house: House
    people: dict[str, int] = field(default_factory=dict)

    def enrol(self, letter: str, category: str = "general", **more: Any) -> None:
        """Somebody whose name sorts as its letter."""
        self.people[letter] = h.diner(self.house, category, **more)
        with transaction() as session:
            row = session.get_one(Person, self.people[letter])
            row.name, row.pinyin = f"{letter}氏", letter.lower()

    def eat(
        self, letter: str, on: date | int, served: Sitting = L, at: time | None = None,
        now: datetime | None = None, **more: Any,
    ) -> UUID:  # fmt: skip
        """One meal that is served; a number is a day of October."""
        on = date(2026, 10, on) if isinstance(on, int) else on
        moment = moment_of(on, at or AT[served])
        scan = h.scan(self.house, self.people[letter], moment, **more)
        found = actions.register_meal(scan, by=h.CLERK, now=now or moment)
        assert found.outcome == "served", found.answer
        return scan.id

    def by_paper(self, letter: str, on: date, sitting: Sitting, now: datetime) -> UUID:
        who = {"who": ByPerson(self.people[letter]), "day": on, "sitting": sitting}
        return self.eat(
            letter, now.date(), at=time(9, 0), now=now, recording=WayOfRecording.PAPER,
            late_reason="纸质补录", **who,
        )  # fmt: skip

    def refused(self, letter: str, day: int, **more: Any) -> str:
        moment = moment_of(date(2026, 10, day), time(11, 55))
        scan = h.scan(self.house, self.people[letter], moment, **more)
        answer = actions.register_meal(scan, by=h.CLERK, now=moment).answer
        return str(answer.get("reason", answer["outcome"]))

    def void(self, event_id: UUID, day: int) -> None:
        now = moment_of(date(2026, 10, day), time(13, 0))
        actions.void_meal(event_id, void_id=new_id(), reason="误扫", by=h.CLERK, now=now)


@pytest.fixture
def month(in_app: Flask) -> Iterator[Month]:
    made = Month(h.build(datetime(2026, 1, 2, 2, 0, tzinfo=UTC)))
    for letter in "ABGJLM":
        made.enrol(letter, LOW)
    for letter in "EHIKN":
        made.enrol(letter)
    made.enrol("C", birth_on=OLD)
    made.enrol("D", LOW, birth_on=OLD)
    made.enrol("F", LOW, until_on=date(2026, 10, 10))
    with transaction() as session:
        session.get_one(Person, made.people["K"]).residence_area_id = made.house.outside_id
        for number in range(16, 32):  # the second canteen is closed for the second half
            session.add(CalendarDay(
                on=date(2026, 10, number), kind=DayKind.HOLIDAY, name="停业", site_id=made.house.second_site_id,
            ))  # fmt: skip
    tell(made)
    with force_locale("zh_Hans"):
        yield made


def tell(month: Month) -> None:
    """What happened. Numbers in the comments are the visits that count."""
    eat, two = month.eat, {"site_id": month.house.second_site_id}
    eat("B", date(2026, 1, 15))  # the year's
    eat("N", date(2026, 1, 15))
    gone = eat("A", date(2026, 9, 28))  # last month's, voided after it was submitted
    eat("C", date(2026, 9, 29))
    eat("A", date(2026, 9, 28), D, other=OtherKind.GUEST, who=None)
    h.submit("2026-09")

    eat("A", 5)  # 1
    eat("B", 5)  # 2
    eat("C", 5)  # 3
    eat("D", 5, B)  # 4: 低保 gives more than 高龄
    eat("D", 5)  # 5
    eat("E", 5)  # 6
    assert month.refused("E", 5) == "already_served"
    eat("A", 5, other=OtherKind.COMPANION, host_id=month.people["A"])
    for letter in "BE":  # both were served a second time, says a counter that was offline
        eat(letter, 5, at=time(12, 20), is_fact=True)
    eat("K", 5, **two)  # 7

    month.void(gone, 6)
    eat("A", 6, collected_by=Collector.FAMILY)  # 8
    eat("C", 6, D)  # 9
    eat("E", 6, recording=WayOfRecording.BY_NAME)  # 10
    moved = eat("G", 6)  # 11: it was H who ate
    actions.move_meal(moved, to_person_id=month.people["H"], move_id=new_id(), reason="拿错卡", by=h.CLERK,
                      now=moment_of(date(2026, 10, 6), time(12, 30)))  # fmt: skip
    eat("K", 6, way=WayOfEating.TAKE_AWAY, **two)  # 12
    eat("A", 6, D, other=OtherKind.GUEST, who=None)

    month.by_paper("E", date(2026, 9, 30), L, datetime(2026, 10, 7, 1, 0, tzinfo=UTC))
    eat("L", 7, **two)  # 13
    eat("L", 7, D)  # 14: the same person at both
    month.void(eat("A", 7, other=OtherKind.STAFF, who=None), 7)

    month.void(eat("B", 8), 8)
    eat("B", 8, at=time(13, 10))  # 15: registered again
    month.void(eat("M", 8), 8)
    eat("F", 9)  # 16
    eat("F", 12)  # 17: her paper ran out on the 10th
    eat("I", 13)  # 18: I turns out to be J
    month.by_paper("A", date(2026, 10, 13), D, datetime(2026, 10, 14, 1, 0, tzinfo=UTC))  # 19
    eat("J", 14)  # 20
    assert month.refused("K", 20, **two) == "closed_day"
    eat("C", 31, B)  # 21
    eat("D", 31, D, way=WayOfEating.TAKE_AWAY)  # 22

    actions.settle_exception(
        db.session.scalars(sa.text("SELECT event_id FROM canteen_exception WHERE person_id = "
                                   f"{month.people['E']}").columns(event_id=sa.Uuid)).one(),
        ExceptionKind.SECOND_SERVING, finding="只计一次", by=h.CLERK, now=NOW,
    )  # fmt: skip
    actions.end_diner(
        month.people["M"], on=date(2026, 10, 20), reason="本人放弃", by=h.CLERK, now=NOW
    )
    with transaction() as session:
        session.get_one(Person, month.people["I"]).merged_into_id = month.people["J"]
    db.session.expire_all()


Row = tuple[int, int, int, int, int]  # visits, people, price, subsidy, co-pay
COLUMNS = ("visits", "people", "price", "subsidy", "copay")


def table(key: str, lines: Mapping[str, Row]) -> dict[str, int]:
    """The figures of a printed table, by key."""
    return {
        f"{key}.{code}.{column}": value
        for code, row in lines.items()
        for column, value in zip(COLUMNS, row, strict=True)
    }


TOTAL: Row = (22, 10, 24400, 10900, 13500)


def by_hand(low: int, aged: int) -> dict[str, int]:
    """Every figure of October. low, aged: the numbers of the two subsidy rows."""
    # People: A B C D E F H J K L; G and M ate nothing after all, and I is J.
    # Breakfast: D 600 + 0, C 150 + 450. Dinner: C 250 + 750, L A D 800 + 200 each.
    # Lunch: A A B B D F F J L of 低保, 9 × 800 + 400; C 300 + 900; E E H I K K in full.
    sitting = {
        "breakfast": (2, 2, 1200, 750, 450), "lunch": (16, 10, 19200, 7500, 11700),
        "dinner": (4, 4, 4000, 2650, 1350), "total": TOTAL,
    }  # fmt: skip
    # Taken away: K's lunch in full, D's dinner 800 + 200. Collected: A's lunch. The other 19 here.
    way = {
        "dine_in": (19, 10, 21000, 9300, 11700), "take_away": (2, 2, 2200, 800, 1400),
        "collected": (1, 1, 1200, 800, 400), "total": TOTAL,
    }  # fmt: skip
    # By name: E and H (the moved one), both in full. From paper: A's dinner. H has no scan.
    recording = {
        "scan": (19, 9, 21000, 10100, 10900), "by_name": (2, 2, 2400, 0, 2400),
        "paper": (1, 1, 1000, 800, 200), "total": TOTAL,
    }  # fmt: skip
    # 低保: 9 lunches 10800, a breakfast 600, 3 dinners 3000; subsidy 7200 + 600 + 2400. 高龄: C's three.
    minimum_living: Row = (13, 6, 14400, 10200, 4200)
    category = {
        "minimum_living": minimum_living, "aged": (3, 1, 2800, 700, 2100),
        "general": (6, 4, 7200, 0, 7200), "total": TOTAL,
    }  # fmt: skip
    # 高龄 whatever they were priced by: C's three, and D's 600 + 1200 + 1000 with 600 + 800 + 800.
    held = {"minimum_living": minimum_living, "aged": (6, 2, 5600, 2900, 2700)}
    # K lives outside and paid two lunches in full.
    community = {
        "01.03": (20, 9, 22000, 10900, 11100), "99": (2, 1, 2400, 0, 2400), "total": TOTAL,
    }  # fmt: skip
    # The second canteen: K twice in full, L once 800 + 400. L also ate at the first.
    site = {"one": (19, 9, 20800, 10100, 10700), "two": (3, 2, 3600, 800, 2800), "total": TOTAL}
    tariff = {
        str(low): minimum_living, str(aged): (3, 1, 2800, 700, 2100), "none": (6, 4, 7200, 0, 7200),
        "total": TOTAL,
    }  # fmt: skip
    figures = {
        **table("sitting", sitting), **table("way", way), **table("recording", recording),
        **table("category", category), **table("held", held), **table("community", community),
        **table("site", site), **table("tariff", tariff),
    }  # fmt: skip
    # City 13 × 500. Street 9 lunches and 3 dinners × 300, and 100 for the breakfast. District: C's.
    figures |= {
        "layer.city": 6500, "layer.street": 3700, "layer.district": 700, "layer.total": 10900,
        "layer.province": 0, "layer.community": 0, "layer.donation": 0, "layer.operator": 0,
    }  # fmt: skip
    figures |= {
        "other.companion.visits": 1, "other.companion.price": 1200, "other.guest.visits": 1,
        "other.guest.price": 1000, "other.total.visits": 2, "other.total.price": 2200,
    }  # fmt: skip
    # A's September lunch taken back (−1200 −800 −400), E's from paper added (+1200 +0 +1200).
    for line in ("2026-09", "total"):
        figures |= {
            f"adjustment.{line}.count": 2, f"adjustment.{line}.visits": 0, f"adjustment.{line}.price": 0,
            f"adjustment.{line}.subsidy": -800, f"adjustment.{line}.copay": 800,
        }  # fmt: skip
    # Voids: the moved one, B's, M's, the staff meal. Refused: E again, K on a closed day.
    figures |= {
        "check.late": 1, "check.review": 1, "check.voids": 4, "check.refusals": 2, "check.settled": 1,
        "check.open": 1,
    }  # fmt: skip
    return figures | headline() | chart()


def headline() -> dict[str, int]:
    """Page one."""
    # September as it was submitted: A 1200 = 800 + 400 and C 1200 = 300 + 900.
    # The year: 22 + 2 + B (800 + 400) and N (in full) in January; N is the 11th.
    rows = {
        "visits": (22, 2, 26), "people": (10, 2, 11), "price": (24400, 2400, 29200),
        "subsidy": (10900, 1100, 12800), "copay": (13500, 1300, 16400), "adjusted": (-800, 0, -800),
        "due": (10100, 1100, 12000), "others": (2, 1, 3),
    }  # fmt: skip
    figures = {
        key: value
        for name, values in rows.items()
        for key, value in zip(
            (f"head.{name}", f"head.{name}.before", f"head.{name}.year"), values, strict=True
        )
    }
    # 14 records; I was merged, M's enrolment ended. Days: 5 6 7 8 9 12 13 14 31.
    return figures | {
        "head.diners": 12,
        "head.days": 9,
        "months.visits": 22,
        "months.subsidy": 10900,
    }


def chart() -> dict[str, int]:
    bars = {
        "breakfast": {5: 1, 31: 1}, "dinner": {6: 1, 7: 1, 13: 1, 31: 1},
        "lunch": {5: 6, 6: 4, 7: 1, 8: 1, 9: 1, 12: 1, 13: 1, 14: 1},
    }  # fmt: skip
    return {
        f"chart.{sitting}.2026-10-{day:02d}": days.get(day, 0)
        for sitting, days in bars.items()
        for day in range(1, 32)
    }


def figures_of(built: Built) -> dict[str, int]:
    return {key: figure.value for key, figure in built.figures.items()}


def number_of(series: str) -> int:
    return db.session.scalars(sa.select(Tariff.id).where(Tariff.series == series)).one()


@both_engines
def test_every_printed_figure_is_the_one_worked_out_by_hand(month: Month) -> None:
    built = build(OCTOBER, "all", NOW)
    assert figures_of(built) == by_hand(number_of("low"), number_of("aged"))
    printed = {
        cell for each in (built.headline, *built.tables) for line in each.lines for cell in line.cells if cell
    } | {key for each in built.charts for _name, keys in each.series for key in keys}  # fmt: skip
    # Counted and not printed: layers that pay nothing, and the identities' own two.
    assert set(built.figures) - printed == {
        "layer.province", "layer.community", "layer.donation", "layer.operator", "months.visits",
        "months.subsidy",
    }  # fmt: skip
    assert [each.sentence for each in built.identities if not each.holds] == []
    assert len(built.identities) > 40


@both_engines
def test_each_line_of_the_register_is_the_one_worked_out_by_hand(month: Month) -> None:
    data = build(OCTOBER, "all", NOW).datasets["register"]
    columns = (
        "number", "name", "age", "category", "marks", "breakfast", "lunch", "dinner", "dine_in", "taken",
        "delivered", "price_fen", "city_fen", "district_fen", "street_fen", "subsidy_fen", "copay_fen",
        "needs_review",
    )  # fmt: skip
    places = [data.place(name) for name in columns]
    lines = [tuple(row[place] for place in places) for row in data.rows]
    low, general = ("minimum_living",), ("general",)
    expected = [
        ("A氏", 76, low, {5: 2, 6: 2, 13: 4}, (0, 2, 1), (2, 1, 0), (3400, 1500, 0, 900, 2400, 1000), 0),
        ("B氏", 76, low, {5: 2, 8: 2}, (0, 2, 0), (2, 0, 0), (2400, 1000, 0, 600, 1600, 800), 0),
        ("C氏", 82, ("aged",), {5: 2, 6: 4, 31: 1}, (1, 1, 1), (3, 0, 0), (2800, 0, 700, 0, 700, 2100), 0),
        # Breakfast and lunch of the 5th are 1 + 2.
        ("D氏", 82, low, {5: 3, 31: 4}, (1, 1, 1), (2, 1, 0), (2800, 1500, 0, 700, 2200, 600), 0),
        ("E氏", 76, general, {5: 2, 6: 2}, (0, 2, 0), (2, 0, 0), (2400, 0, 0, 0, 0, 2400), 0),
        ("F氏", 76, low, {9: 2, 12: 2}, (0, 2, 0), (2, 0, 0), (2400, 1000, 0, 600, 1600, 800), 1),
        ("H氏", 76, general, {6: 2}, (0, 1, 0), (1, 0, 0), (1200, 0, 0, 0, 0, 1200), 0),
        # I's lunch in full and J's own: the same human.
        ("J氏", 76, ("general", "minimum_living"), {13: 2, 14: 2}, (0, 2, 0), (2, 0, 0),
         (2400, 500, 0, 300, 800, 1600), 0),
        ("K氏", 76, general, {5: 2, 6: 2}, (0, 2, 0), (1, 1, 0), (2400, 0, 0, 0, 0, 2400), 0),
        ("L氏", 76, low, {7: 6}, (0, 1, 1), (2, 0, 0), (2200, 1000, 0, 600, 1600, 600), 0),
    ]  # fmt: skip
    assert lines == [
        (number, name, age, category, marks(days), *sittings, *ways, *money, review)
        for number, (name, age, category, days, sittings, ways, money, review) in enumerate(expected, 1)
    ]  # fmt: skip


def marks(days: Mapping[int, int]) -> str:
    return "".join(str(days.get(day, 0)) for day in range(1, 32))


@both_engines
def test_one_site_counts_what_is_its_own(month: Month) -> None:
    built = build(OCTOBER, "two", NOW)
    own = {
        "visits": 3, "people": 2, "price": 3600, "subsidy": 800, "copay": 2800, "adjusted": 0, "due": 800,
        "others": 0, "diners": 0, "days": 3,
    }  # fmt: skip
    assert {name: built.value(f"head.{name}") for name in own} == own
    assert built.value("head.visits.year") == 3 and built.value("head.visits.before") == 0
    assert built.value("check.refusals") == 1
    assert built.scope_name == "第二食堂"
    one, both = build(OCTOBER, "one", NOW), build(OCTOBER, "all", NOW)
    # Everything but people adds up: L ate at both.
    for name in ("visits", "price", "subsidy", "copay", "adjusted", "due", "others", "diners"):
        for span in ("", ".year") if name != "diners" else ("",):
            key = f"head.{name}{span}"
            assert one.value(key) + built.value(key) == both.value(key), key
    assert (one.value("head.people"), both.value("head.people")) == (9, 10)


@both_engines
def test_quarter_counts_people_once_and_its_months_in_the_register(month: Month) -> None:
    month.eat("A", date(2026, 11, 3))
    month.eat("N", date(2026, 11, 3))
    quarter = build(Period.parse("2026-Q4"), "all", datetime(2027, 1, 4, 3, 0, tzinfo=UTC))
    assert quarter.value("head.visits") == 24 and quarter.value("head.people") == 11
    assert quarter.value("head.subsidy") == 10900 + 800
    # The quarter before has September, as it was submitted; the year has January besides.
    assert quarter.value("head.visits.before") == 2 and quarter.value("head.visits.year") == 28
    assert quarter.value("chart.lunch.2026-11") == 2 and quarter.value("chart.lunch.2026-10") == 16
    lines = {row[2]: row[9] for row in quarter.datasets["register"].rows}
    assert (lines["A氏"], lines["N氏"], lines["L氏"]) == ("3 1 0", "0 1 0", "2 0 0")
    assert [each.sentence for each in quarter.identities if not each.holds] == []


@both_engines
def test_figures_open_to_the_rows_that_they_were_counted_from(month: Month) -> None:
    built = build(OCTOBER, "all", NOW)
    for figure in built.figures.values():
        data = built.datasets[figure.dataset]
        assert figure.measure.of(data, rows_of(figure, data)) == figure.value, figure.key
    kept = unpack(pack(built))
    assert kept == built and digest(kept) == digest(built)


@both_engines
def test_month_without_meals_can_be_counted(month: Month) -> None:
    built = build(Period.parse("2026-07"), "all", NOW)
    assert built.value("head.visits") == 0 and built.value("head.visits.year") == 2
    assert [each.sentence for each in built.identities if not each.holds] == []
    assert [each.key for each in built.tables] == ["check"]
    with pytest.raises(KeyError):
        build(OCTOBER, "nowhere", NOW)


@both_engines
def test_what_is_written_meanwhile_belongs_to_the_next_count(
    month: Month, in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = figures_of(build(OCTOBER, "all", NOW))
    whole = read.months

    def with_a_scan_in_between(*args: Any) -> Any:
        row = db.session.execute(sa.select(Meal.__table__).limit(1)).mappings().one()
        late = {**row, "day": date(2026, 10, 22), "event_id": new_id()}
        with db.engine.connect() as other:
            if other.dialect.name == "sqlite":
                other.exec_driver_sql("BEGIN IMMEDIATE")
            other.execute(sa.insert(Meal.__table__), late)
            other.commit()
        return whole(*args)

    monkeypatch.setattr(building.read, "months", with_a_scan_in_between)
    assert figures_of(build(OCTOBER, "all", NOW)) == before
    monkeypatch.undo()
    assert build(OCTOBER, "all", NOW).value("head.visits") == 23


@both_engines
@pytest.mark.parametrize("scope", ["all", "one"])
def test_counting_takes_the_same_number_of_queries_for_any_number_of_rows(
    month: Month, in_app: Flask, scope: str
) -> None:
    with counted(in_app) as few:
        build(OCTOBER, scope, NOW)
    for number in (15, 19, 20, 21):
        for letter in "ABCDEFGHKL":
            month.eat(letter, number)
            month.eat(letter, number, D, other=OtherKind.GUEST, who=None)
    with counted(in_app) as many:
        assert build(OCTOBER, scope, NOW).value("head.visits") > 55
    assert len(many) == len(few) <= 20
