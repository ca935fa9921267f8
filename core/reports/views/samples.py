"""The audit sample of an issued report: how many rows, which seed, and the job that prints them."""

import secrets
import uuid

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core import clock, jobs
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.reports.forms import SampleForm
from core.reports.models import IssuedReport
from core.reports.registry import report_kinds
from core.reports.sample import JOB, SEEDS
from core.reports.views import bp
from core.reports.views.visible import page_values, visible_report


@bp.route("/<uuid:report_id>/sample", methods=["GET", "POST"])
@requires(*OFFICE, Role.AUDITOR)
def sample(report_id: uuid.UUID) -> Response | str | tuple[str, int]:
    """Choose, and order the pages; 404 before the issue."""
    report = visible_report(report_id)
    kind = report_kinds().get(report.name)
    if kind is None or kind.evidence is None or db.session.get(IssuedReport, report.id) is None:
        abort(404)
    form = SampleForm()
    if form.validate_on_submit():
        job = jobs.enqueue(
            JOB, by=current_actor(), now=clock.now(), report_id=str(report.id),
            count=form.count.data, seed=form.seed.data,
        )  # fmt: skip
        return redirect(url_for("jobs.show", job_id=job.id))
    if form.seed.data is None and not form.is_submitted():
        form.seed.data = secrets.randbelow(SEEDS)
    page = render_template("reports/sample.html", form=form, **page_values(report))
    return (page, 422) if form.is_submitted() else page
