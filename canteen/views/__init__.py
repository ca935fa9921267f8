"""Pages and addresses of the canteen, a noun a module."""

from flask import Blueprint

bp = Blueprint("canteen", __name__, url_prefix="/canteen")

# Each module hangs its views on `bp`, which therefore must exist before.
from canteen.views import (  # noqa: E402
    categories,
    counter,
    counter_data,
    counter_event,
    diners,
    eligibilities,
    exceptions,
    meals,
    needs,
    simulation,
    sittings,
    tariffs,
    today,
)

__all__ = [
    "bp",
    "categories",
    "counter",
    "counter_data",
    "counter_event",
    "diners",
    "eligibilities",
    "exceptions",
    "meals",
    "needs",
    "simulation",
    "sittings",
    "tariffs",
    "today",
]
