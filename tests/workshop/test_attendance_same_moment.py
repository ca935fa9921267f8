"""Two at the same moment: the database lets one win, and the other is told."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db
from core.errors import RuleError
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import BEGUN, save, today_of
from workshop.actions import check_in
from workshop.actions.attendance import mark
from workshop.actions.sessions import cancel_session
from workshop.models import Attendance, AttendanceMark, CheckIn
from workshop.rules import room_code
from workshop.values import AttendanceStatus, Mark, MarkSource, Saved

P, LATE, _EARLY, EXCUSED, ABSENT = AttendanceStatus


def at_once(app: Flask, *verbs: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all let go together; a refusal is returned as its code."""
    start, results = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(place: int, verb: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait()
            try:
                results[place] = verb()
            except RuleError as error:
                results[place] = error.code  # type: ignore[call-overload]
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return results


def marking(
    workshop: House, session_id: int, one: Mark, role: Role = Role.TRAINER
) -> Callable[[], Saved]:
    def verb() -> Saved:
        return mark(session_id, [one], session_version=1, source=MarkSource.THUMB,
                    by=workshop.actor(role), now=BEGUN + timedelta(hours=1))  # fmt: skip

    return verb


@both_engines
def test_two_phones_that_mark_one_learner_leave_one_mark_and_a_conflict(
    workshop: House, in_app: Flask
) -> None:
    cohort_id = house.cohort(workshop, sessions=17)
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    results = at_once(
        in_app, marking(workshop, today, Mark(person_id, P)),
        marking(workshop, today, Mark(person_id, ABSENT), Role.COORDINATOR),
    )  # fmt: skip
    assert sorted(len(one.saved) for one in results) == [0, 1]
    (lost,) = [one for one in results if not one.saved]
    assert lost.conflicts[0].theirs.by_name in (Role.TRAINER.value, Role.COORDINATOR.value)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AttendanceMark)) == 1


@both_engines
def test_two_classes_at_one_hour_cannot_both_have_her(workshop: House, in_app: Flask) -> None:
    from core.db import transaction
    from workshop.models import Enrolment

    first_id = house.cohort(workshop, sessions=17)
    second_id = house.cohort(workshop, number=2, sessions=17, starts_min=600)
    (person_id,) = house.enrolled(workshop, first_id)
    with transaction() as session:
        place = session.get_one(Enrolment, (person_id, first_id))
        session.add(Enrolment(
            person_id=person_id, cohort_id=second_id, state=place.state, number=1,
            applied_at=place.applied_at, changed_at=place.changed_at, joined_on=place.joined_on,
        ))  # fmt: skip
    results = at_once(in_app, *(
        marking(workshop, today_of(one), Mark(person_id, P)) for one in (first_id, second_id)
    ))  # fmt: skip
    assert sorted(len(one.saved) for one in results) == [0, 1]
    (lost,) = [one for one in results if not one.saved]
    assert [error.code for _, error in lost.refused] == ["in_other_class"]


@both_engines
def test_one_missed_session_made_up_in_two_rooms_counts_once(
    workshop: House, in_app: Flask
) -> None:
    own_id = house.cohort(workshop, sessions=17, starts_min=1080)
    rooms = [
        house.cohort(workshop, number=n, sessions=17, starts_min=start) for n, start in ((2, 540), (3, 600))
    ]  # fmt: skip
    (person_id,) = house.enrolled(workshop, own_id)
    missed = house.sessions_of(own_id)[0]
    save(workshop, missed, Mark(person_id, ABSENT), now=BEGUN - timedelta(days=21))
    one = Mark(person_id, P, makes_up_id=missed)
    results = at_once(in_app, *(marking(workshop, today_of(room), one) for room in rooms))
    assert sorted(len(each.saved) for each in results) == [0, 1]
    made_up = sa.select(sa.func.count()).where(Attendance.makes_up_id == missed)
    assert db.session.scalar(made_up) == 1


@both_engines
def test_a_session_cancelled_while_it_is_made_up_keeps_neither_waiting(
    workshop: House, in_app: Flask
) -> None:
    own_id = house.cohort(workshop, sessions=17, starts_min=1080)
    host_id = house.cohort(workshop, number=2, sessions=17)
    (person_id,) = house.enrolled(workshop, own_id)
    missed = house.sessions_of(own_id)[0]
    save(workshop, missed, Mark(person_id, ABSENT), now=BEGUN - timedelta(days=21))

    def cancel() -> None:
        cancel_session(
            missed, reason="停电", drops_marks=True, by=workshop.actor(Role.CLERK), now=BEGUN
        )

    one = Mark(person_id, P, makes_up_id=missed)
    marked, cancelled = at_once(in_app, marking(workshop, today_of(host_id), one), cancel)
    assert cancelled is None
    assert isinstance(marked, Saved)


@both_engines
def test_one_phone_that_sends_for_two_at_once_checks_in_one(workshop: House, in_app: Flask) -> None:
    from core.people.models import Person

    cohort_id = house.cohort(workshop, sessions=17)
    people = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    check_in.open_check_in(today, by=workshop.actor(Role.TRAINER), now=BEGUN)
    code = room_code.current(check_in.key(), today, BEGUN, check_in.step_s())
    known = [
        (row.name, str(row.phone)[-4:])
        for row in (db.session.get_one(Person, one) for one in people)
    ]

    def sending(name: str, last4: str) -> Callable[[], Any]:
        return lambda: check_in.check_in(
            code, name, last4, phone_hash="one", address="192.0.2.7", now=BEGUN
        )

    results = at_once(in_app, *(sending(*pair) for pair in known))
    assert results.count("phone_used") == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CheckIn)) == 1
