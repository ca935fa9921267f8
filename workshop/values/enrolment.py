"""States of a cohort, of one meeting of it, and of a place in it."""

from enum import StrEnum


class CohortState(StrEnum):
    """One run of a course: only an open or running one takes learners."""

    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SessionState(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"


class EnrolmentState(StrEnum):
    """Where one learner stands in one cohort. The moves between them stand in rules/enrolment.py."""

    APPLIED = "applied"
    WAITLISTED = "waitlisted"
    ADMITTED = "admitted"
    DECLINED = "declined"
    GAVE_UP = "gave_up"
    TRAINING = "training"
    NO_SHOW = "no_show"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"

    @property
    def holds_seat(self) -> bool:
        """Whether it counts against the cohort's capacity. An offer to somebody waiting does too."""
        return self in _SEATED

    @property
    def is_open(self) -> bool:
        """Whether it still can lead to training or is training."""
        return self in _OPEN

    @property
    def has_trained(self) -> bool:
        """Whether she took part: these are the women whom a rate of completion or placement counts."""
        return self in _TRAINED


_SEATED = frozenset({
    EnrolmentState.ADMITTED, EnrolmentState.TRAINING, EnrolmentState.COMPLETED,
    EnrolmentState.INCOMPLETE,
})  # fmt: skip
_OPEN = frozenset({
    EnrolmentState.APPLIED, EnrolmentState.WAITLISTED, EnrolmentState.ADMITTED,
    EnrolmentState.TRAINING,
})  # fmt: skip
_TRAINED = frozenset({
    EnrolmentState.TRAINING, EnrolmentState.COMPLETED, EnrolmentState.INCOMPLETE,
    EnrolmentState.WITHDRAWN,
})  # fmt: skip
