"""What the chapters of the demo share: the day, the people who act, and where it all happens."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from core import clock
from core.access import Actor


@dataclass(frozen=True)
class Woman:
    """One learner of the story."""

    person_id: int
    name: str
    phone: str | None


@dataclass
class Story:
    """until: the moment at which today's story ends; None tells the whole day."""

    day: date
    until: datetime | None
    random: Random
    site_id: int
    trainer: Actor
    second_trainer: Actor
    coordinator: Actor
    clerk: Actor
    skills: dict[str, int] = field(default_factory=dict)
    rooms: list[int] = field(default_factory=list)
    areas: list[tuple[int, str]] = field(default_factory=list)  # grids: id, community
    women: list[Woman] = field(default_factory=list)

    def ago(self, days: int) -> date:
        """So many days before the day of the story."""
        return self.day - timedelta(days=days)

    def at(self, days_ago: int, hour: int = 9, minute: int = 0) -> datetime:
        """A wall-clock time so many days before."""
        return clock.moment_of(self.ago(days_ago), time(hour, minute))

    def has_come(self, moment: datetime) -> bool:
        """Whether a moment lies before the end of the story."""
        return self.until is None or moment <= self.until

    def someone(self, *numbers: int) -> list[int]:
        """The persons of these numbers of the story."""
        return [self.women[number].person_id for number in numbers]


def minutes(hour: int, minute: int = 0) -> int:
    """Minutes after midnight."""
    return hour * 60 + minute
