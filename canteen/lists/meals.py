"""The list of meals: every attempt at a counter that the filters let through, with what it came to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased, defer, joinedload, load_only

from canteen import rules
from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import Meal, MealAdjustment, MealCategory, MealEvent, Tariff
from canteen.values import Event, EventKind, FundLayer, Sitting, WayOfEating, WayOfRecording
from core.accounts.models import Device, User
from core.db import db
from core.people.models import Person
from core.people.search import matching
from core.sites.models import Area, Site

Voiding = aliased(MealEvent)
Earlier = aliased(MealEvent)
VoidingEarlier = aliased(MealEvent)


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
    """One attempt, its person and site, what it was priced by, whether it was voided and is what counts.

    Both follow from the events alone: the meal of a submitted month stays when it counts no more,
    and one that came in later is not among that month's meals.
    """

    event: MealEvent
    person: Person | None
    site: Site
    category: MealCategory | None
    tariff: Tariff | None
    is_voided: bool
    is_counted: bool

    @property
    def layers(self) -> dict[FundLayer, int]:
        """Who pays how much of it, in fen."""
        layers = (self.event.priced or {}).get("layers", {})
        return {layer: layers[layer.value] for layer in FundLayer if layers.get(layer.value)}

    @property
    def age(self) -> int | None:
        """Her age on the day."""
        age: int | None = (self.event.priced or {}).get("age")
        return age

    @property
    def outcome(self) -> MealOutcome:
        """The one word for what it came to."""
        if self.event.kind is EventKind.REFUSED:
            return MealOutcome.REFUSED
        if self.is_voided:
            return MealOutcome.VOIDED
        if self.is_counted:
            return MealOutcome.MEAL
        return MealOutcome.OTHER if self.event.other_kind else MealOutcome.PARKED


def _is_voided() -> sa.ColumnElement[bool]:
    return sa.exists().where(Voiding.voids_id == MealEvent.id).correlate(MealEvent)


def _is_counted() -> sa.ColumnElement[bool]:
    """`rules.meal_of` as a condition: served to a diner, not voided, and none before it stands."""
    event = MealEvent
    before = sa.exists().where(
        Earlier.person_id == event.person_id, Earlier.day == event.day,
        Earlier.sitting == event.sitting, Earlier.kind == EventKind.SERVED,
        Earlier.other_kind.is_(None), Earlier.is_practice.is_(sa.false()),
        sa.or_(
            Earlier.occurred_at < event.occurred_at,
            sa.and_(Earlier.occurred_at == event.occurred_at, Earlier.id < event.id),
        ),
        ~sa.exists().where(VoidingEarlier.voids_id == Earlier.id).correlate(Earlier),
    ).correlate(event)  # fmt: skip
    return sa.and_(
        event.kind == EventKind.SERVED, event.other_kind.is_(None), event.person_id.is_not(None),
        event.sitting.is_not(None), ~_is_voided(), ~before,
    )  # fmt: skip


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
        .outerjoin(MealCategory, MealCategory.id == _priced("category_id"))
        .outerjoin(Tariff, Tariff.id == _priced("tariff_id"))
    )


def _priced(name: str) -> sa.ColumnElement[int]:
    """What a meal was priced by: as it is stored, else as its event says."""
    return sa.func.coalesce(getattr(Meal, name), MealEvent.priced[name].as_integer())


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
        conditions += [MealCategory.code == query.category, _is_counted()]
    return statement.where(*conditions, _outcome(query.outcome))


def _outcome(outcome: MealOutcome) -> sa.ColumnElement[bool]:
    served = MealEvent.kind == EventKind.SERVED
    other = MealEvent.other_kind.is_not(None)
    conditions = {
        MealOutcome.ALL: sa.true(),
        MealOutcome.REFUSED: MealEvent.kind == EventKind.REFUSED,
        MealOutcome.MEAL: _is_counted(),
        MealOutcome.OTHER: sa.and_(served, other, ~_is_voided()),
        MealOutcome.PARKED: sa.and_(served, ~other, ~_is_voided(), ~_is_counted()),
        MealOutcome.VOIDED: sa.and_(served, _is_voided()),
        MealOutcome.SERVED: sa.and_(served, ~_is_voided()),
    }
    return conditions[outcome]


def attempts(query: MealQuery) -> sa.Select[Any]:
    """The rows of a query, newest first, as a `MealRow` has them."""
    return _filtered(_rows(), query)


def _rows() -> sa.Select[Any]:
    columns = (
        MealEvent, Person, Site, MealCategory, Tariff,
        _is_voided().label("is_voided"), _is_counted().label("is_counted"),
    )  # fmt: skip
    return (
        _from(columns)
        .options(
            defer(MealEvent.answer), load_only(*PERSON_IN_LIST),
            load_only(Tariff.name, Tariff.document_no), joinedload(Person.residence_area).joinedload(Area.parent),
        )
        .order_by(MealEvent.day.desc(), MealEvent.occurred_at.desc(), MealEvent.id.desc())
    )  # fmt: skip


def recent(person_id: int, limit: int) -> list[MealRow]:
    """Her last meals, newest first: what counts, and what a submitted month holds though it does not."""
    statement = _rows().where(
        MealEvent.person_id == person_id, ~MealEvent.is_practice,
        MealEvent.kind == EventKind.SERVED, sa.or_(_is_counted(), Meal.event_id.is_not(None)),
    )  # fmt: skip
    return rows_of(db.session.execute(statement.limit(limit)))


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
        MealEvent.person_id, MealEvent.price_fen, MealEvent.subsidy_fen, MealEvent.copay_fen,
        _is_counted().label("is_meal"),
        sa.and_(MealEvent.kind == EventKind.SERVED, MealEvent.other_kind.is_not(None), ~_is_voided())
        .label("is_sale"),
    )  # fmt: skip
    # Asked once a row, added up outside: each question looks into the events of a sitting.
    row = _filtered(_from(columns), query).subquery().c
    money = sa.or_(row.is_meal, row.is_sale)
    sums = (sa.func.sum(sa.case((money, column), else_=0))
            for column in (row.price_fen, row.subsidy_fen, row.copay_fen))  # fmt: skip
    found = db.session.execute(sa.select(
        sa.func.count(),
        sa.func.count(sa.case((row.is_meal, 1))),
        sa.func.count(sa.distinct(sa.case((row.is_meal, row.person_id)))),
        *(sa.func.coalesce(each, 0) for each in sums),
    )).one()  # fmt: skip
    return Totals(*(int(value) for value in found))


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


def adjusted(events: Iterable[MealEvent]) -> dict[UUID, list[MealAdjustment]]:
    """By event: what was booked in a later month because of it, or because it was voided."""
    ids = [event.id for event in events]
    cause = sa.func.coalesce(MealEvent.voids_id, MealEvent.id)
    found: dict[UUID, list[MealAdjustment]] = {}
    rows = db.session.execute(
        sa.select(MealAdjustment, cause)
        .join(MealEvent, MealEvent.id == MealAdjustment.event_id)
        .where(sa.or_(MealEvent.id.in_(ids), MealEvent.voids_id.in_(ids)))
        .order_by(MealAdjustment.booked_at, MealAdjustment.site_id)
    )
    for row, event_id in rows:
        found.setdefault(event_id, []).append(row)
    return found


def counted_id(history: Iterable[MealEvent]) -> UUID | None:
    """Among all that happened to one sitting, the event that is the diner's meal."""
    own = [event for event in history if event.other_kind is None and event.person_id is not None]
    meal = rules.meal_of(
        Event(event.id, event.kind, event.occurred_at, event.voids_id) for event in own
    ).meal
    return meal.id if meal else None
