"""Which step a report may take, from which state, and whose it is; no database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import RuleError
from core.reports import rules
from core.reports.rules import Step
from core.reports.values import Period, ReportState

# The life of a report as the office tells it: from, step, to, and who may.
OFFICE = {"admin", "clerk", "reviewer"}
ALLOWED = {
    ("draft", "review"): ("reviewed", {"admin", "reviewer"}),
    ("reviewed", "withdraw"): ("draft", OFFICE),
    ("reviewed", "issue"): ("issued", OFFICE),
    ("issued", "sign"): ("signed", OFFICE),
    ("signed", "submit"): ("submitted", OFFICE),
    ("returned", "submit"): ("submitted", OFFICE),
    ("submitted", "close"): ("closed", OFFICE),
    ("submitted", "return"): ("returned", OFFICE),
}
REFUSALS = {
    "review": "report_not_draft", "withdraw": "report_not_reviewed", "issue": "report_not_reviewed",
    "sign": "report_not_issued", "submit": "report_not_signed", "close": "report_not_submitted",
    "return": "report_not_submitted",
}  # fmt: skip
ROLES = (
    "admin", "clerk", "reviewer", "manager", "counter", "courier", "grid_worker", "trainer",
    "coordinator", "auditor",
)  # fmt: skip
OCTOBER = Period.parse("2026-10")
# Ten in the morning of 5 November in Handan.
NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)


def code_of(call: object, *args: object, **more: object) -> str | None:
    try:
        call(*args, **more)  # type: ignore[operator]
    except RuleError as error:
        return error.code
    return None


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", ReportState)
@pytest.mark.parametrize("role", ROLES)
def test_each_step_of_each_role_from_each_state_is_allowed_or_refused_by_its_code(
    step: Step, state: ReportState, role: str
) -> None:
    target, allowed = ALLOWED.get((state.value, step.value), (None, None))
    whose = {"admin", "reviewer"} if step is Step.REVIEW else OFFICE
    if role not in whose:
        assert code_of(rules.target_of, step, state, {role}) == "report_not_yours"
    elif allowed is None:
        assert code_of(rules.target_of, step, state, {role}) == REFUSALS[step.value]
    else:
        assert role in allowed
        assert rules.target_of(step, state, {role}) == target


def test_the_steps_offered_are_those_that_may_be_taken() -> None:
    assert rules.steps_from(ReportState.REVIEWED, {"clerk"}) == (Step.WITHDRAW, Step.ISSUE)
    assert rules.steps_from(ReportState.DRAFT, {"clerk"}) == ()
    assert rules.steps_from(ReportState.DRAFT, {"reviewer"}) == (Step.REVIEW,)
    assert rules.steps_from(ReportState.SUBMITTED, {"admin"}) == (Step.CLOSE, Step.RETURN)
    assert rules.steps_from(ReportState.CLOSED, {"admin"}) == ()


def test_a_period_is_over_at_midnight_in_handan() -> None:
    midnight = datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert code_of(rules.check_ended, OCTOBER, midnight - timedelta(milliseconds=1)) == (
        "report_month_running"
    )
    assert code_of(rules.check_ended, OCTOBER, midnight) is None
    assert code_of(rules.check_ended, Period.parse("2026-Q4"), midnight) == "report_month_running"


def test_a_period_begins_at_midnight_in_handan() -> None:
    midnight = datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert code_of(rules.check_begun, OCTOBER, midnight - timedelta(milliseconds=1)) == (
        "report_in_future"
    )
    assert code_of(rules.check_begun, OCTOBER, midnight) is None


@pytest.mark.parametrize(
    ("issuer", "reviewer", "code"),
    [(1, 1, "report_reviewer_issues"), (1, 2, None), (None, 2, None)],
)
def test_whoever_reviewed_does_not_issue(
    issuer: int | None, reviewer: int, code: str | None
) -> None:
    assert code_of(rules.check_issuer, issuer, reviewer) == code


@pytest.mark.parametrize(
    ("state", "is_latest", "code"),
    [
        ("draft", True, "report_is_open"),
        ("reviewed", True, "report_is_open"),
        ("issued", True, None),
        ("signed", True, None),
        ("issued", False, "report_superseded"),
        ("submitted", True, "report_submitted"),
        ("closed", True, "report_submitted"),
        ("returned", True, "report_submitted"),
        ("returned", False, "report_submitted"),
    ],
)
def test_a_correction_is_a_revision_until_the_submission(
    state: str, is_latest: bool, code: str | None
) -> None:
    assert code_of(rules.check_revisable, ReportState(state), is_latest) == code


@pytest.mark.parametrize(
    ("on", "submitted_on", "code"),
    [
        (date(2026, 11, 2), None, "report_submitted_early"),
        (date(2026, 11, 3), None, None),
        (date(2026, 11, 5), None, None),
        (date(2026, 11, 6), None, "report_submitted_late"),
        (date(2026, 11, 3), date(2026, 11, 4), "report_submitted_early"),
        (date(2026, 11, 4), date(2026, 11, 4), None),
    ],
)
def test_the_day_of_submission_lies_between_issue_and_today(
    on: date, submitted_on: date | None, code: str | None
) -> None:
    # Issued just after midnight of 3 November in Handan, which is still the 2nd in Greenwich.
    issued_at = datetime(2026, 11, 2, 16, 1, tzinfo=UTC)
    found = code_of(
        rules.check_submission, on, issued_at=issued_at, submitted_on=submitted_on, now=NOW
    )
    assert found == code


@pytest.mark.parametrize(
    ("period", "day", "is_due"),
    [
        ("2026-10", date(2026, 10, 24), False),
        ("2026-10", date(2026, 10, 25), True),
        ("2026-10", date(2026, 12, 1), True),
        ("2026-Q4", date(2026, 11, 30), False),
        ("2026-Q4", date(2026, 12, 25), True),
    ],
)
def test_people_look_at_what_is_missing_from_the_25th_of_the_last_month(
    period: str, day: date, is_due: bool
) -> None:
    assert rules.is_due(Period.parse(period), day, 25) is is_due


def test_a_readiness_day_after_the_end_of_a_short_month_is_its_last_day() -> None:
    assert rules.is_due(Period.parse("2027-02"), date(2027, 2, 28), 31)
    assert not rules.is_due(Period.parse("2027-02"), date(2027, 2, 27), 31)
