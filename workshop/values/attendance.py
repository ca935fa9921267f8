"""Marks of attendance, a cohort's policy, and one session as the rules of hours see it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AttendanceStatus(StrEnum):
    """What a mark says. No row is 未登记: listed, and never counted as any of these."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    EXCUSED = "excused"
    ABSENT = "absent"

    @property
    def is_there(self) -> bool:
        """Whether she was in the room and is credited for the time."""
        return self in (
            AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.LEFT_EARLY,
        )  # fmt: skip


class MarkSource(StrEnum):
    """How a mark came about."""

    THUMB = "thumb"  # one by one on the trainer's screen
    ALL_PRESENT = "all_present"
    CARD = "card"
    CHECK_IN = "check_in"  # by herself with the room code, confirmed by the trainer
    SHEET = "sheet"  # typed back from the signed sheet
    EXCUSE = "excuse"  # leave entered ahead
    CORRECTION = "correction"  # by the office, after the lock


class CheckInState(StrEnum):
    """What became of a learner's own check-in."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RateName(StrEnum):
    """The three figures, always shown together; a cohort names the one its reports lead with."""

    HELD = "held"  # 已上课出勤率: credited of what was held while she was enrolled
    PLANNED = "planned"  # 总学时完成率: credited of all that is planned
    REACHABLE = "reachable"  # 最高可达率: what she can still reach


@dataclass(frozen=True, slots=True)
class Policy:
    """What completes a cohort. Times are minutes, shares whole percent."""

    class_hour_min: int = 45
    late_absent_min: int = 15  # later than this is absent
    early_absent_min: int = 15  # left earlier than this before the end is absent
    credited_percent: int = 80
    leave_most_percent: int = 20
    needs_assessment: bool = True
    pass_mark: int = 60
    led_by: RateName = RateName.PLANNED


@dataclass(frozen=True, slots=True)
class Held:
    """One planned session of her cohort, with what is recorded of her. Minutes.

    credited_min includes what a make-up elsewhere credits for it. status None: unmarked.
    """

    session_id: int
    on: date
    starts_min: int
    taught_min: int
    is_over: bool
    status: AttendanceStatus | None = None
    credited_min: int = 0
    is_made_up: bool = False
