"""Places in cohorts: the list of one cohort with its waitlist, and the page of one place."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import Role, current_actor, requires
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.forms import posted_id
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters
from core.people.models import Person
from workshop.actions import enrolments as verbs
from workshop.actions.enrolments import Several
from workshop.forms.enrolments import (
    MoveForm,
    OfferForm,
    PlaceFilter,
    SeveralForm,
    SubsidyForm,
    TransferForm,
)
from workshop.lists import enrolments as listing
from workshop.lists.enrolments import PlaceQuery
from workshop.models import Cohort, Enrolment
from workshop.phrases import places as phrases_of_places
from workshop.rules.moves import ENROLMENT, NEEDS_REASON
from workshop.values import CohortState, EnrolmentState
from workshop.views import bp
from workshop.views.visible import (
    AT_WORKSHOP,
    MAY_TEACH,
    cohorts_of,
    follows_at,
    person_in_filter,
    shown_name,
    shows_phones,
    visible_cohort,
    visible_enrolment,
    visible_learner,
)
from workshop.words import enrolments as enrolment_words

E = EnrolmentState
FOUND_AT_MOST = 30
# What one button does; completion, transfers and offers have pages and buttons of their own.
BY_BUTTON = (E.ADMITTED, E.WAITLISTED, E.DECLINED, E.GAVE_UP, E.TRAINING, E.NO_SHOW, E.WITHDRAWN)
TAKING = (CohortState.OPEN, CohortState.RUNNING)


@bp.app_context_processor
def _for_places() -> dict[str, Any]:
    return {
        "subsidy_reason": enrolment_words.subsidy_reason,
        "places_summary": places_summary,
        "page_where": page_where,
    }


def page_where(endpoint: str, **values: Any) -> str | None:
    """The address of a page, None where no such page stands."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def places_summary(cohort: Cohort) -> dict[str, int]:
    """What the page of a cohort says of its places. Two queries."""
    counts = listing.counts_of(cohort.id)
    waiting, offered = listing.waiting_of(cohort.id)
    return {
        "applied": counts.get(E.APPLIED, 0), "waiting": waiting, "offered": offered,
        "to_decide": counts.get(E.TRAINING, 0), "completed": counts.get(E.COMPLETED, 0),
    }  # fmt: skip


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Whole names by person, for sentences about several."""
    rows = db.session.query(Person.id, Person.name).filter(Person.id.in_(list(person_ids)))
    return {row.id: row.name for row in rows}


def tell_refused(refused: list[tuple[int, RuleError]]) -> None:
    """Say of each who was left out why; the same sentence once for all whom it is about."""
    names = names_of(person_id for person_id, _error in refused)
    told: dict[str, list[str]] = {}
    for person_id, error in refused:
        told.setdefault(sentence(error), []).append(names.get(person_id, str(person_id)))
    for text, people in told.items():
        flash(_("%(names)s: %(why)s", names=_(", ").join(people), why=text), "error")


def default_day(cohort: Cohort, today: date) -> date:
    """The day offered when training starts: the first of the class, once it has begun."""
    return cohort.starts_on if cohort.starts_on <= today else today


@bp.route("/cohorts/<int:cohort_id>/enrolments", methods=["GET", "POST"])
@requires(*MAY_TEACH)
@posts_filters()
def enrolments(cohort_id: int) -> str:
    """The learners of a cohort by state and search, and who waits for a seat."""
    cohort, now = visible_cohort(cohort_id), clock.now()
    today = clock.service_day(now)
    form = PlaceFilter()
    query = PlaceQuery(
        cohort_id, q=form.value_of("q") or "", state=form.value_of("state"),
        person_id=form.value_of("person"),
    )  # fmt: skip
    page, waiting = show.paginate(listing.places(query)), listing.waitlist(cohort_id)
    may_call = shows_phones(cohort, [] if page.args else [row.place.person_id for row in waiting])
    return render_template(
        "workshop/enrolments.html", cohort=cohort, form=form, query=query, page=page,
        rows=listing.rows_of(page.items, cohort, now), waiting=waiting, may_call=may_call,
        counts=listing.counts_of(cohort_id), person=person_in_filter(query.person_id),
        is_filtered=bool(page.args), is_taking=cohort.state in TAKING, today=today,
        several=SeveralForm(formdata=None, data={"on": default_day(cohort, today), "or_wait": True}),
        hours=phrases_of_places.hours_share, may_change=follows_at(cohort.site_id),
    )  # fmt: skip


@bp.route("/cohorts/<int:cohort_id>/enrolments/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
@posts_filters()
def find_to_apply(cohort_id: int) -> str:
    """Who applies for this cohort: found among the learners."""
    cohort = visible_cohort(cohort_id)
    typed, person_id = request.args.get("q", "").strip(), request.args.get("person", type=posted_id)
    found = []
    if typed or person_id is not None:
        found = listing.found_to_apply(
            cohort_id, typed, person_id, current_actor().site_ids, FOUND_AT_MOST
        )
    return render_template(
        "workshop/find_to_apply.html", cohort=cohort, typed=typed, person_id=person_id,
        found=found, most=FOUND_AT_MOST, may_apply=_may_apply, is_taking=cohort.state in TAKING,
    )  # fmt: skip


def _may_apply(state: EnrolmentState | None) -> bool:
    return E.APPLIED in ENROLMENT[state]


@bp.post("/cohorts/<int:cohort_id>/enrolments/<int:person_id>/application")
@requires(*AT_WORKSHOP)
def create_enrolment(cohort_id: int, person_id: int) -> Response:
    """She applies; admit: she is admitted at once, or waits when no seat is left."""
    cohort = visible_cohort(cohort_id)
    learner = visible_learner(person_id)
    now = clock.now()
    how = {"on": clock.service_day(now), "by": current_actor(), "now": now}
    name = shown_name(learner.person)
    if not attempt(lambda: verbs.apply(person_id, cohort_id, **how)):  # type: ignore[arg-type]
        return redirect((request.form.get("back") == "learner" and url_for(
            "workshop.apply_for_learner", person_id=person_id
        )) or url_for("workshop.find_to_apply", cohort_id=cohort_id, person=person_id))  # fmt: skip
    if request.form.get("admit"):
        found = verbs.admit([person_id], cohort_id, or_wait=True, **how)  # type: ignore[arg-type]
        tell_refused(found.refused)
        if found.done:
            flash(
                _("%(name)s is admitted to %(cohort)s.", name=name, cohort=cohort.name), "success"
            )
        elif found.waiting:
            flash(_("No seat is left: %(name)s is on the waitlist of %(cohort)s.", name=name,
                    cohort=cohort.name), "warning")  # fmt: skip
    else:
        flash(_("%(name)s has applied for %(cohort)s.", name=name, cohort=cohort.name), "success")
    return redirect(url_for("workshop.enrolment", cohort_id=cohort_id, person_id=person_id))


@bp.get("/learners/<int:person_id>/enrolments/new")
@requires(*AT_WORKSHOP)
def apply_for_learner(person_id: int) -> str:
    """The cohorts that take learners, for one of them to choose from."""
    learner = visible_learner(person_id)
    found = listing.open_for(person_id, cohorts_of(current_actor()))
    return render_template(
        "workshop/apply_for_learner.html", learner=learner, found=found, may_apply=_may_apply
    )


def _chosen() -> list[int]:
    return request.form.getlist("person", type=posted_id)


def _several(
    cohort_id: int, verb: Callable[[list[int], SeveralForm], Several], done: Callable[[int], str]
) -> Response:
    """Do something with the learners chosen, and say of each how it went."""
    visible_cohort(cohort_id)
    back = redirect(url_for("workshop.enrolments", cohort_id=cohort_id))
    chosen, form = _chosen(), SeveralForm()
    if not chosen:
        flash(_("Nobody is chosen. Tick the names first; nothing was changed."), "warning")
        return back
    if not form.validate():
        flash(_("The day cannot be read. Nothing was changed; type it as 2026-11-02."), "error")
        return back
    found: list[Several] = []
    if attempt(lambda: found.append(verb(chosen, form))):
        if found[0].done:
            flash(done(len(found[0].done)), "success")
        if found[0].waiting:
            names = names_of(found[0].waiting)
            flash(_("No seat is left for %(names)s: on the waitlist now.",
                    names=_(", ").join(names.values())), "warning")  # fmt: skip
        tell_refused(found[0].refused)
    return back


@bp.post("/cohorts/<int:cohort_id>/admissions")
@requires(*AT_WORKSHOP)
def admit_learners(cohort_id: int) -> Response:
    """Admit those chosen, as far as there are seats."""
    now = clock.now()
    return _several(
        cohort_id,
        lambda chosen, form: verbs.admit(
            chosen, cohort_id, or_wait=bool(form.or_wait.data), on=clock.service_day(now),
            by=current_actor(), now=now,
        ),
        lambda count: _("%(count)s learners are admitted.", count=count),
    )  # fmt: skip


@bp.post("/cohorts/<int:cohort_id>/starts")
@requires(*AT_WORKSHOP)
def start_training(cohort_id: int) -> Response:
    """Note that those chosen are there: their training starts."""
    return _several(
        cohort_id,
        lambda chosen, form: verbs.start_training(
            chosen, cohort_id, on=form.on.data, by=current_actor(), now=clock.now()
        ),
        lambda count: _("%(count)s learners are in training.", count=count),
    )  # fmt: skip


@bp.get("/cohorts/<int:cohort_id>/enrolments/<int:person_id>")
@requires(*MAY_TEACH)
def enrolment(cohort_id: int, person_id: int) -> str:
    """One place: where it stands, what comes next, and every move so far."""
    return place_page(visible_cohort(cohort_id), visible_enrolment(cohort_id, person_id))


def place_page(
    cohort: Cohort, place: Enrolment, *, move_form: MoveForm | None = None,
    offer_form: OfferForm | None = None, subsidy_form: SubsidyForm | None = None,
) -> str:  # fmt: skip
    """The page; a form that was refused stands on it with what was typed."""
    now = clock.now()
    today = clock.service_day(now)
    may_change = follows_at(cohort.site_id)
    nexts = [state for state in BY_BUTTON if state in ENROLMENT[place.state]]
    if place.offered_until is not None:
        nexts = [state for state in nexts if state is not E.ADMITTED and state is not E.GAVE_UP]
    if cohort.state not in TAKING:
        nexts = [
            state for state in nexts if state in (E.DECLINED, E.GAVE_UP, E.NO_SHOW, E.WITHDRAWN)
        ]
    row = listing.rows_of([place], cohort, now)[0]
    may_call = shows_phones(cohort, [place.person_id])
    days = {state: default_day(cohort, today) if state is E.TRAINING else today for state in nexts}
    return render_template(
        "workshop/enrolment.html", cohort=cohort, place=place, person=place.person, row=row,
        figures=phrases_of_places.three_figures(row.figures, cohort.class_hour_min),
        carried=phrases_of_places.hours(place.carried_min, cohort.class_hour_min),
        moves=listing.moves_of(place), results=listing.assessments_of(place),
        certificates=listing.certificates_of(place), nexts=nexts if may_change else [],
        days=days, is_undone=not place.state.is_open, today=today,
        needs_reason={*NEEDS_REASON, *([E.TRAINING] if not place.state.is_open else [])},
        may_change=may_change, may_transfer=may_change and E.TRANSFERRED in ENROLMENT[place.state],
        move_form=move_form, offer_form=offer_form or OfferForm(formdata=None),
        subsidy_form=subsidy_form or SubsidyForm(formdata=None),
        may_call=may_call, phone=place.person.phone if may_call else None,
        step_words=phrases_of_places.STEP, step_asks=phrases_of_places.asks,
        now=now,
    )  # fmt: skip


@bp.post("/cohorts/<int:cohort_id>/enrolments/<int:person_id>/moves")
@requires(*AT_WORKSHOP)
def move_enrolment(cohort_id: int, person_id: int) -> Response | tuple[str, int]:
    """One move of one place."""
    cohort, place, form = (
        visible_cohort(cohort_id),
        visible_enrolment(cohort_id, person_id),
        MoveForm(),
    )
    if form.validate() and saved(form, lambda: verbs.move(
        person_id, cohort_id, form.to.data, on=form.on.data, reason=form.reason.data,
        by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(phrases_of_places.done(form.to.data, shown_name(place.person)), "success")
        return redirect(url_for("workshop.enrolment", cohort_id=cohort_id, person_id=person_id))
    db.session.expire_all()
    return place_page(cohort, place, move_form=form), 422


@bp.post("/cohorts/<int:cohort_id>/enrolments/<int:person_id>/acceptance")
@requires(*AT_WORKSHOP)
def accept_offer(cohort_id: int, person_id: int) -> Response:
    """She takes the seat that was offered."""
    cohort, place, now = (
        visible_cohort(cohort_id),
        visible_enrolment(cohort_id, person_id),
        clock.now(),
    )
    name = shown_name(place.person)
    attempt(
        lambda: verbs.accept_offer(
            person_id, cohort_id, on=clock.service_day(now), by=current_actor(), now=now
        ),
        _("%(name)s is admitted to %(cohort)s.", name=name, cohort=cohort.name),
    )
    return redirect(url_for("workshop.enrolments", cohort_id=cohort_id))


@bp.post("/cohorts/<int:cohort_id>/enrolments/<int:person_id>/refusal")
@requires(*AT_WORKSHOP)
def decline_offer(cohort_id: int, person_id: int) -> Response | tuple[str, int]:
    """She does not want it; the next in line is asked."""
    cohort, place, form = (
        visible_cohort(cohort_id),
        visible_enrolment(cohort_id, person_id),
        OfferForm(),
    )
    now = clock.now()
    if form.validate() and saved(form, lambda: verbs.decline_offer(
        person_id, cohort_id, on=clock.service_day(now), reason=form.reason.data,
        by=current_actor(), now=now,
    )):  # fmt: skip
        flash(_("%(name)s gives up the seat; the next in line is asked.", name=shown_name(place.person)),
              "success")  # fmt: skip
        return redirect(url_for("workshop.enrolments", cohort_id=cohort_id))
    db.session.expire_all()
    return place_page(cohort, place, offer_form=form), 422


@bp.route("/cohorts/<int:cohort_id>/enrolments/<int:person_id>/transfer", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def transfer_learner(cohort_id: int, person_id: int) -> Response | str | tuple[str, int]:
    """To another cohort of the course, with her credited hours."""
    cohort, place, now = (
        visible_cohort(cohort_id),
        visible_enrolment(cohort_id, person_id),
        clock.now(),
    )
    others = list(listing.to_transfer_to(cohort))
    form = TransferForm(others, data={"on": clock.service_day(now)})
    if form.validate_on_submit():
        to_cohort_id = form.to_cohort_id.data
        visible_cohort(to_cohort_id)
        if saved(form, lambda: verbs.transfer(
            person_id, cohort_id, to_cohort_id, on=form.on.data, reason=form.reason.data,
            by=current_actor(), now=now,
        )):  # fmt: skip
            flash(_("%(name)s is transferred.", name=shown_name(place.person)), "success")
            return redirect(
                url_for("workshop.enrolment", cohort_id=to_cohort_id, person_id=person_id)
            )
        db.session.expire_all()
    if E.TRANSFERRED not in ENROLMENT[place.state] and not form.is_submitted():
        abort(404)
    row = listing.rows_of([place], cohort, now)[0]
    page = render_template(
        "workshop/transfer.html", cohort=cohort, place=place, person=place.person, form=form,
        others=others, credited=phrases_of_places.credited(row.figures, cohort.class_hour_min),
    )  # fmt: skip
    return (page, 422) if form.is_submitted() else page


@bp.post("/cohorts/<int:cohort_id>/enrolments/<int:person_id>/subsidy")
@requires(Role.CLERK, Role.REVIEWER)
def set_subsidised(cohort_id: int, person_id: int) -> Response | tuple[str, int]:
    """The office decides whether the place counts for subsidy."""
    cohort, place, form = (
        visible_cohort(cohort_id),
        visible_enrolment(cohort_id, person_id),
        SubsidyForm(),
    )
    if form.validate() and saved(form, lambda: verbs.set_subsidised(
        person_id, cohort_id, bool(form.is_subsidised.data), reason=form.reason.data,
        by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.enrolment", cohort_id=cohort_id, person_id=person_id))
    db.session.expire_all()
    return place_page(cohort, place, subsidy_form=form), 422
