"""A past month under another tariff: each meal priced again, in the order in which they were eaten."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from canteen.rules.tariff import Facts, price_meal
from canteen.values import Category, FundLayer, PastMeal, Sitting, TariffRow
from core.errors import RuleError


@dataclass(frozen=True, slots=True)
class EatenMeal:
    """A stored meal with what its conditions may look at, as it was on that day.

    price_fen: what was charged, which is also the typed price where a row wants the actual one.
    """

    person_id: int
    day: date
    sitting: Sitting
    facts: Facts
    categories: tuple[Category, ...]
    price_fen: int
    layers: Mapping[FundLayer, int]

    @property
    def subsidy_fen(self) -> int:
        return sum(self.layers.values())


@dataclass(frozen=True, slots=True)
class RepricedMeal:
    """The same meal under the other tariff; layers is None where that has no price for it."""

    meal: EatenMeal
    price_fen: int
    layers: Mapping[FundLayer, int] | None
    tariff_id: int | None

    @property
    def subsidy_fen(self) -> int:
        return sum((self.layers or {}).values())


def with_drafts(
    in_force: Iterable[TariffRow], drafts: Sequence[TariffRow], first: date
) -> tuple[TariffRow, ...]:
    """The rows of a trial: each draft counts from the first day on, in place of its series."""
    series = {draft.series for draft in drafts}
    kept = tuple(row for row in in_force if row.series not in series)
    return kept + tuple(replace(draft, from_on=first, until_on=None) for draft in drafts)


def reprice(
    meals: Iterable[EatenMeal],
    rows: Sequence[TariffRow],
    *,
    before: Mapping[int, Sequence[PastMeal]],
    series_of: Mapping[int, str],
    highest_wins: bool,
) -> list[RepricedMeal]:
    """Price every meal anew, limits counted along the way.

    meals: in the order in which they were eaten. before: by person, her subsidised meals of the
    days before the first one that a weekly limit still counts.
    """
    past: dict[int, list[PastMeal]] = {person: list(rows) for person, rows in before.items()}
    repriced = []
    for meal in meals:
        eaten = past.setdefault(meal.person_id, [])
        try:
            priced = price_meal(
                rows, meal.facts, meal.categories, day=meal.day, past=eaten, series_of=series_of,
                typed_fen=meal.price_fen, highest_wins=highest_wins,
            )  # fmt: skip
        except RuleError:
            repriced.append(RepricedMeal(meal, meal.price_fen, None, None))
            continue
        eaten.append(PastMeal(meal.day, priced.tariff_id, priced.subsidy_fen))
        repriced.append(RepricedMeal(meal, priced.price_fen, dict(priced.layers), priced.tariff_id))
    return repriced
