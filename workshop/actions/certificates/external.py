"""Certificates of other bodies, as they were shown to us."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.access import Actor
from core.db import new_id, transaction
from core.errors import RuleError
from workshop.actions.enrolments.steps import check_day, locked_learner
from workshop.models import ExternalCertificate
from workshop.values import SkillLevel


@dataclass(frozen=True, slots=True)
class Shown:
    """What the paper says. cohort_id: the training that led to it, where one did."""

    title: str
    number: str
    issuer: str
    issued_on: date
    skill_id: int | None = None
    level: SkillLevel | None = None
    cohort_id: int | None = None


def record_external(
    person_id: int, shown: Shown, *, by: Actor, now: datetime
) -> ExternalCertificate:
    """Record a certificate of another body.

    Raises RuleError enrolment_no_learner, enrolment_in_future, certificate_incomplete,
    certificate_recorded_before.
    """
    title, number, issuer = (
        text.strip()[:64] for text in (shown.title, shown.number, shown.issuer)
    )
    if not (title and number and issuer):
        raise RuleError("certificate_incomplete")
    with transaction() as session:
        check_day(shown.issued_on, now)
        locked_learner(session, person_id)
        row = ExternalCertificate(
            person_id=person_id, id=new_id(), title=title, number=number, issuer=issuer,
            issued_on=shown.issued_on, skill_id=shown.skill_id, level=shown.level,
            cohort_id=shown.cohort_id, recorded_at=now, recorded_by_name=by.name,
        )  # fmt: skip
        session.add(row)
        try:
            session.flush()
        except IntegrityError:
            raise RuleError("certificate_recorded_before", number=number) from None
        audit.record(session, "external_certificate.added", subject=f"external_certificate:{row.id}",
                     by=by, now=now, person_id=person_id,
                     after={"title": title, "number": number, "issuer": issuer,
                            "issued_on": shown.issued_on, "level": shown.level})  # fmt: skip
        return row


def remove_external(
    person_id: int, certificate_id: uuid.UUID, *, reason: str, by: Actor, now: datetime
) -> ExternalCertificate:
    """Take a wrong entry off the list; it stays in the records with its reason.

    Raises RuleError reason_needed, certificate_not_there.
    """
    reason = reason.strip()[:128]
    if not reason:
        raise RuleError("reason_needed")
    with transaction() as session:
        row = session.scalar(
            sa.select(ExternalCertificate).where(
                ExternalCertificate.person_id == person_id, ExternalCertificate.id == certificate_id,
                ExternalCertificate.removed_at.is_(None),
            ).with_for_update()
        )  # fmt: skip
        if row is None:
            raise RuleError("certificate_not_there")
        row.removed_at, row.remove_reason = now, reason
        audit.record(session, "external_certificate.removed", by=by, now=now, person_id=person_id,
                     subject=f"external_certificate:{row.id}", reason=reason)  # fmt: skip
        return row
