"""How values look on the screen: moments, days, money, masked names. Template filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import current_app, request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from core import clock, privacy
from core.db import db

Row = TypeVar("Row")
_WEEKDAYS = "一二三四五六日"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ENGLISH_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _is_english() -> bool:
    return str(get_locale() or "").startswith("en")


def money(fen: int | None) -> str:
    """1200 → ¥12.00; None is an em dash."""
    if fen is None:
        return "—"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def day(value: date | None) -> str:
    """今天, 昨天, 明天, or 10月3日 (周六), with the year when it is another."""
    if value is None:
        return "—"
    today = clock.service_day(clock.now())
    near = {
        today: _("today"),
        today - timedelta(days=1): _("yesterday"),
        today + timedelta(days=1): _("tomorrow"),
    }
    if value in near:
        return str(near[value])
    return full_day(value) if value.year != today.year else _short_day(value)


def _short_day(value: date) -> str:
    if _is_english():
        return f"{_ENGLISH_WEEKDAYS[value.weekday()]}, {value.day} {_MONTHS[value.month - 1]}"
    return f"{value.month}月{value.day}日 (周{_WEEKDAYS[value.weekday()]})"


def full_day(value: date | None) -> str:
    """2026年10月3日."""
    if value is None:
        return "—"
    if _is_english():
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def weekday_date(value: date) -> str:
    """10月3日 (周六), whatever day is today: for lists by date."""
    return _short_day(value)


def clock_time(moment: datetime | None) -> str:
    """11:42 on the office's wall clock."""
    return "—" if moment is None else clock.local(moment).strftime("%H:%M")


def exact_time(moment: datetime | None) -> str:
    """2026-10-03 11:42 on the office's wall clock, for what is read long after."""
    return "—" if moment is None else clock.local(moment).strftime("%Y-%m-%d %H:%M")


def exact_day(moment: datetime | None) -> str:
    """2026年10月3日 of a moment, on the office's wall clock."""
    return full_day(None if moment is None else clock.service_day(moment))


def when(moment: datetime | None) -> Markup:
    """今天 11:42 as a <time> element with the exact moment."""
    if moment is None:
        return Markup("—")
    words = f"{day(clock.service_day(moment))} {clock_time(moment)}"
    return Markup('<time datetime="{}">{}</time>').format(escape(moment.isoformat()), escape(words))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "money": money,
    "day": day,
    "full_day": full_day,
    "weekday_date": weekday_date,
    "when": when,
    "clock_time": clock_time,
    "exact_time": exact_time,
    "exact_day": exact_day,
    "local_day": clock.service_day,
    "mask_name": privacy.mask_name,
    "mask_phone": privacy.mask_phone,
    "mask_id_number": privacy.mask_id_number,
    "mask_address": privacy.mask_address,
}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list: its rows, how many there are in all, and the query that led here."""

    items: list[Row]
    total: int
    page: int
    pages: int
    args: Mapping[str, Any]


def paginate(statement: sa.Select[Any], scalars: bool = True) -> Page[Any]:
    """The page that `?page=` names, of PAGE_ROWS rows; two queries whatever the number of rows."""
    size = page_rows()
    total = (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
        )
        or 0
    )
    number, pages, args = _asked(total, size)
    rows = db.session.execute(statement.limit(size).offset((number - 1) * size))
    return Page(list(rows.scalars() if scalars else rows), total, number, pages, args)


def paged(rows: Sequence[Row], size: int | None = None) -> Page[Row]:
    """The same of rows that are in memory already; size: of a page, where rows are long."""
    size = size or page_rows()
    number, pages, args = _asked(len(rows), size)
    return Page(list(rows[(number - 1) * size : number * size]), len(rows), number, pages, args)


def page_rows() -> int:
    """How many rows a page of a list has."""
    return int(current_app.config["PAGE_ROWS"])


def _asked(total: int, size: int) -> tuple[int, int, dict[str, str]]:
    pages = max(1, -(-total // size))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return number, pages, {name: value for name, value in request.args.items() if name != "page"}
