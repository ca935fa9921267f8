"""Pages and addresses of the workshop, a noun a module."""

from flask import Blueprint

bp = Blueprint("workshop", __name__, url_prefix="/workshop")

# Each module hangs its views on `bp`, which therefore must exist before.
from workshop.views import (  # noqa: E402
    at_risk,
    attendance,
    cohorts,
    corrections,
    courses,
    employers,
    follow_ups,
    guidance,
    jobs_visible,
    learner_details,
    learners,
    placements,
    planning,
    rates,
    room_code,
    sessions,
    sheets,
    tables,
    timetable,
    today,
    vacancies,
    ventures,
    visible,
    walk_ins,
)

__all__ = [
    "at_risk",
    "attendance",
    "bp",
    "cohorts",
    "corrections",
    "courses",
    "employers",
    "follow_ups",
    "guidance",
    "jobs_visible",
    "learner_details",
    "learners",
    "placements",
    "planning",
    "rates",
    "room_code",
    "sessions",
    "sheets",
    "tables",
    "timetable",
    "today",
    "vacancies",
    "ventures",
    "visible",
    "walk_ins",
]
