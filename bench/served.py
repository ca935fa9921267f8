"""The product with one more route, so that a scan has a floor to be measured against."""

from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request

from core.access import public
from core.writer import write
from wsgi import create_app as create_product

TABLE = "CREATE TABLE bench_floor (id VARCHAR(36) PRIMARY KEY, content TEXT NOT NULL)"
_INSERT = sa.text("INSERT INTO bench_floor (id, content) VALUES (:id, :content)")


def create_app() -> Flask:
    """The whole app and `POST /bench/floor`: one durable insert through the same server and writer."""
    app = create_product()

    @app.post("/bench/floor")
    @public
    def floor() -> tuple[Response, int]:
        sent: dict[str, Any] = request.get_json()
        row = {"id": sent["id"], "content": sent["scanned_at"]}
        write(lambda connection: connection.execute(_INSERT, row).rowcount)
        return jsonify(outcome="stored"), 201

    return app
