"""The canteen's blocks on the page of one person."""

from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from canteen import words
from canteen.forms.filters import DINER_STATES
from canteen.lists import diners as listing
from canteen.lists import meals as meal_lists
from canteen.lists.diners import DinerQuery
from canteen.models import Diner
from core import clock
from core.access import OFFICE, Actor, Role
from core.db import db
from core.programme import Panel

RECENT_MEALS = 7


def person_panels(person_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Enrolment, eligibility and last meals, for those who may see the diner."""
    if not actor.has(*OFFICE, Role.MANAGER):
        return []
    diner = db.session.scalar(
        sa.select(Diner).where(Diner.person_id == person_id)
        .options(joinedload(Diner.person), joinedload(Diner.home_site))
    )  # fmt: skip
    if diner is not None and not actor.sees_site(diner.home_site_id):
        return []
    values: dict[str, object] = {
        "person_id": person_id, "diner": diner, "may_enrol": actor.has(*OFFICE), "state_words": DINER_STATES,
        "sitting_words": words.SITTING,
    }  # fmt: skip
    if diner is not None:
        query = DinerQuery(
            on=clock.service_day(now), site_ids=None,
            grace_days=int(current_app.config["ELIGIBILITY_GRACE_DAYS"]),
        )  # fmt: skip
        values["listed"] = listing.rows_of([diner], query)[0]
        rows = meal_lists.recent(person_id, RECENT_MEALS)
        values["meals"], values["adjusted"] = rows, meal_lists.adjusted(row.event for row in rows)
    return [Panel(_l("Senior canteen"), "canteen/_person_panel.html", values)]
