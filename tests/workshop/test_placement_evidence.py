"""Papers of a placement: who sees, attaches and removes them."""

import pytest

from core.access import Role
from core.errors import RuleError
from core.evidence.subjects import kind_of
from tests.workshop import house, jobs
from tests.workshop.house import House
from tests.workshop.jobs import S
from workshop.actions import placements


def guards(workshop: House, subject: str, role: Role) -> tuple[bool | None, ...]:
    kind, key = kind_of(subject)
    by = workshop.actor(role)
    return kind.may_see(key, by), kind.may_attach(key, by), kind.may_remove(key, by)


def test_the_office_and_coordinators_attach_and_trainers_see_nothing(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    subject = placements.subject_of(person_id, found)
    expected = {
        Role.COORDINATOR: (True, True, True), Role.CLERK: (True, True, True),
        Role.TRAINER: (False, False, False), Role.MANAGER: (False, False, False),
        Role.AUDITOR: (True, False, False),
    }  # fmt: skip
    for role, allowed in expected.items():
        assert guards(workshop, subject, role) == allowed, role


def test_after_verifying_the_paper_goes_only_by_one_who_decides(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    jobs.moved(workshop, person_id, found, S.VERIFIED)
    subject = placements.subject_of(person_id, found)
    assert guards(workshop, subject, Role.COORDINATOR) == (True, True, False)
    assert guards(workshop, subject, Role.REVIEWER) == (True, True, True)


def test_a_paper_belongs_to_her_and_to_a_placement_that_exists(workshop: House) -> None:
    person_id = house.learner(workshop)
    found = jobs.at_work(workshop, person_id)
    kind, key = kind_of(placements.subject_of(person_id, found))
    assert kind.person_of(key) == person_id
    for wrong in (f"{person_id}.nonsense", f"{person_id}", "x.y", f"999.{found}"):
        assert kind.may_see(wrong, workshop.actor(Role.CLERK)) is None
    with pytest.raises(RuleError):
        kind_of("placement:")
