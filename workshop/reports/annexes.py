"""What the workshop's paper has behind its figures: the register of learners, and lists for the files."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from core.privacy import mask_id_number, mask_name
from core.reports import suppression
from core.reports.paper import Paper, printed
from core.reports.register import Annexes, Blank, Column, Listing, Numbers, Register, Texts
from core.reports.register_data import NOTHING, Lines, one
from core.reports.values import Built, Output, Unit
from workshop.reports.form import of_hours
from workshop.reports.read.attendance import booked_in


def annexes(built: Built, paper: Paper) -> Annexes:
    """The register as this paper may show it; 留存版 has the lists besides."""
    if paper.output is Output.PUBLIC:
        minimum = current_app.config["SMALL_CELL_MINIMUM"]
        few = len({row[0] for row in built.datasets["register"].rows}) < minimum
        return Annexes() if few else Annexes((_public_register(built, minimum),))
    lists = (
        (_at_risk(built), _unmarked(built), _adjustments(built)) if paper.output is Output.ARCHIVE else ()
    )  # fmt: skip
    registers = (_register(built, paper),) if built.datasets["register"].rows else ()
    return Annexes(registers, tuple(each for each in lists if each.rows))


def _hours(lines: Lines) -> list[tuple[str]]:
    return one([
        of_hours(credited, planned)
        for credited, planned in zip(lines.of("credited"), lines.of("planned"), strict=True)
    ])  # fmt: skip


def _register(built: Built, paper: Paper) -> Register:
    lines = Lines(built.datasets["register"])
    id_shown: Callable[[str], str] = str if paper.full_ids else mask_id_number
    columns: list[Column] = [
        Numbers((_("No."),), one(lines.of("number")), is_summed=False),
        Texts((_("Name"),), one(lines.of("name")), 17, 28),
        Texts(
            (_("ID number"), _("Phone")),
            [
                (id_shown(number) or NOTHING, phone or NOTHING)
                for number, phone in zip(lines.of("id_number"), lines.of("phone"), strict=True)
            ],
            is_whole=True,
        ),
        Texts((_("Community"),), one(lines.words("residence")), 20, 40),
        Texts((_("Cohort"),), one(lines.words("cohort")), 28, 60),
        Texts((_("Class hours"),), _hours(lines), 14, 20),
        Texts((_("Outcome of the training"),), one(lines.words("state")), 12, 16),
        Texts((_("Certificate No."),), one([each or NOTHING for each in lines.of("certificate")]), 22, 44),
        Texts(
            (_("Form of work"), _("Employer")),
            [
                (form or NOTHING, employer or NOTHING)
                for form, employer in zip(lines.words("form"), lines.of("employer"), strict=True)
            ],
            24, 60,
        ),
        Texts(
            (_("Started on"), _("Work verified")),
            [
                (f"{day.year}-{day.month:02d}-{day.day:02d}" if day else NOTHING, word if day else NOTHING)
                for day, word in zip(lines.of("started_on"), lines.words("verified"), strict=True)
            ],
            16, 20,
        ),
        Blank((_("Signature"),), 20),
    ]  # fmt: skip
    return Register(
        _("Register of learners"), _("class hours"), len(lines.rows), tuple(columns),
        (_("Class hours: credited / planned."),),
        _("Each learner takes two lines: the upper line is read with the upper heading, the lower with "
          "the lower. Whoever is in two cohorts stands here twice."),
        (_("Person in charge"), _("Reviewed by"), _("Filled in by")),
    )  # fmt: skip


def _public_register(built: Built, minimum: int) -> Register:
    """For the wall: name in part, community, cohort and hours; nothing of work or hardship.

    By name: in the order of the cohorts the lines would say which of them is meant where none is named.
    """
    data = built.datasets["register"]
    order = {row[0]: place for place, row in enumerate(built.datasets["people"].rows)}
    lines = Lines(replace(data, rows=tuple(
        sorted(data.rows, key=lambda row: order.get(row[0], len(order)))
    )))  # fmt: skip
    gone = _hidden(built, minimum)

    def few(column: str) -> frozenset[str]:
        # Whoever is in two cohorts has two lines, and is one of her community all the same.
        bearers = set(zip(lines.of("person_id"), lines.of(column), strict=True))
        return suppression.small_groups([value for _id, value in bearers], minimum, gone[column])

    homes, cohorts = few("residence"), few("cohort")

    def shown(column: str, hidden: frozenset[str]) -> list[tuple[str]]:
        words = lines.data.words[column]
        return one([
            suppression.HIDDEN if code in hidden else words.get(code, NOTHING) for code in lines.of(column)
        ])  # fmt: skip

    columns = (
        Numbers((_("No."),), one(range(1, len(lines.rows) + 1)), is_summed=False),
        Texts((_("Name"),), one([mask_name(name) for name in lines.of("name")]), 28, 34),
        Texts((_("Community of residence"),), shown("residence", homes), 36, 50),
        Texts((_("Cohort"),), shown("cohort", cohorts), 36, 50),
        Texts(
            (_("Class hours"),),
            [
                (suppression.HIDDEN,) if code in cohorts else hours
                for code, hours in zip(lines.of("cohort"), _hours(lines), strict=True)
            ],
            18, 24,
        ),
    )  # fmt: skip
    legend = [_("Names are shown in part."), _("Class hours: credited / planned.")]
    if homes or cohorts:
        legend.append(_("Communities and cohorts with few learners are not named, nor are the hours of "
                        "these cohorts (%(sign)s).", sign=suppression.HIDDEN))  # fmt: skip
    return Register(
        _("Learners and their class hours"), _("class hours"), len(lines.rows), columns, tuple(legend),
        is_wide=False,
    )  # fmt: skip


def _hidden(built: Built, minimum: int) -> dict[str, set[str]]:
    """Communities and cohorts whose line in a table is hidden: naming them here would give it back."""
    found: dict[str, set[str]] = {"residence": set(), "cohort": set()}
    names = {"community": "residence", "cohort": "cohort"}
    for key in suppression.hidden(built, minimum):
        for column, values in built.figures[key].where:
            if column in names:
                found[names[column]].update(map(str, values))
    return found


# ---------- lists for the files ----------


class _Rows:
    """The rows of a dataset with names and words."""

    def __init__(self, built: Built, name: str) -> None:
        self.data = built.datasets[name]
        people = built.datasets["people"]
        self.people = {row[0]: row for row in people.rows}
        self.name, self.phone = people.place("name"), people.place("phone")
        self.place = {column.key: number for number, column in enumerate(self.data.columns)}

    def word(self, row: tuple[Any, ...], key: str) -> str:
        value = row[self.place[key]]
        return self.data.words[key].get(str(value), NOTHING)

    def hours(self, row: tuple[Any, ...], key: str) -> str:
        return printed(row[self.place[key]], Unit.HOURS)

    def day(self, row: tuple[Any, ...], key: str) -> str:
        value = row[self.place[key]]
        return f"{value.month}-{value.day:02d}" if value else NOTHING

    def person(self, row: tuple[Any, ...], at: int) -> str:
        found = self.people.get(row[self.place["person_id"]])
        return (found[at] if found else "") or NOTHING


def _at_risk(built: Built) -> Listing:
    rows = _Rows(built, "at_risk")
    return Listing(
        _("Learners at risk of not completing"),
        (_("Name"), _("Phone"), _("Cohort"), _("Why"), _("Hours credited"), _("Hours needed"),
         _("Hours still reachable")),
        tuple(
            (rows.person(row, rows.name), rows.person(row, rows.phone), rows.word(row, "cohort"),
             rows.word(row, "risk"), rows.hours(row, "credited"), rows.hours(row, "needed"),
             rows.hours(row, "reachable"))
            for row in rows.data.rows
        ),
        frozenset({4, 5, 6}),
    )  # fmt: skip


def _unmarked(built: Built) -> Listing:
    rows = _Rows(built, "unmarked")
    return Listing(
        _("Learners not marked yet"), (_("Date"), _("Cohort"), _("Name")),
        tuple(
            (rows.day(row, "day"), rows.word(row, "cohort"), rows.person(row, rows.name))
            for row in rows.data.rows
        ),
    )  # fmt: skip


def _adjustments(built: Built) -> Listing:
    rows = _Rows(built, "adjustments")
    return Listing(
        _("Corrections of submitted months"),
        (_("Date"), _("Cohort"), _("Name"), _("Before"), _("After"), _("Visits"), _("Hours credited"),
         _("Reason"), _("Booked by")),
        tuple(
            (rows.day(row, "day"), rows.word(row, "cohort"), rows.person(row, rows.name),
             rows.word(row, "old"), rows.word(row, "new"), printed(row[rows.place["visits"]], Unit.VISITS),
             rows.hours(row, "hours"), row[rows.place["reason"]] or NOTHING, row[rows.place["booked_by"]])
            for row in booked_in(built).rows
        ),
        frozenset({5, 6}),
    )  # fmt: skip
