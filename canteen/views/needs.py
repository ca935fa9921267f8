"""What is dated about a diner: diet needs, suspensions, pauses. Small forms on her page."""

from datetime import timedelta
from uuid import UUID

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen import actions
from canteen.forms.diners import DietNeedForm, LastDayForm, PauseForm, SuspensionForm
from canteen.views import bp
from canteen.views.diners import diner_page
from canteen.views.visible import AT_HER_SITE, MAY_PROPOSE, visible_diner
from core import clock
from core.access import current_actor, requires
from core.outcomes import attempt


def _back(person_id: int) -> Response:
    return redirect(url_for("canteen.diner", person_id=person_id))


@bp.post("/diners/<int:person_id>/diet-needs")
@requires(*AT_HER_SITE)
def add_diet_need(person_id: int) -> Response | tuple[str, int]:
    """Note what she must not or cannot eat."""
    row, form = visible_diner(person_id), DietNeedForm(prefix="need")
    if not form.validate_on_submit():
        return diner_page(row, "need", need_form=form), 422
    attempt(
        lambda: actions.add_diet_need(
            person_id, form.kind.data, detail=(form.detail.data or "").strip() or None,
            from_on=form.from_on.data, by=current_actor(), now=clock.now(),
        ),
        _("The diet need is noted; the counter sees it from now on."),
    )  # fmt: skip
    return _back(person_id)


@bp.post("/diners/<int:person_id>/diet-needs/<uuid:need_id>/end")
@requires(*AT_HER_SITE)
def end_diet_need(person_id: int, need_id: UUID) -> Response:
    """The need holds no longer: yesterday, or the day given, was its last day."""
    visible_diner(person_id)
    form, now = LastDayForm(), clock.now()
    last_day = form.on.data if form.validate_on_submit() else clock.service_day(now)
    attempt(
        lambda: actions.end_diet_need(
            person_id, need_id, on=last_day,
            by=current_actor(), now=now,
        ),
        _("The diet need has ended."),
    )  # fmt: skip
    return _back(person_id)


@bp.post("/diners/<int:person_id>/suspensions")
@requires(*MAY_PROPOSE)
def suspend_diner(person_id: int) -> Response | tuple[str, int]:
    """Refuse her at the counter for a time."""
    row, form = visible_diner(person_id), SuspensionForm(prefix="suspension")
    if not form.validate_on_submit():
        return diner_page(row, "suspension", suspension_form=form), 422
    attempt(
        lambda: actions.suspend_diner(
            person_id, from_on=form.from_on.data, until_on=form.until_on.data,
            reason=form.reason.data or "", by=current_actor(), now=clock.now(),
        ),
        _("Suspended. Every counter refuses her card in these days."),
    )  # fmt: skip
    return _back(person_id)


@bp.post("/diners/<int:person_id>/suspensions/<uuid:suspension_id>/end")
@requires(*MAY_PROPOSE)
def end_suspension(person_id: int, suspension_id: UUID) -> Response:
    """Let her in again from today."""
    visible_diner(person_id)
    now = clock.now()
    yesterday = clock.service_day(now) - timedelta(days=1)
    attempt(
        lambda: actions.end_suspension(
            person_id, suspension_id, on=yesterday, by=current_actor(), now=now
        ),
        _("The suspension is lifted; she may eat again from today."),
    )
    return _back(person_id)


@bp.post("/diners/<int:person_id>/pauses")
@requires(*AT_HER_SITE)
def pause_diner(person_id: int) -> Response | tuple[str, int]:
    """Note days on which she does not come."""
    row, form = visible_diner(person_id), PauseForm(prefix="pause")
    if not form.validate_on_submit():
        return diner_page(row, "pause", pause_form=form), 422
    attempt(
        lambda: actions.pause_diner(
            person_id, from_on=form.from_on.data, until_on=form.until_on.data,
            reason=form.reason.data or "", by=current_actor(), now=clock.now(),
        ),
        _("The pause is noted. If she comes all the same, the counter serves her."),
    )  # fmt: skip
    return _back(person_id)


@bp.post("/diners/<int:person_id>/pauses/<uuid:pause_id>/end")
@requires(*AT_HER_SITE)
def end_pause(person_id: int, pause_id: UUID) -> Response:
    """She is back."""
    visible_diner(person_id)
    now = clock.now()
    attempt(
        lambda: actions.end_pause(
            person_id, pause_id, on=clock.service_day(now), by=current_actor(), now=now
        ),
        _("The pause has ended."),
    )
    return _back(person_id)
