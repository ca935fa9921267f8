"""The page of one report: where it stands, what is to be done, what it says, who did what."""

import uuid
from typing import Any

from flask import abort, render_template

from core import clock, show
from core.access import current_actor, requires
from core.db import db
from core.reports import months, queries, readiness, reads, rules, snapshot
from core.reports.differences import differences
from core.reports.forms import ExplanationForm, FullIdsForm, ReviewForm, TextsForm, step_forms
from core.reports.models import Report
from core.reports.readiness import Readiness
from core.reports.stages import life_line
from core.reports.values import Built, Finding, Period, ReportState
from core.reports.views import bp
from core.reports.views.issuing import job_values
from core.reports.views.visible import (
    AT_THE_OFFICE,
    READERS,
    content_of,
    page_values,
    visible_report,
)

ROWS_SHOWN = 10


@bp.get("/<uuid:report_id>", endpoint="show")
@requires(*READERS)
def show_report(report_id: uuid.UUID) -> str:
    """One revision from its draft to its end."""
    return report_page(visible_report(report_id))


def report_page(report: Report, **forms: Any) -> str:
    """The page. forms: one that was sent and has to be mended, by its name in the template."""
    now, actor = clock.now(), current_actor()
    seen = readiness.look(report, now) if report.state.is_open and reads.sees_all(actor) else None
    content = reads.Content(seen.built, None) if seen else content_of(report)
    values = _draft_values(report, seen, forms) if seen else {"seen": None}
    newer = queries.newer_revision(db.session(), report)
    return render_template(
        "reports/show.html", **page_values(report), content=content, line=life_line(report), moves=report.moves,
        newer=newer, changed_since=0 if newer else _changed_since(report),
        files=reads.files_of([report.id]).get(report.id, []),
        readable=readable(),  may_write=may_write(), steps=steps(report),
        explained=content.issued.explained() if content.issued and reads.sees_all(actor) else (),
        **values, **step_forms(report, now, forms), **job_values(report), **_revision_values(report, content.built),
    )  # fmt: skip


def _changed_since(report: Report) -> int:
    """How many records are others than when it was issued, while it can still be corrected."""
    waits = report.state in (ReportState.ISSUED, ReportState.SIGNED)
    return months.facts_after(report) if waits else 0


def may_write() -> bool:
    """Whether this actor writes in drafts."""
    return rules.may_write(current_actor().roles)


def steps(report: Report) -> frozenset[str]:
    """The steps that this actor may take now."""
    actor = current_actor()
    found = rules.steps_from(report.state, actor.roles)
    return frozenset(step.value for step in found)


def readable() -> list[str]:
    """The files that this actor may fetch."""
    actor = current_actor()
    return [*reads.outputs_for(actor), *(["workbook"] if reads.sees_all(actor) else [])]


def _draft_values(report: Report, seen: Readiness, forms: dict[str, Any]) -> dict[str, Any]:
    """What stands on the page of an open report only."""
    actor, ends_on = current_actor(), Period.parse(report.period).last
    return {
        "seen": seen, "written": readiness.explanations(report), "is_explained": readiness.is_explained,
        "rows_digest": readiness.rows_digest, "rows_shown": ROWS_SHOWN,
        "shows_names": reads.shows_names(actor),
        "ends_on": ends_on,
        "is_running": clock.service_day(clock.now()) <= ends_on,
        "texts": forms.pop("texts", None) or TextsForm(obj=report, prefix="texts", formdata=None),
        "full_ids": forms.pop("full_ids", None) or FullIdsForm(prefix="full-ids", formdata=None),
        "explaining": forms.pop("explaining", None) or ExplanationForm(prefix="explanation", formdata=None),
        "asked_by_me": report.full_ids_asked_by_id == actor.user_id,
        "reviewed_by_me": report.reviewed_by_id is not None and report.reviewed_by_id == actor.user_id,
        "review": ReviewForm(
            prefix="review", formdata=None, digest=snapshot.digest(seen.built),
            shown_at=report.changed_at.isoformat(),
        ),
    }  # fmt: skip


def _revision_values(report: Report, built: Built) -> dict[str, Any]:
    """How many figures differ from the revision before."""
    old = previous(report)
    if old is None:
        return {"before": None}
    return {"before": old, "changed": differences(queries.as_issued(old.id), built)}


def previous(report: Report) -> Report | None:
    """The revision before this one, which was issued."""
    known = queries.revisions(db.session(), report.name, report.scope, report.period)
    return next((row for row in reversed(known) if row.revision < report.revision), None)


@bp.get("/<uuid:report_id>/differences", endpoint="differences")
@requires(*READERS)
def show_differences(report_id: uuid.UUID) -> str:
    """What this revision says otherwise than the one before, figure by figure."""
    report = visible_report(report_id)
    old = previous(report)
    if old is None:
        abort(404)
    content = content_of(report)
    page = show.paged(differences(queries.as_issued(old.id), content.built))
    return render_template("reports/differences.html", **page_values(report), content=content, before=old,
                           page=page)  # fmt: skip


@bp.get("/<uuid:report_id>/findings/<code>")
@requires(*AT_THE_OFFICE)
def finding(report_id: uuid.UUID, code: str) -> str:
    """Every row of one finding, where the page of the report shows the first few."""
    report = visible_report(report_id)
    if not report.state.is_open:
        abort(404)
    found = _finding(readiness.look(report, clock.now()), code)
    page = show.paged(found.rows)
    return render_template("reports/finding.html", **page_values(report), finding=found, page=page,
                           first_row=(page.page - 1) * show.page_rows())  # fmt: skip


def _finding(seen: Readiness, code: str) -> Finding:
    for each in seen.findings:
        if each.code == code:
            return each
    abort(404)
