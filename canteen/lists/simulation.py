"""What a past month would have cost under drafted rows: read, priced again, compared. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from canteen.actions.rulebook import RuleBook, current_rulebook
from canteen.models import Meal, MealCategory, Tariff
from canteen.models.meals import LAYER_COLUMNS
from canteen.rules.simulation import EatenMeal, RepricedMeal, reprice, with_drafts
from canteen.values import DINER, Fact, FundLayer, PastMeal, TariffState
from core.clock import Month
from core.db import db
from core.people.models import Person

_MEAL: Any = Meal.__table__.c


@dataclass(slots=True)
class Amounts:
    """Sums of a column of meals, in fen."""

    price_fen: int = 0
    subsidy_fen: int = 0
    layers: dict[FundLayer, int] = field(default_factory=lambda: dict.fromkeys(FundLayer, 0))

    @property
    def copay_fen(self) -> int:
        return self.price_fen - self.subsidy_fen

    def add(self, price_fen: int, layers: Mapping[FundLayer, int]) -> None:
        self.price_fen += price_fen
        for layer, fen in layers.items():
            self.layers[layer] += fen
            self.subsidy_fen += fen


@dataclass(slots=True)
class PersonChange:
    """One diner: her meals, and what she paid and would have paid."""

    person_id: int
    name: str
    meals: int = 0
    was: Amounts = field(default_factory=Amounts)
    would_be: Amounts = field(default_factory=Amounts)

    @property
    def gain_fen(self) -> int:
        """How much less she would have paid; negative when more."""
        return self.was.copay_fen - self.would_be.copay_fen


@dataclass(frozen=True, slots=True)
class Simulation:
    """The outcome. unpriced: meals that the trial has no price for, kept as they were.

    reproduced: meals that come out as stored when the rows now in force price them again; what
    differs was priced by rows that have changed since.
    """

    month: Month
    meals: int
    was: Amounts
    would_be: Amounts
    people: tuple[PersonChange, ...]
    by_tariff: Mapping[int | None, tuple[int, int]]  # meals and subsidy under the trial
    unpriced: int
    reproduced: int

    @property
    def gains(self) -> list[PersonChange]:
        """Who would have paid less, most first."""
        return sorted((each for each in self.people if each.gain_fen > 0),
                      key=lambda each: (-each.gain_fen, each.person_id))  # fmt: skip

    @property
    def losses(self) -> list[PersonChange]:
        """Who would have paid more, most first."""
        return sorted((each for each in self.people if each.gain_fen < 0),
                      key=lambda each: (each.gain_fen, each.person_id))  # fmt: skip


def drafts() -> list[Tariff]:
    """Drafted rows, which a trial may take."""
    statement = sa.select(Tariff).where(Tariff.state == TariffState.DRAFT).order_by(Tariff.id)
    return list(db.session.scalars(statement))


def simulate(month: Month, taken: Sequence[Tariff], slug: str | None) -> Simulation:
    """Price the month's meals under the rows now in force, with the drafts in place.

    slug: compare the meals of this site only; limits count those of every site all the same.
    """
    book = current_rulebook()
    meals = _meals(month, book)
    before = _week_before(month)
    trial = with_drafts(book.tariffs, [row.value for row in taken], month.first)
    series_of = {**book.series_of, **{row.id: row.series for row in taken}}

    def run(rows: Sequence[Any]) -> list[RepricedMeal]:
        return reprice(
            meals, rows, before=before, series_of=series_of, highest_wins=book.highest_wins
        )

    def compared(repriced: Sequence[RepricedMeal]) -> list[RepricedMeal]:
        return [each for each in repriced if slug in (None, each.meal.facts[Fact.SITE])]

    reproduced = sum(_is_same(each) for each in compared(run(book.tariffs)))
    return _compare(month, compared(run(trial)), reproduced)


def _is_same(each: RepricedMeal) -> bool:
    stored = {layer: fen for layer, fen in each.meal.layers.items() if fen}
    return each.layers is not None and each.price_fen == each.meal.price_fen and (
        {layer: fen for layer, fen in each.layers.items() if fen} == stored
    )  # fmt: skip


def _compare(month: Month, repriced: Sequence[RepricedMeal], reproduced: int) -> Simulation:
    names = _names({each.meal.person_id for each in repriced})
    people: dict[int, PersonChange] = {}
    was, would_be = Amounts(), Amounts()
    by_tariff: dict[int | None, tuple[int, int]] = {}
    for each in repriced:
        meal = each.meal
        layers = meal.layers if each.layers is None else each.layers
        person = people.setdefault(
            meal.person_id, PersonChange(meal.person_id, names.get(meal.person_id, ""))
        )
        person.meals += 1
        for amounts in (was, person.was):
            amounts.add(meal.price_fen, meal.layers)
        for amounts in (would_be, person.would_be):
            amounts.add(each.price_fen, layers)
        count, fen = by_tariff.get(each.tariff_id, (0, 0))
        by_tariff[each.tariff_id] = count + 1, fen + sum(layers.values())
    return Simulation(
        month, len(repriced), was, would_be, tuple(people.values()), by_tariff,
        sum(each.layers is None for each in repriced), reproduced,
    )  # fmt: skip


def _meals(month: Month, book: RuleBook) -> list[EatenMeal]:
    columns = (
        _MEAL.person_id, _MEAL.day, _MEAL.sitting, _MEAL.site_id, _MEAL.way, _MEAL.age,
        _MEAL.held_categories, _MEAL.residence_area_id, _MEAL.registration_area_id, _MEAL.price_fen,
        *(_MEAL[name] for name in LAYER_COLUMNS.values()),
    )  # fmt: skip
    statement = (
        sa.select(*columns)
        .where(_MEAL.day >= month.first, _MEAL.day <= month.last)
        .order_by(_MEAL.day, _MEAL.occurred_at, _MEAL.event_id)
    )
    categories = {
        row.code: row.value
        for row in db.session.scalars(sa.select(MealCategory).order_by(MealCategory.id))
    }
    return [
        EatenMeal(
            row.person_id, row.day, row.sitting, _facts(row, book),
            tuple(categories[code] for code in row.held_categories if code in categories),
            row.price_fen,
            {layer: getattr(row, column) for layer, column in LAYER_COLUMNS.items()},
        )
        for row in db.session.execute(statement)
    ]  # fmt: skip


def _facts(row: Any, book: RuleBook) -> dict[Fact, str | int | None]:
    """As `decide.facts_of` had them; which set meal it was is not stored, so it is not known here."""
    return {
        Fact.SITTING: row.sitting.value,
        Fact.DAY_TYPE: book.day_type(row.site_id, row.day).value,
        Fact.WEEKDAY: row.day.isoweekday(),
        Fact.SITE: book.sites[row.site_id].slug,
        Fact.WAY: row.way.value,
        Fact.SALE: DINER,
        Fact.SET_MEAL: None,
        Fact.AGE: row.age,
        Fact.RESIDENCE: book.area_paths.get(row.residence_area_id or 0),
        Fact.REGISTRATION: book.area_paths.get(row.registration_area_id or 0),
    }


def _week_before(month: Month) -> dict[int, list[PastMeal]]:
    """Meals of the days between the first day's Monday and the month, for weekly limits."""
    monday = month.first - timedelta(days=month.first.weekday())
    found: dict[int, list[PastMeal]] = {}
    statement = sa.select(_MEAL.person_id, _MEAL.day, _MEAL.tariff_id, _MEAL.subsidy_fen).where(
        _MEAL.day >= monday, _MEAL.day < month.first
    )
    for row in db.session.execute(statement):
        found.setdefault(row.person_id, []).append(
            PastMeal(row.day, row.tariff_id, row.subsidy_fen)
        )
    return found


def _names(person_ids: set[int]) -> dict[int, str]:
    ids, names = sorted(person_ids), {}
    for start in range(0, len(ids), 500):
        part = sa.select(Person.id, Person.name).where(Person.id.in_(ids[start : start + 500]))
        names.update(dict(db.session.execute(part).tuples().all()))
    return names
