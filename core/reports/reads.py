"""Reads that several pages of reports share: who sees which, the list, and what a report says."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.access import OFFICE, Actor, Role
from core.db import db
from core.reports import queries
from core.reports.models import IssuedReport, Report, ReportFile, ReportMove
from core.reports.registry import report_kinds
from core.reports.values import ALL, Built, Output, PeriodKind, ReportState
from core.sites.models import Site

# Who sees every report in every state and on every paper; a manager, only what was issued for her site.
SEE_ALL = (*OFFICE, Role.AUDITOR)
_NOT_ISSUED = (ReportState.DRAFT, ReportState.REVIEWED)

# What stands after the year of a period: 2026-10, 2026-Q4, 2026-H2, 2026.
_MARKS = {
    PeriodKind.MONTH: ("0", "1"),
    PeriodKind.QUARTER: ("Q",),
    PeriodKind.HALF: ("H",),
    PeriodKind.YEAR: ("",),
}


def sees_all(actor: Actor) -> bool:
    """Whether this actor sees every report, and all that stands in it."""
    return actor.has(*SEE_ALL)


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Which reports this actor may see, as a condition."""
    if sees_all(actor):
        return sa.true()
    own = sa.select(Site.slug).where(Site.id.in_(actor.site_ids or ()))
    return sa.and_(Report.state.not_in(_NOT_ISSUED), Report.scope.in_(own))


def outputs_for(actor: Actor) -> tuple[Output, ...]:
    """The papers that this actor may read: the public one for everybody who sees the report."""
    return tuple(Output) if sees_all(actor) else (Output.PUBLIC,)


def shows_names(actor: Actor) -> bool:
    """Whether names stand whole: for the office, and for a manager, who knows the people of her site."""
    return actor.has(*OFFICE, Role.MANAGER)


def _ends() -> sa.ColumnElement[str]:
    """The last month of a period, as text that sorts by time."""
    rest = sa.func.substr(Report.period, 6)
    last = {"": "12", "Q1": "03", "Q2": "06", "Q3": "09", "Q4": "12", "H1": "06", "H2": "12"}
    month = sa.case(
        *((rest == text, sa.literal(number)) for text, number in last.items()), else_=rest
    )
    return sa.func.substr(Report.period, 1, 4).op("||")(month)


def listed(
    actor: Actor,
    *,
    year: str | None = None,
    name: str | None = None,
    span: PeriodKind | None = None,
    state: ReportState | None = None,
) -> sa.Select[tuple[Report]]:
    """The reports of the list, newest period first and the newest revision of each on top."""
    statement = (
        sa.select(Report)
        .where(visible(actor))
        .order_by(
            _ends().desc(), Report.period.desc(), Report.name, Report.scope, Report.revision.desc()
        )
    )
    if year:
        statement = statement.where(Report.period.startswith(year, autoescape=True))
    if name:
        statement = statement.where(Report.name == name)
    if span:
        statement = statement.where(sa.func.substr(Report.period, 6, 1).in_(_MARKS[span]))
    if state:
        statement = statement.where(Report.state == state)
    return statement


def years(actor: Actor) -> list[str]:
    """The years of the reports that this actor sees, newest first."""
    year = sa.func.substr(Report.period, 1, 4)
    return list(
        db.session.scalars(sa.select(year).where(visible(actor)).distinct().order_by(year.desc()))
    )


def last_moves(report_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ReportMove]:
    """The last step in the life of each of these reports."""
    moves = db.session.scalars(
        sa.select(ReportMove)
        .where(ReportMove.report_id.in_(list(report_ids)))
        .order_by(ReportMove.report_id, ReportMove.number)
    )
    return {move.report_id: move for move in moves}


def files_of(report_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[ReportFile]]:
    """The files of each of these reports, without their bytes."""
    found: dict[uuid.UUID, list[ReportFile]] = {}
    rows = db.session.scalars(
        sa.select(ReportFile).where(ReportFile.report_id.in_(list(report_ids)))
    )
    for row in rows:
        found.setdefault(row.report_id, []).append(row)
    order = [*Output, "workbook"]
    for files in found.values():
        files.sort(key=lambda file: order.index(file.output))
    return found


def newest_issued(reports: Iterable[Report]) -> dict[tuple[str, str, str], int]:
    """The highest revision that was issued, by name, scope and period of these reports."""
    keys = {(each.name, each.scope, each.period) for each in reports}
    table = IssuedReport.__table__.c
    statement = (
        sa.select(table.name, table.scope, table.period, sa.func.max(table.revision))
        .where(table.period.in_({period for _name, _scope, period in keys}))
        .group_by(table.name, table.scope, table.period)
    )
    return {
        (name, scope, period): revision
        for name, scope, period, revision in db.session.execute(statement)
        if (name, scope, period) in keys
    }


def scope_names() -> dict[str, str]:
    """The names of all sites by slug."""
    return dict(db.session.execute(sa.select(Site.slug, Site.name)).tuples().all())


@dataclass(frozen=True)
class Content:
    """What a report says: counted now while it is open, from what was kept once it is issued."""

    built: Built
    issued: IssuedReport | None

    @property
    def is_live(self) -> bool:
        return self.issued is None


def content_of(report: Report, now: datetime) -> Content:
    """The figures and rows of a report. Raises RuleError report_kind_unknown for a draft whose programme
    is not there any more."""
    if report.state.is_open:
        return Content(queries.count(report, now), None)
    return Content(queries.as_issued(report.id), db.session.get_one(IssuedReport, report.id))


def person_names(built: Built) -> Mapping[int, str]:
    """Names by the person's id, as they stood when it was counted; whoever was erased has none."""
    people = built.datasets.get("people")
    if people is None:
        return {}
    number, name = people.place("person_id"), people.place("name")
    return {row[number]: row[name] for row in people.rows}


def everywhere_of(name: str) -> Any:
    """What the scope of all sites of such a report is called."""
    kind = report_kinds().get(name)
    return kind.everywhere if kind else ALL


def title_of(name: str) -> Any:
    """What a report of this name is called."""
    kind = report_kinds().get(name)
    return kind.title if kind else name
