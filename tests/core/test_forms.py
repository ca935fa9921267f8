"""Amounts, shares and times as hands type them, with a Chinese input method or without."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from canteen.forms.fields import PercentField
from core.forms import ClockField, YuanField


class Typed(Form):
    amount = YuanField()
    budget = YuanField(most_fen=10**11)
    time = ClockField()
    share = PercentField()


def read(name: str, text: str) -> Any:
    """What a field makes of a text; "wrong" when it refuses it."""
    form = Typed(MultiDict({name: text}))
    return form[name].data if form.validate() else "wrong"


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12", 1200), ("12.5", 1250), (" 12.50元 ", 1250), ("12.500", 1250), ("0", 0), ("", None),
        ("１２．５", 1250), ("１２。５元", 1250), ("¥12", 1200), ("￥12", 1200), ("1,200", 120_000),
        ("1,200.05", 120_005), ("10,0000", 10_000_000), ("-1", "wrong"), ("12,5", "wrong"), ("12.505", "wrong"),
        ("1e3", "wrong"), ("1e999999999", "wrong"), ("NaN", "wrong"), ("十二", "wrong"),
        ("30000000", "wrong"),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_typed(text: str, fen: Any) -> None:
    assert read("amount", text) == fen


def test_a_budget_may_be_larger_than_any_price() -> None:
    assert read("budget", "30000000") == 3_000_000_000


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("11:30", 690), ("１１：３０", 690), ("1130", 690), ("24:00", 1440), ("24:01", "wrong"), ("11:61", "wrong")],
)  # fmt: skip
def test_a_time_is_read_as_it_is_typed(text: str, minutes: Any) -> None:
    assert read("time", text) == minutes


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("25", 2500),
        ("12.5%", 1250),
        ("１２．５％", 1250),
        ("101", "wrong"),
        ("1e999999999", "wrong"),
    ],
)
def test_a_share_is_read_as_it_is_typed(text: str, share: Any) -> None:
    assert read("share", text) == share
