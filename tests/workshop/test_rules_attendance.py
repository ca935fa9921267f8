"""The pure rules of attendance: room codes, what is typed back from a sheet, when marks may be set, risk."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop.rules import room_code, sheet
from workshop.rules.at_risk import Risk, reasons, unmarked_sessions
from workshop.rules.hours import figures
from workshop.rules.opening import locks_at, opens_at
from workshop.rules.sheet import Fault, Line
from workshop.values import AttendanceStatus, Held, Policy

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
KEY = b"k" * 32
NOW = datetime(2026, 11, 24, 1, 20, 10, tzinfo=UTC)


def test_a_code_is_good_in_its_own_step_and_the_one_after() -> None:
    code = room_code.current(KEY, 7, NOW, 30)
    assert len(code) == 6
    assert code.isdigit()
    for seconds, good in ((0, True), (19, True), (20, True), (49, True), (50, False), (-11, False)):
        moment = NOW + timedelta(seconds=seconds)
        assert room_code.is_good(KEY, 7, code, moment, 30) is good, seconds
    assert room_code.seconds_left(NOW, 30) == 20


def test_codes_of_two_rooms_and_of_two_keys_differ() -> None:
    assert room_code.current(KEY, 7, NOW, 30) != room_code.current(KEY, 8, NOW, 30)
    assert room_code.current(KEY, 7, NOW, 30) != room_code.current(b"x" * 32, 7, NOW, 30)


def test_a_code_that_was_shown_is_known_again_and_no_other() -> None:
    code = room_code.current(KEY, 7, NOW, 30)
    later = NOW + timedelta(hours=2)
    assert room_code.was_shown(KEY, 7, code, NOW - timedelta(minutes=5), later, 30)
    assert not room_code.was_shown(KEY, 7, code, NOW + timedelta(minutes=5), later, 30)
    assert not room_code.was_shown(KEY, 8, code, NOW - timedelta(minutes=5), later, 30)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("１２３４５６", "123456"), ("123-456", "123456"),
     ("12345", None), ("1234567", None), ("12345a", None), ("", None), ("١٢٣٤٥٦", None)],
)  # fmt: skip
def test_a_typed_code_is_folded(typed: str, code: str | None) -> None:
    assert room_code.read_code(typed) == code


@given(st.integers(0, 10**10), st.integers(1, 10**6), st.integers(5, 300))
def test_each_step_has_one_code_of_six_digits(seconds: int, session_id: int, step_s: int) -> None:
    moment = datetime.fromtimestamp(seconds % 4_000_000_000, UTC)
    code = room_code.current(KEY, session_id, moment, step_s)
    assert room_code.read_code(code) == code
    assert room_code.is_good(KEY, session_id, code, moment, step_s)


def test_a_session_opens_before_it_begins_and_locks_at_the_end_of_a_day() -> None:
    starts_at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert opens_at(starts_at, 30) == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    # Midnight in Handan after the seventh day.
    assert locks_at(date(2026, 11, 24), 7) == datetime(2026, 12, 1, 16, 0, tzinfo=UTC)


ROWS = range(1, 31)


def lines(typed: str) -> dict[int, tuple[AttendanceStatus, int, int]]:
    reading = sheet.read(typed, ROWS)
    assert reading.bad == ()
    return {one.row: (one.status, one.late_min, one.early_min) for one in reading.lines}


def test_numbers_ranges_and_words_are_read() -> None:
    read = lines("1-3 14 17迟到10 20假 21缺 8早退15")
    assert read == {
        1: (P, 0, 0), 2: (P, 0, 0), 3: (P, 0, 0), 14: (P, 0, 0), 17: (LATE, 10, 0),
        20: (EXCUSED, 0, 0), 21: (ABSENT, 0, 0), 8: (EARLY, 0, 15),
    }  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [
        "1~3、14", "１－３，14", "1到3 14", "1 至 3;14", "3-3, 1-2\n14", "1-3 14 14", "1-3到 14√",
        "1号-3号 14".replace("号-", "-"), "1–3。14",
    ],
)  # fmt: skip
def test_the_same_is_read_however_it_is_typed(typed: str) -> None:
    assert sorted(lines(typed)) == [1, 2, 3, 14]
    assert {status for status, _, _ in lines(typed).values()} == {P}


def test_blanks_between_a_number_and_its_word_do_not_matter() -> None:
    assert lines("17 迟到 10分钟 20 假") == {17: (LATE, 10, 0), 20: (EXCUSED, 0, 0)}
    assert lines("8迟5早10") == {8: (LATE, 5, 10)}


@pytest.mark.parametrize(
    ("typed", "fault", "text"),
    [
        ("44", Fault.NO_SUCH_ROW, "44"), ("5 5缺", Fault.TWICE, "5缺"), ("7迟到", Fault.NO_MINUTES, "7迟到"),
        ("9-4", Fault.BACKWARDS, "9-4"), ("王秀英", Fault.UNREADABLE, "王秀英"),
        ("6假缺", Fault.UNREADABLE, "6假缺"), ("6假10", Fault.UNREADABLE, "6假10"),
        ("28-33", Fault.NO_SUCH_ROW, "28-33"),
        ("17迟到1441", Fault.UNREADABLE, "17迟到1441"),
        (f"8迟5早{'9' * 99}", Fault.UNREADABLE, f"8迟5早{'9' * 99}"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(typed: str, fault: Fault, text: str) -> None:
    (bad,) = sheet.read(typed, ROWS).bad
    assert (bad.fault, bad.text) == (fault, text)


def test_a_row_said_twice_and_differently_is_not_taken() -> None:
    reading = sheet.read("1-6 5缺", ROWS)
    assert [one.row for one in reading.lines] == [1, 2, 3, 4, 6]


def test_what_is_too_long_is_named_and_ends_of_lines_do_not_count_twice() -> None:
    lines_of_paper = "\r\n".join(["1"] * 999)
    assert sheet.read(f"{lines_of_paper}\r\n2", ROWS).bad == ()
    reading = sheet.read(f"{lines_of_paper}\r\n2 3迟到10 4", ROWS)
    assert [bad.text for bad in reading.bad] == ["3迟到10 4"]


@given(st.text(alphabet="0123456789-~ ,迟到早退假缺x分\n", max_size=60))
def test_whatever_is_typed_each_row_is_read_at_most_once(typed: str) -> None:
    reading = sheet.read(typed, ROWS)
    rows = [one.row for one in reading.lines]
    assert rows == sorted(set(rows))
    assert set(rows) <= set(ROWS)
    for one in reading.lines:
        assert isinstance(one, Line)
        assert one.status is not LATE or one.late_min > 0


def held(*marks: AttendanceStatus | None, coming: int = 0) -> list[Held]:
    day = date(2026, 11, 2)
    done = [
        Held(n, day + timedelta(days=n), 540, 180, True, mark, 180 if mark is P else 0)
        for n, mark in enumerate(marks)
    ]  # fmt: skip
    return done + [
        Held(len(marks) + n, day + timedelta(days=len(marks) + n), 540, 180, False)
        for n in range(coming)
    ]  # fmt: skip


def why(rows: list[Held], planned: int) -> dict[Risk, int]:
    counted = figures(rows, planned * 180)
    found = reasons(rows, counted, Policy(), absences=3, unmarked=3)
    return {one.risk: one.count for one in found}


def test_a_learner_on_her_way_gives_no_reason_to_call() -> None:
    assert why(held(P, P, EXCUSED, P, coming=6), 10) == {}


def test_two_of_ten_missed_is_the_last_chance_and_three_are_too_many() -> None:
    assert why(held(P, ABSENT, P, ABSENT, coming=6), 10) == {Risk.LAST_CHANCE: 0}
    assert why(held(ABSENT, P, ABSENT, ABSENT, coming=6), 10) == {Risk.OUT_OF_REACH: 180}


def test_three_absences_in_a_row_are_named_though_the_hours_can_be_reached() -> None:
    assert why(held(P, ABSENT, ABSENT, ABSENT, coming=26), 30)[Risk.ABSENT_IN_A_ROW] == 3
    assert Risk.ABSENT_IN_A_ROW not in why(held(ABSENT, ABSENT, ABSENT, P, coming=26), 30)


def test_sessions_without_a_mark_are_named_and_not_counted_as_absent() -> None:
    rows = held(P, None, None, None, coming=26)
    assert unmarked_sessions(rows) == 3
    assert why(rows, 30) == {Risk.UNMARKED: 3}
