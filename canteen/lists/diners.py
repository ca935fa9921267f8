"""The list of diners: its filters as one statement, and what each row shows besides."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload, selectinload

from canteen.lists import papers
from canteen.models import Diner, Eligibility, MealCategory, Pause, Suspension
from canteen.rules import age_on
from canteen.values import Dimension, EligibilityState
from core.db import db
from core.people.models import Person
from core.people.search import matching
from core.sites.models import Area


class DinerState(StrEnum):
    ENROLLED = "enrolled"
    REVIEW = "review"
    EXPIRING = "expiring"
    NONE = "none"
    SUSPENDED = "suspended"
    PAUSED = "paused"
    ENDED = "ended"


class DinerOrder(StrEnum):
    NAME = "name"
    EXPIRY = "expiry"
    NEWEST = "newest"


@dataclass(frozen=True)
class DinerQuery:
    """What the list is filtered by. site_ids None means every site."""

    on: date
    site_ids: frozenset[int] | None
    grace_days: int
    q: str = ""
    site_id: int | None = None
    category: str | None = None
    area: str | None = None
    state: DinerState = DinerState.ENROLLED
    within_days: int = 30
    order: DinerOrder = DinerOrder.NAME
    person_id: int | None = None


# What a list shows of a person: without the encrypted columns, which cost time to open.
PERSON_IN_LIST = (
    Person.name, Person.pinyin, Person.sex, Person.birth_on, Person.standing, Person.is_practice,
    Person.residence_area_id,
)  # fmt: skip


def diners(query: DinerQuery) -> sa.Select[tuple[Diner]]:
    """The diners of a query, in its order."""
    statement = (
        sa.select(Diner)
        .join(Person, Person.id == Diner.person_id)
        .where(~Person.is_practice, Person.merged_into_id.is_(None))
        .options(
            joinedload(Diner.person)
            .load_only(*PERSON_IN_LIST)
            .joinedload(Person.residence_area)
            .joinedload(Area.parent),
            joinedload(Diner.home_site),
            selectinload(Diner.eligibilities).options(
                defer(Eligibility.evidence), joinedload(Eligibility.category)
            ),
            defer(Diner.note),
        )
    )
    if query.site_ids is not None:
        statement = statement.where(Diner.home_site_id.in_(query.site_ids))
    if query.site_id is not None:
        statement = statement.where(Diner.home_site_id == query.site_id)
    if query.q:
        statement = statement.where(matching(query.q))
    if query.person_id is not None:
        statement = statement.where(Diner.person_id == query.person_id)
    if query.area:
        statement = statement.where(lives_under(query.area))
    if query.category:
        statement = statement.where(_in_category(query.category, query.on))
    return _ordered(statement.where(_state(query)), query)


def lives_under(code: str) -> papers.Condition:
    """Whether a person's residence lies under an area's code path."""
    return Person.residence_area_id.in_(
        sa.select(Area.id).where(
            sa.or_(Area.code == code, Area.code.startswith(f"{code}.", autoescape=True))
        )
    )


def _in_category(code: str, on: date) -> papers.Condition:
    category = db.session.scalar(sa.select(MealCategory).where(MealCategory.code == code))
    if category is None:
        return sa.false()
    if category.dimension is Dimension.AGE:
        return papers.held_by_age([(category.age_from or 0, category.age_below)], on)
    return papers.of_diner(
        sa.and_(
            Eligibility.category_id == category.id,
            Eligibility.state.in_((EligibilityState.APPROVED, EligibilityState.ENDED)),
            papers.covers(Eligibility, on),
        )
    )


def _state(query: DinerQuery) -> papers.Condition:
    on = query.on
    ended = sa.and_(Diner.ended_on.is_not(None), Diner.ended_on < on)
    if query.state is DinerState.ENDED:
        return ended
    if query.state is DinerState.REVIEW:
        wanted = sa.or_(papers.is_proposed(), papers.is_to_review(on, query.grace_days))
        return sa.and_(~ended, papers.of_diner(wanted))
    if query.state is DinerState.EXPIRING:
        return sa.and_(~ended, papers.of_diner(papers.is_expiring(on, query.within_days)))
    if query.state is DinerState.NONE:
        bounds = [(low or 0, high) for low, high in db.session.execute(papers.age_bounds())]
        return sa.and_(
            ~ended,
            ~papers.of_diner(papers.is_good(on, query.grace_days)),
            sa.or_(Person.birth_on.is_(None), ~papers.held_by_age(bounds, on)),
        )
    if query.state is DinerState.SUSPENDED:
        return sa.and_(~ended, papers.is_suspended(on))
    if query.state is DinerState.PAUSED:
        return sa.and_(~ended, papers.is_paused(on))
    return ~ended


def _ordered(statement: sa.Select[tuple[Diner]], query: DinerQuery) -> sa.Select[tuple[Diner]]:
    if query.order is DinerOrder.NEWEST:
        return statement.order_by(Diner.enrolled_on.desc(), Person.pinyin, Diner.person_id)
    if query.order is DinerOrder.EXPIRY:
        soonest = (
            sa.select(sa.func.min(Eligibility.until_on))
            .where(
                Eligibility.person_id == Diner.person_id,
                Eligibility.state == EligibilityState.APPROVED,
                Eligibility.until_on >= query.on - timedelta(days=query.grace_days),
            )
            .correlate(Diner)
            .scalar_subquery()
        )
        return statement.order_by(soonest.is_(None), soonest, Person.pinyin, Diner.person_id)
    return statement.order_by(Person.pinyin, Diner.person_id)


@dataclass(frozen=True)
class DinerRow:
    """What a row of the list says beside the diner."""

    diner: Diner
    age: int | None
    categories: tuple[str, ...]
    until_on: date | None
    states: tuple[DinerState, ...] = field(default=())


def rows_of(found: Iterable[Diner], query: DinerQuery) -> list[DinerRow]:
    """The rows of a page: three further queries whatever their number."""
    listed = list(found)
    ids = [diner.person_id for diner in listed]
    suspended = _with_open(Suspension, ids, query.on, sa.true())
    paused = _with_open(Pause, ids, query.on, Pause.ended_at.is_(None))
    by_age = [row.value for row in db.session.scalars(
        sa.select(MealCategory).where(MealCategory.dimension == Dimension.AGE, MealCategory.is_active)
    )]  # fmt: skip
    return [_row(diner, query, suspended, paused, by_age) for diner in listed]


def _with_open(
    table: type[Suspension] | type[Pause], ids: list[int], on: date, more: papers.Condition
) -> set[int]:
    return set(db.session.scalars(
        sa.select(table.person_id).where(table.person_id.in_(ids), papers.covers(table, on), more)
    ))  # fmt: skip


def _row(
    diner: Diner, query: DinerQuery, suspended: set[int], paused: set[int], by_age: list[Any]
) -> DinerRow:
    on, grace = query.on, timedelta(days=query.grace_days)
    age = age_on(diner.person.birth_on, on)
    approved = [row for row in diner.eligibilities if row.state is EligibilityState.APPROVED]
    # What was ended by decision holds to its last day, and has no grace.
    ended = [row for row in diner.eligibilities if row.state is EligibilityState.ENDED
             and row.until_on is not None and row.until_on >= on]  # fmt: skip
    begun = [row for row in (*approved, *ended) if row.from_on <= on]
    good = [row for row in begun if row.until_on is None or row.until_on >= on]
    held = {row.category_id for row in good}
    graced = [row for row in begun if row not in good and row.category_id not in held
              and row.until_on is not None and row.until_on >= on - grace]  # fmt: skip
    names = [
        row.category.name for row in sorted((*good, *graced), key=lambda row: row.category.position)
    ]
    tier = age_on(diner.person.birth_on, on, from_next_month=papers.ages_from_next_month())
    names += [category.name for category in by_age if category.fits_age(tier)]
    ends = [row.until_on for row in (*good, *graced) if row.until_on is not None]
    states = []
    if diner.ended_on is not None and diner.ended_on < on:
        states.append(DinerState.ENDED)
    elif not names:
        states.append(DinerState.NONE)
    if graced or any(row.state is EligibilityState.PROPOSED for row in diner.eligibilities):
        states.append(DinerState.REVIEW)
    soon = on + timedelta(days=query.within_days)
    if any(row.until_on is not None and row.until_on <= soon and not _is_followed(row, approved, soon)
           for row in good if row not in ended):  # fmt: skip
        states.append(DinerState.EXPIRING)
    if diner.person_id in suspended:
        states.append(DinerState.SUSPENDED)
    if diner.person_id in paused:
        states.append(DinerState.PAUSED)
    return DinerRow(diner, age, tuple(dict.fromkeys(names)), min(ends, default=None), tuple(states))


def _is_followed(paper: Eligibility, approved: list[Eligibility], soon: date) -> bool:
    return any(
        row.id != paper.id and row.category_id == paper.category_id
        and (row.until_on is None or row.until_on > soon)
        for row in approved
    )  # fmt: skip
