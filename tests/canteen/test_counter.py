"""What the counter's page asks of the server: masked search, signed references, PIN, plain form."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient

from canteen import actions
from canteen.actions import TariffDraft
from canteen.models import Meal, MealEvent, OtherSale, Pause
from canteen.values import Condition, DietKind, Fact, Operator, PriceKind, TariffKind
from canteen.views.counter_attempt import HOUSEMATE, person_ref
from canteen.views.counter_state import found_row
from core.access import SYSTEM, Role
from core.accounts.actions import add_device, enrol_device
from core.accounts.models import DeviceKind
from core.accounts.sessions import DEVICE_COOKIE
from core.db import db, new_id, transaction
from core.people.actions import link_household, put_photo
from core.people.actions.persons import Details, change_person
from core.people.models import Person
from core.sites.actions import SiteFacts, add_site
from core.sites.models import Site, SiteKind
from tests.canteen import house
from tests.canteen.house import House
from tests.conftest import SignIn, csrf_of
from tests.core.people.test_photos import jpeg

Json = dict[str, Any]


@pytest.fixture
def built(in_app: Flask, noon: datetime) -> House:
    """A canteen at lunch with two diners, 王秀华 and 赵玉兰."""
    built = house.build(noon)
    for name in ("王秀华", "赵玉兰"):
        person_id = house.diner(built)
        details = Details(
            name=name, sex="female", birth_on=house.date(1950, 5, 1), no_id_reason="老人无证件",
            phone="13800002231",
        )  # fmt: skip
        change_person(person_id, details, by=house.CLERK, now=noon)
    return built


@pytest.fixture
def client(sign_in: SignIn, built: House) -> FlaskClient:
    """Somebody who works at the counter."""
    return sign_in(Role.COUNTER, built.site_id)


def forget() -> None:
    """The test's own app context would lend its `g` to each request: empty it between them."""
    for name in list(g):
        g.pop(name)


def token(client: FlaskClient) -> str:
    forget()
    found = csrf_of(client)
    forget()
    return found


def post(client: FlaskClient, path: str, **body: object) -> tuple[int, Json]:
    headers = {"X-CSRFToken": token(client), "Accept": "application/json"}
    answer = client.post(path, json=body, headers=headers)
    return answer.status_code, answer.get_json()


def get(client: FlaskClient, path: str) -> tuple[int, Json]:
    forget()
    answer = client.get(path, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json()


def meal(client: FlaskClient, **body: object) -> tuple[int, Json]:
    return post(client, "/canteen/counter/meals", id=str(new_id()), site="one", **body)


def found(client: FlaskClient, typed: str) -> list[Json]:
    status, body = post(client, "/canteen/counter/people", site="one", q=typed)
    assert status == 200
    people: list[Json] = body["people"]
    return people


@pytest.mark.parametrize("typed", ["赵玉", "zyl", "zhaoyulan", "ZhaoYu"])
def test_she_is_found_by_name_and_pinyin_and_stays_masked(client: FlaskClient, typed: str) -> None:
    [one] = found(client, typed)
    assert one["name"] == "赵*兰"
    assert "76" in one["about"]
    assert set(one) == {"name", "about", "ref"}


def test_four_digits_of_a_phone_find_everybody_who_has_them(client: FlaskClient) -> None:
    assert {one["name"] for one in found(client, "2231")} == {"王*华", "赵*兰"}
    assert found(client, "9999") == []


def test_found_by_name_she_is_registered_with_the_reason(client: FlaskClient, built: House) -> None:
    [one] = found(client, "zyl")
    status, body = meal(client, person=one["ref"], no_card_reason="forgotten", way="dine_in")
    assert (status, body["outcome"]) == (201, "served")
    assert body["person"]["address_as"] == "赵大娘"
    event = db.session.scalars(sa.select(MealEvent)).one()
    assert (event.person_id, event.recording, event.no_card_reason) == (
        built.people[1], "by_name", "forgotten",
    )  # fmt: skip


def test_a_reference_cannot_be_made_up_or_bent(client: FlaskClient, built: House) -> None:
    [one] = found(client, "zyl")
    # The first letter of the signature: of the last one, two bits of six mean nothing.
    content, _, signature = one["ref"].rpartition(".")
    bent = f"{content}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    for ref in ("1", bent, person_ref(built.people[1], HOUSEMATE)):
        status, body = meal(client, person=ref)
        assert (status, body["code"]) == (422, "counter_ref_old")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MealEvent)) == 0


def test_the_spouse_is_offered_until_she_has_eaten(client: FlaskClient, built: House) -> None:
    first, second = built.people
    link_household(first, second, by=SYSTEM, now=built.now)
    _status, served = meal(client, code=house.code(first))
    _status, more = get(client, f"/canteen/counter/more?event={served['event_id']}")
    assert more["spouse"]["name"] == "赵大娘"
    status, body = meal(client, housemate=more["spouse"]["ref"])
    assert (status, body["person"]["name"]) == (201, "赵玉兰")
    _status, more = get(client, f"/canteen/counter/more?event={body['event_id']}")
    assert more["spouse"] is None


def test_guests_and_second_portions_are_visits_and_no_meals(
    client: FlaskClient, built: House
) -> None:
    for body in ({"other": "guest"}, {"other": "second", "code": house.code(built.people[0])}):
        status, answer = meal(client, **body)
        assert (status, answer["outcome"], answer["meal"]["copay_fen"]) == (201, "served", 1200)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OtherSale)) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 0
    _status, today = get(client, "/canteen/counter/today?site=one")
    lunch = next(row for row in today["counts"] if row["sitting"] == "lunch")
    assert (lunch["served"], lunch["other"], lunch["is_now"]) == (0, 2, True)


def test_a_meal_from_paper_names_sitting_day_and_reason(client: FlaskClient, built: House) -> None:
    status, body = meal(
        client,
        code=house.code(built.people[0]),
        late_reason="停电",
        sitting="dinner",
        day="2026-11-23",
    )
    assert (status, body["sitting"], body["day"]) == (201, "dinner", "2026-11-23")
    event = db.session.scalars(sa.select(MealEvent)).one()
    assert event.recording == "paper"


def test_the_pause_she_was_served_in_is_ended(client: FlaskClient, built: House) -> None:
    actions.pause_diner(
        built.people[0], from_on=house.date(2026, 11, 20), until_on=None, by=SYSTEM, now=built.now
    )
    _status, served = meal(client, code=house.code(built.people[0]))
    assert [note["code"] for note in served["notes"]] == ["paused"]
    for expected in (200, 409):
        status, _body = post(client, "/canteen/counter/returns", event_id=served["event_id"])
        assert status == expected
    assert db.session.scalars(sa.select(Pause)).one().ended_at is not None


def test_a_meal_moves_to_the_one_who_ate_it(client: FlaskClient, built: House) -> None:
    _status, served = meal(client, code=house.code(built.people[0]))
    [other] = found(client, "zyl")
    status, body = post(
        client,
        "/canteen/counter/moves",
        id=str(new_id()),
        event_id=served["event_id"],
        person=other["ref"],
    )
    assert (status, body["person"]["name"]) == (201, "赵玉兰")
    assert db.session.scalars(sa.select(Meal.person_id)).all() == [built.people[1]]
    _status, today = get(client, "/canteen/counter/today?site=one")
    assert {row["state"] for row in today["recent"]} == {"served", "voided"}


@pytest.mark.parametrize(
    "body",
    [
        {"code": "1", "id": "no-uuid"},
        {"code": "1", "way": "flying"},
        {"code": "1", "scanned_at": "yesterday"},
        {"code": "1", "scanned_at": "2026-11-24T11:42:00"},
        {"other": "guest", "price": "12,5"},
        {"other": "guest", "price_fen": "NaN"},
        {"other": "guest", "price_fen": -1200},
        {"other": "guest", "price_fen": 12.5},
        {"other": "guest", "price_fen": 10**30},
        {"other": "guest", "price": "13049919360823519"},
        {"other": "guest", "scanned_at": "0001-01-01T00:00:00+00:00"},
        {"other": "guest", "scanned_at": "9999-12-31T23:59:59-12:00"},
        {"other": "guest", "late_reason": "停电", "day": "0001-01-01"},
        {"other": "guest", "late_reason": "停电", "day": "9999-12-31"},
        {},
    ],
)
def test_what_cannot_be_read_registers_nothing(client: FlaskClient, body: Json) -> None:
    status, answer = post(
        client, "/canteen/counter/meals", **{"id": str(new_id()), "site": "one", **body}
    )
    assert status == 422
    assert answer["message"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MealEvent)) == 0


@pytest.mark.parametrize(
    "raw", [b"", b"[1]", b"[" * 9000, b'{"a":' * 3000, b'{"site": "one\\u0000"}', b'{"q": NaN}', b"\xff"]
)  # fmt: skip
def test_what_is_no_json_of_ours_is_said_in_a_sentence(client: FlaskClient, raw: bytes) -> None:
    headers = {"X-CSRFToken": token(client), "Accept": "application/json"}
    for path in ("meals", "moves", "returns", "people"):
        forget()
        answer = client.post(
            f"/canteen/counter/{path}", data=raw, content_type="application/json", headers=headers
        )
        assert (answer.status_code, answer.json["code"]) == (422, "counter_unreadable")


def test_her_photo_stands_beside_the_answer_while_the_pin_is_open(
    app: Flask, client: FlaskClient, built: House
) -> None:
    app.config["PHOTO_TIMEOUT_S"] = 60
    put_photo(built.people[0], jpeg(), by=SYSTEM, now=built.now)
    _status, body = meal(client, code=house.code(built.people[0]))
    _status, more = get(client, f"/canteen/counter/more?event={body['event_id']}")
    assert more["photo"].startswith("data:image/jpeg;base64,")
    tablet = add_device("窗口平板", built.site_id, DeviceKind.TABLET, by=SYSTEM, now=built.now)
    locked = app.test_client()
    locked.set_cookie(DEVICE_COOKIE, enrol_device(tablet[1], now=built.now)[1])
    _status, more = get(locked, f"/canteen/counter/more?event={body['event_id']}")
    assert more["photo"] is None


def test_a_tablet_with_a_wrong_clock_is_corrected(client: FlaskClient, built: House) -> None:
    wrong = built.now + timedelta(days=40)
    answer = client.post(
        "/canteen/counter/meals",
        json={"id": str(new_id()), "site": "one", "code": house.code(built.people[0]),
              "scanned_at": (wrong - timedelta(seconds=90)).isoformat()},
        headers={"X-CSRFToken": token(client), "X-Client-Time": wrong.isoformat()},
    )  # fmt: skip
    assert answer.status_code == 201
    event = db.session.scalars(sa.select(MealEvent)).one()
    assert event.occurred_at == built.now - timedelta(seconds=90)


def test_another_site_s_counter_is_closed(client: FlaskClient, built: House) -> None:
    assert post(client, "/canteen/counter/people", site="two", q="wxh")[0] == 403
    assert get(client, "/canteen/counter/today?site=two")[0] == 403
    assert client.get("/canteen/counter?site=two").status_code == 403
    assert (
        post(client, "/canteen/counter/meals", id=str(new_id()), site="two", other="guest")[0]
        == 403
    )


def test_a_place_that_is_no_canteen_in_use_has_no_counter(
    sign_in: SignIn, built: House, noon: datetime
) -> None:
    clerk = sign_in(Role.CLERK)
    add_site("shop", SiteKind.WORKSHOP, SiteFacts("微工厂", "大娘/大爷"), by=SYSTEM, now=noon)
    with transaction() as session:
        session.get_one(Site, built.second_site_id).is_active = False
    code = house.code(built.people[0])
    for slug in ("shop", "two"):
        forget()
        assert clerk.get(f"/canteen/counter?site={slug}").status_code == 404
        assert get(clerk, f"/canteen/counter/today?site={slug}")[0] == 404
        body = {"id": str(new_id()), "site": slug, "code": code}
        assert post(clerk, "/canteen/counter/meals", **body)[0] == 404
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MealEvent)) == 0


def test_a_tablet_scans_and_finds_nobody_without_a_pin(app: Flask, built: House) -> None:
    tablet = add_device("窗口平板", built.site_id, DeviceKind.TABLET, by=SYSTEM, now=built.now)
    _device, cookie = enrol_device(tablet[1], now=built.now)
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, cookie)
    forget()
    page = client.get("/canteen/counter?site=one")
    assert page.status_code == 200
    assert "pin-name" in page.text
    assert meal(client, code=house.code(built.people[0]))[0] == 201
    for status, body in (
        post(client, "/canteen/counter/people", site="one", q="zyl"),
        meal(client, person=person_ref(built.people[1])),
        meal(client, code=house.code(built.people[1]), late_reason="停电", sitting="dinner"),
    ):
        assert (status, body["code"]) == (403, "pin_needed")
    _status, today = get(client, "/canteen/counter/today?site=one")
    assert (today["locked"], today["recent"][0]["name"]) == (True, "王*华")


def form(client: FlaskClient, **fields: object) -> tuple[int, str]:
    data = {"csrf_token": token(client), "id": str(new_id()), **fields}
    answer = client.post("/canteen/counter?site=one", data=data)
    return answer.status_code, answer.text


def test_the_plain_form_answers_on_the_page(client: FlaskClient, built: House) -> None:
    code = house.code(built.people[0])
    status, page = form(client, code=f" {code[:4]} {code[4:]} ", way="dine_in")
    assert status == 201
    assert 'data-state="served"' in page
    assert "王大娘" in page
    status, page = form(client, code=code)
    assert 'data-state="already"' in page
    assert 'name="other" value="second"' in page
    status, page = form(client, code=code * 2)
    assert (status, 'data-state="fault"' in page) == (422, True)
    status, page = form(client, code=code, other="second")
    assert status == 201


def test_the_plain_form_lets_staff_acknowledge_a_diet(client: FlaskClient, built: House) -> None:
    person_id = built.people[0]
    actions.add_diet_need(
        person_id, DietKind.ALLERGY, detail="花生", from_on=house.FIRST, by=SYSTEM, now=built.now
    )
    _status, page = form(client, code=house.code(person_id))
    assert 'data-state="refused"' in page
    assert "过敏：花生" in page
    assert 'name="acknowledged" value="1"' in page
    status, _page = form(client, code=house.code(person_id), acknowledged="1")
    assert status == 201


def test_the_plain_form_asks_for_the_price_of_a_guest_and_takes_it(
    client: FlaskClient, built: House
) -> None:
    actual = TariffDraft(
        series="price-lunch", kind=TariffKind.PRICE, name="按实收", document_no="示例〔2026〕9号",
        from_on=house.FIRST, price_kind=PriceKind.ACTUAL, price_fen=3000,
        conditions=[Condition(Fact.SITTING, Operator.IN, ("lunch",))],
    )  # fmt: skip
    house.in_force(built, actual)
    _status, page = form(client, other="guest")
    assert 'name="price"' in page
    assert 'name="other" value="guest"' in page
    status, _page = form(client, other="guest", price="１２．５元")
    assert status == 201
    assert db.session.scalars(sa.select(OtherSale.price_fen)).one() == 1250


def test_an_eligibility_that_ran_out_is_told_with_its_day(
    client: FlaskClient, built: House
) -> None:
    late = house.diner(built, "minimum_living", until_on=date(2026, 11, 20))
    _status, served = meal(client, code=house.code(late))
    assert served["notes"][0]["text"] == "资格待复核：已于 11月20日 (周五) 到期"


def test_undo_is_for_a_minute_and_then_wants_a_reason(client: FlaskClient, built: House) -> None:
    _status, served = meal(client, code=house.code(built.people[0]))
    address = f"/canteen/counter/entries/{served['event_id']}"
    assert client.get(address).status_code == 200
    with transaction() as session:
        session.get_one(
            MealEvent, db.session.scalars(sa.select(MealEvent.id)).one()
        ).received_at -= timedelta(minutes=2)
    for reason, kinds in (("", ["served"]), ("扫错人", ["served", "voided"])):
        data = {"csrf_token": token(client), "id": str(new_id()), "reason": reason}
        assert client.post(f"{address}/void", data=data).status_code == 302
        assert sorted(db.session.scalars(sa.select(MealEvent.kind))) == kinds
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 0


def test_an_entry_is_not_changed_under_an_id_that_is_none(
    client: FlaskClient, built: House
) -> None:
    _status, served = meal(client, code=house.code(built.people[0]))
    for verb in ("void", "move"):
        data = {"csrf_token": token(client), "id": "x", "person": person_ref(built.people[1])}
        answer = client.post(f"/canteen/counter/entries/{served['event_id']}/{verb}", data=data)
        assert answer.status_code == 422
        assert "服务器没有读懂这一笔" in answer.text


def test_she_is_no_year_older_on_the_eve_of_her_birthday(in_app: Flask) -> None:
    her = Person(name="王秀华", birth_on=date(1952, 1, 1))
    for day, age in (
        (datetime(2025, 12, 31, 4, tzinfo=UTC), 73),
        (datetime(2026, 1, 1, 4, tzinfo=UTC), 74),
    ):
        assert str(age) in found_row(her, "", day)["about"]


def test_practice_leaves_no_meal_and_no_count(client: FlaskClient, built: House) -> None:
    assert "还没有练习卡" in client.get("/canteen/counter?site=one&practice=1").text
    status, body = meal(client, code=house.code(built.people[0]), practice=True)
    assert (status, body["notes"][-1]["code"]) == (201, "practice")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meal)) == 0
    _status, today = get(client, "/canteen/counter/today?site=one")
    assert today["recent"] == []
    _status, today = get(client, "/canteen/counter/today?site=one&practice=1")
    assert len(today["recent"]) == 1
