"""What no hand types into a field or an address is answered in a sentence, on either engine."""

from io import BytesIO

import pytest
from flask import Flask

from core.access import Role
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
