"""Several records of one human: a merge moves no history, so whoever reads it asks for all of them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import foreign, relationship

from core.people.models import Person

_record = sa.alias(Person.__table__)


def kept_record(person_id: Callable[[], Any]) -> Any:
    """From a row of hers to the record that counts, into which her own may have been merged since.

    person_id: gives the column of the row, once its model stands.
    """
    return relationship(
        "Person", secondary=_record, viewonly=True, uselist=False, innerjoin=True,
        primaryjoin=lambda: person_id() == foreign(_record.c.id),
        secondaryjoin=lambda: Person.id
        == sa.func.coalesce(foreign(_record.c.merged_into_id), foreign(_record.c.id)),
    )  # fmt: skip


def records_of(person_id: int) -> sa.Select[tuple[int]]:
    """The ids of a person's record and of those merged into it, as a query.

    One step finds them all: a merge leads on who was merged before.
    """
    return sa.select(Person.id).where(
        sa.or_(Person.id == person_id, Person.merged_into_id == person_id)
    )
