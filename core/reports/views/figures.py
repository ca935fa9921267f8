"""A figure opened: the rows it was counted from, as they were at issue, or as they are in a draft."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, render_template, request, send_file
from flask_babel import gettext as _

from core import audit, clock, show
from core.access import current_actor, requires
from core.db import transaction
from core.logs import mask
from core.privacy import mask_id_number, mask_name, mask_phone
from core.reports import figure_file, opened, reads
from core.reports.differences import places_of
from core.reports.models import Report
from core.reports.opened import Opened
from core.reports.reads import Content
from core.reports.registry import report_kinds
from core.reports.values import Column, Kind
from core.reports.views import bp
from core.reports.views.visible import (
    READERS,
    content_of,
    may_open,
    may_open_figure,
    name_shown,
    page_values,
    visible_report,
)

# Columns that never stand whole on a page, whoever looks: what they hold is in the register on paper.
_MASKS: dict[str, Callable[[str], str]] = {
    "id_number": mask_id_number, "phone": mask_phone, "name": mask_name,
}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """Turns the values of a row into what this actor may read."""

    found: Opened
    name_of: Callable[[int], str]
    whole: bool

    def text(self, column: Column, value: Any) -> str:
        words = opened.value_words(self.found.dataset, column, value, self.name_of)
        if column.key in _MASKS:
            return _MASKS[column.key](words)
        return words if self.whole or column.kind is not Kind.TEXT else mask(words)


def _found(report: Report, key: str) -> tuple[Content, Opened]:
    content = content_of(report)
    if key not in content.built.figures:
        abort(404)
    if not may_open_figure(content.built, key):
        abort(403)
    found = opened.opened(content.built, key)
    return content, found if reads.sees_all(current_actor()) else opened.for_others(found)


@bp.get("/<uuid:report_id>/figures/<key>")
@requires(*READERS)
def figure(report_id: uuid.UUID, key: str) -> str:
    """What a figure counts, its rows, and the same sum again. The look is noted in the log."""
    report = visible_report(report_id)
    content, found = _found(report, key)
    of = request.args.get("of")
    grouped = found.is_distinct and of is None and request.args.get("rows") != "all"
    rows: Sequence[Any] = opened.grouped(found) if grouped else found.rows
    if of is not None:
        rows = opened.rows_about(found, of) if found.is_distinct else abort(404)
    page = show.paged(rows)
    _note("report.figure_opened", report, key, rows=len(found.rows), page=page.page)
    cells = Cells(found, name_shown(content), reads.shows_names(current_actor()))
    return render_template(
        "reports/figure.html", **page_values(report), content=content, found=found, page=page, cells=cells,
        grouped=grouped, of=of, definition=opened.definition(found), **_links(report, found),
        place=dict(places_of(content.built)).get(key, found.figure.label), first_row=(page.page - 1) * show.page_rows(),
    )  # fmt: skip


def _links(report: Report, found: Opened) -> dict[str, Any]:
    """Where a row and a person are looked at, if this actor may."""
    kind = report_kinds().get(report.name)
    page = kind.row_pages.get(found.dataset.name) if kind else None
    return {
        "row_page": page if page and may_open(page.endpoint) else None,
        "links_people": may_open("people.show"),
    }


def _note(action: str, report: Report, key: str, **values: Any) -> None:
    with transaction() as session:
        audit.record(session, action, subject=f"report:{report.id}", by=current_actor(), now=clock.now(),
                     after={"figure": key, **values})  # fmt: skip


@bp.get("/<uuid:report_id>/figures/<key>.xlsx")
@requires(*READERS)
def figure_workbook(report_id: uuid.UUID, key: str) -> FlaskResponse:
    """The rows of a figure as a workbook, names shown as on the page."""
    report = visible_report(report_id)
    content, found = _found(report, key)
    cells = Cells(found, name_shown(content), reads.shows_names(current_actor()))
    file = figure_file.workbook(
        content.built, found, cells.text, revision=report.revision, is_draft=content.is_live,
        by=current_actor().name, now=clock.now(),
    )  # fmt: skip
    _note("report.figure_exported", report, key, rows=len(found.rows))
    name = _("rows of %(figure)s %(period)s", figure=found.figure.label, period=report.period)
    return send_file(file, figure_file.MEDIA_TYPE, as_attachment=True, download_name=f"{name}.xlsx")
