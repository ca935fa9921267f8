"""Courses, cohorts and sessions on both engines: what is written, refused, and kept in the log."""

import itertools
import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit
from core.access import Role
from core.audit import AuditEntry
from core.clock import moment_at
from core.db import db, transaction
from core.errors import RuleError, described_codes
from core.reports.models import Report
from core.reports.values import ReportState
from core.sites.actions import DayFacts, set_day
from core.sites.models import DayKind, Site, SiteKind
from tests.canteen.crowd import together
from tests.conftest import NOON, both_engines
from tests.workshop import house as h
from tests.workshop.house import House
from workshop.actions import cohorts, courses, enrolments, planning, sessions
from workshop.actions.clashes import clashes_of_learner, clashing_sessions
from workshop.actions.cohorts import CohortFacts
from workshop.actions.courses import CourseFacts
from workshop.actions.open_months import REPORT
from workshop.lists.make_ups import make_ups
from workshop.models import Attendance, Cohort, Course, Enrolment, Room, Session
from workshop.values import (
    AttendanceStatus,
    CohortState,
    EnrolmentState,
    MarkSource,
    Policy,
    SessionState,
    SkillLevel,
)
from workshop.values.schedule import Pattern, Slot

TODAY = date(2026, 11, 24)
MONDAY = date(2026, 11, 30)
FACTS = CohortFacts(date(2026, 11, 24), date(2027, 1, 31), 30)


def who(house: House, role: Role = Role.COORDINATOR) -> dict[str, object]:
    return {"by": house.actor(role), "now": NOON}


def slot(
    house: House, weekday: int = 1, starts: int = 540, ends: int = 720, **more: object
) -> Slot:
    return Slot(weekday, starts, ends, **{"room_id": house.room_id, **more})


def opened(house: House, **more: object) -> int:
    facts = replace(FACTS, **{"trainer_id": house.trainer_id, **more})
    return cohorts.open_cohort(house.course_id, facts, site_id=house.site_id, **who(house)).id


def planned(house: House, cohort_id: int, *slots: Slot, count: int | None = 1) -> list[Session]:
    pattern = Pattern(slots or (slot(house),), MONDAY, count)
    return planning.plan_sessions(cohort_id, pattern, **who(house))


def refusal(call: object, *args: object, **more: object) -> RuleError:
    with pytest.raises(RuleError) as refused:
        call(*args, **more)
    db.session.rollback()
    return refused.value


def mark(person_id: int, row: Session, status: AttendanceStatus, **more: object) -> None:
    with transaction() as session:
        session.add(Attendance(
            person_id=person_id, session_id=row.id, cohort_id=more.pop('cohort_id', row.cohort_id),
            status=status,
            taught_min=row.taught_min, credited_min=row.taught_min if status.is_there else 0,
            source=MarkSource.THUMB, marked_at=NOON, marked_by_name="zheng", **more,
        ))  # fmt: skip


def room(house: House, name: str = "二号教室") -> int:
    return courses.save_room(None, site_id=house.site_id, name=name, seats=20, **who(house)).id


def actions_logged() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


@both_engines
def test_a_cohort_copies_the_policy_and_hours_of_its_course_and_keeps_them(workshop: House) -> None:
    cohort_id = opened(workshop)
    row = db.session.get_one(Cohort, cohort_id)
    assert (row.name, row.number, row.planned_min) == ("缝纫初级第 1 期", 1, 40 * 45)
    assert (row.state, row.policy) == (CohortState.PLANNED, Policy())
    facts = CourseFacts("缝纫初级", workshop.skill_id, SkillLevel.JUNIOR, 60,
                        Policy(class_hour_min=40, credited_percent=90))  # fmt: skip
    courses.save_course(workshop.course_id, facts, **who(workshop))
    db.session.expire_all()
    assert row.policy == Policy()
    second = db.session.get_one(Cohort, opened(workshop))
    assert (second.number, second.planned_min, second.credited_percent) == (2, 2400, 90)


@both_engines
def test_a_cohort_number_is_given_once(workshop: House) -> None:
    opened(workshop)
    error = refusal(cohorts.open_cohort, workshop.course_id, FACTS, site_id=workshop.site_id,
                    number=1, **who(workshop))  # fmt: skip
    assert (error.code, error.details) == ("cohort_number_taken", {"number": 1})


@both_engines
def test_capacity_never_falls_below_the_seats_taken(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=10)
    h.enrolled(workshop, cohort_id, 3)
    facts = CohortFacts(h.FIRST, date(2026, 12, 31), 2, trainer_id=workshop.trainer_id)
    error = refusal(cohorts.change_cohort, cohort_id, facts, **who(workshop))
    assert (error.code, error.details) == ("cohort_capacity_below_seats", {"seats": 3})
    cohorts.change_cohort(cohort_id, replace(facts, capacity=3), **who(workshop))
    assert db.session.get_one(Cohort, cohort_id).capacity == 3


@both_engines
def test_a_cohort_lasts_at_least_as_long_as_its_sessions(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    facts = CohortFacts(h.FIRST + timedelta(days=1), date(2026, 12, 31), 30)
    assert refusal(cohorts.change_cohort, cohort_id, facts, **who(workshop)).code == (
        "cohort_days_leave_sessions"
    )


@both_engines
def test_the_policy_changes_for_a_reason_and_only_before_the_first_mark(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    policy = Policy(class_hour_min=40, credited_percent=70)
    change = {"policy": policy, "class_hours": 30, **who(workshop)}
    assert refusal(cohorts.change_policy, cohort_id, reason=" ", **change).code == "reason_needed"
    cohorts.change_policy(cohort_id, reason="区里新文件", **change)
    row = db.session.get_one(Cohort, cohort_id)
    assert (row.policy, row.planned_min) == (policy, 1200)
    mark(
        person_id,
        db.session.get_one(Session, h.sessions_of(cohort_id)[0]),
        AttendanceStatus.PRESENT,
    )
    error = refusal(cohorts.change_policy, cohort_id, reason="又改", **change)
    assert error.code == "cohort_has_marks"


@both_engines
def test_a_new_trainer_takes_over_what_is_to_come_and_not_what_was_held(workshop: House) -> None:
    cohort_id = h.cohort(workshop, sessions=25)
    facts = CohortFacts(h.FIRST, date(2026, 12, 31), 30, trainer_id=workshop.substitute_id)
    cohorts.change_cohort(cohort_id, facts, **who(workshop))
    rows = db.session.scalars(sa.select(Session).order_by(Session.on)).all()
    # Of today only what has not begun at 11:42; the session of 9:00 has.
    assert {row.trainer_id for row in rows if row.on <= TODAY} == {workshop.trainer_id}
    assert {row.trainer_id for row in rows if row.on > TODAY} == {workshop.substitute_id}
    other = h.cohort(workshop, number=2, sessions=25, starts_min=13 * 60)
    h_facts = replace(facts, trainer_id=workshop.substitute_id)
    cohorts.change_cohort(other, h_facts, **who(workshop))
    third = h.cohort(workshop, number=3, sessions=25, starts_min=14 * 60)
    error = refusal(cohorts.change_cohort, third, h_facts, **who(workshop))
    assert error.code == "trainer_is_elsewhere"
    assert "缝纫初级第 2 期" in error.details["where"]


@both_engines
def test_a_cohort_goes_from_preparation_to_its_end(workshop: House) -> None:
    cohort_id = opened(workshop)
    assert refusal(cohorts.start_cohort, cohort_id, **who(workshop)).code == "cohort_no_such_move"
    cohorts.open_enrolment(cohort_id, **who(workshop))
    assert refusal(cohorts.start_cohort, cohort_id, **who(workshop)).code == (
        "cohort_without_sessions"
    )
    planned(workshop, cohort_id)
    cohorts.start_cohort(cohort_id, **who(workshop))
    [person_id] = h.enrolled(workshop, cohort_id)
    error = refusal(cohorts.close_cohort, cohort_id, **who(workshop))
    assert (error.code, error.details) == ("cohort_has_open_places", {"count": 1})
    with transaction() as session:
        session.get_one(Enrolment, (person_id, cohort_id)).state = EnrolmentState.COMPLETED
    assert refusal(cohorts.close_cohort, cohort_id, **who(workshop)).code == (
        "cohort_has_sessions_ahead"
    )
    later = {**who(workshop), "now": NOON + timedelta(days=30)}
    error = refusal(cohorts.close_cohort, cohort_id, **later)
    assert (error.code, error.details) == ("cohort_hours_missing", {"hours": 36})
    row = cohorts.close_cohort(cohort_id, reason="经费用完", **later)
    assert (row.state, row.closed_at) == (CohortState.CLOSED, later["now"])
    assert refusal(planned, workshop, cohort_id).code == "cohort_is_over"
    assert cohorts.reopen_cohort(cohort_id, reason="补课", **later).closed_at is None


@both_engines
def test_a_cancelled_cohort_cancels_what_was_to_come(workshop: House) -> None:
    cohort_id = h.cohort(workshop, sessions=25)
    cohorts.cancel_cohort(cohort_id, reason="招生不足", **who(workshop))
    rows = db.session.scalars(sa.select(Session)).all()
    assert {row.state for row in rows if row.on <= TODAY} == {SessionState.PLANNED}
    coming = [row for row in rows if row.on > TODAY]
    assert {(row.state, row.change_reason, row.version) for row in coming} == {
        (SessionState.CANCELLED, "招生不足", 2)
    }


@both_engines
def test_sessions_are_planned_until_the_hours_are_full_around_a_holiday(workshop: House) -> None:
    cohort_id = opened(workshop)
    set_day(DayFacts(date(2026, 12, 7), DayKind.HOLIDAY, "停电检修", site_id=workshop.site_id),
            **who(workshop))  # fmt: skip
    pattern = Pattern((slot(workshop, break_min=15), slot(workshop, 4, 14 * 60, 17 * 60)), MONDAY)
    preview = planning.preview_sessions(cohort_id, pattern)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 0
    assert [(one.on, one.name) for one in preview.skipped] == [(date(2026, 12, 7), "停电检修")] + [
        (one.on, one.name) for one in preview.skipped[1:]
    ]
    assert (preview.taught_min, preview.missing_min) == (1800, 0)
    assert list(preview.unknown_years) == [2026] + (
        [2027] if preview.taken[-1].on.year > 2026 else []
    )
    rows = planning.plan_sessions(cohort_id, pattern, seen=preview.digest, **who(workshop))
    assert sum(row.taught_min for row in rows) == 1800
    assert {row.trainer_id for row in rows} == {workshop.trainer_id}
    assert (
        refusal(planning.plan_sessions, cohort_id, pattern, **who(workshop)).code == "schedule_full"
    )
    assert actions_logged()[-1] == "cohort.sessions_planned"


@both_engines
def test_what_changed_since_the_preview_is_not_planned(workshop: House) -> None:
    cohort_id = opened(workshop)
    pattern = Pattern((slot(workshop),), MONDAY)
    seen = planning.preview_sessions(cohort_id, pattern).digest
    planned(workshop, cohort_id, slot(workshop, 2))
    error = refusal(planning.plan_sessions, cohort_id, pattern, seen=seen, **who(workshop))
    assert error.code == "schedule_changed"


@both_engines
def test_a_room_a_trainer_and_a_learner_are_in_one_place_at_a_time(workshop: House) -> None:
    first, second = opened(workshop), opened(workshop, trainer_id=workshop.substitute_id)
    planned(workshop, first)
    error = refusal(planned, workshop, second)
    assert (error.code, error.details["room"]) == ("session_clash_room", "一号教室")
    assert error.details["where"] == "缝纫初级第 1 期 2026-11-30 09:00"
    other = room(workshop)
    third = opened(workshop)
    error = refusal(planned, workshop, third, slot(workshop, room_id=other))
    assert (error.code, error.details["who"]) == ("session_clash_trainer", "zheng")
    [person_id] = h.enrolled(workshop, first)
    with transaction() as session:
        session.add(Enrolment(person_id=person_id, cohort_id=second, applied_at=NOON, changed_at=NOON,
                              state=EnrolmentState.ADMITTED, joined_on=None))  # fmt: skip
    error = refusal(planned, workshop, second, slot(workshop, 1, 11 * 60, 13 * 60, room_id=other))
    assert (error.code, error.details["who"]) == ("session_clash_learner", "学员001")
    assert refusal(planned, workshop, first).code == "session_clash_cohort"
    # When one ends the other may begin.
    planned(workshop, second, slot(workshop, 1, 12 * 60, 13 * 60))
    assert clashes_of_learner(db.session(), person_id, second) == []


@both_engines
def test_a_learners_overlaps_are_told_as_pairs(workshop: House) -> None:
    first, second = opened(workshop), opened(workshop, trainer_id=workshop.substitute_id)
    [one] = planned(workshop, first)
    [two] = planned(workshop, second, slot(workshop, 1, 660, 800, room_id=room(workshop)))
    [person_id] = h.enrolled(workshop, first, joined_on=MONDAY)
    pairs = clashes_of_learner(db.session(), person_id, second)
    assert [(a.id, b.id) for a, b in pairs] == [(two.id, one.id)]
    assert clashes_of_learner(db.session(), person_id, second, leaving_id=first) == []
    assert clashes_of_learner(db.session(), person_id, second, from_on=MONDAY + timedelta(1)) == []
    times = {"on": MONDAY, "starts_min": 700, "ends_min": 760}
    found = clashing_sessions(db.session(), person_ids=[person_id], **times)
    assert [(who_, row.id) for who_, row in found] == [(person_id, one.id)]
    found = clashing_sessions(db.session(), cohort_id=first, **times)
    assert found == []


@both_engines
def test_before_she_joined_she_is_expected_nowhere(workshop: House) -> None:
    first, second = opened(workshop), opened(workshop, trainer_id=workshop.substitute_id)
    planned(workshop, first)
    planned(workshop, second, slot(workshop, room_id=room(workshop)))
    [person_id] = h.enrolled(workshop, first, joined_on=MONDAY + timedelta(days=1))
    assert clashes_of_learner(db.session(), person_id, second) == []


@both_engines
def test_a_session_is_moved_with_its_version_and_the_log_knows_both_times(workshop: House) -> None:
    cohort_id = opened(workshop)
    [row] = planned(workshop, cohort_id)
    with transaction() as session:
        now_row = session.get_one(Session, row.id)
        now_row.check_in_from, now_row.check_in_until = NOON, NOON + timedelta(hours=1)
    change = {"on": MONDAY + timedelta(days=90), "starts_min": 600, "ends_min": 720, "taught_min": 120,
              "room_id": workshop.room_id, "reason": "停电", **who(workshop)}  # fmt: skip
    sessions.reschedule(row.id, version=1, **change)
    row = db.session.get_one(Session, row.id)
    assert (row.on, row.starts_min, row.version, row.change_reason) == (
        MONDAY + timedelta(days=90), 600, 2, "停电",
    )  # fmt: skip
    assert (row.check_in_from, row.check_in_until) == (None, None)
    assert db.session.get_one(Cohort, cohort_id).ends_on == row.on
    assert refusal(sessions.reschedule, row.id, version=1, **change).code == "session_changed"
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    values = audit.values_of([entry])[entry.id]
    assert (values["before"]["starts_min"], values["after"]["starts_min"]) == (540, 600)
    early = {**change, "on": TODAY - timedelta(days=1)}
    assert refusal(sessions.reschedule, row.id, **early).code == "session_before_cohort"


@both_engines
def test_the_last_day_comes_back_with_a_session_that_was_moved_to_a_wrong_year(
    workshop: House,
) -> None:
    cohort_id = opened(workshop)
    first, last = planned(workshop, cohort_id, count=2)
    change = {"starts_min": 600, "ends_min": 720, "taught_min": 120, "room_id": workshop.room_id,
              "reason": "停电", **who(workshop)}  # fmt: skip
    day = last.on

    def ends_on(row: Session, on: date) -> date:
        sessions.reschedule(row.id, on=on, **change)
        return db.session.get_one(Cohort, cohort_id).ends_on

    wrong = day.replace(year=2027)
    assert ends_on(last, wrong) == wrong
    assert ends_on(last, day) == day
    assert ends_on(first, MONDAY + timedelta(days=1)) == day


@both_engines
def test_a_marked_session_keeps_its_time_and_leave_does_not_hold_it(workshop: House) -> None:
    cohort_id = opened(workshop)
    [row] = planned(workshop, cohort_id)
    one, two = h.enrolled(workshop, cohort_id, 2)
    change = {"on": MONDAY, "starts_min": 600, "ends_min": 720, "taught_min": 120,
              "room_id": workshop.room_id, "reason": "停电", **who(workshop)}  # fmt: skip
    mark(one, row, AttendanceStatus.EXCUSED)
    sessions.reschedule(row.id, **change)
    assert sessions.marks_of(db.session(), row.id) == (0, 1)
    mark(two, row, AttendanceStatus.ABSENT)
    error = refusal(sessions.reschedule, row.id, **change)
    assert (error.code, error.details) == ("session_has_marks", {"count": 1})
    sessions.move_room(row.id, room(workshop), reason="漏水", **who(workshop))


@both_engines
def test_only_the_office_takes_marks_out_of_the_count_and_says_so(workshop: House) -> None:
    cohort_id = opened(workshop)
    [row] = planned(workshop, cohort_id)
    [person_id] = h.enrolled(workshop, cohort_id)
    mark(person_id, row, AttendanceStatus.PRESENT)
    cancel = {"reason": "未上课", "drops_marks": True}
    error = refusal(sessions.cancel_session, row.id, **cancel, **who(workshop))
    assert error.code == "session_marks_are_the_offices"
    clerk = who(workshop, Role.CLERK)
    error = refusal(sessions.cancel_session, row.id, reason="未上课", **clerk)
    assert error.code == "session_marks_would_go"
    sessions.cancel_session(row.id, **cancel, **clerk)
    assert db.session.get_one(Session, row.id).state is SessionState.CANCELLED
    assert db.session.get(Attendance, (person_id, row.id)) is not None
    assert (
        refusal(sessions.cancel_session, row.id, **cancel, **clerk).code == "session_is_cancelled"
    )


@both_engines
def test_a_substitute_stands_in_once_and_frees_the_trainer(workshop: House) -> None:
    first = opened(workshop)
    [row] = planned(workshop, first)
    same = {"trainer_id": workshop.trainer_id, "substitute_id": workshop.trainer_id}
    assert refusal(sessions.set_staff, row.id, **same, **who(workshop)).code == (
        "session_substitute_same"
    )
    error = refusal(sessions.set_substitute, row.id, workshop.coordinator_id, reason="病假",
                    **who(workshop))  # fmt: skip
    assert error.code == "no_such_trainer"
    sessions.set_substitute(row.id, workshop.substitute_id, reason="病假", **who(workshop))
    second = opened(workshop)
    planned(workshop, second, slot(workshop, room_id=room(workshop)))
    error = refusal(sessions.set_substitute, row.id, None, reason="", **who(workshop))
    assert error.code == "session_clash_trainer"


@both_engines
def test_a_room_with_sessions_before_it_is_not_retired(workshop: House) -> None:
    planned(workshop, opened(workshop), count=2)
    error = refusal(courses.retire_room, workshop.room_id, **who(workshop))
    assert (error.code, error.details) == ("room_in_use", {"count": 2})
    later = {**who(workshop), "now": datetime(2027, 3, 1, tzinfo=UTC)}
    assert not courses.retire_room(workshop.room_id, **later).is_active
    assert db.session.get_one(Room, workshop.room_id).name == "一号教室"
    courses.retire_course(workshop.course_id, **later)
    assert not db.session.get_one(Course, workshop.course_id).is_active
    assert refusal(opened, workshop).code == "no_such_course"


@both_engines
def test_two_who_want_one_room_at_the_same_moment_are_one_booking(
    in_app: Flask, workshop: House
) -> None:
    ids = [opened(workshop, trainer_id=None) for _ in range(4)]

    def book(cohort_id: int) -> int:
        return len(planned(workshop, cohort_id, count=3))

    found = together(in_app, [lambda c=c: book(c) for c in ids])
    assert sorted(map(str, found)) == ["3", *["session_clash_room"] * 3]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 3


@both_engines
def test_two_sessions_moved_into_one_room_at_once_are_not_both_there(
    in_app: Flask, workshop: House
) -> None:
    target = room(workshop)
    ids = []
    for n in range(3):
        cohort_id = opened(workshop, trainer_id=None)
        own = room(workshop, f"小教室{n}")
        ids.append(planned(workshop, cohort_id, slot(workshop, room_id=own))[0].id)

    def move(session_id: int) -> str:
        sessions.move_room(session_id, target, reason="换大的", **who(workshop))
        return "moved"

    found = together(in_app, [lambda s=s: move(s) for s in ids])
    assert sorted(map(str, found)) == ["moved", *["session_clash_room"] * 2]


@both_engines
def test_one_trainer_wanted_at_two_workshops_at_once_goes_to_one(
    in_app: Flask, workshop: House
) -> None:
    from core.accounts.models import Grant

    with transaction() as session:
        site = Site(slug="er", name="第二微工厂", kind=SiteKind.WORKSHOP, address_style="大姐/大哥")
        session.add(site)
        session.flush()
        session.add(Grant(user_id=workshop.trainer_id, role=Role.TRAINER, site_id=site.id))
        site_id = site.id
    own = opened(workshop)
    facts = replace(FACTS, trainer_id=workshop.trainer_id)
    other = cohorts.open_cohort(workshop.course_id, facts, site_id=site_id, **who(workshop)).id

    def book(cohort_id: int) -> int:
        return len(planned(workshop, cohort_id, slot(workshop, room_id=None)))

    found = together(in_app, [lambda c=c: book(c) for c in (own, other)])
    assert sorted(map(str, found)) == ["1", "session_clash_trainer"]


@both_engines
def test_two_who_open_a_run_at_once_get_two_numbers(in_app: Flask, workshop: House) -> None:
    found = together(in_app, [lambda: opened(workshop)] * 4)
    rows = db.session.scalars(sa.select(Cohort.number).order_by(Cohort.number)).all()
    assert (len(set(found)), list(rows)) == (4, [1, 2, 3, 4])


def test_the_end_of_a_session_is_a_moment_of_its_day(workshop: House) -> None:
    [row] = planned(workshop, opened(workshop))
    assert row.ends_at == moment_at(MONDAY, 720)


def submit(house: House, month: str) -> None:
    """A report of this month was handed in."""
    with transaction() as session:
        session.add(Report(name=REPORT, period=month, scope="all", state=ReportState.SUBMITTED, 
            reviewed_by_id=house.coordinator_id, reviewed_digest="-", issued_by_id=house.trainer_id,
                           created_at=NOON, changed_at=NOON))  # fmt: skip


@both_engines
def test_a_submitted_month_keeps_its_sessions(workshop: House) -> None:
    cohort_id = h.cohort(workshop, first=date(2026, 10, 12), sessions=30)
    ids = h.sessions_of(cohort_id)
    submit(workshop, "2026-10")
    clerk = who(workshop, Role.CLERK)
    error = refusal(sessions.cancel_session, ids[0], reason="未上课", **clerk)
    assert (error.code, error.details) == ("session_month_submitted", {"month": "2026-10"})
    change = {"on": date(2026, 10, 20), "starts_min": 840, "ends_min": 900, "taught_min": 60,
              "room_id": None, "reason": "记错", **clerk}  # fmt: skip
    assert refusal(sessions.reschedule, ids[-1], **change).code == "session_month_submitted"
    late = Pattern((slot(workshop, starts=840, ends=900),), date(2026, 10, 12), 1)
    error = refusal(planning.plan_sessions, cohort_id, late, **clerk)
    assert error.code == "session_month_submitted"
    open_month = replace(late, from_on=date(2026, 11, 2))
    assert len(planning.plan_sessions(cohort_id, open_month, **clerk)) == 1


@both_engines
def test_what_she_missed_can_be_made_up_later_in_another_cohort_of_the_course(
    workshop: House,
) -> None:
    own = h.cohort(workshop, sessions=5)
    [person_id] = h.enrolled(workshop, own)
    missed = db.session.get_one(Session, h.sessions_of(own)[1])
    other = h.cohort(workshop, number=2, sessions=4, starts_min=13 * 60)
    busy = h.cohort(workshop, number=3, sessions=3, starts_min=9 * 60)
    elsewhere = courses.save_course(
        None, CourseFacts("家政", workshop.skill_id, SkillLevel.BASIC, 10), **who(workshop)
    )
    foreign = cohorts.open_cohort(elsewhere.id, FACTS, site_id=workshop.site_id, **who(workshop))
    planned(workshop, foreign.id)
    with transaction() as session:
        session.get_one(Session, missed.id).topic = "领子"
        session.get_one(Session, h.sessions_of(other)[3]).topic = "领子"
    mark(
        person_id,
        db.session.get_one(Session, h.sessions_of(other)[2]),
        AttendanceStatus.ABSENT,
        cohort_id=own,
    )
    found = make_ups(missed, person_id)
    ids = h.sessions_of(other)
    assert [(one.session.id, one.is_free, one.has_topic) for one in found] == [
        (ids[3], True, True),  # the same topic first
        (ids[1], True, False),  # the same afternoon; the one before it was earlier
        (h.sessions_of(busy)[2], False, False),  # she is in her own class then
    ]
    assert make_ups(missed, person_id, now=NOON) == []
    assert make_ups(missed, person_id, site_ids=frozenset({workshop.site_id + 9})) == []


def test_every_coded_error_of_the_schedule_has_a_sentence(in_app: Flask) -> None:
    folder = Path(__file__).parents[2] / "workshop"
    raised = set()
    for path in [*(folder / "actions").glob("*.py"), *(folder / "rules").glob("*.py")]:
        raised |= set(re.findall(r'RuleError\(\s*"(\w+)"', path.read_text("utf-8")))
    assert raised - described_codes() == set()


@both_engines
def test_seats_that_are_added_are_offered_to_those_who_wait(workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=2)
    h.enrolled(workshop, cohort_id, 2)
    [waiting] = h.enrolled(workshop, cohort_id, state=EnrolmentState.WAITLISTED)
    facts = CohortFacts(h.FIRST, date(2026, 12, 31), 3, trainer_id=workshop.trainer_id)
    cohorts.change_cohort(cohort_id, facts, **who(workshop))
    row = db.session.get_one(Enrolment, (waiting, cohort_id))
    assert row.offered_until is not None
    assert db.session.get_one(Cohort, cohort_id).seats_used == 3


@both_engines
def test_admitted_and_planned_at_the_same_moment_she_is_not_in_two_classes(
    in_app: Flask, workshop: House
) -> None:
    first = opened(workshop)
    planned(workshop, first)
    second = opened(workshop, trainer_id=workshop.substitute_id)
    cohorts.open_enrolment(second, **who(workshop))
    [person_id] = h.enrolled(workshop, first, joined_on=TODAY)
    enrolments.apply(person_id, second, on=TODAY, **who(workshop))
    other = room(workshop)

    def admit() -> str:
        enrolments.move(person_id, second, EnrolmentState.ADMITTED, on=TODAY, **who(workshop))
        return "admitted"

    def plan() -> str:
        planned(workshop, second, slot(workshop, room_id=other))
        return "planned"

    found = set(map(str, together(in_app, [admit, plan])))
    assert found in ({"admitted", "session_clash_learner"}, {"planned", "enrolment_clashes"})


@both_engines
def test_a_room_retired_while_a_class_is_planned_in_it_is_one_or_the_other(
    in_app: Flask, workshop: House
) -> None:
    cohort_id = opened(workshop)

    def retire() -> str:
        courses.retire_room(workshop.room_id, **who(workshop))
        return "retired"

    def plan() -> str:
        planned(workshop, cohort_id)
        return "planned"

    found = set(map(str, together(in_app, [retire, plan])))
    assert found in ({"retired", "no_such_room"}, {"planned", "room_in_use"})


@both_engines
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_planned_and_moved_nobody_and_no_room_is_in_two_places(
    workshop: House, seed: int
) -> None:
    dice = random.Random(seed)
    rooms = [workshop.room_id, room(workshop), None]
    staff = [workshop.trainer_id, workshop.substitute_id, None]
    ids = [opened(workshop, trainer_id=dice.choice(staff)) for _ in range(4)]
    people = h.enrolled(workshop, ids[0], 4, joined_on=TODAY)
    with transaction() as session:
        for person_id in people[:2]:
            session.add(Enrolment(person_id=person_id, cohort_id=ids[1], applied_at=NOON, changed_at=NOON,
                                  state=EnrolmentState.TRAINING, joined_on=TODAY))  # fmt: skip
    refused: set[str] = set()

    def one_step() -> None:
        starts = dice.choice(range(480, 1080, 30))
        times = {"starts_min": starts, "ends_min": starts + dice.choice([60, 90, 180])}
        known = list(db.session.scalars(sa.select(Session.id)))
        kind = dice.choice(["plan", "plan", "time", "room", "staff", "cancel"])
        if kind == "plan" or not known:
            planned(workshop, dice.choice(ids), slot(workshop, dice.randint(1, 3), starts,
                    times["ends_min"], room_id=dice.choice(rooms)), count=dice.randint(1, 3))  # fmt: skip
        elif kind == "time":
            on = MONDAY + timedelta(days=dice.randint(0, 16))
            sessions.reschedule(dice.choice(known), on=on, taught_min=30, room_id=dice.choice(rooms),
                                reason="x", **times, **who(workshop))  # fmt: skip
        elif kind == "room":
            sessions.move_room(dice.choice(known), dice.choice(rooms), reason="x", **who(workshop))
        elif kind == "staff":
            sessions.set_staff(dice.choice(known), trainer_id=dice.choice(staff),
                               substitute_id=dice.choice(staff), reason="x", **who(workshop))  # fmt: skip
        else:
            sessions.cancel_session(dice.choice(known), reason="x", **who(workshop))

    for _ in range(90):
        try:
            one_step()
        except RuleError as error:
            db.session.rollback()
            refused.add(error.code)
    assert {"session_clash_room", "session_clash_trainer", "session_clash_cohort"} <= refused
    expected = {(row.cohort_id, row.person_id) for row in db.session.scalars(sa.select(Enrolment))}
    rows = db.session.scalars(sa.select(Session).where(Session.state == SessionState.PLANNED)).all()
    assert len(rows) > 10
    for one, other in itertools.combinations(rows, 2):
        if (
            one.on != other.on
            or one.ends_min <= other.starts_min
            or other.ends_min <= one.starts_min
        ):
            continue
        assert one.cohort_id != other.cohort_id
        assert one.room_id is None or one.room_id != other.room_id
        teacher = one.substitute_id or one.trainer_id
        assert teacher is None or teacher != (other.substitute_id or other.trainer_id)
        assert not any(
            (one.cohort_id, person_id) in expected and (other.cohort_id, person_id) in expected
            for person_id in people
        )
