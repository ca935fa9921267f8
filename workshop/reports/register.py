"""The register of learners (学员名册): one line a place in a cohort, with her hours and her work."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from core.reports.values import Column, Dataset, Kind
from workshop import words
from workshop.reports.read.certificates import OWN, REVOKED
from workshop.reports.read.classes import Classes
from workshop.reports.read.places import Counted, Places
from workshop.reports.read.work import STARTED, VERIFIED, Work
from workshop.reports.words import word, yes_no
from workshop.values import RateName


def register(
    classes: Classes,
    places: Places,
    work: Work,
    rows: Iterable[Counted],
    certificates: Dataset,
    people: Dataset,
) -> Dataset:
    """The lines, by cohort and name: everybody with hours in the period."""
    last = places.span.period.last_month
    ours = _numbers(certificates)
    named = {row[0]: row for row in people.rows}
    column = {each.key: place for place, each in enumerate(people.columns)}
    order = {cohort_id: place for place, cohort_id in enumerate(classes.runs)}
    jobs = _current(work)
    lines: list[tuple[Any, ...]] = []
    for each in sorted(
        rows, key=lambda one: (order[one.place.cohort_id], _pinyin(named, column, one))
    ):
        run, person = classes.runs[each.place.cohort_id], named.get(each.place.person_id)
        if person is None:
            continue
        credited, planned = map(run.hours, each.figures.share(RateName.PLANNED))
        job = jobs.get(each.place.person_id)
        lines.append((
            each.place.person_id, len(lines) + 1, person[column["name"]], person[column["id_number"]],
            person[column["residence"]], person[column["phone"]], run.code, credited, planned,
            run.hours(each.figures.held_min), each.state,
            ours.get((each.place.person_id, run.code), ""), job.row.form.value if job else "",
            job.row.employer_name if job else "", job.day_of(STARTED, last) if job else None,
            int(job is not None and VERIFIED in job.by(last)), int(each.place.is_subsidised),
        ))  # fmt: skip
    return Dataset("register", _("Register"), _columns(), tuple(lines), {
        "residence": people.words["residence"], "cohort": classes.cohort_words,
        "state": {"": "", **word(words.ENROLMENT_STATE)}, "form": {"": "", **word(words.FORM)},
        "verified": yes_no(), "subsidised": yes_no(),
    })  # fmt: skip


def _numbers(certificates: Dataset) -> dict[tuple[int, str], str]:
    """The numbers of our certificates by person and cohort, without those revoked by then."""
    person, cohort, kind, number = (
        certificates.place(key) for key in ("person_id", "cohort", "kind", "number")
    )
    revoked = {row[number] for row in certificates.rows if row[kind] == REVOKED}
    return {
        (row[person], row[cohort]): row[number]
        for row in certificates.rows
        if row[kind] == OWN and row[number] not in revoked
    }


def _pinyin(named: dict[int, Any], column: dict[str, int], one: Counted) -> tuple[str, int]:
    person = named.get(one.place.person_id)
    return (person[column["pinyin"]] if person else "", one.place.person_id)


def _current(work: Work) -> dict[int, Any]:
    """The job in which each was at the end, the verified one where there are two."""
    last = work.span.period.last_month
    found: dict[int, Any] = {}
    for job in work.jobs:
        if job.is_work(last):
            known = found.get(job.person_id)
            if known is None or VERIFIED not in known.by(last):
                found[job.person_id] = job
    return found


def _columns() -> tuple[Column, ...]:
    number, hours = Kind.NUMBER, Kind.HOURS
    return (
        Column("person_id", "", number), Column("number", _("No."), number), Column("name", _("Name")),
        Column("id_number", _("ID number")), Column("residence", _("Community")),
        Column("phone", _("Phone")), Column("cohort", _("Cohort")),
        Column("credited", _("Hours credited"), hours), Column("planned", _("Hours planned"), hours),
        Column("held", _("Hours held"), hours), Column("state", _("Outcome of the training")),
        Column("certificate", _("Certificate No.")), Column("form", _("Form of work")),
        Column("employer", _("Employer")), Column("started_on", _("Started on"), Kind.DAY),
        Column("verified", _("Verified"), number), Column("subsidised", _("Subsidised"), number),
    )  # fmt: skip
