"""A plain model beside the database: whatever coordinators press, in whatever order.

Never a state skipped; openings_used is what holders hold and never more than there are; verified
only with a paper; the moves of a placement are one unbroken line.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.db import db
from core.errors import RuleError
from core.evidence.models import Attachment
from tests.conftest import NOON, both_engines
from tests.workshop import house, jobs
from tests.workshop.jobs import TODAY, S
from workshop.actions import employers, placements
from workshop.actions.employers import VacancyFacts
from workshop.models import FollowUp, Placement, PlacementMove, Vacancy
from workshop.rules.moves import PLACEMENT
from workshop.values import EvidenceKind, LeavingReason, PlacementState, VacancyState

WOMEN, POSTS = 4, 2
HOLDS = {S.HIRED, S.STARTED, S.VERIFIED}
pick = st.integers(0, 10**6)


@contextmanager
def may_refuse() -> Iterator[list[str]]:
    said: list[str] = []
    try:
        yield said
    except RuleError as error:
        said.append(error.code)
        db.session.rollback()


class Machine(RuleBasedStateMachine):
    """The model: of each placement its state, its woman, its vacancy, whether a paper is attached."""

    house_: Any = None
    now: datetime = NOON

    def __init__(self) -> None:
        super().__init__()
        with house.transaction() as session:
            for table in (FollowUp, PlacementMove, Attachment, Placement, Vacancy):
                session.execute(sa.delete(table))
        self.women = list(type(self).house_.people)
        self.posts = [jobs.vacancy(self.house_, openings=n + 1) for n in range(POSTS)]
        self.openings = {post: n + 1 for n, post in enumerate(self.posts)}
        self.closed: set[int] = set()
        self.of: dict[UUID, tuple[int, int]] = {}
        self.state: dict[UUID, PlacementState] = {}
        self.papers: set[UUID] = set()
        self.by = jobs.by(self.house_)

    def used(self, post: int) -> int:
        return sum(self.state[n] in HOLDS for n, (_, at) in self.of.items() if at == post)

    def any_placement(self, n: int) -> UUID:
        return sorted(self.of)[n % len(self.of)]

    @rule(woman=pick, post=pick)
    def refer(self, woman: int, post: int) -> None:
        she, at = self.women[woman % WOMEN], self.posts[post % POSTS]
        is_known = any(
            self.of[n] == (she, at) and self.state[n].is_open for n in self.of
        )  # fmt: skip
        is_full = self.used(at) == self.openings[at]
        with may_refuse() as said:
            row = placements.refer(she, at, on=TODAY, by=self.by, now=self.now)
            self.of[row.id], self.state[row.id] = (she, at), S.REFERRED
        assert bool(said) == (at in self.closed or is_full or is_known), said

    @precondition(lambda self: self.of)
    @rule(n=pick, to=pick)
    def step(self, n: int, to: int) -> None:
        """A step that is open from where she stands, if there is one."""
        open_ones = [one for one in sorted(self.of) if PLACEMENT[self.state[one]]]
        if open_ones:
            found = open_ones[n % len(open_ones)]
            ahead = sorted(PLACEMENT[self.state[found]] - {S.VERIFIED, S.LEFT})
            if ahead:
                self.press(found, ahead[to % len(ahead)])

    @precondition(lambda self: self.of)
    @rule(n=pick, to=st.sampled_from(S))
    def wrong_step(self, n: int, to: PlacementState) -> None:
        """Any button, from a page that was loaded long ago."""
        self.press(self.any_placement(n), to)

    def press(self, found: UUID, to: PlacementState) -> None:
        she, at = self.of[found]
        allowed = to in PLACEMENT[self.state[found]] and to not in (S.VERIFIED, S.LEFT)
        if to is S.HIRED and self.used(at) == self.openings[at]:
            allowed = False
        with may_refuse() as said:
            placements.move(she, found, to, on=TODAY, reason="原因", by=self.by, now=self.now)
        assert bool(said) != allowed, said
        if allowed:
            self.state[found] = to
            self.close_rest(at)

    def close_rest(self, at: int) -> None:
        if at in self.closed or self.used(at) < self.openings[at]:
            return
        for n, (_, where) in self.of.items():
            if where == at and self.state[n] in (S.REFERRED, S.INTERVIEW):
                self.state[n] = S.NOT_HIRED

    @precondition(lambda self: self.of)
    @rule(n=pick)
    def attach(self, n: int) -> None:
        found = self.any_placement(n)
        jobs.paper(self.of[found][0], found, self.now)
        self.papers.add(found)

    @precondition(lambda self: self.of)
    @rule(n=pick)
    def verify(self, n: int) -> None:
        found = self.any_placement(n)
        allowed = self.state[found] is S.STARTED and found in self.papers
        with may_refuse() as said:
            placements.verify(self.of[found][0], found, evidence_kind=EvidenceKind.LABOUR_CONTRACT,
                              on=TODAY, by=self.by, now=self.now)  # fmt: skip
        assert bool(said) != allowed, said
        if allowed:
            self.state[found] = S.VERIFIED

    @precondition(lambda self: self.of)
    @rule(n=pick)
    def leave(self, n: int) -> None:
        found = self.any_placement(n)
        allowed = self.state[found] in (S.STARTED, S.VERIFIED)
        with may_refuse() as said:
            placements.leave(self.of[found][0], found, on=TODAY, reason=LeavingReason.HOURS,
                             by=self.by, now=self.now)  # fmt: skip
        assert bool(said) != allowed, said
        if allowed:
            self.state[found] = S.LEFT

    @rule(post=pick, openings=st.integers(1, 3))
    def change(self, post: int, openings: int) -> None:
        at = self.posts[post % POSTS]
        allowed = openings >= self.used(at)
        facts = VacancyFacts("缝纫工", openings)
        with may_refuse() as said:
            employers.change_vacancy(at, facts, by=self.by, now=self.now)
        assert bool(said) != allowed, said
        if allowed:
            self.openings[at] = openings
            self.close_rest(at)

    @rule(post=pick, really=st.integers(0, 3))
    def close_or_open(self, post: int, really: int) -> None:
        if really:
            return  # a closed vacancy ends what waits; too often, and nobody is ever hired
        at = self.posts[post % POSTS]
        if at in self.closed:
            employers.reopen_vacancy(at, by=self.by, now=self.now)
            self.closed.remove(at)
            return
        employers.close_vacancy(at, reason="不招了", by=self.by, now=self.now)
        self.closed.add(at)
        for n, (_, where) in self.of.items():
            if where == at and self.state[n] in (S.REFERRED, S.INTERVIEW):
                self.state[n] = S.NOT_HIRED

    @invariant()
    def rows_are_what_the_model_says(self) -> None:
        db.session.expire_all()
        rows = {row.id: row for row in db.session.scalars(sa.select(Placement))}
        assert {n: row.state for n, row in rows.items()} == self.state
        for post in db.session.scalars(sa.select(Vacancy)):
            holders = sum(
                row.state.holds_opening for row in rows.values() if row.vacancy_id == post.id
            )  # fmt: skip
            assert post.openings_used == holders == self.used(post.id) <= post.openings
            assert (post.state is VacancyState.CLOSED) == (post.id in self.closed)
            if post.state is VacancyState.OPEN:
                assert post.openings_used < post.openings
        for row in rows.values():
            if row.verified_on is not None:
                assert row.id in self.papers

    @invariant()
    def no_state_is_skipped(self) -> None:
        lines: dict[UUID, list[PlacementMove]] = {}
        moves = sa.select(PlacementMove).order_by(PlacementMove.placement_id, PlacementMove.number)
        for one in db.session.scalars(moves):
            lines.setdefault(one.placement_id, []).append(one)
        assert set(lines) == set(self.of)
        for found, line in lines.items():
            assert [one.number for one in line] == list(range(1, len(line) + 1))
            assert (line[0].from_state, line[0].to_state) == (None, S.REFERRED)
            for before, after in itertools.pairwise(line):
                assert after.from_state is before.to_state
                assert after.to_state in PLACEMENT[before.to_state]
            assert line[-1].to_state is self.state[found]


@both_engines
def test_placements_never_leave_their_machine(
    in_app: Flask, noon: datetime, tmp_path: Path, request: pytest.FixtureRequest, engine_name: str
) -> None:
    made = house.build(noon)
    for number in range(WOMEN):
        house.learner(made, f"学员{number}")
    jobs.employer(made)

    class Bound(Machine):
        house_ = made

    examples, steps = (20, 35) if engine_name == "sqlite" else (8, 35)
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
            database=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
