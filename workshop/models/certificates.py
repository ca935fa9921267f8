"""Certificates: ours, numbered and verifiable, and those of other bodies, recorded."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import BigId, Model, Moment, choice, new_id
from workshop.values import SkillLevel


class Certificate(Model):
    """One of ours (结业证书). It says for ever what it said when it was issued, revoked or not."""

    __tablename__ = "certificate"
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(32))
    name: Mapped[str] = mapped_column(sa.String(64))
    course: Mapped[str] = mapped_column(sa.String(64))
    cohort: Mapped[str] = mapped_column(sa.String(96))
    class_hours: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(Moment)
    issued_by_name: Mapped[str] = mapped_column(sa.String(64))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    revoke_reason: Mapped[str | None] = mapped_column(sa.String(128))
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["person_id", "cohort_id"], ["enrolment.person_id", "enrolment.cohort_id"]
        ),
        sa.UniqueConstraint("person_id", "number"),
        sa.Index("uq_certificate_in_force", "person_id", "cohort_id", unique=True,
                 sqlite_where=sa.text("revoked_at IS NULL"),
                 postgresql_where=sa.text("revoked_at IS NULL")),
        sa.Index("ix_certificate_issued", "issued_on"),
        sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_for_reason"),
    )  # fmt: skip


class CertificateNumber(Model):
    """Finds a certificate by its number and keeps numbers unique; `serial` counts within a year."""

    __tablename__ = "certificate_number"
    number: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    year: Mapped[int]
    serial: Mapped[int]
    person_id: Mapped[int] = mapped_column(BigId)
    certificate_id: Mapped[uuid.UUID]
    __table_args__ = (sa.UniqueConstraint("year", "serial"),)


class ExternalCertificate(Model):
    """One of another body (专项职业能力证书, 职业技能等级证书), as shown to us."""

    __tablename__ = "external_certificate"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("learner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(sa.String(64))
    skill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("skill.id"))
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    number: Mapped[str] = mapped_column(sa.String(64))
    issuer: Mapped[str] = mapped_column(sa.String(64))
    issued_on: Mapped[date]
    cohort_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cohort.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_name: Mapped[str] = mapped_column(sa.String(64))
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    remove_reason: Mapped[str | None] = mapped_column(sa.String(128))
    __table_args__ = (
        sa.Index("uq_external_certificate_number", "person_id", "issuer", "number", unique=True,
                 sqlite_where=sa.text("removed_at IS NULL"),
                 postgresql_where=sa.text("removed_at IS NULL")),
        sa.CheckConstraint("(removed_at IS NULL) = (remove_reason IS NULL)", name="removed_for_reason"),
    )  # fmt: skip
