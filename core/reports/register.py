"""Registers (登记册): one line a person over many columns and pages. What they hold, not how they look.

A programme says which columns its register has (`ReportKind.annexes`); `register_pages.py` lays them
out for paper, and the screen shows the same values as a table, 50 lines a page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.reports.values import Unit
from core.reports.words import number


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of words, one or two lines a row (`heads` has as many).

    It becomes as wide as most of its words need, between least_mm and most_mm; what does not fit then is
    set smaller. is_whole: as wide as they need in any case.
    """

    heads: tuple[str, ...]
    cells: Sequence[tuple[str, ...]]
    least_mm: float = 0.0
    most_mm: float = 0.0
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of whole numbers (fen are shown as yuan), one or two lines a row (`heads` has as many).

    is_summed: whether pages have its subtotal; a running number or an age has none. None stays empty; a
    line without a head has no sum.
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
    blanks and remarks. legend: what its glyphs mean, printed on every page; reading: how its lines are read
    on paper. signers: who signs each page. is_wide: on A4 across. Raises ValueError when a column has not
    as many rows.
    """

    title: str
    unit: str
    rows: int
    columns: tuple[Column, ...]
    legend: tuple[str, ...] = ()
    reading: str = ""
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


def number_text(value: int | None, unit: Unit) -> str:
    """1234, in fen 12.34, class hours 42 or 3.78; without separators, so that equally many digits are
    equally wide."""
    if value is None:
        return ""
    if unit is Unit.HOURS:
        return number(value, unit).replace("-", "−").replace(",", "")
    sign, size = ("−", -value) if value < 0 else ("", value)
    return f"{sign}{size // 100}.{size % 100:02d}" if unit is Unit.FEN else f"{sign}{size}"


@dataclass(frozen=True, slots=True)
class ScreenTable:
    """Some rows of a register as an ordinary table. numeric: places aligned right; marks: of glyphs."""

    head: tuple[str, ...]
    numeric: frozenset[int]
    marks: frozenset[int]
    rows: tuple[tuple[str, ...], ...]
    first: int
    last: int


def on_screen(register: Register, first: int, last: int) -> ScreenTable:
    """The rows [first, last) of a register as a table: what shares a column on paper has one of its own,
    what is filled in by hand has none."""
    last = min(last, register.rows)
    columns = [each for column in register.columns for each in _on_screen(column, first, last)]
    return ScreenTable(
        tuple(head for head, _kind, _cells in columns),
        frozenset(n for n, (_head, kind, _cells) in enumerate(columns) if kind is Numbers),
        frozenset(n for n, (_head, kind, _cells) in enumerate(columns) if kind is Marks),
        tuple(zip(*(cells for _head, _kind, cells in columns), strict=True)),
        first,
        last,
    )


def _on_screen(
    column: Column, first: int, last: int
) -> Iterator[tuple[str, type[Column], list[str]]]:
    if isinstance(column, Marks):
        yield column.head, Marks, [cell.replace("0", "·") for cell in column.cells[first:last]]
        return
    for line, head in enumerate(column.heads):
        if isinstance(column, Texts):
            yield head.replace("\n", ""), Texts, [row[line] for row in column.cells[first:last]]
        elif isinstance(column, Numbers) and head:
            cells = [number_text(row[line], column.unit) for row in column.cells[first:last]]
            yield head, Numbers, cells
