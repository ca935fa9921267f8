"""A woman's own business from the idea to its end, and the loans asked for it. Money in fen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, clock
from core.access import Actor
from core.db import new_id, transaction
from core.errors import RuleError
from workshop.actions.guidance import check_not_ended, check_same, locked_learner
from workshop.models import LoanApplication, Venture, VentureMove
from workshop.rules.ventures import check_loan_move, check_stage_move, is_back
from workshop.values import LoanState, VentureStage


@dataclass(frozen=True)
class StageMove:
    """A move of a venture. seen: the stage that whoever asks saw; None does not ask.

    licence_on, licence_number: asked for where it is licensed; None keeps what is known.
    jobs_created: asked for where it is in business, herself included; None keeps what is known.
    """

    to: VentureStage
    on: date
    seen: VentureStage | None = None
    reason: str | None = None
    licence_on: date | None = None
    licence_number: str | None = None
    jobs_created: int | None = None


def open_venture(
    person_id: int, *, name: str, trade: str, plan: str | None, on: date, by: Actor, now: datetime,
    venture_id: UUID | None = None,
) -> Venture:  # fmt: skip
    """Begin to follow a business of hers, as an idea. venture_id: sending twice opens one.

    Raises RuleError guidance_no_learner, guidance_learner_ended, guidance_in_future,
    venture_incomplete, guidance_sent_before.
    """
    if not name.strip():
        raise RuleError("venture_incomplete")
    _check_day(on, now)
    with transaction() as session:
        learner = locked_learner(session, person_id)
        said = {"name": name.strip(), "trade": trade.strip(), "plan": _text(plan)}
        known = session.get(Venture, (person_id, venture_id)) if venture_id else None
        if known is not None:
            check_same(known, said)
            return known
        check_not_ended(learner, on)
        row = Venture(
            person_id=person_id, id=venture_id or new_id(), stage=VentureStage.IDEA, stage_since=on,
            created_at=now, **said,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(_move(row, 1, None, on, None, by, now))
        audit.record(session, "venture.opened", subject=subject_of(row), by=by, now=now,
                     person_id=person_id, after=_shown(row))  # fmt: skip
        return row


def change_venture(
    person_id: int, venture_id: UUID, *, name: str, trade: str, plan: str | None,
    jobs_created: int, by: Actor, now: datetime,
) -> Venture:  # fmt: skip
    """Change its name, trade, plan and jobs. Raises RuleError venture_gone, venture_incomplete."""
    if not name.strip() or jobs_created < 0:
        raise RuleError("venture_incomplete")
    with transaction() as session:
        row = _venture(session, person_id, venture_id)
        before = _shown(row)
        row.name, row.trade, row.plan = name.strip(), trade.strip(), _text(plan)
        row.jobs_created = jobs_created
        audit.record(session, "venture.changed", subject=subject_of(row), by=by, now=now,
                     person_id=person_id, before=before, after=_shown(row))  # fmt: skip
        return row


def move_stage(
    person_id: int, venture_id: UUID, move: StageMove, *, by: Actor, now: datetime
) -> Venture:
    """Lead a venture to another stage. Back from the licence, the licence is no longer hers.

    Raises RuleError venture_gone, venture_moved_meanwhile, venture_same_stage, reason_needed,
    licence_needed, licence_after_move, guidance_in_future, venture_day_before.
    """
    _check_day(move.on, now)
    with transaction() as session:
        row = _venture(session, person_id, venture_id)
        before, stage = _shown(row), row.stage
        if move.seen is not None and move.seen is not stage:
            raise RuleError("venture_moved_meanwhile")
        licence_on = move.licence_on or row.licence_on
        licence_number = _text(move.licence_number) or row.licence_number
        check_stage_move(stage, move.to, reason=move.reason,
                         has_licence=bool(licence_on and licence_number))  # fmt: skip
        if move.on < row.stage_since:
            raise RuleError("venture_day_before")
        if move.to.is_licensed and licence_on is not None and licence_on > move.on:
            raise RuleError("licence_after_move")
        reason = _text(move.reason)
        row.stage, row.stage_since = move.to, move.on
        row.end_reason = reason if move.to is VentureStage.ENDED else None
        if move.to.is_licensed:
            row.licence_on, row.licence_number = licence_on, licence_number
        elif is_back(stage, move.to):
            row.licence_on = row.licence_number = None
        if move.jobs_created is not None:
            row.jobs_created = move.jobs_created
        number = 1 + (session.scalar(
            sa.select(sa.func.max(VentureMove.number)).where(
                VentureMove.person_id == person_id, VentureMove.venture_id == venture_id
            )
        ) or 0)  # fmt: skip
        session.add(_move(row, number, stage, move.on, reason, by, now))
        audit.record(session, "venture.moved", subject=subject_of(row), by=by, now=now,
                     person_id=person_id, reason=reason, before=before, after=_shown(row))  # fmt: skip
        return row


def apply_for_loan(
    person_id: int, venture_id: UUID, *, bank: str, amount_fen: int, note: str, on: date,
    by: Actor, now: datetime, loan_id: UUID | None = None,
) -> LoanApplication:  # fmt: skip
    """Begin an application for a loan. loan_id: sending twice begins one.

    Raises RuleError venture_gone, venture_ended, loan_incomplete, guidance_in_future,
    guidance_sent_before.
    """
    if not bank.strip() or amount_fen <= 0:
        raise RuleError("loan_incomplete")
    _check_day(on, now)
    with transaction() as session:
        venture = _venture(session, person_id, venture_id)
        said = {"bank": bank.strip(), "amount_fen": amount_fen, "note": note.strip()}
        known = session.get(LoanApplication, (person_id, loan_id)) if loan_id else None
        if known is not None:
            check_same(known, said)
            return known
        if venture.stage is VentureStage.ENDED:
            raise RuleError("venture_ended")
        row = LoanApplication(
            person_id=person_id, id=loan_id or new_id(), venture_id=venture_id,
            state=LoanState.PREPARING, state_since=on, created_at=now, **said,
        )  # fmt: skip
        session.add(row)
        audit.record(session, "loan.applied", subject=subject_of(venture), by=by, now=now,
                     person_id=person_id, after=_loan_shown(row))  # fmt: skip
        return row


def move_loan(
    person_id: int, loan_id: UUID, to: LoanState, *, on: date, by: Actor, now: datetime,
    seen: LoanState | None = None, granted_fen: int | None = None, note: str | None = None,
) -> LoanApplication:  # fmt: skip
    """Write down what became of an application. granted_fen: asked for at the approval.

    Raises RuleError loan_gone, loan_moved_meanwhile, loan_no_such_move, loan_amount_needed,
    loan_day_before, guidance_in_future.
    """
    _check_day(on, now)
    with transaction() as session:
        row = session.get(LoanApplication, (person_id, loan_id), with_for_update=True)
        if row is None:
            raise RuleError("loan_gone")
        if seen is not None and seen is not row.state:
            raise RuleError("loan_moved_meanwhile")
        granted = granted_fen or row.granted_fen
        check_loan_move(row.state, to, granted)
        if on < row.state_since:
            raise RuleError("loan_day_before")
        before = _loan_shown(row)
        row.state, row.state_since = to, on
        row.granted_fen = granted if to.is_granted else None
        if note is not None:
            row.note = note.strip()
        audit.record(session, "loan.moved", subject=f"venture:{person_id}.{row.venture_id}", by=by,
                     now=now, person_id=person_id, before=before, after=_loan_shown(row))  # fmt: skip
        return row


def subject_of(row: Venture) -> str:
    """The subject of a venture in the log and of its papers."""
    return f"venture:{row.person_id}.{row.id}"


def _venture(session: Session, person_id: int, venture_id: UUID) -> Venture:
    row = session.get(Venture, (person_id, venture_id), with_for_update=True)
    if row is None:
        raise RuleError("venture_gone")
    return row


def _move(
    row: Venture, number: int, before: VentureStage | None, on: date, reason: str | None, by: Actor,
    now: datetime,
) -> VentureMove:  # fmt: skip
    return VentureMove(
        person_id=row.person_id, id=new_id(), venture_id=row.id, number=number, from_stage=before,
        to_stage=row.stage, at=now, on=on, reason=reason, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip


def _check_day(on: date, now: datetime) -> None:
    if on > clock.service_day(now):
        raise RuleError("guidance_in_future")


def _text(typed: str | None) -> str | None:
    return (typed or "").strip() or None


_SHOWN = (
    "name", "trade", "stage", "stage_since", "plan", "licence_on", "licence_number", "jobs_created",
    "end_reason",
)  # fmt: skip


def _shown(row: Venture) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


def _loan_shown(row: LoanApplication) -> dict[str, Any]:
    names = ("bank", "amount_fen", "state", "state_since", "granted_fen", "note")
    return {name: getattr(row, name) for name in names}
