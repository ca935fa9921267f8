"""Who may eat, why, and when: diners with their dated papers, categories, and sitting windows.

Dates are inclusive on both ends; a missing end means open. Per-person tables begin their key with
person_id; categories and windows are reference tables.
"""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from canteen.values import (
    Category,
    DietKind,
    Dimension,
    EligibilityState,
    Sitting,
    WayOfEating,
    Window,
)
from core.db import BigId, Model, Moment, choice, new_id
from core.privacy import Encrypted


class SittingWindow(Model):
    """When a site serves a sitting, from a date on: minutes after midnight, half-open.

    `weekdays` is a bit mask, 1 for Monday to 64 for Sunday. Before its first row a site uses the defaults.
    """

    __tablename__ = "sitting_window"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    sitting: Mapped[Sitting] = mapped_column(choice(Sitting))
    starts_min: Mapped[int]
    ends_min: Mapped[int]
    grace_before_min: Mapped[int] = mapped_column(default=30)
    grace_after_min: Mapped[int] = mapped_column(default=20)
    weekdays: Mapped[int] = mapped_column(default=127)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    __table_args__ = (
        sa.UniqueConstraint("site_id", "sitting", "from_on"),
        sa.CheckConstraint("0 <= starts_min AND starts_min < ends_min AND ends_min <= 1440", name="within_day"),
        sa.CheckConstraint("grace_before_min BETWEEN 0 AND 240 AND grace_after_min BETWEEN 0 AND 240", name="grace"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),
    )  # fmt: skip

    @property
    def value(self) -> Window:
        return Window(
            self.sitting,
            self.starts_min,
            self.ends_min,
            self.grace_before_min,
            self.grace_after_min,
        )


class MealCategory(Model):
    """A kind of diner (对象类别), editable. Those of dimension age have bounds and need no paper."""

    __tablename__ = "meal_category"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)
    dimension: Mapped[Dimension] = mapped_column(choice(Dimension))
    position: Mapped[int] = mapped_column(default=0)
    age_from: Mapped[int | None]
    age_below: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        sa.CheckConstraint("(dimension = 'age') = (age_from IS NOT NULL)", name="age_has_bound"),
        sa.CheckConstraint("age_below > age_from", name="age_bounds_in_order"),
        sa.CheckConstraint("age_below IS NULL OR dimension = 'age'", name="bound_only_for_age"),
    )

    @property
    def value(self) -> Category:
        return Category(
            self.id,
            self.code,
            self.name,
            self.dimension,
            self.position,
            self.age_from,
            self.age_below,
        )


class Diner(Model):
    """A person enrolled for meals (助餐对象)."""

    __tablename__ = "diner"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    home_site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    usual_way: Mapped[WayOfEating] = mapped_column(choice(WayOfEating), default=WayOfEating.DINE_IN)
    enrolled_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    note: Mapped[str | None] = mapped_column(Encrypted)
    created_at: Mapped[datetime] = mapped_column(Moment)
    person: Mapped[Any] = relationship("Person", viewonly=True)
    home_site: Mapped[Any] = relationship("Site", viewonly=True)
    eligibilities: Mapped[list["Eligibility"]] = relationship(
        viewonly=True, order_by="Eligibility.from_on"
    )
    __table_args__ = (
        sa.CheckConstraint("ended_on >= enrolled_on", name="ends_after_start"),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
    )  # fmt: skip


class Eligibility(Model):
    """This diner is in this category from … to …, on this evidence, approved by … (补贴资格)."""

    __tablename__ = "eligibility"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("diner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("meal_category.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None] = mapped_column(index=True)
    state: Mapped[EligibilityState] = mapped_column(
        choice(EligibilityState), default=EligibilityState.PROPOSED
    )
    evidence: Mapped[str] = mapped_column(Encrypted, default="")
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    approved_by_name: Mapped[str | None] = mapped_column(sa.String(64))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(sa.String(128))
    category: Mapped[MealCategory] = relationship()
    diner: Mapped[Diner] = relationship(viewonly=True)
    __table_args__ = (
        sa.UniqueConstraint("person_id", "category_id", "from_on"),
        sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'ended') OR "
            "(approved_at IS NOT NULL AND approved_by_name IS NOT NULL)",
            name="approved_by_somebody",
        ),
        sa.CheckConstraint(
            "(state IN ('refused', 'ended')) = (end_reason IS NOT NULL)", name="end_has_reason"
        ),
    )  # fmt: skip


class DietNeed(Model):
    """What she must not or cannot eat (饮食禁忌). `detail` names the food and is a health note."""

    __tablename__ = "diet_need"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("diner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[DietKind] = mapped_column(choice(DietKind))
    detail: Mapped[str | None] = mapped_column(Encrypted)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    __table_args__ = (sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),)


class Suspension(Model):
    """Refuses at the counter, with a reason and an end (暂停资格)."""

    __tablename__ = "suspension"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("diner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.String(128))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    __table_args__ = (sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),)


class Pause(Model):
    """Days on which she does not come (停餐): stops orders and the alarm, never the counter."""

    __tablename__ = "pause"
    person_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("diner.person_id"), primary_key=True
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.String(128), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (sa.CheckConstraint("until_on >= from_on", name="ends_after_start"),)
