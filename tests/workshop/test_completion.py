"""Results typed down a column, and completion decided with its explanation."""

from datetime import date

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
from workshop.actions import enrolments as places
from workshop.models import (
    Assessment,
    Attendance,
    Cohort,
    Enrolment,
    EnrolmentMove,
    LearnerSkill,
)
from workshop.proposals import latest_results
from workshop.values import AttendanceStatus, EnrolmentState, MarkSource, SkillLevel, SkillSource

E = EnrolmentState
TODAY = date(2026, 11, 24)


def who(house: House) -> dict:
    return {"on": TODAY, "by": house.actor(Role.COORDINATOR), "now": house.now}


def attend(person_id: int, cohort_id: int, count: int, *, excused: int = 0) -> None:
    """Present in the first sessions, on leave in the next, absent from the rest."""
    with transaction() as session:
        for n, session_id in enumerate(h.sessions_of(cohort_id)):
            status = AttendanceStatus.PRESENT if n < count else AttendanceStatus.ABSENT
            if count <= n < count + excused:
                status = AttendanceStatus.EXCUSED
            session.add(Attendance(
                person_id=person_id, session_id=session_id, cohort_id=cohort_id, taught_min=180,
                status=status, credited_min=180 if n < count else 0, source=MarkSource.THUMB,
                marked_at=h.FIRST_AT, marked_by_name="zheng",
            ))  # fmt: skip


def last_reason(person_id: int) -> str | None:
    return db.session.scalar(
        sa.select(EnrolmentMove.reason)
        .where(EnrolmentMove.person_id == person_id)
        .order_by(EnrolmentMove.number.desc())
        .limit(1)
    )


@both_engines
def test_completion_is_decided_as_proposed_and_says_why(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    good, short, failed = h.enrolled(workshop, cohort_id, 3)
    attend(good, cohort_id, 9, excused=1)
    attend(short, cohort_id, 7)
    attend(failed, cohort_id, 10)
    marks = {good: 85, short: 70, failed: 40}
    assert completion.record_assessments(cohort_id, marks, **who(workshop)) == 3
    found = completion.decide_completion(
        cohort_id, {good: E.COMPLETED, short: E.INCOMPLETE, failed: E.INCOMPLETE}, **who(workshop)
    )
    assert found.done == {good: E.COMPLETED, short: E.INCOMPLETE, failed: E.INCOMPLETE}
    assert last_reason(good) == (
        "计入 36 / 40 学时，要求 32；请假 4 学时，上限 8；考核 85 分，及格 60 分"
    )
    assert last_reason(short) == (
        "计入 28 / 40 学时，要求 32；请假 0 学时，上限 8；考核 70 分，及格 60 分"
    )
    assert db.session.get_one(Cohort, cohort_id).seats_used == 3
    assert completion.undecided(db.session(), cohort_id) == 0


def test_a_decision_against_the_proposal_needs_its_own_reason(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    attend(person_id, cohort_id, 7)
    completion.record_assessment(person_id, cohort_id, 90, **who(workshop))
    decisions = {person_id: E.COMPLETED}
    found = completion.decide_completion(cohort_id, decisions, **who(workshop))
    assert [error.code for _, error in found.refused] == ["completion_needs_reason"]
    assert db.session.get_one(Enrolment, (person_id, cohort_id)).state is E.TRAINING
    found = completion.decide_completion(
        cohort_id, decisions, reason="教室停电补课一次", **who(workshop)
    )
    assert found.done == decisions
    assert (last_reason(person_id) or "").endswith("。另行决定：教室停电补课一次")


def test_an_unmarked_session_is_said_and_leaves_the_proposal_open(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    found = completion.decide_completion(
        cohort_id, {person_id: E.INCOMPLETE}, reason="长期未到", **who(workshop)
    )
    assert found.done == {person_id: E.INCOMPLETE}
    reason = last_reason(person_id) or ""
    assert "40 学时未登记" in reason
    assert "尚无考核成绩" in reason


def test_completion_is_taken_back_with_a_reason_and_decided_again(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    attend(person_id, cohort_id, 9)
    completion.record_assessment(person_id, cohort_id, 50, **who(workshop))
    completion.decide_completion(cohort_id, {person_id: E.INCOMPLETE}, **who(workshop))
    with pytest.raises(RuleError, match="reason_needed"):
        places.move(person_id, cohort_id, E.TRAINING, **who(workshop))
    places.move(person_id, cohort_id, E.TRAINING, reason="补考", **who(workshop))
    completion.record_assessment(person_id, cohort_id, 66, **who(workshop))
    found = completion.decide_completion(cohort_id, {person_id: E.COMPLETED}, **who(workshop))
    assert found.done == {person_id: E.COMPLETED}
    assert [
        row.mark for row in db.session.scalars(sa.select(Assessment).order_by(Assessment.number))
    ] == [50, 66]


def test_nobody_is_decided_twice_or_to_something_else(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    done, waiting = (
        h.enrolled(workshop, cohort_id, state=state)[0] for state in (E.COMPLETED, E.WAITLISTED)
    )
    found = completion.decide_completion(
        cohort_id, {done: E.COMPLETED, waiting: E.INCOMPLETE}, reason="x", **who(workshop)
    )
    assert {error.code for _, error in found.refused} == {"enrolment_no_such_move"}
    [training] = h.enrolled(workshop, cohort_id)
    found = completion.decide_completion(
        cohort_id, {training: E.WITHDRAWN}, reason="x", **who(workshop)
    )
    assert found.done == {}


@both_engines
def test_marks_are_all_recorded_or_none_and_an_unchanged_one_is_not_written_again(
    workshop: House,
) -> None:
    cohort_id = h.cohort(workshop)
    one, two = h.enrolled(workshop, cohort_id, 2)
    [elsewhere] = h.enrolled(workshop, cohort_id, state=E.ADMITTED)
    for marks, code in (({one: 80, two: 101}, "assessment_mark"), ({one: 80, elsewhere: 90}, "assessment_not_training"),
                        ({one: 80, 999: 90}, "enrolment_not_there")):  # fmt: skip
        with pytest.raises(RuleError, match=code):
            completion.record_assessments(cohort_id, marks, **who(workshop))
    assert latest_results(cohort_id) == {}
    assert completion.record_assessments(cohort_id, {one: 80, two: 55}, **who(workshop)) == 2
    assert completion.record_assessments(cohort_id, {one: 80, two: 66}, **who(workshop)) == 1
    results = latest_results(cohort_id)
    assert {n: (row.mark, row.is_passed, row.number) for n, row in results.items()} == {
        one: (80, True, 1), two: (66, True, 2),
    }  # fmt: skip
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "assessment.recorded")
    ).all()
    assert len(entries) == 3


@both_engines
def test_a_mark_that_is_put_back_counts_again(workshop: House) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    for mark in (80, 55, 80, 80):
        completion.record_assessments(cohort_id, {person_id: mark}, **who(workshop))
    latest = latest_results(cohort_id)[person_id]
    assert (latest.mark, latest.is_passed, latest.number) == (80, True, 3)


@both_engines
def test_whoever_completes_has_the_skill_of_the_course_and_a_better_certificate_stays(
    workshop: House,
) -> None:
    cohort_id = h.cohort(workshop)
    new, told, lower, higher, failed = people = h.enrolled(workshop, cohort_id, 5)
    had = {
        told: (SkillLevel.SENIOR, SkillSource.TOLD),
        lower: (SkillLevel.BASIC, SkillSource.CERTIFICATE),
        higher: (SkillLevel.MIDDLE, SkillSource.CERTIFICATE),
    }
    with transaction() as session:
        session.add_all(
            LearnerSkill(person_id=each, skill_id=workshop.skill_id, level=level, source=source,
                         since_on=h.FIRST)
            for each, (level, source) in had.items()
        )  # fmt: skip
    completion.decide_completion(
        cohort_id, {each: E.INCOMPLETE if each == failed else E.COMPLETED for each in people},
        reason="补考通过", **who(workshop),
    )  # fmt: skip

    def skills() -> dict:
        db.session.expire_all()
        rows = db.session.scalars(sa.select(LearnerSkill))
        return {row.person_id: (row.level, row.source, row.since_on) for row in rows}

    by_course = (SkillLevel.JUNIOR, SkillSource.COURSE, TODAY)
    expected = {each: by_course for each in (new, told, lower)}
    expected[higher] = (*had[higher], h.FIRST)
    assert skills() == expected
    noted = db.session.scalars(
        sa.select(AuditEntry.person_id).where(AuditEntry.action == "learner.skill_set")
    )
    assert sorted(noted) == [new, told, lower]
    # Nothing says by which course she has it: it stays when the decision is taken back.
    places.move(new, cohort_id, E.TRAINING, reason="点错了", **who(workshop))
    assert skills() == expected
