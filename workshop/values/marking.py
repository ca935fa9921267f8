"""One request of marks: what was entered for each learner, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime

from core.errors import RuleError
from workshop.values.attendance import AttendanceStatus, MarkSource


@dataclass(frozen=True, slots=True)
class Mark:
    """What is entered for one learner. Minutes are whole; status None takes the mark away.

    number: of the latest mark that the sender saw, 0 for none; None: whatever stands there is replaced.
    makes_up_id: the missed session of hers that this attendance stands for. source: where it differs
    from that of the request.
    """

    person_id: int
    status: AttendanceStatus | None
    late_min: int = 0
    early_min: int = 0
    reason: str | None = None
    number: int | None = 0
    makes_up_id: int | None = None
    source: MarkSource | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for one learner. status None: nothing."""

    status: AttendanceStatus | None
    late_min: int = 0
    early_min: int = 0
    reason: str | None = None
    by_name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed her mark since it was looked at; both values, nothing written."""

    person_id: int
    mine: Standing
    theirs: Standing


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a request: who was written, who was not, and why."""

    saved: tuple[int, ...] = ()
    unchanged: tuple[int, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[tuple[int, RuleError], ...] = field(default=())
