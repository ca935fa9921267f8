"""What is done at intervals, in a process of its own beside the workers.

Sweeps are idempotent, so that two machines may run them at once and a missed one is made up for.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import current_app

from core import audit
from core.db import db, transaction
from core.jobs import queue
from core.jobs.models import UNFINISHED, Job, JobFile, JobState
from core.jobs.tasks import MAX_ATTEMPTS
from core.programme import programmes

log = structlog.get_logger("jobs")

SWEEP_EVERY_S = 15.0
# A waiting job that nobody took for so long has lost its wake-up call.
FORGOTTEN_S = 20
KEEP_JOBS_DAYS = 90

Sweep = Callable[[datetime], int]


@dataclass(frozen=True)
class _Registered:
    name: str
    work: Sweep
    every_s: float


_sweeps: list[_Registered] = []


def sweep(every_s: float = SWEEP_EVERY_S) -> Callable[[Sweep], Sweep]:
    """Register work of the core for an interval. It is given `now` and returns how much it did."""

    def register(work: Sweep) -> Sweep:
        _sweeps.append(_Registered(f"{work.__module__}.{work.__qualname__}", work, every_s))
        return work

    return register


class Round:
    """Remembers when each sweep is due. One that fails is logged and does not stop the others."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}

    def run(self, now: datetime) -> dict[str, int]:
        """Run what is due; returns how much each sweep did."""
        done: dict[str, int] = {}
        for each in self._all():
            clock_s = time.monotonic()
            if clock_s < self._due.get(each.name, 0):
                continue
            self._due[each.name] = clock_s + each.every_s
            try:
                done[each.name] = each.work(now)
            except Exception:
                log.exception("sweep.failed", sweep=each.name)
            finally:
                db.session.remove()
        return done

    @staticmethod
    def _all() -> list[_Registered]:
        own = [
            _Registered(f"{programme.name}.{work.__qualname__}", work, SWEEP_EVERY_S)
            for programme in programmes()
            for work in programme.sweeps
        ]
        return [*_sweeps, *own]


@sweep()
def take_up_stale_jobs(now: datetime) -> int:
    """Jobs of a dead worker go back into the queue, after three attempts they are given up."""
    stale_s = current_app.config["JOB_STALE_S"]
    count = 0
    running = db.session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING)).all()
    for job in running:
        silent_s = (now - (job.heartbeat_at or job.created_at)).total_seconds()
        if silent_s < stale_s and not _is_dead(job.worker):
            continue
        count += _give_up(job, now) if job.attempt >= MAX_ATTEMPTS else _queue_again(job, now)
    return count


def _queue_again(job: Job, now: datetime) -> int:
    if job.cancel_requested_at:
        return _change(job, {"state": JobState.CANCELLED, "finished_at": now, "worker": None})
    changed = _change(job, {"state": JobState.QUEUED, "worker": None})
    if changed:
        log.warning("jobs.taken_up_again", job=str(job.id), attempt=job.attempt)
        queue.wake(job.id)
    return changed


def _give_up(job: Job, now: datetime) -> int:
    log.error("jobs.given_up", job=str(job.id), attempt=job.attempt)
    values = {"state": JobState.FAILED, "finished_at": now, "note_code": "job_gave_up"}
    return _change(job, {**values, "note_details": {}})


def _change(job: Job, values: dict[str, object]) -> int:
    # Only as it was seen: its worker may have come back to life meanwhile.
    with transaction() as session:
        row = session.execute(
            sa.update(Job.__table__)  # type: ignore[arg-type]
            .where(
                Job.id == job.id,
                Job.state == JobState.RUNNING,
                Job.attempt == job.attempt,
                Job.heartbeat_at == job.heartbeat_at,
            )
            .values(**values)
            .returning(Job.id)
        ).first()
    return int(row is not None)


def _is_dead(worker: str | None) -> bool:
    """Whether a worker of this machine is gone; of another machine nobody here can tell."""
    host, _, pid = (worker or "").rpartition(":")
    if host != socket.gethostname()[:100] or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@sweep()
def wake_forgotten_jobs(now: datetime) -> int:
    """The queue only wakes; whoever waits without being woken is called again."""
    before = now - timedelta(seconds=FORGOTTEN_S)
    waiting = db.session.scalars(
        sa.select(Job.id).where(Job.state == JobState.QUEUED, Job.created_at < before).limit(100)
    ).all()
    if waiting and queue.is_empty():
        for job_id in waiting:
            queue.wake(job_id)
        return len(waiting)
    return 0


@sweep(every_s=600)
def forget_old_results(now: datetime) -> int:
    """Files that nobody fetched in time, and finished jobs of months ago."""
    long_ago = now - timedelta(days=KEEP_JOBS_DAYS)
    with transaction() as session:
        files = session.execute(
            sa.delete(JobFile.__table__)  # type: ignore[arg-type]
            .where(JobFile.expires_at <= now)
            .returning(JobFile.job_id)
        ).all()
        jobs = session.execute(
            sa.delete(Job.__table__)  # type: ignore[arg-type]
            .where(Job.state.not_in(UNFINISHED), Job.finished_at < long_ago)
            .returning(Job.id)
        ).all()
    return len(files) + len(jobs)


@sweep(every_s=60)
def seal_audit(now: datetime) -> int:
    """Chain the entries of the last minute, and note the head outside the database."""
    return audit.seal(now, Path(current_app.instance_path) / "audit.head")
