"""Verbs on sites, areas and the calendar."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Area, AreaLevel, CalendarDay, DayKind, Site, SiteKind

BELOW = {AreaLevel.STREET: AreaLevel.COMMUNITY, AreaLevel.COMMUNITY: AreaLevel.GRID}
OUTSIDE_CODE = "99"


@dataclass(frozen=True)
class SiteFacts:
    """What the office can change of a site."""

    name: str
    address_style: str
    phone: str = ""
    operator: str = ""
    address: str = ""
    area_id: int | None = None
    is_active: bool = True


def add_site(slug: str, kind: SiteKind, facts: SiteFacts, *, by: Actor, now: datetime) -> Site:
    """A new canteen or workshop. Raises "site_slug_taken", "site_name_taken"."""
    with transaction() as session:
        if session.scalar(sa.select(Site.id).where(Site.slug == slug)):
            raise RuleError("site_slug_taken", slug=slug)
        _refuse_taken_name(session, facts.name, None)
        site = Site(slug=slug, kind=kind, **asdict(facts))
        session.add(site)
        session.flush()
        audit.record(session, "site.added", subject=f"site:{site.id}", by=by, now=now,
                     after={"slug": slug, "kind": kind, **asdict(facts)})  # fmt: skip
    return site


def change_site(site: Site, facts: SiteFacts, *, by: Actor, now: datetime) -> None:
    """Change what can be changed of a site. Raises "site_name_taken"."""
    with transaction() as session:
        _refuse_taken_name(session, facts.name, site.id)
        after = asdict(facts)
        before = {name: getattr(site, name) for name in after}
        for name, value in after.items():
            setattr(site, name, value)
        audit.record(session, "site.changed", subject=f"site:{site.id}", by=by, now=now,
                     before=before, after=after)  # fmt: skip


def _refuse_taken_name(session: Session, name: str, site_id: int | None) -> None:
    other = session.scalar(sa.select(Site.id).where(Site.name == name))
    if other is not None and other != site_id:
        raise RuleError("site_name_taken", name=name)


def add_area(
    name: str, level: AreaLevel, parent_id: int | None, *, by: Actor, now: datetime
) -> Area:
    """A new node of the tree; its code is its parent's path and the next free number.

    Raises "area_parent" when the level does not belong under the parent, "area_name_taken",
    "area_outside_exists", "area_full".
    """
    with transaction() as session:
        # Siblings queue at their parent (streets at all streets), so that no number is given twice.
        siblings_lock = Area.id == parent_id if parent_id else Area.parent_id.is_(None)
        parents = session.scalars(sa.select(Area).where(siblings_lock).with_for_update()).all()
        parent = parents[0] if parent_id and parents else None
        if (
            BELOW.get(parent.level) != level
            if parent
            else level not in (AreaLevel.STREET, AreaLevel.OUTSIDE)
        ):
            raise RuleError("area_parent")
        _refuse_taken_area(session, name, parent_id, None)
        area = Area(
            code=_next_code(session, parent, level), name=name, level=level, parent_id=parent_id
        )
        session.add(area)
        session.flush()
        audit.record(session, "area.added", subject=f"area:{area.id}", by=by, now=now,
                     after={"code": area.code, "name": name, "level": level})  # fmt: skip
    return area


def _next_code(session: Session, parent: Area | None, level: AreaLevel) -> str:
    of_parent = Area.parent_id == parent.id if parent else Area.parent_id.is_(None)
    codes = set(session.scalars(sa.select(Area.code).where(of_parent)))
    if level == AreaLevel.OUTSIDE:
        if OUTSIDE_CODE in codes:
            raise RuleError("area_outside_exists")
        return OUTSIDE_CODE
    prefix = f"{parent.code}." if parent else ""
    last = 98 if parent is None else 99
    for number in range(1, last + 1):
        if f"{prefix}{number:02d}" not in codes:
            return f"{prefix}{number:02d}"
    raise RuleError("area_full")


def _refuse_taken_area(
    session: Session, name: str, parent_id: int | None, area_id: int | None
) -> None:
    of_parent = Area.parent_id == parent_id if parent_id else Area.parent_id.is_(None)
    other = session.scalar(sa.select(Area.id).where(of_parent, Area.name == name))
    if other is not None and other != area_id:
        raise RuleError("area_name_taken", name=name)


def rename_area(area: Area, name: str, *, by: Actor, now: datetime) -> None:
    """Call a node otherwise; its code stays. Raises "area_name_taken"."""
    with transaction() as session:
        _refuse_taken_area(session, name, area.parent_id, area.id)
        before, area.name = area.name, name
        audit.record(session, "area.renamed", subject=f"area:{area.id}", by=by, now=now,
                     before={"name": before}, after={"name": name})  # fmt: skip


def set_area_active(area: Area, is_active: bool, *, by: Actor, now: datetime) -> None:
    """Offer a node for choice, or no longer; nobody who lives there is moved.

    Raises "area_has_parts" while a part of it is offered, "area_parent_ended" the other way round.
    """
    with transaction() as session:
        parts = sa.select(Area.id).where(Area.parent_id == area.id, Area.is_active)
        if not is_active and session.scalar(parts.limit(1)):
            raise RuleError("area_has_parts")
        if is_active and area.parent is not None and not area.parent.is_active:
            raise RuleError("area_parent_ended")
        area.is_active = is_active
        action = "area.opened" if is_active else "area.ended"
        audit.record(session, action, subject=f"area:{area.id}", by=by, now=now)


@dataclass(frozen=True)
class DayFacts:
    """What the calendar says of a day: everywhere (site_id None) or at one site."""

    on: date
    kind: DayKind
    name: str
    is_open: bool = False
    as_weekday: int | None = None
    site_id: int | None = None


def set_day(
    facts: DayFacts, *, row: CalendarDay | None = None, by: Actor, now: datetime
) -> CalendarDay:
    """Add a day to the calendar, or change `row`. Raises "day_taken" when that day is there already."""
    with transaction() as session:
        where = (
            CalendarDay.site_id == facts.site_id if facts.site_id else CalendarDay.site_id.is_(None)
        )
        other = session.scalar(sa.select(CalendarDay.id).where(CalendarDay.on == facts.on, where))
        if other is not None and (row is None or other != row.id):
            raise RuleError("day_taken")
        before = _facts_of(row) if row else None
        row = row or CalendarDay()
        for name, value in asdict(facts).items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        audit.record(session, "day.changed" if before else "day.added", subject=f"day:{facts.on}",
                     by=by, now=now, before=before, after=asdict(facts))  # fmt: skip
    return row


def remove_day(row: CalendarDay, *, by: Actor, now: datetime) -> DayFacts:
    """Take a day out of the calendar: its weekday holds again. Returns what stood there."""
    with transaction() as session:
        before = _facts_of(row)
        session.delete(row)
        audit.record(
            session, "day.removed", subject=f"day:{before['on']}", by=by, now=now, before=before
        )
    return DayFacts(**before)


def _facts_of(row: CalendarDay) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DayFacts.__dataclass_fields__}


def fill_calendar(days: Iterable[DayFacts], year: int, *, by: Actor, now: datetime) -> int:
    """Add those of the days that are not there yet; returns how many. What somebody set stays."""
    with transaction() as session:
        known = set(session.scalars(sa.select(CalendarDay.on).where(CalendarDay.site_id.is_(None))))
        new = [day for day in days if day.on not in known]
        session.add_all(CalendarDay(**asdict(day)) for day in new)
        audit.record(session, "calendar.filled", subject=f"year:{year}", by=by, now=now,
                     after={"days": [day.on for day in new]})  # fmt: skip
    return len(new)
