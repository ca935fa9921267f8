"""What still has to be done before a report is issued, each with the place where it is done."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from core.db import db, transaction
from core.reports import layout, queries
from core.reports.models import Report, ReportExplanation
from core.reports.values import Built, Finding, Output, ReportState

IDENTITIES, GLYPHS = "identities", "glyphs"


@dataclass(frozen=True)
class Item:
    """One thing to be done. endpoint, args: where; code: of the finding, or "receiver", "review"."""

    code: str
    sentence: str
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)
    is_done: bool = False


@dataclass(frozen=True)
class Readiness:
    """One look at a report: its count, what the checks found, and what is to be done."""

    built: Built
    findings: tuple[Finding, ...]
    items: tuple[Item, ...]

    @property
    def open_count(self) -> int:
        return sum(not item.is_done for item in self.items)


def look(report: Report, now: datetime) -> Readiness:
    """Count and check an open report as of now, and note on it how much is still to be done."""
    built, found = examine(report, now)
    readiness = Readiness(built, found, items(report, built, found, explanations(report)))
    with transaction() as session:
        session.execute(
            sa.update(Report.__table__)  # type: ignore[arg-type]
            .where(Report.id == report.id, Report.state.in_(queries.OPEN))
            .values(open_items=readiness.open_count, checked_at=now)
        )
    return readiness


def examine(report: Report, now: datetime) -> tuple[Built, tuple[Finding, ...]]:
    """The count of a report and everything that is wrong with it, what stops the issue first."""
    built = queries.count(report, now)
    with force_locale(queries.LANGUAGE):
        checked = queries.kind_of(report.name).check(built, now)
        found = (*_broken(built), *_undrawable(report, built), *checked)
    return built, tuple(sorted(found, key=lambda finding: not finding.stops))


def _broken(built: Built) -> Iterable[Finding]:
    broken = [each for each in built.identities if not each.holds]
    if broken:
        rows = tuple((f"{each.sentence}: {each.left} ≠ {each.right}", None) for each in broken)
        yield Finding(
            IDENTITIES, _("Figures that must agree do not"),
            _("This is a fault of the program or of its data. Nothing can be issued until it is found."),
            rows, stops=True,
        )  # fmt: skip


def _undrawable(report: Report, built: Built) -> Iterable[Finding]:
    from core.reports.papers import paper_of  # which prints what is explained here

    # The copy for the office has every name and every text.
    lacking = layout.missing_glyphs(built, paper_of(report, Output.ARCHIVE))
    if lacking:
        rows = tuple((f"{name}({characters})", None) for name, characters in lacking)
        yield Finding(
            GLYPHS, _("Characters that can't be printed"),
            _("No font of the printer has them: correct the name, or ask for a font that has it."),
            rows, stops=True,
        )  # fmt: skip


def explanations(report: Report) -> dict[str, ReportExplanation]:
    """What was written about findings, by their code."""
    rows = db.session.scalars(
        sa.select(ReportExplanation).where(ReportExplanation.report_id == report.id)
    )
    return {row.code: row for row in rows}


def rows_digest(finding: Finding) -> str:
    """SHA-256 (hex) of the rows of a finding: what an explanation was written about."""
    text = json.dumps([finding.code, finding.rows], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_explained(finding: Finding, written: Mapping[str, ReportExplanation]) -> bool:
    """Whether somebody has explained these very rows, and they can be explained at all."""
    row = written.get(finding.code)
    return not finding.stops and row is not None and row.rows_digest == rows_digest(finding)


def items(
    report: Report,
    built: Built,
    findings: Iterable[Finding],
    written: Mapping[str, ReportExplanation],
) -> tuple[Item, ...]:
    """Everything that has to be done until the issue, done or not, in the order of doing it."""
    place, args = "reports.show", {"report_id": report.id}
    found = [
        Item(finding.code, _sentence(finding), place, {**args, "_anchor": f"finding-{finding.code}"},
             is_explained(finding, written))
        for finding in findings
    ]  # fmt: skip
    return (
        *found,
        Item("receiver", _("Name the authority that receives the report"), place,
             {**args, "_anchor": "texts"}, bool(report.receiver.strip())),
        Item("review", _("Have the report reviewed by another person"), place,
             {**args, "_anchor": "review"}, report.state is not ReportState.DRAFT),
    )  # fmt: skip


def _sentence(finding: Finding) -> str:
    title, count = finding.title, len(finding.rows)
    if finding.stops:
        return _("%(title)s: put right (%(count)s)", title=title, count=count)
    return _("%(title)s: clarify or explain (%(count)s)", title=title, count=count)
