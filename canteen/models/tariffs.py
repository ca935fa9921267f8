"""The tariff (价格与补贴标准): dated rows with their conditions, layers and limits. Reference tables.

A row in force never changes; it ends, and a new version of its series begins, so that each meal
keeps pointing at what it was priced by.
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from canteen.values import (
    Condition,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    Operator,
    PriceKind,
    TariffKind,
    TariffRow,
    TariffState,
)
from core.db import Json, Model, Moment, choice


class Tariff(Model):
    """One row: either a price, or a subsidy. `id` is its number; a lower `priority` goes first."""

    __tablename__ = "tariff"
    id: Mapped[int] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(sa.String(32), index=True)
    kind: Mapped[TariffKind] = mapped_column(choice(TariffKind))
    name: Mapped[str] = mapped_column(sa.String(64))
    document_no: Mapped[str] = mapped_column(sa.String(64))
    priority: Mapped[int] = mapped_column(default=100)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    state: Mapped[TariffState] = mapped_column(choice(TariffState), default=TariffState.DRAFT)
    price_kind: Mapped[PriceKind | None] = mapped_column(choice(PriceKind))
    price_fen: Mapped[int | None]
    annual_budget_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    note: Mapped[str] = mapped_column(sa.String(256), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    in_force_at: Mapped[datetime | None] = mapped_column(Moment)
    in_force_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    conditions: Mapped[list["TariffCondition"]] = relationship(
        cascade="all, delete-orphan", order_by="TariffCondition.id", lazy="selectin"
    )
    layers: Mapped[list["TariffLayer"]] = relationship(
        cascade="all, delete-orphan", order_by="TariffLayer.position", lazy="selectin"
    )
    limits: Mapped[list["TariffLimit"]] = relationship(
        cascade="all, delete-orphan", order_by="TariffLimit.id", lazy="selectin"
    )
    __table_args__ = (
        sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),
        sa.CheckConstraint("(kind = 'price') = (price_kind IS NOT NULL)", name="price_has_kind"),
        sa.CheckConstraint("kind = 'price' OR price_fen IS NULL", name="only_prices_have_price"),
        sa.CheckConstraint(
            "kind <> 'price' OR price_kind = 'actual' OR price_fen IS NOT NULL",
            name="price_is_known",
        ),
        sa.CheckConstraint("price_fen >= 0", name="price_not_negative"),
        sa.CheckConstraint("annual_budget_fen >= 0", name="budget_not_negative"),
        sa.CheckConstraint("(state = 'draft') = (in_force_at IS NULL)", name="in_force_since"),
    )

    @property
    def value(self) -> TariffRow:
        """The row with its conditions, layers and limits as plain values."""
        return TariffRow(
            id=self.id, kind=self.kind, name=self.name, document_no=self.document_no,
            from_on=self.from_on, until_on=self.until_on, priority=self.priority,
            series=self.series, price_kind=self.price_kind, price_fen=self.price_fen,
            conditions=tuple(
                Condition(row.fact, row.operator, tuple(row.values)) for row in self.conditions
            ),
            layers=tuple(
                LayerRule(row.layer, row.fixed_fen, row.share_bp, row.cap_fen) for row in self.layers
            ),
            limits=tuple(
                Limit(row.period, row.unit, row.maximum, row.scope) for row in self.limits
            ),
        )  # fmt: skip


class TariffCondition(Model):
    """A further condition is a further row: all conditions of a tariff row must hold."""

    __tablename__ = "tariff_condition"
    id: Mapped[int] = mapped_column(primary_key=True)
    tariff_id: Mapped[int] = mapped_column(sa.ForeignKey("tariff.id"), index=True)
    fact: Mapped[Fact] = mapped_column(choice(Fact))
    operator: Mapped[Operator] = mapped_column(choice(Operator))
    values: Mapped[list[str]] = mapped_column(Json)
    __table_args__ = (sa.UniqueConstraint("tariff_id", "fact", "operator"),)


class TariffLayer(Model):
    """How much one layer pays: fixed fen, or a share in 1/10000 of the price, with a cap."""

    __tablename__ = "tariff_layer"
    id: Mapped[int] = mapped_column(primary_key=True)
    tariff_id: Mapped[int] = mapped_column(sa.ForeignKey("tariff.id"), index=True)
    position: Mapped[int]
    layer: Mapped[FundLayer] = mapped_column(choice(FundLayer))
    fixed_fen: Mapped[int | None]
    share_bp: Mapped[int | None]
    cap_fen: Mapped[int | None]
    __table_args__ = (
        sa.UniqueConstraint("tariff_id", "layer"),
        sa.CheckConstraint("(fixed_fen IS NULL) <> (share_bp IS NULL)", name="fixed_or_share"),
        sa.CheckConstraint("fixed_fen >= 0", name="fixed_not_negative"),
        sa.CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_within_price"),
        sa.CheckConstraint("cap_fen >= 0", name="cap_not_negative"),
    )


class TariffLimit(Model):
    """At most so many meals, or fen, in a period."""

    __tablename__ = "tariff_limit"
    id: Mapped[int] = mapped_column(primary_key=True)
    tariff_id: Mapped[int] = mapped_column(sa.ForeignKey("tariff.id"), index=True)
    period: Mapped[LimitPeriod] = mapped_column(choice(LimitPeriod))
    unit: Mapped[LimitUnit] = mapped_column(choice(LimitUnit))
    maximum: Mapped[int]
    scope: Mapped[LimitScope] = mapped_column(choice(LimitScope), default=LimitScope.SERIES)
    __table_args__ = (
        sa.UniqueConstraint("tariff_id", "period", "unit", "scope"),
        sa.CheckConstraint("maximum >= 0", name="maximum_not_negative"),
    )
