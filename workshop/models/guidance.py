"""Guidance in starting a business: meetings, the business they are about, and loans for it."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import BigId, Model, Moment, choice, new_id
from core.people.records import kept_record
from core.privacy import Encrypted
from workshop.values import LoanState, VentureStage


class Venture(Model):
    """A business of her own (创业项目), from the idea to its end."""

    __tablename__ = "venture"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(64))
    trade: Mapped[str] = mapped_column(sa.String(64), default="")
    stage: Mapped[VentureStage] = mapped_column(choice(VentureStage), default=VentureStage.IDEA)
    stage_since: Mapped[date]
    plan: Mapped[str | None] = mapped_column(Encrypted)
    licence_on: Mapped[date | None]
    licence_number: Mapped[str | None] = mapped_column(sa.String(32))
    jobs_created: Mapped[int] = mapped_column(default=0)
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    created_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        sa.CheckConstraint("jobs_created >= 0", name="jobs"),
        sa.CheckConstraint("stage NOT IN ('licensed', 'operating') OR licence_on IS NOT NULL",
                           name="licensed_on_a_day"),
        sa.CheckConstraint("(stage = 'ended') = (end_reason IS NOT NULL)", name="end_has_reason"),
    )  # fmt: skip
    person: Mapped[Any] = kept_record(lambda: Venture.person_id)
    learner: Mapped[Any] = relationship("Learner", viewonly=True)


class VentureMove(Model):
    """One move of a venture from stage to stage; append-only, its own entry in the audit chain."""

    __tablename__ = "venture_move"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    venture_id: Mapped[uuid.UUID]
    number: Mapped[int]
    from_stage: Mapped[VentureStage | None] = mapped_column(choice(VentureStage, "from_stage"))
    to_stage: Mapped[VentureStage] = mapped_column(choice(VentureStage, "to_stage"))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(sa.String(128))
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.ForeignKeyConstraint(["person_id", "venture_id"], ["venture.person_id", "venture.id"]),
        sa.UniqueConstraint("person_id", "venture_id", "number"),
    )


class GuidanceMeeting(Model):
    """One meeting with a mentor (创业指导): what was talked about, and what is to be done next.

    next_done_on: when the next step was done, or taken up in a later meeting; until then it is due.
    """

    __tablename__ = "guidance_meeting"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    venture_id: Mapped[uuid.UUID | None]
    on: Mapped[date] = mapped_column(index=True)
    minutes: Mapped[int]
    mentor: Mapped[str] = mapped_column(sa.String(64))
    topic: Mapped[str] = mapped_column(sa.String(96))
    notes: Mapped[str | None] = mapped_column(Encrypted)
    next_step: Mapped[str] = mapped_column(sa.String(128), default="")
    next_on: Mapped[date | None] = mapped_column(index=True)
    next_done_on: Mapped[date | None]
    next_done_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_name: Mapped[str] = mapped_column(sa.String(64))
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    void_reason: Mapped[str | None] = mapped_column(sa.String(128))
    __table_args__ = (
        sa.ForeignKeyConstraint(["person_id", "venture_id"], ["venture.person_id", "venture.id"]),
        sa.CheckConstraint("minutes BETWEEN 1 AND 720", name="minutes"),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_for_reason"),
        sa.CheckConstraint("next_on IS NULL OR next_step <> ''", name="next_day_of_a_step"),
        sa.CheckConstraint("(next_done_on IS NULL) = (next_done_by_name IS NULL)", name="next_done_by_somebody"),
    )  # fmt: skip
    person: Mapped[Any] = kept_record(lambda: GuidanceMeeting.person_id)
    site: Mapped[Any] = relationship("Site", viewonly=True)
    venture: Mapped[Venture | None] = relationship(viewonly=True)


class LoanApplication(Model):
    """A loan asked for, for a venture: how much, of whom, and what became of it. Money in fen."""

    __tablename__ = "loan_application"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    venture_id: Mapped[uuid.UUID]
    bank: Mapped[str] = mapped_column(sa.String(64))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[LoanState] = mapped_column(choice(LoanState), default=LoanState.PREPARING)
    state_since: Mapped[date]
    granted_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    note: Mapped[str] = mapped_column(sa.String(128), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        sa.ForeignKeyConstraint(["person_id", "venture_id"], ["venture.person_id", "venture.id"]),
        sa.CheckConstraint("amount_fen > 0", name="amount"),
        sa.CheckConstraint("granted_fen > 0", name="granted"),
        sa.CheckConstraint("state NOT IN ('approved', 'paid_out', 'repaid') OR granted_fen IS NOT NULL",
                           name="granted_with_state"),
    )  # fmt: skip
