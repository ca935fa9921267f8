"""From rows to figures: each dataset is grouped once for a set of columns, however many figures ask."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from core.reports.values import ROWS, Dataset, Figure, Kind, Measure, Unit

Groups = Mapping[tuple[Any, ...], list[int]]


class Ledger:
    """Makes the figures of a report and keeps them by key. Raises ValueError for a key used twice."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = {dataset.name: dataset for dataset in datasets}
        self.figures: dict[str, Figure] = {}
        self._groups: dict[tuple[str, tuple[str, ...]], Groups] = {}

    def add(
        self,
        key: str,
        label: str,
        unit: Unit,
        dataset: str,
        measure: Measure = ROWS,
        where: Mapping[str, Any] | None = None,
    ) -> str:
        """Count one figure and return its key. where: a value, or a tuple of values, by column."""
        if key in self.figures:
            raise ValueError(f"two figures are called {key}")
        filters = tuple(
            (column, value if isinstance(value, tuple) else (value,))
            for column, value in (where or {}).items()
        )
        data = self.datasets[dataset]
        value = measure.of(data, self._rows(data, filters))
        self.figures[key] = Figure(key, label, value, unit, dataset, measure, filters)
        return key

    def present(
        self, dataset: str, column: str, where: Mapping[str, Any] | None = None
    ) -> set[Any]:
        """The values that a column has among the rows that fit; where: as for `add`."""
        wanted = [
            value if isinstance(value, tuple) else (value,) for value in (where or {}).values()
        ]
        groups = self._grouped(self.datasets[dataset], (*(where or {}), column))
        return {
            key[-1]
            for key in groups
            if all(value in values for value, values in zip(key, wanted, strict=False))
        }

    def _rows(
        self, data: Dataset, filters: tuple[tuple[str, tuple[Any, ...]], ...]
    ) -> Iterable[tuple[Any, ...]]:
        if not filters:
            return data.rows
        groups = self._grouped(data, tuple(column for column, _ in filters))
        numbers: set[int] = set()
        for wanted in product(*(values for _, values in filters)):
            numbers.update(groups.get(wanted, ()))
        return (data.rows[number] for number in numbers)

    def _grouped(self, data: Dataset, columns: tuple[str, ...]) -> Groups:
        known = self._groups.get((data.name, columns))
        if known is None:
            known = self._groups[data.name, columns] = grouped(data, columns)
        return known


def grouped(data: Dataset, columns: tuple[str, ...]) -> Groups:
    """The numbers of the rows by their values in some columns; a SET stands under each of its members."""
    places = [data.place(column) for column in columns]
    is_set = [data.columns[place].kind is Kind.SET for place in places]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, row in enumerate(data.rows):
        if not any(is_set):
            groups.setdefault(tuple(row[place] for place in places), []).append(number)
            continue
        parts = (
            row[place] if spread else (row[place],)
            for place, spread in zip(places, is_set, strict=True)
        )
        for key in product(*parts):
            groups.setdefault(key, []).append(number)
    return groups
