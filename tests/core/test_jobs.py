"""Jobs: the row is the truth, the queue only wakes."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, jobs
from core.access import Actor, Role
from core.config import ROOT
from core.db import db, transaction
from core.errors import RuleError
from core.jobs import queue, sweeps, tasks
from core.jobs.models import Job, JobFile, JobState
from tests.conftest import NOON, SignIn, both_engines, csrf_of
from tests.core import pausing_worker  # noqa: F401  registers the job "test.pause"


@pytest.fixture
def work() -> Iterator[Callable[..., str]]:
    """Registers a function as the job "test.<name>" for one test."""
    made: list[str] = []

    def register(function: Callable[..., Any]) -> str:
        name = f"test.{function.__name__}"
        jobs.task(name, title=name)(function)
        made.append(name)
        return name

    yield register
    for name in made:
        del tasks._tasks[name]


def reread(job: Job) -> Job:
    db.session.expire_all()
    return db.session.get_one(Job, job.id)


@both_engines
def test_a_job_runs_and_its_file_waits_encrypted(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def report(run: jobs.Run, word: str) -> jobs.File:
        run.progress(1, 2)
        assert reread(job).progress == 50
        return jobs.File("a.pdf", "application/pdf", word.encode())

    job = jobs.enqueue(work(report), by=clerk, now=NOON, word="a canary in clear")
    assert queue.queue().huey.pending_count() == 1
    assert jobs.work_off() == 1
    job = reread(job)
    assert (job.state, job.progress, job.requested_by) == (JobState.DONE, 100, clerk.name)
    assert db.session.get_one(JobFile, job.id).content == b"a canary in clear"
    stored = db.session.execute(sa.text("SELECT content FROM job_file")).scalar_one()
    assert b"canary" not in bytes(stored)


@both_engines
def test_a_job_of_a_transaction_that_fails_was_never_asked_for(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def nothing(run: jobs.Run) -> None: ...

    name = work(nothing)
    with pytest.raises(RuntimeError, match="on purpose"), transaction():
        jobs.enqueue(name, by=clerk, now=NOON)
        raise RuntimeError("on purpose")
    assert jobs.work_off() == 0
    assert queue.queue().huey.pending_count() == 0


@both_engines
def test_a_rule_that_says_no_is_told_in_its_own_words(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def refuse(run: jobs.Run) -> None:
        raise RuleError("job_finished", why="a test")

    job = jobs.enqueue(work(refuse), by=clerk, now=NOON)
    jobs.work_off()
    job = reread(job)
    assert (job.state, job.note_code, job.note_details) == (
        JobState.FAILED,
        "job_finished",
        {"why": "a test"},
    )


def test_an_error_in_the_program_shows_a_reference_and_no_detail(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def break_off(run: jobs.Run) -> None:
        raise ValueError("130499194603070027")

    job = jobs.enqueue(work(break_off), by=clerk, now=NOON)
    jobs.work_off()
    job = reread(job)
    assert (job.state, job.note_code) == (JobState.FAILED, "job_broke")
    assert job.note_details == {"reference": str(job.id)[-12:]}


@both_engines
def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    steps = []

    def long(run: jobs.Run) -> None:
        for step in range(10):
            steps.append(step)
            if step == 3:
                jobs.cancel(run.job_id, by=clerk, now=NOON)
            run.progress(step + 1, 10)

    name = work(long)
    waiting = jobs.enqueue(name, by=clerk, now=NOON)
    jobs.cancel(waiting.id, by=clerk, now=NOON)
    assert reread(waiting).state is JobState.CANCELLED
    running = jobs.enqueue(name, by=clerk, now=NOON)
    jobs.work_off()
    assert reread(running).state is JobState.CANCELLED
    assert steps == [0, 1, 2, 3]
    with pytest.raises(RuleError, match="job_finished"):
        jobs.cancel(running.id, by=clerk, now=NOON)


@both_engines
def test_two_workers_never_do_one_job_twice(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    ran = []

    def once(run: jobs.Run) -> None:
        ran.append(run.attempt)
        jobs.run_job(run.job_id)

    job = jobs.enqueue(work(once), by=clerk, now=NOON)
    jobs.run_job(job.id)
    jobs.run_job(job.id)
    assert ran == [1]


@both_engines
def test_a_frozen_worker_that_comes_back_cannot_store_its_outcome(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def freeze(run: jobs.Run) -> jobs.File:
        if run.attempt == 1:
            late = clock.now() + timedelta(seconds=61)
            assert sweeps.take_up_stale_jobs(late) == 1
            jobs.run_job(run.job_id)
            with pytest.raises(jobs.Cancelled):
                run.progress(1, 2)
        return jobs.File("a.txt", "text/plain", str(run.attempt).encode())

    job = jobs.enqueue(work(freeze), by=clerk, now=NOON)
    jobs.run_job(job.id)
    assert reread(job).state is JobState.DONE
    assert db.session.get_one(JobFile, job.id).content == b"2"


@both_engines
def test_a_stale_job_is_taken_up_three_times_and_then_given_up(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def never(run: jobs.Run) -> None: ...

    job = jobs.enqueue(work(never), by=clerk, now=NOON)
    for attempt in (1, 2, 3):
        assert tasks._claim(job.id) is not None
        assert sweeps.take_up_stale_jobs(clock.now()) == 0
        now = clock.now() + timedelta(seconds=61)
        assert sweeps.take_up_stale_jobs(now) == 1
        assert reread(job).attempt == attempt
    job = reread(job)
    assert (job.state, job.note_code) == (JobState.FAILED, "job_gave_up")


@both_engines
def test_a_cancelled_job_whose_worker_died_is_over_and_forgotten_in_time(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def never(run: jobs.Run) -> None: ...

    job = jobs.enqueue(work(never), by=clerk, now=NOON)
    assert tasks._claim(job.id) is not None
    jobs.cancel(job.id, by=clerk, now=clock.now())
    late = clock.now() + timedelta(seconds=61)
    assert sweeps.take_up_stale_jobs(late) == 1
    assert (reread(job).state, reread(job).finished_at) == (JobState.CANCELLED, late)
    assert sweeps.forget_old_results(late + timedelta(days=sweeps.KEEP_JOBS_DAYS + 1)) == 1


def test_a_job_whose_process_is_gone_is_taken_up_without_waiting(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def never(run: jobs.Run) -> None: ...

    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          check=True, capture_output=True, text=True)  # fmt: skip
    job = jobs.enqueue(work(never), by=clerk, now=NOON)
    assert tasks._claim(job.id) is not None
    assert sweeps.take_up_stale_jobs(clock.now()) == 0
    with transaction() as session:
        session.get_one(
            Job, job.id
        ).worker = f"{tasks.this_worker().rpartition(':')[0]}:{gone.stdout.strip()}"
    assert sweeps.take_up_stale_jobs(clock.now()) == 1
    assert reread(job).state is JobState.QUEUED


def test_a_forgotten_job_is_woken_again_when_the_queue_was_lost(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def never(run: jobs.Run) -> None: ...

    jobs.enqueue(work(never), by=clerk, now=NOON)
    queue.queue().huey.flush()
    assert sweeps.wake_forgotten_jobs(NOON + timedelta(seconds=5)) == 0
    assert sweeps.wake_forgotten_jobs(NOON + timedelta(seconds=30)) == 1
    assert sweeps.wake_forgotten_jobs(NOON + timedelta(seconds=30)) == 0


def test_one_sweep_that_fails_does_not_stop_the_others(in_app: Flask) -> None:
    before = list(sweeps._sweeps)
    ran = []

    @jobs.sweep()
    def bad(now: object) -> int:
        raise RuntimeError("on purpose")

    @jobs.sweep()
    def good(now: object) -> int:
        ran.append(now)
        return 1

    try:
        sweeps.Round().run(NOON)
    finally:
        sweeps._sweeps[:] = before
    assert ran == [NOON]


def test_files_are_deleted_after_their_time(
    in_app: Flask, clerk: Actor, work: Callable[..., str]
) -> None:
    def make(run: jobs.Run) -> jobs.File:
        return jobs.File("a.txt", "text/plain", b"a")

    job = jobs.enqueue(work(make), by=clerk, now=NOON)
    with clock.at(NOON):
        jobs.work_off()
    assert sweeps.forget_old_results(NOON + timedelta(hours=23)) == 0
    assert sweeps.forget_old_results(NOON + timedelta(hours=25)) == 1
    assert db.session.get(JobFile, job.id) is None


def test_only_whoever_asked_sees_a_job_and_fetches_its_file(
    app: Flask, sign_in: SignIn, work: Callable[..., str]
) -> None:
    def make(run: jobs.Run) -> jobs.File:
        return jobs.File("服务卡.pdf", "application/pdf", b"%PDF-")

    mine, theirs = sign_in(Role.CLERK, name="mine"), sign_in(Role.ADMIN, name="theirs")
    with app.app_context():
        from core.accounts.models import User

        user = db.session.scalars(sa.select(User).where(User.name == "mine")).one()
        actor = Actor(user.display_name, user_id=user.id)
        job_id = jobs.enqueue(work(make), by=actor, now=clock.now()).id
    page = mine.get(f"/jobs/{job_id}")
    assert page.status_code == 200
    assert f'hx-get="/jobs/{job_id}/progress"' in page.text
    with app.app_context():
        jobs.work_off()
    after = mine.get(f"/jobs/{job_id}/progress").text
    assert "hx-get" not in after
    assert f"/jobs/{job_id}/file" in after
    answer = mine.get(f"/jobs/{job_id}/file")
    assert answer.data == b"%PDF-"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert str(job_id) in mine.get("/jobs/").text
    assert str(job_id) not in theirs.get("/jobs/").text
    for path in ("", "/progress", "/file"):
        assert theirs.get(f"/jobs/{job_id}{path}").status_code == 404
    data = {"csrf_token": csrf_of(theirs)}
    assert theirs.post(f"/jobs/{job_id}/cancellation", data=data).status_code == 404
    assert mine.get(f"/jobs/{uuid.uuid4()}").status_code == 404


@pytest.fixture
def worker_process(app: Flask, instance: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts real worker processes on the test's SQLite database."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        started.append(subprocess.Popen(
            [sys.executable, "-m", "tests.core.pausing_worker", str(instance)], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        ))  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool], within_s: float = 30) -> None:
    """Poll the database until something another process does has happened."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_job_outlives_kill_9_of_its_worker(
    in_app: Flask, clerk: Actor, worker_process: Callable[[], subprocess.Popen[str]]
) -> None:
    first = worker_process()
    job = jobs.enqueue("test.pause", by=clerk, now=clock.now(), seconds=60)
    wait_for(lambda: reread(job).state is JobState.RUNNING)
    victim = int(reread(job).worker.rpartition(":")[2])
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    # Its child notices and ends itself, so that no orphan works beside the next worker.
    wait_for(lambda: not Path(f"/proc/{victim}").exists(), within_s=5)
    worker_process()
    wait_for(lambda: reread(job).state is JobState.DONE)
    assert reread(job).attempt == 2


def test_a_worker_told_to_stop_hands_its_job_back(
    in_app: Flask, clerk: Actor, worker_process: Callable[[], subprocess.Popen[str]]
) -> None:
    worker = worker_process()
    job = jobs.enqueue("test.pause", by=clerk, now=clock.now(), seconds=60)
    wait_for(lambda: reread(job).state is JobState.RUNNING)
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=10)
    wait_for(lambda: reread(job).state is JobState.QUEUED, within_s=5)
    assert reread(job).attempt == 0
