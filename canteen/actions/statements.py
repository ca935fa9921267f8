"""The statements of the hot path, built once. ORM everywhere else; here each one is counted.

A scan costs two reads (card code → person; the person with everything that decides) and two
inserts. The reads are by one key each, so that they stay single-shard reads on Citus.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

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
from core.prepared import Prepared, do, run
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
        _PERSON.c.standing, _PERSON.c.household_id, _PERSON.c.is_practice,
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

# The latest standing that had begun by a day and had not ended before it.
STANDING_ON = (
    sa.select(_STANDING.c.kind)
    .where(
        _STANDING.c.person_id == sa.bindparam("person_id"),
        _STANDING.c.since_on <= sa.bindparam("on_day"),
        sa.or_(_STANDING.c.until_on.is_(None), _STANDING.c.until_on >= sa.bindparam("on_day")),
    )
    .order_by(_STANDING.c.since_on.desc())
    .limit(1)
)

LOCK_DINER = (
    sa.select(_DINER.c.person_id)
    .where(_DINER.c.person_id == sa.bindparam("person_id"))
    .with_for_update()
)

PAST = sa.select(MEAL.c.day, MEAL.c.sitting, MEAL.c.tariff_id, MEAL.c.subsidy_fen).where(
    MEAL.c.person_id == sa.bindparam("person_id"),
    MEAL.c.day >= sa.bindparam("first"),
    MEAL.c.day <= sa.bindparam("last"),
    MEAL.c.subsidy_fen > 0,
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


class InsertOnce:
    """Inserts a row unless its primary key is there.

    Both engines say it in the same words, straight to the driver: SQLAlchemy compiles its own
    ON CONFLICT anew each time (0.9 ms a scan). The values are made ready when this is made, before
    the queue for the write lock.
    """

    __slots__ = ("_values", "_words")

    def __init__(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        self._words = _words_of(table, db.engine.dialect)
        self._values = [
            row[name] if to_driver is None else to_driver(row[name])
            for name, to_driver in self._words.columns
        ]

    def into(self, connection: sa.Connection) -> bool:
        """Do it; says whether the row was inserted."""
        return bool(run(connection, self._words.once, self._values))

    def together_with(self, other: "InsertOnce", connection: sa.Connection) -> None:
        """Insert a meal and its event in one statement of PostgreSQL.

        Columns of one name have one value: a meal is made of its event alone. Sent once, they keep
        the statement below the 50 values from which on psycopg reads its words anew each time.
        Raises IntegrityError when a key is taken; then neither is inserted.
        """
        values = dict(zip(self._words.names, self._values, strict=True))
        values.update(zip(other._words.names, other._values, strict=True))
        do(connection, _together(self._words.named, other._words.named), values)


def insert_once(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is there; says whether it was inserted."""
    return InsertOnce(table, row).into(connection)


_ToDriver = Callable[[Any], Any] | None


class _Words(NamedTuple):
    """How one engine is told to insert: `once` leaves a row alone that is there already."""

    once: str
    named: str
    names: tuple[str, ...]
    columns: tuple[tuple[str, _ToDriver], ...]


_known_words: dict[tuple[str, str], _Words] = {}


def _words_of(table: sa.Table, dialect: sa.Dialect) -> _Words:
    key = table.name, dialect.name
    if key not in _known_words:
        names = tuple(column.name for column in table.columns)
        marks = ", ".join("?" if dialect.paramstyle == "qmark" else "%s" for _ in names)
        named = ", ".join(f"%({name})s" for name in names)
        into = f"INSERT INTO {table.name} ({', '.join(names)})"
        keys = ", ".join(column.name for column in table.primary_key.columns)
        _known_words[key] = _Words(
            # RETURNING, because PostgreSQL counts no rows after DO NOTHING.
            f"{into} VALUES ({marks}) ON CONFLICT ({keys}) DO NOTHING RETURNING 1",
            f"{into} VALUES ({named})",
            names,
            tuple(
                (column.name, column.type.dialect_impl(dialect).bind_processor(dialect))
                for column in table.columns
            ),
        )
    return _known_words[key]


@cache
def _together(first: str, second: str) -> str:
    return f"WITH first AS ({first}) {second}"
