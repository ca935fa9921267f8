"""What is known of a learner: hardship, skills, the hours and ways she can come."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Basis(StrEnum):
    """Whether a hardship is what she says, or what an authority has certified."""

    SELF_DECLARED = "self_declared"
    CERTIFIED = "certified"


class WorkerKind(StrEnum):
    """By which row of the retirement table her age counts (原法定退休年龄 50 or 55 周岁)."""

    WORKER = "worker"
    CADRE = "cadre"


class Mobility(StrEnum):
    """How she gets about."""

    ON_FOOT = "on_foot"
    BICYCLE = "bicycle"
    BUS = "bus"
    CAR = "car"
    AT_HOME = "at_home"  # she cannot leave the house for long: home piecework only


class Reach(StrEnum):
    """How far from home, by area: no map is needed to know it."""

    SAME_GRID = "same_grid"
    SAME_COMMUNITY = "same_community"
    SAME_STREET = "same_street"
    ANYWHERE = "anywhere"

    @property
    def distance(self) -> int:
        """0 the nearest to 3 the farthest."""
        return list(Reach).index(self)


class Shift(StrEnum):
    """When work is done."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    ROTATING = "rotating"
    FLEXIBLE = "flexible"


class SkillLevel(StrEnum):
    """Levels of a skill, of a course, and of what a vacancy asks for (五级 to 三级 of the national scale)."""

    BASIC = "basic"
    JUNIOR = "junior"
    MIDDLE = "middle"
    SENIOR = "senior"

    @property
    def rank(self) -> int:
        """0 the lowest to 3 the highest."""
        return list(SkillLevel).index(self)


class SkillSource(StrEnum):
    """How it is known that she has a skill."""

    TOLD = "told"
    COURSE = "course"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class RetirementStep:
    """Whoever is of this sex and kind and born from this day on retires at this age, in months."""

    sex: str
    worker_kind: WorkerKind
    born_from: date
    age_months: int


@dataclass(frozen=True, slots=True)
class Needs:
    """What she wants and when she can come. Times are minutes after midnight, the wage is fen a month.

    weekdays: a bit mask, 1 for Monday to 64 for Sunday; 0 when her hours were not asked yet.
    """

    skill_ids: tuple[int, ...] = ()
    weekdays: int = 31
    free_from_min: int = 480
    free_until_min: int = 1080
    children_under_12: int = 0
    mobility: Mobility = Mobility.BICYCLE
    reach: Reach = Reach.SAME_STREET
    wants_work: bool = True
    wants_home_work: bool = False
    wants_venture: bool = False
    least_wage_fen: int | None = None
    note: str | None = None
