"""Ventures as a list by stage, each with its loans; and those of one woman. Plans are in no list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, defer, joinedload

from core.db import db
from core.people.models import Person
from core.people.records import records_of
from core.people.search import matching
from core.sites.models import Area
from workshop.lists.guidance import PERSON_IN_LIST
from workshop.models import Learner, LoanApplication, Placement, Venture, VentureMove
from workshop.values import LoanState, VentureStage


@dataclass(frozen=True)
class VentureQuery:
    """What the list is filtered by. stage None: all that have not ended; loan: one stands so."""

    site_ids: frozenset[int] | None
    q: str = ""
    site_id: int | None = None
    stage: VentureStage | None = None
    loan: LoanState | None = None
    person_id: int | None = None


def ventures(query: VentureQuery) -> sa.Select[tuple[Venture]]:
    """The ventures of a query, the farthest stage first, then whatever stands there longest."""
    statement = _filtered(sa.select(Venture), query).options(
        contains_eager(Venture.person).load_only(*PERSON_IN_LIST)
        .joinedload(Person.residence_area).joinedload(Area.parent),
        joinedload(Venture.learner).load_only(Learner.home_site_id).joinedload(Learner.home_site),
        defer(Venture.plan),
    )  # fmt: skip
    if query.stage is None:
        statement = statement.where(Venture.stage != VentureStage.ENDED)
    else:
        statement = statement.where(Venture.stage == query.stage)
    rank = sa.case(
        {stage.value: number for number, stage in enumerate(VentureStage)}, value=Venture.stage
    )
    ended_last = sa.case((Venture.stage == VentureStage.ENDED, 1), else_=0)
    return statement.order_by(
        ended_last, rank.desc(), Venture.stage_since, Person.pinyin, Venture.id
    )


def counts(query: VentureQuery) -> Mapping[VentureStage, int]:
    """How many ventures stand at each stage, the filter of the stage itself left aside."""
    statement = (
        _filtered(sa.select(Venture.stage, sa.func.count()).select_from(Venture), query)
        .group_by(Venture.stage)
    )  # fmt: skip
    found = dict(db.session.execute(statement).tuples().all())
    return {stage: found.get(stage, 0) for stage in VentureStage}


def _filtered(statement: sa.Select[Any], query: VentureQuery) -> sa.Select[Any]:
    statement = (
        statement.join(Venture.person)
        .join(Learner, Learner.person_id == Venture.person_id)
        .where(~Person.is_practice)
    )
    if query.site_ids is not None:
        statement = statement.where(Learner.home_site_id.in_(query.site_ids))
    if query.site_id is not None:
        statement = statement.where(Learner.home_site_id == query.site_id)
    if query.person_id is not None:
        statement = statement.where(Venture.person_id.in_(records_of(query.person_id)))
    if query.loan is not None:
        statement = statement.where(
            sa.exists().where(
                LoanApplication.person_id == Venture.person_id,
                LoanApplication.venture_id == Venture.id, LoanApplication.state == query.loan,
            )
        )  # fmt: skip
    if query.q:
        statement = statement.where(matching(query.q))
    return statement


def loans_of(ventures: Iterable[Venture]) -> Mapping[UUID, list[LoanApplication]]:
    """The loans of these ventures by venture, the first applied for first; one query."""
    found: dict[UUID, list[LoanApplication]] = defaultdict(list)
    ids = [venture.id for venture in ventures]
    for row in db.session.scalars(
        sa.select(LoanApplication)
        .where(LoanApplication.venture_id.in_(ids))
        .order_by(LoanApplication.created_at, LoanApplication.id)
    ):
        found[row.venture_id].append(row)
    return found


def ventures_of(person_id: int) -> list[Venture]:
    """Every venture of one woman, the newest first."""
    return list(db.session.scalars(
        sa.select(Venture).where(Venture.person_id == person_id)
        .order_by(Venture.created_at.desc(), Venture.id)
    ))  # fmt: skip


def moves_of(venture: Venture) -> list[VentureMove]:
    """Its moves from stage to stage in their order."""
    return list(db.session.scalars(
        sa.select(VentureMove)
        .where(VentureMove.person_id == venture.person_id, VentureMove.venture_id == venture.id)
        .order_by(VentureMove.number)
    ))  # fmt: skip


def placements_of(ventures: Iterable[Venture]) -> Mapping[UUID, Placement]:
    """By venture, the placement that was registered for it; the newest when there are several."""
    ids = [venture.id for venture in ventures]
    rows = db.session.scalars(
        sa.select(Placement)
        .where(Placement.venture_id.in_(ids))
        .options(defer(Placement.note))
        .order_by(Placement.created_at)
    )
    return {row.venture_id: row for row in rows if row.venture_id is not None}
