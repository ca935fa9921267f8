"""The list of meals: every attempt at a counter that the filters let through, with what it came to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased, defer, joinedload, load_only

from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import Meal, MealCategory, MealEvent
from canteen.values import EventKind, Sitting, WayOfEating, WayOfRecording
from core.accounts.models import Device, User
from core.db import db
from core.people.models import Person
from core.people.search import matching
from core.sites.models import Area, Site

Voiding = aliased(MealEvent)


class MealOutcome(StrEnum):
    """What an attempt came to. PARKED: served, but counted nowhere until a human decides."""

    SERVED = "served"
    MEAL = "meal"
    OTHER = "other"
    PARKED = "parked"
    VOIDED = "voided"
    REFUSED = "refused"
    ALL = "all"


@dataclass(frozen=True)
class MealQuery:
    """What the list is filtered by. site_ids None means every site; both days are included."""

    from_on: date
    until_on: date
    site_ids: frozenset[int] | None
    q: str = ""
    site_id: int | None = None
    sitting: Sitting | None = None
    outcome: MealOutcome = MealOutcome.SERVED
    way: WayOfEating | None = None
    recording: WayOfRecording | None = None
    category: str | None = None
    person_id: int | None = None


class MealRow(NamedTuple):
    """One attempt, its person and site, the meal it became, and whether it was voided."""

    event: MealEvent
    person: Person | None
    site: Site
    meal: Meal | None
    is_voided: bool

    @property
    def outcome(self) -> MealOutcome:
        """The one word for what it came to."""
        if self.event.kind is EventKind.REFUSED:
            return MealOutcome.REFUSED
        if self.is_voided:
            return MealOutcome.VOIDED
        if self.meal is not None:
            return MealOutcome.MEAL
        return MealOutcome.OTHER if self.event.other_kind else MealOutcome.PARKED


def _is_voided() -> sa.ColumnElement[bool]:
    return sa.exists().where(Voiding.voids_id == MealEvent.id).correlate(MealEvent)


def _from(columns: Sequence[Any]) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(MealEvent)
        .join(Site, Site.id == MealEvent.site_id)
        .outerjoin(Person, Person.id == MealEvent.person_id)
        .outerjoin(
            Meal,
            sa.and_(
                Meal.person_id == MealEvent.person_id,
                Meal.day == MealEvent.day,
                Meal.sitting == MealEvent.sitting,
                Meal.event_id == MealEvent.id,
            ),
        )
    )


def _filtered(statement: sa.Select[Any], query: MealQuery) -> sa.Select[Any]:
    event = MealEvent
    conditions: list[sa.ColumnElement[bool]] = [
        event.kind != EventKind.VOIDED, ~event.is_practice,
        event.day >= query.from_on, event.day <= query.until_on,
    ]  # fmt: skip
    if query.site_ids is not None:
        conditions.append(event.site_id.in_(query.site_ids))
    for column, value in (
        (event.site_id, query.site_id), (event.sitting, query.sitting), (event.way, query.way),
        (event.recording, query.recording), (event.person_id, query.person_id),
    ):  # fmt: skip
        if value is not None:
            conditions.append(column == value)
    if query.q:
        conditions.append(matching(query.q))
    if query.category:
        wanted = sa.select(MealCategory.id).where(MealCategory.code == query.category)
        conditions.append(Meal.category_id.in_(wanted))
    return statement.where(*conditions, _outcome(query.outcome))


def _outcome(outcome: MealOutcome) -> sa.ColumnElement[bool]:
    served = MealEvent.kind == EventKind.SERVED
    no_meal = Meal.event_id.is_(None)
    other = MealEvent.other_kind.is_not(None)
    conditions = {
        MealOutcome.ALL: sa.true(),
        MealOutcome.REFUSED: MealEvent.kind == EventKind.REFUSED,
        MealOutcome.MEAL: ~no_meal,
        MealOutcome.OTHER: sa.and_(served, other, ~_is_voided()),
        MealOutcome.PARKED: sa.and_(served, no_meal, ~other, ~_is_voided()),
        MealOutcome.VOIDED: sa.and_(served, _is_voided()),
        MealOutcome.SERVED: sa.and_(served, ~_is_voided()),
    }
    return conditions[outcome]


def attempts(query: MealQuery) -> sa.Select[Any]:
    """The rows of a query, newest first: event, person, site, meal, whether voided."""
    columns = (MealEvent, Person, Site, Meal, _is_voided().label("is_voided"))
    return (
        _filtered(_from(columns), query)
        .options(
            defer(MealEvent.answer), defer(MealEvent.priced),
            load_only(*PERSON_IN_LIST), joinedload(Meal.category), joinedload(Meal.tariff),
            joinedload(Person.residence_area).joinedload(Area.parent),
        )
        .order_by(MealEvent.day.desc(), MealEvent.occurred_at.desc(), MealEvent.id.desc())
    )  # fmt: skip


def is_after(event: MealEvent) -> sa.ColumnElement[bool]:
    """Whether a row comes after this one in the order of the list; exports read on from there."""
    day, moment, number = MealEvent.day, MealEvent.occurred_at, MealEvent.id
    return sa.or_(
        day < event.day,
        sa.and_(day == event.day, moment < event.occurred_at),
        sa.and_(day == event.day, moment == event.occurred_at, number < event.id),
    )


def rows_of(found: Iterable[Any]) -> list[MealRow]:
    """Plain rows of what `attempts` found."""
    return [MealRow(*row) for row in found]


@dataclass(frozen=True)
class Totals:
    """What the filters let through, summed: attempts, subsidised meals, people, fen."""

    attempts: int
    meals: int
    people: int
    price_fen: int
    subsidy_fen: int
    copay_fen: int


def totals(query: MealQuery) -> Totals:
    """The sums above the list. Money is that of subsidised meals and of others alike."""
    columns = (
        sa.func.count(MealEvent.id),
        sa.func.count(Meal.event_id),
        sa.func.count(sa.distinct(Meal.person_id)),
        sa.func.coalesce(sa.func.sum(_counted(MealEvent.price_fen)), 0),
        sa.func.coalesce(sa.func.sum(Meal.subsidy_fen), 0),
        sa.func.coalesce(sa.func.sum(_counted(MealEvent.copay_fen)), 0),
    )
    row = db.session.execute(_filtered(_from(columns), query)).one()
    return Totals(*(int(value) for value in row))


def _counted(column: Any) -> sa.ColumnElement[int]:
    """The amount of what counts: a meal, or a sale beside the subsidy that nobody voided."""
    other = sa.and_(MealEvent.other_kind.is_not(None), ~_is_voided())
    return sa.case((sa.or_(Meal.event_id.is_not(None), other), column), else_=0)


def names_of_staff(events: Iterable[MealEvent]) -> dict[UUID, str]:
    """Who recorded each event: a person's name, else the device's; two queries."""
    listed = list(events)
    users = dict(db.session.execute(
        sa.select(User.id, User.display_name).where(User.id.in_({e.user_id for e in listed if e.user_id}))
    ).tuples().all())  # fmt: skip
    devices = dict(db.session.execute(
        sa.select(Device.id, Device.name).where(Device.id.in_({e.device_id for e in listed if e.device_id}))
    ).tuples().all())  # fmt: skip
    return {
        event.id: users.get(event.user_id or 0) or devices.get(event.device_id or 0) or "—"
        for event in listed
    }


def history_of(event: MealEvent) -> list[MealEvent]:
    """All that happened to the same person, day and sitting, in the order it came in."""
    same = (
        sa.and_(
            MealEvent.person_id == event.person_id,
            MealEvent.day == event.day,
            MealEvent.sitting == event.sitting,
        )
        if event.person_id is not None and event.sitting is not None
        else sa.or_(MealEvent.id == event.id, MealEvent.voids_id == event.id)
    )
    statement = sa.select(MealEvent).where(same, MealEvent.is_practice == event.is_practice)
    return list(db.session.scalars(statement.order_by(MealEvent.received_at, MealEvent.id)))
