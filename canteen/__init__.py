"""The senior canteens, as the house knows them."""

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from flask_babel import lazy_gettext as _l

from canteen.importer import DINERS
from core.access import OFFICE, Actor, Role
from core.programme import HomeCard, NavItem, Panel, Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from canteen import wiring

    wiring.init_app(app)


def _people_at(site_id: int) -> sa.Select[tuple[int]]:
    from canteen.models import Diner

    return sa.select(Diner.person_id).where(Diner.home_site_id == site_id, Diner.ended_on.is_(None))


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from canteen.home import home

    return home(actor, now)


def _person_panels(person_id: int, actor: Actor, now: datetime) -> list[Panel]:
    from canteen.panels import person_panels

    return person_panels(person_id, actor, now)


_AT_SITES = frozenset({*OFFICE, Role.MANAGER})
NAV = (
    NavItem("canteen.today", _l("Today"), "today", _AT_SITES | {Role.COUNTER}),
    NavItem("canteen.counter", _l("Counter"), "counter", frozenset({Role.COUNTER, Role.MANAGER})),
    NavItem("canteen.diners", _l("Diners"), "diners", _AT_SITES),
    NavItem("canteen.meals", _l("Meals"), "meals", _AT_SITES),
    NavItem("canteen.exceptions", _l("To be clarified"), "exceptions", _AT_SITES),
    NavItem("canteen.tariffs", _l("Prices and subsidies"), "tariff", frozenset(OFFICE)),
)

PROGRAMME = Programme(
    name="canteen", init_app=_init_app, nav=NAV, home=_home, person_panels=_person_panels,
    importers=(DINERS,), people_at=_people_at,
)  # fmt: skip
