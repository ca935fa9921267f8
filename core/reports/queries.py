"""Reads that the verbs, the jobs and the pages of reports share."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from core.clock import service_day
from core.db import db
from core.errors import RuleError
from core.reports import rules, snapshot
from core.reports.models import IssuedReport, Report
from core.reports.registry import ReportKind, report_kinds
from core.reports.values import ALL, Built, Period, ReportState
from core.sites.models import Site

# A report is a Chinese paper whatever language its reader's screen has: counted in any other, the
# same figures would have another digest.
LANGUAGE = "zh_Hans"

OPEN = tuple(state for state in ReportState if state.is_open)


def kind_of(name: str) -> ReportKind:
    """The kind of a report. Raises RuleError report_kind_unknown."""
    kind = report_kinds().get(name)
    if kind is None:
        raise RuleError("report_kind_unknown")
    return kind


def check_scope(kind: ReportKind, scope: str) -> None:
    """Raises RuleError report_scope_unknown for what is neither "all" nor one of the kind's sites."""
    known = sa.select(Site.id).where(Site.slug == scope, Site.kind == kind.site_kind)
    if scope != ALL and db.session.scalar(known) is None:
        raise RuleError("report_scope_unknown")


def report_of(report_id: uuid.UUID) -> Report:
    """Raises RuleError report_unknown."""
    report = db.session.get(Report, report_id)
    if report is None:
        raise RuleError("report_unknown")
    return report


def count(report: Report, now: datetime) -> Built:
    """The report as the tables have it now, with its words in Chinese."""
    with force_locale(LANGUAGE):
        return kind_of(report.name).build(Period.parse(report.period), report.scope, now)


def as_issued(report_id: uuid.UUID) -> Built:
    """An issued report as it was counted then. Raises RuleError report_unknown."""
    content = db.session.scalar(sa.select(IssuedReport.content).where(IssuedReport.id == report_id))
    if content is None:
        raise RuleError("report_unknown")
    return snapshot.unpack(content)


def revisions(session: Session, name: str, scope: str, period: str) -> list[Report]:
    """All revisions of a report, the first one first."""
    return list(session.scalars(
        sa.select(Report)
        .where(Report.name == name, Report.scope == scope, Report.period == period)
        .order_by(Report.revision)
    ))  # fmt: skip


def newer_revision(session: Session, report: Report) -> Report | None:
    """The latest revision after this one, draft or issued; None when this is the latest."""
    latest = revisions(session, report.name, report.scope, report.period)[-1]
    return latest if latest.revision > report.revision else None


def superseded_by(report: Report) -> IssuedReport | None:
    """The latest issued revision after this one; None while this is the one that holds."""
    return db.session.scalar(
        sa.select(IssuedReport)
        .where(IssuedReport.name == report.name, IssuedReport.scope == report.scope,
               IssuedReport.period == report.period, IssuedReport.revision > report.revision)
        .order_by(IssuedReport.revision.desc())
        .limit(1)
    )  # fmt: skip


def waiting_reports(now: datetime) -> list[Report]:
    """The open reports that people should see to: from REPORT_READINESS_DAY of their last month on.

    Each has what still stands in its way as of the last look (`open_items`, None when nobody looked
    yet); nothing is counted here. The oldest period first.
    """
    rows = db.session.scalars(sa.select(Report).where(Report.state.in_(OPEN)).order_by(Report.id))
    today, day = service_day(now), current_app.config["REPORT_READINESS_DAY"]
    periods = [(Period.parse(row.period), row) for row in rows]
    due = [pair for pair in periods if rules.is_due(pair[0], today, day)]
    return [row for _, row in sorted(due, key=lambda pair: (pair[0].last, pair[1].name))]
