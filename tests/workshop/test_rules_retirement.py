"""Retirement ages, compared with the decision's own tables by hand."""

from datetime import date

import pytest

from workshop.rules.retirement import first_steps, is_over, months_later, retires_on
from workshop.values import RetirementStep, WorkerKind

STEPS = first_steps()
WORKER, CADRE = WorkerKind.WORKER, WorkerKind.CADRE


@pytest.mark.parametrize(
    ("sex", "kind", "born", "retires"),
    [
        # 原法定退休年龄五十周岁的女职工延迟法定退休年龄对照表
        ("female", WORKER, date(1974, 12, 31), date(2024, 12, 31)),
        ("female", WORKER, date(1975, 1, 1), date(2025, 2, 1)),
        ("female", WORKER, date(1975, 2, 20), date(2025, 3, 20)),
        ("female", WORKER, date(1975, 3, 1), date(2025, 5, 1)),
        ("female", WORKER, date(1980, 1, 15), date(2032, 8, 15)),
        ("female", WORKER, date(1984, 10, 31), date(2039, 9, 30)),
        ("female", WORKER, date(1984, 11, 1), date(2039, 11, 1)),
        ("female", WORKER, date(1999, 2, 28), date(2054, 2, 28)),
        # 原法定退休年龄五十五周岁的女职工
        ("female", CADRE, date(1969, 12, 31), date(2024, 12, 31)),
        ("female", CADRE, date(1970, 1, 1), date(2025, 2, 1)),
        ("female", CADRE, date(1970, 4, 30), date(2025, 5, 30)),
        ("female", CADRE, date(1970, 5, 1), date(2025, 7, 1)),
        ("female", CADRE, date(1981, 8, 1), date(2039, 7, 1)),
        ("female", CADRE, date(1981, 9, 1), date(2039, 9, 1)),
        # 男职工
        ("male", WORKER, date(1964, 12, 1), date(2024, 12, 1)),
        ("male", WORKER, date(1965, 1, 1), date(2025, 2, 1)),
        ("male", CADRE, date(1965, 5, 1), date(2025, 7, 1)),
        ("male", WORKER, date(1976, 9, 1), date(2039, 9, 1)),
    ],
)
def test_the_seeded_table_is_the_decisions_table(
    sex: str, kind: WorkerKind, born: date, retires: date
) -> None:
    assert retires_on(sex, kind, born, STEPS) == retires


def test_the_last_step_is_the_one_that_the_decision_ends_with() -> None:
    last = {(s.sex, s.worker_kind): s for s in STEPS}
    assert last["female", WORKER] == RetirementStep("female", WORKER, date(1984, 11, 1), 55 * 12)
    assert last["female", CADRE] == RetirementStep("female", CADRE, date(1981, 9, 1), 58 * 12)
    assert last["male", WORKER] == RetirementStep("male", WORKER, date(1976, 9, 1), 63 * 12)
    assert len(STEPS) == 61 + 37 + 37


def test_she_is_over_from_the_day_on_which_she_reaches_the_age() -> None:
    born = date(1975, 3, 1)
    assert is_over("female", WORKER, born, STEPS, date(2025, 4, 30)) is False
    assert is_over("female", WORKER, born, STEPS, date(2025, 5, 1)) is True


@pytest.mark.parametrize(
    ("sex", "birth_on", "steps"),
    [(None, date(1980, 1, 1), STEPS), ("female", None, STEPS), ("female", date(1980, 1, 1), [])],
)
def test_what_cannot_be_told_is_no_answer(sex, birth_on, steps) -> None:
    assert retires_on(sex, WORKER, birth_on, steps) is None
    assert is_over(sex, WORKER, birth_on, steps, date(2026, 1, 1)) is None


def test_a_month_that_is_shorter_ends_on_its_last_day() -> None:
    assert months_later(date(1980, 1, 31), 1) == date(1980, 2, 29)
    assert months_later(date(1980, 12, 31), 2) == date(1981, 2, 28)
