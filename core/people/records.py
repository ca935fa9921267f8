"""Several records of one human: a merge moves no history, so whoever reads it asks for all of them."""

import sqlalchemy as sa

from core.people.models import Person


def records_of(person_id: int) -> sa.Select[tuple[int]]:
    """The ids of a person's record and of those merged into it, as a query.

    One step finds them all: a merge leads on who was merged before.
    """
    return sa.select(Person.id).where(
        sa.or_(Person.id == person_id, Person.merged_into_id == person_id)
    )
