"""The roster: enough to decide without a connection, and nothing that a thief could use."""

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from canteen import actions
from canteen.models import Eligibility, MealEvent
from canteen.values import DietKind
from core import clock
from core.db import db, transaction
from core.people.models import Person
from tests.canteen import house as building
from tests.canteen.pages import counted
from tests.canteen.programs import Program, make_house, program
from tests.conftest import both_engines

ROSTER = "/api/canteen/roster?site=one"
CANARY = {"id_number": "130499194001011234", "phone": "13759838675", "address": "农林路9号"}


def hashed(code: str, roster: dict[str, Any]) -> str:
    how = roster["hash"]
    assert how["algorithm"] == "PBKDF2-HMAC-SHA256"
    return hashlib.pbkdf2_hmac(
        "sha256", code.encode(), how["salt"].encode(), how["iterations"]
    ).hex()


def row_of(code: str, roster: dict[str, Any]) -> dict[str, Any]:
    wanted = hashed(code, roster)
    [row] = [row for row in roster["people"] if row["code_hash"] == wanted]
    return row


@both_engines
def test_a_scanned_code_is_found_and_its_reference_registers_the_meal(
    app: Flask, noon: datetime
) -> None:
    house, [code] = make_house(app, noon, "minimum_living")
    caller = program(app, noon, house.site_id)
    roster = caller.get(ROSTER).json
    row = row_of(code, roster)
    assert (row["name"], row["address_as"], row["state"]) == ("王秀华", "王大娘", "active")
    assert row["entitlement"] == {"is_eligible": True, "until": None, "needs_review": False}
    lunch = next(each for each in roster["sittings"] if each["sitting"] == "lunch")
    assert (lunch["day"], lunch["starts_min"], lunch["ends_min"]) == ("2026-11-24", 660, 810)
    served = caller.scan(None, card=row["card"])
    assert (served.status_code, served.json["meal"]["subsidy_fen"]) == (201, 800)
    with app.app_context():
        event = db.session.scalars(sa.select(MealEvent)).one()
        assert (event.person_id, event.card_serial) == (house.people[0], 1)


def test_a_reference_and_a_hash_are_good_for_one_device_alone(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller, other = (program(app, noon, house.site_id, name) for name in ("一号", "二号"))
    mine, its = caller.get(ROSTER).json, other.get(ROSTER).json
    assert mine["hash"]["salt"] != its["hash"]["salt"]
    assert row_of(code, mine)["code_hash"] != row_of(code, its)["code_hash"]
    stolen = other.scan(None, card=row_of(code, mine)["card"])
    assert (stolen.status_code, stolen.json["reason"]) == (200, "unknown_card")
    for made_up in ("x", "=", "A" * 38, "好" * 38):
        assert caller.scan(None, card=made_up).json["reason"] == "unknown_card"


def test_it_holds_no_number_no_phone_and_no_code(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    with app.app_context(), transaction() as session:
        person = session.get_one(Person, house.people[0])
        for name, value in CANARY.items():
            setattr(person, name, value)
    text = program(app, noon, house.site_id).get(ROSTER).text
    for secret in (*CANARY.values(), code, "minimum", "13759", "1304"):
        assert secret not in text


def test_it_says_what_she_must_not_eat_and_until_when_she_may(app: Flask, noon: datetime) -> None:
    house, _codes = make_house(app, noon)
    today = noon.date()
    with app.app_context():
        person_id = building.diner(house, "minimum_living", until_on=today + timedelta(days=5))
        actions.add_diet_need(
            person_id, DietKind.ALLERGY, detail="花生", from_on=today, by=building.CLERK, now=noon
        )
        code = building.code(person_id)
        db.session.remove()
    caller = program(app, noon, house.site_id)
    row = row_of(code, caller.get(ROSTER).json)
    assert row["diet"] == [{"kind": "allergy", "detail": "花生", "blocks": True}]
    assert row["entitlement"]["until"] == (today + timedelta(days=35)).isoformat()
    with clock.at(noon + timedelta(days=10)):
        graced = row_of(code, caller.get(ROSTER).json)["entitlement"]
    assert (graced["is_eligible"], graced["needs_review"]) == (True, True)
    with clock.at(noon + timedelta(days=40)):
        assert row_of(code, caller.get(ROSTER).json)["entitlement"]["is_eligible"] is False


def test_a_paper_until_the_last_of_days_is_in_it(app: Flask, noon: datetime) -> None:
    house, _codes = make_house(app, noon)
    with app.app_context():
        code = building.code(building.diner(house, "minimum_living", until_on=date.max))
        db.session.remove()
    row = row_of(code, program(app, noon, house.site_id).get(ROSTER).json)
    assert row["entitlement"] == {"is_eligible": True, "needs_review": False, "until": "9999-12-31"}


def test_a_paper_that_was_ended_holds_to_its_last_day_and_no_longer(
    app: Flask, noon: datetime
) -> None:
    house, _codes = make_house(app, noon)
    last = noon.date() + timedelta(days=3)
    with app.app_context():
        person_id = building.diner(house, "minimum_living")
        [paper_id] = db.session.scalars(sa.select(Eligibility.id))
        actions.end_eligibility(
            person_id, paper_id, on=last, reason="复核不符", by=building.CLERK, now=noon
        )
        code = building.code(person_id)
        db.session.remove()
    caller = program(app, noon, house.site_id)
    found = row_of(code, caller.get(ROSTER).json)["entitlement"]
    assert found == {"is_eligible": True, "needs_review": False, "until": last.isoformat()}
    with clock.at(noon + timedelta(days=4)):
        assert row_of(code, caller.get(ROSTER).json)["entitlement"]["is_eligible"] is False


def test_a_replaced_card_is_in_it_as_stopped(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    with app.app_context():
        building.replace_card(house.people[0], noon)
        fresh = building.code(house.people[0], 2)
        db.session.remove()
    roster = program(app, noon, house.site_id).get(ROSTER).json
    assert row_of(code, roster)["state"] == "stopped"
    assert row_of(fresh, roster)["state"] == "active"


def test_a_card_revoked_before_the_offline_scan_is_parked_without_subsidy(
    app: Flask, noon: datetime
) -> None:
    house, [code] = make_house(app, noon, "minimum_living")
    caller = program(app, noon, house.site_id)
    card = row_of(code, caller.get(ROSTER).json)["card"]
    with app.app_context():
        building.replace_card(house.people[0], noon)
        db.session.remove()
    fact = caller.scan(None, card=card, decided="served")
    assert (fact.status_code, fact.json["parked"]) == (201, "card_replaced")
    assert fact.json["meal"]["subsidy_fen"] == 0


def test_who_ate_here_is_in_it_masked(app: Flask, noon: datetime) -> None:
    house, [code, _other] = make_house(app, noon, "general", "general")
    guest = program(app, noon, house.second_site_id, "二号")
    address = "/api/canteen/roster?site=two"
    assert guest.get(address).json["people"] == []
    assert guest.scan(code, site="two").status_code == 201
    roster = guest.get(address).json
    assert row_of(code, roster)["name"] == "王*华"
    assert len(roster["people"]) == 1


def test_an_unchanged_roster_is_not_sent_again(app: Flask, noon: datetime) -> None:
    house, _codes = make_house(app, noon, *["general"] * 30)
    caller = program(app, noon, house.site_id)
    first = caller.get(ROSTER, **{"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    tag = first.headers["ETag"]
    second = caller.get(ROSTER, **{"If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert (second.status_code, second.data) == (304, b"")
    assert second.headers["ETag"] == tag
    with app.app_context(), transaction() as session:
        session.get_one(Person, house.people[3]).name = "王美丽"
    third = caller.get(ROSTER, **{"If-None-Match": tag})
    assert third.status_code == 200
    assert "王美丽" in json.dumps(third.json, ensure_ascii=False)


def queries(app: Flask, caller: Program) -> int:
    with counted(app) as sent:
        assert caller.get(ROSTER).status_code == 200
    return len(sent)


def test_its_number_of_queries_does_not_grow(app: Flask, noon: datetime) -> None:
    house, _codes = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    caller.get(ROSTER)
    few = queries(app, caller)
    with app.app_context():
        for _number in range(5):
            building.diner(house, "minimum_living")
        db.session.remove()
    assert queries(app, caller) == few
