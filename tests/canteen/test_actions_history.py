"""Whatever happens at a counter, in any order and repeated at will: what is owed follows from the events."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canteen import actions
from canteen.actions import Scan
from canteen.models import CanteenException, Meal, MealEvent, OtherSale
from canteen.models.meals import LAYER_COLUMNS
from canteen.values import (
    EventKind,
    ExceptionKind,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitUnit,
)
from core.db import db, new_id
from core.errors import RuleError
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON

verbs = st.lists(
    st.tuples(
        st.sampled_from(["scan", "fact", "void", "replay", "replace", "move"]),
        st.integers(0, 2),  # whose
        st.integers(-30, 30),  # minutes from noon
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture
def house(in_app: Flask) -> House:
    house = h.build(NOON)
    weekly = Limit(LimitPeriod.WEEK, LimitUnit.MEALS, 2)
    h.subsidy(
        house, "low", ["minimum_living"], [LayerRule(FundLayer.CITY, fixed_fen=300)], [weekly]
    )
    return house


@dataclass
class Story:
    """What the test itself remembers: what was sent and acknowledged."""

    house: House
    people: list[int]
    sent: list[Scan] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    replaced: set[int] = field(default_factory=set)

    def send(self, scan: Scan) -> None:
        found = actions.register_meal(scan, by=h.CLERK, now=NOON)
        known = self.answers.setdefault(str(scan.id), str(found.answer))
        assert known == str(found.answer)

    def act(self, verb: str, who: int, minutes: int) -> None:
        person_id, at = self.people[who], NOON + timedelta(minutes=minutes)
        if verb in ("scan", "fact"):
            scan = h.scan(self.house, person_id, min(at, NOON), is_fact=verb == "fact")
            self.sent.append(scan)
            self.send(scan)
        elif verb == "replay" and self.sent:
            self.send(self.sent[minutes % len(self.sent)])
        elif verb == "replace" and person_id not in self.replaced:
            h.replace_card(person_id, NOON)
            self.replaced.add(person_id)
        elif verb in ("void", "move") and self.sent:
            event_id = self.sent[minutes % len(self.sent)].id
            try:
                if verb == "void":
                    actions.void_meal(
                        event_id, void_id=new_id(), reason="误扫", by=h.CLERK, now=NOON
                    )
                else:
                    actions.move_meal(event_id, to_person_id=person_id, move_id=new_id(), reason="拿错卡",
                                      by=h.CLERK, now=NOON)  # fmt: skip
            except RuleError as error:
                assert error.code in {
                    "no_such_event",
                    "already_voided",
                    "not_movable",
                    "already_served",
                }


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=verbs)
def test_what_is_owed_follows_from_the_events(
    house: House, story: list[tuple[str, int, int]]
) -> None:
    told = Story(house, [h.diner(house, "minimum_living") for _ in range(3)])
    for step in story:
        told.act(*step)
    db.session.expire_all()
    assert actions.differences() == []
    events = db.session.scalars(
        sa.select(MealEvent).where(MealEvent.person_id.in_(told.people))
    ).all()
    stored = {str(event.id) for event in events}
    assert set(told.answers) <= stored
    voided = {event.voids_id for event in events if event.kind is EventKind.VOIDED}
    standing = {
        event.id for event in events if event.kind is EventKind.SERVED and event.id not in voided
    }
    meals = db.session.scalars(sa.select(Meal).where(Meal.person_id.in_(told.people))).all()
    sales = set(db.session.scalars(sa.select(OtherSale.id)))
    parked = set(db.session.scalars(
        sa.select(CanteenException.event_id).where(CanteenException.kind == ExceptionKind.SECOND_SERVING)
    )) & standing  # fmt: skip
    assert {meal.event_id for meal in meals} | parked | (sales & standing) == standing
    assert len({meal.person_id for meal in meals}) == len(meals)
    for meal in meals:
        layers = sum(getattr(meal, column) for column in LAYER_COLUMNS.values())
        assert meal.price_fen == layers + meal.copay_fen and meal.copay_fen >= 0
