"""What stands in the way of a session: a room, a trainer or a learner who is elsewhere at that time.

Whoever writes asks inside the transaction: each question then holds the timetable until the commit,
so that of two who want one room at the same moment the second sees what the first wrote. Rows of
cohorts are locked before it, never after.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from core.people.models import Person
from core.sites.models import Site, SiteKind
from workshop.models import Enrolment, Session
from workshop.rules.schedule import overlap
from workshop.values import EnrolmentState, SessionState

# Whoever has a seat is expected in each session from the day she joined.
EXPECTED = (EnrolmentState.ADMITTED, EnrolmentState.TRAINING)


class ClashKind(StrEnum):
    COHORT = "cohort"  # the cohort itself has a session then
    ROOM = "room"
    TRAINER = "trainer"
    LEARNER = "learner"


@dataclass(frozen=True)
class Wanted:
    """A time that somebody wants for a cohort: minutes after midnight of a day, half-open.

    teacher_id: who would hold it. except_id: the session that is moved, which never stands in its
    own way.
    """

    cohort_id: int
    on: date
    starts_min: int
    ends_min: int
    room_id: int | None = None
    teacher_id: int | None = None
    except_id: int | None = None


@dataclass(frozen=True)
class Clash:
    """One thing that stands in the way. who: the learner's name, for those; session: what is there."""

    kind: ClashKind
    wanted: Wanted
    session: Session
    person_id: int | None = None
    who: str = ""


def hold_timetable(session: DbSession) -> None:
    """Let nobody else change when, where and by whom anything is taught before this transaction ends.

    A learner and a trainer may be at two workshops, so it is one timetable for all of them. Outside
    a transaction, where a page only asks, nothing is held.
    """
    if not session.info.get("writing"):
        return
    # Without KEY, so that rows that only point at a workshop go on being written meanwhile.
    session.execute(
        sa.select(Site.id)
        .where(Site.kind == SiteKind.WORKSHOP)
        .order_by(Site.id)
        .with_for_update(key_share=True)
    ).all()


def teacher_of() -> sa.ColumnElement[int | None]:
    """Who holds a session: whoever stands in, else its trainer."""
    return sa.func.coalesce(Session.substitute_id, Session.trainer_id)


def clashes(session: DbSession, wanted: Sequence[Wanted]) -> list[Clash]:
    """Everything that stands in the way of these times, in their order. A constant number of queries.

    The times are those of one cohort.
    """
    hold_timetable(session)
    if not wanted:
        return []
    there = _sessions_on(session, {one.on for one in wanted})
    people = _expected(session, {one.cohort_id for one in wanted}, there)
    found: list[Clash] = []
    for one in wanted:
        for other in there[one.on]:
            if other.id != one.except_id and overlap(
                one.starts_min, one.ends_min, other.starts_min, other.ends_min
            ):
                found += _between(one, other, people)
    return found


def _between(
    one: Wanted, other: Session, people: dict[int, dict[int, tuple[date | None, str]]]
) -> Iterator[Clash]:
    if other.cohort_id == one.cohort_id:
        yield Clash(ClashKind.COHORT, one, other)
        return
    if one.room_id is not None and other.room_id == one.room_id:
        yield Clash(ClashKind.ROOM, one, other)
    teacher_id = other.substitute_id or other.trainer_id
    if one.teacher_id is not None and teacher_id == one.teacher_id:
        yield Clash(ClashKind.TRAINER, one, other)
    own, theirs = people.get(one.cohort_id, {}), people.get(other.cohort_id, {})
    for person_id in own.keys() & theirs.keys():
        joined = [own[person_id][0], theirs[person_id][0]]
        if all(day is None or day <= one.on for day in joined):
            yield Clash(ClashKind.LEARNER, one, other, person_id, own[person_id][1])


def _sessions_on(session: DbSession, days: Collection[date]) -> dict[date, list[Session]]:
    rows: dict[date, list[Session]] = defaultdict(list)
    for row in session.scalars(
        sa.select(Session)
        .where(Session.on.in_(days), Session.state == SessionState.PLANNED)
        .options(joinedload(Session.cohort), joinedload(Session.room), joinedload(Session.trainer),
                 joinedload(Session.substitute))
        .order_by(Session.on, Session.starts_min, Session.id)
    ):  # fmt: skip
        rows[row.on].append(row)
    return rows


def _expected(
    session: DbSession, cohort_ids: set[int], there: dict[date, list[Session]]
) -> dict[int, dict[int, tuple[date | None, str]]]:
    """By cohort and person: since when she is expected, and her name. Only of those in two of them."""
    others = {row.cohort_id for rows in there.values() for row in rows}
    own = sa.select(Enrolment.person_id).where(
        Enrolment.cohort_id.in_(cohort_ids), Enrolment.state.in_(EXPECTED)
    )
    rows = session.execute(
        sa.select(Enrolment.cohort_id, Enrolment.person_id, Enrolment.joined_on, Person.name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.cohort_id.in_(cohort_ids | others), Enrolment.state.in_(EXPECTED),
            Enrolment.person_id.in_(own),
        )
        .order_by(Enrolment.person_id)
    )  # fmt: skip
    people: dict[int, dict[int, tuple[date | None, str]]] = defaultdict(dict)
    for cohort_id, person_id, joined_on, name in rows:
        people[cohort_id][person_id] = (joined_on, name)
    return people


def clashing_sessions(
    session: DbSession,
    *,
    on: date,
    starts_min: int,
    ends_min: int,
    person_ids: Iterable[int] | None = None,
    cohort_id: int | None = None,
    except_cohort_id: int | None = None,
) -> list[tuple[int, Session]]:
    """Where these people, or the learners of a cohort, are expected at a time: (person_id, session).

    except_cohort_id: whose own sessions do not count. By person, then by time.
    """
    hold_timetable(session)
    statement = (
        sa.select(Enrolment.person_id, Session)
        .join(Session, Session.cohort_id == Enrolment.cohort_id)
        .where(
            Enrolment.state.in_(EXPECTED), Session.state == SessionState.PLANNED, Session.on == on,
            Session.starts_min < ends_min, Session.ends_min > starts_min,
            sa.or_(Enrolment.joined_on.is_(None), Enrolment.joined_on <= on),
        )
        .options(joinedload(Session.cohort), joinedload(Session.room))
        .order_by(Enrolment.person_id, Session.starts_min, Session.id)
    )  # fmt: skip
    if person_ids is not None:
        statement = statement.where(Enrolment.person_id.in_(list(person_ids)))
    if cohort_id is not None:
        of_cohort = sa.select(Enrolment.person_id).where(
            Enrolment.cohort_id == cohort_id, Enrolment.state.in_(EXPECTED)
        )
        statement = statement.where(Enrolment.person_id.in_(of_cohort))
        except_cohort_id = except_cohort_id if except_cohort_id is not None else cohort_id
    if except_cohort_id is not None:
        statement = statement.where(Session.cohort_id != except_cohort_id)
    return [(person_id, row) for person_id, row in session.execute(statement)]


def clashes_of_learner(
    session: DbSession, person_id: int, cohort_id: int, *, from_on: date | None = None,
    leaving_id: int | None = None,
) -> list[tuple[Session, Session]]:  # fmt: skip
    """Pairs that would overlap if she had a seat in a cohort: (a session of it, hers elsewhere).

    from_on: only from this day on. leaving_id: the cohort she leaves for it, by a transfer. Empty
    when nothing stands in the way. Two queries.
    """
    hold_timetable(session)
    wanted = (
        sa.select(Session)
        .where(Session.cohort_id == cohort_id, Session.state == SessionState.PLANNED)
        .order_by(Session.on, Session.starts_min, Session.id)
    )
    theirs = (
        sa.select(Session)
        .join(Enrolment, Enrolment.cohort_id == Session.cohort_id)
        .where(
            Enrolment.person_id == person_id, Enrolment.state.in_(EXPECTED),
            Session.state == SessionState.PLANNED,
            Session.cohort_id.not_in([cohort_id, *([] if leaving_id is None else [leaving_id])]),
            sa.or_(Enrolment.joined_on.is_(None), Enrolment.joined_on <= Session.on),
        )
        .options(joinedload(Session.cohort), joinedload(Session.room))
        .order_by(Session.on, Session.starts_min, Session.id)
    )  # fmt: skip
    if from_on is not None:
        wanted, theirs = wanted.where(Session.on >= from_on), theirs.where(Session.on >= from_on)
    by_day: dict[date, list[Session]] = defaultdict(list)
    for row in session.scalars(theirs):
        by_day[row.on].append(row)
    return [
        (one, other)
        for one in session.scalars(wanted)
        for other in by_day[one.on]
        if overlap(one.starts_min, one.ends_min, other.starts_min, other.ends_min)
    ]
