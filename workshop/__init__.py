"""The women's micro-factory, as the house knows it."""

from datetime import datetime

from flask import Flask

from core.programme import Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from workshop import wiring

    wiring.init_app(app)


def _sweep_offers(now: datetime) -> int:
    from workshop.actions.enrolments import sweep_offers

    return sweep_offers(now)


PROGRAMME = Programme(name="workshop", init_app=_init_app, sweeps=(_sweep_offers,))
