"""Sessions and attendance as datasets: what figures are counted from."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from core.clock import Month
from core.reports.values import Built, Column, Dataset, Kind
from workshop import words
from workshop.reports.read.classes import CANCELLED, COMING, HELD, Classes, Roster, clock_of
from workshop.reports.words import word, yes_no
from workshop.values import SessionState


def sessions(classes: Classes, marks: Roster) -> Dataset:
    """The sessions of the period: held, still to come, or cancelled."""
    runs = classes.runs
    rows = tuple(
        (str(each.id), runs[each.cohort_id].code, classes.span.slug(runs[each.cohort_id].site_id),
         each.on, clock_of(each.starts_min), clock_of(each.ends_min), each.standing, each.room,
         runs[each.cohort_id].hours(each.taught_min), len(marks.expected.get(each.id, ())),
         len(marks.unmarked_in.get(each.id, ())), each.topic, each.reason)
        for each in classes.in_period
    )  # fmt: skip
    columns = (
        Column("event_id", _("Record"), Kind.ID), Column("cohort", _("Cohort")),
        Column("site", _("Workshop")), Column("day", _("Date"), Kind.DAY), Column("starts", _("Begins")),
        Column("ends", _("Ends")), Column("standing", _("State")), Column("room", _("Room")),
        Column("hours", _("Class hours"), Kind.HOURS), Column("expected", _("Learners expected"), Kind.NUMBER),
        Column("unmarked", _("Unmarked"), Kind.NUMBER), Column("topic", _("Topic")),
        Column("reason", _("Reason")),
    )  # fmt: skip
    return Dataset("sessions", _("Sessions"), columns, rows, {
        "cohort": classes.cohort_words, "site": classes.span.site_words, "standing": standings(),
    })  # fmt: skip


def standings() -> dict[str, str]:
    """Labels of a session's standing."""
    return {
        HELD: _("Held"),
        COMING: _("Still to come"),
        CANCELLED: str(words.SESSION_STATE[SessionState.CANCELLED]),
    }


def attendances(classes: Classes) -> Dataset:
    """The marks of the period's sessions: one row a learner and session."""
    runs, meetings = classes.runs, classes.meetings
    wanted = {each.id for each in classes.in_period if each.standing == HELD}
    rows = []
    for each in classes.marks:
        if each.session_id not in wanted:
            continue
        meeting, run = meetings[each.session_id], runs.get(each.cohort_id)
        held_in = runs[meeting.cohort_id]
        code = run.code if run else held_in.code
        rows.append((
            str(each.session_id), each.person_id, meeting.on, code, held_in.code,
            classes.span.slug(held_in.site_id), each.status.value, int(each.status.is_there),
            (run or held_in).hours(each.credited_min), each.late_min, each.early_min, each.source,
            int(each.makes_up_id is not None), int(each.after_lock), each.by_name,
        ))  # fmt: skip
    columns = (
        Column("event_id", _("Session"), Kind.ID), Column("person_id", _("Name"), Kind.PERSON),
        Column("day", _("Date"), Kind.DAY), Column("cohort", _("Cohort")),
        Column("held_in", _("Taken part in")), Column("site", _("Workshop")),
        Column("status", _("Attendance")), Column("there", _("Was there"), Kind.NUMBER),
        Column("hours", _("Hours credited"), Kind.HOURS), Column("late_min", _("Minutes late"), Kind.NUMBER),
        Column("early_min", _("Minutes early"), Kind.NUMBER), Column("source", _("Marked by way of")),
        Column("make_up", _("Make-up"), Kind.NUMBER), Column("after_lock", _("Corrected after the lock"), Kind.NUMBER),
        Column("by", _("Marked by")),
    )  # fmt: skip
    return Dataset("attendances", _("Attendance"), columns, tuple(rows), {
        "cohort": classes.cohort_words, "held_in": classes.cohort_words, "site": classes.span.site_words,
        "status": word(words.ATTENDANCE), "source": word(words.MARK_SOURCE), "there": yes_no(),
        "make_up": yes_no(), "after_lock": yes_no(),
    })  # fmt: skip


def unmarked(classes: Classes, roster: Roster) -> Dataset:
    """Learners of whom nothing is recorded in a session that was held: listed, never counted as absent."""
    rows = tuple(
        (str(each.id), person_id, each.on, classes.runs[each.cohort_id].code)
        for each in classes.in_period
        for person_id in roster.unmarked_in.get(each.id, ())
    )
    columns = (
        Column("event_id", _("Session"), Kind.ID), Column("person_id", _("Name"), Kind.PERSON),
        Column("day", _("Date"), Kind.DAY), Column("cohort", _("Cohort")),
    )  # fmt: skip
    return Dataset("unmarked", _("Unmarked"), columns, rows, {"cohort": classes.cohort_words})


def adjustments(classes: Classes, people: Mapping[int, int]) -> Dataset:
    """What came to light about the attendance of submitted months, and is reported by this period."""
    rows = []
    for mark, before, month in classes.corrections:
        meeting = classes.meetings.get(mark.session_id)
        if meeting is None:
            continue
        run = classes.runs.get(mark.cohort_id) or classes.runs[meeting.cohort_id]
        old = before.status if before is not None else None
        rows.append((
            str(mark.id), str(mark.session_id), people.get(mark.person_id, mark.person_id),
            str(Month.of(meeting.on)), month, meeting.on, run.code,
            old.value if old else "", mark.status.value if mark.status else "",
            int(_there(mark)) - int(_there(before)), run.hours(mark.credited_min) - run.hours(
                before.credited_min if before is not None else 0),
            mark.reason or "", mark.at, mark.by_name,
        ))  # fmt: skip
    said = {"": str(words.UNMARKED), **word(words.ATTENDANCE)}
    columns = (
        Column("fact", ""), Column("event_id", _("Session"), Kind.ID),
        Column("person_id", _("Name"), Kind.PERSON), Column("of_month", _("Of the month")),
        Column("month", _("Booked in")), Column("day", _("Date"), Kind.DAY), Column("cohort", _("Cohort")),
        Column("old", _("Before")), Column("new", _("After")), Column("visits", _("Visits"), Kind.NUMBER),
        Column("hours", _("Hours credited"), Kind.HOURS), Column("reason", _("Reason")),
        Column("booked_at", _("Booked at"), Kind.MOMENT), Column("booked_by", _("Booked by")),
    )  # fmt: skip
    return Dataset("adjustments", _("Corrections of submitted months"), columns, tuple(rows), {
        "cohort": classes.cohort_words, "old": said, "new": said,
    })  # fmt: skip


def booked_in(built: Built) -> Dataset:
    """The corrections that the period itself reports, without those of the one before and the year."""
    data = built.datasets["adjustments"]
    month, months = data.place("month"), {str(each) for each in built.period.months()}
    return replace(data, rows=tuple(row for row in data.rows if row[month] in months))


def _there(mark: Any) -> bool:
    return mark is not None and mark.status is not None and mark.status.is_there


def by_month(classes: Classes) -> Dataset:
    """Attendances by person and month, and sessions by month: for the period before and the year."""
    visits: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    since, last = classes.span.since, classes.span.period.last
    for each in classes.marks:
        meeting = classes.meetings[each.session_id]
        if not since <= meeting.on <= last or meeting.standing != HELD or not each.status.is_there:
            continue
        run = classes.runs.get(each.cohort_id) or classes.runs[meeting.cohort_id]
        sums = visits[str(Month.of(meeting.on)), each.person_id]
        sums[0] += 1
        sums[1] += run.hours(each.credited_min)
    rows: list[tuple[Any, ...]] = [
        (month, "visit", person_id, number, hours, "")
        for (month, person_id), (number, hours) in sorted(visits.items())
    ]
    rows += [
        (str(Month.of(each.on)), "session", None, 1, classes.runs[each.cohort_id].hours(each.taught_min),
         classes.runs[each.cohort_id].code)
        for each in classes.meetings.values()
        if since <= each.on <= last and each.standing == HELD
    ]  # fmt: skip
    columns = (
        Column("month", _("Month")), Column("kind", _("What it is")),
        Column("person_id", _("Name"), Kind.PERSON), Column("number", _("How many"), Kind.NUMBER),
        Column("hours", _("Class hours"), Kind.HOURS), Column("cohort", _("Cohort")),
    )  # fmt: skip
    return Dataset("by_month", _("Attendance and sessions by month"), columns, tuple(rows), {
        "kind": {"visit": _("Attendance"), "session": _("Session")},
        "cohort": {"": "—", **classes.cohort_words},
    })  # fmt: skip
