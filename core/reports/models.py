"""Reports as rows: the life of each revision, and what was issued, which never changes again."""

import hashlib
import json
import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Json, Model, Moment, choice, new_id
from core.privacy import Encrypted, EncryptedBytes
from core.reports.values import Output, ReportState


class Report(Model):
    """One revision of a report of a period and scope, from its draft to its end.

    period: as `Period` writes it. scope: "all" or the slug of a site. `summary` (工作小结) and
    `cases` (典型案例) are written by people until it is issued. `reviewed_digest` is what the reviewer
    saw, `reviewed_figures` its figures by key: what changed since is named, and needs another review.
    """

    __tablename__ = "report"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(32))
    scope: Mapped[str] = mapped_column(sa.String(32))
    period: Mapped[str] = mapped_column(sa.String(8))
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[ReportState] = mapped_column(choice(ReportState), default=ReportState.DRAFT)
    reason: Mapped[str | None] = mapped_column(sa.String(256))  # why this revision was needed
    receiver: Mapped[str] = mapped_column(sa.String(64), default="")
    summary: Mapped[str] = mapped_column(Encrypted, default="")
    cases: Mapped[str] = mapped_column(Encrypted, default="")
    # 报送版 with whole ID numbers: asked for with a reason, granted with the review.
    full_ids_reason: Mapped[str | None] = mapped_column(sa.String(256))
    full_ids_asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    full_ids_granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reviewed_digest: Mapped[str | None] = mapped_column(sa.String(64))
    reviewed_figures: Mapped[dict[str, int] | None] = mapped_column(Json, deferred=True)
    issued_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    issuing_job_id: Mapped[uuid.UUID | None]
    # What still stands in the way, as of the last look; the home page shows it without counting.
    open_items: Mapped[int | None]
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    moves: Mapped[list["ReportMove"]] = relationship(order_by="ReportMove.number", viewonly=True)
    __table_args__ = (
        sa.UniqueConstraint("name", "scope", "period", "revision"),
        sa.Index("uq_report_open", "name", "scope", "period", unique=True,
                 sqlite_where=sa.text("state IN ('draft', 'reviewed')"),
                 postgresql_where=sa.text("state IN ('draft', 'reviewed')")),
        # One revision of a period is submitted, and never another.
        sa.Index("uq_report_submitted", "name", "scope", "period", unique=True,
                 sqlite_where=sa.text("state IN ('submitted', 'closed', 'returned')"),
                 postgresql_where=sa.text("state IN ('submitted', 'closed', 'returned')")),
        sa.CheckConstraint("revision >= 1", name="revision_from_one"),
        sa.CheckConstraint("(revision = 1) = (reason IS NULL)", name="correction_has_reason"),
        sa.CheckConstraint("issued_by_id <> reviewed_by_id", name="reviewer_is_another"),
        sa.CheckConstraint("full_ids_asked_by_id <> full_ids_granted_by_id", name="full_ids_by_two"),
        sa.CheckConstraint("(full_ids_reason IS NULL) = (full_ids_asked_by_id IS NULL)",
                           name="full_ids_have_reason"),
        sa.CheckConstraint("full_ids_granted_by_id IS NULL OR full_ids_asked_by_id IS NOT NULL",
                           name="full_ids_granted_when_asked"),
        sa.CheckConstraint(
            "state = 'draft' OR (reviewed_by_id IS NOT NULL AND reviewed_digest IS NOT NULL)",
            name="reviewed_before_issue",
        ),
    )  # fmt: skip


class ReportMove(Model):
    """One step in the life of a report: who, when, from which state to which, and what was noted.

    on, receiver: when and to whom it was submitted.
    """

    __tablename__ = "report_move"
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_state: Mapped[ReportState | None] = mapped_column(choice(ReportState, "fromstate"))
    to_state: Mapped[ReportState] = mapped_column(choice(ReportState))
    at: Mapped[datetime] = mapped_column(Moment)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(sa.String(64))
    on: Mapped[date | None]
    receiver: Mapped[str | None] = mapped_column(sa.String(64))
    note: Mapped[str | None] = mapped_column(sa.String(256))
    __table_args__ = (
        sa.CheckConstraint(
            "to_state <> 'submitted' OR (receiver IS NOT NULL AND \"on\" IS NOT NULL)",
            name="submitted_to_somebody",
        ),
        sa.CheckConstraint("to_state <> 'returned' OR note IS NOT NULL", name="return_has_reason"),
    )


class ReportExplanation(Model):
    """What somebody wrote about a finding. It counts for the very rows it was written about."""

    __tablename__ = "report_explanation"
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    rows_digest: Mapped[str] = mapped_column(sa.String(64))
    text: Mapped[str] = mapped_column(Encrypted)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(Moment)


NO_EXPLANATIONS = hashlib.sha256(b"[]").hexdigest()


class IssuedReport(Model):
    """What was issued (已出具报告): figures, rules, and the head of the log at that moment.

    headline: what the public page may show. digest: of all figures and rows. explanations: as printed,
    JSON of [title of the finding, text] each. content: the whole counted report
    (core/reports/snapshot.py). None of it changes again; the log's chain binds it, what is encrypted
    by its digest.
    """

    __tablename__ = "issued_report"
    id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(32))
    scope: Mapped[str] = mapped_column(sa.String(32))
    period: Mapped[str] = mapped_column(sa.String(8))
    revision: Mapped[int]
    token: Mapped[str] = mapped_column(sa.String(32), unique=True)
    headline: Mapped[list[Any]] = mapped_column(Json)
    rules: Mapped[list[str]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(sa.String(64))
    audit_links: Mapped[int] = mapped_column(sa.BigInteger)
    audit_head: Mapped[str] = mapped_column(sa.String(64))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    issued_by: Mapped[str] = mapped_column(sa.String(64))
    reviewed_by: Mapped[str] = mapped_column(sa.String(64))
    explanations: Mapped[str] = mapped_column(Encrypted, default="[]", deferred=True)
    explanations_sha256: Mapped[str] = mapped_column(sa.String(64), default=NO_EXPLANATIONS)
    content: Mapped[bytes] = mapped_column(EncryptedBytes, deferred=True)
    report: Mapped[Report] = relationship(viewonly=True)
    files: Mapped[list["ReportFile"]] = relationship(viewonly=True, order_by="ReportFile.output")
    __table_args__ = (sa.UniqueConstraint("name", "scope", "period", "revision"),)

    def explained(self) -> tuple[tuple[str, str], ...]:
        """What was written about findings: the finding's title, and the text."""
        return tuple((title, text) for title, text in json.loads(self.explanations))


class ReportFile(Model):
    """One file of an issued report. output: an `Output`, or "workbook" for the .xlsx."""

    __tablename__ = "report_file"
    report_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("issued_report.id"), primary_key=True
    )
    output: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(default=new_id, unique=True)
    file_name: Mapped[str] = mapped_column(sa.String(128))
    media_type: Mapped[str] = mapped_column(sa.String(96))
    size_bytes: Mapped[int]
    pages: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    content: Mapped[bytes] = mapped_column(EncryptedBytes, deferred=True)
    __table_args__ = (
        sa.CheckConstraint(
            f"output IN ({', '.join(repr(each.value) for each in Output)}, 'workbook')",
            name="output",
        ),
    )


class MonthBook(Model):
    """One month of one report: locked by whoever submits it and by whoever books a late fact, so that
    each fact lies on one side of the submission."""

    __tablename__ = "report_month_book"
    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    month: Mapped[str] = mapped_column(sa.String(7), primary_key=True)


class ReportColumn(Model):
    """One column of the bureau's form in the workbook: its heading there, and what stands in it."""

    __tablename__ = "report_column"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(32))
    position: Mapped[int]
    heading: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.UniqueConstraint("name", "position"),
        sa.CheckConstraint("position >= 1", name="position_from_one"),
    )
