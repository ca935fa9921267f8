"""The life of a report, as decisions on plain values: which step from which state, by whom, and when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.clock import service_day
from core.errors import RuleError
from core.reports.values import Period, ReportState


class Step(StrEnum):
    """What moves a report from one state to the next."""

    REVIEW = "review"
    WITHDRAW = "withdraw"
    ISSUE = "issue"
    SIGN = "sign"
    SUBMIT = "submit"
    CLOSE = "close"
    RETURN = "return"


OFFICE = frozenset({"admin", "clerk", "reviewer"})
REVIEWERS = frozenset({"admin", "reviewer"})


@dataclass(frozen=True)
class Move:
    """One allowed step: where it begins, where it ends, whose it is, and the code that refuses it."""

    sources: frozenset[ReportState]
    target: ReportState
    roles: frozenset[str]
    refusal: str


def _move(source: ReportState, target: ReportState, refusal: str) -> Move:
    return Move(frozenset({source}), target, OFFICE, refusal)


_S = ReportState
MOVES: Mapping[Step, Move] = {
    Step.REVIEW: Move(frozenset({_S.DRAFT}), _S.REVIEWED, REVIEWERS, "report_not_draft"),
    Step.WITHDRAW: _move(_S.REVIEWED, _S.DRAFT, "report_not_reviewed"),
    Step.ISSUE: _move(_S.REVIEWED, _S.ISSUED, "report_not_reviewed"),
    Step.SIGN: _move(_S.ISSUED, _S.SIGNED, "report_not_issued"),
    # What was returned is handed in again with the same figures.
    Step.SUBMIT: Move(frozenset({_S.SIGNED, _S.RETURNED}), _S.SUBMITTED, OFFICE, "report_not_signed"),
    Step.CLOSE: _move(_S.SUBMITTED, _S.CLOSED, "report_not_submitted"),
    Step.RETURN: _move(_S.SUBMITTED, _S.RETURNED, "report_not_submitted"),
}  # fmt: skip


def target_of(step: Step, state: ReportState, roles: Collection[str]) -> ReportState:
    """The state that a step leads to.

    roles: of whoever takes it. Raises RuleError report_not_yours, or the step's own refusal when
    it does not begin at this state.
    """
    move = MOVES[step]
    if move.roles.isdisjoint(roles):
        raise RuleError("report_not_yours")
    if state not in move.sources:
        raise RuleError(move.refusal)
    return move.target


def steps_from(state: ReportState, roles: Collection[str]) -> tuple[Step, ...]:
    """The steps that somebody with these roles may take from a state, in the order of a life."""
    return tuple(
        step
        for step, move in MOVES.items()
        if state in move.sources and not move.roles.isdisjoint(roles)
    )


def may_write(roles: Collection[str]) -> bool:
    """Whether drafts are opened, written and explained with these roles."""
    return not OFFICE.isdisjoint(roles)


def check_ended(period: Period, now: datetime) -> None:
    """A running period is only previewed. Raises RuleError report_month_running."""
    if now < period.last_month.ends_at:
        raise RuleError("report_month_running", last=period.last.isoformat())


def check_begun(period: Period, now: datetime) -> None:
    """Raises RuleError report_in_future for a period that has not begun."""
    if now < period.first_month.starts_at:
        raise RuleError("report_in_future", first=period.first.isoformat())


def is_due(period: Period, today: date, readiness_day: int) -> bool:
    """Whether its last month has come so far that people should look at what is missing.

    readiness_day: of that month; 1 to 31.
    """
    return today >= period.last.replace(day=min(readiness_day, period.last.day))


def check_issuer(issuer_id: int | None, reviewer_id: int | None) -> None:
    """Whoever reviewed does not issue. Raises RuleError report_reviewer_issues.

    issuer_id: None when the house itself issues, for a command on the server.
    """
    if issuer_id is not None and issuer_id == reviewer_id:
        raise RuleError("report_reviewer_issues")


def check_revisable(state: ReportState, is_latest: bool) -> None:
    """A correction of figures is the next revision until the report is submitted, and never after.

    Raises RuleError report_submitted, report_is_open (it is still a draft), report_superseded.
    """
    if state.was_submitted:
        raise RuleError("report_submitted")
    if not is_latest:
        raise RuleError("report_superseded")
    if state.is_open:
        raise RuleError("report_is_open")


def check_submission(
    on: date, *, issued_at: datetime, submitted_on: date | None, now: datetime
) -> None:
    """The day on which it was handed in: not before it was issued or last handed in, not later than
    today.

    submitted_on: of the submission before, when it was returned. Raises RuleError
    report_submitted_early, report_submitted_late.
    """
    earliest = max(service_day(issued_at), submitted_on or date.min)
    if on < earliest:
        raise RuleError("report_submitted_early", earliest=earliest.isoformat())
    if on > service_day(now):
        raise RuleError("report_submitted_late", today=service_day(now).isoformat())
