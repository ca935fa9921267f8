"""What states, periods, papers and units of reports are called on the screen."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.reports.values import Output, Period, PeriodKind, ReportState, Unit

# The kind of mark (see the macro `state`) and the word.
STATE: Mapping[ReportState, tuple[str, Any]] = {
    ReportState.DRAFT: ("wait", _l("Draft")),
    ReportState.REVIEWED: ("info", _l("Reviewed")),
    ReportState.ISSUED: ("ok", _l("Issued")),
    ReportState.SIGNED: ("ok", _l("Signed and stamped")),
    ReportState.SUBMITTED: ("ok", _l("Submitted")),
    ReportState.CLOSED: ("ok", _l("Concluded")),
    ReportState.RETURNED: ("bad", _l("Returned by the receiver")),
}
PERIOD_KIND: Mapping[PeriodKind, Any] = {
    PeriodKind.MONTH: _l("Monthly"),
    PeriodKind.QUARTER: _l("Quarterly"),
    PeriodKind.HALF: _l("Half-yearly"),
    PeriodKind.YEAR: _l("Yearly"),
}
OUTPUT: Mapping[str, Any] = {
    Output.SUBMISSION: _l("Version for the bureau"),
    Output.ARCHIVE: _l("Version for the files"),
    Output.PUBLIC: _l("Version for the notice board"),
    "workbook": _l("Workbook"),
}
OUTPUT_USE: Mapping[str, Any] = {
    Output.SUBMISSION: _l("signed, stamped and handed in; internal"),
    Output.ARCHIVE: _l("kept by the office; internal"),
    Output.PUBLIC: _l("names masked, small numbers left out; may hang on the wall"),
    "workbook": _l("the same figures as numbers, for the bureau's form"),
}
UNIT: Mapping[Unit, Any] = {
    Unit.VISITS: _l("visits"),
    Unit.PEOPLE: _l("people"),
    Unit.FEN: _l("yuan"),
    Unit.COUNT: _l("a number"),
    Unit.HOURS: _l("class hours"),
    Unit.SHARE: "%",
}
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_QUARTERS = "一二三四"


def period_words(period: Period) -> str:
    """2026年10月, 2026年第四季度, 2026年下半年, 2026年; in English October 2026, Q4 2026 …"""
    year, month = period.first_month.year, period.first_month.month
    is_english = str(get_locale() or "").startswith("en")
    if period.kind is PeriodKind.YEAR:
        return str(year) if is_english else f"{year}年"
    if period.kind is PeriodKind.MONTH:
        return f"{_MONTH_NAMES[month - 1]} {year}" if is_english else f"{year}年{month}月"
    if period.kind is PeriodKind.QUARTER:
        number = (month + 2) // 3
        return f"Q{number} {year}" if is_english else f"{year}年第{_QUARTERS[number - 1]}季度"
    if is_english:
        return f"{'first' if month == 1 else 'second'} half of {year}"
    return f"{year}年{'上' if month == 1 else '下'}半年"


def revision_words(revision: int) -> str:
    """第 1 版, 第 2 版(更正)."""
    if revision == 1:
        return _("revision 1")
    return _("revision %(number)s (correction)", number=revision)


def number(value: int, unit: Unit) -> str:
    """A figure as it stands in a table: 2,225; 8,550.60 of an amount in fen; 42 or 3.78 class hours; 70.0%."""
    if unit not in (Unit.FEN, Unit.HOURS, Unit.SHARE):
        return f"{value:,}"
    sign, size = ("-", -value) if value < 0 else ("", value)
    if unit == Unit.SHARE:
        return f"{sign}{size // 10}.{size % 10}%"
    text = f"{sign}{size // 100:,}.{size % 100:02d}"
    return text if unit == Unit.FEN else text.rstrip("0").rstrip(".")


def amount(value: int, unit: Unit) -> str:
    """The same with its unit: 2,225 人次, 8,550.60 元. What is merely a number, or a share, stands alone."""
    return (
        number(value, unit)
        if unit in (Unit.COUNT, Unit.SHARE)
        else f"{number(value, unit)} {UNIT[unit]}"
    )


def signed(value: int, unit: Unit) -> str:
    """A change: +12, −3, 0."""
    return f"{'+' if value > 0 else ''}{number(value, unit)}".replace("-", "−")
