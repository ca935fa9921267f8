"""From the signed paper to the end: signed and stamped, submitted, settled or returned."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.evidence.models import Attachment
from core.reports import months, queries, rules
from core.reports.actions.rows import entry, locked, needed, take
from core.reports.models import IssuedReport, Report, ReportMove
from core.reports.rules import Step
from core.reports.values import ReportState


def sign(report_id: uuid.UUID, *, by: Actor, now: datetime, note: str = "") -> None:
    """Note that the paper is signed and stamped; its scan must be attached to "report:<id>".

    Raises RuleError report_not_issued, report_scan_missing, report_has_newer.
    """
    with transaction() as session:
        report = locked(session, report_id)
        rules.target_of(Step.SIGN, report.state, by.roles)
        _refuse_newer(session, report)
        scan = sa.select(Attachment.id).where(
            Attachment.subject == f"report:{report_id}", Attachment.removed_at.is_(None)
        )
        if session.scalar(scan.limit(1)) is None:
            raise RuleError("report_scan_missing")
        take(session, report, Step.SIGN, by=by, now=now, note=note.strip()[:256] or None)
        entry(session, "report.signed", report, by=by, now=now)


def submit(
    report_id: uuid.UUID, *, receiver: str, on: date, note: str, by: Actor, now: datetime
) -> None:
    """Note to whom and on which day it was handed in. From now on its figures stand for good.

    A returned report is handed in again with the same figures. Raises RuleError report_not_signed,
    report_receiver_needed, report_submitted_early, report_submitted_late, report_has_newer, and
    report_outdated when entries of the period came or went since the issue: they would be counted
    neither here nor as an adjustment.
    """
    receiver = needed(receiver, "report_receiver_needed", 64)
    with transaction() as session:
        report = locked(session, report_id)
        rules.target_of(Step.SUBMIT, report.state, by.roles)
        _refuse_newer(session, report)
        issued = session.get_one(IssuedReport, report_id)
        rules.check_submission(
            on, issued_at=issued.issued_at, submitted_on=_submitted_on(session, report_id), now=now
        )
        if report.state is ReportState.SIGNED:
            months.close_month(session, report, now)
        take(session, report, Step.SUBMIT, by=by, now=now, on=on, receiver=receiver,
             note=note.strip()[:256] or None)  # fmt: skip
        entry(session, "report.submitted", report, by=by, now=now,
              after={"receiver": receiver, "on": on.isoformat()})  # fmt: skip


def _submitted_on(session: Session, report_id: uuid.UUID) -> date | None:
    return session.scalar(sa.select(sa.func.max(ReportMove.on)).where(
        ReportMove.report_id == report_id, ReportMove.to_state == ReportState.SUBMITTED
    ))  # fmt: skip


def _refuse_newer(session: Session, report: Report) -> None:
    if queries.newer_revision(session, report) is not None:
        raise RuleError("report_has_newer")


def close(report_id: uuid.UUID, *, note: str, by: Actor, now: datetime) -> None:
    """Note that the authority has accepted it. Raises RuleError report_not_submitted."""
    with transaction() as session:
        report = locked(session, report_id)
        take(session, report, Step.CLOSE, by=by, now=now, note=note.strip()[:256] or None)
        entry(session, "report.closed", report, by=by, now=now)


def return_report(report_id: uuid.UUID, *, note: str, by: Actor, now: datetime) -> None:
    """Note that the authority gave it back, and why.

    Raises RuleError report_not_submitted, report_reason_needed.
    """
    note = needed(note, "report_reason_needed")
    with transaction() as session:
        report = locked(session, report_id)
        take(session, report, Step.RETURN, by=by, now=now, note=note)
        entry(session, "report.returned", report, by=by, now=now, reason=note)
