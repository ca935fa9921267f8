"""Many counters at once: threads with connections of their own, on both engines."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions
from canteen.actions import ByCode
from canteen.models import CanteenException, Meal, MealEvent
from canteen.values import (
    EventKind,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitUnit,
    OtherKind,
    Sitting,
)
from core.db import db, new_id
from tests.canteen import house as h
from tests.canteen.crowd import together
from tests.canteen.house import House
from tests.conftest import NOON, both_engines


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(NOON)


def outcome(scan: actions.Scan) -> str:
    return actions.register_meal(scan, by=h.CLERK, now=NOON).outcome


@both_engines
def test_one_card_at_eight_counters_in_one_moment_is_one_meal(in_app: Flask, house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    sites = [house.site_id, house.second_site_id] * 4
    scans = [h.scan(house, person_id, site_id=site) for site in sites]
    found = together(in_app, [lambda s=s: outcome(s) for s in scans])  # type: ignore[misc]
    assert sorted(map(str, found)) == ["already_served"] * 7 + ["served"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MealEvent)) == 8
    assert actions.differences() == []


@both_engines
def test_one_event_sent_ten_times_at_once_gets_one_answer(in_app: Flask, house: House) -> None:
    scan = h.scan(house, h.diner(house))

    def answer() -> tuple[int, str]:
        found = actions.register_meal(scan, by=h.CLERK, now=NOON)
        return found.status, json.dumps(found.answer, sort_keys=True)

    found = together(in_app, [answer] * 10)
    assert len(set(found)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MealEvent)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 1


@both_engines
def test_one_id_with_two_contents_at_once_keeps_one(in_app: Flask, house: House) -> None:
    one, two, event_id = h.diner(house), h.diner(house), new_id()
    scans = [h.scan(house, person_id, id=event_id) for person_id in (one, two) * 3]
    found = together(in_app, [lambda s=s: outcome(s) for s in scans])  # type: ignore[misc]
    assert sorted(map(str, found)) == ["id_reused"] * 3 + ["served"] * 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 1


@both_engines
def test_limit_holds_when_all_sittings_of_a_day_come_at_once(in_app: Flask, house: House) -> None:
    daily = Limit(LimitPeriod.DAY, LimitUnit.MEALS, 1)
    h.subsidy(house, "low", ["minimum_living"], [LayerRule(FundLayer.CITY, fixed_fen=300)], [daily])
    person_id = h.diner(house, "minimum_living")
    scans = [
        h.scan(house, person_id, late_reason="补录", sitting=sitting, day=NOON.date())
        for sitting in Sitting
    ]
    assert together(in_app, [lambda s=s: outcome(s) for s in scans]) == ["served"] * 3  # type: ignore[misc]
    assert sorted(db.session.scalars(sa.select(Meal.subsidy_fen))) == [0, 0, 300]


@both_engines
def test_facts_scans_and_voids_in_a_crowd_leave_what_the_events_say(
    in_app: Flask, house: House
) -> None:
    for _ in range(4):
        person_id = h.diner(house, "minimum_living")
        first = h.scan(house, person_id)
        outcome(first)
        facts = [
            h.scan(house, person_id, NOON - timedelta(minutes=n), is_fact=True) for n in (1, 5)
        ]
        calls: list[Callable[[], object]] = [lambda s=s: outcome(s) for s in facts]  # type: ignore[misc]
        calls.append(lambda p=person_id: outcome(h.scan(house, p)))  # type: ignore[misc]
        calls.append(
            lambda e=first.id: actions.void_meal(  # type: ignore[misc]
                e, void_id=new_id(), reason="误扫", by=h.CLERK, now=NOON
            )
        )
        together(in_app, calls)
        served = sa.select(MealEvent).where(
            MealEvent.person_id == person_id, MealEvent.kind == EventKind.SERVED
        )
        voided = set(
            db.session.scalars(
                sa.select(MealEvent.voids_id).where(MealEvent.kind == EventKind.VOIDED)
            )
        )
        standing = sorted(
            (event for event in db.session.scalars(served) if event.id not in voided),
            key=lambda event: (event.occurred_at, event.id),
        )
        meal = db.session.scalars(sa.select(Meal).where(Meal.person_id == person_id)).one()
        assert meal.event_id == standing[0].id
        parked = db.session.scalars(
            sa.select(CanteenException.event_id).where(CanteenException.person_id == person_id)
        )
        assert set(parked) == {event.id for event in standing[1:]}
    assert actions.differences() == []


@pytest.mark.parametrize("is_guest", [False, True])
@both_engines
def test_one_meal_voided_by_two_is_voided_once(in_app: Flask, house: House, is_guest: bool) -> None:
    guest = h.scan(house, 0, who=None, other=OtherKind.GUEST)
    scan = guest if is_guest else h.scan(house, h.diner(house))
    outcome(scan)

    def void() -> str:
        actions.void_meal(scan.id, void_id=new_id(), reason="误扫", by=h.CLERK, now=NOON)
        return "voided"

    found = together(in_app, [void] * 4)
    assert sorted(map(str, found)) == ["already_voided"] * 3 + ["voided"]


@both_engines
def test_a_card_replaced_while_it_is_scanned_gives_one_meal_and_then_no_other(
    in_app: Flask, house: House
) -> None:
    for _ in range(6):
        person_id = h.diner(house)
        old = [h.scan(house, person_id) for _ in range(3)]
        new = h.scan(house, person_id, who=ByCode(h.code(person_id, 2)))
        calls: list[Callable[[], object]] = [lambda s=s: outcome(s) for s in (*old, new)]  # type: ignore[misc]
        calls.append(lambda p=person_id: h.replace_card(p, NOON))  # type: ignore[misc]
        found = [str(each) for each in together(in_app, calls)]
        # As if one came after the other, in some order: she ate at most once.
        assert found[-1] == "None" and set(found[:-1]) <= {"served", "already_served", "refused"}
        assert found.count("served") <= 1
        with_old = outcome(h.scan(house, person_id))
        with_new = outcome(h.scan(house, person_id, who=ByCode(h.code(person_id, 2))))
        assert with_old in ("refused", "already_served")
        assert with_new == ("already_served" if "served" in found else "served")
        meals = sa.select(sa.func.count()).select_from(Meal).where(Meal.person_id == person_id)
        assert db.session.scalar(meals) == 1
    assert actions.differences() == []
