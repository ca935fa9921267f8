"""The room code on a projector or tablet: big, changing, and refreshed without loading the page."""

from typing import Any

import sqlalchemy as sa
from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.db import db
from core.edge import wants_json
from core.outcomes import attempt
from core.qr import symbol_of
from workshop.actions import check_in as actions
from workshop.models import CheckIn, Session
from workshop.rules import room_code as rules
from workshop.values import CheckInState
from workshop.views import bp
from workshop.views.visible import MAY_TEACH, visible_session


@bp.get("/sessions/<int:session_id>/code")
@requires(*MAY_TEACH)
def room_code(session_id: int) -> Response | str:
    """The code of now, its symbol, and how many have checked in."""
    meeting = visible_session(session_id)
    now = clock.now()
    shown = _shown(meeting) if actions.is_open(meeting, now) else None
    counts = _counts(session_id)
    if wants_json():
        return jsonify(shown=shown, **counts)
    return render_template(
        "workshop/room_code.html", meeting=meeting, shown=shown, counts=counts,
        address=_address().split("://", 1)[-1], is_over=now >= meeting.ends_at,
    )  # fmt: skip


@bp.post("/sessions/<int:session_id>/code")
@requires(*MAY_TEACH)
def set_room_code(session_id: int) -> Response:
    """Open check-in or close it."""
    visible_session(session_id)
    who: dict[str, Any] = {"by": current_actor(), "now": clock.now()}
    if request.form.get("do") == "close":
        attempt(lambda: actions.close_check_in(session_id, **who))
        flash(_("Check-in is closed. Whoever still waits stands on your list."), "success")
        return redirect(url_for("workshop.attendance", session_id=session_id))
    attempt(lambda: actions.open_check_in(session_id, **who))
    return redirect(url_for("workshop.room_code", session_id=session_id))


def _address() -> str:
    base = current_app.config["PUBLIC_URL"] or request.host_url
    return base.rstrip("/") + url_for("check_in.index")


def _shown(meeting: Session) -> dict[str, Any]:
    now, step_s = clock.now(), actions.step_s()
    code = rules.current(actions.key(), meeting.id, now, step_s)
    return {
        "code": f"{code[:3]} {code[3:]}", "symbol": symbol_of(f"{_address()}#{code}"),
        "seconds": rules.seconds_left(now, step_s), "of": step_s,
    }  # fmt: skip


def _counts(session_id: int) -> dict[str, int]:
    rows = dict(db.session.execute(
        sa.select(CheckIn.state, sa.func.count()).where(CheckIn.session_id == session_id)
        .group_by(CheckIn.state)
    ).tuples().all())  # fmt: skip
    return {
        "waiting": rows.get(CheckInState.WAITING, 0),
        "confirmed": rows.get(CheckInState.CONFIRMED, 0),
    }
