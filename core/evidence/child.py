"""Runs alone in a child process (core/limited.py): looks at one attached file and answers about it.

Nothing of the application is imported here. The answer is a line of JSON, and for a picture the
bytes that are kept instead of those that came: drawn anew, so that neither the place where a photo
was taken nor a second file hidden in it survives. Exit codes say what happened otherwise.
"""

import io
import json
import math
import re
import sys
from typing import Any

# A4 photographed from edge to edge has 290 dpi at this size.
KEPT_PIXELS = 8_000_000
MAX_PIXELS = 100_000_000
MAX_PAGES = 500
MAX_PNG_BYTES = 2 * 1024 * 1024
CANNOT_OPEN, ENCRYPTED, ACTIVE, TOO_MANY = 3, 4, 5, 6

# What a PDF may not hold: what runs, fetches, sends, plays, or carries another file.
_ACTIONS = frozenset({
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie",
    "/Sound", "/RichMediaExecute",
})  # fmt: skip
_KEYS = frozenset({
    "/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/RichMediaSettings",
})  # fmt: skip
_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
# The same in bytes that no table of contents names, so that a viewer that repairs finds no more
# than we did. Only words long enough never to come up in compressed data by chance.
_HIDDEN = re.compile(rb"/(JavaScript|Launch|SubmitForm|ImportData|EmbeddedFile|RichMedia)\b")


class Refused(Exception):
    """What is wrong with the file, as an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def picture(content: bytes, kind: str) -> tuple[str, bytes]:
    """Media type and bytes of a picture drawn anew: upright, no larger than legible, without notes."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the size is looked at here, before a pixel is read
    try:
        image = Image.open(io.BytesIO(content), formats=[kind])
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise Refused(TOO_MANY)
        share = min(1.0, math.sqrt(KEPT_PIXELS / (width * height)))
        size = max(1, round(width * share)), max(1, round(height * share))
        image.draft(None, size)  # a JPEG far too large is not even unpacked in full
        image.load()
        turned = ImageOps.exif_transpose(image)
    except MemoryError:
        raise Refused(TOO_MANY) from None
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, ZeroDivisionError):
        raise Refused(CANNOT_OPEN) from None
    if (turned.width < turned.height) != (size[0] < size[1]):
        size = size[1], size[0]
    plain = _opaque(turned)
    if share < 1:
        plain = plain.convert("L" if plain.mode in ("1", "L") else "RGB")
        plain = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if kind == "PNG":
        made = io.BytesIO()
        plain.save(made, "PNG")
        if made.tell() <= MAX_PNG_BYTES:
            return "image/png", made.getvalue()
    made = io.BytesIO()
    plain.convert("L" if plain.mode in ("1", "L") else "RGB").save(made, "JPEG", quality=85)
    return "image/jpeg", made.getvalue()


def _opaque(image: Any) -> Any:
    """The picture on white, in one of the modes 1, L and RGB, with nothing beside its pixels."""
    from PIL import Image

    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.new("RGBA", above.size, "white")
        image.alpha_composite(above)
    mode = image.mode if image.mode in ("1", "L") else "RGB"
    bare = Image.new(mode, image.size)
    bare.paste(image.convert(mode))
    return bare


def pdf_pages(content: bytes) -> int:
    """How many pages a PDF has. Refuses what is locked, what could act, and what ends early."""
    import pypdf

    before, end, after = content.rpartition(b"%%EOF")
    if not end or after.strip(b"\0\t\n\f\r "):
        raise Refused(CANNOT_OPEN)
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if "/Encrypt" in reader.trailer:
            raise Refused(ENCRYPTED)
        if _HIDDEN.search(_unescaped(before)) or _can_act(reader):
            raise Refused(ACTIVE)
        pages = len(reader.pages)
    except Refused:
        raise
    except MemoryError:
        raise Refused(TOO_MANY) from None
    except Exception:  # a hostile file may break the reader in any way; all of them mean the same
        raise Refused(CANNOT_OPEN) from None
    if pages == 0:
        raise Refused(CANNOT_OPEN)
    if pages > MAX_PAGES:
        raise Refused(TOO_MANY)
    return pages


def _unescaped(content: bytes) -> bytes:
    """The bytes with names as they are meant: /J#61vaScript is /JavaScript."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)


def _can_act(reader: Any) -> bool:
    """Whether any object of the file, used or not, is one of those that may not be in it."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

    known = [(number, generation) for generation, rows in reader.xref.items() for number in rows]
    known += [(number, 0) for number in reader.xref_objStm]
    for number, generation in known:
        thing = reader.get_object(IndirectObject(number, generation, reader))
        if isinstance(thing, NameObject) and thing in _ACTIONS | _ANNOTATIONS:
            return True  # a name of its own, for a dictionary elsewhere to refer to
        waiting = [thing]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, DictionaryObject):
                if (
                    not _KEYS.isdisjoint(thing)
                    or thing.get("/S") in _ACTIONS
                    or thing.get("/Subtype") in _ANNOTATIONS
                ):
                    return True
                waiting += thing.values()
            elif isinstance(thing, ArrayObject):
                waiting += thing
    return False


def main() -> int:
    content, kind = sys.stdin.buffer.read(), sys.argv[1]
    try:
        if kind == "PDF":
            answer = {"media_type": "application/pdf", "pages": pdf_pages(content)}
            kept = b""
        else:
            media_type, kept = picture(content, kind)
            answer = {"media_type": media_type, "pages": 1}
    except Refused as error:
        return error.code
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + kept)
    return 0


if __name__ == "__main__":
    sys.exit(main())
