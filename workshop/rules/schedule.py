"""Recurring lessons: which days of a weekly pattern are taken, which are skipped, and why.

Pure: the calendar is handed in. Whether a room or a trainer is free is not asked here.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from core.errors import RuleError
from workshop.values.schedule import DayNote, Lesson, Pattern, Slot, SpecialDay

# A pattern that is not full after so many days, or lessons, was typed wrongly.
MOST_DAYS = 800
MOST_LESSONS = 400
_ONE_DAY = timedelta(days=1)


def overlap(starts_min: int, ends_min: int, other_starts: int, other_ends: int) -> bool:
    """Whether two times of one day overlap, half-open: a lesson may begin when another ends."""
    return starts_min < other_ends and other_starts < ends_min


def check_times(starts_min: int, ends_min: int, taught_min: int) -> None:
    """Raises RuleError session_ends_before_start, session_break_too_long."""
    if not 0 <= starts_min < ends_min <= 24 * 60:
        raise RuleError("session_ends_before_start")
    if not 1 <= taught_min <= ends_min - starts_min:
        raise RuleError("session_break_too_long")


def check_pattern(pattern: Pattern) -> None:
    """Raises RuleError schedule_empty, session_ends_before_start, session_break_too_long,
    schedule_overlaps."""
    if not pattern.slots or (pattern.count is not None and pattern.count < 1):
        raise RuleError("schedule_empty")
    for slot in pattern.slots:
        check_times(slot.starts_min, slot.ends_min, slot.taught_min)
    for one, other in itertools.combinations(pattern.slots, 2):
        if one.weekday == other.weekday and overlap(
            one.starts_min, one.ends_min, other.starts_min, other.ends_min
        ):
            raise RuleError("schedule_overlaps")


def weekday_of(day: date, special: SpecialDay | None) -> tuple[int | None, DayNote | None]:
    """Whose weekday's lessons are held (1 Monday … 7 Sunday; None: none), and what to note of it.

    A holiday has none, unless the workshop's own calendar opens it: what the office opens
    everywhere is opened for meals. A 调休 working day takes another weekday's lessons only where
    somebody chose `as_weekday`, and until then keeps its own.
    """
    own = day.isoweekday()
    if special is None:
        return own, None
    if special.is_holiday and not (special.is_own and (special.is_open or special.as_weekday)):
        return None, DayNote.HOLIDAY
    if special.as_weekday is not None and special.as_weekday != own:
        return special.as_weekday, DayNote.MADE_UP
    return own, DayNote.OPENED if special.is_holiday else DayNote.WORKED


def lessons(
    pattern: Pattern, special_day: Callable[[date], SpecialDay | None], missing_min: int
) -> tuple[Lesson, ...]:
    """Each day that the pattern names, in order of time: taken, or skipped with its reason.

    missing_min: planned minutes of the cohort that no session covers yet; without a count the
    lessons end when they are full, the last one shortened to what was missing.
    Raises RuleError as check_pattern does, schedule_full when nothing is missing, schedule_too_long.
    """
    check_pattern(pattern)
    if pattern.count is None and missing_min <= 0:
        raise RuleError("schedule_full")
    found: list[Lesson] = []
    taken, taught = 0, 0
    for ahead in range(MOST_DAYS):
        day = pattern.from_on + ahead * _ONE_DAY
        special = special_day(day)
        for lesson in _of_day(pattern, day, special):
            if lesson.is_taken:
                if pattern.count is None:
                    lesson = _cut(lesson, missing_min - taught)
                taken, taught = taken + 1, taught + lesson.taught_min
            found.append(lesson)
            if taken == pattern.count or (pattern.count is None and taught >= missing_min):
                return tuple(found)
            if taken >= MOST_LESSONS:
                raise RuleError("schedule_too_long", count=MOST_LESSONS)
    raise RuleError("schedule_too_long", count=MOST_LESSONS)


def _of_day(pattern: Pattern, day: date, special: SpecialDay | None) -> Iterable[Lesson]:
    weekday, note = weekday_of(day, special)
    name = special.name if special else ""
    for slot in sorted(pattern.slots, key=lambda slot: slot.starts_min):
        if weekday == slot.weekday:
            left_out = day in pattern.left_out
            yield _lesson(day, slot, DayNote.LEFT_OUT if left_out else note, name)
        elif slot.weekday == day.isoweekday():
            skipped = note if note is DayNote.HOLIDAY else DayNote.FOLLOWS_ANOTHER
            yield _lesson(day, slot, skipped, name)


def _lesson(day: date, slot: Slot, note: DayNote | None, name: str) -> Lesson:
    return Lesson(day, slot, slot.ends_min, slot.taught_min, note, name)


def _cut(lesson: Lesson, missing_min: int) -> Lesson:
    """The lesson, no longer than what is missing; its break goes first."""
    if lesson.taught_min <= missing_min:
        return lesson
    slot = lesson.slot
    ends_min = min(slot.ends_min, slot.starts_min + missing_min + slot.break_min)
    return Lesson(lesson.on, slot, ends_min, missing_min, lesson.note, lesson.name, is_cut=True)


def taught_minutes(found: Sequence[Lesson]) -> int:
    """What the lessons that are taken credit together, minutes."""
    return sum(lesson.taught_min for lesson in found if lesson.is_taken)
