"""Pages and addresses of the workshop, a noun a module."""

from flask import Blueprint

bp = Blueprint("workshop", __name__, url_prefix="/workshop")

# Each module hangs its views on `bp`, which therefore must exist before.
from workshop.views import (  # noqa: E402
    at_risk,
    attendance,
    certificates,
    cohorts,
    completion,
    corrections,
    courses,
    enrolments,
    guidance,
    learner_details,
    learners,
    planning,
    room_code,
    sessions,
    sheets,
    tables,
    timetable,
    today,
    ventures,
    visible,
    walk_ins,
)

__all__ = [
    "at_risk",
    "attendance",
    "bp",
    "certificates",
    "cohorts",
    "completion",
    "corrections",
    "courses",
    "enrolments",
    "guidance",
    "learner_details",
    "learners",
    "planning",
    "room_code",
    "sessions",
    "sheets",
    "tables",
    "timetable",
    "today",
    "ventures",
    "visible",
    "walk_ins",
]
