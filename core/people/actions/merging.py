"""One human registered twice: finding likely doubles and merging them.

A merge sets `merged_into_id`, ends the other's cards and moves no history; counts of people
follow it.
"""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.people import hashes
from core.people.actions.consents import in_force
from core.people.actions.persons import contacts_of, living_record
from core.people.actions.standings import end_cards
from core.people.models import Consent, EmergencyContact, Person, PersonIdentity, PersonPhoto

describe(
    {
        "merge_self": Text(_l("A record cannot be merged into itself. Nothing was changed."), 422),
        "merge_practice": Text(
            _l("One of the two exists for practice only and counts nowhere. Nothing was changed."),
            422,
        ),
        "merge_two_id_numbers": Text(
            _l(
                "Both records have an ID number, and they differ: these are two people. "
                "Nothing was changed."
            ),
            422,
        ),
    }
)


def likely_doubles(person: Person, limit: int = 10) -> list[Person]:
    """Records that may be the same human: same name and birth date, or same name and phone, or
    the same phone and birth date."""
    same = []
    if person.birth_on:
        same.append(sa.and_(Person.name == person.name, Person.birth_on == person.birth_on))
    if person.phone_hash:
        same.append(sa.and_(Person.name == person.name, Person.phone_hash == person.phone_hash))
        if person.birth_on:
            same.append(
                sa.and_(Person.phone_hash == person.phone_hash, Person.birth_on == person.birth_on)
            )
    if not same:
        return []
    return list(db.session.scalars(
        sa.select(Person).where(Person.id != person.id, Person.merged_into_id.is_(None),
                                Person.is_practice == person.is_practice, sa.or_(*same))
        .order_by(Person.pinyin, Person.id).limit(limit)
    ))  # fmt: skip


def merge_person(person_id: int, into_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Merge a record into another one. Raises RuleError merge_self, merge_practice,
    merge_two_id_numbers, reason_needed, person_is_merged."""
    if person_id == into_id:
        raise RuleError("merge_self")
    if len(reason.strip()) < 2:
        raise RuleError("reason_needed")
    with transaction() as session:
        people = {n: living_record(session, n) for n in sorted((person_id, into_id))}
        person, into = people[person_id], people[into_id]
        if person.is_practice != into.is_practice:
            raise RuleError("merge_practice")
        if person.id_number and into.id_number:
            raise RuleError("merge_two_id_numbers")
        _hand_over_identity(session, person, into)
        _hand_over_details(person, into)
        _hand_over_contacts(session, person_id, into_id)
        _hand_over_photo_and_consent(session, person_id, into_id)
        person.merged_into_id = into_id
        # Who was merged into this record before is led on to where it goes now.
        session.execute(
            sa.update(Person)
            .where(Person.merged_into_id == person_id)
            .values(merged_into_id=into_id)
        )
        end_cards(session, person_id, "merged", by=by, now=now)
        for one, role in ((person_id, "into"), (into_id, "from")):
            other = into_id if one == person_id else person_id
            audit.record(
                session,
                "person.merged",
                subject=f"person:{one}",
                person_id=one,
                by=by,
                now=now,
                reason=reason.strip()[:200],
                after={role: other},
            )


# What is known of a human, and what goes along with it.
_HANDED_OVER = (
    ("phone", "phone_hash", "phone_last4_hash", "phone_verified_at"),
    ("address", "address_verified_at"),
    ("residence_area_id",), ("registration_area_id",), ("birth_on",), ("sex",), ("household_id",),
)  # fmt: skip


def _hand_over_details(person: Person, into: Person) -> None:
    """Where the other record has none, so that whoever counts can be called, found and visited."""
    for names in _HANDED_OVER:
        if getattr(into, names[0]) is None:
            for name in names:
                setattr(into, name, getattr(person, name))
    person.household_id = None


def _hand_over_contacts(session: Session, person_id: int, into_id: int) -> None:
    if session.scalars(contacts_of(into_id)).first() is None:
        session.execute(
            sa.update(EmergencyContact)
            .where(EmergencyContact.person_id == person_id)
            .values(person_id=into_id)
            .execution_options(synchronize_session=False)
        )


def _hand_over_photo_and_consent(session: Session, person_id: int, into_id: int) -> None:
    """The same face and the same signature: they go along where the other record has none."""
    if session.get(PersonPhoto, into_id) is None:
        session.execute(
            sa.update(PersonPhoto)
            .where(PersonPhoto.person_id == person_id)
            .values(person_id=into_id)
            .execution_options(synchronize_session=False)
        )
    if in_force(session, into_id) is None:
        session.execute(
            sa.update(Consent)
            .where(Consent.person_id == person_id, Consent.withdrawn_on.is_(None))
            .values(person_id=into_id)
            .execution_options(synchronize_session=False)
        )


def _hand_over_identity(session: Session, person: Person, into: Person) -> None:
    """The ID number goes along, so that it still finds the one who counts; with it what it says."""
    if not person.id_number:
        return
    number = person.id_number
    into.id_number, into.no_id_reason = number, None
    into.id_last6_hash, into.id_last4_hash = person.id_last6_hash, person.id_last4_hash
    into.birth_on, into.sex = person.birth_on, person.sex
    person.id_number, person.no_id_reason = None, "merged"
    person.id_last6_hash = person.id_last4_hash = None
    session.execute(
        sa.update(PersonIdentity)
        .where(PersonIdentity.id_hash == hashes.id_hash(number))
        .values(person_id=into.id)
    )
