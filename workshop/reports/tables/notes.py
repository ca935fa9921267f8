"""What the words of the report mean, and by which rules it was counted."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from workshop import words
from workshop.reports.read.classes import Run
from workshop.reports.tables.wanted import Wanted


def definitions() -> tuple[str, ...]:
    """What the figures mean, as numbered footnotes."""
    setting = current_app.config
    return (
        _("Visits: one for each learner who was there in one session that was held, late or early "
          "included. People: everybody with at least one, counted once."),
        _("Class hours: minutes divided by the class hour of the cohort's policy, to two places. "
          "Leave and absence earn none."),
        _("Attendance of what was held = hours credited of the hours held while she was in the cohort. "
          "Share of all class hours = hours credited, those brought along included, of the hours planned. "
          "Best still reachable = hours credited and still to come, of the hours planned."),
        _("Unmarked: nothing is recorded. Such learners are listed, and counted neither as present nor as "
          "absent."),
        _("Completed, not completed, withdrawn: decided in the period by the cohort's policy; a decision "
          "that was taken back in the same period is none."),
        _("Found work: verified in the period by a paper that is kept. Work that was begun and is not "
          "verified yet stands beside it. Volunteering is never counted."),
        _("Left early: the last day of work lies less than %(days)s days after the first.",
          days=setting["EARLY_LEAVING_DAYS"]),
        _("Lasting work: by person, from her first verified job; gaps of at most %(days)s days between two "
          "jobs break nothing. At least: known to be in work on the day; at most: not known to be out of "
          "work. Nobody is counted before the day has come.", days=setting["RETENTION_GAP_DAYS"]),
        _("Rate of placement: of all who are out of a cohort, those with a verified job begun up to "
          "%(months)s months after it. It is a number only when that time is over for everybody.",
          months=setting["PLACEMENT_WINDOW_MONTHS"]),
        _("Hardship: the categories in which she was on the last day of the period, by her own word or "
          "certified. One woman may be in several."),
        _("What was recorded after its month was submitted is counted in the first month that was open "
          "then, once, and that month stays what it was."),
        _("What a submitted month counts and is declared wrong later is taken off in the month of that, in "
          "a line of its own. A report that covers both months does not count it."),
    )  # fmt: skip


def rules(wanted: Wanted, runs: Mapping[int, Run]) -> tuple[str, ...]:
    """The policy of each cohort with hours in the period."""
    present = wanted.present("hours", "cohort")
    return tuple(_policy(run) for run in _in_order(runs.values()) if run.code in present)


def _in_order(runs: Iterable[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: (run.starts_on, run.id))


def _policy(run: Run) -> str:
    policy: Any = run.policy
    return _(
        "%(cohort)s: class hour %(hour)s minutes, absent from %(late)s minutes late on, completed from "
        "%(share)s%% of the hours on%(test)s; leads with “%(figure)s”.",
        cohort=run.name, hour=policy.class_hour_min, late=policy.late_absent_min + 1,
        share=policy.credited_percent, figure=words.RATE[policy.led_by],
        test=_(" and with a mark of %(mark)s", mark=policy.pass_mark) if policy.needs_assessment else "",
    )  # fmt: skip
