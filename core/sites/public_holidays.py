"""The public holidays of a year with their make-up working days (调休), as the `holidays` library knows them.

The State Council announces a year's days off in the November before; until the library brings
them, a year has its statutory days only.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from core.sites.models import DayKind

_SWAPPED = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_IN_BRACKETS = re.compile(r"[(\uff08].*?[)\uff09]")  # full width and half
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PublicDay:
    """One day off, or one day of rest that is worked."""

    on: date
    kind: DayKind
    name: str


def public_days(year: int) -> list[PublicDay]:
    """Days off and make-up working days of a year, by date; the weekends inside a break count."""
    known = holidays.country_holidays("CN", years=[year - 1, year, year + 1], language="zh_CN")
    worked = set(known.weekend_workdays)
    off = {on: str(name) for on, name in known.items()}
    names = {on: _festival(on, off) for on in off}
    for on in sorted(off):
        for step in (DAY, -DAY):
            near = on + step
            # The weekend that touches a day off belongs to the break, unless it is worked.
            while near.weekday() >= 5 and near not in off and near not in worked:
                names.setdefault(near, names[on])
                near += step
    days = [PublicDay(on, DayKind.HOLIDAY, name) for on, name in names.items()]
    for on, label in off.items():
        if swapped := _SWAPPED.search(label):
            workday = date(*map(int, swapped.groups()))
            days.append(PublicDay(workday, DayKind.WORKDAY, f"{names[on]}调休上班"))
    return sorted((day for day in days if day.on.year == year), key=lambda day: day.on)


def has_working_days(days: list[PublicDay]) -> bool:
    """Whether the year's make-up working days are known yet."""
    return any(day.kind == DayKind.WORKDAY for day in days)


def _festival(on: date, off: dict[date, str]) -> str:
    """The festival a day off belongs to: its own name, or that of the nearest named day."""
    for distance in range(10):
        for near in (on - distance * DAY, on + distance * DAY):
            name = _IN_BRACKETS.sub("", off.get(near, "休息日")).split(";")[0].strip()
            if name != "休息日":
                return name
    return "休息日"
