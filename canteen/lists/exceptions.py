"""What waits for a human (待核实事项)."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, load_only

from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import CanteenException
from canteen.values import ExceptionKind
from core.people.models import Person


class ExceptionState(StrEnum):
    OPEN = "open"
    SETTLED = "settled"


def exceptions(
    state: ExceptionState,
    site_ids: frozenset[int] | None,
    *,
    site_id: int | None = None,
    kind: ExceptionKind | None = None,
) -> sa.Select[Any]:
    """Exceptions with their person: open ones oldest first, settled ones newest first."""
    settled = CanteenException.settled_at
    statement = (
        sa.select(CanteenException, Person)
        .outerjoin(Person, Person.id == CanteenException.person_id)
        .where(settled.is_(None) if state is ExceptionState.OPEN else settled.is_not(None))
        .options(joinedload(CanteenException.site), load_only(*PERSON_IN_LIST))
    )
    if site_ids is not None:
        statement = statement.where(CanteenException.site_id.in_(site_ids))
    if site_id is not None:
        statement = statement.where(CanteenException.site_id == site_id)
    if kind is not None:
        statement = statement.where(CanteenException.kind == kind)
    last = CanteenException.event_id
    if state is ExceptionState.OPEN:
        return statement.order_by(CanteenException.day, CanteenException.opened_at, last)
    return statement.order_by(settled.desc(), last)
