"""Phrases put together for pages of cohorts and sessions: times, class hours, a policy in words."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import show
from workshop import words
from workshop.models import Session
from workshop.values import Policy
from workshop.values.schedule import DayNote, Lesson

WEEKDAYS = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"),
    _l("Sunday"),
)  # fmt: skip


def clock_of(minutes: int) -> str:
    """690 → 11:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def times_of(row: Session) -> str:
    """09:00–11:30."""
    return f"{clock_of(row.starts_min)}–{clock_of(row.ends_min)}"


def hours_of(minutes: int, class_hour_min: int) -> str:
    """Minutes as class hours, with one decimal where they are not whole: 4, 4.7."""
    tenths = (minutes * 20 + class_hour_min) // (2 * class_hour_min)
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def weekday(day: date) -> str:
    return str(WEEKDAYS[day.weekday()])


def policy_lines(policy: Policy) -> list[str]:
    """What completes a cohort, a sentence a rule."""
    lines = [
        _("A class hour is %(minutes)s minutes.", minutes=policy.class_hour_min),
        _("To complete, a learner is credited with at least %(percent)s %% of the planned class hours.",
          percent=policy.credited_percent),
        _("Leave may be at most %(percent)s %% of the planned class hours.",
          percent=policy.leave_most_percent),
        _("More than %(minutes)s minutes late counts as absent.", minutes=policy.late_absent_min),
        _("Leaving more than %(minutes)s minutes early counts as absent.",
          minutes=policy.early_absent_min),
    ]  # fmt: skip
    if policy.needs_assessment:
        lines.append(
            _("An assessment with at least %(mark)s of 100 is needed.", mark=policy.pass_mark)
        )
    else:
        lines.append(str(_("No assessment is needed.")))
    lines.append(_("Reports lead with: %(rate)s.", rate=words.RATE[policy.led_by]))
    return lines


def day_note(lesson: Lesson) -> str:
    """Why a day of a pattern is skipped, or held although its weekday says otherwise; "" for neither."""
    name = lesson.name
    if lesson.note is None:
        return ""
    if lesson.note is DayNote.HOLIDAY:
        return _("Holiday: %(name)s", name=name)
    if lesson.note is DayNote.FOLLOWS_ANOTHER:
        return _("%(name)s: this day follows another weekday's timetable", name=name)
    if lesson.note is DayNote.LEFT_OUT:
        return str(_("Left out by you"))
    if lesson.note is DayNote.MADE_UP:
        return _("%(name)s: held as on %(weekday)s", name=name,
                 weekday=WEEKDAYS[lesson.slot.weekday - 1])  # fmt: skip
    if lesson.note is DayNote.OPENED:
        return _("%(name)s, but the workshop is open", name=name)
    return _("%(name)s: people work on this day", name=name)


def session_line(row: Session) -> str:
    """11月24日 (周二) 09:00–11:30."""
    return f"{show.weekday_date(row.on)} {times_of(row)}"
