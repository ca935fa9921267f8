"""What is taught and where: courses with their usual policy, and the rooms of a workshop."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Site, SiteKind
from workshop.actions.clashes import hold_timetable
from workshop.models import Course, Room, Session, Skill
from workshop.values import Policy, SessionState, SkillLevel


@dataclass(frozen=True)
class CourseFacts:
    """What an office says of a course; class_hours are 学时 of policy.class_hour_min each."""

    name: str
    skill_id: int
    level: SkillLevel
    class_hours: int
    policy: Policy = field(default_factory=Policy)
    content: str = ""
    is_active: bool = True


def _course_values(facts: CourseFacts) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in
              ("name", "skill_id", "level", "class_hours", "content", "is_active")}  # fmt: skip
    return {**values, **asdict(facts.policy)}


def _shown_course(row: Course) -> dict[str, Any]:
    return {name: getattr(row, name) for name in
            ("name", "skill_id", "level", "class_hours", "content", "is_active")} | asdict(row.policy)  # fmt: skip


def save_course(course_id: int | None, facts: CourseFacts, *, by: Actor, now: datetime) -> Course:
    """Add a course (None) or change one. Cohorts keep the policy they were opened with.

    Raises RuleError no_such_course, no_such_skill, course_name_taken.
    """
    with transaction() as session:
        row = (
            Course() if course_id is None else session.get(Course, course_id, with_for_update=True)
        )
        if row is None:
            raise RuleError("no_such_course")
        if session.get(Skill, facts.skill_id) is None:
            raise RuleError("no_such_skill")
        before = None if course_id is None else _shown_course(row)
        for name, value in _course_values(facts).items():
            setattr(row, name, value)
        session.add(row)
        _flush(session, "course_name_taken")
        audit.record(session, "course.added" if before is None else "course.changed",
                     subject=f"course:{row.id}", by=by, now=now, before=before,
                     after=_shown_course(row))  # fmt: skip
        return row


def retire_course(course_id: int, *, by: Actor, now: datetime) -> Course:
    """Offer a course for new cohorts no longer; those there are stay. Raises RuleError no_such_course."""
    with transaction() as session:
        row = session.get(Course, course_id, with_for_update=True)
        if row is None:
            raise RuleError("no_such_course")
        if row.is_active:
            row.is_active = False
            audit.record(session, "course.retired", subject=f"course:{row.id}", by=by, now=now)
        return row


def _shown_room(row: Room) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("site_id", "name", "seats", "is_active")}


def save_room(
    room_id: int | None,
    *,
    site_id: int,
    name: str,
    seats: int,
    is_active: bool = True,
    by: Actor,
    now: datetime,
) -> Room:
    """Add a room (None) or change one; its workshop stays.

    Raises RuleError no_such_room, no_such_site, room_name_taken, room_in_use (count) when a room
    that is retired still has sessions before it.
    """
    with transaction() as session:
        row = (
            Room(site_id=site_id)
            if room_id is None
            else session.get(Room, room_id, with_for_update={"key_share": True})
        )
        if row is None or (room_id is not None and row.site_id != site_id):
            raise RuleError("no_such_room")
        site = session.get(Site, site_id)
        if site is None or site.kind is not SiteKind.WORKSHOP:
            raise RuleError("no_such_site")
        before = None if room_id is None else _shown_room(row)
        if before is not None and before["is_active"] and not is_active:
            _refuse_in_use(session, row.id, now)
        row.name, row.seats, row.is_active = name, seats, is_active
        session.add(row)
        _flush(session, "room_name_taken")
        audit.record(session, "room.added" if before is None else "room.changed",
                     subject=f"room:{row.id}", by=by, now=now, before=before,
                     after=_shown_room(row))  # fmt: skip
        return row


def retire_room(room_id: int, *, by: Actor, now: datetime) -> Room:
    """Offer a room for sessions no longer. Raises RuleError no_such_room, room_in_use (count)."""
    with transaction() as session:
        row = session.get(Room, room_id)
        if row is None:
            raise RuleError("no_such_room")
        return save_room(row.id, site_id=row.site_id, name=row.name, seats=row.seats,
                         is_active=False, by=by, now=now)  # fmt: skip


def _refuse_in_use(session: DbSession, room_id: int, now: datetime) -> None:
    hold_timetable(session)
    count = session.scalar(
        sa.select(sa.func.count(Session.id)).where(
            Session.room_id == room_id, Session.state == SessionState.PLANNED,
            Session.on >= service_day(now),
        )
    )  # fmt: skip
    if count:
        raise RuleError("room_in_use", count=count)


def _flush(session: DbSession, code: str) -> None:
    """Write now. Raises RuleError of this code when somebody else has the name."""
    try:
        session.flush()
    except sa.exc.IntegrityError:
        raise RuleError(code) from None
