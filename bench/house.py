"""`python -m bench.house DAY`: fills the instance with the demo's people, prints a token and codes."""

import json
import sys
from datetime import date

import flask_migrate
import sqlalchemy as sa

from bench.served import TABLE
from canteen.demo import tell
from canteen.models import DietNeed, Diner
from core import clock
from core.access import SYSTEM
from core.accounts.actions import add_device
from core.accounts.models import DeviceKind
from core.db import db
from core.demo import tell_core
from core.people.cards.actions import code_of
from core.people.models import Card, CardState
from core.sites.models import Site
from wsgi import create_app

SITE = "nonglin"


def main() -> None:
    with create_app().app_context():
        flask_migrate.upgrade()
        day = date.fromisoformat(sys.argv[1])
        tell_core(day)
        tell(day, days=0)
        with db.engine.begin() as connection:
            connection.execute(sa.text(TABLE))
        site_id = db.session.scalars(sa.select(Site.id).where(Site.slug == SITE)).one()
        _device, token = add_device(
            "bench", site_id, DeviceKind.PROGRAM, by=SYSTEM, now=clock.now()
        )
        cards = db.session.scalars(
            sa.select(Card)
            .join(Diner, Diner.person_id == Card.person_id)
            .where(Card.state == CardState.ACTIVE, Diner.ended_on.is_(None), Card.person_id < 290)
            .where(Card.person_id.not_in(sa.select(DietNeed.person_id)))
        )
        print(json.dumps({"token": token, "codes": [[SITE, code_of(card)] for card in cards]}))


if __name__ == "__main__":
    main()
