"""Learners who check in by themselves: good codes, every wrong one, one phone for many, the trainer's word."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db, transaction
from core.errors import RuleError
from core.people.cards.actions import code_of, issue_card, revoke_card
from core.people.models import Person
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import BEGUN, TODAY, today_of
from workshop.actions import check_in as actions
from workshop.actions.attendance import mark, undo
from workshop.actions.card import scan_card
from workshop.models import Attendance, AttendanceMark, CheckIn, Session
from workshop.rules import room_code
from workshop.values import AttendanceStatus, CheckInState, Mark, MarkSource

P, LATE, _EARLY, EXCUSED, ABSENT = AttendanceStatus


@pytest.fixture
def cohort_id(workshop: House) -> int:
    return house.cohort(workshop, sessions=17)


def code_now(session_id: int, now: datetime = BEGUN) -> str:
    return room_code.current(actions.key(), session_id, now, actions.step_s())


def send(
    person_id: int, code: str, *, phone: str = "phone-1", now: datetime = BEGUN, name: str | None = None,
    last4: str | None = None,
) -> actions.Answer:  # fmt: skip
    person = db.session.get_one(Person, person_id)
    return actions.check_in(
        code, name or person.name, last4 or str(person.phone)[-4:], phone_hash=phone,
        address="192.0.2.7", now=now,
    )  # fmt: skip


def opened(workshop: House, cohort_id: int, now: datetime = BEGUN) -> int:
    today = today_of(cohort_id)
    actions.open_check_in(today, by=workshop.actor(Role.TRAINER), now=now)
    return today


@both_engines
def test_a_check_in_waits_and_becomes_a_mark_by_the_trainers_word(
    workshop: House, cohort_id: int
) -> None:
    first, second, third = house.enrolled(workshop, cohort_id, 3)
    today = opened(workshop, cohort_id)
    for n, person_id in enumerate((first, second, third)):
        answer = send(person_id, code_now(today), phone=f"phone-{n}")
        assert answer.state is CheckInState.WAITING
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attendance)) == 0
    trainer = workshop.actor(Role.TRAINER)
    later = BEGUN + timedelta(minutes=1)
    actions.settle(today, [third], confirmed=False, by=trainer, now=later)
    assert set(actions.settle(today, None, confirmed=True, by=trainer, now=later).saved) == {
        first,
        second,
    }
    marks = db.session.scalars(sa.select(AttendanceMark).order_by(AttendanceMark.person_id)).all()
    assert [(one.person_id, one.status, one.source, one.phone_hash) for one in marks] == [
        (first, P, MarkSource.CHECK_IN, "phone-0"), (second, P, MarkSource.CHECK_IN, "phone-1"),
    ]  # fmt: skip
    assert send(first, code_now(today), phone="phone-0").state is CheckInState.CONFIRMED
    with pytest.raises(RuleError, match="check_in_refused"):
        send(third, code_now(today), phone="phone-2")


def check_ins(session_id: int) -> dict[int, tuple[CheckInState, str | None]]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(CheckIn).where(CheckIn.session_id == session_id))
    return {row.person_id: (row.state, row.settled_by_name) for row in rows}


@both_engines
def test_check_ins_that_were_confirmed_by_mistake_wait_again_after_one_step_back(
    workshop: House, cohort_id: int
) -> None:
    first, second, refused = house.enrolled(workshop, cohort_id, 3)
    today, trainer = opened(workshop, cohort_id), workshop.actor(Role.TRAINER)
    for n, person_id in enumerate((first, second, refused)):
        send(person_id, code_now(today), phone=f"phone-{n}")
    actions.settle(today, [refused], confirmed=False, by=trainer, now=BEGUN)
    for minutes, ids in ((1, [first]), (2, None)):
        at = BEGUN + timedelta(minutes=minutes)
        actions.settle(today, ids, confirmed=True, by=trainer, now=at)
    undo(today, by=trainer, now=BEGUN + timedelta(minutes=3))
    assert check_ins(today) == {
        first: (CheckInState.CONFIRMED, trainer.name), second: (CheckInState.WAITING, None),
        refused: (CheckInState.REFUSED, trainer.name),
    }  # fmt: skip
    at = BEGUN + timedelta(minutes=4)
    assert actions.settle(today, None, confirmed=True, by=trainer, now=at).saved == (second,)


@both_engines
def test_whoever_is_marked_as_here_waits_no_longer_and_again_when_that_is_taken_back(
    workshop: House, cohort_id: int
) -> None:
    late, filled, absent = house.enrolled(workshop, cohort_id, 3)
    today, trainer = opened(workshop, cohort_id), workshop.actor(Role.TRAINER)
    for n, person_id in enumerate((late, filled, absent)):
        send(person_id, code_now(today), phone=f"phone-{n}")
    marks = [Mark(late, LATE, late_min=5), Mark(absent, ABSENT)]
    mark(today, marks, session_version=1, source=MarkSource.THUMB, by=trainer, now=BEGUN,
         all_present=True)  # fmt: skip
    confirmed, waiting = (CheckInState.CONFIRMED, trainer.name), (CheckInState.WAITING, None)
    assert check_ins(today) == {late: confirmed, filled: confirmed, absent: waiting}
    undo(today, by=trainer, now=BEGUN + timedelta(minutes=1))
    assert check_ins(today) == {late: waiting, filled: waiting, absent: waiting}


@both_engines
def test_her_digits_are_found_in_full_width_too(workshop: House, cohort_id: int) -> None:
    house.enrolled(workshop, cohort_id, 2)
    person_id = workshop.people[1]  # whose telephone ends in 0001
    today = opened(workshop, cohort_id)
    assert send(person_id, code_now(today), last4="０００１").state is CheckInState.WAITING
    assert set(check_ins(today)) == {person_id}


@both_engines
def test_the_same_phone_checks_in_one_woman_and_not_ten(workshop: House, cohort_id: int) -> None:
    people = house.enrolled(workshop, cohort_id, 10)
    today = opened(workshop, cohort_id)
    assert send(people[0], code_now(today)).state is CheckInState.WAITING
    assert send(people[0], code_now(today)).state is CheckInState.WAITING  # twice is once
    for person_id in people[1:]:
        with pytest.raises(RuleError, match="phone_used"):
            send(person_id, code_now(today))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CheckIn)) == 1


@both_engines
def test_a_code_is_good_for_its_step_and_the_next_and_then_said_to_have_run_out(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = opened(workshop, cohort_id)
    old = code_now(today)
    with pytest.raises(RuleError, match="code_expired"):
        send(person_id, old, now=BEGUN + timedelta(minutes=5))
    assert send(person_id, old, now=BEGUN + timedelta(seconds=40)).state is CheckInState.WAITING


@both_engines
def test_the_code_of_the_last_room_and_a_code_after_class_each_have_their_sentence(
    workshop: House, cohort_id: int
) -> None:
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=14 * 60)
    (hers,) = house.enrolled(workshop, cohort_id)
    (others,) = house.enrolled(workshop, other_id)
    first = opened(workshop, cohort_id)
    old = code_now(first)
    afternoon = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
    opened(workshop, other_id, afternoon)
    with pytest.raises(RuleError) as refusal:
        send(others, old, now=afternoon)
    assert (refusal.value.code, refusal.value.details) == (
        "code_of_last_room", {"cohort": "缝纫初级第 1 期"},
    )  # fmt: skip
    with pytest.raises(RuleError, match="class_over"):
        send(hers, old, now=afternoon)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CheckIn)) == 0


@both_engines
def test_a_closed_check_in_takes_no_code_and_a_reopened_one_does(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = opened(workshop, cohort_id)
    trainer = workshop.actor(Role.TRAINER)
    later = BEGUN + timedelta(seconds=10)
    actions.close_check_in(today, by=trainer, now=later)
    with pytest.raises(RuleError, match="class_over"):
        send(person_id, code_now(today, later), now=later)
    again = BEGUN + timedelta(minutes=2)
    actions.open_check_in(today, by=trainer, now=again)
    assert send(person_id, code_now(today, again), now=again).state is CheckInState.WAITING


@both_engines
def test_a_learner_of_another_class_and_a_wrong_name_or_digit_read_the_same(
    workshop: House, cohort_id: int
) -> None:
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=14 * 60)
    (hers,) = house.enrolled(workshop, cohort_id)
    (others,) = house.enrolled(workshop, other_id)
    today = opened(workshop, cohort_id)
    tries: tuple[tuple[int, dict[str, str]], ...] = (
        (others, {}), (hers, {"name": "别人"}), (hers, {"last4": "9999"})
    )  # fmt: skip
    for person_id, more in tries:
        with pytest.raises(RuleError) as refusal:
            send(person_id, code_now(today), **more)
        assert (refusal.value.code, refusal.value.details) == (
            "not_in_class", {"cohort": "缝纫初级第 1 期"},
        )  # fmt: skip


@both_engines
def test_whoever_tries_many_codes_must_wait_and_others_need_not(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = opened(workshop, cohort_id)
    good = code_now(today)
    for n in range(10):
        with pytest.raises(RuleError, match="code_unknown"):
            send(person_id, f"{(int(good) + n + 1) % 10**6:06d}", phone="guesser")
    with pytest.raises(RuleError, match="too_many_tries"):
        send(person_id, good, phone="guesser")
    assert send(person_id, good, phone="own").state is CheckInState.WAITING
    later = BEGUN + timedelta(minutes=2)
    assert send(person_id, code_now(today, later), phone="guesser", now=later)


@pytest.mark.parametrize(
    ("code", "name", "last4", "says"),
    [("12345", "王", "0000", "code_not_six_digits"), ("123456", " ", "0000", "check_in_name_missing"),
     ("123456", "王秀英", "000", "check_in_digits_missing")],
)  # fmt: skip
def test_what_is_not_filled_in_is_said_before_anything_is_counted(
    in_app: Flask, code: str, name: str, last4: str, says: str
) -> None:
    with pytest.raises(RuleError, match=says):
        actions.check_in(code, name, last4, phone_hash="p", address="192.0.2.7", now=BEGUN)


@both_engines
def test_check_in_opens_only_around_a_session_that_takes_place(
    workshop: House, cohort_id: int
) -> None:
    today = today_of(cohort_id)
    trainer = workshop.actor(Role.TRAINER)
    for now, says in (
        (BEGUN - timedelta(hours=2), "session_not_started"), (BEGUN + timedelta(hours=4), "check_in_over"),
    ):  # fmt: skip
        with pytest.raises(RuleError, match=says):
            actions.open_check_in(today, by=trainer, now=now)
    actions.close_check_in(today, by=trainer, now=BEGUN)  # closing what is closed changes nothing
    assert db.session.get_one(Session, today).check_in_from is None


@both_engines
def test_a_check_in_does_not_overwrite_what_the_trainer_saw(
    workshop: House, cohort_id: int
) -> None:
    late, away = house.enrolled(workshop, cohort_id, 2)
    today = opened(workshop, cohort_id)
    trainer = workshop.actor(Role.TRAINER)
    send(late, code_now(today), phone="one")
    send(away, code_now(today), phone="two")
    marks = (Mark(late, LATE, late_min=10), Mark(away, ABSENT))
    mark(today, marks, session_version=1, source=MarkSource.THUMB, by=trainer, now=BEGUN)
    outcome = actions.settle(
        today, None, confirmed=True, by=trainer, now=BEGUN + timedelta(minutes=1)
    )
    assert (outcome.saved, outcome.unchanged) == ((away,), ())  # late: confirmed by her mark
    rows = {row.person_id: row.status for row in db.session.scalars(sa.select(Attendance))}
    assert rows == {late: LATE, away: P}
    waiting = sa.select(CheckIn).where(CheckIn.state == CheckInState.WAITING)
    assert db.session.scalars(waiting).all() == []


@both_engines
def test_a_card_marks_its_owner_and_a_strangers_or_a_dead_one_says_why(
    workshop: House, cohort_id: int
) -> None:
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=14 * 60)
    (hers,) = house.enrolled(workshop, cohort_id)
    (others,) = house.enrolled(workshop, other_id)
    today, trainer = today_of(cohort_id), workshop.actor(Role.TRAINER)
    codes = {
        one: code_of(issue_card(one, by=workshop.actor(Role.CLERK), now=BEGUN)) for one in (hers, others)
    }  # fmt: skip
    assert not scan_card(today, codes[hers], by=trainer, now=BEGUN).was_here
    assert scan_card(today, f" {codes[hers]}", by=trainer, now=BEGUN).was_here
    assert db.session.get_one(Attendance, (hers, today)).source is MarkSource.CARD
    with pytest.raises(RuleError) as refusal:
        scan_card(today, codes[others], by=trainer, now=BEGUN)
    assert (refusal.value.code, refusal.value.details) == (
        "of_another_cohort",
        {"person_id": others},
    )
    revoke_card(hers, reason="lost", by=workshop.actor(Role.CLERK), now=BEGUN)
    for code, says in ((codes[hers], "card_stopped_here"), ("123", "card_unreadable")):
        with pytest.raises(RuleError, match=says):
            scan_card(today, code, by=trainer, now=BEGUN)
    assert db.session.get_one(Session, today).on == TODAY


@both_engines
def test_a_locked_session_confirms_nobody(workshop: House, cohort_id: int) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = opened(workshop, cohort_id)
    send(person_id, code_now(today))
    with pytest.raises(RuleError, match="session_locked"):
        actions.settle(today, None, confirmed=True, by=workshop.actor(Role.TRAINER),
                       now=BEGUN + timedelta(days=9))  # fmt: skip
    with transaction() as session:
        assert session.get_one(CheckIn, (person_id, today)).state is CheckInState.WAITING
