"""Places in cohorts, each move between their states, and results of assessments."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import BigId, Model, Moment, choice, new_id
from workshop.models.courses import Cohort
from workshop.models.learners import Learner
from workshop.values import EnrolmentState


class Enrolment(Model):
    """One learner in one cohort (报名). Who waits and was offered a seat holds it until a moment.

    joined_on: from when sessions count as held for her; left_on: her last day, once she is out.
    carried_min: minutes credited in another cohort of the course, brought along by a transfer.
    number: her row on the sheet that is signed and typed back.
    """

    __tablename__ = "enrolment"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    cohort_id: Mapped[int] = mapped_column(sa.ForeignKey("cohort.id"), primary_key=True)
    state: Mapped[EnrolmentState] = mapped_column(
        choice(EnrolmentState), default=EnrolmentState.APPLIED
    )
    applied_at: Mapped[datetime] = mapped_column(Moment)
    waitlisted_at: Mapped[datetime | None] = mapped_column(Moment)
    offered_until: Mapped[datetime | None] = mapped_column(Moment)
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]
    carried_min: Mapped[int] = mapped_column(default=0)
    number: Mapped[int | None]
    is_subsidised: Mapped[bool] = mapped_column(default=True)
    not_subsidised_reason: Mapped[str | None] = mapped_column(sa.String(128))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    learner: Mapped[Learner] = relationship(viewonly=True)
    cohort: Mapped[Cohort] = relationship(viewonly=True)
    person: Mapped[Any] = relationship(
        "Person", primaryjoin="foreign(Enrolment.person_id) == Person.id", viewonly=True
    )
    __table_args__ = (
        sa.Index("ix_enrolment_cohort", "cohort_id", "state"),
        sa.CheckConstraint("(state = 'waitlisted') >= (offered_until IS NOT NULL)", name="offered_while_waiting"),
        sa.CheckConstraint("state <> 'waitlisted' OR waitlisted_at IS NOT NULL", name="waits_since"),
        sa.CheckConstraint("left_on >= joined_on", name="ends_after_start"),
        sa.CheckConstraint("carried_min >= 0", name="carried"),
        sa.CheckConstraint(
            "state NOT IN ('training', 'completed', 'incomplete', 'withdrawn') OR joined_on IS NOT NULL",
            name="joined_with_state",
        ),
        sa.CheckConstraint("is_subsidised OR not_subsidised_reason IS NOT NULL", name="unsubsidised_for_reason"),
    )  # fmt: skip


class EnrolmentMove(Model):
    """One move of an enrolment from state to state; append-only, its own entry in the audit chain."""

    __tablename__ = "enrolment_move"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[int]
    number: Mapped[int]
    from_state: Mapped[EnrolmentState | None] = mapped_column(choice(EnrolmentState, "from_state"))
    to_state: Mapped[EnrolmentState] = mapped_column(choice(EnrolmentState, "to_state"))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(sa.String(256))
    other_cohort_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cohort.id"))
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "cohort_id"], ["enrolment.person_id", "enrolment.cohort_id"]
        ),
        sa.UniqueConstraint("person_id", "cohort_id", "number"),
    )


class Assessment(Model):
    """One result of an assessment: a mark of 100, and whether it passed by the cohort's policy then."""

    __tablename__ = "assessment"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cohort_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date]
    mark: Mapped[int]
    is_passed: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.String(128), default="")
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_name: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "cohort_id"], ["enrolment.person_id", "enrolment.cohort_id"]
        ),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
        sa.CheckConstraint("mark BETWEEN 0 AND 100", name="mark"),
    )
