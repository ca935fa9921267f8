"""The canteen's blocks on the page of one person."""

from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from canteen import words
from canteen.forms.filters import DINER_STATES
from canteen.lists import diners as listing
from canteen.lists.diners import DinerQuery
from canteen.models import Diner, Meal
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
        values["meals"] = db.session.scalars(
            sa.select(Meal).where(Meal.person_id == person_id)
            .options(joinedload(Meal.site)).order_by(Meal.day.desc(), Meal.occurred_at.desc())
            .limit(RECENT_MEALS)
        ).all()  # fmt: skip
    return [Panel(_l("Senior canteen"), "canteen/_person_panel.html", values)]
