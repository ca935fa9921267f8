"""What a report covers: its period, its sites, and the month in which each fact counts.

A fact counts in the month of its day. When that month's report had been submitted before the fact
was recorded, it counts in the first later month that was still open then, so that each is counted
once and a submitted month stays what it was. Marks of attendance carry that month themselves
(`AttendanceMark.booked_month`); of everything else it follows from the moment of its record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from core.clock import Month, service_day
from core.db import db
from core.reports import snapshot
from core.reports.models import IssuedReport, Report, ReportMove
from core.reports.values import ALL, Period, ReportState
from core.sites.models import Site, SiteKind

REPORT = "workshop"
# A record bears the moment its request began, and is written a little later: longer than any of them.
IN_FLIGHT = timedelta(hours=1)


@dataclass(frozen=True)
class Closing:
    """A month that was submitted: when first, and by which report."""

    at: datetime
    report_id: UUID


@dataclass(frozen=True)
class Closings:
    """Which months were submitted when, by scope and month."""

    by_scope: Mapping[tuple[str, str], Closing]

    @classmethod
    def read(cls) -> "Closings":
        rows = db.session.execute(
            sa.select(Report.scope, Report.period, Report.id, sa.func.min(ReportMove.at))
            .join(ReportMove, ReportMove.report_id == Report.id)
            .where(Report.name == REPORT, ReportMove.to_state == ReportState.SUBMITTED)
            .group_by(Report.scope, Report.period, Report.id)
        )
        found: dict[tuple[str, str], Closing] = {}
        for scope, period, report_id, at in rows:
            known = found.get((scope, period))
            if known is None or at < known.at:
                found[scope, period] = Closing(at, report_id)
        return cls(found)

    def month_of(self, day: date, at: datetime, site: str, fact: tuple[str, str]) -> Month:
        """The month in which a fact of a day counts. at: when it was recorded; fact: dataset and id."""
        month = Month.of(day)
        while (closing := self._of(month, site)) is not None:
            if at <= closing.at - IN_FLIGHT:
                break
            # Recorded about the moment of the submission: what was submitted says whether it was seen.
            if at < closing.at and fact in self._counted(closing.report_id):
                break
            month = month.next()
        return month

    def voided_in(self, month: Month, at: datetime, site: str, dataset: str, fact: str) -> Month:
        """The month in which it counts that a fact of a month was declared wrong at this moment.

        While the month is open, that month itself: then it counts nowhere.
        """
        closing = self._of(month, site)
        # About the moment of the submission: what was submitted without the fact had seen it.
        is_seen = (
            closing is not None
            and closing.at - IN_FLIGHT < at < closing.at
            and (dataset, fact) not in self._counted(closing.report_id)
        )
        if is_seen:
            return month
        return self.month_of(month.first, at, site, (dataset, f"{fact}-"))

    def _of(self, month: Month, site: str) -> Closing | None:
        found = [
            closing
            for scope in (ALL, site)
            if (closing := self.by_scope.get((scope, str(month)))) is not None
        ]
        return min(found, key=lambda each: each.at, default=None)

    def _counted(self, report_id: UUID) -> frozenset[tuple[str, str]]:
        if report_id not in self._kept:
            content = db.session.scalar(
                sa.select(IssuedReport.content).where(IssuedReport.id == report_id)
            )
            self._kept[report_id] = _facts(content) if content else frozenset()
        return self._kept[report_id]

    @cached_property
    def _kept(self) -> dict[UUID, frozenset[tuple[str, str]]]:
        return {}


def _facts(content: bytes) -> frozenset[tuple[str, str]]:
    """The ids of all facts of a packed report, with their dataset."""
    facts: set[tuple[str, str]] = set()
    for data in snapshot.unpack(content).datasets.values():
        if any(column.key == "fact" for column in data.columns):
            place = data.place("fact")
            facts.update((data.name, row[place]) for row in data.rows)
    return frozenset(facts)


@dataclass(frozen=True)
class Span:
    """What is read. sites: by id; since: the first day that any figure looks at."""

    period: Period
    scope: str
    now: datetime
    sites: Mapping[int, Any]
    closings: Closings

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(str(month) for month in self.period.months())

    @property
    def months_before(self) -> tuple[str, ...]:
        return tuple(str(month) for month in self.period.previous().months())

    @cached_property
    def months_of_year(self) -> tuple[str, ...]:
        """The year's months up to the end of the period."""
        year = Period.parse(f"{self.period.last_month.year:04d}")
        return tuple(str(each) for each in year.months() if each <= self.period.last_month)

    @property
    def since(self) -> date:
        return min(self.period.previous().first, date(self.period.last.year, 1, 1))

    @property
    def recorded_since(self) -> datetime:
        """From when on a record of an earlier day may count in what is looked at."""
        return Month.of(self.since).starts_at - IN_FLIGHT

    @property
    def as_of(self) -> date:
        """The last day that is looked at: of the period, or today while it runs."""
        return min(self.period.last, service_day(self.now))

    @property
    def ends_at(self) -> datetime:
        """The moment up to which sessions are held."""
        return min(self.period.last_month.ends_at, self.now)

    @property
    def site_ids(self) -> list[int]:
        return list(self.sites)

    def slug(self, site_id: int) -> str:
        return str(self.sites[site_id].slug)

    @property
    def site_words(self) -> dict[str, str]:
        return {site.slug: site.name for site in self.sites.values()}

    @staticmethod
    def late(day: date, month: Month) -> str:
        """The month of a day when it is not the one that counts it."""
        return "" if Month.of(day) == month else str(Month.of(day))

    def month_of(self, day: date, at: datetime, site_id: int, dataset: str, fact: Any) -> Month:
        """The month in which a fact counts."""
        return self.closings.month_of(day, at, self.slug(site_id), (dataset, str(fact)))

    def voided_in(
        self, month: Month, at: datetime | None, site_id: int, dataset: str, fact: Any
    ) -> Month | None:
        """The month in which the void of a fact counts; None where nothing is void by the end of the period."""
        if at is None:
            return None
        found = self.closings.voided_in(month, at, self.slug(site_id), dataset, str(fact))
        return found if found <= self.period.last_month else None


def span_of(period: Period, scope: str, now: datetime) -> Span:
    """The workshops of a scope. Raises KeyError for an unknown scope."""
    statement = sa.select(Site.id, Site.slug, Site.name).where(Site.kind == SiteKind.WORKSHOP)
    if scope != ALL:
        statement = statement.where(Site.slug == scope)
    sites = {row.id: row for row in db.session.execute(statement.order_by(Site.id))}
    if not sites and scope != ALL:
        raise KeyError(scope)
    return Span(period, scope, now, sites, Closings.read())
