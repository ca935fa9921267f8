"""Value types of the workshop: the words of its rules. No database, no Flask, no decisions.

The meaning of each word, and what staff see for it, stands in `words.py`.
"""

from workshop.values.attendance import (
    AttendanceStatus,
    CheckInState,
    Held,
    MarkSource,
    Policy,
    RateName,
)
from workshop.values.enrolment import CohortState, EnrolmentState, SessionState
from workshop.values.learners import (
    Basis,
    Mobility,
    Needs,
    Reach,
    RetirementStep,
    Shift,
    SkillLevel,
    SkillSource,
    WorkerKind,
)
from workshop.values.marking import Conflict, Mark, Saved, Standing
from workshop.values.placement import (
    Channel,
    FollowUpOutcome,
    Form,
    LeavingReason,
    PlacementState,
    VacancyState,
)
from workshop.values.ventures import LoanState, VentureStage

__all__ = [
    "AttendanceStatus",
    "Basis",
    "Channel",
    "CheckInState",
    "CohortState",
    "Conflict",
    "EnrolmentState",
    "FollowUpOutcome",
    "Form",
    "Held",
    "LeavingReason",
    "LoanState",
    "Mark",
    "MarkSource",
    "Mobility",
    "Needs",
    "PlacementState",
    "Policy",
    "RateName",
    "Reach",
    "RetirementStep",
    "Saved",
    "SessionState",
    "Shift",
    "SkillLevel",
    "SkillSource",
    "Standing",
    "VacancyState",
    "VentureStage",
    "WorkerKind",
]
