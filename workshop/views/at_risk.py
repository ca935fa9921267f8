"""Learners at risk: why, how far they are, and a telephone to call."""

from flask import abort, render_template, request, url_for

from core import clock, show
from core.access import current_actor, requires
from core.forms import posted_id
from workshop.lists import at_risk as listing
from workshop.views import bp
from workshop.views.attendance import Answer, call_page
from workshop.views.visible import MAY_TEACH, cohorts_of, is_trainer_only


@bp.get("/at-risk")
@requires(*MAY_TEACH)
def at_risk() -> str:
    """Everybody at risk whom the actor teaches or follows."""
    actor = current_actor()
    rows = listing.at_risk(
        cohorts_of(actor), clock.now(), request.args.get("cohort", type=posted_id)
    )
    return render_template(
        "workshop/at_risk.html", page=show.paged(rows), is_own=is_trainer_only(actor)
    )  # fmt: skip


@bp.post("/at-risk/calls")
@requires(*MAY_TEACH)
def create_risk_call() -> Answer:
    """Show the telephone of somebody at risk; the look is logged."""
    person_id = request.form.get("person", 0, type=posted_id)
    rows = listing.at_risk(cohorts_of(current_actor()), clock.now())
    if person_id not in {row.person_id for row in rows}:
        abort(404)
    return call_page(person_id, url_for("workshop.at_risk"))
