"""Registering work, asking for it, and doing one job of it.

A job may run twice: a worker can die, or freeze and come back, at any line. So a task must be
idempotent, and its outcome is only stored by the attempt that still holds the job.
"""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import event
from sqlalchemy.orm import Session

from core import clock
from core.access import Actor
from core.db import db, transaction
from core.errors import Busy, RuleError, Text, describe
from core.jobs import queue
from core.jobs.models import UNFINISHED, Job, JobFile, JobState

log = structlog.get_logger("jobs")
Work = TypeVar("Work", bound=Callable[..., Any])

HEARTBEAT_S = 5.0
MAX_ATTEMPTS = 3

describe({
    "job_broke": Text(_l(
        "The work broke off because of an error in the program. Nothing was changed by half. "
        "Try again; if it happens again, tell whoever looks after the system: %(reference)s"
    )),
    "job_gave_up": Text(_l(
        "The work was interrupted three times and has been given up. "
        "Start it again when the computer is less busy."
    )),
    "job_finished": Text(_l("This work is already finished.")),
})  # fmt: skip


class Cancelled(Exception):
    """Somebody cancelled the job, or another worker has taken it over."""


@dataclass(frozen=True)
class File:
    """What a task made, to be fetched by whoever asked for it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Note:
    """Something to know about the outcome: a code described with `describe`, and its details."""

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A registered piece of work: what its page is called, and the endpoint that orders it."""

    name: str
    title: Any
    work: Callable[..., Any]
    page: str | None = None


_tasks: dict[str, Task] = {}


def task(name: str, *, title: Any, page: str | None = None) -> Callable[[Work], Work]:
    """Register a function as work for the queue. `page` is the endpoint to go back to.

    It is called with a `Run` and the keyword arguments of `enqueue`, in an app context and outside
    any transaction. It returns a File, a Note, a tuple of both, or None.
    """

    def register(work: Work) -> Work:
        if name in _tasks:
            raise ValueError(f"job {name} is registered twice")
        _tasks[name] = Task(name, title, work, page)
        return work

    return register


def title_of(job: Job) -> Any:
    """What a job is called on screen."""
    known = _tasks.get(job.name)
    return known.title if known else job.name


def page_of(job: Job) -> str | None:
    """The endpoint that orders such jobs, to go back to."""
    known = _tasks.get(job.name)
    return known.page if known else None


class Run:
    """One attempt at a job, as its task sees it."""

    def __init__(self, job: Job) -> None:
        self.job_id = job.id
        self.attempt = job.attempt
        self.by = Actor(job.requested_by, user_id=job.user_id, site_ids=None)
        self._stop = threading.Event()
        self._percent = job.progress

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is; `total` > 0. Raises Cancelled when it is to stop."""
        percent = min(100, max(0, done * 100 // total))
        if self._stop.is_set():
            raise Cancelled
        if percent != self._percent:
            self._percent = percent
            if not self.beat(progress=percent):
                raise Cancelled

    def step(self, code: str, done: int, total: int) -> None:
        """Say what begins now, by a described code, and how far the work is. Raises Cancelled."""
        self._percent = min(100, max(0, done * 100 // total))
        if self._stop.is_set() or not self.beat(step=code, progress=self._percent):
            raise Cancelled

    def beat(self, **changes: Any) -> bool:
        """Give a sign of life. False when the job is cancelled or no longer this attempt's."""
        with transaction() as session:
            row = session.execute(
                sa.update(Job.__table__)  # type: ignore[arg-type]
                .where(
                    Job.id == self.job_id,
                    Job.attempt == self.attempt,
                    Job.state == JobState.RUNNING,
                )
                .values(heartbeat_at=clock.now(), **changes)
                .returning(Job.cancel_requested_at)
            ).first()
        alive = row is not None and row.cancel_requested_at is None
        if not alive:
            self._stop.set()
        return alive


def enqueue(name: str, *, by: Actor, now: datetime, **args: Any) -> Job:
    """Ask for a job; it is woken when the transaction around this call commits.

    args: plain values (ids, codes, dates as text), kept in clear: never personal data.
    Raises KeyError for an unknown name.
    """
    known = _tasks[name]
    with transaction() as session:
        job = Job(
            name=known.name, args=args, user_id=by.user_id, requested_by=by.name, created_at=now
        )
        session.add(job)
        session.flush()
        _wake_after_commit(session, job.id)
    return job


def _wake_after_commit(session: Session, job_id: uuid.UUID) -> None:
    def committed(_: Session) -> None:
        queue.wake(job_id)

    event.listen(session, "after_commit", committed, once=True)


def cancel(job_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Stop a job: at once while it waits, at its next step while it runs.

    Raises RuleError job_finished.
    """
    with transaction() as session:
        job = session.get_one(Job, job_id, with_for_update=True)
        if job.state not in UNFINISHED:
            raise RuleError("job_finished")
        job.cancel_requested_at = now
        if job.state is JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, now
    log.info("jobs.cancelled", job=str(job_id), by=by.name)


def run_job(job_id: uuid.UUID) -> None:
    """Do one job, unless somebody else has taken it. Called in a worker."""
    job = _claim(job_id)
    if job is None:
        return
    run = Run(job)
    known = _tasks.get(job.name)
    log.info("jobs.started", job=str(job_id), name=job.name, attempt=run.attempt)
    try:
        if known is None:
            raise LookupError(f"nobody knows the job {job.name}")
        with _heartbeat(run):
            result = known.work(run, **job.args)
        file, note = _parts(result)
        _finish(run, JobState.DONE, note, file)
    except Cancelled:
        _finish(run, JobState.CANCELLED)
    except RuleError as error:
        _finish(run, JobState.FAILED, Note(error.code, error.details))
    except Busy:
        if run.attempt < MAX_ATTEMPTS:
            _hand_back(run, counts=True)
        else:
            _finish(run, JobState.FAILED, Note("job_gave_up"))
    except Exception:
        log.exception("jobs.broke", job=str(job_id), name=job.name)
        _finish(run, JobState.FAILED, Note("job_broke", {"reference": str(job_id)[-12:]}))
    except BaseException:
        # The worker is told to stop: somebody else goes on.
        _hand_back(run)
        raise


def work_off() -> int:
    """Do every waiting job in this process, oldest first; returns how many. For tests and --once."""
    count = 0
    while job_id := db.session.scalar(
        sa.select(Job.id)
        .where(Job.state == JobState.QUEUED)
        .order_by(Job.created_at, Job.id)
        .limit(1)
    ):
        run_job(job_id)
        count += 1
    return count


def this_worker() -> str:
    """Name of this process: "host:pid"."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def _claim(job_id: uuid.UUID) -> Job | None:
    now = clock.now()
    with transaction() as session:
        taken = session.execute(
            sa.update(Job.__table__)  # type: ignore[arg-type]
            .where(Job.id == job_id, Job.state == JobState.QUEUED)
            .values(
                state=JobState.RUNNING,
                attempt=Job.attempt + 1,
                worker=this_worker(),
                started_at=sa.func.coalesce(Job.started_at, now),
                heartbeat_at=now,
                progress=0,
                step=None,
            )
            .returning(Job.id)
        ).first()
        job = session.get(Job, job_id) if taken else None
        if job is not None:
            session.expunge(job)
    return job


@contextmanager
def _heartbeat(run: Run) -> Iterator[None]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    over = threading.Event()

    def beat() -> None:
        with app.app_context():
            while not over.wait(HEARTBEAT_S):
                try:
                    run.beat()
                except Exception:
                    # A missed beat is harmless; too many, and the sweep gives the job away.
                    log.warning("jobs.heartbeat_missed", job=str(run.job_id), exc_info=True)
                finally:
                    db.session.remove()

    thread = threading.Thread(target=beat, name=f"heartbeat-{run.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _parts(result: Any) -> tuple[File | None, Note | None]:
    parts = result if isinstance(result, tuple) else (result,)
    file = next((part for part in parts if isinstance(part, File)), None)
    note = next((part for part in parts if isinstance(part, Note)), None)
    return file, note


def _finish(run: Run, state: JobState, note: Note | None = None, file: File | None = None) -> None:
    now = clock.now()
    values: dict[str, Any] = {"state": state, "finished_at": now, "heartbeat_at": now}
    if state is JobState.DONE:
        values["progress"] = 100
    if note:
        values |= {"note_code": note.code, "note_details": dict(note.details)}
    with transaction() as session:
        if not _change_own(session, run, values):
            log.warning("jobs.outcome_dropped", job=str(run.job_id), attempt=run.attempt)
            return
        if file:
            hours = current_app.config["JOB_RESULT_HOURS"]
            session.merge(JobFile(
                job_id=run.job_id, name=file.name, media_type=file.media_type, content=file.content,
                size_bytes=len(file.content), expires_at=now + timedelta(hours=hours),
            ))  # fmt: skip
    log.info("jobs.finished", job=str(run.job_id), state=state.value)


def _hand_back(run: Run, counts: bool = False) -> None:
    """Into the queue again; the attempt counts when it was the job's own fault."""
    with transaction() as session:
        attempt = run.attempt if counts else run.attempt - 1
        values = {"state": JobState.QUEUED, "worker": None, "attempt": attempt}
        if _change_own(session, run, values):
            log.info("jobs.handed_back", job=str(run.job_id))


def _change_own(session: Session, run: Run, values: Mapping[str, Any]) -> bool:
    row = session.execute(
        sa.update(Job.__table__)  # type: ignore[arg-type]
        .where(Job.id == run.job_id, Job.attempt == run.attempt, Job.state == JobState.RUNNING)
        .values(**values)
        .returning(Job.id)
    ).first()
    return row is not None
