"""Many scans or voids in one request: each by itself, and what can never land goes to a human."""

import json
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from canteen.actions import differences
from canteen.models import CanteenException, Meal, MealEvent
from canteen.values import ExceptionKind
from core import clock
from core.access import Role
from core.db import db, new_id
from tests.canteen import house as building
from tests.canteen.programs import SCANS, VOIDS, Program, make_house, program
from tests.conftest import SignIn, both_engines, csrf_of


def exceptions(app: Flask) -> list[CanteenException]:
    with app.app_context():
        return list(db.session.scalars(sa.select(CanteenException)))


def stored(app: Flask) -> tuple[set[Any], set[Any], set[Any]]:
    """Meals, events and exceptions, as far as any order of arrival must agree on them."""
    with app.app_context():
        assert differences() == []
        meals = db.session.execute(
            sa.select(Meal.person_id, Meal.event_id, Meal.subsidy_fen)
        ).tuples()
        events = db.session.execute(sa.select(MealEvent.id, MealEvent.content_hash)).tuples()
        parked = db.session.execute(
            sa.select(CanteenException.event_id, CanteenException.kind)
        ).tuples()
        return set(meals), set(events), set(parked)


@both_engines
def test_one_poisonous_item_among_500_is_parked_and_the_others_land(
    app: Flask, noon: datetime
) -> None:
    house, codes = make_house(app, noon, *["general"] * 50)
    caller = program(app, noon, house.site_id)
    items = [
        caller.item(
            codes[n % 50], decided="served", scanned_at=(noon + timedelta(seconds=n)).isoformat()
        )
        for n in range(500)
    ]
    poison = {"id": items[250]["id"], "site": "one", "scanned_at": "yesterday", "card": {"$gt": ""}}
    answer = caller.post(f"{SCANS}/batch", {"scans": [*items[:250], poison, *items[251:]]})
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [result["id"] for result in results] == [item["id"] for item in items]
    assert [result["status"] for result in results] == [201] * 250 + [422] + [201] * 249
    assert results[250]["parked"] is True
    assert set(results[250]["details"]["problems"]) == {"card", "scanned_at"}
    [bad] = [row for row in exceptions(app) if row.kind is ExceptionKind.BAD_ITEM]
    assert (str(bad.event_id), bad.site_id) == (poison["id"], house.site_id)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(MealEvent)) == 499
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 50
        assert differences() == []


@both_engines
def test_a_queue_may_come_twice_shuffled_and_in_pieces(app: Flask, noon: datetime) -> None:
    house, codes = make_house(app, noon, "general", "minimum_living", "disabled")
    caller = program(app, noon, house.site_id)
    items = [
        caller.item(
            code, decided="served", scanned_at=(noon - timedelta(minutes=minute)).isoformat()
        )
        for minute, code in enumerate([*codes, *codes, codes[0]])
    ]
    first = caller.post(f"{SCANS}/batch", {"scans": items}).json["results"]
    expected = stored(app)
    shuffled = random.Random(7)
    for _round in range(4):
        some = shuffled.sample(items, k=shuffled.randrange(1, len(items) + 1))
        for result in caller.post(f"{SCANS}/batch", {"scans": some}).json["results"]:
            assert result in first
    assert stored(app) == expected
    assert len(expected[0]) == 3
    assert len(expected[2]) == 4, "each second serving waits for a human"


def test_the_order_of_arrival_makes_no_difference(app: Flask, noon: datetime) -> None:
    house, codes = make_house(app, noon, "general", "minimum_living")
    caller = program(app, noon, house.site_id)
    items = [
        caller.item(
            code, decided="served", scanned_at=(noon - timedelta(minutes=minute)).isoformat()
        )
        for minute, code in enumerate([*codes, *codes])
    ]
    for item in reversed(items):
        assert caller.post(SCANS, item).status_code == 201
    meals, _events, parked = stored(app)
    earliest = {items[2]["id"], items[3]["id"]}
    assert {str(event_id) for _person, event_id, _fen in meals} == earliest
    assert {str(event_id) for event_id, _kind in parked} == {items[0]["id"], items[1]["id"]}


@both_engines
def test_half_a_character_sinks_no_batch(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    half = "\ud83d"  # the first half of an emoji that was cut in two
    wrong = [half, {half: half}, {**caller.item(code), "id": half},
             {**caller.item(code), half: 1}, {**caller.item(), "card": half}]  # fmt: skip

    def send(path: str, name: str, items: list[Any]) -> list[Any]:
        raw = json.dumps({name: items})  # as \ud83d, which is how a browser sends it
        answer = caller.client.post(
            f"{path}/batch", data=raw, content_type="application/json", headers=caller.headers
        )
        results: list[Any] = answer.json["results"]
        return results

    results = send(SCANS, "scans", [*wrong, caller.item(code)])
    assert [result["status"] for result in results] == [422] * 4 + [200, 201]
    meal = results[-1]["answer"]["event_id"]
    void = {"id": str(new_id()), "event_id": meal, "reason": f"按错了{half}"}
    [voided] = send(VOIDS, "voids", [void])
    assert voided["status"] == 201
    with app.app_context():
        assert db.session.get_one(MealEvent, UUID(void["id"])).note == "按错了\ufffd"


def test_items_of_every_wrong_shape_become_exceptions_once(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    good = caller.item(code)
    wrong = [None, 7, "text", [], {}, {"id": "x"}, {**caller.item(code), "price_fen": 0},
             caller.item("1234"), caller.item(code, site="two"), {**good, "code": "1" * 17}]  # fmt: skip
    for _time in range(2):
        results = caller.post(f"{SCANS}/batch", {"scans": [good, *wrong]}).json["results"]
        assert results[0]["status"] == 201
        assert all(result["parked"] for result in results[1:])
        assert all(result["message"] for result in results[1:])
        assert [result["status"] for result in results[1:]] == [422] * 8 + [403] + [422]
    assert len(exceptions(app)) == len(wrong)


def test_more_than_500_items_are_refused_whole(app: Flask, noon: datetime) -> None:
    house, _codes = make_house(app, noon)
    caller = program(app, noon, house.site_id)
    answer = caller.post(f"{SCANS}/batch", {"scans": [1] * 501})
    assert (answer.status_code, answer.json["code"]) == (413, "too_many_items")
    for envelope in ({}, {"scans": {}}, {"scans": [], "more": 1}, {"voids": []}):
        assert caller.post(f"{SCANS}/batch", envelope).status_code == 422
    assert exceptions(app) == []
    assert caller.post(f"{SCANS}/batch", {"scans": []}).json == {"results": []}


def test_voids_come_in_batches_likewise(app: Flask, noon: datetime) -> None:
    house, [code, _other] = make_house(app, noon, "general", "general")
    caller = program(app, noon, house.site_id)
    event_id = caller.scan(code).json["event_id"]
    item = {"id": str(new_id()), "event_id": event_id, "reason": "重复登记"}
    nothing = {"id": str(new_id()), "event_id": str(new_id()), "reason": "重复登记"}
    again = {**item, "id": str(new_id())}
    results = caller.post(f"{VOIDS}/batch", {"voids": [item, nothing, again, item]}).json["results"]
    assert [result["status"] for result in results] == [201, 404, 409, 201]
    assert [result.get("parked") for result in results] == [None, True, False, None]
    assert [str(row.event_id) for row in exceptions(app)] == [nothing["id"]]


def test_a_device_cannot_void_an_old_meal_in_a_batch(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    event_id = caller.scan(code).json["event_id"]
    item = {"id": str(new_id()), "event_id": event_id, "reason": "重复登记"}
    with clock.at(noon + timedelta(hours=1)):
        [result] = caller.post(f"{VOIDS}/batch", {"voids": [item]}).json["results"]
    assert (result["status"], result["code"], result["parked"]) == (403, "pin_needed", True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 1


def test_an_office_without_a_site_parks_at_a_canteen(
    app: Flask, noon: datetime, sign_in: SignIn
) -> None:
    house, _codes = make_house(app, noon)
    client = sign_in(Role.CLERK)
    caller = Program(client, noon, {"X-CSRFToken": csrf_of(client)})
    results = caller.post(f"{SCANS}/batch", {"scans": [{"id": str(new_id())}]}).json["results"]
    assert [result["parked"] for result in results] == [True]
    assert [row.site_id for row in exceptions(app)] == [house.site_id]


def test_too_many_unknown_codes_of_a_batch_are_to_be_sent_again(app: Flask, noon: datetime) -> None:
    app.config["UNKNOWN_CODES_PER_MINUTE"] = 2
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    with app.app_context():
        unknown = [building.code(900_000 + number) for number in range(4)]
    items = [caller.item(each) for each in [*unknown, code]]
    results = caller.post(f"{SCANS}/batch", {"scans": items}).json["results"]
    assert [result["status"] for result in results] == [200, 200, 429, 429, 201]
    assert [result.get("parked") for result in results[2:4]] == [False, False]
