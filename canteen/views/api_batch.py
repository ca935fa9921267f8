"""Many items in one request: each lands or fails by itself, and what can never land goes to a human."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import marshmallow as ma
import sqlalchemy as sa
import structlog
from flask import abort
from werkzeug.exceptions import HTTPException

from canteen.actions import park_bad_item
from canteen.models import MealEvent
from canteen.views.api_attempt import clock_offset, counter_site
from canteen.views.api_schemas import BATCH_MOST
from core.access import current_actor
from core.api import Uuid, malformed, moment
from core.db import db, is_busy
from core.edge import busy_sentence, http_sentence, sentence
from core.errors import Busy, RuleError, text_of
from core.sites.models import Site, SiteKind

log = structlog.get_logger("api")
Verb = Callable[[Any, datetime, timedelta], tuple[int, dict[str, Any]]]
# Ids for items that came without one: the same item always gets the same.
_NAMELESS = UUID("0198f0a5-6f1e-7cc0-8d6e-5a8c5d0c4f12")
# What is not done by then is sent again: an answer must come before the device gives up.
BUDGET_S = 20.0
_LATER = frozenset({429, 503})
_uuid = Uuid()


def each(sent: Any, name: str, verb: Verb, now: datetime) -> list[dict[str, Any]]:
    """Do `verb` with each item of `sent[name]`; one result each, in order.

    Raises RuleError malformed or too_many_items for the envelope alone.
    """
    items = _items(sent, name)
    offset = clock_offset(now)
    ends_at = time.monotonic() + BUDGET_S
    results: list[dict[str, Any]] = []
    is_busy_now = False
    for item in items:
        if is_busy_now or time.monotonic() > ends_at:
            results.append(_failed(item, Busy(), parked=False))
            continue
        result = _one(item, verb, now, offset, items)
        is_busy_now = result["status"] == 503
        results.append(result)
    return results


def _items(sent: Any, name: str) -> Sequence[Any]:
    if not isinstance(sent, dict) or set(sent) != {name} or not isinstance(sent[name], list):
        malformed({name: [f"a list of at most {BATCH_MOST}, and nothing beside it"]})
    items: list[Any] = sent[name]
    if len(items) > BATCH_MOST:
        raise RuleError("too_many_items", most=BATCH_MOST)
    return items


def _one(
    item: Any, verb: Verb, now: datetime, offset: timedelta, items: Sequence[Any]
) -> dict[str, Any]:
    try:
        status, answer = verb(item, now, offset)
        return {"id": item["id"], "status": status, "answer": answer}
    except (RuleError, HTTPException, Busy, sa.exc.TimeoutError) as error:
        failure: Exception = error
    except sa.exc.DBAPIError as error:
        if not is_busy(error):
            raise
        failure = error
    status, code = _status(failure)
    parks = status not in _LATER and code != "already_voided"
    if parks:
        try:
            _park(item, code, failure, now, items)
        except (Busy, sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            if isinstance(error, sa.exc.DBAPIError) and not is_busy(error):
                raise
            return _failed(item, Busy(), parked=False)
    return _failed(item, failure, parked=parks)


def _status(error: Exception) -> tuple[int, str]:
    if isinstance(error, RuleError):
        text = text_of(error)
        return (text.status if text else 409), error.code
    if isinstance(error, HTTPException):
        return error.code or 500, error.name.lower().replace(" ", "_")
    return 503, "busy"


def _failed(item: Any, error: Exception, *, parked: bool) -> dict[str, Any]:
    status, code = _status(error)
    message, details = busy_sentence(), {}
    if isinstance(error, RuleError):
        message, details = sentence(error), error.details
    elif isinstance(error, HTTPException):
        message = http_sentence(error)
    return {
        "id": _sent_id(item), "status": status, "code": code, "message": message,
        "details": details, "parked": parked,
    }  # fmt: skip


def _sent_id(item: Any) -> str | None:
    value = item.get("id") if isinstance(item, dict) else None
    return value[:64] if isinstance(value, str) else None


def _park(item: Any, code: str, error: Exception, now: datetime, items: Sequence[Any]) -> None:
    site_id = _site_for(item, items)
    details: dict[str, Any] = {"reason": code}
    if isinstance(error, RuleError) and "problems" in error.details:
        details["fields"] = sorted(error.details["problems"])[:20]
    if isinstance(item, dict):
        details["decided"] = item.get("decided") == "served"
        try:
            details["scanned_at"] = moment(item.get("scanned_at")).isoformat()
        except ma.ValidationError:
            details["scanned_at"] = None
    by = current_actor()
    park_bad_item(item_id=_item_id(item), site_id=site_id, details=details, by=by, now=now)
    log.warning("api.bad_item", reason=code, device_id=by.device_id)


def _item_id(item: Any) -> UUID:
    try:
        found: UUID = _uuid.deserialize(item["id"])
        return found
    except (ma.ValidationError, KeyError, TypeError):
        text = json.dumps(item, sort_keys=True, ensure_ascii=True)
        return uuid5(_NAMELESS, hashlib.sha256(text.encode()).hexdigest())


def _site_for(item: Any, items: Sequence[Any]) -> int:
    """Whose staff shall look at it: the site it names, one that came along, or the sender's first."""
    for candidate in (item, *items):
        slug = candidate.get("site") if isinstance(candidate, dict) else None
        if isinstance(slug, str):
            try:
                return counter_site(slug).id
            except HTTPException:
                continue
        event_id = candidate.get("event_id") if isinstance(candidate, dict) else None
        if isinstance(event_id, str) and (known := _site_of_event(event_id)):
            return known
    site_ids = current_actor().site_ids
    if site_ids:
        return min(site_ids)
    first: int | None = db.session.scalar(
        sa.select(sa.func.min(Site.id)).where(Site.kind == SiteKind.CANTEEN)
    )
    return first if first is not None else abort(404)


def _site_of_event(event_id: str) -> int | None:
    try:
        found = db.session.get(MealEvent, _uuid.deserialize(event_id))
    except ma.ValidationError:
        return None
    return found.site_id if found and current_actor().sees_site(found.site_id) else None
