"""Pages about diners and their papers: who sees whom, and how an eligibility comes to count."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions
from canteen.models import DietNeed, Diner, Eligibility, Pause, Suspension
from canteen.values import EligibilityState, WayOfEating
from core.access import Role
from core.db import db
from tests.canteen.house import CLERK, FIRST, House, build, diner, person, scan
from tests.canteen.pages import Visit, post, queries_of

TODAY = date(2026, 11, 24)


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return build(noon)


def test_a_manager_sees_the_diners_of_her_own_site_alone(house: House, visit: Visit) -> None:
    own = diner(house)
    foreign = diner(house)
    actions.change_diner(
        foreign, home_site_id=house.second_site_id, usual_way=WayOfEating.DINE_IN, note=None,
        by=CLERK, now=house.now,
    )  # fmt: skip
    manager = visit(Role.MANAGER, house.site_id)
    assert "1 位助餐对象" in manager.get("/canteen/diners").text
    assert manager.get(f"/canteen/diners/{own}").status_code == 200
    assert manager.get(f"/canteen/diners/{foreign}").status_code == 403
    assert manager.get("/canteen/diners/999").status_code == 404
    assert visit(Role.COUNTER, house.site_id).get("/canteen/diners").status_code == 403


def test_a_proposal_counts_once_a_reviewer_has_approved_it(house: House, visit: Visit) -> None:
    person_id = person(house)
    clerk, reviewer = visit(Role.CLERK), visit(Role.REVIEWER)
    answer = post(
        clerk, f"/canteen/diners/{person_id}/enrolment", home_site_id=house.site_id,
        usual_way="dine_in", enrolled_on="2026-11-01", note="",
    )  # fmt: skip
    assert answer.headers["Location"] == f"/canteen/diners/{person_id}/eligibilities/new"
    post(
        clerk, answer.headers["Location"], category_id=house.categories["minimum_living"],
        from_on="2026-11-01", until_on="2026-12-31", evidence="低保证 第1号",
    )  # fmt: skip
    paper = db.session.scalars(sa.select(Eligibility)).one()
    address = f"/canteen/diners/{person_id}/eligibilities/{paper.id}/approval"
    assert (
        actions.register_meal(scan(house, person_id), by=CLERK, now=house.now).outcome == "refused"
    )
    assert post(clerk, address).status_code == 403
    assert post(reviewer, address).status_code == 302
    db.session.refresh(paper)
    assert (paper.state, paper.approved_by_name) == (EligibilityState.APPROVED, "reviewer-all")
    served = actions.register_meal(scan(house, person_id), by=CLERK, now=house.now)
    assert served.answer["meal"]["category"] == "minimum_living"
    page = clerk.get(f"/canteen/diners/{person_id}").text
    assert "reviewer-all" in page
    assert "低保证 第1号" in page


def test_a_clerk_proposes_a_renewal_and_a_reviewer_renews(house: House, visit: Visit) -> None:
    first = diner(house, "minimum_living", until_on=date(2026, 11, 30))
    second = diner(house, "minimum_living", until_on=date(2026, 11, 30))
    papers = {
        row.person_id: row for row in db.session.scalars(sa.select(Eligibility)) if row.until_on
    }
    for person_id, role in ((first, Role.CLERK), (second, Role.REVIEWER)):
        address = f"/canteen/diners/{person_id}/eligibilities/{papers[person_id].id}/renewal"
        assert post(visit(role), address, until_on="2027-12-31", evidence="新证").status_code == 302
    db.session.expire_all()
    made = db.session.scalars(
        sa.select(Eligibility).where(Eligibility.from_on == date(2026, 12, 1))
    )
    assert {row.person_id: row.state for row in made} == {
        first: EligibilityState.PROPOSED, second: EligibilityState.APPROVED,
    }  # fmt: skip


def test_the_list_filters_by_what_needs_somebody(house: House, visit: Visit) -> None:
    fine = diner(house)
    run_out = diner(house, "minimum_living", until_on=TODAY - timedelta(days=5))
    expiring = diner(house, "minimum_living", until_on=TODAY + timedelta(days=5))
    without = diner(house, None)
    by_age = diner(house, None, birth_on=date(1940, 1, 1))
    long_gone = diner(house, "minimum_living", until_on=TODAY - timedelta(days=90))
    who = {"by": CLERK, "now": house.now}
    actions.suspend_diner(fine, from_on=TODAY, until_on=None, reason="代刷", **who)
    actions.pause_diner(by_age, from_on=TODAY, until_on=TODAY, **who)
    clerk = visit(Role.CLERK)
    expected = {
        "enrolled": {fine, run_out, expiring, without, by_age, long_gone}, "review": {run_out},
        "expiring": {expiring}, "none": {without, long_gone}, "suspended": {fine}, "paused": {by_age},
        "ended": set(),
    }  # fmt: skip
    for state, people in expected.items():
        page = clerk.get(f"/canteen/diners?state={state}").text
        assert {n for n in house.people if f'href="/canteen/diners/{n}"' in page} == people, state
    assert f"/canteen/diners/{run_out}#" in clerk.get("/canteen/eligibilities?show=review").text
    expiring_page = clerk.get("/canteen/eligibilities?show=expiring").text
    assert f"/canteen/diners/{expiring}#" in expiring_page
    assert f"/canteen/diners/{run_out}#" not in expiring_page


def test_a_paper_that_was_ended_holds_to_its_last_day(house: House, visit: Visit) -> None:
    person_id = diner(house, "minimum_living")
    paper = db.session.scalars(sa.select(Eligibility)).one()
    actions.end_eligibility(
        person_id,
        paper.id,
        on=TODAY + timedelta(days=3),
        reason="复核不符",
        by=CLERK,
        now=house.now,
    )
    clerk = visit(Role.CLERK)
    link = f'href="/canteen/diners/{person_id}"'
    listed = clerk.get("/canteen/diners?category=minimum_living").text
    assert link in listed
    assert "没有有效的补贴资格" not in listed.split(link)[1].split("</tr>")[0]
    assert link not in clerk.get("/canteen/diners?state=none").text
    assert link not in clerk.get("/canteen/diners?state=expiring").text


@pytest.mark.parametrize("next_month", [False, True])
def test_the_list_counts_ages_as_the_counter_does(
    in_app: Flask, house: House, visit: Visit, next_month: bool
) -> None:
    in_app.config["AGE_TIER_FROM_NEXT_MONTH"] = next_month
    born = [date(1946, 10, 31), date(1946, 11, 1), TODAY.replace(year=1946), date(1946, 11, 25)]
    people = [diner(house, None, birth_on=day) for day in born]
    served = [
        actions.register_meal(scan(house, person_id), by=CLERK, now=house.now).outcome == "served"
        for person_id in people
    ]
    assert served == [True, not next_month, not next_month, False]
    clerk = visit(Role.CLERK)
    for address, wanted in (("category=aged", True), ("state=none", False)):
        page = clerk.get(f"/canteen/diners?{address}").text
        listed = [f'href="/canteen/diners/{person_id}"' in page for person_id in people]
        assert listed == [each is wanted for each in served]


def test_a_renewed_paper_is_neither_expiring_nor_to_review(house: House, visit: Visit) -> None:
    person_id = diner(house, "minimum_living", until_on=TODAY + timedelta(days=5))
    paper = db.session.scalars(
        sa.select(Eligibility).where(Eligibility.person_id == person_id)
    ).one()
    actions.renew_eligibility(
        person_id, paper.id, until_on=date(2027, 12, 31), evidence="新证", by=CLERK, now=house.now
    )
    clerk = visit(Role.CLERK)
    for address in ("/canteen/diners?state=expiring", "/canteen/eligibilities?show=expiring"):
        assert f"/canteen/diners/{person_id}" not in clerk.get(address).text


def test_small_forms_keep_what_was_typed_and_say_what_is_missing(
    house: House, visit: Visit
) -> None:
    person_id = diner(house)
    manager = visit(Role.MANAGER, house.site_id)
    page = f"/canteen/diners/{person_id}"
    needs = {"need-kind": "allergy", "need-from_on": "2026-11-24"}
    answer = post(manager, f"{page}/diet-needs", **needs, **{"need-detail": ""})
    assert answer.status_code == 422
    assert "请写明是哪种食物" in answer.text
    assert (
        post(manager, f"{page}/diet-needs", **needs, **{"need-detail": "花生"}).status_code == 302
    )
    pause = {
        "pause-from_on": "2026-11-25",
        "pause-until_on": "2026-11-20",
        "pause-reason": "去女儿家",
    }
    answer = post(manager, f"{page}/pauses", **pause)
    assert answer.status_code == 422
    assert "去女儿家" in answer.text
    assert (
        post(manager, f"{page}/pauses", **{**pause, "pause-until_on": "2026.11.30"}).status_code
        == 302
    )
    assert post(manager, f"{page}/suspensions").status_code == 403
    suspension = {"suspension-from_on": "2026-11-24", "suspension-reason": "代刷"}
    assert post(visit(Role.CLERK), f"{page}/suspensions", **suspension).status_code == 302
    assert db.session.scalars(sa.select(DietNeed.detail)).all() == ["花生"]
    assert db.session.scalars(sa.select(Pause.until_on)).all() == [date(2026, 11, 30)]
    assert db.session.scalars(sa.select(Suspension.reason)).all() == ["代刷"]
    shown = manager.get(page).text
    assert shown.count('id="need-until') == 0
    assert "花生" in shown


def test_an_enrolment_ends_and_begins_again(house: House, visit: Visit) -> None:
    person_id = diner(house)
    clerk = visit(Role.CLERK)
    end = {"end-on": "2026-11-23", "end-reason": "搬走"}
    assert post(clerk, f"/canteen/diners/{person_id}/end", **end).status_code == 302
    assert f'href="/canteen/diners/{person_id}"' in clerk.get("/canteen/diners?state=ended").text
    again = {"home_site_id": house.site_id, "usual_way": "take_away", "enrolled_on": "2026-11-24"}
    assert post(clerk, f"/canteen/diners/{person_id}/enrolment", **again).status_code == 302
    assert post(clerk, f"/canteen/diners/{person_id}/enrolment", **again).status_code == 422
    db.session.expire_all()
    row = db.session.get_one(Diner, person_id)
    assert (row.enrolled_on, row.ended_on, row.usual_way) == (TODAY, None, WayOfEating.TAKE_AWAY)


@pytest.mark.parametrize(
    "address",
    ["/canteen/diners", "/canteen/diners?state=review", "/canteen/eligibilities?show=review"],
)
def test_lists_take_as_many_queries_for_thirty_rows_as_for_three(
    house: House, app: Flask, visit: Visit, address: str
) -> None:
    clerk = visit(Role.CLERK)
    run_out = TODAY - timedelta(days=5)
    for _ in range(3):
        diner(house, "minimum_living", until_on=run_out)
    few = queries_of(app, clerk, address)
    for _ in range(27):
        diner(house, "minimum_living", until_on=run_out)
    assert queries_of(app, clerk, address) == few
    assert run_out > FIRST
