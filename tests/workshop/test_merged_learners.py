"""A learner whose record was merged into another one: no list of daily work loses her."""

from datetime import date

import pytest

from core.access import SYSTEM, Role
from core.clock import Month
from core.db import db, transaction
from core.errors import RuleError
from core.people.actions import merge_person
from core.people.models import Person, StandingKind
from tests.canteen.pages import Visit
from tests.conftest import both_engines
from tests.workshop import house, jobs
from tests.workshop.house import House
from tests.workshop.test_actions_guidance import opened, record
from workshop.actions.learners import register_learner
from workshop.lists import enrolments, guidance, learners, matching, ventures, walk_ins
from workshop.models import Session, Vacancy
from workshop.values import VentureStage, WorkerKind

TODAY = date(2026, 11, 24)


def merged(workshop: House, old: int, kept: int) -> None:
    merge_person(old, kept, reason="同一人", by=SYSTEM, now=workshop.now)


def shown(workshop: House, cohort_id: int, vacancy_id: int) -> list[list[int]]:
    """Whom lists, and pages that look for learners, show."""
    found = db.session.scalars(
        learners.learners(learners.LearnerQuery(on=TODAY, site_ids=None))
    ).all()
    [meeting] = house.sessions_of(cohort_id)
    return [
        [row.person_id for row in found],
        [row.person_id for row, _ in enrolments.found_to_apply(cohort_id, "李", None, None, 9)],
        [
            row.person_id
            for row in walk_ins.find(
                db.session.get_one(Session, meeting), "李秀英", workshop.actor(Role.CLERK)
            )
        ],
        [
            one.learner.person_id
            for one in matching.candidates(db.session.get_one(Vacancy, vacancy_id), TODAY, None)
        ],
    ]


@both_engines
@pytest.mark.parametrize("is_learner", [False, True])
def test_lists_show_her_once_after_a_merge(workshop: House, visit: Visit, is_learner: bool) -> None:
    """Under her own record while the one that is left is no learner's."""
    cohort_id, vacancy_id = house.cohort(workshop, sessions=1), jobs.vacancy(workshop)
    old = house.learner(workshop)
    kept = house.learner(workshop) if is_learner else house.person(workshop)
    merged(workshop, old, kept)
    her = kept if is_learner else old
    assert shown(workshop, cohort_id, vacancy_id) == [[her]] * 4
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    page = coordinator.get(f"/workshop/guidance/new?person={her}")
    assert f"/learners/{her}/" in page.text


@both_engines
def test_whose_merged_record_is_a_learners_is_not_registered_twice(
    workshop: House, visit: Visit
) -> None:
    old, kept = house.learner(workshop), house.person(workshop)
    merged(workshop, old, kept)
    facts = {
        "home_site_id": workshop.site_id, "on": TODAY, "worker_kind": WorkerKind.WORKER,
        "by": SYSTEM, "now": workshop.now,
    }  # fmt: skip
    with pytest.raises(RuleError) as refused:
        register_learner(kept, **facts)
    assert refused.value.code == "already_a_learner"
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    answer = coordinator.get(f"/workshop/learners/{kept}/registration")
    assert answer.headers["Location"] == f"/workshop/learners/{old}"
    house.ended(old, TODAY)
    assert register_learner(kept, **facts).person_id == kept


@both_engines
def test_what_she_does_under_the_record_that_is_left_counts_for_a_match(workshop: House) -> None:
    vacancy_id, other = jobs.vacancy(workshop), jobs.vacancy(workshop)
    old, kept = house.learner(workshop), house.person(workshop)
    jobs.at_work(workshop, old, vacancy_id=other)
    merged(workshop, old, kept)
    [one] = matching.candidates(db.session.get_one(Vacancy, vacancy_id), TODAY, None)
    assert (one.learner.person_id, one.seeker.in_work_at) == (old, "邯郸示例服饰有限公司")
    assert matching.candidates(db.session.get_one(Vacancy, other), TODAY, None) == []
    with transaction() as session:
        session.get_one(Person, kept).standing = StandingKind.DECEASED
    assert matching.candidates(db.session.get_one(Vacancy, vacancy_id), TODAY, None) == []


@both_engines
@pytest.mark.parametrize("is_learner", [False, True])
def test_meetings_and_ventures_stay_after_a_merge(workshop: House, is_learner: bool) -> None:
    old = house.learner(workshop)
    kept = (house.learner if is_learner else house.person)(workshop, "王桂兰")
    record(workshop, old)
    if is_learner:
        record(workshop, kept)
    venture_id = opened(workshop, old).id
    merged(workshop, old, kept)
    query = guidance.GuidanceQuery(None, month=Month.of(TODAY))
    found = guidance.totals(query)
    assert (found.meetings, found.people) == (2 if is_learner else 1, 1)
    assert guidance.due_count(None, date(2026, 12, 31))[0] == found.meetings
    for person_id in (None, kept):
        rows = db.session.scalars(
            ventures.ventures(ventures.VentureQuery(None, person_id=person_id))
        )
        assert [(row.id, row.person.id) for row in rows] == [(venture_id, kept)]
    rows = db.session.scalars(
        guidance.meetings(guidance.GuidanceQuery(None, person_id=kept, q="王桂兰"))
    ).all()
    assert {row.person.id for row in rows} == {kept}
    assert len(rows) == found.meetings
    assert ventures.counts(ventures.VentureQuery(None))[VentureStage.IDEA] == 1
