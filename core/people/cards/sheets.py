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
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.people.card_code import grouped
from core.people.cards import symbol
from core.reports import pdf

if TYPE_CHECKING:
    from weasyprint.document import Page

COLUMNS, ROWS = 2, 5
PER_SHEET = COLUMNS * ROWS
NAME_FONT = "NotoSansSC_700Bold.ttf"

# Distance from card to card in modules of 1.25 mm: 85 x 53.75 mm, the size of a bank card, so
# that the cards fit the sleeves that every stationer sells. cards.css says the same in mm.
_PITCH_X, _PITCH_Y = 68, 43
# What fits on one line of 18 pt, and what on two at that size.
_LINE, _TWO_LINES, _SMALL_LINE = 6, 12, 8
# So many sheets are laid out at a time; between batches a job reports and may be cancelled.
_BATCH = 10
# Stands where a name has a character that the font lacks: a box to write it into by hand.
BLANK_BOX = "□"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Face:
    """One card as printed. Nothing else about its owner may come here."""

    name: str
    code: str


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
    pages: list[tuple[Page, ...]] = []
    base = None
    for start in range(0, len(sheets), _BATCH):
        batch = sheets[start : start + _BATCH]
        fronts = pdf.render(_html("fronts.html", sheets=list(_fronts(batch, wording, start, len(sheets)))))
        base = base or fronts
        for page, sheet in zip(fronts.pages, batch, strict=True):
            pages.append((page, _stock(wording, len(sheet))))
            if backs:
                pages.append((_back(wording, len(sheet)),))
        if progress:
            progress(start + len(batch), len(sheets))
    return pdf.write_layers(base, pages)


def unprintable(faces: Sequence[Face]) -> list[str]:
    """The names with a character that the card's font lacks; those cards need a pen."""
    return pdf.unprintable_names((face.name for face in faces), NAME_FONT)


def _fronts(
    batch: Sequence[Sequence[Face]], wording: Wording, start: int, total: int
) -> Iterator[dict[str, Any]]:
    for number, sheet in enumerate(batch, start + 1):
        names = [printable(face.name) for face in sheet]
        short = [name if _is_short(name) else "" for name in names]
        yield {
            "names": _columns(short),
            "codes": _columns([grouped(face.code) for face in sheet]),
            "symbols": symbol.to_data_url(symbol.to_png(_raster(sheet))),
            "symbols_wide": len(sheet) > 1,
            "rows": -(-len(sheet) // COLUMNS),
            "long_names": [
                {"at": at, "lines": name_lines(name), "small": _ems(name) > _TWO_LINES}
                for at, name in enumerate(names)
                if not short[at]
            ],
            "label": wording.sheet.format(number=number, total=total),
        }


def _columns(texts: Sequence[str]) -> list[str]:
    """The texts of each column of cards, a line a card."""
    # Not one block with a tab stop: Pango puts the second column about a millimetre off.
    return ["\n".join(texts[column::COLUMNS]) for column in range(COLUMNS)]


def _raster(sheet: Sequence[Face]) -> list[str]:
    """The symbols of one page as one picture, from the first module to the last."""
    wide = len(sheet) > 1
    gap_x = "1" * (_PITCH_X - symbol.MODULES)
    width = _PITCH_X + symbol.MODULES if wide else symbol.MODULES
    gap_y = ["1" * width] * (_PITCH_Y - symbol.MODULES)
    raster: list[str] = []
    for at in range(0, len(sheet), COLUMNS):
        row = [symbol.lines(face.code) for face in sheet[at : at + COLUMNS]]
        raster += gap_y if raster else []
        raster += [gap_x.join(parts).ljust(width, "1") for parts in zip(*row, strict=True)]
    return raster


def printable(name: str) -> str:
    """The name as ink can show it.

    Without control and direction marks, which would move other names on the line, and with a box
    for each character that the font lacks. The name on record stays as it is.
    """
    visible = "".join(" " if c.isspace() else c for c in name if unicodedata.category(c) not in _MARKS)
    lacking = dict.fromkeys(map(ord, pdf.missing_glyphs(visible, NAME_FONT)), BLANK_BOX)
    return " ".join(visible.translate(lacking).split()) or BLANK_BOX * 3


_MARKS = frozenset({"Cc", "Cf", "Co", "Cn"})


def _ems(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.6 for c in text)


def _is_short(name: str) -> bool:
    """Fits on one line and cannot disturb its neighbour: ideographs, and no other script."""
    return len(name) <= _LINE and all(c in "·□" or (unicodedata.category(c) == "Lo" and unicodedata.east_asian_width(c) == "W") for c in name)


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
def _templates() -> Environment:
    # Apart from the app's environment: print templates get plain values and nothing of a request.
    folder = Path(__file__).resolve().parents[3] / "templates" / "cards"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def _html(template: str, **values: Any) -> str:
    return _templates().get_template(template).render(values)


@cache
def _stock(wording: Wording, count: int) -> Page:
    """What is the same on every front: one page with so many cards."""
    return pdf.render(_html("stock.html", wording=wording, count=count)).pages[0]


@cache
def _back(wording: Wording, count: int) -> Page:
    """The other side of a page with so many cards, in mirrored order."""
    slots = [at + 1 - 2 * (at % COLUMNS) for at in range(count)]
    return pdf.render(_html("backs.html", wording=wording, slots=slots)).pages[0]
