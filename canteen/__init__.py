"""The senior canteens, as the house knows them."""

from flask import Flask

from core.programme import Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from canteen import wiring

    wiring.init_app(app)


PROGRAMME = Programme(name="canteen", init_app=_init_app)
