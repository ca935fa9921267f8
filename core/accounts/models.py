"""Who works here: accounts, what they may do and where, their sessions, and the devices."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.access import Role
from core.db import BigId, Model, Moment, choice

# Roles of the whole office; the others are held at a site.
EVERYWHERE = (Role.ADMIN, Role.CLERK, Role.REVIEWER, Role.AUDITOR)


class User(Model):
    """An account. `name` signs in; `person_id` links a worker who is also a resident."""

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(32))
    password_hash: Mapped[str] = mapped_column(sa.String(128))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    pin_hash: Mapped[str | None] = mapped_column(sa.String(128))
    language: Mapped[str | None] = mapped_column(sa.String(8))
    person_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    grants: Mapped[list["Grant"]] = relationship(
        back_populates="user", lazy="selectin", cascade="all, delete-orphan", order_by="Grant.id"
    )


class Grant(Model):
    """A role of a user, at one site or (site_id null) everywhere."""

    __tablename__ = "role_grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    user: Mapped[User] = relationship(back_populates="grants")
    __table_args__ = (
        sa.UniqueConstraint("user_id", "role", "site_id"),
        sa.Index("uq_role_grant_everywhere", "user_id", "role", unique=True,
                 sqlite_where=sa.text("site_id IS NULL"), postgresql_where=sa.text("site_id IS NULL")),
        sa.CheckConstraint(
            "(role IN ('admin', 'clerk', 'reviewer', 'auditor')) = (site_id IS NULL)", name="office_everywhere"
        ),
    )  # fmt: skip


class UserSession(Model):
    """One sign-in of a user. The cookie holds the token, the row its hash: ending the row ends it."""

    __tablename__ = "user_session"
    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    pin_seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    # Opened by PIN on an enrolled tablet: it lasts only as long as the PIN stays open.
    by_pin: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(sa.String(45))
    browser: Mapped[str] = mapped_column(sa.String(200), default="")
    user: Mapped[User] = relationship(lazy="joined")


class DeviceKind(StrEnum):
    TABLET = "tablet"
    PROGRAM = "program"


class Device(Model):
    """A tablet or PC at a counter (device cookie), or a program (bearer token). Revocable."""

    __tablename__ = "device"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    kind: Mapped[DeviceKind] = mapped_column(choice(DeviceKind))
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    enrol_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    enrol_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    clock_offset_s: Mapped[int | None]
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    site: Mapped[Any] = relationship("Site", lazy="joined")


class SignInFailure(Model):
    """Failures by a keyed hash of account, address or both; a row, so that a restart forgives nothing."""

    __tablename__ = "sign_in_failure"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(Moment)
    wait_until: Mapped[datetime | None] = mapped_column(Moment)
