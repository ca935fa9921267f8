"""Ways into work, the states of one placement, and what a follow-up finds."""

from enum import StrEnum


class Channel(StrEnum):
    """How she came to the work. A referral goes through all states; her own way begins at the start."""

    REFERRAL = "referral"
    OWN_WORK = "own_work"
    VENTURE = "venture"
    HOME_WORK = "home_work"


class Form(StrEnum):
    """What kind of work it is (就业形式). Volunteering is none."""

    EMPLOYED = "employed"
    FLEXIBLE = "flexible"
    HOME_WORK = "home_work"
    VENTURE = "venture"
    PUBLIC_POST = "public_post"


class PlacementState(StrEnum):
    REFERRED = "referred"
    INTERVIEW = "interview"
    HIRED = "hired"
    STARTED = "started"
    VERIFIED = "verified"
    LEFT = "left"
    NOT_HIRED = "not_hired"
    GAVE_UP = "gave_up"

    @property
    def holds_opening(self) -> bool:
        """Whether one opening of the vacancy is taken by it."""
        return self in (PlacementState.HIRED, PlacementState.STARTED, PlacementState.VERIFIED)

    @property
    def is_open(self) -> bool:
        """Whether it still can become a job, or is one."""
        return self not in (PlacementState.LEFT, PlacementState.NOT_HIRED, PlacementState.GAVE_UP)


class EvidenceKind(StrEnum):
    """What proves that she is in work (就业证明材料); which of them prove which form stands in rules/moves.py."""

    LABOUR_CONTRACT = "labour_contract"
    SOCIAL_INSURANCE = "social_insurance"
    EMPLOYMENT_RECORD = "employment_record"
    BUSINESS_LICENCE = "business_licence"
    PIECEWORK_RECEIPT = "piecework_receipt"


class LeavingReason(StrEnum):
    LOW_WAGE = "low_wage"
    HOURS = "hours"
    FAMILY_CARE = "family_care"
    HEALTH = "health"
    EMPLOYER_STOPPED = "employer_stopped"
    MOVED = "moved"
    BETTER_WORK = "better_work"
    OTHER = "other"


class FollowUpOutcome(StrEnum):
    """What a follow-up found; unreachable counts as not retained in the lower bound."""

    SAME_EMPLOYER = "same_employer"
    OTHER_EMPLOYER = "other_employer"
    NOT_EMPLOYED = "not_employed"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"

    @property
    def is_in_work(self) -> bool:
        """Whether she was found in work, wherever."""
        return self in (FollowUpOutcome.SAME_EMPLOYER, FollowUpOutcome.OTHER_EMPLOYER)

    @property
    def ends_job(self) -> bool:
        """Whether it says that she has left this job."""
        return self in (FollowUpOutcome.OTHER_EMPLOYER, FollowUpOutcome.NOT_EMPLOYED)


class VacancyState(StrEnum):
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"


# Why referrals end when the last opening is filled, or the vacancy closed: text of the record.
FILLED_REASON = "岗位已招满"
CLOSED_REASON = "岗位已关闭"
