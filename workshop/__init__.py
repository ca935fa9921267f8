"""The women's micro-factory, as the house knows it."""

from datetime import date, datetime

from flask import Flask
from flask_babel import lazy_gettext as _l

from core.access import OFFICE, SYSTEM, Actor, Role
from core.programme import HomeCard, NavItem, Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from workshop import wiring

    wiring.init_app(app)


def _sweep_offers(now: datetime) -> int:
    from workshop.actions.enrolments import sweep_offers

    return sweep_offers(now)


def _set_up(now: datetime) -> None:
    from workshop.actions.tables import ensure_tables

    ensure_tables(by=SYSTEM, now=now)


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from workshop.guidance_home import guidance_cards

    return guidance_cards(actor, now)


NAV = (
    NavItem("workshop.guidance", _l("Business guidance"), "venture", frozenset({Role.COORDINATOR})),
)
SET_UP = (
    NavItem(
        "workshop.guidance",
        _l("Business guidance"),
        "venture",
        frozenset(OFFICE),
        _l("Meetings with mentors, ventures, loans"),
    ),
)


def _demo(day: date) -> None:
    from workshop.demo import tell

    tell(day)


PROGRAMME = Programme(
    name="workshop",
    init_app=_init_app,
    nav=NAV,
    office=SET_UP,
    home=_home,
    sweeps=(_sweep_offers,),
    set_up=_set_up,
    demo=_demo,
)
