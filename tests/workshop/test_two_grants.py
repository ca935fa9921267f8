"""Somebody who is a trainer or manager at one workshop and a coordinator at another is so site by site."""

from dataclasses import dataclass

import pytest

from core.access import SYSTEM, Actor, Role
from core.accounts.models import Grant, User
from core.db import db, transaction
from tests.canteen.pages import Visit, Visitor
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop import jobs
from tests.workshop.house import FIRST, House
from workshop.models import Cohort, HardshipCategory, HardshipTag, Learner, Placement
from workshop.values import Basis, EnrolmentState

SECRET = "示例困难类别"


def also(role: Role, site_id: int) -> None:
    """The one account that a test made with `visit` holds this role there as well."""
    with transaction() as session:
        user = session.query(User).order_by(User.id.desc()).first()
        user.grants.append(Grant(role=role, site_id=site_id))


@dataclass
class Two:
    """A learner and a cohort of the first workshop, and the second workshop."""

    house: House
    there_id: int
    cohort_id: int
    person_id: int


@pytest.fixture
def two(workshop: House) -> Two:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    there_id = h.second_site(workshop)
    with transaction() as session:
        category = HardshipCategory(code="x-secret", name=SECRET, position=99)
        session.add(category)
        session.flush()
        session.add(HardshipTag(
            person_id=person_id, category_id=category.id, basis=Basis.SELF_DECLARED, from_on=FIRST,
            recorded_at=workshop.now, recorded_by_name="xu",
        ))  # fmt: skip
    return Two(workshop, there_id, cohort_id, person_id)


def test_an_actor_holds_a_role_only_where_it_was_granted() -> None:
    grants = frozenset({(Role.TRAINER, 1), (Role.COORDINATOR, 2)})
    actor = Actor("x", roles=frozenset({Role.TRAINER, Role.COORDINATOR}), site_ids=frozenset({1, 2}),
                  grants=grants)  # fmt: skip
    assert actor.sites_of(Role.COORDINATOR) == {2}
    assert actor.holds_at(1, Role.TRAINER) and not actor.holds_at(1, Role.COORDINATOR)
    # What a page narrowed stays narrow, and without grants the roles hold at all its sites.
    assert actor.narrowed(frozenset({Role.TRAINER})).sites_of(Role.COORDINATOR) == frozenset()
    assert SYSTEM.sites_of(Role.ADMIN) is None and SYSTEM.sites_of(Role.CLERK) == frozenset()


@both_engines
def test_a_trainer_here_and_coordinator_there_sees_and_does_here_what_a_trainer_may(
    two: Two, visit: Visit
) -> None:
    her = visit(Role.TRAINER, two.house.site_id)
    also(Role.COORDINATOR, two.there_id)
    meeting = h.sessions_of(two.cohort_id)[0]
    for address in (
        f"/workshop/cohorts/{two.cohort_id}", f"/workshop/cohorts/{two.cohort_id}/enrolments",
        f"/workshop/sessions/{meeting}/attendance", f"/workshop/learners/{two.person_id}",
        f"/workshop/cohorts/{two.cohort_id}/enrolments/{two.person_id}",
    ):  # fmt: skip
        assert her.get(address).status_code == 403, address
    sent = her.post(f"/workshop/sessions/{meeting}/calls", person=two.person_id)
    assert sent.status_code == 403
    h.enrolled(two.house, two.cohort_id, state=EnrolmentState.APPLIED)
    assert "待审核的报名" not in her.get("/").text  # her front page counts no applications of here
    assert "待审核的报名" in visit(Role.CLERK).get("/").text
    lists_name = her.get("/workshop/cohorts")
    assert lists_name.status_code == 200 and "缝纫初级第 1 期" not in lists_name.text
    with transaction() as session:
        user_id = session.query(User.id).filter_by(name=f"trainer-{two.house.site_id}").scalar()
        session.get_one(Cohort, two.cohort_id).trainer_id = user_id
    hers = her.get(f"/workshop/cohorts/{two.cohort_id}")
    assert hers.status_code == 200 and "/sessions/new" not in hers.text
    assert her.get(f"/workshop/learners/{two.person_id}").status_code == 403


def hardship_on(her: Visitor, person_id: int) -> list[bool]:
    pages = ("/workshop/learners", f"/workshop/learners/{person_id}")
    found = [her.get(address) for address in pages]
    assert [page.status_code for page in found] == [200, 200]
    return [SECRET in page.text.split("</form>")[-1] for page in found]


@both_engines
def test_a_manager_here_and_coordinator_there_knows_no_hardship_here(
    two: Two, visit: Visit
) -> None:
    her = visit(Role.MANAGER, two.house.site_id)
    also(Role.COORDINATOR, two.there_id)
    page = her.get(f"/workshop/learners/{two.person_id}")
    assert page.status_code == 200 and SECRET not in page.text
    asked = her.get("/workshop/learners?hardship=x-secret")
    assert f"/learners/{two.person_id}" not in asked.text
    with transaction() as session:
        session.get_one(Learner, two.person_id).home_site_id = two.there_id
    assert SECRET in her.get(f"/workshop/learners/{two.person_id}").text
    assert f"/learners/{two.person_id}" in her.get("/workshop/learners?hardship=x-secret").text


@both_engines
def test_a_manager_here_and_coordinator_there_sees_no_wage_here(two: Two, visit: Visit) -> None:
    found = jobs.at_work(two.house, two.person_id)
    with transaction() as session:
        session.get_one(Placement, (two.person_id, found)).wage_fen = 345600
    her = visit(Role.MANAGER, two.house.site_id)
    also(Role.COORDINATOR, two.there_id)
    pages = ("/workshop/placements", f"/workshop/placements/{two.person_id}/{found}")
    for address in pages:
        page = her.get(address)
        assert page.status_code == 200 and "3,456" not in page.text, address
    with transaction() as session:
        session.get_one(Placement, (two.person_id, found)).site_id = two.there_id
    assert all("3,456" in her.get(address).text for address in pages)
    db.session.expire_all()
