"""The steps after the beginning: on to the start, changed terms, leaving, and telling who was not hired."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from workshop.actions.follow_up_rows import add_follow_ups, end_follow_ups, move_follow_ups
from workshop.actions.openings import add_moves, filled, give_back, locked_vacancy, take_opening
from workshop.actions.placements.beginning import Terms, check_not_entered, not_later
from workshop.models import (
    Placement,
    PlacementMove,
    Vacancy,
)
from workshop.rules.moves import (
    FORMS,
    PLACEMENT_NEEDS_REASON,
    check_placement_move,
)
from workshop.values import (
    Form,
    LeavingReason,
    PlacementState,
    VacancyState,
)


def locked_placement(
    session: Session, person_id: int, placement_id: UUID
) -> tuple[Placement, Vacancy | None]:
    """The placement, locked after its vacancy. Raises RuleError no_such_placement."""
    vacancy_id = session.scalar(
        sa.select(Placement.vacancy_id).where(
            Placement.person_id == person_id, Placement.id == placement_id
        )
    )
    vacancy = locked_vacancy(session, vacancy_id) if vacancy_id is not None else None
    row = session.get(
        Placement, (person_id, placement_id), with_for_update=True, populate_existing=True
    )
    if row is None:
        raise RuleError("no_such_placement")
    return row, vacancy


def check_day(
    session: Session, row: Placement, on: date, now: datetime,
    besides: PlacementState | None = None,
) -> None:  # fmt: skip
    """A move neither lies in the future nor before the one before it; besides: the one that it corrects."""
    not_later(on, now)
    before = session.scalar(
        sa.select(PlacementMove.on)
        .where(PlacementMove.person_id == row.person_id, PlacementMove.placement_id == row.id,
               sa.true() if besides is None else PlacementMove.to_state != besides)
        .order_by(PlacementMove.number.desc())
        .limit(1)
    )  # fmt: skip
    if before is not None and on < before:
        raise RuleError("before_last_move", day=before.isoformat())


def move(
    person_id: int, placement_id: UUID, to: PlacementState, *, on: date, by: Actor, now: datetime,
    reason: str | None = None, terms: Terms | None = None,
) -> Placement:  # fmt: skip
    """Take a placement one step on: interview, hired, started, not hired, gave up.

    Hiring takes an opening, and with the last one ends the other referrals of the vacancy; starting
    sets wage and hours and makes the follow-ups. Verifying and leaving are verbs of their own.
    Raises RuleError no_such_placement, placement_no_such_move, vacancy_filled, reason_needed,
    day_in_future, before_last_move.
    """
    if to in (PlacementState.VERIFIED, PlacementState.LEFT):
        raise RuleError("placement_no_such_move", before="", after=str(to))
    reason = (reason or "").strip()[:128] or None
    if to in PLACEMENT_NEEDS_REASON and reason is None:
        raise RuleError("reason_needed")
    try:
        with transaction() as session:
            row, vacancy = locked_placement(session, person_id, placement_id)
            _check_step(session, row, vacancy, to)
            check_day(session, row, on, now)
            held = row.state.holds_opening
            if to is PlacementState.STARTED:
                _start(session, row, on, terms or Terms(), by, now)
            if to in PLACEMENT_NEEDS_REASON:
                row.end_reason = reason
            add_moves(session, [row], to, on=on, reason=reason, by=by, now=now)
            session.flush()
            if vacancy is not None and to.holds_opening and not held:
                take_opening(session, vacancy, by=by, now=now)
            elif vacancy is not None and held and not to.holds_opening:
                give_back(session, vacancy, by=by, now=now)
            return row
    except sa.exc.IntegrityError as error:
        if "used_within_openings" in str(error.orig):
            raise RuleError("vacancy_filled", by="—", at="—") from None
        raise


def _check_step(
    session: Session, row: Placement, vacancy: Vacancy | None, to: PlacementState
) -> None:
    try:
        check_placement_move(row.state, to)
    except RuleError:
        # Ended a moment ago because somebody else took the last opening: say who.
        is_closed = row.state is PlacementState.NOT_HIRED and vacancy is not None
        if vacancy is not None and is_closed and vacancy.state is VacancyState.FILLED:
            raise filled(session, vacancy.id) from None
        raise


def _start(
    session: Session, row: Placement, on: date, terms: Terms, by: Actor, now: datetime
) -> None:
    row.started_on, row.wage_fen, row.hours_week = on, terms.wage_fen, terms.hours_week
    audit.record(session, "placement.started", subject=f"placement:{row.person_id}.{row.id}",
                 by=by, now=now, person_id=row.person_id,
                 after={"started_on": on, "wage_fen": terms.wage_fen,
                        "hours_week": terms.hours_week})  # fmt: skip
    add_follow_ups(session, row)


def change_terms(
    person_id: int, placement_id: UUID, terms: Terms, *, form: Form, by: Actor, now: datetime,
    started_on: date | None = None,
) -> Placement:  # fmt: skip
    """Correct wage, hours, form and first day of a job before it is verified; after, what was seen stands.

    started_on: None leaves it. Her follow-ups move along.
    Raises RuleError no_such_placement, placement_is_verified, placement_not_started, form_of_channel,
    placement_no_such_move, day_in_future, before_last_move, already_entered, start_was_followed_up.
    """
    with transaction() as session:
        row, _vacancy = locked_placement(session, person_id, placement_id)
        if row.verified_on is not None:
            raise RuleError("placement_is_verified")
        if row.started_on is None:
            raise RuleError("placement_not_started")
        if form not in FORMS[row.channel]:
            raise RuleError("form_of_channel")
        before = _terms_of(row)
        if started_on is not None and started_on != row.started_on:
            _correct_start(session, row, started_on, by, now)
        row.wage_fen, row.hours_week, row.form = terms.wage_fen, terms.hours_week, form
        row.changed_at = now
        audit.record(session, "placement.changed", subject=f"placement:{person_id}.{row.id}", by=by,
                     now=now, person_id=person_id, before=before, after=_terms_of(row))  # fmt: skip
        return row


def _terms_of(row: Placement) -> dict[str, object]:
    return {"started_on": row.started_on, "wage_fen": row.wage_fen, "hours_week": row.hours_week,
            "form": row.form}  # fmt: skip


def _correct_start(session: Session, row: Placement, on: date, by: Actor, now: datetime) -> None:
    """Her first day was another one: a further entry says so, for those that stand are not changed."""
    if row.state is not PlacementState.STARTED:
        raise RuleError(
            "placement_no_such_move", before=str(row.state), after=str(PlacementState.STARTED)
        )
    check_day(session, row, on, now, besides=PlacementState.STARTED)
    if row.vacancy_id is None:
        check_not_entered(session, row.person_id, row.employer_name, on)
    row.started_on = on
    add_moves(session, [row], PlacementState.STARTED, on=on, reason=None, by=by, now=now)
    move_follow_ups(session, row)


def leave(
    person_id: int, placement_id: UUID, *, on: date, reason: LeavingReason, by: Actor,
    now: datetime, note: str | None = None, next_employer: str | None = None,
) -> Placement:  # fmt: skip
    """Record that she left; `on` is her last day. Her opening is free again.

    Follow-ups due after that day end: nobody has tried yet, they go; where somebody has, they say
    what leaving says. Those due before stay, because on that day she was still there.
    Raises RuleError no_such_placement, placement_no_such_move, ends_before_start, day_in_future.
    """
    not_later(on, now)
    with transaction() as session:
        row, vacancy = locked_placement(session, person_id, placement_id)
        check_placement_move(row.state, PlacementState.LEFT)
        if row.started_on is not None and on < row.started_on:
            raise RuleError("left_before_start", day=row.started_on.isoformat())
        row.left_on, row.left_recorded_at, row.leaving_reason = on, now, reason
        row.end_reason = (note or "").strip()[:128] or None
        add_moves(session, [row], PlacementState.LEFT, on=on, reason=row.end_reason, by=by, now=now)
        session.flush()
        if vacancy is not None:
            give_back(session, vacancy, by=by, now=now)
        dropped = end_follow_ups(session, row, next_employer=next_employer, by=by, now=now)
        audit.record(session, "placement.left", subject=f"placement:{person_id}.{row.id}", by=by,
                     now=now, person_id=person_id, reason=row.end_reason,
                     after={"left_on": on, "leaving_reason": reason,
                            "follow_ups_ended": dropped})  # fmt: skip
        return row


def mark_told(person_id: int, placement_id: UUID, *, by: Actor, now: datetime) -> Placement:
    """Somebody told her that the vacancy was filled or closed. Telling again changes nothing.

    Raises RuleError no_such_placement, nothing_to_tell.
    """
    with transaction() as session:
        row, _vacancy = locked_placement(session, person_id, placement_id)
        if row.state is not PlacementState.NOT_HIRED:
            raise RuleError("nothing_to_tell")
        if row.told_at is None:
            row.told_at = now
            audit.record(session, "placement.told", subject=f"placement:{person_id}.{row.id}",
                         by=by, now=now, person_id=person_id)  # fmt: skip
        return row


def note_export(rows: int, *, by: Actor, now: datetime) -> None:
    """Write down that the list of placements was taken out as a file of so many rows."""
    with transaction() as session:
        audit.record(session, "placements.exported", subject="placements", by=by, now=now,
                     after={"rows": rows})  # fmt: skip
