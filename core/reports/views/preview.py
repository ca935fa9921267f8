"""The report on the screen, as on paper: every figure a link to its rows, the registers page by page."""

import uuid
from dataclasses import replace
from urllib.parse import quote

from flask import abort, render_template, request
from flask_babel import force_locale
from markupsafe import Markup

from core import audit, clock, show
from core.access import current_actor, requires
from core.db import transaction
from core.reports import queries, reads
from core.reports.layout import view_of
from core.reports.models import Report
from core.reports.papers import Seal, paper_of
from core.reports.printed import View
from core.reports.reads import Content
from core.reports.register import Register, on_screen
from core.reports.registry import report_kinds
from core.reports.values import Output
from core.reports.views import bp
from core.reports.views.visible import READERS, content_of, page_values, visible_report


@bp.get("/<uuid:report_id>/preview")
@requires(*READERS)
def preview(report_id: uuid.UUID) -> str:
    """One of the papers: a draft as it would be now, an issued report from what was kept of it."""
    report = visible_report(report_id)
    output, content = _output(), content_of(report)
    # A paper is Chinese whatever language the screen has, and so is its preview.
    with force_locale(queries.LANGUAGE):
        view = _view(report, content, output)
        body = Markup(render_template("reports/_paper.html", view=view, link=_address))
    _note(report, output)
    return render_template("reports/preview.html", **page_values(report), content=content, output=output,
                           allowed=reads.outputs_for(current_actor()), view=view, body=body)  # fmt: skip


@bp.get("/<uuid:report_id>/registers/<int:place>")
@requires(*READERS)
def register(report_id: uuid.UUID, place: int) -> str:
    """One register of a paper, fifty lines a page."""
    report = visible_report(report_id)
    output, content = _output(), content_of(report)
    with force_locale(queries.LANGUAGE):
        view = _view(report, content, output)
        found = _register(view, place)
    page = show.paged(range(found.rows))
    first = page.items[0] if page.items else 0
    _note(report, output, register=place, page=page.page)
    return render_template("reports/register.html", **page_values(report), output=output, register=found,
                           page=page, lines=on_screen(found, first, first + len(page.items)))  # fmt: skip


def _output() -> Output:
    """The paper that the address names; without one, the fullest that this actor may read."""
    allowed = reads.outputs_for(current_actor())
    fullest = Output.ARCHIVE if Output.ARCHIVE in allowed else Output.PUBLIC
    asked = request.args.get("output", fullest.value)
    if asked not in set(Output):
        abort(404)
    if asked not in allowed:
        abort(403)
    return Output(asked)


def _view(report: Report, content: Content, output: Output) -> View:
    kind = report_kinds().get(report.name)
    if kind is None:
        abort(404)
    issued = content.issued
    paper = paper_of(report, output, seal=Seal.of(issued) if issued else None)
    # Whole ID numbers are for the paper that was asked for, never for a screen.
    paper = replace(paper, full_ids=False, explanations=issued.explained() if issued else ())
    return view_of(kind, content.built, paper)


def _register(view: View, place: int) -> Register:
    if place >= len(view.annexes.registers):
        abort(404)
    return view.annexes.registers[place]


def _address(key: str) -> str:
    """Seen from the preview: hundreds of whole addresses would make a third of the page."""
    return f"figures/{quote(key)}"


def _note(report: Report, output: Output, **more: int) -> None:
    """Each look at names is noted; the public paper has none that are whole."""
    if output is Output.PUBLIC:
        return
    with transaction() as session:
        audit.record(session, "report.previewed", subject=f"report:{report.id}", by=current_actor(),
                     now=clock.now(), after={"output": output.value, **more})  # fmt: skip
