"""Addresses of pages, inside a request and outside of one: a worker has no request to ask."""

from typing import Any

from flask import current_app


def path_to(endpoint: str, **values: Any) -> str:
    """The path of a page, the same wherever it is asked for. Raises BuildError for an unknown one.

    endpoint, values: as for `url_for`; what the route does not name stands after the question mark.
    """
    app = current_app
    app.inject_url_defaults(endpoint, values)
    adapter = app.url_map.bind("", script_name=app.config["APPLICATION_ROOT"])
    return adapter.build(endpoint, values)
