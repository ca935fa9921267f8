"""The pages of cards: print, replace, stop, hand out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from core import clock, jobs
from core.access import SYSTEM, Role
from core.db import db
from core.people.actions import add_person
from core.people.cards import actions
from core.people.models import Card, CardState, Person
from core.people.values import Details
from tests.conftest import SignIn, csrf_of


@pytest.fixture
def people(app: Flask) -> list[int]:
    with app.app_context():
        return [
            add_person(
                Details(name=name, no_id_reason="测试"), by=SYSTEM, now=clock.now()
            ).id
            for name in ("白玉珍", "李桂兰", "王秀英")
        ]  # fmt: skip


def post(client: FlaskClient, path: str, **data: Any) -> Any:
    return client.post(path, data={"csrf_token": csrf_of(client), **data}, follow_redirects=True)


def test_missing_cards_are_ordered_printed_fetched_and_handed_out(
    app: Flask, sign_in: SignIn, people: list[int]
) -> None:
    clerk = sign_in(Role.CLERK)
    page = clerk.get("/cards/sheets")
    assert page.status_code == 200
    assert ">3</span>" in page.text
    shown = post(clerk, "/cards/sheets?scope=missing", backs="y")
    path = shown.request.path
    assert path.startswith("/jobs/")
    with app.app_context():
        assert jobs.work_off() == 1
    made = clerk.get(f"{path}/file").data
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 2
    image = document[0].render(scale=2, grayscale=True).to_pil()
    codes = {found.text for found in zxingcpp.read_barcodes(image)}
    document.close()
    with app.app_context():
        found = [actions.find_by_code(code) for code in codes]
        assert sorted(card.person_id for card in found if card) == people
    assert 'value="missing"' in clerk.get("/cards/sheets").text
    job_id = path.rsplit("/", 1)[1]
    post(clerk, f"/cards/sheets/{job_id}/handover")
    with app.app_context():
        assert None not in db.session.scalars(sa.select(Card.handed_out_at)).all()
    again = post(clerk, f"/cards/sheets/{job_id}/copy")
    assert again.request.path != path


def test_practice_people_are_made_once_and_have_cards_of_their_own(
    app: Flask, sign_in: SignIn, people: list[int]
) -> None:
    clerk = sign_in(Role.CLERK)
    assert "/cards/practice" in clerk.get("/cards/sheets?scope=practice").text
    page = post(clerk, "/cards/practice")
    assert ">10</span>" in page.text
    post(clerk, "/cards/practice")
    path = post(clerk, "/cards/sheets?scope=practice", backs="y").request.path
    with app.app_context():
        assert jobs.work_off() == 1
        practice = db.session.scalars(sa.select(Person).where(Person.is_practice)).all()
        assert len(practice) == 10
    document = pypdfium2.PdfDocument(clerk.get(f"{path}/file").data)
    image = document[0].render(scale=2, grayscale=True).to_pil()
    document.close()
    with app.app_context():
        found = [actions.find_by_code(code.text) for code in zxingcpp.read_barcodes(image)]
        assert {card.person_id for card in found if card} == {person.id for person in practice}
    assert ">3</span>" in clerk.get("/cards/sheets?scope=everybody").text


def test_nobody_chosen_prints_nothing(app: Flask, sign_in: SignIn) -> None:
    clerk = sign_in(Role.CLERK)
    assert post(clerk, "/cards/sheets?scope=missing").request.path == "/cards/sheets"
    with app.app_context():
        assert db.session.scalars(sa.select(jobs.Job)).all() == []


def test_a_filter_that_makes_no_sense_is_shown_and_prints_nobody_by_accident(
    sign_in: SignIn, people: list[int]
) -> None:
    clerk = sign_in(Role.CLERK)
    for query in (
        "scope=area",
        "scope=area&area=99",
        "scope=area&area=x",
        "scope=people&person=99",
    ):
        assert ">3</span>" not in clerk.get(f"/cards/sheets?{query}").text, query


def test_replacing_asks_why_and_ends_the_old_card(
    app: Flask, sign_in: SignIn, people: list[int]
) -> None:
    clerk, person_id = sign_in(Role.CLERK), people[0]
    post(clerk, f"/cards/{person_id}")
    path = f"/cards/{person_id}/replacement"
    assert clerk.get(path).status_code == 200
    assert post(clerk, path).status_code == 422
    assert post(clerk, path, reason="no-such").status_code == 422
    page = post(clerk, path, reason="other", other="被雨淋湿")
    assert page.request.path == f"/cards/{person_id}"
    assert "被雨淋湿" in page.text
    with app.app_context():
        states = db.session.scalars(sa.select(Card.state).order_by(Card.serial)).all()
    assert states == [CardState.REPLACED, CardState.ACTIVE]
    post(clerk, f"/cards/{person_id}/revocation", reason="lost")
    with app.app_context():
        states = db.session.scalars(sa.select(Card.state).order_by(Card.serial)).all()
    assert states == [CardState.REPLACED, CardState.REVOKED]


def test_a_refusal_is_a_sentence_on_the_page(sign_in: SignIn, people: list[int]) -> None:
    clerk, person_id = sign_in(Role.CLERK), people[0]
    post(clerk, f"/cards/{person_id}")
    page = post(clerk, f"/cards/{person_id}")
    assert page.status_code == 200
    assert "card_exists" not in page.text
    assert clerk.get("/cards/999999").status_code == 404
    assert post(clerk, "/cards/999999").status_code == 404


def test_a_card_page_shows_no_code(app: Flask, sign_in: SignIn, people: list[int]) -> None:
    clerk = sign_in(Role.CLERK)
    post(clerk, f"/cards/{people[0]}")
    with app.app_context():
        code = actions.code_of(db.session.scalars(sa.select(Card)).one())
    assert code not in clerk.get(f"/cards/{people[0]}").text.replace(" ", "")


def test_only_the_clerk_prints_and_replaces(app: Flask, sign_in: SignIn, people: list[int]) -> None:
    reviewer, auditor = sign_in(Role.REVIEWER), sign_in(Role.AUDITOR)
    post(sign_in(Role.CLERK), f"/cards/{people[0]}")
    seen = reviewer.get(f"/cards/{people[0]}")
    assert seen.status_code == 200 and "/cards/sheets" not in seen.text
    assert auditor.get(f"/cards/{people[0]}").status_code == 403
    for client in (reviewer, auditor):
        assert client.get("/cards/sheets").status_code == 403
        assert post(client, f"/cards/{people[0]}").status_code == 403
        assert post(client, f"/cards/{people[0]}/revocation", reason="lost").status_code == 403


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_page_asks_as_often_for_many_as_for_few(
    app: Flask, sign_in: SignIn, people: list[int]
) -> None:
    clerk = sign_in(Role.CLERK)
    clerk.get("/cards/sheets")
    with counted(app) as few:
        clerk.get("/cards/sheets")
    with app.app_context():
        for n in range(30):
            details = Details(name=f"张{n}", no_id_reason="测试")
            add_person(details, by=SYSTEM, now=clock.now())
    with counted(app) as many:
        clerk.get("/cards/sheets")
    assert len(few) == len(many)
