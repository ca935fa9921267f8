"""Pages of results and completion: one request for the whole class, explained and decided."""

import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db
from tests.canteen.pages import Visit, counted, post
from tests.workshop import house as h
from tests.workshop.house import House
from tests.workshop.test_completion import attend
from workshop.models import Assessment, Enrolment
from workshop.values import EnrolmentState

E = EnrolmentState


def test_thirty_marks_typed_down_a_column_are_one_request(
    app: Flask, workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop)
    people = h.enrolled(workshop, cohort_id, 30)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{cohort_id}/assessments"
    page = desk.get(address).text
    assert page.count('class="form-control mark"') == 30
    marks = {f"mark-{person_id}": str(50 + n) for n, person_id in enumerate(people)}
    with counted(app) as sent:
        answer = post(desk, address, on="2026-11-20", **marks)
    assert answer.status_code == 302
    assert len(sent) < 250
    rows = db.session.scalars(sa.select(Assessment)).all()
    assert sorted((row.mark, row.is_passed) for row in rows) == [
        (50 + n, n >= 10) for n in range(30)
    ]
    again = post(desk, address, on="2026-11-20", **marks)
    assert again.status_code == 302
    assert len(db.session.scalars(sa.select(Assessment)).all()) == 30


def test_one_wrong_mark_saves_none_and_all_that_was_typed_still_stands(
    workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop)
    one, two, three = h.enrolled(workshop, cohort_id, 3)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{cohort_id}/assessments"
    values = {f"mark-{one}": "85", f"mark-{two}": "八十", f"mark-{three}": ""}
    answer = post(desk, address, on="2026-11-20", **values)
    assert answer.status_code == 422
    assert 'value="85"' in answer.text
    assert 'value="八十"' in answer.text
    assert "0 到 100 的整数" in answer.text
    assert db.session.scalars(sa.select(Assessment)).all() == []
    # A Chinese input method types full-width digits.
    answer = post(desk, address, on="2026-11-20", **{f"mark-{one}": "85", f"mark-{two}": "100"})
    assert answer.status_code == 302
    assert sorted(row.mark for row in db.session.scalars(sa.select(Assessment))) == [85, 100]


def test_the_page_explains_each_proposal_and_decides_those_chosen(
    workshop: House, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop)
    good, short, unknown = h.enrolled(workshop, cohort_id, 3)
    attend(good, cohort_id, 9)
    attend(short, cohort_id, 7)
    attend(unknown, cohort_id, 10)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    marks = {f"mark-{good}": "85", f"mark-{short}": "90"}
    post(desk, f"/workshop/cohorts/{cohort_id}/assessments", on="2026-11-20", **marks)
    address = f"/workshop/cohorts/{cohort_id}/completion"
    page = desk.get(address).text
    assert "计入 36 / 40 学时" in page
    assert "计入 28 / 40 学时" in page
    assert "尚无考核成绩" in page
    values = {"person": [good, short, unknown], "how": "proposed", "on": "2026-11-24"}
    assert post(desk, address, **values).status_code == 302
    states = {row.person_id: row.state for row in db.session.scalars(sa.select(Enrolment))}
    assert states == {good: E.COMPLETED, short: E.INCOMPLETE, unknown: E.TRAINING}
    page = desk.get(address).text
    assert "结业 1 人" in page
    refused = post(desk, address, person=unknown, how="completed", on="2026-11-24", reason="")
    assert refused.status_code == 422
    assert "与结业标准得出的建议不同" in refused.text
    refused = post(desk, address, person=unknown, how="proposed", on="2026-11-24")
    assert refused.status_code == 422
    values = {
        "person": unknown,
        "how": "completed",
        "on": "2026-11-24",
        "reason": "成绩单遗失，已补证",
    }
    assert post(desk, address, **values).status_code == 302
    assert "全部已认定" in desk.get(address).text


def test_nobody_chosen_is_said_and_nothing_decided(workshop: House, visit: Visit) -> None:
    cohort_id = h.cohort(workshop)
    h.enrolled(workshop, cohort_id)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    answer = post(
        desk, f"/workshop/cohorts/{cohort_id}/completion", how="proposed", on="2026-11-24"
    )
    assert answer.status_code == 422
    assert "没有选中任何人" in answer.text
