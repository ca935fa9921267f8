"""An attached paper and its content."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import BigId, Model, Moment, new_id
from core.privacy import Encrypted, EncryptedBytes


class Attachment(Model):
    """A photo or PDF that proves something. subject: what it proves, as "report:<id>".

    person_id: whom it is about, if anybody, so that it is found and erased with her. A removed one
    keeps its row and loses its content.
    """

    __tablename__ = "attachment"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(sa.String(128), index=True)
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    title: Mapped[str] = mapped_column(Encrypted)
    media_type: Mapped[str] = mapped_column(sa.String(32))
    size_bytes: Mapped[int]
    pages: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    uploaded_by_name: Mapped[str] = mapped_column(sa.String(64))
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_reason: Mapped[str | None] = mapped_column(sa.String(128))
    __table_args__ = (
        sa.CheckConstraint("size_bytes > 0 AND pages > 0", name="not_empty"),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'application/pdf')", name="media_type"
        ),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_reason IS NULL)", name="removed_for_reason"),
        sa.Index("uq_attachment_once", "subject", "sha256", unique=True,
                 sqlite_where=sa.text("removed_at IS NULL"), postgresql_where=sa.text("removed_at IS NULL")),
    )  # fmt: skip


class AttachmentContent(Model):
    """The bytes of an attachment. Kept apart so that lists stay light."""

    __tablename__ = "attachment_content"
    attachment_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("attachment.id"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(EncryptedBytes)
