"""The files of an issued report: the bytes as they were at issue, and an entry in the log for each look."""

import uuid
from io import BytesIO

import sqlalchemy as sa
from flask import Response, abort, make_response, request, send_file
from sqlalchemy.orm import undefer

from core import audit, clock
from core.access import current_actor, requires
from core.db import db, transaction
from core.reports import reads
from core.reports.models import ReportFile
from core.reports.values import Output
from core.reports.views import bp
from core.reports.views.visible import READERS, visible_report


@bp.get("/<uuid:report_id>.pdf")
@requires(*READERS)
def pdf(report_id: uuid.UUID) -> Response:
    """One of the papers; without `?output=`, the fullest that this actor may read."""
    allowed = reads.outputs_for(current_actor())
    asked = request.args.get("output", allowed[0].value)
    if asked not in set(Output):
        abort(404)
    return _file(report_id, asked)


@bp.get("/<uuid:report_id>.xlsx")
@requires(*READERS)
def workbook(report_id: uuid.UUID) -> Response:
    """The report as numbers."""
    return _file(report_id, "workbook")


def _file(report_id: uuid.UUID, output: str) -> Response:
    """The stored bytes; 403 for a paper that is not for this actor, 404 before the issue."""
    report, actor = visible_report(report_id), current_actor()
    if output not in reads.outputs_for(actor) and not reads.sees_all(actor):
        abort(403)
    row = db.session.scalar(
        sa.select(ReportFile)
        .where(ReportFile.report_id == report.id, ReportFile.output == output)
        .options(undefer(ReportFile.content))
    )
    if row is None:
        abort(404)
    content, name, media_type, sha256 = row.content, row.file_name, row.media_type, row.sha256
    if sha256 in request.if_none_match:
        unchanged = make_response("", 304)
        unchanged.set_etag(sha256)
        return unchanged
    with transaction() as session:
        audit.record(session, "report.file_fetched", subject=f"report:{report.id}", by=actor, now=clock.now(),
                     after={"file": output, "sha256": sha256})  # fmt: skip
    answer = send_file(
        BytesIO(content), media_type, as_attachment=True, download_name=name, etag=sha256, max_age=0
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
