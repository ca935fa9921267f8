"""The lines of the bureau's form: one a place in a cohort, with a value for each of `workshop/form_sources.py`."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from core.people.registry import age_on
from core.reports.values import Built, Dataset, Unit
from core.reports.words import number, period_words

_SAME = (
    "number", "name", "id_number", "phone", "credited", "planned", "certificate", "employer", "started_on",
)  # fmt: skip
_WORDS = ("residence", "cohort", "state", "form", "verified", "subsidised")


def form_lines(built: Built) -> list[Mapping[str, Any]]:
    """The register's lines, in its order, with everything in words that the form may hold."""
    data, people = built.datasets["register"], built.datasets["people"]
    place = {column.key: number for number, column in enumerate(data.columns)}
    persons = {row[0]: row for row in people.rows}
    sex, birth = people.place("sex"), people.place("birth_on")
    sexes = {"female": _("female"), "male": _("male")}
    visits, sites = _visits(built.datasets["attendances"]), _sites(built.datasets["hours"])
    lines: list[Mapping[str, Any]] = []
    for row in data.rows:
        person, cohort = persons[row[place["person_id"]]], row[place["cohort"]]
        lines.append({
            **{key: row[place[key]] for key in _SAME},
            **{key: data.words[key].get(str(row[place[key]]), "") for key in _WORDS},
            "sex": sexes.get(person[sex], ""), "age": age_on(person[birth], built.period.last),
            "workshop": sites.get(cohort, ""),
            "hours": of_hours(row[place["credited"]], row[place["planned"]]),
            "visits": visits[row[place["person_id"]], cohort], "period": period_words(built.period),
            "blank": "",
        })  # fmt: skip
    return lines


def of_hours(credited: int, planned: int) -> str:
    """42/60, class hours."""
    return f"{number(credited, Unit.HOURS)}/{number(planned, Unit.HOURS)}"


def _visits(data: Dataset) -> Counter[tuple[int, str]]:
    person, cohort, there = (data.place(key) for key in ("person_id", "cohort", "there"))
    return Counter((row[person], row[cohort]) for row in data.rows if row[there])


def _sites(data: Dataset) -> dict[str, str]:
    cohort, site = data.place("cohort"), data.place("site")
    return {row[cohort]: data.words["site"][row[site]] for row in data.rows}
