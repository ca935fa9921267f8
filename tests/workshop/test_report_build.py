"""The workshop's report against figures worked out by hand: every figure of the October in october.py."""

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask, current_app
from flask_babel import force_locale

from core.reports.snapshot import digest, pack, unpack
from core.reports.values import Built, Period, rows_of
from tests.conftest import both_engines
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.october import NOW, October, day, merge_all, tell
from workshop.queries import figures_of
from workshop.reports.build import build

OCTOBER = Period.parse("2026-10")


@pytest.fixture
def october(workshop: House) -> Iterator[October]:
    made = tell(workshop)
    with force_locale("zh_Hans"):
        yield made


def figures(built: Built) -> dict[str, int]:
    return {key: figure.value for key, figure in built.figures.items()}


def table(key: str, columns: str, lines: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """The figures of a printed table, by key."""
    return {
        f"{key}.{code}.{column}": value
        for code, row in lines.items()
        for column, value in zip(columns.split(), row, strict=True)
    }


def by_hand(one: str, two: str) -> dict[str, int]:
    """Every figure of October. one, two: the codes of the two cohorts. Hours in hundredths."""
    # Visits of the first cohort: 4 + 3 + 2 + 3 + 2 + 2, and D's make-up; of the second 3 + 2 + 2 + 2 + 3.
    # Hours: 29 visits of 4, less 0.22 and 0.11. C was last there on the 1st.
    head = {
        "cohorts": 2, "sessions": 11, "taught": 4400, "visits": 29, "people": 7, "credited": 11567,
        "adjusted": 1, "completed": 2, "incomplete": 1, "withdrawn": 1, "training": 3,
        "certificates.own": 2, "certificates.others": 1, "guidance": 4, "guided": 2,
        "verified": 3, "started": 4, "left": 2, "early": 1, "in_work": 4,
        # September, as it was submitted: 9 visits, 35.78 hours.
        "cohorts.before": 1, "sessions.before": 3, "taught.before": 1200, "visits.before": 9,
        "people.before": 4, "credited.before": 3578, "adjusted.before": 0, "completed.before": 0,
        "incomplete.before": 0, "withdrawn.before": 0, "certificates.own.before": 0,
        "certificates.others.before": 1, "guidance.before": 1, "guided.before": 1, "verified.before": 1,
        "started.before": 1, "left.before": 0, "early.before": 0, "in_work.before": 2,
        # The year: the old cohort's five sessions, G and K out of it, G's start in April.
        "cohorts.year": 3, "sessions.year": 19, "taught.year": 7600, "visits.year": 38, "people.year": 7,
        "credited.year": 15145, "adjusted.year": 1, "completed.year": 3, "incomplete.year": 2,
        "withdrawn.year": 1, "certificates.own.year": 2, "certificates.others.year": 2,
        "guidance.year": 5, "guided.year": 2, "verified.year": 5, "started.year": 6, "left.year": 2,
        "early.year": 1,
        # Nothing that a submitted month counts was declared wrong since.
        **{f"{key}.voided{end}": 0 for key in ("guidance", "certificates") for end in ("", ".before", ".year")},
    }  # fmt: skip
    # A 36, B 31.67, C 8, D 32 of 40 planned each; E, F, G 16 of 20 held.
    of_hours = "people part whole share"
    led = {one: (4, 10767, 16000, 673), two: (3, 4800, 6000, 800), "total": (7, 15567, 22000, 708)}
    # Held for C only until she left: 36 + 36 + 28 + 36. Of the second 20 hours are still to come.
    three = {
        f"{one}.held": (4, 10767, 13600, 792), f"{one}.planned": (4, 10767, 16000, 673),
        f"{one}.reachable": (4, 10767, 16000, 673), f"{two}.held": (3, 4800, 6000, 800),
        f"{two}.planned": (3, 4800, 12000, 400), f"{two}.reachable": (3, 10800, 12000, 900),
    }  # fmt: skip
    # Expected: 4 + 4 + 4 + 4, then without C 3 + 3; five times 3.
    session = {
        one: (6, 1, 0, 2400, 22), two: (5, 0, 0, 2000, 15), "total": (11, 1, 0, 4400, 37),
    }  # fmt: skip
    visits = "visits people hours"
    cohort = {one: (17, 4, 6767), two: (12, 3, 4800), "total": (29, 7, 11567)}
    # Absent: C three times, D on the 9th, F who came too late. On leave: D and G.
    status = {
        "present": (27, 7, 10800), "late": (1, 1, 378), "left_early": (1, 1, 389),
        "excused": (2, 2, 0), "absent": (5, 3, 0), "total": (36, 7, 11567),
    }  # fmt: skip
    source = {"thumb": (35, 7, 11167), "correction": (1, 1, 400), "total": (36, 7, 11567)}
    flow = {
        one: (4, 0, 2, 1, 1, 0, 0), two: (0, 3, 0, 0, 0, 0, 3), "total": (4, 3, 2, 1, 1, 0, 3),
    }  # fmt: skip
    days = {1: 4, 2: 3, 5: 2, 6: 3, 7: 2, 9: 2, 26: 4, 27: 2, 28: 2, 29: 2, 30: 3}
    two_each = "visits people"
    return {
        **{f"head.{key}": value for key, value in head.items()},
        "months.visits": 29, "months.hours": 11567,
        **table("led", of_hours, led), **table("three", of_hours, three),
        **table("session", "held cancelled coming hours expected", session),
        **table("cohort", visits, cohort),
        **table("site", visits, {"gongfang": (29, 7, 11567), "total": (29, 7, 11567)}),
        **table("status", "entries people hours", status), **table("source", "entries people hours", source),
        **table("unmarked", "count people sessions", {one: (1, 1, 1), two: (1, 1, 1), "total": (2, 2, 2)}),
        **table("flow", "was_in began completed incomplete withdrawn transferred is_in", flow),
        **table("outcome", two_each, {"completed": (2, 2), "incomplete": (1, 1), "withdrawn": (1, 1),
                                      "total": (4, 4)}),
        **table("certificate", two_each, {"own": (2, 2), "others": (1, 1)}),
        **table("adjustment", "count visits hours", {"2026-09": (2, 1, 422), "total": (2, 1, 422)}),
        # A three times, one of them of September and late; H once, for a voided one is none.
        **table("guidance", "visits people minutes", {"gongfang": (4, 2, 155), "total": (4, 2, 155)}),
        **table("venture", "visits people licensed jobs", {
            "preparing": (1, 1, 0, 0), "licensed": (1, 1, 1, 3), "total": (2, 2, 1, 3)}),
        **table("loan", "visits people asked granted", {
            "submitted": (1, 1, 5_000_000, 0), "total": (1, 1, 5_000_000, 0)}),
        # B and G; A, C, D and H started, B and C left; A, D, H and G are left, D not verified.
        **table("stock", "count people", {"was": (2, 2), "started": (4, 4), "left": (2, 2), "is": (4, 4),
                                          "verified": (3, 3)}),
        **table("event", two_each, {"verified": (3, 3), "started": (4, 4), "left": (2, 2), "early": (1, 1)}),
        **table("channel", two_each, {"own_work": (1, 1), "home_work": (1, 1), "venture": (1, 1),
                                      "total": (3, 3)}),
        **table("form", two_each, {"employed": (1, 1), "home_work": (1, 1), "venture": (1, 1),
                                   "total": (3, 3)}),
        **table("employer", two_each, {"other": (2, 2), "own": (1, 1), "total": (3, 3)}),
        # ¥600, ¥3200, and nobody knows what the business yields.
        **table("wage", two_each, {"0": (1, 1), "2": (1, 1), "unknown": (1, 1), "total": (3, 3)}),
        **table("leaving", two_each, {"family_care": (1, 1), "low_wage": (1, 1), "total": (2, 2)}),
        # 30 days: B's 1 October, when she was still there; A, C and H began in October. 180 days: G's
        # 7 October, when nobody reached her.
        "lasting.30.due": 1, "lasting.30.lower": 1, "lasting.30.lower_share": 1000,
        "lasting.30.upper": 1, "lasting.30.upper_share": 1000, "lasting.30.immature": 3,
        "lasting.90.due": 0, "lasting.90.immature": 4,
        "lasting.180.due": 1, "lasting.180.lower": 0, "lasting.180.lower_share": 0,
        "lasting.180.upper": 1, "lasting.180.upper_share": 1000, "lasting.180.immature": 4,
        f"placed.{one}.exited": 4,
        **table("due", "due done open in_period", {
            "30": (1, 0, 1, 0), "90": (0, 0, 0, 1), "180": (1, 1, 0, 1), "total": (2, 1, 1, 2)}),
        **table("follow_up", two_each, {"same_employer": (1, 1), "unreachable": (1, 1), "total": (2, 1)}),
        "late.guidance": 1,
        "check.after_lock": 1, "check.adjusted": 2, "check.make_up": 1, "check.unmarked": 2, "check.at_risk": 0,
        "community.01.03.people": 8, "community.total.people": 8,
        # C's ended in September. A trained, A and H found work.
        **table("hardship", "people trained placed", {"low": (1, 1, 1), "single": (2, 1, 2), "any": (2, 1, 2)}),
        **{f"chart.{each.isoformat()}": days.get(each.day, 0) for each in OCTOBER.first_month.days()},
    }  # fmt: skip


@both_engines
@pytest.mark.parametrize("is_merged", [False, True])
def test_every_figure_is_the_one_worked_out_by_hand(october: October, is_merged: bool) -> None:
    if is_merged:
        merge_all(october)
    built = build(OCTOBER, "all", NOW)
    old, one, two = (f"c{each}" for each in october.cohorts)
    expected = by_hand(one, two)
    # The old cohort's time is over: G of G and K found work, and G had completed.
    expected |= {
        f"placed.{old}.exited": 2, f"placed.{old}.placed": 1, f"placed.{old}.rate": 500,
        f"placed.{old}.completed": 1, f"placed.{old}.placed_completed": 1,
        f"placed.{old}.rate_completed": 1000,
    }  # fmt: skip
    assert figures(built) == expected
    # Nobody is named by a record that was merged into another one.
    assert {row[0] for row in built.datasets["people"].rows} <= set(october.people.values())
    assert [each.sentence for each in built.identities if not each.holds] == []
    assert len(built.identities) > 40


@both_engines
def test_each_line_of_the_register_is_the_one_worked_out_by_hand(october: October) -> None:
    data = build(OCTOBER, "all", NOW).datasets["register"]
    columns = (
        "number", "name", "cohort", "credited", "planned", "held", "state", "certificate", "form",
        "employer", "started_on", "verified",
    )  # fmt: skip
    places = [data.place(name) for name in columns]
    one, two = (f"c{each}" for each in october.cohorts[1:])
    lines = [tuple(row[place] for place in places) for row in data.rows]
    assert lines == [
        (1, "A氏", one, 3600, 4000, 3600, "completed", "2026-0001", "employed", "示例服装厂", day(15), 1),
        (2, "B氏", one, 3167, 4000, 3600, "incomplete", "", "", "", None, 0),
        (3, "C氏", one, 800, 4000, 2800, "withdrawn", "", "", "", None, 0),
        (4, "D氏", one, 3200, 4000, 3600, "completed", "2026-0002", "employed", "示例服装厂", day(26), 0),
        (5, "E氏", two, 1600, 4000, 2000, "training", "", "", "", None, 0),
        (6, "F氏", two, 1600, 4000, 2000, "training", "", "", "", None, 0),
        (7, "G氏", two, 1600, 4000, 2000, "training", "", "employed", "妇女创业微工厂", day(10, 4), 1),
    ]  # fmt: skip


@both_engines
def test_figures_open_to_the_rows_that_they_were_counted_from(october: October) -> None:
    built = build(OCTOBER, "all", NOW)
    for figure in built.figures.values():
        data = built.datasets[figure.dataset]
        assert figure.measure.of(data, rows_of(figure, data)) == figure.value, figure.key
    kept = unpack(pack(built))
    assert kept == built and digest(kept) == digest(built)


@both_engines
def test_the_three_figures_are_those_of_the_learners_page(october: October) -> None:
    """As long as nothing lies after the end of the period."""
    from core.db import db
    from workshop.models import Cohort, Enrolment

    rows = db.session.query(Enrolment).filter_by(cohort_id=october.cohorts[1]).all()
    cohorts = {each.id: each for each in db.session.query(Cohort)}
    page = figures_of(rows, cohorts, NOW)
    data = build(OCTOBER, "all", NOW).datasets["hours"]
    place = {column.key: at for at, column in enumerate(data.columns)}
    hours = {row[0]: row for row in data.rows if row[place["cohort"]] == f"c{october.cohorts[1]}"}
    for (person_id, _cohort), counted in page.items():
        row = hours[person_id]
        assert round(counted.all_credited_min * 100 / 45) == row[place["planned_part"]]
        assert round(counted.held_min * 100 / 45) == row[place["held_whole"]]


@both_engines
def test_a_month_without_anything_can_be_counted(october: October) -> None:
    built = build(Period.parse("2026-02"), "all", NOW)
    assert built.value("head.visits") == 0 and built.value("head.visits.year") == 0
    assert [each.sentence for each in built.identities if not each.holds] == []
    with pytest.raises(KeyError):
        build(OCTOBER, "nowhere", NOW)


@both_engines
def test_the_quarter_counts_people_once(october: October) -> None:
    quarter = build(Period.parse("2026-Q3"), "all", NOW)
    assert quarter.value("head.visits") == 9 and quarter.value("head.people") == 4
    assert quarter.value("head.started") == 1 and quarter.value("head.adjusted") == 0
    last = build(Period.parse("2026-Q4"), "all", NOW)
    assert last.value("head.visits") == 29 and last.value("head.adjusted") == 1
    assert last.value("head.visits.before") == 9
    assert [
        each.sentence for each in (*quarter.identities, *last.identities) if not each.holds
    ] == []


@both_engines
def test_counting_takes_the_same_number_of_queries_for_any_number_of_rows(
    october: October, in_app: Flask
) -> None:
    from tests.canteen.pages import counted

    with counted(in_app) as few:
        build(OCTOBER, "all", NOW)
    for number in range(12):
        person_id = _more(october, number)
        for on in (26, 27, 28, 29, 30):
            t.mark(person_id, october.sessions[2, day(on)])
    with counted(in_app) as many:
        assert build(OCTOBER, "all", NOW).value("head.visits") == 29 + 60
    assert len(many) == len(few) <= 32


def _more(october: October, number: int) -> int:
    from tests.workshop import house as h

    person_id = h.learner(october.house, f"增{number}")
    t.enrol(person_id, october.cohorts[2], day(26))
    t.job(october.house, person_id, day(20), verified_on=day(25))
    return person_id


def test_the_days_of_lasting_work_are_read_as_those_of_follow_ups(october: October) -> None:
    usual = build(OCTOBER, "all", NOW)
    current_app.config["FOLLOW_UP_DAYS"] = "30天、90天 180天，0"
    assert figures(build(OCTOBER, "all", NOW)) == figures(usual)
