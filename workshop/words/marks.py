"""Marks and hours in words, for pages, programs on pages, and paper."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from core.show import weekday_date
from workshop import words
from workshop.models import Session
from workshop.rules.hours import Figures, can_miss_min
from workshop.values import AttendanceStatus, Policy, RateName, Standing

_BETWEEN_TAGS = re.compile(r">\s+<")


def mark_words(
    status: AttendanceStatus | None,
    late_min: int = 0,
    early_min: int = 0,
    reason: str | None = None,
) -> str:
    """迟到 10 分钟, 早退 5 分钟, 请假:复查, 缺勤(迟到 20 分钟), 未登记."""
    if status is None:
        return str(words.UNMARKED)
    minutes = [
        text for amount, text in (
            (late_min, _("%(minutes)s min late", minutes=late_min)),
            (early_min, _("%(minutes)s min early", minutes=early_min)),
        ) if amount
    ]  # fmt: skip
    said = _(", ").join(minutes)
    if status is AttendanceStatus.ABSENT and said:
        return _("%(status)s (%(more)s)", status=words.ATTENDANCE[status], more=said)
    if said:
        return said
    if reason and status is AttendanceStatus.EXCUSED:
        return _("%(status)s: %(more)s", status=words.ATTENDANCE[status], more=reason)
    return str(words.ATTENDANCE[status])


def standing_words(standing: Standing) -> str:
    """The same of what stands."""
    return mark_words(standing.status, standing.late_min, standing.early_min, standing.reason)


def clock_words(minute: int) -> str:
    """09:05 of minutes after midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def time_words(starts_min: int, ends_min: int) -> str:
    """09:00–12:00."""
    return f"{clock_words(starts_min)}–{clock_words(ends_min)}"


def meeting_words(on: date, starts_min: int, ends_min: int, room: str | None) -> str:
    """11月24日 (周二) 09:00–12:00 一号教室."""
    return " ".join(
        part for part in (weekday_date(on), time_words(starts_min, ends_min), room) if part
    )  # fmt: skip


def session_words(meeting: Session) -> str:
    """The same of a session whose room is loaded."""
    room = meeting.room.name if meeting.room else None
    return meeting_words(meeting.on, meeting.starts_min, meeting.ends_min, room)


def class_hours(minutes: int, class_hour_min: int, *, is_lacking: bool = False) -> str:
    """Minutes as class hours: 42, or 41.6; what is lacking is never rounded away."""
    rounding = ROUND_UP if is_lacking else ROUND_DOWN
    hours = (Decimal(minutes) / class_hour_min).quantize(Decimal("0.1"), rounding)
    return f"{hours:f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One of the three figures, as it is shown: always with what it is a share of."""

    name: RateName
    label: Any
    percent: str
    part: str
    whole: str
    width: int


def figure_lines(counted: Figures, policy: Policy) -> list[FigureLine]:
    """The three figures, always together, in class hours of the cohort's length."""
    lines = []
    for name in RateName:
        part, whole = counted.share(name)
        rate = counted.rate(name)
        # Down, so that nobody seems to have reached what she has not.
        percent = None if rate is None else (rate * 100).quantize(Decimal("0.1"), ROUND_DOWN)
        text = "—" if percent is None else f"{percent:f}".removesuffix(".0") + "%"
        lines.append(FigureLine(
            name, words.RATE[name], text, class_hours(part, policy.class_hour_min),
            class_hours(whole, policy.class_hour_min), int(percent or 0),
        ))  # fmt: skip
    return lines


def can_miss_words(counted: Figures, policy: Policy) -> str:
    """还可缺 6 学时, or how much is lacking."""
    left = can_miss_min(counted, policy)
    if left < 0:
        return _("Out of reach: %(hours)s class hours lacking",
                 hours=class_hours(-left, policy.class_hour_min, is_lacking=True))  # fmt: skip
    return _("Can still miss %(hours)s class hours", hours=class_hours(left, policy.class_hour_min))


def compact(html: Markup) -> Markup:
    """The same without the blanks between its tags: thirty rows of a class are a third of them."""
    return Markup(_BETWEEN_TAGS.sub("><", html))


FILTERS: Mapping[str, Any] = {
    "standing_words": standing_words, "clock_words": clock_words, "session_words": session_words,
    "class_hours": class_hours, "figure_lines": figure_lines, "can_miss_words": can_miss_words,
    "compact": compact,
}  # fmt: skip
