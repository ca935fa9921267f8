"""Verification: what makes a placement count, and the papers that it needs."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction
from core.errors import RuleError
from core.evidence.models import Attachment
from workshop.actions.openings import add_moves
from workshop.actions.placements.beginning import subject_of
from workshop.actions.placements.moving import check_day, locked_placement
from workshop.models import (
    Placement,
)
from workshop.rules.moves import (
    EVIDENCE,
    check_placement_move,
)
from workshop.values import (
    EvidenceKind,
    Form,
    PlacementState,
)


def verify(
    person_id: int, placement_id: UUID, *, evidence_kind: EvidenceKind, on: date, by: Actor,
    now: datetime,
) -> Placement:  # fmt: skip
    """Confirm that she works there, by a paper that is attached; it counts in the month of `on`.

    `on` lies in the month at hand, so that the figures of a month that is over stay what they were.
    Home piecework counts from HOME_WORK_LEAST_FEN a month on.
    Raises RuleError no_such_placement, placement_no_such_move, placement_paper_needed, evidence_of_form,
    home_work_too_little, day_in_future, before_last_move, verified_in_past_month.
    """
    with transaction() as session:
        row, _vacancy = locked_placement(session, person_id, placement_id)
        check_placement_move(row.state, PlacementState.VERIFIED)
        check_day(session, row, on, now)
        today = service_day(now)
        if (on.year, on.month) != (today.year, today.month):
            raise RuleError("verified_in_past_month")
        if evidence_kind not in EVIDENCE[row.form]:
            raise RuleError("evidence_of_form")
        if row.form is Form.HOME_WORK:
            least = int(current_app.config["HOME_WORK_LEAST_FEN"])
            if row.wage_fen is None or row.wage_fen < least:
                raise RuleError("home_work_too_little", least=f"{least // 100}.{least % 100:02d}")
        _check_evidence(session, row)
        row.verified_on, row.verified_at, row.verified_by_name = on, now, by.name
        row.evidence_kind = evidence_kind.value
        add_moves(session, [row], PlacementState.VERIFIED, on=on, reason=None, by=by, now=now)
        audit.record(session, "placement.verified", subject=f"placement:{person_id}.{row.id}",
                     by=by, now=now, person_id=person_id,
                     after={"verified_on": on, "evidence_kind": evidence_kind})  # fmt: skip
        return row


def _check_evidence(session: Session, row: Placement) -> None:
    # Locked, so that nobody removes the paper while it is being relied on.
    statement = (
        sa.select(Attachment.id)
        .where(Attachment.subject == subject_of(row.person_id, row.id),
               Attachment.removed_at.is_(None))
        .with_for_update()
    )  # fmt: skip
    if not session.scalars(statement).all():
        raise RuleError("placement_paper_needed")
