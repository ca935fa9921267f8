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
from workshop.values.completion import Ground, Judged, Proposal
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
from workshop.values.matching import Fit, Said
from workshop.values.placement import (
    CLOSED_REASON,
    FILLED_REASON,
    Channel,
    EvidenceKind,
    FollowUpOutcome,
    Form,
    LeavingReason,
    PlacementState,
    VacancyState,
)
from workshop.values.ventures import LoanState, VentureStage

__all__ = [
    "CLOSED_REASON",
    "FILLED_REASON",
    "AttendanceStatus",
    "Basis",
    "Channel",
    "CheckInState",
    "CohortState",
    "Conflict",
    "EnrolmentState",
    "EvidenceKind",
    "Fit",
    "FollowUpOutcome",
    "Form",
    "Ground",
    "Held",
    "Judged",
    "LeavingReason",
    "LoanState",
    "Mark",
    "MarkSource",
    "Mobility",
    "Needs",
    "PlacementState",
    "Policy",
    "Proposal",
    "RateName",
    "Reach",
    "RetirementStep",
    "Said",
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
