"""The workshop's report as the house knows it. What it counts is imported when it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from core.access import Actor
from core.reports.paper import Paper
from core.reports.proof import EvidencePage
from core.reports.register import Annexes
from core.reports.registry import ReportKind, RowPage
from core.reports.values import Built, Finding, Period
from core.sites.models import SiteKind
from workshop.form_sources import FORM_COLUMNS, SOURCES


def _build(period: Period, scope: str, now: datetime) -> Built:
    from workshop.reports.build import build

    return build(period, scope, now)


def _check(built: Built, now: datetime) -> tuple[Finding, ...]:
    from workshop.reports.checks import check

    return check(built, now)


def _workbook(built: Built, paper: Paper) -> bytes:
    from workshop.reports.workbook import workbook

    return workbook(built, paper)


def _form_lines(built: Built) -> list[Mapping[str, Any]]:
    from workshop.reports.form import form_lines

    return form_lines(built)


def _changes(period: Period, scope: str, issued_at: datetime, counted: Callable[[], Built]) -> int:
    from workshop.reports.since import changes

    return changes(period, scope, issued_at, counted)


def _evidence(
    built: Built, rows: Sequence[tuple[Any, ...]], by: Actor, now: datetime
) -> tuple[EvidencePage, ...]:
    from workshop.reports.evidence import evidence_pages

    return evidence_pages(built, rows, by, now)


def _annexes(built: Built, paper: Paper) -> Annexes:
    from workshop.reports.annexes import annexes

    return annexes(built, paper)


_SESSION = RowPage("workshop.attendance", ("session_id",))
_PLACEMENT = RowPage("workshop.placement", ("person_id", "placement_id"))
REPORT = ReportKind(
    name="workshop", title=_l("Monthly report of the women's micro-factory"), site_kind=SiteKind.WORKSHOP,
    everywhere=_l("All workshops"), receiver="WORKSHOP_REPORT_RECEIVER",
    build=_build, check=_check, template="workshop/report.html", workbook=_workbook, changes=_changes,
    annexes=_annexes, sampled="attendances", evidence=_evidence, sources=SOURCES,
    form_lines=_form_lines, form_columns=FORM_COLUMNS,
    row_pages={
        **dict.fromkeys(("sessions", "attendances", "unmarked", "adjustments"), _SESSION),
        **dict.fromkeys(("jobs", "in_work", "follow_ups", "lasting"), _PLACEMENT),
    },
)  # fmt: skip
