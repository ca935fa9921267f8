"""`flask worker`: processes that work off the queue, and one that sweeps."""

import os
import signal
import threading
import time
from typing import Any

import click
import structlog
from flask import Flask, current_app
from huey.consumer import BaseProcess, Consumer

from core import clock
from core.db import db
from core.jobs import queue
from core.jobs.sweeps import SWEEP_EVERY_S, Round
from core.jobs.tasks import work_off

log = structlog.get_logger("jobs")

# After Ctrl-C a job may take so long to finish; then it is handed back and done by the next worker.
STOP_WITHIN_S = 20


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(worker)


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), help="Overrides WORKER_PROCESSES.")
@click.option("--once", is_flag=True, help="Sweep, do what is waiting, and end.")
def worker(processes: int | None, once: bool) -> None:
    """Do the work that pages ask for, and what is due at intervals."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        Round().run(clock.now())
        click.echo(f"{work_off()} jobs done")
        return
    click.echo(f"Worker {os.getpid()} is ready. Ctrl-C stops it after the work at hand.")
    consume(app, processes or app.config["WORKER_PROCESSES"])


def consume(app: Flask, processes: int) -> None:
    """Work until a signal: SIGINT finishes the work at hand, SIGTERM hands it back."""
    # Children are forked: none of them may share a connection with this process.
    db.session.remove()
    db.engine.dispose()
    huey = queue.queue().huey
    huey.on_startup(name="leave-no-orphan")(_die_with_parent(os.getpid()))

    class Sweeper(BaseProcess):
        """Stands where huey keeps its scheduler, which we have no use for."""

        process_name = "Sweeper"

        def __init__(self, huey: Any, stop_flag: Any, interval: float, periodic: bool) -> None:
            super().__init__(huey, stop_flag)
            self._round = Round()

        def initialize(self) -> None:
            _die_with_parent(parent)()

        def loop(self, now: object = None) -> None:
            with app.app_context():
                self._round.run(clock.now())
            until = time.monotonic() + SWEEP_EVERY_S
            while time.monotonic() < until and not self.stop_flag.is_set():
                self.stop_flag.wait(0.2)

    parent = os.getpid()

    class Workers(Consumer):
        scheduler_class = Sweeper

    Workers(
        huey,
        workers=processes,
        worker_type="process",
        periodic=False,
        # The embedded queue is polled: from 0.1 s while busy to 1 s when nothing happens.
        initial_delay=0.1,
        max_delay=1.0,
        health_check_interval=1,
        shutdown_timeout=STOP_WITHIN_S,
    ).run()


def _die_with_parent(parent: int) -> Any:
    """A worker whose parent was killed would go on beside its successor: it ends itself."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        log.warning("worker.orphaned", pid=os.getpid())
        os.kill(os.getpid(), signal.SIGKILL)

    def start() -> None:
        threading.Thread(target=watch, name="parent-watch", daemon=True).start()

    return start
