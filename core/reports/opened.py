"""A figure opened: the rows it was counted from, its definition in words, and the same sum again.

Plain values in, plain values out; the page and the workbook of a figure are made of this.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from core.reports.values import Built, Column, Dataset, Figure, Kind, Unit, rows_of
from core.reports.words import UNIT, number
from core.show import exact_time, full_day

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Opened:
    """One figure with its rows. columns: those worth showing, with their place in a row."""

    figure: Figure
    dataset: Dataset
    rows: Sequence[Row]
    columns: tuple[tuple[int, Column], ...]

    @property
    def again(self) -> int:
        """The figure, counted once more from the rows shown."""
        return self.figure.measure.of(self.dataset, self.rows)

    @property
    def agrees(self) -> bool:
        return self.again == self.figure.value

    @property
    def is_distinct(self) -> bool:
        """Whether several rows may stand for one thing that is counted, as meals for a person."""
        return self.figure.measure.kind == "distinct"


def opened(built: Built, key: str) -> Opened:
    """The rows behind a figure. Raises KeyError for a figure that the report does not have."""
    figure = built.figures[key]
    dataset = built.datasets[figure.dataset]
    rows = rows_of(figure, dataset)
    return Opened(figure, dataset, rows, _columns(figure, dataset, rows))


def is_office_only(built: Built, key: str) -> bool:
    """Whether a figure was counted by what only the office may see. Raises KeyError."""
    figure = built.figures[key]
    asked = _asked(figure)
    return any(
        column.is_office_only and column.key in asked
        for column in built.datasets[figure.dataset].columns
    )


def for_others(found: Opened) -> Opened:
    """The same without the columns that only the office may see."""
    shown = tuple(each for each in found.columns if not each[1].is_office_only)
    return replace(found, columns=shown)


def _asked(figure: Figure) -> tuple[str, ...]:
    """The columns by which it was counted."""
    measure = figure.measure
    return (measure.column, measure.of_column, *(key for key, _values in figure.where))


def _columns(
    figure: Figure, dataset: Dataset, rows: Sequence[Row]
) -> tuple[tuple[int, Column], ...]:
    """Columns with a label: the record, whom it is about, what was counted by, then the others.

    What is nothing in every row says nothing, and is left out.
    """
    asked = _asked(figure)

    def rank(column: Column) -> int:
        if column.kind in (Kind.ID, Kind.PERSON):
            return 0
        return 1 if column.key in asked else 2

    def is_idle(place: int, column: Column) -> bool:
        return column.key not in asked and bool(rows) and not any(row[place] for row in rows)

    shown = [
        (place, column)
        for place, column in enumerate(dataset.columns)
        if column.label and not is_idle(place, column)
    ]
    return tuple(sorted(shown, key=lambda each: rank(each[1])))


def grouped(found: Opened) -> list[tuple[Any, int]]:
    """Each different thing that was counted, with the number of its rows, in order of appearance."""
    place = found.dataset.place(found.figure.measure.column)
    counts: dict[Any, int] = {}
    for row in found.rows:
        counts[row[place]] = counts.get(row[place], 0) + 1
    return list(counts.items())


def rows_about(found: Opened, value: str) -> list[Row]:
    """The rows of one of these things, by its value as text."""
    place = found.dataset.place(found.figure.measure.column)
    return [row for row in found.rows if str(row[place]) == value]


def label_of(dataset: Dataset, key: str) -> str:
    """What a column is called, in filters too, where it may have no label of its own."""
    return dataset.columns[dataset.place(key)].label or key


def value_words(
    dataset: Dataset, column: Column, value: Any, name_of: Callable[[int], str] = str
) -> str:
    """One value of a row as text. name_of: how a person is shown."""
    if value is None:
        return "—"
    if column.kind is Kind.SET and isinstance(value, tuple):
        return "、".join(value_words(dataset, column, each) for each in value) or "—"
    if column.kind is Kind.PERSON:
        return name_of(value)
    if column.kind is Kind.DAY:
        return full_day(value)
    if column.kind is Kind.MOMENT:
        return exact_time(value)
    if column.kind is Kind.HOURS:
        return number(value, Unit.HOURS)
    return str(dataset.words.get(column.key, {}).get(str(value), value)) or "—"


def definition(found: Opened) -> tuple[tuple[str, str], ...]:
    """What the figure counts, in words: its unit, how rows become a number, and which rows."""
    figure, dataset = found.figure, found.dataset
    which = [
        _("“%(column)s” is %(values)s", column=label_of(dataset, key),
          values=filter_words(dataset, key, values))
        for key, values in figure.where
    ]  # fmt: skip
    return (
        (_("Counted from"), dataset.title),
        (_("How it is counted"), _how(found)),
        (_("Only rows where"), _("; ").join(which) or _("all rows")),
        (_("Unit"), str(UNIT[figure.unit])),
    )


def _how(found: Opened) -> str:
    """How rows become the number."""
    measure, dataset = found.figure.measure, found.dataset
    if measure.kind == "rows":
        return _("the number of rows")
    label = label_of(dataset, measure.column)
    if measure.kind == "share":
        return _("the sum of the column “%(column)s”, as a share of the sum of “%(whole)s”", column=label,
                 whole=label_of(dataset, measure.of_column))  # fmt: skip
    if measure.kind == "sum":
        return _("the sum of the column “%(column)s”", column=label)
    if dataset.columns[dataset.place(measure.column)].kind is Kind.PERSON:
        return _("the number of different people: each counts once, however many rows she has")
    return _("the number of different values of “%(column)s”: each counts once", column=label)


MANY = 8


def filter_words(dataset: Dataset, key: str, values: Sequence[Any]) -> str:
    """The values of a filter; of many, the first and the last."""
    column = dataset.columns[dataset.place(key)]
    words = [value_words(dataset, column, value) for value in values]
    if len(words) > MANY:
        return _("%(first)s to %(last)s (%(count)s values)", first=words[0], last=words[-1],
                 count=len(words))  # fmt: skip
    return _(" or ").join(words)
