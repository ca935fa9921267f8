"""Taking back and putting right: void, move to the right person, settle what a human must look at."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from canteen.actions import statements as sql
from canteen.actions.decide import decide
from canteen.actions.fold import lock_diner, refold
from canteen.actions.late import Cause, book_sale, closed_month
from canteen.actions.records import exception_row
from canteen.actions.register import Repeated, plan, stored_answer
from canteen.actions.scan import ByPerson, Registered, Scan
from canteen.models import CanteenException, MealEvent
from canteen.values import (
    Collector,
    EventKind,
    ExceptionKind,
    Outcome,
    WayOfEating,
    WayOfRecording,
)
from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction
from core.errors import RuleError

_SECOND_ID = UUID("0198f0a5-6f1e-7cc0-8d6e-5a8c5d0c4f11")


def void_meal(event_id: UUID, *, void_id: UUID, reason: str, by: Actor, now: datetime) -> MealEvent:
    """Declare a served meal or sale wrong (作废). What it used up is free again for the next.

    void_id is made by the caller: the same id for the same event and reason returns the same row.
    Raises RuleError reason_needed, no_such_event, already_voided, id_reused.
    """
    if not reason.strip():
        raise RuleError("reason_needed")
    with transaction() as session:
        return _void(session, event_id, void_id, reason.strip(), by, now)


def _void(
    session: Session, event_id: UUID, void_id: UUID, reason: str, by: Actor, now: datetime
) -> MealEvent:
    content_hash = _hash(["void", str(event_id), reason])
    target = session.get(MealEvent, event_id)
    if target is None or target.kind is not EventKind.SERVED:
        raise RuleError("no_such_event")
    connection = session.connection()
    closed = None if target.is_practice else closed_month(connection, target.day, now)
    if target.person_id is not None:
        lock_diner(connection, target.person_id)
    # A guest is no diner whom a lock could be taken on; two voids of one sale would be booked twice.
    session.refresh(target, with_for_update=True)
    known = session.get(MealEvent, void_id)
    if known is not None:
        if known.content_hash != content_hash:
            raise RuleError("id_reused")
        return known
    if _is_voided(session, target):
        raise RuleError("already_voided")
    void = MealEvent(
        id=void_id, content_hash=content_hash, kind=EventKind.VOIDED, status=201,
        answer={"outcome": EventKind.VOIDED.value, "event_id": str(void_id), "voids": str(event_id)},
        voids_id=event_id, note=reason, person_id=target.person_id, card_serial=target.card_serial,
        other_kind=target.other_kind, host_id=target.host_id, site_id=target.site_id,
        device_id=by.device_id, user_id=by.user_id, day=target.day, sitting=target.sitting,
        way=target.way, recording=target.recording, collected_by=target.collected_by,
        is_practice=target.is_practice, occurred_at=now, device_at=now, received_at=now,
        price_fen=0, subsidy_fen=0, copay_fen=0,
    )  # fmt: skip
    session.add(void)
    session.flush()
    cause = Cause(void_id, reason[:256], by.name[:64], now)
    if target.other_kind is not None:
        if closed is not None and closed.covers(target.site_id):
            book_sale(connection, closed, _plain(target), -1, cause)
        else:
            connection.execute(sql.DROP_OTHER, {"event_id": event_id})
    elif target.person_id is not None and target.sitting is not None and not target.is_practice:
        refold(connection, (target.person_id, target.day, target.sitting), now, closed, cause)
    _settle_all(session, event_id, reason, by, now)
    return void


def _plain(event: MealEvent) -> dict[str, Any]:
    return {
        name: getattr(event, name)
        for name in ("host_id", "other_kind", "site_id", "day", "sitting", "price_fen")
    }


def _is_voided(session: Session, target: MealEvent) -> bool:
    found = session.query(MealEvent.id).filter(
        MealEvent.person_id == target.person_id
        if target.person_id is not None
        else MealEvent.person_id.is_(None),
        MealEvent.day == target.day,
        MealEvent.sitting == target.sitting,
        MealEvent.voids_id == target.id,
    )
    return found.first() is not None


def _settle_all(session: Session, event_id: UUID, finding: str, by: Actor, now: datetime) -> None:
    """A voided meal leaves nothing to decide."""
    for row in session.query(CanteenException).filter_by(event_id=event_id, settled_at=None):
        _settle(row, finding, by, now)


def _settle(row: CanteenException, finding: str, by: Actor, now: datetime) -> None:
    row.settled_at, row.settled_by_id, row.settled_by_name = now, by.user_id, by.name
    row.finding = finding[:256]


def move_meal(
    event_id: UUID, *, to_person_id: int, move_id: UUID, reason: str, by: Actor, now: datetime
) -> Registered:
    """Give a meal to the person who really ate it (换人更正): cards were swapped.

    One transaction: the first person's meal is voided, and the second's registered at the same
    moment, priced by her own rules. A repeated move_id gets the stored answer.
    Raises RuleError reason_needed, no_such_event, not_movable, already_voided, already_served,
    id_reused, and the code of the refusal where she may not eat here.
    """
    if not reason.strip():
        raise RuleError("reason_needed")
    with transaction() as session:
        target = session.get(MealEvent, event_id)
        if target is None or target.kind is not EventKind.SERVED:
            raise RuleError("no_such_event")
        if target.other_kind is not None or target.person_id in (None, to_person_id):
            raise RuleError("not_movable")
        scan = _moved_scan(target, to_person_id, move_id, reason.strip())
        if session.get(MealEvent, move_id) is not None:
            return stored_answer(scan)
        closed_month(session.connection(), target.day, now)  # its book is held before any diner
        # Two people's meals change: their locks are taken in one order, so that no two moves cross.
        for person_id in sorted((target.person_id, to_person_id)):
            lock_diner(session.connection(), person_id)
        _void(session, event_id, uuid5(_SECOND_ID, move_id.hex), reason.strip(), by, now)
        decision = decide(scan, now, session.connection())
        try:
            row = plan(decision, by, now)(session.connection())
        except Repeated:
            raise RuleError("id_reused") from None
        if row["answer"]["outcome"] != Outcome.SERVED.value:
            raise RuleError(row["reason"])
        audit.record(
            session, "meal.moved", subject=f"meal_event:{event_id}", by=by, now=now,
            person_id=to_person_id, reason=reason.strip(),
            before={"person_id": target.person_id}, after={"event_id": str(move_id)},
        )  # fmt: skip
        return Registered(
            row["status"], row["answer"], seen=decision.subject.seen if decision.subject else None
        )


def _moved_scan(target: MealEvent, to_person_id: int, move_id: UUID, reason: str) -> Scan:
    return Scan(
        id=move_id, who=ByPerson(to_person_id), site_id=target.site_id, scanned_at=target.device_at,
        occurred_at=target.occurred_at, day=target.day, sitting=target.sitting,
        way=WayOfEating(target.way), collected_by=Collector(target.collected_by),
        recording=WayOfRecording.BY_NAME, acknowledged=True, late_reason=reason,
        price_fen=target.price_fen or None,  # what was on the tray, where the tariff wants the actual price
        practice=target.is_practice, is_moved=True,
    )  # fmt: skip


def settle_exception(
    event_id: UUID, kind: ExceptionKind, *, finding: str, by: Actor, now: datetime
) -> CanteenException:
    """Write down what a human found. Raises RuleError reason_needed, no_such_exception, already_settled."""
    if not finding.strip():
        raise RuleError("reason_needed")
    with transaction() as session:
        row = session.get(CanteenException, (event_id, kind), with_for_update=True)
        if row is None:
            raise RuleError("no_such_exception")
        if row.settled_at is not None:
            raise RuleError("already_settled")
        _settle(row, finding.strip(), by, now)
        audit.record(
            session, "canteen_exception.settled", subject=f"meal_event:{event_id}", by=by, now=now,
            person_id=row.person_id, reason=row.finding, after={"kind": kind.value},
        )  # fmt: skip
        return row


def park_bad_item(
    *, item_id: UUID, site_id: int, details: Mapping[str, Any], by: Actor, now: datetime
) -> None:
    """Put an uploaded item that makes no scan before a human. Repeating it changes nothing.

    details: plain values, without names, numbers or codes.
    """
    event = {
        "id": item_id, "person_id": None, "site_id": site_id, "day": service_day(now), "sitting": None,
    }  # fmt: skip
    with transaction() as session:
        connection = session.connection()
        row = exception_row(event, ExceptionKind.BAD_ITEM, details, now)
        if sql.insert_once(connection, sql.EXCEPTION, row):
            audit.record(
                session, "canteen_exception.opened", subject=f"item:{item_id}", by=by, now=now
            )


def _hash(content: list[str]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
