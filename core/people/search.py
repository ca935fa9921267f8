"""Finds people by whatever somebody has in hand: name, pinyin, digits, or a card."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from core.db import db
from core.people import hashes
from core.people.id_number import fold as fold_id_number
from core.people.models import Person, PersonIdentity, PersonReading
from core.people.names import fold_name, fold_query

CARD_DIGITS = 17


class Kind(StrEnum):
    """What a search looks like."""

    NOTHING = "nothing"
    NAME = "name"
    PINYIN = "pinyin"
    LAST4 = "last4"
    LAST6 = "last6"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    CARD = "card"


@dataclass(frozen=True)
class Query:
    """A search: its kind and its folded text."""

    kind: Kind
    text: str

    @property
    def is_secret(self) -> bool:
        """Whether it must not stand in an address or a log: whole numbers and card codes."""
        return self.kind in (Kind.ID_NUMBER, Kind.PHONE, Kind.CARD)


def read_query(typed: str) -> Query:
    """What somebody typed into the search field. Full-width digits, spaces, dashes are folded."""
    text = unicodedata.normalize("NFKC", typed).strip()[:64]
    compact = re.sub(r"[\s\-_·.+()]", "", text)
    if not compact:  # signs alone are looked for in names; they do not mean everybody
        return Query(Kind.NAME, text) if text else Query(Kind.NOTHING, "")
    number = fold_id_number(compact)
    if re.fullmatch(r"\d{17}[\dX]|\d{15}", number):
        return Query(Kind.ID_NUMBER, number)
    if compact.isdigit():
        kinds = {4: Kind.LAST4, 6: Kind.LAST6, CARD_DIGITS: Kind.CARD}
        kind = kinds.get(len(compact), Kind.PHONE if len(compact) >= 7 else Kind.NAME)
        return Query(kind, hashes.digits_of(compact) if kind is Kind.PHONE else compact)
    if re.fullmatch(r"\d{3}X|\d{5}X", number):
        return Query(Kind.LAST4 if len(number) == 4 else Kind.LAST6, number)
    if re.fullmatch(r"[A-Za-zÀ-ɏ'’]+", compact):
        return Query(Kind.PINYIN, fold_query(text))
    return Query(Kind.NAME, fold_name(typed)[:64])


def matching(typed: str) -> sa.ColumnElement[bool]:
    """The condition on `Person` that a search means; true for an empty one.

    Names match anywhere, pinyin and initials from the beginning in every reading of the surname,
    four digits the end of phone or ID number, six the end of the ID number.
    """
    query = read_query(typed)
    match query.kind:
        case Kind.NOTHING:
            return sa.true()
        case Kind.NAME:
            return Person.name.contains(query.text, autoescape=True)
        case Kind.PINYIN:
            return Person.id.in_(
                sa.select(PersonReading.person_id).where(
                    PersonReading.reading.startswith(query.text, autoescape=True)
                )
            )
        case Kind.LAST4:
            return sa.or_(
                Person.phone_last4_hash == hashes.phone_last4_hash(query.text),
                Person.id_last4_hash == hashes.id_last4_hash(query.text),
            )
        case Kind.LAST6:
            return Person.id_last6_hash == hashes.id_last6_hash(query.text)
        case Kind.PHONE:
            return Person.phone_hash == hashes.phone_hash(query.text)
        case Kind.ID_NUMBER:
            return Person.id.in_(
                sa.select(PersonIdentity.person_id).where(
                    PersonIdentity.id_hash == hashes.id_hash(query.text)
                )
            )
        case Kind.CARD:
            return Person.id.in_([_person_of_card(query.text) or -1])
    raise AssertionError(query.kind)


def _person_of_card(code: str) -> int | None:
    # The cards' room finds a code; here it is only asked for when somebody typed one.
    from core.people.cards.actions import find_by_code

    found = find_by_code(code)
    return None if found is None else int(found.person_id)


def find_by_id_number(number: str) -> Person | None:
    """The person with this ID number, merged ones led on to whom they were merged into."""
    person_id = db.session.scalar(
        sa.select(PersonIdentity.person_id).where(PersonIdentity.id_hash == hashes.id_hash(number))
    )
    return None if person_id is None else db.session.get(Person, person_id)
