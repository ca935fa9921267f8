"""How a decision becomes rows: an event with its answer, and the meal made of the event alone.

`meal_row` reads nothing but the event, so that a meal can be rebuilt from it at any time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from canteen.actions.decide import Decision, Served
from canteen.models.meals import LAYER_COLUMNS
from canteen.values import (
    EventKind,
    ExceptionKind,
    Note,
    OtherKind,
    Outcome,
    Priced,
)
from core.access import Actor

Row = dict[str, Any]
CREATED, OK = 201, 200


def refused_event(
    decision: Decision, by: Actor, now: datetime, reason: str, details: Mapping[str, Any]
) -> Row:
    """The event of an attempt that ended without a meal."""
    answer = {
        "outcome": Outcome.REFUSED.value, "reason": reason, "event_id": str(decision.scan.id), **details,
    }  # fmt: skip
    return _event(decision, by, now, EventKind.REFUSED, OK, answer, reason=reason)


def already_event(decision: Decision, by: Actor, now: datetime, served: Served) -> Row:
    """The event of a second attempt in one sitting: when and where the first one was."""
    site = decision.book.sites.get(served.site_id)
    assert decision.placed is not None
    answer = {
        "outcome": Outcome.ALREADY_SERVED.value, "event_id": str(decision.scan.id),
        "at": served.at.isoformat(), "site": site.slug if site else None,
        "site_name": site.name if site else None, "day": decision.placed.day.isoformat(),
        "sitting": decision.placed.sitting.value, "meal_event_id": str(served.event_id),
    }  # fmt: skip
    return _event(
        decision, by, now, EventKind.REFUSED, OK, answer, reason=Outcome.ALREADY_SERVED.value
    )


def served_event(
    decision: Decision,
    by: Actor,
    now: datetime,
    priced: Priced,
    *,
    parked: str | None = None,
    other: OtherKind | None = None,
) -> Row:
    """The event of a meal handed over. parked: why a human must look at it; then nobody subsidises it."""
    placed, subject, scan = decision.placed, decision.subject, decision.scan
    assert placed is not None
    notes = [note.value for note in decision.admitted.notes]
    if priced.limit_reached:
        notes.append(Note.LIMIT_REACHED.value)
    if decision.is_practice:
        notes.append(Note.PRACTICE.value)
    answer: Row = {
        "outcome": Outcome.SERVED.value, "event_id": str(scan.id), "day": placed.day.isoformat(),
        "sitting": placed.sitting.value, "way": decision.way.value,
        "collected_by": scan.collected_by.value,
        "meal": {
            "price_fen": priced.price_fen, "subsidy_fen": priced.subsidy_fen,
            "copay_fen": priced.copay_fen,
            "layers": {layer.value: fen for layer, fen in priced.layers.items()},
            "category": priced.category.code if priced.category else None,
            "tariff_id": priced.tariff_id,
        },
        "notes": [{"code": code, **_note_values(code, decision)} for code in notes],
    }  # fmt: skip
    if other is not None:
        answer["other"] = other.value
    if parked is not None:
        answer["parked"] = parked
    site = decision.book.sites[scan.site_id]
    row = _event(decision, by, now, EventKind.SERVED, CREATED, answer)
    row.update(
        other_kind=other,
        price_fen=priced.price_fen, subsidy_fen=priced.subsidy_fen, copay_fen=priced.copay_fen,
        priced={
            "layers": answer["meal"]["layers"],
            "price_tariff_id": priced.price_tariff_id,
            "tariff_id": priced.tariff_id,
            "category_id": priced.category.id if priced.category else None,
            "held": [category.code for category in subject.categories] if subject else [],
            "age": subject.age if subject else None,
            "residence_area_id": subject.residence_area_id if subject else None,
            "registration_area_id": subject.registration_area_id if subject else None,
            "operator": site.operator,
            "is_late": decision.is_late,
            "needs_review": bool(subject and subject.needs_review),
            "steps": [step.plain() for step in priced.steps],
        },
    )  # fmt: skip
    return row


def _note_values(code: str, decision: Decision) -> Mapping[str, Any]:
    if code == Note.ELIGIBILITY_REVIEW and "expired_on" in decision.details:
        return {"expired_on": decision.details["expired_on"]}
    if code == Note.DIET and decision.subject:
        return {"needs": [need.kind.value for need in decision.subject.seen.needs]}
    return {}


def _event(
    decision: Decision,
    by: Actor,
    now: datetime,
    kind: EventKind,
    status: int,
    answer: Row,
    reason: str | None = None,
) -> Row:
    scan, placed, subject = decision.scan, decision.placed, decision.subject
    return {
        "id": scan.id, "content_hash": scan.content_hash(), "kind": kind, "reason": reason,
        "status": status, "answer": answer, "voids_id": None, "note": scan.late_reason,
        "person_id": decision.person_id, "card_serial": subject.serial if subject else None,
        "other_kind": scan.other, "host_id": decision.host_id, "site_id": scan.site_id,
        "device_id": by.device_id, "user_id": by.user_id, "day": decision.day,
        "sitting": placed.sitting if placed else None, "way": decision.way,
        "recording": scan.recording, "collected_by": scan.collected_by,
        "no_card_reason": scan.no_card_reason, "is_acknowledged": scan.acknowledged,
        "is_fact": scan.is_fact, "is_practice": decision.is_practice, "occurred_at": scan.at,
        "device_at": scan.scanned_at, "received_at": now, "price_fen": 0, "subsidy_fen": 0,
        "copay_fen": 0, "priced": None,
    }  # fmt: skip


def meal_row(event: Mapping[str, Any]) -> Row:
    """The meal that a served event is, from nothing but the event."""
    priced = event["priced"]
    row = {
        "person_id": event["person_id"], "day": event["day"], "sitting": event["sitting"],
        "event_id": event["id"], "site_id": event["site_id"], "operator": priced["operator"],
        "way": event["way"], "recording": event["recording"], "collected_by": event["collected_by"],
        "occurred_at": event["occurred_at"], "is_late": priced["is_late"],
        "needs_review": priced["needs_review"], "price_fen": event["price_fen"],
        "subsidy_fen": event["subsidy_fen"], "copay_fen": event["copay_fen"],
        "price_tariff_id": priced["price_tariff_id"], "tariff_id": priced["tariff_id"],
        "category_id": priced["category_id"], "held_categories": priced["held"],
        "age": priced["age"], "residence_area_id": priced["residence_area_id"],
        "registration_area_id": priced["registration_area_id"],
    }  # fmt: skip
    layers = priced["layers"]
    row.update((column, layers.get(layer.value, 0)) for layer, column in LAYER_COLUMNS.items())
    return row


def other_row(event: Mapping[str, Any]) -> Row:
    """The sale beside the subsidy that a served event is."""
    return {
        "id": event["id"], "kind": event["other_kind"], "host_id": event["host_id"],
        "site_id": event["site_id"], "day": event["day"], "sitting": event["sitting"],
        "way": event["way"], "occurred_at": event["occurred_at"], "price_fen": event["price_fen"],
        "price_tariff_id": event["priced"]["price_tariff_id"],
    }  # fmt: skip


def exception_row(
    event: Mapping[str, Any], kind: ExceptionKind, details: Mapping[str, Any], now: datetime
) -> Row:
    """What is put before a human about an event."""
    return {
        "event_id": event["id"], "kind": kind, "person_id": event["person_id"],
        "site_id": event["site_id"], "day": event["day"], "sitting": event["sitting"],
        "details": dict(details), "opened_at": now, "settled_at": None, "settled_by_id": None,
        "settled_by_name": None, "finding": None,
    }  # fmt: skip


def unsubsidised(priced: Priced | None) -> Priced:
    """The same meal at its full price; at no price where none is known."""
    if priced is None:
        return Priced(0, 0, {}, None, None, None)
    return Priced(
        priced.price_fen, priced.price_fen, {}, priced.price_tariff_id, None, priced.category, priced.steps[:1],
    )  # fmt: skip
