"""An import between preview and confirmation: encrypted, and gone after 24 hours."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, Moment, choice, new_id
from core.privacy import EncryptedBytes


class BatchState(StrEnum):
    """Where an import stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class ImportBatch(Model):
    """One uploaded roster: rows and decisions, encrypted; erased when it ends or expires.

    `version` grows with each decision, so that two people who mend one batch do not overwrite
    each other unseen.
    """

    __tablename__ = "import_batch"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    importer: Mapped[str] = mapped_column(sa.String(32))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    file_name: Mapped[str] = mapped_column(sa.String(128))
    state: Mapped[BatchState] = mapped_column(choice(BatchState), default=BatchState.OPEN)
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes)
    version: Mapped[int] = mapped_column(default=1)
    row_count: Mapped[int]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    result: Mapped[str | None] = mapped_column(sa.String(256))
