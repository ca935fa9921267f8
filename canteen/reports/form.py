"""The lines of the bureau's form: one a diner, with a value for each of `canteen/form_sources.py`."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from canteen.reports.read import MONEY
from core.reports.values import Built, Dataset
from core.reports.words import period_words

_SAME = (
    "number", "name", "id_number", "age", "phone", "breakfast", "lunch", "dinner", "dine_in", "taken",
    "delivered", *MONEY,
)  # fmt: skip


def form_lines(built: Built) -> list[Mapping[str, Any]]:
    """The register's lines, in its order, with everything in words that the form may hold."""
    data, meals = built.datasets["register"], built.datasets["meals"]
    place = {column.key: number for number, column in enumerate(data.columns)}
    sexes = _sexes(built.datasets["people"])
    sites, days = _where_and_when(meals)
    period = period_words(built.period)
    lines: list[Mapping[str, Any]] = []
    for row in data.rows:
        person_id, review = row[place["person_id"]], row[place["needs_review"]]
        lines.append({
            **{key: row[place[key]] for key in _SAME},
            "sex": sexes.get(person_id, ""), "category": categories(data, row[place["category"]]),
            "registration": data.words["registration"].get(row[place["registration"]], ""),
            "residence": data.words["residence"].get(row[place["residence"]], ""),
            "sites": "、".join(meals.words["site"][slug] for slug in sites.get(person_id, ())),
            "days": len(days.get(person_id, ())),
            "visits": sum(row[place[each]] for each in ("breakfast", "lunch", "dinner")),
            "period": period, "note": note(review), "blank": "",
        })  # fmt: skip
    return lines


def categories(data: Dataset, codes: tuple[str, ...]) -> str:
    """The categories by which somebody was priced, the most frequent first."""
    return "、".join(data.words["category"].get(code, code) for code in codes)


def note(needs_review: int) -> str:
    """What is remarked about somebody whose eligibility had run out."""
    return _("to be reviewed: %(count)s meals", count=needs_review) if needs_review else ""


def _sexes(people: Dataset) -> dict[int, str]:
    words = {"female": _("female"), "male": _("male")}
    person, sex = people.place("person_id"), people.place("sex")
    return {row[person]: words.get(row[sex], "") for row in people.rows}


def _where_and_when(meals: Dataset) -> tuple[dict[int, dict[str, None]], dict[int, set[Any]]]:
    """The canteens of each person in the order of their first meal there, and her days."""
    person, site, day = meals.place("person_id"), meals.place("site"), meals.place("day")
    sites: dict[int, dict[str, None]] = {}
    days: dict[int, set[Any]] = {}
    for row in meals.rows:
        sites.setdefault(row[person], {})[row[site]] = None
        days.setdefault(row[person], set()).add(row[day])
    return sites, days
