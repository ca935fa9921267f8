"""Pages and addresses of the workshop, a noun a module."""

from flask import Blueprint

bp = Blueprint("workshop", __name__, url_prefix="/workshop")

# Each module hangs its views on `bp`, which therefore must exist before.
from workshop.views import guidance, ventures, visible  # noqa: E402

__all__ = ["bp", "guidance", "ventures", "visible"]
