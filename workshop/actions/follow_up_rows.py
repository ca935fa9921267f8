"""Rows of follow-ups as a placement makes and ends them: at its start, and when she leaves."""

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core.access import Actor
from core.clock import service_day
from core.errors import RuleError
from workshop.models import FollowUp, FollowUpAttempt, Placement
from workshop.values import FollowUpOutcome, LeavingReason


def follow_up_days() -> tuple[int, ...]:
    """After how many days of work somebody asks, from the setting FOLLOW_UP_DAYS."""
    # Whatever stands between the numbers, a Chinese comma too; a follow-up on no day is none.
    days = {int(part) for part in re.findall(r"\d+", str(current_app.config["FOLLOW_UP_DAYS"]))}
    return tuple(sorted(day for day in days if 1 <= day <= 1000))


def add_follow_ups(session: Session, row: Placement) -> None:
    """Plan the follow-ups of a placement that has started."""
    assert row.started_on is not None
    for days in follow_up_days():
        due_on = row.started_on + timedelta(days=days)
        session.add(FollowUp(person_id=row.person_id, placement_id=row.id, after_days=days,
                             due_on=due_on, next_on=due_on))  # fmt: skip


def move_follow_ups(session: Session, row: Placement) -> None:
    """Count them anew from another first day; one that was put off further stays put off.

    Raises RuleError start_was_followed_up: what was found is known of a day counted from the old one.
    """
    assert row.started_on is not None
    for one in session.scalars(
        sa.select(FollowUp)
        .where(FollowUp.person_id == row.person_id, FollowUp.placement_id == row.id)
        .with_for_update()
    ):
        if one.outcome is not None:
            raise RuleError("start_was_followed_up", by=one.done_by_name, day=str(one.done_on))
        due_on = row.started_on + timedelta(days=one.after_days)
        one.next_on = due_on if one.next_on == one.due_on else max(one.next_on, due_on)
        one.due_on = due_on


def end_follow_ups(
    session: Session, row: Placement, *, next_employer: str | None, by: Actor, now: datetime
) -> list[int]:
    """End what is open and falls after her last day; returns of how many days they were.

    Nobody has tried yet: the row goes, for there is nothing to ask about a job that is over. Somebody
    has: the row keeps her tries, and its outcome is what leaving says.
    """
    assert row.left_on is not None
    hers = (FollowUp.person_id == row.person_id, FollowUp.placement_id == row.id)
    ended = list(session.scalars(
        sa.select(FollowUp)
        .where(*hers, FollowUp.outcome.is_(None), FollowUp.due_on > row.left_on)
        .order_by(FollowUp.after_days)
        .with_for_update()
    ))  # fmt: skip
    tried = set(session.scalars(
        sa.select(FollowUpAttempt.after_days).where(
            FollowUpAttempt.person_id == row.person_id, FollowUpAttempt.placement_id == row.id
        )
    ))  # fmt: skip
    for one in ended:
        if one.after_days not in tried:
            session.delete(one)
            continue
        is_elsewhere = bool(next_employer) or row.leaving_reason is LeavingReason.BETTER_WORK
        one.outcome = (
            FollowUpOutcome.OTHER_EMPLOYER if is_elsewhere else FollowUpOutcome.NOT_EMPLOYED
        )
        one.employer_name = (next_employer or "未说明")[:96] if is_elsewhere else None
        one.done_on, one.done_at, one.done_by_name = service_day(now), now, by.name
    return [one.after_days for one in ended]
