"""Sessions of a cohort from a weekly pattern: looked at first, then made in one transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import db, transaction
from core.errors import RuleError
from core.sites.models import CalendarDay, DayKind, Site
from core.sites.public_holidays import public_days
from workshop.actions.clashes import Clash, ClashKind, Wanted, clashes, hold_timetable
from workshop.actions.cohorts import locked_cohort, place_of
from workshop.actions.open_months import hold_open_months
from workshop.actions.teaching import check_trainer
from workshop.models import Cohort, Room, Session
from workshop.rules import schedule
from workshop.rules.cohorts import is_over
from workshop.values import SessionState
from workshop.values.schedule import Lesson, Pattern, SpecialDay

SpecialDays = Callable[[date], SpecialDay | None]


@dataclass(frozen=True)
class Preview:
    """What a pattern would make of a cohort. Minutes; before_min: of the sessions there already.

    unknown_years: years whose holidays nobody has confirmed in the calendar yet.
    """

    lessons: tuple[Lesson, ...]
    clashes: tuple[Clash, ...]
    before_min: int
    planned_min: int
    unknown_years: tuple[int, ...]

    @property
    def taken(self) -> tuple[Lesson, ...]:
        return tuple(one for one in self.lessons if one.is_taken)

    @property
    def skipped(self) -> tuple[Lesson, ...]:
        return tuple(one for one in self.lessons if not one.is_taken)

    @property
    def taught_min(self) -> int:
        return schedule.taught_minutes(self.lessons)

    @property
    def missing_min(self) -> int:
        """What the planned hours still lack; negative when there is more than planned."""
        return self.planned_min - self.before_min - self.taught_min

    @property
    def digest(self) -> str:
        """What tells this preview from one with other days, times or rooms."""
        told = [
            (
                one.on.isoformat(),
                one.slot.starts_min,
                one.ends_min,
                one.taught_min,
                one.slot.room_id,
            )
            for one in self.taken
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def clashes_on(self, lesson: Lesson) -> list[Clash]:
        """What stands in the way of one lesson."""
        return [
            clash
            for clash in self.clashes
            if (clash.wanted.on, clash.wanted.starts_min) == (lesson.on, lesson.slot.starts_min)
        ]


def special_days(session: DbSession, site_id: int) -> tuple[SpecialDays, Callable[[int], bool]]:
    """The calendar of a workshop, its own rows before those of everywhere, in one query.

    The second tells of a year whether its holidays stand in the calendar; where nobody has filled
    them in, the public holidays hold as they are known.
    """
    own: dict[date, SpecialDay] = {}
    everywhere: dict[date, SpecialDay] = {}
    filled: set[int] = set()
    for row in session.scalars(
        sa.select(CalendarDay).where(
            sa.or_(CalendarDay.site_id.is_(None), CalendarDay.site_id == site_id)
        )
    ):
        is_own = row.site_id is not None
        (own if is_own else everywhere)[row.on] = SpecialDay(
            row.name, row.kind is DayKind.HOLIDAY, row.as_weekday, row.is_open, is_own
        )
        if not is_own:
            filled.add(row.on.year)

    def special_day(day: date) -> SpecialDay | None:
        if (found := own.get(day) or everywhere.get(day)) is not None:
            return found
        return None if day.year in filled else _public(day.year).get(day)

    return special_day, filled.__contains__


@lru_cache(maxsize=4)
def _public(year: int) -> dict[date, SpecialDay]:
    return {day.on: SpecialDay(day.name, day.kind is DayKind.HOLIDAY) for day in public_days(year)}


def preview_sessions(cohort_id: int, pattern: Pattern) -> Preview:
    """What plan_sessions would make, with all that stands in its way; nothing is written.

    Raises RuleError no_such_cohort and those of rules.schedule.lessons.
    """
    cohort = db.session.get(Cohort, cohort_id)
    if cohort is None:
        raise RuleError("no_such_cohort")
    return _preview(db.session(), cohort, pattern)


def _preview(session: DbSession, cohort: Cohort, pattern: Pattern) -> Preview:
    special_day, is_known = special_days(session, cohort.site_id)
    before = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Session.taught_min), 0)).where(
            Session.cohort_id == cohort.id, Session.state == SessionState.PLANNED
        )
    )
    found = schedule.lessons(pattern, special_day, cohort.planned_min - int(before or 0))
    wanted = [_wanted(cohort, lesson) for lesson in found if lesson.is_taken]
    years = sorted({lesson.on.year for lesson in found})
    return Preview(
        found, tuple(clashes(session, wanted)), int(before or 0), cohort.planned_min,
        tuple(year for year in years if not is_known(year)),
    )  # fmt: skip


def _wanted(cohort: Cohort, lesson: Lesson) -> Wanted:
    return Wanted(
        cohort.id, lesson.on, lesson.slot.starts_min, lesson.ends_min, lesson.slot.room_id,
        cohort.trainer_id,
    )  # fmt: skip


def plan_sessions(
    cohort_id: int, pattern: Pattern, *, by: Actor, now: datetime, seen: str | None = None
) -> list[Session]:
    """Make the sessions of a pattern, all or none; the cohort's last day moves along with them.

    seen: the digest of the preview; another one refuses, because what was typed, the calendar or the
    cohort has changed since. Raises RuleError no_such_cohort, cohort_is_over,
    session_before_cohort (first), session_month_submitted (month), schedule_changed, no_such_room,
    those of rules.schedule.lessons and those of refuse_clashes.
    """
    with transaction() as session:
        _hold_open_months(session, cohort_id, pattern, now)
        cohort = locked_cohort(session, cohort_id)
        if is_over(cohort.state):
            raise RuleError("cohort_is_over")
        if pattern.from_on < cohort.starts_on:
            raise RuleError("session_before_cohort", first=cohort.starts_on.isoformat())
        hold_timetable(session)
        check_rooms(session, cohort.site_id, {slot.room_id for slot in pattern.slots})
        check_trainer(session, cohort.trainer_id, cohort.site_id, now)
        preview = _preview(session, cohort, pattern)
        if seen is not None and seen != preview.digest:
            raise RuleError("schedule_changed")
        refuse_clashes(list(preview.clashes))
        rows = [
            Session(
                cohort_id=cohort.id, on=lesson.on, starts_min=lesson.slot.starts_min,
                ends_min=lesson.ends_min, taught_min=lesson.taught_min,
                room_id=lesson.slot.room_id, trainer_id=cohort.trainer_id, created_at=now,
            )
            for lesson in preview.taken
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        ends_on = cohort.ends_on
        cohort.ends_on = max(ends_on, *(row.on for row in rows))
        audit.record(session, "cohort.sessions_planned", subject=f"cohort:{cohort.id}", by=by, now=now,
                     before={"ends_on": ends_on},
                     after={"ends_on": cohort.ends_on, "sessions": [
                         {"id": row.id, "on": row.on, "starts_min": row.starts_min,
                          "ends_min": row.ends_min, "taught_min": row.taught_min,
                          "room_id": row.room_id} for row in rows
                     ]})  # fmt: skip
        return rows


def _hold_open_months(session: DbSession, cohort_id: int, pattern: Pattern, now: datetime) -> None:
    """Sessions that are entered afterwards: only into months that are still open."""
    slug = session.scalar(
        sa.select(Site.slug).join(Cohort, Cohort.site_id == Site.id).where(Cohort.id == cohort_id)
    )
    today = service_day(now)
    days = (today - pattern.from_on).days if slug is not None else 0
    past = (pattern.from_on + timedelta(days=n) for n in range(min(days, schedule.MOST_DAYS)))
    hold_open_months(session, slug or "", past, now)


def check_rooms(session: DbSession, site_id: int, room_ids: set[int | None]) -> None:
    """Raises RuleError no_such_room for one that is not in use at this workshop."""
    wanted = room_ids - {None}
    found = session.scalars(
        sa.select(Room.id).where(Room.id.in_(wanted), Room.site_id == site_id, Room.is_active)
    )
    if wanted - set(found):
        raise RuleError("no_such_room")


def refuse_clashes(found: list[Clash]) -> None:
    """Raises RuleError session_clash_cohort, session_clash_room, session_clash_trainer or
    session_clash_learner for the first thing in the way: where, who, and how many more."""
    if not found:
        return
    first = found[0]
    details = {"where": place_of(first.session), "more": len(found) - 1}
    if first.kind is ClashKind.COHORT:
        raise RuleError("session_clash_cohort", **details)
    if first.kind is ClashKind.ROOM:
        room = first.session.room
        raise RuleError("session_clash_room", room=room.name if room else "", **details)
    if first.kind is ClashKind.TRAINER:
        teacher = first.session.substitute or first.session.trainer
        raise RuleError("session_clash_trainer", who=teacher.display_name, **details)
    raise RuleError("session_clash_learner", who=first.who, **details)
