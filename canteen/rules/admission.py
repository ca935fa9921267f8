"""Whether a meal may be registered, in one fixed order, and what staff should know besides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from canteen.rules.tariff import categories_by_age
from canteen.values import GENERAL, Category, DietKind, Dimension, Note, Refusal


@dataclass(frozen=True, slots=True)
class Paper:
    """An approved eligibility: its category, and the days it is good for (inclusive)."""

    category: Category
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """The categories somebody is in on a day, the general one last, and how they are held.

    `is_eligible` is false when she is in none; `needs_review` when one has run out and is held
    only by grace; `expired_on` is the last day of the one that ran out first.
    """

    categories: tuple[Category, ...]
    is_eligible: bool
    needs_review: bool = False
    expired_on: date | None = None


def held_categories(
    papers: Iterable[Paper],
    all_categories: Sequence[Category],
    *,
    age: int | None,
    day: date,
    grace_days: int,
) -> Held:
    """The categories of a diner on a day: by approved paper, by grace, and by age.

    An eligibility that has run out counts for `grace_days` more (资格待复核), unless another
    paper of the same category is good on that day.
    """
    good: dict[int, Category] = {}
    graced: dict[int, tuple[Category, date]] = {}
    for paper in papers:
        if paper.from_on > day:
            continue
        if paper.until_on is None or day <= paper.until_on:
            good[paper.category.id] = paper.category
        elif day <= paper.until_on + timedelta(days=grace_days):
            graced[paper.category.id] = (paper.category, paper.until_on)
    graced = {key: value for key, value in graced.items() if key not in good}
    by_age = categories_by_age(all_categories, age)
    held = {category.id: category for category in by_age}
    held |= {key: category for key, (category, _) in graced.items()} | good
    eligible = bool(held)
    for category in all_categories:
        if category.code == GENERAL:
            held.setdefault(category.id, category)
    ordered = sorted(
        held.values(),
        key=lambda category: (
            category.dimension is Dimension.GENERAL,
            category.position,
            category.id,
        ),
    )
    expired = min((until for _, until in graced.values()), default=None)
    return Held(tuple(ordered), eligible, bool(graced), expired)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known when somebody stands at the counter. `card` is the card's own refusal, if any."""

    card: Refusal | None
    standing: Refusal | None
    is_suspended: bool
    is_enrolled: bool
    held: Held
    is_open_day: bool
    in_sitting: bool
    has_late_reason: bool
    is_clock_suspect: bool = False
    is_paused: bool = False
    in_grace: bool = False
    needs: frozenset[DietKind] = frozenset()
    is_acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """The answer: a refusal, or None with the notes for the staff's side."""

    refusal: Refusal | None
    notes: tuple[Note, ...] = ()


def admit(case: Case) -> Admitted:
    """Decide in the order in which staff can do something about it: card, person, day, plate.

    A pause never closes the counter. A late reason opens a closed day and the hours outside a
    sitting; nothing opens a stopped card. The diet block comes last, because its acknowledgement
    leads straight to the meal.
    """
    checks = (
        (case.card, case.card is not None),
        (case.standing, case.standing is not None),
        (Refusal.SUSPENDED, case.is_suspended),
        (Refusal.NOT_ELIGIBLE, not case.is_enrolled or not case.held.is_eligible),
        (Refusal.CLOCK_SUSPECT, case.is_clock_suspect),
        (Refusal.CLOSED_DAY, not case.is_open_day and not case.has_late_reason),
        (Refusal.OUTSIDE_SITTING, not case.in_sitting),
        (Refusal.DIET_BLOCK, not case.is_acknowledged and any(need.blocks for need in case.needs)),
    )
    refusal = next((refusal for refusal, applies in checks if applies), None)
    return Admitted(refusal, () if refusal else _notes(case))


def _notes(case: Case) -> tuple[Note, ...]:
    notes = (
        (Note.ELIGIBILITY_REVIEW, case.held.needs_review),
        (Note.PAUSED, case.is_paused),
        (Note.GRACE, case.in_grace),
        (Note.LATE_ENTRY, case.has_late_reason),
        (Note.DIET, bool(case.needs)),
    )
    return tuple(note for note, applies in notes if applies)
