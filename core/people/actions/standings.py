"""Where a person stands, from when to when; whatever is not 在册 ends her card."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction
from core.errors import RuleError, Text, describe
from core.people.actions.persons import living_record
from core.people.models import Card, CardState, Standing, StandingKind

describe(
    {
        "standing_same": Text(_l("This is the present standing already. Nothing was changed.")),
        "standing_before": Text(
            _l(
                "The day lies before the present standing began (%(since)s). Nothing was "
                "changed; choose a later day."
            ),
            422,
        ),
        "standing_in_future": Text(
            _l(
                "The day lies in the future. Nothing was changed; change the standing on the "
                "day itself."
            ),
            422,
        ),
    }
)

# A stay in hospital ends; her card waits for her, and the counter refuses by the standing.
_ENDS_CARDS = frozenset({StandingKind.MOVED_AWAY, StandingKind.CARE_HOME, StandingKind.DECEASED})


def change_standing(
    person_id: int,
    kind: StandingKind,
    *,
    by: Actor,
    now: datetime,
    since_on: date | None = None,
    note: str = "",
) -> Standing:
    """Begin a standing on a day (today unless told) and end the one before it.

    Card and standing change in one transaction; orders and runs ask the standing. Raises RuleError
    standing_same, standing_before, standing_in_future.
    """
    today = service_day(now)
    since_on = since_on or today
    if since_on > today:
        raise RuleError("standing_in_future")
    with transaction() as session:
        person = living_record(session, person_id)
        present = session.scalar(
            sa.select(Standing).where(Standing.person_id == person_id, Standing.until_on.is_(None))
        )
        if person.standing == kind:
            raise RuleError("standing_same")
        if present is not None:
            _close(session, present, since_on)
        standing = Standing(person_id=person_id, kind=kind, since_on=since_on, note=note[:256])
        session.add(standing)
        before, person.standing = person.standing, kind
        if kind in _ENDS_CARDS:
            end_cards(session, person_id, f"standing:{kind.value}", by=by, now=now)
        audit.record(
            session, "person.standing_changed", subject=f"person:{person_id}", person_id=person_id,
            by=by, now=now, reason=note or None, before={"standing": before},
            after={"standing": kind, "since_on": since_on},
        )  # fmt: skip
    return standing


def _close(session: Session, present: Standing, since_on: date) -> None:
    if present.since_on > since_on:
        raise RuleError("standing_before", since=str(present.since_on))
    if present.since_on == since_on:
        session.delete(present)
    else:
        present.until_on = since_on - timedelta(days=1)
    # One open standing by constraint: the old one is gone before the new one comes.
    session.flush()


def end_cards(session: Session, person_id: int, reason: str, *, by: Actor, now: datetime) -> int:
    """Revoke the active card of a person in the transaction at hand; returns how many there were."""
    cards = session.scalars(
        sa.select(Card).where(Card.person_id == person_id, Card.state == CardState.ACTIVE)
    ).all()
    for card in cards:
        card.state, card.ended_at, card.end_reason = CardState.REVOKED, now, reason[:128]
        audit.record(session, "card.revoked", subject=f"card:{person_id}/{card.serial}",
                     person_id=person_id, by=by, now=now, reason=reason)  # fmt: skip
    return len(cards)
