"""Which stages and states follow on which: pure decisions."""

import pytest

from core.errors import RuleError
from workshop.rules.ventures import LOAN, check_loan_move, check_stage_move, is_back
from workshop.values import LoanState, VentureStage

IDEA, PREPARING, LICENSED, OPERATING, ENDED = VentureStage


def code_of(call: object, *args: object, **values: object) -> str | None:
    try:
        call(*args, **values)  # type: ignore[operator]
    except RuleError as error:
        return error.code
    return None


@pytest.mark.parametrize(("before", "after"), [
    (IDEA, PREPARING), (PREPARING, LICENSED), (LICENSED, OPERATING), (IDEA, OPERATING),
])  # fmt: skip
def test_a_venture_goes_on_without_a_reason_and_may_skip_a_stage(
    before: VentureStage, after: VentureStage
) -> None:
    assert not is_back(before, after)
    assert code_of(check_stage_move, before, after, reason=None, has_licence=True) is None


@pytest.mark.parametrize(("before", "after"), [
    (PREPARING, IDEA), (OPERATING, LICENSED), (ENDED, IDEA), (ENDED, OPERATING),
])  # fmt: skip
def test_back_needs_a_reason(before: VentureStage, after: VentureStage) -> None:
    assert is_back(before, after)
    assert code_of(check_stage_move, before, after, reason=" ", has_licence=True) == "reason_needed"
    assert code_of(check_stage_move, before, after, reason="登记有误", has_licence=True) is None


@pytest.mark.parametrize("before", [IDEA, PREPARING, LICENSED, OPERATING])
def test_whoever_ends_says_why(before: VentureStage) -> None:
    said = {"reason": None, "has_licence": True}
    assert code_of(check_stage_move, before, ENDED, **said) == "reason_needed"


@pytest.mark.parametrize("after", [LICENSED, OPERATING])
def test_from_the_licence_on_it_must_be_known(after: VentureStage) -> None:
    said = {"reason": None, "has_licence": False}
    assert code_of(check_stage_move, PREPARING, after, **said) == "licence_needed"


@pytest.mark.parametrize("stage", list(VentureStage))
def test_a_stage_leads_not_to_itself(stage: VentureStage) -> None:
    said = {"reason": "x", "has_licence": True}
    assert code_of(check_stage_move, stage, stage, **said) == "venture_same_stage"


def test_every_state_of_a_loan_is_reached_from_the_first() -> None:
    reached, waiting = {LoanState.PREPARING}, [LoanState.PREPARING]
    while waiting:
        for after in LOAN[waiting.pop()] - reached:
            reached.add(after)
            waiting.append(after)
    assert reached == set(LoanState)


@pytest.mark.parametrize("before", list(LoanState))
@pytest.mark.parametrize("after", list(LoanState))
def test_a_loan_moves_as_the_table_says_and_no_other_way(
    before: LoanState, after: LoanState
) -> None:
    expected = None if after in LOAN[before] else "loan_no_such_move"
    assert code_of(check_loan_move, before, after, 50_000_00) == expected


def test_an_approval_says_how_much() -> None:
    said = LoanState.SUBMITTED, LoanState.APPROVED
    assert code_of(check_loan_move, *said, None) == "loan_amount_needed"
