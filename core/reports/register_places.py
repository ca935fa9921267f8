"""Where the columns of a register lie on the paper, and how its words are set so that they fit.

Everything in mm; type in points. Digits of Noto Sans SC are equally wide, which is what makes the
columns of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.reports.pdf import ems, visible
from core.reports.register import (
    Blank,
    Column,
    Marks,
    Numbers,
    Register,
    Texts,
    number_text,
    sums,
)
from core.reports.register_lines import DIGIT
from core.reports.values import Unit

FONT, HEAD_FONT = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
POINT = 0.278  # em: what a decimal point takes
PT = 25.4 / 72
LEADING = 1.15
MARKS_HEAD = 4.6  # above the labels of marks
FOOT_GAP, FOOT_LINE, FOOT_SIGNERS = 1.5, 3.6, 6.0  # below the table, as report.css has it
FOOT_SIZE = 7.5
_PITCH = 0.887  # of marks, in ems: 2.5 mm at 8 pt
_SMALLEST = 3.0


@dataclass(frozen=True, slots=True)
class Form:
    """A paper for registers. page: its class; height: down to the number of the page; caption: above the
    table; sizes: of type, the first that fits is taken."""

    page: str
    width: float
    height: float
    caption: float
    head: float
    row: float
    sizes: tuple[float, ...]

    @property
    def top(self) -> float:
        """Where the first row begins."""
        return self.caption + self.head


WIDE = Form("wide", 267, 179, 8, 12.6, 7, (8, 7.5, 7, 6.5, 6, 5.5, 5))
TALL = Form("tall", 156, 224, 16, 9, 6.5, (10.5, 10, 9.5, 9, 8.5, 8, 7))


@dataclass(frozen=True, slots=True)
class Place:
    """A column and where it lies. size: of its type. pad: on either side of words and numbers."""

    column: Column
    left: float
    width: float
    size: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def pad(self) -> float:
        """Half a digit, so that a number and the word behind it are a blank apart."""
        return DIGIT / 2 * self.size * PT

    @property
    def heads(self) -> tuple[str, ...]:
        """What stands above it; a line without a head has none."""
        return tuple(head for head in heads_of(self.column) if head)

    @property
    def lines(self) -> int:
        """How many lines of it a row has."""
        return len(heads_of(self.column))

    @property
    def is_summed(self) -> bool:
        return isinstance(self.column, Numbers) and self.column.is_summed


@dataclass(frozen=True, slots=True)
class Set:
    """Words as they are set: their lines and the size of the type."""

    lines: tuple[str, ...]
    size: float


def form_of(register: Register) -> Form:
    """The paper that a register is printed on."""
    return WIDE if register.is_wide else TALL


def rows_of(register: Register) -> int:
    """How many rows a full page has: what the table's head, its sums, the legend and who signs leave."""
    form = form_of(register)
    texts = [*register.legend, register.reading] if register.reading else register.legend
    foot = FOOT_GAP + (FOOT_SIGNERS if register.signers else 0)
    for text in texts:
        foot += FOOT_LINE * math.ceil(ems(visible(text)) * FOOT_SIZE * PT / (form.width - 2))
    sums_of = (
        3 * form.row if any(isinstance(c, Numbers) and c.is_summed for c in register.columns) else 0
    )
    return int((form.height - form.top - sums_of - foot) // form.row)


def heads_of(column: Column) -> tuple[str, ...]:
    """The headings of a column, one for each line of a row."""
    return (column.head,) if isinstance(column, Marks) else column.heads


def placed(register: Register) -> list[Place]:
    """The columns side by side, in the largest type in which they fit.

    Raises ValueError when they do not fit on the paper even in the smallest.
    """
    form = form_of(register)
    needs = [_needs(column, register.rows) for column in register.columns]
    # Rather a little smaller than with words that do not fit; only then narrower columns.
    tries = [(size, False) for size in form.sizes[:3]] + [(size, True) for size in form.sizes[1:]]
    for size, may_squeeze in tries:
        # Two lines between two hairlines want a little more air.
        sizes = [size - 0.5 * (len(heads_of(c)) > 1) for c in register.columns]
        widths = _shared_out(form.width, register.columns, needs, sizes, may_squeeze)
        if widths:
            places, left = [], 0.0
            for column, width, each in zip(register.columns, widths, sizes, strict=True):
                places.append(Place(column, left, width, each))
                left += width
            return places
    raise ValueError(f"{register.title} does not fit on the paper")


def _needs(column: Column, rows: int) -> float:
    """How wide a column would like to be, in ems of its type, pads included."""
    if isinstance(column, Marks):
        return len(column.labels) * _PITCH
    if isinstance(column, Blank):
        return 0.0
    head = max(ems(line, HEAD_FONT) for word in column.heads for line in word.split("\n"))
    if isinstance(column, Texts):
        lengths = sorted(ems(visible(line)) for row in column.cells for line in row)
        most = lengths[int((len(lengths) - 1) * 0.97)] if lengths else 0.0
        return math.ceil(max(most, head) - 0.01) + DIGIT
    found = [value for row in column.cells for value in row if value is not None]
    if column.is_summed:
        found += [value for value in sums(column, 0, rows) if value is not None]
    ends = {min(found, default=0), max(found, default=0)}
    longest = max(ems(number_text(value, column.unit)) for value in ends)
    # Whole digits, and a point: what is padded with blanks of a digit's width then ends where it should.
    point = POINT if column.unit is Unit.FEN else 0.0
    digits = math.ceil((max(longest + 1.4 * DIGIT, head + 0.3) - point) / DIGIT)
    return digits * DIGIT + point


def _shared_out(
    width: float,
    columns: Sequence[Column],
    needs: Sequence[float],
    sizes: Sequence[float],
    may_squeeze: bool,
) -> list[float] | None:
    """The width of each column; None when they need more than there is."""
    ems = [size * PT for size in sizes]
    wish = [need * em for need, em in zip(needs, ems, strict=True)]
    least = list(wish)
    words = [n for n, column in enumerate(columns) if isinstance(column, Texts)]
    hand = [n for n, column in enumerate(columns) if isinstance(column, Blank)]
    for n in words:
        column = columns[n]
        if isinstance(column, Texts) and not column.is_whole:
            # Whole ideographs, so that blanks of an ideograph's width fill what is left of a word.
            least[n] = _whole(column.least_mm, ems[n])
            wish[n] = max(least[n], min(wish[n], _whole(column.most_mm, ems[n])))
    for n in hand:
        wish[n] = least[n] = columns[n].least_mm  # type: ignore[union-attr]
    widths, spare = least, width - sum(least)
    if spare < (0 if may_squeeze else sum(wish) - sum(least) - 0.001):
        return None
    # An ideograph to whoever lacks most, and what is left over to the hand that signs.
    while lacking := [n for n in words if wish[n] - widths[n] > 0.001 and ems[n] <= spare + 0.001]:
        n = max(lacking, key=lambda n: (wish[n] - widths[n]) / ems[n])
        widths[n] += ems[n]
        spare -= ems[n]
    takers = hand or words
    return [each + (spare / len(takers) if n in takers else 0) for n, each in enumerate(widths)]


def _whole(mm: float, em: float) -> float:
    return (math.ceil(mm / em - DIGIT - 0.01) + DIGIT) * em


def fitted(text: str, width: float, height: float, size: float, font: str = FONT) -> Set:
    """Words broken into lines, in the largest type in which they fit into a box. Line breaks are kept."""
    parts = [visible(part) for part in text.split("\n")]
    while True:
        lines = [line for part in parts for line in wrapped(part, width / (size * PT), font)]
        if len(lines) * size * PT * LEADING <= height or size <= _SMALLEST:
            return Set(tuple(lines), size)
        size -= 0.5


_BETWEEN = "、·/ "
_NO_START = frozenset("，。、；：！？）》」』·,.;:!?)/")
_NO_END = frozenset("（《「『(")


def wrapped(text: str, width_ems: float, font: str = FONT) -> list[str]:
    """A text cut into lines: behind a mark between parts if one is near, never before a closing one."""
    lines = [""]
    for c in text:
        if lines[-1] and ems(lines[-1] + c, font) > width_ems:
            line = lines[-1]
            cut = max(line.rfind(mark) for mark in _BETWEEN) + 1
            if cut < len(line) / 2:
                held = len(line) > 1 and (c in _NO_START or line[-1] in _NO_END)
                cut = len(line) - held
            lines[-1:] = [line[:cut], line[cut:]]
        lines[-1] += c
    return [line.strip() for line in lines]
