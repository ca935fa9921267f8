"""The lines of a page of a register as one SVG: a heavy rule above and below, hairlines inside.

Laid under the blocks of `register_pages.py` as a background, in mm from the table's upper left corner.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from core.reports import register_places as at
from core.reports.register import Marks
from core.reports.register_places import Form, Place

# In mm: 1.2 pt, 0.8 pt and 0.4 pt, and the lines between marks.
_HEAVY, _STRONG, _HAIR, _FINE = 0.42, 0.28, 0.14, 0.07
_TINT = "#e6e6e6"


def grid(form: Form, places: Sequence[Place], rows: int, totals: int) -> str:
    """The drawing for so many rows and rows of sums."""
    body = form.head + rows * form.row
    end = body + totals * form.row
    inner = (form.head + n * form.row for n in range(1, rows + totals))
    drawn = (
        *_tints(places, body),
        _path(_FINE, _between_marks(places, body), "#777"),
        _path(_HAIR, (_across(y, 0, form.width) for y in inner)),
        _path(_HAIR, _under_heads(form, places)),
        _path(_HAIR, _uprights(places, body, end)),
        _path(_STRONG, (_across(y, 0, form.width) for y in (form.head, body))),
        _path(_HEAVY, (_across(y, 0, form.width) for y in (_HEAVY / 2, end - _HEAVY / 2))),
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{form.width:g}mm" height="{end:.3f}mm" '
        f'viewBox="0 0 {form.width:g} {end:.3f}">{"".join(drawn)}</svg>'
    )


def _path(width: float, lines: Iterable[str], colour: str = "#000") -> str:
    data = "".join(lines)
    return (
        f'<path d="{data}" stroke="{colour}" stroke-width="{width}" fill="none"/>' if data else ""
    )


def _across(y: float, left: float, width: float) -> str:
    return f"M{left:.3f} {y:.3f}h{width:.3f}"


def _uprights(places: Sequence[Place], body: float, end: float) -> Iterator[str]:
    """Between columns: beside sums down to the end, elsewhere to the last row."""
    for before, after in pairwise(places):
        stands_by_sums = before.is_summed or after.is_summed
        yield f"M{after.left:.3f} 0V{end if stands_by_sums else body:.3f}"


def _under_heads(form: Form, places: Sequence[Place]) -> Iterator[str]:
    """Between the two lines of a head, and under the head of marks."""
    for place in places:
        if isinstance(place.column, Marks):
            yield _across(at.MARKS_HEAD, place.left, place.width)
        elif len(place.heads) > 1:
            yield _across(form.head / 2, place.left, place.width)


def _marks(places: Sequence[Place]) -> Iterator[tuple[Place, Marks, float]]:
    """Each column of marks, and how far one mark is from the next."""
    for place in places:
        if isinstance(place.column, Marks):
            yield place, place.column, place.width / len(place.column.labels)


def _between_marks(places: Sequence[Place], body: float) -> Iterator[str]:
    for place, column, pitch in _marks(places):
        for number in range(1, len(column.labels)):
            yield f"M{place.left + number * pitch:.3f} {at.MARKS_HEAD}V{body:.3f}"


def _tints(places: Sequence[Place], body: float) -> Iterator[str]:
    for place, column, pitch in _marks(places):
        for number in sorted(column.shaded):
            yield (
                f'<rect x="{place.left + number * pitch:.3f}" y="{at.MARKS_HEAD}" width="{pitch:.3f}" '
                f'height="{body - at.MARKS_HEAD:.3f}" fill="{_TINT}"/>'
            )
