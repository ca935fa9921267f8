"""Whether a learner completes her cohort: what its policy says of her hours, her leave and her result.

Completed: the hours reach the policy's share of what is planned, what she carried along counted in;
leave stays within its share of what is planned; the assessment is passed where one is needed. What
can no longer be reached is said as soon as it is certain; what is not yet known stays open.
Source: cohort completion policy, design.md "Attendance".
"""

from workshop.rules.hours import Figures, needed_min
from workshop.values import Ground, Judged, Policy, Proposal

# Any of these settles it against her, whatever is still unknown. A failed assessment does once the
# class is over: until then it may be taken again.
_AGAINST = frozenset({Ground.HOURS_SHORT, Ground.LEAVE_OVER})
_UNKNOWN = frozenset(
    {Ground.HOURS_OPEN, Ground.SESSIONS_TO_COME, Ground.UNMARKED, Ground.NOT_ASSESSED}
)


def judge(counted: Figures, policy: Policy, mark: int | None, is_passed: bool | None) -> Judged:
    """The proposal for one learner. mark, is_passed: of her latest assessment, None when there is none."""
    needed = needed_min(counted.planned_min, policy)
    leave_most = counted.planned_min * policy.leave_most_percent // 100
    credited = counted.all_credited_min
    still_possible = credited + counted.remaining_min + counted.unmarked_min
    grounds = [_hours(credited, needed, still_possible)]
    over = counted.excused_min > leave_most
    grounds.append(Ground.LEAVE_OVER if over else Ground.LEAVE_WITHIN)
    if counted.remaining_min:
        grounds.append(Ground.SESSIONS_TO_COME)
    # An unmarked session may yet turn out to be leave, so it stays open even where the hours suffice.
    if counted.unmarked_min and (
        credited < needed or counted.excused_min + counted.unmarked_min > leave_most
    ):
        grounds.append(Ground.UNMARKED)
    grounds.append(_assessment(policy, is_passed))
    is_over = counted.remaining_min == 0
    if _AGAINST.intersection(grounds) or (is_over and Ground.FAILED in grounds):
        proposal = Proposal.INCOMPLETE
    elif _UNKNOWN.intersection(grounds):
        proposal = Proposal.OPEN
    else:
        proposal = Proposal.COMPLETED
    return Judged(
        proposal, tuple(grounds), credited, counted.carried_min, counted.planned_min, needed,
        counted.excused_min, leave_most, counted.unmarked_min, counted.remaining_min, mark,
        policy.pass_mark,
    )  # fmt: skip


def _hours(credited: int, needed: int, still_possible: int) -> Ground:
    if credited >= needed:
        return Ground.HOURS_REACHED
    return Ground.HOURS_OPEN if still_possible >= needed else Ground.HOURS_SHORT


def _assessment(policy: Policy, is_passed: bool | None) -> Ground:
    if not policy.needs_assessment:
        return Ground.NO_ASSESSMENT_NEEDED
    if is_passed is None:
        return Ground.NOT_ASSESSED
    return Ground.PASSED if is_passed else Ground.FAILED
