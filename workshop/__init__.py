"""The women's micro-factory, as the house knows it."""

from datetime import datetime

from flask import Flask

from core.access import SYSTEM, Actor
from core.programme import HomeCard, Programme
from workshop.report_kind import REPORT


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


PROGRAMME = Programme(
    name="workshop", init_app=_init_app, home=_home, set_up=_set_up, sweeps=(_sweep_offers,),
    reports=(REPORT,),
)  # fmt: skip
