"""The two tables that make the truth, and what hangs on them.

`MealEvent` is append-only: one row for each attempt at a counter, its own audit entry. `Meal` is
what is owed: its key allows one subsidised meal a person a sitting, across every site. A meal can
always be rebuilt from its events (`rules.meal_of`).
"""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from canteen.models.diners import MealCategory
from canteen.models.tariffs import Tariff
from canteen.values import (
    Collector,
    EventKind,
    ExceptionKind,
    FundLayer,
    NoCardReason,
    OtherKind,
    Sitting,
    WayOfEating,
    WayOfRecording,
)
from core.db import BigId, Json, Model, Moment, choice

LAYER_COLUMNS = {layer: f"{layer.value}_fen" for layer in FundLayer}
_SUM_OF_LAYERS = " + ".join(LAYER_COLUMNS.values())


class MealEvent(Model):
    """One attempt at a counter or door. `id` was made by the device before sending.

    `occurred_at` is corrected by the clock offset, `device_at` is what the device said. `priced`
    holds everything else a Meal is made of, and the explanation of the amount.
    """

    __tablename__ = "meal_event"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[EventKind] = mapped_column(choice(EventKind))
    reason: Mapped[str | None] = mapped_column(sa.String(32))
    status: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    voids_id: Mapped[uuid.UUID | None]
    note: Mapped[str | None] = mapped_column(sa.String(256))
    person_id: Mapped[int | None] = mapped_column(BigId)
    card_serial: Mapped[int | None]
    other_kind: Mapped[OtherKind | None] = mapped_column(choice(OtherKind))
    host_id: Mapped[int | None] = mapped_column(BigId)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    device_id: Mapped[int | None]
    user_id: Mapped[int | None]
    day: Mapped[date]
    sitting: Mapped[Sitting | None] = mapped_column(choice(Sitting))
    way: Mapped[WayOfEating] = mapped_column(choice(WayOfEating))
    recording: Mapped[WayOfRecording] = mapped_column(choice(WayOfRecording))
    collected_by: Mapped[Collector] = mapped_column(choice(Collector))
    no_card_reason: Mapped[NoCardReason | None] = mapped_column(choice(NoCardReason))
    is_acknowledged: Mapped[bool] = mapped_column(default=False)
    is_fact: Mapped[bool] = mapped_column(default=False)
    is_practice: Mapped[bool] = mapped_column(default=False)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    device_at: Mapped[datetime] = mapped_column(Moment)
    received_at: Mapped[datetime] = mapped_column(Moment)
    price_fen: Mapped[int] = mapped_column(default=0)
    subsidy_fen: Mapped[int] = mapped_column(default=0)
    copay_fen: Mapped[int] = mapped_column(default=0)
    priced: Mapped[dict[str, Any] | None] = mapped_column(Json)
    __table_args__ = (
        sa.Index("ix_meal_event_triple", "person_id", "day", "sitting"),
        sa.Index("ix_meal_event_site_day", "site_id", "day", "received_at"),
        # Few events void another: lists ask of each row whether one does, scans pay nothing.
        sa.Index("ix_meal_event_voids", "voids_id", sqlite_where=sa.text("voids_id IS NOT NULL"),
                 postgresql_where=sa.text("voids_id IS NOT NULL")),
        sa.CheckConstraint("price_fen = subsidy_fen + copay_fen", name="parts_make_price"),
        sa.CheckConstraint("subsidy_fen >= 0 AND copay_fen >= 0", name="parts_not_negative"),
        sa.CheckConstraint("(kind = 'voided') = (voids_id IS NOT NULL)", name="void_names_event"),
        sa.CheckConstraint("kind <> 'served' OR sitting IS NOT NULL", name="served_in_sitting"),
        sa.CheckConstraint("kind = 'served' OR price_fen = 0", name="only_served_cost"),
        sa.CheckConstraint("(kind = 'refused') = (reason IS NOT NULL)", name="refused_for_reason"),
        sa.CheckConstraint("other_kind IS NULL OR subsidy_fen = 0", name="others_unsubsidised"),
    )  # fmt: skip


class Meal(Model):
    """One subsidised meal of one person in one sitting of one day: what is owed, as counted then."""

    __tablename__ = "meal"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("diner.person_id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    sitting: Mapped[Sitting] = mapped_column(choice(Sitting), primary_key=True)
    event_id: Mapped[uuid.UUID]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    operator: Mapped[str] = mapped_column(sa.String(64), default="")
    way: Mapped[WayOfEating] = mapped_column(choice(WayOfEating))
    recording: Mapped[WayOfRecording] = mapped_column(choice(WayOfRecording))
    collected_by: Mapped[Collector] = mapped_column(choice(Collector))
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    is_late: Mapped[bool] = mapped_column(default=False)
    needs_review: Mapped[bool] = mapped_column(default=False)
    price_fen: Mapped[int]
    province_fen: Mapped[int] = mapped_column(default=0)
    city_fen: Mapped[int] = mapped_column(default=0)
    district_fen: Mapped[int] = mapped_column(default=0)
    street_fen: Mapped[int] = mapped_column(default=0)
    community_fen: Mapped[int] = mapped_column(default=0)
    donation_fen: Mapped[int] = mapped_column(default=0)
    operator_fen: Mapped[int] = mapped_column(default=0)
    subsidy_fen: Mapped[int] = mapped_column(default=0)
    copay_fen: Mapped[int]
    price_tariff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tariff.id"))
    tariff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tariff.id"))
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meal_category.id"))
    held_categories: Mapped[list[str]] = mapped_column(Json)
    age: Mapped[int | None]
    residence_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    registration_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    person: Mapped[Any] = relationship(
        "Person", primaryjoin="foreign(Meal.person_id) == Person.id", viewonly=True
    )
    site: Mapped[Any] = relationship("Site", viewonly=True)
    category: Mapped[MealCategory | None] = relationship(viewonly=True)
    tariff: Mapped[Tariff | None] = relationship(foreign_keys=[tariff_id], viewonly=True)
    price_tariff: Mapped[Tariff | None] = relationship(
        foreign_keys=[price_tariff_id], viewonly=True
    )
    __table_args__ = (
        sa.Index("ix_meal_day_site", "day", "site_id", "sitting"),
        sa.CheckConstraint(f"subsidy_fen = {_SUM_OF_LAYERS}", name="layers_make_subsidy"),
        sa.CheckConstraint("price_fen = subsidy_fen + copay_fen", name="parts_make_price"),
        sa.CheckConstraint("copay_fen >= 0", name="copay_not_negative"),
        sa.CheckConstraint(
            " AND ".join(f"{column} >= 0" for column in LAYER_COLUMNS.values()), name="layers_not_negative"
        ),
    )  # fmt: skip

    @property
    def layers(self) -> dict[FundLayer, int]:
        """The layers that pay anything, in fen."""
        amounts = {layer: getattr(self, column) for layer, column in LAYER_COLUMNS.items()}
        return {layer: fen for layer, fen in amounts.items() if fen}


class OtherSale(Model):
    """A meal outside the subsidy; `id` is that of its event. `host_id` is the diner it came with."""

    __tablename__ = "other_sale"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[OtherKind] = mapped_column(choice(OtherKind))
    host_id: Mapped[int | None] = mapped_column(BigId, index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    day: Mapped[date]
    sitting: Mapped[Sitting] = mapped_column(choice(Sitting))
    way: Mapped[WayOfEating] = mapped_column(choice(WayOfEating))
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    price_fen: Mapped[int]
    price_tariff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tariff.id"))
    site: Mapped[Any] = relationship("Site", viewonly=True)
    __table_args__ = (
        sa.Index("ix_other_sale_day_site", "day", "site_id", "sitting"),
        sa.CheckConstraint("price_fen >= 0", name="price_not_negative"),
    )


class CanteenException(Model):
    """What a machine could not decide (待核实事项); a human does. Keyed by the event it is about."""

    __tablename__ = "canteen_exception"
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[ExceptionKind] = mapped_column(choice(ExceptionKind), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    day: Mapped[date]
    sitting: Mapped[Sitting | None] = mapped_column(choice(Sitting))
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    settled_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    finding: Mapped[str | None] = mapped_column(sa.String(256))
    site: Mapped[Any] = relationship("Site", viewonly=True)
    __table_args__ = (
        sa.Index("ix_canteen_exception_open", "site_id", "day"),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (finding IS NULL) AND (settled_at IS NULL) = (settled_by_name IS NULL)",
            name="settled_by_somebody",
        ),
    )  # fmt: skip
