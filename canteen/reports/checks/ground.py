"""What the checks stand on: the counted rows by name, and what was recorded beside them, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _

from canteen.models import Meal, MealEvent
from canteen.reports import read
from canteen.values import (
    Collector,
    EventKind,
    OtherKind,
    Sitting,
    WayOfEating,
    WayOfRecording,
)
from core import show
from core.accounts.models import Device, User
from core.db import db
from core.paths import path_to
from core.reports.residents import merged
from core.reports.values import ALL, Built
from core.sites.models import Site


class Counted(NamedTuple):
    """A meal of the report, as much of it as checks look at."""

    event_id: str
    person_id: int
    day: date
    sitting: str
    site: str
    way: str
    recording: str
    collected_by: str
    occurred_at: datetime
    is_late: int
    needs_review: int
    category: str
    price_tariff: str
    subsidy_fen: int


class Attempt(NamedTuple):
    """A scan or entry at a counter, served or refused. person_id: whom it counts for."""

    event_id: str
    kind: EventKind
    reason: str | None
    voids_id: Any
    person_id: int | None
    site_id: int
    day: date
    sitting: Sitting | None
    way: WayOfEating
    recording: WayOfRecording
    collected_by: Collector
    occurred_at: datetime
    user_id: int | None
    device_id: int | None
    other_kind: OtherKind | None


@dataclass(frozen=True)
class Ground:
    """One counted report and the rows around it."""

    built: Built

    @cached_property
    def wanted(self) -> read.Range:
        return read.range_of(self.built.period, self.built.scope)

    @cached_property
    def merged(self) -> Mapping[int, int]:
        return merged()

    @cached_property
    def site_ids(self) -> Mapping[str, int]:
        return {site.slug: site_id for site_id, site in self.wanted.sites.items()}

    @cached_property
    def meals(self) -> tuple[Counted, ...]:
        data = self.built.datasets["meals"]
        places = [data.place(name) for name in Counted._fields]
        return tuple(Counted(*(row[place] for place in places)) for row in data.rows)

    @cached_property
    def names(self) -> Mapping[int, str]:
        """Names by person, in the order of the register."""
        return {row[0]: row[1] for row in self.built.datasets["people"].rows}

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """All that was registered or refused at the sites, in the order in which it happened.

        Taken back ones are left out; practice too. For one site's report also what its diners did
        elsewhere in the meantime.
        """
        event: Any = MealEvent.__table__.c
        days = event.day.in_(self.wanted.days)
        here = event.site_id.in_(list(self.wanted.sites))
        statement = sa.select(
            event.id.label("event_id"), event.kind, event.reason, event.voids_id, event.person_id,
            event.site_id, event.day, event.sitting, event.way, event.recording, event.collected_by, event.occurred_at,
            event.user_id, event.device_id, event.other_kind,
        ).where(days, event.is_practice.is_(sa.false()))  # fmt: skip
        statements = [statement.where(here)]
        if self.built.scope != ALL:
            statements.append(statement.where(~here, event.person_id.in_(self.eaters)))
        rows = [row for each in statements for row in db.session.execute(each)]
        voided = {row.voids_id for row in rows if row.voids_id is not None}
        found = [
            Attempt(**{**row._mapping, "event_id": str(row.event_id),
                       "person_id": self.merged.get(row.person_id, row.person_id)})
            for row in rows
            if row.kind is not EventKind.VOIDED and row.event_id not in voided
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda each: (each.occurred_at, each.event_id)))

    @cached_property
    def served(self) -> Mapping[str, Attempt]:
        """The attempts that are meals of the report, by event, in their order."""
        counted = {meal.event_id for meal in self.meals}
        return {each.event_id: each for each in self.attempts if each.event_id in counted}

    @property
    def eaters(self) -> Any:
        """The ids of everybody with a meal in the report, as a query."""
        meal: Any = Meal.__table__.c
        return sa.select(meal.person_id).where(self.wanted.of(meal.day, meal.site_id))

    @cached_property
    def staff(self) -> Mapping[tuple[int | None, int | None], str]:
        """Who recorded, by account and device: a person's name, else the device's."""
        pairs = {(each.user_id, each.device_id) for each in self.attempts}
        users = _names(User.id, User.display_name, {user for user, _device in pairs})
        devices = _names(Device.id, Device.name, {device for _user, device in pairs})
        return {
            (user, device): users.get(user) or devices.get(device) or _("unknown")
            for user, device in pairs
        }

    def recorded_by(self, attempt: Attempt) -> str:
        return self.staff[attempt.user_id, attempt.device_id]

    def site_name(self, site: str | int) -> str:
        """The name of a site by slug, or by id where another's site may be meant."""
        if isinstance(site, str):
            return str(self.built.datasets["meals"].words["site"][site])
        return self.all_sites[site]

    @cached_property
    def all_sites(self) -> Mapping[int, str]:
        return dict(db.session.execute(sa.select(Site.id, Site.name)).tuples().all())

    def of_meal(self, meal: Counted) -> str:
        """张三 · 2026年10月3日 · 午餐 · 第一食堂."""
        sitting = self.built.datasets["meals"].words["sitting"][meal.sitting]
        return " · ".join((
            self.names[meal.person_id], show.full_day(meal.day), sitting, self.site_name(meal.site),
        ))  # fmt: skip

    def list_of(self, **filters: Any) -> str:
        """The list of the period's meals, filtered."""
        period = self.built.period
        days = {"from_on": period.first.isoformat(), "until_on": period.last.isoformat()}
        return path_to("canteen.meals", **{**days, **filters})


def _names(key: Any, name: Any, ids: set[int | None]) -> dict[int | None, str]:
    rows = db.session.execute(sa.select(key, name).where(key.in_({each for each in ids if each})))
    return dict(rows.tuples().all())


def page_of(event_id: Any) -> str:
    """The page of a meal."""
    return path_to("canteen.meal", event_id=event_id)
