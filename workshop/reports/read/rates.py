"""Rates of placement and lasting work, row by row: who is in the whole, and who in the part.

The rules stand in workshop/rules/rates.py. Everything is taken as it counted by the end of the period.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from flask import current_app
from flask_babel import gettext as _

from core.reports.values import Column, Dataset, Kind
from core.show import full_day
from workshop.actions.follow_up_rows import follow_up_days
from workshop.reports.read.classes import Classes
from workshop.reports.read.places import Places
from workshop.reports.read.work import VERIFIED, Work
from workshop.reports.words import yes_no
from workshop.rules.rates import (
    Exit,
    Kept,
    Spell,
    exit_day,
    first_placement,
    kept,
    placement_rate,
)
from workshop.values import EnrolmentState

IMMATURE, MATURE = "immature", "mature"
_EXITED = (
    EnrolmentState.COMPLETED, EnrolmentState.INCOMPLETE, EnrolmentState.WITHDRAWN,
)  # fmt: skip


def _exits(classes: Classes, places: Places) -> tuple[dict[int, list[Exit]], dict[int, int]]:
    """Those who are out of each cohort by the end of the period, and how many are in it still."""
    last = places.span.period.last_month
    exits: dict[int, list[Exit]] = defaultdict(list)
    training: dict[int, int] = defaultdict(int)
    for place in places.places:
        key = place.person_id, place.cohort_id
        state = places.state(key, last)
        if state == EnrolmentState.TRAINING.value:
            training[place.cohort_id] += 1
        if state not in _EXITED or place.joined_on is None:
            continue
        moved = [move for move in places.moves[key] if move.month <= last][-1]
        on = exit_day(moved.to_state, joined_on=place.joined_on, left_on=moved.on,
                      ends_on=classes.runs[place.cohort_id].ends_on)  # fmt: skip
        exits[place.cohort_id].append(Exit(
            place.person_id, place.cohort_id, place.joined_on, on, state == EnrolmentState.COMPLETED.value,
        ))  # fmt: skip
    return exits, training


def placed(
    classes: Classes, places: Places, work: Work, people: Mapping[int, int]
) -> tuple[Dataset, dict[str, str]]:
    """Everybody who is out of a cohort, and whether she was placed. Beside it, when a rate will be one:
    by the code of each cohort whose rate is not mature, the words for it."""
    span = places.span
    window = int(current_app.config["PLACEMENT_WINDOW_MONTHS"])
    spells = work.spells(people, span.period.last_month)
    exits, training = _exits(classes, places)
    rows, waiting = [], {}
    for cohort_id, of in exits.items():
        run = classes.runs[cohort_id]
        rate = placement_rate(of, spells, still_training=training[cohort_id], window_months=window,
                              today=span.as_of + timedelta(days=1)).of_all  # fmt: skip
        if not rate.is_mature:
            waiting[run.code] = (
                _("not due before %(day)s", day=full_day(rate.matures_on))
                if rate.matures_on
                else _("some still train")
            )
        for each in sorted(of, key=lambda one: one.person_id):
            first = first_placement(each, spells.get(each.person_id, ()), window)
            rows.append((
                each.person_id, run.code, span.slug(run.site_id), each.on, 1, int(each.is_completed),
                int(first is not None), int(first is not None and each.is_completed),
                MATURE if rate.is_mature else IMMATURE,
            ))  # fmt: skip
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("cohort", _("Cohort")),
        Column("site", _("Workshop")), Column("out_on", _("Out of training on"), Kind.DAY),
        Column("exited", _("Out of training"), Kind.NUMBER), Column("completed", _("Completed"), Kind.NUMBER),
        Column("placed", _("Placed"), Kind.NUMBER),
        Column("placed_completed", _("Placed, having completed"), Kind.NUMBER), Column("maturity", _("Maturity")),
    )  # fmt: skip
    data = Dataset("placed", _("Those out of training, and whether they were placed"), columns, tuple(rows), {
        "cohort": classes.cohort_words, "site": span.site_words, "exited": yes_no(), "completed": yes_no(),
        "placed": yes_no(), "placed_completed": yes_no(),
        "maturity": {MATURE: _("is due"), IMMATURE: _("not due yet")},
    })  # fmt: skip
    return data, waiting


def lasting(work: Work, people: Mapping[int, int]) -> Dataset:
    """For each woman's first verified job and each number of days: whether that day came in the period,
    and what is known of her on it; or that it has not come yet.

    A job that is verified only after the day counts in the month of its verification.
    """
    span = work.span
    last, gap = span.period.last_month, int(current_app.config["RETENTION_GAP_DAYS"])
    spells, looks = work.spells(people, last), work.looks(people, span.as_of)
    jobs = {str(job.row.id): job for job in work.jobs}
    rows = []
    for person_id, hers in sorted(spells.items()):
        first = min((one for one in hers if one.is_verified),
                    key=lambda one: (one.started_on, one.id), default=None)  # fmt: skip
        if first is None:
            continue
        for days in follow_up_days():
            day = first.started_on + timedelta(days=days)
            counts_on = max(day, jobs[first.id].counted_from(VERIFIED, last))
            if counts_on < span.period.first:
                continue
            found = None
            if counts_on <= span.as_of:
                found = kept(first, hers, looks.get(person_id, ()), after_days=days, gap_days=gap,
                             today=span.as_of + timedelta(days=1))  # fmt: skip
            rows.append(_lasting_row(jobs[first.id].key, first, days, day, found))
    columns = (
        Column("event_id", _("Placement"), Kind.ID), Column("person_id", _("Name"), Kind.PERSON),
        Column("after_days", _("After days")), Column("started_on", _("Started on"), Kind.DAY),
        Column("day", _("The day"), Kind.DAY), Column("maturity", _("Maturity")),
        Column("whole", _("Due"), Kind.NUMBER), Column("lower", _("Known to be in work"), Kind.NUMBER),
        Column("upper", _("Not known to be out of work"), Kind.NUMBER),
    )  # fmt: skip
    return Dataset("lasting", _("Lasting work"), columns, tuple(rows), {
        "after_days": {str(each): _("%(count)s days", count=each) for each in follow_up_days()},
        "maturity": {MATURE: _("due in the period"), IMMATURE: _("not due yet")},
        "whole": yes_no(), "lower": yes_no(), "upper": yes_no(),
    })  # fmt: skip


def _lasting_row(
    key: str, first: Spell, days: int, day: date, found: Kept | None
) -> tuple[object, ...]:
    return (
        key, first.person_id, str(days), first.started_on, day,
        IMMATURE if found is None else MATURE, int(found is not None), int(found is Kept.RETAINED),
        int(found is not None and found is not Kept.NOT_RETAINED),
    )  # fmt: skip
