"""Pages of guidance: who sees them, what is kept when something is missing, and how much they ask."""

import io
import zipfile
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db, new_id, transaction
from core.sites.models import Site, SiteKind
from tests.canteen.pages import Visit, Visitor, apart, queries_of
from tests.conftest import SignIn
from tests.workshop import house
from tests.workshop.house import House
from workshop.actions import guidance, ventures
from workshop.actions.guidance import MeetingFacts
from workshop.actions.ventures import StageMove
from workshop.models import GuidanceMeeting, LoanApplication, Placement, Venture
from workshop.values import LoanState, VentureStage

TODAY = date(2026, 11, 24)


@pytest.fixture
def visit(sign_in: SignIn, noon: datetime) -> Visit:
    def as_role(role: Role, site_id: int | None = None) -> Visitor:
        return Visitor(apart(noon, sign_in, role, site_id), noon)

    return as_role


def meet(workshop: House, person_id: int, **changes: Any) -> GuidanceMeeting:
    values = {
        "on": TODAY, "minutes": 40, "mentor": "郭老师", "topic": "办理执照", "notes": "店面已看好",
        "next_step": "到窗口核名", "next_on": TODAY, **changes,
    }  # fmt: skip
    return guidance.record_meeting(
        person_id, MeetingFacts(**values), meeting_id=new_id(),
        by=workshop.actor(Role.COORDINATOR), now=workshop.now,
    )  # fmt: skip


def follow(workshop: House, person_id: int) -> Venture:
    return ventures.open_venture(
        person_id, name="李姐改衣铺", trade="改衣", plan="先在家里做", on=date(2026, 9, 1),
        by=workshop.actor(Role.COORDINATOR), now=workshop.now,
    )  # fmt: skip


def meeting_form(**changes: Any) -> dict[str, Any]:
    return {
        "new_id": str(new_id()), "on": "2026-11-24", "minutes": "45", "mentor": "郭老师",
        "topic": "市场与成本", "notes": "摊位费每月八百", "next_step": "去早市看摊位",
        "next_on": "2026-12-01", **changes,
    }  # fmt: skip


def test_a_trainer_sees_nothing_of_guidance_and_a_coordinator_only_her_own_sites(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    meet(workshop, person_id)
    venture = follow(workshop, person_id)
    with transaction() as session:
        other = Site(
            slug="other", name="另一微工厂", kind=SiteKind.WORKSHOP, address_style="大姐/大哥"
        )
        session.add(other)
        session.flush()
        other_id = other.id
    pages = (
        "/workshop/guidance", "/workshop/ventures", f"/workshop/learners/{person_id}/guidance",
        f"/workshop/learners/{person_id}/ventures/{venture.id}", "/workshop/guidance.xlsx",
    )  # fmt: skip
    trainer, own = visit(Role.TRAINER, workshop.site_id), visit(Role.COORDINATOR, workshop.site_id)
    foreign = visit(Role.COORDINATOR, other_id)
    assert [trainer.get(page).status_code for page in pages] == [403] * 5
    assert [own.get(page).status_code for page in pages] == [200] * 5
    assert [foreign.get(page).status_code for page in pages] == [200, 200, 403, 403, 200]
    assert "李秀英" in own.get("/workshop/guidance").text
    assert "李秀英" not in foreign.get("/workshop/guidance").text
    assert "李姐改衣铺" not in foreign.get("/workshop/ventures").text


def test_a_meeting_is_written_down_in_one_form_and_its_step_waits_first_on_the_list(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    assert f"/workshop/learners/{person_id}/guidance/new" in (
        coordinator.get("/workshop/guidance/new?q=李秀英").text
    )
    address = f"/workshop/learners/{person_id}/guidance/new"
    form = meeting_form(site_id=workshop.site_id)
    for _ in range(2):  # a thumb that taps twice
        answer = coordinator.post(address, **form)
        assert answer.headers["Location"] == f"/workshop/learners/{person_id}/guidance"
    row = db.session.scalars(sa.select(GuidanceMeeting)).one()
    assert (row.minutes, row.next_on, row.notes) == (45, date(2026, 12, 1), "摊位费每月八百")
    listed = coordinator.get("/workshop/guidance").text
    assert listed.index("去早市看摊位") < listed.index("市场与成本")
    assert "摊位费" not in listed
    assert "摊位费" in coordinator.get(f"/workshop/learners/{person_id}/guidance").text
    assert "创业指导待办" in coordinator.get("/").text


@pytest.mark.parametrize(("changes", "said"), [
    ({"next_on": ""}, "请填写下一步的期限"), ({"next_step": ""}, "请写明到那天要办什么事"),
    ({"next_on": "2026-11-01"}, "这一天早于指导日期"), ({"on": "2026-11-30"}, "这一天还没有到"),
])  # fmt: skip
def test_what_was_typed_stays_when_something_is_missing(
    workshop: House, visit: Visit, changes: dict[str, str], said: str
) -> None:
    person_id = house.learner(workshop)
    form = meeting_form(site_id=workshop.site_id, **changes)
    answer = visit(Role.COORDINATOR, workshop.site_id).post(
        f"/workshop/learners/{person_id}/guidance/new", **form
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert "摊位费每月八百" in answer.text
    assert db.session.scalars(sa.select(GuidanceMeeting)).all() == []


def test_the_form_begins_with_her_venture_her_mentor_and_the_steps_that_wait(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    venture, meeting = follow(workshop, person_id), meet(workshop, person_id)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/guidance/new"
    page = coordinator.get(address).text
    assert f'selected value="{venture.id}"' in page
    assert 'value="郭老师"' in page
    assert "到窗口核名" in page
    form = meeting_form(site_id=workshop.site_id, done=str(meeting.id), venture_id=str(venture.id))
    assert coordinator.post(address, **form).status_code == 302
    db.session.expire_all()
    rows = {row.id: row for row in db.session.scalars(sa.select(GuidanceMeeting))}
    assert rows.pop(meeting.id).next_done_on == TODAY
    assert [row.venture_id for row in rows.values()] == [venture.id]


def test_a_step_is_done_or_put_off_where_it_stands(workshop: House, visit: Visit) -> None:
    person_id = house.learner(workshop)
    first, second = meet(workshop, person_id).id, meet(workshop, person_id, topic="找场地").id
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    base = f"/workshop/learners/{person_id}/guidance"
    address = f"{base}/{first}/next-step/end?mentor=郭老师&month=all"
    listed = coordinator.get("/workshop/guidance?mentor=郭老师&month=all").text
    assert quote(address, safe="/?=&").replace("&", "&amp;") in listed
    answer = coordinator.post(address, **{"from": "list"})
    assert unquote(answer.headers["Location"]) == "/workshop/guidance?month=all&mentor=郭老师"
    assert coordinator.post(f"{base}/{second}/next-step/delay", to="").status_code == 302
    answer = coordinator.post(f"{base}/{second}/next-step/delay", to="2026-12-05")
    assert answer.headers["Location"] == base
    rows = {row.id: row for row in db.session.scalars(sa.select(GuidanceMeeting))}
    assert (rows[first].next_done_on, rows[second].next_on) == (TODAY, date(2026, 12, 5))


def test_a_meeting_is_voided_with_a_reason_and_leaves_the_list(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    row = meet(workshop, person_id)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/guidance/{row.id}/void"
    assert coordinator.post(address, reason="").status_code == 422
    assert coordinator.post(address, reason="记错人").status_code == 302
    assert "办理执照" not in coordinator.get("/workshop/guidance").text
    assert "记错人" in coordinator.get(f"/workshop/learners/{person_id}/guidance").text


def test_a_venture_is_led_to_its_licence_and_its_loan_to_the_bank(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    answer = coordinator.post(
        f"/workshop/learners/{person_id}/ventures/new", new_id=str(new_id()), name="李姐改衣铺",
        trade="改衣", plan="先在家里做", on="2026-09-01",
    )  # fmt: skip
    page = answer.headers["Location"]
    said = {"to": "licensed", "seen": "idea", "licensed-on": "2026-10-10"}
    answer = coordinator.post(f"{page}/stage", **said)
    assert answer.status_code == 422
    licence = {"licensed-licence_on": "2026-10-08", "licensed-licence_number": "92130499MA0EXAMPLE"}
    answer = coordinator.post(
        f"{page}/stage", **{**said, **licence, "licensed-licence_on": "2026-10-20"}
    )
    assert answer.status_code == 422
    assert "领照日期晚于" in answer.text
    assert "92130499MA0EXAMPLE" in answer.text
    assert coordinator.post(f"{page}/stage", **said, **licence).status_code == 302
    assert "登记为就业" in coordinator.get(page).text
    stale = coordinator.post(f"{page}/stage", **said, **licence)
    assert stale.headers["Location"] == page
    assert "刚才有人变更了这个项目" in coordinator.get(page).text
    open_ = {
        "to": "operating",
        "seen": "licensed",
        "operating-on": "2026-11-01",
        "operating-jobs_created": "3",
    }
    assert coordinator.post(f"{page}/stage", **open_).status_code == 302
    row = db.session.scalars(sa.select(Venture)).one()
    assert (row.stage, row.jobs_created) == (VentureStage.OPERATING, 3)
    loan = {"new_id": str(new_id()), "bank": "示例农商行", "on": "2026-11-02", "note": ""}
    assert coordinator.post(f"{page}/loans", **loan, amount="0").status_code == 422
    for _ in range(2):
        assert coordinator.post(f"{page}/loans", **loan, amount="10万").status_code == 422
        assert coordinator.post(f"{page}/loans", **loan, amount="100,000元").status_code == 302
    made = db.session.scalars(sa.select(LoanApplication)).one()
    assert made.amount_fen == 100_000_00
    address = f"{page}/loans/{made.id}/state"
    for to, seen in (
        (LoanState.SUBMITTED, LoanState.PREPARING),
        (LoanState.APPROVED, LoanState.SUBMITTED),
    ):
        form = {"to": to.value, "seen": seen.value, f"{to}-{made.id}-on": "2026-11-20"}
        if to is LoanState.APPROVED:
            assert coordinator.post(address, **form).status_code == 422
            form[f"{to}-{made.id}-granted"] = "80000"
        assert coordinator.post(address, **form).status_code == 302
    db.session.refresh(made)
    assert (made.state, made.granted_fen) == (LoanState.APPROVED, 80_000_00)
    assert "¥80,000.00" in coordinator.get("/workshop/ventures").text


def test_a_licensed_venture_leads_to_her_placement_and_is_known_there(
    workshop: House, visit: Visit
) -> None:
    person_id = house.learner(workshop)
    venture = follow(workshop, person_id)
    move = StageMove(
        VentureStage.LICENSED, date(2026, 10, 10), licence_on=date(2026, 10, 8),
        licence_number="92130499MA0EXAMPLE",
    )  # fmt: skip
    by = workshop.actor(Role.COORDINATOR)
    ventures.move_stage(person_id, venture.id, move, by=by, now=workshop.now)
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/placements/new?venture={venture.id}"
    assert address in coordinator.get(f"/workshop/learners/{person_id}/ventures/{venture.id}").text
    assert "尚未登记就业" in coordinator.get("/workshop/ventures").text
    form = coordinator.get(address).text
    assert 'value="李姐改衣铺"' in form
    assert 'value="2026-10-10"' in form
    answer = coordinator.post(
        address, channel="venture", form="venture", employer_name="李姐改衣铺", job_title="改衣",
        started_on="2026-10-10",
    )  # fmt: skip
    assert answer.status_code == 302
    assert db.session.scalars(sa.select(Placement.venture_id)).one() == venture.id
    assert "尚未登记就业" not in coordinator.get("/workshop/ventures").text
    foreign = f"/workshop/learners/{house.learner(workshop)}/placements/new?venture={venture.id}"
    assert "李姐改衣铺" not in coordinator.get(foreign).text


def test_the_list_filters_by_mentor_month_and_name(workshop: House, visit: Visit) -> None:
    first, second = house.learner(workshop, "王桂兰"), house.learner(workshop, "赵凤英")
    meet(workshop, first, next_step="", next_on=None)
    meet(workshop, second, mentor="马经理", on=date(2026, 10, 8), next_step="", next_on=None)
    clerk = visit(Role.CLERK)
    for query, names in (
        ("", {"王桂兰"}), ("?month=2026-10", {"赵凤英"}), ("?month=all", {"王桂兰", "赵凤英"}),
        ("?month=all&mentor=马经理", {"赵凤英"}), ("?month=all&q=王桂兰", {"王桂兰"}),
        (f"?month=all&person={second}", {"赵凤英"}), ("?month=2026-10&mentor=郭老师", set()),
    ):  # fmt: skip
        page = clerk.get(f"/workshop/guidance{query}").text
        assert {name for name in ("王桂兰", "赵凤英") if name in page} == names, query


def test_the_export_holds_the_rows_of_the_list_and_no_notes(workshop: House, visit: Visit) -> None:
    meet(workshop, house.learner(workshop, "=王桂兰"))
    answer = visit(Role.COORDINATOR, workshop.site_id).get("/workshop/guidance.xlsx")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        text = "".join(
            book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
        )
    assert "=王桂兰" in text
    assert "<f>" not in text
    assert "店面" not in text


@pytest.mark.parametrize(
    "address",
    ["/workshop/guidance", "/workshop/ventures", "/workshop/guidance/new", "{her}/guidance"],
)
def test_pages_take_as_many_queries_for_thirty_rows_as_for_three(
    workshop: House, app: Flask, visit: Visit, address: str
) -> None:
    clerk = visit(Role.CLERK)
    her = house.learner(workshop)
    address = address.format(her=f"/workshop/learners/{her}")

    def more(count: int) -> None:
        for number in range(count):
            person_id = house.learner(workshop, f"学员{number:03d}")
            for each in (her, person_id):
                venture = follow(workshop, each)
                meet(workshop, each, venture_id=venture.id, on=TODAY - timedelta(days=number % 3))
                ventures.apply_for_loan(
                    each, venture.id, bank="示例农商行", amount_fen=1, note="", on=TODAY,
                    by=workshop.actor(Role.COORDINATOR), now=workshop.now,
                )  # fmt: skip

    more(3)
    few = queries_of(app, clerk, address)
    more(12)
    assert queries_of(app, clerk, address) == few
