"""Registers on paper: a form, laid out once, and over it a few preformatted blocks a page.

WeasyPrint pays for each cell of a table: 12,400 of them take seven seconds. It also pays for each line
of a block, so all columns that have one line a row share one block, and all that have two another
(`register_lines.py` keeps them apart); only the marks stand by themselves. The rules that place the
blocks are made once for all pages of a register.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from core.reports import register_places as at
from core.reports.charts import to_data_url
from core.reports.pdf import ems, visible
from core.reports.register import Marks, Numbers, Register, Texts, number_text, sums
from core.reports.register_grid import grid
from core.reports.register_lines import DIGIT, Field, composed
from core.reports.register_places import PT, Place

Sums = tuple[int | None, ...]
_HEAD_SIZE = 8  # points, at most, on the wide form
_DOT = str.maketrans("0", "·")
_WIDE_BLANK = "\u3000"
# What is as wide in a line as its glyph is in the font. Other characters may be kerned, or replaced by
# the form that Chinese wants: a dash becomes a tenth of an em wider.
_PLAIN = re.compile(r"[\u4e00-\u9fff\u3001\uff08\uff09()0-9X*.-]*")


@dataclass(frozen=True, slots=True)
class Block:
    """Preformatted lines, and the classes whose rules place and set them."""

    rules: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One page: how many rows it has, and what stands in them."""

    rows: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class SheetForm:
    """What pages of so many rows have in common. lines: the drawing, as the address of an image; foot: how
    far below the top what stands under the table begins, as a class."""

    rows: int
    lines: str
    foot: str


@dataclass(frozen=True, slots=True)
class Sheets:
    """A register laid out. page: its kind of paper; css: the rules of its blocks; head: of the table."""

    register: Register
    page: str
    css: str
    head: tuple[Block, ...]
    forms: tuple[SheetForm, ...]
    pages: tuple[SheetPage, ...]


def lay_out(register: Register) -> Sheets:
    """All pages of a register, one at least.

    Raises ValueError when its columns do not fit on the paper even in the smallest type.
    """
    setter = _Setter(register)
    head, pages = tuple(setter.head()), tuple(setter.pages())
    forms = tuple(setter.form_of(rows) for rows in dict.fromkeys(page.rows for page in pages))
    return Sheets(register, setter.form.page, "\n".join(setter.rules), head, forms, pages)


class _Setter:
    """Sets one register, and collects the rules by which its blocks are placed."""

    def __init__(self, register: Register) -> None:
        self.register, self.form = register, at.form_of(register)
        self.places = at.placed(register)
        self.rules: list[str] = []
        self._known: dict[str, str] = {}
        self._summed = [place for place in self.places if place.is_summed]
        self._cells = [_cells(place) for place in self.places]

    def _rule(self, css: str) -> str:
        """The class of blocks with these declarations."""
        if css not in self._known:
            self._known[css] = f"r{len(self._known)}"
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
            for number, word in enumerate(place.heads):
                each = height / len(place.heads)
                yield self._head_word(word, place, top + number * each, each)

    def _head_word(self, word: str, place: Place, top: float, height: float) -> Block:
        size = min(place.size, _HEAD_SIZE) if self.register.is_wide else place.size
        put = at.fitted(word, place.width - 0.5, height, size, at.HEAD_FONT)
        line = put.size * PT * at.LEADING
        above = (height - line * len(put.lines)) / 2
        rules = self._box(place.left, top + above, place.width, put.size, line)
        return Block(f"{rules} middle", "\n".join(put.lines))

    def _labels(self, column: Marks, place: Place) -> Block:
        """Tens above units, since two digits side by side are wider than a mark."""
        height = (self.form.head - at.MARKS_HEAD) / 2
        tens, units = (
            "".join(label.rjust(2, _WIDE_BLANK)[row] for label in column.labels) for row in (0, 1)
        )
        rules = self._mark_rules(place, self.form.caption + at.MARKS_HEAD, height)
        return Block(rules, f"{tens}\n{units}")

    def _mark_rules(self, place: Place, top: float, line: float) -> str:
        """A glyph takes one em and the next begins a pitch later: each sits in its cell's middle."""
        assert isinstance(place.column, Marks)
        em, pitch = place.size * PT, place.width / len(place.column.labels)
        box = self._box(place.left - (em - pitch) / 2, top, place.width + 5, place.size, line)
        return f"{box} {self._rule(f'letter-spacing:{pitch - em:.4f}mm')} marks"

    # ---------- the rows ----------

    def pages(self) -> Iterator[SheetPage]:
        """Page after page; an empty register has one, without a row."""
        before: list[Sums] = [sums(_numbers(place), 0, 0) for place in self._summed]
        step = at.rows_of(self.register)
        for first in range(0, max(1, self.register.rows), step):
            last = min(first + step, self.register.rows)
            here = [sums(_numbers(place), first, last) for place in self._summed]
            after = [_added(*pair) for pair in zip(before, here, strict=True)]
            blocks = (
                *self._lines(1, first, last, (before, here, after)),
                *self._lines(2, first, last, (before, here, after)),
                *self._marks(first, last), *self._labels_of_sums(first, last),
            )  # fmt: skip
            yield SheetPage(last - first, blocks)
            before = after

    def _lines(
        self, lines: int, first: int, last: int, totals: Sequence[list[Sums]]
    ) -> Iterator[Block]:
        """All columns of so many lines a row as one block, with their sums below the rows."""
        columns = [
            (place, cells)
            for place, cells in zip(self.places, self._cells, strict=True)
            if place.lines == lines and cells is not None
        ]
        if not columns:
            return
        summed = [(n, place) for n, place in enumerate(self._summed) if place.lines == lines]
        rows = [[(place, cells[row]) for place, cells in columns] for row in range(first, last)]
        rows += [
            [(place, _number_texts(place, values[n])) for n, place in summed]
            for values in totals
            if summed
        ]
        size, height = columns[0][0].size, self.form.row / lines
        shift = DIGIT / 2 * size * PT  # to the left, so that a first number begins on a whole blank
        text: list[str] = []
        for row in rows:
            for line in range(lines):
                joined, alone = composed(
                    [_field(place, words[line], shift) for place, words in row]
                )
                top = self.form.top + len(text) * height
                for place, words in (row[number] for number in alone):
                    yield self._alone(words[line], place, top, height)
                text.append(joined)
        rules = self._box(-shift, self.form.top, self.form.width + 10, size, height)
        yield Block(f"{rules} spaced", "\n".join(text))

    def _alone(self, text: str, place: Place, top: float, height: float) -> Block:
        """Words that their line has no room for, in a box of their own."""
        width = place.width - 2 * place.pad
        put = at.fitted(text, width, height - 0.2, place.size)
        line = put.size * PT * at.LEADING
        above = (height - line * len(put.lines)) / 2
        rules = self._box(place.left + place.pad, top + above, width, put.size, line)
        side = " end" if isinstance(place.column, Numbers) else ""
        return Block(rules + side, "\n".join(put.lines))

    def _marks(self, first: int, last: int) -> Iterator[Block]:
        for place in self.places:
            if isinstance(place.column, Marks):
                lines = (cell.translate(_DOT) for cell in place.column.cells[first:last])
                yield Block(self._mark_rules(place, self.form.top, self.form.row), "\n".join(lines))

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
        rules = self._box(0, top, self._summed[0].left, self.places[0].size, self.form.row)
        yield Block(f"{rules} middle", "\n".join(words))

    def form_of(self, rows: int) -> SheetForm:
        """The form under pages of so many rows."""
        totals = 3 if self._summed else 0
        drawing = grid(self.form, self.places, rows, totals)
        foot = self.form.top + (rows + totals) * self.form.row + at.FOOT_GAP
        return SheetForm(rows, to_data_url(drawing), self._rule(f"top:{foot:.3f}mm"))


def _cells(place: Place) -> list[tuple[str, ...]] | None:
    """The words of a column of words or numbers, row by row."""
    column = place.column
    if isinstance(column, Texts):
        return [tuple(visible(line) for line in row) for row in column.cells]
    if isinstance(column, Numbers):
        return [_number_texts(place, row) for row in column.cells]
    return None


def _number_texts(place: Place, values: Sequence[int | None]) -> tuple[str, ...]:
    unit = _numbers(place).unit
    return tuple(number_text(value, unit) for value in values)


def _field(place: Place, word: str, shift: float) -> Field:
    """Where a word lies on its line."""
    em, width = place.size * PT, ems(word)
    if isinstance(place.column, Numbers):
        return Field((place.right - place.pad + shift) / em - width, width, word, is_fixed=True)
    is_odd = width * em > place.width - 2 * place.pad + 0.01 or not _PLAIN.fullmatch(word)
    return Field((place.left + place.pad + shift) / em, width, word, is_odd=is_odd)


def _numbers(place: Place) -> Numbers:
    assert isinstance(place.column, Numbers)
    return place.column


def _added(one: Sums, other: Sums) -> Sums:
    return tuple(None if a is None or b is None else a + b for a, b in zip(one, other, strict=True))
