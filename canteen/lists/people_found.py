"""A few diners that a typed word means, to choose one from."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, load_only

from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import Diner
from core.db import db
from core.people.models import Person
from core.people.search import matching
from core.sites.models import Area

FOUND_AT_MOST = 20


def find_diners(
    typed: str, site_ids: frozenset[int] | None, *, but: int | None = None, only: int | None = None
) -> list[Person]:
    """At most FOUND_AT_MOST diners of these sites (None: of all), by name. Nothing typed: nobody.

    only: the one person whom a whole number named.
    """
    if not typed.strip() and only is None:
        return []
    statement = (
        sa.select(Person)
        .join(Diner, Diner.person_id == Person.id)
        .where(matching(typed), Person.merged_into_id.is_(None))
        .options(
            load_only(*PERSON_IN_LIST), joinedload(Person.residence_area).joinedload(Area.parent)
        )
        .order_by(Person.pinyin, Person.id)
        .limit(FOUND_AT_MOST)
    )
    if site_ids is not None:
        statement = statement.where(Diner.home_site_id.in_(site_ids))
    if only is not None:
        statement = statement.where(Person.id == only)
    if but is not None:
        statement = statement.where(Person.id != but)
    return list(db.session.scalars(statement))
