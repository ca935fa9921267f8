"""The rows that other tests begin with are rows that the database takes."""

from core.db import db
from tests.conftest import both_engines
from tests.workshop import house
from tests.workshop.house import House
from workshop.models import Cohort


@both_engines
def test_a_cohort_with_learners_fits_every_constraint(workshop: House) -> None:
    cohort_id = house.cohort(workshop)
    people = house.enrolled(workshop, cohort_id, 3)
    assert len(people) == 3
    assert len(house.sessions_of(cohort_id)) == 10
    assert db.session.get_one(Cohort, cohort_id).seats_used == 3
