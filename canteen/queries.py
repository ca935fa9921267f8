"""What pages ask of the engine: a price in advance, the windows of a day, papers that run out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import contains_eager, joinedload

from canteen import rules
from canteen.actions import statements as sql
from canteen.actions.decide import Subject, facts_of, general_only
from canteen.actions.late import adjusted_meals
from canteen.actions.rulebook import RuleBook, current_rulebook
from canteen.actions.scan import Seen
from canteen.models import Diner, Eligibility, Meal, Tariff
from canteen.rules import Paper, held_categories
from canteen.values import (
    EligibilityState,
    Placed,
    Priced,
    Sitting,
    TariffState,
    WayOfEating,
    Window,
)
from core.db import db
from core.people.models import Person


@dataclass(frozen=True, slots=True)
class Balance:
    """The annual budget of a tariff row, what its meals used of it this year, and what is left."""

    tariff: Tariff
    budget_fen: int
    used_fen: int

    @property
    def left_fen(self) -> int:
        """Negative when more was paid than the budget."""
        return self.budget_fen - self.used_fen

    @property
    def used_percent(self) -> int:
        """Whole percent of the budget that is used, rounded down: 100 only when nothing is left."""
        if self.budget_fen == 0:
            return 100
        return self.used_fen * 100 // self.budget_fen

    @property
    def is_used_up(self) -> bool:
        return self.left_fen <= 0

    @property
    def is_low(self) -> bool:
        """Whether so much is used that the office should act (BUDGET_WARN_PERCENT)."""
        return self.used_percent >= int(current_app.config["BUDGET_WARN_PERCENT"])


def windows_of(site_id: int, day: date) -> tuple[Window, ...]:
    """The windows served at a site on a day; empty when it is closed."""
    return current_rulebook().windows_on(site_id, day)


def current_sitting(site_id: int, moment: datetime) -> Placed | None:
    """The sitting a moment belongs to at a site, its grace included."""
    book = current_rulebook()
    return rules.place(moment, lambda day: book.windows_on(site_id, day))


def subject_on(book: RuleBook, person_id: int, day: date) -> Subject | None:
    """A person with the categories she is in on a day; None when there is no such person."""
    with db.engine.connect() as connection:
        rows = sql.PERSON.rows(
            connection, person_id=person_id, serial=None, on_day=day, sitting=None,
            grace_from=day - timedelta(days=book.eligibility_grace_days),
        )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    age = rules.age_on(row.birth_on, day, from_next_month=book.age_from_next_month)
    papers = {
        each.paper_id: Paper(
            book.category_by_id[each.category_id], each.paper_from, each.paper_until
        )
        for each in rows
        if each.paper_id is not None and each.category_id in book.category_by_id
    }
    held = held_categories(
        papers.values(), book.categories, age=age, day=day, grace_days=book.eligibility_grace_days
    )
    seen = Seen(row.id, row.name, row.sex, row.address_as, row.household_id, row.is_practice)
    return Subject(
        seen, age, held.categories, row.residence_area_id, row.registration_area_id, None,
        held.needs_review, row.diner_id is not None,
    )  # fmt: skip


def preview_price(
    person_id: int | None,
    site_id: int,
    sitting: Sitting,
    day: date,
    *,
    way: WayOfEating = WayOfEating.DINE_IN,
    typed_fen: int | None = None,
    set_meal: str | None = None,
) -> Priced:
    """What a meal would cost, before any limit is counted; for somebody of no category without person.

    Raises RuleError no_price, price_needed.
    """
    book = current_rulebook()
    subject = subject_on(book, person_id, day) if person_id is not None else None
    facts = facts_of(book, Placed(day, sitting), site_id, way, None, set_meal, subject)
    return rules.price_meal(
        book.tariffs, facts, subject.categories if subject else general_only(book), day=day,
        series_of=book.series_of, typed_fen=typed_fen, highest_wins=book.highest_wins,
    )  # fmt: skip


def _papers(site_id: int | None) -> sa.Select[tuple[Eligibility]]:
    """Papers of enrolled, real people; with category and person in the same query."""
    chosen = (
        sa.select(Eligibility)
        .join(Diner, Diner.person_id == Eligibility.person_id)
        .join(Person, Person.id == Eligibility.person_id)
        .where(Diner.ended_on.is_(None), Person.is_practice.is_(sa.false()))
        .options(
            joinedload(Eligibility.category),
            contains_eager(Eligibility.diner).contains_eager(Diner.person),
        )
        .order_by(Eligibility.until_on, Person.pinyin, Person.id)
    )
    return chosen if site_id is None else chosen.where(Diner.home_site_id == site_id)


def eligibilities_expiring(
    on: date, within_days: int, *, site_id: int | None = None
) -> list[Eligibility]:
    """Approved papers whose last day lies within so many days from `on`, that nothing follows."""
    chosen = _papers(site_id).where(
        Eligibility.state == EligibilityState.APPROVED,
        Eligibility.until_on >= on,
        Eligibility.until_on <= on + timedelta(days=within_days),
        ~_is_followed(),
    )
    return list(db.session.scalars(chosen))


def eligibilities_to_review(on: date, *, site_id: int | None = None) -> list[Eligibility]:
    """Proposals that wait, and papers that ran out within the grace and were not followed by another."""
    grace = current_rulebook().eligibility_grace_days
    chosen = _papers(site_id).where(
        sa.or_(
            Eligibility.state == EligibilityState.PROPOSED,
            sa.and_(
                Eligibility.state == EligibilityState.APPROVED,
                Eligibility.until_on < on,
                Eligibility.until_on >= on - timedelta(days=grace),
                ~_is_followed(),
            ),
        )
    )
    return list(db.session.scalars(chosen))


def _is_followed() -> sa.ColumnElement[bool]:
    later = sa.orm.aliased(Eligibility)
    return sa.exists().where(
        later.person_id == Eligibility.person_id,
        later.category_id == Eligibility.category_id,
        later.state == EligibilityState.APPROVED,
        later.from_on > Eligibility.from_on,
    )


def budget_balances(on: date) -> list[Balance]:
    """Budgets of the rows in force on a day, with what all versions of their series used this year."""
    rows = db.session.scalars(
        sa.select(Tariff)
        .where(
            Tariff.state == TariffState.IN_FORCE, Tariff.annual_budget_fen.is_not(None),
            Tariff.from_on <= on, sa.or_(Tariff.until_on.is_(None), Tariff.until_on >= on),
        )
        .order_by(Tariff.id)
    ).all()  # fmt: skip
    if not rows:
        return []
    used = _used_by_series(date(on.year, 1, 1), date(on.year, 12, 31))
    return [Balance(row, row.annual_budget_fen or 0, used[row.series]) for row in rows]


def _used_by_series(first: date, last: date) -> Counter[str]:
    """The subsidy of all meals of some days as they are owed now, by the series that paid it."""
    used: Counter[str] = Counter()
    by_tariff = sa.select(Meal.tariff_id, sa.func.sum(Meal.subsidy_fen)).where(
        Meal.day >= first, Meal.day <= last, Meal.tariff_id.is_not(None)
    )
    amounts: Counter[int] = Counter()
    for tariff_id, fen in db.session.execute(by_tariff.group_by(Meal.tariff_id)).tuples():
        amounts[tariff_id or 0] += int(fen)
    # Meals of a submitted month stay; what came to light later was booked beside them.
    for stored, owed in _adjusted(first, last):
        for meal, sign in ((stored, -1), (owed, 1)):
            if meal is not None and meal["tariff_id"] is not None:
                amounts[meal["tariff_id"]] += sign * meal["subsidy_fen"]
    series = dict(db.session.execute(sa.select(Tariff.id, Tariff.series)).tuples().all())
    for tariff_id, fen in amounts.items():
        used[series[tariff_id]] += fen
    return used


def _adjusted(
    first: date, last: date
) -> list[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """Of each sitting with an adjustment: the meal as it is stored, and as it is owed now."""
    meal: Any = Meal.__table__
    with db.engine.connect() as connection:
        owed = adjusted_meals(connection, first, last)
        stored = connection.execute(
            sa.select(meal).where(
                meal.c.person_id.in_({key[0] for key in owed}), meal.c.day.in_({key[1] for key in owed})
            )
        ).mappings().all()  # fmt: skip
    by_key = {(row["person_id"], row["day"], row["sitting"]): dict(row) for row in stored}
    return [(by_key.get(key), row) for key, row in owed.items()]
