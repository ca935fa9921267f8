"""The page of the server's clock: what it shows, what speaks against it, and that somebody has checked it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from core import clock
from core.access import OFFICE, Role, current_actor, requires
from core.clock_watch.doubts import findings, sentence
from core.clock_watch.watch import check_moves
from core.forms import text_field

bp = Blueprint("clock", __name__, url_prefix="/office/clock")


class CheckForm(FlaskForm):
    """What was found and done."""

    reason = text_field(
        _l("What you found and did"), 200,
        description=_l("For example: put right by the administrator, or nothing, the time is right."),
    )  # fmt: skip


@bp.get("")
@requires(*OFFICE)
def show() -> str:
    """What the clock shows, and what speaks against it."""
    return _page(CheckForm())


@bp.post("/check")
@requires(Role.CLERK)
def check() -> str | Response:
    """Somebody has compared it with another clock."""
    form = CheckForm()
    if not form.validate_on_submit():
        return _page(form)
    check_moves(form.reason.data, by=current_actor(), now=clock.now())
    flash(_("Noted: the clock has been checked."), "success")
    return redirect(url_for("clock.show"))


def _page(form: CheckForm) -> str:
    now = clock.now()
    found = findings(now)
    return render_template(
        "office/clock.html",
        now=now,
        doubts=[sentence(finding) for finding in found],
        has_moves=any(finding.move for finding in found),
        form=form,
    )
