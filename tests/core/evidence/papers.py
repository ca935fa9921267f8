"""Files for tests, made here: photos, scans, and PDFs written object by object."""

import io
import random
import zlib
from collections.abc import Mapping

from PIL import Image, ImageDraw


def photo(size: tuple[int, int] = (1200, 900), *, exif: bool = True, quality: int = 88) -> bytes:
    """A JPEG as a phone stores it: lying on its side, with the place where it was taken."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 4, size[1] // 4), fill="black")
    notes = Image.Exif()
    if exif:
        notes[0x0112] = 6  # turn it clockwise to see it upright
        notes[0x010F] = "SECRETPHONE"
        place = notes.get_ifd(0x8825)
        place[1], place[2] = "N", (36.0, 36.0, 30.0)
        place[3], place[4] = "E", (114.0, 29.0, 0.0)
    return saved(image, "JPEG", quality=quality, exif=notes)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture that cannot be compressed."""
    return Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))


def scan() -> bytes:
    """A PNG as a scanner makes it."""
    image = Image.new("1", (800, 1100), 1)
    ImageDraw.Draw(image).text((40, 40), "signed", fill=0)
    return saved(image, "PNG")


def pdf(
    objects: Mapping[int, bytes] | None = None,
    *,
    pages: int = 1,
    catalog: bytes = b"",
    page: bytes = b"",
    trailer: bytes = b"",
    unlisted: bytes = b"",
) -> bytes:
    """A PDF with so many empty pages. catalog, page, trailer: more entries of these dictionaries;
    objects: more objects by number, from 100; unlisted: bytes that no table of contents names."""
    numbers = [10 + n if n < 90 else 10_000 + n for n in range(pages)]
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    body = {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % pages,
    }
    for number in numbers:
        body[number] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]" + page + b">>"
    body.update(objects or {})
    out, places = io.BytesIO(), {}
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, content in sorted(body.items()):
        places[number] = out.tell()
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    out.write(unlisted)
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in sorted(places.items()):
        out.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    size = max(places) + 1
    out.write(b"trailer\n<</Size %d/Root 1 0 R" % size + trailer + b">>\n")
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def stream(entries: bytes, content: bytes, *, packed: bool = True) -> bytes:
    """A stream object."""
    data = zlib.compress(content) if packed else content
    how = b"/Filter/FlateDecode" if packed else b""
    return (b"<<" + entries + how + b"/Length %d>>\nstream\n" % len(data)
            + data + b"\nendstream")  # fmt: skip


def pdf_in_object_streams(inside: Mapping[int, bytes], catalog: bytes = b"") -> bytes:
    """A PDF whose objects, but for its catalog and pages, stand compressed in an object stream."""
    parts, index, at = [], [], 0
    for number, content in inside.items():
        index.append(b"%d %d" % (number, at))
        parts.append(content)
        at += len(content) + 1
    head = b" ".join(index) + b" "
    body = {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        4: stream(b"/Type/ObjStm/N %d/First %d" % (len(inside), len(head)), head + b" ".join(parts)),
    }  # fmt: skip
    out, rows = io.BytesIO(), {0: (0, 0, 65535)}
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number, content in body.items():
        rows[number] = (1, out.tell(), 0)
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    for place, number in enumerate(inside):
        rows[number] = (2, 4, place)
    last = max(rows) + 1
    rows[last] = (1, out.tell(), 0)
    table = b"".join(
        kind.to_bytes(1, "big") + where.to_bytes(4, "big") + more.to_bytes(2, "big")
        for kind, where, more in (rows.get(n, (0, 0, 0)) for n in range(last + 1))
    )
    start = out.tell()
    entries = b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R" % (last + 1)
    out.write(b"%d 0 obj\n" % last + stream(entries, table) + b"\nendobj\n")
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()
