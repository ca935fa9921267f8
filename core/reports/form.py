"""The bureau's own form (报送表): which columns it has, and what may stand in them. Plain values.

A programme says what its form may hold (`ReportKind.sources`, `form_lines`); the office chooses,
orders and renames (`ReportColumn`); the workbook writes it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.reports.values import Kind

MOST_COLUMNS = 60
Line = Mapping[str, Any]  # one line of the form: a value for each source


@dataclass(frozen=True)
class Source:
    """What a column may hold. is_summed: whether the form has its total.

    mask: how it is shown in part; masked on screens, and in the workbook where `needs_grant` and whole
    ID numbers were not granted.
    """

    label: Any
    kind: Kind = Kind.TEXT
    is_summed: bool = False
    mask: Callable[[str | None], str] | None = None
    needs_grant: bool = False


@dataclass(frozen=True)
class FormColumn:
    """One column of the form."""

    heading: str
    source: str


def default_columns(sources: Mapping[str, Source], chosen: Sequence[str]) -> tuple[FormColumn, ...]:
    """The columns of an office that never changed them: these sources under their own names."""
    return tuple(FormColumn(str(sources[key].label), key) for key in chosen)


def cells(
    lines: Iterable[Line],
    columns: Sequence[FormColumn],
    sources: Mapping[str, Source],
    *,
    shows: Callable[[Source], bool],
) -> list[list[Any]]:
    """The form's rows. shows: whether a source that can be masked is shown whole.

    A source that a programme no longer has leaves its column empty.
    """
    readers = [_reader(each.source, sources.get(each.source), shows) for each in columns]
    return [[read(line) for read in readers] for line in lines]


def _reader(
    key: str, source: Source | None, shows: Callable[[Source], bool]
) -> Callable[[Line], Any]:
    if source is None:
        return lambda _line: None
    mask = source.mask
    if mask is None or shows(source):
        return lambda line: line[key]
    return lambda line: mask(line[key])
