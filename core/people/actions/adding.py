"""Registering people: made ready without a lock, then written together, one or two thousand alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Actor
from core.bulk import PERSON, Rows, insert_numbered, sealed, write_rows
from core.clock import service_day
from core.db import new_id, transaction, upsert
from core.errors import RuleError
from core.people import hashes
from core.people.actions.details import checked, columns_of
from core.people.models import (
    EmergencyContact,
    Person,
    PersonIdentity,
    PersonReading,
    Standing,
    StandingKind,
)
from core.people.names import search_readings
from core.people.values import Contact, Details


@dataclass(frozen=True)
class NewPerson:
    """Somebody ready to be written: checked, encrypted and hashed, with all rows but those of her number."""

    columns: Mapping[str, Any]
    id_hash: str | None
    rows: Rows


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
    new = prepare_person(
        details, by=by, now=now, contacts=contacts, is_practice=is_practice, source=source
    )
    with transaction() as session:
        [person_id] = write_people(session, [new])
        return session.get_one(Person, person_id)


def prepare_person(
    details: Details,
    *,
    by: Actor,
    now: datetime,
    contacts: Sequence[Contact] = (),
    is_practice: bool = False,
    source: str | None = None,
) -> NewPerson:
    """Everything about a new person that needs no database. Raises RuleError as `add_person` does."""
    details = checked(details, service_day(now), is_practice)
    columns, rows = columns_of(details), Rows()
    for reading in sorted(search_readings(details.name)):
        rows.add(PersonReading, {"reading": reading})
    rows.add(
        Standing,
        {
            "id": new_id(),
            "kind": StandingKind.REGISTERED,
            "since_on": service_day(now),
            "until_on": None,
            "note": "",
        },
    )
    for contact in contact_rows(contacts):
        rows.add(EmergencyContact, contact)
    rows.record(
        "person.added", subject=f"person:{PERSON}", by=by, now=now, reason=source,
        after={name: columns[name] for name in Details.__dataclass_fields__},
    )  # fmt: skip
    number = details.id_number
    return NewPerson(
        sealed(Person, {**columns, "standing": StandingKind.REGISTERED, "is_practice": is_practice,
                        "created_at": now}),
        hashes.id_hash(number) if number else None,
        rows,
    )  # fmt: skip


def write_people(session: Session, people: Sequence[NewPerson]) -> list[int]:
    """Insert people in the transaction at hand; returns their numbers in the same order.

    Raises RuleError "id_number_taken" when somebody else holds one of the ID numbers.
    """
    if not people:
        return []
    ids = insert_numbered(session, Person, [new.columns for new in people])
    claims = [
        {"id_hash": new.id_hash, "person_id": person_id}
        for new, person_id in zip(people, ids, strict=True) if new.id_hash
    ]  # fmt: skip
    claim_id_numbers(session, claims)
    write_rows(session, zip(ids, (new.rows for new in people), strict=True))
    return ids


def claim_id_numbers(session: Session, claims: Sequence[Mapping[str, Any]]) -> None:
    """Take ID numbers (id_hash, person_id); the look-up table's key keeps each of them unique.

    Raises RuleError "id_number_taken".
    """
    if not claims:
        return
    claimed = upsert(session, PersonIdentity, [dict(claim) for claim in claims], ["id_hash"])
    if len(claimed) == len(claims):
        return
    mine = {claim["id_hash"]: claim["person_id"] for claim in claims}
    owners = session.execute(
        sa.select(PersonIdentity.id_hash, PersonIdentity.person_id).where(
            PersonIdentity.id_hash.in_(mine.keys() - {row.id_hash for row in claimed})
        )
    )
    for owner in owners:
        if owner.person_id != mine[owner.id_hash]:
            other = session.get(Person, owner.person_id)
            raise RuleError(
                "id_number_taken", name=other.name if other else "", person_id=owner.person_id
            )


def contact_rows(contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """Emergency contacts as rows, the first to be called first."""
    return [
        {"id": new_id(), "position": position, "name": contact.name[:64],
         "relation": contact.relation[:16], "phone": contact.phone or None}
        for position, contact in enumerate(contacts, 1)
    ]  # fmt: skip
