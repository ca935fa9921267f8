"""Pages of places: applying, admitting many, the waitlist, every step with its reason, transfers."""

import re
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from structlog.testing import capture_logs

from core.access import Role
from core.accounts.models import User
from core.db import db, transaction
from tests.canteen.pages import Visit, post, queries_of
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop.house import House
from workshop.actions import enrolments as verbs
from workshop.actions.hardship import add_hardship
from workshop.actions.tables import ensure_tables
from workshop.models import Cohort, Enrolment, EnrolmentMove, HardshipCategory, Session
from workshop.values import Basis, CohortState, EnrolmentState

E = EnrolmentState


def who(house: House) -> dict:
    return {"on": house.now.date(), "by": house.actor(Role.COORDINATOR), "now": house.now}


def state(person_id: int, cohort_id: int) -> EnrolmentState:
    db.session.rollback()
    return db.session.get_one(Enrolment, (person_id, cohort_id)).state


def test_a_learner_is_found_by_name_applies_and_is_admitted(workshop: House, visit: Visit) -> None:
    cohort_id = h.cohort(workshop, sessions=30)
    person_id = h.learner(workshop, "赵月娥")
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{cohort_id}/enrolments"
    assert "还没有人报名" in desk.get(address).text
    sent = post(desk, f"{address}/new", q="赵月娥")
    page = desk.get(sent.headers["Location"]).text
    assert f"{address}/{person_id}/application" in page
    answer = post(desk, f"{address}/{person_id}/application")
    assert answer.headers["Location"] == f"{address}/{person_id}"
    assert state(person_id, cohort_id) is E.APPLIED
    answer = post(
        desk, f"/workshop/cohorts/{cohort_id}/admissions", person=person_id, on="2026-11-24"
    )
    assert answer.status_code == 302
    assert state(person_id, cohort_id) is E.ADMITTED
    assert "1 人审核通过" in desk.get(address).text


def test_a_whole_number_typed_into_a_search_stays_out_of_the_address(
    workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop)
    h.enrolled(workshop, cohort_id)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    for page in ("enrolments", "enrolments/new"):
        sent = post(desk, f"/workshop/cohorts/{cohort_id}/{page}", q="13900000000")
        assert "13900000000" not in sent.headers["Location"]
        assert "?person=" in sent.headers["Location"]


def test_the_full_class_sends_the_next_ones_to_the_waitlist_and_says_so(
    workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    people = [h.learner(workshop, name) for name in ("赵一", "钱二", "孙三")]
    for person_id in people:
        verbs.apply(person_id, cohort_id, **who(workshop))
    desk = visit(Role.COORDINATOR, workshop.site_id)
    values = {"person": people, "or_wait": "y", "on": "2026-11-24"}
    post(desk, f"/workshop/cohorts/{cohort_id}/admissions", **values)
    page = desk.get(f"/workshop/cohorts/{cohort_id}/enrolments").text
    assert "1 人审核通过" in page
    assert "钱二、孙三" in page.replace("，", "、").replace(",", "、")
    assert [state(each, cohort_id) for each in people] == [E.ADMITTED, E.WAITLISTED, E.WAITLISTED]
    verbs.move(people[0], cohort_id, E.GAVE_UP, reason="搬家", **who(workshop))
    page = desk.get(f"/workshop/cohorts/{cohort_id}/enrolments").text
    assert re.search("名额保留至 <time [^>]+>11月26日 \\(周四\\) 11:42</time>", page)
    assert f"/enrolments/{people[1]}/acceptance" in page
    assert f"/enrolments/{people[2]}/acceptance" not in page
    assert 'href="tel:13900000001"' in page
    home = desk.get("/").text
    assert "最早一个保留至 11月26日 (周四) 11:42" in home
    held = visit(Role.CLERK).get(f"/workshop/cohorts/{cohort_id}/enrolments/{people[1]}").text
    ids = re.findall(r'\bid="([^"]+)"', held)
    assert "subsidy-reason" in ids and len(ids) == len(set(ids))
    post(desk, f"/workshop/cohorts/{cohort_id}/enrolments/{people[1]}/acceptance")
    assert state(people[1], cohort_id) is E.ADMITTED


@both_engines
def test_phones_stand_there_for_who_follows_learners_and_the_look_is_logged(
    workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop)
    [waits] = h.enrolled(workshop, cohort_id, state=E.WAITLISTED)
    addresses = [f"/workshop/cohorts/{cohort_id}/enrolments",
                 f"/workshop/cohorts/{cohort_id}/enrolments/{waits}"]  # fmt: skip
    trainer = visit(Role.TRAINER, workshop.site_id)
    with transaction() as session:
        user_id = session.scalar(
            sa.select(User.id).where(User.name == f"trainer-{workshop.site_id}")
        )
        session.get_one(Cohort, cohort_id).trainer_id = user_id
    for visitor, is_shown in (
        (trainer, False), (visit(Role.MANAGER, workshop.site_id), False),
        (visit(Role.COORDINATOR, workshop.site_id), True), (visit(Role.CLERK), True),
    ):  # fmt: skip
        for address in addresses:
            with capture_logs() as logs:
                page = visitor.get(address)
            assert page.status_code == 200
            assert ("13900000000" in page.text) == is_shown, address
            looks = [one["person_ids"] for one in logs if one["event"] == "enrolment.phones_shown"]
            assert looks == ([[waits]] if is_shown else []), address


def test_a_step_without_its_reason_is_refused_and_keeps_what_was_typed(
    workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop, sessions=30)
    [person_id] = h.enrolled(workshop, cohort_id)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{cohort_id}/enrolments/{person_id}"
    answer = post(desk, f"{address}/moves", to="withdrawn", on="2026-11-20", reason="")
    assert answer.status_code == 422
    assert 'value="2026-11-20"' in answer.text
    answer = post(desk, f"{address}/moves", to="withdrawn", on="2026-10-01", reason="孩子生病")
    assert answer.status_code == 422
    assert "她从 2026-11-02 起在训" in answer.text
    assert 'value="孩子生病"' in answer.text
    assert state(person_id, cohort_id) is E.TRAINING
    answer = post(desk, f"{address}/moves", to="withdrawn", on="2026-11-20", reason="孩子生病")
    assert answer.status_code == 302
    page = desk.get(address).text
    assert "孩子生病" in page
    assert "撤回认定" in page
    assert state(person_id, cohort_id) is E.WITHDRAWN


def test_a_wrong_step_sent_by_hand_changes_nothing(workshop: House, visit: Visit) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{cohort_id}/enrolments/{person_id}/moves"
    for to in ("completed", "transferred", "applied", "nonsense", ""):
        answer = post(desk, address, to=to, on="2026-11-20", reason="x")
        assert answer.status_code == 422, to
    assert db.session.scalars(sa.select(EnrolmentMove)).all() == []


def test_a_transfer_shows_what_comes_along_and_leads_to_the_new_place(
    workshop: House, visit: Visit
) -> None:
    old = h.cohort(workshop)
    new = h.cohort(workshop, number=2, starts_min=18 * 60, sessions=30)
    [person_id] = h.enrolled(workshop, old)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{old}/enrolments/{person_id}/transfer"
    assert "缝纫初级第 2 期" in desk.get(address).text
    refused = post(desk, address, to_cohort_id=new, on="2026-11-24", reason="")
    assert refused.status_code == 422
    answer = post(desk, address, to_cohort_id=new, on="2026-11-24", reason="晚上才有空")
    assert answer.headers["Location"] == f"/workshop/cohorts/{new}/enrolments/{person_id}"
    assert state(person_id, new) is E.TRAINING
    assert "另一班" in desk.get(answer.headers["Location"]).text
    assert desk.get(address).status_code == 404


def test_from_her_side_she_sees_what_takes_learners_and_where_she_stands(
    workshop: House, visit: Visit
) -> None:
    one = h.cohort(workshop, state=CohortState.OPEN, sessions=30)
    h.cohort(workshop, number=2, state=CohortState.PLANNED)
    person_id = h.learner(workshop, "周冬梅")
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/enrolments/new"
    page = desk.get(address).text
    assert "第 1 期" in page
    assert "第 2 期" not in page
    post(
        desk,
        f"/workshop/cohorts/{one}/enrolments/{person_id}/application",
        admit="1",
        back="learner",
    )
    assert state(person_id, one) is E.ADMITTED
    again = post(
        desk, f"/workshop/cohorts/{one}/enrolments/{person_id}/application", back="learner"
    )
    assert again.headers["Location"] == address
    assert "已有报名" in desk.get(address).text


def test_only_the_office_decides_on_subsidy(workshop: House, visit: Visit) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    address = f"/workshop/cohorts/{cohort_id}/enrolments/{person_id}"
    desk, clerk = visit(Role.COORDINATOR, workshop.site_id), visit(Role.CLERK)
    assert post(desk, f"{address}/subsidy", reason="x").status_code == 403
    assert post(clerk, f"{address}/subsidy", reason="").status_code == 422
    assert post(clerk, f"{address}/subsidy", reason="外区已补贴").status_code == 302
    assert "外区已补贴" in clerk.get(address).text


def test_a_trainer_sees_the_names_of_her_own_class_and_no_hardship_or_button(
    app: Flask, workshop: House, visit: Visit
) -> None:
    ensure_tables(by=workshop.actor(Role.CLERK), now=workshop.now)
    cohort_id, foreign = h.cohort(workshop), h.cohort(workshop, number=2, starts_min=18 * 60)
    [person_id] = h.enrolled(workshop, cohort_id)
    category = db.session.scalars(sa.select(HardshipCategory)).first()
    assert category is not None
    add_hardship(
        person_id, category.id, basis=Basis.SELF_DECLARED, from_on=h.FIRST, evidence="口述",
        by=workshop.actor(Role.CLERK), now=workshop.now,
    )  # fmt: skip
    trainer = visit(Role.TRAINER, workshop.site_id)
    with transaction() as session:
        user = session.scalars(sa.select(User).order_by(User.id.desc())).first()
        assert user is not None
        session.get_one(Cohort, cohort_id).trainer_id = user.id
    address = f"/workshop/cohorts/{cohort_id}/enrolments"
    for page in (address, f"{address}/{person_id}", f"/workshop/cohorts/{cohort_id}/assessments"):
        text = trainer.get(page).text
        assert "学员001" in text
        assert category.name not in text
        assert "/moves" not in text and "/admissions" not in text
    assert trainer.get(f"/workshop/cohorts/{foreign}/enrolments").status_code == 403
    assert trainer.get(f"/workshop/cohorts/{cohort_id}/completion").status_code == 403
    assert post(trainer, f"{address}/{person_id}/moves", to="withdrawn").status_code == 403


def test_places_of_another_site_are_refused(workshop: House, visit: Visit) -> None:
    cohort_id = h.cohort(workshop, sessions=30)
    [person_id] = h.enrolled(workshop, cohort_id)
    other = h.second_site(workshop)
    desk = visit(Role.COORDINATOR, other)
    address = f"/workshop/cohorts/{cohort_id}/enrolments"
    for page in (address, f"{address}/new", f"{address}/{person_id}", f"{address}/{person_id}/transfer",
                 f"/workshop/cohorts/{cohort_id}/completion", f"/workshop/cohorts/{cohort_id}/certificates",
                 f"/workshop/learners/{person_id}/enrolments/new",
                 f"/workshop/learners/{person_id}/external-certificates/new"):  # fmt: skip
        assert desk.get(page).status_code == 403, page
    own = h.learner(workshop)
    assert post(desk, f"{address}/{own}/application").status_code == 403


def test_pages_take_the_same_number_of_queries_for_three_learners_as_for_thirty(
    app: Flask, workshop: House, visit: Visit
) -> None:
    small = h.cohort(workshop, capacity=60)
    large = h.cohort(workshop, number=2, capacity=60, starts_min=18 * 60)
    for cohort_id, count in ((small, 3), (large, 30)):
        for each in (E.TRAINING, E.COMPLETED, E.WAITLISTED, E.APPLIED):
            h.enrolled(workshop, cohort_id, count, state=each)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    for page in ("enrolments", "assessments", "completion", "certificates"):
        few = queries_of(app, desk, f"/workshop/cohorts/{small}/{page}")
        many = queries_of(app, desk, f"/workshop/cohorts/{large}/{page}")
        assert few == many, page
        assert many <= 20, page


def test_the_sweep_is_among_those_of_the_house(in_app: Flask, workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    first, second = (h.learner(workshop, name) for name in ("赵一", "钱二"))
    for person_id in (first, second):
        verbs.apply(person_id, cohort_id, **who(workshop))
    verbs.admit([first, second], cohort_id, or_wait=True, **who(workshop))
    with transaction() as session:
        session.get_one(Cohort, cohort_id).capacity = 2
    [programme] = [
        each for each in in_app.extensions["zhuhe_programmes"] if each.name == "workshop"
    ]
    assert sum(sweep(workshop.now + timedelta(minutes=1)) for sweep in programme.sweeps) >= 1
    assert db.session.get_one(Enrolment, (second, cohort_id)).offered_until is not None
    assert db.session.scalars(sa.select(Session.id)).first() is not None
