"""What happens to reports by itself: drafts are begun, and looked at so that home can say what is missing."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.orm import Session

from core.access import SYSTEM
from core.clock import Month, service_day
from core.db import db, transaction, upsert
from core.errors import RuleError
from core.jobs import sweep
from core.reports import queries, readiness, rules
from core.reports.actions import open_draft
from core.reports.models import Report
from core.reports.registry import ReportKind, report_kinds
from core.reports.values import ALL, Period
from core.sites.models import Counter, Site
from core.sites.working_days import first_working_day

log = structlog.get_logger("reports")

EVERY_S = 60.0


@sweep(every_s=EVERY_S)
def prepare_drafts(now: datetime) -> int:
    """Begin the month's drafts that are due; returns how many.

    Last month's on the first working day, this month's from REPORT_READINESS_DAY on. Each is begun
    once, so that a draft somebody discarded stays away.
    """
    today = service_day(now)
    done = 0
    for kind in report_kinds().values():
        done += _safely(kind.name, lambda kind=kind: _prepare(kind, today, now))  # type: ignore[misc]
    return done


def _safely(name: str, work: Callable[[], int]) -> int:
    """One kind that can't be counted must not keep the others from it."""
    try:
        return work()
    except Exception:
        log.exception("reports.sweep_failed", report=name)
        db.session.rollback()
        return 0


def _prepare(kind: ReportKind, today: date, now: datetime) -> int:
    prepared = _prepared_until(db.session(), kind)
    due = [month for month in _due(today) if _number(month) > prepared]
    has_site = sa.select(Site.id).where(Site.kind == kind.site_kind, Site.is_active).limit(1)
    if not due or db.session.scalar(has_site) is None:
        return 0
    for month in due:
        with transaction() as session:
            try:
                open_draft(kind.name, Period(month), ALL, by=SYSTEM, now=now)
            except RuleError as error:
                if error.code != "report_after_issue":
                    raise
            values = {"name": _counter(kind), "value": _number(month)}
            upsert(session, Counter, values, ["name"], ["value"])
    return len(due)


def _due(today: date) -> Iterator[Month]:
    month = Month.of(today)
    # Which day the office first works is asked only in the days before everybody does.
    if today.day > 15 or today >= first_working_day(month):
        yield month.previous()
    if today.day >= current_app.config["REPORT_READINESS_DAY"]:
        yield month


def _counter(kind: ReportKind) -> str:
    return f"report:{kind.name}"[:32]


def _number(month: Month) -> int:
    return month.year * 12 + month.month


def _prepared_until(session: Session, kind: ReportKind) -> int:
    return session.scalar(sa.select(Counter.value).where(Counter.name == _counter(kind))) or 0


@sweep(every_s=EVERY_S)
def refresh_open_items(now: datetime) -> int:
    """Look again at the open monthly reports that were last looked at REPORT_REFRESH_MINUTES ago.

    A month that still runs is looked at from REPORT_READINESS_DAY on; longer periods only when
    somebody opens their page, because counting a year would hold up what has to happen in time.
    """
    due = now - timedelta(minutes=current_app.config["REPORT_REFRESH_MINUTES"])
    open_ones = db.session.execute(
        sa.select(Report.id, Report.name, Report.period).where(
            Report.state.in_(queries.OPEN),
            sa.or_(Report.checked_at.is_(None), Report.checked_at <= due),
        )
    ).all()
    done = 0
    for row in open_ones:
        if _is_looked_at(Period.parse(row.period), service_day(now)):
            done += _safely(row.name, lambda row=row: _look(row.id, due, now))  # type: ignore[misc]
    return done


def _is_looked_at(period: Period, today: date) -> bool:
    due = rules.is_due(period, today, current_app.config["REPORT_READINESS_DAY"])
    return period.is_month and due


def _look(report_id: uuid.UUID, due: datetime, now: datetime) -> int:
    # Claimed before it is counted: two machines do not count the same, and what fails is not
    # tried again at once. Until the count is done nobody knows what is missing.
    with transaction() as session:
        claimed = session.execute(
            sa.update(Report.__table__)  # type: ignore[arg-type]
            .where(
                Report.id == report_id,
                Report.state.in_(queries.OPEN),
                sa.or_(Report.checked_at.is_(None), Report.checked_at <= due),
            )
            .values(checked_at=now)
            .returning(Report.id)
        ).first()
    if claimed is None:
        return 0
    try:
        readiness.look(queries.report_of(report_id), now)
    except Exception:
        db.session.rollback()
        with transaction() as session:
            session.execute(
                sa.update(Report.__table__)  # type: ignore[arg-type]
                .where(Report.id == report_id)
                .values(open_items=None)
            )
        raise
    return 1
