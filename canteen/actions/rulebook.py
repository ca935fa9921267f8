"""The rules as plain values, cached in each process: tariff, categories, windows, calendar, areas.

A counter row is raised in the transaction that changes any of them; each scan reads it along with
the person and reloads when it has moved. So a tariff changed in the middle of a sitting holds from
the next scan on, in every process, without a message between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from canteen.actions.prices import Prices
from canteen.models import (
    MealCategory,
    SittingWindow,
    Tariff,
    TariffCondition,
    TariffLayer,
    TariffLimit,
)
from canteen.rules import DEFAULT_WINDOWS, day_type
from canteen.values import Category, DayType, TariffRow, TariffState, Window
from core.db import db, upsert
from core.sites.models import Area, CalendarDay, Counter, DayKind, Site

COUNTER = "canteen_rules"
_WATCHED = (
    Tariff, TariffCondition, TariffLayer, TariffLimit, MealCategory, SittingWindow,
    CalendarDay, Site, Area,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a meal keeps of its site."""

    id: int
    slug: str
    name: str
    operator: str


@dataclass(frozen=True, slots=True)
class DatedWindow:
    """A window with its days: a bit mask of weekdays and inclusive dates."""

    window: Window
    weekdays: int
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its weekday."""

    kind: DayKind
    as_weekday: int | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules at one version."""

    version: int
    tariffs: tuple[TariffRow, ...]
    series_of: Mapping[int, str]
    categories: tuple[Category, ...]
    sites: Mapping[int, SiteFacts]
    area_paths: Mapping[int, str]
    windows: Mapping[int, Sequence[DatedWindow]]
    calendar: Mapping[tuple[int | None, date], SpecialDay]
    eligibility_grace_days: int
    age_from_next_month: bool
    highest_wins: bool
    clock_suspect_s: int
    scan_max_age_days: int
    category_by_id: Mapping[int, Category] = field(init=False)
    prices: Prices = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "category_by_id", {row.id: row for row in self.categories})
        prices = Prices(self.tariffs, self.series_of, self.highest_wins)
        object.__setattr__(self, "prices", prices)

    def special_day(self, site_id: int, day: date) -> SpecialDay | None:
        """What the calendar says of a day at a site; the site's own row goes first."""
        return self.calendar.get((site_id, day)) or self.calendar.get((None, day))

    def weekday_at(self, site_id: int, day: date) -> int | None:
        """Whose weekday's meals are served (1 Monday … 7 Sunday); None when the site is closed.

        A holiday is closed unless opened. A 调休 working day keeps its weekday's pattern until
        "as on weekday N" is chosen.
        """
        special = self.special_day(site_id, day)
        if special is None:
            return day.isoweekday()
        if special.as_weekday is not None:
            return special.as_weekday
        if special.kind is DayKind.HOLIDAY and not special.is_open:
            return None
        return day.isoweekday()

    def windows_on(self, site_id: int, day: date) -> tuple[Window, ...]:
        """The windows served at a site on a day, by start; empty when it is closed."""
        weekday = self.weekday_at(site_id, day)
        if weekday is None:
            return ()
        begun = [dated for dated in self.windows.get(site_id, ()) if dated.from_on <= day]
        if not begun:  # hours that are set for next week close nobody today
            return DEFAULT_WINDOWS
        return tuple(
            dated.window
            for dated in begun
            if dated.weekdays >> (weekday - 1) & 1
            and (dated.until_on is None or day <= dated.until_on)
        )

    def is_open(self, site_id: int, day: date) -> bool:
        return bool(self.windows_on(site_id, day))

    def day_type(self, site_id: int, day: date) -> DayType:
        special = self.special_day(site_id, day)
        return day_type(
            day,
            is_holiday=special is not None and special.kind is DayKind.HOLIDAY,
            is_workday=special is not None and special.kind is DayKind.WORKDAY,
        )


def rulebook(version: int | None = None) -> RuleBook:
    """The cached rules; read again when `version` (as the database just said) is another."""
    book: RuleBook | None = current_app.extensions.get("canteen_rulebook")
    if book is None or (version is not None and version != book.version):
        book = current_app.extensions["canteen_rulebook"] = load()
    return book


def current_rulebook() -> RuleBook:
    """The rules as they stand now; one small read when nothing changed."""
    with db.engine.connect() as connection:
        return rulebook(_version(connection))


def load() -> RuleBook:
    """Read all rules; their version before and after must agree."""
    with Session(db.engine) as session:
        while True:
            connection = session.connection()
            version = _version(connection)
            book = _read(session, version)
            if _version(connection) == version:
                return book
            session.expire_all()


def _version(connection: sa.Connection) -> int:
    found = connection.execute(sa.select(Counter.value).where(Counter.name == COUNTER)).scalar()
    return int(found or 0)


def _read(session: Session, version: int) -> RuleBook:
    tariffs = session.scalars(
        sa.select(Tariff).where(Tariff.state != TariffState.DRAFT).order_by(Tariff.id)
    ).all()
    categories = session.scalars(
        sa.select(MealCategory).order_by(MealCategory.position, MealCategory.id)
    ).all()
    windows: dict[int, list[DatedWindow]] = {}
    for row in session.scalars(sa.select(SittingWindow).order_by(SittingWindow.starts_min)):
        dated = DatedWindow(row.value, row.weekdays, row.from_on, row.until_on)
        windows.setdefault(row.site_id, []).append(dated)
    config = current_app.config
    return RuleBook(
        version=version,
        tariffs=tuple(row.value for row in tariffs if row.state is TariffState.IN_FORCE),
        series_of={row.id: row.series for row in tariffs},
        categories=tuple(row.value for row in categories if row.is_active),
        sites={
            row.id: SiteFacts(row.id, row.slug, row.name, row.operator)
            for row in session.scalars(sa.select(Site))
        },
        area_paths={row.id: row.code for row in session.execute(sa.select(Area.id, Area.code))},
        windows=windows,
        calendar={
            (row.site_id, row.on): SpecialDay(row.kind, row.as_weekday, row.is_open)
            for row in session.scalars(sa.select(CalendarDay))
        },
        eligibility_grace_days=config["ELIGIBILITY_GRACE_DAYS"],
        age_from_next_month=config["AGE_TIER_FROM_NEXT_MONTH"],
        highest_wins=config["SUBSIDY_HIGHEST_WINS"],
        clock_suspect_s=config["CLOCK_SUSPECT_S"],
        scan_max_age_days=config["SCAN_MAX_AGE_DAYS"],
    )


def raise_version(session: Session) -> None:
    """Say that the rules changed, in the transaction that changes them."""
    upsert(session, Counter, {"name": COUNTER, "value": 0}, ["name"])
    session.execute(
        sa.update(Counter.__table__)  # type: ignore[arg-type]
        .where(Counter.__table__.c.name == COUNTER)
        .values(value=Counter.__table__.c.value + 1)
    )


@event.listens_for(Session, "before_flush")
def _raise_with_changed_rows(session: Session, *_: Any) -> None:
    """Whoever changes a rule through the ORM, the core included, need not think of the caches."""
    changed = (
        *session.new,
        *session.deleted,
        *(row for row in session.dirty if session.is_modified(row)),
    )
    if any(isinstance(row, _WATCHED) for row in changed):
        raise_version(session)


@event.listens_for(Session, "do_orm_execute")
def _raise_with_bulk_changes(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    is_write = state.is_insert or state.is_update or state.is_delete
    if is_write and mapper is not None and mapper.class_ in _WATCHED:
        raise_version(state.session)
