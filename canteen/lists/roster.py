"""What a counter must know to decide without a connection, made for one device.

A lost device must not give away cards: it holds no code, only slow hashes of codes under a salt of
its own, and references that only its own credentials can use. No ID numbers, no phones.
"""

import base64
import hashlib
import hmac
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy.orm import load_only

from canteen.actions import ByCard, Seen
from canteen.actions.rulebook import RuleBook, current_rulebook
from canteen.diner_words import address
from canteen.models import DietNeed, Diner, Eligibility, Meal, Suspension
from canteen.rules import Paper, age_on, held_categories
from canteen.values import EligibilityState
from core.access import Actor
from core.clock import service_day
from core.db import db
from core.people.card_code import make_code
from core.people.models import Card, CardState, Person, StandingKind
from core.privacy import mask_name, secret

# 2^50 codes exist: hashed once, one graphics card would try them all in a week; at this many
# rounds in decades. A device needs a millisecond for the one code that it has just read.
ITERATIONS = 1000
# Who ate here of late belongs to this counter too, wherever she is enrolled.
ATE_HERE_DAYS = 30
DAYS_AHEAD = 7
_REFERENCE = struct.Struct(">QI")


def _owner(actor: Actor) -> bytes:
    """Whose references these are: the device's, or of a user without one."""
    if actor.device_id is not None:
        return b"device:%d" % actor.device_id
    return b"user:%d" % (actor.user_id or 0)


def reference(person_id: int, serial: int, actor: Actor) -> str:
    """An opaque name of a card, good for this actor alone; always the same one."""
    sealed = AESSIV(secret("device-roster")).encrypt(
        _REFERENCE.pack(person_id, serial), [_owner(actor)]
    )
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def card_of(text: str, actor: Actor) -> ByCard | None:
    """The card that a reference of this actor means; None for anything else."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        person_id, serial = _REFERENCE.unpack(
            AESSIV(secret("device-roster")).decrypt(sealed, [_owner(actor)])
        )
    except (ValueError, InvalidTag, struct.error):
        return None
    return ByCard(person_id, serial)


def salt_of(actor: Actor) -> str:
    """What this actor mixes into the hash of a code."""
    return hmac.digest(secret("device-roster"), b"salt:" + _owner(actor), "sha256")[:16].hex()


@lru_cache(maxsize=20_000)
def code_hash(code_key: bytes, person_id: int, serial: int, salt: str) -> str:
    """The hash by which a device finds a card in its roster."""
    code = make_code(code_key, person_id, serial)
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt.encode(), ITERATIONS).hex()


def roster_of(
    site_id: int, slug: str, address_style: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The roster of a site for one actor, as JSON; equal as long as nothing has changed."""
    day, book = service_day(now), current_rulebook()
    rows = _rows(site_id, day)
    ids = [person.id for person, _diner, _card in rows]
    papers = _by_person(Eligibility, ids, _counts(day))
    needs = _by_person(DietNeed, ids, _covers(DietNeed, day))
    suspended = _by_person(Suspension, ids, _covers(Suspension, day))
    salt, key = salt_of(actor), secret("card-code")
    return {
        "site": slug, "day": day.isoformat(),
        "hash": {"algorithm": "PBKDF2-HMAC-SHA256", "salt": salt, "iterations": ITERATIONS},
        "sittings": list(_sittings(book, site_id, day)),
        "people": [
            {
                "card": reference(person.id, card.serial, actor),
                "code_hash": code_hash(key, person.id, card.serial, salt),
                "name": person.name if diner.home_site_id == site_id else mask_name(person.name),
                "address_as": address(
                    Seen(person.id, person.name, person.sex, person.address_as, None), address_style
                ),
                "state": "stopped" if _is_stopped(person, card, suspended) else "active",
                "entitlement": _entitlement(book, person, diner, papers.get(person.id, ()), day),
                "diet": [
                    {"kind": need.kind.value, "detail": need.detail, "blocks": need.kind.blocks}
                    for need in needs.get(person.id, ())
                ],
            }
            for person, diner, card in rows
        ],
    }  # fmt: skip


def _rows(site_id: int, day: date) -> list[tuple[Person, Diner, Card]]:
    ate_here = sa.exists().where(
        Meal.person_id == Diner.person_id, Meal.site_id == site_id,
        Meal.day > day - timedelta(days=ATE_HERE_DAYS),
    )  # fmt: skip
    found = db.session.execute(
        sa.select(Person, Diner, Card)
        .join(Diner, Diner.person_id == Person.id)
        .join(Card, Card.person_id == Person.id)
        .where(
            sa.or_(Diner.home_site_id == site_id, ate_here),
            sa.or_(Diner.ended_on.is_(None), Diner.ended_on >= day),
            Person.is_practice.is_(False), Person.merged_into_id.is_(None),
        )
        .options(load_only(
            Person.name, Person.sex, Person.address_as, Person.birth_on, Person.standing,
        ), load_only(Diner.home_site_id, Diner.enrolled_on, Diner.ended_on))
        .order_by(Person.id, Card.serial)
    )  # fmt: skip
    return [(person, diner, card) for person, diner, card in found]


def _covers(model: Any, day: date) -> sa.ColumnElement[bool]:
    return sa.and_(model.from_on <= day, sa.or_(model.until_on.is_(None), model.until_on >= day))


def _counts(day: date) -> sa.ColumnElement[bool]:
    """As the counter's own statement has it: a paper that was ended by decision holds to its last day."""
    ended = sa.and_(Eligibility.state == EligibilityState.ENDED, Eligibility.until_on >= day)
    return sa.or_(Eligibility.state == EligibilityState.APPROVED, ended)


def _by_person(
    model: Any, person_ids: list[int], condition: sa.ColumnElement[bool]
) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    statement = sa.select(model).where(condition, model.person_id.in_(person_ids))
    for row in db.session.scalars(statement.order_by(model.person_id, model.id)):
        found[row.person_id].append(row)
    return found


def _is_stopped(person: Person, card: Card, suspended: Mapping[int, list[Any]]) -> bool:
    return (
        card.state is not CardState.ACTIVE
        or person.standing is not StandingKind.REGISTERED
        or bool(suspended.get(person.id))
    )


def _entitlement(
    book: RuleBook, person: Person, diner: Diner, rows: Iterable[Eligibility], day: date
) -> dict[str, Any]:
    known = [row for row in rows if row.category_id in book.category_by_id]
    papers = [
        Paper(book.category_by_id[row.category_id], row.from_on, row.until_on) for row in known
    ]
    age = age_on(person.birth_on, day, from_next_month=book.age_from_next_month)
    grace = timedelta(days=book.eligibility_grace_days)
    held = held_categories(papers, book.categories, age=age, day=day, grace_days=grace.days)
    ends = [
        row.until_on
        if row.until_on is None or row.state is EligibilityState.ENDED
        else min(row.until_on, date.max - grace) + grace
        for row in known
        if row.from_on <= day and (row.until_on is None or day - grace <= row.until_on)
    ]
    is_by_age = any(category.fits_age(age) for category in held.categories)
    until = None if is_by_age or None in ends else max((end for end in ends if end), default=None)
    last = min((end for end in (until, diner.ended_on) if end), default=None)
    return {
        "is_eligible": held.is_eligible and diner.enrolled_on <= day,
        "until": last.isoformat() if last else None, "needs_review": held.needs_review,
    }  # fmt: skip


def _sittings(book: RuleBook, site_id: int, first: date) -> Iterable[dict[str, Any]]:
    for ahead in range(DAYS_AHEAD):
        day = first + timedelta(days=ahead)
        for window in book.windows_on(site_id, day):
            yield {
                "day": day.isoformat(), "sitting": window.sitting.value,
                "starts_min": window.starts_min, "ends_min": window.ends_min,
                "grace_before_min": window.grace_before_min, "grace_after_min": window.grace_after_min,
            }  # fmt: skip
