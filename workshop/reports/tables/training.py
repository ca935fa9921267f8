"""Training: cohorts and sessions, attendance with its three figures, completions, certificates."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from core.reports.values import PEOPLE, ROWS, Chart, Line, Measure, Table, Unit, summed
from workshop.reports.read.places import OUTCOMES, TAKEN_BACK
from workshop.reports.tables.wanted import Cell, Wanted
from workshop.values import RateName


def _section() -> str:
    return _("Training")


VISITS: tuple[Cell, ...] = (
    ("visits", Unit.VISITS, ROWS, {}), ("people", Unit.PEOPLE, PEOPLE, {}),
    ("hours", Unit.HOURS, summed("hours"), {}),
)  # fmt: skip


ENTRIES: tuple[Cell, ...] = (("entries", Unit.COUNT, ROWS, {}), *VISITS[1:])


def _share(part: str, whole: str) -> Measure:
    return Measure("share", part, whole)


def tables(wanted: Wanted) -> list[Table | None]:
    """The chapter's tables in print order; those with nothing in them are None."""
    there = {"there": 1}
    visits, entries = _("visits, people, class hours"), _("entries, people, class hours")
    head = (_("Visits"), _("People"), _("Hours credited"))
    return [
        _leading(wanted),
        _sessions(wanted),
        wanted.by("cohort", _section(), _("Attendances by cohort"), visits, (_("Cohort"), *head),
                  dataset="attendances", column="cohort", columns=VISITS, where=there, is_public=True),
        wanted.by("site", _section(), _("Attendances by workshop"), visits, (_("Workshop"), *head),
                  dataset="attendances", column="site", columns=VISITS, where=there, is_public=True),
        wanted.by("status", _section(), _("What was recorded in the sessions held"), entries,
                  (_("Attendance"), _("Entries"), *head[1:]), dataset="attendances", column="status",
                  columns=ENTRIES,
                  note=_("Leave and absence are entries, not visits. Whoever is unmarked stands in none of "
                         "these lines.")),
        wanted.by("source", _section(), _("How attendance was marked"), entries,
                  (_("Way of marking"), _("Entries"), *head[1:]), dataset="attendances", column="source",
                  columns=ENTRIES),
        _unmarked(wanted),
        _three(wanted),
        _flow(wanted),
        wanted.by("outcome", _section(), _("How trainings ended"), _("visits, people"),
                  (_("Outcome"), _("Visits"), _("People")), dataset="places", column="outcome",
                  where={"outcome": _outcomes(wanted)}, is_public=True),
        wanted.by("certificate", _section(), _("Certificates"), _("pieces, people"),
                  (_("What it is"), _("Pieces"), _("People")), dataset="certificates", column="kind",
                  where=wanted.within("certificates", wanted.span.months), has_total=False, is_public=True,
                  note=_("A revoked certificate was issued before, in this period or an earlier one; the "
                         "lines must not be added.")),
        _adjustments(wanted),
        _checks(wanted),
    ]  # fmt: skip


def _leading(wanted: Wanted) -> Table | None:
    """The figure that each cohort's policy names, as hours of hours and as a share."""
    rates, add = wanted.words("hours", "led_by"), wanted.ledger.add
    columns = _of_hours("led_part", "led_whole")
    lines = []
    for code, name in wanted.words("hours", "cohort").items():
        for led in sorted(wanted.present("hours", "led_by", {"cohort": code})):
            label = _("%(cohort)s (%(figure)s)", cohort=name, figure=rates[led])
            lines.append(
                Line(label, wanted.cells(f"led.{code}", label, "hours", columns, {"cohort": code}))
            )
    if not lines:
        return None
    total = tuple(
        add(f"led.total.{key}", _("Total"), unit, "hours", measure) for key, unit, measure, _more in columns
    )  # fmt: skip
    lines.append(Line(_("Total"), total, is_total=True))
    return Table(
        "led", _section(), _("Attendance by the figure that each cohort's policy names"),
        _("people, class hours"), (_("Cohort"), _("People"), _("Hours credited"), _("Hours to be had"), _("Share")),
        tuple(lines), is_public=True,
        note=_("As of the end of the period; what the figures mean is said at the end."),
    )  # fmt: skip


def _of_hours(part: str, whole: str) -> tuple[Cell, ...]:
    return (
        ("people", Unit.PEOPLE, PEOPLE, {}), ("part", Unit.HOURS, summed(part), {}),
        ("whole", Unit.HOURS, summed(whole), {}), ("share", Unit.SHARE, _share(part, whole), {}),
    )  # fmt: skip


def _three(wanted: Wanted) -> Table | None:
    """All three figures of each cohort, side by side."""
    names = wanted.words("hours", "led_by")
    present = wanted.present("hours", "cohort")
    lines = [
        Line(label, wanted.cells(f"three.{code}.{rate.value}", label, "hours",
                                 _of_hours(f"{rate.value}_part", f"{rate.value}_whole"), {"cohort": code}))
        for code, name in wanted.words("hours", "cohort").items()
        if code in present
        for rate in RateName
        for label in [_("%(cohort)s, %(figure)s", cohort=name, figure=names[rate.value])]
    ]  # fmt: skip
    if not lines:
        return None
    return Table(
        "three", _section(), _("The three figures of attendance"), _("people, class hours"),
        (_("Cohort and figure"), _("People"), _("Hours credited"), _("of hours"), _("Share")), tuple(lines),
        adds_up=False,
        note=_("Three ways to look at the same hours: they must not be added. Leave earns no hours."),
    )  # fmt: skip


def _sessions(wanted: Wanted) -> Table | None:
    """Sessions by cohort: held, cancelled, still to come."""
    present = wanted.present("sessions", "cohort")
    if not present:
        return None
    columns: tuple[Cell, ...] = (
        ("held", Unit.COUNT, ROWS, {"standing": "held"}),
        ("cancelled", Unit.COUNT, ROWS, {"standing": "cancelled"}),
        ("coming", Unit.COUNT, ROWS, {"standing": "coming"}),
        ("hours", Unit.HOURS, summed("hours"), {"standing": "held"}),
        ("expected", Unit.VISITS, summed("expected"), {"standing": "held"}),
    )  # fmt: skip
    lines = [
        Line(label, wanted.cells(f"session.{code}", label, "sessions", columns, {"cohort": code}))
        for code, label in wanted.words("sessions", "cohort").items()
        if code in present
    ]
    total = wanted.cells("session.total", _("Total"), "sessions", columns, {})
    return Table(
        "session", _section(), _("Cohorts and sessions"), _("sessions, class hours, visits"),
        (_("Cohort"), _("Held"), _("Cancelled"), _("Still to come"), _("Class hours taught"), _("Learners expected")),
        (*lines, Line(_("Total"), total, is_total=True)),
    )  # fmt: skip


def _unmarked(wanted: Wanted) -> Table | None:
    columns: tuple[Cell, ...] = (
        ("count", Unit.COUNT, ROWS, {}), ("people", Unit.PEOPLE, PEOPLE, {}),
        ("sessions", Unit.COUNT, Measure("distinct", "event_id"), {}),
    )  # fmt: skip
    return wanted.by(
        "unmarked", _section(), _("Not marked yet"), _("entries, people, sessions"),
        (_("Cohort"), _("Entries"), _("People"), _("Sessions")), dataset="unmarked", column="cohort",
        columns=columns,
        note=_("Learners expected in a session that was held, of whom nothing is recorded. They are "
               "counted neither as present nor as absent."),
    )  # fmt: skip


def _outcomes(wanted: Wanted) -> tuple[str, ...]:
    return tuple(sorted(wanted.present("places", "outcome") & set(OUTCOMES)))


def _flow(wanted: Wanted) -> Table | None:
    """Places from the beginning of the period to its end, by cohort."""
    # It is rare, and a column of its own narrows the names of the cohorts.
    taken_back: tuple[Cell, ...] = ()
    if TAKEN_BACK in wanted.present("places", "outcome"):
        taken_back = ((TAKEN_BACK, Unit.COUNT, ROWS, {"outcome": TAKEN_BACK}),)
    columns: tuple[Cell, ...] = (
        ("was_in", Unit.COUNT, summed("was_in"), {}), ("began", Unit.COUNT, summed("began"), {}),
        ("completed", Unit.COUNT, ROWS, {"outcome": "completed"}),
        ("incomplete", Unit.COUNT, ROWS, {"outcome": "incomplete"}),
        ("withdrawn", Unit.COUNT, ROWS, {"outcome": "withdrawn"}),
        ("transferred", Unit.COUNT, ROWS, {"outcome": "transferred"}),
        *taken_back, ("is_in", Unit.COUNT, summed("is_in"), {}),
    )  # fmt: skip
    present = _active(wanted)
    active = {
        code: label for code, label in wanted.words("places", "cohort").items() if code in present
    }
    if not active:
        return None
    lines = [
        Line(label, wanted.cells(f"flow.{code}", label, "places", columns, {"cohort": code}))
        for code, label in active.items()
    ]
    total = wanted.cells("flow.total", _("Total"), "places", columns, {})
    return Table(
        "flow", _section(), _("Places in training"), _("places"),
        (_("Cohort"), _("At the beginning"), _("Began"), _("Completed"), _("Not completed"), _("Withdrawn"),
         _("Transferred"), *([_("Training taken back")] if taken_back else []), _("At the end")),
        (*lines, Line(_("Total"), total, is_total=True)),
        note=_("At the beginning + began = completed + not completed + withdrawn + transferred + training "
               "taken back + at the end. Whoever is in two cohorts has two places.")
        if taken_back else
        _("At the beginning + began = completed + not completed + withdrawn + transferred + at the end. "
          "Whoever is in two cohorts has two places."),
    )  # fmt: skip


def _active(wanted: Wanted) -> set[Any]:
    return {
        code
        for column, value in (
            ("was_in", 1),
            ("began", 1),
            ("is_in", 1),
            ("outcome", _outcomes(wanted)),
        )
        for code in wanted.present("places", "cohort", {column: value})
    }


def _adjustments(wanted: Wanted) -> Table | None:
    columns: tuple[Cell, ...] = (
        ("count", Unit.COUNT, ROWS, {}), ("visits", Unit.VISITS, summed("visits"), {}),
        ("hours", Unit.HOURS, summed("hours"), {}),
    )  # fmt: skip
    where = {"month": wanted.span.months}
    present = sorted(wanted.present("adjustments", "of_month", where))
    return wanted.by(
        "adjustment", _section(), _("Corrections of submitted months"), _("entries, visits, class hours"),
        (_("Of the month"), _("Entries"), _("Visits"), _("Hours credited")), dataset="adjustments",
        column="of_month", columns=columns, where=where, labels={each: each for each in present},
        note=_("What came to light after that month was submitted; it is counted here and nowhere else."),
    )  # fmt: skip


def _checks(wanted: Wanted) -> Table:
    """What the office looks at besides."""
    add, month = wanted.ledger.add, wanted.span.months
    parts: tuple[tuple[str, str, str, Mapping[str, Any]], ...] = (
        ("after_lock", _("Marks corrected after the lock"), "attendances", {"after_lock": 1}),
        ("adjusted", _("Corrections of submitted months"), "adjustments", {"month": month}),
        ("make_up", _("Sessions made up in another cohort"), "attendances", {"make_up": 1}),
        ("unmarked", _("Not marked yet"), "unmarked", {}),
        ("at_risk", _("Learners at risk of not completing"), "at_risk", {}),
    )
    lines = tuple(
        Line(label, (add(f"check.{key}", label, Unit.COUNT, data, ROWS, where),))
        for key, label, data, where in parts
    )
    return Table(
        "check", _section(), _("Corrections and checks"), _("entries"), (_("Figure"), _("Entries")), lines,
        adds_up=False,
    )  # fmt: skip


def chart(wanted: Wanted) -> Chart:
    """Attendances day by day, in a longer period month by month."""
    add, period = wanted.ledger.add, wanted.span.period
    if period.is_month:
        spans: list[tuple[str, str, Any]] = [
            (str(day.day), day.isoformat(), day) for day in period.first_month.days()
        ]
    else:
        spans = [(str(month.month), str(month), tuple(month.days())) for month in period.months()]
    label = _("Attendances")
    keys = tuple(
        add(
            f"chart.{key}",
            f"{label} {key}",
            Unit.VISITS,
            "attendances",
            ROWS,
            {"there": 1, "day": days},
        )
        for _name, key, days in spans
    )
    caption = _("Attendances by day") if period.is_month else _("Attendances by month")
    return Chart(
        "days", _section(), caption, _("visits"), tuple(each[0] for each in spans), ((label, keys),)
    )
