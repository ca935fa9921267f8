"""Where the columns of a register lie on the paper, and how its words are set so that they fit.

Everything in mm; type in points. Digits of Noto Sans SC are equally wide, which is what makes the
columns of numbers: a test compares the advances below with the packaged font.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.reports.pdf import ems, visible
from core.reports.register import Blank, Column, Marks, Numbers, Register, Texts, sums
from core.reports.values import Unit

FONT, HEAD_FONT = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
DIGIT, POINT = 0.555, 0.278  # advances of a digit (and of the minus sign) and of a point, in ems
PITCH = 0.887  # of marks, in ems: 2.5 mm at 8 pt
PT = 25.4 / 72
PAD = 0.7  # on either side of words
LEADING = 1.15
_SMALLEST = 3.0


@dataclass(frozen=True, slots=True)
class Form:
    """A paper for registers. page: its name in print.css; caption: the height above the table; rows: of
    a full page; sizes: of type, the first that fits is taken."""

    page: str
    width: float
    caption: float
    head: float
    row: float
    rows: int
    sizes: tuple[float, ...]

    @property
    def top(self) -> float:
        """Where the first row begins."""
        return self.caption + self.head


WIDE = Form("wide", 267, 9, 12.6, 7, 17, (8, 7.5, 7, 6.5, 6, 5.5, 5))
TALL = Form("tall", 156, 10, 9, 6.5, 28, (10.5, 10, 9.5, 9, 8.5, 8, 7))
MARKS_HEAD = 4.6  # above the labels of marks


@dataclass(frozen=True, slots=True)
class Place:
    """A column and where it lies; units: how many digits its numbers take."""

    column: Column
    left: float
    width: float
    units: int = 0

    @property
    def right(self) -> float:
        return self.left + self.width

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


def number_text(value: int, unit: Unit) -> str:
    """1234, in fen 12.34. Without separators: equally many digits are equally wide."""
    sign, size = ("−", -value) if value < 0 else ("", value)
    return f"{sign}{size // 100}.{size % 100:02d}" if unit is Unit.FEN else f"{sign}{size}"


def placed(register: Register) -> tuple[float, list[Place]]:
    """The size of the type and the columns side by side.

    Raises ValueError when they do not fit on the paper even in the smallest type.
    """
    form = form_of(register)
    units = [_units(column, register.rows) for column in register.columns]
    for size in form.sizes:
        fixed = [
            _fixed_ems(column, n) * size * PT
            for column, n in zip(register.columns, units, strict=True)
        ]
        widths = _shared_out(form.width, register.columns, fixed)
        if widths:
            places, left = [], 0.0
            for column, width, n in zip(register.columns, widths, units, strict=True):
                places.append(Place(column, left, width, n))
                left += width
            return size, places
    raise ValueError(f"{register.title} does not fit on the paper")


def _units(column: Column, rows: int) -> int:
    """Digits of the longest number or sum of a column, and one more for the gap beside it."""
    if not isinstance(column, Numbers):
        return 0
    found = [value for row in column.cells for value in row if value is not None]
    if column.is_summed:
        found += [value for value in sums(column, 0, rows) if value is not None]
    ends = {min(found, default=0), max(found, default=0)}
    longest = max(len(number_text(value, column.unit)) for value in ends)
    # The point is no digit: it makes up for the gap.
    return longest if column.unit is Unit.FEN else longest + 1


def _fixed_ems(column: Column, units: int) -> float:
    """What cannot be squeezed: numbers and marks."""
    if isinstance(column, Numbers):
        return units * DIGIT + (POINT if column.unit is Unit.FEN else 0)
    return len(column.labels) * PITCH if isinstance(column, Marks) else 0


def _shared_out(
    width: float, columns: Sequence[Column], fixed: Sequence[float]
) -> list[float] | None:
    """The width of each column; None when they need more than there is."""
    least = [c.least_mm if isinstance(c, Texts | Blank) else 0 for c in columns]
    wish = [
        c.wish_mm if isinstance(c, Texts) else small for c, small in zip(columns, least, strict=True)
    ]
    spare, wanted = width - sum(fixed) - sum(least), sum(wish) - sum(least)
    if spare < 0:
        return None
    share = min(1.0, spare / wanted) if wanted else 0.0
    # What is left over goes to the hand that signs, else to the words.
    takers = [isinstance(c, Blank) for c in columns]
    takers = takers if any(takers) else [isinstance(c, Texts) for c in columns]
    rest = (spare - share * wanted) / max(1, sum(takers))
    return [
        mm + small + share * (big - small) + rest * takes
        for mm, small, big, takes in zip(fixed, least, wish, takers, strict=True)
    ]


def column_size(texts: Iterable[str], width: float, size: float) -> float:
    """The size in which nearly all of these lines fit; the few others are set one by one."""
    lengths = sorted(ems(text) for text in texts)
    nearly_all = lengths[int((len(lengths) - 1) * 0.97)] if lengths else 0
    while size > 5 and nearly_all * size * PT > width:
        size -= 0.5
    return size


def fits(text: str, width: float, size: float) -> bool:
    """Whether words fit on one line."""
    return ems(text) * size * PT <= width


def fitted(text: str, width: float, height: float, size: float, font: str = FONT) -> Set:
    """Words broken into lines, in the largest type in which they fit into a box."""
    shown = visible(text)
    while True:
        lines = wrapped(shown, width / (size * PT), font)
        if len(lines) * size * PT * LEADING <= height or size <= _SMALLEST:
            return Set(tuple(lines), size)
        size -= 0.5


_NO_START, _NO_END = frozenset(",。、;:!?)》」』·)/"), frozenset("(《「『(")


def wrapped(text: str, width_ems: float, font: str = FONT) -> list[str]:
    """A text cut into lines, but not before a closing mark nor behind an opening one."""
    lines = [""]
    for c in text:
        if lines[-1] and ems(lines[-1] + c, font) > width_ems:
            held = len(lines[-1]) > 1 and (c in _NO_START or lines[-1][-1] in _NO_END)
            carry = lines[-1][-1] if held else ""
            lines[-1] = lines[-1][: len(lines[-1]) - len(carry)]
            lines.append(carry)
        lines[-1] += c
    return [line.strip() for line in lines]
