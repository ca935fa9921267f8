"""Employers and vacancies: what they need, and what changing or closing them ends."""

from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.access import SYSTEM
from core.db import db, transaction
from core.sites.models import Site, SiteKind
from tests.conftest import both_engines
from tests.workshop import house, jobs
from tests.workshop.house import House
from tests.workshop.jobs import TODAY, S
from tests.workshop.test_actions_placements import refused, who
from workshop.actions import employers, placements
from workshop.actions.employers import EmployerFacts, VacancyFacts
from workshop.lists import jobs as listing
from workshop.models import Employer, Vacancy
from workshop.values import CLOSED_REASON, SkillLevel, VacancyState

CODE = "91110000600037341L"  # a published example of a valid code


@both_engines
def test_an_employer_is_added_once_and_changed(workshop: House) -> None:
    facts = EmployerFacts(" 示例服饰 ", CODE.lower(), "刘经理", "13800000000", workshop.area_id)
    row = employers.add_employer(facts, **who(workshop))
    assert (row.name, row.credit_code, row.phone) == ("示例服饰", CODE, "13800000000")
    refused("employer_known", employers.add_employer, EmployerFacts("示例服饰"), **who(workshop))
    refused(
        "employer_known", employers.add_employer, EmployerFacts("另一家", CODE), **who(workshop)
    )
    refused("credit_code_wrong", employers.add_employer, EmployerFacts("丙", "91110000600037341X"),
            **who(workshop))  # fmt: skip
    refused("employer_needs_name", employers.add_employer, EmployerFacts(" "), **who(workshop))
    found = db.session.scalars(sa.select(Employer)).one().id
    employers.change_employer(found, EmployerFacts("示例制衣"), **who(workshop))
    row = db.session.get_one(Employer, found)
    assert (row.name, row.credit_code, row.phone) == ("示例制衣", None, None)


@both_engines
def test_an_employer_who_recruits_is_not_retired(workshop: House) -> None:
    found = jobs.employer(workshop)
    vacancy_id = jobs.vacancy(workshop, found)
    refused(
        "employer_has_vacancies", employers.retire_employer, found, reason="搬走", **who(workshop)
    )
    employers.close_vacancy(vacancy_id, reason="不招了", **who(workshop))
    refused("reason_needed", employers.retire_employer, found, reason=" ", **who(workshop))
    employers.retire_employer(found, reason="搬走", **who(workshop))
    assert not db.session.get_one(Employer, found).is_active
    facts = VacancyFacts("缝纫工", 1)
    refused("employer_retired", employers.open_vacancy, found, facts, on=TODAY, **who(workshop))
    refused("employer_retired", employers.reopen_vacancy, vacancy_id, **who(workshop))
    employers.reopen_employer(found, **who(workshop))
    assert employers.open_vacancy(found, facts, on=TODAY, **who(workshop)).openings == 1


@both_engines
def test_each_workshop_is_an_employer_once_even_when_renamed(workshop: House) -> None:
    assert employers.ensure_micro_factory(by=SYSTEM, now=workshop.now) == 1
    row = db.session.scalars(sa.select(Employer)).one()
    assert (row.name, row.is_micro_factory, row.site_id) == (
        "妇女创业微工厂",
        True,
        workshop.site_id,
    )
    found = row.id
    with transaction() as session:
        session.get_one(Site, workshop.site_id).name = "改了名的微工厂"
        session.add(Site(slug="erqi", name="二期工坊", kind=SiteKind.WORKSHOP))
        session.add(Site(slug="shitang", name="食堂", kind=SiteKind.CANTEEN))
    assert employers.ensure_micro_factory(by=SYSTEM, now=workshop.now) == 1
    assert employers.ensure_micro_factory(by=SYSTEM, now=workshop.now) == 0
    refused("employer_is_ours", employers.retire_employer, found, reason="不办了", **who(workshop))


@both_engines
def test_what_a_vacancy_says_is_consistent(workshop: House) -> None:
    found = jobs.employer(workshop)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("vacancy_needs_title", {"title": " "}),
        ("no_such_skill", {"skill_id": 999}),
        ("vacancy_needs_both_times", {"starts_min": 540}),
        ("vacancy_starts_at_24", {"starts_min": 1440, "ends_min": 360}),
        ("vacancy_care_window", {"is_mothers_post": True, "care_from_min": 960}),
        ("vacancy_care_window", {"is_mothers_post": True, "care_from_min": 960, "care_until_min": 900}),
        ("vacancy_wages", {"wage_from_fen": 300000, "wage_until_fen": 200000}),
        ("vacancy_wages", {"wage_until_fen": 200000}),
        ("ends_before_start", {"closes_on": date(2026, 11, 1)}),
    ]  # fmt: skip
    for code, values in wrong:
        facts = VacancyFacts(**{"title": "缝纫工", "openings": 2, **values})
        refused(code, employers.open_vacancy, found, facts, on=TODAY, **who(workshop))
    facts = VacancyFacts(
        "缝纫工", 2, level=SkillLevel.JUNIOR, care_from_min=960, care_until_min=1020
    )
    row = employers.open_vacancy(found, facts, on=TODAY, **who(workshop))
    # Without a skill a level means nothing, without a mothers' post a care window.
    assert (row.level, row.care_from_min) == (None, None)


@both_engines
def test_work_may_end_at_midnight(workshop: House) -> None:
    facts, found = VacancyFacts("夜班", 1, starts_min=960, ends_min=0), jobs.employer(workshop)
    row = employers.open_vacancy(found, facts, on=TODAY, **who(workshop))
    assert row.ends_min == 1440
    row = employers.change_vacancy(row.id, replace(facts, starts_min=0), **who(workshop))
    assert (row.starts_min, row.ends_min) == (0, 1440)


@both_engines
def test_openings_are_never_fewer_than_taken(workshop: House) -> None:
    person_id, other = house.learner(workshop), house.learner(workshop)
    vacancy_id = jobs.vacancy(workshop, openings=2)
    jobs.at_work(workshop, person_id, vacancy_id=vacancy_id)
    waits = placements.refer(other, vacancy_id, on=TODAY, **who(workshop)).id
    change = employers.change_vacancy
    change(vacancy_id, VacancyFacts("缝纫工", 1), **who(workshop))
    post = db.session.get_one(Vacancy, vacancy_id)
    assert (post.state, post.openings_used) == (VacancyState.FILLED, 1)
    assert jobs.placement(other, waits).state is S.NOT_HIRED
    change(vacancy_id, VacancyFacts("缝纫工", 3), **who(workshop))
    assert db.session.get_one(Vacancy, vacancy_id).state is VacancyState.OPEN
    third = house.learner(workshop)
    jobs.at_work(workshop, third, vacancy_id=vacancy_id)
    error = refused("vacancy_openings_taken", change, vacancy_id, VacancyFacts("缝纫工", 1),
                    **who(workshop))  # fmt: skip
    assert error.details == {"used": 2}


@both_engines
def test_a_retired_employer_recruits_no_more_when_an_opening_is_free_again(workshop: House) -> None:
    person_id, other = house.learner(workshop), house.learner(workshop)
    found = jobs.employer(workshop)
    vacancy_id = jobs.vacancy(workshop, found)
    hired = placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop)).id
    jobs.moved(workshop, person_id, hired, S.INTERVIEW, S.HIRED)
    employers.retire_employer(found, reason="搬走", **who(workshop))
    refused("employer_retired", employers.change_vacancy, vacancy_id, VacancyFacts("缝纫工", 2),
            **who(workshop))  # fmt: skip
    jobs.moved(workshop, person_id, hired, S.GAVE_UP)
    post = db.session.get_one(Vacancy, vacancy_id)
    assert (post.state, post.close_reason) == (VacancyState.CLOSED, "用人单位已停用")
    refused("employer_retired", employers.reopen_vacancy, vacancy_id, **who(workshop))
    still_open = jobs.vacancy(workshop, found)
    refused("employer_retired", placements.refer, other, still_open, on=TODAY, **who(workshop))


@both_engines
def test_openings_whose_recruiting_day_has_passed_are_not_free(workshop: House) -> None:
    found = jobs.employer(workshop)
    jobs.vacancy(workshop, found, openings=2, closes_on=TODAY)
    jobs.vacancy(workshop, found, openings=3, closes_on=date(2026, 11, 23))
    jobs.vacancy(workshop, found, openings=4)
    row = db.session.get_one(Employer, found)
    assert listing.counts_of([row], TODAY)[found].free == 6


@both_engines
def test_a_closed_vacancy_ends_its_referrals_and_keeps_who_is_hired(workshop: House) -> None:
    hired, waits = house.learner(workshop), house.learner(workshop)
    vacancy_id = jobs.vacancy(workshop, openings=3)
    at_work = jobs.at_work(workshop, hired, vacancy_id=vacancy_id)
    waiting = placements.refer(waits, vacancy_id, on=TODAY, **who(workshop)).id
    employers.close_vacancy(vacancy_id, reason="订单没了", **who(workshop))
    assert jobs.placement(hired, at_work).state is S.STARTED
    ended = jobs.placement(waits, waiting)
    assert (ended.state, ended.end_reason) == (S.NOT_HIRED, CLOSED_REASON)
    refused("vacancy_closed", employers.close_vacancy, vacancy_id, reason="再关", **who(workshop))
    employers.reopen_vacancy(vacancy_id, **who(workshop))
    refused("vacancy_not_closed", employers.reopen_vacancy, vacancy_id, **who(workshop))
    assert db.session.get_one(Vacancy, vacancy_id).openings_used == 1
