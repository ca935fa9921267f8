"""The printed sheets, read back as a scanner and an eye would."""

from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.people.card_code import grouped, make_code
from core.people.cards import sheets, symbol
from core.people.cards.sheets import Face, Wording, name_lines, printable, render_sheets

KEY = b"a key for tests only, 32 bytes.."
WORDING = Wording(
    office="渚河路街道办事处",
    title="服务卡",
    phone="电话 0310-3110000",
    how_title="怎样用卡",
    how=("1. 把二维码对准扫码处。", "2. 一人一卡。", "3. 忘带卡,报姓名。"),
    lost_title="卡丢了怎么办",
    lost=("马上打 0310-3110000。", "旧卡立即停用。"),
    found="拾到此卡,请交街道办事处。",
    sheet="第 {number} 张,共 {total} 张",
)
RARE = ["王䶮", "㛃儿", "陈𬭎", "龘龘龘", "阿卜杜热合曼·艾则孜", "𠮷田花", "Mary Ann O'Brien"]


def faces(count: int) -> list[Face]:
    return [
        Face(RARE[n] if n < len(RARE) else f"王{'一二三四五六七八九十'[n % 10]}", make_code(KEY, n + 1, 1))
        for n in range(count)
    ]  # fmt: skip


def codes_on(page: pypdfium2.PdfPage, dpi: int = 100) -> list[str]:
    """The codes on a page from top left to bottom right."""
    image = page.render(scale=dpi / 72, grayscale=True).to_pil()
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert {code.symbology_identifier[:2] for code in found} <= {"]Q"}

    def place(code: zxingcpp.Barcode) -> tuple[int, int]:
        corner = code.position.top_left
        return (round(corner.y / image.height * 297 / 53.75 - 0.5), corner.x)

    return [code.text for code in sorted(found, key=place)]


def test_every_card_of_400_is_read_back_in_its_place() -> None:
    cards = faces(400)
    steps: list[tuple[int, int]] = []
    made = render_sheets(cards, WORDING, progress=lambda done, total: steps.append((done, total)))
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 80
    assert steps[-1] == (40, 40)
    read = [code for page in range(0, 80, 2) for code in codes_on(document[page])]
    assert read == [card.code for card in cards]
    assert all(codes_on(document[page]) == [] for page in (1, 79))
    text = document[79].get_textpage().get_text_range()
    assert text.count(WORDING.lost_title) == 10
    document.close()


def test_names_numbers_and_office_stand_on_the_sheet() -> None:
    document = pypdfium2.PdfDocument(render_sheets(faces(10), WORDING))
    text = document[0].get_textpage().get_text_range()
    for name in ("王䶮", "㛃儿", "陈𬭎", "龘龘龘", "□田花", "艾则孜"):
        assert name in text
    assert text.count(WORDING.office) == text.count(WORDING.phone) == 10
    for card in faces(10):
        assert grouped(card.code).replace(" ", "") in "".join(text.split())
    assert "第 1 张,共 1 张" in text
    document.close()


def test_a_last_sheet_of_three_has_three_backs_behind_their_fronts() -> None:
    document = pypdfium2.PdfDocument(render_sheets(faces(13), WORDING))
    assert len(document) == 4
    assert len(codes_on(document[2])) == 3
    back = document[3].get_textpage()
    searcher, places = back.search(WORDING.lost_title), []
    while found := searcher.get_next():
        left, bottom, *_ = back.get_charbox(found[0])
        places.append((int(left > 595 / 2), int((842 - bottom) // (53.75 * 72 / 25.4))))
    # Cards 1 and 2 fill a row; the third is on the left in front, so on the right behind.
    assert sorted(places) == [(0, 0), (1, 0), (1, 1)]
    document.close()


def test_fronts_alone_are_one_page_a_sheet() -> None:
    document = pypdfium2.PdfDocument(render_sheets(faces(1), WORDING, backs=False))
    assert len(document) == 1
    assert len(codes_on(document[0])) == 1
    width, height = document[0].get_size()
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (210, 297)
    document.close()


def test_nothing_to_print_is_an_error() -> None:
    with pytest.raises(ValueError, match="no card"):
        render_sheets([], WORDING)


def test_the_symbol_is_at_least_25_mm_with_its_quiet_zone() -> None:
    document = pypdfium2.PdfDocument(render_sheets(faces(2), WORDING))
    image = document[0].render(scale=300 / 72, grayscale=True).to_pil()
    (code, other) = sorted(
        zxingcpp.read_barcodes(image), key=lambda found: found.position.top_left.x
    )
    mm = 25.4 / 300
    corners = code.position
    assert (corners.top_right.x - corners.top_left.x) * mm >= 25
    assert (other.position.top_left.x - corners.top_left.x) * mm == pytest.approx(85, abs=0.5)
    quiet = 4 * 1.25 / mm
    box = (
        corners.top_left.x - quiet + 4, corners.top_left.y - quiet + 4,
        corners.top_left.x - 4, corners.bottom_left.y + quiet - 4,
    )  # fmt: skip
    assert image.crop(tuple(round(edge) for edge in box)).getextrema() == (255, 255)
    document.close()


def test_a_stained_symbol_is_still_read() -> None:
    code = make_code(KEY, 7, 1)
    image = Image.open(BytesIO(symbol.png(code))).convert("L").resize((290, 290), 0)
    image.paste(0, (170, 170, 220, 220))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [code]


def test_only_a_valid_code_becomes_a_symbol() -> None:
    with pytest.raises(ValueError, match="own code"):
        symbol.lines("12345678901234567")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("王秀英", ["王秀英"]),
        ("阿卜杜热合曼·艾则孜", ["阿卜杜热合曼·", "艾则孜"]),
        ("买买提江·阿卜杜热西提·吐尔逊", ["买买提江·", "阿卜杜热西提·", "吐尔逊"]),
        ("欧阳司马诸葛上官", ["欧阳司马诸葛", "上官"]),
        ("Mary Ann O'Brien", ["Mary Ann", "O'Brien"]),
    ],
)
def test_a_long_name_breaks_where_a_reader_would(name: str, lines: list[str]) -> None:
    assert name_lines(name) == lines


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("王\u202e秀\u200b英", "王秀英"),
        ("王\t秀\n英", "王 秀 英"),
        ("𠮷田花", "□田花"),
        ("<b>王</b>", "<b>王</b>"),
        ("", "□□□"),
    ],
)
def test_what_ink_cannot_show_does_not_disturb_the_neighbours(name: str, printed: str) -> None:
    assert printable(name) == printed


@given(st.text(max_size=64))
def test_no_name_breaks_a_sheet(name: str) -> None:
    lines = name_lines(printable(name))
    assert all(line and "\n" not in line for line in lines)
    assert "".join("".join(lines).split()) == "".join(printable(name).split())


def test_markup_in_a_name_stays_text() -> None:
    made = render_sheets(
        [Face("<img src=file:///etc/passwd>{{7*7}}", make_code(KEY, 1, 1))], WORDING
    )
    document = pypdfium2.PdfDocument(made)
    text = "".join(document[0].get_textpage().get_text_range().split())
    assert "{{7*7}}" in text
    assert "<img" in text
    document.close()


def test_wording_that_is_too_long_makes_no_page_of_its_own() -> None:
    office = "某某市某某区某某某某街道办事处便民服务中心"
    long = replace(
        WORDING,
        office=office,
        how=("How to use it, " * 9,) * 3,
        lost=("x " * 99,),
        found=office * 4,
    )
    document = pypdfium2.PdfDocument(render_sheets(faces(3), long))
    assert len(document) == 2
    assert len(codes_on(document[0])) == 3
    document.close()


def test_names_that_need_a_pen_are_told() -> None:
    assert sheets.unprintable(faces(10)) == ["𠮷田花"]
