"""What the notice board hides, and that nobody can reckon it back from what is printed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import Month
from core.reports.counting import Ledger
from core.reports.suppression import hidden, keys_of, small_groups
from core.reports.values import (
    ROWS,
    Built,
    Column,
    Dataset,
    Kind,
    Line,
    Measure,
    Period,
    Table,
    Unit,
)

PEOPLE = Measure("distinct", "person_id")
MINIMUM = 5
Row = tuple[int, str, str, int, int, int]  # person, community, site, price, subsidy, co-pay


def summed(column: str) -> Measure:
    return Measure("sum", column)


CELLS = (
    ("visits", Unit.VISITS, ROWS), ("people", Unit.PEOPLE, PEOPLE), ("price", Unit.FEN, summed("price")),
    ("subsidy", Unit.FEN, summed("subsidy")), ("copay", Unit.FEN, summed("copay")),
)  # fmt: skip


def counted(rows: Sequence[Row], adjusted: Sequence[tuple[int, int]] = ()) -> Built:
    """A month of these meals by community and by site; adjusted: (person, fen) of earlier months."""
    columns = (
        Column("person_id", "", Kind.PERSON), Column("community", ""), Column("site", ""),
        Column("price", "", Kind.FEN), Column("subsidy", "", Kind.FEN), Column("copay", "", Kind.FEN),
    )  # fmt: skip
    late = Column("person_id", "", Kind.PERSON), Column("subsidy", "", Kind.FEN)
    due = [(row[0], row[4]) for row in rows] + list(adjusted)
    ledger = Ledger([
        Dataset("meals", "", columns, tuple(rows)), Dataset("late", "", late, tuple(adjusted)),
        Dataset("due", "", late, tuple(due)),
    ])  # fmt: skip

    def cells(prefix: str, where: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(
            ledger.add(f"{prefix}.{name}", name, unit, "meals", measure, where)
            for name, unit, measure in CELLS
        )

    tables = []
    for column in ("community", "site"):
        place = 1 if column == "community" else 2
        lines = [
            Line(v, cells(f"{column}.{v}", {column: v})) for v in sorted({r[place] for r in rows})
        ]
        total = Line("合计", cells(f"{column}.total", {}), is_total=True)
        tables.append(Table(column, "", "", "", ("",) * 6, (*lines, total), is_public=True))
    head = [Line(name, (ledger.add(f"head.{name}", name, unit, "meals", measure),))
            for name, unit, measure in CELLS]  # fmt: skip
    head += [
        Line("调整", (ledger.add("head.adjusted", "", Unit.FEN, "late", summed("subsidy")),)),
        Line("应拨", (ledger.add("head.due", "", Unit.FEN, "due", summed("subsidy")),)),
    ]
    headline = Table("headline", "", "", "", ("", ""), tuple(head), adds_up=False, is_public=True)
    return Built(
        name="x", title="", period=Period(Month(2026, 10)), scope="all", scope_name="", office="",
        built_at=datetime(2026, 11, 2, tzinfo=UTC), figures=ledger.figures, headline=headline,
        tables=tuple(tables), charts=(), identities=(), datasets=ledger.datasets, definitions=(), rules=(),
    )  # fmt: skip


def meals(**people: int) -> list[Row]:
    """One meal each for so many people of each community, all at the site of their community's initial."""
    rows, person = [], 0
    for community, count in people.items():
        for _ in range(count):
            person += 1
            rows.append((person, community, community[0], 1200, 400, 800))
    return rows


def test_nothing_is_hidden_where_enough_people_ate() -> None:
    assert hidden(counted(meals(a=5, b=6)), MINIMUM) == frozenset()


def test_a_line_about_few_people_goes_with_the_smallest_other_line() -> None:
    gone = hidden(counted(meals(a=3, b=9, c=7, d=8)), MINIMUM)
    # c is hidden in its company; the totals stay. The sites are the communities here, and hide the same.
    assert gone == {
        f"{table}.{v}.{name}" for table in ("community", "site") for v in "ac" for name, *_ in CELLS
    }


def test_few_people_together_need_company_too() -> None:
    # 1 + 2 people are fewer than five: the difference to the total would be about three people.
    gone = hidden(counted(meals(a=1, b=2, c=6, d=7)), MINIMUM)
    assert {key.split(".")[1] for key in gone} == {"a", "b", "c"}


def test_a_table_that_puts_communities_together_gives_none_away() -> None:
    # Site p serves pa (3 people) and pb (20): p less pb would be pa.
    rows = meals(pa=3, pb=20, qa=9, qb=8)
    gone = hidden(counted(rows), MINIMUM)
    assert {"community.pa.visits", "community.qb.visits"} <= gone
    shown = {key for key in keys_of(counted(rows).tables[1]) if key not in gone}
    assert not ({"site.p.visits"} <= shown and "community.pb.visits" not in gone)


def test_one_community_alone_is_told_by_no_total() -> None:
    gone = hidden(counted(meals(a=3)), MINIMUM)
    assert {"community.total.visits", "head.people", "head.subsidy"} <= gone


def test_an_adjustment_of_one_person_is_not_the_difference_of_two_printed_sums() -> None:
    rows = meals(a=9, b=9)
    gone = hidden(counted(rows, [(1, -400)]), MINIMUM)
    assert gone == {"head.adjusted", "head.due"}
    assert hidden(counted(rows, [(n, -400) for n in range(1, 7)]), MINIMUM) == frozenset()


def test_only_tables_for_the_public_decide() -> None:
    built = counted(meals(a=3, b=9, c=9))
    assert {key.split(".")[0] for key in hidden(built, MINIMUM)} == {"community", "site"}


def test_small_groups_in_a_list_of_people_are_not_named() -> None:
    many = ["a"] * 9 + ["b"] * 7 + ["c"] * 2
    assert small_groups(many, MINIMUM) == {"b", "c"}
    assert small_groups(["a"] * 9 + ["b"] * 7, MINIMUM) == frozenset()
    assert small_groups(["a"] * 9 + ["b"] * 7, MINIMUM, known=["a"]) == {"a", "b"}
    assert small_groups(["a"] * 9 + ["b"] * 7, MINIMUM, known=["elsewhere"]) == frozenset()
    assert small_groups(["a"] * 2, MINIMUM) == {"a"}


# ---------- nobody can reckon it back ----------

ROW = st.tuples(
    st.integers(1, 40), st.sampled_from("abcdef"), st.sampled_from("pqr"), st.integers(0, 6), st.integers(0, 6)
).map(lambda r: (r[0], r[1], r[2], 100 * (r[3] + r[4]), 100 * r[3], 100 * r[4]))  # fmt: skip

LATE = st.tuples(st.integers(1, 40), st.sampled_from([-100, 200]))


def rank(vectors: Sequence[Mapping[object, int]]) -> int:
    """Of vectors over the rationals; by columns, so that it shares nothing with the code under test."""
    places = {place for vector in vectors for place in vector}
    matrix = [
        [Fraction(vector.get(place, 0)) for vector in vectors] for place in sorted(places, key=repr)
    ]
    done = 0
    for column in range(len(vectors)):
        pivot = next((n for n in range(done, len(matrix)) if matrix[n][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        for n in range(len(matrix)):
            if n != done and matrix[n][column]:
                factor = matrix[n][column] / matrix[done][column]
                matrix[n] = [a - factor * b for a, b in zip(matrix[n], matrix[done], strict=True)]
        done += 1
    return done


def as_vector(built: Built, key: str) -> dict[object, int]:
    """What a figure adds up, row by row: price is subsidy and co-pay. People are taken to add up as visits
    do, because in most tables they do; that two lines have the very same people is no knowledge that
    anybody has."""
    figure = built.figures[key]
    data = built.datasets[figure.dataset]
    vector: Counter[object] = Counter()
    for number, row in enumerate(data.rows):
        if any(row[data.place(column)] not in values for column, values in figure.where):
            continue
        for base in {"price": ("subsidy", "copay")}.get(
            figure.measure.column, (figure.measure.column,)
        ):
            if figure.dataset == "due":
                # The rows of the meals first, then the adjustments.
                meals_of = len(built.datasets["meals"].rows)
                own = ("meals", number) if number < meals_of else ("late", number - meals_of)
                vector[(*own, "subsidy")] += 1
            else:
                vector[figure.dataset, number, base or figure.measure.kind] += 1
    return vector


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=30), st.lists(LATE, max_size=3))
def test_no_hidden_figure_follows_from_the_printed_ones(
    rows: list[Row], adjusted: list[tuple[int, int]]
) -> None:
    """Linear algebra over single meals: a figure can be reckoned from others when it is a sum of them."""
    built = counted(rows, adjusted)
    gone = hidden(built, MINIMUM)
    everything = [
        *keys_of(built.headline),
        *(key for table in built.tables for key in keys_of(table)),
    ]
    printed = [as_vector(built, key) for key in everything if key not in gone]
    known = rank(printed)
    for key in sorted(gone):
        vector = as_vector(built, key)
        # An empty sum is nought whatever is printed.
        if vector:
            assert rank([*printed, vector]) == known + 1, key


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 6), min_size=1))
def test_what_is_missing_from_a_total_can_be_shared_out_in_more_than_one_way(
    people: dict[str, int],
) -> None:
    """By trying: everybody knows that somebody of each community ate, or it would not be listed."""
    built = counted(meals(**people))
    gone = hidden(built, MINIMUM)
    lacking = [v for v in people if f"community.{v}.people" in gone]
    assert all(people[v] >= MINIMUM for v in people if v not in lacking)
    if not lacking or "community.total.people" in gone:
        return
    left = sum(people[v] for v in lacking)
    most = range(1, min(left, 8) + 1)
    shares = [each for each in product(most, repeat=len(lacking)) if sum(each) == left]
    for place in range(len(lacking)):
        assert len({share[place] for share in shares}) > 1


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=60))
def test_every_line_about_few_people_is_hidden_with_all_its_cells(rows: list[Row]) -> None:
    built = counted(rows)
    gone = hidden(built, MINIMUM)
    for table in built.tables:
        for line in table.lines:
            keys = [key for key in line.cells if key is not None]
            people = built.value(next(key for key in keys if key.endswith(".people")))
            assert people >= MINIMUM or set(keys) <= gone
            assert set(keys) <= gone or not set(keys) & gone
