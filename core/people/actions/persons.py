"""Adding and changing a person; what must be true of a name, an ID number and a phone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction, upsert
from core.errors import RuleError, Text, describe
from core.people import hashes
from core.people.id_number import IdFault, read_id_number
from core.people.models import (
    EmergencyContact,
    Person,
    PersonIdentity,
    PersonReading,
    Sex,
    Standing,
    StandingKind,
)
from core.people.names import has_hidden_characters, read_name, search_readings, sort_key
from core.people.values import Contact, Details

describe(
    {
        "name_missing": Text(_l("The name is missing. Nothing was saved; enter it."), 422),
        "name_hidden_characters": Text(
            _l("The name holds invisible characters. Nothing was saved; type it again by hand."),
            422,
        ),
        "name_lost_character": Text(
            _l(
                "A rare character of the name was lost (“?”). Nothing was saved; type the "
                "name again."
            ),
            422,
        ),
        "name_no_letters": Text(
            _l("This is no name. Nothing was saved; enter the name as on the ID card."), 422
        ),
        "name_two_people": Text(
            _l("These are two names. Nothing was saved; enter one person at a time."), 422
        ),
        "name_too_long": Text(
            _l("The name is too long (50 characters at most). Nothing was saved."), 422
        ),
        IdFault.LENGTH: Text(
            _l(
                "An ID number has 18 digits, this one has %(length)s. Nothing was saved; "
                "compare it with the card."
            ),
            422,
        ),
        IdFault.CHARACTERS: Text(
            _l(
                "An ID number has digits only, and at the end perhaps an X. Nothing was "
                "saved; compare it with the card."
            ),
            422,
        ),
        IdFault.BIRTH_DATE: Text(
            _l(
                "The birth date inside the ID number does not exist. Nothing was saved; "
                "compare it with the card."
            ),
            422,
        ),
        IdFault.CHECK_DIGIT: Text(
            _l(
                "A digit of the ID number is wrong (its check digit does not fit). Nothing "
                "was saved; compare it with the card."
            ),
            422,
        ),
        IdFault.OLD: Text(
            _l(
                "This is an old ID number of 15 digits. Nothing was saved; enter the 18 "
                "digits of the present card."
            ),
            422,
        ),
        IdFault.ROUNDED: Text(
            _l(
                "Excel has rounded this ID number. Nothing was saved; enter it again from the card."
            ),
            422,
        ),
        "id_number_taken": Text(
            _l(
                "Somebody with this ID number is registered already (%(name)s). Nothing was "
                "saved; open that page instead."
            )
        ),
        "no_id_reason_needed": Text(
            _l(
                "Without an ID number a reason is needed. Nothing was saved; enter the number "
                "or the reason."
            ),
            422,
        ),
        "birth_not_of_id": Text(
            _l(
                "The birth date is not the one in the ID number (%(of_id)s). Nothing was "
                "saved; compare both with the card."
            ),
            422,
        ),
        "birth_impossible": Text(
            _l(
                "The birth date lies in the future or too far back. Nothing was saved; enter "
                "it again."
            ),
            422,
        ),
        "hidden_characters": Text(
            _l(
                "A field holds invisible control characters. Nothing was saved; type it again "
                "by hand."
            ),
            422,
        ),
        "person_is_merged": Text(
            _l("This record was merged into another one. Nothing was saved; go on there.")
        ),
    }
)

_ENCRYPTED = ("id_number", "phone", "address", "note")


def add_person(
    details: Details,
    *,
    by: Actor,
    now: datetime,
    contacts: Sequence[Contact] = (),
    is_practice: bool = False,
    source: str | None = None,
) -> Person:
    """Register one human, once. Raises RuleError: name_…, id_…, id_number_taken, no_id_reason_needed.

    A missing birth date or sex is read from the ID number. `source` says in the log where the
    values came from (an imported file).
    """
    details = checked(details, service_day(now), is_practice)
    with transaction() as session:
        person = Person(created_at=now, is_practice=is_practice, **_columns(details))
        session.add(person)
        session.flush()
        _claim_id_number(session, person, None)
        _write_readings(session, person)
        session.add(
            Standing(person_id=person.id, kind=StandingKind.REGISTERED, since_on=service_day(now))
        )
        _put_contacts(session, person.id, contacts)
        audit.record(
            session, "person.added", subject=f"person:{person.id}", person_id=person.id, by=by,
            now=now, reason=source, after=_plain(person),
        )  # fmt: skip
    return person


def change_person(
    person_id: int, details: Details, *, by: Actor, now: datetime, source: str | None = None
) -> bool:
    """Write what differs; returns whether anything did. Raises RuleError as `add_person` does."""
    with transaction() as session:
        person = living_record(session, person_id)
        details = checked(details, service_day(now), person.is_practice)
        before, old_number = _plain(person), person.id_number
        for name, value in _columns(details).items():
            if getattr(person, name) != value:
                setattr(person, name, value)
        after = _plain(person)
        changed = {name for name in after if after[name] != before[name]}
        if not changed:
            return False
        if "id_number" in changed:
            _claim_id_number(session, person, old_number)
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


def checked(details: Details, today: date, is_practice: bool = False) -> Details:
    """Folded details that may be stored. Raises RuleError for what may not."""
    reading = read_name(details.name)
    if reading.fault:
        raise RuleError(reading.fault)
    texts = (details.address, details.note, details.address_as, details.no_id_reason, details.phone)
    if any(text and has_hidden_characters(text) for text in texts):
        raise RuleError("hidden_characters")
    details = replace(
        details, name=reading.name, phone=details.phone or None, address=details.address or None,
        note=details.note or None, address_as=details.address_as or None,
        id_number=details.id_number or None,
    )  # fmt: skip
    if details.birth_on and not today.year - 125 <= details.birth_on.year <= today.year:
        raise RuleError("birth_impossible")
    if details.id_number is None:
        if not details.no_id_reason and not is_practice:
            raise RuleError("no_id_reason_needed")
        return details
    number = read_id_number(details.id_number, today)
    if number.fault:
        raise RuleError(number.fault.value, length=len(number.number))
    if details.birth_on and details.birth_on != number.birth_on:
        raise RuleError("birth_not_of_id", of_id=str(number.birth_on))
    sex = details.sex or {"男": "male", "女": "female"}[number.sex or "女"]
    return replace(
        details, id_number=number.number, no_id_reason=None, birth_on=number.birth_on, sex=sex
    )


def set_contacts(person_id: int, contacts: Sequence[Contact], *, by: Actor, now: datetime) -> None:
    """Replace the emergency contacts, the first to be called first."""
    with transaction() as session:
        living_record(session, person_id)
        old = list(session.scalars(contacts_of(person_id)))
        before = [{"name": c.name, "relation": c.relation, "phone": c.phone} for c in old]
        after = [vars(c) for c in contacts]
        if before == after:
            return
        for contact in old:
            session.delete(contact)
        session.flush()
        _put_contacts(session, person_id, contacts)
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


def _columns(details: Details) -> dict[str, Any]:
    number, phone = details.id_number, details.phone
    digits = hashes.digits_of(phone) if phone else ""
    return {
        **vars(details),
        "sex": Sex(details.sex) if details.sex else None,
        "pinyin": sort_key(details.name),
        "id_last6_hash": hashes.id_last6_hash(number) if number else None,
        "id_last4_hash": hashes.id_last4_hash(number) if number else None,
        "phone_hash": hashes.phone_hash(digits) if digits else None,
        "phone_last4_hash": hashes.phone_last4_hash(digits) if len(digits) >= 4 else None,
    }


def _plain(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in Details.__dataclass_fields__}


def _claim_id_number(session: Session, person: Person, old: str | None) -> None:
    """Take the number for this person; the look-up table's key keeps it unique."""
    if old:
        session.execute(
            sa.delete(PersonIdentity).where(
                PersonIdentity.id_hash == hashes.id_hash(old), PersonIdentity.person_id == person.id
            )
        )
    if person.id_number is None:
        return
    row = {"id_hash": hashes.id_hash(person.id_number), "person_id": person.id}
    if upsert(session, PersonIdentity, row, ["id_hash"]):
        return
    other_id = session.scalar(
        sa.select(PersonIdentity.person_id).where(PersonIdentity.id_hash == row["id_hash"])
    )
    if other_id != person.id:
        other = session.get(Person, other_id)
        raise RuleError("id_number_taken", name=other.name if other else "", person_id=other_id)


def _write_readings(session: Session, person: Person) -> None:
    session.execute(sa.delete(PersonReading).where(PersonReading.person_id == person.id))
    rows = [{"person_id": person.id, "reading": r} for r in sorted(search_readings(person.name))]
    if rows:
        upsert(session, PersonReading, rows, ["person_id", "reading"])


def _put_contacts(session: Session, person_id: int, contacts: Sequence[Contact]) -> None:
    for position, contact in enumerate(contacts, 1):
        session.add(EmergencyContact(
            person_id=person_id, position=position, name=contact.name[:64],
            relation=contact.relation[:16], phone=contact.phone or None,
        ))  # fmt: skip
