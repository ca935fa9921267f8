"""How the canteen is plugged into an app: its blueprint, its place in the audit chain."""

from typing import Any

from flask import Flask

import canteen.audit_words
import canteen.evidence
import canteen.sentences  # noqa: F401  each coded error has its sentence, whoever meets it first
from canteen.models import MealEvent
from canteen.views import api as programs
from canteen.views import bp
from canteen.views.api_schemas import COMPONENTS, REQUESTS
from core import api, audit


def init_app(app: Flask) -> None:
    """Register what the canteen brings."""
    # A meal event is its own audit entry: the chain binds every column of it.
    events: Any = MealEvent.__table__
    audit.register_source(audit.Source("meal_event", events.c.id, tuple(events.columns)))
    app.register_blueprint(bp)
    app.config.setdefault("DEVICE_HOME", "canteen.counter")  # where a new tablet begins
    api.register(app, programs.bp, COMPONENTS, REQUESTS)
