"""The list of reports, and opening a draft."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core import clock, show
from core.access import Role, current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.reports import reads
from core.reports.forms import OpenForm, ReportFilter
from core.reports.values import Period
from core.reports.views import bp
from core.reports.views.visible import READERS, WORDS
from core.sites.models import Site


@bp.get("")
@requires(*READERS)
def index() -> str:
    """Every period, kind and scope that was begun, the newest first."""
    return _page(OpenForm(_sites(), clock.service_day(clock.now()), formdata=None))


def _sites() -> list[Site]:
    return list(db.session.scalars(sa.select(Site).order_by(Site.is_active.desc(), Site.id)))


def _page(opening: OpenForm) -> str:
    actor = current_actor()
    form = ReportFilter(reads.years(actor))
    filters = {name: form.value_of(name) for name in ("year", "name", "span", "state")}
    page = show.paginate(reads.listed(actor, **filters))
    ids = [report.id for report in page.items]
    return render_template(
        "reports/index.html", form=form, opening=opening, page=page, moves=reads.last_moves(ids),
        files=reads.files_of(ids), newest=reads.newest_issued(page.items), scopes=reads.scope_names(),
        title_of=reads.title_of, everywhere_of=reads.everywhere_of, may_open=actor.has(Role.CLERK, Role.ADMIN), **WORDS,
        readable=[*reads.outputs_for(actor), *(["workbook"] if reads.sees_all(actor) else [])],
    )  # fmt: skip


@bp.post("")
@requires(Role.CLERK)
def create() -> Response | tuple[str, int]:
    """Open a draft, or the one that is open already."""
    form, now = OpenForm(_sites(), clock.service_day(clock.now())), clock.now()
    if not form.validate_on_submit():
        return _page(form), 422
    from core.reports.actions import open_draft

    try:
        report = open_draft(
            form.name, Period.parse(form.period.data), form.scope, by=current_actor(), now=now
        )
    except RuleError as error:
        flash(sentence(error), "warning")
        return redirect(url_for("reports.index"))
    return redirect(url_for("reports.show", report_id=report.id))
