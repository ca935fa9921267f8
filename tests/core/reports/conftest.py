"""A house with a clerk, a reviewer and an administrator, and one kind of report with three facts."""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, jobs
from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.evidence.models import Attachment
from core.jobs.models import Job, JobState
from core.reports import actions, queries, snapshot
from core.reports.models import Report
from core.reports.values import ALL, Period
from tests.core.reports import facts, stand_ins

# Monday, 2 November 2026, 10:00 in Handan: October has ended.
MONDAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
OCTOBER = Period.parse("2026-10")


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Papers are drawn at once, by stand-ins."""
    return stand_ins.put_in(monkeypatch)


@dataclass
class Office:
    """Who takes part in the life of a report, and the steps of it that a test does not look at."""

    clerk: Actor
    reviewer: Actor
    admin: Actor
    second: Actor  # another reviewer
    now: datetime = MONDAY
    period: Period = OCTOBER
    stranger: Actor = field(init=False)  # somebody to whom reports are no business

    def __post_init__(self) -> None:
        self.stranger = replace(self.clerk, roles=frozenset({Role.COUNTER}))

    def open(self, period: Period | None = None) -> uuid.UUID:
        period = period or self.period
        return actions.open_draft("facts", period, ALL, by=self.clerk, now=self.now).id

    def digest(self, report_id: uuid.UUID) -> str:
        """What a page that is loaded now would show."""
        return snapshot.digest(queries.count(report(report_id), self.now))

    def review(self, report_id: uuid.UUID, *, grant: bool = False) -> None:
        digest = self.digest(report_id)
        actions.review(report_id, digest, grant_full_ids=grant, by=self.reviewer, now=self.now)

    def order(self, report_id: uuid.UUID) -> Job:
        return actions.order_issue(report_id, by=self.clerk, now=self.now)

    def issue(self, report_id: uuid.UUID) -> None:
        job_id = self.order(report_id).id
        jobs.run_job(job_id)
        assert job(job_id).state is JobState.DONE, job(job_id).note_code

    def scan(self, report_id: uuid.UUID) -> uuid.UUID:
        """Attach a scan of the signed page."""
        with transaction() as session:
            row = Attachment(
                subject=f"report:{report_id}", title="扫描件", media_type="application/pdf",
                size_bytes=1, pages=1, sha256=secrets.token_hex(32), uploaded_at=self.now, uploaded_by_name="x",
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def sign(self, report_id: uuid.UUID) -> None:
        self.scan(report_id)
        actions.sign(report_id, by=self.clerk, now=self.now)

    def submit(self, report_id: uuid.UUID) -> None:
        actions.submit(
            report_id, receiver="区民政局", on=TODAY, note="", by=self.clerk, now=self.now
        )

    def give_back(self, report_id: uuid.UUID) -> None:
        actions.return_report(report_id, note="附件缺页", by=self.clerk, now=self.now)

    def close(self, report_id: uuid.UUID) -> None:
        actions.close(report_id, note="", by=self.clerk, now=self.now)

    def led_to(self, state: str) -> uuid.UUID:
        """A report in this state."""
        report_id = self.open()
        for step in PATHS[state]:
            getattr(self, step)(report_id)
        return report_id


_TO_SIGNED = ("review", "issue", "sign")
PATHS: dict[str, tuple[str, ...]] = {
    "draft": (), "reviewed": ("review",), "issued": ("review", "issue"), "signed": _TO_SIGNED,
    "submitted": (*_TO_SIGNED, "submit"), "returned": (*_TO_SIGNED, "submit", "give_back"),
    "closed": (*_TO_SIGNED, "submit", "close"),
}  # fmt: skip


def report(report_id: uuid.UUID) -> Report:
    """The report as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(Report, report_id)


def job(job_id: uuid.UUID) -> Job:
    db.session.expire_all()
    return db.session.get_one(Job, job_id)


def story(report_id: uuid.UUID) -> list[str]:
    """The states that a report went through."""
    return [move.to_state.value for move in report(report_id).moves]


def log(report_id: uuid.UUID) -> list[str]:
    """The entries in the log about a report, oldest first."""
    from core.audit import AuditEntry

    return list(db.session.scalars(
        sa.select(AuditEntry.action)
        .where(AuditEntry.subject == f"report:{report_id}")
        .order_by(AuditEntry.id)
    ))  # fmt: skip


def open_office(app: Flask, now: datetime, period: Period) -> Office:
    """Four accounts; three facts of the period, 15 yuan in all."""
    facts.register(app)
    roles = {
        "clerk": Role.CLERK, "reviewer": Role.REVIEWER, "admin": Role.ADMIN, "second": Role.REVIEWER,
    }  # fmt: skip
    found = {
        name: user_actor(add_user(name, f"{name} person", role, None, by=SYSTEM, now=now)[0])
        for name, role in roles.items()
    }
    for number, fen in enumerate((300, 500, 700)):
        facts.put(str(period), number, fen)
    return Office(**found, now=now, period=period)


@pytest.fixture
def office(in_app: Flask, drawing: Any) -> Iterator[Office]:
    """On Monday, with three facts of October."""
    with clock.at(MONDAY):
        yield open_office(in_app, MONDAY, OCTOBER)
