"""The women's micro-factory, as the house knows it."""

from datetime import datetime

from flask import Flask
from flask_babel import lazy_gettext as _l

from core.access import SYSTEM, Actor, Role
from core.programme import HomeCard, NavItem, Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from workshop import wiring

    wiring.init_app(app)


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from workshop.guidance_home import guidance_cards
    from workshop.home import home

    return [*home(actor, now), *guidance_cards(actor, now)]


NAV = (
    NavItem(
        "workshop.today", _l("Attendance"), "check", frozenset({Role.TRAINER, Role.COORDINATOR})
    ),
)


def _sweep_offers(now: datetime) -> int:
    from workshop.actions.enrolments import sweep_offers

    return sweep_offers(now)


def _set_up(now: datetime) -> None:
    from workshop.actions.tables import ensure_tables

    ensure_tables(by=SYSTEM, now=now)


PROGRAMME = Programme(
    name="workshop", init_app=_init_app, nav=NAV, home=_home, set_up=_set_up, sweeps=(_sweep_offers,),
)  # fmt: skip
