"""Rates: worked by hand, and against an independent recount on random histories."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.rules.rates import (
    Exit,
    Kept,
    Look,
    Spell,
    anchors_of,
    first_spells,
    kept,
    months_after,
    placement_rate,
    retention,
)
from workshop.values import FollowUpOutcome as O

JOINED, EXIT = date(2026, 3, 2), date(2026, 3, 31)
WINDOW, GAP = 6, 30


def day(text: str) -> date:
    return date.fromisoformat(text)


def out(person_id: int, on: date = EXIT, done: bool = True, group: int = 1) -> Exit:
    return Exit(person_id, group, JOINED, on, done)


def job(
    person_id: int, start: str, left: str | None = None, verified: bool = True, name: str = "a"
) -> Spell:
    return Spell(person_id, f"{person_id}{name}", day(start), day(left) if left else None, verified)


def by_person(*spells: Spell) -> dict[int, list[Spell]]:
    found: dict[int, list[Spell]] = {}
    for spell in spells:
        found.setdefault(spell.person_id, []).append(spell)
    return found


def test_half_a_year_ends_on_the_last_day_of_a_shorter_month() -> None:
    assert months_after(day("2026-08-31"), 6) == day("2027-02-28")
    assert months_after(day("2027-08-31"), 6) == day("2028-02-29")
    assert months_after(day("2026-03-31"), 6) == day("2026-09-30")


def test_leavers_stand_in_the_denominator_and_completers_beside_it() -> None:
    # Ten trained: six completed, two did not, two withdrew. Four completers and one who withdrew work.
    exits = [*(out(n) for n in range(1, 7)), *(out(n, done=False) for n in range(7, 11))]
    spells = by_person(*(job(n, "2026-05-04") for n in (1, 2, 3, 4, 9)))
    rate = placement_rate(
        exits, spells, still_training=0, window_months=WINDOW, today=day("2026-10-01")
    )
    assert (rate.of_all.numerator, rate.of_all.denominator) == (5, 10)
    assert str(rate.of_all.value) == "0.5000"
    assert (rate.of_completers.part, rate.of_completers.denominator) == ((1, 2, 3, 4), 6)
    assert str(rate.of_completers.value) == "0.6667"


def test_a_rate_is_none_until_the_window_of_the_last_to_leave_is_over() -> None:
    exits, spells = [out(1), out(2, day("2026-04-15"))], by_person(job(1, "2026-04-01"))
    for today, value in (("2026-10-15", None), ("2026-10-16", "0.5000")):
        rate = placement_rate(
            exits, spells, still_training=0, window_months=WINDOW, today=day(today)
        )
        assert (rate.of_all.value and str(rate.of_all.value)) == value
        assert rate.of_all.matures_on == (None if value else day("2026-10-16"))
    while_some_train = placement_rate(
        exits, spells, still_training=3, window_months=WINDOW, today=day("2027-12-31")
    )
    assert (while_some_train.of_all.value, while_some_train.of_all.matures_on) == (None, None)


def test_what_counts_as_placed_has_edges() -> None:
    until = "2026-09-30"
    cases = {
        ("2026-03-02", None, True): True,  # began on her first day of training, still there
        ("2026-03-01", None, True): False,  # worked before she came
        ("2026-03-10", "2026-03-30", True): False,  # over before she left training
        ("2026-03-10", "2026-03-31", True): True,
        (until, None, True): True,
        ("2026-10-01", None, True): False,
        ("2026-05-01", None, False): False,  # not verified
        ("2026-05-01", "2026-05-02", True): True,  # left the next day: placed, not retained
    }
    for (start, left, verified), counts in cases.items():
        spells = by_person(job(1, start, left, verified))
        rate = placement_rate(
            [out(1)], spells, still_training=0, window_months=WINDOW, today=day("2027-01-01")
        )
        assert rate.of_all.part == ((1,) if counts else ()), start


def test_a_woman_in_two_trainings_of_a_group_counts_once() -> None:
    exits = [out(1, done=False, group=1), out(1, day("2026-03-31"), True, group=2)]
    rate = placement_rate(
        exits, {}, still_training=0, window_months=WINDOW, today=day("2027-01-01")
    )
    assert (rate.of_all.denominator, rate.of_completers.denominator) == (1, 1)


# Seven women began on 4 May 2026; the 90th day is 2 August. Today is 1 December.
START, TODAY = "2026-05-04", day("2026-12-01")


def look(
    person_id: int, outcome: O, on: str = "2026-08-03", days: int = 90, name: str = "a"
) -> Look:
    return Look(f"{person_id}{name}", days, outcome, day(on))


def known(spells: list[Spell], looks: list[Look], days: int = 90) -> Kept:
    return kept(spells[0], spells, looks, after_days=days, gap_days=GAP, today=TODAY)


def test_retention_by_hand() -> None:
    still = [job(1, START)]
    assert known(still, [look(1, O.SAME_EMPLOYER)]) is Kept.RETAINED
    assert known(still, [look(1, O.UNREACHABLE)]) is Kept.UNKNOWN
    assert known(still, [look(1, O.REFUSED)]) is Kept.UNKNOWN
    assert known(still, []) is Kept.UNKNOWN
    # What was found after 180 days proves the 90th too, what was found after 30 does not.
    assert known(still, [look(1, O.SAME_EMPLOYER, "2026-11-02", 180)]) is Kept.RETAINED
    assert known(still, [look(1, O.SAME_EMPLOYER, "2026-06-03", 30)]) is Kept.UNKNOWN
    assert known([job(1, START, "2026-08-01")], []) is Kept.NOT_RETAINED
    assert known([job(1, START, "2026-08-02")], []) is Kept.RETAINED


def test_a_word_said_before_the_day_proves_nothing_of_it() -> None:
    # The 90th day is 2 August: "same employer", entered on 1 August or with the call of the 30th day.
    for said_on, found in (
        ("2026-06-03", Kept.UNKNOWN), ("2026-08-01", Kept.UNKNOWN), ("2026-08-02", Kept.RETAINED),
    ):  # fmt: skip
        assert known([job(1, START)], [look(1, O.SAME_EMPLOYER, said_on)]) is found, said_on
    early = [look(1, O.OTHER_EMPLOYER, "2026-08-01")]
    assert known([job(1, START, "2026-07-20")], early) is Kept.NOT_RETAINED


def test_a_gap_between_two_jobs_of_thirty_days_is_none() -> None:
    first = job(1, START, "2026-06-30")
    assert known([first, job(1, "2026-07-30", "2026-09-30", name="b")], []) is Kept.RETAINED
    assert known([first, job(1, "2026-07-31", "2026-09-30", name="b")], []) is Kept.NOT_RETAINED
    # A second job that nobody has verified proves nothing, and disproves nothing.
    assert known([first, job(1, "2026-07-30", verified=False, name="b")], []) is Kept.UNKNOWN
    # The day itself lies in a gap that was closed in time.
    second = job(1, "2026-08-20", "2026-10-01", name="b")
    assert known([job(1, START, "2026-07-31"), second], []) is Kept.RETAINED


def test_another_employer_by_her_word_counts_inside_the_gap_only() -> None:
    word = [look(1, O.OTHER_EMPLOYER)]
    assert known([job(1, START, "2026-07-20")], word) is Kept.RETAINED
    assert known([job(1, START, "2026-06-01")], word) is Kept.UNKNOWN
    assert known([job(1, START, "2026-06-01")], [look(1, O.NOT_EMPLOYED)]) is Kept.NOT_RETAINED


def test_a_gap_that_is_still_open_is_not_yet_known() -> None:
    spells = [job(1, START, "2026-11-20")]
    assert (
        known(spells, [], days=205) is Kept.UNKNOWN
    )  # the day lies in the gap, which ends on 20 December
    assert known([job(1, START, "2026-10-20")], [], days=175) is Kept.NOT_RETAINED


def test_the_two_bounds_and_their_maturity() -> None:
    spells = by_person(
        job(1, START), job(2, START), job(3, START), job(4, START, "2026-06-01"), job(5, START)
    )
    looks = {
        1: [look(1, O.SAME_EMPLOYER)], 2: [look(2, O.UNREACHABLE)], 3: [look(3, O.REFUSED)],
    }  # fmt: skip
    anchors = anchors_of([out(n) for n in range(1, 6)], spells, WINDOW)
    more = {"after_days": 90, "gap_days": GAP, "group_closes_on": day("2026-10-01")}
    found = retention(anchors, spells, looks, today=TODAY, **more)  # type: ignore[arg-type]
    assert (str(found.lower.value), str(found.upper.value)) == ("0.2000", "0.8000")
    assert (found.lower.part, found.upper.part, found.unknown) == ((1,), (1, 2, 3, 5), (2, 3, 5))
    early = retention(anchors, spells, looks, today=day("2026-09-30"), **more)  # type: ignore[arg-type]
    assert (early.lower.value, early.upper.value, early.lower.matures_on) == (
        None, None, day("2026-10-01"),
    )  # fmt: skip
    more["group_closes_on"] = None  # type: ignore[assignment]
    on_the_day = retention(anchors, spells, looks, today=day("2026-08-02"), **more)  # type: ignore[arg-type]
    assert on_the_day.lower.matures_on == day("2026-08-03")


def test_nobody_has_no_rate() -> None:
    found = retention([], {}, {}, after_days=30, gap_days=GAP, today=TODAY, group_closes_on=None)
    assert (found.lower.value, found.lower.denominator) == (None, 0)


def test_a_months_group_is_the_first_verified_job_of_each_woman_begun_in_it() -> None:
    spells = by_person(
        job(1, "2026-05-20", name="b"), job(1, "2026-05-04"), job(2, "2026-05-06", verified=False),
        job(3, "2026-06-01"),
    )  # fmt: skip
    found = first_spells(spells, day("2026-05-01"), day("2026-05-31"))
    assert [spell.id for spell in found] == ["1a"]


# ---- an independent recount: no intervals, only days ----


def naive_placed(exits: list[Exit], spells: dict[int, list[Spell]]) -> set[int]:
    found = set()
    for person_id in {one.person_id for one in exits}:
        one = min(
            (e for e in exits if e.person_id == person_id),
            key=lambda e: (e.on.toordinal(), 0 if e.is_completed else 1, e.group),
        )
        # The last day of the window, by walking there a day at a time.
        month = (one.on.year * 12 + one.on.month - 1) + WINDOW
        last = one.on
        while last.year * 12 + last.month - 1 < month or (
            last.year * 12 + last.month - 1 == month and last.day < one.on.day
        ):
            following = last + timedelta(days=1)
            if following.year * 12 + following.month - 1 > month:
                break
            last = following
        for spell in spells.get(person_id, []):
            begun_in_time = one.joined_on <= spell.started_on <= last
            was_there = spell.left_on is None or spell.left_on >= one.on
            if spell.is_verified and begun_in_time and was_there:
                found.add(person_id)
    return found


FAR = 800


def naive_reach(anchor: Spell, spells: list[Spell]) -> int:
    """How many days after the start her work goes on, walking day by day; FAR: no end known."""
    base = anchor.started_on
    days = set()
    for spell in spells:
        if spell.started_on < base:
            continue
        first = (spell.started_on - base).days
        last = FAR if spell.left_on is None else (spell.left_on - base).days
        days |= set(range(first, min(last, FAR) + 1))
    last_at_work = FAR if anchor.left_on is None else (anchor.left_on - base).days
    here = last_at_work
    while here < FAR:
        ahead = [n for n in range(here + 1, here + GAP + 1) if n in days]
        if not ahead:
            break
        here = ahead[-1]
    return here


def naive_kept(
    anchor: Spell, spells: list[Spell], looks: list[Look], days: int, today: date
) -> str:
    words = [one for one in looks if one.spell_id == anchor.id and one.after_days == days]
    in_work = (O.SAME_EMPLOYER, O.OTHER_EMPLOYER)
    by_word = bool(words) and words[0].outcome in in_work and (
        words[0].on - anchor.started_on).days >= days  # fmt: skip
    verified = [one for one in spells if one.is_verified]
    sure, perhaps = naive_reach(anchor, verified), naive_reach(anchor, spells)
    now = (today - anchor.started_on).days
    if sure >= days:
        names = {one.id for one in verified}
        later = any(
            one.outcome in in_work and one.spell_id in names
            and (one.on - anchor.started_on).days >= days
            for one in looks
        )  # fmt: skip
        return "retained" if sure < FAR or by_word or later else "unknown"
    if perhaps >= days:
        return "unknown"
    if by_word:
        return "retained" if perhaps + GAP >= days else "unknown"
    return "unknown" if perhaps + GAP >= days and perhaps + GAP >= now else "not_retained"


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Exit], dict[int, list[Spell]], dict[int, list[Look]]]:
    base = date(2026, 1, 1)
    exits: list[Exit] = []
    spells: dict[int, list[Spell]] = {}
    looks: dict[int, list[Look]] = {}
    for person_id in range(1, draw(st.integers(1, 5)) + 1):
        for group in range(draw(st.integers(1, 2))):
            joined = base + timedelta(days=draw(st.integers(0, 60)))
            on = joined + timedelta(days=draw(st.integers(0, 60)))
            exits.append(Exit(person_id, group, joined, on, draw(st.booleans())))
        hers: list[Spell] = []
        for number in range(draw(st.integers(0, 3))):
            start = base + timedelta(days=draw(st.integers(0, 330)))
            length = draw(st.one_of(st.none(), st.integers(0, 200)))
            left = None if length is None else start + timedelta(days=length)
            hers.append(Spell(person_id, f"{person_id}-{number}", start, left, draw(st.booleans())))
        spells[person_id] = hers
        looks[person_id] = [
            Look(spell.id, days, draw(st.sampled_from(list(O))),
                 spell.started_on + timedelta(days=days + draw(st.integers(-3, 40))))
            for spell in hers
            for days in (30, 90, 180)
            if draw(st.booleans())
        ]  # fmt: skip
    return exits, spells, looks


@settings(max_examples=300, deadline=None)
@given(histories(), st.integers(0, 700), st.sampled_from([30, 90, 180]))
def test_rates_equal_a_recount_of_days(
    history: tuple[list[Exit], dict[int, list[Spell]], dict[int, list[Look]]], later: int, days: int
) -> None:
    exits, spells, looks = history
    today = date(2026, 1, 1) + timedelta(days=later)
    rate = placement_rate(exits, spells, still_training=0, window_months=WINDOW, today=today)
    assert set(rate.of_all.part) == naive_placed(exits, spells)
    assert set(rate.of_all.whole) == {one.person_id for one in exits}
    assert (rate.of_all.value is None) == (not rate.of_all.is_mature)
    anchors = anchors_of(exits, spells, WINDOW)
    assert {spell.person_id for spell in anchors} == set(rate.of_all.part)
    found = retention(anchors, spells, looks, after_days=days, gap_days=GAP, today=today,
                      group_closes_on=None)  # fmt: skip
    said = {
        spell.person_id: naive_kept(
            spell, spells[spell.person_id], looks[spell.person_id], days, today
        )
        for spell in anchors
    }
    assert set(found.lower.part) == {n for n, word in said.items() if word == "retained"}
    assert set(found.upper.part) == {n for n, word in said.items() if word != "not_retained"}
    assert set(found.unknown) == set(found.upper.part) - set(found.lower.part)
    is_over = all(today > spell.started_on + timedelta(days=days) for spell in anchors)
    assert found.lower.is_mature == is_over
    if found.lower.value is not None:
        assert found.upper.value is not None
        assert 0 <= found.lower.value <= found.upper.value <= 1
