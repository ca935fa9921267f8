"""Why a learner is at risk of not completing, in plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from workshop.rules.hours import Figures, absences_in_a_row, can_miss_min, saving_session
from workshop.values import Held, Policy


class Risk(StrEnum):
    """A reason to call her, the gravest first."""

    OUT_OF_REACH = "out_of_reach"
    LAST_CHANCE = "last_chance"
    ABSENT_IN_A_ROW = "absent_in_a_row"
    UNMARKED = "unmarked"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: short_min minutes lacking, the session that can still save her, or how many times."""

    risk: Risk
    count: int = 0
    session: Held | None = None


def unmarked_sessions(held: Sequence[Held]) -> int:
    """How many sessions are over of which nothing is recorded of her."""
    return sum(one.is_over and one.status is None and not one.is_made_up for one in held)


def reasons(
    held: Sequence[Held], counted: Figures, policy: Policy, *, absences: int, unmarked: int
) -> tuple[Reason, ...]:
    """All that speaks for a call, the gravest first; nothing when she is well on her way.

    absences: so many in a row are a reason. unmarked: so many sessions without a mark are one.
    """
    found: list[Reason] = []
    left = can_miss_min(counted, policy)
    if left < 0:
        found.append(Reason(Risk.OUT_OF_REACH, -left))
    elif last := saving_session(held, counted, policy):
        found.append(Reason(Risk.LAST_CHANCE, session=last))
    if (count := absences_in_a_row(held)) >= absences:
        found.append(Reason(Risk.ABSENT_IN_A_ROW, count))
    if (count := unmarked_sessions(held)) >= unmarked:
        found.append(Reason(Risk.UNMARKED, count))
    return tuple(found)
