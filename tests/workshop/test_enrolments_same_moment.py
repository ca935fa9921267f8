"""Two at the same moment: the last seat goes to one, an offer is taken once, numbers are given once."""

from collections.abc import Callable
from datetime import date, timedelta

import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.db import db
from tests.canteen.crowd import together
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop.house import House
from workshop.actions import enrolments as verbs
from workshop.models import Cohort, Enrolment, EnrolmentMove
from workshop.values import EnrolmentState

E = EnrolmentState
TODAY = date(2026, 11, 24)
Call = Callable[[], object]


def who(house: House) -> dict:
    return {"on": TODAY, "by": house.actor(Role.COORDINATOR), "now": house.now}


def applied(house: House, cohort_id: int, count: int) -> list[int]:
    ids = [h.learner(house, f"学员{n:02d}") for n in range(count)]
    for person_id in ids:
        verbs.apply(person_id, cohort_id, **who(house))
    return ids


def states(cohort_id: int) -> dict[int, EnrolmentState]:
    rows = db.session.scalars(sa.select(Enrolment).where(Enrolment.cohort_id == cohort_id))
    return {row.person_id: row.state for row in rows}


@both_engines
def test_two_take_the_last_seat_in_one_second_and_one_of_them_is_told(
    in_app: Flask, workshop: House
) -> None:
    cohort_id = h.cohort(workshop, capacity=3, sessions=30)
    h.enrolled(workshop, cohort_id, 2)
    people = applied(workshop, cohort_id, 6)
    values = who(workshop)

    def admit(person_id: int) -> str:
        return str(verbs.move(person_id, cohort_id, E.ADMITTED, **values).state)

    found = together(in_app, [lambda p=p: admit(p) for p in people])  # type: ignore[misc]
    assert sorted(map(str, found)) == ["admitted"] + ["enrolment_no_seat"] * 5
    assert db.session.get_one(Cohort, cohort_id).seats_used == 3
    assert sorted(states(cohort_id).values()) == ["admitted"] + ["applied"] * 5 + ["training"] * 2


@both_engines
def test_two_offices_admit_a_list_each_and_whoever_finds_no_seat_waits(
    in_app: Flask, workshop: House
) -> None:
    cohort_id = h.cohort(workshop, capacity=5, sessions=30)
    people = applied(workshop, cohort_id, 12)
    values = who(workshop)
    halves = people[:6], people[6:]

    def admit(ids: list[int]) -> tuple[int, int]:
        found = verbs.admit(ids, cohort_id, or_wait=True, **values)
        return len(found.done), len(found.waiting)

    found = together(in_app, [lambda ids=ids: admit(ids) for ids in halves])  # type: ignore[misc]
    assert sorted(found) == [(0, 6), (5, 1)]  # type: ignore[type-var]
    rows = db.session.scalars(
        sa.select(Enrolment).where(Enrolment.cohort_id == cohort_id, Enrolment.number.is_not(None))
    ).all()
    assert sorted(row.number for row in rows) == [1, 2, 3, 4, 5]  # type: ignore[type-var]


@both_engines
def test_one_application_sent_eight_times_at_once_is_one(in_app: Flask, workshop: House) -> None:
    cohort_id, person_id = h.cohort(workshop, sessions=30), h.learner(workshop)
    values = who(workshop)
    calls: list[Call] = [
        lambda: str(verbs.apply(person_id, cohort_id, **values).state) for _ in range(8)
    ]
    found = together(in_app, calls)
    assert sorted(map(str, found)) == ["applied"] + ["enrolment_stands"] * 7
    assert len(db.session.scalars(sa.select(EnrolmentMove)).all()) == 1


@both_engines
def test_an_offer_accepted_while_it_is_declined_ends_in_one_of_the_two(
    in_app: Flask, workshop: House
) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    people = applied(workshop, cohort_id, 3)
    values = who(workshop)
    verbs.admit(people, cohort_id, or_wait=True, **values)
    verbs.move(people[0], cohort_id, E.GAVE_UP, reason="没时间", **values)

    calls: list[Call] = [
        lambda: str(verbs.accept_offer(people[1], cohort_id, **values).state),
        lambda: str(verbs.decline_offer(people[1], cohort_id, reason="x", **values).state),
        lambda: str(verbs.sweep_offers(workshop.now)),
    ]
    found = list(map(str, together(in_app, calls)))
    assert sorted(found[:2]) in (
        ["admitted", "enrolment_no_offer"],
        ["enrolment_no_offer", "gave_up"],
    )
    assert db.session.get_one(Cohort, cohort_id).seats_used == 1


@both_engines
def test_crossing_transfers_do_not_wait_for_each_other_for_ever(
    in_app: Flask, workshop: House
) -> None:
    one = h.cohort(workshop, sessions=30)
    two = h.cohort(workshop, number=2, starts_min=18 * 60, sessions=30)
    there, back = h.enrolled(workshop, one, 4), h.enrolled(workshop, two, 4)
    values = {**who(workshop), "reason": "换班"}
    calls: list[Call] = [lambda p=p: verbs.transfer(p, one, two, **values) and "ok" for p in there]  # type: ignore[misc]
    calls += [lambda p=p: verbs.transfer(p, two, one, **values) and "ok" for p in back]  # type: ignore[misc]
    assert together(in_app, calls) == ["ok"] * 8
    assert [db.session.get_one(Cohort, each).seats_used for each in (one, two)] == [4, 4]


@both_engines
def test_a_woman_admitted_to_two_classes_at_one_hour_at_once_is_in_one(
    in_app: Flask, workshop: House
) -> None:
    first = date(2026, 11, 30)
    one, two = (h.cohort(workshop, number=n, first=first) for n in (1, 2))
    person_id = h.learner(workshop)
    values = who(workshop)
    for cohort_id in (one, two):
        verbs.apply(person_id, cohort_id, **values)

    def admit(cohort_id: int) -> str:
        return str(verbs.move(person_id, cohort_id, E.ADMITTED, **values).state)

    found = together(in_app, [lambda c=c: admit(c) for c in (one, two)])  # type: ignore[misc]
    assert sorted(map(str, found)) == ["admitted", "enrolment_clashes"]


@both_engines
def test_the_sweep_of_two_machines_lets_an_offer_lapse_once(in_app: Flask, workshop: House) -> None:
    cohort_id = h.cohort(workshop, capacity=1, sessions=30)
    people = applied(workshop, cohort_id, 3)
    values = who(workshop)
    verbs.admit(people, cohort_id, or_wait=True, **values)
    verbs.move(people[0], cohort_id, E.GAVE_UP, reason="没时间", **values)
    later = workshop.now + timedelta(hours=48)
    found = together(in_app, [lambda: verbs.sweep_offers(later)] * 3)
    assert sorted(map(str, found)) == ["0", "0", "2"]
    assert db.session.get_one(Enrolment, (people[2], cohort_id)).offered_until is not None
    assert db.session.get_one(Cohort, cohort_id).seats_used == 1
