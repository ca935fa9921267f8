"""Verbs of guidance: meetings and their next steps, ventures and their stages, loans."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.access import Role
from core.db import db, new_id, transaction
from core.errors import RuleError, described_codes
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from workshop.actions import guidance, ventures
from workshop.actions.guidance import MeetingFacts
from workshop.actions.ventures import StageMove
from workshop.models import GuidanceMeeting, Learner, LoanApplication, Venture, VentureMove
from workshop.values import LoanState, VentureStage

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 24)
SOON = TODAY + timedelta(days=7)


def facts(**changes: Any) -> MeetingFacts:
    values = {
        "on": TODAY, "minutes": 40, "mentor": "郭老师", "topic": "办理执照", "notes": "店面已看好",
        "next_step": "到窗口核名", "next_on": SOON, **changes,
    }  # fmt: skip
    return MeetingFacts(**values)


def record(workshop: House, person_id: int, **changes: Any) -> GuidanceMeeting:
    done = changes.pop("done", ())
    return guidance.record_meeting(
        person_id, facts(**changes), meeting_id=changes.pop("meeting_id", new_id()), done=done,
        by=workshop.actor(Role.COORDINATOR), now=workshop.now,
    )  # fmt: skip


def opened(workshop: House, person_id: int, **changes: Any) -> Venture:
    values = {
        "name": "李姐改衣铺",
        "trade": "改衣",
        "plan": "先在家里做",
        "on": date(2026, 9, 1),
        **changes,
    }
    return ventures.open_venture(
        person_id, **values, by=workshop.actor(Role.COORDINATOR), now=workshop.now
    )


def move(workshop: House, venture: Venture, to: VentureStage, **said: Any) -> Venture:
    asked = StageMove(to, said.pop("on", TODAY), **said)
    return ventures.move_stage(
        venture.person_id, venture.id, asked, by=workshop.actor(Role.COORDINATOR), now=workshop.now
    )


def refused(call: Callable[..., Any], *args: Any, **values: Any) -> str:
    with pytest.raises(RuleError) as caught:
        call(*args, **values)
    return caught.value.code


def actions_of(subject: str) -> list[str]:
    entry = audit.AuditEntry
    rows = db.session.scalars(
        sa.select(entry.action).where(entry.subject == subject).order_by(entry.id)
    )
    return list(rows)


@both_engines
def test_a_meeting_sent_twice_is_recorded_once(workshop: House) -> None:
    person_id, meeting_id = house.learner(workshop), new_id()
    who = {"by": workshop.actor(Role.COORDINATOR), "now": workshop.now}
    for _ in range(2):
        row = guidance.record_meeting(person_id, facts(), meeting_id=meeting_id, **who)
    assert (row.site_id, row.recorded_by_name) == (workshop.site_id, "coordinator")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(GuidanceMeeting)) == 1
    assert actions_of(f"guidance:{person_id}.{meeting_id}") == ["guidance.recorded"]


@both_engines
def test_a_form_sent_again_with_other_content_is_told_and_changes_nothing(workshop: House) -> None:
    person_id, who = house.learner(workshop), {
        "by": workshop.actor(Role.COORDINATOR), "now": workshop.now,
    }  # fmt: skip
    meeting = record(workshop, person_id)
    for other in (
        {"notes": "店面没有谈成"},
        {"minutes": 60},
        {"next_on": SOON + timedelta(days=1)},
    ):
        again = guidance.record_meeting, person_id, facts(**other)
        assert refused(*again, meeting_id=meeting.id, **who) == "guidance_sent_before", other
    assert (meeting.notes, meeting.minutes, meeting.next_on) == ("店面已看好", 40, SOON)
    made = opened(workshop, person_id)
    assert opened(workshop, person_id, venture_id=made.id).id == made.id
    assert (
        refused(opened, workshop, person_id, venture_id=made.id, plan="租店面")
        == "guidance_sent_before"
    )
    loan = {
        "bank": "示例农商行",
        "amount_fen": 100,
        "note": "",
        "on": TODAY,
        "loan_id": new_id(),
        **who,
    }
    for _ in range(2):
        ventures.apply_for_loan(person_id, made.id, **loan)
    asked = ventures.apply_for_loan, person_id, made.id
    assert refused(*asked, **{**loan, "amount_fen": 200}) == "guidance_sent_before"
    assert db.session.scalars(sa.select(LoanApplication.amount_fen)).all() == [100]


@both_engines
def test_notes_and_plans_are_stored_encrypted_and_the_log_holds_no_notes(workshop: House) -> None:
    person_id = house.learner(workshop)
    meeting, venture = record(workshop, person_id), opened(workshop, person_id)
    stored = sa.type_coerce(GuidanceMeeting.notes, sa.Text), sa.type_coerce(Venture.plan, sa.Text)
    assert "店面" not in db.session.scalars(sa.select(stored[0])).one()
    assert "家里" not in db.session.scalars(sa.select(stored[1])).one()
    assert (meeting.notes, venture.plan) == ("店面已看好", "先在家里做")
    entries = list(db.session.scalars(
        sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "guidance.recorded")
    ))  # fmt: skip
    assert "notes" not in audit.values_of(entries)[entries[0].id]["after"]


@pytest.mark.parametrize(("changes", "code"), [
    ({"on": TODAY + timedelta(days=1)}, "guidance_in_future"),
    ({"minutes": 0}, "guidance_incomplete"), ({"minutes": 721}, "guidance_incomplete"),
    ({"mentor": " "}, "guidance_incomplete"), ({"topic": ""}, "guidance_incomplete"),
    ({"next_on": None}, "guidance_next_incomplete"), ({"next_step": ""}, "guidance_next_incomplete"),
    ({"next_on": TODAY - timedelta(days=1)}, "guidance_next_before"),
    ({"venture_id": UUID(int=1)}, "guidance_no_venture"), ({"site_id": 999}, "guidance_no_site"),
])  # fmt: skip
def test_what_is_wrong_with_a_meeting_is_said_and_nothing_is_kept(
    workshop: House, changes: dict[str, Any], code: str
) -> None:
    person_id = house.learner(workshop)
    assert refused(record, workshop, person_id, **changes) == code
    assert db.session.scalar(sa.select(sa.func.count()).select_from(GuidanceMeeting)) == 0


def test_only_a_learner_is_guided_and_only_while_she_is_one(workshop: House) -> None:
    assert refused(record, workshop, 999) == "guidance_no_learner"
    person_id = house.learner(workshop)
    with transaction() as session:
        row = session.get_one(Learner, person_id)
        row.ended_on, row.end_reason = date(2026, 11, 20), "搬走"
    assert refused(record, workshop, person_id) == "guidance_learner_ended"
    assert refused(opened, workshop, person_id, on=TODAY) == "guidance_learner_ended"
    record(workshop, person_id, on=date(2026, 11, 20))


@both_engines
def test_a_later_meeting_takes_up_the_steps_that_it_names_and_no_other(workshop: House) -> None:
    person_id = house.learner(workshop)
    first = record(workshop, person_id, on=date(2026, 11, 10), next_on=date(2026, 11, 15)).id
    second = record(workshop, person_id, on=date(2026, 11, 12), next_on=date(2026, 11, 20)).id
    record(workshop, person_id, done=[first])
    rows = {row.id: row.next_done_on for row in db.session.scalars(sa.select(GuidanceMeeting))}
    assert (rows[first], rows[second]) == (TODAY, None)
    assert actions_of(f"guidance:{person_id}.{first}")[-1] == "guidance.next_step_done"


@both_engines
def test_a_next_step_is_put_off_and_then_done_once(workshop: House) -> None:
    person_id = house.learner(workshop)
    row = record(workshop, person_id)
    who = {"by": workshop.actor(Role.COORDINATOR), "now": workshop.now}
    past = TODAY - timedelta(days=1)
    put_off = guidance.put_off_next_step
    assert refused(put_off, person_id, row.id, to=past, **who) == "guidance_next_before"
    put_off(person_id, row.id, to=date(2026, 12, 1), **who)
    for day in (TODAY, SOON):
        guidance.settle_next_step(person_id, row.id, on=day, **who)
    db.session.refresh(row)
    assert (row.next_on, row.next_done_on) == (date(2026, 12, 1), TODAY)
    assert refused(put_off, person_id, row.id, to=SOON, **who) == "guidance_no_next_step"
    bare = record(workshop, person_id, next_step="", next_on=None)
    assert refused(guidance.settle_next_step, person_id, bare.id, on=TODAY, **who) == (
        "guidance_no_next_step"
    )


@both_engines
def test_a_voided_meeting_stays_and_is_voided_once(workshop: House) -> None:
    person_id = house.learner(workshop)
    row = record(workshop, person_id)
    who = {"by": workshop.actor(Role.COORDINATOR), "now": workshop.now}
    void = guidance.void_meeting
    assert refused(void, person_id, row.id, reason=" ", **who) == "reason_needed"
    void(person_id, row.id, reason="记错人", **who)
    assert refused(void, person_id, row.id, reason="记错人", **who) == "guidance_voided"
    assert refused(void, person_id, UUID(int=1), reason="记错人", **who) == "guidance_no_meeting"
    db.session.refresh(row)
    assert (row.void_reason, row.notes, guidance.is_due(row)) == ("记错人", "店面已看好", False)


@both_engines
def test_a_venture_goes_from_the_idea_to_its_end_and_each_step_is_kept(workshop: House) -> None:
    venture = opened(workshop, house.learner(workshop))
    move(workshop, venture, VentureStage.PREPARING, on=date(2026, 9, 20))
    assert refused(move, workshop, venture, VentureStage.LICENSED) == "licence_needed"
    licence = {"licence_on": date(2026, 10, 8), "licence_number": "92130499MA0EXAMPLE"}
    late = {**licence, "licence_on": date(2026, 10, 12)}
    assert refused(
        move, workshop, venture, VentureStage.LICENSED, on=date(2026, 10, 10), **late
    ) == "licence_after_move"  # fmt: skip
    move(workshop, venture, VentureStage.LICENSED, on=date(2026, 10, 10), **licence)
    row = move(workshop, venture, VentureStage.OPERATING, on=date(2026, 11, 1), jobs_created=3)
    assert (row.stage, row.stage_since, row.jobs_created) == (
        VentureStage.OPERATING, date(2026, 11, 1), 3,
    )  # fmt: skip
    assert refused(move, workshop, venture, VentureStage.ENDED) == "reason_needed"
    row = move(workshop, venture, VentureStage.ENDED, reason="照顾老人")
    assert (row.end_reason, row.licence_number) == ("照顾老人", "92130499MA0EXAMPLE")
    row = move(workshop, venture, VentureStage.OPERATING, reason="重新开张")
    assert row.end_reason is None
    moves = list(db.session.scalars(sa.select(VentureMove).order_by(VentureMove.number)))
    assert [each.to_stage.value for each in moves] == [
        "idea", "preparing", "licensed", "operating", "ended", "operating",
    ]  # fmt: skip
    assert [each.from_stage for each in moves][1:] == [each.to_stage for each in moves][:-1]
    subject = f"venture:{venture.person_id}.{venture.id}"
    assert actions_of(subject) == ["venture.opened", *["venture.moved"] * 5]


@both_engines
def test_back_from_the_licence_it_is_no_longer_hers(workshop: House) -> None:
    venture = opened(workshop, house.learner(workshop))
    licence = {"licence_on": date(2026, 10, 8), "licence_number": "92130499MA0EXAMPLE"}
    move(workshop, venture, VentureStage.LICENSED, on=date(2026, 10, 10), **licence)
    row = move(workshop, venture, VentureStage.PREPARING, reason="执照登记有误")
    assert (row.licence_on, row.licence_number) == (None, None)


@both_engines
def test_of_two_who_move_a_venture_the_second_is_told(workshop: House) -> None:
    venture = opened(workshop, house.learner(workshop))
    seen = VentureStage.IDEA
    move(workshop, venture, VentureStage.PREPARING, seen=seen)
    assert refused(
        move, workshop, venture, VentureStage.ENDED, seen=seen, reason="不做了"
    ) == "venture_moved_meanwhile"  # fmt: skip
    assert refused(
        move, workshop, venture, VentureStage.IDEA, on=date(2026, 8, 1), reason="退回"
    ) == "venture_day_before"  # fmt: skip
    future = TODAY + timedelta(days=1)
    assert refused(
        move, workshop, venture, VentureStage.IDEA, on=future, reason="退回"
    ) == "guidance_in_future"  # fmt: skip


@both_engines
def test_a_loan_is_granted_and_paid_back(workshop: House) -> None:
    venture = opened(workshop, house.learner(workshop))
    who = {"by": workshop.actor(Role.COORDINATOR), "now": workshop.now}
    loan = ventures.apply_for_loan(
        venture.person_id, venture.id, bank="示例农商行", amount_fen=100_000_00, note="",
        on=date(2026, 10, 1), **who,
    )  # fmt: skip

    def lead(to: LoanState, day: date, **said: Any) -> LoanApplication:
        return ventures.move_loan(venture.person_id, loan.id, to, on=day, **said, **who)

    lead(LoanState.SUBMITTED, date(2026, 10, 5))
    assert refused(lead, LoanState.APPROVED, date(2026, 10, 20)) == "loan_amount_needed"
    assert refused(lead, LoanState.APPROVED, date(2026, 10, 4), granted_fen=1) == "loan_day_before"
    lead(LoanState.REFUSED, date(2026, 10, 20))
    lead(LoanState.SUBMITTED, date(2026, 10, 25))
    lead(LoanState.APPROVED, date(2026, 11, 1), granted_fen=80_000_00, note="两年期")
    assert refused(
        lead, LoanState.PAID_OUT, TODAY, seen=LoanState.SUBMITTED
    ) == "loan_moved_meanwhile"  # fmt: skip
    lead(LoanState.PAID_OUT, date(2026, 11, 10))
    assert refused(lead, LoanState.WITHDRAWN, TODAY) == "loan_no_such_move"
    row = lead(LoanState.REPAID, TODAY)
    assert (row.amount_fen, row.granted_fen, row.note) == (100_000_00, 80_000_00, "两年期")


def test_an_ended_venture_gets_no_loan(workshop: House) -> None:
    venture = opened(workshop, house.learner(workshop))
    asked = {"bank": "示例农商行", "amount_fen": 1, "note": "", "on": TODAY,
             "by": workshop.actor(Role.COORDINATOR), "now": workshop.now}  # fmt: skip
    apply = ventures.apply_for_loan
    assert refused(apply, venture.person_id, venture.id, **{**asked, "amount_fen": 0}) == (
        "loan_incomplete"
    )
    move(workshop, venture, VentureStage.ENDED, reason="不做了")
    assert refused(apply, venture.person_id, venture.id, **asked) == "venture_ended"
    assert refused(apply, venture.person_id, UUID(int=1), **asked) == "venture_gone"


@both_engines
def test_what_a_venture_says_is_changed_with_what_it_was(workshop: House) -> None:
    venture = opened(workshop, house.learner(workshop))
    row = ventures.change_venture(
        venture.person_id, venture.id, name="渚河改衣坊", trade="改衣、窗帘", plan=None, jobs_created=2,
        by=workshop.actor(Role.COORDINATOR), now=workshop.now,
    )  # fmt: skip
    assert (row.name, row.plan, row.jobs_created) == ("渚河改衣坊", None, 2)
    entries = list(db.session.scalars(
        sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "venture.changed")
    ))  # fmt: skip
    values = audit.values_of(entries)[entries[0].id]
    assert (values["before"]["name"], values["after"]["name"]) == ("李姐改衣铺", "渚河改衣坊")


@both_engines
@pytest.mark.parametrize("changes", [
    {"next_step": "", "next_on": SOON}, {"next_done_on": TODAY}, {"minutes": 0},
    {"void_reason": "无时间"},
])  # fmt: skip
def test_the_database_has_the_last_word_on_a_meeting(
    workshop: House, changes: dict[str, Any]
) -> None:
    row = record(workshop, house.learner(workshop))
    key = row.person_id, row.id
    with pytest.raises(IntegrityError), transaction() as session:
        for name, value in changes.items():
            setattr(session.get_one(GuidanceMeeting, key), name, value)


def test_every_coded_error_of_guidance_has_a_sentence(workshop: House) -> None:
    raised = set()
    for name in ("actions/guidance.py", "actions/ventures.py", "rules/ventures.py"):
        text = (ROOT / "workshop" / name).read_text("utf-8")
        raised |= set(re.findall(r'RuleError\(\s*"(\w+)"', text))
    assert raised
    assert raised - described_codes() == set()
