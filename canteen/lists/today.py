"""Today at the sites: counts by sitting and way, who ate, and who usually comes and has not yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, load_only

from canteen.lists import papers
from canteen.lists.diners import PERSON_IN_LIST
from canteen.models import Diner, Meal, OtherSale
from canteen.values import Sitting, WayOfEating
from core.db import db
from core.people.models import Person, StandingKind
from core.sites.models import Site

# Whoever ate on so many of the site's last open days is expected today.
REGULAR_DAYS, OF_DAYS, LOOK_BACK_DAYS = 3, 5, 21


@dataclass(frozen=True)
class SittingCount:
    """One sitting: subsidised meals by way, and meals outside the subsidy. All are visits."""

    sitting: Sitting
    by_way: Mapping[WayOfEating, int]
    others: int

    @property
    def meals(self) -> int:
        return sum(self.by_way.values())


@dataclass(frozen=True)
class DayCounts:
    """A day at some sites: visits by sitting, and people counted once."""

    sittings: tuple[SittingCount, ...]
    people: int

    @property
    def meals(self) -> int:
        return sum(row.meals for row in self.sittings)

    @property
    def others(self) -> int:
        return sum(row.others for row in self.sittings)


def day_counts(day: date, site_ids: Sequence[int]) -> DayCounts:
    """Three queries, whatever the numbers."""
    here = (Meal.day == day, Meal.site_id.in_(site_ids))
    by_way = db.session.execute(
        sa.select(Meal.sitting, Meal.way, sa.func.count())
        .where(*here)
        .group_by(Meal.sitting, Meal.way)
    ).all()
    others = dict(db.session.execute(
        sa.select(OtherSale.sitting, sa.func.count())
        .where(OtherSale.day == day, OtherSale.site_id.in_(site_ids))
        .group_by(OtherSale.sitting)
    ).tuples().all())  # fmt: skip
    people = db.session.scalar(sa.select(sa.func.count(sa.distinct(Meal.person_id))).where(*here))
    return DayCounts(
        tuple(
            SittingCount(
                sitting,
                {way: count for found, way, count in by_way if found is sitting},
                others.get(sitting, 0),
            )
            for sitting in Sitting
        ),
        people or 0,
    )


def meals_by_site(day: date, site_ids: Sequence[int]) -> dict[int, int]:
    """Subsidised meals of a day by site."""
    return dict(db.session.execute(
        sa.select(Meal.site_id, sa.func.count())
        .where(Meal.day == day, Meal.site_id.in_(site_ids))
        .group_by(Meal.site_id)
    ).tuples().all())  # fmt: skip


def ate(day: date, site_ids: Sequence[int], sitting: Sitting | None) -> sa.Select[Any]:
    """Meals of a day with their people, the latest first."""
    statement = (
        sa.select(Meal)
        .join(Person, Person.id == Meal.person_id)
        .where(Meal.day == day, Meal.site_id.in_(site_ids))
        .options(
            contains_eager(Meal.person).load_only(*PERSON_IN_LIST),
            joinedload(Meal.site), joinedload(Meal.category),
        )
        .order_by(Meal.occurred_at.desc(), Meal.event_id.desc())
    )  # fmt: skip
    return statement if sitting is None else statement.where(Meal.sitting == sitting)


def open_days(day: date, site_ids: Sequence[int]) -> dict[int, list[date]]:
    """The last days before `day` on which each site served somebody, at most OF_DAYS each."""
    found = db.session.execute(
        sa.select(Meal.site_id, Meal.day)
        .where(
            Meal.site_id.in_(site_ids),
            Meal.day < day,
            Meal.day >= day - timedelta(days=LOOK_BACK_DAYS),
        )
        .group_by(Meal.site_id, Meal.day)
        .order_by(Meal.day.desc())
    ).tuples()
    days: dict[int, list[date]] = {}
    for site_id, on in found:
        if len(days.setdefault(site_id, [])) < OF_DAYS:
            days[site_id].append(on)
    return days


def missing(day: date, site_ids: Sequence[int], sitting: Sitting | None) -> sa.Select[tuple[Diner]]:
    """Diners of these sites who usually come and have not eaten today, paused ones left out.

    Usually: at least REGULAR_DAYS of their site's last OF_DAYS open days, in that sitting when one
    is given. Where they eat does not matter.
    """
    days = open_days(day, site_ids)
    regular = sa.or_(sa.false(), *(
        sa.and_(Diner.home_site_id == site_id, _days_eaten(sitting, on) >= REGULAR_DAYS)
        for site_id, on in days.items() if len(on) >= REGULAR_DAYS
    ))  # fmt: skip
    today = sa.exists().where(Meal.person_id == Diner.person_id, Meal.day == day)
    if sitting is not None:
        today = today.where(Meal.sitting == sitting)
    return (
        sa.select(Diner)
        .join(Person, Person.id == Diner.person_id)
        .where(
            Diner.home_site_id.in_(site_ids), regular, ~today.correlate(Diner),
            sa.or_(Diner.ended_on.is_(None), Diner.ended_on >= day),
            Person.standing == StandingKind.REGISTERED, ~Person.is_practice,
            ~papers.is_paused(day), ~papers.is_suspended(day),
        )
        .options(
            contains_eager(Diner.person).load_only(*PERSON_IN_LIST, Person.phone),
            joinedload(Diner.home_site).options(load_only(Site.name, Site.slug)),
        )
        .order_by(Person.pinyin, Diner.person_id)
    )  # fmt: skip


def _days_eaten(sitting: Sitting | None, days: list[date]) -> sa.ScalarSelect[int]:
    statement = sa.select(sa.func.count(sa.distinct(Meal.day))).where(
        Meal.person_id == Diner.person_id, Meal.day.in_(days)
    )
    if sitting is not None:
        statement = statement.where(Meal.sitting == sitting)
    return statement.correlate(Diner).scalar_subquery()


def last_meals(person_ids: Sequence[int]) -> dict[int, date]:
    """The last day on which each of these ate."""
    return dict(db.session.execute(
        sa.select(Meal.person_id, sa.func.max(Meal.day))
        .where(Meal.person_id.in_(person_ids))
        .group_by(Meal.person_id)
    ).tuples().all())  # fmt: skip
