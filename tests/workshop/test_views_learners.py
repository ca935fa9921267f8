"""Pages of learners: who sees whom, what each form does, and how much they ask."""

import io
import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from core.access import SYSTEM, Role
from core.audit import AuditEntry
from core.db import db, new_id, transaction
from core.people.actions import merge_person
from core.people.hashes import phone_hash
from core.people.models import Person, PersonReading
from core.people.names import search_readings
from core.sites.models import Area, AreaLevel, Site, SiteKind
from tests.canteen.pages import Visit, queries_of
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from workshop.actions.hardship import add_hardship
from workshop.actions.learners import end_learner, record_needs, set_skill
from workshop.actions.tables import ensure_tables
from workshop.lists.learners import latest_needs
from workshop.models import (
    EnrolmentMove,
    HardshipCategory,
    HardshipTag,
    Learner,
    LearnerSkill,
    NeedsAssessment,
    Placement,
    RetirementAge,
    Skill,
)
from workshop.values import (
    Basis,
    Channel,
    EnrolmentState,
    Form,
    Needs,
    PlacementState,
    SkillLevel,
    SkillSource,
    WorkerKind,
)

TODAY = date(2026, 11, 24)
BY = {"by": SYSTEM}


@pytest.fixture
def tables(workshop: House) -> dict[str, int]:
    """Ids of the usual hardship categories by code."""
    ensure_tables(by=SYSTEM, now=workshop.now)
    rows = db.session.execute(sa.select(HardshipCategory.code, HardshipCategory.id))
    return {row.code: row.id for row in rows}


def second_site() -> int:
    with transaction() as session:
        site = Site(slug="fenbu", name="水电社区微工厂", kind=SiteKind.WORKSHOP)
        session.add(site)
        session.flush()
        return site.id


def placed(workshop: House, person_id: int, state: PlacementState = PlacementState.STARTED) -> None:
    with transaction() as session:
        session.add(Placement(
            person_id=person_id, id=new_id(), site_id=workshop.site_id, channel=Channel.OWN_WORK,
            form=Form.EMPLOYED, state=state, employer_name="示例服装厂", job_title="缝纫工",
            started_on=TODAY, created_at=workshop.now, changed_at=workshop.now, wage_fen=320_000,
        ))  # fmt: skip


def hardship(workshop: House, person_id: int, category_id: int, **changes) -> HardshipTag:
    given = {
        "basis": Basis.CERTIFIED, "from_on": date(2026, 1, 1), "certified_by": "区民政局",
        "evidence": "低保证 第12号", **changes,
    }  # fmt: skip
    return add_hardship(person_id, category_id, now=workshop.now, **BY, **given)


def rows_of_book(data: bytes, sheet: int = 0) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def listed(page: str, people: list[int]) -> set[int]:
    return {n for n in people if f'href="/workshop/learners/{n}"' in page}


def test_a_coordinator_sees_the_learners_of_her_own_site_alone(
    workshop: House, visit: Visit
) -> None:
    own, foreign = house.learner(workshop), house.learner(workshop, "王桂兰")
    with transaction() as session:
        session.get_one(Learner, foreign).home_site_id = second_site()
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    page = coordinator.get("/workshop/learners").text
    assert "1 名学员" in page
    assert listed(page, workshop.people) == {own}
    assert coordinator.get(f"/workshop/learners/{own}").status_code == 200
    assert coordinator.get(f"/workshop/learners/{foreign}").status_code == 403
    assert coordinator.get("/workshop/learners/999").status_code == 404
    assert listed(visit(Role.CLERK).get("/workshop/learners").text, workshop.people) == {own, foreign}  # fmt: skip


@pytest.mark.parametrize("address", [
    "", "/new", "/{id}", "/{id}/edit", "/{id}/needs/new", "/{id}/registration", ".xlsx",
])  # fmt: skip
def test_a_trainer_has_no_page_about_learners(workshop: House, visit: Visit, address: str) -> None:
    [person_id] = house.enrolled(workshop, house.cohort(workshop))
    trainer = visit(Role.TRAINER, workshop.site_id)
    path = f"/workshop/learners{address.format(id=person_id)}"
    assert trainer.get(path).status_code == 403


def test_somebody_of_the_registry_is_found_and_registered(workshop: House, visit: Visit) -> None:
    person_id = house.person(workshop, "李秀英")
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    found = coordinator.get("/workshop/learners/new?q=李秀英").text
    assert "李*英" in found
    assert "李秀英" not in found[found.index("<tbody") :]
    address = f"/workshop/learners/{person_id}/registration"
    assert f'href="{address}"' in found
    answer = coordinator.post(
        address, home_site_id=workshop.site_id, worker_kind="worker", on="2026-11-20",
        unemployed_since="2025-05-01", coordinator_id="", note="",
    )  # fmt: skip
    assert answer.headers["Location"] == f"/workshop/learners/{person_id}/needs/new"
    row = db.session.get_one(Learner, person_id)
    assert (row.registered_on, row.unemployed_since) == (date(2026, 11, 20), date(2025, 5, 1))
    assert coordinator.get(address).headers["Location"] == f"/workshop/learners/{person_id}"
    assert "已登记" in coordinator.get("/workshop/learners/new?q=李秀英").text


def test_a_whole_number_finds_her_and_stands_in_no_address(workshop: House, visit: Visit) -> None:
    person_id = house.person(workshop)
    with transaction() as session:
        row = session.get_one(Person, person_id)
        phone, row.phone_hash = row.phone, phone_hash(row.phone)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    for path in ("/workshop/learners/new", "/workshop/learners"):
        answer = coordinator.post(path, q=phone)
        assert answer.status_code == 302
        assert phone not in answer.headers["Location"]
    found = coordinator.post("/workshop/learners/new", q=phone).headers["Location"]
    assert parse_qs(urlsplit(found).query) == {"person": [str(person_id)]}


def test_what_was_typed_is_still_there_when_something_is_wrong(
    workshop: House, visit: Visit
) -> None:
    person_id = house.person(workshop)
    answer = visit(Role.CLERK).post(
        f"/workshop/learners/{person_id}/registration", home_site_id=workshop.site_id,
        worker_kind="cadre", on="2026-11-30", unemployed_since="", coordinator_id="", note="会裁剪",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "日期晚于今天" in answer.text
    assert "会裁剪" in answer.text
    assert db.session.get(Learner, person_id) is None


def test_a_coordinator_registers_at_her_own_site_only(workshop: House, visit: Visit) -> None:
    person_id, foreign = house.person(workshop), second_site()
    answer = visit(Role.COORDINATOR, workshop.site_id).post(
        f"/workshop/learners/{person_id}/registration", home_site_id=foreign, worker_kind="worker",
        on="2026-11-20", unemployed_since="", coordinator_id="", note="",
    )  # fmt: skip
    assert answer.status_code == 422
    assert db.session.get(Learner, person_id) is None


def test_the_list_filters_by_where_she_stands(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    who = {"now": workshop.now, **BY}
    cohort_id = house.cohort(workshop)
    [training] = house.enrolled(workshop, cohort_id)
    [completed] = house.enrolled(workshop, cohort_id, state=EnrolmentState.COMPLETED)
    [applied] = house.enrolled(workshop, cohort_id, state=EnrolmentState.APPLIED)
    working, waiting, ended = (house.learner(workshop, name) for name in ("孙梅", "周敏", "吴芳"))
    placed(workshop, working)
    placed(workshop, completed, PlacementState.STARTED)
    needs = Needs(skill_ids=(workshop.skill_id,), wants_work=False, wants_venture=True)
    record_needs(waiting, needs, asked_on=date(2026, 10, 1), **who)
    record_needs(working, needs, asked_on=date(2026, 10, 1), **who)
    record_needs(working, Needs(), asked_on=date(2026, 11, 1), **who)
    end_learner(ended, on=date(2026, 11, 10), reason="搬迁", **who)
    hardship(workshop, waiting, tables["minimum_living"], until_on=TODAY + timedelta(days=9))
    hardship(workshop, training, tables["minimum_living"], until_on=TODAY - timedelta(days=1))
    with transaction() as session:
        session.add(Area(code="99", name="街道外", level=AreaLevel.OUTSIDE))
    expected = {
        "state=registered": {training, completed, applied, working, waiting},
        "state=waiting": {waiting}, "state=training": {training}, "state=completed": {completed},
        "state=in_enrolment": {applied}, "state=in_work": {working, completed},
        "state=referred": set(), "state=ended": {ended},
        "state=no_needs": {training, completed, applied},
        "state=hardship_expiring": {waiting}, "hardship=minimum_living": {waiting},
        "hardship=disabled": set(), "wish=venture": {waiting}, "wish=work": {working},
        f"skill={workshop.skill_id}": {waiting}, "wish=home_work": set(),
        "area=01.03": {training, completed, applied, working, waiting}, "area=99": set(),
        "q=周敏": {waiting},
    }  # fmt: skip
    clerk = visit(Role.CLERK)
    for query, people in expected.items():
        page = clerk.get(f"/workshop/learners?{query}").text
        assert listed(page, workshop.people) == people, query


def test_the_list_is_searched_by_pinyin_and_last_digits(workshop: House, visit: Visit) -> None:
    first, second = house.learner(workshop, "李秀英"), house.learner(workshop, "王桂兰")
    with transaction() as session:
        for person_id, name in ((first, "李秀英"), (second, "王桂兰")):
            session.add_all(
                PersonReading(person_id=person_id, reading=reading) for reading in search_readings(name)
            )  # fmt: skip
    clerk = visit(Role.CLERK)
    for typed, people in (("wgl", {second}), ("lixiu", {first}), ("秀", {first}), ("zz", set())):
        page = clerk.get(f"/workshop/learners?q={typed}").text
        assert listed(page, workshop.people) == people, typed


def test_a_manager_reads_learners_and_nothing_of_hardship(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    person_id = house.learner(workshop)
    hardship(workshop, person_id, tables["zero_employment"])
    manager = visit(Role.MANAGER, workshop.site_id)
    addresses = (
        "/workshop/learners", f"/workshop/learners/{person_id}", f"/people/{person_id}",
        "/workshop/learners?hardship=zero_employment", "/workshop/learners?state=hardship_expiring",
    )  # fmt: skip
    for address in addresses:
        answer = manager.get(address)
        assert answer.status_code == 200
        assert "零就业家庭" not in answer.text, address
        assert "低保证" not in answer.text
    # A filter that she may not know of filters nothing: it would tell by who is left.
    page = manager.get("/workshop/learners?hardship=disabled").text
    assert listed(page, workshop.people) == {person_id}
    assert manager.post(f"/workshop/learners/{person_id}/hardship").status_code == 403
    assert "困难类别" not in rows_of_book(manager.get("/workshop/learners.xlsx").data)[0]


def test_the_workbook_holds_the_rows_of_the_list_and_is_logged(
    workshop: House, visit: Visit, tables: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workshop.exports.learners.STEP", 2)
    people = [house.learner(workshop, name) for name in ("=孙梅", "周敏", "吴芳")]
    hardship(workshop, people[1], tables["zero_employment"])
    record_needs(people[1], Needs((workshop.skill_id,), weekdays=31), asked_on=TODAY,
                 now=workshop.now, **BY)  # fmt: skip
    clerk = visit(Role.CLERK)
    answer = clerk.get("/workshop/learners.xlsx?order=newest")
    head, *lines = rows_of_book(answer.data)
    rows = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert set(rows) == {"=孙梅", "周敏", "吴芳"}
    assert rows["周敏"]["困难类别"] == "零就业家庭（已认定）"
    assert rows["周敏"]["技能意向"] == "缝纫"
    assert rows["周敏"]["可上课时间"] == "周一至周五 08:00—18:00"
    assert "139" not in str(rows), "phones are not taken away in bulk"
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "learners.exported")
    ).one()
    assert entry.actor_name == "clerk-all"


def test_the_workbook_names_every_filter_that_is_set(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    person_id, asked = house.learner(workshop, "周敏"), "/workshop/learners.xlsx?"
    clerk = visit(Role.CLERK)
    data = clerk.get(
        f"{asked}q=周&site=gongfang&area=01.03&wish=home_work&skill={workshop.skill_id}&state=waiting"
        f"&coordinator={workshop.coordinator_id}&hardship=zero_employment&person={person_id}&order=newest"
    ).data
    about = dict(row[:2] for row in rows_of_book(data, 1)[2:-2])
    assert about == {
        "查找": "周", "微工厂": "妇女创业微工厂", "状态": "待安排", "困难类别": "零就业家庭",
        "居住社区": "示例社区", "意愿": "居家加工", "技能意向": "缝纫", "就业专员": "xu", "人员": "周敏",
    }  # fmt: skip
    # What can't be read does not filter, so it is not named either.
    rows = rows_of_book(clerk.get(f"{asked}wish=nonsense&hardship=nonsense").data, 1)
    assert [row[0] for row in rows[2:-2]] == ["状态"]


def test_needs_are_asked_on_a_page_that_begins_with_the_last_answers(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/needs/new"
    typed = {
        "asked_on": "2026-11-24", "skill_ids": workshop.skill_id, "weekdays": ["1", "3"],
        "free_from_min": "8:30", "free_until_min": "11:30", "children_under_12": "2",
        "mobility": "on_foot", "reach": "same_community", "wants_home_work": "y",
        "least_wage_fen": "1800", "note": "下午接孩子",
    }  # fmt: skip
    answer = coordinator.post(address, **{**typed, "free_until_min": "8:00"})
    assert answer.status_code == 422
    assert "结束时间早于开始时间" in answer.text
    assert "下午接孩子" in answer.text
    answer = coordinator.post(address, **{**typed, "weekdays": ["1", "3", "3"]})
    assert answer.headers["Location"] == f"/workshop/learners/{person_id}#needs"
    row = db.session.scalars(sa.select(NeedsAssessment)).one()
    assert (row.weekdays, row.free_from_min, row.free_until_min) == (5, 510, 690)
    assert (row.wants_work, row.wants_home_work, row.least_wage_fen) == (False, True, 180_000)
    again = coordinator.get(address).text
    assert "下午接孩子" in again
    assert 'value="08:30"' in again
    page = coordinator.get(f"/workshop/learners/{person_id}").text
    assert "周一、周三 08:30—11:30" in page


@both_engines
def test_a_wanted_skill_that_is_no_longer_in_use_is_told_again(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    with transaction() as session:
        session.add(Skill(code="weaving", name="编织", is_active=False))
        session.get_one(Skill, workshop.skill_id).is_active = False
    told = Needs((workshop.skill_id,))
    record_needs(person_id, told, asked_on=date(2026, 11, 1), now=workshop.now, **BY)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/needs/new"
    page = coordinator.get(address).text
    [shown] = re.findall(r"<input[^>]*name=\"skill_ids\"[^>]*>", page)
    assert "checked" in shown
    assert "编织" not in page
    typed = {
        "asked_on": "2026-11-24", "skill_ids": workshop.skill_id, "free_from_min": "8:00",
        "free_until_min": "18:00", "children_under_12": "0", "mobility": "on_foot",
        "reach": "same_community",
    }  # fmt: skip
    assert coordinator.post(address, **typed).status_code == 302
    wanted = latest_needs([person_id])[person_id]
    assert (wanted.asked_on, [each.skill_id for each in wanted.wanted]) == (
        TODAY, [workshop.skill_id],
    )  # fmt: skip


def test_hardship_is_noted_certified_and_ended_on_her_page(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    person_id = house.learner(workshop)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/hardship"
    typed = {
        "hardship-category_id": tables["single_parent"], "hardship-basis": "self_declared",
        "hardship-from_on": "2026-03-01", "hardship-until_on": "", "hardship-certified_by": "",
        "hardship-evidence": "",
    }  # fmt: skip
    wrong = coordinator.post(address, **{**typed, "hardship-basis": "certified"})
    assert wrong.status_code == 422
    assert "请写明认定单位" in wrong.text
    assert coordinator.post(address, **typed).status_code == 302
    twice = coordinator.post(address, **typed)
    assert twice.status_code == 422
    assert "「单亲」自 2026-03-01 起已有登记" in twice.text
    tag = db.session.scalars(sa.select(HardshipTag)).one()
    certify = {
        "certify-certified_by": "居委会",
        "certify-evidence": "离婚证复印件",
        "certify-until_on": "",
    }
    assert coordinator.post(f"{address}/{tag.id}/certificate", **certify).status_code == 302
    bad = coordinator.post(f"{address}/{tag.id}/certificate", **{**certify, "certify-evidence": ""})
    assert bad.status_code == 422
    page = coordinator.get(f"/workshop/learners/{person_id}").text
    assert "离婚证复印件" in page
    assert f"hardship%3A{person_id}.{tag.id}" in page or f"hardship:{person_id}.{tag.id}" in page
    ended = coordinator.post(f"{address}/{tag.id}/end", on="2026-11-24", reason="已再婚")
    assert ended.status_code == 302
    db.session.expire_all()
    assert db.session.scalars(sa.select(HardshipTag)).one().end_reason == "已再婚"


def test_skills_are_noted_and_removed_on_her_page(workshop: House, visit: Visit) -> None:
    person_id = house.learner(workshop)
    clerk = visit(Role.CLERK)
    address = f"/workshop/learners/{person_id}/skills"
    typed = {
        "skill-skill_id": workshop.skill_id, "skill-level": "basic", "skill-source": "told",
        "skill-since_on": "2026-11-24",
    }  # fmt: skip
    late = clerk.post(address, **{**typed, "skill-since_on": "2026-12-24"})
    assert late.status_code == 422
    assert clerk.post(address, **typed).status_code == 302
    assert "缝纫" in clerk.get(f"/workshop/learners/{person_id}").text
    assert clerk.post(f"{address}/{workshop.skill_id}/removal").status_code == 302
    assert db.session.scalars(sa.select(LearnerSkill)).all() == []


def test_her_registration_is_changed_and_ended(workshop: House, visit: Visit) -> None:
    person_id = house.learner(workshop)
    clerk = visit(Role.CLERK)
    page = f"/workshop/learners/{person_id}"
    changed = clerk.post(
        f"{page}/edit", home_site_id=workshop.site_id, worker_kind="cadre", unemployed_since="",
        coordinator_id=workshop.coordinator_id, note="爱做手工",
    )  # fmt: skip
    assert changed.status_code == 302
    assert "爱做手工" in clerk.get(page).text
    early = clerk.post(f"{page}/end", **{"end-on": "2026-01-01", "end-reason": "搬迁"})
    assert early.status_code == 422
    assert "结束早于开始" in early.text or "早于" in early.text
    assert clerk.post(f"{page}/end", **{"end-on": "2026-11-24", "end-reason": "搬迁"}).status_code == 302  # fmt: skip
    db.session.expire_all()
    row = db.session.get_one(Learner, person_id)
    assert (row.worker_kind, row.end_reason) == (WorkerKind.CADRE, "搬迁")


def test_her_page_leads_on_to_vacancies_classes_and_certificates(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop, "周敏")
    desk = visit(Role.COORDINATOR, workshop.site_id)
    page, manager = (
        each.get(f"/workshop/learners/{person_id}").text
        for each in (desk, visit(Role.MANAGER, workshop.site_id))
    )
    for place in ("vacancies", "enrolments/new", "external-certificates/new"):
        address = f"/workshop/learners/{person_id}/{place}"
        assert f'href="{address}"' in page
        onward = desk.get(address)
        assert onward.status_code == 200
        assert f'href="/workshop/learners/{person_id}"' in onward.text
        assert (f'href="{address}"' in manager) == (place != "external-certificates/new")
    last = workshop.now.date() - timedelta(days=1)
    end_learner(person_id, on=last, reason="搬家", by=SYSTEM, now=workshop.now)
    assert "/vacancies" not in desk.get(f"/workshop/learners/{person_id}").text


def test_one_line_of_life_tells_it_in_the_order_of_time(workshop: House, visit: Visit) -> None:
    who = {"now": workshop.now, **BY}
    cohort_id = house.cohort(workshop)
    [person_id] = house.enrolled(workshop, cohort_id)
    record_needs(person_id, Needs((workshop.skill_id,)), asked_on=date(2026, 9, 30), **who)
    placed(workshop, person_id)
    page = visit(Role.COORDINATOR, workshop.site_id).get(f"/workshop/learners/{person_id}").text
    line = page[page.index('<ol class="life') : page.index('<div class="columns">')]
    told = ["需求评估", "报名", "登记为学员", "目前学时", "到岗"]
    places = [line.index(f"<strong>{word}") for word in told]
    assert places == sorted(places)
    for figure in ("已上课出勤率", "总学时完成率", "最高可达率"):
        assert figure in line


def test_who_is_over_retirement_age_is_told_so(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    over = house.learner(workshop, "吴芳", birth_on=date(1974, 5, 1))
    under = house.learner(workshop, "周敏", birth_on=date(1985, 5, 1))
    clerk = visit(Role.CLERK)
    assert "已过法定退休年龄" in clerk.get(f"/workshop/learners/{over}").text
    page = clerk.get(f"/workshop/learners/{under}").text
    assert "已过法定退休年龄" not in page
    assert "2040年5月1日" in page


def test_pages_ask_as_much_for_many_as_for_few(
    app: Flask, workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    who = {"now": workshop.now, **BY}
    clerk = visit(Role.CLERK)

    def add(count: int, number: int) -> list[int]:
        people = house.enrolled(workshop, house.cohort(workshop, number=number), count)
        for person_id in people:
            record_needs(person_id, Needs((workshop.skill_id,)), asked_on=TODAY, **who)
            hardship(workshop, person_id, tables["minimum_living"])
            placed(workshop, person_id)
        return people

    first = add(2, 1)
    page = f"/workshop/learners/{first[0]}"
    few = queries_of(app, clerk, "/workshop/learners")
    one = queries_of(app, clerk, page)
    add(20, 2)
    for code in ("disabled", "single_parent", "other"):
        hardship(workshop, first[0], tables[code])
    for day in (1, 2, 3):
        record_needs(first[0], Needs((workshop.skill_id,)), asked_on=date(2026, 11, day), **who)
    assert queries_of(app, clerk, "/workshop/learners") == few <= 22
    assert queries_of(app, clerk, page) == one <= 40


def test_home_tells_a_coordinator_what_waits(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    person_id = house.learner(workshop)
    hardship(workshop, person_id, tables["disabled"], until_on=TODAY + timedelta(days=10))
    page = visit(Role.COORDINATOR, workshop.site_id).get("/").text
    for words in ("待安排学员", "未做需求评估", "困难认定即将到期"):
        assert words in page
    assert "困难" not in visit(Role.TRAINER, workshop.site_id).get("/").text
    assert "困难" not in visit(Role.MANAGER, workshop.site_id).get("/").text


def test_a_persons_page_has_the_panel_of_the_workshop(workshop: House, visit: Visit) -> None:
    learner, other = house.learner(workshop), house.person(workshop)
    clerk = visit(Role.CLERK)
    assert f"/workshop/learners/{learner}" in clerk.get(f"/people/{learner}").text
    assert f"/workshop/learners/{other}/registration" in clerk.get(f"/people/{other}").text
    merge_person(learner, other, reason="同一人", by=SYSTEM, now=workshop.now)
    page = clerk.get(f"/people/{other}").text
    assert f"/workshop/learners/{learner}" in page
    assert f"/workshop/learners/{other}" not in page


def test_the_office_edits_the_tables_and_a_coordinator_reads_them(
    workshop: House, visit: Visit, tables: dict[str, int]
) -> None:
    clerk, coordinator = visit(Role.CLERK), visit(Role.COORDINATOR, workshop.site_id)
    for path, model in (("skills", Skill), ("hardship-categories", HardshipCategory)):
        assert coordinator.get(f"/workshop/{path}").status_code == 200
        assert coordinator.get(f"/workshop/{path}/new").status_code == 403
        made = clerk.post(f"/workshop/{path}/new", name="新增项", position="5", is_active="y")
        assert made.status_code == 302
        row = db.session.scalars(sa.select(model).where(model.name == "新增项")).one()
        taken = clerk.post(f"/workshop/{path}/new", name="新增项", position="5")
        assert taken.status_code == 422
        assert "表中已有「新增项」" in taken.text
        assert (
            clerk.post(f"/workshop/{path}/{row.id}", name="改名", position="6").status_code == 302
        )
        assert "改名" in clerk.get(f"/workshop/{path}").text
        assert clerk.get(f"/workshop/{path}/99999").status_code == 404
    page = coordinator.get("/workshop/retirement-ages").text
    assert "50 岁 7 个月" in page
    step = {
        "sex": "female", "worker_kind": "worker", "born_from": "1990-01-01", "years": "56",
        "months": "2", "document_no": "示例文件",
    }  # fmt: skip
    assert clerk.post("/workshop/retirement-ages/new", **step).status_code == 302
    row = db.session.scalars(
        sa.select(RetirementAge).where(RetirementAge.document_no == "示例文件")
    ).one()
    assert clerk.get(f"/workshop/retirement-ages/{row.id}").status_code == 200
    assert clerk.post(f"/workshop/retirement-ages/{row.id}/removal").status_code == 302
    db.session.expire_all()
    left = sa.select(RetirementAge.id).where(RetirementAge.document_no == "示例文件")
    assert db.session.scalars(left).all() == []


def test_what_happened_in_a_cohort_stands_on_the_line(workshop: House, visit: Visit) -> None:
    cohort_id = house.cohort(workshop)
    [person_id] = house.enrolled(workshop, cohort_id, state=EnrolmentState.COMPLETED)
    with transaction() as session:
        session.add(EnrolmentMove(
            person_id=person_id, id=new_id(), cohort_id=cohort_id, number=3,
            from_state=EnrolmentState.TRAINING, to_state=EnrolmentState.COMPLETED, at=workshop.now,
            on=date(2026, 11, 16), by_name="许",
        ))  # fmt: skip
    set_skill(
        person_id, workshop.skill_id, SkillLevel.JUNIOR, source=SkillSource.COURSE, since_on=TODAY,
        now=workshop.now, **BY,
    )  # fmt: skip
    page = visit(Role.CLERK).get(f"/workshop/learners/{person_id}").text
    assert "<strong>结业</strong>" in page
    assert 'datetime="2026-11-16"' in page
