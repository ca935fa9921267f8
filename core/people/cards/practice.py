"""People who exist for training only: their cards work at every counter and count nowhere."""

from datetime import datetime

import sqlalchemy as sa

from core.access import Actor
from core.db import db, transaction
from core.people.actions import add_person
from core.people.cards.actions import may_have_card
from core.people.models import Person
from core.people.values import Details
from core.programme import programmes

PRACTICE_PEOPLE = 10
_NUMBERS = "一二三四五六七八九十"


def add_practice_people(*, by: Actor, now: datetime) -> int:
    """Fill up to ten practice people and enrol them in every programme; returns how many are new."""
    present = set(
        db.session.scalars(
            sa.select(Person.name).where(Person.is_practice.is_(True), may_have_card())
        )
    )
    names = [f"练习{number}号" for number in _NUMBERS]
    missing = [name for name in names if name not in present][: PRACTICE_PEOPLE - len(present)]
    with transaction():
        for name in missing:
            person = add_person(Details(name=name), by=by, now=now, is_practice=True)
            for programme in programmes():
                if programme.enrol_for_practice:
                    programme.enrol_for_practice(person.id, by, now)
    return len(missing)
