"""Which reports there are: each programme registers its own, the house knows them only as this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.programme import programmes
from core.reports.paper import Paper
from core.reports.register import Annexes
from core.reports.values import Built, Finding, Period
from core.sites.models import SiteKind


@dataclass(frozen=True)
class ReportKind:
    """One kind of monthly report.

    build: counts a period of a scope ("all" or a site's slug) as plain values; reads only.
    check: what is wrong with it before issue. template: lays it out, for preview and paper alike.
    workbook: the same as .xlsx. sources: what a column of the bureau's form may hold, by key.
    annexes: the registers and lists that a paper has behind its figures.
    """

    name: str
    title: Any
    site_kind: SiteKind
    build: Callable[[Period, str, datetime], Built]
    check: Callable[[Built, datetime], tuple[Finding, ...]]
    template: str
    workbook: Callable[[Built, Paper], bytes]
    sources: Mapping[str, Any] = field(default_factory=dict)
    annexes: Callable[[Built, Paper], Annexes] = lambda _built, _paper: Annexes()


def report_kinds() -> dict[str, ReportKind]:
    """Every kind by name, in the order of the programmes."""
    return {kind.name: kind for programme in programmes() for kind in programme.reports}
