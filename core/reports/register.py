"""Registers (登记册): one line a person over many columns and pages. What they hold, not how they look.

A programme says which columns its register has (`ReportKind.annexes`); `register_pages.py` lays them
out for paper, and the screen shows the same values as a table, 50 lines a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reports.values import Unit


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of words, one or two lines a row (`heads` has as many).

    least_mm: the narrowest it may become; wish_mm: what it takes where there is room. What does not
    fit is set smaller.
    """

    heads: tuple[str, ...]
    cells: Sequence[tuple[str, ...]]
    least_mm: float
    wish_mm: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of whole numbers (fen are shown as yuan), one or two lines a row (`heads` has as many).

    is_summed: whether pages have its subtotal; a running number or an age has none. A line of it that
    has no head is empty: None in every row.
    """

    heads: tuple[str, ...]
    cells: Sequence[tuple[int | None, ...]]
    unit: Unit = Unit.COUNT
    is_summed: bool = True


@dataclass(frozen=True, slots=True)
class Marks:
    """Narrow cells with one glyph each, given as one string a row; "0" is shown as a dot.

    labels: what stands above each, at most two characters. shaded: the places that are tinted.
    """

    head: str
    labels: tuple[str, ...]
    cells: Sequence[str]
    shaded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty column to be filled in by hand: a signature or a thumbprint."""

    heads: tuple[str]
    least_mm: float


Column = Texts | Numbers | Marks | Blank


@dataclass(frozen=True, slots=True)
class Register:
    """One register. rows: how many lines. Columns without sums come first, then those with sums, then
    blanks and remarks. legend: what its glyphs mean, printed on every page. signers: who signs each
    page. is_wide: on A4 across. Raises ValueError when a column has not as many rows.
    """

    title: str
    unit: str
    rows: int
    columns: tuple[Column, ...]
    legend: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    is_wide: bool = True

    def __post_init__(self) -> None:
        filled = [column for column in self.columns if not isinstance(column, Blank)]
        if any(len(column.cells) != self.rows for column in filled):
            raise ValueError("every column of a register has a cell for every row")


@dataclass(frozen=True, slots=True)
class Listing:
    """A short table of words, such as the exceptions of a period. numeric: places aligned right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Annexes:
    """What a programme adds to the figures on one paper: registers and lists."""

    registers: tuple[Register, ...] = ()
    listings: tuple[Listing, ...] = ()


def sums(column: Numbers, first: int, last: int) -> tuple[int | None, ...]:
    """The sums of a column over the rows [first, last), one for each of its lines."""
    return tuple(
        sum(row[line] or 0 for row in column.cells[first:last]) if head else None
        for line, head in enumerate(column.heads)
    )
