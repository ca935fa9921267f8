"""Results typed down a column, and who completes a cohort: proposed, explained, decided."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.db import db
from core.forms import half_width, posted_id
from core.outcomes import attempt, saved
from workshop.actions import completion as verbs
from workshop.actions.completion import Decided
from workshop.forms.completion import DecisionForm, ResultsForm
from workshop.lists import completion as listing
from workshop.models import Cohort
from workshop.proposals import latest_results
from workshop.values import EnrolmentState, Proposal
from workshop.views import bp
from workshop.views.enrolments import tell_refused
from workshop.views.visible import AT_WORKSHOP, MAY_TEACH, visible_cohort
from workshop.words import completion as completion_words

_AS_PROPOSED = {
    Proposal.COMPLETED: EnrolmentState.COMPLETED, Proposal.INCOMPLETE: EnrolmentState.INCOMPLETE,
}  # fmt: skip


@bp.route("/cohorts/<int:cohort_id>/assessments", methods=["GET", "POST"])
@requires(*MAY_TEACH)
def assessments(cohort_id: int) -> Response | str | tuple[str, int]:
    """The results of the whole class on one page, sent with one request."""
    cohort, today = visible_cohort(cohort_id), clock.service_day(clock.now())
    form = ResultsForm(data={"on": today})
    typed, errors = _typed_marks() if form.is_submitted() else ({}, {})
    if form.is_submitted() and form.validate() and not errors:
        marks = {person_id: int(text) for person_id, text in typed.items() if text}
        counted: list[int] = []
        if saved(form, lambda: counted.append(verbs.record_assessments(
            cohort_id, marks, on=form.on.data, by=current_actor(), now=clock.now()
        ))):  # fmt: skip
            flash(
                _("%(count)s results are recorded.", count=counted[0])
                if counted[0]
                else _("No new result was typed; nothing was changed."),
                "success" if counted[0] else "info",
            )
            return redirect(url_for("workshop.assessments", cohort_id=cohort_id))
        db.session.expire_all()
    page = render_template(
        "workshop/assessments.html", cohort=cohort, form=form, typed=typed, errors=errors,
        rows=listing.assessed(cohort_id), results=latest_results(cohort_id), today=today,
    )  # fmt: skip
    return (page, 422) if form.is_submitted() else page


def _typed_marks() -> tuple[dict[int, str], dict[int, str]]:
    """What stands in each field, and what is wrong with it."""
    typed, errors = {}, {}
    for name, text in request.form.items():
        kind, _dash, number = name.partition("-")
        if kind != "mark" or not (number.isascii() and number.isdecimal()):
            continue
        text, person_id = half_width(text), posted_id(number)
        typed[person_id] = text
        is_mark = text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 100
        if text and not is_mark:
            errors[person_id] = _("A whole number from 0 to 100.")
    return typed, errors


@bp.route("/cohorts/<int:cohort_id>/completion", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def completion(cohort_id: int) -> Response | str | tuple[str, int]:
    """What the policy proposes for each learner and why, and the decision."""
    cohort, now = visible_cohort(cohort_id), clock.now()
    form = DecisionForm(data={"on": clock.service_day(now)})
    chosen = set(request.form.getlist("person", type=posted_id))
    if form.is_submitted():
        if not chosen:
            form.form_errors.append(
                _("Nobody is chosen. Tick the names first; nothing was changed.")
            )
        elif form.validate() and _decided(cohort, form, chosen):
            return redirect(url_for("workshop.completion", cohort_id=cohort_id))
        db.session.expire_all()
    rows = listing.to_decide(cohort, now)
    page = render_template(
        "workshop/completion.html", cohort=cohort, form=form, rows=rows, chosen=chosen,
        grounds=completion_words.grounds, proposals=completion_words.PROPOSAL,
        today=clock.service_day(now),
    )  # fmt: skip
    return (page, 422) if form.is_submitted() else page


def _decided(cohort: Cohort, form: DecisionForm, chosen: set[int]) -> bool:
    """Decide as the form says; False when nothing at all was decided."""
    decisions = {}
    proposed = {row.place.person_id: row.judged for row in listing.to_decide(cohort, clock.now())}
    for person_id in chosen & proposed.keys():
        as_proposed = _AS_PROPOSED.get(proposed[person_id].proposal)
        to = as_proposed if form.how.data == "proposed" else EnrolmentState(form.how.data)
        if to is not None:
            decisions[person_id] = to
    if not decisions:
        form.form_errors.append(
            _(
                "For those chosen it is not known yet. Fill in what is missing, or decide with a reason."
            )
        )
        return False
    found: list[Decided] = []
    on: date = form.on.data
    if not attempt(lambda: found.append(verbs.decide_completion(
        cohort.id, decisions, on=on, reason=form.reason.data, by=current_actor(), now=clock.now()
    ))):  # fmt: skip
        return False
    done = list(found[0].done.values())
    if done:
        flash(
            _("Decided: %(completed)s completed, %(incomplete)s not completed.",
              completed=done.count(EnrolmentState.COMPLETED),
              incomplete=done.count(EnrolmentState.INCOMPLETE)),
            "success",
        )  # fmt: skip
    tell_refused(found[0].refused)
    return bool(done)
