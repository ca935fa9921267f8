"""What people write into an open report: texts, explanations, the wish for whole ID numbers."""

import uuid

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.reports import actions
from core.reports.forms import ExplanationForm, FullIdsForm, TextsForm
from core.reports.views import bp
from core.reports.views.done import done, mend
from core.reports.views.visible import AT_THE_OFFICE, visible_report

Answer = Response | tuple[str, int]


@bp.post("/<uuid:report_id>/texts")
@requires(*AT_THE_OFFICE)
def write_texts(report_id: uuid.UUID) -> Answer:
    """The receiver, 工作小结 and 典型案例."""
    report, form = visible_report(report_id), TextsForm(prefix="texts")
    if not form.validate_on_submit():
        return mend(report, texts=form)
    return done(report, "texts", _("Saved."), lambda: actions.write_texts(
        report_id, summary=form.summary.data or "", cases=form.cases.data or "",
        receiver=form.receiver.data or "", by=current_actor(), now=clock.now(),
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/explanations")
@requires(*AT_THE_OFFICE)
def explain(report_id: uuid.UUID) -> Answer:
    """Why a finding is as it is."""
    report, form = visible_report(report_id), ExplanationForm(prefix="explanation")
    if not form.validate_on_submit():
        return mend(report, explaining=form)
    code = form.code.data or ""
    return done(report, f"finding-{code}", _("Your explanation is kept with the report."), lambda: actions.explain(
        report_id, code, form.rows_digest.data or "", form.text.data or "", by=current_actor(), now=clock.now(),
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/full-ids")
@requires(*AT_THE_OFFICE)
def ask_full_ids(report_id: uuid.UUID) -> Answer:
    """Ask for whole ID numbers in the version for the bureau."""
    report, form = visible_report(report_id), FullIdsForm(prefix="full-ids")
    if not form.validate_on_submit():
        return mend(report, full_ids=form)
    return done(report, "full-ids", _("Asked. The reviewer grants it, or not."), lambda: actions.ask_full_ids(
        report_id, reason=form.reason.data or "", by=current_actor(), now=clock.now()
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/full-ids/removal")
@requires(*AT_THE_OFFICE)
def drop_full_ids(report_id: uuid.UUID) -> Answer:
    """Ask no longer."""
    report = visible_report(report_id)
    return done(report, "full-ids", _("ID numbers stay masked."), lambda: actions.drop_full_ids(
        report_id, by=current_actor(), now=clock.now()
    ))  # fmt: skip
