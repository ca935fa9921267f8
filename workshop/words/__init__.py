"""The workshop's words on the screen: what each value of `values` is called.

English is the message id, the Chinese of terms.md stands in the catalogue. Pages, forms, reports
and the demo take their labels from here and write none of their own.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from workshop.values import (
    AttendanceStatus,
    Basis,
    Channel,
    CheckInState,
    CohortState,
    EnrolmentState,
    EvidenceKind,
    FollowUpOutcome,
    Form,
    LeavingReason,
    LoanState,
    MarkSource,
    Mobility,
    PlacementState,
    RateName,
    Reach,
    SessionState,
    Shift,
    SkillLevel,
    SkillSource,
    VacancyState,
    VentureStage,
    WorkerKind,
)

BASIS: Mapping[Basis, Any] = {
    Basis.SELF_DECLARED: _l("Self-declared"),
    Basis.CERTIFIED: _l("Certified"),
}

WORKER_KIND: Mapping[WorkerKind, Any] = {
    WorkerKind.WORKER: _l("Worker (50 before the reform)"),
    WorkerKind.CADRE: _l("Cadre (55 before the reform)"),
}

MOBILITY: Mapping[Mobility, Any] = {
    Mobility.ON_FOOT: _l("On foot"),
    Mobility.BICYCLE: _l("By bicycle or e-bike"),
    Mobility.BUS: _l("By bus"),
    Mobility.CAR: _l("By car"),
    Mobility.AT_HOME: _l("Cannot leave the house for long"),
}

REACH: Mapping[Reach, Any] = {
    Reach.SAME_GRID: _l("Within her grid"),
    Reach.SAME_COMMUNITY: _l("Within her community"),
    Reach.SAME_STREET: _l("Within the subdistrict"),
    Reach.ANYWHERE: _l("Anywhere"),
}

SHIFT: Mapping[Shift, Any] = {
    Shift.DAY: _l("Day shift"),
    Shift.EVENING: _l("Evening shift"),
    Shift.NIGHT: _l("Night shift"),
    Shift.ROTATING: _l("Rotating shifts"),
    Shift.FLEXIBLE: _l("Flexible hours"),
}

SKILL_LEVEL: Mapping[SkillLevel, Any] = {
    SkillLevel.BASIC: _l("Basic"),
    SkillLevel.JUNIOR: _l("Junior (level five)"),
    SkillLevel.MIDDLE: _l("Intermediate (level four)"),
    SkillLevel.SENIOR: _l("Senior (level three)"),
}

SKILL_SOURCE: Mapping[SkillSource, Any] = {
    SkillSource.TOLD: _l("as she says"),
    SkillSource.COURSE: _l("by a course here"),
    SkillSource.CERTIFICATE: _l("by a certificate"),
}

COHORT_STATE: Mapping[CohortState, Any] = {
    CohortState.PLANNED: _l("In preparation"),
    CohortState.OPEN: _l("Open for enrolment"),
    CohortState.RUNNING: _l("Running"),
    CohortState.CLOSED: _l("Closed"),
    CohortState.CANCELLED: _l("Cancelled"),
}

SESSION_STATE: Mapping[SessionState, Any] = {
    SessionState.PLANNED: _l("Planned"),
    SessionState.CANCELLED: _l("Cancelled"),
}

ENROLMENT_STATE: Mapping[EnrolmentState, Any] = {
    EnrolmentState.APPLIED: _l("Applied"),
    EnrolmentState.WAITLISTED: _l("Waiting for a seat"),
    EnrolmentState.ADMITTED: _l("Admitted"),
    EnrolmentState.DECLINED: _l("Not admitted"),
    EnrolmentState.GAVE_UP: _l("Gave up the place"),
    EnrolmentState.TRAINING: _l("In training"),
    EnrolmentState.NO_SHOW: _l("Did not show up"),
    EnrolmentState.COMPLETED: _l("Completed"),
    EnrolmentState.INCOMPLETE: _l("Not completed"),
    EnrolmentState.WITHDRAWN: _l("Withdrawn"),
    EnrolmentState.TRANSFERRED: _l("Transferred"),
}

ATTENDANCE: Mapping[AttendanceStatus, Any] = {
    AttendanceStatus.PRESENT: _l("Present"),
    AttendanceStatus.LATE: _l("Late"),
    AttendanceStatus.LEFT_EARLY: _l("Left early"),
    AttendanceStatus.EXCUSED: _l("On leave"),
    AttendanceStatus.ABSENT: _l("Absent"),
}
UNMARKED = _l("Unmarked")

MARK_SOURCE: Mapping[MarkSource, Any] = {
    MarkSource.THUMB: _l("marked one by one"),
    MarkSource.ALL_PRESENT: _l("all present"),
    MarkSource.CARD: _l("card scanned"),
    MarkSource.CHECK_IN: _l("own check-in, confirmed"),
    MarkSource.SHEET: _l("typed from the sign-in sheet"),
    MarkSource.EXCUSE: _l("leave entered ahead"),
    MarkSource.CORRECTION: _l("corrected by the office"),
}

CHECK_IN: Mapping[CheckInState, Any] = {
    CheckInState.WAITING: _l("Waiting for the trainer"),
    CheckInState.CONFIRMED: _l("Confirmed"),
    CheckInState.REFUSED: _l("Not confirmed"),
}

RATE: Mapping[RateName, Any] = {
    RateName.HELD: _l("Attendance of what was held"),
    RateName.PLANNED: _l("Share of all class hours"),
    RateName.REACHABLE: _l("Best still reachable"),
}

CHANNEL: Mapping[Channel, Any] = {
    Channel.REFERRAL: _l("Referred by us"),
    Channel.OWN_WORK: _l("Found by herself"),
    Channel.VENTURE: _l("Own business"),
    Channel.HOME_WORK: _l("Piecework at home"),
}

FORM: Mapping[Form, Any] = {
    Form.EMPLOYED: _l("Employed"),
    Form.FLEXIBLE: _l("Flexible work"),
    Form.HOME_WORK: _l("Home piecework"),
    Form.VENTURE: _l("Self-employed"),
    Form.PUBLIC_POST: _l("Public-interest post"),
}

PLACEMENT_STATE: Mapping[PlacementState, Any] = {
    PlacementState.REFERRED: _l("Referred"),
    PlacementState.INTERVIEW: _l("Interview"),
    PlacementState.HIRED: _l("Hired"),
    PlacementState.STARTED: _l("Started work"),
    PlacementState.VERIFIED: _l("Verified"),
    PlacementState.LEFT: _l("Left work"),
    PlacementState.NOT_HIRED: _l("Not hired"),
    PlacementState.GAVE_UP: _l("Gave up the job"),
}

EVIDENCE_KIND: Mapping[EvidenceKind, Any] = {
    EvidenceKind.LABOUR_CONTRACT: _l("Labour contract"),
    EvidenceKind.SOCIAL_INSURANCE: _l("Record of social insurance"),
    EvidenceKind.EMPLOYMENT_RECORD: _l("Employment registration"),
    EvidenceKind.BUSINESS_LICENCE: _l("Business licence"),
    EvidenceKind.PIECEWORK_RECEIPT: _l("Signed receipt of piecework pay"),
}

LEAVING_REASON: Mapping[LeavingReason, Any] = {
    LeavingReason.LOW_WAGE: _l("Wage too low"),
    LeavingReason.HOURS: _l("Hours do not fit"),
    LeavingReason.FAMILY_CARE: _l("Care of elders or children"),
    LeavingReason.HEALTH: _l("Health"),
    LeavingReason.EMPLOYER_STOPPED: _l("The employer stopped work"),
    LeavingReason.MOVED: _l("Moved house"),
    LeavingReason.BETTER_WORK: _l("Found better work"),
    LeavingReason.OTHER: _l("Other reason"),
}

FOLLOW_UP: Mapping[FollowUpOutcome, Any] = {
    FollowUpOutcome.SAME_EMPLOYER: _l("Still at the same employer"),
    FollowUpOutcome.OTHER_EMPLOYER: _l("At another employer"),
    FollowUpOutcome.NOT_EMPLOYED: _l("Not in work"),
    FollowUpOutcome.UNREACHABLE: _l("Could not be reached"),
    FollowUpOutcome.REFUSED: _l("Did not want to answer"),
}

VACANCY_STATE: Mapping[VacancyState, Any] = {
    VacancyState.OPEN: _l("Recruiting"),
    VacancyState.FILLED: _l("Filled"),
    VacancyState.CLOSED: _l("Closed (vacancy)"),
}

VENTURE_STAGE: Mapping[VentureStage, Any] = {
    VentureStage.IDEA: _l("Idea"),
    VentureStage.PREPARING: _l("Being prepared"),
    VentureStage.LICENSED: _l("Licensed"),
    VentureStage.OPERATING: _l("In business"),
    VentureStage.ENDED: _l("Ended"),
}

LOAN_STATE: Mapping[LoanState, Any] = {
    LoanState.PREPARING: _l("Papers being prepared"),
    LoanState.SUBMITTED: _l("Submitted to the bank"),
    LoanState.APPROVED: _l("Approved"),
    LoanState.PAID_OUT: _l("Paid out"),
    LoanState.REFUSED: _l("Refused"),
    LoanState.WITHDRAWN: _l("Application withdrawn"),
    LoanState.REPAID: _l("Repaid"),
}
