"""Certificates: the list, those of one cohort, the page of one, and those of other bodies."""

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import (
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import audit, clock, show
from core.access import Role, current_actor, requires
from core.db import db, transaction
from core.export import MEDIA_TYPE, filters
from core.forms import posted_id
from core.jobs import enqueue
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters, to_filtered
from workshop import certificate_codes
from workshop.actions import certificates as verbs
from workshop.actions.certificates import Issued
from workshop.actions.certificates.printing import JOB, token_of
from workshop.exports import certificates as certificate_export
from workshop.forms.certificates import (
    KINDS,
    CertificateFilter,
    ExternalForm,
    IssueForm,
    RevokeForm,
)
from workshop.lists import certificates as listing
from workshop.lists.certificates import CertificateKind, CertificateQuery
from workshop.models import Certificate, CertificateNumber, Cohort, ExternalCertificate
from workshop.views import bp
from workshop.views.enrolments import tell_refused
from workshop.views.visible import AT_WORKSHOP, person_in_filter, visible_cohort, visible_learner

MAY_REVOKE = (Role.CLERK, Role.REVIEWER)
# So many at once are more than a class has, and a bound on what one request can order.
MOST_AT_ONCE = 1000


def _form_and_query() -> tuple[CertificateFilter, CertificateQuery]:
    form = CertificateFilter()
    query = CertificateQuery(
        current_actor().site_ids, q=form.value_of("q") or "", kind=form.value_of("kind"),
        year=form.value_of("year"), person_id=form.value_of("person"),
    )  # fmt: skip
    return form, query


@bp.route("/certificates", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def certificates() -> str:
    """Ours and those of other bodies, by search, kind and year."""
    form, query = _form_and_query()
    page = show.paginate(listing.certificates(query), scalars=False)
    return render_template(
        "workshop/certificates.html", form=form, query=query, page=page,
        rows=listing.rows_of(page.items), kinds=KINDS, is_filtered=bool(page.args),
        person=person_in_filter(query.person_id), is_revoked=query.kind is CertificateKind.REVOKED,
    )  # fmt: skip


@bp.get("/certificates.xlsx")
@requires(*AT_WORKSHOP)
def export_certificates() -> FlaskResponse | Response:
    """The same list as a workbook; noted in the log, because it leaves the house."""
    if g.get("whole_number"):
        # The list that this leads out of an address looks the number up by a form of its own.
        return to_filtered("workshop.certificates")
    form, query = _form_and_query()
    now = clock.now()
    rows = listing.rows_of(db.session.execute(listing.certificates(query)))
    chosen = filters(form, person_in_filter(query.person_id))
    if query.kind is None:
        chosen.append((form.kind.label.text, "text", _("All in force")))
    file, count = certificate_export.workbook(rows, chosen, by=current_actor().name, now=now)
    with transaction() as session:
        audit.record(session, "certificate.exported", subject="certificates", by=current_actor(),
                     now=now, after={"rows": count})  # fmt: skip
    name = f"{_('Certificates')}-{clock.service_day(now):%Y%m%d}.xlsx"
    return send_file(file, MEDIA_TYPE, as_attachment=True, download_name=name, max_age=0)


@bp.get("/cohorts/<int:cohort_id>/certificates")
@requires(*AT_WORKSHOP)
def cohort_certificates(cohort_id: int) -> str:
    """Who completed the class, and whose certificate is still to be issued or printed."""
    cohort = visible_cohort(cohort_id)
    rows = listing.completers(cohort_id)
    form = IssueForm(formdata=None, data={"on": clock.service_day(clock.now())})
    return render_template(
        "workshop/cohort_certificates.html", cohort=cohort, rows=rows, form=form,
        missing=[row for row in rows if row.certificate is None],
        issued=[row for row in rows if row.certificate is not None],
        today=clock.service_day(clock.now()),
    )  # fmt: skip


@bp.post("/cohorts/<int:cohort_id>/certificates")
@requires(*AT_WORKSHOP)
def issue_certificates(cohort_id: int) -> Response:
    """Issue the certificates of those chosen."""
    visible_cohort(cohort_id)
    form = IssueForm()
    back = redirect(url_for("workshop.cohort_certificates", cohort_id=cohort_id))
    chosen = request.form.getlist("person", type=posted_id)
    if not chosen:
        flash(_("Nobody is chosen. Tick the names first; nothing was changed."), "warning")
    elif not form.validate():
        flash(_("The day cannot be read. Nothing was changed; type it as 2026-11-02."), "error")
    else:
        found: list[Issued] = []
        if attempt(lambda: found.append(verbs.issue_many(
            chosen, cohort_id, on=form.on.data, by=current_actor(), now=clock.now()
        ))):  # fmt: skip
            if found[0].done:
                flash(_("%(count)s certificates are issued. Print them next.", count=len(found[0].done)),
                      "success")  # fmt: skip
            tell_refused(found[0].refused)
    return back


@bp.post("/certificates/prints")
@requires(*AT_WORKSHOP)
def print_certificates() -> Response:
    """Order the PDF of those chosen; a job draws it."""
    chosen = _uuids(request.form.getlist("certificate"))[:MOST_AT_ONCE]
    site_ids = current_actor().site_ids
    statement = (
        sa.select(Certificate.id)
        .join(Cohort, Cohort.id == Certificate.cohort_id)
        .where(Certificate.id.in_(chosen), Certificate.revoked_at.is_(None))
        .where(sa.true() if site_ids is None else Cohort.site_id.in_(site_ids))
    )
    ids = [str(each) for each in db.session.scalars(statement)]
    if not ids:
        flash(_("No certificate is chosen, so there is nothing to print."), "warning")
        return redirect(url_for("workshop.certificates"))
    job = enqueue(JOB, by=current_actor(), now=clock.now(), ids=ids)
    return redirect(url_for("jobs.show", job_id=job.id))


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _visible_certificate(person_id: int, certificate_id: uuid.UUID) -> tuple[Certificate, Cohort]:
    """A certificate of ours with its cohort; 403 when that is another site's."""
    row = db.session.get(Certificate, (person_id, certificate_id))
    if row is None:
        abort(404)
    return row, visible_cohort(row.cohort_id)


@bp.get("/certificates/<int:person_id>/<uuid:certificate_id>")
@requires(*AT_WORKSHOP)
def certificate(person_id: int, certificate_id: uuid.UUID) -> str:
    """What one certificate says, how it is verified, and whether it stands."""
    return _certificate_page(*_visible_certificate(person_id, certificate_id))


def _certificate_page(row: Certificate, cohort: Cohort, form: RevokeForm | None = None) -> str:
    number = db.session.get_one(CertificateNumber, row.number)
    token = token_of(number)
    return render_template(
        "workshop/certificate.html", row=row, cohort=cohort, code=certificate_codes.grouped(token),
        token=token, form=form or RevokeForm(formdata=None),
        public_url=current_app.config["PUBLIC_URL"].strip().rstrip("/"),
    )  # fmt: skip


@bp.post("/certificates/<int:person_id>/<uuid:certificate_id>/revocation")
@requires(*MAY_REVOKE)
def revoke_certificate(person_id: int, certificate_id: uuid.UUID) -> Response | tuple[str, int]:
    """Declare it void, with a reason."""
    row, cohort = _visible_certificate(person_id, certificate_id)
    form = RevokeForm()
    if form.validate() and saved(form, lambda: verbs.revoke(
        person_id, certificate_id, reason=form.reason.data, by=current_actor(), now=clock.now()
    )):  # fmt: skip
        flash(_("Certificate %(number)s is revoked. Its public page says so from now on.",
                number=row.number), "success")  # fmt: skip
        return redirect(
            url_for("workshop.certificate", person_id=person_id, certificate_id=certificate_id)
        )
    db.session.expire_all()
    return _certificate_page(row, cohort, form), 422


@bp.route("/learners/<int:person_id>/external-certificates/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def record_external(person_id: int) -> Response | str | tuple[str, int]:
    """Record a certificate of another body; those recorded before stand below."""
    learner = visible_learner(person_id)
    form = ExternalForm(listing.skills(), listing.cohorts_of_learner(person_id))
    if form.validate_on_submit() and saved(form, lambda: verbs.record_external(
        person_id, form.shown(), by=current_actor(), now=clock.now()
    )):  # fmt: skip
        flash(_("The certificate is recorded."), "success")
        return redirect(url_for("workshop.record_external", person_id=person_id))
    return _external_page(learner, form)


def _external_page(learner: Any, form: ExternalForm) -> str | tuple[str, int]:
    if form.is_submitted():
        db.session.expire_all()
    page = render_template(
        "workshop/external_certificates.html",
        learner=learner,
        form=form,
        rows=listing.external_of(learner.person_id),
    )
    return (page, 422) if form.is_submitted() else page


@bp.post("/learners/<int:person_id>/external-certificates/<uuid:certificate_id>/removal")
@requires(*AT_WORKSHOP)
def remove_external(person_id: int, certificate_id: uuid.UUID) -> Response:
    """Take a wrong entry off the list, with a reason."""
    visible_learner(person_id)
    if db.session.get(ExternalCertificate, (person_id, certificate_id)) is None:
        abort(404)
    attempt(
        lambda: verbs.remove_external(
            person_id, certificate_id, reason=request.form.get("reason", ""), by=current_actor(),
            now=clock.now(),
        ),
        _("The entry is removed; it stays in the records with its reason."),
    )  # fmt: skip
    return redirect(url_for("workshop.record_external", person_id=person_id))
