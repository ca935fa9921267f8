"""What two counts of one report have not in common, figure by figure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.reports.values import Built, Table, Unit


@dataclass(frozen=True, slots=True)
class Difference:
    """One printed figure that differs. label: its table, line and column; None where it is not there."""

    key: str
    label: str
    unit: Unit
    old: int | None
    new: int | None


def differences(old: Built, new: Built) -> tuple[Difference, ...]:
    """The printed figures that differ, in the order of the new report, then those it has lost."""
    places = dict(places_of(new))
    for key, label in places_of(old):
        places.setdefault(key, label)
    found = []
    for key, label in places.items():
        before, after = old.figures.get(key), new.figures.get(key)
        figure = after or before
        values = (before.value if before else None, after.value if after else None)
        if figure is not None and values[0] != values[1]:
            found.append(Difference(key, label, figure.unit, *values))
    return tuple(found)


def places_of(built: Built) -> Iterator[tuple[str, str]]:
    """Each printed figure once, where it stands first, and how that place is called."""
    seen: set[str] = set()
    for key, label in (*_in_tables((built.headline, *built.tables)), *_in_charts(built)):
        if key not in seen:
            seen.add(key)
            yield key, label


def _in_tables(tables: Iterable[Table]) -> Iterator[tuple[str, str]]:
    for table in tables:
        for line in table.lines:
            for key, head in zip(line.cells, table.head[1:], strict=True):
                if key is not None:
                    yield key, " · ".join((table.caption, line.label, head))


def _in_charts(built: Built) -> Iterator[tuple[str, str]]:
    for chart in built.charts:
        for name, keys in chart.series:
            for key, label in zip(keys, chart.labels, strict=True):
                yield key, " · ".join((chart.caption, label, name))
