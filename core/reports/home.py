"""Reports on the home page: what still stands in the way of each, as of the last look; nothing is counted."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _

from core.access import OFFICE, Actor, Role
from core.clock import service_day
from core.db import db
from core.programme import HomeCard
from core.reports import queries, reads
from core.reports.models import Report
from core.reports.registry import report_kinds
from core.reports.values import ALL, Period, PeriodKind, ReportState
from core.reports.words import PERIOD_KIND, STATE, period_words, revision_words

# Rows among which a manager's newest reports are looked for: her sites times a few revisions.
NEWEST_OF = 20


def home(actor: Actor, now: datetime) -> list[HomeCard]:
    """Open reports for the office; for a manager, the newest one of each of her sites."""
    if actor.has(*OFFICE):
        names = reads.scope_names()
        return [_open_card(report, names, now) for report in queries.waiting_reports(now)]
    if actor.has(Role.MANAGER):
        return [_issued_card(report, reads.scope_names()) for report in _newest(actor)]
    return []


def _open_card(report: Report, names: dict[str, str], now: datetime) -> HomeCard:
    figure, note, state = _standing(report, now)
    return HomeCard(
        _title(report), figure, " · ".join([note, *_what(report, names)]), "reports.show",
        {"report_id": report.id}, state,
    )  # fmt: skip


def _standing(report: Report, now: datetime) -> tuple[str, str, str]:
    """What is to be done next, in two phrases that read on, and how urgent it is."""
    if report.state is ReportState.REVIEWED:
        return _("Ready"), _("reviewed, to be issued"), "warn"
    if report.open_items is None:
        return _("Draft"), _("not looked at yet"), "plain"
    ended = Period.parse(report.period).last < service_day(now)
    if report.open_items <= 1 and ended:
        return _("To review"), _("everything else is settled"), "warn"
    return _("%(count)s to go", count=report.open_items), _("before the issue"), "warn"


def _title(report: Report) -> str:
    period = Period.parse(report.period)
    title = _(
        "%(kind)s report of %(period)s", kind=PERIOD_KIND[period.kind], period=period_words(period)
    )
    return title if report.revision == 1 else f"{title} {revision_words(report.revision)}"


def _what(report: Report, names: dict[str, str]) -> Iterable[str]:
    """Which of several kinds of report, and which scope."""
    if len(report_kinds()) > 1:
        yield str(reads.title_of(report.name))
    if report.scope != ALL:
        yield names.get(report.scope, report.scope)


def _newest(actor: Actor) -> list[Report]:
    """The newest monthly report of each scope that this actor sees."""
    months = reads.listed(actor, span=PeriodKind.MONTH).limit(NEWEST_OF)
    newest: dict[tuple[str, str], Report] = {}
    for row in db.session.scalars(months):
        newest.setdefault((row.name, row.scope), row)
    return list(newest.values())


def _issued_card(report: Report, names: dict[str, str]) -> HomeCard:
    _mark, word = STATE[report.state]
    return HomeCard(
        _title(report), str(word), " · ".join(_what(report, names)), "reports.show",
        {"report_id": report.id},
    )  # fmt: skip
