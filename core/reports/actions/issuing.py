"""Ordering the issue; the work itself is the job in core/reports/issue.py."""

import uuid
from datetime import datetime

from flask import current_app

from core import jobs
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.jobs.models import UNFINISHED, Job
from core.reports import rules
from core.reports.actions.rows import entry, locked
from core.reports.rules import Step
from core.reports.values import Period

JOB = "reports.issue"


def order_issue(report_id: uuid.UUID, *, by: Actor, now: datetime) -> Job:
    """Have a reviewed report issued. However often and by however many it is pressed, it is one job
    until that job has failed or was cancelled.

    Raises RuleError report_not_reviewed, report_reviewer_issues, report_month_running,
    report_no_pdf.
    """
    with transaction() as session:
        report = locked(session, report_id)
        rules.target_of(Step.ISSUE, report.state, by.roles)
        rules.check_issuer(by.user_id, report.reviewed_by_id)
        rules.check_ended(Period.parse(report.period), now)
        if not current_app.config["PDF"]:
            raise RuleError("report_no_pdf")
        job = session.get(Job, report.issuing_job_id) if report.issuing_job_id else None
        if job is not None and job.state in UNFINISHED and job.cancel_requested_at is None:
            return job
        job = jobs.enqueue(JOB, by=by, now=now, report_id=str(report_id))
        report.issuing_job_id = job.id
        entry(session, "report.issue_ordered", report, by=by, now=now, after={"job": str(job.id)})
    return job
