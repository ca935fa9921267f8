"""Where things happen and where people live: sites, areas, and the days that differ from the week."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, choice, db


class SiteKind(StrEnum):
    CANTEEN = "canteen"
    WORKSHOP = "workshop"


class AreaLevel(StrEnum):
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    OUTSIDE = "outside"


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    WORKDAY = "workday"  # 调休: a day of rest on which people work


class Area(Model):
    """A node of 街道 → 社区 → 网格, or the one node 街道外. `code` is a path: "01", "01.03", "01.03.05"."""

    __tablename__ = "area"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    level: Mapped[AreaLevel] = mapped_column(choice(AreaLevel))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    parent: Mapped["Area | None"] = relationship(remote_side="Area.id")
    __table_args__ = (
        sa.UniqueConstraint("parent_id", "name"),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (level IN ('street', 'outside'))", name="parent_by_level"
        ),
    )


class Site(Model):
    """A canteen or a workshop. `address_style` is how its people are addressed: 大娘/大爷, 奶奶/爷爷, 阿姨/叔叔."""

    __tablename__ = "site"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    kind: Mapped[SiteKind] = mapped_column(choice(SiteKind))
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    operator: Mapped[str] = mapped_column(sa.String(64), default="")
    address: Mapped[str] = mapped_column(sa.String(128), default="")
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    address_style: Mapped[str] = mapped_column(sa.String(16), default="大娘/大爷")
    is_active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        sa.CheckConstraint("address_style LIKE '%/%'", name="address_style_two_words"),
    )


class CalendarDay(Model):
    """A day that is not what its weekday says. site_id null: everywhere; a site's own row goes first.

    A 调休 working day gets meals and classes only where `as_weekday` (1 Monday … 7 Sunday) was chosen.
    """

    __tablename__ = "calendar_day"
    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(index=True)
    kind: Mapped[DayKind] = mapped_column(choice(DayKind))
    name: Mapped[str] = mapped_column(sa.String(32))
    as_weekday: Mapped[int | None]
    is_open: Mapped[bool] = mapped_column(default=False)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    __table_args__ = (
        sa.UniqueConstraint("on", "site_id"),
        sa.Index("uq_calendar_day_on_everywhere", "on", unique=True,
                 sqlite_where=sa.text("site_id IS NULL"), postgresql_where=sa.text("site_id IS NULL")),
        sa.CheckConstraint("as_weekday BETWEEN 1 AND 7", name="as_weekday_range"),
    )  # fmt: skip


class Counter(Model):
    """Numbers that caches compare: raised in the transaction that changes what they stand for."""

    __tablename__ = "change_counter"
    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger, default=0)


def site_by_slug(slug: str) -> Site | None:
    """The site of this slug, active or not; None when there is none."""
    return db.session.scalar(sa.select(Site).where(Site.slug == slug))


def site_id_of(slug: str | None, sites: Sequence[Site]) -> int | None:
    """The id of one of these sites."""
    return next((site.id for site in sites if site.slug == slug), None)
