"""Invariant 9, played at random: one attendance a learner and session, credited ≤ held, a locked session
changes only with a reason, and the rows rebuilt from the marks are the rows that stand."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.access import Role
from core.db import db, transaction
from core.errors import RuleError
from tests.workshop import house
from workshop import queries
from workshop.actions.attendance import correct, mark, undo
from workshop.models import (
    Attendance,
    AttendanceMark,
    Cohort,
    Enrolment,
    Session,
)
from workshop.rules.opening import locks_at
from workshop.values import AttendanceStatus, Mark, MarkSource, RateName

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
STATUS = st.one_of(st.none(), st.sampled_from(list(AttendanceStatus)))
MINUTES = st.integers(0, 40)
LOCK_DAYS = 7


class Classes(RuleBasedStateMachine):
    """Two cohorts of a course, four learners, two trainers; time goes on and marks come in any order."""

    app: Flask
    written: ClassVar[
        list[int]
    ] = []  # marks of each story, so that a test which writes nothing is found out

    def __init__(self) -> None:
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.house = house.build(datetime.fromisoformat("2026-11-01T00:00:00+00:00"))
        self.cohorts = [
            house.cohort(self.house, number=n, sessions=4, starts_min=start)
            for n, start in ((1, 540), (2, 600))  # at hours that overlap
        ]
        self.people = [
            one for cohort in self.cohorts for one in house.enrolled(self.house, cohort, 2)
        ]
        self.sessions = [one for cohort in self.cohorts for one in house.sessions_of(cohort)]
        self.now = db.session.get_one(Session, self.sessions[0]).starts_at
        self.locked_marks: dict[tuple[int, int], int] = {}

    def teardown(self) -> None:
        with transaction() as session:
            self.written.append(
                session.scalar(sa.select(sa.func.count()).select_from(AttendanceMark)) or 0
            )
            for table in reversed(db.metadata.sorted_tables):
                session.execute(table.delete())
        db.session.remove()
        self.context.pop()

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def _try(self, verb: Any, *args: Any, **values: Any) -> None:
        try:
            verb(*args, **values, now=self._tick())
        except RuleError:
            db.session.rollback()

    @rule(nth=st.integers(0, 3), is_own=st.sampled_from([True, True, True, False]), who=st.integers(0, 3),
          status=STATUS, late=MINUTES, early=MINUTES,
          role=st.sampled_from([Role.TRAINER, Role.COORDINATOR]), missed=st.one_of(st.none(), st.integers(0, 7)),
          stale=st.booleans(), fill=st.booleans())  # fmt: skip
    def marks(
        self, nth: int, is_own: bool, who: int, status: Any, late: int, early: int, role: Role,
        missed: int | None, stale: bool, fill: bool,
    ) -> None:  # fmt: skip
        # People and sessions stand cohort by cohort: two of the four, four of the eight are of each.
        cohort = who // 2 if is_own else 1 - who // 2
        person_id, session_id = self.people[who], self.sessions[cohort * 4 + nth]
        number = 0 if stale else self._number(person_id, session_id)
        makes_up = None if missed is None else self.sessions[missed]
        if status is not EXCUSED:  # a story in which every class is still to come says little
            self.now = max(self.now, db.session.get_one(Session, session_id).starts_at)
        one = Mark(person_id, status, late, early, "事由", number, makes_up)
        self._try(mark, session_id, [one], session_version=1, source=MarkSource.THUMB,
                  by=self.house.actor(role), all_present=fill)  # fmt: skip

    @rule(which=st.integers(0, 7), role=st.sampled_from([Role.TRAINER, Role.COORDINATOR]))
    def undoes(self, which: int, role: Role) -> None:
        before = self._rows()
        session_id = self.sessions[which]
        try:
            undo(session_id, by=self.house.actor(role), now=self._tick())
        except RuleError:
            db.session.rollback()
            assert self._rows() == before

    @rule(which=st.integers(0, 7), who=st.integers(0, 3), status=STATUS, minutes=MINUTES,
          reason=st.sampled_from(["", "签到表有签名"]))  # fmt: skip
    def corrects(self, which: int, who: int, status: Any, minutes: int, reason: str) -> None:
        self._try(correct, self.sessions[which], self.people[who], status, reason=reason, number=None,
                  late_min=minutes, early_min=0, by=self.house.actor(Role.CLERK))  # fmt: skip

    @rule(hours=st.sampled_from([0.05, 0.5, 2, 20]))
    def waits(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: len(self._rows()) > 3)
    @rule()
    def everything_is_locked(self) -> None:
        self.now += timedelta(days=LOCK_DAYS + 1)

    def _number(self, person_id: int, session_id: int) -> int:
        found = db.session.scalar(
            sa.select(sa.func.max(AttendanceMark.number)).where(
                AttendanceMark.person_id == person_id, AttendanceMark.session_id == session_id
            )
        )
        return found or 0

    def _rows(self) -> dict[tuple[int, int], tuple[Any, ...]]:
        db.session.rollback()
        return {
            (row.person_id, row.session_id): (
                row.status, row.late_min, row.early_min, row.credited_min, row.makes_up_id, row.source,
                row.reason, row.number, row.cohort_id,
            )
            for row in db.session.scalars(sa.select(Attendance))
        }  # fmt: skip

    @invariant()
    def rows_are_what_the_marks_say(self) -> None:
        rebuilt: dict[tuple[int, int], tuple[Any, ...]] = {}
        numbers: dict[tuple[int, int], int] = {}
        marks = db.session.scalars(
            sa.select(AttendanceMark).order_by(
                AttendanceMark.person_id, AttendanceMark.session_id, AttendanceMark.number
            )
        )
        for one in marks:
            key = (one.person_id, one.session_id)
            numbers[key] = numbers.get(key, 0) + 1
            assert one.number == numbers[key]
            rebuilt.pop(key, None)
            if one.status is not None:
                rebuilt[key] = (
                    one.status, one.late_min, one.early_min, one.credited_min, one.makes_up_id, one.source,
                    one.reason, one.number, one.cohort_id,
                )  # fmt: skip
        assert rebuilt == self._rows()

    @invariant()
    def credited_is_never_more_than_held(self) -> None:
        places = list(db.session.scalars(sa.select(Enrolment)))
        cohorts = {row.id: row for row in db.session.scalars(sa.select(Cohort))}
        for counted in queries.figures_of(places, cohorts, self.now).values():
            assert counted.credited_min <= counted.held_min <= counted.planned_min
            for name in RateName:
                part, whole = counted.share(name)
                assert 0 <= part <= whole

    @invariant()
    def nobody_is_in_two_rooms_and_nothing_is_made_up_twice(self) -> None:
        there: set[tuple[int, Any]] = set()
        made_up: set[tuple[int, int]] = set()
        rows = db.session.execute(
            sa.select(Attendance, Session.on).join(Session, Session.id == Attendance.session_id)
        )
        for row, on in rows:
            if row.status.is_there:
                assert (row.person_id, on) not in there
                there.add((row.person_id, on))
            if row.makes_up_id is not None:
                assert (row.person_id, row.makes_up_id) not in made_up
                made_up.add((row.person_id, row.makes_up_id))

    @invariant()
    def a_locked_session_changed_only_with_a_reason(self) -> None:
        rows = db.session.execute(
            sa.select(AttendanceMark, Session.on).join(
                Session, Session.id == AttendanceMark.session_id
            )
        )
        for one, on in rows:
            is_late = one.at >= locks_at(on, LOCK_DAYS)
            assert one.after_lock is is_late
            if is_late:
                assert one.source is MarkSource.CORRECTION
                assert one.reason
                assert one.by_name == Role.CLERK.value


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
def test_marks_in_any_order_leave_rows_that_the_marks_rebuild(
    in_app: Flask, engine_name: str, tmp_path: Path
) -> None:
    machine = type("Machine", (Classes,), {"app": in_app, "written": []})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10 if engine_name == "sqlite" else 4, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck), derandomize=True, database=None,
        ),
    )  # fmt: skip
    assert sum(machine.written) > 3 * len(machine.written), machine.written  # type: ignore[attr-defined]
