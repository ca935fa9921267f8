"""Figures that are class hours or shares, and those that nearly follow from each other on the wall."""

import pytest
from flask import Flask

from core.reports import suppression
from core.reports.counting import Ledger
from core.reports.identities import sums_of
from core.reports.register import number_text
from core.reports.registry import RowPage
from core.reports.snapshot import pack, unpack
from core.reports.values import (
    PEOPLE,
    Built,
    Column,
    Dataset,
    Kind,
    Line,
    Measure,
    Table,
    Unit,
    per_mille,
    rows_of,
    summed,
)
from core.reports.words import amount, number
from tests.core.reports import papers

SHARE = Measure("share", "part", "whole")


def hours() -> Dataset:
    return Dataset(
        "hours", "Hours",
        (Column("person_id", "Name", Kind.PERSON), Column("group", "Group"),
         Column("part", "Credited", Kind.HOURS), Column("whole", "Planned", Kind.HOURS)),
        ((1, "a", 3600, 4000), (2, "a", 378, 4000), (3, "b", 0, 4000)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4200, Unit.HOURS, "42"), (378, Unit.HOURS, "3.78"), (350, Unit.HOURS, "3.5"), (0, Unit.HOURS, "0"),
        (-422, Unit.HOURS, "-4.22"), (123_400, Unit.HOURS, "1,234"), (700, Unit.SHARE, "70.0%"),
        (1000, Unit.SHARE, "100.0%"), (5, Unit.SHARE, "0.5%"), (1200, Unit.FEN, "12.00"),
    ],
)  # fmt: skip
def test_hours_and_shares_are_written_as_people_write_them(
    value: int, unit: Unit, text: str
) -> None:
    assert number(value, unit) == text


def test_units_stand_behind_hours_and_not_behind_shares(in_app: Flask) -> None:
    assert amount(4200, Unit.HOURS).startswith("42 ")
    assert amount(700, Unit.SHARE) == "70.0%"
    assert number_text(123_400, Unit.HOURS) == "1234" and number_text(-422, Unit.HOURS) == "−4.22"


def test_half_a_tenth_of_a_percent_is_rounded_up() -> None:
    assert [per_mille(part, whole) for part, whole in ((1, 3), (2, 3), (1, 2000), (0, 5), (0, 0), (5, 5))] == [
        333, 667, 1, 0, 0, 1000,
    ]  # fmt: skip


def test_a_share_is_counted_from_rows_and_opens_them(in_app: Flask) -> None:
    ledger = Ledger([hours()])
    ledger.add("share.a", "a", Unit.SHARE, "hours", SHARE, {"group": "a"})
    ledger.add("share.all", "all", Unit.SHARE, "hours", SHARE)
    figure = ledger.figures["share.a"]
    assert figure.value == 497  # 3978 of 8000
    assert figure.measure.of(hours(), rows_of(figure, hours())) == 497
    assert ledger.figures["share.all"].value == 332


def test_shares_of_lines_are_not_added(in_app: Flask) -> None:
    ledger = Ledger([hours()])
    cells = {
        key: (ledger.add(f"{key}.part", key, Unit.HOURS, "hours", summed("part"), where),
              ledger.add(f"{key}.share", key, Unit.SHARE, "hours", SHARE, where))
        for key, where in (("a", {"group": "a"}), ("b", {"group": "b"}), ("all", {}))
    }  # fmt: skip
    lines = tuple(Line(key, cells[key], key == "all") for key in cells)
    table = Table("t", "T", "T", "", ("", "part", "share"), lines)
    [identity] = sums_of(ledger, (table,))
    assert (identity.left, identity.right, identity.unit) == (3978, 3978, Unit.HOURS)


def test_what_nearly_follows_from_others_is_not_hidden_alone() -> None:
    """12 trained, 11 are still in training: whoever reads both knows that one is out."""
    people = tuple((number, int(number > 0), int(number == 0)) for number in range(12))
    data = Dataset("facts", "", (Column("person_id", "", Kind.PERSON), Column("is_in", "", Kind.NUMBER),
                                 Column("out", "", Kind.NUMBER)), people)  # fmt: skip
    ledger = Ledger([data])
    keys = (
        ledger.add("all", "all", Unit.PEOPLE, "facts", PEOPLE),
        ledger.add("is_in", "is_in", Unit.PEOPLE, "facts", PEOPLE, {"is_in": 1}),
        ledger.add("out", "out", Unit.PEOPLE, "facts", PEOPLE, {"out": 1}),
    )

    def hidden(relations: tuple[tuple[str, ...], ...]) -> set[str]:
        headline = Table("h", "", "", "", ("", ""), tuple(Line(key, (key,)) for key in keys), adds_up=False,
                         is_public=True, relations=relations)  # fmt: skip
        built = papers.built(figures=ledger.figures, headline=headline, tables=(), charts=(),
                             datasets={"facts": data, **_people(papers.built())})  # fmt: skip
        assert unpack(pack(built)) == built
        return set(suppression.hidden(built, 5))

    assert hidden(()) == {"out"}
    assert "out" in hidden((keys,)) and hidden((keys,)) & {"all", "is_in"}


def _people(built: Built) -> dict[str, Dataset]:
    return {"people": built.datasets["people"]}


def test_a_row_page_takes_apart_what_names_the_row() -> None:
    assert RowPage("one").args("abc") == {"event_id": "abc"}
    assert RowPage("two", ("person_id", "id")).args("7.abc") == {"person_id": "7", "id": "abc"}
