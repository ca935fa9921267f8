"""The workshop's report on paper and as a workbook: the October made by hand, read back as an eye would."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale
from python_calamine import CalamineWorkbook

from core.access import Actor, Role
from core.db import transaction
from core.reports import layout, sample, suppression
from core.reports.register import Numbers, Register, Texts
from core.reports.values import Built, Output, Period
from core.sites.models import Area, AreaLevel
from tests.conftest import both_engines
from tests.core.reports.papers import PAPER, Page, read
from tests.workshop import house as h
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.october import NOW, October, merge_all, tell
from workshop import PROGRAMME
from workshop.models import Enrolment, GuidanceMeeting
from workshop.reports.annexes import annexes
from workshop.reports.build import build
from workshop.reports.evidence import evidence_pages
from workshop.reports.form import form_lines
from workshop.reports.workbook import workbook
from workshop.values import AttendanceStatus
from workshop.values import EnrolmentState as S

[KIND] = PROGRAMME.reports
OCTOBER = Period.parse("2026-10")
ID_NUMBER = "130499198503010016"


@pytest.fixture
def october(workshop: House) -> Iterator[October]:
    made = tell(workshop)
    t.named(made.people["A"], "王䶮英", pinyin="a", id_number=ID_NUMBER, phone="19900001234")
    yield made


def counted() -> Built:
    with force_locale("zh_Hans"):
        return build(OCTOBER, "all", NOW)


def printed(built: Built, output: Output) -> list[Page]:
    content, count = layout.pdf_of(KIND, built, replace(PAPER, output=output))
    pages = read(content)
    assert len(pages) == count
    return pages


def text_of(pages: list[Page]) -> str:
    return "".join("".join(page.text.split()) for page in pages)


def register_of(built: Built, output: Output) -> Register:
    with force_locale("zh_Hans"):
        return annexes(built, replace(PAPER, output=output)).registers[0]


def columns_of(register: Register) -> dict[str, list[object]]:
    return {
        head: [row[line] for row in column.cells]
        for column in register.columns
        if isinstance(column, Texts | Numbers)
        for line, head in enumerate(column.heads)
    }


def test_each_paper_says_what_it_may(october: October, in_app: Flask) -> None:
    in_app.config["AT_RISK_UNMARKED"] = 1  # E was left unmarked once
    built = counted()
    texts = {output: text_of(printed(built, output)) for output in Output}
    for output, text in texts.items():
        assert "妇女创业微工厂工作报表" in text and "2026年10月" in text
        is_public = output is Output.PUBLIC
        assert ("王䶮英" in text) is not is_public
        # 29 visits of 7 women; September's 4 are too few for the wall. No wage of anybody, anywhere.
        assert ("培训人次29*" if is_public else "培训人次29938") in text
        assert "3200" not in text and "320000" not in text
        # Hardship, cohorts' policies and what the office checks are not for the wall.
        for word in ("低保家庭", "逐人登记", "勾稽关系"):
            assert (word in text) is (output is Output.ARCHIVE or (not is_public and word != "勾稽关系")), (
                output, word,
            )  # fmt: skip
        # Whom to call is for the office's own copy.
        assert ("多次考勤未登记" in text) is (output is Output.ARCHIVE)
    assert "36/40" in texts[Output.SUBMISSION]
    assert (
        "107.6716067.3%" in texts[Output.SUBMISSION]
    )  # of the first cohort, as its policy names it


def test_page_one_can_be_stamped_alone(october: October) -> None:
    for output in Output:
        first = printed(counted(), output)[0]
        words = "".join(first.text.split())
        assert "填报单位" in words and "期末在岗" in words


def test_the_wall_hides_what_is_about_a_few(october: October) -> None:
    built = counted()
    hidden = suppression.hidden(built, 5)
    # Three found work, two completed, one came late: nobody is to be found by them.
    for key in ("event.verified.people", "head.verified", "head.completed", "head.withdrawn", "channel.total.visits",
                "form.employed.visits", "outcome.completed.visits", "head.certificates.own"):  # fmt: skip
        assert key in hidden, key
    assert "head.people" not in hidden and "head.visits" not in hidden
    # Who is out of training would follow from who is still in it.
    assert "head.training" in hidden and "head.in_work" in hidden
    # Four in one cohort, three in the other: both go, and the total of seven stays.
    one, two = (f"c{each}" for each in october.cohorts[1:])
    assert {f"cohort.{one}.visits", f"cohort.{two}.visits"} <= hidden
    assert "cohort.total.visits" not in hidden


def test_the_register_on_the_wall_says_names_in_part_and_hours(october: October) -> None:
    columns = columns_of(register_of(counted(), Output.PUBLIC))
    assert columns["姓名"][0] == "王*英"
    assert set(columns) == {"序号", "姓名", "居住社区", "培训班", "学时"}
    # Both cohorts are hidden, and the hours that would tell them apart.
    assert set(columns["培训班"]) == set(columns["学时"]) == {suppression.HIDDEN}


def test_the_wall_gives_no_small_cohort_or_community_back(workshop: House) -> None:
    """Two small cohorts beside a large one; three learners of a community, two of them in both of these."""
    with transaction() as session:
        street = session.query(Area).filter_by(code="01").one()
        area = Area(code="01.04", name="西村", level=AreaLevel.COMMUNITY, parent_id=street.id)
        session.add(area)
        session.flush()
        area_id = area.id
    people = {letter: h.learner(workshop) for letter in "ABCDEFGHIJKLM"}
    for letter, person_id in people.items():
        more = {"residence_area_id": area_id} if letter in "BDFHJ" else {}
        t.named(person_id, letter, **more)
    first = date(2026, 10, 12)
    for number, letters in enumerate(("ACEGIK", "BDFL", "BDM"), 1):
        cohort_id = h.cohort(workshop, number=number, first=first, sessions=2)
        for letter in letters:
            t.enrol(people[letter], cohort_id, first)
            t.mark(people[letter], h.sessions_of(cohort_id)[0])
    with transaction() as session:  # five women of the community are in the tables, which name it
        session.add_all([
            GuidanceMeeting(
                person_id=people[letter], site_id=workshop.site_id, on=first, minutes=30, mentor="钱老师",
                topic="选品", recorded_at=t.at(first), recorded_by_name="徐专员",
            )
            for letter in "HJ"
        ])  # fmt: skip
    columns = columns_of(register_of(counted(), Output.PUBLIC))
    assert columns["姓名"] == [f"{letter}*" for letter in "ABBCDDEFGIKLM"]
    assert columns["序号"] == list(range(1, 14))
    large, hidden = ("缝纫初级第 1 期", "4/8"), (suppression.HIDDEN, suppression.HIDDEN)
    assert list(zip(columns["培训班"], columns["学时"], strict=True)) == [
        large if name[0] in "ACEGIK" else hidden for name in map(str, columns["姓名"])
    ]
    assert set(columns["居住社区"]) == {suppression.HIDDEN}


def test_the_register_for_the_bureau_masks_numbers_until_they_are_granted(october: October) -> None:
    built = counted()
    columns = columns_of(register_of(built, Output.SUBMISSION))
    assert columns["身份证号"][0] != ID_NUMBER and str(columns["身份证号"][0]).endswith("0016")
    with force_locale("zh_Hans"):
        whole = annexes(built, replace(PAPER, full_ids=True)).registers[0]
    assert columns_of(whole)["身份证号"][0] == ID_NUMBER
    assert columns["证书编号"][0] == "2026-0001" and columns["用人单位"][0] == "示例服装厂"
    assert columns["到岗日期"][0] == "2026-10-15"
    # A's work is verified, B has none, D's is begun only.
    assert [columns["就业已核实"][line] for line in (0, 1, 3)] == ["是", "—", "否"]


def test_a_few_learners_make_no_register_for_the_wall(workshop: House) -> None:
    cohort_id = h.cohort(workshop, first=date(2026, 10, 12), sessions=2)
    person_id = h.learner(workshop)
    t.enrol(person_id, cohort_id, date(2026, 10, 12))
    with force_locale("zh_Hans"):
        assert annexes(counted(), replace(PAPER, output=Output.PUBLIC)).registers == ()


def test_the_workbook_says_the_same_as_numbers(october: October) -> None:
    built = counted()
    with force_locale("zh_Hans"):
        content = workbook(built, PAPER)
        assert workbook(built, PAPER) == content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets)[:4] == ["汇总", "分类统计", "报送表", "学员名册"]
    rows = {row[0]: row for row in sheets["汇总"] if row}
    assert rows["培训人次"][1:4] == [29, 9, 38]
    assert rows["计入学时合计"][1:4] == [115.67, 35.78, 151.45]
    tables = {row[0]: row for row in sheets["分类统计"] if row}
    assert tables["缝纫初级第 1 期（总学时完成率）"][1:5] == [4, 107.67, 160, 0.673]
    [form] = [row for row in sheets["报送表"] if "王䶮英" in row]
    assert "36/40" in form and ID_NUMBER not in form
    [total] = [row for row in sheets["学员名册"] if "合计" in row[:3]]
    assert 155.67 in total


def test_the_workbook_lists_the_corrections_that_its_period_reports(october: October) -> None:
    for month, count in (("2026-10", 2), ("2026-11", 0)):
        with force_locale("zh_Hans"):
            content = workbook(build(Period.parse(month), "all", NOW), PAPER)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_name("已报送月份的考勤更正").to_python()
        assert sum("2026-09" in row for row in rows) == count


def test_the_bureaus_form_has_a_value_for_each_source(october: October) -> None:
    with force_locale("zh_Hans"):
        lines = form_lines(counted())
    assert all(set(line) == set(KIND.sources) for line in lines)
    assert set(KIND.form_columns) <= set(KIND.sources)
    first = lines[0]
    assert (first["name"], first["hours"], first["visits"], first["state"]) == (
        "王䶮英",
        "36/40",
        6,
        "结业",
    )
    assert (first["form"], first["verified"], first["workshop"]) == (
        "单位就业",
        "是",
        "妇女创业微工厂",
    )


@both_engines
@pytest.mark.parametrize("is_merged", [False, True])
def test_a_sampled_mark_is_followed_to_the_line_of_the_report(
    october: October, is_merged: bool
) -> None:
    if is_merged:
        merge_all(october)
    built = counted()
    data = built.datasets[KIND.sampled]
    drawn = sample.draw(data, 3, 7)
    assert drawn == sample.draw(data, 3, 7)
    by = Actor("审计员", user_id=None, roles=frozenset({Role.AUDITOR}), site_ids=None)
    with force_locale("zh_Hans"):
        pages = evidence_pages(built, data.rows, by, NOW)
    assert len(pages) == len(data.rows) == 36
    place = {column.key: at for at, column in enumerate(data.columns)}
    [late] = [
        page
        for page, row in zip(pages, data.rows, strict=True)
        if row[place["source"]] == "correction"
    ]
    history, session, enrolment, policy, line = late.blocks
    assert [text.split("：")[1][:2] for text in history.lines] == ["缺勤", "出勤"]
    assert "锁定后" in history.lines[1]
    assert ("培训班", "缝纫初级第 2 期") in session.facts and session.lines == (
        "未附签到表或照片。",
    )
    assert len(enrolment.lines) == 3 and ("主要指标", "已上课出勤率") in policy.facts
    assert ("学时", "16/40") in line.facts
    [made_up] = [page for page, row in zip(pages, data.rows, strict=True) if row[place["make_up"]]]
    assert made_up.blocks[2].lines == ("她在此为另一个培训班补课。",)
    assert sum(not page.blocks[0].lines for page in pages) == 0


def test_who_is_not_in_the_register_is_said_to_be_where_she_went(october: October) -> None:
    absent, moved = h.learner(october.house), h.learner(october.house)
    cohort_id, on = october.cohorts[2], date(2026, 10, 26)
    for person_id, state in ((absent, S.ADMITTED), (moved, S.TRAINING)):
        with transaction() as session:
            session.add(Enrolment(person_id=person_id, cohort_id=cohort_id, state=state,
                                  applied_at=NOW, changed_at=NOW,
                                  joined_on=on if state is S.TRAINING else None))  # fmt: skip
        t.mark(person_id, october.sessions[2, on], AttendanceStatus.ABSENT)
    t.end(absent, cohort_id, S.NO_SHOW, date(2026, 10, 27))
    t.end(moved, cohort_id, S.TRANSFERRED, date(2026, 10, 27))
    built = counted()
    data = built.datasets[KIND.sampled]
    by = Actor("审计员", user_id=None, roles=frozenset({Role.AUDITOR}), site_ids=None)
    with force_locale("zh_Hans"):
        pages = evidence_pages(built, data.rows, by, NOW)
    place = data.place("person_id")
    said = {
        row[place]: page.blocks[4].lines for page, row in zip(pages, data.rows, strict=True)
    }  # fmt: skip
    assert said[absent] == ("她未在本培训班开始培训，不在本名册中。",)
    assert said[moved] == ("她已转班，不在本名册中。",)
