"""The verbs of cards: issue, replace, revoke, find, and note what was printed and handed out.

A card's code is never stored: it is derived from the instance's key whenever it is printed, and
the database finds it by a keyed hash.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.people.card_code import hash_code, make_code, read
from core.people.models import Card, CardCode, CardState, Person, StandingKind
from core.privacy import secret

describe({
    "card_person_unknown": Text(_l(
        "This person is not on record. Nothing was changed; look for the name again."
    ), 404),
    "card_exists": Text(_l(
        "There is a card in use already. Replace it when it is lost or damaged. Nothing was changed."
    )),
    "card_none": Text(_l("There is no card in use. Issue one first. Nothing was changed.")),
    "card_not_for_stopped": Text(_l(
        "Cards are only for people on the register; this person has moved away, lives in a home, "
        "is in hospital or has died. Change the standing first. Nothing was changed."
    )),
    "card_reason_missing": Text(_l("Say why. Nothing was changed."), 422),
})  # fmt: skip

# So many people are served in one transaction: a counter never waits long behind a printing.
CHUNK = 25


def issue_card(person_id: int, *, by: Actor, now: datetime) -> Card:
    """Give somebody without a card her next one.

    Raises RuleError card_person_unknown, card_not_for_stopped, card_exists.
    """
    with transaction() as session:
        _may_have_card(session, person_id)
        if _active(session, person_id):
            raise RuleError("card_exists")
        return _new_card(session, person_id, by=by, now=now)


def replace_card(person_id: int, *, reason: str, by: Actor, now: datetime) -> Card:
    """End her card and give her the next one, in one transaction: the old never outlives the new.

    reason: one of words.END_REASON or what was typed. Raises RuleError card_none,
    card_reason_missing and those of issue_card.
    """
    with transaction() as session:
        _may_have_card(session, person_id)
        _end(session, person_id, CardState.REPLACED, reason, by=by, now=now)
        return _new_card(session, person_id, by=by, now=now)


def revoke_card(person_id: int, *, reason: str, by: Actor, now: datetime) -> Card:
    """End her card without another. Raises RuleError card_none, card_reason_missing."""
    with transaction() as session:
        _locked(session, person_id)
        return _end(session, person_id, CardState.REVOKED, reason, by=by, now=now)


def issue_missing(person_ids: Sequence[int], *, by: Actor, now: datetime) -> list[Card]:
    """Give a card to each of these who may have one and has none; the others are passed over.

    A few dozen in each transaction; run again, it goes on where it stopped.
    """
    issued: list[Card] = []
    for start in range(0, len(person_ids), CHUNK):
        with transaction() as session:
            people = session.scalars(
                sa.select(Person.id)
                .where(
                    Person.id.in_(person_ids[start : start + CHUNK]),
                    may_have_card(),
                    ~has_active_card(),
                )
                .order_by(Person.id)
                .with_for_update()
            ).all()
            # Asked again: PostgreSQL chose them before it waited for whoever gave one a card meanwhile.
            holders = set(session.scalars(
                sa.select(Card.person_id)
                .where(Card.person_id.in_(people), Card.state == CardState.ACTIVE)
            ))  # fmt: skip
            issued += [
                _new_card(session, person_id, by=by, now=now)
                for person_id in people
                if person_id not in holders
            ]
    return issued


def find_by_code(code: str) -> Card | None:
    """The card that a scan names, in use or ended; None for a code that is not one of ours.

    code: as scanned or typed; full-width digits, spaces and dashes are folded.
    """
    digits = read(code).code
    if digits is None:
        return None
    return db.session.scalar(
        sa.select(Card)
        .join(CardCode, sa.and_(CardCode.person_id == Card.person_id, CardCode.serial == Card.serial))
        .where(CardCode.code_hash == hash_code(secret("card-hash"), digits))
    )  # fmt: skip


def code_of(card: Card) -> str:
    """The 17 digits of a card, derived again. Only for printing and for the card printer's list."""
    return make_code(secret("card-code"), card.person_id, card.serial)


def mark_printed(cards: Iterable[Card], *, now: datetime) -> None:
    """Note that these cards came out of the printer; printing again keeps the first time."""
    keys = [(card.person_id, card.serial) for card in cards]
    _mark(keys, "printed_at", now)


def mark_handed_out(person_ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """Note that these people hold their printed cards; returns how many were not marked yet."""
    with transaction() as session:
        changed = 0
        for start in range(0, len(person_ids), 500):
            part = person_ids[start : start + 500]
            rows = session.execute(
                sa.update(Card.__table__)  # type: ignore[arg-type]
                .where(
                    Card.person_id.in_(part),
                    Card.state == CardState.ACTIVE,
                    Card.printed_at.is_not(None),
                    Card.handed_out_at.is_(None),
                )
                .values(handed_out_at=now)
                .returning(Card.person_id)
            ).all()
            changed += len(rows)
        audit.record(session, "cards.handed_out", subject="cards", by=by, now=now,
                     after={"cards": changed})  # fmt: skip
    return changed


def _mark(keys: Sequence[tuple[int, int]], column: str, now: datetime) -> None:
    with transaction() as session:
        for start in range(0, len(keys), 250):
            part = keys[start : start + 250]
            session.execute(
                sa.update(Card.__table__)  # type: ignore[arg-type]
                .where(
                    sa.tuple_(Card.person_id, Card.serial).in_(part),
                    Card.__table__.c[column].is_(None),
                )
                .values({column: now})
            )


def may_have_card() -> sa.ColumnElement[bool]:
    """Condition on Person: on the register, and not merged into somebody else."""
    return sa.and_(
        Person.merged_into_id.is_(None), Person.standing == StandingKind.REGISTERED
    )  # fmt: skip


def has_active_card() -> sa.ColumnElement[bool]:
    """Condition on Person: holds a card in use."""
    return sa.exists().where(Card.person_id == Person.id, Card.state == CardState.ACTIVE)


def _locked(session: Session, person_id: int) -> Person:
    # Cards of one person are changed one after the other, on every engine.
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise RuleError("card_person_unknown")
    return person


def _may_have_card(session: Session, person_id: int) -> None:
    person = _locked(session, person_id)
    if person.merged_into_id is not None or person.standing is not StandingKind.REGISTERED:
        raise RuleError("card_not_for_stopped")


def _active(session: Session, person_id: int) -> Card | None:
    return session.scalar(
        sa.select(Card).where(Card.person_id == person_id, Card.state == CardState.ACTIVE)
    )


def _end(
    session: Session, person_id: int, state: CardState, reason: str, *, by: Actor, now: datetime
) -> Card:
    card = _active(session, person_id)
    if card is None:
        raise RuleError("card_none")
    if not reason.strip():
        raise RuleError("card_reason_missing")
    card.state, card.ended_at, card.end_reason = state, now, reason.strip()[:128]
    # The one active card is a constraint: the old must be gone before the next one comes.
    session.flush()
    _note(session, f"card.{state.value}", card, by=by, now=now, reason=card.end_reason)
    return card


def _new_card(session: Session, person_id: int, *, by: Actor, now: datetime) -> Card:
    last = session.scalar(sa.select(sa.func.max(Card.serial)).where(Card.person_id == person_id))
    serial = (last or 0) + 1
    key, hash_key = secret("card-code"), secret("card-hash")
    # Two people can draw the same 15 digits, once in very many cities; the next serial is as good.
    while session.get(CardCode, hash_code(hash_key, make_code(key, person_id, serial))):
        serial += 1
    card = Card(person_id=person_id, serial=serial, state=CardState.ACTIVE, issued_at=now)
    session.add(card)
    code_hash = hash_code(hash_key, make_code(key, person_id, serial))
    session.add(CardCode(code_hash=code_hash, person_id=person_id, serial=serial))
    session.flush()
    _note(session, "card.issued", card, by=by, now=now)
    return card


def _note(
    session: Session,
    action: str,
    card: Card,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    audit.record(
        session, action, subject=f"card:{card.person_id}/{card.serial}", person_id=card.person_id,
        by=by, now=now, reason=reason,
    )  # fmt: skip
