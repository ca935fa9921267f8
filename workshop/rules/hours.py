"""Hours: what a mark credits, the three figures, and what a learner can still miss.

All times are whole minutes. The three figures are ratios of minutes with 4 places, always shown
together (terms.md "three rates"); a cohort names the one that its reports lead with.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from workshop.values import AttendanceStatus, Held, Policy, RateName

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Marked:
    """What a mark says after the policy has looked at its minutes."""

    status: AttendanceStatus
    late_min: int
    early_min: int
    credited_min: int


def marked(
    status: AttendanceStatus, taught_min: int, policy: Policy, late_min: int = 0, early_min: int = 0
) -> Marked:
    """Status, minutes and credit of a mark. Later (or earlier) than the policy allows is absent.

    Minutes that the status does not know are dropped; late and early may come together.
    Raises ValueError for negative minutes.
    """
    if late_min < 0 or early_min < 0:
        raise ValueError("minutes cannot be negative")
    if status not in (AttendanceStatus.LATE, AttendanceStatus.LEFT_EARLY):
        return Marked(status, 0, 0, taught_min if status.is_there else 0)
    if late_min > policy.late_absent_min or early_min > policy.early_absent_min:
        return Marked(AttendanceStatus.ABSENT, late_min, early_min, 0)
    if late_min + early_min == 0:
        return Marked(AttendanceStatus.PRESENT, 0, 0, taught_min)
    status = AttendanceStatus.LATE if late_min else AttendanceStatus.LEFT_EARLY
    return Marked(status, late_min, early_min, max(0, taught_min - late_min - early_min))


@dataclass(frozen=True, slots=True)
class Figures:
    """Her hours in one cohort, minutes. `carried_min` came along from another cohort of the course."""

    planned_min: int
    carried_min: int
    held_min: int
    credited_min: int  # without what was carried
    excused_min: int
    absent_min: int
    unmarked_min: int
    remaining_min: int

    @property
    def all_credited_min(self) -> int:
        """What counts towards the planned hours: never more than these."""
        return min(self.planned_min, self.credited_min + self.carried_min)

    @property
    def reachable_min(self) -> int:
        """What she has if she misses nothing more and nothing unmarked is credited."""
        return min(self.planned_min, self.all_credited_min + self.remaining_min)

    def share(self, name: RateName) -> tuple[int, int]:
        """Numerator and denominator of one of the three figures, minutes."""
        if name is RateName.HELD:
            return self.credited_min, self.held_min
        if name is RateName.PLANNED:
            return self.all_credited_min, self.planned_min
        return self.reachable_min, self.planned_min

    def rate(self, name: RateName) -> Decimal | None:
        """One of the three figures as a ratio from 0 to 1; None when nothing was held."""
        return ratio(*self.share(name))


def ratio(part: int, whole: int) -> Decimal | None:
    """part of whole with 4 places; None when there is no whole. Raises ValueError when part exceeds it."""
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    return (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_UP) if whole else None


def figures(held: Iterable[Held], planned_min: int, carried_min: int = 0) -> Figures:
    """Count one learner's sessions. held: those of her cohort while she was enrolled, not cancelled."""
    over = credited = excused = absent = unmarked = remaining = 0
    for one in held:
        credited += one.credited_min
        if not one.is_over and one.status is None and not one.is_made_up:
            remaining += one.taught_min
            continue
        if not one.is_over and one.status is AttendanceStatus.EXCUSED and not one.is_made_up:
            continue  # leave entered ahead: neither held yet nor still to be had
        over += one.taught_min
        if one.status is AttendanceStatus.EXCUSED:
            excused += 0 if one.is_made_up else one.taught_min
        elif one.status is AttendanceStatus.ABSENT:
            absent += 0 if one.is_made_up else one.taught_min
        elif one.status is None and not one.is_made_up:
            unmarked += one.taught_min
    return Figures(planned_min, carried_min, over, credited, excused, absent, unmarked, remaining)


def needed_min(planned_min: int, policy: Policy) -> int:
    """Minutes that complete the cohort, rounded up."""
    return -(-planned_min * policy.credited_percent // 100)


def can_miss_min(counted: Figures, policy: Policy) -> int:
    """Minutes she can still miss and complete; negative when it can no longer be reached."""
    return counted.reachable_min - needed_min(counted.planned_min, policy)


def saving_session(held: Sequence[Held], counted: Figures, policy: Policy) -> Held | None:
    """The next session, when missing it would put completion out of reach."""
    left = can_miss_min(counted, policy)
    coming = sorted(
        (one for one in held if not one.is_over and one.status is None and not one.is_made_up),
        key=lambda one: (one.on, one.starts_min),
    )
    return coming[0] if coming and 0 <= left < coming[0].taught_min else None


def absences_in_a_row(held: Iterable[Held]) -> int:
    """How many sessions she was absent from up to the last marked one; leave raises no alarm and breaks none."""
    count = 0
    marks = sorted(
        (one for one in held if one.status is not None and one.is_over),
        key=lambda one: (one.on, one.starts_min),
    )
    for one in reversed(marks):
        if one.status is AttendanceStatus.ABSENT and not one.is_made_up:
            count += 1
        elif one.status is not AttendanceStatus.EXCUSED:
            break
    return count
