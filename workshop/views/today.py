"""The sessions of today, one tap from each sheet, and past ones with somebody unmarked."""

from datetime import datetime

from flask import render_template

from core import clock
from core.access import current_actor, requires
from workshop.actions.attendance import is_locked
from workshop.lists import today as listing
from workshop.views import bp
from workshop.views.visible import MAY_TEACH, is_trainer_only, sessions_of


@bp.get("/today")
@requires(*MAY_TEACH)
def today() -> str:
    """A trainer's own sessions; everybody's for those who follow the learners."""
    actor, now = current_actor(), clock.now()
    day, minute = clock.service_day(now), minute_of(now)
    visible = sessions_of(actor)
    return render_template(
        "workshop/today.html", day=day, now=now, minute=minute,
        meetings=listing.sessions_on(day, visible), coming=listing.next_days(day, visible),
        unmarked=listing.still_unmarked(day, minute, visible), is_locked=is_locked,
        is_own=is_trainer_only(actor), user_id=actor.user_id,
    )  # fmt: skip


def minute_of(now: datetime) -> int:
    """Minutes after midnight on the office's wall clock."""
    local = clock.local(now)
    return local.hour * 60 + local.minute
