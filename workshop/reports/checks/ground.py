"""What the checks stand on: the counted rows, and the sessions and places around them, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from core import show
from core.db import db
from core.paths import path_to
from core.reports.residents import merged
from core.reports.values import Built
from workshop.models import Cohort, Enrolment, Placement, Session
from workshop.reports.read.classes import clock_of
from workshop.reports.span import Span, span_of
from workshop.values import SessionState


class Meeting(NamedTuple):
    """A planned session of the period, at any workshop."""

    id: int
    cohort_id: int
    cohort: str
    site_id: int
    on: date
    starts_min: int
    ends_min: int
    room_id: int | None
    trainer_id: int | None
    substitute_id: int | None

    def overlaps(self, other: "Meeting") -> bool:
        """Whether both take place at the same hour."""
        return (
            self.on == other.on
            and self.starts_min < other.ends_min
            and other.starts_min < self.ends_min
        )


@dataclass(frozen=True)
class Ground:
    """One counted report and the rows around it."""

    built: Built

    @cached_property
    def span(self) -> Span:
        return span_of(self.built.period, self.built.scope, self.built.built_at)

    @cached_property
    def merged(self) -> Mapping[int, int]:
        return merged()

    @cached_property
    def names(self) -> Mapping[int, str]:
        """Names by person, in their order."""
        data = self.built.datasets["people"]
        name = data.place("name")
        return {row[0]: row[name] for row in data.rows}

    def person(self, person_id: int) -> int:
        """Whom a record counts for."""
        return self.merged.get(person_id, person_id)

    def name(self, person_id: int) -> str:
        return self.names.get(self.person(person_id), "—")

    @cached_property
    def meetings(self) -> Mapping[int, Meeting]:
        """All planned sessions of the period, by time; of all workshops, for who may be in two at once."""
        period = self.built.period
        rows = db.session.execute(
            sa.select(
                Session.id, Session.cohort_id, Cohort.name, Cohort.site_id, Session.on, Session.starts_min,
                Session.ends_min, Session.room_id, Session.trainer_id, Session.substitute_id,
            )
            .join(Cohort, Cohort.id == Session.cohort_id)
            .where(Session.on >= period.first, Session.on <= period.last,
                   Session.state == SessionState.PLANNED)
            .order_by(Session.on, Session.starts_min, Session.id)
        )  # fmt: skip
        return {row.id: Meeting(*row) for row in rows}

    def is_ours(self, meeting: Meeting) -> bool:
        return meeting.site_id in self.span.sites

    @property
    def attendances(self) -> list[dict[str, Any]]:
        """The counted marks, by column."""
        return self.rows("attendances")

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a dataset, by column."""
        data = self.built.datasets[name]
        keys = [column.key for column in data.columns]
        return [dict(zip(keys, row, strict=True)) for row in data.rows]

    @property
    def trained(self) -> set[int]:
        """Everybody with hours in the period."""
        return {row[0] for row in self.built.datasets["hours"].rows}

    @cached_property
    def subsidised(self) -> list[Any]:
        """Places of those who trained, that count for the subsidy: with cohort and course."""
        rows = db.session.execute(
            sa.select(Enrolment.person_id, Enrolment.cohort_id, Enrolment.state, Enrolment.joined_on,
                      Cohort.name.label("cohort"), Cohort.course_id, Cohort.starts_on)
            .join(Cohort, Cohort.id == Enrolment.cohort_id)
            .where(Enrolment.is_subsidised.is_(sa.true()), Cohort.is_subsidised.is_(sa.true()),
                   Enrolment.joined_on.is_not(None), Enrolment.joined_on <= self.built.period.last)
            .order_by(Cohort.starts_on, Cohort.id, Enrolment.person_id)
        )  # fmt: skip
        trained = self.trained
        return [
            row for row in rows if self.person(row.person_id) in trained and row.state.has_trained
        ]


def told(meeting: Meeting) -> str:
    """缝纫初级第 1 期 · 2026年11月3日 · 09:00–12:00."""
    times = f"{clock_of(meeting.starts_min)}–{clock_of(meeting.ends_min)}"
    return " · ".join((meeting.cohort, show.full_day(meeting.on), times))


def session_page(session_id: int) -> str:
    """The page of a session's attendance."""
    return path_to("workshop.attendance", session_id=session_id)


def learner_page(person_id: int) -> str:
    return path_to("workshop.learner", person_id=person_id)


def cohort_page(cohort_id: int) -> str:
    return path_to("workshop.cohort", cohort_id=cohort_id)


def placement_page(row: Placement | sa.Row[Any]) -> str:
    """The page of a placement. row: as much of it as its person_id and id."""
    return path_to("workshop.placement", person_id=row.person_id, placement_id=row.id)
