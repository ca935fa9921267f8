"""What is taught, where and when: skills, courses, rooms, cohorts and their sessions.

Reference tables all: none points to a person, so a city can copy them to each of its databases.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.clock import moment_at
from core.db import Model, Moment, choice
from workshop.values import CohortState, Policy, RateName, SessionState, SkillLevel


class Skill(Model):
    """A trade or ability, editable: what courses teach, vacancies ask for and learners have."""

    __tablename__ = "skill"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class _HasPolicy:
    """What completes a run of a course; a cohort copies its course's, and keeps it when that changes."""

    class_hour_min: Mapped[int] = mapped_column(default=45)
    late_absent_min: Mapped[int] = mapped_column(default=15)
    early_absent_min: Mapped[int] = mapped_column(default=15)
    credited_percent: Mapped[int] = mapped_column(default=80)
    leave_most_percent: Mapped[int] = mapped_column(default=20)
    needs_assessment: Mapped[bool] = mapped_column(default=True)
    pass_mark: Mapped[int] = mapped_column(default=60)
    led_by: Mapped[RateName] = mapped_column(choice(RateName), default=RateName.PLANNED)

    @property
    def policy(self) -> Policy:
        return Policy(
            self.class_hour_min, self.late_absent_min, self.early_absent_min,
            self.credited_percent, self.leave_most_percent, self.needs_assessment,
            self.pass_mark, self.led_by,
        )  # fmt: skip


def _policy_checks() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint("class_hour_min BETWEEN 1 AND 240", name="class_hour"),
        sa.CheckConstraint("late_absent_min BETWEEN 0 AND 240 AND early_absent_min BETWEEN 0 AND 240", name="grace"),
        sa.CheckConstraint("credited_percent BETWEEN 1 AND 100 AND leave_most_percent BETWEEN 0 AND 100",
                           name="shares"),
        sa.CheckConstraint("pass_mark BETWEEN 0 AND 100", name="pass_mark"),
    )  # fmt: skip


class Course(_HasPolicy, Model):
    """What is taught (课程): a skill at a level, so many class hours, and the usual policy."""

    __tablename__ = "course"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skill.id"), index=True)
    level: Mapped[SkillLevel] = mapped_column(choice(SkillLevel))
    class_hours: Mapped[int]
    content: Mapped[str] = mapped_column(sa.Text, default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    skill: Mapped[Skill] = relationship()
    __table_args__ = (
        sa.CheckConstraint("class_hours BETWEEN 1 AND 2000", name="class_hours"),
        *_policy_checks(),
    )


class Room(Model):
    """A room of a workshop in which classes are held."""

    __tablename__ = "room"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(sa.String(32))
    seats: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        sa.UniqueConstraint("site_id", "name"),
        sa.CheckConstraint("seats BETWEEN 1 AND 1000", name="seats"),
    )


class Cohort(_HasPolicy, Model):
    """One run of a course (培训班 第 N 期).

    seats_used: places admitted or offered, raised and lowered in the transaction of each move, so
    that the database itself refuses one too many. planned_min: all its teaching time, minutes.
    """

    __tablename__ = "cohort"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(96))
    state: Mapped[CohortState] = mapped_column(choice(CohortState), default=CohortState.PLANNED)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    capacity: Mapped[int]
    seats_used: Mapped[int] = mapped_column(default=0)
    planned_min: Mapped[int]
    is_subsidised: Mapped[bool] = mapped_column(default=True)
    trainer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    note: Mapped[str] = mapped_column(sa.String(256), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    course: Mapped[Course] = relationship()
    site: Mapped[Any] = relationship("Site", viewonly=True)
    trainer: Mapped[Any] = relationship("User", viewonly=True)
    __table_args__ = (
        sa.UniqueConstraint("course_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
        sa.CheckConstraint("seats_used BETWEEN 0 AND capacity", name="seats_within_capacity"),
        sa.CheckConstraint("planned_min > 0", name="planned"),
        sa.CheckConstraint("(state IN ('closed', 'cancelled')) = (closed_at IS NOT NULL)", name="closed_with_state"),
        *_policy_checks(),
    )  # fmt: skip


class Session(Model):
    """One meeting of a cohort (课次): minutes after midnight of a day, half-open.

    taught_min: what it credits at most, its breaks taken off. The trainer's and the substitute's
    are of this session alone. version is raised by each change of time or place, so that a phone
    that still shows the old ones notices. Check-in by room code is open between two moments.
    """

    __tablename__ = "class_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"))
    on: Mapped[date] = mapped_column(index=True)
    starts_min: Mapped[int]
    ends_min: Mapped[int]
    taught_min: Mapped[int]
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    trainer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    substitute_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    topic: Mapped[str] = mapped_column(sa.String(96), default="")
    state: Mapped[SessionState] = mapped_column(choice(SessionState), default=SessionState.PLANNED)
    change_reason: Mapped[str | None] = mapped_column(sa.String(128))
    version: Mapped[int] = mapped_column(default=1)
    check_in_from: Mapped[datetime | None] = mapped_column(Moment)
    check_in_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    cohort: Mapped[Cohort] = relationship()
    room: Mapped[Room | None] = relationship()
    trainer: Mapped[Any] = relationship("User", foreign_keys=[trainer_id], viewonly=True)
    substitute: Mapped[Any] = relationship("User", foreign_keys=[substitute_id], viewonly=True)
    __table_args__ = (
        sa.Index("ix_class_session_cohort", "cohort_id", "on", "starts_min"),
        sa.Index("ix_class_session_room", "room_id", "on"),
        sa.Index("ix_class_session_trainer", "trainer_id", "on"),
        sa.Index("ix_class_session_substitute", "substitute_id", "on"),
        sa.CheckConstraint("0 <= starts_min AND starts_min < ends_min AND ends_min <= 1440", name="within_day"),
        sa.CheckConstraint("taught_min BETWEEN 1 AND ends_min - starts_min", name="taught_within"),
        sa.CheckConstraint("state <> 'cancelled' OR change_reason IS NOT NULL", name="cancelled_for_reason"),
        sa.CheckConstraint("substitute_id IS NULL OR trainer_id IS NULL OR substitute_id <> trainer_id",
                           name="substitute_is_another"),
        sa.CheckConstraint("check_in_until > check_in_from", name="check_in_in_order"),
    )  # fmt: skip

    @property
    def starts_at(self) -> datetime:
        return moment_at(self.on, self.starts_min)

    @property
    def ends_at(self) -> datetime:
        return moment_at(self.on, self.ends_min)
