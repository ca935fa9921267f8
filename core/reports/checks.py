"""What the checks of every programme's report share: how a finding is made, people alike, months missing."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from core.db import db
from core.paths import path_to
from core.people.models import Person
from core.reports.models import IssuedReport
from core.reports.values import ALL, Built, Finding

Row = tuple[str, str | None]


def setting(name: str) -> int:
    """A setting that is a whole number."""
    return int(current_app.config[name])


def finding(
    code: str, title: str, advice: str, rows: Sequence[Row], *, stops: bool = False
) -> Finding | None:
    """The finding of these rows; None when there are none."""
    return Finding(code, title, advice, tuple(rows), stops) if rows else None


def months_missing(built: Built) -> Finding | None:
    """Months of a longer period for which no report was issued."""
    period = built.period
    if period.is_month:
        return None
    issued = set(db.session.scalars(
        sa.select(IssuedReport.period).where(
            IssuedReport.name == built.name,
            IssuedReport.scope.in_({ALL, built.scope}),
            IssuedReport.period.in_([str(month) for month in period.months()]),
        )
    ))  # fmt: skip
    rows: list[Row] = [
        (str(month), path_to("reports.index", year=month.year))
        for month in period.months()
        if str(month) not in issued
    ]
    return finding(
        "months_missing", _("Months of this period without an issued report"),
        _("Issue the months first: what is checked from day to day is checked there."), rows,
    )  # fmt: skip


def likely_doubles(person_ids: Any, counted: Collection[int]) -> list[Row]:
    """Pairs of records that may be one human, one of them among these. person_ids: a query of ids;
    counted: whose pairs are told.

    Alike as `core.people.actions.likely_doubles` says: two of name, birth date and phone.
    """
    own, other = aliased(Person), aliased(Person)
    alike = sa.or_(
        sa.and_(other.name == own.name, other.birth_on == own.birth_on),
        sa.and_(other.phone_hash == own.phone_hash,
                sa.or_(other.name == own.name, other.birth_on == own.birth_on)),
    )  # fmt: skip
    pairs = db.session.execute(
        sa.select(own.id, own.name, other.id, other.name)
        .join(other, sa.and_(other.id != own.id, alike))
        .where(
            own.id.in_(person_ids), own.merged_into_id.is_(None), other.merged_into_id.is_(None),
            own.is_practice.is_(sa.false()), other.is_practice.is_(sa.false()),
        )
    )  # fmt: skip
    found: dict[tuple[int, int], str] = {}
    for person_id, name, other_id, other_name in pairs:
        if person_id in counted:
            key = min(person_id, other_id), max(person_id, other_id)
            names = (name, other_name) if key[0] == person_id else (other_name, name)
            found[key] = _("%(one)s (No. %(first)s) and %(two)s (No. %(second)s)", one=names[0],
                           first=key[0], two=names[1], second=key[1])  # fmt: skip
    return [(found[key], path_to("people.merge", person_id=key[0])) for key in sorted(found)]
