"""Certificates as lists: all of ours and of other bodies, and those of one cohort."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from core.db import db
from core.people.models import Person
from core.people.search import matching
from workshop.lists.enrolments import PERSON_IN_LIST
from workshop.models import Certificate, Cohort, Enrolment, ExternalCertificate, Learner, Skill
from workshop.values import EnrolmentState, SkillLevel


class CertificateKind(StrEnum):
    OURS = "ours"
    REVOKED = "revoked"
    EXTERNAL = "external"


@dataclass(frozen=True)
class CertificateQuery:
    """What the list is filtered by. site_ids None means every site; kind None ours and others' in force."""

    site_ids: frozenset[int] | None
    q: str = ""
    kind: CertificateKind | None = None
    year: int | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class CertificateRow:
    """One certificate, ours or another body's, as the list and the workbook show it.

    title: the course, or what the other body calls it. reason: why it was revoked.
    """

    person_id: int
    id: uuid.UUID
    is_ours: bool
    number: str
    name: str
    title: str
    issuer: str | None
    level: SkillLevel | None
    cohort: str | None
    class_hours: int | None
    issued_on: date
    reason: str | None


def certificates(query: CertificateQuery) -> sa.Select[tuple[object, ...]]:
    """Ours and others' together, newest first: columns in the order of CertificateRow."""
    parts = []
    if query.kind is not CertificateKind.EXTERNAL:
        parts.append(_ours(query))
    if query.kind in (None, CertificateKind.EXTERNAL):
        parts.append(_others(query))
    both = sa.union_all(*parts).subquery()
    return sa.select(both).order_by(both.c.issued_on.desc(), both.c.number.desc(), both.c.id)


def row_of(found: sa.Row[tuple[object, ...]]) -> CertificateRow:
    """A row of the statement as a value."""
    return CertificateRow(**found._mapping)


def rows_of(found: Iterable[sa.Row[tuple[object, ...]]]) -> list[CertificateRow]:
    return [row_of(each) for each in found]


def _ours(query: CertificateQuery) -> sa.Select[tuple[object, ...]]:
    statement = (
        sa.select(
            Certificate.person_id, Certificate.id, sa.literal(True).label("is_ours"),
            Certificate.number, Certificate.name, Certificate.course.label("title"),
            sa.cast(sa.null(), sa.String(64)).label("issuer"),
            sa.cast(sa.null(), ExternalCertificate.level.type).label("level"),
            Certificate.cohort, Certificate.class_hours, Certificate.issued_on,
            Certificate.revoke_reason.label("reason"),
        )
        .join(Person, Person.id == Certificate.person_id)
        .join(Cohort, Cohort.id == Certificate.cohort_id)
    )  # fmt: skip
    is_revoked = Certificate.revoked_at.is_not(None)
    statement = statement.where(
        is_revoked if query.kind is CertificateKind.REVOKED else ~is_revoked
    )
    if query.site_ids is not None:
        statement = statement.where(Cohort.site_id.in_(query.site_ids))
    return _filtered(
        statement, query, Certificate.person_id, Certificate.number, Certificate.issued_on
    )


def _others(query: CertificateQuery) -> sa.Select[tuple[object, ...]]:
    table = ExternalCertificate
    statement = (
        sa.select(
            table.person_id, table.id, sa.literal(False).label("is_ours"), table.number,
            Person.name, table.title, table.issuer, table.level,
            Cohort.name.label("cohort"), sa.cast(sa.null(), sa.Integer).label("class_hours"),
            table.issued_on, sa.cast(sa.null(), sa.String(128)).label("reason"),
        )
        .join(Person, Person.id == table.person_id)
        .join(Learner, Learner.person_id == table.person_id)
        .outerjoin(Cohort, Cohort.id == table.cohort_id)
        .where(table.removed_at.is_(None))
    )  # fmt: skip
    if query.site_ids is not None:
        statement = statement.where(Learner.home_site_id.in_(query.site_ids))
    return _filtered(statement, query, table.person_id, table.number, table.issued_on)


def _filtered(
    statement: sa.Select[tuple[object, ...]], query: CertificateQuery, person_id: object,
    number: object, issued_on: object,
) -> sa.Select[tuple[object, ...]]:  # fmt: skip
    if query.q:
        is_number = sa.func.lower(number).contains(query.q.lower(), autoescape=True)
        statement = statement.where(sa.or_(matching(query.q), is_number))
    if query.year is not None:
        first, last = date(query.year, 1, 1), date(query.year, 12, 31)
        statement = statement.where(issued_on.between(first, last))  # type: ignore[attr-defined]
    if query.person_id is not None:
        statement = statement.where(person_id == query.person_id)  # type: ignore[arg-type]
    return statement


@dataclass(frozen=True)
class Completer:
    """Somebody who completed a cohort, with her certificate in force."""

    place: Enrolment
    certificate: Certificate | None


def completers(cohort_id: int) -> list[Completer]:
    """Those who completed, by their row on the sheet. Two queries."""
    rows = db.session.scalars(
        sa.select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state == EnrolmentState.COMPLETED)
        .options(contains_eager(Enrolment.person).load_only(*PERSON_IN_LIST))
        .order_by(Enrolment.number.is_(None), Enrolment.number, Enrolment.person_id)
    )
    have = {
        row.person_id: row
        for row in db.session.scalars(
            sa.select(Certificate).where(
                Certificate.cohort_id == cohort_id, Certificate.revoked_at.is_(None)
            )
        )
    }
    return [Completer(row, have.get(row.person_id)) for row in rows]


def external_of(person_id: int) -> list[ExternalCertificate]:
    """Those of other bodies that stand for one learner."""
    return list(db.session.scalars(
        sa.select(ExternalCertificate)
        .where(ExternalCertificate.person_id == person_id, ExternalCertificate.removed_at.is_(None))
        .order_by(ExternalCertificate.issued_on.desc())
    ))  # fmt: skip


def skills() -> list[Skill]:
    return list(db.session.scalars(
        sa.select(Skill).where(Skill.is_active).order_by(Skill.position, Skill.id)
    ))  # fmt: skip


def cohorts_of_learner(person_id: int) -> list[Cohort]:
    """The cohorts in which she took part, the latest first."""
    states = [state for state in EnrolmentState if state.has_trained]
    return list(db.session.scalars(
        sa.select(Cohort).join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id, Enrolment.state.in_(states))
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    ))  # fmt: skip
