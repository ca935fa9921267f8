"""What can be said of a woman and a vacancy: each a code with its plain values, no sentence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fit(StrEnum):
    """One thing that fits, is not known, or does not fit. Their words stand in words/matches.py."""

    # what fits
    HAS_SKILL = "has_skill"
    LEARNS_SKILL = "learns_skill"
    WANTS_SKILL = "wants_skill"
    NO_SKILL_ASKED = "no_skill_asked"
    TIME_FITS = "time_fits"
    TIME_FLEXIBLE = "time_flexible"
    MOTHER_FIRST = "mother_first"
    CARE_KEPT_FREE = "care_kept_free"
    NEAR = "near"
    AT_HOME = "at_home"
    WAGE_FITS = "wage_fits"
    WANTS_HOME_WORK = "wants_home_work"
    # what is to be asked
    NEEDS_UNKNOWN = "needs_unknown"
    HOURS_UNKNOWN = "hours_unknown"
    WISHES_UNKNOWN = "wishes_unknown"
    TIME_UNKNOWN = "time_unknown"
    PLACE_UNKNOWN = "place_unknown"
    WAGE_UNKNOWN = "wage_unknown"
    WAGE_MAY_FIT = "wage_may_fit"
    SHIFTS_CHANGE = "shifts_change"
    WANTS_VENTURE = "wants_venture"
    # what does not fit
    SKILL_TOO_LOW = "skill_too_low"
    SKILL_MISSING = "skill_missing"
    DAYS_SHORT = "days_short"
    TIME_OUTSIDE = "time_outside"
    HOURS_TOO_MANY = "hours_too_many"
    TOO_FAR = "too_far"
    WAGE_TOO_LOW = "wage_too_low"
    NO_HOME_WORK_WISHED = "no_home_work_wished"
    NOT_MOTHER = "not_mother"
    # what stands in the way
    NO_DAY = "no_day"
    NO_HOUR = "no_hour"
    CANNOT_LEAVE_HOME = "cannot_leave_home"
    WANTS_NO_WORK = "wants_no_work"
    IN_WORK = "in_work"


@dataclass(frozen=True, slots=True)
class Said:
    """A code with the values that its sentence names."""

    code: Fit
    values: tuple[Any, ...] = ()
