"""The issue of a report: one transaction that stores all of it or nothing, once, on both engines."""

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit, clock, jobs
from core.db import db, transaction
from core.errors import RuleError
from core.jobs import sweeps
from core.jobs.models import Job, JobState
from core.reports import actions, codes, queries, snapshot
from core.reports.issue import STEPS
from core.reports.models import IssuedReport, Report, ReportFile
from core.reports.paper import Paper
from core.reports.pdf import PdfUnavailable
from core.reports.sentences import move_note
from core.reports.values import Output, ReportState
from tests.conftest import both_engines
from tests.core.reports import facts
from tests.core.reports.conftest import MONDAY, Office, job, log, report, story

Drawing = Any


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def assert_nothing_issued(report_id: uuid.UUID) -> None:
    assert (count(IssuedReport), count(ReportFile)) == (0, 0)
    assert "issued" not in story(report_id)
    assert report(report_id).issued_by_id is None


def during(drawing: Drawing, output: Output, call: Callable[[], Any]) -> None:
    """Let something happen while one of the papers is drawn."""
    draw = drawing.pdf_of

    def pdf_of(kind: Any, built: Any, paper: Paper, progress: Any) -> tuple[bytes, int]:
        if paper.output is output:
            call()
        return draw(kind, built, paper, progress)  # type: ignore[no-any-return]

    drawing.pdf_of = pdf_of


@both_engines
def test_an_issue_keeps_figures_rules_head_and_four_files(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    digest = office.digest(report_id)
    office.issue(report_id)
    found, issued = report(report_id), db.session.get_one(IssuedReport, report_id)
    assert (found.state, found.issued_by_id) == (ReportState.ISSUED, office.clerk.user_id)
    assert (found.issuing_job_id, found.open_items) == (None, 0)
    assert (issued.name, issued.scope, issued.period, issued.revision) == (
        "facts", "all", "2026-10", 1,
    )  # fmt: skip
    assert (issued.issued_by, issued.reviewed_by) == ("clerk person", "reviewer person")
    assert (issued.issued_at, issued.digest, issued.rules) == (MONDAY, digest, ["rule 1"])
    assert issued.headline == [
        ["head.facts", "facts", "count", 3],
        ["head.fen", "fen", "fen", 1500],
    ]
    assert queries.as_issued(report_id).value("head.fen") == 1500
    files = {row.output: row for row in issued.files}
    assert set(files) == {"archive", "public", "submission", "workbook"}
    code = codes.grouped(issued.token)
    assert files["submission"].content.decode() == f"%PDF submission 1 {code} 1500"
    assert files["workbook"].content.decode() == f"workbook {code} 1500"
    assert (files["public"].pages, files["workbook"].pages) == (3, None)
    assert files["archive"].file_name == "Facts-All-2026-10-留存版.pdf"
    for row in issued.files:
        assert row.size_bytes == len(row.content)
        assert row.sha256 == hashlib.sha256(row.content).hexdigest()
    stored = db.session.scalar(sa.text("SELECT content FROM report_file WHERE output = 'public'"))
    assert b"PDF" not in bytes(stored)


@both_engines
def test_the_head_of_the_log_includes_the_review(office: Office, engine_name: str) -> None:
    report_id = office.led_to("reviewed")
    office.issue(report_id)
    issued = db.session.get_one(IssuedReport, report_id)
    link = db.session.get_one(audit.AuditSeal, issued.audit_links)
    assert link.head == issued.audit_head
    reviewed = db.session.scalars(
        sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "report.reviewed")
    ).one()
    number = db.session.scalar(
        sa.select(audit.AuditSeal.number).where(audit.AuditSeal.record_id == reviewed.id)
    )
    assert number is not None and number <= issued.audit_links


def test_each_step_is_told_in_words_and_none_goes_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int]] = []
    real = jobs.Run.step

    def step(run: jobs.Run, code: str, done: int, total: int) -> None:
        real(run, code, done, total)
        told.append((code, done * 100 // total))

    monkeypatch.setattr(jobs.Run, "step", step)
    office.issue(office.led_to("reviewed"))
    assert told == list(STEPS.items())
    assert [percent for _, percent in told] == sorted(percent for _, percent in told)


@both_engines
def test_an_issue_that_runs_twice_is_one(office: Office, engine_name: str) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    jobs.run_job(job_id)
    token = db.session.get_one(IssuedReport, report_id).token
    with transaction() as session:  # its worker died before it could say that it was done
        session.execute(sa.update(Job).where(Job.id == job_id).values(state=JobState.QUEUED))
    jobs.run_job(job_id)
    assert job(job_id).state is JobState.DONE
    assert db.session.get_one(IssuedReport, report_id).token == token
    assert (count(IssuedReport), count(ReportFile)) == (1, 4)
    assert story(report_id) == ["draft", "reviewed", "issued"]


@both_engines
def test_a_second_press_is_the_same_job_until_that_has_failed(
    office: Office, drawing: Drawing, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    first = office.order(report_id).id
    assert actions.order_issue(report_id, by=office.admin, now=MONDAY).id == first
    drawing.missing_glyphs = lambda built, paper: (("王䶮", "䶮"),)
    jobs.run_job(first)
    assert job(first).state is JobState.FAILED
    second = office.order(report_id).id
    assert second != first
    jobs.cancel(second, by=office.clerk, now=MONDAY)
    third = office.order(report_id).id
    assert third not in (first, second)


@both_engines
def test_the_reviewer_does_not_issue_what_she_reviewed(office: Office, engine_name: str) -> None:
    report_id = office.led_to("reviewed")
    with pytest.raises(RuleError, match="report_reviewer_issues"):
        actions.order_issue(report_id, by=office.reviewer, now=MONDAY)
    assert actions.order_issue(report_id, by=office.second, now=MONDAY).id


def test_nothing_is_ordered_where_no_pdf_can_be_made(office: Office, in_app: Flask) -> None:
    report_id = office.led_to("reviewed")
    in_app.config["PDF"] = False
    with pytest.raises(RuleError, match="report_no_pdf"):
        office.order(report_id)


def failed(office: Office, report_id: uuid.UUID) -> tuple[str | None, dict[str, Any] | None]:
    """Order and run an issue that fails; its note."""
    job_id = office.order(report_id).id
    jobs.run_job(job_id)
    found = job(job_id)
    assert found.state is JobState.FAILED
    assert_nothing_issued(report_id)
    return found.note_code, found.note_details


@both_engines
def test_figures_that_changed_since_the_review_stop_the_issue_and_are_counted(
    office: Office, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    facts.put("2026-10", 3, 100)
    assert failed(office, report_id) == ("report_figures_changed", {"count": 2})
    found = report(report_id)
    assert story(report_id) == ["draft", "reviewed", "draft"]
    assert move_note(found.moves[-1].note) == "复核后有 2 个数字发生变化"
    assert found.moves[-1].by_name == "系统"
    assert found.issuing_job_id is None
    office.review(report_id)
    office.issue(report_id)
    assert queries.as_issued(report_id).value("head.fen") == 1600


def test_records_that_changed_under_equal_figures_stop_the_issue_too(office: Office) -> None:
    report_id = office.led_to("reviewed")
    facts.put("2026-10", 0, 500)
    facts.put("2026-10", 1, 300)
    assert failed(office, report_id) == ("report_rows_changed", {})
    assert report(report_id).state is ReportState.DRAFT


def test_what_the_checks_find_at_the_last_moment_stops_the_issue(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id = office.led_to("reviewed")
    monkeypatch.setattr(facts, "LARGE", 700)
    assert failed(office, report_id) == ("report_stopped", {"count": 1, "titles": "large facts"})


def test_an_identity_that_does_not_hold_stops_the_issue(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "RIGHT", 2)
    report_id = office.open()
    with pytest.raises(RuleError, match="report_not_ready"):
        office.review(report_id)


def test_a_name_that_no_font_can_draw_stops_the_issue_and_is_named(
    office: Office, drawing: Drawing
) -> None:
    report_id = office.led_to("reviewed")
    drawing.missing_glyphs = lambda built, paper: (("王䶮", "䶮"),)
    assert failed(office, report_id) == ("report_glyphs", {"names": "王䶮(䶮)"})
    assert report(report_id).state is ReportState.REVIEWED


def test_a_machine_without_pango_says_so(office: Office, drawing: Drawing) -> None:
    def pdf_of(kind: Any, built: Any, paper: Paper, progress: Any) -> tuple[bytes, int]:
        raise PdfUnavailable("no pango")

    drawing.pdf_of = pdf_of
    assert failed(office, office.led_to("reviewed")) == ("report_no_pdf", {})


@both_engines
def test_an_issue_is_cancelled_between_its_papers_and_leaves_nothing(
    office: Office, drawing: Drawing, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    during(drawing, Output.ARCHIVE, lambda: jobs.cancel(job_id, by=office.clerk, now=MONDAY))
    jobs.run_job(job_id)
    assert job(job_id).state is JobState.CANCELLED
    assert_nothing_issued(report_id)
    assert report(report_id).state is ReportState.REVIEWED


@both_engines
def test_a_cancellation_in_the_last_moment_still_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    real = jobs.Run.step

    def step(run: jobs.Run, code: str, done: int, total: int) -> None:
        real(run, code, done, total)
        if code == "report_storing":
            jobs.cancel(job_id, by=office.clerk, now=MONDAY)

    monkeypatch.setattr(jobs.Run, "step", step)
    jobs.run_job(job_id)
    assert job(job_id).state is JobState.CANCELLED
    assert_nothing_issued(report_id)


@both_engines
def test_a_review_withdrawn_during_the_issue_ends_it(
    office: Office, drawing: Drawing, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    during(drawing, Output.PUBLIC, lambda: actions.withdraw_review(
        report_id, reason="等一下", by=office.reviewer, now=MONDAY
    ))  # fmt: skip
    jobs.run_job(job_id)
    assert job(job_id).state is JobState.CANCELLED
    assert_nothing_issued(report_id)
    assert report(report_id).state is ReportState.DRAFT


@both_engines
def test_texts_reviewed_anew_during_an_issue_are_not_issued_as_they_were_before(
    office: Office, drawing: Drawing, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    first = office.order(report_id).id
    later = MONDAY + timedelta(seconds=5)

    def rewrite() -> None:
        actions.write_texts(report_id, summary="新的小结", cases="", receiver="区民政局",
                            by=office.clerk, now=later)  # fmt: skip
        office.now = later
        office.review(report_id)

    during(drawing, Output.PUBLIC, rewrite)
    jobs.run_job(first)
    assert job(first).state is JobState.CANCELLED
    assert_nothing_issued(report_id)
    assert report(report_id).state is ReportState.REVIEWED


@both_engines
def test_a_report_that_is_not_what_it_was_at_the_beginning_is_not_issued(
    office: Office, drawing: Drawing, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")

    def change() -> None:  # without a verb, which would have cancelled the job
        with transaction() as session:
            session.execute(sa.update(Report).values(changed_at=MONDAY + timedelta(seconds=1)))

    during(drawing, Output.PUBLIC, change)
    assert failed(office, report_id)[0] == "report_not_reviewed"


@both_engines
def test_a_frozen_worker_that_comes_back_finds_the_report_issued(
    office: Office, drawing: Drawing, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id
    overtaken: list[str] = []

    def overtake() -> None:
        if not overtaken:
            overtaken.append("yes")
            assert sweeps.take_up_stale_jobs(clock.now() + timedelta(seconds=61)) == 1
            jobs.run_job(job_id)

    during(drawing, Output.PUBLIC, overtake)
    jobs.run_job(job_id)
    assert job(job_id).state is JobState.DONE
    assert (count(IssuedReport), count(ReportFile)) == (1, 4)
    assert story(report_id) == ["draft", "reviewed", "issued"]


@both_engines
def test_what_breaks_while_it_is_stored_leaves_nothing_half_issued(
    office: Office, monkeypatch: pytest.MonkeyPatch, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id

    def break_off(*args: Any, **more: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("core.reports.issue.entry", break_off)
        jobs.run_job(job_id)
    assert job(job_id).note_code == "job_broke"
    assert_nothing_issued(report_id)
    office.issue(report_id)
    assert report(report_id).state is ReportState.ISSUED


def together(app: Flask, calls: list[Callable[[], object]]) -> list[object]:
    """Run calls at the same moment; what they returned, or the code that refused them."""
    barrier = threading.Barrier(len(calls))
    found: list[object] = [None] * len(calls)

    def run(position: int, call: Callable[[], object]) -> None:
        with app.app_context(), clock.at(MONDAY):
            barrier.wait()
            try:
                found[position] = call()
            except RuleError as error:
                found[position] = error.code
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return found


@both_engines
def test_a_crowd_that_opens_the_same_month_opens_one_draft(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    found = together(in_app, [office.open] * 8)
    assert len(set(found)) == 1
    assert story(found[0]) == ["draft"]  # type: ignore[arg-type]
    assert log(found[0]) == ["report.begun"]  # type: ignore[arg-type]


@both_engines
def test_a_crowd_that_presses_issue_gets_one_job_and_one_report(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    presses = [
        lambda by=by: actions.order_issue(report_id, by=by, now=MONDAY).id  # type: ignore[misc]
        for by in (office.clerk, office.admin, office.second) * 2
    ]
    [job_id] = set(together(in_app, presses))
    assert count(Job) == 1
    together(in_app, [lambda: jobs.run_job(job_id)] * 4)  # type: ignore[arg-type]
    assert job(job_id).state is JobState.DONE  # type: ignore[arg-type]
    assert (count(IssuedReport), count(ReportFile)) == (1, 4)
    assert story(report_id) == ["draft", "reviewed", "issued"]


@both_engines
def test_two_jobs_of_one_report_at_once_issue_it_once(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    # It can't be ordered twice, but a job may be left over by a worker that came back.
    report_id = office.led_to("reviewed")
    ids = [office.order(report_id).id]
    ids += [
        jobs.enqueue("reports.issue", by=office.admin, now=MONDAY, report_id=str(report_id)).id
        for _ in range(3)
    ]
    together(in_app, [lambda each=each: jobs.run_job(each) for each in ids])  # type: ignore[misc]
    states = [job(each).state for each in ids]
    assert JobState.DONE in states
    assert (count(IssuedReport), count(ReportFile)) == (1, 4)
    assert story(report_id) == ["draft", "reviewed", "issued"]
    assert log(report_id).count("report.issue_done") == 1


@both_engines
def test_a_review_withdrawn_and_an_issue_at_once_have_one_outcome(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    job_id = office.order(report_id).id

    def withdraw() -> None:
        actions.withdraw_review(report_id, reason="等一下", by=office.reviewer, now=MONDAY)

    _, refusal = together(in_app, [lambda: jobs.run_job(job_id), withdraw])
    if refusal is None:
        assert_nothing_issued(report_id)
        assert report(report_id).state is ReportState.DRAFT
    else:
        assert refusal == "report_not_reviewed"
        assert (count(IssuedReport), count(ReportFile)) == (1, 4)


@both_engines
def test_a_submission_and_a_correction_at_once_have_one_outcome(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    report_id = office.led_to("signed")

    def correct() -> None:
        actions.start_revision(report_id, reason="更正", by=office.clerk, now=MONDAY)

    found = together(in_app, [lambda: office.submit(report_id), correct])
    assert found in ([None, "report_submitted"], ["report_has_newer", None])


@both_engines
@pytest.mark.parametrize(
    ("table", "how", "says"),
    [
        ("issued_report", "column", "the record was changed"),
        ("issued_report", "garbage", "content changed since the issue"),
        ("issued_report", "swapped", "content changed since the issue"),
        ("issued_report", "explanations", "explanations changed since the issue"),
        ("issued_report", "gone", "the record is gone"),
        ("report_file", "column", "the record was changed"),
        ("report_file", "garbage", "content changed since the issue"),
        ("report_file", "swapped", "content changed since the issue"),
        ("report_file", "gone", "the record is gone"),
    ],
)
def test_a_report_bent_behind_the_apps_back_is_named(
    office: Office, table: str, how: str, says: str, engine_name: str
) -> None:
    office.led_to("issued")
    audit.seal(MONDAY)
    assert audit.verify().fault is None
    with transaction() as session:
        _bend(session, table, how)
    fault = str(audit.verify().fault)
    assert says in fault
    assert table in fault


def _bend(session: Any, table: str, how: str) -> None:
    model: Any = IssuedReport if table == "issued_report" else ReportFile
    if how == "gone":
        session.execute(sa.delete(ReportFile))
        if table == "issued_report":
            session.execute(sa.delete(IssuedReport))
    elif how == "column":
        column = "issued_by" if table == "issued_report" else "file_name"
        session.execute(sa.update(model).values({column: "别人"}))
    elif how == "garbage":
        stored = sa.type_coerce(b"garbage", sa.LargeBinary)
        session.execute(sa.update(model.__table__).values(content=stored))
    elif how == "explanations":
        session.execute(sa.update(IssuedReport).values(explanations='[["large facts", "没事"]]'))
    else:  # well encrypted, and not what was issued
        facts.put("2026-10", 9, 9)
        other = queries.count(session.scalars(sa.select(Report)).one(), MONDAY)
        session.execute(sa.update(model).values(content=snapshot.pack(other)))


def test_codes_are_typed_as_they_come_and_nothing_else_is_one() -> None:
    code = codes.new_code()
    assert len(code) == 12 and set(code) <= set(codes.ALPHABET)
    assert codes.read(codes.grouped(code)) == code
    assert codes.read(f" {codes.grouped(code).lower()} ") == code
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert codes.read(wide) == code
    assert codes.read(code[:-1]) is None
    assert codes.read(code + "A") is None
    assert codes.read("0" * 12) is None
    assert codes.read("") is None
