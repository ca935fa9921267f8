"""What the notice board (公示版) must not say: figures about a few people, and what gives them back.

A line about fewer people than the minimum is hidden with all its cells. Then further lines go, the
smallest first, until no hidden one follows from what is still printed: by taking the lines from their
total, by comparing tables (a canteen that serves just two communities), or because so little is left
that it can be shared out in one way only. The headline beside last month and the year likewise.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product

from core.reports.counting import Groups, grouped
from core.reports.values import Built, Figure, Table, Unit

HIDDEN = "*"  # stands in place of a hidden figure
PERSON = "person_id"  # the column that says whom a row is about

Vector = Mapping[object, int | Fraction]


def hidden(built: Built, minimum: int) -> frozenset[str]:
    """The keys of the figures that 公示版 does not print. minimum: of people, from the settings."""
    rows = _Rows(built)
    tables = [table for table in built.tables if table.is_public]
    lines = [line for table in tables for line in _lines(table, rows)]
    gone = {rows.name(key) for line in _hidden_lines(lines, minimum) for key in line.keys}
    fixed = {rows.name(key) for line in lines for key in line.keys}
    if built.headline.is_public:
        gone = _hidden_headline(built.headline, rows, gone, fixed, minimum)
    shown = {key for table in (*tables, built.headline) for key in keys_of(table)}
    return frozenset(key for key in shown if rows.name(key) in gone)


def keys_of(table: Table) -> list[str]:
    """The figures that a table prints."""
    return [key for line in table.lines for key in line.cells if key is not None]


def small_groups(values: Sequence[str], minimum: int, known: Iterable[str] = ()) -> frozenset[str]:
    """Which of these values, one a person, are not named: few bear them, or they would be found out by
    counting the others. known: values that are hidden elsewhere."""
    people = Counter(values)
    gone = {value for value in people if people[value] < minimum} | (people.keys() & set(known))
    left = sorted(people.keys() - gone, key=lambda value: (people[value], value))
    while gone and left and (len(gone) < 2 or sum(people[value] for value in gone) < minimum):
        gone.add(left.pop(0))
    return frozenset(gone)


class _Rows:
    """The rows that each figure was counted from, found by grouping a dataset once for its columns."""

    def __init__(self, built: Built) -> None:
        self.built = built
        self._groups: dict[tuple[str, tuple[str, ...]], Groups] = {}
        self._found: dict[str, frozenset[int]] = {}

    def of(self, key: str) -> frozenset[int]:
        if key not in self._found:
            self._found[key] = self._rows(self.built.figures[key])
        return self._found[key]

    def _rows(self, figure: Figure) -> frozenset[int]:
        data = self.built.datasets[figure.dataset]
        if not figure.where:
            return frozenset(range(len(data.rows)))
        columns = tuple(column for column, _values in figure.where)
        if (data.name, columns) not in self._groups:
            self._groups[data.name, columns] = grouped(data, columns)
        groups = self._groups[data.name, columns]
        wanted = product(*(values for _column, values in figure.where))
        return frozenset(number for each in wanted for number in groups.get(each, ()))

    def name(self, key: str) -> object:
        """The same for figures that count the same rows in the same way, wherever they stand."""
        figure = self.built.figures[key]
        return figure.dataset, figure.measure, self.of(key)

    def people(self, key: str) -> int | None:
        """How many people a figure is about; None where its rows name nobody."""
        data = self.built.datasets[self.built.figures[key].dataset]
        if PERSON not in {column.key for column in data.columns}:
            return None
        place = data.place(PERSON)
        return len({data.rows[number][place] for number in self.of(key)} - {None})


# ---------- tables ----------


@dataclass(frozen=True)
class _Line:
    """A line of a table. rows: of the dataset it counts; amounts: its cells as (unit, value)."""

    table: str
    keys: tuple[str, ...]
    dataset: str
    rows: frozenset[int]
    people: int | None
    amounts: tuple[tuple[Unit, int], ...]
    is_total: bool

    @property
    def size(self) -> tuple[int, tuple[str, ...]]:
        return (self.people or 0, self.keys)


def _lines(table: Table, rows: _Rows) -> list[_Line]:
    lines = []
    for line in table.lines:
        keys = tuple(key for key in line.cells if key is not None)
        if keys:
            figures = [rows.built.figures[key] for key in keys]
            lines.append(_Line(
                table.key, keys, figures[0].dataset, rows.of(keys[0]), rows.people(keys[0]),
                tuple((figure.unit, figure.value) for figure in figures), line.is_total,
            ))  # fmt: skip
    return lines


def _hidden_lines(lines: Sequence[_Line], minimum: int) -> set[_Line]:
    gone = {line for line in lines if line.people is not None and 0 < line.people < minimum}
    while more := _same_rows(lines, gone) | _left_over(lines, gone, minimum):
        gone |= more
    while more := _follows(lines, gone):
        gone |= more
        while more := _same_rows(lines, gone) | _left_over(lines, gone, minimum):
            gone |= more
    return gone


def _same_rows(lines: Sequence[_Line], gone: set[_Line]) -> set[_Line]:
    """Lines that count, in another table, just what a hidden line counts."""
    known = {(line.dataset, line.rows) for line in gone if line.rows}
    return {line for line in lines if line not in gone and (line.dataset, line.rows) in known}


def _left_over(lines: Sequence[_Line], gone: set[_Line], minimum: int) -> set[_Line]:
    """One more line of each table whose total, less what is printed, tells too much."""
    more = set()
    for total in lines:
        if not total.is_total or total in gone:
            continue
        parts = [line for line in lines if line.table == total.table and not line.is_total]
        lacking = [line for line in parts if line in gone]
        if lacking and not _is_enough(lacking, total, minimum):
            more.add(
                min(
                    (line for line in parts if line not in gone),
                    key=lambda x: x.size,
                    default=total,
                )
            )
    return more


def _is_enough(lacking: Sequence[_Line], total: _Line, minimum: int) -> bool:
    """Whether what is missing from a total can be shared out among its lines in more than one way."""
    if len(lacking) < 2 or sum(line.people or 0 for line in lacking) < minimum:
        return False
    for place, (unit, value) in enumerate(total.amounts):
        if unit is Unit.SHARE:
            continue
        left = sum(line.amounts[place][1] for line in lacking)
        # Somebody ate on each line, so that as many as there are lines is one each. Where nobody got
        # anything at all, there is nothing to find out.
        if left <= (0 if unit in (Unit.FEN, Unit.HOURS) else len(lacking)) and value != 0:
            return False
    return True


def _follows(lines: Sequence[_Line], gone: set[_Line]) -> set[_Line]:
    """A printed line that gives a hidden one away by sums and differences of what is printed."""
    for dataset in dict.fromkeys(line.dataset for line in gone):
        vectors = _vectors([line for line in lines if line.dataset == dataset])
        printed = [line for line in vectors if line not in gone]
        for line in vectors:
            if line not in gone:
                continue
            factors = _combination(vectors[line], [vectors[each] for each in printed])
            if factors is not None:
                used = [printed[number] for number in factors]
                return {min(used, key=lambda each: (each.is_total, each.size))}
    return set()


def _vectors(lines: Sequence[_Line]) -> dict[_Line, Vector]:
    """Each line by the kinds of rows it counts; a kind is in the same lines throughout."""
    within: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        for row in line.rows:
            within.setdefault(row, []).append(place)
    kinds = {tuple(places) for places in within.values()}
    return {line: {kind: 1 for kind in kinds if place in kind} for place, line in enumerate(lines)}


# ---------- the headline ----------


def _hidden_headline(
    table: Table, rows: _Rows, gone: set[object], fixed: set[object], minimum: int
) -> set[object]:
    """What is hidden with it. fixed: names that tables print too; there they follow from their lines, so
    that hiding them here for company would hide nothing."""
    gone = set(gone)
    keys = keys_of(table)
    value = {rows.name(key): rows.built.value(key) for key in keys}
    for key in keys:
        people = rows.people(key)
        if people is not None and 0 < people < minimum:
            gone.add(rows.name(key))
    for related in table.relations:
        gone |= _company(related, rows, gone, fixed, minimum)
    equations = _equations(table, rows)

    def order(name: object) -> tuple[int, int, str]:
        return sum(name in each for each in equations), abs(value[name]), repr(name)

    while used := _telling(equations, [name for name in value if name in gone], gone):
        company = {name for each in used for name in each} - gone - fixed
        if company:
            gone.add(min(company, key=order))
        else:  # of figures that stay printed: it holds by chance, or hides nothing
            equations = [each for each in equations if each not in used]
    return gone


def _company(
    related: Sequence[str], rows: _Rows, gone: set[object], fixed: set[object], minimum: int
) -> set[object]:
    """What is hidden with a figure that nearly follows from others: so much that what is left over
    is not about a few people."""
    value = {rows.name(key): rows.built.value(key) for key in related}
    lacking = {name for name in value if name in gone}
    more: set[object] = set()
    while lacking and sum(value[name] for name in lacking | more) < minimum:
        left = [name for name in value if name not in lacking | more | fixed]
        if not left:
            break
        more.add(max(left, key=lambda name: (value[name], repr(name))))
    return more


def _telling(
    equations: Sequence[Vector], names: Sequence[object], gone: set[object]
) -> list[Vector]:
    """The equations from which a hidden cell follows; empty when none does."""
    lacking = [{name: f for name, f in each.items() if name in gone} for each in equations]
    for name in names:
        if factors := _combination({name: 1}, lacking):
            return [equations[number] for number in factors]
    return []


def _equations(table: Table, rows: _Rows) -> list[Vector]:
    """What is seen to hold between the cells: equal ones of a line, sums along a line, and sums of lines
    that hold in every column. What holds by chance only hides a little more."""
    lines = [line for line in table.lines if any(line.cells)]
    found: list[Vector] = []
    for line in lines:
        keys = [key for key in line.cells if key is not None]
        found += _equal(keys, rows) + _sums([(key,) for key in keys], rows)
    for unit in dict.fromkeys(rows.built.figures[key].unit for key in keys_of(table)):
        full = [
            tuple(key for key in line.cells if key is not None)
            for line in lines
            if None not in line.cells
            and all(rows.built.figures[key].unit is unit for key in line.cells if key is not None)
        ]
        if unit is not Unit.PEOPLE:
            found += _sums(full, rows)
    return found


def _equal(keys: Sequence[str], rows: _Rows) -> list[Vector]:
    return [
        {rows.name(one): 1, rows.name(other): -1}
        for place, one in enumerate(keys)
        for other in keys[place + 1 :]
        if rows.built.value(one) == rows.built.value(other) and rows.name(one) != rows.name(other)
    ]


def _sums(series: Sequence[tuple[str, ...]], rows: _Rows) -> list[Vector]:
    """Where one is the sum of two others in every place."""
    found: list[Vector] = []
    value = rows.built.value
    for whole, one, other in permutations(series, 3):
        if one < other and all(
            value(a) == value(b) + value(c) for a, b, c in zip(whole, one, other, strict=True)
        ):
            found += [
                {rows.name(a): 1, rows.name(b): -1, rows.name(c): -1}
                for a, b, c in zip(whole, one, other, strict=True)
                if len({rows.name(a), rows.name(b), rows.name(c)}) == 3
            ]
    return found


# ---------- arithmetic ----------


def _combination(target: Vector, vectors: Sequence[Vector]) -> dict[int, Fraction] | None:
    """By which factors the vectors add up to the target; None when they cannot."""
    basis: list[tuple[object, dict[object, Fraction], dict[int, Fraction]]] = []

    def reduced(vector: Vector, factors: dict[int, Fraction]) -> dict[object, Fraction]:
        rest = {place: Fraction(value) for place, value in vector.items() if value}
        for pivot, row, made_of in basis:
            if share := rest.get(pivot):
                for place, value in row.items():
                    rest[place] = rest.get(place, Fraction(0)) - share * value
                for number, value in made_of.items():
                    factors[number] = factors.get(number, Fraction(0)) - share * value
        return {place: value for place, value in rest.items() if value}

    for number, vector in enumerate(vectors):
        factors = {number: Fraction(1)}
        rest = reduced(vector, factors)
        if rest:
            pivot, share = next(iter(rest.items()))
            basis.append((
                pivot, {place: value / share for place, value in rest.items()},
                {place: value / share for place, value in factors.items()},
            ))  # fmt: skip
    factors = {}
    if reduced(target, factors):
        return None
    return {number: -value for number, value in factors.items() if value}
