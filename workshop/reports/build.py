"""The workshop's report, counted: rows are read once, and every figure is counted from them.

What is printed where stands in `tables/`; in which month a fact counts, in `span.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from core.db import one_view
from core.reports.counting import Ledger
from core.reports.identities import sums_of
from core.reports.residents import Communities, merged, persons
from core.reports.values import ALL, Built, Dataset, Identity, Kind, Period, Table, Unit
from workshop.reports.read import attendance, certificates, classes, places, rates, women, work
from workshop.reports.read.classes import Run
from workshop.reports.register import register
from workshop.reports.span import REPORT, Span, span_of
from workshop.reports.tables import Wanted, front, notes, training
from workshop.reports.tables import work as of_work


@dataclass(frozen=True)
class Found:
    """What was read: the datasets, the cohorts, and whose rate of placement waits for what."""

    span: Span
    datasets: tuple[Dataset, ...]
    runs: Mapping[int, Run]
    waiting: Mapping[str, str]


def build(period: Period, scope: str, now: datetime) -> Built:
    """Count the period at the workshops of the scope. Raises KeyError for an unknown scope."""
    with one_view():
        found = _read(period, scope, now)
    ledger = Ledger(found.datasets)
    wanted = Wanted(found.span, ledger, found.waiting)
    headline = front.headline(wanted)
    printed = tuple(
        table for table in (*training.tables(wanted), *of_work.tables(wanted)) if table is not None
    )
    known = ledger.figures.keys()
    related = tuple(keys for keys in front.RELATIONS if known >= set(keys))
    site = None if scope == ALL else next(iter(found.span.site_words.values()))
    return Built(
        name=REPORT, title=_("Monthly report of the women's micro-factory"), period=period, scope=scope,
        scope_name=site or _("All workshops"), office=current_app.config["OFFICE_NAME"], built_at=now,
        figures=ledger.figures, headline=replace(headline, relations=related), tables=printed,
        charts=(training.chart(wanted),),
        identities=_identities(ledger, printed), datasets=ledger.datasets,
        definitions=notes.definitions(), rules=notes.rules(wanted, found.runs),
    )  # fmt: skip


def _read(period: Period, scope: str, now: datetime) -> Found:
    span = span_of(period, scope, now)
    people, homes, home = merged(), Communities.read(), women.of_scope(span)
    lessons = classes.read(span, people)
    held = places.read(span, lessons, people)
    jobs = work.read(span, people)
    roster = places.roster(lessons, held)
    flow = places.flows(lessons, held)
    counted = places.counted(lessons, held, flow)
    placed, waiting = rates.placed(lessons, held, jobs, people)
    issued = certificates.certificates(span, people)
    datasets = [
        attendance.sessions(lessons, roster), attendance.attendances(lessons),
        attendance.unmarked(lessons, roster), attendance.adjustments(lessons, people),
        attendance.by_month(lessons), flow, places.enrolment_moves(lessons, held),
        places.hours(lessons, counted), places.at_risk(lessons, counted), issued,
        work.guidance(span, people), work.ventures(span, people, home), work.loans(span, people, home),
        work.jobs(jobs), work.in_work(jobs), work.follow_ups(jobs, people),
        rates.lasting(jobs, people), placed,
    ]  # fmt: skip
    named = persons(_ids(datasets), homes)
    by_name = {data.name: data for data in datasets}
    lines = register(lessons, held, jobs, counted, issued, named)
    whom = women.women(span, by_name, homes, named, people)
    return Found(span, (*datasets, named, whom, lines), lessons.runs, waiting)


def _ids(datasets: Iterable[Dataset]) -> list[int]:
    """Everybody whom a row is about."""
    return sorted({
        row[place]
        for data in datasets
        for place, column in enumerate(data.columns)
        if column.kind is Kind.PERSON
        for row in data.rows
        if row[place] is not None
    })  # fmt: skip


def _identities(ledger: Ledger, printed: tuple[Table, ...]) -> tuple[Identity, ...]:
    """Everything that must agree: tables with their totals, one way of counting with another."""
    value = {key: figure.value for key, figure in ledger.figures.items()}
    lines, hours = ledger.datasets["register"], ledger.datasets["hours"]

    def total(data: Dataset, column: str) -> int:
        place = data.place(column)
        return sum(row[place] for row in data.rows)

    def of(key: str) -> int:
        return value.get(key, 0)

    found = [
        Identity("months.visits", _("Attendances = those counted by person and month"), value["head.visits"],
                 value["months.visits"]),
        Identity("months.hours", _("Hours credited = those counted by person and month"),
                 value["head.credited"], value["months.hours"], Unit.HOURS),
        Identity("cohorts.visits", _("Visits = sum by cohort"), value["head.visits"], of("cohort.total.visits")),
        Identity("sites.visits", _("Visits = sum by workshop"), value["head.visits"], of("site.total.visits")),
        Identity("chart", _("Visits = sum of the days in the chart"), value["head.visits"],
                 sum(number for key, number in value.items() if key.startswith("chart."))),
        Identity("expected", _("Learners expected = marked in their own cohort, made up elsewhere, or unmarked"),
                 *_expected(ledger)),
        Identity("flow", _("At the beginning + began = ended + taken back + at the end"),
                 of("flow.total.was_in") + of("flow.total.began"),
                 of("flow.total.is_in") + sum(of(f"flow.total.{each}")
                                              for each in (*places.OUTCOMES, places.TAKEN_BACK))),
        Identity("channel", _("Work verified = sum by channel"), of("event.verified.visits"),
                 of("channel.total.visits")),
        Identity("form", _("Work verified = sum by form"), of("event.verified.visits"), of("form.total.visits")),
        Identity("employer", _("Work verified = sum by kind of employer"), of("event.verified.visits"),
                 of("employer.total.visits")),
        Identity("wage", _("Work verified = sum by wage"), of("event.verified.visits"), of("wage.total.visits")),
        Identity("stock", _("Jobs at the beginning + started − left = at the end"),
                 of("stock.was.count") + of("stock.started.count") - of("stock.left.count"),
                 of("stock.is.count")),
        Identity("due", _("Follow-ups due = done + open"), of("due.total.due"),
                 of("due.total.done") + of("due.total.open")),
        Identity("register.lines", _("Learners with hours = lines of the register"), len(hours.rows),
                 len(lines.rows)),
        Identity("register.hours", _("Hours credited of all planned = sum of the register"),
                 total(hours, "planned_part"), total(lines, "credited"), Unit.HOURS),
    ]  # fmt: skip
    return (*found, *sums_of(ledger, printed))


def _expected(ledger: Ledger) -> tuple[int, int]:
    """Two ways to the number of learners expected: the sessions' own, and one by one."""
    sessions, unmarked = ledger.datasets["sessions"], ledger.datasets["unmarked"]
    place = sessions.place("expected")
    standing, lacking = sessions.place("standing"), sessions.place("unmarked")
    held = [row for row in sessions.rows if row[standing] == "held"]
    accounted = sum(row[place] - row[lacking] for row in held)
    return sum(row[place] for row in held), accounted + len(unmarked.rows)
