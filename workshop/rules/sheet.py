"""What is typed back from a signed sheet: row numbers, and what stood beside them.

「1-12 14 17迟到10 20假」: 1 to 12 and 14 were there, 17 came ten minutes late, 20 was on leave.
Nothing is guessed: what cannot be read is named, with the place where it stands.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from workshop.values import AttendanceStatus

_S = AttendanceStatus
WORDS = {
    "出勤": _S.PRESENT, "到": _S.PRESENT, "在": _S.PRESENT, "签": _S.PRESENT, "√": _S.PRESENT, "✓": _S.PRESENT,
    "迟到": _S.LATE, "迟": _S.LATE, "晚": _S.LATE,
    "早退": _S.LEFT_EARLY, "早": _S.LEFT_EARLY,
    "请假": _S.EXCUSED, "事假": _S.EXCUSED, "病假": _S.EXCUSED, "假": _S.EXCUSED,
    "缺勤": _S.ABSENT, "缺": _S.ABSENT, "旷课": _S.ABSENT, "旷": _S.ABSENT, "×": _S.ABSENT, "x": _S.ABSENT,
}  # fmt: skip
_WORD = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
_ITEM = re.compile(rf"(\d+)(?:-(\d+))?号?((?:(?:{_WORD})(?:\d+(?:分钟|分)?)?)*)")
_PART = re.compile(rf"({_WORD})(\d+)?(?:分钟|分)?")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣～〜", "-"))
# A blank between a number and its word: 「17 迟到 10」 is one entry.
_JOIN = re.compile(rf"(?<=\d)\s+(?=(?:{_WORD}))|(?<=迟到|早退)\s+(?=\d)|(?<=[迟早晚])\s+(?=\d)")
_RANGE = re.compile(r"(?<=\d)(?:\s+[至到~-]\s+|[至到~-])(?=\d)")
_BETWEEN = re.compile(r"[\s,,、;;。./]+")
LONGEST = 2000
DAY_MIN = 1440  # 「迟到1530」 are two numbers without the blank between them


class Fault(StrEnum):
    """Why a piece of what was typed says nothing."""

    UNREADABLE = "unreadable"
    NO_SUCH_ROW = "no_such_row"
    TWICE = "twice"
    NO_MINUTES = "no_minutes"
    BACKWARDS = "backwards"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet as it was read."""

    row: int
    status: AttendanceStatus
    late_min: int = 0
    early_min: int = 0


@dataclass(frozen=True, slots=True)
class Bad:
    """A piece that could not be taken, as it was typed."""

    text: str
    fault: Fault
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was typed: the rows in their order, and what could not be taken."""

    lines: tuple[Line, ...]
    bad: tuple[Bad, ...]


def read(typed: str, rows: Iterable[int]) -> Reading:
    """Read what was typed back. rows: the numbers that stand on the sheet.

    A row given twice with the same meaning counts once; with another it is a fault, and counts not
    at all. Minutes are whole; late and early may stand together: 「8迟5早10」.
    """
    known = set(rows)
    found: dict[int, Line] = {}
    # A browser counts the end of a line as one character and sends two.
    typed = typed.replace("\r\n", "\n")
    rest = typed[LONGEST:].strip()
    bad = [Bad(rest[:20], Fault.UNREADABLE)] if rest else []
    for text in _pieces(typed[:LONGEST]):
        match = _ITEM.fullmatch(text)
        if match is None:
            bad.append(Bad(text, Fault.UNREADABLE))
            continue
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        said = _said(match[3])
        if isinstance(said, Fault):
            bad.append(Bad(text, said))
        elif last < first:
            bad.append(Bad(text, Fault.BACKWARDS))
        else:
            _take(range(first, min(last, first + 999) + 1), said, text, known, found, bad)
    twice = {one.row for one in bad if one.fault is Fault.TWICE}
    return Reading(tuple(found[row] for row in sorted(found) if row not in twice), tuple(bad))


def _pieces(typed: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", typed).translate(_DASHES).replace("X", "x")
    folded = _RANGE.sub("-", folded)
    return [piece for piece in _BETWEEN.split(_JOIN.sub("", folded)) if piece]


def _said(words: str) -> tuple[AttendanceStatus, int, int] | Fault:
    """Status and minutes of 「迟到10」; present when nothing is said."""
    parts = [(WORDS[word], number) for word, number in _PART.findall(words)]
    if not parts:
        return _S.PRESENT, 0, 0
    minutes = {status: int(number) for status, number in parts if number}
    statuses = {status for status, _ in parts}
    timed = {_S.LATE, _S.LEFT_EARLY}
    if len(parts) != len(statuses) or (len(statuses) > 1 and statuses != timed):
        return Fault.UNREADABLE
    if any(status not in timed for status in minutes) or max(minutes.values(), default=0) > DAY_MIN:
        return Fault.UNREADABLE
    if any(not minutes.get(status) for status in statuses & timed):
        return Fault.NO_MINUTES
    late, early = minutes.get(_S.LATE, 0), minutes.get(_S.LEFT_EARLY, 0)
    return (_S.LATE if late else parts[0][0]), late, early


def _take(
    numbers: range, said: tuple[AttendanceStatus, int, int], text: str, known: set[int],
    found: dict[int, Line], bad: list[Bad],
) -> None:  # fmt: skip
    for row in numbers:
        line = Line(row, *said)
        if row not in known:
            # A range may run over gaps in the sheet; only its ends are meant by their number.
            if row in (numbers[0], numbers[-1]):
                bad.append(Bad(text, Fault.NO_SUCH_ROW, row))
        elif found.setdefault(row, line) != line:
            bad.append(Bad(text, Fault.TWICE, row))
