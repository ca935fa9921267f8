"""An ID number or card code typed into any search stands in no address, link, log or figure."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from canteen import actions
from canteen.actions import ByCode, Scan
from core import clock, logs
from core.access import Role
from core.db import db, transaction
from core.people.actions import change_person
from core.people.models import Person
from core.people.values import Details
from core.privacy import whole_number_in
from tests.canteen import house
from tests.conftest import SignIn, both_engines, csrf_of
from tests.test_access_matrix import requests_of

CANARY = "130499193608235198"  # no county gives it out; its check digit is right
OLD = "130499360823519"
SHARED_PHONE = "13900001234"


@dataclass
class Built:
    """A diner who has eaten, with the canary for an ID number, and two who share a telephone."""

    person_id: int
    code: str
    event_id: uuid.UUID
    site: str = "one"


@pytest.fixture
def built(app: Flask, noon: datetime) -> Built:
    with app.app_context():
        made = house.build(noon)
        person_id, *others = [house.diner(made) for _ in range(3)]
        hers = Details("王秀华", id_number=CANARY, phone="13800002231")
        change_person(person_id, hers, by=house.CLERK, now=noon)
        for other, name in zip(others, ("赵玉兰", "钱桂芳"), strict=True):
            details = Details(name, no_id_reason="遗失", phone=SHARED_PHONE)
            change_person(other, details, by=house.CLERK, now=noon)
        scan = Scan(id=uuid.uuid4(), who=ByCode(house.code(person_id)), site_id=made.site_id,
                    scanned_at=noon, occurred_at=noon)  # fmt: skip
        actions.register_meal(scan, by=house.CLERK, now=noon)
        return Built(person_id, house.code(person_id), scan.id)


def spellings(built: Built) -> list[str]:
    """How a whole number is typed, pasted and scanned."""
    return [
        CANARY,
        f"{CANARY[:6]} {CANARY[6:14]} {CANARY[14:]}",
        "".join(chr(ord(c) + 0xFEE0) for c in CANARY),
        f"王秀华 {CANARY}",
        built.code,
        f"{built.code[:4]}-{built.code[4:]}",
    ]


def posted(client: FlaskClient, path: str, **data: str) -> str:
    """The address to which a posted search leads."""
    answer = client.post(path, data={"csrf_token": csrf_of(client), **data})
    assert answer.status_code == 302, (path, answer.text)
    return str(answer.location)


# The lists of residents, and the field in which somebody may type a number.
SEARCHES = [
    ("/canteen/diners", "q"), ("/canteen/meals", "q"), ("/canteen/diners/new", "q"),
    ("/canteen/tariffs/trial", "q"), ("/office/audit", "person"), ("/office/audit", "who"),
    ("/office/audit", "what"),
]  # fmt: skip


@both_engines
def test_a_whole_number_leads_each_list_to_its_person(
    app: Flask, built: Built, sign_in: SignIn
) -> None:
    client = sign_in(Role.ADMIN)
    for path, name in SEARCHES:
        for typed in spellings(built):
            location = posted(client, path, **{name: typed})
            assert location == f"{path}?person={built.person_id}", (path, typed)
            page = client.get(location).text
            assert ("王秀华" in page) or path == "/office/audit"
            assert CANARY not in page and built.code not in page


@both_engines
def test_a_move_leads_a_whole_number_to_its_person(
    app: Flask, built: Built, sign_in: SignIn
) -> None:
    client, path = sign_in(Role.CLERK), f"/canteen/meals/{built.event_id}/move"
    with app.app_context(), transaction() as session:
        other = session.query(Person).filter_by(name="赵玉兰").one().id
    location = posted(client, f"{path}/search", q=SHARED_PHONE)
    assert location == f"{path}?q={SHARED_PHONE[-4:]}"
    page = client.get(location).text
    assert "赵玉兰" in page and "钱桂芳" in page
    page = client.get(f"{path}?person={other}").text
    assert "赵玉兰" in page and "钱桂芳" not in page
    assert posted(client, f"{path}/search", q=CANARY) == f"{path}?person={built.person_id}"


def test_a_number_that_nobody_has_leads_to_an_empty_list_that_says_so(
    app: Flask, built: Built, sign_in: SignIn
) -> None:
    client = sign_in(Role.ADMIN)
    for path, name in SEARCHES:
        location = posted(client, path, **{name: OLD})
        assert location == f"{path}?person=0"
        page = client.get(location).text
        assert "没有登记" in page or "无人登记" in page or "No" in page
        assert OLD not in page and "王秀华" not in page


def test_names_and_filters_still_stand_in_the_address(
    app: Flask, built: Built, sign_in: SignIn
) -> None:
    client = sign_in(Role.ADMIN)
    assert posted(client, "/canteen/diners", q="王秀", state="enrolled", area="", page="3") == (
        f"/canteen/diners?q={quote('王秀')}&state=enrolled"
    )
    assert posted(
        client, "/canteen/meals", q="wxh", from_on="2026-11-01", until_on="2026-11-24"
    ) == ("/canteen/meals?q=wxh&from_on=2026-11-01&until_on=2026-11-24")
    assert posted(client, "/office/users", q="admin") == "/office/users?q=admin"


def test_a_list_without_residents_leaves_a_number_out(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN)
    assert posted(client, "/office/users", q=CANARY, state="active") == "/office/users?state=active"
    assert posted(client, "/canteen/eligibilities", within=CANARY) == "/canteen/eligibilities"


def test_names_of_fields_cannot_bend_the_address(app: Flask, built: Built, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN)
    location = posted(client, "/canteen/diners", endpoint="x", _external="1", _anchor="y", q="王")
    assert location.startswith("/canteen/diners?")
    assert posted(client, "/canteen/diners", **{CANARY: "1"}) == "/canteen/diners"


def test_a_manager_learns_nothing_about_people_of_other_sites(
    app: Flask, built: Built, sign_in: SignIn, noon: datetime
) -> None:
    with app.app_context():
        from core.sites.models import Site

        second = db.session.query(Site.id).filter_by(slug="two").scalar()
    client = sign_in(Role.MANAGER, second)
    assert posted(client, "/canteen/diners", q=CANARY) == "/canteen/diners?person=0"
    for path in ("/canteen/diners", "/canteen/meals"):
        assert "王秀华" not in client.get(f"{path}?person={built.person_id}").text


def test_the_counter_finds_by_a_posted_number_with_and_without_script(
    app: Flask, built: Built, sign_in: SignIn
) -> None:
    client = sign_in(Role.CLERK)
    headers = {"X-CSRFToken": csrf_of(client), "Accept": "application/json"}
    found = client.post(
        "/canteen/counter/people", json={"site": "one", "q": CANARY}, headers=headers
    )
    assert [one["name"] for one in found.json["people"]] == ["王*华"]
    assert client.get("/canteen/counter/people?site=one&q=wang").status_code == 405
    for path in ("/canteen/counter?site=one", f"/canteen/counter/entries/{built.event_id}"):
        page = client.post(path, data={"csrf_token": csrf_of(client), "q": CANARY})
        assert page.status_code == 200 and "王*华" in page.text
        assert not [link for link in addresses_in(page.text) if whole_number_in(link)]


class Forms(HTMLParser):
    """The forms of a page, each with its method and the kinds of its fields, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self.addresses: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[n] for n in ("href", "action", "src", "hx-get") if n in given]
        if tag == "form":
            self.forms.append((given.get("method", "get").lower(), []))
            self._open = True
        elif self._open and tag in ("input", "textarea"):
            self.forms[-1][1].append((given.get("type", "text"), given.get("name", "")))

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def addresses_in(page: str) -> list[str]:
    parser = Forms()
    parser.feed(page)
    return parser.addresses


CANNOT_HOLD_A_NUMBER = {"hidden", "radio", "checkbox", "date", "submit", "button"}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CLERK, Role.AUDITOR])
def test_no_page_has_a_form_that_would_put_a_typed_number_into_its_address(
    app: Flask, built: Built, sign_in: SignIn, role: Role
) -> None:
    client, wrong, seen = sign_in(role), [], 0
    for path in pages_of(app, built):
        answer = client.get(path, follow_redirects=True)
        parser = Forms()
        parser.feed(answer.text if answer.mimetype == "text/html" else "")
        for method, fields in parser.forms:
            seen += 1
            typed = [f for f in fields if f[0] not in CANNOT_HOLD_A_NUMBER]
            if method != "post" and typed:
                wrong.append((path, typed))
    assert wrong == []
    assert seen > 20


def pages_of(app: Flask, built: Built) -> Iterator[str]:
    """Every page, those of one person or event with somebody who exists."""
    for endpoint, method, path in requests_of(app):
        if method == "GET" and endpoint != "accounts.sign_out":
            yield re.sub(r"999999", str(built.person_id), path).replace(
                str(uuid.UUID(int=1)), str(built.event_id)
            )


@pytest.mark.parametrize(
    "address",
    [
        f"/people?q={CANARY}", f"/canteen/meals?q={CANARY[:6]}+{CANARY[6:]}&site=one", f"/?x={CANARY}",
        f"/canteen/diners?{CANARY}=1", f"/sign-in?next=/people%3Fq={CANARY}", f"/nowhere?x={CANARY}",
        f"/canteen/counter?site=one&q={OLD}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_number_in_an_address_typed_by_hand_is_taken_out_before_anything_else(
    app: Flask, built: Built, sign_in: SignIn, address: str, signed_in: bool
) -> None:
    client = sign_in(Role.ADMIN) if signed_in else app.test_client()
    answer = client.get(address)
    assert answer.status_code == 302
    assert whole_number_in(answer.location) is None
    assert answer.location.partition("?")[0] == address.partition("?")[0]
    assert CANARY not in str(answer.headers) + answer.text
    assert ("site=one" in answer.location) is ("site=one" in address)


def test_a_program_is_told_to_send_it_in_the_body(app: Flask, built: Built) -> None:
    answer = app.test_client().get(f"/api/canteen/roster?site=one&q={CANARY}")
    assert (answer.status_code, answer.json["code"]) == (400, "number_in_address")
    assert CANARY not in answer.text


def test_what_is_typed_into_searches_is_in_no_log_and_no_figure(
    app: Flask, built: Built, sign_in: SignIn, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure()  # onto the streams that this test reads
    client = sign_in(Role.ADMIN)
    for path, name in SEARCHES:
        client.get(posted(client, path, **{name: CANARY}))
        client.get(f"{path}?{name}={CANARY}")
    client.get(f"/people/{CANARY}")
    said = "".join(capfd.readouterr())
    assert "address.number" in said
    assert CANARY not in said and CANARY[4:14] not in said
    assert CANARY not in app.test_client().get("/metrics").text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CANARY, CANARY), (CANARY[:-1] + "x", CANARY[:-1] + "X"), (OLD, OLD), ("1" * 17, "1" * 17),
        (f"王秀华{CANARY}", CANARY), (f"{CANARY}王秀华", CANARY), ("1304 9919 3608 2351 98", CANARY),
        (f"/people?q={CANARY}", CANARY),
        ("王秀华", None), ("13800002231", None), ("2026-11-24", None), ("2026-11-24T03:42:00+00:00", None),
        ("019b4c10-1234-7123-8123-012345678901", None), (str(uuid.UUID(int=10**30)), None), ("5198", None),
        ("a" + "1" * 17, None),
    ],
)  # fmt: skip
def test_what_looks_like_a_whole_number(text: str, found: str | None) -> None:
    assert whole_number_in(text) == found


def test_thousands_of_ids_of_our_own_do_not_look_like_numbers() -> None:
    from core.db import new_id

    assert not [one for one in (str(new_id()) for _ in range(5000)) if whole_number_in(one)]
    assert clock.now()
