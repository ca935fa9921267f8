"""Attendance: one row a learner and session, every change of it, and check-ins that wait for the trainer."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import BigId, Model, Moment, choice, new_id
from workshop.models.courses import Session
from workshop.values import AttendanceStatus, CheckInState, MarkSource


class Attendance(Model):
    """What is recorded of one learner in one session (考勤). No row: unmarked.

    cohort_id: the cohort that the minutes are credited to, which is her own also when she makes up
    elsewhere; makes_up_id is then the session of hers that it stands for, at most once.
    taught_min: of the session when it was marked. number: of the latest mark in AttendanceMark.
    """

    __tablename__ = "attendance"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("class_session.id"), primary_key=True)
    cohort_id: Mapped[int]
    makes_up_id: Mapped[int | None] = mapped_column(sa.ForeignKey("class_session.id"))
    status: Mapped[AttendanceStatus] = mapped_column(choice(AttendanceStatus))
    late_min: Mapped[int] = mapped_column(default=0)
    early_min: Mapped[int] = mapped_column(default=0)
    taught_min: Mapped[int]
    credited_min: Mapped[int]
    source: Mapped[MarkSource] = mapped_column(choice(MarkSource))
    reason: Mapped[str | None] = mapped_column(sa.String(128))
    number: Mapped[int] = mapped_column(default=1)
    marked_at: Mapped[datetime] = mapped_column(Moment)
    marked_by_name: Mapped[str] = mapped_column(sa.String(64))
    session: Mapped[Session] = relationship(foreign_keys=[session_id], viewonly=True)
    person: Mapped[Any] = relationship(
        "Person", primaryjoin="foreign(Attendance.person_id) == Person.id", viewonly=True
    )
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "cohort_id"], ["enrolment.person_id", "enrolment.cohort_id"]
        ),
        sa.UniqueConstraint("person_id", "makes_up_id"),
        sa.Index("ix_attendance_session", "session_id"),
        sa.Index("ix_attendance_cohort", "cohort_id", "person_id"),
        sa.CheckConstraint("credited_min BETWEEN 0 AND taught_min", name="credited_within_taught"),
        sa.CheckConstraint("status IN ('present', 'late', 'left_early') OR credited_min = 0",
                           name="credited_when_there"),
        sa.CheckConstraint("late_min >= 0 AND early_min >= 0", name="minutes"),
        sa.CheckConstraint("status IN ('late', 'left_early', 'absent') OR (late_min = 0 AND early_min = 0)",
                           name="minutes_with_status"),
        sa.CheckConstraint("status <> 'late' OR late_min > 0", name="late_has_minutes"),
        sa.CheckConstraint("status <> 'left_early' OR early_min > 0", name="early_has_minutes"),
        sa.CheckConstraint("makes_up_id <> session_id", name="makes_up_another"),
    )  # fmt: skip


class AttendanceMark(Model):
    """One change of an attendance; append-only, its own entry in the audit chain.

    The mark with the number before it is what it replaced. status None: the mark was taken away.
    phone_hash: a keyed hash of the browser that sent it. after_lock: by the office, with a reason.
    booked_month: set when the session's month had been submitted: the month that reports it.
    """

    __tablename__ = "attendance_mark"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("class_session.id"))
    cohort_id: Mapped[int]
    number: Mapped[int]
    status: Mapped[AttendanceStatus | None] = mapped_column(choice(AttendanceStatus))
    late_min: Mapped[int] = mapped_column(default=0)
    early_min: Mapped[int] = mapped_column(default=0)
    credited_min: Mapped[int] = mapped_column(default=0)
    makes_up_id: Mapped[int | None]
    source: Mapped[MarkSource] = mapped_column(choice(MarkSource))
    reason: Mapped[str | None] = mapped_column(sa.String(128))
    after_lock: Mapped[bool] = mapped_column(default=False)
    booked_month: Mapped[str | None] = mapped_column(sa.String(7))
    at: Mapped[datetime] = mapped_column(Moment)
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(sa.String(64))
    device_id: Mapped[int | None]
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.UniqueConstraint("person_id", "session_id", "number"),
        sa.Index("ix_attendance_mark_session", "session_id", "at"),
        sa.Index("ix_attendance_mark_booked", "booked_month",
                 sqlite_where=sa.text("booked_month IS NOT NULL"),
                 postgresql_where=sa.text("booked_month IS NOT NULL")),
        sa.CheckConstraint("NOT after_lock OR reason IS NOT NULL", name="corrected_for_reason"),
    )  # fmt: skip


class CheckIn(Model):
    """A learner's own check-in with the room code, waiting for the trainer's word."""

    __tablename__ = "check_in"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("class_session.id"), primary_key=True)
    cohort_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[CheckInState] = mapped_column(choice(CheckInState), default=CheckInState.WAITING)
    phone_hash: Mapped[str] = mapped_column(sa.String(64))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "cohort_id"], ["enrolment.person_id", "enrolment.cohort_id"]
        ),
        sa.Index("ix_check_in_session", "session_id", "phone_hash"),
        sa.CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled_with_state"),
    )  # fmt: skip
