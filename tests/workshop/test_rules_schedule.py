"""Recurring lessons against calendars made by hand: 国庆, 调休, opened days, full hours."""

import itertools
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RuleError
from workshop.rules import schedule
from workshop.values.schedule import DayNote, Lesson, Pattern, Slot, SpecialDay

MON, TUE, WED, THU, FRI, SAT, SUN = range(1, 8)
MORNING = (9 * 60, 12 * 60)
# 国庆 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October worked.
GOLDEN_WEEK = {date(2026, 10, n): SpecialDay("国庆节", True) for n in range(1, 8)}


def slot(weekday: int, starts: int = 540, ends: int = 720, **more: int) -> Slot:
    return Slot(weekday, starts, ends, **more)


def plan(
    pattern: Pattern, special: Mapping[date, SpecialDay] | None = None, missing_min: int = 0
) -> tuple[Lesson, ...]:
    return schedule.lessons(pattern, (special or {}).get, missing_min)


def days(found: tuple[Lesson, ...]) -> list[str]:
    return [f"{lesson.on:%m-%d}" for lesson in found if lesson.is_taken]


def test_two_weekdays_with_times_of_their_own_until_the_hours_are_full() -> None:
    pattern = Pattern((slot(TUE), slot(THU, 14 * 60, 16 * 60)), date(2026, 11, 24))
    found = plan(pattern, missing_min=600)
    assert days(found) == ["11-24", "11-26", "12-01", "12-03"]
    assert [(one.slot.starts_min, one.ends_min) for one in found[:2]] == [MORNING, (840, 960)]
    assert schedule.taught_minutes(found) == 600


def test_the_last_lesson_is_no_longer_than_what_is_missing() -> None:
    pattern = Pattern((slot(MON, break_min=15),), date(2026, 11, 2))
    found = plan(pattern, missing_min=200)
    assert [(one.ends_min, one.taught_min, one.is_cut) for one in found] == [
        (720, 165, False),
        (540 + 35 + 15, 35, True),
    ]
    assert schedule.taught_minutes(found) == 200


def test_the_national_holiday_is_skipped_by_name_and_the_count_goes_on() -> None:
    pattern = Pattern((slot(MON), slot(THU)), date(2026, 9, 28), count=3)
    found = plan(pattern, GOLDEN_WEEK)
    assert [(f"{one.on:%m-%d}", one.note, one.name) for one in found] == [
        ("09-28", None, ""),
        ("10-01", DayNote.HOLIDAY, "国庆节"),
        ("10-05", DayNote.HOLIDAY, "国庆节"),
        ("10-08", None, ""),
        ("10-12", None, ""),
    ]


def test_a_worked_saturday_takes_no_lesson_until_somebody_chose_its_weekday() -> None:
    saturday = date(2026, 10, 10)
    pattern = Pattern((slot(WED),), date(2026, 10, 8), count=1)
    nobody = {**GOLDEN_WEEK, saturday: SpecialDay("国庆节调休上班", False)}
    chosen = {**GOLDEN_WEEK, saturday: SpecialDay("国庆节调休上班", False, as_weekday=WED)}
    assert days(plan(pattern, nobody)) == ["10-14"]
    [lesson] = plan(pattern, chosen)
    assert (lesson.on, lesson.note) == (saturday, DayNote.MADE_UP)
    assert lesson.slot.weekday == WED


def test_saturdays_own_lesson_gives_way_where_the_day_follows_another() -> None:
    saturday = date(2026, 10, 10)
    pattern = Pattern((slot(SAT),), saturday, count=1)
    worked = SpecialDay("国庆节调休上班", False)
    [kept] = plan(pattern, {saturday: worked})
    assert (kept.on, kept.note) == (saturday, DayNote.WORKED)
    moved = plan(pattern, {saturday: SpecialDay("国庆节调休上班", False, as_weekday=WED)})
    assert [(one.on.day, one.note) for one in moved] == [
        (10, DayNote.FOLLOWS_ANOTHER),
        (17, None),
    ]


def test_only_the_workshops_own_calendar_opens_a_holiday() -> None:
    day = date(2026, 10, 5)
    pattern = Pattern((slot(MON),), day, count=1)
    everywhere = SpecialDay("国庆节", True, is_open=True)
    assert days(plan(pattern, {day: everywhere})) == ["10-12"]
    own = SpecialDay("国庆节", True, is_open=True, is_own=True)
    [lesson] = plan(pattern, {day: own})
    assert (lesson.on, lesson.note) == (day, DayNote.OPENED)


def test_a_day_left_out_by_hand_is_skipped_and_said() -> None:
    pattern = Pattern(
        (slot(MON),), date(2026, 11, 2), count=2, left_out=frozenset({date(2026, 11, 9)})
    )
    found = plan(pattern)
    assert days(found) == ["11-02", "11-16"]
    assert found[1].note is DayNote.LEFT_OUT


@pytest.mark.parametrize(
    ("pattern", "missing_min", "code"),
    [
        (Pattern((), date(2026, 11, 2)), 100, "schedule_empty"),
        (Pattern((slot(MON),), date(2026, 11, 2), count=0), 100, "schedule_empty"),
        (Pattern((slot(MON, 700, 600),), date(2026, 11, 2)), 100, "session_ends_before_start"),
        (Pattern((slot(MON, break_min=180),), date(2026, 11, 2)), 100, "session_break_too_long"),
        (
            Pattern((slot(MON), slot(MON, 700, 800)), date(2026, 11, 2)),
            100,
            "schedule_overlaps",
        ),
        (Pattern((slot(MON),), date(2026, 11, 2)), 0, "schedule_full"),
        (Pattern((slot(MON),), date(2026, 11, 2)), 10**6, "schedule_too_long"),
    ],
)
def test_what_cannot_be_planned_is_refused(pattern: Pattern, missing_min: int, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        plan(pattern, missing_min=missing_min)
    assert refused.value.code == code


def test_a_lesson_may_begin_when_another_ends() -> None:
    pattern = Pattern((slot(MON, 540, 630), slot(MON, 630, 720)), date(2026, 11, 2), count=2)
    assert len(plan(pattern)) == 2


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """Lessons that do not overlap within a week."""
    slots = []
    for weekday in draw(st.sets(st.integers(1, 7), min_size=1)):
        marks = sorted(draw(st.sets(st.integers(8, 20), min_size=2, max_size=5)))
        slots += [Slot(weekday, a * 60, b * 60, 10) for a, b in itertools.pairwise(marks)]
    first = date(2026, 9, 1) + timedelta(days=draw(st.integers(0, 60)))
    return Pattern(tuple(slots), first, draw(st.none() | st.integers(1, 30)))


@st.composite
def calendars(draw: st.DrawFn) -> dict[date, SpecialDay]:
    numbers = draw(st.sets(st.integers(0, 150), max_size=30))
    return {
        date(2026, 9, 1) + timedelta(days=n): SpecialDay(
            "节", draw(st.booleans()), draw(st.none() | st.integers(1, 7)),
            draw(st.booleans()), draw(st.booleans()),
        )
        for n in numbers
    }  # fmt: skip


@given(patterns(), calendars(), st.integers(1, 4000))
@settings(max_examples=150, deadline=None)
def test_generated_lessons_never_overlap_and_never_fall_on_a_holiday(
    pattern: Pattern, special: dict[date, SpecialDay], missing_min: int
) -> None:
    found = plan(pattern, special, missing_min)
    taken = [one for one in found if one.is_taken]
    ordered = sorted(taken, key=lambda one: (one.on, one.slot.starts_min))
    assert taken == ordered
    for one, other in itertools.pairwise(ordered):
        assert one.on < other.on or one.ends_min <= other.slot.starts_min
    for one in taken:
        day = special.get(one.on)
        opened = day is not None and day.is_own and (day.is_open or day.as_weekday)
        assert day is None or not day.is_holiday or opened
        assert one.on >= pattern.from_on
        assert 0 < one.taught_min <= one.ends_min - one.slot.starts_min
    if pattern.count is None:
        assert schedule.taught_minutes(found) == missing_min
    else:
        assert len(taken) == pattern.count
