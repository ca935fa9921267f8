"""How the canteen is plugged into an app: its blueprint, its place in the audit chain."""

from flask import Flask

import canteen.models  # noqa: F401  the schema is part of the app whether or not a page asks for it


def init_app(app: Flask) -> None:
    """Register what the canteen brings."""
