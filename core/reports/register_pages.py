"""Registers on paper: a drawing of lines, and over it a few preformatted blocks a page.

WeasyPrint pays for each cell of a table: 12,400 of them take seven seconds. Here a block is a column
and a line of it a row (or half of one), and columns of numbers side by side are one block: padded with
blanks that the style sheet widens to a digit. The rules are made once for all pages of a register.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _

from core.reports import register_places as at
from core.reports.pdf import visible
from core.reports.register import Marks, Numbers, Register, Texts, sums
from core.reports.register_grid import grid
from core.reports.register_places import Place
from core.reports.values import Unit

Sums = tuple[int | None, ...]
_HEAD_SIZE = 8  # points, at most, on the wide form
_DOT = str.maketrans("0", "·")
_WIDE_BLANK = "\u3000"


@dataclass(frozen=True, slots=True)
class Block:
    """Preformatted lines, and the classes whose rules place and set them."""

    rules: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One page. rules: the class that draws its lines, and places what stands below the rows."""

    rules: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sheets:
    """A register laid out. css: the rules of its blocks; head: the same on every page."""

    register: Register
    page: str
    css: str
    head: tuple[Block, ...]
    pages: tuple[SheetPage, ...]


def lay_out(register: Register, number: int = 0) -> Sheets:
    """All pages of a register, one at least. number: tells several of one document apart.

    Raises ValueError when its columns do not fit on the paper even in the smallest type.
    """
    setter = _Setter(register, f"r{number}-")
    head, pages = tuple(setter.head()), tuple(setter.pages())
    return Sheets(register, setter.form.page, "\n".join(setter.rules), head, pages)


@dataclass(frozen=True, slots=True)
class _Words:
    """A column of words: most of it is set in one size."""

    place: Place
    size: float
    lines: tuple[str, ...]
    lines_a_row: int


class _Setter:
    """Sets one register, and collects the rules by which its blocks are placed."""

    def __init__(self, register: Register, prefix: str) -> None:
        self.register, self.prefix, self.form = register, prefix, at.form_of(register)
        self.size, self.places = at.placed(register)
        self.rules: list[str] = []
        self._known: dict[str, str] = {}
        self._words = [self._set(place) for place in self.places if isinstance(place.column, Texts)]
        self._summed = [place for place in self.places if place.is_summed]

    def _rule(self, css: str) -> str:
        """The class of blocks with these declarations."""
        if css not in self._known:
            self._known[css] = f"{self.prefix}{len(self._known)}"
            self.rules.append(f".{self._known[css]}{{{css}}}")
        return self._known[css]

    def _box(self, left: float, top: float, width: float, size: float, line: float) -> str:
        return self._rule(
            f"left:{left:.3f}mm;top:{top:.3f}mm;width:{width:.3f}mm;"
            f"font-size:{size:g}pt;line-height:{line:.3f}mm"
        )

    # ---------- the head ----------

    def head(self) -> Iterator[Block]:
        """What stands above the first row, in bold."""
        top, height = self.form.caption, self.form.head
        for place in self.places:
            if isinstance(place.column, Marks):
                yield self._head_word(place.column.head, place, top, at.MARKS_HEAD)
                yield self._labels(place.column, place)
                continue
            heads = place.column.heads
            for number, word in enumerate(heads):
                each = height / len(heads)
                yield self._head_word(word, place, top + number * each, each)

    def _head_word(self, word: str, place: Place, top: float, height: float) -> Block:
        size = min(self.size, _HEAD_SIZE) if self.register.is_wide else self.size
        put = at.fitted(word, place.width - 0.5, height, size, at.HEAD_FONT)
        line = put.size * at.PT * at.LEADING
        above = (height - line * len(put.lines)) / 2
        rules = self._box(place.left, top + above, place.width, put.size, line)
        return Block(f"{rules} middle", "\n".join(put.lines))

    def _labels(self, column: Marks, place: Place) -> Block:
        """Tens above units, since two digits side by side are wider than a mark."""
        height = (self.form.head - at.MARKS_HEAD) / 2
        rules = self._box(
            self._left_of_marks(place), self.form.caption + at.MARKS_HEAD, place.width + 5, self.size, height
        )  # fmt: skip
        tens, units = (
            "".join(label.rjust(2, _WIDE_BLANK)[row] for label in column.labels) for row in (0, 1)
        )
        return Block(f"{rules} marks", f"{tens}\n{units}")

    def _left_of_marks(self, place: Place) -> float:
        # A glyph takes one em and the next begins a pitch later, so that each sits in its cell's middle.
        return place.left - (1 - at.PITCH) / 2 * self.size * at.PT

    # ---------- the rows ----------

    def pages(self) -> Iterator[SheetPage]:
        """Page after page; an empty register has one, without a row."""
        before: list[Sums] = [sums(_numbers(place), 0, 0) for place in self._summed]
        for first in range(0, max(1, self.register.rows), self.form.rows):
            last = min(first + self.form.rows, self.register.rows)
            here = [sums(_numbers(place), first, last) for place in self._summed]
            after = [_added(*pair) for pair in zip(before, here, strict=True)]
            blocks = (
                *self._texts(first, last), *self._marks(first, last),
                *self._numbers(first, last, (before, here, after)), *self._labels_of_sums(first, last),
            )  # fmt: skip
            yield SheetPage(self._page_rule(last - first), blocks)
            before = after

    def _set(self, place: Place) -> _Words:
        column = place.column
        assert isinstance(column, Texts)
        lines = tuple(visible(line) for row in column.cells for line in row)
        size = at.column_size(lines, place.width - 2 * at.PAD, self.size)
        return _Words(place, size, lines, len(column.heads))

    def _texts(self, first: int, last: int) -> Iterator[Block]:
        for words in self._words:
            width, height = words.place.width - 2 * at.PAD, self.form.row / words.lines_a_row
            plain: list[str] = []
            for text in words.lines[first * words.lines_a_row : last * words.lines_a_row]:
                if at.fits(text, width, words.size):
                    plain.append(text)
                else:
                    yield self._alone(text, words, self.form.top + len(plain) * height, height)
                    plain.append("")
            rules = self._box(words.place.left + at.PAD, self.form.top, width, words.size, height)
            yield Block(rules, "\n".join(plain))

    def _alone(self, text: str, words: _Words, top: float, height: float) -> Block:
        """Words too long for their column's line, in a box of their own."""
        width = words.place.width - 2 * at.PAD
        put = at.fitted(text, width, height - 0.2, words.size)
        line = put.size * at.PT * at.LEADING
        above = (height - line * len(put.lines)) / 2
        rules = self._box(words.place.left + at.PAD, top + above, width, put.size, line)
        return Block(rules, "\n".join(put.lines))

    def _marks(self, first: int, last: int) -> Iterator[Block]:
        for place in self.places:
            if isinstance(place.column, Marks):
                lines = (cell.translate(_DOT) for cell in place.column.cells[first:last])
                left, top = self._left_of_marks(place), self.form.top
                rules = self._box(left, top, place.width + 5, self.size, self.form.row)
                yield Block(f"{rules} marks", "\n".join(lines))

    def _numbers(self, first: int, last: int, totals: Sequence[list[Sums]]) -> Iterator[Block]:
        """Columns of numbers side by side as one block, with their sums below the rows."""
        for key, group in groupby(self.places, key=_run_of_numbers):
            if key is None:
                continue
            (lines, is_summed), places = key, list(group)
            columns = [_numbers(place) for place in places]
            rows = [[column.cells[row] for column in columns] for row in range(first, last)]
            if is_summed:
                start = self._summed.index(places[0])
                rows += [total[start : start + len(places)] for total in totals]
            text = "\n".join(
                _joined([cells[line] for cells in row], places) for row in rows for line in range(lines)
            )
            # Half the blank in front of the first number goes behind the last.
            left = places[0].left - at.DIGIT / 2 * self.size * at.PT
            width = places[-1].right - places[0].left + 5
            rules = self._box(left, self.form.top, width, self.size, self.form.row / lines)
            yield Block(f"{rules} numbers", text)

    def _labels_of_sums(self, first: int, last: int) -> Iterator[Block]:
        if not self._summed:
            return
        carried = (
            _("Total (%(count)s people)", count=last)
            if last == self.register.rows
            else _("Carried forward (%(count)s people)", count=last)
        )
        words = (
            _("Brought forward (%(count)s people)", count=first),
            _("This page (%(count)s people)", count=last - first),
            carried,
        )
        top = self.form.top + (last - first) * self.form.row
        rules = self._box(0, top, self._summed[0].left, self.size, self.form.row)
        yield Block(f"{rules} middle", "\n".join(words))

    def _page_rule(self, rows: int) -> str:
        """The class of pages with so many rows."""
        name = f"{self.prefix}n{rows}"
        if name not in self._known:
            self._known[name] = name
            totals = 3 if self._summed else 0
            image = b64encode(grid(self.form, self.places, self.size, rows, totals).encode()).decode()
            foot = self.form.top + (rows + totals) * self.form.row + 1.5
            self.rules += [
                f".{name}{{background:url(data:image/svg+xml;base64,{image}) 0 {self.form.caption}mm no-repeat}}",
                f".{name} .foot{{top:{foot:.3f}mm}}",
            ]  # fmt: skip
        return name


def _numbers(place: Place) -> Numbers:
    assert isinstance(place.column, Numbers)
    return place.column


def _run_of_numbers(place: Place) -> tuple[int, bool] | None:
    """What columns share one block: as many lines a row, and all with sums or all without."""
    column = place.column
    return (len(column.heads), column.is_summed) if isinstance(column, Numbers) else None


def _joined(values: Sequence[int | None], places: Sequence[Place]) -> str:
    """One line of numbers, padded to their columns. None may only stand at the end."""
    while values and values[-1] is None:
        values = values[:-1]
    line = ""
    for value, place in zip(values, places, strict=False):
        if value is None:
            raise ValueError("a number is missing in front of another")
        unit = _numbers(place).unit
        line += at.number_text(value, unit).rjust(place.units + (unit is Unit.FEN))
    return line


def _added(one: Sums, other: Sums) -> Sums:
    return tuple(None if a is None or b is None else a + b for a, b in zip(one, other, strict=True))
