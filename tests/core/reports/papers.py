"""Reports made by hand for tests of paper, and PDFs read back as an eye would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pypdfium2

from core.clock import Month
from core.reports.paper import Paper
from core.reports.register import Annexes, Blank, Marks, Numbers, Register, Texts
from core.reports.registry import ReportKind
from core.reports.values import (
    Built,
    Chart,
    Column,
    Dataset,
    Figure,
    Identity,
    Kind,
    Line,
    Measure,
    Output,
    Period,
    Table,
    Unit,
)
from core.sites.models import SiteKind

PT = 72 / 25.4  # points a millimetre
CODE, DIGEST, HEAD = "7K2M-94QT-XHPA", "3f7a9c0be1d24578" * 4, "a1b2c3d4e5f60718" * 4
PAPER = Paper(
    Output.SUBMISSION, is_preview=False, issued_at=datetime(2026, 11, 2, 2, 31, tzinfo=UTC),
    issued_by="经办人甲", reviewed_by="复核人乙", receiver="示例区民政局", summary="本月正常开餐。",
    cases="某老人未到堂。", code=CODE, digest=DIGEST, audit_head=HEAD, phone="0310-3110000",
    complaint_phone="0310-3110001",
)  # fmt: skip


def figure(key: str, value: int, unit: Unit = Unit.VISITS) -> Figure:
    """A figure of this value: as many rows of the dataset "facts", or their sum."""
    return Figure(key, key, value, unit, "facts", Measure("rows"))


def built(**changes: Any) -> Built:
    """A report with a headline of three lines, two tables and a chart."""
    figures = {
        each.key: each
        for each in (
            figure("visits", 2484), figure("people", 180, Unit.PEOPLE), figure("subsidy", 855060, Unit.FEN),
            figure("less", -1200, Unit.FEN), figure("none", 0),
        )
    }  # fmt: skip
    headline = Table(
        "headline", "总表", "总表", "人次、元", ("指标", "本期", "上期"),
        (Line("用餐人次", ("visits", "none")), Line("补贴", ("subsidy", "less"), is_total=True),
         Line("在册", ("people", None))), adds_up=False, note="按人去重。", is_public=True,
    )  # fmt: skip
    table = Table(
        "kind", "用餐情况", "按餐次", "人次", ("餐次", "人次"),
        (Line("午餐", ("visits",)), Line("合计", ("visits",), is_total=True)),
    )  # fmt: skip
    chart = Chart(
        "days", "用餐情况", "每日用餐", "人次", ("1", "2"), (("午餐", ("visits", "people")),)
    )
    facts = Dataset(
        "facts", "", (Column("person_id", "", Kind.PERSON),), tuple((n,) for n in range(10))
    )
    people = Dataset(
        "people", "", (Column("person_id", "", Kind.NUMBER), Column("name", "")), ((1, "王秀华"),)
    )
    start = Built(
        name="facts", title="示例报告", period=Period(Month(2026, 10)), scope="all", scope_name="全部",
        office="示例街道办事处", built_at=datetime(2026, 11, 2, tzinfo=UTC), figures=figures,
        headline=headline, tables=(table,), charts=(chart,),
        identities=(Identity("a", "餐费 = 补贴 + 自付", 1200, 1200, Unit.FEN),),
        datasets={"facts": facts, "people": people}, definitions=("人次:一人一餐。",), rules=("第 1 号 示例标准",),
    )  # fmt: skip
    return replace(start, **changes)


def kind_with(*registers: Register) -> ReportKind:
    """A kind of report that prints these registers."""

    def nothing(*_: object) -> Any:
        raise AssertionError("not asked for on paper")

    return ReportKind(
        name="facts", title="示例报告", site_kind=SiteKind.CANTEEN, everywhere="全部", build=nothing, check=nothing,
        template="reports/paper/page.html", workbook=nothing,
        annexes=lambda _built, _paper: Annexes(registers),
    )  # fmt: skip


def register(names: Sequence[str], **changes: Any) -> Register:
    """A register of these people. Person n (from 1): n visits, n yuan and n fen, phone 19900000000 + n."""
    numbers = range(1, len(names) + 1)
    columns = (
        Numbers(("序号",), [(n,) for n in numbers], is_summed=False),
        Texts(("姓名",), [(name,) for name in names], 17, 24),
        Texts(
            ("身份证号", "电话"),
            [(f"1304**********{n:04d}", str(19900000000 + n)) for n in numbers], is_whole=True,
        ),
        Marks("日期", tuple(str(n) for n in range(1, 32)), ["2" + "0" * 30 for _ in numbers], frozenset({2, 3})),
        Numbers(("午餐", "自取"), [(n, 2 * n) for n in numbers]),
        Numbers(("餐费", "自付"), [(101 * n, 7 * n) for n in numbers], Unit.FEN),
        Blank(("签名",), 18),
    )  # fmt: skip
    start = Register(
        "登记册", "人次、元", len(names), columns, ("图例", "· 未用餐"), "上下两行", ("负责人",)
    )
    return replace(start, **changes)


@dataclass(frozen=True)
class Glyph:
    """One character of a page with its box, in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Page:
    """One page read back."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float
    height: float

    def lines(self) -> list[str]:
        """Its text line by line, blanks of every width joined."""
        return [" ".join(line.split()) for line in self.text.splitlines()]

    def of(self, text: str) -> tuple[Glyph, ...]:
        """The glyphs of the first place where this text stands."""
        joined = "".join(glyph.text for glyph in self.glyphs)
        start = joined.index(text)
        return self.glyphs[start : start + len(text)]


def read(content: bytes) -> list[Page]:
    """The pages of a PDF."""
    document = pypdfium2.PdfDocument(content)
    pages = []
    for page in document:
        words = page.get_textpage()
        glyphs = []
        for place in range(words.count_chars()):
            text = words.get_text_range(place, 1)
            if text.strip():
                glyphs.append(Glyph(text, *words.get_charbox(place, loose=True)))
        width, height = page.get_size()
        pages.append(Page(words.get_text_range(), tuple(glyphs), width, height))
    document.close()
    return pages


def rows_of(page: Page) -> list[str]:
    """What stands at the same height, from left to right: as a reader sees the lines."""
    rows: dict[int, list[Glyph]] = {}
    for glyph in page.glyphs:
        middle = (glyph.bottom + glyph.top) / 2
        height = next((each for each in rows if abs(each / 100 - middle) < 2), round(middle * 100))
        rows.setdefault(height, []).append(glyph)
    ordered = sorted(rows.items(), key=lambda pair: -pair[0])
    return [
        "".join(glyph.text for glyph in sorted(glyphs, key=lambda glyph: glyph.left))
        for _height, glyphs in ordered
    ]
