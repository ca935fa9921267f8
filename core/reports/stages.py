"""The line of a report's life on its page: which steps are behind it, where it stands, what is to come."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reports.models import Report, ReportMove
from core.reports.values import ReportState

_LIFE = (
    ReportState.DRAFT, ReportState.REVIEWED, ReportState.ISSUED, ReportState.SIGNED,
    ReportState.SUBMITTED, ReportState.CLOSED,
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One state of a life. move: the step that led there, when it is behind or here."""

    state: ReportState
    is_here: bool
    move: ReportMove | None


def life_line(report: Report) -> tuple[Stage, ...]:
    """Every state in its order; a returned report stands at its end in place of 已办结."""
    return stages(report.state, report.moves)


def stages(state: ReportState, moves: Sequence[ReportMove]) -> tuple[Stage, ...]:
    """The same from a state and the moves that led to it. A step that was taken back is not behind."""
    life = (*_LIFE[:-1], state) if state is ReportState.RETURNED else _LIFE
    reached = life[: life.index(state) + 1]
    last = {move.to_state: move for move in moves}
    return tuple(
        Stage(each, each is state, last.get(each) if each in reached else None) for each in life
    )
