"""What a cohort's policy makes of one learner, before somebody decides."""

from dataclasses import dataclass
from enum import StrEnum


class Proposal(StrEnum):
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    OPEN = "open"  # something that counts is not known yet


class Ground(StrEnum):
    """One thing that a proposal rests on."""

    HOURS_REACHED = "hours_reached"
    HOURS_SHORT = "hours_short"  # not reached, and no longer to be reached
    HOURS_OPEN = "hours_open"  # can still be reached: sessions to come or unmarked
    LEAVE_WITHIN = "leave_within"
    LEAVE_OVER = "leave_over"
    SESSIONS_TO_COME = "sessions_to_come"
    UNMARKED = "unmarked"
    PASSED = "passed"
    FAILED = "failed"
    NOT_ASSESSED = "not_assessed"
    NO_ASSESSMENT_NEEDED = "no_assessment_needed"


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal with all it rests on. Times are minutes; mark: the latest result, of 100."""

    proposal: Proposal
    grounds: tuple[Ground, ...]
    credited_min: int
    carried_min: int
    planned_min: int
    needed_min: int
    excused_min: int
    leave_most_min: int
    unmarked_min: int
    remaining_min: int
    mark: int | None
    pass_mark: int
