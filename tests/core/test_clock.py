"""Days and months are those of the office's wall clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.clock import Month, service_day

MIDNIGHT = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)  # 00:00 on 1 November in Handan


def test_a_service_day_changes_at_midnight_in_handan_to_the_millisecond() -> None:
    assert service_day(MIDNIGHT - timedelta(milliseconds=1)) == date(2026, 10, 31)
    assert service_day(MIDNIGHT) == date(2026, 11, 1)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_day_lies_in_exactly_one_month(day: date) -> None:
    month = Month.of(day)
    assert month.first <= day <= month.last
    assert month.next().previous() == month
    assert month.next().first == month.last + timedelta(days=1)
    assert month.starts_at <= clock.moment_of(day, time(12)) < month.ends_at


@pytest.mark.parametrize("text", ["2026-13", "26-10", "2026-1", "october", "", "2026-00"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Month.parse(text)


def test_the_clock_can_be_held_and_goes_on_afterwards() -> None:
    with clock.at(MIDNIGHT):
        assert clock.now() == MIDNIGHT
    assert clock.now() > MIDNIGHT


def test_months_sort_and_read_as_written() -> None:
    assert str(Month.parse("2026-02")) == "2026-02"
    assert Month(2025, 12) < Month(2026, 1)
    assert len(Month(2028, 2).days()) == 29
