"""Which months are closed: their report was submitted, so what comes to light later is booked later.

Only the report of one month closes it: that of all sites closes every site, a site's own its site.
A closed month never opens again. Its book (`MonthBook`) is held by whoever writes a late fact and
locked by whoever submits, so that each fact lies on one side of the submission.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from core.clock import Month
from core.db import db
from core.errors import RuleError, Text, describe
from core.reports import snapshot
from core.reports.models import IssuedReport, MonthBook, Report
from core.reports.registry import report_kinds
from core.reports.values import ALL, Built, Period, ReportState
from core.writer import reading

_BOOK: Any = MonthBook.__table__
_REPORT: Any = Report.__table__
_CLOSING = [state for state in ReportState if state.was_submitted]
# What began in the last second of a month, and then waited for the database, belongs to it.
_AFTERMATH = timedelta(minutes=1)

describe({
    "month_not_over": Text(_l(
        "This period is not over: entries may still come in. Submit it when its last day has passed."
    )),
    "report_outdated": Text(_l(
        "Since this report was issued, %(count)s entries of its period came in or were changed. "
        "Nothing was submitted; issue a corrected revision, which shows the difference."
    )),
})  # fmt: skip


def _closing(name: str, month: Month) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _REPORT.c.name == name,
        _REPORT.c.period == str(month),
        _REPORT.c.state.in_(_CLOSING),
    )


def closed_by(name: str, month: Month, scope_slug: str) -> Report | None:
    """The submitted report that closes a month of a site; None while it is open."""
    return db.session.scalar(
        sa.select(Report)
        .where(*_closing(name, month), Report.scope.in_((ALL, scope_slug)))
        .order_by(Report.scope, Report.revision.desc())
        .limit(1)
    )


def closed_scopes(connection: sa.Connection, name: str, month: Month) -> frozenset[str]:
    """The scopes in which a month was submitted: slugs of sites, "all", both, or none."""
    return frozenset(connection.scalars(sa.select(_REPORT.c.scope).where(*_closing(name, month))))


def is_closed(scopes: frozenset[str], scope_slug: str) -> bool:
    """Whether scopes that were submitted cover this site."""
    return ALL in scopes or scope_slug in scopes


def first_open_month(name: str, month: Month, scope_slug: str) -> Month:
    """The first later month of a site that is not closed: there a late fact of `month` is booked."""
    later = month.next()
    while closed_by(name, later, scope_slug) is not None:
        later = later.next()
    return later


def hold_first_open_month(
    connection: sa.Connection, name: str, month: Month, scope_slug: str
) -> Month:
    """The same, and nobody submits that month before this transaction ends."""
    later = month.next()
    while True:
        hold_month(connection, name, later)
        if not is_closed(closed_scopes(connection, name, later), scope_slug):
            return later
        later = later.next()


def hold_month(connection: sa.Connection, name: str, month: Month) -> None:
    """Let nobody submit this month before the transaction ends. Others may hold it at the same time.

    To be called before any other lock is taken. SQLite has one writer anyway.
    """
    _book(connection, name, month, read=True)


def lock_month(session: Session, name: str, month: Month) -> None:
    """Wait until all late facts of this month are written, and keep others out until the commit."""
    _book(session.connection(), name, month, read=False)


def _book(connection: sa.Connection, name: str, month: Month, *, read: bool) -> None:
    if connection.dialect.name != "postgresql":
        return
    key = {"name": name, "month": str(month)}
    of_key = sa.and_(_BOOK.c.name == name, _BOOK.c.month == str(month))
    locked = sa.select(_BOOK.c.name).where(of_key).with_for_update(read=read)
    if connection.execute(locked).first() is None:
        # Committed at once: a new row that waits for this transaction would keep others waiting too.
        with reading().connect() as own:
            own.execute(postgresql.insert(_BOOK).values(key).on_conflict_do_nothing())
        connection.execute(locked).one()


def facts_after(report: Report) -> int:
    """How many entries of an issued report's period came in, or were taken back, after it was counted.

    0 for one that was not issued. Whoever wants to rely on it holds `lock_month` meanwhile.
    """
    issued_at = db.session.scalar(
        sa.select(IssuedReport.issued_at).where(IssuedReport.id == report.id)
    )
    if issued_at is None:
        return 0

    def counted() -> Built:
        content = sa.select(IssuedReport.content).where(IssuedReport.id == report.id)
        return snapshot.unpack(db.session.scalars(content).one())

    kind = report_kinds()[report.name]
    return kind.changes(Period.parse(report.period), report.scope, issued_at, counted)


def close_month(session: Session, report: Report, now: datetime) -> None:
    """What submitting must do first, in its transaction: keep late facts out, and see that none came.

    Raises RuleError month_not_over, report_outdated (count).
    """
    period = Period.parse(report.period)
    if now < period.last_month.ends_at + _AFTERMATH:
        raise RuleError("month_not_over")
    for month in period.months():
        lock_month(session, report.name, month)
    if count := facts_after(report):
        raise RuleError("report_outdated", count=count)
