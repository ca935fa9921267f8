"""The audit sample (审计资料包): some rows of an issued report by lot, each on one page of evidence.

Whoever has the seed draws the same rows again, so nobody can say that they were picked.
"""

import uuid
from random import Random
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import audit, clock
from core.access import Actor
from core.accounts.models import User
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.jobs import File, Run, task
from core.reports import codes, snapshot
from core.reports.models import IssuedReport
from core.reports.pdf import PdfUnavailable, to_pdf
from core.reports.registry import report_kinds
from core.reports.values import Dataset

JOB = "reports.sample"
MOST = 200
SEEDS = 1_000_000  # a seed has up to six digits, so that it can be read out over the telephone

describe({
    "report_sample_empty": Text(_l("This report counted no row that could be sampled.")),
    "report_sample_no_pdf": Text(_l(
        "This computer can't make PDFs: Pango is missing. Install it as “flask doctor” says and try again."
    ), 503),
})  # fmt: skip


def draw(data: Dataset, count: int, seed: int) -> list[tuple[Any, ...]]:
    """So many rows by lot, in their own order; all of them where there are no more.

    The same rows and seed always give the same sample. count >= 1.
    """
    numbers = range(len(data.rows))
    chosen = Random(seed).sample(numbers, min(count, len(data.rows)))
    return [data.rows[number] for number in sorted(chosen)]


def _who(run: Run) -> Actor:
    """Whoever ordered it, with the roles of now: papers are opened in her name."""
    user = db.session.get(User, run.by.user_id) if run.by.user_id is not None else None
    return user_actor(user) if user else run.by


@task(JOB, title=_l("Audit sample"), page="reports.index")
def sample_report(run: Run, report_id: str, count: int, seed: int) -> File:
    """The sample of an issued report as one PDF, in Chinese like the report itself.

    Raises RuleError report_sample_empty, report_sample_no_pdf.
    """
    if not current_app.config["PDF"]:
        raise RuleError("report_sample_no_pdf")
    issued = db.session.get_one(IssuedReport, uuid.UUID(report_id))
    name, code, content = issued.name, issued.token, issued.content
    kind, now = report_kinds()[name], clock.now()
    built = snapshot.unpack(content)
    rows = draw(built.datasets[kind.sampled], count, seed) if kind.evidence else []
    if not rows or kind.evidence is None:
        raise RuleError("report_sample_empty")
    with force_locale("zh_Hans"):
        pages = kind.evidence(built, rows, _who(run), now)
        run.progress(1, 4)
        heading = _("Audit sample")
        title = f"{heading}-{built.title}-{built.period}-{seed:06d}.pdf"
        try:
            # Without the values of a page, which belong to a request.
            template = current_app.jinja_env.get_template("reports/paper/sample.html")
            pdf = to_pdf(template.render(
                built=built, sampled=built.datasets[kind.sampled], heading=heading, pages=pages,
                code=codes.grouped(code), seed=f"{seed:06d}",
            ))  # fmt: skip
        except PdfUnavailable:
            raise RuleError("report_sample_no_pdf") from None
    with transaction() as session:
        audit.record(session, "report.sampled", subject=f"report:{report_id}", by=run.by, now=now,
                     after={"rows": len(rows), "seed": seed})  # fmt: skip
    return File(title, "application/pdf", pdf)
