"""Value types of a report: periods, figures and where they were counted. No database, no Flask.

A figure names the rows it was counted from (a dataset and a filter), so that whoever asks about it
two years later is shown these rows and no others. Everything here is plain, so that a report can be
stored as it was at issue and laid out again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.clock import Month

ALL = "all"  # the scope of all sites together; any other scope is the slug of one


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}


@dataclass(frozen=True, order=True)
class Period:
    """A month, quarter, half-year or year: written 2026-10, 2026-Q4, 2026-H2, 2026."""

    first_month: Month
    kind: PeriodKind = PeriodKind.MONTH

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Raises ValueError for anything that is no period."""
        year, _, rest = text.partition("-")
        if len(year) != 4 or not year.isdecimal() or not year.isascii():
            raise ValueError(f"not a period: {text!r}")
        if not rest and "-" not in text:
            return cls(Month(int(year), 1), PeriodKind.YEAR)
        if rest in ("Q1", "Q2", "Q3", "Q4"):
            return cls(Month(int(year), int(rest[1]) * 3 - 2), PeriodKind.QUARTER)
        if rest in ("H1", "H2"):
            return cls(Month(int(year), int(rest[1]) * 6 - 5), PeriodKind.HALF)
        return cls(Month.parse(text))

    @property
    def last_month(self) -> Month:
        return self.months()[-1]

    @property
    def first(self) -> date:
        return self.first_month.first

    @property
    def last(self) -> date:
        return self.last_month.last

    @property
    def is_month(self) -> bool:
        return self.kind is PeriodKind.MONTH

    def months(self) -> tuple[Month, ...]:
        months = [self.first_month]
        while len(months) < _MONTHS[self.kind]:
            months.append(months[-1].next())
        return tuple(months)

    def previous(self) -> "Period":
        """The period of the same kind before this one."""
        month = self.first_month
        for _ in range(_MONTHS[self.kind]):
            month = month.previous()
        return Period(month, self.kind)

    def __str__(self) -> str:
        year, month = self.first_month.year, self.first_month.month
        return {
            PeriodKind.MONTH: str(self.first_month),
            PeriodKind.QUARTER: f"{year:04d}-Q{(month + 2) // 3}",
            PeriodKind.HALF: f"{year:04d}-H{(month + 5) // 6}",
            PeriodKind.YEAR: f"{year:04d}",
        }[self.kind]


class ReportState(StrEnum):
    """Life of one revision: 草稿 → 已复核 → 已出具 → 已签字盖章 → 已报送 → 已办结 or 已退回."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    ISSUED = "issued"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    RETURNED = "returned"

    @property
    def is_open(self) -> bool:
        """Whether its figures still follow the tables; once issued, they never change."""
        return self in (ReportState.DRAFT, ReportState.REVIEWED)

    @property
    def was_submitted(self) -> bool:
        return self in (ReportState.SUBMITTED, ReportState.CLOSED, ReportState.RETURNED)


class Output(StrEnum):
    """The papers of one issue: 报送版 for the bureau, 留存版 for the office, 公示版 for the wall."""

    SUBMISSION = "submission"
    ARCHIVE = "archive"
    PUBLIC = "public"


class Unit(StrEnum):
    """What a figure counts. Visits (人次) and people (人数) are never added together.

    HOURS are hundredths of a class hour, SHARE tenths of a percent.
    """

    VISITS = "visits"
    PEOPLE = "people"
    FEN = "fen"
    COUNT = "count"
    HOURS = "hours"
    SHARE = "share"


class Kind(StrEnum):
    """What stands in a column of a dataset, and how it is shown. PERSON is a person's id, HOURS are
    hundredths of a class hour, SHARE tenths of a percent."""

    TEXT = "text"
    NUMBER = "number"
    FEN = "fen"
    HOURS = "hours"
    SHARE = "share"
    DAY = "day"
    MOMENT = "moment"
    PERSON = "person"
    SET = "set"
    ID = "id"  # id of an event or row that a page can show


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset. label: for people; empty for what only filters look at.

    is_office_only: whoever does not see whole reports is never shown it, nor what was counted by it.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    is_office_only: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows that figures are counted from. `words` gives the label of a coded value."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def place(self, key: str) -> int:
        """The position of a column. Raises KeyError."""
        for number, column in enumerate(self.columns):
            if column.key == key:
                return number
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class Measure:
    """How rows become a number: their count, the different values of a column, its sum, or what share
    of the sum of `of_column` it is, in tenths of a percent (0 of nothing)."""

    kind: str  # rows | distinct | sum | share
    column: str = ""
    of_column: str = ""

    def of(self, dataset: Dataset, rows: Iterable[tuple[Any, ...]]) -> int:
        """The number of these rows."""
        if self.kind == "rows":
            return sum(1 for _ in rows)
        place = dataset.place(self.column)
        if self.kind == "distinct":
            return len({row[place] for row in rows})
        if self.kind == "share":
            whole = dataset.place(self.of_column)
            pairs = [(row[place], row[whole]) for row in rows]
            return per_mille(sum(part for part, _all in pairs), sum(each for _part, each in pairs))
        return sum(row[place] for row in rows)


ROWS = Measure("rows")
PEOPLE = Measure("distinct", "person_id")


def summed(column: str) -> Measure:
    """The sum of a column."""
    return Measure("sum", column)


def per_mille(part: int, whole: int) -> int:
    """part of whole in tenths of a percent, half of one rounded up; 0 of nothing."""
    return (2000 * part + whole) // (2 * whole) if whole else 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report and the rows it was counted from.

    where: (column, values) pairs that a row must all satisfy; a SET column satisfies when it holds
    one of the values.
    """

    key: str
    label: str
    value: int
    unit: Unit
    dataset: str
    measure: Measure = ROWS
    where: tuple[tuple[str, tuple[Any, ...]], ...] = ()


def rows_of(figure: Figure, dataset: Dataset) -> list[tuple[Any, ...]]:
    """The rows that a figure was counted from, in their order."""
    tests = [
        (dataset.place(key), frozenset(values), dataset.columns[dataset.place(key)].kind)
        for key, values in figure.where
    ]
    return [
        row
        for row in dataset.rows
        if all(
            not values.isdisjoint(row[place]) if kind is Kind.SET else row[place] in values
            for place, values, kind in tests
        )
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table; cells are keys of figures, None stays empty."""

    label: str
    cells: tuple[str | None, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table. adds_up: whether its lines make its total; where not, `note` says so.

    head: the heading of the labels first, then one for each cell. section: the chapter it stands in.
    is_public: whether 公示版 prints it, small numbers hidden. relations: figures of which each follows
    from the others, nearly at least: 公示版 hides none of them alone.
    """

    key: str
    section: str
    caption: str
    unit: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    adds_up: bool = True
    note: str = ""
    is_public: bool = False
    relations: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars drawn for black-and-white printing: a label and a figure each, stacked by series."""

    key: str
    section: str
    caption: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[str, ...]], ...]  # (name, keys of figures)


@dataclass(frozen=True, slots=True)
class Identity:
    """Two numbers that must be the same; where they are not, nothing is issued."""

    key: str
    sentence: str
    left: int
    right: int
    unit: Unit = Unit.COUNT

    @property
    def holds(self) -> bool:
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found. `stops` what nobody can explain away; the rest wants a written reason.

    rows: each in words, with the address where it is looked at, if there is one.
    """

    code: str
    title: str
    advice: str
    rows: tuple[tuple[str, str | None], ...]
    stops: bool = False


@dataclass(frozen=True)
class Built:
    """One report, counted: plain values, the same whether drawn on a screen or on paper."""

    name: str
    title: str
    period: Period
    scope: str
    scope_name: str
    office: str
    built_at: datetime
    figures: Mapping[str, Figure]
    headline: Table
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    identities: tuple[Identity, ...]
    datasets: Mapping[str, Dataset]
    definitions: tuple[str, ...]
    rules: tuple[str, ...]

    def value(self, key: str) -> int:
        return self.figures[key].value
