"""Learners on the home page: what waits, for those who settle it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from core.access import OFFICE, Actor, Role
from core.clock import service_day
from core.db import db
from core.programme import HomeCard
from workshop.lists.learners import LearnerQuery, LearnerState, learners


def learner_cards(actor: Actor, now: datetime) -> list[HomeCard]:
    """Learners who wait, whose needs nobody asked, whose certificate of hardship runs out."""
    if not actor.has(*OFFICE, Role.COORDINATOR):
        return []
    narrowed = actor.narrowed(frozenset({*OFFICE, Role.COORDINATOR}))
    shown: tuple[tuple[LearnerState, Any, Any], ...] = (
        (LearnerState.WAITING, _l("Learners waiting"), _l("no place, no referral, no work yet")),
        (LearnerState.NO_NEEDS, _l("Needs not asked"), _l("what she wants, when she can come")),
        (
            LearnerState.HARDSHIP_EXPIRING,
            _l("Hardship certificates expiring"),
            _l("within 30 days"),
        ),
    )
    cards = []
    for state, title, note in shown:
        query = LearnerQuery(
            on=service_day(now), site_ids=narrowed.site_ids, shows_hardship=True, state=state
        )
        count = _count(learners(query))
        if count:
            kind = "plain" if state is LearnerState.WAITING else "warn"
            args = {"state": state.value}
            cards.append(HomeCard(title, str(count), note, "workshop.learners", args, kind))
    return cards


def _count(statement: sa.Select[Any]) -> int:
    inner = statement.with_only_columns(sa.literal(1)).order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0
