"""Employers, their vacancies, and each woman's way into work and after.

Employers and vacancies are reference tables; placements, their moves and follow-ups begin their
key with person_id.
"""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import BigId, Model, Moment, choice, new_id
from core.people.records import kept_record
from core.privacy import Encrypted
from workshop.models.courses import Skill
from workshop.values import (
    Channel,
    FollowUpOutcome,
    Form,
    LeavingReason,
    PlacementState,
    Shift,
    SkillLevel,
    VacancyState,
)


class Employer(Model):
    """Who gives work (用人单位). The micro-factory itself is one, of the workshop `site_id`."""

    __tablename__ = "employer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(96), unique=True)
    credit_code: Mapped[str | None] = mapped_column(sa.String(18), unique=True)
    is_micro_factory: Mapped[bool] = mapped_column(default=False)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), unique=True)
    contact: Mapped[str] = mapped_column(sa.String(32), default="")
    phone: Mapped[str | None] = mapped_column(Encrypted)
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    address: Mapped[str] = mapped_column(sa.String(128), default="")
    note: Mapped[str] = mapped_column(sa.String(256), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    area: Mapped[Any] = relationship("Area", viewonly=True)
    __table_args__ = (
        sa.CheckConstraint("site_id IS NULL OR is_micro_factory", name="site_of_micro_factory"),
    )


class Vacancy(Model):
    """Openings of one kind at one employer (岗位). Minutes after midnight; wages in fen a month.

    is_mothers_post: 妈妈岗, with the hours kept free for children, care_from_min to care_until_min.
    openings_used: hired and started, raised and lowered in the transaction of each move.
    """

    __tablename__ = "vacancy"
    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(64))
    form: Mapped[Form] = mapped_column(choice(Form), default=Form.EMPLOYED)
    skill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("skill.id"))
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    openings: Mapped[int]
    openings_used: Mapped[int] = mapped_column(default=0)
    shift: Mapped[Shift] = mapped_column(choice(Shift), default=Shift.DAY)
    weekdays: Mapped[int] = mapped_column(default=31)
    starts_min: Mapped[int | None]
    ends_min: Mapped[int | None]
    hours_week: Mapped[int | None]
    is_mothers_post: Mapped[bool] = mapped_column(default=False)
    care_from_min: Mapped[int | None]
    care_until_min: Mapped[int | None]
    wage_from_fen: Mapped[int | None]
    wage_until_fen: Mapped[int | None]
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    opened_on: Mapped[date]
    closes_on: Mapped[date | None]
    state: Mapped[VacancyState] = mapped_column(choice(VacancyState), default=VacancyState.OPEN)
    close_reason: Mapped[str | None] = mapped_column(sa.String(128))
    note: Mapped[str] = mapped_column(sa.String(256), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    employer: Mapped[Employer] = relationship()
    skill: Mapped[Skill | None] = relationship()
    area: Mapped[Any] = relationship("Area", viewonly=True)
    __table_args__ = (
        sa.CheckConstraint("openings BETWEEN 1 AND 10000", name="openings"),
        sa.CheckConstraint("openings_used BETWEEN 0 AND openings", name="used_within_openings"),
        sa.CheckConstraint("(state = 'filled') <= (openings_used = openings)", name="filled_when_used"),
        sa.CheckConstraint("0 <= starts_min AND starts_min < 1440 AND 0 < ends_min AND ends_min <= 1440",
                           name="within_day"),
        sa.CheckConstraint("(starts_min IS NULL) = (ends_min IS NULL)", name="both_times"),
        sa.CheckConstraint("(care_from_min IS NULL) = (care_until_min IS NULL) "
                           "AND (care_from_min IS NULL OR is_mothers_post)",
                           name="care_window_of_mothers_post"),
        sa.CheckConstraint("care_until_min > care_from_min", name="care_in_order"),
        sa.CheckConstraint("wage_from_fen >= 0 AND (wage_until_fen IS NULL OR wage_until_fen >= wage_from_fen)",
                           name="wages"),
        sa.CheckConstraint("hours_week BETWEEN 1 AND 84", name="hours"),
        sa.CheckConstraint("(state = 'closed') = (close_reason IS NOT NULL)", name="closed_for_reason"),
        sa.CheckConstraint("closes_on >= opened_on", name="ends_after_start"),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays"),
    )  # fmt: skip


class Placement(Model):
    """One woman's way into one job (就业登记与跟踪); a second job is a new one. Wage in fen a month.

    Through a referral it begins at `referred` for a vacancy; her own way begins at `started`. It
    counts in the month of verified_on. cohort_id: the training that led to it, where one did.
    told_at: when somebody told her that the vacancy was filled or closed before her turn.
    person: the record that counts, into which her own may have been merged since.
    """

    __tablename__ = "placement"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    form: Mapped[Form] = mapped_column(choice(Form))
    state: Mapped[PlacementState] = mapped_column(choice(PlacementState))
    vacancy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("vacancy.id"), index=True)
    employer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("employer.id"), index=True)
    employer_name: Mapped[str] = mapped_column(sa.String(96))
    job_title: Mapped[str] = mapped_column(sa.String(64))
    cohort_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cohort.id"))
    venture_id: Mapped[uuid.UUID | None]
    started_on: Mapped[date | None] = mapped_column(index=True)
    verified_on: Mapped[date | None] = mapped_column(index=True)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    verified_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    evidence_kind: Mapped[str | None] = mapped_column(sa.String(32))
    left_on: Mapped[date | None] = mapped_column(index=True)
    left_recorded_at: Mapped[datetime | None] = mapped_column(Moment)
    leaving_reason: Mapped[LeavingReason | None] = mapped_column(choice(LeavingReason))
    wage_fen: Mapped[int | None]
    hours_week: Mapped[int | None]
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str | None] = mapped_column(Encrypted)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    vacancy: Mapped[Vacancy | None] = relationship(viewonly=True)
    employer: Mapped[Employer | None] = relationship(viewonly=True)
    person: Mapped[Any] = kept_record(lambda: Placement.person_id)
    __table_args__ = (
        sa.Index("ix_placement_state", "state", "site_id"),
        sa.Index("uq_placement_open_for_vacancy", "person_id", "vacancy_id", unique=True,
                 sqlite_where=sa.text("state IN ('referred', 'interview', 'hired', 'started', 'verified')"),
                 postgresql_where=sa.text("state IN ('referred', 'interview', 'hired', 'started', 'verified')")),
        sa.CheckConstraint("(channel = 'referral') = (vacancy_id IS NOT NULL)", name="referral_has_vacancy"),
        sa.CheckConstraint("channel = 'referral' OR state NOT IN ('referred', 'interview', 'hired', 'not_hired')",
                           name="own_way_begins_at_start"),
        sa.CheckConstraint("(state IN ('started', 'verified', 'left')) = (started_on IS NOT NULL)",
                           name="started_with_state"),
        sa.CheckConstraint("state <> 'verified' OR verified_on IS NOT NULL", name="verified_with_state"),
        sa.CheckConstraint("verified_on IS NULL OR state IN ('verified', 'left')", name="verified_stays"),
        sa.CheckConstraint("(verified_on IS NULL) = (verified_at IS NULL) "
                           "AND (verified_on IS NULL) = (verified_by_name IS NULL)",
                           name="verified_by_somebody"),
        sa.CheckConstraint("(state = 'left') = (left_on IS NOT NULL) "
                           "AND (state = 'left') = (leaving_reason IS NOT NULL)",
                           name="left_for_reason"),
        sa.CheckConstraint("left_on >= started_on", name="ends_after_start"),
        sa.CheckConstraint("verified_on >= started_on", name="verified_after_start"),
        sa.CheckConstraint("wage_fen >= 0", name="wage"),
        sa.CheckConstraint("hours_week BETWEEN 1 AND 84", name="hours"),
    )  # fmt: skip


class PlacementMove(Model):
    """One move of a placement from state to state; append-only, its own entry in the audit chain."""

    __tablename__ = "placement_move"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    placement_id: Mapped[uuid.UUID]
    number: Mapped[int]
    from_state: Mapped[PlacementState | None] = mapped_column(choice(PlacementState, "from_state"))
    to_state: Mapped[PlacementState] = mapped_column(choice(PlacementState, "to_state"))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(sa.String(128))
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "placement_id"], ["placement.person_id", "placement.id"]
        ),
        sa.UniqueConstraint("person_id", "placement_id", "number"),
    )


class FollowUp(Model):
    """One look after her at so many days after the start (回访): due until an outcome stands.

    reported_month: set when an outcome is taken back that a submitted month counted: that month stays
    the one that counts this follow-up, whatever is recorded anew.
    """

    __tablename__ = "follow_up"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    after_days: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date]
    next_on: Mapped[date] = mapped_column(index=True)
    outcome: Mapped[FollowUpOutcome | None] = mapped_column(choice(FollowUpOutcome))
    done_on: Mapped[date | None]
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    reported_month: Mapped[str | None] = mapped_column(sa.String(7))
    employer_name: Mapped[str | None] = mapped_column(sa.String(96))
    wage_fen: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Encrypted)
    placement: Mapped[Placement] = relationship(viewonly=True)
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "placement_id"], ["placement.person_id", "placement.id"]
        ),
        sa.CheckConstraint("after_days BETWEEN 1 AND 1000", name="after_days"),
        sa.CheckConstraint("(outcome IS NULL) = (done_on IS NULL) AND (outcome IS NULL) = (done_at IS NULL)",
                           name="done_with_outcome"),
        sa.CheckConstraint("outcome <> 'other_employer' OR employer_name IS NOT NULL", name="other_employer_named"),
    )  # fmt: skip


class FollowUpAttempt(Model):
    """One try to reach her that did not settle the follow-up: not reached, or put off."""

    __tablename__ = "follow_up_attempt"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    placement_id: Mapped[uuid.UUID]
    after_days: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str | None] = mapped_column(Encrypted)
    put_off_to: Mapped[date | None]
    by_name: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "placement_id", "after_days"],
            ["follow_up.person_id", "follow_up.placement_id", "follow_up.after_days"],
        ),
    )
