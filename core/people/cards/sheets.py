"""Sheets of cards: ten to an A4 page with crop marks, each page followed by its back.

Plain values in, the bytes of a PDF out; no database and no request. All measures are in
static/cards.css; what is fixed here is only the raster on which the symbols of one page lie.

The page is built in layers, because WeasyPrint pays for every box: what all cards have in common
is laid out once and stacked over every page, the names and the numbers of a page are two
preformatted blocks, and its ten symbols are one image.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.people.card_code import grouped
from core.people.cards import symbol
from core.reports import pdf

COLUMNS, ROWS = 2, 5
PER_SHEET = COLUMNS * ROWS
NAME_FONT = "NotoSansSC_700Bold.ttf"

# Distance from card to card in modules of 1.25 mm: 85 x 53.75 mm, the size of a bank card, so
# that the cards fit the sleeves that every stationer sells. cards.css says the same in mm.
_PITCH_X, _PITCH_Y = 68, 43
# In points: a module and the first card's corner; in mm: where on a card its symbol begins.
_MM = 72 / 25.4
_MODULE = 1.25 * _MM
_LEFT, _TOP = 20 * _MM, (297 - 14.125) * _MM
_SYMBOL_RIGHT, _SYMBOL_DOWN = 53.75, 13.75
# What fits on one line of 18 pt, and what on two at that size.
_LINE, _TWO_LINES, _SMALL_LINE = 6, 12, 8
# So many sheets are laid out at a time; between batches a job reports and may be cancelled.
_BATCH = 20
# Stands where a name has a character that the font lacks: a box to write it into by hand.
BLANK_BOX = "□"
# Blanks of one em and of half an em, both in the font.
WIDE_BLANK, EN_BLANK = "\u3000", "\u2002"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Face:
    """One card as printed. Nothing else about its owner may come here.

    group: whose pile it belongs to when the sheets are handed out; printed outside the cut.
    """

    name: str
    code: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """What all cards of one printing have in common.

    sheet: a text with {number} and {total}, printed outside the cut.
    """

    office: str
    title: str
    phone: str
    how_title: str
    how: tuple[str, ...]
    lost_title: str
    lost: tuple[str, ...]
    found: str
    sheet: str


def render_sheets(
    faces: Sequence[Face],
    wording: Wording,
    *,
    backs: bool = True,
    progress: Progress | None = None,
) -> bytes:
    """The cards as one PDF, in the order given, each front followed by its mirrored back.

    faces: at least one, with valid codes. progress(done, total) is called as the sheets are laid
    out and may raise to stop. Raises ValueError when there is no card.
    """
    if not faces:
        raise ValueError("no card to print")
    sheets = [faces[start : start + PER_SHEET] for start in range(0, len(faces), PER_SHEET)]
    common = pdf.render(_template("common.html").render(wording=wording))
    marks, stock, back = (pdf.Layer(page) for page in common.pages)
    layers: list[list[pdf.Layer]] = []
    for start in range(0, len(sheets), _BATCH):
        batch = list(enumerate(sheets[start : start + _BATCH], start + 1))
        fronts = [_front(sheet, number, len(sheets), wording) for number, sheet in batch]
        document = pdf.render(_template("fronts.html").render(fronts=fronts))
        for page, (_, sheet) in zip(document.pages, batch, strict=True):
            places = [_place(at) for at in range(len(sheet))]
            layers.append([_symbols(sheet), pdf.Layer(page), marks, *_at(stock, places)])
            if backs:
                # Seen from behind, left and right change places.
                places = [_place(at + 1 - 2 * (at % COLUMNS)) for at in range(len(sheet))]
                layers.append([marks, *_at(back, places)])
        if progress:
            progress(batch[-1][0], len(sheets))
    return pdf.write_layers(common, layers)


def _place(at: int) -> tuple[float, float]:
    """The lower left corner of a card on its sheet, in points."""
    row, column = divmod(at, COLUMNS)
    return _LEFT + column * _PITCH_X * _MODULE, _TOP - (row + 1) * _PITCH_Y * _MODULE


def _at(layer: pdf.Layer, places: Sequence[tuple[float, float]]) -> Iterator[pdf.Layer]:
    return (pdf.Layer(layer.content, left, bottom) for left, bottom in places)


def unprintable(faces: Sequence[Face]) -> list[str]:
    """The names with a character that the card's font lacks; those cards need a pen."""
    return pdf.unprintable_names((face.name for face in faces), NAME_FONT)


def _front(sheet: Sequence[Face], number: int, total: int, wording: Wording) -> dict[str, Any]:
    names = [printable(face.name) for face in sheet]
    groups = [printable(group) for group in dict.fromkeys(face.group for face in sheet) if group]
    return {
        "names": _rows(
            [(name if _is_short(name) else "").ljust(_LINE, WIDE_BLANK) for name in names]
        ),
        "codes": _rows([grouped(face.code).replace(" ", EN_BLANK) for face in sheet]),
        "long_names": [
            {"at": at, "lines": name_lines(name), "small": _ems(name) > _TWO_LINES}
            for at, name in enumerate(names)
            if not _is_short(name)
        ],
        "label": "　".join([wording.sheet.format(number=number, total=total), *groups]),
    }


def _rows(texts: Sequence[str]) -> str:
    """One line a row of cards. The blank between its two texts is widened by the style sheet."""
    # Half as many lines as with a block for each column, and a line is what WeasyPrint pays for.
    # A tab stop would be simpler, but Pango puts it about a millimetre off.
    return "\n".join(" ".join(texts[at : at + COLUMNS]) for at in range(0, len(texts), COLUMNS))


def _symbols(sheet: Sequence[Face]) -> pdf.Layer:
    """The symbols of one page as one picture of one pixel a module."""
    wide = len(sheet) > 1
    gap_x = "1" * (_PITCH_X - symbol.MODULES)
    width = _PITCH_X + symbol.MODULES if wide else symbol.MODULES
    gap_y = ["1" * width] * (_PITCH_Y - symbol.MODULES)
    rows: list[str] = []
    for at in range(0, len(sheet), COLUMNS):
        line = [symbol.lines(face.code) for face in sheet[at : at + COLUMNS]]
        rows += gap_y if rows else []
        rows += [gap_x.join(parts).ljust(width, "1") for parts in zip(*line, strict=True)]
    height = len(rows) * _MODULE
    left, top = _LEFT + _SYMBOL_RIGHT * _MM, _TOP - _SYMBOL_DOWN * _MM
    return pdf.Layer(pdf.Bitmap(rows, width * _MODULE, height), left, top - height)


def printable(name: str) -> str:
    """The name as ink can show it.

    Without control and direction marks, which would move other names on the line, and with a box
    for each character that the font lacks. The name on record stays as it is.
    """
    shown = pdf.visible(name)
    lacking = dict.fromkeys(map(ord, pdf.missing_glyphs(shown, NAME_FONT)), BLANK_BOX)
    return shown.translate(lacking) or BLANK_BOX * 3


def _ems(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.6 for c in text)


def _is_short(name: str) -> bool:
    """Fits on one line and cannot disturb its neighbour: ideographs, and no other script."""
    return len(name) <= _LINE and all(
        c in "·□" or (unicodedata.category(c) == "Lo" and unicodedata.east_asian_width(c) == "W")
        for c in name
    )


def name_lines(name: str) -> list[str]:
    """A long name cut where a reader would: behind a middle dot or a blank, else when full."""
    width = _LINE if _ems(name) <= _TWO_LINES else _SMALL_LINE
    lines = [""]
    for part in _parts(name):
        # A dot or a blank at the end of a line may hang over: its ink stays inside.
        if lines[-1] and _ems((lines[-1] + part).rstrip(" ·")) > width:
            lines.append("")
        for c in part:
            if _ems((lines[-1] + c).rstrip(" ·")) > width:
                lines.append("")
            lines[-1] += c
    return [line.strip() for line in lines]


def _parts(name: str) -> Iterator[str]:
    part = ""
    for c in name:
        part += c
        if c in " ·":
            yield part
            part = ""
    yield part


@cache
def _template(name: str) -> Template:
    # Apart from the app's environment: print templates get plain values and nothing of a request.
    loader = FileSystemLoader(Path(__file__).resolve().parents[3] / "templates" / "cards")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)
