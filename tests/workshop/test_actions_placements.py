"""Placements: each step, its opening, its evidence, and what ends when somebody is hired or leaves."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import RuleError, described_codes
from core.evidence.models import Attachment
from tests.conftest import both_engines
from tests.workshop import house, jobs
from tests.workshop.house import House
from tests.workshop.jobs import TODAY, S
from workshop.actions import employers, follow_ups, placements
from workshop.lists import jobs as listing
from workshop.models import FollowUp, Learner, Placement, PlacementMove, Vacancy
from workshop.values import (
    FILLED_REASON,
    Channel,
    EvidenceKind,
    FollowUpOutcome,
    Form,
    LeavingReason,
    VacancyState,
)


def refused(code: str, call: Any, *args: Any, **values: Any) -> RuleError:
    with pytest.raises(RuleError) as error:
        call(*args, **values)
    assert error.value.code == code
    assert code in described_codes()
    db.session.rollback()
    return error.value


def who(house_: House) -> dict[str, Any]:
    return {"by": jobs.by(house_), "now": house_.now}


@both_engines
def test_a_referral_goes_through_every_state_and_is_counted_when_verified(workshop: House) -> None:
    cohort_id = house.cohort(workshop)
    person_id = house.enrolled(workshop, cohort_id)[0]
    vacancy_id = jobs.vacancy(workshop)
    found = jobs.at_work(workshop, person_id, vacancy_id=vacancy_id, is_verified=True)
    row = jobs.placement(person_id, found)
    assert jobs.states(person_id, found) == [
        "referred", "interview", "hired", "started", "verified",
    ]  # fmt: skip
    assert (row.started_on, row.verified_on) == (TODAY - timedelta(days=40), TODAY)
    assert (row.wage_fen, row.hours_week, row.evidence_kind) == (320000, 40, "labour_contract")
    assert row.verified_by_name == "coordinator"
    assert jobs.due(person_id, found) == {30: None, 90: None, 180: None}
    post = db.session.get_one(Vacancy, vacancy_id)
    assert (post.openings_used, post.state) == (1, VacancyState.FILLED)


@both_engines
def test_no_state_is_skipped(workshop: House) -> None:
    person_id, vacancy_id = house.learner(workshop), jobs.vacancy(workshop)
    found = placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop)).id
    for to in (S.HIRED, S.STARTED, S.VERIFIED, S.LEFT, S.REFERRED):
        refused("placement_no_such_move", placements.move, person_id, found, to, on=TODAY,
                **who(workshop))  # fmt: skip
    refused("placement_no_such_move", placements.verify, person_id, found, on=TODAY,
            evidence_kind=EvidenceKind.LABOUR_CONTRACT, **who(workshop))  # fmt: skip
    refused("placement_no_such_move", placements.leave, person_id, found, on=TODAY,
            reason=LeavingReason.HOURS, **who(workshop))  # fmt: skip
    assert jobs.states(person_id, found) == ["referred"]


@both_engines
def test_a_job_is_verified_only_with_a_paper_that_proves_it(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    verify = {"evidence_kind": EvidenceKind.LABOUR_CONTRACT, "on": TODAY, **who(workshop)}
    refused("placement_paper_needed", placements.verify, person_id, found, **verify)
    jobs.paper(person_id, found, workshop.now)
    with transaction() as session:
        one = session.scalars(sa.select(Attachment)).one()
        one.removed_at, one.removed_reason = workshop.now, "拍糊了"
    refused("placement_paper_needed", placements.verify, person_id, found, **verify)
    jobs.paper(person_id, found, workshop.now)
    licence = {**verify, "evidence_kind": EvidenceKind.BUSINESS_LICENCE}
    refused("evidence_of_form", placements.verify, person_id, found, **licence)
    refused("verified_in_past_month", placements.verify, person_id, found,
            **{**verify, "on": date(2026, 10, 31)})  # fmt: skip
    refused("day_in_future", placements.verify, person_id, found,
            **{**verify, "on": TODAY + timedelta(days=1)})  # fmt: skip
    placements.verify(person_id, found, **verify)
    assert jobs.placement(person_id, found).state is S.VERIFIED


@both_engines
def test_filling_the_last_opening_closes_the_rest_with_a_reason(workshop: House) -> None:
    people = [house.learner(workshop, name) for name in ("甲", "乙", "丙", "丁")]
    vacancy_id = jobs.vacancy(workshop, openings=2)
    ids = {
        n: placements.refer(n, vacancy_id, on=TODAY, **who(workshop)).id for n in people
    }  # fmt: skip
    for person_id in people[:3]:
        jobs.moved(workshop, person_id, ids[person_id], S.INTERVIEW)
    jobs.moved(workshop, people[0], ids[people[0]], S.HIRED)
    assert db.session.get_one(Vacancy, vacancy_id).state is VacancyState.OPEN
    jobs.moved(workshop, people[1], ids[people[1]], S.HIRED)
    rows = {n: jobs.placement(n, ids[n]) for n in people}
    assert [rows[n].state for n in people] == [S.HIRED, S.HIRED, S.NOT_HIRED, S.NOT_HIRED]
    assert {rows[n].end_reason for n in people[2:]} == {FILLED_REASON}
    last = db.session.scalars(
        sa.select(PlacementMove).where(PlacementMove.to_state == S.NOT_HIRED)
    ).all()
    assert {(move.from_state, move.reason) for move in last} == {
        (S.INTERVIEW, FILLED_REASON), (S.REFERRED, FILLED_REASON),
    }  # fmt: skip
    assert db.session.get_one(Vacancy, vacancy_id).state is VacancyState.FILLED
    late = refused("vacancy_filled", placements.move, people[2], ids[people[2]], S.HIRED, on=TODAY,
                   **who(workshop))  # fmt: skip
    assert late.details == {"by": "coordinator", "at": "2026-11-24 11:42"}
    refused("vacancy_filled", placements.refer, house.learner(workshop), vacancy_id, on=TODAY,
            **who(workshop))  # fmt: skip


@both_engines
def test_whoever_was_told_is_told_once(workshop: House) -> None:
    person_id, vacancy_id = house.learner(workshop), jobs.vacancy(workshop)
    found = placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop)).id
    refused("nothing_to_tell", placements.mark_told, person_id, found, **who(workshop))
    jobs.moved(workshop, person_id, found, S.NOT_HIRED)
    for _ in range(2):
        placements.mark_told(person_id, found, **who(workshop))
    assert jobs.placement(person_id, found).told_at == workshop.now
    told = sa.select(AuditEntry).where(AuditEntry.action == "placement.told")
    assert len(db.session.scalars(told).all()) == 1


@both_engines
def test_whoever_is_referred_there_again_is_told_of_the_last_time_only(workshop: House) -> None:
    hired, waits = house.learner(workshop), house.learner(workshop)
    vacancy_id = jobs.vacancy(workshop)

    def told() -> tuple[list[Any], int]:
        found = [row.id for row in listing.to_tell(vacancy_id, None)]
        return found, listing.to_tell_count(vacancy_id, None)

    first = placements.refer(waits, vacancy_id, on=TODAY, **who(workshop)).id
    taken = placements.refer(hired, vacancy_id, on=TODAY, **who(workshop)).id
    jobs.moved(workshop, hired, taken, S.INTERVIEW, S.HIRED)
    assert told() == ([first], 1)
    jobs.moved(workshop, hired, taken, S.GAVE_UP)
    second = placements.refer(waits, vacancy_id, on=TODAY, **who(workshop)).id
    assert told() == ([], 0)
    employers.close_vacancy(vacancy_id, reason="订单没了", **who(workshop))
    assert told() == ([second], 1)


@both_engines
def test_whoever_does_not_come_gives_the_opening_back(workshop: House) -> None:
    vacancy_id = jobs.vacancy(workshop)
    for last in (S.GAVE_UP, S.NOT_HIRED):
        person_id = house.learner(workshop)
        found = placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop)).id
        jobs.moved(workshop, person_id, found, S.INTERVIEW, S.HIRED)
        assert db.session.get_one(Vacancy, vacancy_id).openings_used == 1
        refused("reason_needed", placements.move, person_id, found, last, on=TODAY,
                **who(workshop))  # fmt: skip
        jobs.moved(workshop, person_id, found, last)
        post = db.session.get_one(Vacancy, vacancy_id)
        assert (post.openings_used, post.state) == (0, VacancyState.OPEN)


@both_engines
def test_leaving_frees_the_opening_and_ends_the_follow_ups_after_it(workshop: House) -> None:
    person_id, vacancy_id = house.learner(workshop), jobs.vacancy(workshop)
    start = TODAY - timedelta(days=100)
    found = jobs.at_work(workshop, person_id, started_on=start, vacancy_id=vacancy_id)
    follow_ups.add_attempt(person_id, found, 90, note="关机", **who(workshop))
    refused("left_before_start", placements.leave, person_id, found,
            on=start - timedelta(days=1), reason=LeavingReason.HOURS, **who(workshop))  # fmt: skip
    placements.leave(person_id, found, on=start + timedelta(days=60),
                     reason=LeavingReason.FAMILY_CARE, note="孩子生病", **who(workshop))  # fmt: skip
    row = jobs.placement(person_id, found)
    assert (row.state, row.left_recorded_at) == (S.LEFT, workshop.now)
    # On the 30th day she was there; after 90 somebody had tried; nobody asks after 180 any more.
    assert jobs.due(person_id, found) == {30: None, 90: FollowUpOutcome.NOT_EMPLOYED}
    post = db.session.get_one(Vacancy, vacancy_id)
    assert (post.openings_used, post.state) == (0, VacancyState.OPEN)
    refused("placement_no_such_move", placements.leave, person_id, found, on=TODAY,
            reason=LeavingReason.HOURS, **who(workshop))  # fmt: skip


@both_engines
def test_a_filled_vacancy_whose_time_is_over_closes_when_somebody_leaves(workshop: House) -> None:
    person_id = house.learner(workshop)
    vacancy_id = jobs.vacancy(workshop, closes_on=date(2026, 10, 31))
    found = jobs.at_work(workshop, person_id, vacancy_id=vacancy_id)
    placements.leave(person_id, found, on=TODAY, reason=LeavingReason.HEALTH, **who(workshop))
    post = db.session.get_one(Vacancy, vacancy_id)
    assert (post.openings_used, post.state) == (0, VacancyState.CLOSED)
    refused("vacancy_closed", placements.refer, house.learner(workshop), vacancy_id, on=TODAY,
            **who(workshop))  # fmt: skip


@both_engines
@pytest.mark.parametrize(
    ("channel", "form", "paper"),
    [
        (Channel.OWN_WORK, Form.FLEXIBLE, EvidenceKind.EMPLOYMENT_RECORD),
        (Channel.VENTURE, Form.VENTURE, EvidenceKind.BUSINESS_LICENCE),
        (Channel.HOME_WORK, Form.HOME_WORK, EvidenceKind.PIECEWORK_RECEIPT),
    ],
)
def test_her_own_way_begins_at_the_start(
    workshop: House, channel: Channel, form: Form, paper: EvidenceKind
) -> None:
    person_id = house.learner(workshop)
    facts: dict[str, Any] = {
        "channel": channel, "form": form, "job_title": "裁剪", "started_on": TODAY,
        "employer_name": "李记裁缝铺", "terms": placements.Terms(wage_fen=60000), **who(workshop),
    }  # fmt: skip
    refused("employer_needed", placements.start_own, person_id, **{**facts, "employer_name": " "})
    refused("form_of_channel", placements.start_own, person_id,
            **{**facts, "form": Form.VENTURE if form is not Form.VENTURE else Form.EMPLOYED})  # fmt: skip
    refused("channel_is_referral", placements.start_own, person_id,
            **{**facts, "channel": Channel.REFERRAL})  # fmt: skip
    found = placements.start_own(person_id, **facts).id
    assert jobs.states(person_id, found) == ["started"]
    assert set(jobs.due(person_id, found)) == {30, 90, 180}
    jobs.paper(person_id, found, workshop.now)
    placements.verify(person_id, found, evidence_kind=paper, on=TODAY, **who(workshop))
    assert jobs.placement(person_id, found).verified_on == TODAY


@both_engines
def test_home_piecework_below_the_setting_is_entered_and_not_verified(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = placements.start_own(
        person_id, channel=Channel.HOME_WORK, form=Form.HOME_WORK, job_title="串珠",
        started_on=TODAY, employer_name="来料加工点", terms=placements.Terms(wage_fen=49999),
        **who(workshop),
    ).id  # fmt: skip
    jobs.paper(person_id, found, workshop.now)
    receipt = {"evidence_kind": EvidenceKind.PIECEWORK_RECEIPT, "on": TODAY, **who(workshop)}
    error = refused("home_work_too_little", placements.verify, person_id, found, **receipt)
    assert error.details == {"least": "500.00"}
    placements.change_terms(person_id, found, placements.Terms(wage_fen=50000),
                            form=Form.HOME_WORK, **who(workshop))  # fmt: skip
    placements.verify(person_id, found, **receipt)
    refused("placement_is_verified", placements.change_terms, person_id, found,
            placements.Terms(wage_fen=1), form=Form.HOME_WORK, **who(workshop))  # fmt: skip


def dues(person_id: int, placement_id: Any) -> dict[int, tuple[date, date]]:
    rows = db.session.scalars(
        sa.select(FollowUp).filter_by(person_id=person_id, placement_id=placement_id)
    )
    return {row.after_days: (row.due_on, row.next_on) for row in rows}


def corrected(workshop: House, person_id: int, found: Any, day: date) -> None:
    placements.change_terms(person_id, found, placements.Terms(wage_fen=320000, hours_week=40),
                            form=Form.EMPLOYED, started_on=day, **who(workshop))  # fmt: skip


@both_engines
def test_a_wrong_first_day_is_corrected_with_its_follow_ups_and_its_entry(workshop: House) -> None:
    person_id = house.learner(workshop)
    typed, right = TODAY - timedelta(days=40), TODAY - timedelta(days=20)
    found = jobs.at_work(workshop, person_id, started_on=typed)
    later = TODAY + timedelta(days=30)
    follow_ups.put_off(person_id, found, 30, to=later, **who(workshop))
    corrected(workshop, person_id, found, right)
    row = jobs.placement(person_id, found)
    assert (row.started_on, row.state, row.wage_fen) == (right, S.STARTED, 320000)
    moves = db.session.scalars(
        sa.select(PlacementMove).filter_by(placement_id=found).order_by(PlacementMove.number)
    ).all()
    assert [(each.to_state, each.on) for each in moves[-2:]] == [
        (S.STARTED, typed),
        (S.STARTED, right),
    ]
    due = {days: right + timedelta(days=days) for days in (30, 90, 180)}
    assert dues(person_id, found) == {
        30: (due[30], later), 90: (due[90],) * 2, 180: (due[180],) * 2,
    }  # fmt: skip
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "placement.changed")
    ).one()
    assert entry.subject == f"placement:{person_id}.{found}"
    # And on: the verification comes after the day that stands now.
    jobs.paper(person_id, found, workshop.now)
    placements.verify(person_id, found, evidence_kind=EvidenceKind.LABOUR_CONTRACT, on=TODAY,
                      **who(workshop))  # fmt: skip
    refused("placement_is_verified", corrected, workshop, person_id, found, typed)


@both_engines
def test_a_first_day_lies_neither_ahead_nor_before_her_hiring_nor_twice_at_one_employer(
    workshop: House,
) -> None:
    person_id = house.learner(workshop)
    hired = TODAY - timedelta(days=40)
    found = jobs.at_work(workshop, person_id, started_on=hired)
    refused("day_in_future", corrected, workshop, person_id, found, TODAY + timedelta(days=1))
    error = refused(
        "before_last_move", corrected, workshop, person_id, found, hired - timedelta(days=1)
    )
    assert error.details == {"day": hired.isoformat()}
    own = {"channel": Channel.OWN_WORK, "form": Form.EMPLOYED, "job_title": "收银",
           "employer_name": "示例超市", **who(workshop)}  # fmt: skip
    placements.start_own(person_id, started_on=TODAY - timedelta(days=5), **own)
    other = placements.start_own(person_id, started_on=TODAY, **own).id
    refused("already_entered", corrected, workshop, person_id, other, TODAY - timedelta(days=5))
    corrected(workshop, person_id, other, TODAY - timedelta(days=90))
    assert jobs.placement(person_id, other).started_on == TODAY - timedelta(days=90)


@both_engines
def test_what_was_found_by_an_old_first_day_is_taken_back_before_the_day_is_corrected(
    workshop: House,
) -> None:
    person_id = house.learner(workshop)
    typed, right = TODAY - timedelta(days=40), TODAY - timedelta(days=8)
    found = jobs.at_work(workshop, person_id, started_on=typed)
    follow_ups.record_outcome(person_id, found, 30, FollowUpOutcome.SAME_EMPLOYER, on=TODAY,
                              **who(workshop))  # fmt: skip
    error = refused("start_was_followed_up", corrected, workshop, person_id, found, right)
    assert error.details == {"by": "coordinator", "day": TODAY.isoformat()}
    assert jobs.placement(person_id, found).started_on == typed
    follow_ups.undo_outcome(person_id, found, 30, reason="到岗日期有误", **who(workshop))
    corrected(workshop, person_id, found, right)
    assert dues(person_id, found)[30][0] == right + timedelta(days=30)


@both_engines
def test_a_second_job_is_a_new_placement(workshop: House) -> None:
    person_id = house.learner(workshop)
    first = jobs.at_work(workshop, person_id, is_verified=True)
    second = placements.start_own(
        person_id, channel=Channel.OWN_WORK, form=Form.EMPLOYED, job_title="收银",
        started_on=TODAY, employer_name="示例超市", **who(workshop),
    ).id  # fmt: skip
    assert first != second
    count = sa.select(sa.func.count()).select_from(Placement)
    assert db.session.scalar(count) == 2
    assert jobs.placement(person_id, first).state is S.VERIFIED


@both_engines
def test_the_same_work_of_her_own_is_entered_once(workshop: House) -> None:
    person_id = house.learner(workshop)
    facts = {
        "channel": Channel.OWN_WORK, "form": Form.EMPLOYED, "job_title": "收银",
        "started_on": TODAY, "employer_name": "示例超市", **who(workshop),
    }  # fmt: skip
    found = placements.start_own(person_id, **facts).id
    again = {**facts, "employer_name": " 示例超市 ", "job_title": "理货"}
    error = refused("already_entered", placements.start_own, person_id, **again)
    assert error.details == {"employer": "示例超市", "day": str(TODAY)}
    placements.start_own(person_id, **{**facts, "started_on": TODAY - timedelta(days=1)})
    # Entered wrongly and ended: it may be entered anew.
    placements.leave(person_id, found, on=TODAY, reason=LeavingReason.OTHER, **who(workshop))
    placements.start_own(person_id, **facts)


@both_engines
def test_days_stand_in_order_and_never_ahead(workshop: House) -> None:
    person_id, vacancy_id = house.learner(workshop), jobs.vacancy(workshop)
    ahead = TODAY + timedelta(days=1)
    refused("day_in_future", placements.refer, person_id, vacancy_id, on=ahead, **who(workshop))
    found = placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop)).id
    refused("day_in_future", placements.move, person_id, found, S.INTERVIEW, on=ahead,
            **who(workshop))  # fmt: skip
    refused("before_last_move", placements.move, person_id, found, S.INTERVIEW,
            on=TODAY - timedelta(days=1), **who(workshop))  # fmt: skip


@both_engines
def test_only_learners_are_referred_and_once_a_vacancy(workshop: House) -> None:
    person_id, vacancy_id = house.learner(workshop), jobs.vacancy(workshop)
    refused("not_a_learner", placements.refer, 99999, vacancy_id, on=TODAY, **who(workshop))
    refused("no_such_vacancy", placements.refer, person_id, 999, on=TODAY, **who(workshop))
    placements.refer(person_id, vacancy_id, on=TODAY, **who(workshop))
    refused("already_referred", placements.refer, person_id, vacancy_id, on=TODAY, **who(workshop))
    with transaction() as session:
        row = session.get_one(Learner, person_id)
        row.ended_on, row.end_reason = date(2026, 11, 20), "搬走"
    other = jobs.vacancy(workshop)
    refused("learner_ended", placements.refer, person_id, other, on=TODAY, **who(workshop))


@both_engines
def test_each_step_is_in_the_log(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id, is_verified=True)
    placements.leave(person_id, found, on=TODAY, reason=LeavingReason.MOVED, **who(workshop))
    actions = db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.person_id == person_id)
    ).all()
    assert sorted(actions) == sorted([
        "placement.added", "placement.started", "placement.verified", "placement.left",
    ])  # fmt: skip
