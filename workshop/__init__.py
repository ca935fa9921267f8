"""The women's micro-factory, as the house knows it."""

from datetime import datetime

from flask import Flask
from flask_babel import lazy_gettext as _l

from core.access import OFFICE, SYSTEM, Actor, Role
from core.programme import HomeCard, NavItem, Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from workshop import wiring

    wiring.init_app(app)


def _set_up(now: datetime) -> None:
    from workshop.actions.tables import ensure_tables

    ensure_tables(by=SYSTEM, now=now)


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from workshop.guidance_home import guidance_cards
    from workshop.schedule_home import schedule_cards

    return schedule_cards(actor, now) + guidance_cards(actor, now)


_TEACH = frozenset({*OFFICE, Role.COORDINATOR, Role.TRAINER})
NAV = (
    NavItem("workshop.cohorts", _l("Cohorts"), "today", _TEACH),
    NavItem("workshop.calendar", _l("Timetable"), "holidays", frozenset({Role.TRAINER})),
)
# Set up once and looked at rarely: the rail has room for five or six places.
SET_UP = (
    NavItem(
        "workshop.courses",
        _l("Courses"),
        "report",
        frozenset(OFFICE),
        _l("What is taught, its class hours, and what completes it"),
    ),
    NavItem(
        "workshop.rooms",
        _l("Rooms"),
        "sites",
        frozenset(OFFICE),
        _l("Where classes are held, with their seats"),
    ),
)

PROGRAMME = Programme(
    name="workshop", init_app=_init_app, nav=NAV, office=SET_UP, home=_home, set_up=_set_up,
)  # fmt: skip
