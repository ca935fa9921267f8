"""A roster of learners: what each cell means, the preview, and the import; on both engines."""

import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.clock import service_day
from core.db import db, transaction
from core.edge import sentence
from core.errors import RuleError
from core.people.imports.actions import confirm_import, decide_missing, decide_rows, start_import
from core.people.imports.batches import plan_of
from core.people.imports.plan import State
from core.people.imports.words import known_codes, sentence_of
from core.people.models import Person
from core.sites.models import Site, SiteKind
from tests.canteen.pages import Visit
from tests.conftest import NOON, both_engines
from tests.core.people.conftest import build_street
from tests.core.people.roster.invented import Book, Somebody, id_number
from workshop.actions.enrolments import apply
from workshop.actions.hardship import add_hardship, end_hardship
from workshop.actions.learners import change_learner, end_learner, record_needs
from workshop.actions.tables import ensure_tables, save_hardship_category, save_skill
from workshop.importer import TEMPLATE
from workshop.importer.children import read_children, read_under_12
from workshop.importer.words import hardship_words, read_certified, read_skills, read_work
from workshop.models import (
    Cohort,
    Course,
    HardshipCategory,
    HardshipTag,
    Learner,
    NeedsAssessment,
    Skill,
)
from workshop.values import Basis, CohortState, Mobility, Needs, Reach, SkillLevel, WorkerKind

ROOT = Path(__file__).parents[2]
DAY = service_day(NOON)
HEAD = ["序号", "姓名", "身份证号", "联系电话", "社区", "文化程度", "培训意向", "困难类别", "是否认定",
        "认定单位", "子女情况", "就业状态", "失业时间"]  # fmt: skip
SKILLS = ("缝纫", "家政", "面点", "育婴", "养老护理", "电商直播")


@pytest.fixture
def street(in_app: Flask) -> dict[str, int]:
    """Areas, one canteen, one workshop, and the usual tables."""
    add_user("jingban", "经办人甲", Role.CLERK, None, by=SYSTEM, now=NOON)
    ids = build_street()
    with transaction() as session:
        site = Site(slug="gongfang", name="妇女创业微工厂", kind=SiteKind.WORKSHOP)
        session.add(site)
        session.flush()
        ids["workshop"] = site.id
    ensure_tables(by=SYSTEM, now=NOON)
    return ids


def women(count: int, birth: date = date(1990, 4, 12)) -> list[Somebody]:
    names = ("王秀英", "李玉兰", "张桂芳", "刘敏", "陈静", "赵丽")
    return [
        Somebody(names[n % 6], id_number(birth, 2 * n + 2), birth, "女", f"1390000{n:04d}", "", 1,
                 (), False)
        for n in range(count)
    ]  # fmt: skip


def roster(*lines: dict[str, str], people: list[Somebody] | None = None) -> bytes:
    """One line a woman; what is not told stays empty."""
    rows: list[list] = [["妇女创业微工厂培训意向登记表"], HEAD]
    for number, (who, told) in enumerate(zip(people or women(len(lines)), lines, strict=True), 1):
        cells = {
            "序号": str(number), "姓名": who.name, "身份证号": who.id_number, "联系电话": who.phone,
            "社区": "农林二社区", "文化程度": "初中", **told,
        }  # fmt: skip
        rows.append([cells.get(head, "") for head in HEAD])
    return Book().sheet("登记表", rows, [(0, 0, 0, len(HEAD) - 1, rows[0][0])]).bytes()


def upload(content: bytes, clerk: Actor, **options):
    return start_import(content, "名册.xlsx", "learners", by=clerk, now=NOON, **options)


def imported(content: bytes, clerk: Actor, **options):
    return confirm_import(upload(content, clerk, **options).id, by=clerk, now=NOON)


def codes(row) -> list[str]:
    return [finding.code for finding in row.wrong]


def only(model):
    db.session.expire_all()
    return db.session.scalars(sa.select(model)).one()


@both_engines
def test_a_roster_becomes_learners_with_hardship_and_wishes(street, clerk) -> None:
    told = {
        "培训意向": "缝纫工、家政服务", "困难类别": "低保户、单亲家庭", "是否认定": "√", "认定单位": "区民政局",
        "子女情况": "8岁、15岁", "就业状态": "失业2年", "失业时间": "2024.11",
    }  # fmt: skip
    batch = upload(roster(told, {}), clerk)
    plan = plan_of(batch, DAY)
    assert plan.counts == {State.NEW: 2}
    outcome = confirm_import(batch.id, by=clerk, now=NOON, seen=plan.digest)
    assert (outcome.new, outcome.changed) == (2, 0)
    people = {p.name: p for p in db.session.scalars(sa.select(Person))}
    first = db.session.get_one(Learner, people["王秀英"].id)
    assert (first.home_site_id, first.registered_on) == (street["workshop"], DAY)
    assert (first.unemployed_since, first.note) == (date(2024, 11, 1), "就业状态:失业2年")
    tags = db.session.execute(
        sa.select(HardshipCategory.name, HardshipTag.basis, HardshipTag.certified_by, HardshipTag.evidence)
        .join(HardshipTag.category).order_by(HardshipCategory.position)
    ).all()  # fmt: skip
    assert [(t.name, t.basis, t.certified_by) for t in tags] == [
        ("低保", Basis.CERTIFIED, "区民政局"), ("单亲", Basis.CERTIFIED, "区民政局"),
        ("失业一年以上", Basis.SELF_DECLARED, None),
    ]  # fmt: skip
    assert tags[0].evidence == "名册:名册.xlsx 登记表 3"
    needs = only(NeedsAssessment)
    assert sorted(wish.skill.name for wish in needs.wanted) == ["家政", "缝纫"]
    # Her hours stand in no roster: they count as not asked yet, and nothing is wished for her.
    assert (needs.weekdays, needs.children_under_12, needs.wants_work) == (0, 1, False)
    second = db.session.get_one(Learner, people["李玉兰"].id)
    assert (second.note, second.unemployed_since) == (None, None)


@both_engines
def test_the_same_roster_again_changes_nothing(street, clerk) -> None:
    content = roster(
        {"培训意向": "面点", "困难类别": "残疾", "子女情况": "6岁"}, {"困难类别": "无"}
    )
    imported(content, clerk)
    batch = upload(content, clerk)
    assert [row.state for row in plan_of(batch, DAY).rows] == [State.SAME, State.SAME]
    outcome = confirm_import(batch.id, by=clerk, now=NOON)
    assert (outcome.new, outcome.changed, outcome.same) == (0, 0, 2)
    assert only(HardshipTag).basis is Basis.SELF_DECLARED
    only(NeedsAssessment)


@both_engines
@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"培训意向": "缝纫、开飞机"}, "skill_unknown", "skills_wanted"),
        ({"困难类别": "低保、山里人"}, "category_unknown", "categories"),
        ({"困难类别": "低保", "是否认定": "大概"}, "certified_unreadable", "certified"),
        ({"子女情况": "不清楚呢"}, "children_unreadable", "children"),
        ({"就业状态": "飘着"}, "work_unknown", "work"),
        ({"失业时间": "很久"}, "since_unreadable", "unemployed_since"),
        ({"失业时间": "3/1/2025"}, "since_ambiguous", "unemployed_since"),
        ({"失业时间": 2024.1}, "since_ambiguous", "unemployed_since"),
        ({"失业时间": "1985年3月"}, "since_impossible", "unemployed_since"),
        ({"失业时间": "26年12月"}, "since_impossible", "unemployed_since"),
        ({"就业状态": "失业(2027年1月)"}, "since_unreadable", "work"),
        ({"困难类别": "不是低保户"}, "category_unknown", "categories"),
        ({"困难类别": "不是单亲"}, "category_unknown", "categories"),
        ({"困难类别": "低保(已取消)"}, "category_unknown", "categories"),
        ({"困难类别": "未享受(低保)"}, "category_unknown", "categories"),
    ],
)
def test_a_word_that_no_table_holds_is_a_wrong_cell_and_never_made(
    street, clerk, told, code, field
) -> None:
    batch = upload(roster(told, {}), clerk)
    wrong, fine = plan_of(batch, DAY).rows
    assert (wrong.state, fine.state) == (State.WRONG, State.NEW)
    assert [(f.code, f.field) for f in wrong.wrong] == [(code, field)]
    assert "%(" not in sentence_of(wrong.wrong[0])
    with pytest.raises(RuleError, match="import_rows_wrong"):
        confirm_import(batch.id, by=clerk, now=NOON)
    decide_rows(batch.id, [wrong.key], mend={field: ""}, by=clerk, now=NOON)
    assert confirm_import(batch.id, by=clerk, now=NOON).new == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Skill)) == 14
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HardshipCategory)) == 13


@both_engines
def test_the_offices_own_names_are_known_and_what_is_not_in_use_is_not(street, clerk) -> None:
    save_hardship_category(None, name="移民安置", position=1, is_active=True, by=clerk, now=NOON)
    save_skill(None, name="茶艺", position=1, is_active=True, by=clerk, now=NOON)
    poor = db.session.scalars(sa.select(HardshipCategory).filter_by(code="minimum_living")).one()
    save_hardship_category(poor.id, name="低保", position=1, is_active=False, by=clerk, now=NOON)
    first, second = plan_of(
        upload(roster({"困难类别": "移民安置", "培训意向": "茶艺培训"}, {"困难类别": "低保户"}), clerk), DAY
    ).rows  # fmt: skip
    assert first.state is State.NEW
    assert codes(second) == ["category_unknown"]


@both_engines
def test_what_she_said_is_certified_by_a_later_roster(street, clerk) -> None:
    imported(roster({"困难类别": "残疾", "是否认定": "自述"}), clerk)
    content = roster({"困难类别": "残疾", "是否认定": "已认定", "认定单位": "区残联"})
    batch = upload(content, clerk)
    [row] = plan_of(batch, DAY).rows
    assert [(c.field, c.new) for c in row.changes] == [("hardship_certified", "残疾")]
    confirm_import(batch.id, by=clerk, now=NOON)
    tag = only(HardshipTag)
    assert (tag.basis, tag.certified_by) == (Basis.CERTIFIED, "区残联")
    assert plan_of(upload(content, clerk), DAY).rows[0].state is State.SAME


@both_engines
def test_new_wishes_are_added_to_what_she_told_last(street, clerk) -> None:
    imported(roster({"培训意向": "缝纫"}), clerk)
    person_id = only(Learner).person_id
    sewing = db.session.scalars(sa.select(Skill.id).filter_by(code="sewing")).one()
    told = Needs((sewing,), weekdays=31, free_from_min=540, children_under_12=1, wants_venture=True,
                 mobility=Mobility.BUS, reach=Reach.SAME_GRID, least_wage_fen=250_000, note="晚上不行")  # fmt: skip
    record_needs(person_id, told, asked_on=DAY, by=clerk, now=NOON)
    outcome = imported(roster({"培训意向": "缝纫、面点"}), clerk)
    assert outcome.changed == 1
    latest = db.session.scalars(
        sa.select(NeedsAssessment).order_by(NeedsAssessment.recorded_at, NeedsAssessment.id)
    ).all()[-1]
    assert sorted(wish.skill.name for wish in latest.wanted) == ["缝纫", "面点"]
    assert (latest.weekdays, latest.free_from_min, latest.children_under_12) == (31, 540, 1)
    assert (latest.wants_work, latest.wants_home_work, latest.wants_venture) == (True, False, True)
    assert (latest.mobility, latest.reach) == (Mobility.BUS, Reach.SAME_GRID)
    assert (latest.least_wage_fen, latest.note) == (250_000, "晚上不行")


@both_engines
def test_an_assessment_noted_after_the_preview_is_not_written_over(
    street, clerk, monkeypatch
) -> None:
    from core.people.imports import actions

    imported(roster({"培训意向": "缝纫"}), clerk)
    batch = upload(roster({"培训意向": "面点"}), clerk)
    prepare = actions.prepare

    def prepare_then_she_is_asked(*args, **more):
        ready = prepare(*args, **more)
        told = Needs(tuple(only(NeedsAssessment).wanted[n].skill_id for n in (0,)), weekdays=3)
        record_needs(only(Learner).person_id, told, asked_on=DAY, by=clerk, now=NOON)
        return ready

    monkeypatch.setattr(actions, "prepare", prepare_then_she_is_asked)
    with pytest.raises(RuleError, match="import_moved_on"):
        confirm_import(batch.id, by=clerk, now=NOON)


@both_engines
def test_who_had_ended_is_registered_again(street, clerk) -> None:
    imported(roster({}), clerk)
    person_id = only(Learner).person_id
    end_learner(person_id, on=DAY, reason="外出", by=clerk, now=NOON)
    batch = upload(roster({"培训意向": "育婴"}), clerk)
    [row] = plan_of(batch, DAY).rows
    assert [f.code for f in row.warnings] == ["learner_has_ended"]
    confirm_import(batch.id, by=clerk, now=NOON)
    assert only(Learner).ended_on is None
    assert only(NeedsAssessment).person_id == person_id


@both_engines
def test_who_is_a_learner_under_a_merged_record_is_not_registered_a_second_time(
    street, clerk
) -> None:
    imported(roster({}), clerk)
    kept = only(Learner).person_id
    with transaction() as session:
        old = Person(name="王秀英", pinyin="wang xiu ying", created_at=NOON, merged_into_id=kept)
        session.add(old)
        session.flush()
        session.execute(sa.update(Learner).values(person_id=old.id))
    batch = upload(roster({}), clerk)
    [row] = plan_of(batch, DAY).rows
    assert (row.state, codes(row)) == (State.WRONG, ["learner_before_merge"])
    with pytest.raises(RuleError, match="import_rows_wrong"):
        confirm_import(batch.id, by=clerk, now=NOON)
    end_learner(old.id, on=DAY, reason="外出", by=clerk, now=NOON)
    assert [row.state for row in plan_of(batch, DAY).rows] == [State.CHANGED]


@both_engines
def test_what_was_known_of_her_is_kept_when_she_comes_again(street, clerk) -> None:
    imported(roster({"失业时间": "2024.11"}), clerk)
    person_id = only(Learner).person_id
    facts = {
        "worker_kind": WorkerKind.CADRE,
        "unemployed_since": date(2024, 11, 1),
        "by": clerk,
        "now": NOON,
    }
    here, there = street["workshop"], other_workshop()
    for home in (here, there):
        user, _ = add_user(
            f"zhuanyuan{home}", "专员乙", Role.COORDINATOR, home, by=SYSTEM, now=NOON
        )
        kept = user.id if home == here else None
        change_learner(person_id, home_site_id=home, coordinator_id=user.id, note="爱唱歌", **facts)
        end_learner(person_id, on=DAY, reason="外出", by=clerk, now=NOON)
        batch = upload(roster({"就业状态": "失业"}), clerk, site_id=street["workshop"])
        [row] = plan_of(batch, DAY).rows
        shown = {c.field: (c.old, c.new, c.kept) for c in row.changes}
        assert shown.pop("registration") == ("", "学员", False)
        if kept:
            assert shown == {"work": ("", "失业", False)}
        else:
            assert shown == {
                "home_site": ("水电社区微工厂", "妇女创业微工厂", False), "coordinator": ("专员乙", "无", False),
                "work": ("", "失业", False),
            }  # fmt: skip
        confirm_import(batch.id, by=clerk, now=NOON)
        row = only(Learner)
        assert row.home_site_id == here
        assert (row.ended_on, row.worker_kind, row.coordinator_id) == (None, WorkerKind.CADRE, kept)
        assert (row.unemployed_since, row.note) == (date(2024, 11, 1), "爱唱歌；就业状态:失业")


@both_engines
def test_a_later_roster_fills_what_was_empty_and_keeps_the_rest(street, clerk) -> None:
    imported(roster({}, {}), clerk)
    batch = upload(roster({"失业时间": "25年3月", "就业状态": "失业"}, {}), clerk)
    row = plan_of(batch, DAY).rows[0]
    assert [(c.field, c.old, c.new, c.kept) for c in row.changes] == [
        ("unemployed_since", "", "2025-03-01", False), ("work", "", "失业", False),
    ]  # fmt: skip
    assert confirm_import(batch.id, by=clerk, now=NOON).changed == 1
    learner = db.session.scalars(sa.select(Learner).where(Learner.note.is_not(None))).one()
    assert (learner.unemployed_since, learner.note) == (date(2025, 3, 1), "就业状态:失业")
    batch = upload(roster({"失业时间": "24-11-05", "就业状态": "灵活就业"}, {}), clerk)
    row = plan_of(batch, DAY).rows[0]
    assert row.state is State.SAME
    assert [(c.field, c.old, c.new, c.kept) for c in row.changes] == [
        ("unemployed_since", "2025-03-01", "2024-11-05", True), ("work", "失业", "灵活就业", True),
    ]  # fmt: skip
    assert confirm_import(batch.id, by=clerk, now=NOON).same == 2


@both_engines
def test_what_was_ended_today_does_not_come_back_by_a_roster(street, clerk) -> None:
    imported(roster({"困难类别": "单亲"}), clerk)
    tag = only(HardshipTag)
    end_hardship(tag.person_id, tag.id, on=DAY, reason="已再婚", by=clerk, now=NOON)
    assert imported(roster({"困难类别": "单亲"}), clerk).same == 1
    assert only(HardshipTag).end_reason == "已再婚"


@both_engines
def test_who_is_missing_is_listed_and_ended_with_a_reason(street, clerk) -> None:
    people = women(3)
    imported(roster({}, {}, {}, people=people), clerk)
    batch = upload(roster({}, people=people[:1]), clerk)
    missing = plan_of(batch, DAY).missing
    assert {m.name for m in missing} == {"李玉兰", "张桂芳"}
    decide_missing(batch.id, missing[0].person_id, "已迁出", by=clerk, now=NOON)
    assert confirm_import(batch.id, by=clerk, now=NOON).stopped == 1
    db.session.expire_all()
    assert db.session.get_one(Learner, missing[0].person_id).end_reason == "已迁出"


def other_workshop() -> int:
    with transaction() as session:
        other = Site(slug="fenbu", name="水电社区微工厂", kind=SiteKind.WORKSHOP)
        session.add(other)
        session.flush()
        return other.id


@both_engines
def test_only_women_of_the_same_workshop_are_missing_and_a_refusal_names_her(street, clerk) -> None:
    people, other = women(3), other_workshop()
    imported(roster({}, {}, people=people[:2]), clerk, site_id=street["workshop"])
    imported(roster({}, people=people[2:]), clerk, site_id=other)
    content = roster({}, people=people[:1])
    assert plan_of(upload(content, clerk), DAY).missing == ()
    batch = upload(content, clerk, site_id=street["workshop"])
    [missing] = plan_of(batch, DAY).missing
    assert missing.name == "李玉兰"
    with transaction() as session:
        skill_id = session.scalars(sa.select(Skill.id).filter_by(code="sewing")).one()
        course = Course(name="缝纫初级", skill_id=skill_id, level=SkillLevel.JUNIOR, class_hours=40)
        session.add(course)
        session.flush()
        cohort = Cohort(
            site_id=street["workshop"], course_id=course.id, number=1, name="缝纫初级第 1 期",
            state=CohortState.OPEN, starts_on=DAY, ends_on=DAY, capacity=30, planned_min=180, created_at=NOON,
        )  # fmt: skip
        session.add(cohort)
        session.flush()
        cohort_id = cohort.id
    apply(missing.person_id, cohort_id, on=DAY, by=clerk, now=NOON)
    decide_missing(batch.id, missing.person_id, "已迁出", by=clerk, now=NOON)
    with pytest.raises(RuleError, match="import_stop_refused") as refused:
        confirm_import(batch.id, by=clerk, now=NOON)
    assert sentence(refused.value).startswith("李玉兰")
    assert "1 个报名" in sentence(refused.value)


@both_engines
def test_warnings_name_what_audits_ask_about(street, clerk) -> None:
    old = women(1, date(1973, 1, 5))
    batch = upload(roster({"就业状态": "退休", "子女情况": "2个"}, people=old), clerk)
    [row] = plan_of(batch, DAY).rows
    assert row.state is State.NEW
    assert {f.code for f in row.warnings} == {
        "work_retired", "over_retirement_age", "children_without_ages",
    }  # fmt: skip


@both_engines
def test_with_two_workshops_the_site_of_the_file_is_chosen(street, clerk) -> None:
    other_id = other_workshop()
    content = roster({})
    assert codes(plan_of(upload(content, clerk), DAY).rows[0]) == ["workshop_unknown"]
    imported(content, clerk, site_id=other_id)
    assert only(Learner).home_site_id == other_id


@both_engines
def test_a_table_that_changed_after_the_preview_refuses_the_import(
    street, clerk, monkeypatch
) -> None:
    from workshop.importer import writing

    batch = upload(roster({"困难类别": "单亲"}), clerk)
    grounds = iter([("before",), ("after",)])
    monkeypatch.setattr(writing.Book, "grounds", property(lambda self: next(grounds)))
    with pytest.raises(RuleError, match="import_moved_on"):
        confirm_import(batch.id, by=clerk, now=NOON)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_columns_of_ticks_and_other_heads_are_understood(street, clerk) -> None:
    [who] = women(1)
    head = [
        "姓名", "身份证号码", "所属社区", "是否单亲", "零就业家庭", "拟参加培训项目",
        "12岁以下子女数", "就业意愿", "专业",
    ]  # fmt: skip
    line = [
        who.name,
        who.id_number,
        "农林二社区",
        "是",
        "√",
        "直播带货",
        "两个",
        "居家、创业",
        "会计",
    ]
    batch = upload(Book().sheet("S", [head, line]).bytes(), clerk)
    [row] = plan_of(batch, DAY).rows
    assert codes(row) == []
    assert set(row.row.categories or ()) == {"单亲", "零就业家庭"}
    confirm_import(batch.id, by=clerk, now=NOON)
    needs = only(NeedsAssessment)
    assert [wish.skill.name for wish in needs.wanted] == ["电商直播"]
    assert needs.children_under_12 == 2
    assert (needs.wants_work, needs.wants_home_work, needs.wants_venture) == (False, True, True)


def test_heads_that_ask_yes_or_no_are_answered_by_the_head(street, clerk) -> None:
    people = women(2)
    for head, notes in (
        ("是否失业", ["就业状态:失业", "就业状态:未失业"]), ("是否就业", ["就业状态:已就业", "就业状态:未就业"]),
    ):  # fmt: skip
        lines = [
            [who.name, who.id_number, "农林二社区", said]
            for who, said in zip(people, "是否", strict=True)
        ]
        batch = upload(
            Book().sheet("S", [["姓名", "身份证号码", "所属社区", head], *lines]).bytes(), clerk
        )
        rows = plan_of(batch, DAY).rows
        assert [codes(row) for row in rows] == [[], []]
        assert [f"就业状态:{row.changes[-1].new}" for row in rows] == notes
        people = women(4)[2:]


def test_the_template_is_read_back_without_a_wrong_cell(street, clerk, visit: Visit) -> None:
    data = visit(Role.CLERK).get("/people/import/template.xlsx?as=learners").data
    head = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[0]
    assert head == [column[0] for column in TEMPLATE]
    batch = upload(
        Book().sheet("花名册", [head, [column[2] for column in TEMPLATE]]).bytes(), clerk
    )
    [row] = plan_of(batch, DAY).rows
    assert [(f.code, f.field) for f in row.findings] == []
    assert confirm_import(batch.id, by=clerk, now=NOON).new == 1


def test_the_page_shows_wrong_cells_to_mend(street, clerk, visit: Visit) -> None:
    batch = upload(roster({"培训意向": "开飞机", "困难类别": "山里人"}), clerk)
    page = visit(Role.CLERK).get(f"/people/import/{batch.id}").text
    assert "技能表里没有" in page
    assert 'name="mend-skills_wanted"' in page
    assert 'name="mend-categories"' in page


def test_the_page_says_that_what_is_known_stays(street, clerk, visit: Visit) -> None:
    imported(roster({"失业时间": "2025-03-01"}), clerk)
    batch = upload(roster({"失业时间": "2024-11-05"}), clerk)
    page = visit(Role.CLERK).get(f"/people/import/{batch.id}").text
    assert "2025-03-01 → 2024-11-05" in page
    assert "已有不同的登记" in page


def test_a_tick_that_says_it_is_over_is_a_wrong_cell(street, clerk) -> None:
    [who] = women(1)
    for said, expected in (
        ("已取消", ["mark_unreadable"]),
        ("申请中", ["mark_unreadable"]),
        ("已享受", []),
    ):
        lines = [
            ["姓名", "身份证号码", "所属社区", "低保"],
            [who.name, who.id_number, "农林二社区", said],
        ]
        [row] = plan_of(upload(Book().sheet("S", lines).bytes(), clerk), DAY).rows
        assert codes(row) == expected


def test_the_command_imports_learners(app: Flask, street, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(roster({"培训意向": "缝纫"}, {"培训意向": "开飞机"}))
    run = app.test_cli_runner().invoke
    shown = run(args=["people", "import", str(file), "--as", "learners", "--json"])
    assert shown.exit_code == 1
    rows = json.loads(shown.stdout)["rows"]
    assert [row["state"] for row in rows] == ["new", "wrong"]
    assert rows[0]["skills_wanted"] == "缝纫"
    file.write_bytes(roster({"培训意向": "缝纫"}))
    done = run(args=["people", "import", str(file), "--as", "learners", "--confirm"])
    assert done.exit_code == 0, done.output
    assert only(Learner).ended_on is None


def test_an_import_of_learners_touches_no_diner_and_the_other_way_round(street, clerk) -> None:
    imported(roster({"困难类别": "低保"}), clerk)
    person_id = only(Learner).person_id
    add = {"by": clerk, "now": NOON}
    other = db.session.scalars(sa.select(HardshipCategory.id).filter_by(code="disabled")).one()
    add_hardship(person_id, other, basis=Basis.SELF_DECLARED, from_on=DAY, **add)
    batch = upload(roster({"困难类别": "低保"}), clerk)
    [row] = plan_of(batch, DAY).rows
    assert [f.code for f in row.warnings] == ["hardship_not_listed"]
    assert row.state is State.SAME


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("缝纫", ["缝纫"], []), ("缝纫工、月嫂", ["缝纫"], ["月嫂"]), ("家政服务/面点师", ["家政", "面点"], []),
        ("缝纫培训;电商", ["缝纫", "电商直播"], []), ("1.养老护理员 2.育婴师", ["养老护理", "育婴"], []),
        ("无", [], []), ("", [], []), ("开飞机", [], ["开飞机"]),
    ],
)  # fmt: skip
def test_skills_are_read_as_offices_write_them(text, found, unknown) -> None:
    assert read_skills(text, SKILLS) == (found, unknown)


@pytest.mark.parametrize(
    ("text", "is_read", "count"),
    [
        ("无", True, 0), ("8岁、15岁", True, 1), ("一儿一女,3岁 10岁", True, 2), ("2个", True, None),
        ("已成年", True, 0), ("一个儿子", True, None), ("不清楚呢", False, None), ("两孩(5岁,13岁)", True, 1),
        ("12岁", True, 0), ("未成年子女2个", True, None), ("2个(未成年)", True, None), ("5岁(未成年)", True, 1),
        ("1个成年,1个8岁", True, 1), ("1个成年,1个未成年", True, None), ("2个,均已成年", True, 0),
        ("一儿一女,儿子已成年", True, None), ("儿子已成年,女儿上小学", True, None), ("无未成年子女", True, 0),
        ("2个,12岁以下1个", True, 1), ("无10岁以下子女", True, 0), ("八岁、十五岁", True, 1),
        ("5、13岁", True, 1), ("5-13岁", True, None), ("双胞胎6岁", True, 2), ("2个,大的13岁", True, None),
        ("2个,一个8岁,一个10岁", True, 2), ("2个(1子1女),8岁、15岁", True, 1), ("8个月", True, 1),
        ("怀孕8个月", False, None), ("1岁2个月", True, 1), ("八九岁", True, None), ("0人", True, 0),
        ("1个,2018年生", True, None), ("14岁以下2个", True, None),
    ],
)  # fmt: skip
def test_children_count_only_where_their_ages_are_told(text, is_read, count) -> None:
    assert read_children(text) == (is_read, count)


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("无", 0), ("2", 2), ("两个", 2), ("有", 1), ("1人(7岁)", 1), ("9岁", 1), ("很多", None),
     ("1子1女", 2), ("2女1子", 3), ("一儿一女", 2), ("两个(5岁、13岁)", 1), ("2个(2女)", 2), ("2个(5岁)", None),
     ("12岁以下2个", 2), ("2个(均12岁以下)", 2), ("12岁以下:1", 1), ("无12岁以下子女", 0), ("自行抚养", None),
     ("2个,1个成年", None), ("5,13", None)],
)  # fmt: skip
def test_children_under_12_are_a_number(text, count) -> None:
    assert read_under_12(text) == count


@pytest.mark.parametrize(
    ("text", "kind", "for_a_year"),
    [
        ("失业", "unemployed", False), ("失业2年", "unemployed", True), ("失业三个月", "unemployed", False),
        ("登记失业一年以上", "unemployed", True), ("灵活就业", "flexible", False), ("在职", "employed", False),
        ("全职妈妈", "at_home", False), ("已退休", "retired", False), ("务农", "farming", False),
        ("失业一年半", "unemployed", True), ("失业18个月", "unemployed", True), ("失业不到一年", "unemployed", False),
        ("失业1年以内", "unemployed", False), ("失业近两年", "unemployed", True), ("失业10年", "unemployed", True),
        ("12月失业", "unemployed", False), ("26年失业", "unemployed", False), ("2025年失业", "unemployed", False),
        ("二〇二六年失业", "unemployed", False), ("在职3年", "employed", False),
        ("连续失业一年以上", "unemployed", True), ("失业2年以内", "unemployed", False),
    ],
)  # fmt: skip
def test_the_state_of_work_is_read(text, kind, for_a_year) -> None:
    work = read_work(text, "work", DAY)
    assert work is not None
    assert (work.kind, work.for_a_year) == (kind, for_a_year)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("2026年10月失业", "2026年10月"), ("失业(2026年8月)", "2026年8月"), ("25年10月失业", "25年10月"),
        ("自2026.3起失业", "2026.3"), ("失业20261015", "20261015"), ("失业2年", ""),
    ],
)  # fmt: skip
def test_a_date_beside_the_state_of_work_is_no_span_of_time(text, since) -> None:
    work = read_work(text, "work", DAY)
    assert work is not None
    assert (work.kind, work.for_a_year, work.since) == ("unemployed", text == "失业2年", since)


@pytest.mark.parametrize(
    ("head", "yes", "no"),
    [("work", "employed", "unemployed"), ("unemployed", "unemployed", "employed"),
     ("work_state", None, None)],
)  # fmt: skip
def test_yes_and_no_mean_what_the_head_asks(head, yes, no) -> None:
    for text, kind in (("是", yes), ("√", yes), ("否", no), ("未", no)):
        work = read_work(text, head, DAY)
        assert (work.kind if work else None) == kind


def test_an_unknown_state_of_work_is_none() -> None:
    assert read_work("飘着", "work", DAY) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [("是", True), ("√", True), ("已认定", True), ("否", False), ("未认定", False), ("自述", False),
     ("申请中", False), ("大概", None), ("有", True), ("1", True), ("×", False), ("已申请", None),
     ("需认定", None), ("待送审", None), ("已取消", None), ("已上报", None), ("已受理", None), ("已过期", None)],
)  # fmt: skip
def test_certified_is_yes_no_or_unreadable(text, said) -> None:
    assert read_certified(text) is said


def test_only_words_of_the_table_are_known() -> None:
    words = hardship_words(("低保", "移民安置"))
    assert words["低保户"] == "低保"
    assert words["移民安置"] == "移民安置"
    assert words["普通"] == ""
    assert "单亲" not in words


def test_every_finding_of_the_importer_has_its_sentence(in_app: Flask) -> None:
    made = set()
    for path in (ROOT / "workshop/importer").glob("*.py"):
        made |= set(re.findall(r'(?:Finding|_find)\(\s*"([a-z_0-9]+)"', path.read_text("utf-8")))
    assert len(made) > 10
    assert made <= known_codes()
