"""A job and the file it made."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Json, Model, Moment, choice, new_id
from core.privacy import EncryptedBytes


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class Job(Model):
    """One piece of work somebody asked for. `args` hold ids and choices, never personal data."""

    __tablename__ = "job"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(64))
    args: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[JobState] = mapped_column(choice(JobState), default=JobState.QUEUED, index=True)
    progress: Mapped[int] = mapped_column(default=0)
    # What it does now, as a code described with core.errors.describe.
    step: Mapped[str | None] = mapped_column(sa.String(64))
    # A code described with core.errors.describe, and its details: what to know about the outcome.
    note_code: Mapped[str | None] = mapped_column(sa.String(64))
    note_details: Mapped[dict[str, Any] | None] = mapped_column(Json)
    user_id: Mapped[int | None] = mapped_column(index=True)
    requested_by: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(Moment)
    # Who works on it ("host:pid"), since which attempt, and when it last gave a sign of life.
    worker: Mapped[str | None] = mapped_column(sa.String(128))
    attempt: Mapped[int] = mapped_column(default=0)
    heartbeat_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (sa.CheckConstraint("progress BETWEEN 0 AND 100", name="progress_percent"),)


class JobFile(Model):
    """What a job made, encrypted, until it expires. Kept apart so that lists of jobs stay light."""

    __tablename__ = "job_file"
    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(128))
    media_type: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int]
    content: Mapped[bytes] = mapped_column(EncryptedBytes)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
