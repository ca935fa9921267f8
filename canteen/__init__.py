"""The senior canteens, as the house knows them."""

import sqlalchemy as sa
from flask import Flask

from canteen.importer import DINERS
from core.programme import Programme


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from canteen import wiring

    wiring.init_app(app)


def _people_at(site_id: int) -> sa.Select[tuple[int]]:
    from canteen.models import Diner

    return sa.select(Diner.person_id).where(
        Diner.home_site_id == site_id, Diner.ended_on.is_(None)
    )


PROGRAMME = Programme(
    name="canteen", init_app=_init_app, importers=(DINERS,), people_at=_people_at
)
