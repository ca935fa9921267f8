"""A real worker process that knows one more job, "test.pause"; run by test_jobs.py."""

import sys
import time

from core import jobs
from core.jobs.worker import consume
from wsgi import create_app


@jobs.task("test.pause", title="test.pause")
def pause(run: jobs.Run, seconds: int) -> None:
    """The first attempt takes its time, the next one none."""
    if run.attempt > 1:
        return
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.05)
        run.progress(1, 2)


if __name__ == "__main__":
    app = create_app({"INSTANCE": sys.argv[1]})
    with app.app_context():
        consume(app, 1)
