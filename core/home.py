"""The first page: today's work for the one who signed in."""

from flask import Blueprint, render_template

from core import clock
from core.access import EVERYBODY, current_actor, requires
from core.clock_watch import doubts as clock_watch
from core.programme import programmes
from core.reports import home as reports

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(*EVERYBODY, device=True)
def index() -> str:
    """Each programme's block of what is to be done today, and the reports that wait."""
    actor, now = current_actor(), clock.now()
    cards = clock_watch.home(actor, now) + [
        card for programme in programmes() if programme.home for card in programme.home(actor, now)
    ]
    cards += reports.home(actor, now)
    return render_template("home.html", cards=cards, today=clock.service_day(now))
