"""What is known of a learner: hardship, skills, the hours and ways she can come."""

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
