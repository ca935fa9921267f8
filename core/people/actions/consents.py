"""The signed consent of a person: when, who keeps the paper, and its withdrawal."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import new_id, transaction
from core.errors import RuleError, Text, describe
from core.people.actions.persons import living_record
from core.people.models import Consent

describe({
    "consent_in_future": Text(_l(
        "The day lies in the future. Nothing was saved; enter the day on which it was signed or withdrawn."
    ), 422),
    "consent_none": Text(_l("There is no consent in force. Nothing was changed.")),
    "withdrawn_before_signed": Text(_l(
        "The day lies before the one on which it was signed (%(signed)s). Nothing was saved; choose a "
        "later day."), 422),
})  # fmt: skip


def record_consent(
    person_id: int, *, signed_on: date, note: str | None, by: Actor, now: datetime
) -> Consent:
    """Note that a consent was signed on paper; where one is in force, correct its day and its note.

    note: who keeps the paper. Raises RuleError consent_in_future, person_is_merged.
    """
    if signed_on > service_day(now):
        raise RuleError("consent_in_future")
    with transaction() as session:
        living_record(session, person_id)
        consent = in_force(session, person_id)
        before = None if consent is None else _plain(consent)
        if consent is None:
            consent = Consent(person_id=person_id, id=new_id(), signed_on=signed_on,
                              note=note or None, recorded_at=now)  # fmt: skip
            session.add(consent)
        else:
            consent.signed_on, consent.note = signed_on, note or None
        after = _plain(consent)
        if before != after:
            verb = "consent_signed" if before is None else "consent_corrected"
            _log(session, verb, person_id, before, after, by, now)
        return consent


def withdraw_consent(
    person_id: int, *, on: date, note: str | None, by: Actor, now: datetime
) -> Consent:
    """End the consent in force; nothing else ends with it.

    note: how it was withdrawn. Raises RuleError consent_none, consent_in_future,
    withdrawn_before_signed, person_is_merged.
    """
    if on > service_day(now):
        raise RuleError("consent_in_future")
    with transaction() as session:
        living_record(session, person_id)
        consent = in_force(session, person_id)
        if consent is None:
            raise RuleError("consent_none")
        if on < consent.signed_on:
            raise RuleError("withdrawn_before_signed", signed=str(consent.signed_on))
        before = _plain(consent)
        consent.withdrawn_on, consent.withdrawal_note = on, note or None
        _log(session, "consent_withdrawn", person_id, before, _plain(consent), by, now)
        return consent


def in_force(session: Session, person_id: int) -> Consent | None:
    """The consent that nobody has withdrawn."""
    return session.scalar(
        sa.select(Consent).where(Consent.person_id == person_id, Consent.withdrawn_on.is_(None))
    )


def _plain(consent: Consent) -> dict[str, Any]:
    names = ("signed_on", "note", "withdrawn_on", "withdrawal_note")
    return {name: getattr(consent, name) for name in names}


def _log(
    session: Session, verb: str, person_id: int, before: dict[str, Any] | None, after: dict[str, Any],
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    audit.record(session, f"person.{verb}", subject=f"person:{person_id}", person_id=person_id, by=by,
                 now=now, before=before, after=after)  # fmt: skip
