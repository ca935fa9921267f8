"""Which sitting a moment belongs to, and what kind of day it is."""

import itertools
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from canteen.values import DayType, Placed, Sitting, Window
from core.clock import local, service_day

DEFAULT_WINDOWS = (
    Window(Sitting.BREAKFAST, 6 * 60 + 30, 9 * 60),
    Window(Sitting.LUNCH, 11 * 60, 13 * 60 + 30),
    Window(Sitting.DINNER, 17 * 60, 19 * 60),
)

_ONE_DAY = timedelta(days=1)


def place(moment: datetime, windows_of: Callable[[date], Sequence[Window]]) -> Placed | None:
    """The one sitting a moment belongs to; None outside every window and its grace.

    moment: aware. windows_of: the windows served on a day, empty when closed. Windows are
    half-open; a window goes before a grace, of two graces the nearer one, then the earlier
    sitting. A grace may reach over midnight and then belongs to the day of its window.
    """
    wall = local(moment).replace(tzinfo=None)
    today, minute = wall.date(), wall.hour * 60 + wall.minute
    # A window lies within one day, so only today's can hold this moment; nearly every scan ends here.
    for window in windows_of(today):
        if window.starts_min <= minute < window.ends_min:
            return Placed(today, window.sitting)
    return _in_grace(wall, windows_of)


def _in_grace(wall: datetime, windows_of: Callable[[date], Sequence[Window]]) -> Placed | None:
    today = wall.date()
    nearest: tuple[timedelta, date, int, Placed] | None = None
    for day in (today - _ONE_DAY, today, today + _ONE_DAY):
        midnight = datetime.combine(day, time.min)
        since = wall - midnight
        for window in windows_of(day):
            starts, ends = timedelta(minutes=window.starts_min), timedelta(minutes=window.ends_min)
            if starts - timedelta(minutes=window.grace_before_min) <= since < starts:
                distance = starts - since
            elif ends <= since < ends + timedelta(minutes=window.grace_after_min):
                distance = since - ends
            else:
                continue
            found = (distance, day, window.sitting.position, Placed(day, window.sitting, True))
            if nearest is None or found[:3] < nearest[:3]:
                nearest = found
    return nearest[3] if nearest else None


def upcoming(
    moment: datetime, windows_of: Callable[[date], Sequence[Window]], days: int = 8
) -> tuple[date, Window] | None:
    """The next window that begins after a moment, within so many days; None when there is none."""
    wall = local(moment).replace(tzinfo=None)
    first = service_day(moment)
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, time.min)
        for window in sorted(windows_of(day), key=lambda window: window.starts_min):
            if midnight + timedelta(minutes=window.starts_min) > wall:
                return day, window
    return None


def overlapping(windows: Sequence[Window]) -> tuple[Window, Window] | None:
    """The first two windows of one day that overlap; None when none do. Graces may overlap."""
    ordered = sorted(windows, key=lambda window: window.starts_min)
    for earlier, later in itertools.pairwise(ordered):
        if later.starts_min < earlier.ends_min:
            return earlier, later
    return None


def day_type(day: date, *, is_holiday: bool, is_workday: bool) -> DayType:
    """What a tariff calls this day: a public holiday, a weekend, or a weekday (调休 included)."""
    if is_holiday:
        return DayType.HOLIDAY
    if day.isoweekday() >= 6 and not is_workday:
        return DayType.WEEKEND
    return DayType.WEEKDAY
