"""Cohorts: the list, opening one, and the page of one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import current_actor, requires
from core.accounts.models import User
from core.db import db
from core.errors import RuleError
from core.outcomes import attempt, saved
from core.sites.models import site_id_of
from workshop.actions import cohorts as actions
from workshop.actions.teaching import trainers_at
from workshop.forms.cohorts import (
    COHORT_LISTS,
    CohortFilter,
    CohortForm,
    CohortPolicyForm,
    OpenCohortForm,
)
from workshop.lists import cohorts as listing
from workshop.lists.cohorts import CohortList, CohortQuery
from workshop.models import Cohort
from workshop.phrases import schedule as phrases
from workshop.rules.cohorts import MOVES, is_over
from workshop.values import CohortState
from workshop.views import bp
from workshop.views.visible import (
    AT_WORKSHOP,
    MAY_TEACH,
    cohorts_of,
    follows_at,
    is_trainer_only,
    visible_cohort,
    workshops,
)


def may_plan(site_id: int | None = None) -> bool:
    """Whether the actor plans cohorts and sessions here (None: anywhere), besides seeing them."""
    return follows_at(site_id) if site_id else not is_trainer_only(current_actor())


def trainers_of(*site_ids: int) -> list[User]:
    """Who teaches at one of these workshops, by name."""
    now = clock.now()
    found = {
        user.id: user
        for site_id in site_ids
        for user in db.session.scalars(trainers_at(site_id, now))
    }
    return sorted(found.values(), key=lambda user: (user.display_name, user.id))


@bp.get("/cohorts")
@requires(*MAY_TEACH)
def cohorts() -> str:
    """Cohorts by state, workshop and course."""
    sites, now = workshops(), clock.now()
    form = CohortFilter(sites, listing.courses(active=False))
    query = CohortQuery(
        seen=cohorts_of(current_actor()), show=form.value_of("show") or CohortList.CURRENT,
        site_id=site_id_of(form.value_of("site"), sites), course_id=form.value_of("course"),
    )  # fmt: skip
    page = show.paginate(listing.cohorts(query))
    return render_template(
        "workshop/cohorts.html", form=form, page=page, rows=listing.rows_of(page.items, now),
        sites=sites, may_plan=may_plan(), is_filtered=bool(page.args), lists=COHORT_LISTS,
    )  # fmt: skip


@bp.route("/cohorts/new", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def open_cohort() -> Response | str | tuple[str, int]:
    """Open the next run of a course."""
    sites, courses = workshops(), listing.courses()
    form = OpenCohortForm(courses, sites, trainers_of(*(site.id for site in sites)))
    made: list[Cohort] = []
    if form.validate_on_submit() and saved(form, lambda: made.append(actions.open_cohort(
        form.course_id.data, form.facts(), site_id=form.site_id.data, number=form.number.data,
        state=form.state.data, by=current_actor(), now=clock.now(),
    ))):  # fmt: skip
        flash(_("%(name)s is opened. Plan its sessions next.", name=made[0].name), "success")
        return redirect(url_for("workshop.plan_sessions", cohort_id=made[0].id))
    page = render_template("workshop/open_cohort.html", form=form, sites=sites, courses=courses)
    return (page, 422) if form.is_submitted() else page


@bp.get("/cohorts/<int:cohort_id>")
@requires(*MAY_TEACH)
def cohort(cohort_id: int) -> str:
    """Everything about one cohort."""
    row, now = visible_cohort(cohort_id), clock.now()
    sessions = listing.sessions_of(row.id)
    may = may_plan(row.site_id)
    moves = [state for state in CohortState if state in MOVES[row.state]]
    if row.state is CohortState.CLOSED and not current_actor().is_office:
        moves = []
    return render_template(
        "workshop/cohort.html", cohort=row, listed=listing.rows_of([row], now)[0], now=now,
        sessions=sessions, places=listing.counts_by_state(row.id), may_plan=may,
        is_over=is_over(row.state), moves=moves if may else [],
        policy=phrases.policy_lines(row.policy), today=clock.service_day(now),
    )  # fmt: skip


@bp.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def change_cohort(cohort_id: int) -> Response | str | tuple[str, int]:
    """Change name, days, seats and trainer."""
    row = visible_cohort(cohort_id)
    form = CohortForm(_with_hers(row), obj=row)
    if form.validate_on_submit() and saved(form, lambda: actions.change_cohort(
        cohort_id, form.facts(), by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.cohort", cohort_id=cohort_id))
    page = render_template("workshop/change_cohort.html", form=form, cohort=row)
    return (page, 422) if form.is_submitted() else page


def _with_hers(row: Cohort) -> list[User]:
    """Who may be chosen: those who teach here, and who it is now even if she no longer does."""
    trainers = trainers_of(row.site_id)
    if row.trainer is not None and row.trainer.id not in {user.id for user in trainers}:
        trainers.append(row.trainer)
    return trainers


@bp.route("/cohorts/<int:cohort_id>/policy", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def change_policy(cohort_id: int) -> Response | str | tuple[str, int]:
    """Change what completes it, before the first mark."""
    row = visible_cohort(cohort_id)
    form = CohortPolicyForm(obj=row, data={"class_hours": row.planned_min // row.class_hour_min})
    if form.validate_on_submit() and saved(form, lambda: actions.change_policy(
        cohort_id, form.policy(), form.class_hours.data or 0, reason=form.reason.data or "",
        by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("workshop.cohort", cohort_id=cohort_id))
    page = render_template("workshop/cohort_policy.html", form=form, cohort=row)
    return (page, 422) if form.is_submitted() else page


@bp.post("/cohorts/<int:cohort_id>/moves")
@requires(*AT_WORKSHOP)
def create_cohort_move(cohort_id: int) -> Response:
    """Open it for enrolment, start, close, cancel, or take it up again."""
    row = visible_cohort(cohort_id)
    after = next((one for one in CohortState if one.value == request.form.get("to")), None)
    reason = request.form.get("reason", "")
    attempt(lambda: _move(row, after, reason), _("Saved."))
    return redirect(url_for("workshop.cohort", cohort_id=cohort_id))


def _move(row: Cohort, after: CohortState | None, reason: str) -> Any:
    who: dict[str, Any] = {"by": current_actor(), "now": clock.now()}
    if after is CohortState.OPEN:
        return actions.open_enrolment(row.id, **who)
    if after is CohortState.RUNNING and row.state is CohortState.CLOSED:
        if not current_actor().is_office:
            raise RuleError("cohort_no_such_move")
        return actions.reopen_cohort(row.id, reason=reason, **who)
    if after is CohortState.RUNNING:
        return actions.start_cohort(row.id, **who)
    if after is CohortState.CLOSED:
        return actions.close_cohort(row.id, reason=reason, **who)
    if after is CohortState.CANCELLED:
        return actions.cancel_cohort(row.id, reason=reason, **who)
    raise RuleError("cohort_no_such_move")


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "clock_of": phrases.clock_of, "class_hours_of": phrases.hours_of, "times_of": phrases.times_of,
        "weekday_of": phrases.weekday, "session_line": phrases.session_line,
        "may_see_cohort": may_see_cohort,
    }  # fmt: skip


def may_see_cohort(cohort_id: int) -> bool:
    """Whether the actor may open a cohort's page: who stands in for one session may not."""
    statement = db.select(Cohort.id).where(Cohort.id == cohort_id, cohorts_of(current_actor()))
    return db.session.scalar(statement) is not None
