"""Which moves the two state machines allow: of a place in a cohort, and of a way into work.

Source: terms.md "enrolment" and "placement", as told in docs/terms.md.
"""

from collections.abc import Mapping

from core.errors import RuleError
from workshop.values import Channel, EnrolmentState, EvidenceKind, Form, PlacementState

_E, _P = EnrolmentState, PlacementState

ENROLMENT: Mapping[EnrolmentState | None, frozenset[EnrolmentState]] = {
    None: frozenset({_E.APPLIED}),
    _E.APPLIED: frozenset({_E.ADMITTED, _E.WAITLISTED, _E.DECLINED, _E.GAVE_UP}),
    _E.WAITLISTED: frozenset({_E.ADMITTED, _E.DECLINED, _E.GAVE_UP}),
    _E.ADMITTED: frozenset({_E.TRAINING, _E.NO_SHOW, _E.GAVE_UP, _E.TRANSFERRED}),
    _E.TRAINING: frozenset({_E.COMPLETED, _E.INCOMPLETE, _E.WITHDRAWN, _E.TRANSFERRED}),
    # Whoever gave up, was declined or did not show may apply again.
    _E.DECLINED: frozenset({_E.APPLIED}),
    _E.GAVE_UP: frozenset({_E.APPLIED}),
    _E.NO_SHOW: frozenset({_E.APPLIED}),
    # Decided too early, or wrongly: the office takes it back with a reason.
    _E.COMPLETED: frozenset({_E.TRAINING}),
    _E.INCOMPLETE: frozenset({_E.TRAINING}),
    _E.WITHDRAWN: frozenset({_E.TRAINING}),
    _E.TRANSFERRED: frozenset(),
}

# Not among these: back from training to admitted, which only the mark does with which training began.
_TAKEN_BACK_WITH_MARK = (_E.TRAINING, _E.ADMITTED)

# What must say why: a clerk reads it two years later.
NEEDS_REASON = frozenset({_E.DECLINED, _E.GAVE_UP, _E.NO_SHOW, _E.WITHDRAWN, _E.TRANSFERRED})

PLACEMENT: Mapping[PlacementState, frozenset[PlacementState]] = {
    _P.REFERRED: frozenset({_P.INTERVIEW, _P.NOT_HIRED, _P.GAVE_UP}),
    _P.INTERVIEW: frozenset({_P.HIRED, _P.NOT_HIRED, _P.GAVE_UP}),
    _P.HIRED: frozenset({_P.STARTED, _P.NOT_HIRED, _P.GAVE_UP}),
    _P.STARTED: frozenset({_P.VERIFIED, _P.LEFT}),
    _P.VERIFIED: frozenset({_P.LEFT}),
    _P.LEFT: frozenset(),
    _P.NOT_HIRED: frozenset(),
    _P.GAVE_UP: frozenset(),
}

# What somebody asks about two years later.
PLACEMENT_NEEDS_REASON = frozenset({_P.NOT_HIRED, _P.GAVE_UP})

# What work a channel leads to, the usual one first. Volunteering is none of them.
FORMS: Mapping[Channel, tuple[Form, ...]] = {
    Channel.REFERRAL: (Form.EMPLOYED, Form.FLEXIBLE, Form.PUBLIC_POST, Form.HOME_WORK),
    Channel.OWN_WORK: (Form.EMPLOYED, Form.FLEXIBLE, Form.PUBLIC_POST),
    Channel.VENTURE: (Form.VENTURE,),
    Channel.HOME_WORK: (Form.HOME_WORK,),
}

_CONTRACT, _INSURANCE = EvidenceKind.LABOUR_CONTRACT, EvidenceKind.SOCIAL_INSURANCE
_RECORD, _LICENCE = EvidenceKind.EMPLOYMENT_RECORD, EvidenceKind.BUSINESS_LICENCE
_RECEIPT = EvidenceKind.PIECEWORK_RECEIPT
# Which papers prove which form of work, the usual one first.
EVIDENCE: Mapping[Form, tuple[EvidenceKind, ...]] = {
    Form.EMPLOYED: (_CONTRACT, _INSURANCE, _RECORD),
    Form.FLEXIBLE: (_RECORD, _INSURANCE, _CONTRACT, _RECEIPT),
    Form.HOME_WORK: (_RECEIPT, _RECORD),
    Form.VENTURE: (_LICENCE, _RECORD),
    Form.PUBLIC_POST: (_CONTRACT, _INSURANCE, _RECORD),
}


def first_state(channel: Channel) -> PlacementState:
    """Where a placement of this channel begins."""
    return _P.REFERRED if channel is Channel.REFERRAL else _P.STARTED


def check_enrolment_move(
    before: EnrolmentState | None, after: EnrolmentState, reason: str | None
) -> None:
    """Raises RuleError enrolment_no_such_move, reason_needed."""
    if after not in ENROLMENT[before]:
        raise RuleError("enrolment_no_such_move", before=str(before), after=str(after))
    is_taken_back = before is not None and not before.is_open and after is _E.TRAINING
    if (after in NEEDS_REASON or is_taken_back) and not (reason or "").strip():
        raise RuleError("reason_needed")


def check_training_taken_back(before: EnrolmentState, after: EnrolmentState, reason: str) -> None:
    """The one move that a mark may take back. Raises RuleError enrolment_no_such_move, reason_needed."""
    if (before, after) != _TAKEN_BACK_WITH_MARK:
        raise RuleError("enrolment_no_such_move", before=str(before), after=str(after))
    if not reason.strip():
        raise RuleError("reason_needed")


def check_placement_move(before: PlacementState, after: PlacementState) -> None:
    """Raises RuleError placement_no_such_move."""
    if after not in PLACEMENT[before]:
        raise RuleError("placement_no_such_move", before=str(before), after=str(after))
