"""A week of sessions: by day, and as a grid by room or by trainer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.clock import YEARS
from core.db import db
from workshop.models import Cohort, Room, Session
from workshop.values import SessionState


class GridBy(StrEnum):
    ROOM = "room"
    TRAINER = "trainer"


@dataclass(frozen=True, order=True)
class Week:
    """A week of the calendar, Monday to Sunday (ISO 8601)."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, text: str) -> "Week":
        """From "2026-W48", of the years that somebody may type. Raises ValueError for anything else."""
        year, dash, number = text.partition("-W")
        if not dash or len(year) != 4 or not 1 <= len(number) <= 2:
            raise ValueError(f"not a week: {text!r}")
        if int(year) not in YEARS:
            raise ValueError(f"not a week of ours: {text!r}")
        return cls(date.fromisocalendar(int(year), int(number), 1))

    @property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=n) for n in range(7)]

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    def shifted(self, weeks: int) -> "Week":
        return Week(self.monday + timedelta(weeks=weeks))

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year:04d}-W{week:02d}"


def sessions_of(
    week: Week, seen: sa.ColumnElement[bool], site_id: int | None = None
) -> list[Session]:
    """The sessions of a week that an actor sees, cancelled ones too, by time. One query."""
    statement = (
        sa.select(Session)
        .join(Session.cohort)
        .where(seen, Session.on.between(week.days[0], week.days[-1]))
        .options(joinedload(Session.cohort).joinedload(Cohort.site), joinedload(Session.room),
                 joinedload(Session.trainer), joinedload(Session.substitute))
        .order_by(Session.on, Session.starts_min, Session.id)
    )  # fmt: skip
    if site_id is not None:
        statement = statement.where(Cohort.site_id == site_id)
    return list(db.session.scalars(statement))


def by_day(rows: Iterable[Session], week: Week) -> Mapping[date, list[Session]]:
    """The sessions of each of the seven days."""
    found: dict[date, list[Session]] = {day: [] for day in week.days}
    for row in rows:
        found[row.on].append(row)
    return found


@dataclass(frozen=True)
class GridRow:
    """One room or trainer with the sessions of each day. key None: none was chosen yet."""

    key: int | None
    name: str
    days: Mapping[date, list[Session]]


def grid(rows: Sequence[Session], week: Week, by: GridBy, rooms: Sequence[Room]) -> list[GridRow]:
    """A line a room (each of these, used or not) or a trainer; what has none stands first.

    A cancelled session takes no room and no trainer, so it is on no line.
    """
    names: dict[int | None, str] = {}
    cells: dict[int | None, list[Session]] = defaultdict(list)
    if by is GridBy.ROOM:
        names = {room.id: room.name for room in rooms}
    for row in rows:
        if row.state is SessionState.CANCELLED:
            continue
        if by is GridBy.ROOM:
            key, name = row.room_id, row.room.name if row.room else ""
        else:
            teacher = row.substitute or row.trainer
            key, name = (teacher.id, teacher.display_name) if teacher else (None, "")
        names.setdefault(key, name)
        cells[key].append(row)
    order = sorted(names, key=lambda key: (key is not None, names[key], key or 0))
    return [GridRow(key, names[key], by_day(cells[key], week)) for key in order]


def rooms_of(site_ids: Iterable[int], *, active: bool = True) -> list[Room]:
    """The rooms of workshops, by workshop and name."""
    statement = (
        sa.select(Room).where(Room.site_id.in_(list(site_ids))).order_by(Room.site_id, Room.name, Room.id)
    )  # fmt: skip
    return list(db.session.scalars(statement.where(Room.is_active) if active else statement))
