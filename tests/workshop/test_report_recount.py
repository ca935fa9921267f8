"""A generated month against an independent recount in plain Python, straight from marks and moves."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import Month
from core.db import db, transaction
from core.reports.values import Period, rows_of
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.october import submit
from tests.workshop.told import S
from workshop.models import Cohort, Placement, PlacementMove, Session
from workshop.reports.build import build
from workshop.values import EnrolmentState, LeavingReason

E = EnrolmentState
# A session has 180 minutes; its class hour has 45.
CREDIT = {S.PRESENT: 400, S.LATE: 378, S.LEFT_EARLY: 389, S.EXCUSED: 0, S.ABSENT: 0}
marks = st.lists(
    st.tuples(
        st.integers(0, 3),  # whose
        st.integers(0, 7),  # in which session: the first four lie in the month before
        st.sampled_from([*S, None]),
        st.booleans(),  # after the month before was submitted
    ),
    max_size=24,
)
ends = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([E.COMPLETED, E.INCOMPLETE, E.WITHDRAWN, E.TRAINING]),
        st.integers(0, 20),  # so many days after the first session of the second half
        st.booleans(),
    ),
    max_size=5,
)
jobs = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 50), st.one_of(st.none(), st.integers(0, 30)),
        st.one_of(st.none(), st.integers(0, 45)),
    ),
    max_size=4,
)  # fmt: skip
numbers = count(1)


@dataclass
class Story:
    """Two months that touch, the first of which is submitted in the middle of the second."""

    house: House
    month: Month
    cohort_id: int = 0
    people: list[int] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    # The marks of each learner and session in their order: status, and the month that reports it.
    said: dict[tuple[int, int], list[tuple[S | None, Month]]] = field(default_factory=dict)
    moves: dict[int, list[tuple[E, Month]]] = field(default_factory=dict)
    work: list[tuple[int, date, date | None, date | None]] = field(default_factory=list)

    @property
    def closed_at(self) -> datetime:
        return t.at(self.month.first + timedelta(days=9))

    @property
    def now(self) -> datetime:
        return self.month.ends_at + timedelta(days=1)

    def mark(self, who: int, number: int, status: S | None, late: bool) -> None:
        person_id, session_id = self.people[who], self.sessions[number]
        known = self.said.setdefault((who, number), [])
        if status is None and (not known or known[-1][0] is None):
            return
        of = Month.of(self.days[number])
        booked = self.month if of < self.month and late else None
        if booked is None and any(month != of for _status, month in known):
            return  # nobody writes into a month that was submitted
        t.mark(person_id, session_id, status, late_min=10 if status is S.LATE else 0,
               early_min=5 if status is S.LEFT_EARLY else 0, booked_month=str(booked) if booked else None,
               moment=self.closed_at + timedelta(days=1) if booked else None)  # fmt: skip
        known.append((status, booked or of))

    def end(self, who: int, state: E, after: int, late: bool) -> None:
        now_is = self.moves[who][-1][0]
        if (state is E.TRAINING) == (now_is is E.TRAINING):
            return
        on = self.days[3] + timedelta(days=after)
        if on < self.days[0]:
            return
        moment = self.closed_at + timedelta(days=1) if late else t.at(on)
        if not late and t.at(on) > self.closed_at and Month.of(on) < self.month:
            return
        of = Month.of(on)
        booked = self.month if of < self.month and moment > self.closed_at else of
        if booked < self.moves[who][-1][1]:
            return
        t.end(self.people[who], self.cohort_id, state, on, moment)
        self.moves[who].append((state, booked))

    def job(self, who: int, start: int, verified: int | None, left: int | None) -> None:
        began = self.month.previous().first + timedelta(days=start)
        proved = began + timedelta(days=verified) if verified is not None else None
        gone = (proved or began) + timedelta(days=left) if left is not None else None
        t.job(self.house, self.people[who], began, verified_on=proved, left_on=gone,
              reason=LeavingReason.HEALTH)  # fmt: skip
        self.work.append((who, began, proved, gone))

    # ---------- the recount ----------

    def standing(self, key: tuple[int, int]) -> S | None:
        """What stood of a session in its own month."""
        of = Month.of(self.days[key[1]])
        own = [status for status, month in self.said.get(key, ()) if month == of]
        return own[-1] if own else None

    def state(self, who: int, month: Month) -> E | None:
        seen = [state for state, booked in self.moves[who] if booked <= month]
        return seen[-1] if seen else None

    def expected(self, month: Month) -> Counter[str]:
        sums: Counter[str] = Counter()
        there = (S.PRESENT, S.LATE, S.LEFT_EARLY)
        came = set()
        for who, number in ((w, n) for w in range(4) for n in range(8)):
            if Month.of(self.days[number]) != month:
                continue
            status = self.standing((who, number))
            if status in there:
                came.add(who)
                sums["head.visits"] += 1
                sums["head.credited"] += CREDIT[status]
                sums[f"chart.{self.days[number].isoformat()}"] += 1
            if status is not None:
                sums[f"status.{status.value}.entries"] += 1
        sums["head.people"] = len(came)
        for key, known in self.said.items():
            of = Month.of(self.days[key[1]])
            before: S | None = None
            for status, booked in known:
                if booked != of and booked == month:
                    sums["adjustment.total.visits"] += (status in there) - (before in there)
                    sums["adjustment.total.hours"] += CREDIT.get(status, 0) - CREDIT.get(before, 0)  # type: ignore[arg-type]
                    sums["adjustment.total.count"] += 1
                before = status
        for who in range(4):
            was, is_now = self.state(who, month.previous()), self.state(who, month)
            if is_now != was and is_now in (E.COMPLETED, E.INCOMPLETE, E.WITHDRAWN):
                sums[f"head.{is_now.value}"] += 1
            sums["head.training"] += is_now is E.TRAINING
        self._of_work(sums, month)
        return sums

    def _of_work(self, sums: Counter[str], month: Month) -> None:
        people: dict[str, set[int]] = {}
        for who, began, proved, gone in self.work:
            for kind, on in (("started", began), ("verified", proved), ("left", gone)):
                if on is not None and Month.of(on) == month:
                    people.setdefault(kind, set()).add(who)
                    sums[f"event.{kind}.visits"] += 1
            if began <= month.last and (gone is None or gone > month.last):
                sums["stock.is.count"] += 1
                people.setdefault("in_work", set()).add(who)
            if gone is not None and Month.of(gone) == month and (gone - began).days < 30:
                sums["event.early.visits"] += 1
        for kind in ("started", "verified", "left", "in_work"):
            sums[f"head.{kind}"] = len(people.get(kind, ()))


@both_engines
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(marks=marks, ends=ends, jobs=jobs)
def test_the_report_is_what_a_recount_of_marks_and_moves_says(
    workshop: House, marks: list[Any], ends: list[Any], jobs: list[Any]
) -> None:
    story = begin(workshop)
    for step in marks:
        if not step[3]:
            story.mark(*step)
    submit(str(story.month.previous()), story.closed_at)
    for step in marks:
        if step[3]:
            story.mark(*step)
    for one in ends:
        story.end(*one)
    for each in jobs:
        story.job(*each)
    with force_locale("zh_Hans"):
        for month in (story.month.previous(), story.month):
            built = build(Period(month), "all", story.now)
            expected = story.expected(month)
            for key in (*expected, *FIXED):
                found = built.figures.get(key)
                assert (found.value if found else 0) == expected[key], (str(month), key)
            assert [each.sentence for each in built.identities if not each.holds] == []
            for figure in built.figures.values():
                data = built.datasets[figure.dataset]
                assert figure.measure.of(data, rows_of(figure, data)) == figure.value, figure.key


FIXED = (
    "head.visits", "head.people", "head.credited", "head.completed", "head.incomplete", "head.withdrawn",
    "head.training", "head.started", "head.verified", "head.left", "head.in_work", "event.early.visits",
    "stock.is.count", "adjustment.total.visits", "adjustment.total.hours", "adjustment.total.count",
)  # fmt: skip


def begin(house: House) -> Story:
    """Four learners of a cohort whose eight sessions lie on both sides of a month's end; each example
    has two months of its own, and no job that another one began."""
    month = Month(2028 + 3 * next(numbers), 3)
    story = Story(house, month)
    first = month.first - timedelta(days=4)
    story.cohort_id = h.cohort(house, number=month.year, first=first, sessions=8)
    with transaction() as session:
        session.query(PlacementMove).delete()
        session.query(Placement).delete()
        rows = (
            session.query(Session).filter_by(cohort_id=story.cohort_id).order_by(Session.on).all()
        )
        for number, row in enumerate(rows):
            row.on = first + timedelta(days=number)
    story.sessions = h.sessions_of(story.cohort_id)
    story.days = [first + timedelta(days=number) for number in range(8)]
    with transaction() as session:
        cohort = session.get_one(Cohort, story.cohort_id)
        cohort.starts_on, cohort.ends_on = story.days[0], month.last
    for _number in range(4):
        person_id = h.learner(house)
        t.enrol(person_id, story.cohort_id, story.days[0])
        story.moves[len(story.people)] = [(E.TRAINING, Month.of(story.days[0]))]
        story.people.append(person_id)
    db.session.expire_all()
    return story
