"""Pages of the reports: the list, one report and its life, its preview, its figures, its files."""

from flask import Blueprint

bp = Blueprint("reports", __name__, url_prefix="/reports")

# Each module hangs its views on `bp`, which therefore must exist before.
from core.reports.views import (  # noqa: E402
    figures,
    files,
    index,
    issuing,
    life,
    preview,
    report,
    samples,
    writing,
)

__all__ = [
    "bp",
    "figures",
    "files",
    "index",
    "issuing",
    "life",
    "preview",
    "report",
    "samples",
    "writing",
]
