"""Follow-ups: the work list, and one call with its outcome, made with one hand."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import current_actor, requires
from core.db import db
from core.outcomes import attempt, saved
from core.people.models import Person
from workshop.actions import follow_ups as actions
from workshop.forms.placements import FollowUpFilter, OutcomeForm, TryForm
from workshop.lists import jobs as listing
from workshop.lists.jobs import FollowUpList, FollowUpQuery
from workshop.models import FollowUp, FollowUpAttempt, Placement
from workshop.values import FollowUpOutcome, PlacementState
from workshop.views import bp
from workshop.views.jobs_visible import MAY_PLACE, visible_placement


@bp.get("/follow-ups")
@requires(*MAY_PLACE)
def follow_ups() -> str:
    """Whom to ask today, the longest overdue first; what comes; what was found."""
    form, actor = FollowUpFilter(), current_actor()
    today = clock.service_day(clock.now())
    is_mine = form.value_of("whose") == "mine"
    query = FollowUpQuery(
        today, form.value_of("show") or FollowUpList.DUE, actor.site_ids,
        actor.user_id if is_mine else None,
    )  # fmt: skip
    page = show.paginate(listing.follow_ups(query), scalars=False)
    keys = [(row.person_id, row.placement_id, row.after_days) for row, _job, _she in page.items]
    return render_template("workshop/follow_ups.html", form=form, page=page, query=query, today=today,
                           said=listing.last_words(keys))  # fmt: skip


def _visible(person_id: int, placement_id: UUID, after_days: int) -> tuple[Placement, FollowUp]:
    job = visible_placement(person_id, placement_id)
    row = db.session.get(FollowUp, (person_id, placement_id, after_days))
    if row is None:
        abort(404)
    return job, row


@bp.get("/follow-ups/<int:person_id>/<uuid:placement_id>/<int:after_days>")
@requires(*MAY_PLACE)
def follow_up(person_id: int, placement_id: UUID, after_days: int) -> str:
    """One follow-up: her job, what she said last, call, outcome."""
    return _page(*_visible(person_id, placement_id, after_days))


def _page(job: Placement, row: FollowUp, **more: Any) -> str:
    today = clock.service_day(clock.now())
    tries = db.session.scalars(
        sa.select(FollowUpAttempt)
        .filter_by(person_id=row.person_id, placement_id=row.placement_id)
        .order_by(FollowUpAttempt.at.desc())
    ).all()
    others = db.session.scalars(
        sa.select(FollowUp)
        .filter_by(person_id=row.person_id, placement_id=row.placement_id)
        .order_by(FollowUp.after_days)
    ).all()
    values = {
        "outcome_form": more.get("outcome_form")
        or OutcomeForm(prefix="outcome", formdata=None, data={
            "on": today, "wage_fen": job.wage_fen, "note": row.note,
        }),
        "try_form": more.get("try_form") or TryForm(prefix="try", formdata=None),
        "phone": more.get("phone"), "is_called": "phone" in more,
    }  # fmt: skip
    return render_template(
        "workshop/follow_up.html", row=row, job=job, person=job.person, tries=tries, others=others,
        today=today, is_at_work=job.state in (PlacementState.STARTED, PlacementState.VERIFIED),
        **values,
    )  # fmt: skip


@bp.post("/follow-ups/<int:person_id>/<uuid:placement_id>/<int:after_days>/calls")
@requires(*MAY_PLACE)
def call_for_follow_up(person_id: int, placement_id: UUID, after_days: int) -> str:
    """Show her telephone to call her; that it was looked up is in the log."""
    _visible(person_id, placement_id, after_days)
    why = f"placement:{person_id}.{placement_id}"
    actions.note_calls([person_id], why=why, by=current_actor(), now=clock.now())
    job, row = _visible(person_id, placement_id, after_days)
    phone = db.session.scalar(sa.select(Person.phone).where(Person.id == job.person.id))
    return _page(job, row, phone=phone)


@bp.post("/follow-ups/<int:person_id>/<uuid:placement_id>/<int:after_days>/outcome")
@requires(*MAY_PLACE)
def settle_follow_up(
    person_id: int, placement_id: UUID, after_days: int
) -> Response | tuple[str, int]:
    """Write down what was found."""
    _visible(person_id, placement_id, after_days)
    form = OutcomeForm(prefix="outcome")
    if form.validate_on_submit() and saved(form, lambda: actions.record_outcome(
        person_id, placement_id, after_days, form.outcome.data, on=form.on.data,
        employer_name=form.employer_name.data, wage_fen=form.wage_fen.data, note=form.note.data,
        leaving=form.leaving(), by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        if form.outcome.data is FollowUpOutcome.OTHER_EMPLOYER:
            flash(
                _("Entered. Her work at the other employer is a new placement: enter it here."),
                "success",
            )
            return redirect(url_for(
                "workshop.start_own", person_id=person_id, employer=form.employer_name.data
            ))  # fmt: skip
        flash(_("Entered. The next one stands at the top."), "success")
        return redirect(url_for("workshop.follow_ups"))
    db.session.rollback()
    return _page(*_visible(person_id, placement_id, after_days), outcome_form=form), 422


@bp.post("/follow-ups/<int:person_id>/<uuid:placement_id>/<int:after_days>/attempts")
@requires(*MAY_PLACE)
def try_follow_up(
    person_id: int, placement_id: UUID, after_days: int
) -> Response | tuple[str, int]:
    """Not reached this time, or another day was agreed."""
    _visible(person_id, placement_id, after_days)
    form, at = TryForm(prefix="try"), (person_id, placement_id, after_days)
    who = {"by": current_actor(), "now": clock.now()}
    if request.form.get("tomorrow"):
        form.to.data = clock.service_day(clock.now() + clock.timedelta(days=1))

    def verb() -> None:
        if form.to.data is not None:
            actions.put_off(*at, to=form.to.data, note=form.note.data, **who)  # type: ignore[arg-type]
        else:
            actions.add_attempt(*at, note=form.note.data, **who)  # type: ignore[arg-type]

    if form.validate_on_submit() and saved(form, verb):
        day = db.session.get_one(FollowUp, at).next_on
        flash(_("Entered. She comes again on %(day)s.", day=show.full_day(day)), "success")
        return redirect(url_for("workshop.follow_ups"))
    db.session.rollback()
    return _page(*_visible(*at), try_form=form), 422


@bp.post("/follow-ups/<int:person_id>/<uuid:placement_id>/<int:after_days>/undoing")
@requires(*MAY_PLACE)
def undo_follow_up(person_id: int, placement_id: UUID, after_days: int) -> Response:
    """Take an outcome back for a reason."""
    _visible(person_id, placement_id, after_days)
    reason = request.form.get("reason", "")
    attempt(
        lambda: actions.undo_outcome(
            person_id, placement_id, after_days, reason=reason, by=current_actor(), now=clock.now()
        ),
        _("The outcome is taken back; the follow-up is open again."),
    )
    return redirect(url_for(
        "workshop.follow_up", person_id=person_id, placement_id=placement_id, after_days=after_days
    ))  # fmt: skip
