"""A cohort's weekly pattern, the calendar as it sees it, and what the two make of each day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Slot:
    """One lesson of the week: 1 Monday … 7 Sunday, minutes after midnight, half-open.

    break_min is taken off what it credits. room_id None: to be found later.
    """

    weekday: int
    starts_min: int
    ends_min: int
    break_min: int = 0
    room_id: int | None = None

    @property
    def taught_min(self) -> int:
        return self.ends_min - self.starts_min - self.break_min


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lessons of a week from a day on: so many of them, or until the planned hours are full.

    left_out: days that somebody took out of the preview.
    """

    slots: tuple[Slot, ...]
    from_on: date
    count: int | None = None
    left_out: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its weekday. is_own: the workshop's own row, not that of everywhere."""

    name: str
    is_holiday: bool
    as_weekday: int | None = None
    is_open: bool = False
    is_own: bool = False


class DayNote(StrEnum):
    """Why a day of the pattern has no lesson, or has one although its weekday says otherwise."""

    HOLIDAY = "holiday"  # skipped
    FOLLOWS_ANOTHER = "follows_another"  # skipped: 调休, this day follows another weekday
    LEFT_OUT = "left_out"  # skipped: by hand
    MADE_UP = "made_up"  # taken: 调休, this day follows the lesson's weekday
    OPENED = "opened"  # taken: a holiday on which the workshop is open all the same
    WORKED = "worked"  # taken: a day of rest that is worked, on its own weekday's pattern

    @property
    def is_skipped(self) -> bool:
        return self in (DayNote.HOLIDAY, DayNote.FOLLOWS_ANOTHER, DayNote.LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson of a day, with what is noted about the day. Minutes; is_cut: shortened, because
    only so much was missing from the planned hours."""

    on: date
    slot: Slot
    ends_min: int
    taught_min: int
    note: DayNote | None = None
    name: str = ""
    is_cut: bool = False

    @property
    def is_taken(self) -> bool:
        return self.note is None or not self.note.is_skipped
