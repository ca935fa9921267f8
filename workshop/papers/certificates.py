"""Certificates on paper: one A4 page across for each, from plain values to the bytes of a PDF.

No database and no request. All measures are in static/certificate.css.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import qrcode
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.people.cards.symbol import to_data_url, to_png
from core.reports import pdf

NAME_FONT, TEXT_FONT = "NotoSerifSC_700Bold.ttf", "NotoSerifSC_400Regular.ttf"
# Stands where the font lacks a character: a box to write it into by hand.
BLANK_BOX = "□"
# So many pages are laid out at a time; between batches a job reports and may be cancelled.
_BATCH = 20
# Longer names, in ems, are printed smaller so that they keep to one line.
_NAME_EMS, _LONG_NAME_EMS = 8, 14

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One certificate as printed. address: what its symbol leads to; empty: none is printed.

    body: paragraphs; code: as typed by hand; verify: lines under the symbol, or in its place.
    """

    name: str
    honorific: str
    number: str
    body: tuple[str, ...]
    issued: str
    address: str
    verify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What all certificates of one printing have in common."""

    office: str
    title: str
    seal: str


def render(sheets: Sequence[Sheet], wording: Wording, *, progress: Progress | None = None) -> bytes:
    """The certificates as one PDF, in the order given.

    progress(done, total) is called as pages are laid out and may raise to stop. Raises ValueError
    when there is none, core.reports.pdf.PdfUnavailable where Pango is missing.
    """
    if not sheets:
        raise ValueError("no certificate to print")
    documents = []
    for start in range(0, len(sheets), _BATCH):
        batch = sheets[start : start + _BATCH]
        pages = [
            {
                "name": printable(sheet.name, NAME_FONT), "sheet": sheet,
                "size": _size(printable(sheet.name, NAME_FONT)),
                "body": [printable(text, TEXT_FONT) for text in sheet.body],
                "symbol": _symbol(sheet.address) if sheet.address else "",
            }
            for sheet in batch
        ]  # fmt: skip
        documents.append(pdf.render(_template().render(pages=pages, wording=wording)))
        if progress:
            progress(start + len(batch), len(sheets))
    first, *others = documents
    return pdf.write(first.copy([*first.pages, *(page for each in others for page in each.pages)]))


def unprintable(sheets: Sequence[Sheet]) -> list[str]:
    """The names with a character that the font lacks; those certificates need a pen."""
    return pdf.unprintable_names((sheet.name for sheet in sheets), NAME_FONT)


def printable(text: str, font: str) -> str:
    """The text as ink can show it; the record stays as it is."""
    shown = pdf.visible(text)
    lacking = dict.fromkeys(map(ord, pdf.missing_glyphs(shown, font)), BLANK_BOX)
    return shown.translate(lacking) or BLANK_BOX * 3


def _size(name: str) -> str:
    ems = pdf.ems(name, NAME_FONT)
    return "" if ems <= _NAME_EMS else "long" if ems <= _LONG_NAME_EMS else "longest"


def _symbol(address: str) -> str:
    qr = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    qr.add_data(address)
    qr.make()
    return to_data_url(
        to_png(["".join("0" if dark else "1" for dark in row) for row in qr.get_matrix()])
    )


@cache
def _template() -> Template:
    # Apart from the app's environment: print templates get plain values and nothing of a request.
    loader = FileSystemLoader(
        Path(__file__).resolve().parents[2] / "templates" / "workshop" / "paper"
    )
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.get_template("certificate.html")
