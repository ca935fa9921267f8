"""What every step of a report answers: the page again with what was done, or with what has to be mended."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from core.edge import sentence
from core.errors import RuleError
from core.reports.models import Report


def done(report: Report, anchor: str, message: str, act: Callable[[], Any]) -> Response:
    """Take the step and go back to where it stands on the page; a refusal is told there."""
    place = url_for("reports.show", report_id=report.id)
    try:
        act()
    except RuleError as error:
        flash(sentence(error), "warning")
    else:
        flash(message, "success")
    return redirect(f"{place}#{anchor}")


def mend(report: Report, **form: Any) -> tuple[str, int]:
    """The page with a form as it was sent, and what is wrong with it."""
    from core.reports.views.report import report_page

    return report_page(report, **form), 422
