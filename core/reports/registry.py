"""Which reports there are: each programme registers its own, the house knows them only as this."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.access import Actor
from core.programme import programmes
from core.reports.form import Line, Source
from core.reports.paper import Paper
from core.reports.proof import EvidencePage
from core.reports.register import Annexes
from core.reports.values import Built, Finding, Period
from core.sites.models import SiteKind


@dataclass(frozen=True)
class RowPage:
    """The page of a row of a dataset. keys: the arguments that its id holds, separated by dots."""

    endpoint: str
    keys: tuple[str, ...] = ("event_id",)

    def args(self, row_id: str) -> dict[str, str]:
        """The arguments of the page for one row."""
        return dict(zip(self.keys, row_id.split("."), strict=True))


@dataclass(frozen=True)
class ReportKind:
    """One kind of monthly report.

    build: counts a period of a scope ("all" or a site's slug) as plain values; reads only.
    check: what is wrong with it before issue. template: lays it out, for preview and paper alike.
    workbook: the same as .xlsx. sources: what a column of the bureau's form may hold, by key;
    form_lines: its lines, a value for each source; form_columns: the sources of an office that chose
    none.
    row_pages: by dataset, the page of a row that a figure was counted from.
    sampled: the dataset from which an audit draws its sample; evidence: a page for each row drawn.
    changes: given period, scope, when it was issued and how to read what was counted then: how many
    of its facts are others now.
    annexes: the registers and lists that a paper has behind its figures.
    """

    name: str
    title: Any
    site_kind: SiteKind
    everywhere: Any  # what the scope of all its sites is called
    build: Callable[[Period, str, datetime], Built]
    check: Callable[[Built, datetime], tuple[Finding, ...]]
    template: str
    workbook: Callable[[Built, Paper], bytes]
    sources: Mapping[str, Source] = field(default_factory=dict)
    form_lines: Callable[[Built], Sequence[Line]] = lambda _built: ()
    form_columns: tuple[str, ...] = ()
    row_pages: Mapping[str, RowPage] = field(default_factory=dict)
    sampled: str = ""
    evidence: (
        Callable[[Built, Sequence[tuple[Any, ...]], Actor, datetime], tuple[EvidencePage, ...]]
        | None
    ) = None
    changes: Callable[[Period, str, datetime, Callable[[], Built]], int] = lambda *_: 0
    annexes: Callable[[Built, Paper], Annexes] = lambda _built, _paper: Annexes()
    receiver: str = "REPORT_RECEIVER"  # the setting that names the authority it goes to


def report_kinds() -> dict[str, ReportKind]:
    """Every kind by name, in the order of the programmes."""
    return {kind.name: kind for programme in programmes() for kind in programme.reports}
