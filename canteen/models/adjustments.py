"""What a late fact changes about a month that was submitted: booked in the first month still open."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from canteen.models.meals import LAYER_COLUMNS
from canteen.values import OtherKind, Sitting
from core.db import BigId, Model, Moment, choice


class MealAdjustment(Model):
    """以前月份调整: the signed difference that one event makes to a submitted month.

    Its key is the correcting event and the site, so that each is counted once: a meal that turns
    out to belong to another site is taken from one and given to the other. visits: −1, 0 or 1.
    Amounts are signed fen; those of a sale outside the subsidy (other_kind) have a price and no
    layers. reason: what was noted, or a key of `words.LATE`.
    """

    __tablename__ = "meal_adjustment"
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(BigId, index=True)
    other_kind: Mapped[OtherKind | None] = mapped_column(choice(OtherKind))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    day: Mapped[date]
    sitting: Mapped[Sitting] = mapped_column(choice(Sitting))
    of_month: Mapped[str] = mapped_column(sa.String(7))
    booked_month: Mapped[str] = mapped_column(sa.String(7))
    visits: Mapped[int]
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
    reason: Mapped[str] = mapped_column(sa.String(256))
    booked_at: Mapped[datetime] = mapped_column(Moment)
    booked_by: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.Index("ix_meal_adjustment_booked", "booked_month", "site_id"),
        sa.Index("ix_meal_adjustment_triple", "person_id", "day", "sitting"),
        sa.CheckConstraint("visits BETWEEN -1 AND 1", name="one_visit_at_most"),
        sa.CheckConstraint("of_month < booked_month", name="booked_later"),
        sa.CheckConstraint(f"subsidy_fen = {' + '.join(LAYER_COLUMNS.values())}", name="layers_make_subsidy"),
        sa.CheckConstraint("price_fen = subsidy_fen + copay_fen", name="parts_make_price"),
        sa.CheckConstraint("other_kind IS NULL OR subsidy_fen = 0", name="others_unsubsidised"),
        sa.CheckConstraint("person_id IS NOT NULL OR other_kind IS NOT NULL", name="meal_has_person"),
    )  # fmt: skip
