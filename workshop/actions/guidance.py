"""Guidance in starting a business: meetings with a mentor, and the next steps that they leave.

A meeting is never changed: a wrong one is voided with a reason and recorded anew.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core import audit, clock
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Site, SiteKind
from workshop.models import GuidanceMeeting, Learner, LoanApplication, Venture


@dataclass(frozen=True)
class MeetingFacts:
    """What is written down of a meeting. minutes: its length. next_on: until when the next step is due."""

    on: date
    minutes: int
    mentor: str
    topic: str
    notes: str | None = None
    next_step: str = ""
    next_on: date | None = None
    venture_id: UUID | None = None
    site_id: int | None = None  # None: her home site


def record_meeting(
    person_id: int,
    facts: MeetingFacts,
    *,
    meeting_id: UUID,
    by: Actor,
    now: datetime,
    done: Collection[UUID] = (),
) -> GuidanceMeeting:
    """Write down a meeting; `done` are earlier meetings whose next step is done with it.

    meeting_id: made by whoever asks, so that sending twice records once.
    Raises RuleError guidance_no_learner, guidance_learner_ended, guidance_in_future,
    guidance_incomplete, guidance_next_incomplete, guidance_next_before, guidance_no_venture,
    guidance_no_site, guidance_sent_before.
    """
    _check(facts, clock.service_day(now))
    with transaction() as session:
        # Locked first: of two that were sent at once the second then sees what the first wrote.
        learner = locked_learner(session, person_id)
        site_id = facts.site_id or learner.home_site_id
        said: dict[str, Any] = {
            "site_id": site_id, "venture_id": facts.venture_id, "on": facts.on,
            "minutes": facts.minutes, "mentor": facts.mentor.strip(), "topic": facts.topic.strip(),
            "notes": (facts.notes or "").strip() or None, "next_step": facts.next_step.strip(),
            "next_on": facts.next_on,
        }  # fmt: skip
        known = session.get(GuidanceMeeting, (person_id, meeting_id))
        if known is not None:
            check_same(known, said)
            return known
        check_not_ended(learner, facts.on)
        site = session.get(Site, site_id)
        if site is None or site.kind is not SiteKind.WORKSHOP:
            raise RuleError("guidance_no_site")
        if facts.venture_id and session.get(Venture, (person_id, facts.venture_id)) is None:
            raise RuleError("guidance_no_venture")
        row = GuidanceMeeting(
            person_id=person_id, id=meeting_id, recorded_at=now, recorded_by_name=by.name, **said
        )  # fmt: skip
        session.add(row)
        # The notes stay with the meeting, which never changes; the log need not hold them again.
        audit.record(session, "guidance.recorded", subject=subject_of(row), by=by, now=now,
                     person_id=person_id, after={
                         "on": row.on, "minutes": row.minutes, "mentor": row.mentor,
                         "topic": row.topic, "next_step": row.next_step, "next_on": row.next_on,
                         "venture_id": row.venture_id, "site_id": site_id,
                     })  # fmt: skip
        for earlier_id in done:
            earlier = session.get(GuidanceMeeting, (person_id, earlier_id), with_for_update=True)
            if earlier is not None and is_due(earlier):
                _settle(session, earlier, facts.on, by, now)
        return row


def _check(facts: MeetingFacts, today: date) -> None:
    if not facts.mentor.strip() or not facts.topic.strip() or not 1 <= facts.minutes <= 720:
        raise RuleError("guidance_incomplete")
    if facts.on > today:
        raise RuleError("guidance_in_future")
    if bool(facts.next_step.strip()) != (facts.next_on is not None):
        raise RuleError("guidance_next_incomplete")
    if facts.next_on is not None and facts.next_on < facts.on:
        raise RuleError("guidance_next_before")


def check_same(known: GuidanceMeeting | Venture | LoanApplication, said: Mapping[str, Any]) -> None:
    """Raises RuleError guidance_sent_before when what has this id already says something else.

    Whoever goes back in the browser and sends a form anew would lose the change without a word.
    """
    if any(getattr(known, name) != value for name, value in said.items()):
        raise RuleError("guidance_sent_before")


def locked_learner(session: Session, person_id: int) -> Learner:
    """The learner, locked. Raises RuleError guidance_no_learner."""
    learner = session.get(Learner, person_id, with_for_update=True)
    if learner is None:
        raise RuleError("guidance_no_learner")
    return learner


def check_not_ended(learner: Learner, on: date) -> None:
    """Raises RuleError guidance_learner_ended when she was no learner any more on this day."""
    if learner.ended_on is not None and learner.ended_on < on:
        raise RuleError("guidance_learner_ended")


def void_meeting(
    person_id: int, meeting_id: UUID, *, reason: str, by: Actor, now: datetime
) -> GuidanceMeeting:
    """Declare a recorded meeting wrong; its next step is due no more.

    Raises RuleError reason_needed, guidance_no_meeting, guidance_voided.
    """
    reason = reason.strip()[:128]
    if not reason:
        raise RuleError("reason_needed")
    with transaction() as session:
        row = _meeting(session, person_id, meeting_id)
        row.voided_at, row.void_reason = now, reason
        audit.record(session, "guidance.voided", subject=subject_of(row), by=by, now=now,
                     person_id=person_id, reason=reason)  # fmt: skip
        return row


def settle_next_step(
    person_id: int, meeting_id: UUID, *, on: date, by: Actor, now: datetime
) -> None:
    """The next step of a meeting is done; `on` is the day. Settling it again changes nothing.

    Raises RuleError guidance_no_meeting, guidance_voided, guidance_no_next_step.
    """
    with transaction() as session:
        row = _meeting(session, person_id, meeting_id)
        if row.next_on is None:
            raise RuleError("guidance_no_next_step")
        if row.next_done_on is None:
            _settle(session, row, on, by, now)


def put_off_next_step(
    person_id: int, meeting_id: UUID, *, to: date, by: Actor, now: datetime
) -> None:
    """Let the next step of a meeting be due on another day.

    Raises RuleError guidance_no_meeting, guidance_voided, guidance_no_next_step,
    guidance_next_before.
    """
    with transaction() as session:
        row = _meeting(session, person_id, meeting_id)
        if not is_due(row):
            raise RuleError("guidance_no_next_step")
        if to < clock.service_day(now):
            raise RuleError("guidance_next_before")
        before, row.next_on = row.next_on, to
        audit.record(session, "guidance.next_step_put_off", subject=subject_of(row), by=by, now=now,
                     person_id=person_id, before={"next_on": before}, after={"next_on": to})  # fmt: skip


def is_due(row: GuidanceMeeting) -> bool:
    """Whether its next step waits for somebody."""
    return row.next_on is not None and row.next_done_on is None and row.voided_at is None


def _settle(session: Session, row: GuidanceMeeting, on: date, by: Actor, now: datetime) -> None:
    row.next_done_on, row.next_done_by_name = on, by.name
    audit.record(session, "guidance.next_step_done", subject=subject_of(row), by=by, now=now,
                 person_id=row.person_id, after={"next_step": row.next_step, "on": on})  # fmt: skip


def _meeting(session: Session, person_id: int, meeting_id: UUID) -> GuidanceMeeting:
    row = session.get(GuidanceMeeting, (person_id, meeting_id), with_for_update=True)
    if row is None:
        raise RuleError("guidance_no_meeting")
    if row.voided_at is not None:
        raise RuleError("guidance_voided")
    return row


def subject_of(row: GuidanceMeeting) -> str:
    """The subject of a meeting in the log."""
    return f"guidance:{row.person_id}.{row.id}"
