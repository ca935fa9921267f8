"""Months are submitted while facts about them still come in, in any order: each is owed once."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canteen import actions
from canteen.actions import ByPerson, Scan
from canteen.models import Meal, MealAdjustment, MealEvent, OtherSale
from canteen.values import (
    EventKind,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitUnit,
    OtherKind,
    Sitting,
    WayOfRecording,
)
from core.clock import Month, moment_of
from core.db import db, new_id
from core.errors import RuleError
from core.reports.models import Report
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON, both_engines

verbs = st.lists(
    st.tuples(
        st.sampled_from([
            "scan", "scan", "fact", "fact", "paper", "sale", "void", "void", "move", "replay",
            "time", "submit", "submit",
        ]),
        st.integers(0, 2),  # whose, or for which sites
        st.integers(-30, 30),  # minutes from noon, or which of those sent
        st.booleans(),  # at which site
    ),
    min_size=4,
    max_size=16,
)  # fmt: skip
# Each example has three months of its own: a month once submitted stays so for the next example.
numbers = count()


@pytest.fixture
def house(in_app: Flask) -> House:
    house = h.build(NOON)
    weekly = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 2)
    h.subsidy(
        house, "low", ["minimum_living"], [LayerRule(FundLayer.CITY, fixed_fen=300)], [weekly]
    )
    return house


def rows_of(month: Month, site_ids: set[int]) -> list[tuple[Any, ...]]:
    """Every column of every meal and sale of a month at some sites."""
    rows = []
    for model in (Meal, OtherSale):
        table: Any = model.__table__
        rows += [tuple(row) for row in db.session.execute(
            sa.select(table)
            .where(table.c.day >= month.first, table.c.day <= month.last, table.c.site_id.in_(site_ids))
            .order_by(*table.primary_key)
        )]  # fmt: skip
    return rows


@dataclass
class Story:
    """The last day of a month and what comes to light about it in the two months that follow."""

    house: House
    month: Month
    people: list[int]
    stage: int = 0
    sent: list[Scan] = field(default_factory=list)
    answers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    frozen: dict[tuple[Month, str], list[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """Noon of the last day, of the second of the next month, of the second after that."""
        noon = time(11, 42)
        if self.stage == 0:
            return moment_of(self.month.last, noon)
        month = self.month.next() if self.stage == 1 else self.month.next().next()
        return moment_of(month.first + timedelta(days=1), noon)

    def sites(self, scope: str) -> set[int]:
        one, two = self.house.site_id, self.house.second_site_id
        return {"all": {one, two}, "one": {one}, "two": {two}}[scope]

    def send(self, scan: Scan) -> None:
        answer = actions.register_meal(scan, by=h.CLERK, now=self.now).answer
        assert self.answers.setdefault(scan.id, dict(answer)) == dict(answer)

    def act(self, verb: str, who: int, number: int, there: bool) -> None:
        site_id = self.house.second_site_id if there else self.house.site_id
        at = self.now + timedelta(minutes=min(number, 0))
        last = moment_of(self.month.last, time(11, 42)) + timedelta(minutes=number)
        paper = {"who": ByPerson(self.people[who]), "day": self.month.last, "sitting": Sitting.LUNCH,
                 "recording": WayOfRecording.PAPER, "late_reason": "补录"}  # fmt: skip
        made: dict[str, tuple[datetime, dict[str, Any]]] = {
            "scan": (at, {}),
            "fact": (min(last, self.now), {"is_fact": True}),
            "paper": (self.now, paper),
            "sale": (self.now, {**paper, "other": OtherKind.GUEST}),
        }
        if verb in made:
            moment, more = made[verb]
            self.sent.append(h.scan(self.house, self.people[who], moment, site_id=site_id, **more))
            self.send(self.sent[-1])
        elif verb == "time":
            self.stage = min(self.stage + 1, 2)
        elif verb == "submit":
            self.submit(("all", "one", "two")[who], number)
        elif verb == "replay" and self.sent:
            self.send(self.sent[number % len(self.sent)])
        elif self.sent:
            self.correct(verb, self.sent[number % len(self.sent)].id, self.people[who])

    def submit(self, scope: str, number: int) -> None:
        month = (self.month, self.month.next())[number % 2]
        known = sa.select(Report.id).filter_by(period=str(month), scope=scope)
        if month.ends_at > self.now or db.session.scalar(known) is not None:
            return
        h.submit(str(month), scope)
        self.frozen[month, scope] = rows_of(month, self.sites(scope))

    def correct(self, verb: str, event_id: UUID, person_id: int) -> None:
        try:
            if verb == "void":
                actions.void_meal(
                    event_id, void_id=new_id(), reason="误扫", by=h.CLERK, now=self.now
                )
            else:
                actions.move_meal(event_id, to_person_id=person_id, move_id=new_id(), reason="拿错卡",
                                  by=h.CLERK, now=self.now)  # fmt: skip
        except RuleError as error:
            assert error.code in {
                "no_such_event", "already_voided", "not_movable", "already_served",
            }  # fmt: skip

    def check(self) -> None:
        for (month, scope), rows in self.frozen.items():
            assert rows_of(month, self.sites(scope)) == rows
        assert actions.differences() == []
        assert (
            actions.differences(self.month.first, self.now.date(), site_ids=[self.house.site_id])
            == []
        )
        assert owed(self.people) == accounted(self.people)
        rows = db.session.scalars(
            sa.select(MealAdjustment).where(MealAdjustment.person_id.in_(self.people))
        )
        for row in rows:
            assert row.of_month < row.booked_month <= str(Month.of(self.now.date()))
            assert row.of_month in {str(month) for month, _scope in self.frozen}


Sums = dict[tuple[str, int, int], list[int]]


def owed(people: list[int]) -> Sums:
    """By month, site and person, what the events say, told without the code's own words for it."""
    by_triple = defaultdict(list)
    events = db.session.scalars(sa.select(MealEvent).where(MealEvent.person_id.in_(people))).all()
    gone = {event.voids_id for event in events}
    sums: Sums = defaultdict(lambda: [0, 0, 0])
    for event in events:
        if event.kind is not EventKind.SERVED or event.id in gone:
            continue
        key = "sale" if event.other_kind else (event.person_id, event.day, event.sitting)
        if key == "sale":
            _add(sums, event.day, event.site_id, event.person_id, 1, event.price_fen, 0)
        else:
            by_triple[key].append(event)
    for standing in by_triple.values():
        first = min(standing, key=lambda event: (event.occurred_at, event.id))
        _add(sums, first.day, first.site_id, first.person_id, 1, first.price_fen, first.subsidy_fen)
    return {key: value for key, value in sums.items() if any(value)}


def accounted(people: list[int]) -> Sums:
    """The same from what stands in the books: meals, sales, and adjustments of the month."""
    sums: Sums = defaultdict(lambda: [0, 0, 0])
    for meal in db.session.scalars(sa.select(Meal).where(Meal.person_id.in_(people))):
        _add(sums, meal.day, meal.site_id, meal.person_id, 1, meal.price_fen, meal.subsidy_fen)
    whose = dict(
        db.session.execute(
            sa.select(MealEvent.id, MealEvent.person_id).where(MealEvent.person_id.in_(people))
        )
        .tuples()
        .all()
    )
    for sale in db.session.scalars(sa.select(OtherSale).where(OtherSale.id.in_(whose))):
        _add(sums, sale.day, sale.site_id, whose[sale.id], 1, sale.price_fen, 0)
    for row in db.session.scalars(
        sa.select(MealAdjustment).where(MealAdjustment.event_id.in_(whose))
    ):
        person_id = row.person_id or whose[row.event_id]
        _add(sums, row.day, row.site_id, person_id, row.visits, row.price_fen, row.subsidy_fen)
        assert row.of_month == str(Month.of(row.day))
    return {key: value for key, value in sums.items() if any(value)}


def _add(sums: Sums, day: date, site_id: int, person_id: int | None, *amounts: int) -> None:
    kept = sums[str(Month.of(day)), site_id, person_id or 0]
    for place, amount in enumerate(amounts):
        kept[place] += amount


@both_engines
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=verbs)
def test_what_is_owed_is_accounted_for_once_whenever_it_comes(
    house: House, steps: list[tuple[str, int, int, bool]]
) -> None:
    number = 3 * next(numbers)
    month = Month(2026 + number // 12, number % 12 + 1)
    story = Story(house, month, [h.diner(house, "minimum_living") for _ in range(3)])
    for step in steps:
        story.act(*step)
    db.session.expire_all()
    story.check()


@both_engines
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    servings=st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.booleans()), min_size=1, max_size=4),
    orders=st.tuples(st.randoms(use_true_random=False), st.integers(0, 8)),
)  # fmt: skip
def test_sum_is_the_same_for_every_order_of_arrival(
    house: House, servings: list[tuple[int, bool, bool]], orders: tuple[Any, int]
) -> None:
    """Servings (minute, site, whether voided at once) arrive around the submission in two orders."""
    shuffled, cut = list(servings), orders[1]
    orders[0].shuffle(shuffled)
    found = []
    for arrival, at in ((servings, len(servings)), (shuffled, cut)):
        number = 3 * next(numbers)
        month = Month(2026 + number // 12, number % 12 + 1)
        story = Story(house, month, [h.diner(house, "minimum_living")], stage=1)
        for position, (minute, there, voided) in enumerate(arrival):
            if position == at:
                story.submit("all", 0)
            story.act("fact", 0, minute, there)
            if voided:
                story.correct("void", story.sent[-1].id, 0)
        db.session.expire_all()
        story.check()
        found.append(sorted(
            (site_id, *sums) for (_month, site_id, _person), sums in accounted(story.people).items()
        ))  # fmt: skip
    # Equal minutes are told apart by ids, which differ between the two tellings: sites may swap.
    if len({minute for minute, _there, _voided in servings}) == len(servings):
        assert found[0] == found[1]
