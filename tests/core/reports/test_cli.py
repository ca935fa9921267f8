"""`flask reports issue | list` as somebody at the server uses it."""

import hashlib
import json
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, jobs
from core.db import db
from core.jobs.models import JobState
from core.reports import readiness
from core.reports.models import IssuedReport
from core.reports.values import Output
from tests.conftest import both_engines
from tests.core.reports.conftest import MONDAY, Office, job, log, report, story
from tests.core.reports.test_issue import during


class Told:
    """What a command said, and its exit code."""

    def __init__(self, app: Flask, *words: str) -> None:
        result = app.test_cli_runner().invoke(args=["reports", *words])
        self.code, self.text = result.exit_code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info


@both_engines
def test_a_reviewed_report_is_issued_and_its_files_are_written(
    office: Office, in_app: Flask, tmp_path: Path, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    out = tmp_path / "out"
    told = Told(in_app, "issue", "facts", "2026-10", "--out", str(out))
    assert told.code == 0, told.text
    found = report(report_id)
    assert (found.state.value, found.issued_by_id) == ("issued", None)
    assert found.moves[-1].by_name == "系统"
    issued = db.session.get_one(IssuedReport, report_id)
    assert {row.file_name for row in issued.files} == {file.name for file in out.iterdir()}
    for row in issued.files:
        assert hashlib.sha256((out / row.file_name).read_bytes()).hexdigest() == row.sha256
        assert row.sha256 in told.text
    assert log(report_id)[-1] == "report.file_fetched"


def test_files_of_an_issued_report_are_written_again_as_they_are(
    office: Office, in_app: Flask, tmp_path: Path
) -> None:
    report_id = office.led_to("issued")
    token = db.session.get_one(IssuedReport, report_id).token
    assert Told(in_app, "issue", "facts", "2026-10", "--out", str(tmp_path)).code == 0
    assert len(list(tmp_path.glob("Facts-*"))) == 4
    db.session.expire_all()
    assert db.session.get_one(IssuedReport, report_id).token == token
    assert story(report_id) == ["draft", "reviewed", "issued"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["issue", "facts", "2026-10"], "没有有效的复核"),
        (["issue", "facts", "2026-09"], "没有这份报告"),
        (["issue", "facts", "2026-10", "--scope", "nowhere"], "没有这个站点"),
        (["issue", "nothing", "2026-10"], "没有这种报告"),
        (["issue", "facts", "October"], "2026-Q4"),
        (["issue", "facts", "2026-10", "--by", "nobody"], "nobody"),
    ],
)
def test_what_can_not_be_issued_ends_with_a_sentence_and_a_code(
    office: Office, in_app: Flask, words: list[str], says: str
) -> None:
    report_id = office.open()
    told = Told(in_app, *words)
    assert told.code != 0
    assert says in told.text
    assert story(report_id) == ["draft"]


def test_whoever_reviewed_does_not_issue_at_the_server_either(
    office: Office, in_app: Flask
) -> None:
    report_id = office.led_to("reviewed")
    told = Told(in_app, "issue", "facts", "2026-10", "--by", "reviewer")
    assert (told.code, "须由另一人出具" in told.text) == (1, True)
    told = Told(in_app, "issue", "facts", "2026-10", "--by", "clerk")
    assert told.code == 0
    assert report(report_id).issued_by_id == office.clerk.user_id


def test_an_issue_that_fails_ends_with_the_sentence_of_the_job(
    office: Office, in_app: Flask
) -> None:
    from core.reports import layout

    office.led_to("reviewed")
    layout.missing_glyphs = lambda built, paper: (("王䶮", "䶮"),)  # type: ignore[attr-defined]
    told = Told(in_app, "issue", "facts", "2026-10")
    assert (told.code, "王䶮(䶮)" in told.text) == (1, True)


def test_an_issue_that_a_worker_took_first_is_waited_for(office: Office, in_app: Flask) -> None:
    from core.reports import layout

    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    taken, go = threading.Event(), threading.Event()

    def hold() -> None:
        taken.set()
        assert go.wait(20)

    during(layout, Output.PUBLIC, hold)  # type: ignore[attr-defined]

    def work() -> None:
        with in_app.app_context(), clock.at(MONDAY):
            jobs.run_job(job_id)
            db.session.remove()

    worker = threading.Thread(target=work)
    worker.start()
    assert taken.wait(20)
    threading.Timer(0.5, go.set).start()
    told = Told(in_app, "issue", "facts", "2026-10")
    worker.join()
    assert told.code == 0, told.text
    assert job(job_id).state is JobState.DONE
    assert db.session.scalar(sa.select(sa.func.count()).select_from(IssuedReport)) == 1


def test_reports_are_listed_for_people_and_for_programs(office: Office, in_app: Flask) -> None:
    report_id = office.open()
    readiness.look(report(report_id), MONDAY)
    told = Told(in_app, "list")
    assert told.text.split() == ["2026-10", "facts", "all", "r1", "draft", "1", "open"]
    [row] = json.loads(Told(in_app, "list", "--json").text)
    assert row["id"] == str(report_id)
    assert (row["state"], row["revision"], row["open_items"]) == ("draft", 1, 1)
