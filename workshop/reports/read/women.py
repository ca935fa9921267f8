"""Whom the report is about: who trained or found work in the period, her home, and her hardship."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from flask_babel import gettext as _

from core.db import db
from core.reports.residents import Communities
from core.reports.values import Column, Dataset, Kind
from workshop.models import HardshipCategory, HardshipTag, Learner
from workshop.reports.read.work import VERIFIED
from workshop.reports.span import Span
from workshop.reports.words import yes_no
from workshop.values import Basis

TRAINED, PLACED, GUIDED = "trained", "placed", "guided"


def of_scope(span: Span) -> sa.Select[tuple[int]]:
    """The learners of the scope, as a query of their ids."""
    return sa.select(Learner.person_id).where(Learner.home_site_id.in_(span.site_ids))


def women(
    span: Span, datasets: Mapping[str, Dataset], homes: Communities, named: Dataset,
    people: Mapping[int, int],
) -> Dataset:  # fmt: skip
    """Everybody who trained, was guided or whose work was verified in the period, once.

    hardship: the categories that she was in on the last day, by her own word or certified; for the
    office alone.
    """
    did: dict[int, set[str]] = defaultdict(set)
    _note(did, TRAINED, datasets["attendances"], {"there": (1,)})
    guided = datasets["guidance"]
    stands = {row[guided.place("voided")] for row in guided.rows} - set(span.months)
    _note(did, GUIDED, guided, {"month": span.months, "voided": stands})
    _note(did, PLACED, datasets["jobs"], {"month": span.months, "kind": (VERIFIED,)})
    tags = _hardships(span, did, people)
    residence, name = named.place("residence"), named.place("pinyin")
    home = {row[0]: (row[residence], row[name]) for row in named.rows}
    rows = tuple(
        (person_id, tuple(sorted(did[person_id])), home.get(person_id, ("-", ""))[0],
         tuple(sorted(tags.get(person_id, {}))), int(bool(tags.get(person_id))),
         int(Basis.CERTIFIED in tags.get(person_id, {}).values()))
        for person_id in sorted(did, key=lambda each: (home.get(each, ("", ""))[1], each))
    )  # fmt: skip
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("did", _("Took part in"), Kind.SET),
        Column("community", _("Community")), Column("hardship", _("Hardship"), Kind.SET, is_office_only=True),
        Column("any", _("In any hardship"), Kind.NUMBER, is_office_only=True),
        Column("certified", _("Certified"), Kind.NUMBER, is_office_only=True),
    )  # fmt: skip
    return Dataset("women", _("Women of the period"), columns, rows, {
        "did": {TRAINED: _("Training"), GUIDED: _("Guidance"), PLACED: _("Verified work")},
        "community": dict(homes.names), "hardship": categories(), "any": yes_no(), "certified": yes_no(),
    })  # fmt: skip


def _note(
    did: dict[int, set[str]], what: str, data: Dataset, where: Mapping[str, Iterable[object]]
) -> None:
    tests = [(data.place(key), set(values)) for key, values in where.items()]
    person = data.place("person_id")
    for row in data.rows:
        if all(row[place] in values for place, values in tests):
            did[row[person]].add(what)


def categories() -> dict[str, str]:
    """The names of hardships by code, in the order of the table."""
    return {
        row.code: row.name
        for row in db.session.execute(
            sa.select(HardshipCategory.code, HardshipCategory.name)
            .order_by(HardshipCategory.position, HardshipCategory.id)
        )
    }  # fmt: skip


def _hardships(
    span: Span, wanted: Iterable[int], people: Mapping[int, int]
) -> dict[int, dict[str, Basis]]:
    """The hardships of these on the last day; certified wins over what she says."""
    found: dict[int, dict[str, Basis]] = defaultdict(dict)
    ids = set(wanted)
    for row in db.session.execute(
        sa.select(HardshipTag.person_id, HardshipCategory.code, HardshipTag.basis)
        .join(HardshipCategory, HardshipCategory.id == HardshipTag.category_id)
        .where(HardshipTag.from_on <= span.as_of,
               sa.or_(HardshipTag.until_on.is_(None), HardshipTag.until_on >= span.as_of))
    ):  # fmt: skip
        person_id = people.get(row.person_id, row.person_id)
        if person_id in ids and found[person_id].get(row.code) is not Basis.CERTIFIED:
            found[person_id][row.code] = row.basis
    return found
