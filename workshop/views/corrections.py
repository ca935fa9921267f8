"""After the lock: the office corrects one mark with a reason; and the history of every mark."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock, show
from core.access import Role, current_actor, requires
from core.edge import sentence
from core.errors import RuleError
from core.forms import posted_id
from workshop.actions import attendance as actions
from workshop.forms.attendance import Typed, typed_rows
from workshop.lists import attendance as listing
from workshop.lists import mark_history
from workshop.views import bp
from workshop.views.attendance import conflict_words
from workshop.views.visible import AT_WORKSHOP, MAY_TEACH, visible_learner, visible_session

DECIDES = (Role.CLERK, Role.REVIEWER)


@bp.route(
    "/sessions/<int:session_id>/attendance/<int:person_id>/correction", methods=["GET", "POST"]
)
@requires(*DECIDES)
def correct_attendance(session_id: int, person_id: int) -> Response | str | tuple[str, int]:
    """One mark, corrected with a reason that is kept."""
    meeting = visible_session(session_id)
    by, now = current_actor(), clock.now()
    row = listing.sheet(meeting, by, now).by_id().get(person_id)
    if row is None:
        abort(404)
    error, typed = "", None
    if request.method == "POST":
        typed = typed_rows(request.form).get(person_id) or Typed(None, 0, 0, "", 0)
        try:
            outcome = actions.correct(
                session_id, person_id, typed.status, late_min=typed.late_min, early_min=typed.early_min,
                reason=typed.reason, number=typed.number, by=by, now=now,
            )  # fmt: skip
        except RuleError as refusal:
            error = sentence(refusal)
        else:
            if not outcome.conflicts:
                done = _("It said so already; nothing was changed.")
                if outcome.saved:
                    done = _("The mark is corrected.")
                flash(done, "success" if outcome.saved else "info")
                return redirect(
                    url_for("workshop.attendance_history", session_id=session_id, person=person_id)
                )
            sheet = listing.sheet(meeting, by, now)
            row = sheet.by_id().get(person_id, row)
            error = conflict_words(outcome.conflicts[0], sheet)
    page = render_template(
        "workshop/correct_attendance.html", meeting=meeting, row=row, typed=typed, error=error
    )
    return (page, 422) if error else page


@bp.get("/sessions/<int:session_id>/attendance/history")
@requires(*MAY_TEACH)
def attendance_history(session_id: int) -> str:
    """Every mark of a session, or of one learner in it."""
    meeting = visible_session(session_id)
    person_id = request.args.get("person", type=posted_id)
    page = show.paginate(mark_history.marks(session_id, person_id), scalars=False)
    return render_template(
        "workshop/mark_history.html", meeting=meeting, page=page, rows=mark_history.entries(page.items),
        person_id=person_id, learner=None,
    )  # fmt: skip


@bp.get("/learners/<int:person_id>/marks")
@requires(*AT_WORKSHOP)
def learner_marks(person_id: int) -> str:
    """Every mark of one learner, whatever the class."""
    learner = visible_learner(person_id)
    page = show.paginate(mark_history.marks(person_id=person_id), scalars=False)
    return render_template(
        "workshop/mark_history.html", meeting=None, page=page, rows=mark_history.entries(page.items),
        person_id=person_id, learner=learner,
    )  # fmt: skip
