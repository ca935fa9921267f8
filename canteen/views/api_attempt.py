"""From what a program sends to verbs of the canteen, one item at a time. No HTTP answers here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

import sqlalchemy as sa
import structlog
from flask import abort, current_app, request
from flask_babel import lazy_gettext as _l

from canteen.actions import (
    ByCard,
    ByCode,
    Registered,
    Scan,
    guessing,
    register_meal,
    void_meal,
)
from canteen.actions.rulebook import RuleBook, current_rulebook, rulebook
from canteen.lists.roster import card_of
from canteen.models import MealEvent
from canteen.rules import is_undo
from canteen.values import Collector, Refusal, WayOfRecording
from canteen.views.answers import present
from canteen.views.api_schemas import SCAN, VOID
from core import clock
from core.access import current_actor
from core.accounts.sessions import keep_unlocked, note_device_clock
from core.api import client_time, load, malformed
from core.db import db
from core.errors import RuleError, Text, describe
from core.people import card_code
from core.sites.models import Site, SiteKind

log = structlog.get_logger("api")
# Within this a device's clock and ours say the same: the rest is the way here.
SAME_CLOCK = timedelta(seconds=2)

_UNREADABLE = {
    "empty": _l("No card number arrived. Nothing was registered; please scan the card again."),
    "too_short": _l("A part of the card number is missing. Nothing was registered; please scan again."),
    "too_long": _l("This is too long for a card. Nothing was registered; please scan one card only."),
    "two_cards": _l("Two cards were read as one. Neither was registered; please scan them one after "
                    "the other."),
    "id_number": _l("This is an ID number, not a service card. Nothing was kept; find the person by "
                    "name instead."),
    "other_code": _l("This is not a service card but another code. Nothing was registered; please scan "
                     "the square on the service card."),
    "not_ours": _l("These 17 digits do not fit together: the card may be dirty or mistyped. Please scan "
                   "again, or find the person by name."),
}  # fmt: skip
describe({f"card_{fault}": Text(words, 422) for fault, words in _UNREADABLE.items()})
describe({
    "too_many_unknown": Text(_l("Too many unknown cards from this device. Nothing was registered; known "
                                "cards go on. Please wait a minute."), 429),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CounterSite:
    """As much of a canteen as an answer needs."""

    id: int
    slug: str
    address_style: str


def counter_site(slug: str) -> CounterSite:
    """The canteen of this slug. Answers 404 for an unknown one, 403 for one that is not the actor's."""
    book = rulebook()
    site = _sites(book).get(slug)
    if site is None:
        # Perhaps it was opened a moment ago, in another process.
        site = _sites(current_rulebook()).get(slug)
    if site is None:
        abort(404)
    if not current_actor().sees_site(site.id):
        log.warning("access.foreign_site", endpoint=request.endpoint, site=slug)
        abort(403)
    return site


def _sites(book: RuleBook) -> Mapping[str, CounterSite]:
    """Canteens in use by slug, read once for each version of the rules: a change of a site raises it."""
    known: tuple[RuleBook, Mapping[str, CounterSite]] | None
    known = current_app.extensions.get("canteen_api_sites")
    if known is None or known[0] is not book:
        rows = db.session.execute(
            sa.select(Site.id, Site.slug, Site.address_style).where(
                Site.kind == SiteKind.CANTEEN, Site.is_active
            )
        )
        known = book, {row.slug: CounterSite(row.id, row.slug, row.address_style) for row in rows}
        current_app.extensions["canteen_api_sites"] = known
    return known[1]


def clock_offset(now: datetime) -> timedelta:
    """How far the server's clock is ahead of the device's; noted with the device. Raises "malformed"."""
    sent = client_time()
    if sent is None:
        return timedelta(0)
    offset = now - sent
    note_device_clock(-round(offset.total_seconds()), now)
    return offset if abs(offset) > SAME_CLOCK else timedelta(0)


def register(sent: Any, now: datetime, offset: timedelta) -> tuple[int, dict[str, Any]]:
    """Register one scan; returns status and answer.

    Raises RuleError malformed, card_…, pin_needed, too_many_unknown, id_reused; Busy; and what
    answers 403 or 404 for the site.
    """
    item = load(SCAN, sent)
    site = counter_site(item["site"])
    scan = scan_of(item, site.id, offset)
    by = current_actor()
    if guessing.is_suspect(by) and guessing.is_over(scan, by, now):
        raise RuleError("too_many_unknown", retry_after_s=guessing.WINDOW_S)
    registered = register_meal(scan, by=by, now=now)
    if registered.answer.get("reason") == Refusal.UNKNOWN_CARD and not registered.replayed:
        guessing.note_unknown(scan, by=by, now=now)
    return registered.status, shown(registered, site)


def shown(registered: Registered, site: CounterSite) -> dict[str, Any]:
    """The answer with person and words."""
    answer: dict[str, Any] = present(registered, site)
    return answer


def scan_of(item: Mapping[str, Any], site_id: int, offset: timedelta) -> Scan:
    """A loaded item as a scan. Raises RuleError malformed, card_…, pin_needed."""
    late_reason = item.get("late_reason")
    if late_reason:
        _need_pin()
    scanned_at, is_fact = item["scanned_at"], "decided" in item
    recording = WayOfRecording.SYNCED if is_fact else WayOfRecording.SCAN
    return Scan(
        id=item["id"], who=_who(item), site_id=site_id, scanned_at=scanned_at,
        occurred_at=scanned_at + offset if offset else None, sitting=item.get("sitting"),
        way=item.get("way"), collected_by=item.get("collected_by", Collector.SELF),
        recording=WayOfRecording.PAPER if late_reason else recording,
        acknowledged=item.get("acknowledged", False), late_reason=late_reason, is_fact=is_fact,
    )  # fmt: skip


def _need_pin() -> None:
    # A device alone is nobody who could answer for an entry from paper.
    if not current_actor().unlocked:
        raise RuleError("pin_needed")
    keep_unlocked(clock.now())


def _who(item: Mapping[str, Any]) -> ByCode | ByCard:
    if ("code" in item) == ("card" in item):
        malformed({"code": ["exactly one of code and card"]})
    if "card" in item:
        # A reference that is not this caller's is a card that nobody knows.
        return card_of(item["card"], current_actor()) or ByCode(item["card"])
    reading = card_code.read(item["code"])
    if reading.code is None:
        _unreadable(reading.fault or card_code.ScanFault.EMPTY, len(card_code.fold(item["code"])))
    return ByCode(reading.code)


def _unreadable(fault: card_code.ScanFault, count: int) -> NoReturn:
    raise RuleError(f"card_{fault.value}", count=count)


def void(sent: Any, now: datetime, _offset: timedelta) -> tuple[int, dict[str, Any]]:
    """Void one meal; returns status and answer. An undo within a minute needs no PIN.

    Raises RuleError malformed, no_such_event, already_voided, id_reused, pin_needed, and what
    answers 403 for a foreign site.
    """
    item = load(VOID, sent)
    event = db.session.get(MealEvent, item["event_id"])
    if event is None:
        raise RuleError("no_such_event")
    if not current_actor().sees_site(event.site_id):
        log.warning("access.foreign_site", endpoint=request.endpoint, site_id=event.site_id)
        abort(403)
    if not is_undo(event.received_at, now) and db.session.get(MealEvent, item["id"]) is None:
        _need_pin()
    void = void_meal(
        event.id, void_id=item["id"], reason=item["reason"], by=current_actor(), now=now
    )
    return void.status, dict(void.answer)
