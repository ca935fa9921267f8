"""Eligibility (补贴资格): proposed on evidence, approved by somebody, ended or renewed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from canteen.actions.diners import check_dates, needs_reason
from canteen.models import Diner, Eligibility, MealCategory
from canteen.values import Dimension, EligibilityState
from core import audit
from core.access import Actor
from core.bulk import Rows, write_rows
from core.db import new_id, transaction
from core.errors import RuleError

_OPEN_STATES = (EligibilityState.PROPOSED, EligibilityState.APPROVED)


_SHOWN = ("category_id", "from_on", "until_on", "state", "evidence", "end_reason")


def _shown(row: Eligibility) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


def paper_rows(
    rows: Rows,
    category_id: int,
    *,
    from_on: date,
    until_on: date | None,
    evidence: str,
    by: Actor,
    now: datetime,
    approved: bool = False,
) -> UUID:
    """A proposal as rows, approved in the same moment or not, with its entries in the log; returns its id."""
    paper_id, state = new_id(), EligibilityState.PROPOSED
    values: dict[str, Any] = {
        "category_id": category_id, "from_on": from_on, "until_on": until_on, "state": state,
        "evidence": evidence.strip(), "end_reason": None,
    }  # fmt: skip
    about: dict[str, Any] = {"subject": f"eligibility:{paper_id}", "by": by, "now": now}
    rows.record("eligibility.proposed", **about, after=values)
    if approved:
        before, values = values, {**values, "state": EligibilityState.APPROVED}
        rows.record("eligibility.approved", **about, before=before, after=values)
    rows.add(Eligibility, {
        **values, "id": paper_id, "proposed_by_id": by.user_id, "proposed_at": now,
        "approved_by_id": by.user_id if approved else None,
        "approved_by_name": by.name if approved else None, "approved_at": now if approved else None,
    })  # fmt: skip
    return paper_id


def _row(session: Session, person_id: int, eligibility_id: UUID) -> Eligibility:
    row = session.get(Eligibility, (person_id, eligibility_id), with_for_update=True)
    if row is None:
        raise RuleError("no_such_entry")
    return row


def _record(
    session: Session,
    verb: str,
    row: Eligibility,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None,
    reason: str | None = None,
) -> None:
    audit.record(
        session, f"eligibility.{verb}", subject=f"eligibility:{row.id}", by=by, now=now,
        person_id=row.person_id, reason=reason, before=before, after=_shown(row),
    )  # fmt: skip


def propose_eligibility(
    person_id: int,
    category_id: int,
    *,
    from_on: date,
    until_on: date | None,
    evidence: str,
    by: Actor,
    now: datetime,
) -> Eligibility:
    """Propose that a diner is in a category in these days, on this evidence.

    One that was refused for the same first day is proposed anew. Raises RuleError not_a_diner,
    no_such_category, category_by_age, ends_before_start, eligibility_overlaps, eligibility_was_ended.
    """
    check_dates(from_on, until_on)
    with transaction() as session:
        if session.get(Diner, person_id, with_for_update=True) is None:
            raise RuleError("not_a_diner")
        category = session.get(MealCategory, category_id)
        if category is None or not category.is_active:
            raise RuleError("no_such_category")
        if category.dimension is Dimension.AGE:
            raise RuleError("category_by_age")
        _refuse_overlap(session, person_id, category_id, from_on, until_on)
        refused = _refused(session, person_id, category_id, from_on)
        if refused is not None:
            before = _shown(refused)
            refused.state, refused.end_reason = EligibilityState.PROPOSED, None
            refused.until_on, refused.evidence = until_on, evidence.strip()
            refused.proposed_by_id, refused.proposed_at = by.user_id, now
            _record(session, "proposed", refused, by, now, before)
            return refused
        rows = Rows()
        paper_id = paper_rows(rows, category_id, from_on=from_on, until_on=until_on,
                              evidence=evidence, by=by, now=now)  # fmt: skip
        write_rows(session, [(person_id, rows)])
        return session.get_one(Eligibility, (person_id, paper_id))


def _refuse_overlap(
    session: Session, person_id: int, category_id: int, from_on: date, until_on: date | None
) -> None:
    overlap = sa.select(Eligibility.id).where(
        Eligibility.person_id == person_id,
        Eligibility.category_id == category_id,
        Eligibility.state.in_(_OPEN_STATES),
        sa.or_(Eligibility.until_on.is_(None), Eligibility.until_on >= from_on),
        *([Eligibility.from_on <= until_on] if until_on else []),
    )
    if session.scalar(overlap.limit(1)) is not None:
        raise RuleError("eligibility_overlaps")


def _refused(
    session: Session, person_id: int, category_id: int, from_on: date
) -> Eligibility | None:
    """What was refused for this very first day. An ended paper stays as meals were priced by it."""
    row = session.scalar(
        sa.select(Eligibility).where(
            Eligibility.person_id == person_id, Eligibility.category_id == category_id,
            Eligibility.from_on == from_on,
        )
    )  # fmt: skip
    if row is not None and row.state is not EligibilityState.REFUSED:
        raise RuleError("eligibility_was_ended")
    return row


def approve_eligibility(
    person_id: int, eligibility_id: UUID, *, by: Actor, now: datetime
) -> Eligibility:
    """Approve a proposal; it counts from its first day. Raises RuleError no_such_entry, not_proposed."""
    with transaction() as session:
        row = _row(session, person_id, eligibility_id)
        if row.state is not EligibilityState.PROPOSED:
            raise RuleError("not_proposed")
        before = _shown(row)
        row.state, row.approved_at = EligibilityState.APPROVED, now
        row.approved_by_id, row.approved_by_name = by.user_id, by.name
        _record(session, "approved", row, by, now, before)
        return row


def refuse_eligibility(
    person_id: int, eligibility_id: UUID, *, reason: str, by: Actor, now: datetime
) -> Eligibility:
    """Refuse a proposal. Raises RuleError no_such_entry, not_proposed, reason_needed."""
    reason = needs_reason(reason)
    with transaction() as session:
        row = _row(session, person_id, eligibility_id)
        if row.state is not EligibilityState.PROPOSED:
            raise RuleError("not_proposed")
        before = _shown(row)
        row.state, row.end_reason = EligibilityState.REFUSED, reason
        _record(session, "refused", row, by, now, before, reason)
        return row


def end_eligibility(
    person_id: int, eligibility_id: UUID, *, on: date, reason: str, by: Actor, now: datetime
) -> Eligibility:
    """End an approved eligibility by decision; `on` is its last day and no grace follows.

    Raises RuleError no_such_entry, not_approved, ends_before_start, reason_needed.
    """
    reason = needs_reason(reason)
    with transaction() as session:
        row = _row(session, person_id, eligibility_id)
        if row.state is not EligibilityState.APPROVED:
            raise RuleError("not_approved")
        check_dates(row.from_on, on)
        before = _shown(row)
        row.state, row.until_on, row.end_reason = EligibilityState.ENDED, on, reason
        _record(session, "ended", row, by, now, before, reason)
        return row


def renew_eligibility(
    person_id: int,
    eligibility_id: UUID,
    *,
    until_on: date | None,
    evidence: str,
    by: Actor,
    now: datetime,
) -> Eligibility:
    """Let an approved eligibility go on to a later day, on new evidence, approved by the one who renews.

    Meals in between were marked 资格待复核 and stay as they were priced.
    Raises RuleError no_such_entry, not_approved, renewal_not_later, eligibility_overlaps,
    eligibility_was_ended.
    """
    with transaction() as session:
        old = _row(session, person_id, eligibility_id)
        if old.state is not EligibilityState.APPROVED or old.until_on is None:
            raise RuleError("not_approved")
        if until_on is not None and until_on <= old.until_on:
            raise RuleError("renewal_not_later")
        starts = date.fromordinal(old.until_on.toordinal() + 1)
        _refuse_overlap(session, person_id, old.category_id, starts, until_on)
        row = _refused(session, person_id, old.category_id, starts) or Eligibility(
            person_id=person_id, id=new_id(), category_id=old.category_id, from_on=starts
        )
        row.until_on, row.evidence, row.end_reason = until_on, evidence.strip(), None
        row.state, row.proposed_by_id, row.proposed_at = EligibilityState.APPROVED, by.user_id, now
        row.approved_by_id, row.approved_by_name, row.approved_at = by.user_id, by.name, now
        session.add(row)
        session.flush()
        _record(session, "renewed", row, by, now, _shown(old))
        return row
