"""Certificates: ours, ours that were revoked, and those of other bodies."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from core.clock import service_day
from core.db import db
from core.reports.values import Column, Dataset, Kind
from workshop.models import Certificate, Cohort, ExternalCertificate, Learner
from workshop.reports.span import Span

OWN, OTHERS, REVOKED = "own", "others", "revoked"


def certificates(span: Span, people: Mapping[int, int]) -> Dataset:
    """The certificates of the year so far, each in the month that counts it. Two queries."""
    wanted = {*span.months, *span.months_before, *span.months_of_year}
    rows = [
        row for row in (*_ours(span, people), *_others(span, people)) if wanted & {row[3], row[5]}
    ]
    columns = (
        Column("fact", ""), Column("person_id", _("Name"), Kind.PERSON), Column("kind", _("What it is")),
        Column("month", _("Counted in")), Column("of_month", _("Of the submitted month")),
        Column("voided", _("Voided in")), Column("less", _("Correction"), Kind.NUMBER),
        Column("site", _("Workshop")), Column("day", _("Date"), Kind.DAY),
        Column("number", _("Certificate No.")), Column("title", _("Certificate")),
        Column("issuer", _("Issued by (body)")), Column("reason", _("Reason")), Column("cohort", ""),
    )  # fmt: skip
    return Dataset("certificates", _("Certificates"), columns, tuple(rows), {
        "kind": kinds(), "site": span.site_words, "of_month": {"": "—"}, "voided": {"": _("not voided")},
    })  # fmt: skip


def kinds() -> dict[str, str]:
    """Labels of what counts as a certificate, and of what takes one back."""
    return {
        OWN: _("Our certificates of completion"), OTHERS: _("Certificates of other bodies"),
        REVOKED: _("Our certificates revoked"),
    }  # fmt: skip


def _ours(span: Span, people: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """Issued ones, and apart from them each that was revoked, on the day of that."""
    table: Any = Certificate.__table__.c
    found: list[tuple[Any, ...]] = []
    for row in db.session.execute(
        sa.select(Certificate.__table__, Cohort.site_id)
        .join(Cohort, Cohort.id == table.cohort_id)
        .where(Cohort.site_id.in_(span.site_ids),
               sa.or_(table.issued_on >= span.since, table.issued_at >= span.recorded_since,
                      table.revoked_at >= span.recorded_since))
        .order_by(table.issued_on, table.number)
    ):  # fmt: skip
        about = (
            people.get(row.person_id, row.person_id),
            row.number,
            row.course,
            f"c{row.cohort_id}",
        )
        days = [(OWN, str(row.id), row.issued_on, row.issued_at, "")]
        if row.revoked_at is not None:
            days.append((REVOKED, f"{row.id}-", service_day(row.revoked_at), row.revoked_at,
                         row.revoke_reason))  # fmt: skip
        for kind, fact, day, at, reason in days:
            month = span.month_of(day, at, row.site_id, "certificates", fact)
            person_id, number, course, cohort = about
            found.append((fact, person_id, kind, str(month), span.late(day, month), "", 0,
                          span.slug(row.site_id), day, number, course, "", reason, cohort))  # fmt: skip
    return found


def _others(span: Span, people: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """Those of other bodies; one that was taken out before its month was submitted is none.

    voided: the later month in which it was taken out.
    """
    table: Any = ExternalCertificate.__table__.c
    found: list[tuple[Any, ...]] = []
    for row in db.session.execute(
        sa.select(ExternalCertificate.__table__, Learner.home_site_id.label("site_id"))
        .join(Learner, Learner.person_id == table.person_id)
        .where(
            Learner.home_site_id.in_(span.site_ids),
            sa.or_(
                table.issued_on >= span.since,
                table.recorded_at >= span.recorded_since,
                table.removed_at >= span.recorded_since,
            ),
        )
        .order_by(table.issued_on, table.number)
    ):
        month = span.month_of(row.issued_on, row.recorded_at, row.site_id, "certificates", row.id)
        voided = span.voided_in(month, row.removed_at, row.site_id, "certificates", row.id)
        if voided != month:
            found.append((f"{row.id}-" if voided else str(row.id), people.get(row.person_id, row.person_id),
                          OTHERS, str(month), span.late(row.issued_on, month), str(voided or ""),
                          -1 if voided else 0, span.slug(row.site_id), row.issued_on, row.number,
                          row.title, row.issuer, "", ""))  # fmt: skip
    return found
