"""Two coordinators in the same second: threads with connections of their own, on both engines."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from core.db import db
from tests.canteen.crowd import together
from tests.conftest import both_engines
from tests.workshop import house, jobs
from tests.workshop.house import House
from tests.workshop.jobs import TODAY, S
from tests.workshop.test_actions_placements import who
from workshop.actions import employers, follow_ups, placements
from workshop.models import Employer, FollowUp, Placement, Vacancy
from workshop.values import Channel, FollowUpOutcome, Form, LeavingReason, VacancyState


def referred(workshop: House, vacancy_id: int, count: int) -> list[tuple[int, Any]]:
    found = []
    for _ in range(count):
        person_id = house.learner(workshop)
        row = placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop))
        found.append((person_id, row.id))
    for person_id, placement_id in found:
        jobs.moved(workshop, person_id, placement_id, S.INTERVIEW)
    return found


@both_engines
def test_one_opening_hired_by_four_in_one_moment_goes_to_one(
    in_app: Flask, workshop: House
) -> None:
    vacancy_id = jobs.vacancy(workshop)
    waiting = referred(workshop, vacancy_id, 4)
    calls = [
        lambda pair=pair: placements.move(*pair, S.HIRED, on=TODAY, **who(workshop)).state.value
        for pair in waiting
    ]
    found = together(in_app, calls)  # type: ignore[arg-type]
    assert sorted(map(str, found)) == ["hired"] + ["vacancy_filled"] * 3
    rows = db.session.scalars(sa.select(Placement.state)).all()
    assert sorted(rows) == [S.HIRED, S.NOT_HIRED, S.NOT_HIRED, S.NOT_HIRED]
    post = db.session.get_one(Vacancy, vacancy_id)
    assert (post.openings_used, post.state) == (1, VacancyState.FILLED)


@both_engines
def test_one_woman_referred_by_three_at_once_is_referred_once(
    in_app: Flask, workshop: House
) -> None:
    person_id, vacancy_id = house.learner(workshop), jobs.vacancy(workshop)
    calls = [
        lambda: placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop)).state.value
    ] * 3
    found = together(in_app, calls)  # type: ignore[arg-type]
    assert sorted(map(str, found)) == ["already_referred"] * 2 + ["referred"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Placement)) == 1


@both_engines
def test_work_of_her_own_sent_by_three_at_once_is_entered_once(
    in_app: Flask, workshop: House
) -> None:
    person_id = house.learner(workshop)
    calls = [
        lambda: placements.start_own(
            person_id, channel=Channel.OWN_WORK, form=Form.EMPLOYED, job_title="收银",
            started_on=TODAY, employer_name="示例超市", **who(workshop),
        ).state.value
    ] * 3  # fmt: skip
    found = together(in_app, calls)  # type: ignore[arg-type]
    assert sorted(map(str, found)) == ["already_entered"] * 2 + ["started"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FollowUp)) == 3


@both_engines
def test_two_jobs_corrected_to_one_first_day_at_once_do_not_become_the_same(
    in_app: Flask, workshop: House
) -> None:
    person_id, ago = house.learner(workshop), timedelta(days=1)
    begun = [
        placements.start_own(
            person_id, channel=Channel.OWN_WORK, form=Form.EMPLOYED, job_title="收银",
            started_on=TODAY - ago * back, employer_name="示例超市", **who(workshop),
        ).id
        for back in (30, 60, 90)
    ]  # fmt: skip
    found = together(in_app, [
        lambda found=found: str(placements.change_terms(
            person_id, found, placements.Terms(), form=Form.EMPLOYED, started_on=TODAY - ago * 10,
            **who(workshop),
        ).started_on)
        for found in begun
    ])  # fmt: skip
    assert sorted(map(str, found)) == [str(TODAY - ago * 10), "already_entered", "already_entered"]


@both_engines
def test_a_giving_up_while_the_employer_is_retired_leaves_nothing_open_there(
    in_app: Flask, workshop: House
) -> None:
    company = jobs.employer(workshop)
    vacancy_id = jobs.vacancy(workshop, company)
    ((person_id, found),) = referred(workshop, vacancy_id, 1)
    jobs.moved(workshop, person_id, found, S.HIRED)
    together(in_app, [
        lambda: placements.move(person_id, found, S.GAVE_UP, on=TODAY, reason="不去了",
                                **who(workshop)).state.value,
        lambda: str(employers.retire_employer(company, reason="搬走", **who(workshop)).is_active),
    ])  # fmt: skip
    is_active = db.session.get_one(Employer, company).is_active
    state = db.session.get_one(Vacancy, vacancy_id).state
    assert state is (VacancyState.OPEN if is_active else VacancyState.CLOSED)


@both_engines
def test_a_hiring_and_a_giving_up_in_one_moment_leave_true_openings(
    in_app: Flask, workshop: House
) -> None:
    vacancy_id = jobs.vacancy(workshop)
    (first, first_id), (second, second_id) = referred(workshop, vacancy_id, 2)
    jobs.moved(workshop, first, first_id, S.HIRED)
    found = together(in_app, [
        lambda: placements.move(first, first_id, S.GAVE_UP, on=TODAY, reason="不去了",
                                **who(workshop)).state.value,
        lambda: placements.move(second, second_id, S.HIRED, on=TODAY, **who(workshop)).state.value,
    ])  # fmt: skip
    assert found[0] == "gave_up"
    holders = sum(
        row.state.holds_opening for row in db.session.scalars(sa.select(Placement))
    )  # fmt: skip
    post = db.session.get_one(Vacancy, vacancy_id)
    assert post.openings_used == holders <= post.openings


@both_engines
def test_an_outcome_and_a_leaving_in_one_moment_do_not_block_each_other(
    in_app: Flask, workshop: House
) -> None:
    last = TODAY - timedelta(days=20)
    for _ in range(4):
        person_id = house.learner(workshop)
        found = jobs.at_work(workshop, person_id, vacancy_id=jobs.vacancy(workshop))
        key = (person_id, found)
        said = together(in_app, [
            lambda key=key: follow_ups.record_outcome(
                *key, 30, FollowUpOutcome.NOT_EMPLOYED, on=TODAY,
                leaving=follow_ups.Leaving(last, LeavingReason.HEALTH), **who(workshop)
            ).outcome.value,  # type: ignore[union-attr]
            lambda key=key: placements.leave(
                *key, on=last, reason=LeavingReason.HEALTH, **who(workshop)
            ).state.value,
        ])  # fmt: skip
        assert said in (
            ["not_employed", "placement_no_such_move"], ["no_such_follow_up", "left"],
        )  # fmt: skip
        assert jobs.placement(*key).state is S.LEFT


@both_engines
def test_one_follow_up_settled_by_two_at_once_keeps_the_first(
    in_app: Flask, workshop: House
) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    outcomes = [FollowUpOutcome.SAME_EMPLOYER, FollowUpOutcome.UNREACHABLE]
    calls = [
        lambda outcome=outcome: (
            follow_ups.record_outcome(
                person_id, found, 30, outcome, on=TODAY, **who(workshop)
            ).outcome
        )
        for outcome in outcomes
    ]
    said = together(in_app, calls)  # type: ignore[arg-type]
    assert sorted(map(str, said))[0] == "follow_up_done"
    kept = db.session.get_one(FollowUp, (person_id, found, 30))
    assert kept.outcome in said
