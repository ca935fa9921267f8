"""The workshop's blocks on the page of one person. Hardship is no part of them: more roles come there."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from core import clock
from core.access import OFFICE, Actor, Role
from core.db import db
from core.people.records import records_of
from core.programme import Panel
from workshop.forms.learner_filter import LEARNER_STATES
from workshop.lists import learners as listing
from workshop.lists.learners import LearnerQuery
from workshop.models import Learner


def person_panels(person_id: int, actor: Actor, now: datetime) -> list[Panel]:
    """Where she stands as a learner, for those who may see learners."""
    if not actor.has(*OFFICE, Role.MANAGER, Role.COORDINATOR):
        return []
    learner = db.session.scalar(
        sa.select(Learner).where(Learner.person_id.in_(records_of(person_id)))
        .order_by(Learner.person_id != person_id, Learner.ended_on.is_not(None), Learner.person_id)
        .limit(1)
        .options(joinedload(Learner.person), joinedload(Learner.home_site))
    )  # fmt: skip
    may_register = actor.has(*OFFICE, Role.COORDINATOR)
    if learner is None and not may_register:
        return []
    if learner is not None and not actor.holds_at(
        learner.home_site_id, *OFFICE, Role.MANAGER, Role.COORDINATOR
    ):
        return []
    values: dict[str, object] = {
        "person_id": person_id, "learner": learner, "may_register": may_register,
        "state_words": LEARNER_STATES,
    }  # fmt: skip
    if learner is not None:
        query = LearnerQuery(on=clock.service_day(now), site_ids=None)
        values["listed"] = listing.rows_of([learner], query)[0]
    return [Panel(_l("Women's micro-factory"), "workshop/_person_panel.html", values)]
