"""Sessions on the home page: today's, and those that somebody still has to mark."""

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock
from core.access import OFFICE, Actor, Role
from core.programme import HomeCard
from workshop.lists import today
from workshop.lists.at_risk import at_risk
from workshop.values import SessionState
from workshop.views.visible import MAY_TEACH, cohorts_of, sessions_of


def session_cards(actor: Actor, now: datetime) -> list[HomeCard]:
    """Today's sessions and those that somebody still has to mark, for whoever teaches or follows learners."""
    if not actor.has(*MAY_TEACH, *OFFICE):
        return []
    cards = _sessions(actor, now)
    if actor.has(Role.TRAINER, Role.COORDINATOR) and (
        count := len(at_risk(cohorts_of(actor), now))
    ):
        cards.append(HomeCard(_l("Learners at risk"), str(count), _l("the gravest reasons first"),
                              "workshop.at_risk", {}, "warn"))  # fmt: skip
    return cards


def _sessions(actor: Actor, now: datetime) -> list[HomeCard]:
    local, visible = clock.local(now), sessions_of(actor)
    day, minute = local.date(), local.hour * 60 + local.minute
    meetings = [
        one for one in today.sessions_on(day, visible) if one.session.state is SessionState.PLANNED
    ]
    since = day - timedelta(days=int(current_app.config["ATTENDANCE_LOCK_DAYS"]))
    open_gaps = today.still_unmarked(day, minute, visible, since)
    if not meetings and not open_gaps and not actor.has(Role.TRAINER, Role.COORDINATOR):
        return []
    running = next((one for one in meetings if one.session.ends_min > minute), None)
    note = _l("none today")
    if running is not None:
        at = running.session.starts_min
        note = _("next: %(at)s %(cohort)s", at=f"{at // 60:02d}:{at % 60:02d}",
                 cohort=running.session.cohort.name)  # fmt: skip
    elif meetings:
        note = _l("all over for today")
    cards = [HomeCard(_l("Today's sessions"), str(len(meetings)), note, "workshop.today")]
    if running is not None and actor.has(Role.TRAINER):
        # One tap from the first page to the class that is on.
        cards[0] = HomeCard(_l("Today's sessions"), str(len(meetings)), note, "workshop.attendance",
                            {"session_id": running.session.id})  # fmt: skip
    if open_gaps:
        cards.append(HomeCard(
            _l("Sessions still unmarked"), str(len(open_gaps)),
            _("%(count)s learners without a mark", count=sum(one.unmarked for one in open_gaps)),
            "workshop.today", {}, "warn",
        ))  # fmt: skip
    return cards
