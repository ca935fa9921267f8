"""The steps in the life of a report: reviewed, signed, submitted, concluded, returned, corrected."""

import uuid

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.edge import sentence
from core.errors import RuleError
from core.reports import actions
from core.reports.forms import (
    ClosingForm,
    ReasonForm,
    ReturnForm,
    ReviewForm,
    SignatureForm,
    SubmissionForm,
)
from core.reports.views import bp
from core.reports.views.done import done, mend
from core.reports.views.visible import AT_THE_OFFICE, visible_report

Answer = Response | tuple[str, int]


@bp.post("/<uuid:report_id>/review")
@requires(Role.REVIEWER)
def create_review(report_id: uuid.UUID) -> Answer:
    """Vouch for the report as it was shown."""
    report, form = visible_report(report_id), ReviewForm(prefix="review")
    if not form.validate_on_submit():
        return mend(report)
    return done(report, "next", _("Reviewed. Another person issues it."), lambda: actions.review(
        report_id, form.digest.data or "", grant_full_ids=bool(form.grant_full_ids.data),
        shown_at=form.moment, by=current_actor(), now=clock.now(),
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/review/withdrawal")
@requires(*AT_THE_OFFICE)
def withdraw_review(report_id: uuid.UUID) -> Answer:
    """Make a draft of it again."""
    report, form = visible_report(report_id), ReasonForm(prefix="withdrawal")
    if not form.validate_on_submit():
        return mend(report, withdrawal=form)
    return done(report, "next", _("The report is a draft again."), lambda: actions.withdraw_review(
        report_id, reason=form.reason.data or "", by=current_actor(), now=clock.now()
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/signature")
@requires(*AT_THE_OFFICE)
def create_signature(report_id: uuid.UUID) -> Answer:
    """Attach the scan, and note that the paper is signed and stamped."""
    report, form = visible_report(report_id), SignatureForm(prefix="signature")
    if not form.validate_on_submit():
        return mend(report, signature=form)

    def sign() -> None:
        by, now = current_actor(), clock.now()
        if content := form.content():
            from core.evidence.actions import attach

            title = str(_("Signed and stamped page"))
            attach(f"report:{report_id}", content, title=title, person_id=None, by=by, now=now)
        actions.sign(report_id, note=form.note.data or "", by=by, now=now)

    return done(report, "next", _("Signed and stamped; the scan is kept with it."), sign)


@bp.post("/<uuid:report_id>/submission")
@requires(*AT_THE_OFFICE)
def create_submission(report_id: uuid.UUID) -> Answer:
    """To whom it was handed in, and when."""
    report, form = visible_report(report_id), SubmissionForm(prefix="submission")
    if not form.validate_on_submit() or form.on.data is None:
        return mend(report, submission=form)
    on = form.on.data
    return done(report, "next", _("Submitted. From now on its figures stand for good."), lambda: actions.submit(
        report_id, receiver=form.receiver.data or "", on=on, note=form.note.data or "",
        by=current_actor(), now=clock.now(),
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/closing")
@requires(*AT_THE_OFFICE)
def create_closing(report_id: uuid.UUID) -> Answer:
    """The receiver has concluded it."""
    report, form = visible_report(report_id), ClosingForm(prefix="closing")
    if not form.validate_on_submit():
        return mend(report, closing=form)
    return done(report, "next", _("Concluded."), lambda: actions.close(
        report_id, note=form.note.data or "", by=current_actor(), now=clock.now()
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/return")
@requires(*AT_THE_OFFICE)
def create_return(report_id: uuid.UUID) -> Answer:
    """The receiver gave it back."""
    report, form = visible_report(report_id), ReturnForm(prefix="return")
    if not form.validate_on_submit():
        return mend(report, return_form=form)
    return done(report, "next", _("Noted as returned. Its figures stand; hand it in again when it is mended."),
                lambda: actions.return_report(
        report_id, note=form.note.data or "", by=current_actor(), now=clock.now()
    ))  # fmt: skip


@bp.post("/<uuid:report_id>/revision")
@requires(*AT_THE_OFFICE)
def create_revision(report_id: uuid.UUID) -> Answer:
    """Begin the next revision, for a reason."""
    report, form = visible_report(report_id), ReasonForm(prefix="revision")
    if not form.validate_on_submit():
        return mend(report, revision=form)
    try:
        new = actions.start_revision(
            report_id, reason=form.reason.data or "", by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        flash(sentence(error), "warning")
        return redirect(url_for("reports.show", report_id=report_id))
    flash(_("The next revision is begun. The one before stays as it was issued."), "success")
    return redirect(url_for("reports.show", report_id=new.id))


@bp.post("/<uuid:report_id>/discarding")
@requires(*AT_THE_OFFICE)
def discard(report_id: uuid.UUID) -> Answer:
    """Throw away a draft that nobody needs."""
    report = visible_report(report_id)
    try:
        actions.discard_draft(report.id, by=current_actor(), now=clock.now())
    except RuleError as error:
        flash(sentence(error), "warning")
        return redirect(url_for("reports.show", report_id=report_id))
    flash(_("The draft is discarded."), "success")
    return redirect(url_for("reports.index"))
