"""The canteen's report as a workbook."""

from core.reports.paper import Paper
from core.reports.values import Built


def workbook(built: Built, paper: Paper) -> bytes:
    """The bytes of the .xlsx."""
    raise LookupError("not written yet")
