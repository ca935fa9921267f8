"""Marks of attendance: whole classes, conflicts, what is refused, one step back, the lock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db, transaction
from core.errors import RuleError
from tests.canteen.pages import counted
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from workshop.actions.attendance import correct, mark, undo
from workshop.models import Attendance, AttendanceMark, Enrolment, EnrolmentMove, Session
from workshop.values import (
    AttendanceStatus,
    EnrolmentState,
    Mark,
    MarkSource,
    Saved,
    SessionState,
)

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
BEGUN = datetime(2026, 11, 24, 1, 20, tzinfo=UTC)  # 09:20 of a Tuesday; class began at nine
TODAY = date(2026, 11, 24)


@pytest.fixture
def cohort_id(workshop: House) -> int:
    return house.cohort(workshop, sessions=17)  # the seventeenth is on 24 November


def today_of(cohort_id: int) -> int:
    return db.session.scalars(
        sa.select(Session.id).where(Session.cohort_id == cohort_id, Session.on == TODAY)
    ).one()


def save(
    workshop: House, session_id: int, *marks: Mark, now: datetime = BEGUN, role: Role = Role.TRAINER,
    version: int | None = 1, source: MarkSource = MarkSource.THUMB, **more: Any,
) -> Saved:  # fmt: skip
    return mark(session_id, marks, session_version=version, source=source,
                by=workshop.actor(role), now=now, **more)  # fmt: skip


def stands(session_id: int) -> dict[int, tuple[AttendanceStatus, int, int, int, MarkSource, int]]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(Attendance).where(Attendance.session_id == session_id))
    return {
        row.person_id: (row.status, row.late_min, row.early_min, row.credited_min, row.source,
                        row.number)
        for row in rows
    }  # fmt: skip


def history(session_id: int, person_id: int) -> list[AttendanceStatus | None]:
    rows = db.session.scalars(
        sa.select(AttendanceMark)
        .where(AttendanceMark.session_id == session_id, AttendanceMark.person_id == person_id)
        .order_by(AttendanceMark.number)
    ).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [row.status for row in rows]


@both_engines
def test_thirty_marks_are_saved_with_what_each_is_worth(workshop: House, cohort_id: int) -> None:
    people = house.enrolled(workshop, cohort_id, 30)
    today = today_of(cohort_id)
    marks = [Mark(one, P) for one in people[:26]] + [
        Mark(people[26], LATE, late_min=10),
        Mark(people[27], LATE, late_min=20),  # later than the policy allows
        Mark(people[28], EARLY, early_min=15),
        Mark(people[29], EXCUSED, reason="孩子生病"),
    ]
    outcome = save(workshop, today, *marks)
    assert set(outcome.saved) == set(people)
    found = stands(today)
    assert found[people[0]] == (P, 0, 0, 180, MarkSource.THUMB, 1)
    assert found[people[26]][:4] == (LATE, 10, 0, 170)
    assert found[people[27]][:4] == (ABSENT, 20, 0, 0)
    assert found[people[28]][:4] == (EARLY, 0, 15, 165)
    assert found[people[29]][:4] == (EXCUSED, 0, 0, 0)
    assert len(db.session.scalars(sa.select(AttendanceMark)).all()) == 30


@both_engines
def test_what_says_the_same_writes_nothing(workshop: House, cohort_id: int) -> None:
    people = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    save(workshop, today, *(Mark(one, P) for one in people))
    again = save(workshop, today, *(Mark(one, P, number=0) for one in (*people, *people)))
    assert (again.saved, set(again.unchanged), again.conflicts) == ((), set(people), ())
    assert history(today, people[0]) == [P]


@both_engines
def test_two_who_mark_one_learner_are_both_told_and_the_others_are_saved(
    workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    save(workshop, today, Mark(first, ABSENT), role=Role.COORDINATOR)
    outcome = save(workshop, today, Mark(first, P), Mark(second, P))
    assert outcome.saved == (second,)
    (conflict,) = outcome.conflicts
    assert (conflict.mine.status, conflict.theirs.status) == (P, ABSENT)
    assert conflict.theirs.by_name == Role.COORDINATOR.value
    assert save(workshop, today, Mark(first, P, number=1)).saved == (first,)
    assert history(today, first) == [ABSENT, P]


@both_engines
def test_all_present_fills_only_the_unmarked_and_is_taken_back_in_one_step(
    workshop: House, cohort_id: int
) -> None:
    people = house.enrolled(workshop, cohort_id, 5)
    today = today_of(cohort_id)
    ahead = BEGUN - timedelta(days=1)
    save(workshop, today, Mark(people[0], EXCUSED, reason="家里有事"), now=ahead)
    save(workshop, today, Mark(people[1], LATE, late_min=5))
    before = stands(today)
    assert before[people[0]][4] is MarkSource.EXCUSE
    filled = save(workshop, today, now=BEGUN + timedelta(minutes=1), all_present=True)
    assert set(filled.saved) == set(people[2:])
    assert stands(today)[people[0]] == before[people[0]]
    assert stands(today)[people[4]][4] is MarkSource.ALL_PRESENT
    trainer = workshop.actor(Role.TRAINER)
    undone = undo(today, by=trainer, now=BEGUN + timedelta(minutes=2))
    assert set(undone.saved) == set(people[2:])
    assert stands(today) == before
    assert history(today, people[4]) == [P, None]
    with pytest.raises(RuleError, match="nothing_to_undo"):
        undo(today, by=trainer, now=BEGUN + timedelta(minutes=3))


@both_engines
def test_undo_restores_what_was_before_and_leaves_what_others_marked_since(
    workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    trainer = workshop.actor(Role.TRAINER)
    save(workshop, today, Mark(first, EXCUSED, reason="家里有事"), now=BEGUN - timedelta(days=1))
    save(workshop, today, Mark(first, P, number=1), Mark(second, P))
    save(workshop, today, Mark(second, ABSENT, number=1), role=Role.COORDINATOR,
         now=BEGUN + timedelta(minutes=1))  # fmt: skip
    outcome = undo(today, by=trainer, now=BEGUN + timedelta(minutes=2))
    assert outcome.saved == (first,)
    assert [one.person_id for one in outcome.conflicts] == [second]
    row = db.session.get_one(Attendance, (first, today))
    assert (row.status, row.reason, row.source) == (EXCUSED, "家里有事", MarkSource.EXCUSE)
    with pytest.raises(RuleError, match="nothing_to_undo"):
        undo(today, by=trainer, now=BEGUN + timedelta(hours=1))


@both_engines
def test_a_wrong_mark_can_be_cleared_and_its_history_stays(workshop: House, cohort_id: int) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    save(workshop, today, Mark(person_id, ABSENT))
    save(workshop, today, Mark(person_id, None, number=1))
    assert stands(today) == {}
    save(workshop, today, Mark(person_id, P, number=2))
    assert history(today, person_id) == [ABSENT, None, P]


@both_engines
def test_a_session_moved_while_the_phone_was_open_says_so_and_saves_nothing(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    with transaction() as session:
        row = session.get_one(Session, today)
        row.starts_min, row.ends_min, row.version = 600, 780, 2
    with pytest.raises(RuleError) as refusal:
        save(workshop, today, Mark(person_id, P))
    assert refusal.value.code == "session_moved"
    assert refusal.value.details["starts_min"] == 600
    assert stands(today) == {}
    later = BEGUN + timedelta(hours=1)
    assert save(workshop, today, Mark(person_id, P), version=2, now=later).saved == (person_id,)


@both_engines
def test_a_cancelled_session_and_a_locked_one_take_no_marks(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    for now, says in (
        (BEGUN + timedelta(days=7), None),
        (BEGUN + timedelta(days=8), "session_locked"),
    ):
        if says is None:
            save(workshop, today, Mark(person_id, P), now=now)
        else:
            with pytest.raises(RuleError, match=says):
                save(workshop, today, Mark(person_id, ABSENT, number=1), now=now)
    with transaction() as session:
        row = session.get_one(Session, today)
        row.state, row.change_reason = SessionState.CANCELLED, "停电"
    with pytest.raises(RuleError, match="session_cancelled"):
        save(workshop, today, Mark(person_id, ABSENT, number=1))
    assert history(today, person_id) == [P]


@both_engines
def test_before_a_session_only_leave_with_its_reason_is_entered(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    ahead = BEGUN - timedelta(days=1)
    with pytest.raises(RuleError, match="session_not_started"):
        save(workshop, today, Mark(person_id, P), now=ahead)
    with pytest.raises(RuleError, match="session_not_started"):
        save(workshop, today, all_present=True, now=ahead)
    ((_, error),) = save(workshop, today, Mark(person_id, EXCUSED), now=ahead).refused
    assert error.code == "leave_needs_reason"
    assert save(workshop, today, Mark(person_id, EXCUSED, reason="复查"), now=ahead).saved


@both_engines
def test_a_learner_of_another_cohort_is_refused_and_a_missed_session_made_up_once(
    workshop: House, cohort_id: int
) -> None:
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=14 * 60, taught_min=120)
    (guest,) = house.enrolled(workshop, other_id)
    (hers,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    missed, second_missed, attended = house.sessions_of(other_id)[:3]
    for session_id, status, day in (
        (missed, ABSENT, 2),
        (second_missed, EXCUSED, 3),
        (attended, P, 4),
    ):
        save(workshop, session_id, Mark(guest, status, reason="病"),
             now=datetime(2026, 11, day, 8, tzinfo=UTC))  # fmt: skip
    outcome = save(workshop, today, Mark(guest, P), Mark(hers, P))
    assert outcome.saved == (hers,)
    assert [(one, error.code) for one, error in outcome.refused] == [(guest, "of_another_cohort")]
    codes = {
        attended: "make_up_not_missed",
        house.sessions_of(cohort_id)[0]: "make_up_not_hers",
    }
    for session_id, code in codes.items():
        ((_, error),) = save(workshop, today, Mark(guest, P, makes_up_id=session_id)).refused
        assert error.code == code
    assert save(workshop, today, Mark(guest, P, makes_up_id=missed)).saved == (guest,)
    row = db.session.get_one(Attendance, (guest, today))
    # No more than the 120 minutes that she missed, to her own cohort.
    assert (row.credited_min, row.cohort_id, row.makes_up_id) == (120, other_id, missed)
    next_day = house.sessions_of(cohort_id)[15]
    ((_, error),) = save(workshop, next_day, Mark(guest, P, makes_up_id=missed)).refused
    assert error.code == "make_up_taken"
    ((_, error),) = save(
        workshop, missed, Mark(guest, P, number=1), now=datetime(2026, 11, 3, tzinfo=UTC)
    ).refused
    assert error.code == "made_up_elsewhere"


@both_engines
def test_nobody_is_present_in_two_classes_at_once(workshop: House, cohort_id: int) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=10 * 60)
    with transaction() as session:
        place = session.get_one(Enrolment, (person_id, cohort_id))
        session.add(Enrolment(
            person_id=person_id, cohort_id=other_id, state=EnrolmentState.TRAINING,
            applied_at=place.applied_at, changed_at=place.changed_at, joined_on=place.joined_on,
            number=1,
        ))  # fmt: skip
    save(workshop, today_of(cohort_id), Mark(person_id, P))
    other = today_of(other_id)
    later = BEGUN + timedelta(hours=1)
    ((_, error),) = save(workshop, other, Mark(person_id, P), now=later).refused
    assert (error.code, error.details) == ("in_other_class", {"cohort": "缝纫初级第 1 期"})
    filled = save(workshop, other, all_present=True, now=later)
    assert (filled.saved, [one for one, _ in filled.refused]) == ((), [person_id])
    assert save(workshop, other, Mark(person_id, ABSENT), now=later).saved == (person_id,)


@both_engines
def test_whoever_was_admitted_and_comes_is_in_training_from_her_first_class(
    workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2, state=EnrolmentState.ADMITTED)
    with transaction() as session:
        for one in (first, second):
            session.get_one(Enrolment, (one, cohort_id)).joined_on = None
    today = today_of(cohort_id)
    save(workshop, today, Mark(first, P), Mark(second, ABSENT))
    rows = {one: db.session.get_one(Enrolment, (one, cohort_id)) for one in (first, second)}
    assert rows[first].state is EnrolmentState.TRAINING
    assert rows[first].joined_on == house.FIRST  # admitted before the cohort began
    assert rows[second].state is EnrolmentState.ADMITTED
    (move,) = db.session.scalars(sa.select(EnrolmentMove)).all()
    assert (move.person_id, move.from_state, move.number) == (first, EnrolmentState.ADMITTED, 1)


@both_engines
def test_after_the_lock_the_office_corrects_with_a_reason_that_is_kept(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    save(workshop, today, Mark(person_id, ABSENT))
    late, clerk = BEGUN + timedelta(days=20), workshop.actor(Role.CLERK)
    with pytest.raises(RuleError, match="reason_needed"):
        correct(today, person_id, P, reason=" ", number=1, by=clerk, now=late)
    stale = correct(today, person_id, P, reason="签到表有签名", number=0, by=clerk, now=late)
    assert stale.conflicts[0].theirs.status is ABSENT
    assert correct(today, person_id, P, reason="签到表有签名", number=1, by=clerk, now=late).saved
    last = db.session.scalars(
        sa.select(AttendanceMark).order_by(AttendanceMark.number.desc())
    ).first()
    assert last is not None
    assert (last.status, last.after_lock, last.reason, last.source, last.booked_month) == (
        P, True, "签到表有签名", MarkSource.CORRECTION, None,
    )  # fmt: skip
    same = correct(today, person_id, P, reason="再看一次", number=2, by=clerk, now=late)
    assert same.unchanged == (person_id,)


@both_engines
def test_a_correction_makes_nobody_present_before_the_session_begins(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today, clerk = today_of(cohort_id), workshop.actor(Role.CLERK)
    yesterday = BEGUN - timedelta(days=1)
    for status in (P, LATE, ABSENT):
        with pytest.raises(RuleError, match="session_not_started"):
            correct(
                today,
                person_id,
                status,
                reason="点错",
                number=0,
                late_min=5,
                by=clerk,
                now=yesterday,
            )
    assert correct(
        today, person_id, EXCUSED, reason="复查", number=0, by=clerk, now=yesterday
    ).saved
    assert correct(today, person_id, P, reason="来了", number=1, by=clerk, now=BEGUN).saved


@both_engines
def test_a_mark_of_a_submitted_month_is_booked_in_the_first_open_one(
    workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    save(workshop, today, Mark(person_id, ABSENT))
    house.submitted(workshop, "2026-11")
    late, clerk = datetime(2026, 12, 20, 3, tzinfo=UTC), workshop.actor(Role.CLERK)
    correct(today, person_id, P, reason="签到表有签名", number=1, by=clerk, now=late)
    marks = db.session.scalars(sa.select(AttendanceMark).order_by(AttendanceMark.number)).all()
    assert [one.booked_month for one in marks] == [None, "2026-12"]


def test_statements_do_not_grow_with_learners_or_history(workshop: House, in_app: Flask) -> None:
    counts = []
    for number, size in ((1, 5), (2, 30)):
        cohort_id = house.cohort(workshop, number=number, sessions=17, starts_min=number * 300)
        people = house.enrolled(workshop, cohort_id, size)
        today = today_of(cohort_id)
        at = BEGUN + timedelta(hours=5)
        with counted(in_app) as sent:
            save(workshop, today, *(Mark(one, P) for one in people), now=at)
        with counted(in_app) as sent_again:
            save(workshop, today, *(Mark(one, ABSENT, number=1) for one in people), now=at)
        counts.append((len(sent), len(sent_again)))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 14
