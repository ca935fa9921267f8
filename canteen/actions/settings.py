"""What the office sets up once: the table of categories, and when each site serves its sittings."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from canteen.models import MealCategory, SittingWindow
from canteen.rules import overlapping
from canteen.values import GENERAL, Dimension, Window
from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Site, SiteKind

# code, name, dimension; a starting point that every office edits. 高龄 follows from the birth date.
_CATEGORIES: tuple[tuple[str, str, Dimension], ...] = (
    ("destitute", "特困", Dimension.ECONOMIC),
    ("minimum_living", "低保", Dimension.ECONOMIC),
    ("low_income", "低保边缘", Dimension.ECONOMIC),
    ("rigid_expense", "刚性支出", Dimension.ECONOMIC),
    ("half_disabled", "半失能", Dimension.ABILITY),
    ("disabled", "失能", Dimension.ABILITY),
    ("dementia", "失智", Dimension.ABILITY),
    ("severe_disability", "重残", Dimension.PRIVILEGE),
    ("bereaved", "计生特殊家庭", Dimension.PRIVILEGE),
    ("veteran", "优抚", Dimension.PRIVILEGE),
    ("alone", "独居", Dimension.LIVING),
    ("empty_nest", "空巢", Dimension.LIVING),
    ("left_behind", "留守", Dimension.LIVING),
    ("aged", "高龄", Dimension.AGE),
    (GENERAL, "普通", Dimension.GENERAL),
)
AGED_FROM = 80


def ensure_categories(*, by: Actor, now: datetime) -> dict[str, MealCategory]:
    """Make the usual categories where none exist; returns all of them by code."""
    with transaction() as session:
        rows = session.scalars(sa.select(MealCategory)).all()
        if not rows:
            rows = [
                MealCategory(
                    code=code, name=name, dimension=dimension, position=10 * (n + 1),
                    age_from=AGED_FROM if dimension is Dimension.AGE else None, is_active=True,
                )
                for n, (code, name, dimension) in enumerate(_CATEGORIES)
            ]  # fmt: skip
            session.add_all(rows)
            session.flush()
            audit.record(session, "meal_category.seeded", subject="meal_category", by=by, now=now,
                         after={"codes": [row.code for row in rows]})  # fmt: skip
        return {row.code: row for row in rows}


def _shown(row: MealCategory) -> dict[str, Any]:
    return {
        "code": row.code, "name": row.name, "dimension": row.dimension, "position": row.position,
        "age_from": row.age_from, "age_below": row.age_below, "is_active": row.is_active,
    }  # fmt: skip


def save_category(
    category_id: int | None,
    *,
    code: str,
    name: str,
    dimension: Dimension,
    position: int,
    by: Actor,
    now: datetime,
    age_from: int | None = None,
    age_below: int | None = None,
    is_active: bool = True,
) -> MealCategory:
    """Make a category (None) or change one; its code and dimension stay, because meals name them.

    Raises RuleError no_such_category, category_incomplete, category_age_bounds, category_taken,
    category_needed.
    """
    code, name = code.strip(), name.strip()
    if not (code and name):
        raise RuleError("category_incomplete")
    is_age = dimension is Dimension.AGE
    if is_age != (age_from is not None) or (age_below is not None and age_below <= (age_from or 0)):
        raise RuleError("category_age_bounds")
    with transaction() as session:
        row = session.get(MealCategory, category_id) if category_id is not None else None
        if category_id is not None and row is None:
            raise RuleError("no_such_category")
        taken = sa.select(MealCategory.id).where(
            sa.or_(MealCategory.code == code, MealCategory.name == name),
            MealCategory.id != (category_id or 0),
        )
        if session.scalar(taken.limit(1)) is not None:
            raise RuleError("category_taken")
        before = _shown(row) if row else None
        if row is None:
            row = MealCategory(code=code, dimension=dimension)
            session.add(row)
        elif (row.code, row.dimension) != (code, dimension) or (code == GENERAL and not is_active):
            raise RuleError("category_needed")
        row.name, row.position, row.is_active = name, position, is_active
        row.age_from, row.age_below = age_from, age_below
        session.flush()
        audit.record(session, "meal_category.saved", subject=f"meal_category:{row.id}", by=by, now=now,
                     before=before, after=_shown(row))  # fmt: skip
        return row


def set_sitting_windows(
    site_id: int,
    *,
    windows: Sequence[Window],
    from_on: date,
    by: Actor,
    now: datetime,
    weekdays: int = 127,
) -> list[SittingWindow]:
    """Set when a site serves from a day on; what was set before holds until the day before.

    weekdays: bit mask, 1 Monday … 64 Sunday. Raises RuleError no_such_site, windows_overlap,
    window_twice, bad_window.
    """
    if not windows or any(not 0 <= each.starts_min < each.ends_min <= 1440 for each in windows):
        raise RuleError("bad_window")
    if len({each.sitting for each in windows}) < len(windows):
        raise RuleError("window_twice")
    if overlapping(windows):
        raise RuleError("windows_overlap")
    with transaction() as session:
        site = session.get(Site, site_id)
        if site is None or site.kind is not SiteKind.CANTEEN:
            raise RuleError("no_such_site")
        former = session.scalars(
            sa.select(SittingWindow).where(
                SittingWindow.site_id == site_id,
                sa.or_(SittingWindow.until_on.is_(None), SittingWindow.until_on >= from_on),
            )
        ).all()
        before = [_window_shown(row) for row in former]
        for row in former:
            if row.from_on >= from_on:
                session.delete(row)
            else:
                row.until_on = from_on - timedelta(days=1)
        session.flush()
        made = [
            SittingWindow(
                site_id=site_id, sitting=each.sitting, starts_min=each.starts_min,
                ends_min=each.ends_min, grace_before_min=each.grace_before_min,
                grace_after_min=each.grace_after_min, weekdays=weekdays, from_on=from_on,
            )
            for each in windows
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        audit.record(session, "sitting_windows.set", subject=f"site:{site_id}", by=by, now=now,
                     before={"windows": before}, after={"windows": [_window_shown(row) for row in made]})  # fmt: skip
        return made


def _window_shown(row: SittingWindow) -> dict[str, Any]:
    return {
        "sitting": row.sitting, "starts_min": row.starts_min, "ends_min": row.ends_min,
        "weekdays": row.weekdays, "from_on": row.from_on, "until_on": row.until_on,
    }  # fmt: skip
