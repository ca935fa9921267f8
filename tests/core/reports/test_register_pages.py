"""Registers on paper, read back: sums, alignment, names, and that nothing is lost or cut."""

import pypdfium2
import pytest

from core.reports import layout, pdf
from core.reports import register_places as at
from core.reports.register import Marks, Numbers, Register, Texts, on_screen
from core.reports.register_lines import DIGIT, TOLERANCE, Field, blanks, composed
from core.reports.register_pages import lay_out
from core.reports.values import Unit
from tests.core.reports.papers import PAPER, PT, Page, built, kind_with, read, register, rows_of

pytestmark = pytest.mark.usefixtures("in_app")
RARE = [
    "王䶮", "李㛃", "赵𬭎", "龘龘", "欧阳修远", "阿卜杜热合曼·艾则孜·买买提明", "尼加提·吐尔逊江·阿不都热依木·艾力",
    "<b>{{7*7}}</b>", "张\u202e三\x07四", "李\n四", "O'Brien", "王*华",
]  # fmt: skip
SHOWN = ["张三四" if "三" in name else "李 四" if "\n" in name else name for name in RARE]


def printed(*registers: Register) -> list[Page]:
    """The pages of these registers, without those in front."""
    content, count = layout.pdf_of(kind_with(*registers), built(), PAPER)
    pages = read(content)
    assert len(pages) == count
    return [page for page in pages if page.width > page.height]


def test_lines_know_the_fonts() -> None:
    fonts = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
    widths = {c: pdf._advances(fonts[0])[ord(c)] for c in (*pdf._KNOWN, "\u3000", "\u2002")}
    assert {widths[c] for c in "0123456789\u2212"} == {DIGIT}
    assert widths["."] == at.POINT
    assert (widths["\u3000"], widths["\u2002"]) == (1, 0.5)
    # report.css widens a blank by .331 em to a digit's width.
    assert widths[" "] + 0.331 == pytest.approx(DIGIT)
    assert {c: width for c, width in widths.items() if c in pdf._KNOWN} == pdf._KNOWN
    wide = (*range(0x4E00, 0xA000), *range(0x3001, 0x3016), *range(0xFF01, 0xFF5F))
    for font in fonts:
        advances = pdf._advances(font)
        assert {advances[code] for code in wide if code in advances} == {1}


@pytest.mark.parametrize("gap", [0.0, DIGIT, 3 * DIGIT, 1.0, 5.0, 7.5, 6.013, 27.347, 84.91])
def test_blanks_fill_a_gap_to_a_tenth_of_a_millimetre(gap: float) -> None:
    text, width = blanks(gap)
    assert abs(width - gap) <= TOLERANCE
    assert width == pytest.approx(sum({"\u3000": 1, "\u2002": 0.5, " ": DIGIT}[c] for c in text))


def test_a_word_in_the_way_of_the_next_stands_alone() -> None:
    line, alone = composed([Field(0, 3, "一二三"), Field(3.2, 1, "四"), Field(9, 1, "五")])
    assert alone == [0]
    assert line.split() == ["四", "五"]


def test_a_number_is_never_left_out_of_its_line() -> None:
    line, alone = composed([Field(0, 3, "一二三"), Field(3.2, DIGIT, "7", is_fixed=True)])
    assert alone == [0]
    assert line.split() == ["7"]


def test_each_page_adds_up_and_carries_forward() -> None:
    # 40 people: 17, 17 and 6. Person n has n visits, 2n taken away, 1.01n yuan and 0.07n of her own.
    # 1 + … + 17 = 153, 18 + … + 34 = 442, 35 + … + 40 = 225.
    pages = printed(register(["王秀华"] * 40))
    assert len(pages) == 3
    expected = [
        ("承前页(0人)", (0, 0, "0.00", "0.00"), "本页小计(17人)", (153, 306, "154.53", "10.71"),
         "累计(17人)", (153, 306, "154.53", "10.71")),
        ("承前页(17人)", (153, 306, "154.53", "10.71"), "本页小计(17人)", (442, 884, "446.42", "30.94"),
         "累计(34人)", (595, 1190, "600.95", "41.65")),
        ("承前页(34人)", (595, 1190, "600.95", "41.65"), "本页小计(6人)", (225, 450, "227.25", "15.75"),
         "合计(40人)", (820, 1640, "828.20", "57.40")),
    ]  # fmt: skip
    for page, parts in zip(pages, expected, strict=True):
        lines = rows_of(page)
        for label, (upper, lower, price, own) in zip(parts[::2], parts[1::2], strict=True):
            wanted = label.replace("(", "\uff08").replace(")", "\uff09")
            # The label stands in the middle of its row, between the two lines of numbers.
            place = lines.index(wanted)
            assert lines[place - 1] == f"{upper}{price}"
            assert lines[place + 1] == f"{lower}{own}"


def test_every_page_has_the_head_the_legend_and_its_number() -> None:
    names = ["王秀华"] * 40
    for number, page in enumerate(printed(register(names)), 4):
        for text in (
            "登记册",
            "2026年10月",
            "身份证号",
            "电话",
            "签名",
            "图例",
            "· 未用餐",
            "上下两行",
            "负责人",
        ):
            assert text in page.text, text
        assert f"— {number} —" in page.text
        dash = page.of(f"—{number}—")
        assert (dash[0].left > page.width / 2) == bool(number % 2)


def test_what_belongs_to_one_person_stands_on_her_row() -> None:
    # Nobody is called like another, and the first name does not fit on one line.
    names = [RARE[5], RARE[0], *(f"{a}{b}" for a in "王李张" for b in "甲乙丙丁戊己庚辛壬癸")]
    pages = printed(register(names))
    for number, name in enumerate(names, 1):
        page = pages[(number - 1) // 17]
        phone = page.of(str(19900000000 + number))
        id_number = page.of(f"1304**********{number:04d}")
        row_middle = (phone[0].bottom + id_number[0].top) / 2
        called = page.of(name[:4])[0]
        assert phone[0].left == pytest.approx(id_number[0].left, abs=0.3)
        off = 3.5 * PT if len(name) > 4 else 1.2
        assert (called.bottom + called.top) / 2 == pytest.approx(row_middle, abs=off)


def test_numbers_end_where_their_column_ends() -> None:
    pages = printed(register(["王秀华", "阿卜杜热合曼·艾则孜", "王䶮"] * 12))
    ends: dict[str, set[float]] = {"fen": set(), "visits": set()}
    for number in range(1, 37):
        page = pages[(number - 1) // 17]
        price = f"{101 * number // 100}.{101 * number % 100:02d}"
        row = page.of(f"{number}{price}")
        ends["fen"].add(round(row[-1].right, 2))
        ends["visits"].add(round(row[len(str(number)) - 1].right, 2))
    for values in ends.values():
        assert max(values) - min(values) < 0.3, values


def test_names_are_inert_and_whole() -> None:
    page = printed(register(RARE))[0]
    joined = "".join(page.text.split())
    for name in SHOWN:
        # A long name is set in several lines, which are read before or behind what stands beside them.
        parts = name.split("·") if "·" in name else [name]
        for part in parts:
            assert part.replace(" ", "") in joined, name
    assert "49" not in page.lines()
    assert "\u202e" not in page.text
    assert "\x07" not in page.text


def test_a_long_name_is_set_smaller_and_inside_its_column() -> None:
    names = ["王秀华"] * 16 + ["尼加提·吐尔逊江·阿不都热依木·艾力"]
    page = printed(register(names))[0]
    places = at.placed(register(names))
    column = next(place for place in places if place.heads == ("姓名",))
    left = 15 * PT + column.left * PT
    for part in ("尼加提", "吐尔逊江", "阿不都热依木", "艾力"):
        glyphs = page.of(part)
        assert glyphs[0].left >= left
        assert glyphs[-1].right <= left + column.width * PT + 0.1
        assert glyphs[0].top - glyphs[0].bottom < 11


def test_nothing_is_cut_at_the_edges() -> None:
    content, _count = layout.pdf_of(kind_with(register(RARE * 4)), built(), PAPER)
    document = pypdfium2.PdfDocument(content)
    for page in document:
        image = page.render(scale=1, grayscale=True).to_pil()
        margin = round(8 * PT)
        inner = image.crop((margin, margin, image.width - margin, image.height - margin))
        image.paste(255, (margin, margin, margin + inner.width, margin + inner.height))
        assert image.getextrema() == (255, 255)
    document.close()


def test_a_long_legend_takes_rows_and_loses_no_word() -> None:
    legend = tuple(f"第{n}条说明" * 9 for n in range(1, 7))
    pages = printed(register(["王秀华"] * 40, legend=legend))
    assert len(pages) == 3
    for page in pages:
        joined = "".join(page.text.split())
        assert all(text in joined for text in legend)
        assert "负责人" in joined
        assert "上下两行" in joined
        lowest = min(glyph.bottom for glyph in page.of("负责人"))
        assert lowest > page.of("—")[0].top


def test_an_empty_register_is_one_page_with_noughts() -> None:
    pages = printed(register([]))
    assert len(pages) == 1
    assert "合计\uff080人\uff09" in pages[0].text


def test_marks_stand_under_their_day_and_none_is_a_dot() -> None:
    days = ["".join("1234567"[n % 7] if n % 3 else "0" for n in range(31))]
    columns = (
        Numbers(("序号",), [(1,)], is_summed=False),
        Marks("日期", tuple(str(n) for n in range(1, 32)), days),
        Numbers(("次数",), [(20,)]),
    )  # fmt: skip
    page = printed(Register("登记册", "次", 1, columns))[0]
    shown = page.of(days[0].replace("0", "·"))
    units = page.of("1234567890123456789012345678901")
    assert len(shown) == 31
    for mark, day in zip(shown, units, strict=True):
        assert (mark.left + mark.right) / 2 == pytest.approx((day.left + day.right) / 2, abs=0.4)


def test_months_stand_side_by_side_in_longer_periods() -> None:
    months = tuple(Numbers((f"{n}月",), [(n * person,) for person in (1, 2)]) for n in range(1, 13))
    columns = (
        Numbers(("序号",), [(1,), (2,)], is_summed=False),
        Texts(("姓名",), [("王秀华",), ("李四",)], 17, 24),
        *months,
        Numbers(("餐费", "自付"), [(1, -1), (2, -2)], Unit.FEN),
    )  # fmt: skip
    lines = rows_of(printed(Register("登记册", "次", 2, columns))[0])
    assert "1王秀华123456789101112" in lines
    assert "2李四24681012141618202224" in lines
    assert any(line.endswith("369121518212427303336") for line in lines)
    assert any(line.endswith("\u22120.03") for line in lines)


def test_a_register_upright_numbers_its_pages_like_the_others() -> None:
    columns = (
        Numbers(("序号",), [(n,) for n in range(1, 31)], is_summed=False),
        Texts(("姓名",), [("王*华",)] * 30, 30, 36),
        Numbers(("人次",), [(1,)] * 30),
    )  # fmt: skip
    content, count = layout.pdf_of(
        kind_with(Register("名单", "人次", 30, columns, ("图例",), is_wide=False)), built(), PAPER
    )
    pages = read(content)
    heights = {round(page.of(f"—{n}—")[0].bottom) for n, page in enumerate(pages, 1)}
    assert count == len(pages)
    assert max(heights) - min(heights) <= 1
    assert "本页小计\uff0826人\uff09" in pages[-2].text
    assert "本页小计\uff084人\uff09" in pages[-1].text


def test_what_does_not_fit_on_the_paper_is_an_error() -> None:
    columns = tuple(Texts((f"第{n}栏",), [("字",)], 20, 20) for n in range(20))
    with pytest.raises(ValueError, match="does not fit"):
        lay_out(Register("登记册", "次", 1, columns))
    with pytest.raises(ValueError, match="every row"):
        Register("登记册", "次", 2, columns)


def test_progress_may_stop_the_work() -> None:
    class Stop(Exception):
        pass

    steps: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        steps.append((done, total))
        raise Stop

    with pytest.raises(Stop):
        layout.pdf_of(kind_with(register(["王秀华"] * 400)), built(), PAPER, progress=stop)
    assert steps == [(20, 24)]


def test_the_screen_shows_the_same_rows_each_value_in_a_column_of_its_own() -> None:
    table = on_screen(register(["王秀华"] * 60), 50, 100)
    assert (table.first, table.last, len(table.rows)) == (50, 60, 10)
    assert table.head == (
        "序号",
        "姓名",
        "身份证号",
        "电话",
        "日期",
        "午餐",
        "自取",
        "餐费",
        "自付",
    )
    assert table.rows[0] == (
        "51", "王秀华", "1304**********0051", "19900000051", "2" + "·" * 30, "51", "102", "51.51", "3.57",
    )  # fmt: skip
    assert table.numeric == {0, 5, 6, 7, 8}
    assert table.marks == {4}
