"""Employers: the list, the page of one, and what it recruits for."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import current_actor, requires
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters
from workshop.actions import employers as actions
from workshop.forms.jobs import EmployerFilter, EmployerForm, employer_data
from workshop.lists import jobs as listing
from workshop.lists.jobs import EmployerState, PlacementQuery, VacancyQuery
from workshop.views import bp
from workshop.views.jobs_visible import MAY_PLACE, areas_in_use, known_employer
from workshop.views.visible import AT_WORKSHOP

RECENT = 20


def _today() -> date:
    return clock.service_day(clock.now())


@bp.route("/employers", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters(of_people=False)
def employers() -> str:
    """Employers, the micro-factory first."""
    form = EmployerFilter()
    state = form.value_of("state") or EmployerState.ACTIVE
    page = show.paginate(listing.employers(form.value_of("q") or "", state))
    return render_template("workshop/employers.html", form=form, page=page, is_filtered=bool(page.args),
                           counts=listing.counts_of(page.items, _today()))  # fmt: skip


@bp.route("/employers/new", methods=["GET", "POST"])
@requires(*MAY_PLACE)
def create_employer() -> Response | str | tuple[str, int]:
    """Add an employer."""
    form, made = EmployerForm(areas_in_use()), []
    if form.validate_on_submit() and saved(form, lambda: made.append(
        actions.add_employer(form.facts(), by=current_actor(), now=clock.now()).id
    )):  # fmt: skip
        flash(_("The employer is entered. Next, enter what it recruits for."), "success")
        return redirect(url_for("workshop.employer", employer_id=made[0]))
    page = render_template("workshop/edit_employer.html", form=form, row=None)
    return (page, 422) if form.is_submitted() else page


@bp.get("/employers/<int:employer_id>")
@requires(*AT_WORKSHOP)
def employer(employer_id: int) -> str:
    """One employer: whom to call there, its vacancies, the women at work there."""
    row, site_ids = known_employer(employer_id), current_actor().site_ids
    vacancies = show.paginate(listing.vacancies(VacancyQuery(state=None, employer_id=row.id)))
    placed = PlacementQuery(site_ids=site_ids, employer_id=row.id)
    found = listing.db.session.scalars(listing.placements(placed).limit(RECENT)).all()
    return render_template(
        "workshop/employer.html", row=row, vacancies=vacancies, placements=found,
        waiting=listing.waiting_of(vacancies.items, site_ids),
        counts=listing.counts_of([row], _today())[row.id],
    )  # fmt: skip


@bp.route("/employers/<int:employer_id>/edit", methods=["GET", "POST"])
@requires(*MAY_PLACE)
def change_employer(employer_id: int) -> Response | str | tuple[str, int]:
    """Change what is known of an employer."""
    row = known_employer(employer_id)
    form = EmployerForm(areas_in_use(row.area_id), data=employer_data(row))
    if form.validate_on_submit() and saved(form, lambda: actions.change_employer(
        employer_id, form.facts(), by=current_actor(), now=clock.now()
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.employer", employer_id=employer_id))
    page = render_template("workshop/edit_employer.html", form=form, row=row)
    return (page, 422) if form.is_submitted() else page


@bp.post("/employers/<int:employer_id>/end")
@requires(*MAY_PLACE)
def retire_employer(employer_id: int) -> Response:
    """Take an employer out of the lists."""
    known_employer(employer_id)
    reason = request.form.get("reason", "")
    attempt(
        lambda: actions.retire_employer(
            employer_id, reason=reason, by=current_actor(), now=clock.now()
        ),
        _("Taken out of the lists. It can be brought back from “Taken out”."),
    )
    return redirect(url_for("workshop.employer", employer_id=employer_id))


@bp.post("/employers/<int:employer_id>/reopening")
@requires(*MAY_PLACE)
def reopen_employer(employer_id: int) -> Response:
    """Bring an employer back."""
    known_employer(employer_id)
    attempt(
        lambda: actions.reopen_employer(employer_id, by=current_actor(), now=clock.now()),
        _("The employer is in the list again."),
    )
    return redirect(url_for("workshop.employer", employer_id=employer_id))
