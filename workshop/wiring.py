"""How the workshop is plugged into an app: its blueprint, its places in the audit chain."""

from typing import Any

from flask import Flask

import workshop.audit_words
import workshop.evidence
import workshop.sentences  # noqa: F401  coded errors have sentences, things have papers
from core import audit
from workshop.models import AttendanceMark, EnrolmentMove, PlacementMove, VentureMove
from workshop.views import bp, verification
from workshop.views.check_in import bp as check_in
from workshop.words import marks


def init_app(app: Flask) -> None:
    """Register what the workshop brings."""
    # Marks and moves are their own audit entries: the chain binds every column of them.
    for model in (AttendanceMark, EnrolmentMove, PlacementMove, VentureMove):
        table: Any = model.__table__
        audit.register_source(audit.Source(table.name, table.c.id, tuple(table.columns)))
    app.register_blueprint(bp)
    app.register_blueprint(check_in)
    app.jinja_env.filters.update(marks.FILTERS)
    app.register_blueprint(verification.bp)
