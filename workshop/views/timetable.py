"""The calendar by week, the timetable of a cohort, and both as a PDF."""

from datetime import date

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.jobs import enqueue
from core.sites.models import site_id_of
from workshop.forms.timetable import CalendarFilter
from workshop.lists import cohorts as cohort_lists
from workshop.lists import timetable as listing
from workshop.lists.timetable import GridBy, Week
from workshop.papers.timetables import COHORT_JOB, WEEK_JOB
from workshop.values import SessionState
from workshop.views import bp
from workshop.views.cohorts import may_plan
from workshop.views.visible import MAY_TEACH, sessions_of, visible_cohort, workshops


@bp.get("/calendar")
@requires(*MAY_TEACH)
def calendar() -> str:
    """A week of sessions: by day on a phone, as a grid by room or trainer on a desk."""
    sites, today = workshops(), clock.service_day(clock.now())
    form = CalendarFilter(sites)
    week, by = asked_week(today), form.value_of("by") or GridBy.ROOM
    site_id = site_id_of(form.value_of("site"), sites)
    rows = listing.sessions_of(week, sessions_of(current_actor()), site_id)
    site_ids = [site.id for site in sites] if site_id is None else [site_id]
    rooms = listing.rooms_of(site_ids) if may_plan() else []
    return render_template(
        "workshop/calendar.html", form=form, week=week, by=by, today=today, sites=sites, rows=rows,
        days=listing.by_day(rows, week), grid=listing.grid(rows, week, by, rooms),
        is_cancelled=lambda row: row.state is SessionState.CANCELLED, may_plan=may_plan(),
    )  # fmt: skip


def asked_week(today: date) -> Week:
    """The week of the address; this week where there is none, 404 for what is none."""
    text = request.args.get("week")
    if not text:
        return Week.of(today)
    try:
        return Week.parse(text)
    except ValueError:
        abort(404)


@bp.get("/cohorts/<int:cohort_id>/timetable")
@requires(*MAY_TEACH)
def timetable(cohort_id: int) -> str:
    """The sessions of a cohort as they hang in the room; printed as they stand on the screen."""
    row = visible_cohort(cohort_id)
    sessions = [one.session for one in cohort_lists.sessions_of(row.id)]
    return render_template(
        "workshop/timetable.html", cohort=row,
        sessions=[one for one in sessions if one.state is SessionState.PLANNED],
    )  # fmt: skip


@bp.post("/cohorts/<int:cohort_id>/timetable")
@requires(*MAY_TEACH)
def create_timetable(cohort_id: int) -> Response:
    """Order the timetable of a cohort as a PDF; a job draws it."""
    row = visible_cohort(cohort_id)
    job = enqueue(COHORT_JOB, by=current_actor(), now=clock.now(), cohort_id=row.id)
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.post("/calendar")
@requires(*MAY_TEACH)
def create_week_timetable() -> Response:
    """Order a week as a PDF: what the actor sees, as she sees it."""
    sites = workshops()
    week = asked_week(clock.service_day(clock.now()))
    form = CalendarFilter(sites)
    site_id = site_id_of(form.value_of("site"), sites)
    rows = listing.sessions_of(week, sessions_of(current_actor()), site_id)
    job = enqueue(WEEK_JOB, by=current_actor(), now=clock.now(), week=str(week),
                  session_ids=[row.id for row in rows])  # fmt: skip
    return redirect(url_for("jobs.show", job_id=job.id))
