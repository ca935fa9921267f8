"""Prices that were asked before: most meals of a sitting cost one of a few amounts.

Kept with the rules of one version, in one process, and gone with them.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from canteen.rules import price_meal
from canteen.rules.tariff import Facts
from canteen.values import Category, Priced, TariffRow

# Far more than a subdistrict has at one time; then all are forgotten.
MOST = 5000


class Prices:
    """`price_meal` for meals whose price nobody typed and whose past nobody counted.

    series_of, highest_wins: as `price_meal` has them.
    """

    def __init__(
        self, tariffs: Sequence[TariffRow], series_of: Mapping[int, str], highest_wins: bool
    ) -> None:
        self._tariffs, self._series_of, self._highest_wins = tariffs, series_of, highest_wins
        # Between two of these days the same rows are valid; as numbers, because the last day has no next.
        self._turns = sorted(
            {row.from_on.toordinal() for row in tariffs}
            | {row.until_on.toordinal() + 1 for row in tariffs if row.until_on}
        )
        # What no condition looks at makes no difference; a weekday that does, does.
        self._asked = tuple({rule.fact: None for row in tariffs for rule in row.on_facts})
        self._known: dict[Any, Priced] = {}

    def of(self, facts: Facts, categories: Sequence[Category], day: date) -> Priced:
        """What `price_meal` says with `past=None`. Raises what it raises; that is not kept."""
        key = (
            bisect_right(self._turns, day.toordinal()),
            *map(facts.get, self._asked),
            *[category.id for category in categories],
        )
        known = self._known.get(key)
        if known is None:
            known = price_meal(
                self._tariffs, facts, categories, day=day, past=None,
                series_of=self._series_of, highest_wins=self._highest_wins,
            )  # fmt: skip
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = known
        return known
