"""The queue that wakes the worker: a file of its own, PostgreSQL or Redis. It carries job ids only.

The embedded queue is `instance/queue.db`, opened by the standard library's SQLite; nothing but
pysqlite3 ever opens the app's own file.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, current_app
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

from core import postgresql

log = structlog.get_logger("jobs")

QUEUE = "zhuhe"


@dataclass(frozen=True)
class Queue:
    """The queue of one app, and the call that puts a job id into it."""

    huey: Huey
    put: Callable[[str], Any]


def queue() -> Queue:
    """The queue of the current app, opened on first use."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if "zhuhe_queue" not in app.extensions:
        huey = _open(app)
        app.extensions["zhuhe_queue"] = Queue(huey, huey.task(name="run_job")(_runner(app)))
    found: Queue = app.extensions["zhuhe_queue"]
    return found


def _open(app: Flask) -> Huey:
    url: str = app.config["QUEUE_URL"] or app.config["DATABASE_URL"]
    if url.startswith("redis"):
        return RedisHuey(QUEUE, url=url, results=False)
    if url.startswith("postgresql"):
        dsn, wait_s = url.replace("+psycopg", "", 1), app.config["DATABASE_WAIT_S"]
        connection = partial(postgresql.connect, wait_s, dsn, **postgresql.network_options(wait_s))
        return PostgresHuey(QUEUE, connection=connection, table_prefix="queue", results=False)
    # A truncated journal instead of WAL: the standard library's SQLite may have the WAL-reset bug.
    file = Path(app.instance_path) / "queue.db"
    return SqliteHuey(QUEUE, filename=str(file), journal_mode="truncate", fsync=True, results=False)


def _runner(app: Flask) -> Any:
    def run(job_id: str) -> None:
        from core.jobs.tasks import run_job

        with app.app_context():
            run_job(uuid.UUID(job_id))

    return run


def wake(job_id: uuid.UUID) -> None:
    """Tell a worker. A queue that cannot be reached is only noted: the sweep finds the job."""
    try:
        queue().put(str(job_id))
    except Exception:
        log.warning("jobs.queue_unreachable", job=str(job_id), exc_info=True)


def is_empty() -> bool:
    """Whether nothing waits to wake a worker."""
    try:
        return bool(queue().huey.pending_count() == 0)
    except Exception:
        return False


def close() -> None:
    """Close this app's connection to the queue; the next use opens it again."""
    found: Queue | None = current_app.extensions.pop("zhuhe_queue", None)
    if found:
        found.huey.storage.close()
