"""Residents: one row a human, whatever programmes they use; their readings, standing, contacts, cards.

Per-person tables begin their key with person_id, so that they can be distributed by it; the two
look-up tables (`CardCode`, `PersonIdentity`) are keyed by their hash.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import BigId, Model, Moment, choice, new_id
from core.privacy import Encrypted, EncryptedBytes
from core.sites.models import Area


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class StandingKind(StrEnum):
    """Where a person stands; everything but `registered` stops card, orders and runs."""

    REGISTERED = "registered"
    MOVED_AWAY = "moved_away"
    CARE_HOME = "care_home"
    HOSPITAL = "hospital"
    DECEASED = "deceased"


class Person(Model):
    """One human. The name is kept exactly as written; ID number, phone, address are encrypted."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64), index=True)
    pinyin: Mapped[str] = mapped_column(sa.String(128), index=True)
    sex: Mapped[Sex | None] = mapped_column(choice(Sex))
    birth_on: Mapped[date | None]
    id_number: Mapped[str | None] = mapped_column(Encrypted)
    no_id_reason: Mapped[str | None] = mapped_column(sa.String(128))
    id_last6_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    id_last4_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    phone: Mapped[str | None] = mapped_column(Encrypted)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    phone_last4_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    address: Mapped[str | None] = mapped_column(Encrypted)
    address_verified_at: Mapped[datetime | None] = mapped_column(Moment)
    phone_verified_at: Mapped[datetime | None] = mapped_column(Moment)
    residence_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    registration_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    address_as: Mapped[str | None] = mapped_column(sa.String(32))
    note: Mapped[str | None] = mapped_column(Encrypted)
    standing: Mapped[StandingKind] = mapped_column(
        choice(StandingKind), default=StandingKind.REGISTERED
    )
    household_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    is_practice: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(BigId, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    residence_area: Mapped[Area | None] = relationship(foreign_keys=[residence_area_id])
    registration_area: Mapped[Area | None] = relationship(foreign_keys=[registration_area_id])
    __table_args__ = (
        sa.CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        sa.Index("ix_person_name_birth", "name", "birth_on"),
    )


class PersonReading(Model):
    """One way to type a name: full pinyin or initials, for every reading of the surname."""

    __tablename__ = "person_reading"
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"), primary_key=True)
    reading: Mapped[str] = mapped_column(sa.String(128), primary_key=True, index=True)


class PersonIdentity(Model):
    """Finds a person by ID number and keeps it unique, without the number."""

    __tablename__ = "person_identity"
    id_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, index=True)


class PersonPhoto(Model):
    """The photo shown on the staff's side of a counter; encrypted."""

    __tablename__ = "person_photo"
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(EncryptedBytes)
    media_type: Mapped[str] = mapped_column(sa.String(32))


class Standing(Model):
    """Where a person stood from when to when; at most one is open."""

    __tablename__ = "standing"
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[StandingKind] = mapped_column(choice(StandingKind))
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.String(256), default="")
    __table_args__ = (
        sa.CheckConstraint("until_on >= since_on", name="ends_after_start"),
        sa.Index("uq_standing_open", "person_id", unique=True,
                 sqlite_where=sa.text("until_on IS NULL"), postgresql_where=sa.text("until_on IS NULL")),
    )  # fmt: skip


class Consent(Model):
    """A signed consent (同意书), and who keeps the paper; until it is withdrawn. At most one is in force."""

    __tablename__ = "consent"
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    signed_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(Encrypted)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_on: Mapped[date | None]
    withdrawal_note: Mapped[str | None] = mapped_column(Encrypted)
    __table_args__ = (
        sa.CheckConstraint("withdrawn_on >= signed_on", name="ends_after_start"),
        sa.CheckConstraint("withdrawal_note IS NULL OR withdrawn_on IS NOT NULL", name="note_of_withdrawal"),
        sa.Index("uq_consent_in_force", "person_id", unique=True,
                 sqlite_where=sa.text("withdrawn_on IS NULL"), postgresql_where=sa.text("withdrawn_on IS NULL")),
    )  # fmt: skip


class EmergencyContact(Model):
    """Whom to call, in this order."""

    __tablename__ = "emergency_contact"
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    position: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(sa.String(64))
    relation: Mapped[str] = mapped_column(sa.String(16), default="")
    phone: Mapped[str | None] = mapped_column(Encrypted)


class CardState(StrEnum):
    ACTIVE = "active"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Card(Model):
    """A card of a person. Its code can be derived again by the key holder; the row does not hold it."""

    __tablename__ = "card"
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[CardState] = mapped_column(choice(CardState), default=CardState.ACTIVE)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    printed_at: Mapped[datetime | None] = mapped_column(Moment)
    handed_out_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    __table_args__ = (
        sa.CheckConstraint("serial >= 1", name="serial_from_one"),
        sa.CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended_with_state"),
        sa.Index("uq_card_active", "person_id", unique=True,
                 sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'")),
    )  # fmt: skip


class CardCode(Model):
    """Finds a card by a keyed hash of its code."""

    __tablename__ = "card_code"
    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId)
    serial: Mapped[int]
    __table_args__ = (sa.UniqueConstraint("code_hash", "person_id", "serial"),)
