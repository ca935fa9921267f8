"""The register (用餐登记册): one line a diner, her sittings of each day summed in one digit."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _

from canteen.reports.read import MONEY, money_columns
from canteen.rules import age_on
from canteen.values import Sitting, WayOfEating
from core.reports.values import Column, Dataset, Kind, Period

_BIT = {sitting.value: sitting.bit for sitting in Sitting}
_TAKEN = (WayOfEating.TAKE_AWAY.value, WayOfEating.COLLECTED.value)


def register(meals: Dataset, people: Dataset, period: Period, from_next_month: bool) -> Dataset:
    """The lines of the register, in the order of the names.

    marks: for a month one digit a day, breakfast 1, lunch 2, dinner 4, summed; for a longer period
    the visits of each month, separated by blanks. category: the codes by which she was priced.
    """
    place = {column.key: number for number, column in enumerate(meals.columns)}
    money = [place[name] for name in MONEY]
    day, sitting = place["day"], place["sitting"]
    by_person: dict[int, list[tuple[Any, ...]]] = {}
    for row in meals.rows:
        by_person.setdefault(row[place["person_id"]], []).append(row)
    lines: list[tuple[Any, ...]] = []
    for (
        person_id,
        name,
        _pinyin,
        _sex,
        birth_on,
        id_number,
        phone,
        residence,
        registration,
    ) in people.rows:
        rows = by_person.get(person_id)
        if rows is None:
            continue
        sittings = Counter(row[place["sitting"]] for row in rows)
        ways = Counter(row[place["way"]] for row in rows)
        categories = Counter(row[place["category"]] for row in rows)
        lines.append((
            person_id, len(lines) + 1, name, id_number,
            age_on(birth_on, period.last, from_next_month=from_next_month),
            tuple(code for code, _count in categories.most_common()), registration, residence, phone,
            _marks(((row[day], row[sitting]) for row in rows), period),
            sittings["breakfast"], sittings["lunch"], sittings["dinner"],
            ways[WayOfEating.DINE_IN.value], sum(ways[way] for way in _TAKEN),
            ways[WayOfEating.DELIVERED.value],
            *(sum(row[each] for row in rows) for each in money),
            sum(row[place["needs_review"]] for row in rows),
        ))  # fmt: skip
    return Dataset("register", _("Register"), _columns(), tuple(lines), {
        "category": meals.words["category"], "residence": people.words["residence"],
        "registration": people.words["registration"],
    })  # fmt: skip


def _marks(eaten: Iterable[tuple[date, str]], period: Period) -> str:
    if not period.is_month:
        visits = Counter((day.year, day.month) for day, _sitting in eaten)
        return " ".join(str(visits[month.year, month.month]) for month in period.months())
    digits = [0] * period.last.day
    for day, sitting in eaten:
        digits[day.day - 1] |= _BIT[sitting]
    return "".join(map(str, digits))


def _columns() -> tuple[Column, ...]:
    number = Kind.NUMBER
    return (
        Column("person_id", "", number), Column("number", _("No."), number), Column("name", _("Name")),
        Column("id_number", _("ID number")), Column("age", _("Age"), number),
        Column("category", _("Priced category"), Kind.SET), Column("registration", _("Registration")),
        Column("residence", _("Residence")), Column("phone", _("Phone")), Column("marks", _("Meals by day")),
        Column("breakfast", _("Breakfast"), number), Column("lunch", _("Lunch"), number),
        Column("dinner", _("Dinner"), number), Column("dine_in", _("Dine in"), number),
        Column("taken", _("Taken away"), number), Column("delivered", _("Delivered"), number),
        *money_columns(), Column("needs_review", _("To be reviewed"), number),
    )  # fmt: skip
