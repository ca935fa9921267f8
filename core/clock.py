"""Moments are UTC, service days are Asia/Shanghai. Actions are handed `now`; only edges ask the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Shanghai")
# What somebody may type: 9999-12-31, meant as 长期, has no next day to reckon with.
YEARS = range(1900, 2200)
# What the clock of a device can mean.
CLOCK_YEARS = range(2000, 2200)

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def is_held() -> bool:
    """Whether the clock stands still at a moment, inside `at`."""
    return _fixed.get() is not None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment: demo data and tests tell stories that happened then."""
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


def local(moment: datetime) -> datetime:
    """The same moment on a wall clock of the office."""
    return moment.astimezone(TZ)


def service_day(moment: datetime) -> date:
    """The day a meal or a class at this moment belongs to."""
    return local(moment).date()


def moment_of(day: date, at: time) -> datetime:
    """A wall-clock time of a service day as a UTC moment."""
    return datetime.combine(day, at, tzinfo=TZ).astimezone(UTC)


def moment_at(day: date, minute: int) -> datetime:
    """So many minutes after midnight of a service day, as a UTC moment; 1440 is the next midnight."""
    return moment_of(day, time.min) + timedelta(minutes=minute)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; its boundaries are half-open [starts_at, ends_at)."""

    year: int
    month: int

    def __post_init__(self) -> None:
        date(self.year, self.month, 1)  # raises ValueError for a month that is none

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """From "2026-10". Raises ValueError for anything else."""
        year, _, month = text.partition("-")
        if len(year) != 4 or len(month) != 2:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(year), int(month))

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.next().first - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        return moment_of(self.first, time.min)

    @property
    def ends_at(self) -> datetime:
        return self.next().starts_at

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.last.day)]

    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
