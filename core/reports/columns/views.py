"""The page /office/report-columns: choose, order and rename the columns of the bureau's form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import OFFICE, current_actor, requires
from core.audit_words import action_word
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.reports import queries
from core.reports.columns import default_of, stored
from core.reports.columns.actions import (
    digest,
    last_change,
    reset_columns,
    save_columns,
    undo_columns,
)
from core.reports.columns.forms import ColumnsForm
from core.reports.form import FormColumn, Source, cells
from core.reports.models import IssuedReport, Report
from core.reports.registry import ReportKind, report_kinds
from core.reports.values import Built, Kind
from core.reports.words import period_words

bp = Blueprint("report_columns", __name__, url_prefix="/office/report-columns")

PREVIEWED = 5


@bp.get("")
@requires(*OFFICE)
def index() -> str:
    """The columns of one kind of report, the first one unless `?name=` says another."""
    kinds = _kinds()
    if not kinds:
        abort(404)
    name = request.args.get("name", next(iter(kinds)))
    if name not in kinds:
        abort(404)
    kept = stored(db.session(), name)
    columns = kept or _default(kinds[name])
    form = ColumnsForm(kinds[name].sources, columns, digest(kept))
    return _page(kinds[name], form, columns)


def _kinds() -> dict[str, ReportKind]:
    return {name: kind for name, kind in report_kinds().items() if kind.sources}


def _default(kind: ReportKind) -> tuple[FormColumn, ...]:
    return default_of(kind.sources, kind.form_columns)


@bp.post("/<name>")
@requires(*OFFICE)
def save(name: str) -> Response | str | tuple[str, int]:
    """Save what was typed, or show what it would look like."""
    kind = queries.kind_of(name)
    form = ColumnsForm(kind.sources)
    if not form.validate_on_submit():
        return _page(kind, form, form.value()), 422
    if request.form.get("act") == "preview":
        tidy = ColumnsForm(kind.sources, form.value(), form.seen.data or "", formdata=None)
        return _page(kind, tidy, form.value(), is_unsaved=True)
    try:
        changed = save_columns(
            name, form.value(), seen=form.seen.data or "", by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        form.form_errors.append(sentence(error))
        others = stored(db.session(), name) if error.code == "columns_changed" else None
        if others is not None:
            form.seen.data = digest(others)
        return _page(kind, form, form.value(), others), 422
    flash(
        _("Saved. The next workbook has these columns.") if changed else _("Nothing was different."),
        "success",
    )  # fmt: skip
    return _back(name)


def _back(name: str) -> Response:
    return redirect(url_for("report_columns.index", name=name))


@bp.post("/<name>/default")
@requires(*OFFICE)
def reset(name: str) -> Response:
    """Put the default back."""
    if reset_columns(name, by=current_actor(), now=clock.now()):
        flash(_("The form has its default columns again. You can take this back."), "success")
    else:
        flash(_("The form has its default columns already."), "info")
    return _back(name)


@bp.post("/<name>/undo")
@requires(*OFFICE)
def undo(name: str) -> Response:
    """Take the last change back."""
    undo_columns(name, by=current_actor(), now=clock.now())
    flash(_("The last change is taken back."), "success")
    return _back(name)


@dataclass(frozen=True)
class Preview:
    """The first rows of the form as it would look. report: whose rows they are; empty for none."""

    report: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


def _page(
    kind: ReportKind,
    form: ColumnsForm,
    columns: Sequence[FormColumn],
    others: tuple[FormColumn, ...] | None = None,
    is_unsaved: bool = False,
) -> str:
    """others: the columns that somebody else saved meanwhile."""
    return render_template(
        "reports/columns.html", kind=kind, kinds=_kinds(), form=form, action_word=action_word,
        preview=_preview(kind, columns), last=last_change(kind.name),
        is_default=not stored(db.session(), kind.name), is_unsaved=is_unsaved,
        others=None if others is None else others or _default(kind),
    )  # fmt: skip


def _preview(kind: ReportKind, columns: Sequence[FormColumn]) -> Preview:
    built = _last_built(kind, clock.now())
    sources = [kind.sources.get(each.source, Source("")) for each in columns]
    heads = tuple(
        (column.heading, source.kind in (Kind.NUMBER, Kind.FEN, Kind.HOURS))
        for column, source in zip(columns, sources, strict=True)
    )
    if built is None:
        return Preview("", heads, ())
    lines = kind.form_lines(built)[:PREVIEWED]
    rows = cells(lines, columns, kind.sources, shows=lambda _source: False)
    return Preview(
        f"{period_words(built.period)} {built.scope_name}", heads,
        tuple(
            tuple(_shown(source.kind, value) for source, value in zip(sources, row, strict=True))
            for row in rows
        ),
    )  # fmt: skip


def _last_built(kind: ReportKind, now: datetime) -> Built | None:
    """The last report of a kind that has anybody in it: the last one issued, else the draft at hand."""
    issued = db.session.scalar(
        sa.select(IssuedReport.id)
        .where(IssuedReport.name == kind.name)
        .order_by(IssuedReport.issued_at.desc())
        .limit(1)
    )
    if issued is not None:
        return queries.as_issued(issued)
    draft = db.session.scalar(
        sa.select(Report)
        .where(Report.name == kind.name, Report.state.in_(queries.OPEN))
        .order_by(Report.period, Report.created_at)
        .limit(1)
    )
    if draft is None:
        return None
    try:
        return queries.count(draft, now)
    except KeyError:  # its site is not there any more
        return None


def _shown(kind: Kind, value: Any) -> str:
    if value is None or value == "":
        return ""
    if kind is Kind.FEN:
        return show.money(value)
    return f"{value:,}" if kind is Kind.NUMBER else str(value)
