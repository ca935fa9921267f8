"""Issuing a report: ordered once, its progress on the page of everybody who looks, stopped by anybody
of the office."""

import uuid
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, jobs
from core.access import current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.jobs.models import UNFINISHED, Job, JobState
from core.jobs.views import is_slow, note_of, step_of
from core.reports import actions
from core.reports.models import Report
from core.reports.values import ReportState
from core.reports.views import bp
from core.reports.views.visible import AT_THE_OFFICE, visible_report


def job_values(report: Report) -> dict[str, Any]:
    """The work on the issue of a report: how far it is, or why it did not come about."""
    job = db.session.get(Job, report.issuing_job_id) if report.issuing_job_id else None
    if job is None:
        return {"job": None, "job_runs": False}
    failed = job.state in (JobState.FAILED, JobState.CANCELLED)
    _kind, note = note_of(job) or ("", None)
    return {
        "job": job, "job_runs": job.state in UNFINISHED, "job_failed": failed, "job_note": note,
        "job_step": step_of(job), "job_is_slow": is_slow(job, clock.now()),
    }  # fmt: skip


@bp.post("/<uuid:report_id>/issue")
@requires(*AT_THE_OFFICE)
def create_issue(report_id: uuid.UUID) -> Response:
    """Order the issue; whoever presses second is shown the same work."""
    report = visible_report(report_id)
    try:
        actions.order_issue(report.id, by=current_actor(), now=clock.now())
    except RuleError as error:
        flash(sentence(error), "warning")
    return _back(report_id)


@bp.get("/<uuid:report_id>/issue")
@requires(*AT_THE_OFFICE)
def issue_progress(report_id: uuid.UUID) -> FlaskResponse:
    """The part of the page that changes; once the work is over, the whole page is loaded again."""
    report = visible_report(report_id)
    values = job_values(report)
    answer = make_response(render_template("reports/_issue.html", report=report, **values))
    if not values["job_runs"]:
        if report.state is ReportState.ISSUED:
            flash(_("Issued. Its files stand below and never change again."), "success")
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/<uuid:report_id>/issue/cancellation")
@requires(*AT_THE_OFFICE)
def cancel_issue(report_id: uuid.UUID) -> Response:
    """Stop the work; nothing of it is kept."""
    report = visible_report(report_id)
    try:
        if report.issuing_job_id is not None:
            jobs.cancel(report.issuing_job_id, by=current_actor(), now=clock.now())
            flash(_("It will stop at its next step. Nothing is issued."), "info")
    except RuleError as error:
        flash(sentence(error), "warning")
    return _back(report_id)


def _back(report_id: uuid.UUID) -> Response:
    return redirect(f"{url_for('reports.show', report_id=report_id)}#next")
