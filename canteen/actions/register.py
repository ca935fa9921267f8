"""Register a meal: the hot path. Read and decide outside the lock, write event and meal inside it.

Insert first, ask later: two counters can scan one card in the same millisecond, and only the
meal's own key knows which came first. The event's id is inserted last: when it is there already,
everything is rolled back and the stored answer is given again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from canteen.actions import statements as sql
from canteen.actions.decide import Decision, Served, decide
from canteen.actions.fold import lock_diner, refold
from canteen.actions.late import (
    Cause,
    ClosedMonth,
    book_sale,
    closed_month,
    events_of,
    is_of_another_month,
    meal_by_events,
    past_meals,
)
from canteen.actions.records import (
    Row,
    already_event,
    exception_row,
    meal_row,
    other_row,
    refused_event,
    served_event,
    unsubsidised,
)
from canteen.actions.scan import Registered, Scan, Seen
from canteen.rules import PastNeeded, meal_of
from canteen.rules.tariff import period_of
from canteen.values import (
    Event,
    EventKind,
    ExceptionKind,
    LimitPeriod,
    OtherKind,
    PastMeal,
    Priced,
    Refusal,
)
from core.access import Actor
from core.errors import Busy, RuleError
from core.writer import reading, write


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written in one transaction; `at_once` the same in one statement, where it can be."""

    work: Callable[[sa.Connection], Row]
    at_once: Callable[[sa.Connection], Row] | None = None

    def __call__(self, connection: sa.Connection) -> Row:
        return self.work(connection)


_UNPRICED = frozenset({Refusal.NO_PRICE.value, Refusal.PRICE_NEEDED.value})


class Repeated(Exception):
    """This event id is stored already; nothing of this attempt was kept."""


def register_meal(scan: Scan, *, by: Actor, now: datetime) -> Registered:
    """Register one attempt at a counter, once, whatever happens to the connection.

    The same id with the same content gets the stored answer and status again. `records.py`
    makes the answers. Raises RuleError id_reused (other content under this id),
    late_reason_needed, paper_in_future, no_such_site, price_out_of_range; Busy when nothing was
    written and the same request may be repeated.
    """
    decision = decide(scan, now)
    try:
        planned = plan(decision, by, now)
        row = write(planned, planned.at_once)
    except Repeated:
        return stored_answer(scan, decision)
    return Registered(row["status"], row["answer"], seen=_seen(decision))


def register_batch(
    scans: Sequence[Scan], *, by: Actor, now: datetime
) -> list[Registered | RuleError]:
    """Register many, each by itself: a bad one is reported in its place and stops no other."""
    results: list[Registered | RuleError] = []
    for scan in scans:
        try:
            results.append(register_meal(scan, by=by, now=now))
        except RuleError as error:
            results.append(error)
    return results


def stored_answer(scan: Scan, decision: Decision | None = None) -> Registered:
    """The answer given to this event before. Raises RuleError id_reused when the content differs."""
    with reading().connect() as connection:
        row = connection.execute(sql.STORED, {"event_id": scan.id}).first()
    if row is None:  # stored a moment ago, and gone: only a database restored in between does this
        raise Busy
    if row.content_hash != scan.content_hash():
        raise RuleError("id_reused")
    seen = _seen(decision) if decision and row.person_id == decision.person_id else None
    return Registered(row.status, row.answer, replayed=True, seen=seen)


def _seen(decision: Decision) -> Seen | None:
    return decision.subject.seen if decision.subject else None


def plan(decision: Decision, by: Actor, now: datetime) -> Plan:
    """What is to be written. All that needs no lock is computed here, before the queue."""
    scan = decision.scan
    if scan.is_fact:
        return _plan_fact(decision, by, now)
    if scan.other is not None:
        return _plan_other(decision, by, now, scan.other)
    if _may_be_late(decision, now):
        return Plan(lambda connection: _serve_late(connection, decision, by, now))
    return _plan_own(decision, by, now)


def _plan_own(decision: Decision, by: Actor, now: datetime) -> Plan:
    """A diner's own meal, in a month that nobody has submitted."""
    refusal = decision.admitted.refusal
    if decision.already and not decision.is_practice and refusal in (None, Refusal.DIET_BLOCK):
        return _insert_event(already_event(decision, by, now, decision.already))
    if refusal is not None:
        return _insert_event(refused_event(decision, by, now, refusal.value, decision.details))
    try:
        return _plan_served(decision, by, now, None)
    except PastNeeded:
        return Plan(lambda connection: _serve_with_limits(connection, decision, by, now))


def _insert_event(row: Row) -> Plan:
    event = sql.Ready(row, sql.EVENT)

    def work(connection: sa.Connection) -> Row:
        if not event.insert_once(connection, sql.EVENT):
            raise Repeated
        return row

    return Plan(work, work)


def insert_event(connection: sa.Connection, row: Row) -> None:
    """Append an event. Raises Repeated when its id is there."""
    if not sql.insert_once(connection, sql.EVENT, row):
        raise Repeated


def _plan_served(
    decision: Decision, by: Actor, now: datetime, past: tuple[PastMeal, ...] | None
) -> Plan:
    try:
        priced = decision.price(past)
    except RuleError as error:
        if error.code not in _UNPRICED:
            raise
        return _insert_event(refused_event(decision, by, now, error.code, error.details))
    event = served_event(decision, by, now, priced)
    if decision.is_practice:
        return Plan(lambda connection: _serve_practice(connection, decision, event, by, now))
    ready = sql.Ready(event | meal_row(event), sql.MEAL, sql.EVENT)

    def work(connection: sa.Connection) -> Row:
        while not ready.insert_once(connection, sql.MEAL):
            served = _served(connection, decision)
            if served is not None:
                row = already_event(decision, by, now, served)
                insert_event(connection, row)
                return row
            # It was voided between the two statements: the key is free again.
        if not ready.insert_once(connection, sql.EVENT):
            raise Repeated
        return event

    def at_once(connection: sa.Connection) -> Row:
        ready.insert_into_both(connection, sql.MEAL, sql.EVENT)
        return event

    return Plan(work, at_once)


def _key(decision: Decision) -> Row:
    assert decision.placed is not None
    return {
        "person_id": decision.person_id, "on_day": decision.placed.day,
        "sitting": decision.placed.sitting,
    }  # fmt: skip


def _served(connection: sa.Connection, decision: Decision) -> Served | None:
    row = connection.execute(sql.MEAL_OF, _key(decision)).first()
    return Served(row.event_id, row.site_id, row.occurred_at) if row else None


def _serve_with_limits(
    connection: sa.Connection, decision: Decision, by: Actor, now: datetime
) -> Row:
    past = _past(connection, decision, now)
    return _plan_served(decision, by, now, past)(connection)


def _past(connection: sa.Connection, decision: Decision, now: datetime) -> tuple[PastMeal, ...]:
    """Her subsidised meals of the week and the month, without this sitting's. Locks the diner."""
    assert decision.placed is not None and decision.person_id is not None
    lock_diner(connection, decision.person_id)
    day, sitting = decision.placed.day, decision.placed.sitting
    week, month = period_of(LimitPeriod.WEEK, day), period_of(LimitPeriod.MONTH, day)
    first, last = min(week[0], month[0]), max(week[1], month[1])
    past = past_meals(connection, decision.person_id, first, last, now)
    return tuple(meal for on, at, meal in past if (on, at) != (day, sitting))


def _may_be_late(decision: Decision, now: datetime) -> bool:
    """Whether it is a diner's meal of a month that may have been submitted."""
    placed = decision.placed
    return (
        placed is not None and decision.person_id is not None and not decision.is_practice
        and is_of_another_month(placed.day, now)
    )  # fmt: skip


def _serve_late(connection: sa.Connection, decision: Decision, by: Actor, now: datetime) -> Row:
    """Where the month was submitted, her events alone tell what she had: its rows are frozen."""
    assert decision.placed is not None and decision.person_id is not None
    closed = closed_month(connection, decision.placed.day, now)
    if closed is None:
        return _plan_own(decision, by, now)(connection)
    lock_diner(connection, decision.person_id)
    triple = decision.person_id, decision.placed.day, decision.placed.sitting
    meal = meal_by_events(events_of(connection, triple))
    served = Served(meal["id"], meal["site_id"], meal["occurred_at"]) if meal else None
    event = _late_event(connection, decision, by, now, served)
    insert_event(connection, event)
    if event["kind"] is EventKind.SERVED:
        refold(connection, triple, now, closed, Cause.of(event, by, now))
    return event


def _late_event(
    connection: sa.Connection, decision: Decision, by: Actor, now: datetime, served: Served | None
) -> Row:
    refusal = decision.admitted.refusal
    if served is not None and refusal in (None, Refusal.DIET_BLOCK):
        return already_event(decision, by, now, served)
    if refusal is not None:
        return refused_event(decision, by, now, refusal.value, decision.details)
    try:
        priced = _price_locked(connection, decision, now)
    except RuleError as error:
        if error.code not in _UNPRICED:
            raise
        return refused_event(decision, by, now, error.code, error.details)
    return served_event(decision, by, now, priced)


def _serve_practice(
    connection: sa.Connection, decision: Decision, event: Row, by: Actor, now: datetime
) -> Row:
    """As in earnest, but among practice events alone and without a meal."""
    rows = {row.id: row for row in connection.execute(sql.PRACTICE, _key(decision))}
    folded = meal_of(
        Event(row.id, row.kind, row.occurred_at, row.voids_id) for row in rows.values()
    )
    if folded.meal is not None and folded.meal.id != decision.scan.id:
        first = rows[folded.meal.id]
        event = already_event(decision, by, now, Served(first.id, first.site_id, first.occurred_at))
    insert_event(connection, event)
    return event


def _plan_other(decision: Decision, by: Actor, now: datetime, kind: OtherKind) -> Plan:
    if decision.admitted.refusal is not None:
        reason = decision.admitted.refusal.value
        return _insert_event(refused_event(decision, by, now, reason, decision.details))
    try:
        priced = unsubsidised(decision.price())
    except RuleError as error:
        if error.code not in _UNPRICED:
            raise
        return _insert_event(refused_event(decision, by, now, error.code, error.details))
    event = served_event(decision, by, now, priced, other=kind)

    def work(connection: sa.Connection) -> Row:
        _insert_sale(
            connection, event, _closed(connection, decision, now), Cause.of(event, by, now)
        )
        return event

    return Plan(work)


def _closed(connection: sa.Connection, decision: Decision, now: datetime) -> ClosedMonth | None:
    assert decision.placed is not None
    return None if decision.is_practice else closed_month(connection, decision.placed.day, now)


def _insert_sale(
    connection: sa.Connection, event: Row, closed: ClosedMonth | None, cause: Cause
) -> None:
    insert_event(connection, event)
    if event["is_practice"]:
        return
    if closed is not None and closed.covers(event["site_id"]):
        book_sale(connection, closed, event, 1, cause)
    else:
        sql.insert_once(connection, sql.OTHER, other_row(event))


def _plan_fact(decision: Decision, by: Actor, now: datetime) -> Plan:
    """A device has served: record it whatever the rules say, and put before a human what they forbid."""
    refusal = decision.admitted.refusal
    # The plate is with her: an allergy can no longer be acknowledged, and is no reason to park.
    parked = refusal.value if refusal and refusal is not Refusal.DIET_BLOCK else None

    def work(connection: sa.Connection) -> Row:
        closed = _closed(connection, decision, now)
        event = _fact_event(connection, decision, by, now, parked)
        cause = Cause.of(event, by, now)
        if event["other_kind"] is not None:
            _insert_sale(connection, event, closed, cause)
        else:
            insert_event(connection, event)
        if not event["is_practice"]:
            _open_exception(connection, event, now)
            if event["person_id"] is not None and event["other_kind"] is None:
                if closed is None:
                    _claim(connection, event)
                triple = event["person_id"], event["day"], event["sitting"]
                refold(connection, triple, now, closed, cause)
        return event

    return Plan(work)


def _fact_event(
    connection: sa.Connection, decision: Decision, by: Actor, now: datetime, parked: str | None
) -> Row:
    subject, other = decision.subject, decision.scan.other
    if subject is not None and not subject.is_enrolled and other is None:
        other = OtherKind.GUEST  # only an enrolled diner's meal is a meal
    try:
        if subject is not None and subject.is_enrolled and other is None:
            priced = _price_locked(connection, decision, now)
        else:
            priced = decision.price()
    except RuleError as error:
        priced, parked = unsubsidised(None), parked or error.code
    if parked or other is not None or subject is None:
        priced = unsubsidised(priced if priced.price_tariff_id else None)
    return served_event(decision, by, now, priced, parked=parked, other=other)


def _price_locked(connection: sa.Connection, decision: Decision, now: datetime) -> Priced:
    """The price of her meal with the limits that matter; the diner is locked from here on."""
    assert decision.person_id is not None
    lock_diner(connection, decision.person_id)
    try:
        return decision.price(None)
    except PastNeeded:
        return decision.price(_past(connection, decision, now))


def _claim(connection: sa.Connection, event: Row) -> None:
    """Take the meal's key, waiting for a scan that is just inserting it, before events are read."""
    sql.insert_once(connection, sql.MEAL, meal_row(event))


def _open_exception(connection: sa.Connection, event: Row, now: datetime) -> None:
    reason = event["answer"].get("parked")
    if reason is None:
        return
    kind = {
        Refusal.UNKNOWN_CARD.value: ExceptionKind.UNKNOWN_CARD,
        Refusal.CLOCK_SUSPECT.value: ExceptionKind.CLOCK_SUSPECT,
    }.get(reason, ExceptionKind.AGAINST_RULE)
    row = exception_row(event, kind, {"reason": reason}, now)
    sql.insert_once(connection, sql.EXCEPTION, row)
