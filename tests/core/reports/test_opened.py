"""A figure opened: which rows it was counted from, told in words. No app, no database."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from core.reports import opened, snapshot
from core.reports.counting import Ledger
from core.reports.models import ReportMove
from core.reports.stages import stages
from core.reports.values import (
    Built,
    Column,
    Dataset,
    Kind,
    Measure,
    Period,
    ReportState,
    Table,
    Unit,
)
from core.reports.words import amount, period_words, signed

MEALS = Dataset(
    "meals", "Meals",
    (
        Column("event_id", "Record", Kind.ID), Column("day", "Day", Kind.DAY),
        Column("held", "Held", Kind.SET), Column("person_id", "Name", Kind.PERSON),
        Column("hidden", ""), Column("city_fen", "City", Kind.FEN),
        Column("subsidy_fen", "Subsidy", Kind.FEN), Column("sitting", "Sitting"),
    ),
    (
        ("a", date(2026, 10, 1), ("low", "aged"), 1, "x", 0, 300, "lunch"),
        ("b", date(2026, 10, 2), ("aged",), 1, "x", 0, 500, "lunch"),
        ("c", date(2026, 10, 2), (), 2, "x", 0, 0, "dinner"),
    ),
    {"sitting": {"lunch": "Lunch", "dinner": "Dinner"}, "held": {"low": "Low", "aged": "Aged"}},
)  # fmt: skip


@pytest.fixture
def built(in_app: Flask) -> Built:
    """Four figures on three meals."""
    ledger = Ledger([MEALS])
    ledger.add("visits", "Visits", Unit.VISITS, "meals")
    ledger.add("people", "People", Unit.PEOPLE, "meals", Measure("distinct", "person_id"))
    ledger.add(
        "lunch", "Lunch", Unit.FEN, "meals", Measure("sum", "subsidy_fen"), {"sitting": "lunch"}
    )
    ledger.add("aged", "Aged", Unit.VISITS, "meals", where={"held": "aged"})
    ledger.add("none", "None", Unit.VISITS, "meals", where={"sitting": "breakfast"})
    empty = Table("headline", "", "", "", ("",), ())
    return Built(
        name="x", title="X", period=Period.parse("2026-10"), scope="all", scope_name="All", office="O",
        built_at=datetime(2026, 11, 1, tzinfo=UTC), figures=ledger.figures, headline=empty, tables=(),
        charts=(), identities=(), datasets=ledger.datasets, definitions=(), rules=(),
    )  # fmt: skip


def test_a_figure_opens_its_own_rows_and_comes_to_the_same_again(built: Built) -> None:
    found = opened.opened(built, "lunch")
    assert [row[0] for row in found.rows] == ["a", "b"]
    assert found.again == found.figure.value == 800
    assert found.agrees


def test_rows_that_do_not_make_the_figure_are_told_apart(built: Built) -> None:
    found = opened.opened(built, "lunch")
    fewer = opened.Opened(found.figure, found.dataset, found.rows[:1], found.columns)
    assert not fewer.agrees
    assert fewer.again == 300


def test_what_was_asked_stands_before_the_rest_and_what_is_empty_not_at_all(built: Built) -> None:
    columns = [column.key for _place, column in opened.opened(built, "lunch").columns]
    assert columns == ["event_id", "person_id", "subsidy_fen", "sitting", "day", "held"]


def test_people_are_listed_once_each_with_their_rows(built: Built) -> None:
    found = opened.opened(built, "people")
    assert opened.grouped(found) == [(1, 2), (2, 1)]
    assert [row[0] for row in opened.rows_about(found, "1")] == ["a", "b"]


def test_the_definition_says_what_is_counted_and_which_rows(built: Built) -> None:
    lunch = dict(opened.definition(opened.opened(built, "lunch")))
    assert lunch == {
        "统计来源": "Meals", "计数方式": "“Subsidy”一栏之和", "只计以下明细": "“Sitting”为Lunch", "单位": "元",
    }  # fmt: skip
    people = dict(opened.definition(opened.opened(built, "people")))
    assert people["计数方式"].startswith("不同的人数")
    assert people["只计以下明细"] == "全部明细"


def test_values_are_told_in_words_not_codes(built: Built) -> None:
    row, columns = MEALS.rows[0], {column.key: column for column in MEALS.columns}

    def words(key: str) -> str:
        return opened.value_words(MEALS, columns[key], row[MEALS.place(key)], lambda _id: "王*华")

    assert (words("sitting"), words("held"), words("day"), words("person_id")) == (
        "Lunch", "Low、Aged", "2026年10月1日", "王*华",
    )  # fmt: skip
    assert opened.value_words(MEALS, columns["held"], (), str) == "—"


def test_a_figure_of_nothing_has_no_rows_and_is_still_defined(built: Built) -> None:
    found = opened.opened(built, "none")
    assert (list(found.rows), found.figure.value, found.agrees) == ([], 0, True)
    assert "breakfast" in dict(opened.definition(found))["只计以下明细"]


def test_many_days_of_a_filter_are_told_by_the_first_and_the_last(built: Built) -> None:
    days = tuple(date(2026, 10, number) for number in range(1, 32))
    text = opened.filter_words(MEALS, "day", days)
    assert text == "2026年10月1日 至 2026年10月31日（共 31 项）"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-10", "2026年10月"), ("2026-Q4", "2026年第四季度"), ("2026-H2", "2026年下半年"),
        ("2026", "2026年"),
    ],
)  # fmt: skip
def test_periods_are_called_as_in_an_office(in_app: Flask, text: str, words: str) -> None:
    assert period_words(Period.parse(text)) == words


def test_amounts_carry_their_unit_and_changes_their_sign(in_app: Flask) -> None:
    assert amount(222500, Unit.FEN) == "2,225.00 元"
    assert amount(-5, Unit.FEN) == "-0.05 元"
    assert amount(2225, Unit.VISITS) == "2,225 人次"
    assert amount(31, Unit.COUNT) == "31"
    assert (signed(3, Unit.VISITS), signed(-800, Unit.FEN), signed(0, Unit.COUNT)) == (
        "+3", "−8.00", "0",
    )  # fmt: skip


def _move(number: int, state: ReportState) -> ReportMove:
    return ReportMove(number=number, to_state=state, by_name=f"person {number}")


def test_a_step_that_was_taken_back_is_not_behind() -> None:
    moves = [
        _move(1, ReportState.DRAFT),
        _move(2, ReportState.REVIEWED),
        _move(3, ReportState.DRAFT),
    ]
    line = stages(ReportState.DRAFT, moves)
    assert [stage.state for stage in line if stage.move] == [ReportState.DRAFT]
    assert line[0].is_here
    assert line[0].move.number == 3  # type: ignore[union-attr]


def test_a_returned_report_ends_there_in_place_of_its_conclusion() -> None:
    line = stages(ReportState.RETURNED, [_move(1, ReportState.RETURNED)])
    assert line[-1].state is ReportState.RETURNED
    assert ReportState.CLOSED not in [stage.state for stage in line]


def test_what_is_counted_by_a_column_of_the_office_is_the_offices(built: Built) -> None:
    columns = tuple(replace(each, is_office_only=each.key == "held") for each in MEALS.columns)
    closed = replace(built, datasets={"meals": replace(MEALS, columns=columns)})
    assert [key for key in closed.figures if opened.is_office_only(closed, key)] == ["aged"]
    assert not any(opened.is_office_only(built, key) for key in built.figures)
    found = opened.opened(closed, "visits")
    assert "held" in {column.key for _place, column in found.columns}
    others = opened.for_others(found)
    assert "held" not in {column.key for _place, column in others.columns}
    assert others.agrees and len(others.rows) == 3


def test_the_mark_of_the_office_is_kept_and_what_was_kept_before_it_can_be_read(
    built: Built,
) -> None:
    columns = tuple(replace(each, is_office_only=each.key == "held") for each in MEALS.columns)
    closed = replace(built, datasets={"meals": replace(MEALS, columns=columns)})
    assert snapshot.unpack(snapshot.pack(closed)) == closed
    plain = json.loads(gzip.decompress(snapshot.pack(built)))
    assert all(set(each) == {"key", "label", "kind"} for each in plain["datasets"][0]["columns"])
    assert snapshot.digest_of(snapshot.pack(built)) == snapshot.digest(built)
