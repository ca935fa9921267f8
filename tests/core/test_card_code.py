"""The number on a card, without a database."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.people.card_code import (
    CODE_DIGITS,
    ScanFault,
    fold,
    grouped,
    hash_code,
    is_code,
    make_code,
    read,
)

KEY = b"0123456789abcdef0123456789abcdef"
people = st.integers(min_value=1, max_value=2**63 - 1)
serials = st.integers(min_value=1, max_value=10_000)
codes = st.builds(lambda person, serial: make_code(KEY, person, serial), people, serials)


def test_a_known_person_always_gets_the_same_digits() -> None:
    # Worked out apart: HMAC-SHA256(KEY, "17:1") mod 10^15, then 98 - (n * 100 mod 97).
    assert make_code(KEY, 17, 1) == "77378472160469913"


@given(people, serials)
def test_a_code_is_17_digits_that_read_back(person: int, serial: int) -> None:
    code = make_code(KEY, person, serial)
    assert len(code) == CODE_DIGITS
    assert code.isdecimal()
    assert int(code) % 97 == 1
    assert read(code).code == code


@given(people, serials)
def test_the_next_serial_and_another_key_give_another_code(person: int, serial: int) -> None:
    code = make_code(KEY, person, serial)
    assert code != make_code(KEY, person, serial + 1)
    assert code != make_code(KEY[::-1], person, serial)


@pytest.mark.parametrize(("person", "serial"), [(0, 1), (1, 0), (-3, 1)])
def test_ids_that_cannot_exist_are_refused(person: int, serial: int) -> None:
    with pytest.raises(ValueError, match="start at 1"):
        make_code(KEY, person, serial)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        make_code(b"short", 1, 1)


@given(codes, st.integers(0, CODE_DIGITS - 1), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(code: str, at: int, shift: int) -> None:
    wrong = code[:at] + str((int(code[at]) + shift) % 10) + code[at + 1 :]
    assert read(wrong).fault is ScanFault.NOT_OURS


@given(codes, st.integers(0, CODE_DIGITS - 2))
def test_any_two_swapped_neighbours_are_found(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped != code:
        assert read(swapped).fault is ScanFault.NOT_OURS


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NOISE = [" ", "-", "–", "—", "－", "\u3000", "\t", "\r\n", "\u200b", "\ufeff", "\u00a0"]


@given(codes, st.data())
def test_full_width_digits_blanks_and_dashes_do_no_harm(code: str, data: st.DataObject) -> None:
    noisy = "".join(
        data.draw(st.sampled_from(["", "", *NOISE]))
        + (digit.translate(FULL_WIDTH) if data.draw(st.booleans()) else digit)
        for digit in code
    )
    assert read(noisy + "\n").code == code
    assert read("]Q1" + noisy).code == code
    assert read(grouped(code)).code == code


@given(codes, st.integers(1, CODE_DIGITS - 1))
def test_both_halves_of_a_split_scan_are_too_short(code: str, at: int) -> None:
    assert read(code[:at]).fault is ScanFault.TOO_SHORT
    assert read(code[at:]).fault is ScanFault.TOO_SHORT


@given(codes, codes)
def test_two_cards_in_one_scan_name_neither(first: str, second: str) -> None:
    assert read(first + second).code is None
    assert read(first + second).fault is ScanFault.TWO_CARDS
    assert read(first + "\r\n" + second).fault is ScanFault.TWO_CARDS
    assert read(first + first + first).fault is ScanFault.TWO_CARDS


@given(codes)
@example("80475819671008847")
def test_a_card_glued_to_something_else_is_too_long(code: str) -> None:
    # One digit more makes eighteen, and now and then they read like an ID number.
    assert read(code + "0").fault in (ScanFault.TOO_LONG, ScanFault.ID_NUMBER)
    assert read(code + "1" * CODE_DIGITS).fault is ScanFault.TOO_LONG
    assert read(code * 100).fault is ScanFault.TOO_LONG


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ScanFault.EMPTY),
        (" \r\n\u3000--", ScanFault.EMPTY),
        ("1234567", ScanFault.TOO_SHORT),
        ("13800138000", ScanFault.TOO_SHORT),
        ("9" * 200, ScanFault.TOO_LONG),
        ("12345678901234567", ScanFault.NOT_OURS),
        ("https://weixin.qq.com/r/abc123", ScanFault.OTHER_CODE),
        ("王秀华", ScanFault.OTHER_CODE),
        ("12345678901234５6X", ScanFault.OTHER_CODE),
        ("٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", ScanFault.OTHER_CODE),
        ("①②③④⑤⑥⑦⑧⑨①②③④⑤⑥⑦⑧", ScanFault.OTHER_CODE),
        ("130499194603070027", ScanFault.ID_NUMBER),
        ("13049919460307002x", ScanFault.ID_NUMBER),
        ("x" * 100_000, ScanFault.TOO_LONG),
    ],
)
def test_each_bad_scan_has_its_own_name(text: str, fault: ScanFault) -> None:
    reading = read(text)
    assert reading.code is None
    assert reading.fault is fault


@given(st.text(max_size=300))
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    reading = read(text)
    assert (reading.code is None) != (reading.fault is None)
    if reading.code is not None:
        assert is_code(reading.code)
    assert fold(fold(text)) == fold(fold(fold(text)))


def test_the_hash_needs_the_key_and_shows_no_digit_of_the_code() -> None:
    code = make_code(KEY, 17, 1)
    assert len(hash_code(KEY, code)) == 64
    assert hash_code(KEY, code) != hash_code(KEY[::-1], code)
    assert hash_code(KEY, code) != hash_code(KEY, make_code(KEY, 18, 1))
