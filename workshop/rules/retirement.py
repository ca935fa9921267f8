"""From when a person is over the statutory retirement age: then she may learn and is not counted.

The ages are a dated table that the office edits; `first_steps` only says what the reform of 2025
makes of it. Source: 全国人大常委会关于实施渐进式延迟法定退休年龄的决定 (2024-09-13).
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from workshop.values import RetirementStep, WorkerKind

MALE = "male"
LONG_AGO = date(1900, 1, 1)
# Sex, kind, age before the reform in months, first birth month that is delayed, births in months
# that make one month of delay, and the greatest delay in months.
REFORM: tuple[tuple[str, WorkerKind, int, date, int, int], ...] = (
    ("female", WorkerKind.WORKER, 50 * 12, date(1975, 1, 1), 2, 60),
    ("female", WorkerKind.CADRE, 55 * 12, date(1970, 1, 1), 4, 36),
    (MALE, WorkerKind.WORKER, 60 * 12, date(1965, 1, 1), 4, 36),
)


def first_steps() -> list[RetirementStep]:
    """The whole table of the reform, a row for each age, by sex, kind and birth."""
    steps = []
    for sex, kind, age, first, births, most in REFORM:
        steps.append(RetirementStep(sex, kind, LONG_AGO, age))
        steps += [
            RetirementStep(sex, kind, months_later(first, births * (n - 1)), age + n)
            for n in range(1, most + 1)
        ]
    return steps


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def retires_on(
    sex: str | None, worker_kind: WorkerKind, birth_on: date | None, steps: Iterable[RetirementStep]
) -> date | None:
    """The day on which she reaches the age of her row; None when sex, birth or row is unknown.

    steps: rows of the table in any order. Men have one row for both kinds, that of workers.
    """
    if sex is None or birth_on is None:
        return None
    kind = WorkerKind.WORKER if sex == MALE else worker_kind
    hers = [
        step
        for step in steps
        if step.sex == sex and step.worker_kind is kind and step.born_from <= birth_on
    ]
    if not hers:
        return None
    return months_later(birth_on, max(hers, key=lambda step: step.born_from).age_months)


def is_over(
    sex: str | None,
    worker_kind: WorkerKind,
    birth_on: date | None,
    steps: Iterable[RetirementStep],
    on: date,
) -> bool | None:
    """Whether she has reached the age on a day; None when that cannot be told."""
    ends = retires_on(sex, worker_kind, birth_on, steps)
    return None if ends is None else ends <= on
