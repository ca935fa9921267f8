"""Reads for the registry and the page of one person; a constant number of queries each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload

from core.access import Actor, Role
from core.audit import AuditEntry
from core.db import db
from core.people.actions import likely_doubles
from core.people.actions.persons import contacts_of
from core.people.models import (
    Card,
    CardState,
    Consent,
    EmergencyContact,
    Person,
    PersonPhoto,
    Standing,
    StandingKind,
)
from core.people.search import matching
from core.programme import programmes
from core.sites.models import Area, AreaLevel

HISTORY_ROWS = 50


@dataclass(frozen=True)
class RegistryQuery:
    """What the registry is filtered by; `area` is a code path."""

    q: str = ""
    area: str | None = None
    standing: StandingKind | None = None
    without: str | None = None


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Whom this actor may see: the office and auditors all, others who is enrolled at their sites."""
    if actor.site_ids is None or actor.is_office or actor.has(Role.AUDITOR):
        return sa.true()
    enrolled = [
        programme.people_at(site_id)
        for programme in programmes()
        if programme.people_at
        for site_id in sorted(actor.site_ids)
    ]
    return sa.or_(sa.false(), *(Person.id.in_(statement) for statement in enrolled))


def people(query: RegistryQuery, actor: Actor) -> sa.Select[Any]:
    """The registry as a statement, sorted by pinyin. Encrypted columns but the phone stay closed."""
    statement = (
        sa.select(Person)
        .where(Person.merged_into_id.is_(None), Person.is_practice.is_(False), visible(actor))
        .where(matching(query.q))
        .options(
            joinedload(Person.residence_area).joinedload(Area.parent),
            defer(Person.id_number), defer(Person.address), defer(Person.note),
        )
        .order_by(Person.pinyin, Person.id)
    )  # fmt: skip
    if query.area:
        inside = sa.select(Area.id).where(
            sa.or_(Area.code == query.area, Area.code.startswith(f"{query.area}.", autoescape=True))
        )
        statement = statement.where(Person.residence_area_id.in_(inside))
    if query.standing:
        statement = statement.where(Person.standing == query.standing)
    match query.without:
        case "card":
            statement = statement.where(~_active_card(), Person.standing == StandingKind.REGISTERED)
        case "consent":
            signed = sa.exists().where(
                Consent.person_id == Person.id, Consent.withdrawn_on.is_(None)
            )
            statement = statement.where(~signed, Person.standing == StandingKind.REGISTERED)
        case "id":
            statement = statement.where(Person.id_last6_hash.is_(None))
        case "area":
            statement = statement.where(Person.residence_area_id.is_(None))
    return statement


def _active_card() -> sa.ColumnElement[bool]:
    return sa.exists().where(Card.person_id == Person.id, Card.state == CardState.ACTIVE)


def with_cards(person_ids: Sequence[int]) -> set[int]:
    """Which of these people hold a card in use."""
    return set(db.session.scalars(
        sa.select(Card.person_id).where(Card.person_id.in_(person_ids), Card.state == CardState.ACTIVE)
    ))  # fmt: skip


def area_path(area: Area | None) -> str:
    """农林二社区 第1网格."""
    if area is None:
        return ""
    return f"{area.parent.name} {area.name}" if area.level == "grid" and area.parent else area.name


def age_on(birth_on: date | None, today: date) -> int | None:
    """Completed years of life."""
    if birth_on is None:
        return None
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


@dataclass(frozen=True)
class Portrait:
    """Everything the page of one person shows, but for the programmes' panels."""

    person: Person
    contacts: Sequence[EmergencyContact]
    standings: Sequence[Standing]
    household: Sequence[Person]
    doubles: Sequence[Person]
    card: Card | None
    history: Sequence[AuditEntry]
    photo: PersonPhoto | None
    consents: Sequence[Consent]

    @property
    def consent(self) -> Consent | None:
        """The one in force."""
        return next((consent for consent in self.consents if consent.withdrawn_on is None), None)


def portrait(person: Person) -> Portrait:
    """Read the page of one person."""
    household: Sequence[Person] = []
    if person.household_id is not None:
        household = db.session.scalars(
            sa.select(Person)
            .where(Person.household_id == person.household_id, Person.id != person.id,
                   Person.merged_into_id.is_(None))
            .order_by(Person.pinyin)
        ).all()  # fmt: skip
    return Portrait(
        person,
        db.session.scalars(contacts_of(person.id)).all(),
        db.session.scalars(
            sa.select(Standing)
            .where(Standing.person_id == person.id)
            .order_by(Standing.since_on.desc())
        ).all(),
        household,
        likely_doubles(person),
        db.session.scalar(
            sa.select(Card).where(Card.person_id == person.id, Card.state == CardState.ACTIVE)
        ),
        db.session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.person_id == person.id)
            .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
            .limit(HISTORY_ROWS)
        ).all(),
        db.session.get(PersonPhoto, person.id),
        db.session.scalars(
            sa.select(Consent)
            .where(Consent.person_id == person.id)
            .order_by(Consent.signed_on.desc(), Consent.id)
        ).all(),
    )


def home_of(person: Person) -> str:
    """The community somebody lives in."""
    area = person.residence_area
    if area is None:
        return ""
    return str(area.parent.name if area.level is AreaLevel.GRID and area.parent else area.name)
