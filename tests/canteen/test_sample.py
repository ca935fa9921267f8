"""The audit sample: drawn by lot from a seed, each row with everything that stands behind it."""

import uuid
from datetime import datetime, timedelta

import pypdfium2
import pytest
from flask import Flask

from canteen import actions
from core import audit, clock, jobs
from core.access import Role
from core.audit import AuditEntry
from core.db import db
from core.jobs.models import Job, JobFile, JobState
from core.reports.models import IssuedReport
from core.reports.sample import JOB, draw
from core.reports.values import Column, Dataset, Kind
from tests.canteen.house import CLERK, House, build, diner, issue, scan
from tests.canteen.pages import Visit
from tests.conftest import both_engines

NUMBERS = Dataset("numbers", "", (Column("n", "", Kind.NUMBER),), tuple((n,) for n in range(500)))


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def test_the_same_seed_draws_the_same_rows_in_their_own_order() -> None:
    first = draw(NUMBERS, 20, 123456)
    assert first == draw(NUMBERS, 20, 123456) == sorted(first)
    assert len(set(first)) == 20
    assert draw(NUMBERS, 20, 654321) != first


def test_no_more_rows_are_drawn_than_there_are() -> None:
    assert draw(NUMBERS, 900, 1) == list(NUMBERS.rows)


def eat(house: House, person_id: int) -> None:
    at = house.now - timedelta(days=40)  # mid-October
    with clock.at(at):
        assert actions.register_meal(scan(house, person_id, at), by=CLERK, now=at).status == 201


def sampled(report_id: uuid.UUID, count: int, seed: int) -> str:
    """The text of the sample's PDF."""
    job_id = jobs.enqueue(
        JOB, by=CLERK, now=clock.now(), report_id=str(report_id), count=count, seed=seed
    ).id
    jobs.run_job(job_id)
    assert db.session.get_one(Job, job_id).state is JobState.DONE
    document = pypdfium2.PdfDocument(db.session.get_one(JobFile, job_id).content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


@both_engines
def test_each_row_is_followed_from_the_scan_to_the_line_of_the_report(
    house: House, engine_name: str
) -> None:
    eat(house, diner(house, "minimum_living"))
    report_id = issue("2026-10", now=house.now)
    text = sampled(report_id, 5, 42)
    for words in (
        "种子 000042",
        "窗口登记",
        "扫码",
        "12.00",
        "8.00",
        "4.00",
        "低保",
        "证件已核",
        "登记册",
    ):
        assert words in text, words
    entry = db.session.query(AuditEntry).filter_by(action="report.sampled").one()
    assert audit.values_of([entry])[entry.id]["after"] == {"rows": 1, "seed": 42}


def test_the_page_orders_the_pages_and_keeps_what_was_typed_wrongly(
    house: House, visit: Visit
) -> None:
    eat(house, diner(house))
    address = f"/reports/{issue('2026-10', now=house.now)}/sample"
    auditor = visit(Role.AUDITOR)
    page = auditor.get(address)
    assert page.status_code == 200
    wrong = auditor.post(address, count="0", seed="abc")
    assert wrong.status_code == 422
    assert "field-error" in wrong.text
    assert auditor.post(address, count="3", seed="7").location.startswith("/jobs/")


def test_a_report_that_was_not_issued_has_no_sample(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    assert clerk.get(f"/reports/{uuid.uuid4()}/sample").status_code == 404
    assert db.session.query(IssuedReport).count() == 0
