"""What no hand types into a field or an address is answered in a sentence, on either engine."""

from io import BytesIO

import pytest
from flask import Flask

from core import clock
from core.access import SYSTEM, Role
from core.people.actions import add_person
from core.people.values import Details
from core.sites import actions as sites
from tests.conftest import SignIn, both_engines, csrf_of


@both_engines
@pytest.mark.parametrize(
    ("address", "status"),
    [("/people?q=a%00b", 422), ("/office/users?a%00b=1", 422), ("/office/sites/a%00b", 404)],
)
def test_a_nul_in_an_address_is_no_error_of_ours(
    app: Flask, sign_in: SignIn, address: str, status: int
) -> None:
    assert sign_in(Role.ADMIN).get(address).status_code == status


@both_engines
def test_a_nul_in_a_form_is_refused_and_nothing_is_saved(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN)
    token = {"csrf_token": csrf_of(client)}
    answer = client.post("/office/areas/new", data={**token, "name": "农林\0二", "parent_id": ""})
    assert answer.status_code == 422 and "控制字符" in answer.text
    assert "农林" not in client.get("/office/areas").text
    file = {"file": (BytesIO(b"PK"), "a\0b.xlsx"), "importer": "people"}
    assert client.post("/people/import", data={**token, **file}).status_code == 422


@both_engines
def test_a_number_that_no_record_has_is_told_so(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        one, two = (
            add_person(Details(name, no_id_reason="丢失"), by=SYSTEM, now=clock.now()).id
            for name in ("王秀华", "王秀花")
        )
    client = sign_in(Role.CLERK)
    token = {"csrf_token": csrf_of(client)}
    for typed in ("²", "9" * 30, "9" * 5000, "-1", "王"):
        data = {**token, "into": typed, "reason": "同一人"}
        assert client.post(f"/people/{one}/merger", data=data).status_code == 422, typed
        if len(typed) < 14:  # a whole number is taken out of an address
            assert client.get(f"/people/{one}/merger?into={typed}").status_code == 200, typed
        answer = client.post(f"/people/{one}/household", data={**token, "other": typed})
        assert answer.status_code == 302, typed
    wide = "".join(chr(0xFEE0 + ord(digit)) for digit in str(two))
    client.post(f"/people/{one}/household", data={**token, "other": wide})
    assert "王秀花" in client.get(f"/people/{one}").text


@both_engines
def test_a_site_that_is_not_offered_is_told_beside_the_field(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN)
    data = {"csrf_token": csrf_of(client), "name": "liu", "display_name": "刘", "role": "counter"}
    for site in ("12", "-1", "9" * 30):
        answer = client.post("/office/users/new", data={**data, "site_id": site})
        assert answer.status_code == 422 and "site_id-error" in answer.text


@both_engines
def test_the_same_name_in_the_same_moment_is_told(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(Role.ADMIN)
    data = {"csrf_token": csrf_of(client), "name": "农林食堂", "address_style": "大娘/大爷",
            "kind": "canteen"}  # fmt: skip
    # As if the two had asked before either of them wrote.
    monkeypatch.setattr(sites, "_refuse_taken_name", lambda *_: None)
    assert client.post("/office/sites/new", data={**data, "slug": "one"}).status_code == 302
    answer = client.post("/office/sites/new", data={**data, "slug": "two"})
    assert answer.status_code == 409 and "同一时刻" in answer.text
    assert "two" not in client.get("/office/sites").text
