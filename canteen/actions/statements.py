"""The statements of the hot path, built once. ORM everywhere else; here each one is counted.

A scan costs two reads (card code → person; the person with everything that decides) and two
inserts. The reads are by one key each, so that they stay single-shard reads on Citus.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from canteen.actions.rulebook import COUNTER
from canteen.models import (
    CanteenException,
    DietNeed,
    Diner,
    Eligibility,
    Meal,
    MealEvent,
    OtherSale,
    Pause,
    Suspension,
)
from canteen.values import EligibilityState, EventKind, ExceptionKind
from core.db import db
from core.people.models import Card, CardCode, Person, Standing
from core.prepared import Prepared, do
from core.sites.models import Counter

EVENT: Any = MealEvent.__table__
MEAL: Any = Meal.__table__
OTHER: Any = OtherSale.__table__
EXCEPTION: Any = CanteenException.__table__
_DINER: Any = Diner.__table__
_PERSON: Any = Person.__table__
_CARD: Any = Card.__table__
_CODE: Any = CardCode.__table__
_STANDING: Any = Standing.__table__
_PAPER: Any = Eligibility.__table__
_NEED: Any = DietNeed.__table__
_SUSPENSION: Any = Suspension.__table__
_PAUSE: Any = Pause.__table__

_VERSION = (
    sa.select(Counter.__table__.c.value)
    .where(Counter.__table__.c.name == COUNTER)
    .scalar_subquery()
)

VERSION = Prepared(sa.select(sa.func.coalesce(_VERSION, 0).label("version")))

BY_CODE = Prepared(
    sa.select(_CODE.c.person_id, _CODE.c.serial).where(
        _CODE.c.code_hash == sa.bindparam("code_hash")
    )
)

_DAY = sa.bindparam("on_day", type_=sa.Date())


def _covers(table: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.from_on <= _DAY, sa.or_(table.c.until_on.is_(None), table.c.until_on >= _DAY)
    )


# One row, or a few where somebody has several papers or diet needs. An eligibility that was ended
# by decision has no grace; one that ran out by date has (`grace_from` = day - grace days).
PERSON = Prepared(
    sa.select(
        sa.func.coalesce(_VERSION, 0).label("version"),
        _PERSON.c.id, _PERSON.c.name, _PERSON.c.sex, _PERSON.c.address_as, _PERSON.c.birth_on,
        _PERSON.c.standing, _STANDING.c.id.label("standing_id"),
        _STANDING.c.kind.label("standing_on"), _STANDING.c.since_on.label("standing_since"),
        _PERSON.c.household_id, _PERSON.c.is_practice, _PERSON.c.merged_into_id,
        _PERSON.c.residence_area_id, _PERSON.c.registration_area_id,
        _CARD.c.state.label("card_state"),
        _DINER.c.person_id.label("diner_id"), _DINER.c.usual_way, _DINER.c.enrolled_on,
        _DINER.c.ended_on,
        _PAPER.c.id.label("paper_id"), _PAPER.c.category_id,
        _PAPER.c.from_on.label("paper_from"), _PAPER.c.until_on.label("paper_until"),
        _NEED.c.id.label("need_id"), _NEED.c.kind.label("need_kind"),
        _NEED.c.detail.label("need_detail"),
        _SUSPENSION.c.id.label("suspension_id"), _SUSPENSION.c.until_on.label("suspended_until"),
        _PAUSE.c.id.label("pause_id"),
        MEAL.c.event_id.label("meal_event_id"), MEAL.c.site_id.label("meal_site_id"),
        MEAL.c.occurred_at.label("meal_at"),
    )
    .select_from(
        _PERSON
        .outerjoin(_STANDING, sa.and_(
            _STANDING.c.person_id == _PERSON.c.id, _STANDING.c.since_on <= _DAY,
            sa.or_(_STANDING.c.until_on.is_(None), _STANDING.c.until_on >= _DAY)))
        .outerjoin(_CARD, sa.and_(_CARD.c.person_id == _PERSON.c.id,
                                  _CARD.c.serial == sa.bindparam("serial", type_=sa.Integer)))
        .outerjoin(_DINER, _DINER.c.person_id == _PERSON.c.id)
        .outerjoin(_PAPER, sa.and_(
            _PAPER.c.person_id == _PERSON.c.id, _PAPER.c.from_on <= _DAY,
            sa.or_(
                sa.and_(_PAPER.c.state == EligibilityState.APPROVED,
                        sa.or_(_PAPER.c.until_on.is_(None),
                               _PAPER.c.until_on >= sa.bindparam("grace_from", type_=sa.Date()))),
                sa.and_(_PAPER.c.state == EligibilityState.ENDED, _PAPER.c.until_on >= _DAY),
            )))
        .outerjoin(_NEED, sa.and_(_NEED.c.person_id == _PERSON.c.id, _covers(_NEED)))
        .outerjoin(_SUSPENSION, sa.and_(_SUSPENSION.c.person_id == _PERSON.c.id, _covers(_SUSPENSION)))
        .outerjoin(_PAUSE, sa.and_(_PAUSE.c.person_id == _PERSON.c.id, _covers(_PAUSE),
                                   _PAUSE.c.ended_at.is_(None)))
        .outerjoin(MEAL, sa.and_(MEAL.c.person_id == _PERSON.c.id, MEAL.c.day == _DAY,
                                 MEAL.c.sitting == sa.bindparam("sitting", type_=MEAL.c.sitting.type)))
    )
    .where(_PERSON.c.id == sa.bindparam("person_id"))
)  # fmt: skip

STORED = sa.select(EVENT.c.content_hash, EVENT.c.status, EVENT.c.answer, EVENT.c.person_id).where(
    EVENT.c.id == sa.bindparam("event_id")
)

MEAL_OF = sa.select(MEAL.c.event_id, MEAL.c.site_id, MEAL.c.occurred_at).where(
    MEAL.c.person_id == sa.bindparam("person_id"),
    MEAL.c.day == sa.bindparam("on_day"),
    MEAL.c.sitting == sa.bindparam("sitting"),
)

LOCK_DINER = (
    sa.select(_DINER.c.person_id)
    .where(_DINER.c.person_id == sa.bindparam("person_id"))
    .with_for_update()
)

PAST = Prepared(
    sa.select(MEAL.c.day, MEAL.c.sitting, MEAL.c.tariff_id, MEAL.c.subsidy_fen).where(
        MEAL.c.person_id == sa.bindparam("person_id"),
        MEAL.c.day >= sa.bindparam("first"),
        MEAL.c.day <= sa.bindparam("last"),
        MEAL.c.subsidy_fen > 0,
    )
)

# All that happened to one triple; sales beside it and practice are no part of it.
TRIPLE = sa.select(EVENT).where(
    EVENT.c.person_id == sa.bindparam("person_id"),
    EVENT.c.day == sa.bindparam("on_day"),
    EVENT.c.sitting == sa.bindparam("sitting"),
    EVENT.c.kind.in_([EventKind.SERVED, EventKind.VOIDED]),
    EVENT.c.other_kind.is_(None),
    EVENT.c.is_practice.is_(sa.false()),
)

PRACTICE = sa.select(
    EVENT.c.id, EVENT.c.kind, EVENT.c.voids_id, EVENT.c.site_id, EVENT.c.occurred_at
).where(
    EVENT.c.person_id == sa.bindparam("person_id"),
    EVENT.c.day == sa.bindparam("on_day"),
    EVENT.c.sitting == sa.bindparam("sitting"),
    EVENT.c.kind.in_([EventKind.SERVED, EventKind.VOIDED]),
    EVENT.c.other_kind.is_(None),
    EVENT.c.is_practice.is_(sa.true()),
)

FULL_MEAL = sa.select(MEAL).where(
    MEAL.c.person_id == sa.bindparam("person_id"),
    MEAL.c.day == sa.bindparam("on_day"),
    MEAL.c.sitting == sa.bindparam("sitting"),
)

DROP_MEAL = sa.delete(MEAL).where(
    MEAL.c.person_id == sa.bindparam("person"),
    MEAL.c.day == sa.bindparam("on_day"),
    MEAL.c.sitting == sa.bindparam("at_sitting"),
)

DROP_OTHER = sa.delete(OTHER).where(OTHER.c.id == sa.bindparam("event_id"))

# A parked serving that is a meal again, or is voided, needs no human any more.
CLOSE_SECOND_SERVINGS = sa.delete(EXCEPTION).where(
    EXCEPTION.c.event_id.in_(sa.bindparam("event_ids", expanding=True)),
    EXCEPTION.c.kind == ExceptionKind.SECOND_SERVING,
    EXCEPTION.c.settled_at.is_(None),
)


class Ready:
    """A row made ready for the driver before the queue for the write lock, for one table or several.

    Columns of one name have one value: a meal is made of its event alone. Straight to the driver,
    because SQLAlchemy compiles its own ON CONFLICT anew each time (0.9 ms a scan).
    """

    __slots__ = ("_engine", "_values")

    def __init__(self, row: Mapping[str, Any], *tables: sa.Table) -> None:
        self._engine = db.engine.dialect.name
        self._values = values = dict(row)
        for name, to_driver in _to_driver(tables, self._engine):
            values[name] = to_driver(values[name])

    def insert_once(self, connection: sa.Connection, table: sa.Table) -> bool:
        """Insert it unless its primary key is there; says whether it was inserted."""
        words, pick = _once(table, self._engine)
        return do(connection, words, pick(self._values)) == 1

    def insert_into_both(
        self, connection: sa.Connection, first: sa.Table, second: sa.Table
    ) -> None:
        """Insert it into two tables in one statement of PostgreSQL.

        What both tables have is sent once, which keeps the statement below the 50 values from
        which on psycopg reads its words anew each time. Raises IntegrityError when a key is taken;
        then nothing is inserted.
        """
        do(connection, _both(first, second), self._values)


def insert_once(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is there; says whether it was inserted."""
    return Ready(row, table).insert_once(connection, table)


_ToDriver = Callable[[Any], Any]


@cache
def _to_driver(tables: tuple[sa.Table, ...], engine: str) -> Sequence[tuple[str, _ToDriver]]:
    """The columns whose values the driver does not take as they are, each name once."""
    dialect = db.engine.dialect
    assert dialect.name == engine
    found = {
        column.name: column.type.dialect_impl(dialect).bind_processor(dialect)
        for table in tables
        for column in table.columns
    }
    return tuple((name, to_driver) for name, to_driver in found.items() if to_driver)


@cache
def _once(table: sa.Table, engine: str) -> tuple[str, Callable[[Any], Sequence[Any]]]:
    """How to leave a row alone that is there already, and what picks the values in their order."""
    names = [column.name for column in table.columns]
    marks = ", ".join("?" if engine == "sqlite" else "%s" for _ in names)
    keys = ", ".join(column.name for column in table.primary_key.columns)
    # Both engines say it in the same words, and both drivers count what was inserted (SQLAlchemy
    # does not on PostgreSQL); RETURNING would fill a table in memory first.
    return f"{_into(table, marks)} ON CONFLICT ({keys}) DO NOTHING", itemgetter(*names)


@cache
def _both(first: sa.Table, second: sa.Table) -> str:
    one, two = (
        _into(table, ", ".join(f"%({column.name})s" for column in table.columns))
        for table in (first, second)
    )
    return f"WITH first AS ({one}) {two}"


def _into(table: sa.Table, marks: str) -> str:
    names = ", ".join(column.name for column in table.columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
