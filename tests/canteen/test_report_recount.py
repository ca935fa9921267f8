"""A generated month against an independent recount, straight from the events and in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canteen import actions
from canteen.actions import ByPerson
from canteen.models import MealCategory, MealEvent
from canteen.reports.build import build
from canteen.values import Collector, OtherKind, Sitting, WayOfEating, WayOfRecording
from core.clock import Month, moment_of
from core.db import db, new_id
from core.errors import RuleError
from core.reports.values import Built, Period
from core.sites.models import Site
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON, both_engines

steps = st.lists(
    st.tuples(
        st.sampled_from(["scan", "scan", "scan", "fact", "name", "sale", "void", "move", "late"]),
        st.integers(0, 3),  # whose
        st.integers(0, 27),  # which day, or which of those registered
        st.sampled_from(list(Sitting)),
        st.booleans(),  # at which site
        st.sampled_from([None, WayOfEating.TAKE_AWAY, WayOfEating.DELIVERED]),
    ),
    min_size=5,
    max_size=24,
)  # fmt: skip
AT = {Sitting.BREAKFAST: time(7, 30), Sitting.LUNCH: time(12, 0), Sitting.DINNER: time(17, 45)}
numbers = count(1)


@pytest.fixture
def house(in_app: Flask) -> House:
    return h.build(NOON)


@dataclass
class Story:
    """A month, the one before it that was submitted, and what happened in both."""

    house: House
    month: Month
    people: list[int]
    ids: list[UUID] = field(default_factory=list)
    before: dict[str, Counter[str]] = field(default_factory=dict)

    def act(
        self, verb: str, who: int, number: int, sitting: Sitting, there: bool, way: Any,
        month: Month | None = None,
    ) -> None:  # fmt: skip
        site_id = self.house.second_site_id if there else self.house.site_id
        moment = moment_of((month or self.month).first + timedelta(days=number), AT[sitting])
        more: dict[str, Any] = {"site_id": site_id, "way": way}
        now = moment
        if verb in ("void", "move"):
            self.correct(verb, number, self.people[who])
            return
        if verb == "fact":
            more, now = {**more, "is_fact": True}, moment + timedelta(hours=1)
        elif verb == "name":
            more |= {"who": ByPerson(self.people[who]), "recording": WayOfRecording.BY_NAME,
                     "collected_by": Collector.NEIGHBOUR}  # fmt: skip
        elif verb == "sale":
            more["other"] = list(OtherKind)[number % len(OtherKind)]
        elif verb == "late":  # on the last day, from paper: of this month or of the one before
            day = (self.month if there else self.month.previous()).first + timedelta(days=number)
            more |= {"who": ByPerson(self.people[who]), "recording": WayOfRecording.PAPER,
                     "late_reason": "补录", "day": day, "sitting": sitting}  # fmt: skip
            moment = now = self.end
        scan = h.scan(self.house, self.people[who], moment, **more)
        actions.register_meal(scan, by=h.CLERK, now=now)
        self.ids.append(scan.id)

    @property
    def end(self) -> datetime:
        return moment_of(self.month.last, time(20, 0))

    def correct(self, verb: str, number: int, person_id: int) -> None:
        if not self.ids:
            return
        event_id = self.ids[number % len(self.ids)]
        try:
            if verb == "void":
                actions.void_meal(
                    event_id, void_id=new_id(), reason="误扫", by=h.CLERK, now=self.end
                )
            else:
                actions.move_meal(event_id, to_person_id=person_id, move_id=new_id(), reason="拿错卡",
                                  by=h.CLERK, now=self.end)  # fmt: skip
        except RuleError as error:
            assert error.code in {
                "no_such_event", "already_voided", "not_movable", "already_served",
            }  # fmt: skip

    def submit(self) -> None:
        """Close the month before, and remember what its events said at that moment."""
        month = self.month.previous()
        self.before = {scope: self.recount(month, scope) for scope in ("all", "one", "two")}
        h.submit(str(month))

    def recount(self, month: Month, scope: str) -> Counter[str]:
        """Figures of a month by the words of design.md, from the events alone."""
        db.session.expire_all()
        events = db.session.scalars(
            sa.select(MealEvent).where(MealEvent.day >= month.first, MealEvent.day <= month.last)
        ).all()
        slugs = dict(db.session.execute(sa.select(Site.id, Site.slug)).tuples().all())
        codes = dict(
            db.session.execute(sa.select(MealCategory.id, MealCategory.code)).tuples().all()
        )
        gone = {event.voids_id for event in events}
        served = [event for event in events if event.kind == "served" and event.id not in gone]
        triples = defaultdict(list)
        for event in served:
            if event.other_kind is None:
                triples[event.person_id, event.day, event.sitting].append(event)
        meals = [
            min(each, key=lambda event: (event.occurred_at, event.id)) for each in triples.values()
        ]
        inside = [event for event in meals if scope in ("all", slugs[event.site_id])]
        sums: Counter[str] = Counter()
        for event in inside:
            priced: Any = event.priced
            assert event.sitting is not None
            keys = ["head", f"sitting.{event.sitting}", f"way.{event.way}", f"recording.{event.recording}",
                    f"category.{codes[priced['category_id']]}", f"site.{slugs[event.site_id]}",
                    *(f"held.{code}" for code in priced["held"] if code != "general")]  # fmt: skip
            for key in keys:
                sums[f"{key}.visits"] += 1
                sums[f"{key}.price"] += event.price_fen
                sums[f"{key}.subsidy"] += event.subsidy_fen
                sums[f"{key}.copay"] += event.copay_fen
            for layer, fen in priced["layers"].items():
                sums[f"layer.{layer}"] += fen
            sums[f"chart.{event.sitting}.{event.day.isoformat()}"] += 1
        for key in ("person_id", "day"):
            sums["head.people" if key == "person_id" else "head.days"] = len(
                {getattr(event, key) for event in inside}
            )
        for event in served:
            if event.other_kind is not None and scope in ("all", slugs[event.site_id]):
                for key in (
                    "head.others",
                    f"other.{event.other_kind}.visits",
                    "other.total.visits",
                ):
                    sums[key] += 1
                sums[f"other.{event.other_kind}.price"] += event.price_fen
        for event in events:
            if scope in ("all", slugs[event.site_id]):
                sums["check.voids"] += event.kind == "voided"
                sums["check.refusals"] += event.kind == "refused"
        return sums

    def booked(self, scope: str) -> Counter[str]:
        """What came to light about the month before since it was submitted."""
        now, then = self.recount(self.month.previous(), scope), self.before[scope]
        return Counter({
            key: now[f"head.{key}"] - then[f"head.{key}"] for key in ("visits", "price", "subsidy", "copay")
        })  # fmt: skip


def others_of(sums: Counter[str]) -> int:
    """What the sales beside the subsidy cost."""
    return sum(
        fen for key, fen in sums.items() if key.startswith("other.") and key.endswith(".price")
    )


def compare(story: Story, scope: str) -> Built:
    """The report of the month against the recount, figure by figure."""
    built = build(Period(story.month), scope, story.end)
    expected, booked = story.recount(story.month, scope), story.booked(scope)
    for key, value in expected.items():
        found = built.figures.get(key)
        assert (found.value if found else 0) == value, (scope, key)
    # And the other way round: no line that the recount doesn't know.
    for key in built.figures:
        if key.split(".")[0] in (
            "sitting",
            "way",
            "recording",
            "category",
            "site",
            "layer",
            "chart",
            "other",
        ):
            assert (
                built.value(key) == 0 or key in expected or ".total" in key or ".people" in key
            ), key
    assert built.value("head.adjusted") == booked["subsidy"]
    assert built.value("head.due") == expected["head.subsidy"] + booked["subsidy"]
    total = built.figures.get("adjustment.total.visits")
    now, then = story.recount(story.month.previous(), scope), story.before[scope]
    changes = booked["visits"] + now["head.others"] - then["head.others"]
    assert (total.value if total else 0) == changes
    price = booked["price"] + others_of(now) - others_of(then)
    assert (built.value("adjustment.total.price") if total else 0) == price
    # The month before is what was submitted.
    for name in ("visits", "people", "price", "subsidy", "copay"):
        assert built.value(f"head.{name}.before") == then[f"head.{name}"], name
    assert [each.sentence for each in built.identities if not each.holds] == []
    return built


@both_engines
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=steps, second=steps)
def test_report_is_what_a_recount_of_the_events_says(
    house: House, first: list[tuple[Any, ...]], second: list[tuple[Any, ...]]
) -> None:
    month = _month_of(next(numbers))
    people = [
        h.diner(house, "minimum_living"), h.diner(house), h.diner(house, birth_on=date(1940, 1, 1)),
        h.diner(house, "minimum_living", birth_on=date(1941, 1, 1)),
    ]  # fmt: skip
    story = Story(house, month, people)
    for verb, *rest in first:
        if verb != "late":
            story.act(verb, *rest, month=month.previous())
    story.submit()
    for step in second:
        story.act(*step)
    with force_locale("zh_Hans"):
        one, two, both = (compare(story, scope) for scope in ("one", "two", "all"))
    for key in _adding_up(both.figures):
        parts = sum(each.value(key) for each in (one, two) if key in each.figures)
        assert parts == both.value(key), key
    assert actions.differences() == []


def _month_of(number: int) -> Month:
    """Each example has two months of its own, and no other meals in its year."""
    return Month(2027 + number, 3)


def _adding_up(keys: Iterable[str]) -> list[str]:
    """All but people, days, and lines named after them."""
    return [key for key in keys if ".people" not in key and key != "head.days"]
