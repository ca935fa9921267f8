"""kill -9 of a worker in the middle of issuing a report: nothing is half issued, and it is issued after all."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.clock import Month, service_day
from core.config import ROOT
from core.db import db
from core.jobs.models import JobState
from core.reports.models import IssuedReport, ReportFile
from core.reports.values import Period
from tests.conftest import both_engines
from tests.core.reports import stand_ins
from tests.core.reports.conftest import job, log, open_office, story
from tests.faults.real_server import wait_until

Worker = subprocess.Popen[bytes]


@pytest.fixture
def start(in_app: Flask, tmp_path: Path) -> Iterator[Callable[[str], Worker]]:
    """Starts real workers on the test's database; kills what is left of them at the end."""
    started: list[Worker] = []

    def run(where: str) -> Worker:
        words = (in_app.instance_path, in_app.config["DATABASE_URL"], where, tmp_path / "stopped")
        started.append(subprocess.Popen(
            [sys.executable, "-m", "tests.core.reports.issuing_worker", *map(str, words)], cwd=ROOT,
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ))  # fmt: skip
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def issued(report_id: uuid.UUID) -> tuple[int, int]:
    """How many issues and how many files there are of a report."""
    db.session.rollback()
    reports = sa.select(sa.func.count()).where(IssuedReport.id == report_id)
    files = sa.select(sa.func.count()).where(ReportFile.report_id == report_id)
    return db.session.scalar(reports) or 0, db.session.scalar(files) or 0


@both_engines
@pytest.mark.faults
@pytest.mark.parametrize("where", ["drawing", "storing"])
def test_a_worker_killed_in_the_middle_of_issuing_leaves_nothing_and_the_next_one_issues(
    in_app: Flask, start: Callable[[str], Worker], tmp_path: Path, where: str,
    monkeypatch: pytest.MonkeyPatch, engine_name: str,
) -> None:  # fmt: skip
    stand_ins.put_in(monkeypatch)
    now = clock.now()
    office = open_office(in_app, now, Period(Month.of(service_day(now)).previous()))
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    first = start(where)
    wait_until((tmp_path / "stopped").exists, 30)
    assert job(job_id).state is JobState.RUNNING
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(10)
    assert issued(report_id) == (0, 0)
    assert story(report_id) == ["draft", "reviewed"]
    start(where)
    wait_until(lambda: job(job_id).state is JobState.DONE, 60)
    assert job(job_id).attempt == 2
    assert issued(report_id) == (1, 4)
    assert story(report_id) == ["draft", "reviewed", "issued"]
    assert log(report_id).count("report.issue_done") == 1
