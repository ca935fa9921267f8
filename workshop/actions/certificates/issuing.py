"""Our own certificates: numbered without gaps within a year, and for ever what they said."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import new_id, transaction
from core.errors import RuleError
from core.people.models import Person
from workshop.actions.enrolments.steps import check_day, enrolment_of, locked_cohort
from workshop.models import Certificate, CertificateNumber, Cohort, Enrolment
from workshop.values import EnrolmentState

NUMBER_LENGTH = 32
_LOCK = 727074  # of PostgreSQL: one transaction after the other gives numbers


@dataclass
class Issued:
    """What was issued, and to whom nothing was, and why."""

    done: list[Certificate] = field(default_factory=list)
    refused: list[tuple[int, RuleError]] = field(default_factory=list)


def issue(person_id: int, cohort_id: int, *, on: date, by: Actor, now: datetime) -> Certificate:
    """Issue her certificate, or a new one after the last was revoked.

    Raises RuleError enrolment_no_cohort, enrolment_not_there, enrolment_in_future,
    certificate_not_completed, certificate_stands, certificate_before_class, certificate_number_format.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        row = enrolment_of(session, person_id, cohort_id)
        return _issue(session, cohort, row, _in_force(session, cohort_id), on=on, by=by, now=now)


def issue_many(
    person_ids: Iterable[int], cohort_id: int, *, on: date, by: Actor, now: datetime
) -> Issued:
    """The same for many of a cohort, numbered in the order of its sheet.

    Raises RuleError enrolment_no_cohort, enrolment_in_future, certificate_number_format.
    """
    found = Issued()
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        rows = session.scalars(
            sa.select(Enrolment)
            .where(Enrolment.cohort_id == cohort_id, Enrolment.person_id.in_(set(person_ids)))
            .order_by(Enrolment.number, Enrolment.person_id)
        ).all()
        have = _in_force(session, cohort_id)
        for row in rows:
            try:
                found.done.append(_issue(session, cohort, row, have, on=on, by=by, now=now))
            except RuleError as error:
                if error.code == "certificate_number_format":
                    raise
                found.refused.append((row.person_id, error))
    return found


def _in_force(session: Session, cohort_id: int) -> set[int]:
    return set(session.scalars(
        sa.select(Certificate.person_id)
        .where(Certificate.cohort_id == cohort_id, Certificate.revoked_at.is_(None))
    ))  # fmt: skip


def _issue(
    session: Session, cohort: Cohort, row: Enrolment, have: set[int], *, on: date, by: Actor,
    now: datetime,
) -> Certificate:  # fmt: skip
    if row.state is not EnrolmentState.COMPLETED:
        raise RuleError("certificate_not_completed")
    if row.person_id in have:
        raise RuleError("certificate_stands")
    if on < cohort.starts_on:
        raise RuleError("certificate_before_class", first=cohort.starts_on.isoformat())
    person = session.get_one(Person, row.person_id)
    certificate = Certificate(
        person_id=row.person_id, id=new_id(), cohort_id=cohort.id, number="", name=person.name,
        course=cohort.course.name, cohort=cohort.name,
        class_hours=cohort.planned_min // cohort.class_hour_min, from_on=cohort.starts_on,
        until_on=cohort.ends_on, issued_on=on, issued_at=now, issued_by_name=by.name,
    )  # fmt: skip
    certificate.number = _numbered(session, certificate)
    session.add(certificate)
    audit.record(session, "certificate.issued", subject=f"certificate:{certificate.number}", by=by,
                 now=now, person_id=row.person_id,
                 after={"cohort": cohort.id, "issued_on": on})  # fmt: skip
    session.flush()
    return certificate


def _numbered(session: Session, certificate: Certificate) -> str:
    """The next number of the year, written down; no gap stays when the transaction fails."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    year = certificate.issued_on.year
    last = session.scalar(
        sa.select(sa.func.max(CertificateNumber.serial)).where(CertificateNumber.year == year)
    )
    serial = (last or 0) + 1
    number = number_of(year, serial)
    session.add(CertificateNumber(
        number=number, year=year, serial=serial, person_id=certificate.person_id,
        certificate_id=certificate.id,
    ))  # fmt: skip
    session.flush()
    return number


def number_of(year: int, serial: int) -> str:
    """A number in the form that the setting names. Raises RuleError certificate_number_format."""
    form = current_app.config["CERTIFICATE_NUMBER"]
    try:
        number = str(form.format(year=year, serial=serial)).strip()
        other = form.format(year=year + 1, serial=serial), form.format(year=year, serial=serial + 1)
    except (KeyError, IndexError, ValueError, AttributeError):
        raise RuleError("certificate_number_format", form=form) from None
    if not number or len(number) > NUMBER_LENGTH or number in other:
        raise RuleError("certificate_number_format", form=form)
    return number


def revoke(
    person_id: int, certificate_id: uuid.UUID, *, reason: str, by: Actor, now: datetime
) -> Certificate:
    """Declare a certificate void; its public page says so from now on.

    Raises RuleError reason_needed, certificate_not_there, certificate_revoked.
    """
    reason = reason.strip()[:128]
    if not reason:
        raise RuleError("reason_needed")
    with transaction() as session:
        row = session.get(Certificate, (person_id, certificate_id), with_for_update=True)
        if row is None:
            raise RuleError("certificate_not_there")
        if row.revoked_at is not None:
            raise RuleError("certificate_revoked")
        row.revoked_at, row.revoked_by_name, row.revoke_reason = now, by.name, reason
        audit.record(session, "certificate.revoked", subject=f"certificate:{row.number}", by=by,
                     now=now, person_id=person_id, reason=reason)  # fmt: skip
        return row
