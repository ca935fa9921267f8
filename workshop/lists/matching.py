"""Women and vacancies as matching sees them, read in a constant number of queries; and the two lists."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, load_only

from core.db import db
from core.people.models import Person, StandingKind
from core.people.records import records_of
from core.sites.models import Area
from workshop.lists.jobs import recruits
from workshop.models import (
    Cohort,
    Course,
    Employer,
    Enrolment,
    HardshipTag,
    Learner,
    LearnerSkill,
    NeedsAssessment,
    Placement,
    Vacancy,
    WantedSkill,
)
from workshop.queries import is_her_record
from workshop.rules import matching
from workshop.rules.matching import Match, Need, Post, Seeker
from workshop.values import EnrolmentState, PlacementState

_LEARNING = (EnrolmentState.ADMITTED, EnrolmentState.TRAINING)
_AT_WORK = (PlacementState.STARTED, PlacementState.VERIFIED)


@dataclass(frozen=True)
class Candidate:
    """A woman for a vacancy. has_been_there: she was not hired there before, or gave it up."""

    learner: Learner
    seeker: Seeker
    match: Match
    has_been_there: bool


@dataclass(frozen=True)
class Offer:
    """A vacancy for a woman. state: of her referral there, if there is an open one."""

    vacancy: Vacancy
    match: Match
    state: PlacementState | None


def post_of(row: Vacancy) -> Post:
    """A vacancy, its employer, skill and areas loaded, as the rules see it."""
    area = row.area or row.employer.area
    return Post(
        row.id, row.form, row.skill_id, row.skill.name if row.skill else "", row.level, row.shift,
        row.weekdays, row.starts_min, row.ends_min, row.hours_week, row.is_mothers_post,
        row.care_from_min, row.care_until_min, row.wage_from_fen, row.wage_until_fen,
        area.code if area else None,
    )  # fmt: skip


def open_vacancies(today: date) -> list[Vacancy]:
    """Vacancies that still recruit, with what a match needs."""
    return list(db.session.scalars(
        sa.select(Vacancy)
        .join(Vacancy.employer)
        .where(recruits(today), Employer.is_active)
        .options(joinedload(Vacancy.employer).joinedload(Employer.area),
                 joinedload(Vacancy.skill), joinedload(Vacancy.area))
        .order_by(Vacancy.id)
    ))  # fmt: skip


def _people(today: date, among: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    """The ids of learners who can be referred, as a query: a city has more than a statement takes values."""
    left = aliased(Person)
    return (
        sa.select(Learner.person_id)
        .join(Person, Person.id == Learner.person_id)
        .join(left, left.id == sa.func.coalesce(Person.merged_into_id, Person.id))
        .where(among, sa.or_(Learner.ended_on.is_(None), Learner.ended_on >= today),
               left.standing == StandingKind.REGISTERED, ~Person.is_practice,
               is_her_record())
    )  # fmt: skip


def _learners(people: sa.Select[tuple[int]]) -> list[Learner]:
    statement = (
        sa.select(Learner)
        .where(Learner.person_id.in_(people))
        .options(
            load_only(Learner.person_id, Learner.home_site_id, Learner.unemployed_since),
            joinedload(Learner.person)
            .load_only(Person.name, Person.pinyin, Person.birth_on, Person.residence_area_id,
                       Person.merged_into_id)
            .joinedload(Person.residence_area).joinedload(Area.parent),
        )
    )  # fmt: skip
    return list(db.session.scalars(statement))


def seekers(
    learners: Iterable[Learner], people: sa.Select[tuple[int]], today: date
) -> dict[int, Seeker]:
    """What matching needs of each learner; six queries however many. people: their ids, as a query."""
    needs, wants = _needs(people)
    skills: dict[int, dict[int, Any]] = defaultdict(dict)
    has = sa.select(LearnerSkill.person_id, LearnerSkill.skill_id, LearnerSkill.level)
    for person_id, skill_id, level in db.session.execute(
        has.where(LearnerSkill.person_id.in_(people))
    ):
        skills[person_id][skill_id] = level
    learns: dict[int, set[int]] = defaultdict(set)
    taught = (
        sa.select(Enrolment.person_id, Course.skill_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Course, Course.id == Cohort.course_id)
        .where(Enrolment.person_id.in_(people), Enrolment.state.in_(_LEARNING))
    )
    for person_id, skill_id in db.session.execute(taught):
        learns[person_id].add(skill_id)
    hardship = set(db.session.scalars(
        sa.select(HardshipTag.person_id).where(
            HardshipTag.person_id.in_(people), HardshipTag.from_on <= today,
            sa.or_(HardshipTag.until_on.is_(None), HardshipTag.until_on >= today),
        )
    ))  # fmt: skip
    # Under the record that counts: what happened before a merge stays where it was.
    record = aliased(Person)
    kept = sa.select(sa.func.coalesce(record.merged_into_id, record.id)).where(
        record.id.in_(people)
    )
    jobs = sa.select(Person.id, Placement.employer_name).join(Placement.person).where(
        Person.id.in_(kept), Placement.state.in_(_AT_WORK)
    )  # fmt: skip
    at_work = {person_id: name for person_id, name in db.session.execute(jobs)}
    return {
        person_id: Seeker(
            person_id, needs.get(person_id), skills[person_id], frozenset(learns[person_id]),
            frozenset(wants[person_id]),
            row.person.residence_area.code if row.person.residence_area else None,
            person_id in hardship, row.unemployed_since, at_work.get(_kept(row)),
        )
        for person_id, row in ((one.person_id, one) for one in learners)
    }  # fmt: skip


def _kept(row: Learner) -> int:
    """The record that counts, into which hers may have been merged."""
    return row.person.merged_into_id or row.person_id


def _needs(people: sa.Select[tuple[int]]) -> tuple[dict[int, Need], dict[int, set[int]]]:
    """The latest assessment of each, and the skills wanted in it."""
    place = sa.func.row_number().over(
        partition_by=NeedsAssessment.person_id,
        order_by=(NeedsAssessment.asked_on.desc(), NeedsAssessment.recorded_at.desc(),
                  NeedsAssessment.id.desc()),
    )  # fmt: skip
    named = (
        "weekdays", "free_from_min", "free_until_min", "children_under_12", "mobility", "reach",
        "wants_work", "wants_home_work", "wants_venture", "least_wage_fen",
    )  # fmt: skip
    ranked = (
        sa.select(NeedsAssessment.person_id, NeedsAssessment.id, place.label("place"),
                  *(getattr(NeedsAssessment, name) for name in named))
        .where(NeedsAssessment.person_id.in_(people))
        .subquery()
    )  # fmt: skip
    rows = list(db.session.execute(sa.select(ranked).where(ranked.c.place == 1)))
    needs = {row.person_id: Need(**{name: getattr(row, name) for name in named}) for row in rows}
    wants: dict[int, set[int]] = defaultdict(set)
    latest = {row.id for row in rows}
    wanted = sa.select(WantedSkill.person_id, WantedSkill.needs_id, WantedSkill.skill_id).where(
        WantedSkill.person_id.in_(people)
    )
    for person_id, needs_id, skill_id in db.session.execute(wanted):
        if needs_id in latest:
            wants[person_id].add(skill_id)
    return needs, wants


def candidates(row: Vacancy, today: date, site_ids: frozenset[int] | None) -> list[Candidate]:
    """The women of these sites for a vacancy, best first; whoever is referred there already is left out."""
    at_site = sa.true() if site_ids is None else Learner.home_site_id.in_(site_ids)
    people = _people(today, at_site)
    learners = {one.person_id: one for one in _learners(people)}
    there = (
        sa.select(Person.id, Placement.state)
        .join(Placement.person)
        .where(Placement.vacancy_id == row.id)
    )
    states: dict[int, list[PlacementState]] = defaultdict(list)
    for person_id, state in db.session.execute(there):
        states[person_id].append(state)
    free = [one for one in learners.values()
            if not any(state.is_open for state in states[_kept(one)])]  # fmt: skip
    found = matching.candidates(post_of(row), seekers(free, people, today).values())
    return [
        Candidate(
            learners[seeker.person_id], seeker, fit, bool(states[_kept(learners[seeker.person_id])])
        )
        for seeker, fit in found
    ]


def offers(learner: Learner, today: date) -> list[Offer]:
    """The open vacancies for a woman, best first."""
    rows, hers = {row.id: row for row in open_vacancies(today)}, records_of(_kept(learner))
    states = {
        vacancy_id: state
        for vacancy_id, state in db.session.execute(
            sa.select(Placement.vacancy_id, Placement.state).where(
                Placement.person_id.in_(hers), Placement.vacancy_id.in_(rows)
            )
        )
        if state.is_open
    }
    seeker = seekers([learner], hers, today)[learner.person_id]
    ranked = matching.vacancies(seeker, [post_of(row) for row in rows.values()])
    return [Offer(rows[post.vacancy_id], fit, states.get(post.vacancy_id)) for post, fit in ranked]
