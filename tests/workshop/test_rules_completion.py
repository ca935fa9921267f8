"""Who completes a cohort, worked out by hand: ten sessions of 180 minutes are 40 class hours of 45."""

from dataclasses import replace

import pytest

from workshop.rules.completion import judge
from workshop.rules.hours import Figures
from workshop.values import Ground as G
from workshop.values import Policy, Proposal

# 40 class hours, 1800 minutes; 80 % are 1440, leave of 20 % is at most 360.
POLICY = Policy()


def counted(
    credited: int, *, carried: int = 0, excused: int = 0, unmarked: int = 0, remaining: int = 0,
    planned: int = 1800,
) -> Figures:  # fmt: skip
    held = planned - carried - remaining
    absent = max(0, held - credited - excused - unmarked)
    return Figures(planned, carried, held, credited, excused, absent, unmarked, remaining)


@pytest.mark.parametrize(
    ("figures", "mark", "proposal", "grounds"),
    [
        # eight of ten sessions: exactly what is needed
        (counted(1440), 75, Proposal.COMPLETED, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.PASSED)),
        # one minute short, nothing to come
        (counted(1439), 75, Proposal.INCOMPLETE, (G.HOURS_SHORT, G.LEAVE_WITHIN, G.PASSED)),
        # passed with the pass mark itself; failed with one less
        (counted(1800), 60, Proposal.COMPLETED, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.PASSED)),
        (counted(1800), 59, Proposal.INCOMPLETE, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.FAILED)),
        (counted(1800), None, Proposal.OPEN, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.NOT_ASSESSED)),
        # two sessions of leave are within, three are over
        (counted(1440, excused=360), 80, Proposal.COMPLETED, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.PASSED)),
        (counted(1260, excused=540), 80, Proposal.INCOMPLETE, (G.HOURS_SHORT, G.LEAVE_OVER, G.PASSED)),
        # seven credited, one unmarked: it decides
        (counted(1260, unmarked=180), 80, Proposal.OPEN, (G.HOURS_OPEN, G.LEAVE_WITHIN, G.UNMARKED, G.PASSED)),
        # eight credited, two unmarked: whatever they turn out to be, she completes
        (counted(1440, unmarked=360), 80, Proposal.COMPLETED, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.PASSED)),
        # eight credited, one on leave, one unmarked: 360 of leave at most, so she completes
        (counted(1440, excused=180, unmarked=180), 80, Proposal.COMPLETED,
         (G.HOURS_REACHED, G.LEAVE_WITHIN, G.PASSED)),
        # six credited, four to come: all is open
        (counted(1080, remaining=720), None, Proposal.OPEN,
         (G.HOURS_OPEN, G.LEAVE_WITHIN, G.SESSIONS_TO_COME, G.NOT_ASSESSED)),
        # five credited, two to come: seven can never be eight
        (counted(900, remaining=360), None, Proposal.INCOMPLETE,
         (G.HOURS_SHORT, G.LEAVE_WITHIN, G.SESSIONS_TO_COME, G.NOT_ASSESSED)),
        # failed while the class goes on: she may try again
        (counted(1440, remaining=180), 40, Proposal.OPEN,
         (G.HOURS_REACHED, G.LEAVE_WITHIN, G.SESSIONS_TO_COME, G.FAILED)),
        # 12 hours brought along and six sessions here: 540 + 1080 = 1620
        (counted(1080, carried=540), 90, Proposal.COMPLETED, (G.HOURS_REACHED, G.LEAVE_WITHIN, G.PASSED)),
    ],
)  # fmt: skip
def test_a_proposal_with_its_grounds(
    figures: Figures, mark: int | None, proposal: Proposal, grounds: tuple[G, ...]
) -> None:
    judged = judge(figures, POLICY, mark, None if mark is None else mark >= 60)
    assert judged.proposal is proposal
    assert judged.grounds == grounds
    assert (judged.needed_min, judged.leave_most_min, judged.planned_min) == (1440, 360, 1800)


def test_without_an_assessment_in_the_policy_the_hours_decide() -> None:
    policy = replace(POLICY, needs_assessment=False)
    judged = judge(counted(1440), policy, None, None)
    assert judged.proposal is Proposal.COMPLETED
    assert judged.grounds[-1] is G.NO_ASSESSMENT_NEEDED


def test_unmarked_sessions_that_could_be_too_much_leave_stay_open() -> None:
    # 75 % are needed: 1350. Eight of ten are credited, one on leave, one unmarked; leave at most 10 %, 180.
    policy = replace(POLICY, credited_percent=75, leave_most_percent=10)
    judged = judge(counted(1440, excused=180, unmarked=180), policy, 80, True)
    assert judged.proposal is Proposal.OPEN
    assert G.UNMARKED in judged.grounds


def test_what_is_carried_never_counts_for_more_than_is_planned() -> None:
    judged = judge(counted(360, carried=1700), POLICY, 80, True)
    assert judged.credited_min == 1800
    assert judged.carried_min == 1700


def test_the_result_counts_as_it_was_judged_when_it_was_recorded() -> None:
    # The pass mark was 70 then; the cohort's policy says 60 today.
    assert judge(counted(1800), POLICY, 65, False).proposal is Proposal.INCOMPLETE
