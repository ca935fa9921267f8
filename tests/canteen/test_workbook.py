"""The workbook read back: numbers are numbers and the same as the figures, text is text, nothing is a formula."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import python_calamine
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canteen import actions
from canteen.form_sources import FORM_COLUMNS, SOURCES
from canteen.models import MealAdjustment
from canteen.reports.build import build
from canteen.reports.read import MONEY
from canteen.reports.register import register
from canteen.reports.workbook import workbook
from canteen.values import Sitting, WayOfEating
from core.clock import Month
from core.db import new_id, transaction
from core.people.models import Person
from core.reports.columns.actions import digest, save_columns
from core.reports.form import FormColumn
from core.reports.paper import Paper
from core.reports.values import ALL, Built, Dataset, Output, Period
from tests.canteen import house as h
from tests.canteen.house import House

OCTOBER = Period.parse("2026-10")
NOVEMBER = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
PAPER = Paper(
    output=Output.SUBMISSION, is_preview=False, issued_at=NOVEMBER, issued_by="经办人甲",
    reviewed_by="审核人乙", receiver="区民政局", code="ACDE-3467-XYWT", digest="d" * 64, audit_head="a" * 64,
    summary="本月平稳。\n=1+1", explanations=(("手工登记偏多", "停电两天"),),
)  # fmt: skip
# Names that a spreadsheet could take for something else, and such as are hard to keep.
NAMES = ("=1+1", "+8613012345678", "-王秀华", "@SUM(A1:A9)", "_x0041_", "0012", "1e5", "true", "阿卜杜·艾则孜",
         "䶮㛃𬭎龘", "<b>&amp;", "http://evil.example", '=HYPERLINK("http://evil","x")')  # fmt: skip


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(datetime(2026, 10, 1, 2, 0, tzinfo=UTC))


def eat(
    house: House, person_id: int, day: int, sitting: Sitting = Sitting.LUNCH, **more: Any
) -> None:
    """A meal of October, registered when it was eaten."""
    hour = {Sitting.BREAKFAST: 7, Sitting.LUNCH: 12, Sitting.DINNER: 18}[sitting] - 8
    at = datetime(2026, 9, 30, 16, tzinfo=UTC) + timedelta(days=day - 1, hours=hour + 8)
    found = actions.register_meal(h.scan(house, person_id, at, **more), by=h.CLERK, now=at)
    assert found.outcome == "served", found


def rename(person_id: int, name: str, **more: Any) -> None:
    with transaction() as session:
        person = session.get_one(Person, person_id)
        person.name = name
        for key, value in more.items():
            setattr(person, key, value)


def counted(period: Period = OCTOBER, scope: str = ALL) -> Built:
    with force_locale("zh_Hans"):
        return build(period, scope, NOVEMBER)


def written(built: Built, paper: Paper = PAPER) -> bytes:
    with force_locale("zh_Hans"):
        return workbook(built, paper)


def read(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of each sheet, from its first row and column on."""
    book = python_calamine.load_workbook(io.BytesIO(content))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def table(rows: list[list[Any]], first: str) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of the table whose head begins with a word, up to an empty line."""
    start = next(n for n, row in enumerate(rows) if row and row[0] == first)
    body = []
    for row in rows[start + 1 :]:
        if not any(cell != "" for cell in row):
            break
        body.append(row)
    return [str(cell) for cell in rows[start]], body


def by_head(
    rows: list[list[Any]], first: str = "序号"
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The lines of a listing by heading, and its line of totals."""
    head, body = table(rows, first)
    lines = [dict(zip(head, row, strict=False)) for row in body]
    totals = [line for line in lines if "合计" in line.values()]
    return [line for line in lines if line not in totals], totals[0]


def test_the_sheets_stand_in_their_order(house: House) -> None:
    eat(house, h.diner(house), 5)
    sheets = read(written(counted()))
    assert list(sheets) == [
        "汇总", "分类统计", "报送表", "用餐登记册", "以前月份调整", "待核实事项", "指标说明",
    ]  # fmt: skip


def test_the_overview_says_the_figures_of_a_month_worked_out_by_hand(house: House) -> None:
    low, plain = h.diner(house, "minimum_living"), h.diner(house)
    for day in (5, 6):
        eat(house, low, day)  # ¥12, subsidy ¥8 (city 5, street 3)
    eat(house, low, 6, Sitting.DINNER)  # ¥10, subsidy ¥8
    eat(house, plain, 6)  # ¥12, no subsidy
    sheets = read(written(counted()))
    head, rows = table(sheets["汇总"], "指标")
    found = {row[0]: row[1] for row in rows}
    assert head[:4] == ["指标", "本期", "上期", "本年累计"]
    assert found["补贴用餐人次"] == 4
    assert found["用餐人数（去重）"] == 2
    assert (found["餐费"], found["补贴"], found["个人自付"]) == (46.0, 24.0, 22.0)
    assert {type(value) for value in (found["餐费"], found["补贴用餐人次"])} == {float}
    text = "\n".join(str(cell) for row in sheets["汇总"] for cell in row)
    for part in (
        "内部资料",
        "渚河路街道办事处2026年10月",
        "本月平稳。",
        "审核人乙",
        "ACDE-3467-XYWT",
    ):
        assert part in text
    _head, layers = table(sheets["分类统计"], "资金来源")
    assert [row[:2] for row in layers] == [["市级", 15.0], ["街道", 9.0], ["合计", 24.0]]


def test_the_register_holds_a_number_a_day_that_adds_up(house: House) -> None:
    person_id = h.diner(house)
    eat(house, person_id, 3, Sitting.BREAKFAST)
    eat(house, person_id, 3, Sitting.DINNER)
    eat(house, person_id, 31)
    content = written(counted())
    lines, total = by_head(read(content)["用餐登记册"])
    [line] = lines
    assert [line[str(day)] for day in (2, 3, 4, 31)] == ["", 2, "", 1]
    assert sum(line[str(day)] or 0 for day in range(1, 32)) == 3
    assert (line["早餐"], line["午餐"], line["晚餐"]) == (1, 1, 1)
    assert (total["3"], total["31"], total["午餐"], total["餐费"]) == (2, 1, 1, 28.0)
    styles = zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml").decode()
    assert 'formatCode="&quot;早晚&quot;"' in styles


@pytest.mark.parametrize(("text", "months"), [("2026-Q4", (10, 11, 12)), ("2026-H2", (7, 8, 9, 10, 11, 12)),
                                              ("2026", range(1, 13))])  # fmt: skip
def test_a_longer_period_has_a_column_a_month(house: House, text: str, months: Any) -> None:
    person_id = h.diner(house)
    for day in (1, 2, 3):
        eat(house, person_id, day)
    lines, total = by_head(read(written(counted(Period.parse(text))))["用餐登记册"])
    assert [lines[0][f"{month}月"] for month in months] == [
        3.0 if month == 10 else 0.0 for month in months
    ]
    assert total["10月"] == 3


def test_no_cell_is_ever_a_formula_and_names_are_kept_exactly(house: House) -> None:
    for name in NAMES:
        person_id = h.diner(house)
        rename(person_id, name)
        eat(house, person_id, 7)
    content = written(counted())
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert not [n for n in archive.namelist() if n.startswith(("xl/externalLinks", "xl/calcChain"))]
    for part in (n for n in archive.namelist() if n.startswith("xl/worksheets/")):
        sheet = archive.read(part).decode()
        assert "<f>" not in sheet
        assert "<f " not in sheet
        assert "hyperlink" not in sheet
    sheets = read(content)
    for name in ("用餐登记册", "报送表"):
        lines, _total = by_head(sheets[name])
        shown = {re.sub("_x005F(?=_x)", "", line["姓名"]) for line in lines}
        assert shown == set(NAMES)


def test_an_id_number_is_whole_only_where_that_was_granted(house: House) -> None:
    number = "130499193608235198"
    person_id = h.diner(house)
    rename(person_id, "王秀华", id_number=number)
    eat(house, person_id, 7)
    built = counted()
    masked = written(built)
    assert number not in "".join(
        zipfile.ZipFile(io.BytesIO(masked)).read(n).decode("utf-8", "ignore")
        for n in zipfile.ZipFile(io.BytesIO(masked)).namelist()
    )
    assert by_head(read(masked)["报送表"])[0][0]["身份证号"] == "1304**********5198"
    granted = replace(PAPER, full_ids=True, full_ids_reason="民政局要求")
    sheets = read(written(built, granted))
    for name in ("用餐登记册", "报送表"):
        assert by_head(sheets[name])[0][0]["身份证号"] == number
        assert sheets[name][0][0].startswith("内部资料  含完整身份证号（民政局要求）")
    assert read(masked)["报送表"][0][0] == "内部资料"


def test_a_preview_says_that_it_is_one(house: House) -> None:
    eat(house, h.diner(house), 7)
    sheets = read(written(counted(), Paper(output=Output.SUBMISSION)))
    for name in ("汇总", "报送表", "用餐登记册"):
        assert "尚未出具" in sheets[name][0][0]
    assert ["全部数据指纹（SHA-256）", "", "尚未出具"] in [row[:3] for row in sheets["指标说明"]]


def adjustment(house: House, person_id: int) -> None:
    with transaction() as session:
        session.add(MealAdjustment(
            event_id=new_id(), person_id=person_id, site_id=house.site_id, day=date(2026, 9, 3),
            sitting=Sitting.LUNCH, of_month="2026-09", booked_month="2026-10", visits=-1, price_fen=-1200,
            city_fen=-500, street_fen=-300, subsidy_fen=-800, copay_fen=-400, reason="=冒用",
            booked_at=NOVEMBER, booked_by="经办人甲",
        ))  # fmt: skip


def test_adjustments_are_negative_numbers_on_real_dates(house: House) -> None:
    person_id = h.diner(house, "minimum_living")
    eat(house, person_id, 5)
    adjustment(house, person_id)
    sheets = read(written(counted()))
    [line], total = by_head(sheets["以前月份调整"], "姓名")
    assert (line["日期"], line["人次"], line["补贴"], line["市级"]) == (
        date(2026, 9, 3),
        -1,
        -8.0,
        -5.0,
    )
    assert line["登记时间"] == datetime(2026, 11, 2, 10, 0)
    assert (line["原因"], "省级" in line) == ("=冒用", False)
    assert total["补贴"] == -8.0
    head = {row[0]: row[1] for row in table(sheets["汇总"], "指标")[1]}
    assert (head["以前月份调整（补贴）"], head["本期应拨补贴"]) == (-8.0, 0.0)


def test_a_month_without_anybody_is_a_workbook_all_the_same(house: House) -> None:
    sheets = read(written(counted()))
    assert table(sheets["用餐登记册"], "序号")[1] == []
    assert "本期没有以前月份的调整。" in [row[0] for row in sheets["以前月份调整"]]
    assert {row[0]: row[1] for row in table(sheets["汇总"], "指标")[1]}["补贴用餐人次"] == 0


def test_every_identity_stands_with_both_of_its_sides(house: House) -> None:
    eat(house, h.diner(house, "minimum_living"), 5)
    built = counted()
    rows = read(written(built))["指标说明"]
    head, body = table(rows, "序号")
    assert head[:5] == ["序号", "勾稽关系", "左边", "右边", "结果"]
    assert [row[1] for row in body] == [each.sentence for each in built.identities]
    assert all(row[2] == row[3] and row[4] == "相符" for row in body)
    text = "\n".join(str(cell) for row in rows for cell in row)
    for part in (*built.definitions, *built.rules, "停电两天", "d" * 64, "a" * 64):
        assert part in text


def test_equal_reports_give_equal_bytes(house: House) -> None:
    eat(house, h.diner(house), 5)
    built = counted()
    first = written(built)
    assert written(built) == first
    assert written(built, replace(PAPER, revision=2)) != first


def test_the_bureaus_form_has_the_columns_that_the_office_chose(house: House) -> None:
    person_id = h.diner(house)
    rename(person_id, "王秀华", phone="13759838675")
    eat(house, person_id, 5)
    eat(house, person_id, 6, Sitting.DINNER)
    assert [label for label in by_head(read(written(counted()))["报送表"])[0][0] if label][:4] == [
        "序号", "姓名", "身份证号", "年龄",
    ]  # fmt: skip
    chosen = [
        FormColumn("老人姓名", "name"), FormColumn("=联系方式", "phone"), FormColumn("总餐次", "visits"),
        FormColumn("就餐天数", "days"), FormColumn("食堂", "sites"), FormColumn("市级资金", "city_fen"),
        FormColumn("签字", "blank"), FormColumn("老人姓名", "name"),
    ]  # fmt: skip
    save_columns("canteen", chosen, seen=digest(()), by=h.CLERK, now=NOVEMBER)
    rows = read(written(counted()))["报送表"]
    head, body = table(rows, "老人姓名")
    assert head[:8] == [each.heading for each in chosen]
    assert body[0][:8] == ["王秀华", "13759838675", 2, 2, "第一食堂", 0.0, "", "王秀华"]
    assert body[1][:8] == ["合计", "", 2, "", "", 0.0, "", ""]


def test_every_source_has_a_value_in_every_line(house: House) -> None:
    from canteen.reports.form import form_lines

    eat(house, h.diner(house), 5)
    [line] = form_lines(counted())
    assert set(line) == set(SOURCES)
    assert set(FORM_COLUMNS) <= set(SOURCES)


# ---------- any month ----------


@pytest.fixture
def empty(house: House) -> Built:
    """A month without anybody."""
    return counted()


_people = st.integers(1, 6)
_meal = st.tuples(
    _people, st.integers(1, 31), st.sampled_from(list(Sitting)), st.sampled_from(list(WayOfEating)),
    st.lists(st.integers(0, 999_999), min_size=7, max_size=7), st.integers(0, 999_999), st.booleans(),
)  # fmt: skip


def _invented(base: Built, drawn: list[Any]) -> Built:
    """A report of these meals, registered as `build` would, on the words and columns of a real one."""
    meals, people = base.datasets["meals"], base.datasets["people"]
    once = {(person, day, sitting): rest for person, day, sitting, *rest in drawn}
    rows = []
    for (person, day, sitting), (way, layers, copay, review) in once.items():
        subsidy = sum(layers)
        values: Mapping[str, Any] = {
            "event_id": f"{person}.{day}.{sitting}", "person_id": person, "day": date(2026, 10, day),
            "sitting": sitting.value, "site": "one", "way": way.value, "recording": "scan",
            "collected_by": "self", "occurred_at": NOVEMBER, "is_late": 0, "needs_review": int(review),
            "category": "general", "held": ("general",), "age": 80, "community": "-", "tariff": "",
            "price_tariff": "", **dict(zip(MONEY, (subsidy + copay, *layers, subsidy, copay), strict=True)),
        }  # fmt: skip
        rows.append(tuple(values[column.key] for column in meals.columns))
    names = tuple(
        (n, f"人{n}", f"ren {n}", "", date(1946, 1, 1), "", "", "-", "-") for n in range(1, 7)
    )
    meals = replace(meals, rows=tuple(rows))
    people = replace(people, rows=names)
    lines = register(meals, people, OCTOBER, False)
    datasets: dict[str, Dataset] = {
        **base.datasets,
        "meals": meals,
        "people": people,
        "register": lines,
    }
    return replace(base, datasets=datasets)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(_meal, min_size=1, max_size=60))
def test_the_register_sums_to_its_meals_whatever_they_are(empty: Built, drawn: list[Any]) -> None:
    built = _invented(empty, drawn)
    sheets = read(written(built))
    meals = built.datasets["meals"]

    def of(column: str, person: int | None = None) -> int:
        place, who = meals.place(column), meals.place("person_id")
        return sum(row[place] for row in meals.rows if person is None or row[who] == person)

    for sheet, (subsidy, copay) in {
        "用餐登记册": ("补贴", "个人自付"),
        "报送表": ("补贴合计", "个人自付"),
    }.items():
        lines, total = by_head(sheets[sheet])
        assert round(total[subsidy] * 100) == of("subsidy_fen")
        assert round(total[copay] * 100) == of("copay_fen")
        assert round(total["餐费"] * 100) == of("price_fen")
        for line in lines:
            person = int(line["姓名"][1:])
            assert round(line[subsidy] * 100) == of("subsidy_fen", person)
            assert round(sum(each[subsidy] for each in lines) * 100) == of("subsidy_fen")
    lines, total = by_head(sheets["用餐登记册"])
    days = [str(day.day) for day in Month(2026, 10).days()]
    assert sum(line[day] or 0 for line in lines for day in days) == len(meals.rows)
    assert (
        sum(total[day] for day in days)
        == total["早餐"] + total["午餐"] + total["晚餐"]
        == len(meals.rows)
    )


def test_nothing_is_written_while_a_workbook_is_made(house: House) -> None:
    eat(house, h.diner(house), 5)
    built = counted()
    from core.db import db

    before = db.session.scalar(sa.text("SELECT total_changes()"))
    written(built)
    assert db.session.scalar(sa.text("SELECT total_changes()")) == before
