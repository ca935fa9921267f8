"""Rows of the workshop: who learns what, when and how well, and the way into work."""

from workshop.models.attendance import Attendance, AttendanceMark, CheckIn
from workshop.models.certificates import Certificate, CertificateNumber, ExternalCertificate
from workshop.models.courses import Cohort, Course, Room, Session, Skill
from workshop.models.enrolments import Assessment, Enrolment, EnrolmentMove
from workshop.models.guidance import GuidanceMeeting, LoanApplication, Venture, VentureMove
from workshop.models.learners import (
    HardshipCategory,
    HardshipTag,
    Learner,
    LearnerSkill,
    NeedsAssessment,
    RetirementAge,
    WantedSkill,
)
from workshop.models.placements import (
    Employer,
    FollowUp,
    FollowUpAttempt,
    Placement,
    PlacementMove,
    Vacancy,
)

__all__ = [
    "Assessment",
    "Attendance",
    "AttendanceMark",
    "Certificate",
    "CertificateNumber",
    "CheckIn",
    "Cohort",
    "Course",
    "Employer",
    "Enrolment",
    "EnrolmentMove",
    "ExternalCertificate",
    "FollowUp",
    "FollowUpAttempt",
    "GuidanceMeeting",
    "HardshipCategory",
    "HardshipTag",
    "Learner",
    "LearnerSkill",
    "LoanApplication",
    "NeedsAssessment",
    "Placement",
    "PlacementMove",
    "RetirementAge",
    "Room",
    "Session",
    "Skill",
    "Vacancy",
    "Venture",
    "VentureMove",
    "WantedSkill",
]
