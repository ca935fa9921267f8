"""What a phone or a plain form sends for a sheet of attendance, as marks.

A row's fields: s (status), l and e (minutes late and early), r (reason), n (number of the mark that
was seen), w (what the row said when the page was made), each followed by the learner's number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.forms import half_width
from workshop.values import AttendanceStatus, Mark, Standing

MOST_MINUTES = 1440
LONGEST = 18  # digits of a number that any database takes


@dataclass(frozen=True, slots=True)
class Typed:
    """One row as it was typed; kept on the screen whatever becomes of it."""

    status: AttendanceStatus | None
    late_min: int
    early_min: int
    reason: str
    number: int


def shown(standing: Standing) -> str:
    """What a row says, in one word that comes back with the form."""
    return _word(standing.status, standing.late_min, standing.early_min, standing.reason or "")


def _word(status: AttendanceStatus | None, late: int, early: int, reason: str) -> str:
    return "|".join([status.value if status else "", str(late), str(early), reason])


def typed_rows(form: Mapping[str, str]) -> dict[int, Typed]:
    """All rows of a form, by learner. What is no number or no status counts as left empty."""
    found = {}
    for name in form:
        prefix, _, key = name.partition("-")
        person_id = number_in(key)
        if prefix != "n" or person_id is None:
            continue
        found[person_id] = Typed(
            _status(form.get(f"s-{key}", "")), _minutes(form.get(f"l-{key}")),
            _minutes(form.get(f"e-{key}")), form.get(f"r-{key}", "").strip()[:128],
            _minutes(form.get(name)),
        )  # fmt: skip
    return found


def changed_rows(form: Mapping[str, str], rows: Mapping[int, Typed]) -> list[Mark]:
    """The rows that were touched, as marks; one that says what it said before is none of them."""
    marks = []
    for person_id, row in rows.items():
        is_timed = row.status in (AttendanceStatus.LATE, AttendanceStatus.LEFT_EARLY)
        late, early = (row.late_min, row.early_min) if is_timed else (0, 0)
        reason = row.reason if row.status is AttendanceStatus.EXCUSED else ""
        before = form.get(f"w-{person_id}")
        if before is not None and before == _word(row.status, late, early, reason):
            continue
        if row.status is None and row.number == 0:
            continue
        marks.append(Mark(person_id, row.status, late, early, reason or None, row.number))
    return marks


def _status(text: str) -> AttendanceStatus | None:
    return AttendanceStatus(text) if text in set(AttendanceStatus) else None


def _minutes(text: str | None) -> int:
    return min(number_in(half_width(text or ""), 5) or 0, MOST_MINUTES)


def number_in(text: str, longest: int = LONGEST) -> int | None:
    """The number that a text is, all of it; None for any other. `²` is a digit and no number."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= longest
    return int(text) if is_number else None


def seen_numbers(text: str) -> dict[int, int]:
    """The mark numbers that stood when a page was made, by learner: "7:2 9:0". What is none is left out."""
    pairs = (each.partition(":") for each in text.split())
    read = ((number_in(who), number_in(mark)) for who, _, mark in pairs)
    return {who: mark for who, mark in read if who is not None and mark is not None}
