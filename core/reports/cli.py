"""`flask reports issue | list`: the same verbs as the pages, for whoever sits at the server."""

import json
import threading
import time
import uuid
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask, current_app

from core import audit, clock, jobs
from core.access import SYSTEM, Actor
from core.accounts.models import User
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.edge import sentence
from core.errors import RuleError
from core.jobs.models import UNFINISHED, Job, JobState
from core.reports import queries
from core.reports.actions import order_issue
from core.reports.models import IssuedReport, Report, ReportFile
from core.reports.values import ALL, Period
from core.typed import Group

reports = Group("reports", help="The reports of each month.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(reports)


@reports.command("issue")
@click.argument("name")
@click.argument("period")
@click.option("--scope", default=ALL, show_default=True, help="all, or the short name of a site.")
@click.option("--by", "account", help="The account that issues; the house itself unless told.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files there."
)
def issue(name: str, period: str, scope: str, account: str | None, out: Path | None) -> None:
    """Issue the reviewed report NAME of PERIOD (2026-10, 2026-Q4, 2026), or write its files again."""
    try:
        report = _latest(name, _period(period), scope)
        if report.state.is_open:
            _issue(report, _actor(account))
        _write(report.id, out)
    except RuleError as error:
        raise click.ClickException(sentence(error)) from None


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError:
        raise click.BadParameter("a period is written 2026-10, 2026-Q4, 2026-H2 or 2026") from None


def _latest(name: str, period: Period, scope: str) -> Report:
    queries.check_scope(queries.kind_of(name), scope)
    known = queries.revisions(db.session(), name, scope, str(period))
    if not known:
        raise RuleError("report_unknown")
    return known[-1]


def _actor(account: str | None) -> Actor:
    if account is None:
        return SYSTEM
    user = db.session.scalar(sa.select(User).where(User.name == account))
    if user is None or user.ended_at is not None:
        raise click.ClickException(f"There is no account {account}.")
    return user_actor(user)


def _issue(report: Report, by: Actor) -> None:
    """Do the job in this process, or watch the worker that was faster."""
    job_id = order_issue(report.id, by=by, now=clock.now()).id
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> None:
        with app.app_context():
            jobs.run_job(job_id)
            db.session.remove()

    # In the same context, so that a clock held still is held there too.
    thread = threading.Thread(target=copy_context().run, args=(work,), name="issue")
    thread.start()
    try:
        job = _watch(job_id)
    except KeyboardInterrupt:
        with suppress(RuleError):  # it may have ended in this moment
            jobs.cancel(job_id, by=by, now=clock.now())
        raise
    finally:
        thread.join()
    if job.state is not JobState.DONE:
        raise RuleError(job.note_code or "report_cancelled", **(job.note_details or {}))


def _watch(job_id: uuid.UUID) -> Job:
    told = None
    while True:
        db.session.rollback()
        db.session.expire_all()
        job = db.session.get_one(Job, job_id)
        if job.step and job.step != told:
            told = job.step
            click.echo(f"{job.progress:3} %  {sentence(RuleError(told))}", err=True)
        if job.state not in UNFINISHED:
            return job
        time.sleep(0.1)


def _write(report_id: uuid.UUID, out: Path | None) -> None:
    if out is not None:
        # Before the first file leaves: they name people and what they received.
        with transaction() as session:
            audit.record(session, "report.file_fetched", subject=f"report:{report_id}", by=SYSTEM,
                         now=clock.now(), after={"folder": str(out)})  # fmt: skip
        out.mkdir(parents=True, exist_ok=True)
    issued = db.session.get_one(IssuedReport, report_id)
    click.echo(f"{issued.name} {issued.scope} {issued.period} r{issued.revision}  {issued.digest}")
    for row in db.session.scalars(
        sa.select(ReportFile).where(ReportFile.report_id == report_id).order_by(ReportFile.output)
    ):
        if out is not None:
            (out / row.file_name).write_bytes(row.content)
        pages = f"{row.pages} p" if row.pages else ""
        click.echo(f"{row.sha256}  {row.size_bytes:>9,}  {pages:>6}  {row.file_name}")


@reports.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_reports(as_json: bool) -> None:
    """List all reports, the newest period first."""
    rows = db.session.scalars(
        sa.select(Report).order_by(Report.period.desc(), Report.name, Report.scope, Report.revision)
    ).all()
    if as_json:
        keys = ("id", "name", "scope", "period", "revision", "state", "open_items", "checked_at")
        plain = [{key: getattr(row, key) for key in keys} for row in rows]
        click.echo(json.dumps(plain, ensure_ascii=False, default=str))
        return
    for row in rows:
        missing = f"  {row.open_items} open" if row.state.is_open and row.open_items else ""
        click.echo(
            f"{row.period:<8} {row.name:<10} {row.scope:<16} r{row.revision} {row.state}{missing}"
        )
