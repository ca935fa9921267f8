"""Places in cohorts: from the application to the end, each move with its seat and its record."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from core.access import Role
from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import RuleError
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop.house import House
from workshop.actions import completion
from workshop.actions import enrolments as verbs
from workshop.actions.tables import ensure_tables
from workshop.models import Attendance, Cohort, Enrolment, EnrolmentMove
from workshop.values import AttendanceStatus, CohortState, EnrolmentState, MarkSource

E = EnrolmentState
TODAY = date(2026, 11, 24)


def who(house: House) -> dict:
    return {"by": house.actor(Role.COORDINATOR), "now": house.now}


def place(person_id: int, cohort_id: int) -> Enrolment:
    return db.session.get_one(Enrolment, (person_id, cohort_id))


def seats(cohort_id: int) -> int:
    return db.session.get_one(Cohort, cohort_id).seats_used


def applied(house: House, cohort_id: int, count: int = 1) -> list[int]:
    """So many learners who apply one minute after the other."""
    ids = [h.learner(house, f"学员{n:02d}") for n in range(count)]
    for n, person_id in enumerate(ids):
        verbs.apply(person_id, cohort_id, on=TODAY, by=who(house)["by"],
                    now=house.now + timedelta(minutes=n))  # fmt: skip
    return ids


def moves_of(person_id: int, cohort_id: int) -> list[tuple[str | None, str]]:
    rows = db.session.scalars(
        sa.select(EnrolmentMove)
        .where(EnrolmentMove.person_id == person_id, EnrolmentMove.cohort_id == cohort_id)
        .order_by(EnrolmentMove.number)
    ).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [(row.from_state, row.to_state) for row in rows]


def code_of(call) -> str:
    with pytest.raises(RuleError) as raised:
        call()
    return raised.value.code


@both_engines
def test_a_woman_goes_from_application_to_training_and_each_step_is_recorded(
    workshop: House,
) -> None:
    cohort_id = h.cohort(workshop, capacity=2)
    [person_id] = applied(workshop, cohort_id)
    assert seats(cohort_id) == 0
    verbs.move(person_id, cohort_id, E.ADMITTED, on=TODAY, **who(workshop))
    assert (seats(cohort_id), place(person_id, cohort_id).number) == (1, 1)
    row = verbs.move(person_id, cohort_id, E.TRAINING, on=date(2026, 11, 2), **who(workshop))
    assert row.joined_on == date(2026, 11, 2)
    verbs.move(person_id, cohort_id, E.WITHDRAWN, on=TODAY, reason="孩子生病", **who(workshop))
    row = place(person_id, cohort_id)
    assert (row.left_on, seats(cohort_id)) == (TODAY, 0)
    verbs.move(person_id, cohort_id, E.TRAINING, on=TODAY, reason="回来了", **who(workshop))
    row = place(person_id, cohort_id)
    assert (row.left_on, row.joined_on, row.number) == (None, date(2026, 11, 2), 1)
    assert seats(cohort_id) == 1
    assert moves_of(person_id, cohort_id) == [
        (None, E.APPLIED), (E.APPLIED, E.ADMITTED), (E.ADMITTED, E.TRAINING),
        (E.TRAINING, E.WITHDRAWN), (E.WITHDRAWN, E.TRAINING),
    ]  # fmt: skip


def test_a_move_that_is_not_open_or_lacks_its_reason_changes_nothing(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = applied(workshop, cohort_id)

    def move(to: E, reason: str | None = None) -> str:
        return code_of(lambda: verbs.move(
            person_id, cohort_id, to, on=TODAY, reason=reason, **who(workshop)
        ))  # fmt: skip

    assert move(E.TRAINING) == "enrolment_no_such_move"
    assert move(E.COMPLETED) == "enrolment_no_such_move"
    assert move(E.TRANSFERRED, "x") == "enrolment_no_such_move"
    assert move(E.DECLINED) == "reason_needed"
    assert move(E.GAVE_UP, "  ") == "reason_needed"
    assert place(person_id, cohort_id).state is E.APPLIED
    assert len(moves_of(person_id, cohort_id)) == 1
    tomorrow = TODAY + timedelta(days=1)
    assert code_of(lambda: verbs.move(
        person_id, cohort_id, E.ADMITTED, on=tomorrow, **who(workshop)
    )) == "enrolment_in_future"  # fmt: skip


def test_whoever_gave_up_applies_again_and_keeps_her_row_on_the_sheet(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    first, second = applied(workshop, cohort_id, 2)
    verbs.admit([first, second], cohort_id, or_wait=False, on=TODAY, **who(workshop))
    verbs.move(first, cohort_id, E.GAVE_UP, on=TODAY, reason="没时间", **who(workshop))
    verbs.apply(first, cohort_id, on=TODAY, **who(workshop))
    assert code_of(lambda: verbs.apply(first, cohort_id, on=TODAY, **who(workshop))) == (
        "enrolment_stands"
    )
    [third] = applied(workshop, cohort_id)
    verbs.admit([third, first], cohort_id, or_wait=False, on=TODAY, **who(workshop))
    assert [place(each, cohort_id).number for each in (first, second, third)] == [1, 2, 3]
    assert seats(cohort_id) == 3


@both_engines
def test_many_are_admitted_in_the_order_of_application_and_the_rest_wait(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=3)
    people = applied(workshop, cohort_id, 5)
    found = verbs.admit(people[::-1], cohort_id, or_wait=True, on=TODAY, **who(workshop))
    assert (found.done, found.waiting, found.refused) == (people[:3], people[3:], [])
    assert [place(each, cohort_id).number for each in people] == [1, 2, 3, None, None]
    assert seats(cohort_id) == 3


def test_without_a_wish_to_wait_the_application_stays_as_it_was(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1)
    people = applied(workshop, cohort_id, 2)
    found = verbs.admit(people, cohort_id, or_wait=False, on=TODAY, **who(workshop))
    assert [(person_id, error.code) for person_id, error in found.refused] == [
        (people[1], "enrolment_no_seat")
    ]
    assert place(people[1], cohort_id).state is E.APPLIED


@both_engines
def test_a_freed_seat_is_offered_to_whoever_waits_longest_and_held(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=2, sessions=30)
    people = applied(workshop, cohort_id, 4)
    verbs.admit(people, cohort_id, or_wait=True, on=TODAY, **who(workshop))
    verbs.move(people[0], cohort_id, E.GAVE_UP, on=TODAY, reason="搬家", **who(workshop))
    offered, waiting = (place(each, cohort_id) for each in people[2:])
    assert offered.offered_until == workshop.now + timedelta(hours=48)
    assert (waiting.offered_until, seats(cohort_id)) == (None, 2)
    # Nobody jumps the queue: not by a new application, not from further behind in the line.
    [late] = applied(workshop, cohort_id)
    for each in (late, people[3]):
        assert code_of(lambda each=each: verbs.move(
            each, cohort_id, E.ADMITTED, on=TODAY, **who(workshop)
        )) == "enrolment_no_seat"  # fmt: skip
    verbs.accept_offer(people[2], cohort_id, on=TODAY, **who(workshop))
    row = place(people[2], cohort_id)
    assert (row.state, row.offered_until, row.number) == (E.ADMITTED, None, 3)
    assert seats(cohort_id) == 2
    assert moves_of(people[2], cohort_id)[-1] == (E.WAITLISTED, E.ADMITTED)


def test_a_declined_offer_goes_to_the_next_in_line(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    people = applied(workshop, cohort_id, 3)
    verbs.admit(people, cohort_id, or_wait=True, on=TODAY, **who(workshop))
    verbs.move(people[0], cohort_id, E.NO_SHOW, on=TODAY, reason="未报到", **who(workshop))
    verbs.decline_offer(people[1], cohort_id, on=TODAY, reason="找到工作了", **who(workshop))
    assert place(people[1], cohort_id).state is E.GAVE_UP
    assert place(people[2], cohort_id).offered_until is not None
    assert seats(cohort_id) == 1
    assert code_of(lambda: verbs.decline_offer(
        people[1], cohort_id, on=TODAY, reason="x", **who(workshop)
    )) == "enrolment_no_offer"  # fmt: skip


@both_engines
def test_a_lapsed_offer_goes_to_the_next_and_she_to_the_end_of_the_line(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1, first=date(2026, 11, 30))
    people = applied(workshop, cohort_id, 3)
    verbs.admit(people, cohort_id, or_wait=True, on=TODAY, **who(workshop))
    verbs.move(people[0], cohort_id, E.GAVE_UP, on=TODAY, reason="没时间", **who(workshop))
    assert verbs.sweep_offers(workshop.now + timedelta(hours=47)) == 0
    later = workshop.now + timedelta(hours=48)
    by = who(workshop)["by"]
    assert code_of(lambda: verbs.accept_offer(
        people[1], cohort_id, on=TODAY, by=by, now=later
    )) == "enrolment_offer_lapsed"  # fmt: skip
    assert verbs.sweep_offers(later) == 2
    assert verbs.sweep_offers(later) == 0
    assert place(people[1], cohort_id).offered_until is None
    assert place(people[2], cohort_id).offered_until == later + timedelta(hours=48)
    assert place(people[1], cohort_id).waitlisted_at == later
    assert seats(cohort_id) == 1
    lapsed = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "enrolment.offer_lapsed")
    ).one()
    assert lapsed.person_id == people[1]


def test_a_raised_capacity_is_offered_by_the_sweep(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    people = applied(workshop, cohort_id, 3)
    verbs.admit(people, cohort_id, or_wait=True, on=TODAY, **who(workshop))
    assert verbs.sweep_offers(workshop.now) == 0
    with transaction() as session:
        session.get_one(Cohort, cohort_id).capacity = 2
    assert verbs.sweep_offers(workshop.now) == 1
    assert place(people[1], cohort_id).offered_until is not None
    assert seats(cohort_id) == 2


def test_a_seat_added_later_goes_to_whoever_waits_before_anybody_new(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    people = applied(workshop, cohort_id, 2)
    verbs.admit(people, cohort_id, or_wait=True, on=TODAY, **who(workshop))
    [new] = applied(workshop, cohort_id)
    with transaction() as session:
        session.get_one(Cohort, cohort_id).capacity = 2
    found = verbs.admit([new], cohort_id, or_wait=False, on=TODAY, **who(workshop))
    assert [error.code for _, error in found.refused] == ["enrolment_no_seat"]
    assert place(people[1], cohort_id).offered_until is not None


def test_a_closed_class_takes_nobody_and_offers_nothing_but_lets_go(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1)
    people = applied(workshop, cohort_id, 2)
    verbs.admit(people, cohort_id, or_wait=True, on=TODAY, **who(workshop))
    with transaction() as session:
        row = session.get_one(Cohort, cohort_id)
        row.state, row.closed_at = CohortState.CANCELLED, workshop.now
    verbs.move(people[0], cohort_id, E.GAVE_UP, on=TODAY, reason="停办", **who(workshop))
    assert place(people[1], cohort_id).offered_until is None
    new = h.learner(workshop)
    assert code_of(lambda: verbs.apply(new, cohort_id, on=TODAY, **who(workshop))) == (
        "enrolment_cohort_shut"
    )


def test_she_is_not_admitted_where_her_hours_would_overlap(workshop: House) -> None:
    first = h.cohort(workshop, first=date(2026, 11, 23))
    same_hours = h.cohort(workshop, number=2, first=date(2026, 11, 23))
    evening = h.cohort(workshop, number=3, first=date(2026, 11, 23), starts_min=18 * 60)
    [person_id] = h.enrolled(workshop, first, joined_on=date(2026, 11, 23))
    with pytest.raises(RuleError) as raised:
        verbs.apply(person_id, same_hours, on=TODAY, **who(workshop))
    assert raised.value.code == "enrolment_clashes"
    assert raised.value.details == {
        "cohort": "缝纫初级第 1 期", "count": 9, "day": "2026-11-24", "start": "09:00",
    }  # fmt: skip
    verbs.apply(person_id, evening, on=TODAY, **who(workshop))
    assert place(person_id, evening).state is E.APPLIED


def test_two_applications_are_no_clash_but_two_admissions_are(workshop: House) -> None:
    one = h.cohort(workshop, first=date(2026, 11, 30), state=CohortState.OPEN)
    two = h.cohort(workshop, number=2, first=date(2026, 11, 30), state=CohortState.OPEN)
    [person_id] = applied(workshop, one)
    verbs.apply(person_id, two, on=TODAY, **who(workshop))
    verbs.move(person_id, one, E.ADMITTED, on=TODAY, **who(workshop))
    found = verbs.admit([person_id], two, or_wait=True, on=TODAY, **who(workshop))
    assert [error.code for _, error in found.refused] == ["enrolment_clashes"]


def mark(person_id: int, cohort_id: int, session_id: int, minutes: int) -> None:
    with transaction() as session:
        session.add(Attendance(
            person_id=person_id, session_id=session_id, cohort_id=cohort_id, taught_min=180,
            status=AttendanceStatus.PRESENT, credited_min=minutes, source=MarkSource.THUMB,
            marked_at=h.FIRST_AT, marked_by_name="zheng",
        ))  # fmt: skip


@both_engines
def test_a_transfer_brings_along_what_she_was_credited(workshop: House) -> None:
    old = h.cohort(workshop, capacity=1)  # ten sessions from 2 to 13 November
    new = h.cohort(workshop, number=2, first=date(2026, 11, 23))
    [person_id] = h.enrolled(workshop, old)
    waiting = h.learner(workshop)
    verbs.apply(waiting, old, on=TODAY, **who(workshop))
    verbs.move(waiting, old, E.WAITLISTED, on=TODAY, **who(workshop))
    for session_id in h.sessions_of(old)[:3]:
        mark(person_id, old, session_id, 180)
    verbs.transfer(person_id, old, new, on=TODAY, reason="改上晚班", **who(workshop))
    left, joined = place(person_id, old), place(person_id, new)
    assert (left.state, left.left_on) == (E.TRANSFERRED, TODAY)
    assert (joined.state, joined.joined_on, joined.carried_min) == (E.TRAINING, TODAY, 540)
    assert moves_of(person_id, old)[-1] == (E.TRAINING, E.TRANSFERRED)
    assert moves_of(person_id, new) == [
        (None, E.APPLIED), (E.APPLIED, E.ADMITTED), (E.ADMITTED, E.TRAINING),
    ]  # fmt: skip
    assert (seats(old), seats(new)) == (0, 1), "the old class has ended, so nobody is asked"
    records = db.session.scalars(
        sa.select(EnrolmentMove).where(EnrolmentMove.person_id == person_id)
    ).all()
    assert {(row.cohort_id, row.other_cohort_id) for row in records} == {(old, new), (new, old)}
    assert {row.reason for row in records} == {"改上晚班"}


def test_the_seat_left_by_a_transfer_is_offered(workshop: House) -> None:
    old = h.cohort(workshop, capacity=1, sessions=30)
    new = h.cohort(workshop, number=2, starts_min=18 * 60)
    [person_id] = h.enrolled(workshop, old)
    [waiting] = applied(workshop, old)
    verbs.move(waiting, old, E.WAITLISTED, on=TODAY, **who(workshop))
    verbs.transfer(person_id, old, new, on=TODAY, reason="改上晚班", **who(workshop))
    assert place(waiting, old).offered_until is not None
    assert (seats(old), seats(new)) == (1, 1)


def test_carried_minutes_never_exceed_what_is_planned(workshop: House) -> None:
    old, new = h.cohort(workshop, sessions=10), h.cohort(workshop, number=2, sessions=2)
    [person_id] = h.enrolled(workshop, old)
    for session_id in h.sessions_of(old)[:3]:
        mark(person_id, old, session_id, 180)
    verbs.transfer(person_id, old, new, on=TODAY, reason="合班", **who(workshop))
    assert place(person_id, new).carried_min == 360


def test_a_transfer_is_refused_with_its_reason_and_leaves_everything(workshop: House) -> None:
    old, full = h.cohort(workshop), h.cohort(workshop, number=2, capacity=1, starts_min=18 * 60)
    h.enrolled(workshop, full)
    [person_id] = h.enrolled(workshop, old)
    elsewhere = h.cohort(workshop, course_id=h.other_course(workshop))

    def try_to(cohort_id: int, **more) -> str:
        values = {"on": TODAY, "reason": "x", **who(workshop), **more}
        return code_of(lambda: verbs.transfer(person_id, old, cohort_id, **values))

    assert try_to(full) == "enrolment_no_seat"
    assert try_to(elsewhere) == "enrolment_other_course"
    assert try_to(old) == "enrolment_to_itself"
    assert try_to(full, reason="") == "reason_needed"
    mark(person_id, old, h.sessions_of(old)[5], 180)
    assert try_to(full, on=date(2026, 11, 6)) == "enrolment_marks_after"
    assert place(person_id, old).state is E.TRAINING
    assert (seats(old), seats(full)) == (1, 1)


def test_no_show_is_refused_for_whoever_attended(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id, state=E.ADMITTED)
    mark(person_id, cohort_id, h.sessions_of(cohort_id)[0], 180)
    assert code_of(lambda: verbs.move(
        person_id, cohort_id, E.NO_SHOW, on=TODAY, reason="未报到", **who(workshop)
    )) == "enrolment_has_marks"  # fmt: skip


def test_the_same_skill_and_level_counts_for_subsidy_once(workshop: House) -> None:
    first, second = h.cohort(workshop), h.cohort(workshop, number=2, starts_min=18 * 60)
    [person_id] = h.enrolled(workshop, first)
    row = verbs.apply(person_id, second, on=TODAY, **who(workshop))
    assert (row.is_subsidised, row.not_subsidised_reason) == (False, "taught_before")
    row = verbs.set_subsidised(person_id, second, True, reason="区人社局同意", **who(workshop))
    assert (row.is_subsidised, row.not_subsidised_reason) == (True, None)
    assert code_of(lambda: verbs.set_subsidised(
        person_id, second, False, reason=" ", **who(workshop)
    )) == "reason_needed"  # fmt: skip


def test_over_the_retirement_age_she_learns_and_is_not_counted(workshop: House) -> None:
    ensure_tables(**who(workshop))
    cohort_id = h.cohort(workshop, first=date(2026, 11, 30), state=CohortState.OPEN)
    # 原 50 周岁: born on 1 November 1976, delayed by 12 months, she is over it from 1 November 2027;
    # born on 1 March 1975, by 2 months, since 1 May 2025.
    for birth_on, reason in ((date(1976, 11, 1), None), (date(1975, 3, 1), "retired")):
        person_id = h.learner(workshop, birth_on=birth_on)
        row = verbs.apply(person_id, cohort_id, on=TODAY, **who(workshop))
        assert (row.state, row.not_subsidised_reason) == (E.APPLIED, reason)
        verbs.move(person_id, cohort_id, E.ADMITTED, on=TODAY, **who(workshop))


def test_training_starts_for_many_at_once_on_one_day(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    people = applied(workshop, cohort_id, 3)
    verbs.admit(people[:2], cohort_id, or_wait=False, on=TODAY, **who(workshop))
    found = verbs.start_training(people, cohort_id, on=date(2026, 11, 2), **who(workshop))
    assert found.done == people[:2]
    assert [error.code for _, error in found.refused] == ["enrolment_no_such_move"]
    assert {place(each, cohort_id).joined_on for each in people[:2]} == {date(2026, 11, 2)}


@both_engines
def test_nothing_happens_in_a_class_before_there_is_one(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = applied(workshop, cohort_id)
    year_before = {"on": TODAY.replace(year=2025), **who(workshop)}
    found = verbs.admit([person_id], cohort_id, or_wait=True, **year_before)
    assert [error.code for _, error in found.refused] == ["enrolment_before_class"]
    verbs.admit([person_id], cohort_id, or_wait=False, on=TODAY, **who(workshop))
    found = verbs.start_training([person_id], cohort_id, **year_before)
    assert [error.code for _, error in found.refused] == ["enrolment_before_class"]
    verbs.start_training([person_id], cohort_id, on=h.FIRST, **who(workshop))
    taken = code_of(
        lambda: completion.record_assessments(cohort_id, {person_id: 80}, **year_before)
    )
    assert taken == "enrolment_before_class"
    decided = completion.decide_completion(
        cohort_id, {person_id: E.COMPLETED}, reason="已到期", **year_before
    )
    assert [error.code for _, error in decided.refused] == ["enrolment_before_class"]
    assert place(person_id, cohort_id).state is E.TRAINING


def test_an_ended_learner_cannot_apply(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    person_id = h.learner(workshop)
    h.ended(person_id, TODAY)
    assert code_of(lambda: verbs.apply(person_id, cohort_id, on=TODAY, **who(workshop))) == (
        "enrolment_learner_ended"
    )
    assert code_of(lambda: verbs.apply(999, cohort_id, on=TODAY, **who(workshop))) == (
        "enrolment_no_learner"
    )
    assert code_of(lambda: verbs.apply(person_id, 999, on=TODAY, **who(workshop))) == (
        "enrolment_no_cohort"
    )
