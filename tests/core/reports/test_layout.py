"""A report on paper, read back: its first page, marks, versions, verification, and its language."""

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from flask_babel import force_locale

from core.reports import layout
from core.reports.paper import Paper, printed
from core.reports.values import Chart, Line, Output, Table, Unit
from tests.core.reports.papers import (
    CODE,
    DIGEST,
    HEAD,
    PAPER,
    PT,
    Page,
    built,
    figure,
    kind_with,
    read,
    register,
)

pytestmark = pytest.mark.usefixtures("in_app")
ARCHIVE = replace(PAPER, output=Output.ARCHIVE, explanations=(("代取集中", "受三人委托。"),))
PUBLIC = replace(PAPER, output=Output.PUBLIC)


def pages_of(paper: Paper = PAPER, **changes: object) -> list[Page]:
    content, count = layout.pdf_of(kind_with(), built(**changes), paper)
    pages = read(content)
    assert len(pages) == count
    return pages


def joined(page: Page) -> str:
    return "".join(page.text.split())


def test_page_one_can_be_stamped_alone() -> None:
    first, second, *_ = pages_of()
    text = joined(first)
    for words in (
        "示例街道办事处", "示例报告", "2026年10月", "示例区民政局", "总表", "用餐人次", "2,484", "8,550.60",
        "负责人", "审核人", "复核人乙", "填表人", "经办人甲", "填报单位", "盖章", "2026年11月2日", CODE, "内部资料",
    ):  # fmt: skip
        assert words in text, words
    assert joined(second).startswith("一、工作小结")
    # There is room for a seal of 42 mm beside who signs.
    seal, signers = first.of("填报单位")[0], first.of("负责人")[0]
    assert signers.bottom - seal.top > 15 * PT


def test_the_text_lies_where_official_documents_have_it() -> None:
    first, second, *_ = pages_of()
    assert (round(first.width), round(first.height)) == (595, 842)
    heading = second.of("一、工作小结")
    assert second.height - heading[0].top == pytest.approx(37 * PT, abs=3)
    assert heading[0].left == pytest.approx(28 * PT, abs=1)
    # The paragraph begins two characters in, at 14 pt.
    body = second.of("本月正常开餐")
    assert body[0].left == pytest.approx(28 * PT + 28, abs=1)
    unit = first.of("单位：")
    assert max(
        glyph.right for glyph in first.glyphs if abs(glyph.bottom - unit[0].bottom) < 3
    ) == pytest.approx(first.width - 26 * PT, abs=1)


def test_numbers_of_pages_stand_outside() -> None:
    pages = pages_of(replace(PAPER, summary="很长的小结。\n" * 60))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        shown = page.of(f"—{number}—")
        assert (shown[0].left > page.width / 2) == (number % 2 == 1)
        assert shown[0].top < page.height - 262 * PT


def test_whole_numbers_end_where_the_points_of_amounts_stand() -> None:
    page = pages_of()[0]
    whole, amount = page.of("2,484")[-1], page.of("8,550.60")
    assert whole.right == pytest.approx(amount[-3].left, abs=0.4)
    assert page.of("180")[-1].right == pytest.approx(whole.right, abs=0.1)
    assert printed(-1200, Unit.FEN) in page.text
    # The same in the column beside it, below nought and with a minus sign.
    assert page.of("2,4840")[-1].right == pytest.approx(page.of("\u221212.00")[-3].left, abs=0.4)


def test_paper_is_chinese_whatever_the_screen_speaks() -> None:
    with force_locale("en"):
        text = joined(pages_of(ARCHIVE)[0]) + layout.html_of(kind_with(), built(), ARCHIVE)
    assert "单位" in text
    for word in ("Unit", "Note", "Table", "Reviewed", "Internal", "Date", "Chart"):
        assert word not in text
    with force_locale("en"):
        assert layout.view_of(kind_with(), built(), PAPER).marks[0] == "Internal"


def test_each_version_says_what_it_is_for() -> None:
    submission, archive, public = (
        "".join(map(joined, pages_of(p))) for p in (PAPER, ARCHIVE, PUBLIC)
    )
    assert "报送版" in submission
    assert "留存版" in archive
    assert "公示版" in public
    for words in ("勾稽关系", "餐费=补贴+自付", "相符", "代取集中", "受三人委托"):
        assert words in archive
        assert words not in submission + public
    for words in (
        "内部资料",
        "示例区民政局",
        "某老人",
        "正常开餐",
        "示例标准",
        "复核人乙",
        "每日用餐",
        "按餐次",
    ):
        assert words in submission, words
        assert words not in public, words
    assert "0310-3110001" in public
    assert "0310-3110001" not in submission


def test_a_correction_says_which_revision_it_is() -> None:
    assert "第2版" in joined(pages_of(replace(PAPER, revision=2))[0])
    assert "版（更正）" not in joined(pages_of()[0])


def test_what_is_not_known_yet_leaves_room_and_no_trace() -> None:
    paper = Paper(Output.SUBMISSION)
    pages = pages_of(paper)
    assert all("预览" in joined(page) for page in pages)
    first = joined(pages[0])
    assert "核验码" not in first
    assert "None" not in "".join(map(joined, pages))
    assert "工作小结" not in "".join(map(joined, pages))
    assert "预览" not in "".join(map(joined, pages_of()))


def test_whole_id_numbers_name_their_reason_on_every_page() -> None:
    paper = replace(PAPER, full_ids=True, full_ids_reason="发放核对")
    content, _count = layout.pdf_of(kind_with(register(["王秀华"] * 20)), built(), paper)
    for page in read(content):
        assert joined(page).count("仅限：发放核对") == 3
    assert "发放核对" not in joined(pages_of(replace(paper, output=Output.PUBLIC))[0])


def test_the_symbol_leads_to_the_verification() -> None:
    address = "https://zhuhe.example.cn/verify/7K2M94QTXHPA"
    content, _count = layout.pdf_of(kind_with(), built(), replace(PAPER, verify_url=address))
    document = pypdfium2.PdfDocument(content)
    image = document[0].render(scale=150 / 72, grayscale=True).to_pil()
    document.close()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [address]


def test_without_an_address_the_code_the_hash_and_a_phone_are_printed() -> None:
    content, _count = layout.pdf_of(kind_with(), built(), PAPER)
    document = pypdfium2.PdfDocument(content)
    assert zxingcpp.read_barcodes(document[0].render(scale=2, grayscale=True).to_pil()) == []
    document.close()
    pages = read(content)
    for words in (CODE, DIGEST[:16], "0310-3110000"):
        assert words in joined(pages[0])
    assert DIGEST in joined(pages[-1])
    assert HEAD in joined(pages[-1])


def test_tables_and_charts_are_numbered_and_no_page_has_two_charts() -> None:
    def chart(key: str, section: str) -> Chart:
        return Chart(
            key, section, f"图示{key}", "人次", ("1", "2"), (("午餐", ("visits", "people")),)
        )

    pages = pages_of(charts=(chart("a", "用餐情况"), chart("b", "用餐情况"), chart("c", "其他")))
    on = [[n for n in (1, 2, 3) if f"图{n}图示" in joined(page)] for page in pages]
    assert [n for each in on for n in each] == [1, 2, 3]
    assert max(map(len, on)) == 1
    text = "".join(map(joined, pages))
    assert "表1总表" in text
    assert "表2按餐次" in text


def test_chapters_are_numbered_in_chinese_and_marked_for_readers() -> None:
    tables = tuple(
        Table(f"t{n}", f"第{n}章", f"表{n}", "次", ("项", "次"), (Line("甲", ("visits",)),))
        for n in range(9)
    )
    content, _count = layout.pdf_of(kind_with(register(["王秀华"])), built(tables=tables), PAPER)
    document = pypdfium2.PdfDocument(content)
    contents = [(each.get_title(), each.get_dest().get_index()) for each in document.get_toc()]
    meta, pages = document.get_metadata_dict(), len(document)
    document.close()
    titles = [title for title, _page in contents]
    assert titles[0] == "示例街道办事处示例报告"
    assert titles[1:3] == ["一、工作小结", "二、典型案例"]
    assert "十二、用餐情况" in titles
    assert contents[-1] == ("登记册", pages - 1)
    assert meta["Title"] == "示例街道办事处示例报告（2026年10月）"
    assert meta["Author"] == "示例街道办事处"


def test_text_written_by_people_is_inert() -> None:
    hostile = "<b>甲</b>{{ 7*7 }}{% raw %}&lt;\u202e乙\x07丙"
    paper = replace(
        PAPER,
        summary=hostile,
        receiver=hostile,
        output=Output.ARCHIVE,
        explanations=((hostile, hostile),),
    )
    text = "".join(map(joined, pages_of(paper, scope_name=hostile, definitions=(hostile,))))
    assert "<b>甲</b>{{7*7}}{%raw%}&lt;" in text
    assert "49" not in text.replace("2,449", "")


def test_a_name_that_no_font_can_print_is_reported_with_the_person() -> None:
    names = (
        "王䶮",
        "李㛃",
        "赵𬭎",
        "龘龘",
        "阿卜杜·艾则孜",
        "𠮷野花子",
        "王\ue123",
        "张\u202e三",
        "O'Neill",
    )
    start = built()
    people = start.datasets["people"]
    rows = tuple((n, name) for n, name in enumerate(names))
    counted = replace(start, datasets={**start.datasets, "people": replace(people, rows=rows)})
    assert layout.missing_glyphs(counted, PAPER) == (("𠮷野花子", "𠮷"), ("王\ue123", "\ue123"))
    paper = replace(PAPER, summary="见\U0003ffff", explanations=(("代取集中", "𠮷某"),))
    assert layout.missing_glyphs(start, paper) == (("工作小结", "\U0003ffff"), ("代取集中", "𠮷"))


@pytest.mark.parametrize("count", [1, 11, 12, 16])
def test_a_long_headline_still_leaves_page_one_whole(count: int) -> None:
    figures = {key: figure(key, 1) for key in (f"f{n}" for n in range(count))}
    lines = tuple(Line(f"指标{key}", (key, key)) for key in figures)
    start = built()
    headline = replace(start.headline, lines=lines)
    first, second, *_ = pages_of(figures={**start.figures, **figures}, headline=headline)
    assert f"指标f{count - 1}" in first.text
    assert "填报单位" in first.text
    assert "一、工作小结" in second.text
    note, signers = first.of("注：")[0], first.of("负责人")[0]
    assert note.bottom > signers.top
