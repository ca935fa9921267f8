"""Issuing as a job: count, compare with what was reviewed, check, draw, and store in one transaction.

Nothing of it is kept until that transaction, so a killed, cancelled or repeated run leaves either a
whole report or none.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

import core.reports.sentences  # noqa: F401  each coded error has its sentence
from core import audit, clock
from core.access import SYSTEM
from core.db import db, transaction
from core.errors import RuleError
from core.jobs import Cancelled, Run, task
from core.jobs.models import Job, JobState
from core.reports import codes, layout, queries, readiness, rules, snapshot, suppression
from core.reports.actions.issuing import JOB
from core.reports.actions.rows import entry, locked, move, to_draft
from core.reports.models import IssuedReport, Report, ReportFile, ReportMove
from core.reports.papers import Seal, paper_of
from core.reports.pdf import PdfUnavailable
from core.reports.registry import ReportKind
from core.reports.values import Built, Finding, Output, Period, ReportState

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK = "workbook"

# How far the work is when each step begins: percent of the processor time that it took on a month of
# 400 diners and 2,500 meals (4.5 s in all).
STEPS = {
    "report_counting": 0,
    "report_checking": 3,
    "report_drawing_submission": 5,
    "report_drawing_archive": 40,
    "report_drawing_public": 80,
    "report_writing_workbook": 93,
    "report_storing": 98,
}
_DRAWING = {
    Output.SUBMISSION: "report_drawing_submission",
    Output.ARCHIVE: "report_drawing_archive",
    Output.PUBLIC: "report_drawing_public",
}


@dataclass(frozen=True)
class Made:
    """Everything of one issue before it is stored."""

    built: Built
    seal: Seal
    audit_links: int
    explanations: tuple[tuple[str, str], ...]
    files: tuple["MadeFile", ...]


@dataclass(frozen=True)
class MadeFile:
    """One file of an issue. output: an Output, or "workbook"."""

    output: str
    name: str
    media_type: str
    content: bytes
    pages: int | None = None


@task(JOB, title=_l("Issue of a report"), page="reports.index")
def issue(run: Run, report_id: str) -> None:
    """Issue a reviewed report; one that was issued meanwhile is left as it is.

    Raises RuleError report_not_reviewed, report_figures_changed, report_rows_changed,
    report_stopped, report_glyphs, report_no_pdf.
    """
    found = uuid.UUID(report_id)
    if db.session.get(IssuedReport, found) is not None:
        return  # by an attempt before this one
    report, now = queries.report_of(found), clock.now()
    report_at = report.changed_at
    _still_reviewed(report, report_at)
    rules.check_ended(Period.parse(report.period), now)

    def step(code: str) -> None:
        run.step(code, STEPS[code], 100)

    with force_locale(queries.LANGUAGE):
        step("report_counting")
        built, findings = readiness.examine(report, now)
        step("report_checking")
        _compare(report, report_at, built, now)
        _check(report, findings)
        made = _make(run, report, built, findings, now, step)
        step("report_storing")
        _store(run, found, report_at, made)


def _still_reviewed(report: Report, changed_at: datetime) -> None:
    """Raises RuleError report_not_reviewed when the review was withdrawn, or given anew since then."""
    if report.state is not ReportState.REVIEWED or report.changed_at != changed_at:
        raise RuleError("report_not_reviewed")


def _compare(report: Report, report_at: datetime, built: Built, now: datetime) -> None:
    """What was reviewed is what is issued. Raises RuleError report_figures_changed, report_rows_changed."""
    if snapshot.digest(built) == report.reviewed_digest:
        return
    reviewed, figures = report.reviewed_figures or {}, built.figures
    count = sum(
        reviewed.get(key) != (figures[key].value if key in figures else None)
        for key in reviewed.keys() | figures.keys()
    )
    with transaction() as session:
        _still_reviewed(locked(session, report.id), report_at)
        report.issuing_job_id = None  # this job fails by itself, it is not cancelled
        to_draft(session, report, f"figures_changed:{count}", by=SYSTEM, now=now)
    if count:
        raise RuleError("report_figures_changed", count=count)
    raise RuleError("report_rows_changed")


def _check(report: Report, findings: tuple[Finding, ...]) -> None:
    written = readiness.explanations(report)
    open_findings = [each for each in findings if not readiness.is_explained(each, written)]
    undrawable = [row for each in findings if each.code == readiness.GLYPHS for row in each.rows]
    if undrawable:
        raise RuleError("report_glyphs", names="、".join(name for name, _ in undrawable))
    if open_findings:
        titles = "、".join(each.title for each in open_findings)
        raise RuleError("report_stopped", count=len(open_findings), titles=titles)


def _make(
    run: Run, report: Report, built: Built, findings: tuple[Finding, ...], now: datetime,
    step: Callable[[str], None],
) -> Made:  # fmt: skip
    kind = queries.kind_of(report.name)
    links, head = _sealed(now)
    seal = Seal(
        issued_at=now, issued_by=run.by.name, reviewed_by=_reviewer(report), token=codes.new_code(),
        digest=snapshot.digest(built), audit_head=head,
    )  # fmt: skip
    papers = {output: paper_of(report, output, findings, seal) for output in Output}
    files = []
    for output, paper in papers.items():
        step(_DRAWING[output])
        try:
            content, pages = layout.pdf_of(kind, built, paper, _progress(run, _DRAWING[output]))
        except PdfUnavailable:
            raise RuleError("report_no_pdf") from None
        name = f"{_file_name(kind, report, built)}-{_OUTPUT_NAMES[output]}.pdf"
        files.append(MadeFile(output.value, name, PDF, content, pages))
    step("report_writing_workbook")
    content = kind.workbook(built, papers[Output.SUBMISSION])
    files.append(MadeFile(WORKBOOK, f"{_file_name(kind, report, built)}.xlsx", XLSX, content))
    written = papers[Output.ARCHIVE].explanations
    return Made(built, seal, links, written, tuple(files))


def _progress(run: Run, code: str) -> Callable[[int, int], None]:
    """How far a paper is, as a part of the way to the step after it; a long one is cancelled in between."""
    order = list(STEPS)
    first, last = STEPS[code], STEPS[order[order.index(code) + 1]]

    def progress(done: int, total: int) -> None:
        run.progress(first * total + (last - first) * done, 100 * total)

    return progress


# As they are called in every office, whatever language a screen has.
_OUTPUT_NAMES = {Output.SUBMISSION: "报送版", Output.ARCHIVE: "留存版", Output.PUBLIC: "公示版"}


def _file_name(kind: ReportKind, report: Report, built: Built) -> str:
    revision = f"-第{report.revision}版" if report.revision > 1 else ""
    return f"{kind.title}-{built.scope_name}-{report.period}{revision}".replace("/", "-")[:100]


def _sealed(now: datetime) -> tuple[int, str]:
    """Chain everything that led to this report; returns the links and the head."""
    audit.seal(now, audit.head_file_of(current_app.instance_path))
    return audit.head()


def _reviewer(report: Report) -> str:
    name = db.session.scalar(
        sa.select(ReportMove.by_name)
        .where(ReportMove.report_id == report.id, ReportMove.to_state == ReportState.REVIEWED)
        .order_by(ReportMove.number.desc())
        .limit(1)
    )
    return name or ""


def _store(run: Run, report_id: uuid.UUID, report_at: datetime, made: Made) -> None:
    """Store it, if the report is still what it was at the beginning and the job still this run's.

    report_at: changed_at of the report then.
    """
    now = made.seal.issued_at
    with transaction() as session:
        report = locked(session, report_id)
        if session.get(IssuedReport, report_id) is not None:
            return
        _still_reviewed(report, report_at)
        rules.check_issuer(run.by.user_id, report.reviewed_by_id)
        _own_job(session, run)
        session.add(_issued(report, made))
        session.flush()
        session.add_all(_file(report_id, each) for each in made.files)
        report.issued_by_id, report.issuing_job_id, report.open_items = run.by.user_id, None, 0
        move(session, report, ReportState.ISSUED, by=run.by, now=now)
        entry(session, "report.issue_done", report, by=run.by, now=now, after={
            "digest": made.seal.digest, "files": {each.output: _sha256(each.content) for each in made.files},
        })  # fmt: skip


def _own_job(session: Session, run: Run) -> None:
    """Cancelled or taken over by another worker until now, it stops; from here on it is done."""
    job = session.get(Job, run.job_id, with_for_update=True, populate_existing=True)
    is_mine = job is not None and job.state is JobState.RUNNING and job.attempt == run.attempt
    if job is None or not is_mine or job.cancel_requested_at is not None:
        raise Cancelled


def _issued(report: Report, made: Made) -> IssuedReport:
    seal, written = made.seal, json.dumps(made.explanations, ensure_ascii=False)
    return IssuedReport(
        id=report.id, name=report.name, scope=report.scope, period=report.period,
        revision=report.revision, token=seal.token, headline=headline_of(made.built),
        rules=list(made.built.rules), digest=seal.digest, audit_links=made.audit_links,
        audit_head=seal.audit_head, issued_at=seal.issued_at, issued_by=seal.issued_by,
        reviewed_by=seal.reviewed_by, content=snapshot.pack(made.built),
        explanations=written, explanations_sha256=_sha256(written.encode()),
    )  # fmt: skip


def headline_of(built: Built) -> list[list[str | int | None]]:
    """What the public page shows: [key, label, unit, value] of each figure of the period itself.

    A small count that would point at somebody is None.
    """
    small = suppression.hidden(built, current_app.config["SMALL_CELL_MINIMUM"])
    figures = [
        (line, built.figures[line.cells[0]]) for line in built.headline.lines if line.cells[0]
    ]
    return [
        [figure.key, line.label, figure.unit.value, None if figure.key in small else figure.value]
        for line, figure in figures
    ]


def _file(report_id: uuid.UUID, made: MadeFile) -> ReportFile:
    return ReportFile(
        report_id=report_id, output=made.output, file_name=made.name, media_type=made.media_type,
        size_bytes=len(made.content), pages=made.pages, sha256=_sha256(made.content),
        content=made.content,
    )  # fmt: skip


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
