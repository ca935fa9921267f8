"""The signed sheet on paper: its rows, its numbers, and the job that draws it."""

from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.audit import AuditEntry
from core.db import db
from core.errors import RuleError
from core.jobs.models import Job, JobState
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import BEGUN, save, today_of
from workshop.papers.sign_in_sheets import JOB, print_sheet
from workshop.values import AttendanceStatus, Mark


def run_of(session_id: int, workshop: House) -> Any:
    from core.db import transaction
    from core.jobs.tasks import Run

    with transaction() as session:
        job = Job(name=JOB, args={"session_id": session_id}, requested_by="zheng", created_at=workshop.now,
                  state=JobState.RUNNING)  # fmt: skip
        session.add(job)
        session.flush()
        return Run(job)


def test_a_sheet_of_thirty_is_one_page_with_their_numbers(workshop: House, in_app: Flask) -> None:
    cohort_id = house.cohort(workshop, sessions=17)
    people = house.enrolled(workshop, cohort_id, 30)
    today = today_of(cohort_id)
    excused = Mark(people[2], AttendanceStatus.EXCUSED, reason="复查")
    save(workshop, today, excused, now=BEGUN - timedelta(days=1))
    file = print_sheet(run_of(today, workshop), session_id=today)
    assert file.name == "签到表-缝纫初级第 1 期-20261124.pdf"
    paper = pypdfium2.PdfDocument(file.content)
    assert len(paper) == 1
    width, height = paper[0].get_size()
    assert width > height
    text = paper[0].get_textpage().get_text_range()
    for words in ("签到表", "学员001", "30", "请假", "4 学时"):
        assert words in text, words
    assert "复查" not in text  # the whole class signs it
    entries = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert "class_session.sheet_printed" in entries


def test_a_sheet_of_nobody_is_not_printed(workshop: House, in_app: Flask) -> None:
    today = today_of(house.cohort(workshop, sessions=17))
    with pytest.raises(RuleError, match="sheet_empty"):
        print_sheet(run_of(today, workshop), session_id=today)
    assert workshop.actor(Role.TRAINER).user_id is not None
