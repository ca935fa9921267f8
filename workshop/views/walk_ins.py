"""Somebody is in the room who is not on the sheet: found by name, and what can be done."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.edge import sentence
from core.errors import RuleError
from core.forms import posted_id
from workshop.actions import attendance as actions
from workshop.forms.attendance import number_in
from workshop.lists import walk_ins as listing
from workshop.values import AttendanceStatus, Mark, MarkSource
from workshop.views import bp
from workshop.views.visible import MAY_TEACH, check_may_make_up, visible_session


@bp.route("/sessions/<int:session_id>/walk-in", methods=["GET", "POST"])
@requires(*MAY_TEACH)
def walk_in(session_id: int) -> str:
    """Find her; a learner of another cohort can make up what she missed. What is typed stays out of addresses."""
    meeting = visible_session(session_id)
    typed = request.form.get("q", "").strip()[:64]
    person_id = request.args.get("person", type=posted_id) if request.method == "GET" else None
    is_asked = bool(typed) or person_id is not None
    is_enough = person_id is not None or listing.is_enough(typed)
    found = (
        listing.find(meeting, typed, current_actor(), person_id) if is_asked and is_enough else []
    )
    return render_template(
        "workshop/walk_in.html", meeting=meeting, typed=typed, found=found, is_asked=is_asked,
        is_enough=is_enough,
    )  # fmt: skip


@bp.post("/sessions/<int:session_id>/make-ups")
@requires(*MAY_TEACH)
def create_make_up(session_id: int) -> Response:
    """She is here for a session that she missed in her own cohort, of this site or one the actor sees."""
    meeting = visible_session(session_id)
    person_id = number_in(request.form.get("person", "")) or 0
    missed_id = number_in(request.form.get("missed", ""), 9) or 0
    check_may_make_up(meeting, missed_id)
    one = Mark(person_id, AttendanceStatus.PRESENT, number=None,
               makes_up_id=missed_id)  # fmt: skip
    try:
        outcome = actions.mark(
            session_id, [one], session_version=None, source=MarkSource.THUMB, by=current_actor(),
            now=clock.now(),
        )  # fmt: skip
        for _person, error in outcome.refused:
            raise error
    except RuleError as error:
        flash(sentence(error), "error")
        return redirect(url_for("workshop.walk_in", session_id=session_id, person=person_id))
    flash(_("She is marked as here, and it counts for the session she missed."), "success")
    return redirect(url_for("workshop.attendance", session_id=session_id, _anchor=f"p-{person_id}"))
