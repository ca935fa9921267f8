"""What people write into a report before its issue. After the review, a change asks for another one."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.reports.actions.rows import entry, needed, to_draft, writable
from core.reports.models import Report, ReportExplanation

MAX_TEXT = 8000


def write_texts(
    report_id: uuid.UUID, *, summary: str, cases: str, receiver: str, by: Actor, now: datetime
) -> None:
    """Store 工作小结, 典型案例 and the authority it is for; equal ones change nothing.

    Raises RuleError report_frozen, report_text_long.
    """
    with transaction() as session:
        report = writable(session, report_id, by)
        texts = {
            "summary": _text(summary), "cases": _text(cases), "receiver": receiver.strip()[:64],
        }  # fmt: skip
        changed = {name: text for name, text in texts.items() if getattr(report, name) != text}
        if not changed:
            return
        # The log says what was changed; cases tell of people, so their words stay in the report.
        before = {name: _for_log(name, getattr(report, name)) for name in changed}
        for name, text in changed.items():
            setattr(report, name, text)
        report.changed_at = now
        entry(session, "report.texts_changed", report, by=by, now=now, before=before,
              after={name: _for_log(name, text) for name, text in changed.items()})  # fmt: skip
        to_draft(session, report, "texts_changed", by=by, now=now)


def _text(typed: str) -> str:
    text = typed.replace("\r\n", "\n").strip()
    if len(text) > MAX_TEXT:
        raise RuleError("report_text_long", most=MAX_TEXT)
    return text


def _for_log(name: str, text: str) -> str | int:
    return text if name == "receiver" else len(text)


def ask_full_ids(report_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """Ask that 报送版 show whole ID numbers; another person grants it with the review.

    Raises RuleError report_frozen, report_reason_needed, report_needs_account.
    """
    reason = needed(reason, "report_reason_needed")
    with transaction() as session:
        report = writable(session, report_id, by)
        if by.user_id is None:
            raise RuleError("report_needs_account")
        if (report.full_ids_reason, report.full_ids_asked_by_id) == (reason, by.user_id):
            return
        to_draft(session, report, "full_ids_changed", by=by, now=now)
        _set_full_ids(report, reason, by.user_id, now)
        entry(session, "report.full_ids_asked", report, by=by, now=now, reason=reason)


def drop_full_ids(report_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Ask no longer; ID numbers are masked again. Raises RuleError report_frozen."""
    with transaction() as session:
        report = writable(session, report_id, by)
        if report.full_ids_reason is None:
            return
        to_draft(session, report, "full_ids_changed", by=by, now=now)
        _set_full_ids(report, None, None, now)
        entry(session, "report.full_ids_dropped", report, by=by, now=now)


def _set_full_ids(report: Report, reason: str | None, by_id: int | None, now: datetime) -> None:
    report.full_ids_reason, report.full_ids_asked_by_id = reason, by_id
    report.full_ids_granted_by_id, report.changed_at = None, now


def explain(
    report_id: uuid.UUID, code: str, rows_digest: str, text: str, *, by: Actor, now: datetime
) -> None:
    """Write down why a finding is as it is. It counts for the very rows that were shown.

    rows_digest: readiness.rows_digest of the finding as the page showed it. Raises RuleError
    report_frozen, report_text_needed, report_text_long.
    """
    text = needed(_text(text), "report_text_needed", MAX_TEXT)
    with transaction() as session:
        report = writable(session, report_id, by)
        row = session.scalar(sa.select(ReportExplanation).where(
            ReportExplanation.report_id == report_id, ReportExplanation.code == code
        ))  # fmt: skip
        if row is None:
            row = ReportExplanation(report_id=report_id, code=code)
            session.add(row)
        elif (row.rows_digest, row.text) == (rows_digest, text):
            return
        row.rows_digest, row.text = rows_digest, text
        row.by_id, row.by_name, row.at = by.user_id, by.name, now
        report.changed_at = now
        entry(session, "report.explained", report, by=by, now=now,
              after={"finding": code, "rows": rows_digest})  # fmt: skip
        to_draft(session, report, "explanation_changed", by=by, now=now)
