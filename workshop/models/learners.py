"""Who learns: learners over the one registry of persons, with what is dated about them.

Per-person tables begin their key with person_id. Hardship is never loaded for a trainer's page.
"""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import BigId, Model, Moment, choice, new_id
from core.people.models import Sex
from core.privacy import Encrypted
from workshop.models.courses import Skill
from workshop.values import Basis, Mobility, Reach, SkillLevel, SkillSource, WorkerKind


class Learner(Model):
    """A person enrolled in the workshop (学员)."""

    __tablename__ = "learner"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    home_site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    registered_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    worker_kind: Mapped[WorkerKind] = mapped_column(choice(WorkerKind), default=WorkerKind.WORKER)
    unemployed_since: Mapped[date | None]
    coordinator_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    note: Mapped[str | None] = mapped_column(Encrypted)
    created_at: Mapped[datetime] = mapped_column(Moment)
    person: Mapped[Any] = relationship("Person", viewonly=True)
    home_site: Mapped[Any] = relationship("Site", viewonly=True)
    coordinator: Mapped[Any] = relationship("User", viewonly=True)
    __table_args__ = (
        sa.CheckConstraint("ended_on >= registered_on", name="ends_after_start"),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
    )


class HardshipCategory(Model):
    """A kind of hardship (困难类别), editable: 零就业家庭, 低保, 单亲 … Local rules name them."""

    __tablename__ = "hardship_category"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class HardshipTag(Model):
    """She is in this hardship from … to …, by her own word or certified, on this evidence."""

    __tablename__ = "hardship_tag"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("hardship_category.id"), index=True)
    basis: Mapped[Basis] = mapped_column(choice(Basis))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(Encrypted, default="")
    certified_by: Mapped[str | None] = mapped_column(sa.String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_name: Mapped[str] = mapped_column(sa.String(64))
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    category: Mapped[HardshipCategory] = relationship()
    __table_args__ = (
        sa.UniqueConstraint("person_id", "category_id", "from_on"),
        sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),
        sa.CheckConstraint("(basis = 'certified') = (certified_by IS NOT NULL)", name="certified_by_somebody"),
    )  # fmt: skip


class NeedsAssessment(Model):
    """What she wants and when she can come, as asked on a day; the latest counts.

    weekdays: a bit mask, 1 for Monday to 64 for Sunday. free_from_min, free_until_min: minutes
    after midnight between which she is free on these days.
    """

    __tablename__ = "needs_assessment"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    asked_on: Mapped[date]
    weekdays: Mapped[int] = mapped_column(default=31)
    free_from_min: Mapped[int] = mapped_column(default=480)
    free_until_min: Mapped[int] = mapped_column(default=1080)
    children_under_12: Mapped[int] = mapped_column(default=0)
    mobility: Mapped[Mobility] = mapped_column(choice(Mobility), default=Mobility.BICYCLE)
    reach: Mapped[Reach] = mapped_column(choice(Reach), default=Reach.SAME_STREET)
    wants_work: Mapped[bool] = mapped_column(default=True)
    wants_home_work: Mapped[bool] = mapped_column(default=False)
    wants_venture: Mapped[bool] = mapped_column(default=False)
    least_wage_fen: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Encrypted)
    asked_by_name: Mapped[str] = mapped_column(sa.String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    wanted: Mapped[list["WantedSkill"]] = relationship(viewonly=True)
    __table_args__ = (
        sa.Index("ix_needs_assessment_asked", "person_id", "asked_on"),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays"),
        sa.CheckConstraint("0 <= free_from_min AND free_from_min < free_until_min AND free_until_min <= 1440",
                           name="within_day"),
        sa.CheckConstraint("children_under_12 BETWEEN 0 AND 12", name="children"),
        sa.CheckConstraint("least_wage_fen >= 0", name="wage"),
    )  # fmt: skip


class WantedSkill(Model):
    """A skill that she would like to learn or use, as told in one assessment."""

    __tablename__ = "wanted_skill"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    needs_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skill.id"), primary_key=True)
    skill: Mapped[Skill] = relationship()
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "needs_id"], ["needs_assessment.person_id", "needs_assessment.id"]
        ),
    )


class LearnerSkill(Model):
    """A skill that she has, how well, and how that is known."""

    __tablename__ = "learner_skill"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skill.id"), primary_key=True)
    level: Mapped[SkillLevel] = mapped_column(choice(SkillLevel))
    source: Mapped[SkillSource] = mapped_column(choice(SkillSource))
    since_on: Mapped[date]
    skill: Mapped[Skill] = relationship()


class RetirementAge(Model):
    """One step of the dated retirement table: whoever is born from this day on retires at this age.

    age_months: whole months of life. Source: the document named, editable.
    """

    __tablename__ = "retirement_age"
    id: Mapped[int] = mapped_column(primary_key=True)
    sex: Mapped[Sex] = mapped_column(choice(Sex))
    worker_kind: Mapped[WorkerKind] = mapped_column(choice(WorkerKind))
    born_from: Mapped[date]
    age_months: Mapped[int]
    document_no: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.UniqueConstraint("sex", "worker_kind", "born_from"),
        sa.CheckConstraint("age_months BETWEEN 480 AND 960", name="age"),
    )
