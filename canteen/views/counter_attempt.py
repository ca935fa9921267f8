"""From what a counter sends to a `Scan`: the same fields as JSON and as a plain form."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import marshmallow as ma
from flask import request
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer

from canteen.actions import ByCode, ByPerson, Scan
from canteen.values import (
    Collector,
    NoCardReason,
    OtherKind,
    Sitting,
    WayOfEating,
    WayOfRecording,
)
from core.access import current_actor
from core.accounts.sessions import keep_unlocked
from core.api import CLIENT_TIME, moment
from core.clock import CLOCK_YEARS
from core.errors import RuleError, Text, describe
from core.forms import fen_of, posted_id
from core.people.card_code import fold
from core.privacy import secret

Kind = TypeVar("Kind", bound=StrEnum)
REF_SECONDS = 12 * 3600
DEAREST_FEN = 1_000_000  # no meal costs more; rather a card was scanned into the field
FOUND, HOUSEMATE = "counter-found", "counter-housemate"

describe({
    "counter_unreadable": Text(_l("The server could not read this entry. Nothing was registered; "
                                  "load the page again and repeat it."), 422),
    "counter_ref_old": Text(_l("This search is too old. Nothing was registered; please search again."), 422),
    "code_missing": Text(_l("No card number arrived. Nothing was registered; scan again or type "
                            "the 17 digits."), 422),
    "price_unreadable": Text(_l("The price could not be read. Nothing was registered; type it in "
                                "yuan, like 12.50."), 422),
})  # fmt: skip


def person_ref(person_id: int, salt: str = FOUND) -> str:
    """A signed reference to a person found here: no other can be made up from it."""
    return _signer(salt).dumps(person_id)


def person_of(ref: str, salt: str = FOUND) -> int:
    """Whom a reference means. Raises RuleError counter_ref_old."""
    try:
        return int(_signer(salt).loads(ref, max_age=REF_SECONDS))
    except (BadSignature, ValueError, TypeError) as error:
        raise RuleError("counter_ref_old") from error


def _signer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret("counter-ref"), salt=salt)


def scan_of(data: Mapping[str, Any], site_id: int, now: datetime) -> Scan:
    """One attempt from the counter's page.

    data: id, code | person | housemate, way, collected_by, acknowledged, other, no_card_reason,
    late_reason with sitting and day, price_fen or price (yuan), practice, scanned_at.
    A person found by name and an entry from paper need the PIN.
    Raises RuleError counter_unreadable, counter_ref_old, code_missing, price_unreadable, pin_needed.
    """
    who, recording = _who(data)
    late_reason = str(data.get("late_reason") or "").strip()[:128] or None
    other = _one(OtherKind, data, "other")
    if data.get("person") or late_reason:
        need_pin(now)
    if who is None and other is None:
        raise RuleError("code_missing")
    scanned_at = _moment(data.get("scanned_at"), now)
    return Scan(
        id=id_of(data.get("id")), who=who, site_id=site_id, scanned_at=scanned_at,
        occurred_at=by_server_clock(scanned_at, now),
        day=_day(data.get("day")) if late_reason else None,
        sitting=_one(Sitting, data, "sitting") if late_reason else None,
        way=_one(WayOfEating, data, "way"),
        collected_by=_one(Collector, data, "collected_by") or Collector.SELF,
        recording=WayOfRecording.PAPER if late_reason else recording,
        no_card_reason=_one(NoCardReason, data, "no_card_reason"),
        acknowledged=bool(data.get("acknowledged")), late_reason=late_reason, other=other,
        price_fen=_price(data), practice=bool(data.get("practice")),
    )  # fmt: skip


def _who(data: Mapping[str, Any]) -> tuple[ByCode | ByPerson | None, WayOfRecording]:
    if data.get("person"):
        return ByPerson(person_of(str(data["person"]))), WayOfRecording.BY_NAME
    if data.get("housemate"):
        return ByPerson(person_of(str(data["housemate"]), HOUSEMATE)), WayOfRecording.BY_NAME
    if data.get("code"):
        return ByCode(fold(str(data["code"])[:1000])), WayOfRecording.SCAN
    return None, WayOfRecording.SCAN


def need_pin(now: datetime) -> None:
    """Raise RuleError pin_needed while the PIN is closed; keep it open while it is used."""
    if not current_actor().unlocked:
        raise RuleError("pin_needed")
    keep_unlocked(now)


def by_server_clock(scanned_at: datetime, now: datetime) -> datetime:
    """A device's moment by the server's clock: the device says when it sent, by its own clock."""
    sent = request.headers.get(CLIENT_TIME)
    if not sent:
        return scanned_at
    waited = _moment(sent, now) - scanned_at
    return now - waited if waited >= timedelta(0) else now


def _moment(value: Any, now: datetime) -> datetime:
    try:
        return moment(value) if value else now
    except ma.ValidationError as error:
        raise RuleError("counter_unreadable") from error


def id_of(value: Any) -> UUID:
    """The id of an entry. Raises RuleError counter_unreadable."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise RuleError("counter_unreadable") from error


def _day(value: Any) -> date | None:
    try:
        day = date.fromisoformat(str(value)) if value else None
    except ValueError as error:
        raise RuleError("counter_unreadable") from error
    if day is not None and day.year not in CLOCK_YEARS:
        raise RuleError("counter_unreadable")
    return day


def _one(kind: type[Kind], data: Mapping[str, Any], name: str) -> Kind | None:
    value = data.get(name)
    if value in (None, ""):
        return None
    try:
        return kind(str(value))
    except ValueError as error:
        raise RuleError("counter_unreadable") from error


def _price(data: Mapping[str, Any]) -> int | None:
    fen, yuan = data.get("price_fen"), str(data.get("price") or "").strip()
    if fen in (None, "") and not yuan:
        return None
    try:
        price_fen = fen_of(yuan) if yuan else posted_id(str(fen))
    except ValueError as error:
        raise RuleError("price_unreadable") from error
    if price_fen > DEAREST_FEN:
        raise RuleError("price_unreadable")
    return price_fen
