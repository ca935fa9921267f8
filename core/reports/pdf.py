"""HTML to PDF by WeasyPrint, with nothing reachable but the packaged files under static/.

What lives here: the fetcher, the fonts of this process, and which characters those fonts lack.
What does not: any page of its own. Rendering takes seconds and 150-400 MB, so it belongs in a
job (core.jobs), never in a request.

Templates name their files as they would on screen (`/static/print.css`), so that one template
serves the preview and the paper.
"""

from __future__ import annotations

import functools
import mimetypes
import threading
import unicodedata
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    import pydyf
    from weasyprint import Document
    from weasyprint.document import Page
    from weasyprint.text.fonts import FontConfiguration

STATIC = Path(__file__).resolve().parents[2] / "static"
FONTS = STATIC / "fonts"

# urljoin() only resolves relative addresses for schemes it knows. The host is reserved for names
# that never exist (RFC 2606), and the fetcher below opens no connection at all.
BASE_URL = "http://packaged.invalid/"

# Font files, styles and drawings; nothing that could be a settings file or a database.
_SUFFIXES = frozenset({".css", ".ttf", ".otf", ".svg", ".png", ".jpg", ".jpeg"})
_DATA_TYPES = frozenset({"image/png", "image/jpeg", "image/svg+xml"})

# Pango and Fontconfig keep one configuration for the process; two renders at once would race.
_lock = threading.Lock()


class PdfUnavailable(RuntimeError):
    """Pango is not installed here, so nothing can be rendered."""


class AssetRefused(ValueError):
    """A page asked for something that is not a packaged file."""


def packaged_file(url: str) -> Path:
    """The file under static/ that an address means.

    Raises AssetRefused for any other scheme, host or folder, for links that lead out of static/
    and for kinds of file that a page has no use for.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if f"{parts.scheme}://{parts.netloc}/" != BASE_URL or not path.startswith("/static/"):
        raise AssetRefused(url[:200])
    if "\0" in path or "\\" in path:
        raise AssetRefused(url[:200])
    file = (STATIC / path.removeprefix("/static/")).resolve()
    if not file.is_relative_to(STATIC) or file.suffix.lower() not in _SUFFIXES:
        raise AssetRefused(url[:200])
    return file


def _data_image(url: str) -> tuple[str, bytes]:
    header, comma, body = url.removeprefix("data:").partition(",")
    media_type, *parameters = header.lower().split(";")
    if not comma or media_type not in _DATA_TYPES:
        raise AssetRefused(url[:60])
    return media_type, b64decode(body) if "base64" in parameters else unquote_to_bytes(body)


@functools.cache
def _fetcher() -> object:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class PackagedFetcher(URLFetcher):
        """Answers from static/ and from data: images; opens neither a connection nor a path."""

        def __init__(self) -> None:
            # Deliberately not the parent's __init__: it installs handlers for http, ftp and file.
            self._fail_on_errors = False

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            if url.startswith("data:"):
                media_type, body = _data_image(url)
            else:
                file = packaged_file(url)
                media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                try:
                    body = file.read_bytes()
                except OSError as error:
                    # WeasyPrint only logs other errors, and the page would lack its style.
                    raise FatalURLFetchingError(f"{file} is missing") from error
            return URLFetcherResponse(url, body, {"Content-Type": media_type})

        def open(self, url: object, data: object = None, timeout: object = None) -> object:
            raise AssetRefused(str(url)[:200])

        def __call__(self, url: str) -> URLFetcherResponse:
            return self.fetch(url)

    return PackagedFetcher()


@functools.cache
def _font_config() -> FontConfiguration:
    # One for the process: each new one copies and scans 10 MB a face again.
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def render(html: str) -> Document:
    """Lay out a page of HTML; the caller may reorder `.pages` with `.copy()` before writing.

    Raises PdfUnavailable when Pango is missing, FileNotFoundError for a packaged file that is not
    there; what else a page asks for is left out.
    """
    try:
        import weasyprint
        from weasyprint.urls import FatalURLFetchingError
    except OSError as error:
        raise PdfUnavailable(str(error)) from error
    with _lock:
        try:
            page = weasyprint.HTML(string=html, base_url=BASE_URL, url_fetcher=_fetcher())
            return page.render(font_config=_font_config())
        except FatalURLFetchingError as error:
            raise FileNotFoundError(str(error)) from error


def to_pdf(html: str) -> bytes:
    """A page of HTML as the bytes of a PDF. Raises PdfUnavailable when Pango is missing."""
    return write(render(html))


def write(document: Document) -> bytes:
    """The bytes of a laid-out document."""
    with _lock:
        return document.write_pdf()


@dataclass(frozen=True, slots=True, eq=False)
class Bitmap:
    """A black and white picture, drawn without passing through HTML and without smoothing.

    rows: equally long lines of `0` (black) and `1` (white). width, height: in points.
    """

    rows: Sequence[str]
    width: float
    height: float

    def operators(self) -> pydyf.Stream:
        """The picture as a content stream, its lower left corner at the origin."""
        import pydyf

        row_bytes = -(-len(self.rows[0]) // 8)
        data = b"".join(
            int(row.ljust(row_bytes * 8, "1"), 2).to_bytes(row_bytes, "big") for row in self.rows
        )
        stream = pydyf.Stream(compress=True)
        stream.set_matrix(self.width, 0, 0, self.height, 0, 0)
        stream.inline_image(len(self.rows[0]), len(self.rows), "Gray", 1, data)
        return stream


@dataclass(frozen=True, slots=True)
class Layer:
    """Something laid out, put on a page: left and bottom in points from its lower left corner."""

    content: Page | Bitmap
    left: float = 0
    bottom: float = 0


def write_layers(base: Document, sheets: Sequence[Sequence[Layer]]) -> bytes:
    """The bytes of a document whose every page is a stack of layers, the lowest first.

    base: gives title and fonts. The lowest laid-out page of a stack gives its size; the highest that is as
    large and occurs only here stays the page it is, so that bookmarks and links still lead to it.
    What occurs many times, such as the other side of a card, is laid out, painted and stored once
    however often it is used; 400 equal cards would cost WeasyPrint seconds.
    """
    contents = list(dict.fromkeys(layer.content for layers in sheets for layer in layers))
    pages = [content for content in contents if not isinstance(content, Bitmap)]
    uses = Counter(layer.content for layers in sheets for layer in layers)

    def stack(_: Document, file: pydyf.PDF) -> None:
        import pydyf

        def add(stream: pydyf.Stream) -> bytes:
            file.add_object(stream)
            return stream.reference

        @functools.cache
        def moved_to(left: float, bottom: float) -> bytes:
            # A content stream leaves the axes flipped or scaled, so each one is fenced by q and Q.
            return add(pydyf.Stream([f"q 1 0 0 1 {left:.4f} {bottom:.4f} cm"]))

        numbers = file.pages["Kids"][::3]
        frames = dict(zip(pages, (file.objects[number] for number in numbers), strict=True))
        streams = {
            content: add(content.operators())
            if isinstance(content, Bitmap)
            else frames[content]["Contents"]
            for content in contents
        }
        restore = add(pydyf.Stream(["Q"]))
        file.pages["Kids"], file.pages["Count"] = pydyf.Array([]), 0
        for layers in sheets:
            parts = pydyf.Array([])
            for layer in layers:
                parts += [moved_to(layer.left, layer.bottom), streams[layer.content], restore]
            laid_out = [layer.content for layer in layers if layer.content in frames]
            frame = frames[laid_out[0]]
            size = frame["MediaBox"]
            own = [c for c in laid_out if uses[c] == 1 and frames[c]["MediaBox"] == size]
            if not own:
                file.add_page(pydyf.Dictionary({**frame, "Contents": parts}))
                continue
            frames[own[-1]]["Contents"] = parts
            file.pages["Kids"] += [frames[own[-1]].number, 0, "R"]
            file.pages["Count"] += 1

    with _lock:
        return base.copy(pages).write_pdf(finisher=stack)


@functools.cache
def _covered(font: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / font, lazy=True) as file:
        return frozenset(file.getBestCmap())


@functools.cache
def _advances(font: str) -> dict[int, float]:
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / font, lazy=True) as file:
        widths, unit = file["hmtx"].metrics, file["head"].unitsPerEm
        return {code: widths[glyph][0] / unit for code, glyph in file.getBestCmap().items()}


# Advances of what stands in most tables, so that no font has to be opened for it; a test compares.
_KNOWN = {c: 0.555 for c in "0123456789−"} | {
    ".": 0.278, "*": 0.467, "-": 0.347, " ": 0.224, "X": 0.573, "(": 0.338, ")": 0.338, "·": 1.0,
}  # fmt: skip


def ems(text: str, font: str = "NotoSansSC_400Regular.ttf") -> float:
    """How long a line of text is in a packaged font, in ems; a character it lacks counts one."""
    length, is_regular = 0.0, font == "NotoSansSC_400Regular.ttf"
    for c in text:
        if "一" <= c <= "鿿" or "、" <= c <= "〕" or "！" <= c <= "～":
            length += 1
        elif is_regular and c in _KNOWN:
            length += _KNOWN[c]
        else:
            length += _advances(font).get(ord(c), 1.0)
    return length


# Control and direction marks have no ink of their own; a character that no font has does need some.
_NO_INK = frozenset({"Cc", "Cf", "Cs"})


def visible(text: str) -> str:
    """A text as one line that ink can show: without what would move its neighbours on the line.

    The record stays as it is; only what has no shape of its own is left out, and blanks are joined.
    """
    if text.isalnum():
        return text
    spaced = "".join(" " if c.isspace() else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in _NO_INK).split())


def missing_glyphs(text: str, font: str = "NotoSansSC_400Regular.ttf") -> list[str]:
    """The characters of text that a packaged font cannot draw, each once, in order."""
    rare = [c for c in dict.fromkeys(text) if not c.isspace() and not _is_everyday(c)]
    # Reading the font's table takes 0.1 s: only for a character that could be missing.
    return [c for c in rare if ord(c) not in _covered(font)] if rare else []


def _is_everyday(c: str) -> bool:
    """Whether c is in GB 2312, all of which a test finds in the packaged fonts."""
    try:
        c.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def unprintable_names(names: Iterable[str], font: str = "NotoSansSC_400Regular.ttf") -> list[str]:
    """The names that need a character which the packaged font does not have."""
    return [name for name in names if missing_glyphs(name, font)]
