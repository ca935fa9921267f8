"""Learners, their hardship, needs and skills: each verb, on both engines."""

import re
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import SYSTEM, Actor, Role
from core.audit import AuditEntry, values_of
from core.db import db, transaction
from core.errors import RuleError, described_codes
from core.people.models import Sex
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from workshop.actions.hardship import add_hardship, certify_hardship, end_hardship
from workshop.actions.learners import (
    change_learner,
    end_learner,
    record_needs,
    register_learner,
    remove_skill,
    set_skill,
)
from workshop.actions.tables import (
    ensure_tables,
    remove_retirement_age,
    save_hardship_category,
    save_retirement_age,
    save_skill,
)
from workshop.models import (
    Enrolment,
    HardshipCategory,
    HardshipTag,
    Learner,
    LearnerSkill,
    NeedsAssessment,
    RetirementAge,
    Skill,
    WantedSkill,
)
from workshop.values import (
    Basis,
    EnrolmentState,
    Mobility,
    Needs,
    Reach,
    SkillLevel,
    SkillSource,
    WorkerKind,
)

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


@pytest.fixture
def by(workshop: House) -> Actor:
    return workshop.actor(Role.COORDINATOR)


def refused(code: str, verb, *args, **values) -> RuleError:
    with pytest.raises(RuleError) as caught:
        verb(*args, **values)
    assert caught.value.code == code
    return caught.value


def actions_of(person_id: int) -> list[str]:
    rows = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.subject == f"learner:{person_id}")
    )
    return [row.action for row in sorted(rows, key=lambda row: (row.at, row.id))]


def low_income(workshop: House) -> int:
    ensure_tables(by=SYSTEM, now=workshop.now)
    return db.session.scalars(
        sa.select(HardshipCategory.id).where(HardshipCategory.code == "minimum_living")
    ).one()


@both_engines
def test_somebody_of_the_registry_becomes_a_learner_once(workshop: House, by: Actor) -> None:
    person_id = house.person(workshop)
    facts = {
        "home_site_id": workshop.site_id, "on": TODAY, "worker_kind": WorkerKind.CADRE,
        "unemployed_since": date(2025, 3, 1), "coordinator_id": workshop.coordinator_id,
        "note": "周三不便", "by": by, "now": workshop.now,
    }  # fmt: skip
    row = register_learner(person_id, **facts)
    assert (row.worker_kind, row.registered_on, row.note) == (WorkerKind.CADRE, TODAY, "周三不便")
    refused("already_a_learner", register_learner, person_id, **facts)
    assert actions_of(person_id) == ["learner.registered"]
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.person_id == person_id)).one()
    assert values_of([entry])[entry.id]["after"]["worker_kind"] == "cadre"


@both_engines
def test_who_has_ended_is_registered_again_in_the_same_row(workshop: House, by: Actor) -> None:
    person_id = house.learner(workshop)
    who = {"by": by, "now": workshop.now}
    end_learner(person_id, on=TODAY, reason="搬离街道", **who)
    refused("learner_has_ended", end_learner, person_id, on=TODAY, reason="搬离街道", **who)
    row = register_learner(
        person_id, home_site_id=workshop.site_id, on=TODAY, worker_kind=WorkerKind.WORKER, **who
    )
    assert (row.ended_on, row.end_reason, row.registered_on) == (None, None, TODAY)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Learner)) == 1
    assert actions_of(person_id) == ["learner.ended", "learner.registered"]


@both_engines
def test_what_cannot_be_registered_is_refused_with_a_sentence(workshop: House, by: Actor) -> None:
    person_id = house.person(workshop)
    good = {
        "home_site_id": workshop.site_id, "on": TODAY, "worker_kind": WorkerKind.WORKER,
        "by": by, "now": workshop.now,
    }  # fmt: skip
    refused("no_such_person", register_learner, 999_999, **good)
    refused("no_such_workshop", register_learner, person_id, **{**good, "home_site_id": 999})
    refused("day_lies_ahead", register_learner, person_id, **{**good, "on": TODAY + DAY})
    refused("day_lies_ahead", register_learner, person_id, unemployed_since=TODAY + DAY, **good)
    trainer = workshop.trainer_id
    refused("not_a_coordinator", register_learner, person_id, coordinator_id=trainer, **good)
    assert db.session.get(Learner, person_id) is None


@both_engines
def test_two_who_register_her_at_once_make_one_learner(
    app: Flask, workshop: House, by: Actor
) -> None:
    person_id = house.person(workshop)
    start, ends = Barrier(2), []

    def register() -> None:
        with app.app_context():
            start.wait()
            try:
                register_learner(
                    person_id, home_site_id=workshop.site_id, on=TODAY,
                    worker_kind=WorkerKind.WORKER, by=by, now=workshop.now,
                )  # fmt: skip
                ends.append("registered")
            except RuleError as error:
                ends.append(error.code)
            finally:
                db.session.remove()

    threads = [Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["already_a_learner", "registered"]


@both_engines
def test_a_change_is_logged_with_what_was_before(workshop: House, by: Actor) -> None:
    person_id = house.learner(workshop)
    change_learner(
        person_id, home_site_id=workshop.site_id, worker_kind=WorkerKind.CADRE,
        unemployed_since=date(2025, 1, 1), coordinator_id=workshop.coordinator_id, note=None,
        by=by, now=workshop.now,
    )  # fmt: skip
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.person_id == person_id)).one()
    values = values_of([entry])[entry.id]
    assert entry.action == "learner.changed"
    assert (values["before"]["worker_kind"], values["after"]["worker_kind"]) == ("worker", "cadre")
    assert values["after"]["unemployed_since"] == "2025-01-01"
    refused(
        "not_a_learner", change_learner, 999, home_site_id=workshop.site_id, coordinator_id=None,
        worker_kind=WorkerKind.WORKER, unemployed_since=None, note=None, by=by, now=workshop.now,
    )  # fmt: skip


@both_engines
def test_who_still_has_a_place_cannot_end(workshop: House, by: Actor) -> None:
    cohort_id = house.cohort(workshop)
    [person_id] = house.enrolled(workshop, cohort_id)
    who = {"by": by, "now": workshop.now}
    error = refused("learner_has_places", end_learner, person_id, on=TODAY, reason="搬迁", **who)
    assert error.details == {"count": 1}
    with transaction() as session:
        row = session.get_one(Enrolment, (person_id, cohort_id))
        row.state, row.left_on = EnrolmentState.WITHDRAWN, TODAY
    refused("reason_needed", end_learner, person_id, on=TODAY, reason=" ", **who)
    refused("ends_before_start", end_learner, person_id, on=house.FIRST - DAY, reason="搬迁", **who)
    assert end_learner(person_id, on=TODAY, reason="搬迁", **who).end_reason == "搬迁"


@both_engines
def test_hardship_is_noted_certified_and_ended(workshop: House, by: Actor) -> None:
    person_id, category_id = house.learner(workshop), low_income(workshop)
    who = {"by": by, "now": workshop.now}
    tag = add_hardship(
        person_id, category_id, basis=Basis.SELF_DECLARED, from_on=date(2026, 1, 1),
        certified_by="没人", **who,
    )  # fmt: skip
    assert (tag.certified_by, tag.until_on, tag.recorded_by_name) == (None, None, "coordinator")
    certify_hardship(
        person_id, tag.id, certified_by="区民政局", evidence="低保证 第12号",
        until_on=date(2026, 12, 31), **who,
    )  # fmt: skip
    db.session.expire_all()
    row = db.session.get_one(HardshipTag, (person_id, tag.id))
    assert (row.basis, row.certified_by, row.evidence) == (Basis.CERTIFIED, "区民政局", "低保证 第12号")  # fmt: skip
    end_hardship(person_id, tag.id, on=TODAY, reason="已脱困", **who)
    refused("hardship_has_ended", end_hardship, person_id, tag.id, on=TODAY, reason="再来", **who)
    refused(
        "hardship_has_ended", certify_hardship, person_id, tag.id, certified_by="区民政局",
        evidence="证", until_on=None, **who,
    )  # fmt: skip
    assert actions_of(person_id) == [
        "learner.hardship_added", "learner.hardship_certified", "learner.hardship_ended",
    ]  # fmt: skip


@both_engines
@pytest.mark.parametrize(
    ("from_on", "until_on", "fits"),
    [
        (date(2026, 6, 30), None, False), (date(2026, 7, 1), None, True),
        (date(2025, 1, 1), date(2025, 12, 31), True), (date(2025, 1, 1), date(2026, 1, 1), False),
        (date(2025, 1, 1), None, False), (date(2026, 2, 1), date(2026, 3, 1), False),
        (date(2026, 1, 1), date(2026, 6, 30), False),
    ],
)  # fmt: skip
def test_days_of_one_hardship_never_overlap(
    workshop: House, by: Actor, from_on: date, until_on: date | None, fits: bool
) -> None:
    person_id, category_id = house.learner(workshop), low_income(workshop)
    who = {"basis": Basis.SELF_DECLARED, "by": by, "now": workshop.now}
    add_hardship(
        person_id, category_id, from_on=date(2026, 1, 1), until_on=date(2026, 6, 30), **who
    )
    if fits:
        add_hardship(person_id, category_id, from_on=from_on, until_on=until_on, **who)
        return
    error = refused(
        "hardship_overlaps", add_hardship, person_id, category_id, from_on=from_on,
        until_on=until_on, **who,
    )  # fmt: skip
    assert error.details == {"category": "低保", "from_on": "2026-01-01"}
    other = save_hardship_category(
        None, name="山区移民", position=5, is_active=True, by=by, now=workshop.now
    )
    add_hardship(person_id, other.id, from_on=from_on, until_on=until_on, **who)


@both_engines
def test_what_is_certified_says_by_whom_and_on_what(workshop: House, by: Actor) -> None:
    person_id, category_id = house.learner(workshop), low_income(workshop)
    given = {"basis": Basis.CERTIFIED, "from_on": TODAY, "by": by, "now": workshop.now}
    refused("certifier_needed", add_hardship, person_id, category_id, evidence="证", **given)
    refused("evidence_needed", add_hardship, person_id, category_id, certified_by="民政局", **given)
    refused(
        "ends_before_start", add_hardship, person_id, category_id, certified_by="民政局",
        evidence="证", until_on=TODAY - DAY, **given,
    )  # fmt: skip
    refused("no_such_hardship", add_hardship, person_id, 999, certified_by="局", evidence="证", **given)  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HardshipTag)) == 0
    add_hardship(person_id, category_id, certified_by="民政局", evidence="证", **given)


@both_engines
def test_the_latest_needs_count_and_the_earlier_stay(workshop: House, by: Actor) -> None:
    person_id = house.learner(workshop)
    who = {"by": by, "now": workshop.now}
    record_needs(person_id, Needs(skill_ids=(workshop.skill_id,)), asked_on=date(2026, 3, 1), **who)
    needs = Needs(
        skill_ids=(workshop.skill_id, workshop.skill_id), weekdays=1 + 4, free_from_min=540,
        free_until_min=690, children_under_12=2, mobility=Mobility.ON_FOOT,
        reach=Reach.SAME_COMMUNITY, wants_work=False, wants_home_work=True,
        least_wage_fen=200_000, note="接孩子放学",
    )  # fmt: skip
    row = record_needs(person_id, needs, asked_on=TODAY, **who)
    assert (row.weekdays, row.children_under_12, row.asked_by_name) == (5, 2, "coordinator")
    assert [wish.skill.name for wish in row.wanted] == ["缝纫"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(NeedsAssessment)) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(WantedSkill)) == 2
    refused("no_such_skill", record_needs, person_id, Needs((999,)), asked_on=TODAY, **who)
    refused("day_lies_ahead", record_needs, person_id, Needs(), asked_on=TODAY + DAY, **who)
    late = Needs(free_from_min=700, free_until_min=600)
    refused("hours_out_of_order", record_needs, person_id, late, asked_on=TODAY, **who)


@both_engines
def test_a_skill_has_one_row_and_the_newest_entry_stands(workshop: House, by: Actor) -> None:
    person_id, skill_id = house.learner(workshop), workshop.skill_id
    who = {"by": by, "now": workshop.now}
    told = {"source": SkillSource.TOLD, "since_on": date(2026, 1, 1)}
    set_skill(person_id, skill_id, SkillLevel.BASIC, **told, **who)
    set_skill(
        person_id, skill_id, SkillLevel.JUNIOR, source=SkillSource.COURSE, since_on=TODAY, **who
    )
    row = db.session.scalars(sa.select(LearnerSkill)).one()
    assert (row.level, row.source, row.since_on) == (SkillLevel.JUNIOR, SkillSource.COURSE, TODAY)
    remove_skill(person_id, skill_id, **who)
    refused("no_such_entry", remove_skill, person_id, skill_id, **who)
    assert actions_of(person_id) == [
        "learner.skill_set", "learner.skill_set", "learner.skill_removed",
    ]  # fmt: skip


@both_engines
def test_the_usual_tables_are_made_once_and_then_edited(in_app: Flask, noon, clerk: Actor) -> None:
    for _ in range(2):
        ensure_tables(by=SYSTEM, now=noon)
    names = set(db.session.scalars(sa.select(HardshipCategory.name)))
    assert {
        "零就业家庭",
        "低保",
        "低保边缘",
        "单亲",
        "残疾",
        "失业一年以上",
        "赡养重病亲属",
    } <= names
    assert {"缝纫", "家政", "面点", "育婴", "养老护理"} <= set(
        db.session.scalars(sa.select(Skill.name))
    )
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RetirementAge)) == 135
    who = {"by": clerk, "now": noon}
    skill = save_skill(None, name=" 茶艺 ", position=5, is_active=True, **who)
    save_skill(skill.id, name="茶艺师", position=6, is_active=False, **who)
    assert (skill.name, skill.position, skill.is_active) == ("茶艺师", 6, False)
    refused("name_taken", save_skill, None, name="缝纫", position=1, is_active=True, **who)
    refused("name_needed", save_skill, None, name=" ", position=1, is_active=True, **who)
    refused("no_such_skill", save_skill, 999, name="无", position=1, is_active=True, **who)
    refused(
        "no_such_hardship",
        save_hardship_category,
        999,
        name="无",
        position=1,
        is_active=True,
        **who,
    )


@both_engines
def test_a_step_of_the_retirement_table_is_dated_and_names_its_document(
    in_app: Flask, noon, clerk: Actor
) -> None:
    who = {"by": clerk, "now": noon}
    step = {
        "sex": Sex.FEMALE, "worker_kind": WorkerKind.WORKER, "born_from": date(1975, 1, 1),
        "age_months": 601, "document_no": "决定",
    }  # fmt: skip
    row = save_retirement_age(None, **step, **who)
    refused("step_taken", save_retirement_age, None, **step, **who)
    refused("age_impossible", save_retirement_age, row.id, **{**step, "age_months": 300}, **who)
    refused("document_needed", save_retirement_age, row.id, **{**step, "document_no": " "}, **who)
    assert save_retirement_age(row.id, **{**step, "age_months": 602}, **who).age_months == 602
    remove_retirement_age(row.id, **who)
    refused("no_such_step", remove_retirement_age, row.id, **who)
    refused("no_such_step", save_retirement_age, row.id, **step, **who)


def test_every_coded_error_of_the_workshop_has_a_sentence(in_app: Flask) -> None:
    raised = set()
    for folder in ("actions", "rules"):
        for path in (ROOT / "workshop" / folder).rglob("*.py"):
            raised |= set(re.findall(r'RuleError\(\s*"(\w+)"', path.read_text("utf-8")))
    assert len(raised) > 20
    assert raised - described_codes() == set()
