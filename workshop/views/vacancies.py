"""Vacancies: the list, one with its ranked candidates and referrals, and whom to tell when it is full."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import current_actor, requires
from core.db import db
from core.forms import posted_id
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters
from workshop.actions import employers as actions
from workshop.actions import follow_ups, placements
from workshop.forms.jobs import ReferForm, VacancyFilter, VacancyForm
from workshop.lists import jobs as listing
from workshop.lists import matching
from workshop.lists.jobs import PlacementQuery, VacancyQuery
from workshop.models import Vacancy
from workshop.values import FILLED_REASON, VacancyState
from workshop.views import bp
from workshop.views.jobs_visible import (
    MAY_PLACE,
    areas_in_use,
    known_employer,
    known_vacancy,
    visible_placement,
)
from workshop.views.visible import AT_WORKSHOP, shown_name, skills_in_use, visible_learner

REFERRALS_SHOWN = 200
CANDIDATES_SHOWN = 20  # each with its reasons: fifty would be a page of 100 KB


@bp.route("/vacancies", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters(of_people=False)
def vacancies() -> str:
    """What is recruited for."""
    form = VacancyFilter(skills_in_use())
    query = VacancyQuery(
        form.value_of("q") or "", form.wanted_state, form.value_of("skill"), bool(form.mothers.data)
    )
    page = show.paginate(listing.vacancies(query))
    return render_template("workshop/vacancies.html", form=form, page=page, is_filtered=bool(page.args),
                           waiting=listing.waiting_of(page.items, current_actor().site_ids))  # fmt: skip


@bp.route("/employers/<int:employer_id>/vacancies/new", methods=["GET", "POST"])
@requires(*MAY_PLACE)
def open_vacancy(employer_id: int) -> Response | str | tuple[str, int]:
    """Open a vacancy."""
    row, made = known_employer(employer_id), []
    form = VacancyForm(areas_in_use(), skills_in_use())
    today = clock.service_day(clock.now())
    if form.validate_on_submit() and saved(form, lambda: made.append(actions.open_vacancy(
        employer_id, form.facts(), on=today, by=current_actor(), now=clock.now()
    ).id)):  # fmt: skip
        flash(
            _("The vacancy is open. Below stand the women whom it fits, the best first."), "success"
        )
        return redirect(url_for("workshop.vacancy", vacancy_id=made[0]))
    page = render_template("workshop/edit_vacancy.html", form=form, employer=row, row=None)
    return (page, 422) if form.is_submitted() else page


@bp.get("/vacancies/<int:vacancy_id>")
@requires(*AT_WORKSHOP)
def vacancy(vacancy_id: int) -> str:
    """One vacancy: its referrals and, while it recruits, its ranked candidates."""
    row, actor = known_vacancy(vacancy_id), current_actor()
    today = clock.service_day(clock.now())
    found = matching.candidates(row, today, actor.site_ids) if is_recruiting(row) else []
    referrals = db.session.scalars(
        listing.placements(PlacementQuery(site_ids=actor.site_ids, vacancy_id=row.id))
        .limit(REFERRALS_SHOWN)
    ).all()  # fmt: skip
    return render_template(
        "workshop/vacancy.html", row=row, page=show.paged(found, CANDIDATES_SHOWN), referrals=referrals, today=today,
        is_recruiting=is_recruiting(row), ended=listing.to_tell_count(row.id, actor.site_ids),
    )  # fmt: skip


def is_recruiting(row: Vacancy) -> bool:
    """Whether women can be referred today."""
    today = clock.service_day(clock.now())
    return row.state is VacancyState.OPEN and (row.closes_on is None or row.closes_on >= today)


@bp.route("/vacancies/<int:vacancy_id>/edit", methods=["GET", "POST"])
@requires(*MAY_PLACE)
def change_vacancy(vacancy_id: int) -> Response | str | tuple[str, int]:
    """Change what a vacancy offers."""
    row = known_vacancy(vacancy_id)
    form = VacancyForm(areas_in_use(row.area_id), skills_in_use(row.skill_id), row)
    if form.validate_on_submit() and saved(form, lambda: actions.change_vacancy(
        vacancy_id, form.facts(), by=current_actor(), now=clock.now()
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.vacancy", vacancy_id=vacancy_id))
    page = render_template("workshop/edit_vacancy.html", form=form, employer=row.employer, row=row)
    return (page, 422) if form.is_submitted() else page


@bp.post("/vacancies/<int:vacancy_id>/end")
@requires(*MAY_PLACE)
def close_vacancy(vacancy_id: int) -> Response:
    """Stop recruiting."""
    known_vacancy(vacancy_id)
    reason = request.form.get("reason", "")
    attempt(
        lambda: actions.close_vacancy(
            vacancy_id, reason=reason, by=current_actor(), now=clock.now()
        ),
        _("The vacancy is closed. Open referrals ended with it."),
    )
    return redirect(url_for("workshop.vacancy", vacancy_id=vacancy_id))


@bp.post("/vacancies/<int:vacancy_id>/reopening")
@requires(*MAY_PLACE)
def reopen_vacancy(vacancy_id: int) -> Response:
    """Recruit again."""
    known_vacancy(vacancy_id)
    attempt(
        lambda: actions.reopen_vacancy(vacancy_id, by=current_actor(), now=clock.now()),
        _("The vacancy is open again."),
    )
    return redirect(url_for("workshop.vacancy", vacancy_id=vacancy_id))


@bp.post("/vacancies/<int:vacancy_id>/referrals")
@requires(*MAY_PLACE)
def refer(vacancy_id: int) -> Response:
    """Refer a woman: from the vacancy's page, or from hers."""
    known_vacancy(vacancy_id)
    person_id = request.form.get("person_id", type=posted_id)
    if person_id is None:
        abort(400)
    learner, form = visible_learner(person_id), ReferForm()
    if form.validate_on_submit():
        attempt(
            lambda: placements.refer(
                person_id, vacancy_id, on=form.on.data, by=current_actor(), now=clock.now()
            ),
            _(
                "%(name)s is referred. The next step is the interview.",
                name=shown_name(learner.person),
            ),
        )
    else:
        flash(_("Choose the day on which she was referred. Nothing was saved."), "error")
    if request.form.get("from") == "learner":
        return redirect(url_for("workshop.learner_vacancies", person_id=person_id))
    return redirect(url_for("workshop.vacancy", vacancy_id=vacancy_id))


@bp.post("/vacancies/<int:vacancy_id>/to-tell")
@requires(*MAY_PLACE)
def to_tell(vacancy_id: int) -> str:
    """Whom to tell that the vacancy is full or closed: names, telephones, a ready text. Logged."""
    row = known_vacancy(vacancy_id)
    found = listing.to_tell(row.id, current_actor().site_ids)
    follow_ups.note_calls([one.person_id for one in found], why=f"vacancy:{row.id}",
                          by=current_actor(), now=clock.now())  # fmt: skip
    return render_template("workshop/to_tell.html", row=row, found=found, filled=FILLED_REASON)


@bp.post("/placements/<int:person_id>/<uuid:placement_id>/telling")
@requires(*MAY_PLACE)
def tell_placement(person_id: int, placement_id: UUID) -> Response | str:
    """She was told; the list stays open for the next."""
    row = visible_placement(person_id, placement_id)
    vacancy_id = row.vacancy_id
    attempt(
        lambda: placements.mark_told(person_id, placement_id, by=current_actor(), now=clock.now()),
        _("%(name)s was told.", name=shown_name(row.person)),
    )
    if vacancy_id is None:
        return redirect(
            url_for("workshop.placement", person_id=person_id, placement_id=placement_id)
        )
    return to_tell(vacancy_id)


@bp.get("/learners/<int:person_id>/vacancies")
@requires(*AT_WORKSHOP)
def learner_vacancies(person_id: int) -> str:
    """The open vacancies for a woman, best first."""
    learner = visible_learner(person_id)
    found = matching.offers(learner, clock.service_day(clock.now()))
    return render_template("workshop/learner_vacancies.html", learner=learner, person=learner.person,
                           page=show.paged(found, CANDIDATES_SHOWN))  # fmt: skip
