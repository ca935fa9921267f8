"""The rail: which place a page lies in, and the colour it wears."""

import re

import pytest
from flask import Flask

from core import clock
from core.access import SYSTEM, Role
from core.sites.actions import SiteFacts, add_site
from core.sites.models import SiteKind
from tests.conftest import SignIn

CURRENT = re.compile(r'<a href="([^"]+)" aria-current="page"><svg')
COLOUR = re.compile(r'data-programme="(\w+)"')


@pytest.fixture
def workshop_id(app: Flask) -> int:
    """A workshop, for the roles that belong to one."""
    with app.app_context():
        facts = SiteFacts("妇女创业微工厂", "大姐/大哥")
        return add_site("gongfang", SiteKind.WORKSHOP, facts, by=SYSTEM, now=clock.now()).id


@pytest.mark.parametrize(
    ("role", "page", "place"),
    [
        (Role.CLERK, "/", "/"),
        (Role.CLERK, "/cards/sheets", "/office"),
        (Role.CLERK, "/office/sites", "/office"),
        (Role.CLERK, "/canteen/tariffs", "/office"),
        (Role.CLERK, "/canteen/today", "/canteen/meals"),
        (Role.CLERK, "/canteen/eligibilities", "/canteen/diners"),
        (Role.CLERK, "/workshop/ventures", "/office"),
        (Role.CLERK, "/workshop/vacancies", "/workshop/placements"),
        (Role.CLERK, "/workshop/follow-ups", "/workshop/placements"),
        (Role.CLERK, "/workshop/calendar", "/workshop/cohorts"),
        (Role.COORDINATOR, "/workshop/follow-ups", "/workshop/follow-ups"),
        (Role.COORDINATOR, "/workshop/ventures", "/workshop/guidance"),
        (Role.TRAINER, "/workshop/at-risk", "/workshop/today"),
        (Role.TRAINER, "/workshop/calendar", "/workshop/calendar"),
        (Role.CLERK, "/account", None),
    ],
)
def test_a_page_lights_the_one_place_in_which_it_lies(
    sign_in: SignIn, workshop_id: int, role: Role, page: str, place: str | None
) -> None:
    client = sign_in(role, None if role is Role.CLERK else workshop_id)
    answer = client.get(page)
    assert answer.status_code == 200
    assert set(CURRENT.findall(answer.text)) == ({place} if place else set())


@pytest.mark.parametrize(
    ("role", "page", "colour"),
    [
        (Role.CLERK, "/", "canteen"),
        (Role.CLERK, "/workshop/learners", "workshop"),
        (Role.TRAINER, "/", "workshop"),
        (Role.COORDINATOR, "/account", "workshop"),
        (Role.AUDITOR, "/", "canteen"),
    ],
)
def test_a_page_of_the_house_wears_the_colour_of_who_looks_at_it(
    sign_in: SignIn, workshop_id: int, role: Role, page: str, colour: str
) -> None:
    client = sign_in(role, workshop_id if role in (Role.TRAINER, Role.COORDINATOR) else None)
    assert COLOUR.findall(client.get(page).text) == [colour]


def test_a_stranger_meets_the_colour_of_the_first_programme(app: Flask) -> None:
    assert COLOUR.findall(app.test_client().get("/sign-in").text) == ["canteen"]


@pytest.mark.parametrize(
    ("page", "status", "heading"),
    [("/nowhere", 404, "这里没有内容"), ("/office/settings", 403, "本账号不能进入")],
)
def test_a_page_that_cannot_be_had_says_why_in_its_heading(
    sign_in: SignIn, page: str, status: int, heading: str
) -> None:
    answer = sign_in(Role.CLERK).get(page)
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in answer.text


def test_a_manager_sees_the_places_of_her_own_sites_alone(
    app: Flask, sign_in: SignIn, workshop_id: int
) -> None:
    with app.app_context():
        facts = SiteFacts("农林二社区老年食堂", "大娘/大爷")
        canteen_id = add_site("nonglin", SiteKind.CANTEEN, facts, by=SYSTEM, now=clock.now()).id
    canteens = sign_in(Role.MANAGER, canteen_id).get("/").text
    assert "/canteen/diners" in canteens and "/workshop/learners" not in canteens
    workshops = sign_in(Role.MANAGER, workshop_id).get("/").text
    assert "/workshop/learners" in workshops and "/canteen/diners" not in workshops
    assert COLOUR.findall(canteens + workshops) == ["canteen", "workshop"]
