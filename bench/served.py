"""The product with one more route, so that a scan has a floor to be measured against."""

from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request

from core import clock
from core.access import public
from core.writer import write
from wsgi import create_app as create_product

TABLE = "CREATE TABLE bench_floor (id VARCHAR(36) PRIMARY KEY, content TEXT NOT NULL)"
DAY = date(2026, 11, 24)
# The scans of the bench are of the month in which it stands, as at a counter: later ones cost more.
EVENING = clock.moment_of(DAY, time(21))
_INSERT = sa.text("INSERT INTO bench_floor (id, content) VALUES (:id, :content)")


def create_app() -> Flask:
    """The whole app and `POST /bench/floor`: one durable insert through the same server and writer."""
    app = create_product()
    app.wsgi_app = _held(app.wsgi_app)  # type: ignore[method-assign]

    @app.post("/bench/floor")
    @public
    def floor() -> tuple[Response, int]:
        sent: dict[str, Any] = request.get_json()
        row = {"id": sent["id"], "content": sent["scanned_at"]}
        write(lambda connection: connection.execute(_INSERT, row).rowcount)
        return jsonify(outcome="stored"), 201

    return app


def _held(served: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def at_evening(environ: Any, start_response: Any) -> Iterable[bytes]:
        with clock.at(EVENING):
            return served(environ, start_response)

    return at_evening
