"""Reads that several pages and the report share. A constant number of queries, however many rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core.db import db
from core.people.models import Person
from workshop.models import Attendance, Cohort, Enrolment, Learner, Session
from workshop.rules.hours import Figures, figures
from workshop.values import Held, SessionState

Pair = tuple[int, int]  # person_id, cohort_id


def is_her_record() -> sa.ColumnElement[bool]:
    """Whether lists show a learner under this record; to be used where Person is the learner's.

    A merge moves no history: a record that was merged stays in lists while the one that is left
    is no learner's.
    """
    left = aliased(Learner)
    return sa.or_(
        Person.merged_into_id.is_(None),
        ~sa.exists().where(left.person_id == Person.merged_into_id),
    )


def held_of(enrolments: Iterable[Enrolment], now: datetime) -> Mapping[Pair, list[Held]]:
    """For each enrolment the sessions of its cohort while she was in it, with her marks, by time.

    A make-up elsewhere stands with the session it makes up, unless that other one was cancelled. Two
    queries.
    """
    wanted = [(one.person_id, one.cohort_id, one.joined_on, one.left_on) for one in enrolments]
    cohort_ids = {cohort_id for _, cohort_id, _, _ in wanted}
    people = {person_id for person_id, _, _, _ in wanted}
    if not wanted:
        return {}
    sessions: dict[int, list[Session]] = defaultdict(list)
    for row in db.session.scalars(
        sa.select(Session)
        .where(Session.cohort_id.in_(cohort_ids), Session.state == SessionState.PLANNED)
        .order_by(Session.on, Session.starts_min, Session.id)
    ):
        sessions[row.cohort_id].append(row)
    own: dict[Pair, Attendance] = {}
    made_up: dict[Pair, Attendance] = {}
    for mark in db.session.scalars(
        sa.select(Attendance)
        .join(Session, Session.id == Attendance.session_id)
        .where(
            Attendance.cohort_id.in_(cohort_ids), Attendance.person_id.in_(people),
            Session.state == SessionState.PLANNED,
        )
    ):  # fmt: skip
        if mark.makes_up_id is None:
            own[mark.person_id, mark.session_id] = mark
        else:
            made_up[mark.person_id, mark.makes_up_id] = mark
    found: dict[Pair, list[Held]] = {}
    for person_id, cohort_id, joined_on, left_on in wanted:
        found[person_id, cohort_id] = [
            _held(each, own.get((person_id, each.id)), made_up.get((person_id, each.id)), now)
            for each in sessions[cohort_id]
            if (joined_on is None or each.on >= joined_on)
            and (left_on is None or each.on <= left_on)
        ]
    return found


def _held(
    session: Session, mark: Attendance | None, elsewhere: Attendance | None, now: datetime
) -> Held:
    credited = mark.credited_min if mark else 0
    if elsewhere:
        credited = min(session.taught_min, credited + elsewhere.credited_min)
    return Held(
        session.id, session.on, session.starts_min, session.taught_min,
        is_over=session.ends_at <= now, status=mark.status if mark else None,
        credited_min=credited, is_made_up=elsewhere is not None,
    )  # fmt: skip


def figures_of(
    enrolments: Iterable[Enrolment], cohorts: Mapping[int, Cohort], now: datetime
) -> Mapping[Pair, Figures]:
    """The three figures of each enrolment. cohorts: by id, those of the enrolments at least."""
    rows = list(enrolments)
    held = held_of(rows, now)
    return {
        (one.person_id, one.cohort_id): figures(
            held[one.person_id, one.cohort_id], cohorts[one.cohort_id].planned_min, one.carried_min
        )
        for one in rows
    }
