"""The tariff's own verbs: draft, change, put in force, end. A row in force is never edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from canteen.actions.diners import needs_reason
from canteen.models import Tariff, TariffCondition, TariffLayer, TariffLimit
from canteen.rules import check_row
from canteen.values import (
    Condition,
    LayerRule,
    Limit,
    PriceKind,
    TariffKind,
    TariffRow,
    TariffState,
)
from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError


@dataclass(frozen=True, slots=True)
class TariffDraft:
    """A row as the office types it. Money in fen, shares in 1/10000; dates are inclusive.

    series names what later versions replace: the version in force ends the day before the next.
    """

    series: str
    kind: TariffKind
    name: str
    document_no: str
    from_on: date
    until_on: date | None = None
    priority: int = 100
    price_kind: PriceKind | None = None
    price_fen: int | None = None
    conditions: Sequence[Condition] = ()
    layers: Sequence[LayerRule] = ()
    limits: Sequence[Limit] = ()
    annual_budget_fen: int | None = None
    note: str = ""

    def check(self) -> None:
        """Raises RuleError for a row that the engine could not work with."""
        if not (self.series.strip() and self.name.strip() and self.document_no.strip()):
            raise RuleError("tariff_incomplete")
        check_row(TariffRow(
            id=0, kind=self.kind, name=self.name, document_no=self.document_no, from_on=self.from_on,
            until_on=self.until_on, price_kind=self.price_kind, price_fen=self.price_fen,
            conditions=tuple(self.conditions), layers=tuple(self.layers), limits=tuple(self.limits),
        ))  # fmt: skip
        keys = [(condition.fact, condition.operator) for condition in self.conditions]
        if len(set(keys)) < len(keys) or len({rule.layer for rule in self.layers}) < len(
            self.layers
        ):
            raise RuleError("tariff_repeats_itself")


def _fill(row: Tariff, draft: TariffDraft) -> None:
    row.series, row.kind, row.name = draft.series.strip(), draft.kind, draft.name.strip()
    row.document_no, row.priority, row.note = (
        draft.document_no.strip(),
        draft.priority,
        draft.note.strip(),
    )
    row.from_on, row.until_on = draft.from_on, draft.until_on
    row.price_kind, row.price_fen = draft.price_kind, draft.price_fen
    row.annual_budget_fen = draft.annual_budget_fen
    row.conditions = [
        TariffCondition(fact=each.fact, operator=each.operator, values=list(each.values))
        for each in draft.conditions
    ]
    row.layers = [
        TariffLayer(position=n, layer=each.layer, fixed_fen=each.fixed_fen, share_bp=each.share_bp,
                    cap_fen=each.cap_fen)
        for n, each in enumerate(draft.layers)
    ]  # fmt: skip
    row.limits = [
        TariffLimit(period=each.period, unit=each.unit, maximum=each.maximum, scope=each.scope)
        for each in draft.limits
    ]


def _shown(row: Tariff) -> dict[str, Any]:
    return {
        "series": row.series, "kind": row.kind, "name": row.name, "document_no": row.document_no,
        "priority": row.priority, "from_on": row.from_on, "until_on": row.until_on,
        "state": row.state, "price_kind": row.price_kind, "price_fen": row.price_fen,
        "annual_budget_fen": row.annual_budget_fen,
        "conditions": [[each.fact, each.operator, each.values] for each in row.conditions],
        "layers": [[each.layer, each.fixed_fen, each.share_bp, each.cap_fen] for each in row.layers],
        "limits": [[each.period, each.unit, each.maximum, each.scope] for each in row.limits],
    }  # fmt: skip


def _record(
    session: Session,
    verb: str,
    row: Tariff,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None,
    reason: str | None = None,
) -> None:
    audit.record(session, f"tariff.{verb}", subject=f"tariff:{row.id}", by=by, now=now, reason=reason,
                 before=before, after=_shown(row))  # fmt: skip


def _get(session: Session, tariff_id: int, state: TariffState, otherwise: str) -> Tariff:
    row = session.get(Tariff, tariff_id, with_for_update=True)
    if row is None:
        raise RuleError("no_such_tariff")
    if row.state is not state:
        raise RuleError(otherwise)
    return row


def draft_tariff(draft: TariffDraft, *, by: Actor, now: datetime) -> Tariff:
    """Write a new row down; it prices nothing before it is put in force.

    Raises RuleError tariff_incomplete, ends_before_start, tariff_without_price,
    price_row_with_layers, tariff_without_layers, layer_fixed_or_share, bad_condition,
    tariff_repeats_itself.
    """
    draft.check()
    with transaction() as session:
        row = Tariff(state=TariffState.DRAFT, created_at=now, created_by_id=by.user_id)
        _fill(row, draft)
        session.add(row)
        session.flush()
        _record(session, "drafted", row, by, now, None)
        return row


def change_draft(tariff_id: int, draft: TariffDraft, *, by: Actor, now: datetime) -> Tariff:
    """Rewrite a draft. Raises RuleError no_such_tariff, tariff_in_force, and those of `draft_tariff`."""
    draft.check()
    with transaction() as session:
        row = _get(session, tariff_id, TariffState.DRAFT, "tariff_in_force")
        before = _shown(row)
        row.conditions, row.layers, row.limits = [], [], []
        session.flush()  # the old lines go first: the new ones may have the same keys
        _fill(row, draft)
        session.flush()
        _record(session, "changed", row, by, now, before)
        return row


def delete_draft(tariff_id: int, *, by: Actor, now: datetime) -> None:
    """Throw a draft away. Raises RuleError no_such_tariff, tariff_in_force."""
    with transaction() as session:
        row = _get(session, tariff_id, TariffState.DRAFT, "tariff_in_force")
        _record(session, "draft_deleted", row, by, now, _shown(row))
        session.delete(row)


def put_tariff_in_force(tariff_id: int, *, by: Actor, now: datetime) -> Tariff:
    """Put a draft in force from its first day on, which may lie in the past.

    The versions of its series that reach into it end the day before; meals already priced keep
    theirs. A version that it covers whole is withdrawn, one that outlasts it begins the day after.
    Raises RuleError no_such_tariff, tariff_in_force, series_of_other_kind.
    """
    with transaction() as session:
        row = _get(session, tariff_id, TariffState.DRAFT, "tariff_in_force")
        before = _shown(row)
        for former in session.scalars(
            sa.select(Tariff).where(
                Tariff.series == row.series, Tariff.state == TariffState.IN_FORCE,
                sa.or_(Tariff.until_on.is_(None), Tariff.until_on >= row.from_on),
            ).with_for_update()
        ).all():  # fmt: skip
            if former.kind is not row.kind:
                raise RuleError("series_of_other_kind")
            if row.until_on is not None and former.from_on > row.until_on:
                continue
            _give_way(session, former, row, by, now)
        row.state, row.in_force_at, row.in_force_by_id = TariffState.IN_FORCE, now, by.user_id
        session.flush()
        _record(session, "in_force", row, by, now, before)
        return row


def _give_way(session: Session, former: Tariff, row: Tariff, by: Actor, now: datetime) -> None:
    before = _shown(former)
    last = row.until_on
    if former.from_on < row.from_on:
        former.until_on = row.from_on - timedelta(days=1)
    elif last is not None and (former.until_on is None or former.until_on > last):
        former.from_on = last + timedelta(days=1)
    else:
        former.state = TariffState.WITHDRAWN
    session.flush()
    _record(session, "replaced", former, by, now, before, f"tariff:{row.id}")


def end_tariff(tariff_id: int, *, on: date, reason: str, by: Actor, now: datetime) -> Tariff:
    """End a row in force; `on` is its last day. Before its first day it is withdrawn.

    Raises RuleError no_such_tariff, tariff_not_in_force, reason_needed.
    """
    reason = needs_reason(reason)
    with transaction() as session:
        row = _get(session, tariff_id, TariffState.IN_FORCE, "tariff_not_in_force")
        before = _shown(row)
        if on < row.from_on:
            row.state = TariffState.WITHDRAWN
        else:
            row.until_on = on
        session.flush()
        _record(session, "ended", row, by, now, before, reason)
        return row
