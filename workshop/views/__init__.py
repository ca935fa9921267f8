"""Pages and addresses of the workshop, a noun a module."""

from flask import Blueprint

bp = Blueprint("workshop", __name__, url_prefix="/workshop")

# Each module hangs its views on `bp`, which therefore must exist before.
from workshop.views import (  # noqa: E402
    at_risk,
    attendance,
    corrections,
    room_code,
    sheets,
    today,
    visible,
    walk_ins,
)

__all__ = [
    "at_risk",
    "attendance",
    "bp",
    "corrections",
    "room_code",
    "sheets",
    "today",
    "visible",
    "walk_ins",
]
from workshop.views import guidance, ventures  # noqa: E402

__all__ = ["bp", "guidance", "ventures", "visible"]
