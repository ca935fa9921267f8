"""What the rates are counted from: exits, jobs and follow-ups as plain values, in four queries.

The rates themselves are in rules/rates.py; the report and the page count with the same.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from flask import current_app

from core.clock import Month
from core.db import db
from core.people.models import Person
from workshop.actions.follow_up_rows import follow_up_days
from workshop.models import Cohort, Enrolment, FollowUp, Placement
from workshop.rules import rates
from workshop.rules.rates import Exit, Look, PlacementRate, Retention, Spell
from workshop.values import EnrolmentState

_OUT = (EnrolmentState.COMPLETED, EnrolmentState.INCOMPLETE, EnrolmentState.WITHDRAWN)


@dataclass(frozen=True)
class Book:
    """Everything that a rate is counted from. still_training: women not out yet, by cohort."""

    cohorts: Mapping[int, Cohort]
    exits: Sequence[Exit]
    still_training: Mapping[int, int]
    spells: Mapping[int, Sequence[Spell]]
    looks: Mapping[int, Sequence[Look]]
    window_months: int
    gap_days: int
    after_days: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """The rates of one group, a cohort or a month."""

    key: str
    cohort: Cohort | None
    month: Month | None
    placed: PlacementRate
    kept: tuple[Retention, ...]


def book(site_ids: frozenset[int] | None = None) -> Book:
    """Read what rates are counted from, of these sites; None means all. Four queries.

    A merge moves no history: everything counts for the record that is left.
    """
    kept = sa.func.coalesce(Person.merged_into_id, Person.id).label("person_id")
    at_site = sa.true() if site_ids is None else Cohort.site_id.in_(site_ids)
    cohorts = {row.id: row for row in db.session.scalars(sa.select(Cohort).where(at_site))}
    exits, training = [], Counter[int]()
    enrolled = (
        sa.select(
            kept, Enrolment.cohort_id, Enrolment.state, Enrolment.joined_on, Enrolment.left_on
        )
        .select_from(Enrolment)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Person, Person.id == Enrolment.person_id)
    )
    trained = [state for state in EnrolmentState if state.has_trained]
    for row in db.session.execute(enrolled.where(at_site, Enrolment.state.in_(trained))):
        if row.state in _OUT:
            exits.append(Exit(
                row.person_id, row.cohort_id, row.joined_on,
                rates.exit_day(row.state, joined_on=row.joined_on, left_on=row.left_on,
                               ends_on=cohorts[row.cohort_id].ends_on),
                row.state is EnrolmentState.COMPLETED,
            ))  # fmt: skip
        else:
            training[row.cohort_id] += 1
    at_placement = sa.true() if site_ids is None else Placement.site_id.in_(site_ids)
    spells: dict[int, list[Spell]] = defaultdict(list)
    worked = (
        sa.select(
            kept, Placement.id, Placement.started_on, Placement.left_on, Placement.verified_on
        )
        .select_from(Placement)
        .join(Person, Person.id == Placement.person_id)
        .where(Placement.started_on.is_not(None), at_placement)
    )
    for job in db.session.execute(worked.order_by(Placement.started_on, Placement.id)):
        spells[job.person_id].append(Spell(
            job.person_id, str(job.id), job.started_on, job.left_on, job.verified_on is not None
        ))  # fmt: skip
    looks: dict[int, list[Look]] = defaultdict(list)
    asked = (
        sa.select(kept, FollowUp.placement_id, FollowUp.after_days, FollowUp.outcome,
                  FollowUp.done_on)
        .select_from(FollowUp)
        .join(Placement, sa.and_(Placement.person_id == FollowUp.person_id,
                                 Placement.id == FollowUp.placement_id))
        .join(Person, Person.id == FollowUp.person_id)
        .where(FollowUp.outcome.is_not(None), at_placement)
    )  # fmt: skip
    for look in db.session.execute(asked):
        looks[look.person_id].append(
            Look(str(look.placement_id), look.after_days, look.outcome, look.done_on)
        )
    config = current_app.config
    return Book(
        cohorts, exits, training, spells, looks, int(config["PLACEMENT_WINDOW_MONTHS"]),
        int(config["RETENTION_GAP_DAYS"]), follow_up_days(),
    )  # fmt: skip


def by_cohort(read: Book, today: date) -> list[Line]:
    """The rates of each cohort whom somebody trained in, the latest first."""
    exits: dict[int, list[Exit]] = defaultdict(list)
    for one in read.exits:
        exits[one.group].append(one)
    groups = {*exits, *read.still_training}
    latest = sorted(groups, key=lambda n: (read.cohorts[n].ends_on, n), reverse=True)
    return [
        _line(read, today, str(n), exits[n], read.still_training.get(n, 0), cohort=read.cohorts[n])
        for n in latest
    ]


def by_month(read: Book, today: date) -> list[Line]:
    """The rates of the women who left training in each month, the latest first."""
    exits: dict[Month, list[Exit]] = defaultdict(list)
    for one in read.exits:
        exits[Month.of(one.on)].append(one)
    this = Month.of(today)
    # While a month lasts, others may still leave in it.
    return [
        _line(read, today, str(month), exits[month], 1 if month >= this else 0, month=month)
        for month in sorted(exits, reverse=True)
    ]


def _line(
    read: Book, today: date, key: str, exits: Sequence[Exit], still_training: int, *,
    cohort: Cohort | None = None, month: Month | None = None,
) -> Line:  # fmt: skip
    placed = rates.placement_rate(
        exits, read.spells, still_training=still_training, window_months=read.window_months,
        today=today,
    )  # fmt: skip
    closes = max((rates.months_after(one.on, read.window_months) for one in exits), default=None)
    kept = tuple(
        rates.retention(
            rates.anchors_of(exits, read.spells, read.window_months), read.spells, read.looks,
            after_days=days, gap_days=read.gap_days, today=today,
            group_closes_on=closes + timedelta(days=1) if closes else None,
            is_open=bool(still_training),
        )
        for days in read.after_days
    )  # fmt: skip
    return Line(key, cohort, month, placed, kept)


def is_early(started_on: date | None, left_on: date | None) -> bool:
    """Whether a job was left within EARLY_LEAVING_DAYS of its start."""
    if started_on is None or left_on is None:
        return False
    return (left_on - started_on).days < int(current_app.config["EARLY_LEAVING_DAYS"])
