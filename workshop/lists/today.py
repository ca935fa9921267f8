"""The sessions of a day, and past ones of which somebody is still unmarked; how full each sheet is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.db import db
from workshop.models import Attendance, Cohort, Enrolment, Session
from workshop.roster import on_the_sheet
from workshop.values import CohortState, SessionState

# Older gaps are the office's: they stand on the list of those at risk, and before the report is issued.
LOOK_BACK_DAYS = 60


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session, how many stand on its sheet, and how many of them are marked."""

    session: Session
    learners: int
    marked: int

    @property
    def unmarked(self) -> int:
        return self.learners - self.marked


def _counted(*conditions: sa.ColumnElement[bool]) -> sa.Select[tuple[Session, int, int]]:
    on_sheet = on_the_sheet(Session.cohort_id, Session.on)
    learners = (
        sa.select(sa.func.count()).select_from(Enrolment).where(on_sheet)
        .correlate(Session).scalar_subquery()
    )  # fmt: skip
    marked = (
        sa.select(sa.func.count()).select_from(Enrolment)
        .join(Attendance, sa.and_(
            Attendance.person_id == Enrolment.person_id, Attendance.session_id == Session.id,
        ))
        .where(on_sheet).correlate(Session).scalar_subquery()
    )  # fmt: skip
    return (
        sa.select(Session, learners, marked)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(Cohort.state != CohortState.CANCELLED, *conditions)
        .options(joinedload(Session.cohort), joinedload(Session.room), joinedload(Session.trainer),
                 joinedload(Session.substitute))
    )  # fmt: skip


def sessions_on(day: date, visible: sa.ColumnElement[bool]) -> list[Meeting]:
    """The sessions of one day that an actor sees, by time; cancelled ones too, so that nobody waits for them."""
    statement = _counted(Session.on == day, visible)
    rows = db.session.execute(statement.order_by(Session.starts_min, Session.id))
    return [Meeting(*row) for row in rows]


def still_unmarked(
    today: date, minute: int, visible: sa.ColumnElement[bool], since: date | None = None
) -> list[Meeting]:
    """Sessions that are over and of which somebody is unmarked, the latest first.

    minute: of today, after midnight. since: no further back than this day.
    """
    since = since or today - timedelta(days=LOOK_BACK_DAYS)
    is_over = sa.or_(Session.on < today, sa.and_(Session.on == today, Session.ends_min <= minute))
    statement = _counted(
        Session.state == SessionState.PLANNED,
        Session.on >= since,
        Session.on <= today,
        is_over,
        visible,
    )
    rows = db.session.execute(statement.order_by(Session.on.desc(), Session.starts_min.desc()))
    return [one for one in (Meeting(*row) for row in rows) if one.unmarked > 0]


def next_days(today: date, visible: sa.ColumnElement[bool], most: int = 5) -> Sequence[Session]:
    """The sessions that come next after a day, for entering leave ahead."""
    return db.session.scalars(
        sa.select(Session).join(Cohort, Cohort.id == Session.cohort_id)
        .where(Session.on > today, Session.on <= today + timedelta(days=14),
               Session.state == SessionState.PLANNED, Cohort.state != CohortState.CANCELLED, visible)
        .options(joinedload(Session.cohort), joinedload(Session.room))
        .order_by(Session.on, Session.starts_min, Session.id).limit(most)
    ).all()  # fmt: skip
