"""Households: who lives together, so that the counter can offer the spouse's meal."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from core import audit
from core.access import Actor
from core.db import new_id, transaction
from core.errors import RuleError, Text, describe
from core.people.actions.persons import living_record

describe(
    {
        "household_self": Text(
            _l("A household needs two different people. Nothing was changed."), 422
        ),
    }
)


def link_household(first_id: int, second_id: int, *, by: Actor, now: datetime) -> None:
    """Put the second person into the first one's household. Raises RuleError "household_self"."""
    if first_id == second_id:
        raise RuleError("household_self")
    with transaction() as session:
        # In the order of ids, so that two clerks linking the same two cannot wait for each other.
        people = {n: living_record(session, n) for n in sorted((first_id, second_id))}
        first, second = people[first_id], people[second_id]
        first.household_id = first.household_id or second.household_id or new_id()
        second.household_id = first.household_id
        for one, other in ((first_id, second_id), (second_id, first_id)):
            audit.record(session, "person.household_linked", subject=f"person:{one}", person_id=one,
                         by=by, now=now, after={"with_person_id": other})  # fmt: skip


def leave_household(person_id: int, *, by: Actor, now: datetime) -> None:
    """Take a person out of her household."""
    with transaction() as session:
        person = living_record(session, person_id)
        if person.household_id is None:
            return
        person.household_id = None
        audit.record(session, "person.household_left", subject=f"person:{person_id}",
                     person_id=person_id, by=by, now=now)  # fmt: skip
