"""The women's micro-factory, as the house knows it."""

from datetime import datetime

from flask import Flask
from flask_babel import lazy_gettext as _l

from core.access import Actor, Role
from core.programme import HomeCard, NavItem, Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from workshop import wiring

    wiring.init_app(app)


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from workshop.home import home

    return home(actor, now)


NAV = (
    NavItem(
        "workshop.today", _l("Attendance"), "check", frozenset({Role.TRAINER, Role.COORDINATOR})
    ),
)

PROGRAMME = Programme(name="workshop", init_app=_init_app, nav=NAV, home=_home)
