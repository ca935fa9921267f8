"""Follow-ups: outcomes, tries, another day, and taking an outcome back."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.audit import AuditEntry, values_of
from core.clock import moment_at
from core.db import db
from tests.conftest import both_engines
from tests.workshop import house, jobs
from tests.workshop.house import House
from tests.workshop.jobs import TODAY, S
from tests.workshop.test_actions_placements import refused, who
from workshop.actions import follow_ups
from workshop.actions.follow_ups import Leaving
from workshop.lists import jobs as listing
from workshop.models import FollowUp, FollowUpAttempt
from workshop.values import FollowUpOutcome, LeavingReason

O = FollowUpOutcome  # noqa: E741


def row_of(person_id: int, found: Any, days: int) -> FollowUp:
    return db.session.get_one(FollowUp, (person_id, found, days))


@both_engines
def test_follow_ups_are_due_so_many_days_after_the_start(workshop: House) -> None:
    person_id = house.learner(workshop)
    start = TODAY - timedelta(days=40)
    found = jobs.at_work(workshop, person_id, started_on=start)
    due = {days: row_of(person_id, found, days).due_on for days in (30, 90, 180)}
    assert due == {days: start + timedelta(days=days) for days in (30, 90, 180)}


@both_engines
def test_an_outcome_is_recorded_once_and_can_be_taken_back_for_a_reason(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    follow_ups.record_outcome(*at, O.SAME_EMPLOYER, on=TODAY, wage_fen=340000, note="干得顺手",
                              **who(workshop))  # fmt: skip
    row = row_of(*at)
    assert (row.outcome, row.done_on, row.done_by_name, row.wage_fen, row.note) == (
        O.SAME_EMPLOYER, TODAY, "coordinator", 340000, "干得顺手",
    )  # fmt: skip
    error = refused("follow_up_done", follow_ups.record_outcome, *at, O.REFUSED, on=TODAY,
                    **who(workshop))  # fmt: skip
    assert error.details["by"] == "coordinator"
    refused("reason_needed", follow_ups.undo_outcome, *at, reason=" ", **who(workshop))
    follow_ups.undo_outcome(*at, reason="点错了", **who(workshop))
    row = row_of(*at)
    assert (row.outcome, row.done_at, row.next_on) == (None, None, TODAY)
    refused("follow_up_open", follow_ups.undo_outcome, *at, reason="再撤", **who(workshop))
    log = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "follow_up.undone")
    ).one()
    assert log.reason == "点错了"
    before = values_of([log])[log.id]["before"]
    assert (before["note"], before["wage_fen"]) == ("干得顺手", 340000)


@both_engines
def test_that_she_works_cannot_be_said_of_a_day_ahead(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id, started_on=TODAY - timedelta(days=30))
    follow_ups.record_outcome(person_id, found, 30, O.SAME_EMPLOYER, on=TODAY, **who(workshop))
    for days in (90, 180):
        error = refused("day_before_due", follow_ups.record_outcome, person_id, found, days,
                        O.SAME_EMPLOYER, on=TODAY, **who(workshop))  # fmt: skip
        assert error.details["day"] == str(TODAY + timedelta(days=days - 30))
        assert row_of(person_id, found, days).outcome is None
    # Whoever cannot be reached, or says that she wants no more calls, may say so before.
    follow_ups.record_outcome(person_id, found, 90, O.REFUSED, on=TODAY, **who(workshop))
    assert row_of(person_id, found, 90).outcome is O.REFUSED


@both_engines
def test_no_work_any_more_asks_for_her_last_day_and_ends_the_job(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    refused("leaving_needed", follow_ups.record_outcome, *at, O.NOT_EMPLOYED, on=TODAY,
            **who(workshop))  # fmt: skip
    assert jobs.placement(person_id, found).state is S.STARTED
    last = TODAY - timedelta(days=3)
    follow_ups.record_outcome(*at, O.NOT_EMPLOYED, on=TODAY, note="回家照顾老人",
                              leaving=Leaving(last, LeavingReason.FAMILY_CARE), **who(workshop))  # fmt: skip
    job = jobs.placement(person_id, found)
    assert (job.state, job.left_on, job.leaving_reason) == (S.LEFT, last, LeavingReason.FAMILY_CARE)
    assert jobs.due(person_id, found) == {30: O.NOT_EMPLOYED}
    refused("outcome_ended_job", follow_ups.undo_outcome, *at, reason="点错了", **who(workshop))


@both_engines
def test_a_last_day_goes_with_leaving_alone_and_lies_before_what_was_found(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    leaving = Leaving(TODAY - timedelta(days=2), LeavingReason.LOW_WAGE)
    for outcome in (O.SAME_EMPLOYER, O.UNREACHABLE, O.REFUSED):
        refused("leaving_contradicts", follow_ups.record_outcome, *at, outcome, on=TODAY,
                leaving=leaving, **who(workshop))  # fmt: skip
    error = refused("left_after_found", follow_ups.record_outcome, *at, O.NOT_EMPLOYED,
                    on=TODAY - timedelta(days=3), leaving=leaving, **who(workshop))  # fmt: skip
    assert error.details["day"] == str(leaving.on)
    assert row_of(*at).outcome is None
    assert jobs.placement(person_id, found).state is S.STARTED
    follow_ups.record_outcome(*at, O.NOT_EMPLOYED, on=leaving.on, leaving=leaving, **who(workshop))
    assert jobs.placement(person_id, found).left_on == leaving.on


def test_last_words_stand_under_the_day_of_the_office(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    night = moment_at(TODAY, 60)  # still the day before in UTC
    follow_ups.add_attempt(*at, note="关机", by=jobs.by(workshop), now=night)
    assert listing.last_words([at])[at].at == TODAY


@both_engines
def test_another_employer_needs_its_name(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    leaving = Leaving(TODAY - timedelta(days=5), LeavingReason.BETTER_WORK)
    refused("other_employer_needed", follow_ups.record_outcome, *at, O.OTHER_EMPLOYER, on=TODAY,
            leaving=leaving, **who(workshop))  # fmt: skip
    follow_ups.record_outcome(*at, O.OTHER_EMPLOYER, on=TODAY, employer_name="示例电子厂",
                              leaving=leaving, **who(workshop))  # fmt: skip
    assert row_of(*at).employer_name == "示例电子厂"
    assert jobs.placement(person_id, found).state is S.LEFT


@both_engines
def test_a_try_that_failed_comes_again_and_another_day_is_kept(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    follow_ups.add_attempt(*at, note="关机", **who(workshop))
    assert row_of(*at).next_on == TODAY + timedelta(days=1)
    refused("day_not_ahead", follow_ups.put_off, *at, to=TODAY, **who(workshop))
    follow_ups.put_off(*at, to=TODAY + timedelta(days=4), note="周六再打", **who(workshop))
    row = row_of(*at)
    assert (row.next_on, row.due_on) == (TODAY + timedelta(days=4), TODAY - timedelta(days=10))
    tries = db.session.scalars(sa.select(FollowUpAttempt).order_by(FollowUpAttempt.id)).all()
    assert [(one.note, one.put_off_to) for one in tries] == [
        ("关机", None), ("周六再打", TODAY + timedelta(days=4)),
    ]  # fmt: skip
    follow_ups.record_outcome(*at, O.UNREACHABLE, on=TODAY, **who(workshop))
    refused("follow_up_done", follow_ups.add_attempt, *at, **who(workshop))


@both_engines
def test_days_of_a_follow_up_lie_between_start_and_today(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    at = (person_id, found, 30)
    refused("day_in_future", follow_ups.record_outcome, *at, O.SAME_EMPLOYER,
            on=TODAY + timedelta(days=1), **who(workshop))  # fmt: skip
    refused("day_before_start", follow_ups.record_outcome, *at, O.SAME_EMPLOYER,
            on=TODAY - timedelta(days=41), **who(workshop))  # fmt: skip
    refused("no_such_follow_up", follow_ups.record_outcome, person_id, found, 31, O.SAME_EMPLOYER,
            on=TODAY, **who(workshop))  # fmt: skip


def test_the_days_are_a_setting(workshop: House) -> None:
    from flask import current_app

    person_id = house.learner(workshop)
    current_app.config["FOLLOW_UP_DAYS"] = "60，7, 0"
    found = jobs.at_work(workshop, person_id)
    assert jobs.due(person_id, found) == {7: None, 60: None}


@both_engines
def test_a_look_at_her_telephone_is_in_the_log(workshop: House) -> None:
    person_id = house.learner(workshop)
    follow_ups.note_calls([person_id], why="placement:1", **who(workshop))
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.person_id) == ("person.phone_shown", person_id)
