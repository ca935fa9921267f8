"""Employers, vacancies and papers for tests of placements; rows are written directly."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from core.access import Actor, Role
from core.db import db, new_id, transaction
from core.evidence.models import Attachment
from tests.workshop.house import House
from workshop.actions import placements
from workshop.models import Employer, FollowUp, Placement, PlacementMove, Vacancy
from workshop.values import EvidenceKind, PlacementState

TODAY = date(2026, 11, 24)
S = PlacementState


def by(house: House) -> Actor:
    return house.actor(Role.COORDINATOR)


def employer(house: House, name: str = "邯郸示例服饰有限公司", **values: Any) -> int:
    with transaction() as session:
        row = Employer(name=name, created_at=house.now, **values)
        session.add(row)
        session.flush()
        return row.id


def vacancy(house: House, employer_id: int | None = None, openings: int = 1, **values: Any) -> int:
    """An open vacancy for somebody who sews, 9:00 to 15:00 from Monday to Friday."""
    known = db.session.scalar(sa.select(Employer.id).order_by(Employer.id).limit(1))
    employer_id = employer_id or known or employer(house)
    facts = {
        "title": "缝纫工", "skill_id": house.skill_id, "starts_min": 540, "ends_min": 900,
        "opened_on": date(2026, 9, 1), "area_id": house.area_id, **values,
    }  # fmt: skip
    with transaction() as session:
        row = Vacancy(employer_id=employer_id, openings=openings, created_at=house.now, **facts)
        session.add(row)
        session.flush()
        return row.id


def paper(person_id: int, placement_id: UUID, now: datetime) -> None:
    """A paper attached to a placement, without its content."""
    with transaction() as session:
        session.add(Attachment(
            id=new_id(), subject=placements.subject_of(person_id, placement_id),
            person_id=person_id, title="劳动合同", media_type="image/jpeg", size_bytes=9, pages=1,
            sha256=new_id().hex * 2, uploaded_at=now, uploaded_by_name="徐专员",
        ))  # fmt: skip


def moved(
    house: House, person_id: int, placement_id: UUID, *steps: PlacementState, on: date = TODAY,
    **more: Any,
) -> None:  # fmt: skip
    """Take a placement through these states on one day."""
    for to in steps:
        if to is S.VERIFIED:
            paper(person_id, placement_id, house.now)
            placements.verify(person_id, placement_id, evidence_kind=EvidenceKind.LABOUR_CONTRACT,
                              on=TODAY, by=by(house), now=house.now)  # fmt: skip
            continue
        reason = "对方没有录用" if to in (S.NOT_HIRED, S.GAVE_UP) else None
        placements.move(person_id, placement_id, to, on=on, reason=reason, by=by(house),
                        now=house.now, **more)  # fmt: skip


def at_work(
    house: House, person_id: int, *, started_on: date = TODAY - timedelta(days=40),
    vacancy_id: int | None = None, is_verified: bool = False,
) -> UUID:  # fmt: skip
    """A referral that led to a job which began on a day; returns the placement's id."""
    vacancy_id = vacancy_id or vacancy(house)
    row = placements.refer(person_id, vacancy_id, on=started_on, by=by(house), now=house.now)
    found = row.id
    moved(house, person_id, found, S.INTERVIEW, S.HIRED, on=started_on)
    placements.move(person_id, found, S.STARTED, on=started_on, by=by(house), now=house.now,
                    terms=placements.Terms(wage_fen=320000, hours_week=40))  # fmt: skip
    if is_verified:
        moved(house, person_id, found, S.VERIFIED)
    return found


def placement(person_id: int, placement_id: UUID) -> Placement:
    return db.session.get_one(Placement, (person_id, placement_id))


def states(person_id: int, placement_id: UUID) -> list[str]:
    """The states it went through, by number."""
    rows = sa.select(PlacementMove).where(
        PlacementMove.person_id == person_id, PlacementMove.placement_id == placement_id
    )
    return [row.to_state.value for row in db.session.scalars(rows.order_by(PlacementMove.number))]


def due(person_id: int, placement_id: UUID) -> dict[int, str | None]:
    """The follow-ups of a placement by days, with their outcomes."""
    rows = sa.select(FollowUp).where(
        FollowUp.person_id == person_id, FollowUp.placement_id == placement_id
    )
    return {row.after_days: row.outcome for row in db.session.scalars(rows)}
