"""The API for programs and counters: who may call it, what it takes, and what it answers."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen.models import CanteenException, Meal, MealEvent
from core import clock
from core.access import Role
from core.accounts.models import Device
from core.audit import AuditEntry
from core.db import db, new_id, transaction
from core.writer import reading
from tests.canteen import house as building
from tests.canteen.programs import SCANS, VOIDS, Program, make_house, program, tablet
from tests.conftest import SignIn, both_engines, csrf_of

FOREIGN = "00000000000000000"  # check digits that do not hold


def count(app: Flask, model: Any, *conditions: Any) -> int:
    with app.app_context():
        statement = sa.select(sa.func.count()).select_from(model).where(*conditions)
        return db.session.scalar(statement) or 0


@both_engines
def test_a_card_is_served_once_and_the_second_scan_says_when_and_where(
    app: Flask, noon: datetime
) -> None:
    house, [code] = make_house(app, noon, "minimum_living")
    caller = program(app, noon, house.site_id)
    served = caller.scan(code)
    assert served.status_code == 201
    meal = served.json["meal"]
    assert (meal["price_fen"], meal["subsidy_fen"], meal["copay_fen"]) == (1200, 800, 400)
    assert served.json["person"]["name"] == "王秀华"
    assert served.json["words"] == "王大娘，请用餐，自付四元"
    with clock.at(noon + timedelta(minutes=2)):
        again = caller.scan(code)
    assert again.status_code == 200
    assert again.json["outcome"] == "already_served"
    assert (again.json["site"], again.json["at"]) == ("one", noon.isoformat())
    assert count(app, Meal) == 1


@both_engines
def test_a_repeated_request_gets_the_same_answer_and_status(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    item = caller.item(code)
    first = caller.post(SCANS, item)
    with clock.at(noon + timedelta(minutes=9)):
        second = caller.post(SCANS, item)
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert count(app, MealEvent) == 1


@both_engines
def test_an_id_with_other_content_is_refused_and_writes_nothing(app: Flask, noon: datetime) -> None:
    house, [code, other] = make_house(app, noon, "general", "general")
    caller = program(app, noon, house.site_id)
    item = caller.item(code)
    assert caller.post(SCANS, item).status_code == 201
    clash = caller.post(SCANS, {**item, "code": other})
    assert (clash.status_code, clash.json["code"]) == (422, "id_reused")
    assert (count(app, MealEvent), count(app, Meal)) == (1, 1)


@both_engines
@pytest.mark.parametrize(("site", "status"), [("one", 201), ("nowhere", 404)])
def test_a_scan_is_looked_up_on_one_connection_and_gives_it_back(
    app: Flask, noon: datetime, site: str, status: int
) -> None:
    house, [code, first] = make_house(app, noon, "general", "general")
    caller = program(app, noon, house.site_id)
    assert caller.scan(first).status_code == 201
    with app.app_context():
        engine = reading()
    taken: list[Any] = []

    def note(*of: Any) -> None:
        taken.append(of)

    sa.event.listen(engine, "checkout", note)
    answer = caller.post(SCANS, {**caller.item(code), "site": site})
    sa.event.remove(engine, "checkout", note)
    assert answer.status_code == status
    # On SQLite the writer takes one from the same pool; on PostgreSQL the one statement that writes.
    if status == 201:
        assert len(taken) == 2
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_an_unknown_card_is_refused_in_one_way(app: Flask, noon: datetime) -> None:
    house, [_code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    with app.app_context():
        unknown = building.code(999_999)
    answer = caller.scan(unknown)
    assert (answer.status_code, answer.json["reason"]) == (200, "unknown_card")
    assert answer.json["person"] is None
    with app.app_context():
        event = db.session.scalars(sa.select(MealEvent)).one()
        assert unknown not in json.dumps(event.answer)
        assert event.person_id is None


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ("1234", "card_too_short"),
        ("1" * 200, "card_too_long"),
        (FOREIGN, "card_not_ours"),
        ("130435193608235198", "card_id_number"),
        ("https://example.org/a", "card_other_code"),
        ("  - ", "card_empty"),
    ],
)
def test_what_is_no_card_is_said_in_a_sentence(
    app: Flask, noon: datetime, sent: str, fault: str
) -> None:
    house, _codes = make_house(app, noon)
    answer = program(app, noon, house.site_id).scan(sent)
    assert (answer.status_code, answer.json["code"]) == (422, fault)
    assert len(answer.json["message"]) > 10
    assert sent.strip() not in answer.json["message"] or not sent.strip(" -")
    assert count(app, MealEvent) == 0


def test_two_cards_read_as_one_register_neither(app: Flask, noon: datetime) -> None:
    house, [one, two] = make_house(app, noon, "general", "general")
    answer = program(app, noon, house.site_id).scan(one + two)
    assert (answer.status_code, answer.json["code"]) == (422, "card_two_cards")
    assert count(app, MealEvent) == 0


def test_full_width_digits_and_blanks_are_the_same_card(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code)
    assert program(app, noon, house.site_id).scan(f" {wide[:4]}-{wide[4:]}\n").status_code == 201


def test_a_replaced_card_is_refused(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    with app.app_context():
        building.replace_card(house.people[0], noon)
        db.session.remove()
    answer = program(app, noon, house.site_id).scan(code)
    assert (answer.status_code, answer.json["reason"]) == (200, "card_replaced")
    assert answer.json["words"] == "此卡已停用，请找工作人员"


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("id", {"id": "not-a-uuid"}),
    ("id", {"id": "{0198f0a5-6f1e-7cc0-8d6e-5a8c5d0c4f11}"}),
    ("id", {"id": 7}),
    ("site", {"site": ["one"]}),
    ("scanned_at", {"scanned_at": "2026-11-24T11:42:00"}),
    ("scanned_at", {"scanned_at": "2026-11-24"}),
    ("scanned_at", {"scanned_at": "2026-02-30T11:42:00Z"}),
    ("scanned_at", {"scanned_at": "2026-11-24T11:42:00+24:00"}),
    ("scanned_at", {"scanned_at": "9999-12-31T23:59:59-23:59"}),
    ("scanned_at", {"scanned_at": 1_795_000_000}),
    ("sitting", {"sitting": "brunch"}),
    ("way", {"way": "delivered"}),
    ("acknowledged", {"acknowledged": "true"}),
    ("late_reason", {"late_reason": "a\x00b"}),
    ("late_reason", {"late_reason": "  "}),
    ("decided", {"decided": "refused"}),
    ("code", {"card": "x"}),
    ("price_fen", {"price_fen": 1}),
    ("code", {"code": "1" * 401}),
]


@pytest.mark.parametrize(("name", "change"), MALFORMED)
def test_a_malformed_field_is_named_and_nothing_is_written(
    app: Flask, noon: datetime, name: str, change: dict[str, Any]
) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    answer = caller.post(SCANS, {**caller.item(code), **change})
    assert answer.status_code == 422
    assert answer.json["code"] == "malformed"
    assert list(answer.json["details"]["problems"]) == [name]
    assert count(app, MealEvent) == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 9000,
        b'{"id": NaN}',
        b"9" * 9000,
        b'{"late_reason": "\\ud800"}',
    ],
)
def test_what_is_no_json_object_is_refused(app: Flask, noon: datetime, raw: bytes) -> None:
    house, _codes = make_house(app, noon)
    caller = program(app, noon, house.site_id)
    for path in (SCANS, f"{SCANS}/batch", VOIDS, f"{VOIDS}/batch"):
        answer = caller.client.post(
            path, data=raw, content_type="application/json", headers=caller.headers
        )
        assert (answer.status_code, answer.json["code"]) == (422, "malformed")


def test_a_body_that_is_no_json_or_too_large_is_refused(app: Flask, noon: datetime) -> None:
    house, _codes = make_house(app, noon)
    caller = program(app, noon, house.site_id)
    form = caller.client.post(SCANS, data={"code": "1"}, headers=caller.headers)
    assert form.status_code == 415
    huge = caller.post(SCANS, {"code": "1" * 20_000})
    assert huge.status_code == 413
    assert caller.post(f"{SCANS}/batch", {"scans": ["1" * 1_100_000]}).status_code == 413


def test_only_a_live_token_is_let_in(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}):
        assert Program(app.test_client(), noon, headers).scan(code).status_code == 401
    with app.app_context(), transaction() as session:
        session.get_one(Device, caller.device_id).revoked_at = noon
    refused = caller.scan(code)
    assert (refused.status_code, refused.json["code"]) == (401, "unauthorized")
    assert count(app, MealEvent) == 0


def test_a_foreign_or_unknown_site_is_refused(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    assert caller.scan(code, site="two").status_code == 403
    assert caller.scan(code, site="three").status_code == 404
    assert caller.get("/api/canteen/roster?site=two").status_code == 403
    assert caller.get("/api/canteen/roster").status_code == 404
    assert count(app, MealEvent) == 0


def test_a_tablet_needs_the_token_of_its_page(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = tablet(app, noon, house.site_id, csrf_of)
    without = Program(caller.client, noon)
    assert without.scan(code).status_code == 403
    assert caller.scan(code).status_code == 201


def test_a_signed_in_counter_may_scan_and_a_trainer_may_not(
    app: Flask, noon: datetime, sign_in: SignIn
) -> None:
    house, [code] = make_house(app, noon, "general")
    counter = sign_in(Role.COUNTER, house.site_id)
    caller = Program(counter, noon, {"X-CSRFToken": csrf_of(counter)})
    assert caller.scan(code).status_code == 201
    trainer = sign_in(Role.TRAINER, house.site_id)
    assert Program(trainer, noon, {"X-CSRFToken": csrf_of(trainer)}).scan(code).status_code == 403


def test_a_device_alone_enters_nothing_from_paper(
    app: Flask, noon: datetime, sign_in: SignIn
) -> None:
    house, [code] = make_house(app, noon, "general")
    early = (noon - timedelta(hours=2)).isoformat()
    caller = program(app, noon, house.site_id)
    refused = caller.scan(code, scanned_at=early, late_reason="停电")
    assert (refused.status_code, refused.json["code"]) == (403, "pin_needed")
    counter = sign_in(Role.COUNTER, house.site_id)
    person = Program(counter, noon, {"X-CSRFToken": csrf_of(counter)})
    served = person.scan(code, scanned_at=early, late_reason="停电", sitting="breakfast")
    assert (served.status_code, served.json["sitting"]) == (201, "breakfast")


def test_a_wrong_clock_is_corrected_by_when_the_device_sent(app: Flask, noon: datetime) -> None:
    house, [code, other] = make_house(app, noon, "general", "general")
    caller = program(app, noon, house.site_id)
    wrong = noon + timedelta(days=400)
    answer = caller.post(
        SCANS,
        caller.item(code, scanned_at=(wrong - timedelta(minutes=3)).isoformat()),
        **{"X-Client-Time": wrong.isoformat()},
    )
    assert answer.status_code == 201
    with app.app_context():
        event = db.session.scalars(sa.select(MealEvent)).one()
        assert event.occurred_at == noon - timedelta(minutes=3)
        assert event.device_at == wrong - timedelta(minutes=3)
        assert db.session.get_one(Device, caller.device_id).clock_offset_s == 400 * 86_400
    bad = caller.post(SCANS, caller.item(other), **{"X-Client-Time": "noon"})
    assert (bad.status_code, list(bad.json["details"]["problems"])) == (422, ["X-Client-Time"])


@both_engines
def test_a_clock_a_century_away_is_noted_as_far_as_a_column_goes(
    app: Flask, noon: datetime
) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    wrong = "2199-12-31T00:00:00Z"
    served = caller.post(SCANS, caller.item(code, scanned_at=wrong), **{"X-Client-Time": wrong})
    assert (served.status_code, served.json["day"]) == (201, "2026-11-24")
    with app.app_context():
        assert db.session.get_one(Device, caller.device_id).clock_offset_s == 2**31 - 1


@pytest.mark.parametrize("days", [-30, -4, 1, 365])
def test_a_scan_from_another_time_is_not_served_by_itself(
    app: Flask, noon: datetime, days: int
) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    moment = (noon + timedelta(days=days)).isoformat()
    refused = caller.scan(code, scanned_at=moment)
    assert (refused.status_code, refused.json["reason"]) == (200, "clock_suspect")
    fact = caller.scan(code, scanned_at=moment, decided="served")
    assert (fact.status_code, fact.json["parked"]) == (201, "clock_suspect")
    assert fact.json["meal"]["subsidy_fen"] == 0
    with app.app_context():
        assert [row.kind.value for row in db.session.scalars(sa.select(CanteenException))] == [
            "clock_suspect"
        ]


@both_engines
def test_guessed_codes_are_slowed_and_known_cards_go_on(app: Flask, noon: datetime) -> None:
    app.config["UNKNOWN_CODES_PER_MINUTE"] = 5
    house, [code] = make_house(app, noon, "general")
    caller, neighbour = (program(app, noon, house.site_id, name) for name in ("一号", "二号"))
    with app.app_context():
        unknown = [building.code(900_000 + number) for number in range(9)]
    item = caller.item(unknown[0])
    answers = [caller.post(SCANS, item), *(caller.scan(code) for code in unknown[1:])]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 4
    slowed = answers[-1]
    assert slowed.json["code"] == "too_many_unknown"
    assert int(slowed.headers["Retry-After"]) > 0
    assert caller.post(SCANS, item).status_code == 200, "a repetition is no guess"
    assert caller.scan(code).status_code == 201
    assert neighbour.scan(unknown[-1]).status_code == 200
    assert count(app, AuditEntry, AuditEntry.action == "device.codes_guessed") == 1
    assert count(app, CanteenException) == 1
    with clock.at(noon + timedelta(seconds=61)):
        assert caller.scan(unknown[-1]).status_code == 200


def test_a_meal_is_voided_and_can_be_registered_again(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    caller = program(app, noon, house.site_id)
    event_id = caller.scan(code).json["event_id"]
    item = {"id": str(new_id()), "event_id": event_id, "reason": "重复登记"}
    answers = [caller.post(VOIDS, item) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 201
        assert answer.json == {"outcome": "voided", "event_id": item["id"], "voids": event_id}
    again = caller.post(VOIDS, {**item, "id": str(new_id())})
    assert (again.status_code, again.json["code"]) == (409, "already_voided")
    reused = caller.post(VOIDS, {**item, "reason": "别的原因"})
    assert (reused.status_code, reused.json["code"]) == (422, "id_reused")
    assert caller.scan(code).status_code == 201


def test_a_device_alone_undoes_within_a_minute_only(app: Flask, noon: datetime) -> None:
    house, [code, other] = make_house(app, noon, "general", "general")
    caller = program(app, noon, house.site_id)
    old, undone = (caller.scan(each).json["event_id"] for each in (code, other))
    item = {"id": str(new_id()), "event_id": undone, "reason": "撤销"}
    assert caller.post(VOIDS, item).status_code == 201
    with clock.at(noon + timedelta(seconds=61)):
        late = caller.post(VOIDS, {"id": str(new_id()), "event_id": old, "reason": "撤销"})
        assert (late.status_code, late.json["code"]) == (403, "pin_needed")
        assert caller.post(VOIDS, item).status_code == 201, "its reply may have been lost"


def test_a_foreign_or_unknown_meal_is_not_voided(app: Flask, noon: datetime) -> None:
    house, [code] = make_house(app, noon, "general")
    event_id = program(app, noon, house.site_id).scan(code).json["event_id"]
    neighbour = program(app, noon, house.second_site_id, "二号")
    item = {"id": str(new_id()), "event_id": event_id, "reason": "撤销"}
    assert neighbour.post(VOIDS, item).status_code == 403
    assert neighbour.post(VOIDS, {**item, "event_id": str(new_id())}).status_code == 404
    assert neighbour.post(VOIDS, {**item, "reason": ""}).status_code == 422


def test_a_site_opened_a_moment_ago_is_known(app: Flask, noon: datetime) -> None:
    from core.sites.models import Site, SiteKind

    house, [code] = make_house(app, noon, "general")
    program(app, noon, house.site_id).scan(code)
    with app.app_context(), transaction() as session:
        site = Site(slug="three", name="第三食堂", kind=SiteKind.CANTEEN)
        session.add(site)
        session.flush()
        site_id = site.id
    answer = program(app, noon, site_id, "三号").scan(code, site="three")
    assert (answer.status_code, answer.json["outcome"]) == (200, "already_served")
