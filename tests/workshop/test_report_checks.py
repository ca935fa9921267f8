"""What is asked about a month before it is issued: exactly the guilty rows, and none in a clean month."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale

from core.db import db, new_id, transaction
from core.evidence.models import Attachment
from core.reports.values import Finding, Period
from tests.canteen.pages import counted
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.told import S
from workshop.models import (
    Attendance,
    CheckIn,
    Cohort,
    Course,
    Employer,
    Enrolment,
    Learner,
    Placement,
    RetirementAge,
    Room,
    Session,
    Vacancy,
)
from workshop.reports.build import build
from workshop.reports.checks import check
from workshop.values import CohortState, EnrolmentState, SkillLevel, WorkerKind

NOVEMBER = Period.parse("2026-11")
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
NAMES = ("安桂兰", "程玉芳", "丁玉珍", "方文", "郭志芳")
FIRST = date(2026, 11, 2)


@dataclass
class Clean:
    """A workshop whose November gives no cause for a question: five learners, five sessions, one job."""

    house: House
    cohort_id: int = 0
    people: list[int] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    job: UUID = field(default_factory=new_id)

    def found(self, period: Period = NOVEMBER, scope: str = "all") -> dict[str, Finding]:
        with force_locale("zh_Hans"):
            return {each.code: each for each in check(build(period, scope, NOW), NOW)}

    def rows(self, code: str) -> list[str]:
        """What the one finding says, and that it is the only one."""
        found = self.found()
        assert list(found) == [code]
        return [text for text, _address in found[code].rows]

    def second(self, **more: Any) -> tuple[int, list[int]]:
        """Another cohort with a session a day, marked by nobody: its learners come with `t.enrol`."""
        cohort_id = h.cohort(self.house, number=2, sessions=1, **more)
        ids = h.sessions_of(cohort_id)
        for session_id in ids:
            attach(f"session:{session_id}")
        return cohort_id, ids


def attach(subject: str, removed: bool = False) -> None:
    with transaction() as session:
        session.add(Attachment(
            subject=subject, title="签到表", media_type="application/pdf", size_bytes=1, pages=1,
            sha256=new_id().hex * 2, uploaded_at=NOW, uploaded_by_name="徐专员",
            removed_at=NOW if removed else None, removed_reason="传错" if removed else None,
        ))  # fmt: skip


@pytest.fixture
def clean(workshop: House) -> Iterator[Clean]:
    made = Clean(workshop)
    made.cohort_id = h.cohort(workshop, sessions=5)
    made.sessions = h.sessions_of(made.cohort_id)
    for number, name in enumerate(NAMES):
        person_id = h.learner(workshop, name, birth_on=date(1985 + number, 3, 1))
        t.named(person_id, name, id_number=f"13049919850301{number:04d}")
        t.enrol(person_id, made.cohort_id, FIRST, number=number + 1)
        made.people.append(person_id)
    for session_id in made.sessions:
        attach(f"session:{session_id}")
        for person_id in made.people:
            t.mark(person_id, session_id)
    for person_id in made.people:
        t.end(person_id, made.cohort_id, EnrolmentState.COMPLETED, date(2026, 11, 10))
    made.job = t.job(workshop, made.people[0], date(2026, 11, 12), verified_on=date(2026, 11, 20))
    attach(f"placement:{made.people[0]}.{made.job}")
    yield made


@both_engines
def test_a_clean_month_is_asked_nothing(clean: Clean) -> None:
    assert clean.found() == {}


@both_engines
def test_a_changed_row_of_attendance_stops_the_issue(clean: Clean) -> None:
    with transaction() as session:
        row = session.get_one(Attendance, (clean.people[0], clean.sessions[0]))
        row.status, row.credited_min = S.ABSENT, 0
    found = clean.found()["marks_differ"]
    assert found.stops
    [(text, _address)] = found.rows
    assert text.startswith("安桂兰")
    assert "现存 缺勤" in text and "登记为 出勤" in text


@both_engines
def test_a_changed_day_of_a_job_stops_the_issue(clean: Clean) -> None:
    with transaction() as session:
        row = session.get_one(Placement, (clean.people[0], clean.job))
        row.started_on = date(2026, 11, 1)
    assert clean.found()["jobs_differ"].stops


@both_engines
def test_a_learner_in_two_classes_at_the_same_hour(clean: Clean) -> None:
    cohort_id, [other] = clean.second()
    with transaction() as session:
        row = session.get_one(Session, other)
        row.room_id, row.trainer_id = None, clean.house.substitute_id
        session.get_one(Cohort, cohort_id).is_subsidised = False
    t.enrol(clean.people[1], cohort_id, FIRST)
    t.mark(clean.people[1], other)
    t.end(clean.people[1], cohort_id, EnrolmentState.COMPLETED, date(2026, 11, 10))
    [row] = clean.rows("learner_twice")
    assert row.startswith("程玉芳") and "第 1 期" in row and "第 2 期" in row
    # It is asked about in the report of one workshop too when the other class was held elsewhere.
    elsewhere = h.second_site(clean.house)
    with transaction() as session:
        session.get_one(Cohort, cohort_id).site_id = elsewhere
    found = clean.found(scope="gongfang")
    assert [text for text, _address in found["learner_twice"].rows] == [row]


@both_engines
def test_a_room_and_a_trainer_with_two_classes_at_the_same_hour(clean: Clean) -> None:
    _cohort, [other] = clean.second(starts_min=h.MORNING + 60)
    found = clean.found()
    assert set(found) == {"room_twice", "trainer_twice"}
    assert found["room_twice"].rows[0][0].startswith("一号教室")
    assert found["trainer_twice"].rows[0][0].startswith("zheng")
    # A substitute stands in, in another room.
    with transaction() as session:
        room = Room(site_id=clean.house.site_id, name="二号教室", seats=20)
        session.add(room)
        session.flush()
        row = session.get_one(Session, other)
        row.room_id, row.substitute_id = room.id, clean.house.substitute_id
    assert clean.found() == {}


@both_engines
def test_classes_one_right_after_the_other_are_no_cause(clean: Clean) -> None:
    clean.second(starts_min=h.MORNING + h.TAUGHT)
    assert clean.found() == {}


@both_engines
def test_a_learner_over_the_age_of_the_table_counted_for_the_subsidy(clean: Clean) -> None:
    from core.people.models import Sex

    with transaction() as session:
        session.execute(sa.delete(RetirementAge))
        session.add(RetirementAge(sex=Sex.FEMALE, worker_kind=WorkerKind.WORKER, born_from=date(1900, 1, 1),
                                  age_months=600, document_no="示例"))  # fmt: skip
    t.named(clean.people[2], "丁玉珍", birth_on=date(1976, 11, 3))
    assert clean.found() == {}  # she turned fifty on the day after she joined
    t.named(clean.people[2], "丁玉珍", birth_on=date(1976, 11, 2))
    [row] = clean.rows("retired")
    assert "2026年11月2日 已达退休年龄" in row
    with transaction() as session:
        place = session.get_one(Enrolment, (clean.people[2], clean.cohort_id))
        place.is_subsidised, place.not_subsidised_reason = False, "已超龄"
    assert clean.found() == {}


@both_engines
def test_the_same_skill_and_level_subsidised_twice(clean: Clean) -> None:
    earlier = h.cohort(
        clean.house, number=7, sessions=2, first=date(2026, 3, 2), state=CohortState.RUNNING
    )
    t.enrol(clean.people[3], earlier, date(2026, 3, 2))
    t.end(clean.people[3], earlier, EnrolmentState.COMPLETED, date(2026, 3, 10))
    [row] = clean.rows("twice")
    assert row.startswith("方文") and "缝纫" in row
    # Another level is another training.
    with transaction() as session:
        course = Course(
            name="缝纫中级", skill_id=clean.house.skill_id, level=SkillLevel.MIDDLE, class_hours=40
        )
        session.add(course)
        session.flush()
        session.get_one(Cohort, earlier).course_id = course.id
    assert clean.found() == {}


@both_engines
def test_a_subsidised_learner_without_a_number_and_one_that_is_there_twice(clean: Clean) -> None:
    t.named(clean.people[4], "郭志芳", id_number=None)
    [row] = clean.rows("no_id")
    assert row == "郭志芳"
    t.named(clean.people[4], "郭志芳", id_number="130499198503010009")
    other = h.learner(clean.house, "郭志芳", birth_on=date(1989, 3, 1))
    [row] = clean.rows("doubles")
    assert str(other) in row


@both_engines
def test_unmarked_learners_and_missing_sheets(clean: Clean) -> None:
    t.mark(clean.people[0], clean.sessions[1], None)
    [row] = clean.rows("unmarked")
    assert row.endswith("应到 5 人，1 人未登记")
    t.mark(clean.people[0], clean.sessions[1])
    with transaction() as session:
        session.execute(
            sa.delete(Attachment).where(Attachment.subject == f"session:{clean.sessions[2]}")
        )
    attach(f"session:{clean.sessions[2]}", removed=True)
    [row] = clean.rows("no_sheet")
    assert "11月4日" in row


@both_engines
def test_sheets_are_not_asked_for_where_the_setting_says_so(clean: Clean, in_app: Flask) -> None:
    with transaction() as session:
        session.execute(sa.delete(Attachment).where(Attachment.subject.startswith("session:")))
    assert set(clean.found()) == {"no_sheet"}
    in_app.config["CHECK_SESSION_SHEET"] = False
    assert clean.found() == {}


@both_engines
def test_many_late_marks_of_one_hand(clean: Clean) -> None:
    late = t.at(FIRST + timedelta(days=4))
    for person_id in clean.people[:4]:
        t.mark(person_id, clean.sessions[0], S.ABSENT, moment=late)
    assert clean.found() == {}
    t.mark(clean.people[4], clean.sessions[0], S.ABSENT, moment=late)
    [row] = clean.rows("late_bulk")
    assert row.endswith("郑老师 登记了 5 名学员")


@both_engines
def test_one_phone_for_three(clean: Clean) -> None:
    for number, person_id in enumerate(clean.people[:3]):
        assert clean.found() == {}, number
        with transaction() as session:
            session.add(CheckIn(person_id=person_id, session_id=clean.sessions[0], cohort_id=clean.cohort_id,
                                at=t.at(FIRST), phone_hash="f" * 64))  # fmt: skip
    [row] = clean.rows("one_phone")
    assert all(name in row for name in NAMES[:3])


@both_engines
def test_in_class_at_the_hours_of_her_job(clean: Clean) -> None:
    with transaction() as session:
        employer = Employer(name="示例服装厂", created_at=NOW)
        session.add(employer)
        session.flush()
        vacancy = Vacancy(employer_id=employer.id, title="缝纫工", openings=1, opened_on=FIRST, weekdays=0b11111,
                          starts_min=8 * 60, ends_min=12 * 60, created_at=NOW)  # fmt: skip
        session.add(vacancy)
        session.flush()
        vacancy_id = vacancy.id
    t.job(clean.house, clean.people[1], date(2026, 11, 5), vacancy_id=vacancy_id)
    found = clean.found()
    assert list(found) == ["at_work"]
    # She began on Thursday: of the five days two are after that.
    assert [text[:3] for text, _address in found["at_work"].rows] == ["程玉芳"] * 2
    with transaction() as session:
        session.get_one(Vacancy, vacancy_id).starts_min = 13 * 60
        session.get_one(Vacancy, vacancy_id).ends_min = 18 * 60
    assert clean.found() == {}


@both_engines
def test_verified_work_whose_paper_was_taken_away(clean: Clean) -> None:
    with transaction() as session:
        paper = session.scalars(
            sa.select(Attachment).where(Attachment.subject.startswith("placement:"))
        ).one()
        paper.removed_at, paper.removed_reason = NOW, "传错"
    [row] = clean.rows("no_evidence")
    assert row == "安桂兰 · 示例服装厂 · 2026年11月20日"


@both_engines
def test_work_that_had_begun_before_she_was_a_learner(clean: Clean) -> None:
    early = t.job(clean.house, clean.people[1], date(2026, 10, 31), verified_on=date(2026, 11, 20))
    attach(f"placement:{clean.people[1]}.{early}")
    [row] = clean.rows("before_registered")
    assert row == "程玉芳 · 示例服装厂：2026年10月31日 到岗，2026年11月2日 登记为学员"
    # Registered in time under a record that was merged into hers.
    before = h.learner(clean.house)
    with transaction() as session:
        session.get_one(Learner, before).registered_on = date(2026, 10, 1)
    t.named(before, "程玉芳", merged_into_id=clean.people[1])
    assert clean.found() == {}


def test_trainings_left_undecided_and_follow_ups_left_undone(clean: Clean) -> None:
    with transaction() as session:
        place = session.get_one(Enrolment, (clean.people[0], clean.cohort_id))
        place.state = EnrolmentState.TRAINING
    [row] = clean.rows("undecided")
    assert row.endswith("仍有 1 人在训")
    with transaction() as session:
        session.get_one(
            Enrolment, (clean.people[0], clean.cohort_id)
        ).state = EnrolmentState.COMPLETED
    t.follow_up(clean.people[0], clean.job, 4, date(2026, 11, 17))
    assert clean.found() == {}  # thirteen days before the end
    t.follow_up(clean.people[0], clean.job, 3, date(2026, 11, 16))
    [row] = clean.rows("overdue")
    assert "3 天回访" in row


@both_engines
def test_a_quarter_asks_only_for_its_months_and_its_books(clean: Clean) -> None:
    found = clean.found(Period.parse("2026-Q4"))
    assert [text for text, _address in found["months_missing"].rows] == [
        "2026-10",
        "2026-11",
        "2026-12",
    ]
    assert list(found) == ["months_missing"]


@both_engines
def test_checking_takes_the_same_number_of_queries_for_any_number_of_rows(
    clean: Clean, in_app: Flask
) -> None:
    built = build(NOVEMBER, "all", NOW)
    with counted(in_app) as few:
        check(built, NOW)
    for number in range(8):
        person_id = h.learner(clean.house, f"增{number}")
        t.enrol(person_id, clean.cohort_id, FIRST)
        for session_id in clean.sessions[:3]:
            t.mark(person_id, session_id)
        t.job(clean.house, person_id, date(2026, 11, 6), verified_on=date(2026, 11, 9))
    built = build(NOVEMBER, "all", NOW)
    with counted(in_app) as many:
        assert check(built, NOW)
    assert len(many) == len(few) <= 30
    db.session.rollback()
