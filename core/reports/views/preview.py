"""The report on the screen, as on paper: every figure a link to its rows, the register page by page."""

import uuid

from flask import abort, render_template, request

from core.access import current_actor, requires
from core.reports import reads
from core.reports.papers import Seal, paper_of
from core.reports.values import Output
from core.reports.views import bp
from core.reports.views.visible import READERS, content_of, page_values, visible_report


@bp.get("/<uuid:report_id>/preview")
@requires(*READERS)
def preview(report_id: uuid.UUID) -> str:
    """One of the papers: a draft as it would be now, an issued report from what was kept of it."""
    report = visible_report(report_id)
    allowed = reads.outputs_for(current_actor())
    asked = request.args.get("output", allowed[-1 if len(allowed) == 1 else 1].value)
    if asked not in set(Output):
        abort(404)
    if asked not in allowed:
        abort(403)
    content = content_of(report)
    seal = Seal.of(content.issued) if content.issued else None
    paper = paper_of(report, Output(asked), seal=seal)
    return render_template("reports/preview.html", **page_values(report), content=content, paper=paper,
                           allowed=allowed)  # fmt: skip
