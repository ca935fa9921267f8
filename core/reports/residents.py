"""Whom a report is about, and where they live: read for every programme's report in the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from core.db import db
from core.people.models import Person
from core.reports.values import Column, Dataset, Kind
from core.sites.models import Area

ELSEWHERE = "-"  # the code of a community that nobody knows


@dataclass(frozen=True)
class Communities:
    """Areas as communities: the second node of a path, by the area's id."""

    code_of: Mapping[int | None, str]
    names: Mapping[str, str]
    paths: Mapping[int, str]

    @classmethod
    def read(cls) -> "Communities":
        rows = db.session.execute(
            sa.select(Area.id, Area.code, Area.name).order_by(Area.code)
        ).all()
        names = {row.code: row.name for row in rows}
        code_of: dict[int | None, str] = {row.id: ".".join(row.code.split(".")[:2]) for row in rows}
        return cls(code_of, {ELSEWHERE: _("not recorded"), **names}, {r.id: r.name for r in rows})

    def of(self, area_id: int | None) -> str:
        return self.code_of.get(area_id, ELSEWHERE)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """All days, both ends included."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def merged() -> dict[int, int]:
    """Whom a merged person's rows count for: the last one of the chain."""
    statement = sa.select(Person.id, Person.merged_into_id).where(
        Person.merged_into_id.is_not(None)
    )
    pairs: dict[int, int] = dict(db.session.execute(statement).tuples().all())  # type: ignore[arg-type]

    def end(person_id: int) -> int:
        while person_id in pairs:
            person_id = pairs[person_id]
        return person_id

    return {person_id: end(person_id) for person_id in pairs}


def persons(person_ids: Sequence[int], homes: Communities) -> Dataset:
    """Names, numbers and homes of those who appear; kept apart, so that a person can be erased."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(person_ids), 500):
        statement = sa.select(
            Person.id, Person.name, Person.pinyin, Person.sex, Person.birth_on, Person.id_number,
            Person.phone, Person.residence_area_id, Person.registration_area_id,
        ).where(Person.id.in_(person_ids[start : start + 500]))  # fmt: skip
        rows.extend(
            (row.id, row.name, row.pinyin, row.sex.value if row.sex else "", row.birth_on,
             row.id_number or "", row.phone or "", homes.of(row.residence_area_id),
             homes.of(row.registration_area_id))
            for row in db.session.execute(statement)
        )  # fmt: skip
    rows.sort(key=lambda row: (row[2], row[0]))
    columns = (
        Column("person_id", "", Kind.NUMBER), Column("name", _("Name")), Column("pinyin", ""),
        Column("sex", ""), Column("birth_on", "", Kind.DAY), Column("id_number", _("ID number")),
        Column("phone", _("Phone")), Column("residence", _("Residence")),
        Column("registration", _("Registration")),
    )  # fmt: skip
    return Dataset("people", _("People"), columns, tuple(rows),
                   {"residence": dict(homes.names), "registration": dict(homes.names)})  # fmt: skip
