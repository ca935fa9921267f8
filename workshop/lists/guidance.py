"""Guidance as lists: next steps that wait, and meetings by month. Notes are in neither."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, defer, joinedload

from core.clock import Month
from core.db import db
from core.people.models import Person
from core.people.records import records_of
from core.people.search import matching
from core.sites.models import Area
from workshop.models import GuidanceMeeting, Venture

# What a list shows of a person: without the encrypted columns, which cost time to open.
PERSON_IN_LIST = (
    Person.name, Person.pinyin, Person.sex, Person.birth_on, Person.standing, Person.is_practice,
    Person.residence_area_id,
)  # fmt: skip


@dataclass(frozen=True)
class GuidanceQuery:
    """What the lists are filtered by. site_ids None means every site; month None every month."""

    site_ids: frozenset[int] | None
    q: str = ""
    mentor: str | None = None
    site_id: int | None = None
    month: Month | None = None
    person_id: int | None = None


def meetings(query: GuidanceQuery) -> sa.Select[tuple[GuidanceMeeting]]:
    """The meetings of a month that stand, newest first."""
    statement = _filtered(_rows(), query)
    if query.month is not None:
        statement = statement.where(
            GuidanceMeeting.on >= query.month.first, GuidanceMeeting.on <= query.month.last
        )
    return statement.order_by(GuidanceMeeting.on.desc(), GuidanceMeeting.id.desc())


def next_steps(query: GuidanceQuery) -> sa.Select[tuple[GuidanceMeeting]]:
    """The meetings whose next step waits, whatever their month; what is due first comes first."""
    return (
        _filtered(_rows(), query).where(_waits())
        .order_by(GuidanceMeeting.next_on, Person.pinyin, GuidanceMeeting.id)
    )  # fmt: skip


def _waits() -> sa.ColumnElement[bool]:
    return sa.and_(GuidanceMeeting.next_on.is_not(None), GuidanceMeeting.next_done_on.is_(None))


def _rows() -> sa.Select[tuple[GuidanceMeeting]]:
    return (
        sa.select(GuidanceMeeting)
        .join(GuidanceMeeting.person)
        .options(
            contains_eager(GuidanceMeeting.person).load_only(*PERSON_IN_LIST)
            .joinedload(Person.residence_area).joinedload(Area.parent),
            joinedload(GuidanceMeeting.venture).defer(Venture.plan),
            joinedload(GuidanceMeeting.site), defer(GuidanceMeeting.notes),
        )
    )  # fmt: skip


def _filtered(
    statement: sa.Select[tuple[GuidanceMeeting]], query: GuidanceQuery
) -> sa.Select[tuple[GuidanceMeeting]]:
    statement = statement.where(*_conditions(query))
    if query.q:
        statement = statement.where(matching(query.q))
    return statement


def _conditions(query: GuidanceQuery) -> list[sa.ColumnElement[bool]]:
    meeting = GuidanceMeeting
    conditions = [meeting.voided_at.is_(None), ~Person.is_practice]
    if query.site_ids is not None:
        conditions.append(meeting.site_id.in_(query.site_ids))
    if query.person_id is not None:
        conditions.append(meeting.person_id.in_(records_of(query.person_id)))
    for column, value in ((meeting.site_id, query.site_id), (meeting.mentor, query.mentor)):
        if value is not None:
            conditions.append(column == value)
    return conditions


@dataclass(frozen=True)
class Totals:
    """What the filters let through, summed: meetings, women, minutes."""

    meetings: int
    people: int
    minutes: int


def totals(query: GuidanceQuery) -> Totals:
    """The sums above the list of meetings."""
    row = meetings(query).with_only_columns(
        Person.id.label("person_id"), GuidanceMeeting.minutes, maintain_column_froms=True,
    ).options().order_by(None).subquery().c  # fmt: skip
    found = db.session.execute(sa.select(
        sa.func.count(), sa.func.count(sa.distinct(row.person_id)),
        sa.func.coalesce(sa.func.sum(row.minutes), 0),
    )).one()  # fmt: skip
    return Totals(*(int(value) for value in found))


def due_count(site_ids: frozenset[int] | None, until: date) -> tuple[int, int]:
    """How many next steps are due up to a day, and how many of them before it."""
    statement = (
        next_steps(GuidanceQuery(site_ids)).where(GuidanceMeeting.next_on <= until)
        .with_only_columns(GuidanceMeeting.next_on, maintain_column_froms=True)
        .order_by(None)
    )  # fmt: skip
    row = statement.subquery().c
    found = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.case((row.next_on < until, 1))))
    ).one()
    return int(found[0]), int(found[1])


def mentors(site_ids: frozenset[int] | None) -> list[str]:
    """Whoever has mentored somebody at these sites, for filters and to choose from."""
    statement = (
        sa.select(GuidanceMeeting.mentor)
        .where(GuidanceMeeting.voided_at.is_(None))
        .distinct()
        .order_by(GuidanceMeeting.mentor)
    )
    if site_ids is not None:
        statement = statement.where(GuidanceMeeting.site_id.in_(site_ids))
    return list(db.session.scalars(statement))


def meetings_of(person_id: int) -> list[GuidanceMeeting]:
    """Every meeting of one woman, newest first, with notes; voided ones too."""
    return list(db.session.scalars(
        sa.select(GuidanceMeeting)
        .where(GuidanceMeeting.person_id == person_id)
        .options(
            joinedload(GuidanceMeeting.venture).defer(Venture.plan),
            joinedload(GuidanceMeeting.site),
        )
        .order_by(GuidanceMeeting.on.desc(), GuidanceMeeting.id.desc())
    ))  # fmt: skip
