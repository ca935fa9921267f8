"""Hardship of a learner (困难类别): noted by her own word or certified, dated, on evidence."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.bulk import PERSON, Rows, write_rows
from core.db import new_id, transaction
from core.errors import RuleError
from workshop.actions.learners import check_dates, locked_learner, needs_reason
from workshop.models import HardshipCategory, HardshipTag
from workshop.values import Basis

_SHOWN = ("category_id", "basis", "from_on", "until_on", "evidence", "certified_by", "end_reason")


def _shown(row: HardshipTag) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


def _certifier(basis: Basis, certified_by: str | None, evidence: str) -> str | None:
    """Who certified it; None for her own word. Raises RuleError certifier_needed, evidence_needed."""
    if basis is Basis.SELF_DECLARED:
        return None
    if not (certified_by or "").strip():
        raise RuleError("certifier_needed")
    if not evidence.strip():
        raise RuleError("evidence_needed")
    return (certified_by or "").strip()[:64]


def hardship_rows(
    rows: Rows,
    category_id: int,
    *,
    basis: Basis,
    from_on: date,
    by: Actor,
    now: datetime,
    until_on: date | None = None,
    evidence: str = "",
    certified_by: str | None = None,
) -> uuid.UUID:
    """A tag as rows, with its entry in the log; returns its id. Raises RuleError as add_hardship."""
    values: dict[str, Any] = {
        "category_id": category_id, "basis": basis, "from_on": from_on, "until_on": until_on,
        "evidence": evidence.strip(), "certified_by": _certifier(basis, certified_by, evidence),
        "end_reason": None,
    }  # fmt: skip
    tag_id = new_id()
    rows.add(HardshipTag, {**values, "id": tag_id, "recorded_at": now, "recorded_by_name": by.name})
    rows.record("learner.hardship_added", subject=f"learner:{PERSON}", by=by, now=now, after=values)
    return tag_id


def add_hardship(
    person_id: int,
    category_id: int,
    *,
    basis: Basis,
    from_on: date,
    by: Actor,
    now: datetime,
    until_on: date | None = None,
    evidence: str = "",
    certified_by: str | None = None,
) -> HardshipTag:
    """Note a hardship from a day on. Days of one category never overlap.

    Raises RuleError not_a_learner, no_such_hardship, ends_before_start, certifier_needed,
    evidence_needed, hardship_overlaps.
    """
    check_dates(from_on, until_on)
    rows = Rows()
    tag_id = hardship_rows(
        rows, category_id, basis=basis, from_on=from_on, until_on=until_on, evidence=evidence,
        certified_by=certified_by, by=by, now=now,
    )  # fmt: skip
    with transaction() as session:
        # The lock on her row makes two who note the same hardship at once come one after the other.
        locked_learner(session, person_id)
        category = session.get(HardshipCategory, category_id)
        if category is None or not category.is_active:
            raise RuleError("no_such_hardship")
        _check_overlap(session, person_id, category, from_on, until_on)
        write_rows(session, [(person_id, rows)])
        return session.get_one(HardshipTag, (person_id, tag_id))


def _check_overlap(
    session: Session, person_id: int, category: HardshipCategory, from_on: date,
    until_on: date | None, besides: uuid.UUID | None = None,
) -> None:  # fmt: skip
    others = sa.select(HardshipTag).where(
        HardshipTag.person_id == person_id, HardshipTag.category_id == category.id,
        sa.or_(HardshipTag.until_on.is_(None), HardshipTag.until_on >= from_on),
    )  # fmt: skip
    if until_on is not None:
        others = others.where(HardshipTag.from_on <= until_on)
    if besides is not None:
        others = others.where(HardshipTag.id != besides)
    found = session.scalars(others.order_by(HardshipTag.from_on).limit(1)).first()
    if found is not None:
        raise RuleError("hardship_overlaps", category=category.name, from_on=str(found.from_on))


def _tag(session: Session, person_id: int, tag_id: uuid.UUID) -> HardshipTag:
    locked_learner(session, person_id)
    row = session.get(HardshipTag, (person_id, tag_id), with_for_update=True)
    if row is None:
        raise RuleError("no_such_entry")
    return row


def certify_hardship(
    person_id: int,
    tag_id: uuid.UUID,
    *,
    certified_by: str,
    evidence: str,
    until_on: date | None,
    by: Actor,
    now: datetime,
) -> HardshipTag:
    """What she said is certified now, or certified anew to a later day: on which paper, by whom.

    Raises RuleError not_a_learner, no_such_entry, hardship_has_ended, certifier_needed,
    evidence_needed, ends_before_start, hardship_overlaps.
    """
    certifier = _certifier(Basis.CERTIFIED, certified_by, evidence)
    with transaction() as session:
        row = _tag(session, person_id, tag_id)
        if row.end_reason is not None:
            raise RuleError("hardship_has_ended")
        check_dates(row.from_on, until_on)
        _check_overlap(session, person_id, row.category, row.from_on, until_on, besides=row.id)
        before = _shown(row)
        row.basis, row.certified_by = Basis.CERTIFIED, certifier
        row.evidence, row.until_on = evidence.strip(), until_on
        _record(session, "hardship_certified", row, by, now, before)
        return row


def end_hardship(
    person_id: int, tag_id: uuid.UUID, *, on: date, reason: str, by: Actor, now: datetime
) -> HardshipTag:
    """It holds no longer; `on` is its last day.

    Raises RuleError reason_needed, not_a_learner, no_such_entry, hardship_has_ended,
    ends_before_start.
    """
    reason = needs_reason(reason)
    with transaction() as session:
        row = _tag(session, person_id, tag_id)
        if row.end_reason is not None:
            raise RuleError("hardship_has_ended")
        check_dates(row.from_on, on)
        before = _shown(row)
        # A certificate that had run out before does not hold longer because it is ended now.
        row.until_on = on if row.until_on is None else min(on, row.until_on)
        row.end_reason = reason
        _record(session, "hardship_ended", row, by, now, before)
        return row


def _record(
    session: Session, verb: str, row: HardshipTag, by: Actor, now: datetime, before: dict[str, Any]
) -> None:
    # Why it ended stands among the encrypted values: reasons of entries are read on more pages.
    audit.record(session, f"learner.{verb}", subject=f"learner:{row.person_id}", by=by, now=now,
                 person_id=row.person_id, before=before, after=_shown(row))  # fmt: skip
