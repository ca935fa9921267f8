"""Whatever is done with places, in any order: the database holds what a plain model of the rules says."""

import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import Role
from core.db import db, transaction
from core.errors import RuleError
from tests.conftest import NOON
from tests.workshop import house as h
from tests.workshop.house import House
from workshop.actions import enrolments as verbs
from workshop.models import Cohort, Enrolment, EnrolmentMove
from workshop.rules.moves import ENROLMENT
from workshop.values import EnrolmentState

E = EnrolmentState
TODAY = date(2026, 11, 24)
SINGLE = (E.ADMITTED, E.WAITLISTED, E.DECLINED, E.GAVE_UP, E.TRAINING, E.NO_SHOW, E.WITHDRAWN)
# What counts a seat, written out again: the test must not borrow the answer.
SEATED = {"admitted", "training", "completed", "incomplete"}
OFFER = timedelta(hours=48)

PEOPLE = 4
# Everything that can be tried, allowed or not: what, by whom or how many hours, in which cohort.
TRIES: list[tuple[Any, int, int]] = [
    *((what, who, cohort)
      for what in ("apply", *SINGLE, "accept", "decline", "transfer")
      for who in range(PEOPLE) for cohort in (0, 1)),
    ("sweep", 0, 0), ("wait", 20, 0), ("wait", 50, 0), ("raise", 0, 0), ("raise", 0, 1),
]  # fmt: skip
# One step: mostly one of those that the rules allow now, so that stories get somewhere.
step = st.tuples(st.sampled_from([True, True, True, True, False]), st.integers(0, 10_000))


@dataclass
class Place:
    """What the model remembers of one place."""

    state: str
    since: datetime | None = None
    offered: datetime | None = None
    number: int | None = None
    moves: list[tuple[str | None, str]] = field(default_factory=list)


class Model:
    """The rules of places again, in plain Python: two cohorts of one course, six learners."""

    def __init__(self, capacities: list[int]) -> None:
        self.capacities = capacities
        self.places: tuple[dict[int, Place], ...] = ({}, {})
        self.numbers = [0, 0]
        self.now = NOON

    def used(self, cohort: int) -> int:
        return sum(
            place.state in SEATED or place.offered is not None
            for place in self.places[cohort].values()
        )

    def offer(self, cohort: int) -> None:
        waiting = sorted(
            (place.since, who) for who, place in self.places[cohort].items()
            if place.state == "waitlisted" and place.offered is None
        )  # fmt: skip
        for _since, who in waiting[: max(0, self.capacities[cohort] - self.used(cohort))]:
            self.places[cohort][who].offered = self.now + OFFER

    def go(self, cohort: int, who: int, to: str) -> None:
        place = self.places[cohort].setdefault(who, Place("-"))
        place.moves.append((None if place.state == "-" else place.state, to))
        place.state, place.offered = to, None
        if to == "waitlisted":
            place.since = self.now
        if to == "admitted" and place.number is None:
            self.numbers[cohort] += 1
            place.number = self.numbers[cohort]

    def admits(self, cohort: int, who: int) -> bool:
        """Whether a seat is there for her, once those who wait were asked first."""
        self.offer(cohort)
        place = self.places[cohort].get(who)
        if place and place.state == "waitlisted":
            return place.offered is not None and place.offered > self.now
        return self.used(cohort) < self.capacities[cohort]

    def act(self, what: Any, who: int, cohort: int) -> bool:
        """Do it if the rules allow; False when they refuse."""
        place = self.places[cohort].get(who)
        state = place.state if place else None
        if what == "apply":
            if state not in (None, "declined", "gave_up", "no_show"):
                return False
            self.go(cohort, who, "applied")
            return True
        if what == "wait":
            self.now += timedelta(hours=who)
            return True
        if what == "raise":
            self.capacities[cohort] += 1
            return True
        if what == "sweep":
            for index in (0, 1):
                for each in self.places[index].values():
                    if each.offered is not None and each.offered <= self.now:
                        each.offered, each.since = None, self.now
                self.offer(index)
            return True
        if place is None or state is None:
            return False
        if what == "accept":
            if place.offered is None or place.offered <= self.now:
                return False
            self.go(cohort, who, "admitted")
        elif what == "decline":
            if place.offered is None:
                return False
            self.go(cohort, who, "gave_up")
            self.offer(cohort)
        elif what == "transfer":
            return self._transfer(cohort, who, state)
        else:
            if what not in ENROLMENT[E(state)]:
                return False
            if what is E.ADMITTED and not self._may_be_admitted(cohort, who):
                return False
            if state == "withdrawn" and self.used(cohort) >= self.capacities[cohort]:
                return False
            self.go(cohort, who, str(what))
            self.offer(cohort)
        return True

    def _may_be_admitted(self, cohort: int, who: int) -> bool:
        before = {each: place.offered for each, place in self.places[cohort].items()}
        if self.admits(cohort, who):
            return True
        for each, offered in before.items():  # a refusal takes back what was offered on the way
            self.places[cohort][each].offered = offered
        return False

    def _transfer(self, cohort: int, who: int, state: str) -> bool:
        other = 1 - cohort
        there = self.places[other].get(who)
        if state not in ("admitted", "training"):
            return False
        if there and there.state not in ("applied", "waitlisted", "declined", "gave_up", "no_show"):
            return False
        if not self._may_be_admitted(other, who):
            return False
        self.go(cohort, who, "transferred")
        if there is None or there.state not in ("applied", "waitlisted"):
            self.go(other, who, "applied")
        self.go(other, who, "admitted")
        if state == "training":
            self.go(other, who, "training")
        self.offer(cohort)
        return True


def act(house: House, cohorts: list[int], now: datetime, what: Any, who: int, index: int) -> bool:
    """The same on the database."""
    values: dict[str, Any] = {"by": house.actor(Role.COORDINATOR), "now": now}
    dated = {"on": TODAY, **values}
    cohort_id = cohorts[index]
    if what == "wait":
        return True
    if what == "raise":
        with transaction() as session:
            session.get_one(Cohort, cohort_id).capacity += 1
        return True
    if what == "sweep":
        verbs.sweep_offers(now)
        return True
    person_id = house.people[who]
    try:
        if what == "apply":
            verbs.apply(person_id, cohort_id, **dated)
        elif what == "accept":
            verbs.accept_offer(person_id, cohort_id, **dated)
        elif what == "decline":
            verbs.decline_offer(person_id, cohort_id, reason="不来了", **dated)
        elif what == "transfer":
            verbs.transfer(person_id, cohort_id, cohorts[1 - index], reason="换班", **dated)
        else:
            verbs.move(person_id, cohort_id, what, reason="理由", **dated)
    except RuleError as error:
        assert error.code in {
            "enrolment_no_such_move", "enrolment_no_seat", "enrolment_stands", "enrolment_no_offer",
            "enrolment_offer_lapsed", "enrolment_not_there",
        }  # fmt: skip
        return False
    return True


def agrees(house: House, cohorts: list[int], model: Model) -> None:
    """Every row is what the model remembers, and seats_used is the count of who holds one."""
    db.session.expire_all()
    for index, cohort_id in enumerate(cohorts):
        rows = db.session.scalars(
            sa.select(Enrolment).where(Enrolment.cohort_id == cohort_id)
        ).all()
        found = {
            house.people.index(row.person_id): (str(row.state), row.offered_until, row.number)
            for row in rows
        }
        told = model.places[index]
        assert found == {who: (p.state, p.offered, p.number) for who, p in told.items()}
        cohort = db.session.get_one(Cohort, cohort_id)
        holders = sum(row.state in SEATED or row.offered_until is not None for row in rows)
        assert cohort.seats_used == holders == model.used(index)
        assert holders <= cohort.capacity
        for who, place in told.items():
            moves = db.session.scalars(
                sa.select(EnrolmentMove)
                .where(EnrolmentMove.cohort_id == cohort_id,
                       EnrolmentMove.person_id == house.people[who])
                .order_by(EnrolmentMove.number)
            ).all()  # fmt: skip
            steps = [(row.from_state and str(row.from_state), str(row.to_state)) for row in moves]
            assert steps == place.moves
            assert [row.number for row in moves] == list(range(1, len(moves) + 1))
            for before, after in zip([None, *[to for _, to in steps]], steps, strict=False):
                assert after[0] == before, "no state is skipped"


def allowed(model: Model) -> list[tuple[Any, int, int]]:
    """What the model would do now; waiting and raising only where little else is left."""
    return [each for each in TRIES if copy.deepcopy(model).act(*each)]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(step, min_size=25, max_size=45), st.integers(1, 2), st.integers(1, 2))
def test_places_are_what_a_plain_model_says_after_every_step(
    in_app: Flask, story: list[tuple[bool, int]], first: int, second: int
) -> None:
    wipe(in_app)
    house = h.build(NOON)
    cohorts = [
        h.cohort(house, capacity=first, sessions=40),
        h.cohort(house, number=2, capacity=second, starts_min=18 * 60, sessions=40),
    ]
    for n in range(PEOPLE):
        h.learner(house, f"学员{n}")
    model = Model([first, second])
    for is_allowed, number in story:
        choice = allowed(model) if is_allowed else TRIES
        what, who, index = choice[number % len(choice)]
        if what == "wait" and model.now > NOON + timedelta(days=25):
            continue  # a class that is over offers nothing, which other tests look at
        assert act(house, cohorts, model.now, what, who, index) == model.act(what, who, index), (
            what, who, index,
        )  # fmt: skip
        agrees(house, cohorts, model)


def wipe(app: Flask) -> None:
    """Begin each story on empty tables."""
    db.session.rollback()
    with transaction() as session:
        for table in reversed(db.metadata.sorted_tables):
            session.execute(table.delete())
    db.session.expunge_all()
