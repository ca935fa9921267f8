"""Changing a person, her contacts, what a visit verified, and the log of looks behind the masks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.bulk import insert_all, sealed
from core.clock import service_day
from core.db import transaction, upsert
from core.errors import RuleError
from core.people import hashes
from core.people.actions.adding import claim_id_numbers, contact_rows
from core.people.actions.details import checked, columns_of
from core.people.models import EmergencyContact, Person, PersonIdentity, PersonReading
from core.people.names import search_readings
from core.people.values import Contact, Details


def change_person(
    person_id: int, details: Details, *, by: Actor, now: datetime, source: str | None = None
) -> bool:
    """Write what differs; returns whether anything did. Raises RuleError as `add_person` does."""
    with transaction() as session:
        person = living_record(session, person_id)
        return rewrite_person(session, person, details, by=by, now=now, source=source)


def rewrite_person(
    session: Session, person: Person, details: Details, *, by: Actor, now: datetime,
    source: str | None = None,
) -> bool:  # fmt: skip
    """The same for a row that is locked already, in the transaction at hand."""
    details = checked(details, service_day(now), person.is_practice)
    before, old_number = _plain(person), person.id_number
    pinyin = person.pinyin if details.name == person.name else None
    for name, value in columns_of(details, pinyin).items():
        if getattr(person, name) != value:
            setattr(person, name, value)
    after = _plain(person)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return False
    if "id_number" in changed:
        _exchange_id_number(session, person, old_number)
    if "name" in changed:
        _write_readings(session, person)
    for name in ("phone", "address"):
        if name in changed:
            setattr(person, f"{name}_verified_at", None)
    audit.record(
        session, "person.changed", subject=f"person:{person.id}", person_id=person.id, by=by,
        now=now, reason=source, before={n: before[n] for n in sorted(changed)},
        after={n: after[n] for n in sorted(changed)},
    )  # fmt: skip
    return True


def set_contacts(person_id: int, contacts: Sequence[Contact], *, by: Actor, now: datetime) -> None:
    """Replace the emergency contacts, the first to be called first."""
    with transaction() as session:
        living_record(session, person_id)
        old = session.scalars(contacts_of(person_id)).all()
        replace_contacts(session, person_id, old, contacts, by=by, now=now)


def replace_contacts(
    session: Session, person_id: int, old: Sequence[EmergencyContact], contacts: Sequence[Contact],
    *, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """The same for a person who is locked already, in the transaction at hand."""
    before = [{"name": c.name, "relation": c.relation, "phone": c.phone} for c in old]
    after = [vars(c) for c in contacts]
    if before == after:
        return
    for contact in old:
        session.delete(contact)
    rows = [sealed(EmergencyContact, row) for row in contact_rows(contacts)]
    insert_all(session, EmergencyContact, [{**row, "person_id": person_id} for row in rows])
    audit.record(
        session, "person.contacts_changed", subject=f"person:{person_id}", person_id=person_id,
        by=by, now=now, before={"contacts": before}, after={"contacts": after},
    )  # fmt: skip


def contacts_of(person_id: int) -> sa.Select[tuple[EmergencyContact]]:
    """The emergency contacts of a person in their order."""
    return (
        sa.select(EmergencyContact)
        .where(EmergencyContact.person_id == person_id)
        .order_by(EmergencyContact.position, EmergencyContact.id)
    )


def verify_value(person_id: int, name: str, *, by: Actor, now: datetime) -> None:
    """A visit found the phone or the address right: an import then proposes, and overwrites no more."""
    with transaction() as session:
        person = living_record(session, person_id)
        setattr(person, f"{name}_verified_at", now)
        audit.record(session, f"person.{name}_verified", subject=f"person:{person_id}",
                     person_id=person_id, by=by, now=now)  # fmt: skip


def note_reveal(person_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Log that somebody looked behind the masks. Raises RuleError "reason_needed"."""
    if len(reason.strip()) < 2:
        raise RuleError("reason_needed")
    with transaction() as session:
        audit.record(session, "person.revealed", subject=f"person:{person_id}", person_id=person_id,
                     by=by, now=now, reason=reason.strip()[:200])  # fmt: skip


def note_look(person_id: int, *, by: Actor, now: datetime) -> None:
    """Log a look at a page, as an auditor's every look is."""
    with transaction() as session:
        audit.record(session, "person.viewed", subject=f"person:{person_id}", person_id=person_id,
                     by=by, now=now)  # fmt: skip


def living_record(session: Session, person_id: int) -> Person:
    """The row, locked for a change. Raises RuleError "person_is_merged"."""
    person = session.get_one(Person, person_id, with_for_update=True)
    if person.merged_into_id is not None:
        raise RuleError("person_is_merged", into=person.merged_into_id)
    return person


def _plain(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in Details.__dataclass_fields__}


def _exchange_id_number(session: Session, person: Person, old: str | None) -> None:
    if old:
        session.execute(
            sa.delete(PersonIdentity).where(
                PersonIdentity.id_hash == hashes.id_hash(old), PersonIdentity.person_id == person.id
            )
        )
    if person.id_number is not None:
        claim = {"id_hash": hashes.id_hash(person.id_number), "person_id": person.id}
        claim_id_numbers(session, [claim])


def _write_readings(session: Session, person: Person) -> None:
    session.execute(sa.delete(PersonReading).where(PersonReading.person_id == person.id))
    rows = [{"person_id": person.id, "reading": r} for r in sorted(search_readings(person.name))]
    if rows:
        upsert(session, PersonReading, rows, ["person_id", "reading"])
