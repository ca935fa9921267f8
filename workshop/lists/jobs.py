"""Lists of employers, vacancies, placements and follow-ups: statements, and what their rows say besides."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, defer, joinedload

from core.clock import Month, service_day
from core.db import db
from core.people.models import Person
from core.people.records import records_of
from core.people.search import matching
from core.sites.models import Area
from workshop.models import (
    Employer,
    FollowUp,
    FollowUpAttempt,
    Learner,
    Placement,
    Vacancy,
)
from workshop.values import (
    CLOSED_REASON,
    FILLED_REASON,
    Channel,
    PlacementState,
    VacancyState,
)

PERSON_IN_LIST = (Person.name, Person.pinyin, Person.birth_on, Person.residence_area_id)


class EmployerState(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"


def employers(q: str, state: EmployerState) -> sa.Select[tuple[Employer]]:
    """Employers by part of their name; the micro-factory first."""
    statement = (
        sa.select(Employer)
        .where(Employer.is_active == (state is EmployerState.ACTIVE))
        .options(joinedload(Employer.area), defer(Employer.phone))
        .order_by(Employer.is_micro_factory.desc(), Employer.name, Employer.id)
    )
    return statement.where(Employer.name.contains(q, autoescape=True)) if q else statement


def recruits(today: date) -> sa.ColumnElement[bool]:
    """Which vacancies a woman can be referred to on this day."""
    is_on = sa.or_(Vacancy.closes_on.is_(None), Vacancy.closes_on >= today)
    return sa.and_(Vacancy.state == VacancyState.OPEN, is_on)


@dataclass(frozen=True)
class EmployerCounts:
    """Openings still free, and women at work there now."""

    free: int
    at_work: int


def counts_of(rows: Iterable[Employer], today: date) -> dict[int, EmployerCounts]:
    """What the list of employers says besides; two queries."""
    ids = [row.id for row in rows]
    free = {n: int(count) for n, count in db.session.execute(
        sa.select(Vacancy.employer_id, sa.func.sum(Vacancy.openings - Vacancy.openings_used))
        .where(Vacancy.employer_id.in_(ids), recruits(today))
        .group_by(Vacancy.employer_id)
    )}  # fmt: skip
    at_work = {n: count for n, count in db.session.execute(
        sa.select(Placement.employer_id, sa.func.count())
        .where(Placement.employer_id.in_(ids),
               Placement.state.in_((PlacementState.STARTED, PlacementState.VERIFIED)))
        .group_by(Placement.employer_id)
    )}  # fmt: skip
    return {n: EmployerCounts(free.get(n, 0), at_work.get(n, 0)) for n in ids}


@dataclass(frozen=True)
class VacancyQuery:
    q: str = ""
    state: VacancyState | None = VacancyState.OPEN
    skill_id: int | None = None
    mothers_only: bool = False
    employer_id: int | None = None


def vacancies(query: VacancyQuery) -> sa.Select[tuple[Vacancy]]:
    """Vacancies, the newest first."""
    statement = (
        sa.select(Vacancy)
        .join(Vacancy.employer)
        .options(contains_eager(Vacancy.employer).options(joinedload(Employer.area),
                                                          defer(Employer.phone)),
                 joinedload(Vacancy.skill), joinedload(Vacancy.area))
        .order_by(Vacancy.opened_on.desc(), Vacancy.id.desc())
    )  # fmt: skip
    if query.q:
        statement = statement.where(sa.or_(
            Vacancy.title.contains(query.q, autoescape=True),
            Employer.name.contains(query.q, autoescape=True),
        ))  # fmt: skip
    if query.state is not None:
        statement = statement.where(Vacancy.state == query.state)
    if query.skill_id is not None:
        statement = statement.where(Vacancy.skill_id == query.skill_id)
    if query.mothers_only:
        statement = statement.where(Vacancy.is_mothers_post)
    if query.employer_id is not None:
        statement = statement.where(Vacancy.employer_id == query.employer_id)
    return statement


def waiting_of(rows: Iterable[Vacancy], site_ids: frozenset[int] | None) -> Counter[int]:
    """How many are referred or at interview, by vacancy; of these sites. One query."""
    statement = (
        sa.select(Placement.vacancy_id, sa.func.count())
        .where(Placement.vacancy_id.in_([row.id for row in rows]),
               Placement.state.in_((PlacementState.REFERRED, PlacementState.INTERVIEW)),
               at_sites(site_ids))
        .group_by(Placement.vacancy_id)
    )  # fmt: skip
    return Counter({n: count for n, count in db.session.execute(statement) if n is not None})


def at_sites(site_ids: frozenset[int] | None) -> sa.ColumnElement[bool]:
    """Which placements belong to these sites; None means all."""
    return sa.true() if site_ids is None else Placement.site_id.in_(site_ids)


class MonthOf(StrEnum):
    """By which of its days a placement belongs to a month."""

    VERIFIED = "verified"
    STARTED = "started"
    LEFT = "left"


@dataclass(frozen=True)
class PlacementQuery:
    """What the list is filtered by. site_ids None means every site."""

    site_ids: frozenset[int] | None = None
    q: str = ""
    person_id: int | None = None
    site_id: int | None = None
    state: PlacementState | None = None
    channel: Channel | None = None
    month: Month | None = None
    month_of: MonthOf = MonthOf.VERIFIED
    vacancy_id: int | None = None
    employer_id: int | None = None


def placements(query: PlacementQuery) -> sa.Select[tuple[Placement]]:
    """Placements, what changed last first."""
    statement = (
        sa.select(Placement)
        .join(Placement.person)
        .where(at_sites(query.site_ids))
        .options(
            contains_eager(Placement.person).load_only(*PERSON_IN_LIST)
            .joinedload(Person.residence_area).joinedload(Area.parent),
            defer(Placement.note),
        )
        .order_by(Placement.changed_at.desc(), Placement.id.desc())
    )  # fmt: skip
    if query.q:
        statement = statement.where(matching(query.q))
    for column, value in (
        (Placement.site_id, query.site_id), (Placement.state, query.state),
        (Placement.channel, query.channel),
        (Placement.vacancy_id, query.vacancy_id), (Placement.employer_id, query.employer_id),
    ):  # fmt: skip
        if value is not None:
            statement = statement.where(column == value)
    if query.person_id is not None:
        statement = statement.where(Placement.person_id.in_(records_of(query.person_id)))
    if query.month is not None:
        day = {
            MonthOf.VERIFIED: Placement.verified_on, MonthOf.STARTED: Placement.started_on,
            MonthOf.LEFT: Placement.left_on,
        }[query.month_of]  # fmt: skip
        statement = statement.where(day.between(query.month.first, query.month.last))
    return statement


def _was_ended(vacancy_id: int, site_ids: frozenset[int] | None) -> sa.ColumnElement[bool]:
    # Referred there again since, she is told of that; ids sort by the time they were made.
    again = aliased(Placement)
    later = sa.exists().where(
        again.person_id == Placement.person_id, again.vacancy_id == vacancy_id,
        again.id > Placement.id,
    )  # fmt: skip
    return sa.and_(
        ~later,
        Placement.vacancy_id == vacancy_id, Placement.state == PlacementState.NOT_HIRED,
        Placement.end_reason.in_((FILLED_REASON, CLOSED_REASON)), at_sites(site_ids),
    )  # fmt: skip


def to_tell(vacancy_id: int, site_ids: frozenset[int] | None) -> list[Placement]:
    """Whose referral ended because the vacancy was filled or closed, those not told first; with telephones."""
    return list(db.session.scalars(
        sa.select(Placement)
        .where(_was_ended(vacancy_id, site_ids))
        .options(joinedload(Placement.person).load_only(Person.name, Person.phone))
        .order_by(Placement.told_at.is_not(None), Placement.changed_at.desc(), Placement.person_id)
    ))  # fmt: skip


def to_tell_count(vacancy_id: int, site_ids: frozenset[int] | None) -> int:
    """How many of them nobody has told yet."""
    statement = sa.select(sa.func.count()).select_from(Placement)
    untold = sa.and_(_was_ended(vacancy_id, site_ids), Placement.told_at.is_(None))
    return db.session.scalar(statement.where(untold)) or 0


class FollowUpList(StrEnum):
    DUE = "due"
    AHEAD = "ahead"
    DONE = "done"


@dataclass(frozen=True)
class FollowUpQuery:
    """What the work list shows. coordinator_id: only women of this coordinator."""

    today: date
    show: FollowUpList = FollowUpList.DUE
    site_ids: frozenset[int] | None = None
    coordinator_id: int | None = None


def follow_ups(query: FollowUpQuery) -> sa.Select[Any]:
    """Rows of (follow-up, placement, learner): what is due by its day, the longest overdue first."""
    statement = (
        sa.select(FollowUp, Placement, Learner)
        .join(Placement, sa.and_(Placement.person_id == FollowUp.person_id,
                                 Placement.id == FollowUp.placement_id))
        .join(Learner, Learner.person_id == FollowUp.person_id)
        .where(at_sites(query.site_ids))
        .options(joinedload(Placement.person).load_only(*PERSON_IN_LIST)
                 .joinedload(Person.residence_area).joinedload(Area.parent))
    )  # fmt: skip
    if query.coordinator_id is not None:
        statement = statement.where(Learner.coordinator_id == query.coordinator_id)
    if query.show is FollowUpList.DONE:
        done = statement.where(FollowUp.outcome.is_not(None))
        return done.order_by(FollowUp.done_at.desc(), FollowUp.person_id, FollowUp.after_days)
    is_due = FollowUp.next_on <= query.today
    wanted = is_due if query.show is FollowUpList.DUE else ~is_due
    return statement.where(FollowUp.outcome.is_(None), wanted).order_by(
        FollowUp.next_on, FollowUp.due_on, FollowUp.person_id, FollowUp.after_days
    )


@dataclass(frozen=True)
class Words:
    """What she said last, when, and how often nobody reached her for this follow-up."""

    text: str | None
    at: date | None
    tries: int


def last_words(
    keys: Iterable[tuple[int, UUID, int]],
) -> dict[tuple[int, UUID, int], Words]:
    """For each follow-up what was noted last about her job, by try or outcome. Two queries."""
    listed = list(keys)
    people, jobs = {n for n, _, _ in listed}, {job for _, job, _ in listed}
    said: dict[UUID, list[tuple[Any, str]]] = {}
    tries: Counter[tuple[int, UUID, int]] = Counter()
    for one in db.session.scalars(
        sa.select(FollowUpAttempt).where(FollowUpAttempt.person_id.in_(people),
                                         FollowUpAttempt.placement_id.in_(jobs))
    ):  # fmt: skip
        if one.put_off_to is None:
            tries[one.person_id, one.placement_id, one.after_days] += 1
        if one.note:
            said.setdefault(one.placement_id, []).append((one.at, one.note))
    for row in db.session.scalars(
        sa.select(FollowUp).where(FollowUp.person_id.in_(people), FollowUp.placement_id.in_(jobs),
                                  FollowUp.outcome.is_not(None))
    ):  # fmt: skip
        if row.note and row.done_at:
            said.setdefault(row.placement_id, []).append((row.done_at, row.note))
    found = {}
    for key in listed:
        latest = max(said.get(key[1], []), default=None)
        found[key] = Words(
            latest[1] if latest else None, service_day(latest[0]) if latest else None, tries[key]
        )
    return found


def due_counts(today: date, site_ids: frozenset[int] | None) -> tuple[int, int]:
    """How many follow-ups are due today, and how many were due before. One query."""
    row = db.session.execute(
        sa.select(
            sa.func.count().filter(FollowUp.next_on == today),
            sa.func.count().filter(FollowUp.next_on < today),
        )
        .select_from(FollowUp)
        .join(Placement, sa.and_(Placement.person_id == FollowUp.person_id,
                                 Placement.id == FollowUp.placement_id))
        .where(FollowUp.outcome.is_(None), at_sites(site_ids))
    ).one()  # fmt: skip
    return int(row[0]), int(row[1])


def unverified_count(site_ids: frozenset[int] | None) -> int:
    """How many have started and are not verified."""
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(Placement)
        .where(Placement.state == PlacementState.STARTED, at_sites(site_ids))
    ) or 0  # fmt: skip


def empty_vacancies(today: date) -> int:
    """How many vacancies recruit and have nobody referred or at interview."""
    waits = sa.exists().where(
        Placement.vacancy_id == Vacancy.id,
        Placement.state.in_((PlacementState.REFERRED, PlacementState.INTERVIEW)),
    )
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(Vacancy)
        .where(recruits(today), ~waits)
    ) or 0  # fmt: skip
