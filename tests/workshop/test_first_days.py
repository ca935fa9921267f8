"""Training begins with a mark and ends with it, and what somebody else decided meanwhile stands."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db, transaction
from core.errors import RuleError
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import BEGUN, save, stands, today_of
from workshop.actions import enrolments as verbs
from workshop.actions.attendance import correct, undo
from workshop.models import Cohort, Enrolment, EnrolmentMove, Session
from workshop.rules.moves import check_training_taken_back
from workshop.values import AttendanceStatus, EnrolmentState, Mark

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
E = EnrolmentState
ADMITTED_TO_TRAINING = (E.ADMITTED, E.TRAINING, None)
BACK = (E.TRAINING, E.ADMITTED, "她开始培训所依据的考勤记录已撤销。")


@pytest.fixture
def cohort_id(workshop: House) -> int:
    return house.cohort(workshop, sessions=17)


def admitted(workshop: House, cohort_id: int) -> int:
    (person_id,) = house.enrolled(workshop, cohort_id, state=E.ADMITTED)
    with transaction() as session:
        session.get_one(Enrolment, (person_id, cohort_id)).joined_on = None
    return person_id


def place(person_id: int, cohort_id: int) -> Enrolment:
    db.session.rollback()
    return db.session.get_one(Enrolment, (person_id, cohort_id))


def moves(person_id: int) -> list[tuple[E | None, E, str | None]]:
    rows = db.session.scalars(
        sa.select(EnrolmentMove).where(EnrolmentMove.person_id == person_id).order_by(EnrolmentMove.number)
    ).all()  # fmt: skip
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [(row.from_state, row.to_state, row.reason) for row in rows]


def while_waiting(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """What `second` says when it begins while `first` is done and not committed yet."""
    is_done = threading.Event()

    def run() -> None:
        with app.app_context():
            try:
                with transaction():
                    first()
                    is_done.set()
                    time.sleep(0.5)
            finally:
                is_done.set()
                db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    is_done.wait()
    try:
        return second()
    except RuleError as error:
        return error.code
    finally:
        thread.join()
        db.session.rollback()


@both_engines
def test_a_mistaken_first_mark_that_is_taken_back_leaves_her_admitted(
    workshop: House, cohort_id: int
) -> None:
    person_id = admitted(workshop, cohort_id)
    today, trainer = today_of(cohort_id), workshop.actor(Role.TRAINER)
    seats = db.session.get_one(Cohort, cohort_id).seats_used
    save(workshop, today, Mark(person_id, P))
    assert place(person_id, cohort_id).state is E.TRAINING
    undo(today, by=trainer, now=BEGUN + timedelta(minutes=1))
    row = place(person_id, cohort_id)
    assert (row.state, row.joined_on, row.number) == (E.ADMITTED, None, 1)
    assert moves(person_id) == [ADMITTED_TO_TRAINING, BACK]
    assert db.session.get_one(Cohort, cohort_id).seats_used == seats
    # She comes after all, and the office finds out weeks later that it was somebody else.
    save(
        workshop,
        today,
        Mark(person_id, LATE, late_min=5, number=2),
        now=BEGUN + timedelta(minutes=2),
    )
    assert place(person_id, cohort_id).state is E.TRAINING
    correct(today, person_id, ABSENT, reason="签到表上没有她", number=None,
            by=workshop.actor(Role.CLERK), now=BEGUN + timedelta(days=20))  # fmt: skip
    assert place(person_id, cohort_id).state is E.ADMITTED
    assert moves(person_id) == [ADMITTED_TO_TRAINING, BACK] * 2


@both_engines
def test_whoever_was_there_once_or_was_put_into_training_stays_in_it(
    workshop: House, cohort_id: int
) -> None:
    twice, by_hand = admitted(workshop, cohort_id), admitted(workshop, cohort_id)
    yesterday, today = house.sessions_of(cohort_id)[15:17]
    coordinator = workshop.actor(Role.COORDINATOR)
    save(workshop, yesterday, Mark(twice, P))
    verbs.move(by_hand, cohort_id, E.TRAINING, on=date(2026, 11, 20), by=coordinator, now=BEGUN)
    now = BEGUN + timedelta(minutes=1)
    save(workshop, today, Mark(twice, P), Mark(by_hand, P), now=now)
    undo(today, by=workshop.actor(Role.TRAINER), now=now + timedelta(minutes=1))
    assert stands(today) == {}
    for one in (twice, by_hand):
        assert place(one, cohort_id).state is E.TRAINING
        assert len(moves(one)) == 1
    assert place(by_hand, cohort_id).joined_on == date(2026, 11, 20)


def test_only_a_mark_takes_training_back() -> None:
    check_training_taken_back(E.TRAINING, E.ADMITTED, "x")
    for before, after, reason, code in (
        (E.COMPLETED, E.ADMITTED, "x", "enrolment_no_such_move"),
        (E.TRAINING, E.ADMITTED, " ", "reason_needed"),
    ):
        with pytest.raises(RuleError, match=code):
            check_training_taken_back(before, after, reason)


@both_engines
def test_whoever_is_just_asked_to_admit_by_hand_is_refused(workshop: House, cohort_id: int) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    with pytest.raises(RuleError, match="enrolment_no_such_move"):
        verbs.move(person_id, cohort_id, E.ADMITTED, on=date(2026, 11, 20), reason="x",
                   by=workshop.actor(Role.COORDINATOR), now=BEGUN)  # fmt: skip


@both_engines
def test_whoever_gave_up_while_all_present_was_sent_is_not_in_training(
    workshop: House, in_app: Flask, cohort_id: int
) -> None:
    person_id = admitted(workshop, cohort_id)
    (other,) = house.enrolled(workshop, cohort_id)
    today, coordinator = today_of(cohort_id), workshop.actor(Role.COORDINATOR)
    outcome = while_waiting(
        in_app,
        lambda: verbs.move(person_id, cohort_id, E.GAVE_UP, on=date(2026, 11, 24), reason="找到工作",
                           by=coordinator, now=BEGUN),
        lambda: save(workshop, today, all_present=True),
    )  # fmt: skip
    assert outcome.saved == (other,)
    assert place(person_id, cohort_id).state is E.GAVE_UP
    assert moves(person_id) == [(E.ADMITTED, E.GAVE_UP, "找到工作")]
    assert db.session.get_one(Cohort, cohort_id).seats_used == 1


@both_engines
def test_a_session_moved_into_another_month_meanwhile_is_not_marked_under_the_old_one(
    workshop: House, in_app: Flask, cohort_id: int
) -> None:
    cohort_id = house.cohort(workshop, number=2, sessions=22, starts_min=14 * 60)
    (person_id,) = house.enrolled(workshop, cohort_id)
    last = house.sessions_of(cohort_id)[20]
    assert db.session.get_one(Session, last).on == date(2026, 11, 30)

    def moves_it() -> None:
        db.session.get_one(Session, last, with_for_update=True).on = date(2026, 12, 1)
        db.session.flush()

    db.session.rollback()
    outcome = while_waiting(
        in_app, moves_it,
        lambda: save(workshop, last, Mark(person_id, P), version=None,
                     now=datetime(2026, 12, 2, tzinfo=UTC)),
    )  # fmt: skip
    if db.engine.dialect.name == "postgresql":
        assert outcome == "marked_meanwhile"
    else:  # one writer: the day is read when the move is committed
        assert outcome.saved == (person_id,)
