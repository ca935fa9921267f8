"""Openings of a vacancy, taken and given back in the transaction of each move.

The vacancy's row is locked before its placements and its employer, so that two coordinators wait
for each other instead of meeting in a deadlock; the check on the row has the last word.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import local, service_day
from core.db import new_id
from core.errors import RuleError
from workshop.models import Employer, Placement, PlacementMove, Vacancy
from workshop.values import FILLED_REASON, PlacementState, VacancyState

# Whom a full or closed vacancy no longer can take.
_WAITING = (PlacementState.REFERRED, PlacementState.INTERVIEW)
# Text of the record, as it is read years later.
_RECRUITING_OVER = "招聘期已过"
_EMPLOYER_RETIRED = "用人单位已停用"


def locked_vacancy(session: Session, vacancy_id: int) -> Vacancy:
    """The vacancy, locked until the end of the transaction. Raises RuleError no_such_vacancy."""
    row = session.get(Vacancy, vacancy_id, with_for_update=True)
    if row is None:
        raise RuleError("no_such_vacancy")
    return row


def is_employer_active(session: Session, vacancy: Vacancy) -> bool:
    """Whether its employer is in the lists; locked, so that nobody takes it out at this moment."""
    return session.get_one(Employer, vacancy.employer_id, with_for_update=True).is_active


def take_opening(session: Session, vacancy: Vacancy, *, by: Actor, now: datetime) -> None:
    """One more is hired; whoever takes the last opening ends the other referrals.

    Raises RuleError vacancy_filled.
    """
    if vacancy.openings_used >= vacancy.openings:
        raise filled(session, vacancy.id)
    vacancy.openings_used += 1
    session.flush()  # the check speaks here
    if vacancy.openings_used == vacancy.openings and vacancy.state is VacancyState.OPEN:
        vacancy.state = VacancyState.FILLED
        audit.record(session, "vacancy.all_taken", subject=f"vacancy:{vacancy.id}", by=by, now=now)
        close_referrals(session, vacancy, by=by, now=now)


def give_back(session: Session, vacancy: Vacancy, *, by: Actor, now: datetime) -> None:
    """One who was hired is there no more: a filled vacancy recruits again, unless its time is over
    or its employer was taken out of the lists."""
    # Asked first: a query in between would write a filled vacancy with an opening left.
    is_active = is_employer_active(session, vacancy)
    vacancy.openings_used -= 1
    if vacancy.state is not VacancyState.FILLED:
        return
    if vacancy.closes_on is not None and vacancy.closes_on < service_day(now):
        vacancy.state, vacancy.close_reason = VacancyState.CLOSED, _RECRUITING_OVER
    elif not is_active:
        vacancy.state, vacancy.close_reason = VacancyState.CLOSED, _EMPLOYER_RETIRED
    else:
        vacancy.state = VacancyState.OPEN
    audit.record(session, "vacancy.reopened", subject=f"vacancy:{vacancy.id}", by=by, now=now,
                 after={"state": vacancy.state})  # fmt: skip


def close_referrals(
    session: Session, vacancy: Vacancy, *, by: Actor, now: datetime, reason: str = FILLED_REASON
) -> list[Placement]:
    """End the referrals that still wait as not hired; returns them, to be told."""
    statement = (
        sa.select(Placement)
        .where(Placement.vacancy_id == vacancy.id, Placement.state.in_(_WAITING))
        .order_by(Placement.person_id, Placement.id)
        .with_for_update()
    )
    rows = list(session.scalars(statement))
    add_moves(session, rows, PlacementState.NOT_HIRED, on=service_day(now), reason=reason, by=by,
              now=now)  # fmt: skip
    for row in rows:
        row.end_reason = reason
    return rows


def add_moves(
    session: Session, rows: Sequence[Placement], to: PlacementState, *, on: date,
    reason: str | None, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Move placements to a state, each with its entry; two queries however many."""
    numbers: dict[UUID, int] = {}
    if rows:
        statement = (
            sa.select(PlacementMove.placement_id, sa.func.max(PlacementMove.number))
            .where(
                PlacementMove.placement_id.in_([row.id for row in rows]),
                PlacementMove.person_id.in_([row.person_id for row in rows]),
            )
            .group_by(PlacementMove.placement_id)
        )
        # What the state brings along stands in the row already; without the state it is not written.
        with session.no_autoflush:
            numbers = {placement_id: number for placement_id, number in session.execute(statement)}
    for row in rows:
        session.add(PlacementMove(
            person_id=row.person_id, id=new_id(), placement_id=row.id,
            number=numbers.get(row.id, 0) + 1, from_state=row.state, to_state=to, at=now, on=on,
            reason=reason, by_id=by.user_id, by_name=by.name,
        ))  # fmt: skip
        row.state, row.changed_at = to, now


def filled(session: Session, vacancy_id: int) -> RuleError:
    """The refusal of a hiring too many: it says who took the last opening, and when."""
    last = session.scalar(
        sa.select(PlacementMove)
        .join(Placement, sa.and_(Placement.person_id == PlacementMove.person_id,
                                 Placement.id == PlacementMove.placement_id))
        .where(Placement.vacancy_id == vacancy_id, PlacementMove.to_state == PlacementState.HIRED)
        .order_by(PlacementMove.at.desc(), PlacementMove.id.desc())
        .limit(1)
    )  # fmt: skip
    if last is None:
        return RuleError("vacancy_filled", by="—", at="—")
    return RuleError("vacancy_filled", by=last.by_name, at=f"{local(last.at):%Y-%m-%d %H:%M}")
