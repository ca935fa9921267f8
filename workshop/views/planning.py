"""Planning sessions by a weekly pattern: typed, looked at, made."""

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.edge import sentence
from core.errors import RuleError
from workshop.actions import planning as actions
from workshop.actions.clashes import Clash, ClashKind
from workshop.actions.planning import Preview
from workshop.forms.sessions import PatternForm, days_of
from workshop.lists.timetable import rooms_of
from workshop.models import Cohort, Room
from workshop.phrases import schedule as phrases
from workshop.rules.cohorts import is_over
from workshop.values.schedule import Pattern
from workshop.views import bp
from workshop.views.visible import AT_WORKSHOP, visible_cohort


@bp.route("/cohorts/<int:cohort_id>/plan", methods=["GET", "POST"])
@requires(*AT_WORKSHOP)
def plan_sessions(cohort_id: int) -> Response | str | tuple[str, int]:
    """Type the pattern, look at the days, and plan; nothing is written before the last."""
    row = visible_cohort(cohort_id)
    rooms = rooms_of([row.site_id])
    first = max(row.starts_on, clock.service_day(clock.now()))
    form = PatternForm(rooms, data={"from_on": first})
    if not form.validate_on_submit():
        return _page(row, rooms, form, None, 422 if form.is_submitted() else 200)
    step = request.form.get("step", "preview")
    if step == "plan" and (request.form.get("leave_out") or request.form.get("take_again")):
        step = "again"  # ticked after the preview: what is planned is what was looked at
    left_out = days_of(request.form.getlist("leave_out")) if step == "again" else frozenset()
    pattern = form.pattern(left_out)
    if step == "again":
        kept = days_of(request.form.getlist("take_again"))
        pattern = replace(pattern, left_out=pattern.left_out - kept)
    if step == "plan" and _planned(row, form, pattern):
        return redirect(url_for("workshop.cohort", cohort_id=cohort_id))
    try:
        preview = actions.preview_sessions(cohort_id, pattern)
    except RuleError as error:
        form.form_errors.append(sentence(error))
        return _page(row, rooms, form, None, 422)
    form.left_out.data = " ".join(sorted(day.isoformat() for day in pattern.left_out))
    form.seen.data = preview.digest
    return _page(row, rooms, form, preview, 422 if form.form_errors else 200)


def _planned(row: Cohort, form: PatternForm, pattern: Pattern) -> bool:
    try:
        made = actions.plan_sessions(
            row.id, pattern, seen=form.seen.data or "", by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        form.form_errors.append(sentence(error))
        return False
    flash(_("%(count)s sessions are planned.", count=len(made)), "success")
    return True


def _page(
    row: Cohort, rooms: Sequence[Room], form: PatternForm, preview: Preview | None, status: int
) -> str | tuple[str, int]:
    page = render_template(
        "workshop/plan_sessions.html", form=form, cohort=row, preview=preview,
        day_note=phrases.day_note, clash_word=clash_word,
        is_over=is_over(row.state), room_names={room.id: room.name for room in rooms},
        small_rooms=_small_rooms(row, rooms, preview),
    )  # fmt: skip
    return page, status


def _small_rooms(row: Cohort, rooms: Sequence[Room], preview: Preview | None) -> list[Room]:
    """Rooms of the preview with fewer seats than the cohort."""
    used = {lesson.slot.room_id for lesson in preview.taken} if preview else set()
    return [room for room in rooms if room.id in used and room.seats < row.capacity]


def clash_word(clash: Clash) -> str:
    """What stands in the way of one lesson, in words."""
    other = clash.session
    where = f"{other.cohort.name} {phrases.times_of(other)}"
    if clash.kind is ClashKind.COHORT:
        return _("this cohort has a session then: %(times)s", times=phrases.times_of(other))
    if clash.kind is ClashKind.ROOM:
        return _("%(room)s is taken: %(where)s", room=other.room.name if other.room else "",
                 where=where)  # fmt: skip
    if clash.kind is ClashKind.TRAINER:
        teacher = other.substitute or other.trainer
        return _("%(who)s teaches %(where)s", who=teacher.display_name, where=where)
    return _("%(who)s is expected at %(where)s", who=clash.who, where=where)
