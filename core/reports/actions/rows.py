"""What every verb does: lock the report, move it, leave an entry."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, jobs
from core.access import Actor
from core.errors import RuleError
from core.jobs.models import UNFINISHED, Job
from core.reports import rules
from core.reports.models import Report, ReportMove
from core.reports.rules import Step
from core.reports.values import ReportState


def locked(session: Session, report_id: uuid.UUID) -> Report:
    """The report, held until the transaction ends. Raises RuleError report_unknown."""
    report = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if report is None:
        raise RuleError("report_unknown")
    return report


def writable(session: Session, report_id: uuid.UUID, by: Actor) -> Report:
    """A report whose texts may still be changed, locked. Raises RuleError report_frozen."""
    check_office(by)
    report = locked(session, report_id)
    if not report.state.is_open:
        raise RuleError("report_frozen")
    return report


def check_office(by: Actor) -> None:
    """Raises RuleError report_not_yours."""
    if not rules.may_write(by.roles):
        raise RuleError("report_not_yours")


def needed(text: str, code: str, length: int = 256) -> str:
    """What was typed, without blanks around it. Raises RuleError with this code when there is nothing."""
    text = text.strip()
    if not text:
        raise RuleError(code)
    return text[:length]


def take(
    session: Session, report: Report, step: Step, *, by: Actor, now: datetime, **more: Any
) -> None:
    """Move a locked report one step. more: on, receiver, note of the move."""
    move(session, report, rules.target_of(step, report.state, by.roles), by=by, now=now, **more)


def move(
    session: Session, report: Report, target: ReportState, *, by: Actor, now: datetime,
    note: str | None = None, on: date | None = None, receiver: str | None = None,
) -> None:  # fmt: skip
    """Write down one move of a locked report and make it."""
    last = session.scalar(
        sa.select(sa.func.max(ReportMove.number)).where(ReportMove.report_id == report.id)
    )
    session.add(ReportMove(
        report_id=report.id, number=(last or 0) + 1, from_state=report.state if last else None,
        to_state=target, at=now, by_id=by.user_id, by_name=by.name, note=note, on=on,
        receiver=receiver,
    ))  # fmt: skip
    report.state, report.changed_at = target, now


def to_draft(session: Session, report: Report, note: str, *, by: Actor, now: datetime) -> None:
    """A reviewed report is a draft again, and whatever is being issued of it stops.

    note: in words, or a code of sentences.MOVE_NOTES. A draft stays what it is.
    """
    if report.state is not ReportState.REVIEWED:
        return
    move(session, report, ReportState.DRAFT, by=by, now=now, note=note)
    report.reviewed_by_id = report.reviewed_digest = report.reviewed_figures = None
    report.full_ids_granted_by_id = None
    job = session.get(Job, report.issuing_job_id) if report.issuing_job_id else None
    if job is not None and job.state in UNFINISHED and job.cancel_requested_at is None:
        jobs.cancel(job.id, by=by, now=now)
    report.issuing_job_id = report.open_items = report.checked_at = None
    entry(session, "report.review_withdrawn", report, by=by, now=now, reason=note)


def entry(
    session: Session, action: str, report: Report, *, by: Actor, now: datetime,
    reason: str | None = None, before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Leave an entry in the log."""
    audit.record(session, action, subject=f"report:{report.id}", by=by, now=now, reason=reason,
                 before=before, after=after)  # fmt: skip


def title_of(report: Report) -> dict[str, Any]:
    """What identifies a report, for the log."""
    names = ("name", "scope", "period", "revision")
    return {name: getattr(report, name) for name in names}
