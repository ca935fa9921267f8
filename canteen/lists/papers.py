"""Conditions on eligibilities, suspensions and pauses as they stand on a day."""

from datetime import date, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from canteen.models import Diner, Eligibility, MealCategory, Pause, Suspension
from canteen.values import Dimension, EligibilityState
from core.people.models import Person

Condition = sa.ColumnElement[bool]


def covers(table: type[Eligibility] | type[Suspension] | type[Pause], on: date) -> Condition:
    """Whether a dated row holds on a day; both ends inclusive."""
    return sa.and_(table.from_on <= on, sa.or_(table.until_on.is_(None), table.until_on >= on))


def is_replaced(on: date) -> Condition:
    """Whether another approved paper of the same category outlives this one and holds by `on`."""
    later = aliased(Eligibility)
    return (
        sa.exists()
        .where(
            later.person_id == Eligibility.person_id,
            later.category_id == Eligibility.category_id,
            later.id != Eligibility.id,
            later.state == EligibilityState.APPROVED,
            later.from_on <= on,
            sa.or_(later.until_on.is_(None), later.until_on > Eligibility.until_on),
            sa.or_(later.until_on.is_(None), later.until_on >= on),
        )
        .correlate(Eligibility)
    )


def is_proposed() -> Condition:
    return Eligibility.state == EligibilityState.PROPOSED


def is_to_review(on: date, grace_days: int) -> Condition:
    """Run out within the grace, nothing new in its place: still served, to be settled (资格待复核)."""
    return sa.and_(
        Eligibility.state == EligibilityState.APPROVED,
        Eligibility.until_on < on,
        Eligibility.until_on >= on - timedelta(days=grace_days),
        ~is_replaced(on),
    )


def is_expiring(on: date, within_days: int) -> Condition:
    """Runs out within so many days, today included, and nothing follows it."""
    last = on + timedelta(days=within_days)
    follows = aliased(Eligibility)
    followed = (
        sa.exists()
        .where(
            follows.person_id == Eligibility.person_id,
            follows.category_id == Eligibility.category_id,
            follows.id != Eligibility.id,
            follows.state == EligibilityState.APPROVED,
            sa.or_(follows.until_on.is_(None), follows.until_on > last),
        )
        .correlate(Eligibility)
    )
    return sa.and_(
        Eligibility.state == EligibilityState.APPROVED,
        Eligibility.until_on >= on, Eligibility.until_on <= last, ~followed,
    )  # fmt: skip


def is_good(on: date, grace_days: int) -> Condition:
    """Counts at the counter: approved and not run out for longer than the grace."""
    return sa.or_(
        sa.and_(
            Eligibility.state == EligibilityState.APPROVED,
            Eligibility.from_on <= on,
            sa.or_(
                Eligibility.until_on.is_(None),
                Eligibility.until_on >= on - timedelta(days=grace_days),
            ),
        ),
        sa.and_(Eligibility.state == EligibilityState.ENDED, covers(Eligibility, on)),
    )


def of_diner(condition: Condition) -> Condition:
    """Whether a diner has an eligibility like that."""
    return sa.exists().where(Eligibility.person_id == Diner.person_id, condition).correlate(Diner)


def held_by_age(age_bounds: list[tuple[int, int | None]], on: date) -> Condition:
    """Whether a person is in a category of age, by the birth date alone.

    age_bounds: (from, below) in completed years.
    """
    bands = [
        sa.and_(
            Person.birth_on <= _born_by(on, age_from),
            sa.true() if below is None else Person.birth_on > _born_by(on, below),
        )
        for age_from, below in age_bounds
    ]
    return sa.or_(sa.false(), *bands)


def _born_by(on: date, years: int) -> date:
    """The last birth date on which somebody is of this age on a day, as `rules.age_on` has it."""
    if ages_from_next_month():
        return on.replace(year=on.year - years, day=1) - timedelta(days=1)
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February
        return on.replace(year=on.year - years, day=28)


def ages_from_next_month() -> bool:
    """Whether a tier of age begins with the month after the birthday."""
    return bool(current_app.config["AGE_TIER_FROM_NEXT_MONTH"])


def age_bounds() -> sa.Select[tuple[int | None, int | None]]:
    """The bounds of the categories held by birth date."""
    return sa.select(MealCategory.age_from, MealCategory.age_below).where(
        MealCategory.dimension == Dimension.AGE, MealCategory.is_active
    )


def is_suspended(on: date) -> Condition:
    return (
        sa.exists()
        .where(Suspension.person_id == Diner.person_id, covers(Suspension, on))
        .correlate(Diner)
    )


def is_paused(on: date) -> Condition:
    return (
        sa.exists()
        .where(Pause.person_id == Diner.person_id, Pause.ended_at.is_(None), covers(Pause, on))
        .correlate(Diner)
    )
