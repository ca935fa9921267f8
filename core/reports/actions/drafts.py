"""Beginning a report, beginning its correction, and discarding what was begun."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core.access import Actor
from core.db import transaction, upsert
from core.errors import RuleError
from core.reports import queries, rules
from core.reports.actions.rows import check_office, entry, locked, move, needed, title_of
from core.reports.models import Report, ReportExplanation, ReportMove
from core.reports.values import Period, ReportState

_KEY = ("name", "scope", "period", "revision")


def open_draft(name: str, period: Period, scope: str, *, by: Actor, now: datetime) -> Report:
    """The open report of a period and scope; begun when there is none.

    scope: "all" or the slug of a site. However often and by however many it is called, there is
    one. Raises RuleError report_after_issue when the latest revision was issued,
    report_kind_unknown, report_scope_unknown, report_in_future.
    """
    check_office(by)
    queries.check_scope(queries.kind_of(name), scope)
    rules.check_begun(period, now)
    with transaction() as session:
        known = queries.revisions(session, name, scope, str(period))
        if not known:
            _insert(session, name, period, scope, by, now)
            known = queries.revisions(session, name, scope, str(period))
        if not known[-1].state.is_open:
            raise RuleError("report_after_issue")
        return known[-1]


def _insert(
    session: Session, name: str, period: Period, scope: str, by: Actor, now: datetime
) -> None:
    # Two may begin it in the same moment: the second finds the first one's row.
    values = {
        "name": name, "scope": scope, "period": str(period), "revision": 1,
        "receiver": current_app.config[queries.kind_of(name).receiver].strip()[:64], "created_at": now,
        "changed_at": now,
    }  # fmt: skip
    if upsert(session, Report, values, _KEY):
        _begin(session, queries.revisions(session, name, scope, str(period))[-1], by, now)


def _begin(session: Session, report: Report, by: Actor, now: datetime) -> None:
    move(session, report, ReportState.DRAFT, by=by, now=now, note=report.reason)
    entry(session, "report.begun", report, by=by, now=now, reason=report.reason,
          after=title_of(report))  # fmt: skip


def start_revision(report_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> Report:
    """Begin the next revision of an issued report, with its texts and explanations to go on from.

    The issued one stays as it is. Raises RuleError report_submitted (from then on it is an
    adjustment), report_superseded, report_is_open, report_reason_needed.
    """
    check_office(by)
    reason = needed(reason, "report_reason_needed")
    with transaction() as session:
        old = locked(session, report_id)
        rules.check_revisable(old.state, queries.newer_revision(session, old) is None)
        new = Report(
            name=old.name, scope=old.scope, period=old.period, revision=old.revision + 1,
            reason=reason, receiver=old.receiver, summary=old.summary, cases=old.cases,
            created_at=now, changed_at=now,
        )  # fmt: skip
        session.add(new)
        session.flush()
        # An explanation holds as long as the rows it was written about, whatever the revision.
        for row in session.scalars(_explanations(old)).all():
            session.add(ReportExplanation(
                report_id=new.id, code=row.code, rows_digest=row.rows_digest, text=row.text,
                by_id=row.by_id, by_name=row.by_name, at=row.at,
            ))  # fmt: skip
        _begin(session, new, by, now)
    return new


def discard_draft(report_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Remove a draft that nobody needs: one of a later revision, or one in which nothing was written.

    Raises RuleError report_not_draft, report_draft_not_empty.
    """
    check_office(by)
    with transaction() as session:
        report = locked(session, report_id)
        if report.state is not ReportState.DRAFT:
            raise RuleError("report_not_draft")
        if report.revision == 1 and _is_written(session, report):
            raise RuleError("report_draft_not_empty")
        entry(session, "report.discarded", report, by=by, now=now, before=title_of(report))
        for table in (ReportExplanation, ReportMove):
            session.execute(sa.delete(table).where(table.report_id == report_id))
        session.delete(report)


def _is_written(session: Session, report: Report) -> bool:
    if report.summary or report.cases or report.full_ids_reason:
        return True
    return session.scalar(_explanations(report).limit(1)) is not None


def _explanations(report: Report) -> sa.Select[tuple[ReportExplanation]]:
    return sa.select(ReportExplanation).where(ReportExplanation.report_id == report.id)
