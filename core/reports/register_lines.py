"""Lines of a register: the words of many columns on one line, with blanks between that reach the next.

Noto Sans SC has blanks of one em and of half an em; an ordinary blank is widened by the style sheet to
the width of a digit. From these three nearly every gap can be made: those between ideographs and between
numbers exactly, wide ones to within a tenth of a millimetre. A word that stands in the way of the next
one is left out and set in a box of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

DIGIT = (
    0.555  # em: what a digit takes, the minus sign, and a blank with the word spacing of report.css
)
_WIDE, _HALF, _BLANK = "\u3000", "\u2002", " "
_MOST = 20  # blanks of a digit's width in one gap
TOLERANCE = 0.035  # em: a tenth of a millimetre


@dataclass(frozen=True, slots=True)
class Field:
    """One word of a line. start, width: in ems. is_fixed: a number, which stays in the line; is_odd: a
    word that leaves it: too long for its column, or of uncertain width."""

    start: float
    width: float
    text: str
    is_fixed: bool = False
    is_odd: bool = False


@lru_cache(maxsize=4096)
def blanks(gap: float) -> tuple[str, float]:
    """The blanks that fill a gap best, and how wide they are, in ems."""
    best, best_rank, made = "", (round(abs(gap) * 200), 0), 0.0
    for digits in range(min(_MOST, int((gap + TOLERANCE) / DIGIT)) + 1):
        for halves in (0, 1):
            wide = round(gap - digits * DIGIT - halves * 0.5)
            if wide < 0:
                continue
            width = digits * DIGIT + halves * 0.5 + wide
            # Equally good to some thousandths: rather fewer glyphs.
            rank = (round(abs(gap - width) * 200), digits + halves + wide)
            if rank < best_rank:
                best_rank, made = rank, width
                best = _WIDE * wide + _HALF * halves + _BLANK * digits
    return best, made


def composed(fields: Sequence[Field]) -> tuple[str, list[int]]:
    """A line of these words, from left to right, and the places of those that are not in it."""
    alone = [place for place, field in enumerate(fields) if field.is_odd]
    while True:
        line, at, last = "", 0.0, None
        for place, field in enumerate(fields):
            if not field.text or place in alone:
                continue
            filler, width = blanks(round(field.start - at, 3))
            if abs(at + width - field.start) > TOLERANCE:
                # The word before is in the way; if there is none, the word itself goes.
                alone.append(place if last is None else last)
                break
            line += filler + field.text
            at += width + field.width
            last = last if field.is_fixed else place
        else:
            return line, alone
