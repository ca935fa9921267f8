"""Page one: each figure for this period, the one before, and the year so far."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from core.reports.values import PEOPLE, ROWS, Line, Measure, Table, Unit, summed
from workshop.reports.read.certificates import OTHERS, OWN
from workshop.reports.read.work import LEFT, STARTED, VERIFIED
from workshop.reports.tables.wanted import Wanted

# What a reader takes from each other: jobs from the beginning to the end, and who is out of training.
RELATIONS = (
    ("head.in_work.before", f"head.{STARTED}", f"head.{LEFT}", "head.in_work"),
    ("led.total.people", "head.training", "head.completed", "head.incomplete", "head.withdrawn"),
)
_COHORTS = Measure("distinct", "cohort")


def headline(wanted: Wanted) -> Table:
    """The overview that can be stamped alone."""
    return Table(
        "headline", _("Overview"), _("Overview"), _("as named"),
        (_("Figure"), _("This period"), _("Period before"), _("Year so far")),
        (*_training(wanted), *_outcomes(wanted), *_help(wanted), *_work(wanted)),
        adds_up=False, is_public=True,
        note=_("People are counted once in each span: those of the year are not the sum of the months. "
               "Work counts once it is verified; starts stand beside it."),
    )  # fmt: skip


def _spans(wanted: Wanted) -> tuple[tuple[str, tuple[str, ...]], ...]:
    span = wanted.span
    return (("", span.months), (".before", span.months_before), (".year", span.months_of_year))


def _line(
    wanted: Wanted, key: str, label: str, unit: Unit, dataset: str, measure: Measure,
    where: Mapping[str, Any] | None = None,
) -> Line:  # fmt: skip
    """One figure over the three spans, from a dataset that knows the month in which a row counts."""
    return Line(label, tuple(
        wanted.ledger.add(f"head.{key}{end}", label, unit, dataset, measure,
                          {**(where or {}), **wanted.within(dataset, months)})
        for end, months in _spans(wanted)
    ))  # fmt: skip


def _voided(wanted: Wanted, dataset: str, label: str, unit: Unit) -> Iterator[Line]:
    """What submitted months had counted and is declared wrong since: taken off, where there is any."""
    cells = tuple(
        wanted.ledger.add(f"head.{dataset}.voided{end}", label, unit, dataset, summed("less"),
                          wanted.voided(dataset, months))
        for end, months in _spans(wanted)
    )  # fmt: skip
    if any(wanted.ledger.figures[key].value for key in cells):
        yield Line(label, cells)


def _training(wanted: Wanted) -> Iterator[Line]:
    add, held = wanted.ledger.add, {"standing": "held"}
    for key, label, unit, own, by_month, kind in (
        ("cohorts", _("Cohorts with classes"), Unit.COUNT, _COHORTS, _COHORTS, "session"),
        ("sessions", _("Sessions held in the period"), Unit.COUNT, ROWS, summed("number"), "session"),
        ("taught", _("Class hours taught"), Unit.HOURS, summed("hours"), summed("hours"), "session"),
        ("visits", _("Attendances (visits)"), Unit.VISITS, ROWS, summed("number"), "visit"),
        ("people", _("Women trained, each counted once"), Unit.PEOPLE, PEOPLE, PEOPLE, "visit"),
        ("credited", _("Class hours credited"), Unit.HOURS, summed("hours"), summed("hours"), "visit"),
    ):  # fmt: skip
        dataset, where = ("sessions", held) if kind == "session" else ("attendances", {"there": 1})
        cells = [add(f"head.{key}", label, unit, dataset, own, where)]
        cells += [
            add(
                f"head.{key}{end}",
                label,
                unit,
                "by_month",
                by_month,
                {"kind": kind, "month": months},
            )
            for end, months in _spans(wanted)
            if end
        ]
        yield Line(label, tuple(cells))
    label = _("Corrections of submitted months (visits)")
    adjusted = _line(wanted, "adjusted", label, Unit.VISITS, "adjustments", summed("visits"))
    if any(wanted.ledger.figures[key].value for key in adjusted.cells if key):
        yield adjusted
    # Counted for the identities: the same months by person.
    for key, unit, measure in (
        ("visits", Unit.VISITS, summed("number")),
        ("hours", Unit.HOURS, summed("hours")),
    ):
        add(f"months.{key}", label, unit, "by_month", measure,
            {"kind": "visit", "month": wanted.span.months})  # fmt: skip


def _outcomes(wanted: Wanted) -> Iterator[Line]:
    add = wanted.ledger.add
    for code, label in (
        ("completed", _("Completed the training (people)")),
        ("incomplete", _("Did not complete (people)")),
        ("withdrawn", _("Withdrew (people)")),
    ):
        yield Line(label, tuple(
            add(f"head.{code}{end}", label, Unit.PEOPLE, "places", PEOPLE, {column: code})
            for end, column in (("", "outcome"), (".before", "before"), (".year", "year"))
        ))  # fmt: skip
    label = _("In training at the end (people)")
    yield Line(
        label,
        (add("head.training", label, Unit.PEOPLE, "places", PEOPLE, {"is_in": 1}), None, None),
    )
    for code, label in (
        (OWN, _("Certificates issued by us")), (OTHERS, _("Certificates of other bodies (pieces)")),
    ):  # fmt: skip
        yield _line(
            wanted, f"certificates.{code}", label, Unit.COUNT, "certificates", ROWS, {"kind": code}
        )
    label = _("Certificates of other bodies in submitted months, taken out (pieces)")
    yield from _voided(wanted, "certificates", label, Unit.COUNT)


def _help(wanted: Wanted) -> Iterator[Line]:
    yield _line(wanted, "guidance", _("Guidance meetings (visits)"), Unit.VISITS, "guidance", ROWS)
    yield _line(wanted, "guided", _("Women guided (people)"), Unit.PEOPLE, "guidance", PEOPLE)
    label = _("Guidance meetings of submitted months, voided (visits)")
    yield from _voided(wanted, "guidance", label, Unit.VISITS)


def _work(wanted: Wanted) -> Iterator[Line]:
    add = wanted.ledger.add
    for kind, label in (
        (VERIFIED, _("Found work: verified (people)")), (STARTED, _("Started work (people)")),
        (LEFT, _("Left work (people)")),
    ):  # fmt: skip
        yield _line(wanted, kind, label, Unit.PEOPLE, "jobs", PEOPLE, {"kind": kind})
    label = _(
        "of these within %(days)s days (people)", days=current_app.config["EARLY_LEAVING_DAYS"]
    )
    yield _line(wanted, "early", label, Unit.PEOPLE, "jobs", PEOPLE, {"kind": LEFT, "early": 1})
    label = _("In work at the end (people)")
    yield Line(label, (
        add("head.in_work", label, Unit.PEOPLE, "in_work", PEOPLE, {"is": 1}),
        add("head.in_work.before", label, Unit.PEOPLE, "in_work", PEOPLE, {"was": 1}), None,
    ))  # fmt: skip
