"""The workshop's story in the demo: 124 learners in six cohorts over ten months, and their way into work.

Deterministic for a day. What is told goes through the same verbs as at a real desk, so that every
state is one that the product can reach.
"""

from datetime import date
from random import Random

import sqlalchemy as sa

from core import clock
from core.access import SYSTEM, Actor
from core.accounts.models import User
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.sites.models import Site, SiteKind
from workshop.actions.tables import ensure_tables
from workshop.demo import classes as teaching
from workshop.demo import marks, people, places, results, ventures, work
from workshop.demo.story import Story
from workshop.models import Skill

__all__ = ["tell"]


def tell(day: date) -> None:
    """Fill the workshop up to a day. Expects the house of `core.demo`; diners of a canteen may be there."""
    now = clock.now()
    # One transaction for all: thousands of small ones would wait for the disk each time.
    with transaction():
        story = Story(
            day, now if clock.service_day(now) == day else None, Random(f"workshop-{day}"),
            _workshop(), _actor("laoshi"), _actor("laoshi2"), _actor("jiuye"), _actor("jingban"),
        )  # fmt: skip
        ensure_tables(by=SYSTEM, now=story.at(340))
        story.skills = dict(db.session.execute(sa.select(Skill.code, Skill.id)).tuples().all())
        people.register(story)
        classes = teaching.teach(story)
        places.fill(story, classes)
        marks.attend_first(story, classes, places.moves_of_first(story, classes))
        results.finish(story, classes)
        places.call_off(story, classes)
        marks.attend(story, classes, places.moves_of_running(story, classes))
        results.sign_in_sheets(story, classes)
        places.wait(story, classes)
        marks.wait_today(story, classes)
        work.place(story, ventures.guide(story))


def _workshop() -> int:
    statement = sa.select(Site.id).where(Site.kind == SiteKind.WORKSHOP).order_by(Site.id)
    return db.session.scalars(statement.limit(1)).one()


def _actor(name: str) -> Actor:
    user = db.session.scalar(sa.select(User).where(User.name == name))
    return user_actor(user) if user else SYSTEM
