"""Sittings, ages, admission and the fold of events, without a database."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canteen.rules import (
    DEFAULT_WINDOWS,
    Case,
    Held,
    Paper,
    admit,
    age_on,
    day_type,
    held_categories,
    is_undo,
    meal_of,
    overlapping,
    place,
    upcoming,
)
from canteen.values import (
    Category,
    DayType,
    DietKind,
    Dimension,
    Event,
    EventKind,
    Note,
    Refusal,
    Sitting,
    Window,
)
from core.clock import TZ

DAY = date(2026, 11, 24)
MS = timedelta(milliseconds=1)
LOW = Category(1, "low", "低保", Dimension.ECONOMIC, 10)
ALONE = Category(2, "alone", "独居", Dimension.LIVING, 20)
AGED = Category(3, "aged", "高龄", Dimension.AGE, 30, age_from=80)
GENERAL = Category(4, "general", "普通", Dimension.GENERAL, 40)
ALL = (LOW, ALONE, AGED, GENERAL)


def at(clock: str, day: date = DAY) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TZ)


def sitting_at(
    moment: datetime, windows: tuple[Window, ...] = DEFAULT_WINDOWS
) -> tuple[str, bool] | None:
    placed = place(moment, lambda _day: windows)
    return (placed.sitting.value, placed.in_grace) if placed else None


@pytest.mark.parametrize(
    ("sitting", "opens", "starts", "ends", "closes"),
    [
        ("breakfast", "06:00", "06:30", "09:00", "09:20"),
        ("lunch", "10:30", "11:00", "13:30", "13:50"),
        ("dinner", "16:30", "17:00", "19:00", "19:20"),
    ],
)
def test_each_border_of_a_sitting_falls_on_one_millisecond(
    sitting: str, opens: str, starts: str, ends: str, closes: str
) -> None:
    assert sitting_at(at(opens) - MS) is None
    assert sitting_at(at(opens)) == (sitting, True)
    assert sitting_at(at(starts) - MS) == (sitting, True)
    assert sitting_at(at(starts)) == (sitting, False)
    assert sitting_at(at(ends) - MS) == (sitting, False)
    assert sitting_at(at(ends)) == (sitting, True)
    assert sitting_at(at(closes) - MS) == (sitting, True)
    assert sitting_at(at(closes)) is None


WHOLE_DAY = (
    Window(Sitting.BREAKFAST, 0, 630), Window(Sitting.LUNCH, 630, 960), Window(Sitting.DINNER, 960, 1440),
)  # fmt: skip


@pytest.mark.parametrize(
    "clock, sitting", [("00:00", "breakfast"), ("10:30", "lunch"), ("16:00", "dinner")]
)
def test_windows_that_touch_leave_no_gap_and_no_overlap(clock: str, sitting: str) -> None:
    order = ["breakfast", "lunch", "dinner"]
    before = order[order.index(sitting) - 1]
    assert sitting_at(at(clock), WHOLE_DAY) == (sitting, False)
    assert sitting_at(at(clock) - MS, WHOLE_DAY) == (before, False)


def test_last_millisecond_of_a_month_belongs_to_its_last_day() -> None:
    last = at("00:00", date(2026, 12, 1)) - MS
    placed = place(last, lambda _day: WHOLE_DAY)
    assert placed is not None and (placed.day, placed.sitting) == (
        date(2026, 11, 30),
        Sitting.DINNER,
    )


def test_grace_over_midnight_belongs_to_the_day_of_its_window() -> None:
    late = (Window(Sitting.DINNER, 1200, 1440, 30, 20),)
    placed = place(at("00:10", date(2026, 11, 25)), lambda _day: late)
    assert placed is not None and (placed.day, placed.in_grace) == (DAY, True)


def test_of_two_graces_the_nearer_window_wins() -> None:
    close = (Window(Sitting.LUNCH, 660, 720, 0, 60), Window(Sitting.DINNER, 780, 840, 60, 0))
    assert sitting_at(at("12:20"), close) == ("lunch", True)
    assert sitting_at(at("12:40"), close) == ("dinner", True)
    assert sitting_at(at("12:30"), close) == ("lunch", True)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_a_moment_is_in_at_most_one_window_and_the_same_in_every_time_zone(naive: datetime) -> None:
    moment = naive.replace(tzinfo=TZ)
    inside = [
        window
        for window in DEFAULT_WINDOWS
        if window.starts_min <= naive.hour * 60 + naive.minute < window.ends_min
    ]
    placed = place(moment, lambda _day: DEFAULT_WINDOWS)
    assert placed == place(moment.astimezone(UTC), lambda _day: DEFAULT_WINDOWS)
    if inside:
        assert placed is not None and (placed.sitting, placed.in_grace) == (
            inside[0].sitting,
            False,
        )
    assert placed is None or placed.day == naive.date()


def test_closed_day_has_no_sitting_and_the_next_one_is_found() -> None:
    def windows_of(day: date) -> tuple[Window, ...]:
        return () if day == DAY else DEFAULT_WINDOWS

    assert place(at("12:00"), windows_of) is None
    found = upcoming(at("12:00"), windows_of)
    assert found is not None and (found[0], found[1].sitting) == (
        date(2026, 11, 25),
        Sitting.BREAKFAST,
    )
    assert upcoming(at("12:00"), lambda _day: ()) is None


def test_overlap_is_found_and_touching_is_none() -> None:
    assert overlapping(WHOLE_DAY) is None
    assert (
        overlapping((Window(Sitting.LUNCH, 600, 700), Window(Sitting.DINNER, 699, 800))) is not None
    )


@pytest.mark.parametrize(
    ("day", "holiday", "workday", "expected"),
    [
        (date(2026, 11, 24), False, False, DayType.WEEKDAY),
        (date(2026, 11, 28), False, False, DayType.WEEKEND),
        (date(2026, 11, 28), False, True, DayType.WEEKDAY),
        (date(2026, 10, 1), True, False, DayType.HOLIDAY),
    ],
)
def test_kind_of_day(day: date, holiday: bool, workday: bool, expected: DayType) -> None:
    assert day_type(day, is_holiday=holiday, is_workday=workday) is expected


@pytest.mark.parametrize(
    ("birth", "day", "on_day", "next_month"),
    [
        (date(1946, 11, 24), date(2026, 11, 23), 79, 79),
        (date(1946, 11, 24), date(2026, 11, 24), 80, 79),
        (date(1946, 11, 24), date(2026, 11, 30), 80, 79),
        (date(1946, 11, 24), date(2026, 12, 1), 80, 80),
        (date(1946, 12, 31), date(2027, 1, 1), 80, 80),
        (date(1946, 12, 31), date(2026, 12, 31), 80, 79),
        (date(1948, 2, 29), date(2026, 2, 28), 77, 77),
        (date(1948, 2, 29), date(2026, 3, 1), 78, 78),
        (date(1948, 2, 29), date(2028, 2, 29), 80, 79),
    ],
)
def test_age_begins_on_the_day_or_with_the_next_month(
    birth: date, day: date, on_day: int, next_month: int
) -> None:
    assert age_on(birth, day) == on_day
    assert age_on(birth, day, from_next_month=True) == next_month


def test_unknown_birth_date_gives_no_age() -> None:
    assert age_on(None, DAY) is None


def held(*papers: Paper, age: int | None = 70, day: date = DAY) -> Held:
    return held_categories(papers, ALL, age=age, day=day, grace_days=30)


def codes(found: Held) -> list[str]:
    return [category.code for category in found.categories]


def test_general_category_comes_last_and_makes_nobody_eligible() -> None:
    assert codes(held()) == ["general"]
    assert not held().is_eligible
    good = held(Paper(ALONE, DAY, None), Paper(LOW, DAY, DAY))
    assert (codes(good), good.is_eligible, good.needs_review) == (
        ["low", "alone", "general"],
        True,
        False,
    )


def test_age_needs_no_paper() -> None:
    assert codes(held(age=80)) == ["aged", "general"]
    assert held(age=80).is_eligible
    assert not held(age=79).is_eligible
    assert not held(age=None).is_eligible


def test_eligibility_serves_thirty_days_past_its_end_and_is_marked() -> None:
    until = date(2026, 10, 25)
    last, gone = (
        held(Paper(LOW, date(2026, 1, 1), until)),
        held(Paper(LOW, date(2026, 1, 1), until - timedelta(1))),
    )
    assert (codes(last), last.needs_review, last.expired_on) == (["low", "general"], True, until)
    assert (gone.is_eligible, gone.needs_review) == (False, False)


def test_renewed_paper_needs_no_review_and_a_future_one_does_not_count() -> None:
    old = Paper(LOW, date(2026, 1, 1), date(2026, 11, 1))
    assert not held(old, Paper(LOW, date(2026, 11, 2), None)).needs_review
    assert not held(Paper(LOW, DAY + timedelta(1), None)).is_eligible


def case(**changes: object) -> Case:
    values: dict[str, object] = {
        "card": None, "standing": None, "is_suspended": False, "is_enrolled": True,
        "held": Held((GENERAL,), True), "is_open_day": True, "in_sitting": True, "has_late_reason": False,
    }  # fmt: skip
    return Case(**{**values, **changes})  # type: ignore[arg-type]


def test_refusals_come_in_the_order_in_which_staff_can_act() -> None:
    everything = {
        "card": Refusal.CARD_REPLACED, "standing": Refusal.DECEASED, "is_suspended": True,
        "is_enrolled": False, "is_clock_suspect": True, "is_open_day": False, "in_sitting": False,
        "needs": frozenset({DietKind.ALLERGY}),
    }  # fmt: skip
    mended = [
        ("card", None, Refusal.CARD_REPLACED), ("standing", None, Refusal.DECEASED),
        ("is_suspended", False, Refusal.SUSPENDED), ("is_enrolled", True, Refusal.NOT_ELIGIBLE),
        ("is_clock_suspect", False, Refusal.CLOCK_SUSPECT), ("is_open_day", True, Refusal.CLOSED_DAY),
        ("in_sitting", True, Refusal.OUTSIDE_SITTING), ("is_acknowledged", True, Refusal.DIET_BLOCK),
    ]  # fmt: skip
    for name, value, refusal in mended:
        assert admit(case(**everything)).refusal is refusal
        everything[name] = value
    assert admit(case(**everything)).refusal is None


def test_a_pause_and_a_mild_diet_are_notes_and_no_refusal() -> None:
    found = admit(case(is_paused=True, needs=frozenset({DietKind.LOW_SALT}), in_grace=True))
    assert (found.refusal, found.notes) == (None, (Note.PAUSED, Note.GRACE, Note.DIET))


def test_late_reason_opens_a_closed_day_but_no_stopped_card() -> None:
    assert admit(case(is_open_day=False, has_late_reason=True)).refusal is None
    stopped = case(card=Refusal.CARD_REVOKED, has_late_reason=True)
    assert admit(stopped).refusal is Refusal.CARD_REVOKED


NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def served(number: int, minute: int) -> Event:
    return Event(UUID(int=number), EventKind.SERVED, NOON + timedelta(minutes=minute))


def voided(number: int, of: int) -> Event:
    return Event(UUID(int=number), EventKind.VOIDED, NOON, UUID(int=of))


def test_first_serving_by_corrected_time_and_id_is_the_meal() -> None:
    events = [served(3, 5), served(2, 5), served(1, 9)]
    for order in permutations(events):
        folded = meal_of(order)
        assert folded.meal is not None and folded.meal.id == UUID(int=2)
        assert [event.id.int for event in folded.parked] == [3, 1]


def test_voided_serving_makes_way_for_the_parked_one() -> None:
    folded = meal_of([voided(9, 2), served(2, 5), served(1, 9)])
    assert folded.meal is not None and folded.meal.id.int == 1
    assert folded.parked == ()
    assert meal_of([voided(9, 2), served(2, 5)]).meal is None
    assert meal_of([]).meal is None


histories = st.lists(
    st.one_of(
        st.builds(served, st.integers(1, 6), st.integers(0, 2)),
        st.builds(voided, st.integers(11, 16), st.integers(1, 6)),
    ),
    max_size=8,
    unique_by=lambda event: event.id,
)


@settings(max_examples=200)
@given(histories, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_events_gives_the_same_meal(
    events: list[Event], random: object
) -> None:
    shuffled = events + events[: len(events) // 2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    folded = meal_of(events)
    assert meal_of(shuffled) == folded
    void_ids = {event.voids_id for event in events}
    standing = {e.id for e in events if e.kind is EventKind.SERVED and e.id not in void_ids}
    kept = {folded.meal.id} if folded.meal else set()
    assert kept | {event.id for event in folded.parked} == standing


def test_undo_lasts_one_minute() -> None:
    assert is_undo(NOON, NOON + timedelta(minutes=1))
    assert not is_undo(NOON, NOON + timedelta(minutes=1) + MS)
    assert not is_undo(NOON, NOON - MS)
