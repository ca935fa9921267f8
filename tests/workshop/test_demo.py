"""The demo tells the same story twice, shows every state at least once, and breaks no rule."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit, clock
from core.access import SYSTEM
from core.accounts.models import User
from core.db import db
from core.demo import tell_core
from core.evidence.models import Attachment
from core.people.actions import add_person
from core.people.models import Person
from core.people.values import Details
from tests.conftest import TEST_SETTINGS, both_engines
from workshop.actions.follow_up_rows import follow_up_days
from workshop.demo import tell
from workshop.models import (
    Assessment,
    Attendance,
    AttendanceMark,
    Certificate,
    CertificateNumber,
    CheckIn,
    Cohort,
    Enrolment,
    EnrolmentMove,
    ExternalCertificate,
    FollowUp,
    FollowUpAttempt,
    GuidanceMeeting,
    HardshipTag,
    Learner,
    LoanApplication,
    NeedsAssessment,
    Placement,
    PlacementMove,
    Session,
    Vacancy,
    Venture,
    VentureMove,
)
from workshop.queries import figures_of
from workshop.rules.hours import can_miss_min
from workshop.values import (
    AttendanceStatus,
    Basis,
    Channel,
    CheckInState,
    CohortState,
    EnrolmentState,
    FollowUpOutcome,
    Form,
    LoanState,
    MarkSource,
    PlacementState,
    SessionState,
    VacancyState,
    VentureStage,
)
from wsgi import create_app

DAY = date(2026, 11, 24)


def _seen(column: Any) -> set[Any]:
    return set(db.session.scalars(sa.select(column).distinct()))


def _all(model: Any, *order: Any) -> list[Any]:
    return list(db.session.scalars(sa.select(model).order_by(*order)))


def _count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


@both_engines
def test_the_story_shows_every_state_and_keeps_every_rule(in_app: Flask) -> None:
    tell_core(DAY)
    tell(DAY)
    _shows_every_state()
    _is_old_enough_and_young_enough()
    _has_work_for_today()
    _counts_seats_and_openings()
    _credits_what_the_marks_say()
    _has_nobody_in_two_places()
    _moves_follow_on_each_other()
    _numbers_certificates_without_gaps()
    _verifies_by_papers()
    audit.seal(clock.moment_of(DAY, time(23)))
    assert audit.verify().fault is None


def _shows_every_state() -> None:
    assert _count(Learner) == 124
    assert _count(Cohort) == 6
    assert _seen(Cohort.state) == set(CohortState)
    assert _seen(Session.state) == set(SessionState)
    assert _seen(Enrolment.state) == set(EnrolmentState)
    assert _seen(EnrolmentMove.to_state) == set(EnrolmentState)
    assert _seen(Attendance.status) == set(AttendanceStatus)
    assert _seen(AttendanceMark.source) == set(MarkSource)
    assert _seen(CheckIn.state) == set(CheckInState)
    assert _seen(Placement.state) == set(PlacementState)
    assert _seen(Placement.channel) == set(Channel)
    assert _seen(Placement.form) == set(Form)
    assert _seen(FollowUp.outcome) == {*FollowUpOutcome, None}
    assert _seen(Vacancy.state) == set(VacancyState)
    assert _seen(Venture.stage) == set(VentureStage)
    assert _seen(LoanApplication.state) == set(LoanState)
    assert _seen(HardshipTag.basis) == set(Basis)
    for model, condition in (
        (Enrolment, Enrolment.offered_until.is_not(None)), (Enrolment, Enrolment.carried_min > 0),
        (Attendance, Attendance.makes_up_id.is_not(None)), (AttendanceMark, AttendanceMark.after_lock),
        (Session, Session.substitute_id.is_not(None)), (Session, Session.version > 1),
        (Certificate, Certificate.revoked_at.is_not(None)), (Assessment, Assessment.number > 1),
        (ExternalCertificate, ExternalCertificate.removed_at.is_(None)),
        (ExternalCertificate, ExternalCertificate.removed_at.is_not(None)),
        (FollowUpAttempt, FollowUpAttempt.put_off_to.is_not(None)), (Vacancy, Vacancy.is_mothers_post),
        (GuidanceMeeting, GuidanceMeeting.voided_at.is_not(None)),
        (GuidanceMeeting, GuidanceMeeting.next_done_on.is_not(None)),
        (Venture, Venture.jobs_created > 1), (Learner, Learner.ended_on.is_not(None)),
        (HardshipTag, HardshipTag.end_reason.is_not(None)),
    ):  # fmt: skip
        assert _count(model, condition), condition
    assert 0.2 < len(_seen(HardshipTag.person_id)) / 124 < 0.45
    assert len(_seen(NeedsAssessment.person_id)) > 100


def _is_old_enough_and_young_enough() -> None:
    ages = [(DAY - row.started_on).days for row in _all(Placement) if row.started_on]
    for low, high in ((180, 400), (90, 180), (30, 90), (0, 30)):
        assert sum(low <= age < high for age in ages) >= 3, (low, high)
    stays = [(row.left_on - row.started_on).days for row in _all(Placement) if row.left_on]
    assert any(days < 30 for days in stays)
    assert any(days >= 30 for days in stays)
    first, last = (
        db.session.scalar(sa.select(each(Session.on)).where(Session.state == SessionState.PLANNED))
        for each in (sa.func.min, sa.func.max)
    )
    assert first is not None and (DAY - first).days > 270
    assert last is not None and last > DAY


def _has_work_for_today() -> None:
    trainer = db.session.scalars(sa.select(User).where(User.name == "laoshi")).one()
    today = [row for row in _all(Session, Session.starts_min) if row.on == DAY]
    assert [row.starts_min // 60 for row in today] == [9, 14, 18]
    assert {row.trainer_id for row in today} == {trainer.id}
    assert _count(CheckIn, CheckIn.state == CheckInState.WAITING) >= 4
    open_follow_ups = [row for row in _all(FollowUp) if row.outcome is None]
    assert any(row.next_on == DAY for row in open_follow_ups)
    assert any(row.next_on < DAY for row in open_follow_ups)
    steps = [row for row in _all(GuidanceMeeting)
             if row.next_on and not row.next_done_on and not row.voided_at]  # fmt: skip
    assert {(row.next_on > DAY) - (row.next_on < DAY) for row in steps} == {-1, 0, 1}
    marked = _seen(Attendance.session_id)
    past = [row for row in _all(Session) if row.on < DAY and row.state is SessionState.PLANNED]
    running = {row.id for row in _all(Cohort) if row.state is CohortState.RUNNING}
    unmarked = [row for row in past if row.cohort_id in running and row.id not in marked]
    assert len(unmarked) == 2
    cohorts = {row.id: row for row in _all(Cohort)}
    training = [row for row in _all(Enrolment) if row.state is EnrolmentState.TRAINING]
    figures = figures_of(training, cohorts, clock.moment_of(DAY, time(8)))
    left = [
        can_miss_min(found, cohorts[cohort_id].policy) for (_, cohort_id), found in figures.items()
    ]
    assert any(each < 0 for each in left)
    assert any(0 <= each < 180 for each in left)


def _counts_seats_and_openings() -> None:
    seats = Counter(
        row.cohort_id for row in _all(Enrolment) if row.state.holds_seat or row.offered_until
    )
    assert {row.id: row.seats_used for row in _all(Cohort)} == {
        row.id: seats[row.id] for row in _all(Cohort)
    }
    used = Counter(row.vacancy_id for row in _all(Placement) if row.state.holds_opening)
    assert {row.id: row.openings_used for row in _all(Vacancy)} == {
        row.id: used[row.id] for row in _all(Vacancy)
    }


def _credits_what_the_marks_say() -> None:
    last: dict[tuple[int, int], AttendanceMark] = {}
    for mark in _all(AttendanceMark, AttendanceMark.number):
        last[mark.person_id, mark.session_id] = mark
    rows = {(row.person_id, row.session_id): row for row in _all(Attendance)}
    said = {key: mark for key, mark in last.items() if mark.status is not None}
    assert rows.keys() == said.keys()
    for key, row in rows.items():
        assert (row.status, row.credited_min, row.number, row.makes_up_id) == (
            said[key].status, said[key].credited_min, said[key].number, said[key].makes_up_id,
        )  # fmt: skip
    made_up = [row.makes_up_id for row in rows.values() if row.makes_up_id]
    assert len(made_up) == len(set(made_up)) == 2


def _has_nobody_in_two_places() -> None:
    sessions = {row.id: row for row in _all(Session) if row.state is SessionState.PLANNED}
    taken: dict[tuple[str, int, date], list[Session]] = defaultdict(list)
    for row in sessions.values():
        taken["room", row.room_id, row.on].append(row)
        taken["teacher", row.substitute_id or row.trainer_id, row.on].append(row)
    for mark in _all(Attendance):
        if mark.status.is_there:
            row = sessions[mark.session_id]
            taken["learner", mark.person_id, row.on].append(row)
    for who, rows in taken.items():
        for one, other in combinations(rows, 2):
            assert one.ends_min <= other.starts_min or other.ends_min <= one.starts_min, who


def _moves_follow_on_each_other() -> None:
    for model, before, after, key, rows in (
        (EnrolmentMove, "from_state", "to_state", "cohort_id", Enrolment),
        (PlacementMove, "from_state", "to_state", "placement_id", Placement),
        (VentureMove, "from_stage", "to_stage", "venture_id", Venture),
    ):
        now: dict[tuple[int, Any], Any] = {}
        numbers: Counter[tuple[int, Any]] = Counter()
        for move in _all(model, model.person_id, model.number):
            place = move.person_id, getattr(move, key)
            numbers[place] += 1
            assert move.number == numbers[place]
            assert getattr(move, before) == now.get(place)
            now[place] = getattr(move, after)
        stands = {
            (row.person_id, row.cohort_id if rows is Enrolment else row.id):
            row.stage if rows is Venture else row.state
            for row in _all(rows)
        }  # fmt: skip
        assert now == stands


def _numbers_certificates_without_gaps() -> None:
    by_year: dict[int, list[int]] = defaultdict(list)
    for row in _all(CertificateNumber, CertificateNumber.serial):
        by_year[row.year].append(row.serial)
    assert all(serials == list(range(1, len(serials) + 1)) for serials in by_year.values())
    in_force = Counter(row.person_id for row in _all(Certificate) if row.revoked_at is None)
    done = {r.person_id for r in _all(Enrolment) if r.state is EnrolmentState.COMPLETED}
    assert in_force == Counter(done)


def _verifies_by_papers() -> None:
    papers = _seen(Attachment.subject)
    for row in _all(Placement):
        if row.verified_on is not None:
            assert f"placement:{row.person_id}.{row.id}" in papers
    followed = Counter((row.person_id, row.placement_id) for row in _all(FollowUp))
    for row in _all(Placement):
        if row.state in (PlacementState.STARTED, PlacementState.VERIFIED):
            assert followed[row.person_id, row.id] == len(follow_up_days())


def _told() -> list[tuple[Any, ...]]:
    rows = db.session.execute(
        sa.select(Person.name, Session.on, Session.starts_min, Attendance.status, Attendance.credited_min)
        .join(Person, Person.id == Attendance.person_id)
        .join(Session, Session.id == Attendance.session_id)
        .order_by(Session.on, Session.starts_min, Person.id)
    )  # fmt: skip
    jobs = db.session.execute(
        sa.select(Person.name, Placement.job_title, Placement.state, Placement.started_on, Placement.left_on)
        .join(Person, Person.id == Placement.person_id)
        .order_by(Person.id, Placement.created_at)
    )  # fmt: skip
    return [tuple(row) for row in (*rows, *jobs)]


@pytest.fixture
def second_app(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """Another app on another database with the same keys."""
    instance = tmp_path / "second"
    shutil.copytree(sqlite_template, instance)
    app = create_app({"INSTANCE": instance, **TEST_SETTINGS})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_story_is_the_same_for_the_same_day(app: Flask, second_app: Flask) -> None:
    told = []
    for each in (app, second_app):
        with each.app_context():
            tell_core(DAY)
            tell(DAY)
            told.append(_told())
    assert told[0] == told[1]
    assert 600 < len(told[0]) < 1600


# New Year's Eve of the lunar calendar, and a holiday shortly before midnight.
@pytest.mark.parametrize("now", [
    datetime(2026, 2, 16, 15), datetime(2026, 10, 2, 23, 50),
])  # fmt: skip
def test_it_can_be_told_on_any_day_at_any_hour(in_app: Flask, now: datetime) -> None:
    day = now.date()
    with clock.at(clock.moment_of(day, now.time())):
        tell_core(day)
        born_on = day.replace(year=day.year - 63, day=1)
        details = Details("李秀英", sex="female", birth_on=born_on, no_id_reason="补办中")
        known = add_person(details, by=SYSTEM, now=clock.now()).id
        tell(day)
    today = [row for row in _all(Session, Session.starts_min) if row.on == day]
    assert [row.starts_min // 60 for row in today] == [9, 14, 18]
    assert _seen(Placement.state) == set(PlacementState)
    latest = db.session.scalar(sa.select(sa.func.max(AttendanceMark.at)))
    assert latest is not None
    assert latest <= clock.moment_of(day, now.time())
    waiting = _count(CheckIn, CheckIn.state == CheckInState.WAITING)
    assert bool(waiting) == (now.hour >= 9)
    places = [row for row in _all(Enrolment) if row.person_id == known]
    assert [(row.is_subsidised, row.not_subsidised_reason) for row in places] == [
        (False, "retired")
    ]
