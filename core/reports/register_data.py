"""From the rows of a dataset to the columns of a register."""

from collections.abc import Sequence
from typing import Any

from core.reports.register import Numbers
from core.reports.values import Dataset, Unit

NOTHING = "—"


class Lines:
    """The lines of a dataset by column, for the columns of a register."""

    def __init__(self, data: Dataset) -> None:
        self.data, self.rows = data, data.rows

    def of(self, key: str) -> list[Any]:
        place = self.data.place(key)
        return [row[place] for row in self.rows]

    def words(self, key: str) -> list[str]:
        words = self.data.words[key]
        return [words.get(str(value), NOTHING) for value in self.of(key)]

    def label(self, key: str) -> str:
        return self.data.columns[self.data.place(key)].label

    def numbers(self, heads: tuple[str, ...], *keys: str, unit: Unit = Unit.COUNT) -> Numbers:
        cells = list(zip(*(self.of(key) for key in keys), strict=True))
        return Numbers(heads, cells, unit)


def one(values: Sequence[Any]) -> list[tuple[Any]]:
    """Cells of a column with one line a row."""
    return [(value,) for value in values]
