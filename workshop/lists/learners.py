"""The list of learners: its filters as one statement, and what each row shows besides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload, selectinload

from core.db import db
from core.people.models import Person
from core.people.registry import age_on
from core.people.search import matching
from core.sites.models import Area
from workshop.models import (
    Cohort,
    Enrolment,
    HardshipCategory,
    HardshipTag,
    Learner,
    NeedsAssessment,
    Placement,
    RetirementAge,
    WantedSkill,
)
from workshop.queries import is_her_record
from workshop.rules.retirement import is_over, retires_on
from workshop.values import EnrolmentState, PlacementState, RetirementStep

Condition = sa.ColumnElement[bool]


class LearnerState(StrEnum):
    """What the list can be filtered by; a row says all that hold of her."""

    REGISTERED = "registered"
    WAITING = "waiting"
    IN_ENROLMENT = "in_enrolment"
    TRAINING = "training"
    COMPLETED = "completed"
    REFERRED = "referred"
    IN_WORK = "in_work"
    NO_NEEDS = "no_needs"
    HARDSHIP_EXPIRING = "hardship_expiring"
    ENDED = "ended"


class LearnerOrder(StrEnum):
    NAME = "name"
    NEWEST = "newest"
    LONGEST_WITHOUT_WORK = "longest_without_work"


class Wish(StrEnum):
    """What she would like to come of it."""

    WORK = "work"
    HOME_WORK = "home_work"
    VENTURE = "venture"


_WISH = {
    Wish.WORK: NeedsAssessment.wants_work, Wish.HOME_WORK: NeedsAssessment.wants_home_work,
    Wish.VENTURE: NeedsAssessment.wants_venture,
}  # fmt: skip
_IN_ENROLMENT = (EnrolmentState.APPLIED, EnrolmentState.WAITLISTED, EnrolmentState.ADMITTED)
_IN_WORK = (PlacementState.STARTED, PlacementState.VERIFIED)
_REFERRED = (PlacementState.REFERRED, PlacementState.INTERVIEW, PlacementState.HIRED)
_OF_ENROLMENT = {
    LearnerState.IN_ENROLMENT: _IN_ENROLMENT, LearnerState.TRAINING: (EnrolmentState.TRAINING,),
    LearnerState.COMPLETED: (EnrolmentState.COMPLETED,),
}  # fmt: skip
_OF_PLACEMENT = {LearnerState.REFERRED: _REFERRED, LearnerState.IN_WORK: _IN_WORK}
# What she waits beside; whoever none of these holds of is waiting.
_BUSY_ENROLMENTS = (*_IN_ENROLMENT, EnrolmentState.TRAINING, EnrolmentState.COMPLETED)
_BUSY_PLACEMENTS = (*_REFERRED, *_IN_WORK)


@dataclass(frozen=True)
class LearnerQuery:
    """What the list is filtered by. site_ids None means every site.

    shows_hardship: whether whoever asks may know of it; otherwise nothing of it is read.
    hardship_sites: of which workshops' learners; None for all of the list.
    """

    on: date
    site_ids: frozenset[int] | None
    shows_hardship: bool = False
    hardship_sites: frozenset[int] | None = None
    q: str = ""
    site_id: int | None = None
    state: LearnerState = LearnerState.REGISTERED
    hardship: str | None = None
    area: str | None = None
    wish: Wish | None = None
    skill: int | None = None
    coordinator_id: int | None = None
    order: LearnerOrder = LearnerOrder.NAME
    person_id: int | None = None
    within_days: int = 30


# What a list shows of a person: without the encrypted columns, which cost time to open.
PERSON_IN_LIST = (
    Person.name, Person.pinyin, Person.sex, Person.birth_on, Person.standing, Person.is_practice,
    Person.residence_area_id,
)  # fmt: skip


def learners(query: LearnerQuery) -> sa.Select[tuple[Learner]]:
    """The learners of a query, in its order."""
    statement = (
        sa.select(Learner)
        .join(Person, Person.id == Learner.person_id)
        .where(~Person.is_practice, is_her_record(), _state(query))
        .options(
            joinedload(Learner.person).load_only(*PERSON_IN_LIST)
            .joinedload(Person.residence_area).joinedload(Area.parent),
            joinedload(Learner.home_site), joinedload(Learner.coordinator), defer(Learner.note),
        )
    )  # fmt: skip
    if query.site_ids is not None:
        statement = statement.where(Learner.home_site_id.in_(query.site_ids))
    if query.site_id is not None:
        statement = statement.where(Learner.home_site_id == query.site_id)
    if query.q:
        statement = statement.where(matching(query.q))
    if query.person_id is not None:
        statement = statement.where(Learner.person_id == query.person_id)
    if query.coordinator_id is not None:
        statement = statement.where(Learner.coordinator_id == query.coordinator_id)
    if query.area:
        statement = statement.where(_lives_under(query.area))
    if query.hardship and query.shows_hardship:
        wanted = sa.select(HardshipCategory.id).where(HardshipCategory.code == query.hardship)
        held = sa.and_(holds_on(query.on), HardshipTag.category_id.in_(wanted), _is_known(query))
        statement = statement.where(sa.exists().where(HardshipTag.person_id == Learner.person_id, held))  # fmt: skip
    if query.wish or query.skill:
        statement = statement.where(_wants(query.wish, query.skill))
    return _ordered(statement, query)


def _is_known(query: LearnerQuery) -> Condition:
    """Of whose hardship whoever asks may know."""
    sites = query.hardship_sites
    return sa.true() if sites is None else Learner.home_site_id.in_(sites)


def _lives_under(code: str) -> Condition:
    return Person.residence_area_id.in_(
        sa.select(Area.id).where(
            sa.or_(Area.code == code, Area.code.startswith(f"{code}.", autoescape=True))
        )
    )


def holds_on(day: date) -> Condition:
    """Whether a hardship tag holds on a day."""
    return sa.and_(
        HardshipTag.from_on <= day,
        sa.or_(HardshipTag.until_on.is_(None), HardshipTag.until_on >= day),
    )


def is_latest() -> Condition:
    """Whether an assessment is its learner's latest; the last recorded of a day counts."""
    later = sa.alias(NeedsAssessment.__table__, "later")
    return ~sa.exists().where(
        later.c.person_id == NeedsAssessment.person_id,
        sa.tuple_(later.c.asked_on, later.c.recorded_at, later.c.id)
        > sa.tuple_(NeedsAssessment.asked_on, NeedsAssessment.recorded_at, NeedsAssessment.id),
    )


def _wants(wish: Wish | None, skill_id: int | None) -> Condition:
    conditions: list[Condition] = [NeedsAssessment.person_id == Learner.person_id, is_latest()]
    if wish:
        conditions.append(_WISH[wish].is_(True))
    if skill_id:
        conditions.append(sa.exists().where(
            WantedSkill.person_id == NeedsAssessment.person_id,
            WantedSkill.needs_id == NeedsAssessment.id, WantedSkill.skill_id == skill_id,
        ))  # fmt: skip
    return sa.exists().where(*conditions)


def has_ended(on: date) -> Condition:
    """Whether a learner's last day lies before this one."""
    return sa.and_(Learner.ended_on.is_not(None), Learner.ended_on < on)


def _has_enrolment(states: Sequence[EnrolmentState]) -> Condition:
    return sa.exists().where(Enrolment.person_id == Learner.person_id, Enrolment.state.in_(states))


def _has_placement(states: Sequence[PlacementState]) -> Condition:
    return sa.exists().where(Placement.person_id == Learner.person_id, Placement.state.in_(states))


def lacks_needs() -> Condition:
    """Whether nobody has asked a learner yet what she wants and when she can come."""
    asked = sa.and_(NeedsAssessment.person_id == Learner.person_id, NeedsAssessment.weekdays > 0)
    return ~sa.exists().where(asked)


def has_expiring_hardship(on: date, until: date) -> Condition:
    """Whether a certified hardship of a learner holds and runs out within these days."""
    return sa.exists().where(
        HardshipTag.person_id == Learner.person_id, HardshipTag.basis == "certified",
        HardshipTag.end_reason.is_(None), HardshipTag.from_on <= on,
        HardshipTag.until_on.between(on, until),
    )  # fmt: skip


def _state(query: LearnerQuery) -> Condition:
    ended = has_ended(query.on)
    state = query.state
    if state is LearnerState.ENDED:
        return ended
    if state in _OF_ENROLMENT:
        return sa.and_(~ended, _has_enrolment(_OF_ENROLMENT[state]))
    if state in _OF_PLACEMENT:
        return sa.and_(~ended, _has_placement(_OF_PLACEMENT[state]))
    if state is LearnerState.WAITING:
        busy = sa.or_(_has_enrolment(_BUSY_ENROLMENTS), _has_placement(_BUSY_PLACEMENTS))
        return sa.and_(~ended, ~busy)
    if state is LearnerState.NO_NEEDS:
        return sa.and_(~ended, lacks_needs())
    if state is LearnerState.HARDSHIP_EXPIRING:
        if not query.shows_hardship:
            return sa.false()
        until = date.fromordinal(query.on.toordinal() + query.within_days)
        return sa.and_(~ended, has_expiring_hardship(query.on, until), _is_known(query))
    return ~ended


def _ordered(
    statement: sa.Select[tuple[Learner]], query: LearnerQuery
) -> sa.Select[tuple[Learner]]:
    if query.order is LearnerOrder.NEWEST:
        return statement.order_by(Learner.registered_on.desc(), Person.pinyin, Learner.person_id)
    if query.order is LearnerOrder.LONGEST_WITHOUT_WORK:
        since = Learner.unemployed_since
        return statement.order_by(since.is_(None), since, Person.pinyin, Learner.person_id)
    return statement.order_by(Person.pinyin, Learner.person_id)


@dataclass(frozen=True)
class LearnerRow:
    """What a row of the list says beside the learner. hardship: empty unless it may be known."""

    learner: Learner
    age: int | None
    states: tuple[LearnerState, ...]
    cohorts: tuple[str, ...] = ()
    work: str = ""
    needs: NeedsAssessment | None = None
    skills: tuple[str, ...] = ()
    hardship: tuple[HardshipTag, ...] = field(default=())
    retires_on: date | None = None
    is_over_age: bool | None = None

    @property
    def beside(self) -> tuple[str, ...]:
        """Where she works and what she attends, or attended."""
        return (self.work, *self.cohorts) if self.work else self.cohorts


def rows_of(found: Iterable[Learner], query: LearnerQuery) -> list[LearnerRow]:
    """The rows of a page: five further queries whatever their number, six with hardship."""
    listed = list(found)
    ids = [learner.person_id for learner in listed]
    enrolments: dict[int, list[tuple[EnrolmentState, str]]] = defaultdict(list)
    for row in db.session.execute(
        sa.select(Enrolment.person_id, Enrolment.state, Cohort.name)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.person_id.in_(ids), Enrolment.state.in_(_BUSY_ENROLMENTS))
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    ):
        enrolments[row.person_id].append((row.state, row.name))
    placements: dict[int, list[tuple[PlacementState, str]]] = defaultdict(list)
    for person_id, state, employer in db.session.execute(
        sa.select(Placement.person_id, Placement.state, Placement.employer_name)
        .where(Placement.person_id.in_(ids), Placement.state.in_(_BUSY_PLACEMENTS))
        .order_by(Placement.created_at.desc())
    ):
        placements[person_id].append((state, employer))
    needs = latest_needs(ids)
    known = [
        each.person_id for each in listed
        if query.hardship_sites is None or each.home_site_id in query.hardship_sites
    ]  # fmt: skip
    tags = hardship_of(known, query.on) if query.shows_hardship else {}
    steps = retirement_steps()
    return [
        _row(each, query, enrolments[each.person_id], placements[each.person_id],
             needs.get(each.person_id), tags.get(each.person_id, []), steps)
        for each in listed
    ]  # fmt: skip


def latest_needs(person_ids: Sequence[int]) -> dict[int, NeedsAssessment]:
    """What each told last, with the skills wanted. Two queries, three when somebody wants a skill."""
    found = db.session.scalars(
        sa.select(NeedsAssessment)
        .where(NeedsAssessment.person_id.in_(person_ids), is_latest())
        .options(selectinload(NeedsAssessment.wanted).joinedload(WantedSkill.skill))
    )
    return {row.person_id: row for row in found}


def hardship_of(person_ids: Sequence[int], on: date) -> dict[int, list[HardshipTag]]:
    """The hardships that hold on a day. To be asked only for whoever may know of them."""
    found: dict[int, list[HardshipTag]] = defaultdict(list)
    for row in db.session.scalars(
        sa.select(HardshipTag)
        .where(HardshipTag.person_id.in_(person_ids), holds_on(on))
        .join(HardshipTag.category)
        .options(joinedload(HardshipTag.category), defer(HardshipTag.evidence))
        .order_by(HardshipCategory.position, HardshipTag.from_on)
    ):
        found[row.person_id].append(row)
    return found


def retirement_steps() -> list[RetirementStep]:
    """The dated retirement table, as the rules take it."""
    return [
        RetirementStep(row.sex, row.worker_kind, row.born_from, row.age_months)
        for row in db.session.scalars(sa.select(RetirementAge))
    ]


def _row(
    learner: Learner, query: LearnerQuery, enrolments: list[tuple[EnrolmentState, str]],
    placements: list[tuple[PlacementState, str]], needs: NeedsAssessment | None,
    tags: list[HardshipTag], steps: list[RetirementStep],
) -> LearnerRow:  # fmt: skip
    person: Any = learner.person
    states = _states(learner, query.on, {s for s, _ in enrolments}, {s for s, _ in placements})
    if LearnerState.ENDED not in states and (needs is None or needs.weekdays == 0):
        states.append(LearnerState.NO_NEEDS)
    current = [name for state, name in enrolments if state is not EnrolmentState.COMPLETED]
    work = next((name for state, name in placements if state in _IN_WORK), "")
    facts = (person.sex, learner.worker_kind, person.birth_on, steps)
    return LearnerRow(
        learner, age_on(person.birth_on, query.on), tuple(states),
        tuple(current or [name for _, name in enrolments]), work, needs,
        tuple(wish.skill.name for wish in needs.wanted) if needs else (), tuple(tags),
        retires_on(*facts), is_over(*facts, query.on),
    )  # fmt: skip


def _states(
    learner: Learner, on: date, enrolled: set[EnrolmentState], placed: set[PlacementState]
) -> list[LearnerState]:
    if learner.ended_on is not None and learner.ended_on < on:
        return [LearnerState.ENDED]
    held = [state for state, inner in _OF_PLACEMENT.items() if placed & set(inner)]
    held += [state for state, inner in _OF_ENROLMENT.items() if enrolled & set(inner)]
    order = (
        LearnerState.IN_WORK, LearnerState.TRAINING, LearnerState.REFERRED,
        LearnerState.IN_ENROLMENT, LearnerState.COMPLETED,
    )  # fmt: skip
    return sorted(held, key=order.index) or [LearnerState.WAITING]
