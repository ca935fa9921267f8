"""For machines that watch: is it alive, is it ready, and how is it doing."""

import hmac
import time
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from werkzeug.wrappers import Response

from core.access import public
from core.db import db

bp = Blueprint("health", __name__)
registry = CollectorRegistry()
requests_total = Counter(
    "zhuhe_requests", "Requests answered", ["endpoint", "status"], registry=registry
)
seconds = Histogram(
    "zhuhe_request_seconds", "Time to answer", ["endpoint"], registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)  # fmt: skip


@bp.get("/healthz")
@public
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """The database answers and has this code's schema."""
    try:
        version = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.SQLAlchemyError:
        return jsonify(status="database"), 503
    return (jsonify(status="ok"), 200) if version else (jsonify(status="schema"), 503)


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Counts and times for Prometheus, to a bearer token or to loopback. No personal data."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        if not hmac.compare_digest(token.encode(), given.encode()):
            abort(404)
    elif request.remote_addr not in ("127.0.0.1", "::1"):
        abort(404)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@bp.before_app_request
def _start() -> None:
    g.started = time.perf_counter()


@bp.after_app_request
def _count(response: Any) -> Any:
    endpoint = request.endpoint or "none"
    requests_total.labels(endpoint, response.status_code).inc()
    if "started" in g:
        seconds.labels(endpoint).observe(time.perf_counter() - g.started)
    return response
