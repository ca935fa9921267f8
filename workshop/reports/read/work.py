"""The way into work: guidance, businesses, jobs with what became of them, follow-ups."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from core.clock import Month
from core.db import db
from core.reports.values import Column, Dataset, Kind
from workshop import words
from workshop.models import (
    Employer,
    FollowUp,
    GuidanceMeeting,
    LoanApplication,
    Placement,
    PlacementMove,
    Venture,
)
from workshop.reports.span import Span
from workshop.reports.words import word, yes_no
from workshop.rules.rates import Look, Spell
from workshop.values import LoanState, PlacementState, VentureStage

STARTED, VERIFIED, LEFT = (
    PlacementState.STARTED.value, PlacementState.VERIFIED.value, PlacementState.LEFT.value,
)  # fmt: skip
EVENTS = (STARTED, VERIFIED, LEFT)
UNKNOWN = "unknown"


class Event(NamedTuple):
    """She started, was verified or left: the day, and the month in which it counts."""

    id: str
    kind: str
    on: date
    month: Month


@dataclass(frozen=True)
class Job:
    """A placement with its events in order. key: person and id, as pages name it."""

    row: Any
    person_id: int
    key: str
    micro: bool
    events: tuple[Event, ...]

    def by(self, month: Month) -> frozenset[str]:
        """What had happened by the end of a month."""
        return frozenset(each.kind for each in self.events if each.month <= month)

    def day_of(self, kind: str, month: Month) -> date | None:
        """The day of an event that counts by the end of a month."""
        found = [each.on for each in self.events if each.kind == kind and each.month <= month]
        return found[-1] if found else None

    def counted_from(self, kind: str, month: Month) -> date:
        """From which day on an event counts: its own, or the first of the month that reports it."""
        return max(max(each.on, each.month.first) for each in self.events
                   if each.kind == kind and each.month <= month)  # fmt: skip

    def is_work(self, month: Month) -> bool:
        """Whether she was in this job at the end of a month, as far as it counts by then."""
        happened = self.by(month)
        return STARTED in happened and LEFT not in happened

    @property
    def employer(self) -> str:
        """Whose job it is: the micro-factory's, another's, or her own."""
        if self.row.channel.value == "venture":
            return "own"
        return "micro" if self.micro else "other"


@dataclass(frozen=True)
class Work:
    """All jobs of the scope that had begun by the end of the period, and the follow-ups of them."""

    span: Span
    jobs: tuple[Job, ...]
    follow_ups: tuple[Any, ...]

    def spells(self, people: Mapping[int, int], month: Month) -> dict[int, list[Spell]]:
        """Her jobs by person, as they counted by the end of a month."""
        found: dict[int, list[Spell]] = defaultdict(list)
        for job in self.jobs:
            started = job.day_of(STARTED, month)
            if started is not None:
                found[job.person_id].append(
                    Spell(job.person_id, str(job.row.id), started, job.day_of(LEFT, month),
                          VERIFIED in job.by(month))
                )  # fmt: skip
        return found

    def looks(self, people: Mapping[int, int], as_of: date) -> dict[int, list[Look]]:
        """What follow-ups had found by a day, by person."""
        found: dict[int, list[Look]] = defaultdict(list)
        for row in self.follow_ups:
            if row.outcome is not None and row.done_on <= as_of:
                found[people.get(row.person_id, row.person_id)].append(
                    Look(str(row.placement_id), row.after_days, row.outcome, row.done_on)
                )
        return found


def read(span: Span, people: Mapping[int, int]) -> Work:
    """Jobs and follow-ups of the scope; three queries."""
    place: Any = Placement.__table__
    move: Any = PlacementMove.__table__
    last = span.period.last
    events: dict[tuple[int, Any], list[Event]] = defaultdict(list)
    for row in db.session.execute(
        sa.select(move, place.c.site_id)
        .join(place, sa.and_(place.c.person_id == move.c.person_id, place.c.id == move.c.placement_id))
        .where(place.c.site_id.in_(span.site_ids), move.c.on <= last,
               move.c.to_state.in_([PlacementState(each) for each in EVENTS]))
        .order_by(move.c.person_id, move.c.placement_id, move.c.number)
    ):  # fmt: skip
        month = span.month_of(row.on, row.at, row.site_id, "jobs", row.id)
        events[row.person_id, row.placement_id].append(
            Event(str(row.id), row.to_state.value, row.on, month)
        )
    jobs = []
    for row in db.session.execute(
        sa.select(place, Employer.is_micro_factory)
        .outerjoin(Employer, Employer.id == place.c.employer_id)
        .where(place.c.site_id.in_(span.site_ids), place.c.started_on <= last)
        .order_by(place.c.started_on, place.c.person_id, place.c.id)
    ):  # fmt: skip
        jobs.append(Job(row, people.get(row.person_id, row.person_id), f"{row.person_id}.{row.id}",
                        bool(row.is_micro_factory), tuple(events[row.person_id, row.id])))  # fmt: skip
    follow: Any = FollowUp.__table__
    rows = db.session.execute(
        sa.select(follow, place.c.site_id, place.c.employer_name.label("at_employer"))
        .join(place, sa.and_(place.c.person_id == follow.c.person_id,
                             place.c.id == follow.c.placement_id))
        .where(place.c.site_id.in_(span.site_ids), place.c.started_on <= last)
        .order_by(follow.c.due_on, follow.c.person_id, follow.c.placement_id, follow.c.after_days)
    )  # fmt: skip
    return Work(span, tuple(jobs), tuple(rows))


# ---------- datasets ----------


def jobs(work: Work) -> Dataset:
    """Starts, verifications and leavings of the year so far, each in the month that counts it."""
    span = work.span
    wanted = {*span.months, *span.months_before, *span.months_of_year}
    early = int(current_app.config["EARLY_LEAVING_DAYS"])
    rows = []
    for job in work.jobs:
        started = next((each.on for each in job.events if each.kind == STARTED), None)
        for each in job.events:
            if str(each.month) not in wanted:
                continue
            is_early = (
                each.kind == LEFT and started is not None and (each.on - started).days < early
            )
            rows.append((
                each.id, job.key, job.person_id, each.kind, str(each.month), span.late(each.on, each.month),
                each.on, started, span.slug(job.row.site_id), job.row.channel.value,
                job.row.form.value, job.employer, job.row.employer_name, job.row.job_title,
                wage_band(job.row.wage_fen), int(is_early),
                job.row.leaving_reason.value if each.kind == LEFT and job.row.leaving_reason else "",
                str(job.row.evidence_kind or "") if each.kind == VERIFIED else "",
            ))  # fmt: skip
    rows.sort(key=lambda row: (row[6], row[0]))
    columns = (
        Column("fact", ""), Column("event_id", _("Placement"), Kind.ID),
        Column("person_id", _("Name"), Kind.PERSON), Column("kind", _("What happened")),
        Column("month", _("Counted in")), Column("of_month", _("Of the submitted month")),
        Column("day", _("Date"), Kind.DAY), Column("started_on", _("Started on"), Kind.DAY),
        Column("site", _("Workshop")), Column("channel", _("Channel")), Column("form", _("Form of work")),
        Column("employer", _("Kind of employer")), Column("employer_name", _("Employer")),
        Column("job", _("Title of the job")), Column("wage", _("Wage a month")),
        Column("early", _("Left after a short while"), Kind.NUMBER),
        Column("reason", _("Reason")), Column("evidence", ""),
    )  # fmt: skip
    return Dataset("jobs", _("Starts, verifications and leavings"), columns, tuple(rows), {
        **_job_words(span), "kind": event_words(), "early": yes_no(), "of_month": {"": "—"},
        "reason": {"": "—", **word(words.LEAVING_REASON)},
    })  # fmt: skip


def event_words() -> dict[str, str]:
    return {STARTED: _("Started work"), VERIFIED: _("Verified"), LEFT: _("Left work")}


def employer_words() -> dict[str, str]:
    return {
        "micro": _("The micro-factory"),
        "other": _("Another employer"),
        "own": _("Her own business"),
    }


def _job_words(span: Span) -> dict[str, dict[str, str]]:
    return {
        "site": span.site_words, "channel": word(words.CHANNEL), "form": word(words.FORM),
        "employer": employer_words(), "wage": band_words(),
    }  # fmt: skip


def in_work(work: Work) -> Dataset:
    """Jobs in which somebody was at the beginning of the period, or is at its end."""
    span = work.span
    before, last = span.period.first_month.previous(), span.period.last_month
    rows = []
    for job in work.jobs:
        was, is_now = job.is_work(before), job.is_work(last)
        if was or is_now:
            rows.append((
                job.key, job.person_id, span.slug(job.row.site_id), job.day_of(STARTED, last),
                int(was), int(is_now), int(VERIFIED in job.by(last)), job.row.channel.value,
                job.row.form.value, job.employer, job.row.employer_name, job.row.job_title,
                wage_band(job.row.wage_fen),
            ))  # fmt: skip
    columns = (
        Column("event_id", _("Placement"), Kind.ID), Column("person_id", _("Name"), Kind.PERSON),
        Column("site", _("Workshop")), Column("started_on", _("Started on"), Kind.DAY),
        Column("was", _("In work at the beginning"), Kind.NUMBER),
        Column("is", _("In work at the end"), Kind.NUMBER), Column("verified", _("Verified"), Kind.NUMBER),
        Column("channel", _("Channel")), Column("form", _("Form of work")),
        Column("employer", _("Kind of employer")), Column("employer_name", _("Employer")),
        Column("job", _("Title of the job")), Column("wage", _("Wage a month")),
    )  # fmt: skip
    return Dataset("in_work", _("Jobs at the beginning and end"), columns, tuple(rows), {
        **_job_words(span), "was": yes_no(), "is": yes_no(), "verified": yes_no(),
    })  # fmt: skip


def bands() -> tuple[int, ...]:
    """The limits between bands of wages, fen a month, from the setting WAGE_BANDS (yuan)."""
    limits = re.findall(r"\d+", str(current_app.config["WAGE_BANDS"]))
    return tuple(sorted({int(limit) * 100 for limit in limits}))


def wage_band(wage_fen: int | None) -> str:
    """The band of a wage: how many limits it reaches. No wage itself is kept with a report."""
    return UNKNOWN if wage_fen is None else str(sum(wage_fen >= limit for limit in bands()))


def band_words() -> dict[str, str]:
    """Labels of the bands of wages."""
    limits = [fen // 100 for fen in bands()]
    if not limits:
        return {"0": _("known"), UNKNOWN: _("Wage not known")}
    found = {"0": _("under %(most)s yuan", most=limits[0])}
    for number, (least, most) in enumerate(pairwise(limits), 1):
        found[str(number)] = _("%(least)s to under %(most)s yuan", least=least, most=most)
    found[str(len(limits))] = _("%(least)s yuan and more", least=limits[-1])
    return {**found, UNKNOWN: _("Wage not known")}


DUE, NOT_DONE = "due", ""


def follow_ups(work: Work, people: Mapping[int, int]) -> Dataset:
    """Follow-ups that fell due in the period or were done in it, as they stood at its end."""
    span, last = work.span, work.span.period.last_month
    rows = []
    for row in work.follow_ups:
        done = None
        if row.outcome is not None:
            fact = f"{row.placement_id}.{row.after_days}"
            done = (
                Month.parse(row.reported_month) if row.reported_month
                else span.month_of(row.done_on, row.done_at, row.site_id, "follow_ups", fact)
            )  # fmt: skip
        is_done = done is not None and done <= last
        fell_due = span.period.first <= row.due_on <= span.period.last
        in_period = done is not None and str(done) in span.months
        if not (fell_due or in_period):
            continue
        rows.append((
            f"{row.placement_id}.{row.after_days}" if in_period else "", f"{row.person_id}.{row.placement_id}",
            people.get(row.person_id, row.person_id), span.slug(row.site_id), row.due_on,
            str(row.after_days), int(fell_due),
            int(in_period), row.outcome.value if is_done else "", int(row.outcome is not None and is_done),
            row.done_on if is_done else None, row.done_by_name if is_done else "", row.at_employer,
            span.late(row.done_on, done) if done is not None and in_period else "",
        ))  # fmt: skip
    columns = (
        Column("fact", ""), Column("event_id", _("Placement"), Kind.ID),
        Column("person_id", _("Name"), Kind.PERSON), Column("site", _("Workshop")),
        Column("due_on", _("Due on"), Kind.DAY), Column("after_days", _("After days")),
        Column("due", _("Due in the period"), Kind.NUMBER), Column("in_period", _("Done in the period"), Kind.NUMBER),
        Column("outcome", _("Outcome")), Column("done", _("Done"), Kind.NUMBER),
        Column("done_on", _("Done on"), Kind.DAY), Column("by", _("Done by")), Column("employer", _("Employer")),
        Column("of_month", _("Of the submitted month")),
    )  # fmt: skip
    days = {row[5] for row in rows}
    return Dataset("follow_ups", _("Follow-ups"), columns, tuple(rows), {
        "site": span.site_words, "due": yes_no(), "in_period": yes_no(), "done": yes_no(), "of_month": {"": "—"},
        "outcome": {"": _("not done yet"), **word(words.FOLLOW_UP)},
        "after_days": {each: _("%(count)s days", count=each) for each in sorted(days, key=int)},
    })  # fmt: skip


def guidance(span: Span, people: Mapping[int, int]) -> Dataset:
    """Meetings of guidance of the year so far; one that was voided before its month was submitted is none.

    voided: the later month in which it was declared wrong, and is taken off.
    """
    wanted = {*span.months, *span.months_before, *span.months_of_year}
    table: Any = GuidanceMeeting.__table__.c
    rows = []
    for row in db.session.execute(
        sa.select(GuidanceMeeting.__table__)
        .where(
            table.site_id.in_(span.site_ids),
            table.on <= span.period.last,
            sa.or_(
                table.on >= span.since,
                table.recorded_at >= span.recorded_since,
                table.voided_at >= span.recorded_since,
            ),
        )
        .order_by(table.on, table.recorded_at, table.id)
    ):
        month = span.month_of(row.on, row.recorded_at, row.site_id, "guidance", row.id)
        voided = span.voided_in(month, row.voided_at, row.site_id, "guidance", row.id)
        if voided != month and wanted & {str(month), str(voided)}:
            rows.append((
                f"{row.id}-" if voided else str(row.id), people.get(row.person_id, row.person_id), str(month),
                span.late(row.on, month), str(voided or ""), -1 if voided else 0, span.slug(row.site_id),
                row.on, row.minutes, row.mentor, row.topic,
            ))  # fmt: skip
    columns = (
        Column("fact", ""), Column("person_id", _("Name"), Kind.PERSON), Column("month", _("Counted in")),
        Column("of_month", _("Of the submitted month")), Column("voided", _("Voided in")),
        Column("less", _("Correction"), Kind.NUMBER), Column("site", _("Workshop")),
        Column("day", _("Date"), Kind.DAY), Column("minutes", _("Minutes"), Kind.NUMBER),
        Column("mentor", _("Mentor")), Column("topic", _("Topic")),
    )  # fmt: skip
    return Dataset("guidance", _("Guidance in starting a business"), columns, tuple(rows),
                   {"site": span.site_words, "of_month": {"": "—"}, "voided": {"": _("not voided")}})  # fmt: skip


def ventures(span: Span, people: Mapping[int, int], home: sa.Select[Any]) -> Dataset:
    """Businesses as they stand when the report is counted. home: the learners of the scope."""
    table: Any = Venture.__table__.c
    rows = tuple(
        (people.get(row.person_id, row.person_id), row.name, row.trade, row.stage.value, row.stage_since,
         row.licence_on, int(row.licence_on is not None and _is_in(row.licence_on, span)), row.jobs_created)
        for row in db.session.execute(
            sa.select(Venture.__table__)
            .where(table.person_id.in_(home), table.created_at < span.period.last_month.ends_at)
            .order_by(table.stage_since, table.id)
        )
    )  # fmt: skip
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("name", _("Business")), Column("trade", _("Trade")),
        Column("stage", _("Stage")), Column("since", _("Since"), Kind.DAY),
        Column("licence_on", _("Licensed on"), Kind.DAY), Column("licensed", _("Licensed in the period"), Kind.NUMBER),
        Column("jobs", _("Jobs created"), Kind.NUMBER),
    )  # fmt: skip
    return Dataset("ventures", _("Businesses of learners"), columns, rows, {
        "stage": word({stage: words.VENTURE_STAGE[stage] for stage in VentureStage}), "licensed": yes_no(),
    })  # fmt: skip


def _is_in(day: date, span: Span) -> bool:
    return span.period.first <= day <= span.period.last


def loans(span: Span, people: Mapping[int, int], home: sa.Select[Any]) -> Dataset:
    """Loans asked for, as they stand when the report is counted; money in fen."""
    table: Any = LoanApplication.__table__.c
    rows = tuple(
        (people.get(row.person_id, row.person_id), row.state.value, row.state_since, row.amount_fen,
         row.granted_fen or 0)
        for row in db.session.execute(
            sa.select(LoanApplication.__table__)
            .where(table.person_id.in_(home), table.created_at < span.period.last_month.ends_at)
            .order_by(table.state_since, table.id)
        )
    )  # fmt: skip
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("state", _("State")),
        Column("since", _("Since"), Kind.DAY), Column("amount_fen", _("Amount asked for"), Kind.FEN),
        Column("granted_fen", _("Granted"), Kind.FEN),
    )  # fmt: skip
    return Dataset("loans", _("Loans"), columns, rows,
                   {"state": word({state: words.LOAN_STATE[state] for state in LoanState})})  # fmt: skip
