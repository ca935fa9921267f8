"""Places in cohorts: where each stood at the beginning and the end, her hours, and certificates."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from core.clock import Month
from core.db import db
from core.reports.values import Column, Dataset, Kind
from workshop import words
from workshop.models import Enrolment, EnrolmentMove
from workshop.reports.read.classes import CANCELLED, HELD, Classes, Meeting, Roster, Stood
from workshop.reports.span import Span
from workshop.reports.words import word, yes_no
from workshop.roster import is_on_the_sheet
from workshop.rules.at_risk import reasons
from workshop.rules.hours import Figures, figures, needed_min
from workshop.values import EnrolmentState, Held, RateName

TRAINING = EnrolmentState.TRAINING.value
# How a training ends; whoever is transferred goes on elsewhere, and is out of this cohort.
OUTCOMES = tuple(
    state.value
    for state in (
        EnrolmentState.COMPLETED, EnrolmentState.INCOMPLETE, EnrolmentState.WITHDRAWN,
        EnrolmentState.TRANSFERRED,
    )
)  # fmt: skip

# Not one of them: the mark with which the training began was taken away in a later period.
TAKEN_BACK = "taken_back"


class Place(NamedTuple):
    """An enrolment, as stored."""

    person_id: int
    cohort_id: int
    joined_on: date | None
    left_on: date | None
    carried_min: int
    is_subsidised: bool
    stored_state: EnrolmentState


class Moved(NamedTuple):
    """One move of an enrolment, and the month in which it counts."""

    person_id: int
    cohort_id: int
    number: int
    id: str
    from_state: EnrolmentState | None
    to_state: EnrolmentState
    on: date
    month: Month
    reason: str


@dataclass(frozen=True)
class Places:
    """All places in the cohorts that are looked at, and their moves in order."""

    span: Span
    places: tuple[Place, ...]
    moves: Mapping[tuple[int, int], Sequence[Moved]]

    def seated_on(self, place: Place) -> date | None:
        """From when on she stands on the sheet: since she joined, or was admitted."""
        if place.joined_on is not None:
            return place.joined_on
        moves = self.moves.get((place.person_id, place.cohort_id), ())
        return max(
            (move.on for move in moves if move.to_state is EnrolmentState.ADMITTED), default=None
        )

    def state(self, key: tuple[int, int], month: Month) -> str:
        """Where a place stood at the end of a month. Who left without having trained: empty."""
        state, trained = "", False
        for move in self.moves.get(key, ()):
            if move.month > month:
                continue
            if move.to_state in (EnrolmentState.TRAINING, EnrolmentState.ADMITTED):
                trained = move.to_state is EnrolmentState.TRAINING  # a first mark may be taken away
            is_out = move.to_state is EnrolmentState.TRANSFERRED and not trained
            state = "" if is_out else move.to_state.value
        return state if state == TRAINING or state in OUTCOMES else ""


def read(span: Span, classes: Classes, people: Mapping[int, int]) -> Places:
    """Places and moves of the cohorts; two queries."""
    ids = list(classes.runs)
    rows = db.session.execute(
        sa.select(Enrolment.person_id, Enrolment.cohort_id, Enrolment.joined_on, Enrolment.left_on,
                  Enrolment.carried_min, Enrolment.is_subsidised, Enrolment.state)
        .where(Enrolment.cohort_id.in_(ids))
        .order_by(Enrolment.cohort_id, Enrolment.person_id)
    )  # fmt: skip
    places = tuple(Place(people.get(row[0], row[0]), *row[1:]) for row in rows)
    moves: dict[tuple[int, int], list[Moved]] = defaultdict(list)
    move: Any = EnrolmentMove.__table__
    for row in db.session.execute(
        sa.select(move).where(move.c.cohort_id.in_(ids))
        .order_by(move.c.person_id, move.c.cohort_id, move.c.number)
    ):  # fmt: skip
        person_id = people.get(row.person_id, row.person_id)
        month = span.month_of(
            row.on, row.at, classes.runs[row.cohort_id].site_id, "enrolment_moves", row.id
        )
        moves[person_id, row.cohort_id].append(Moved(
            person_id, row.cohort_id, row.number, str(row.id), row.from_state, row.to_state, row.on,
            month, row.reason or "",
        ))  # fmt: skip
    return Places(span, places, moves)


# ---------- who was expected ----------


def roster(classes: Classes, places: Places) -> Roster:
    """Who was expected in each session that was held in the period, and of whom nothing is recorded."""
    marked = {(each.person_id, each.session_id) for each in classes.marks}
    made_up = {
        (each.person_id, each.makes_up_id)
        for each in classes.marks
        if each.makes_up_id and classes.meetings[each.session_id].standing != CANCELLED
    }
    of_cohort: dict[int, list[tuple[Place, date | None]]] = defaultdict(list)
    for place in places.places:
        of_cohort[place.cohort_id].append((place, places.seated_on(place)))
    expected: dict[int, list[int]] = {}
    lacking: dict[int, list[int]] = {}
    for meeting in classes.in_period:
        if meeting.standing != HELD:
            continue
        here = [
            place.person_id
            for place, since in of_cohort[meeting.cohort_id]
            if since is not None
            and is_on_the_sheet(place.stored_state, since, place.left_on, meeting.on)
        ]
        expected[meeting.id] = here
        lacking[meeting.id] = [
            person_id
            for person_id in here
            if (person_id, meeting.id) not in marked and (person_id, meeting.id) not in made_up
        ]
    return Roster(expected, lacking)


def _is_of(meeting: Meeting, place: Place) -> bool:
    """Whether a session counts for her: held while she was in the cohort."""
    return (place.joined_on is None or place.joined_on <= meeting.on) and (
        place.left_on is None or meeting.on <= place.left_on
    )


# ---------- datasets ----------


def flows(classes: Classes, places: Places) -> Dataset:
    """Each place in a cohort: how it stood at the beginning and end, and what became of it between.

    outcome, before, year: how the training ended in the period, in the one before, in the year so far.
    """
    span = places.span
    first, last = span.period.first_month, span.period.last_month
    earlier = span.period.previous()
    year = Month(last.year, 1)
    rows = []
    for place in places.places:
        key = place.person_id, place.cohort_id
        at_start, at_end = places.state(key, first.previous()), places.state(key, last)
        before = places.state(key, earlier.first_month.previous())
        outcome = _became(at_start, at_end)
        began = int(at_end != "" and at_start != TRAINING and at_end != at_start)
        cells = (
            at_start, at_end, int(at_start == TRAINING), began, outcome, int(at_end == TRAINING),
            _became(before, at_start), _became(places.state(key, year.previous()), at_end),
        )  # fmt: skip
        if any(cells[2:]):
            run = classes.runs[place.cohort_id]
            rows.append((place.person_id, run.code, span.slug(run.site_id), *cells,
                         int(place.is_subsidised)))  # fmt: skip
    standing = {"": "—", **word(words.ENROLMENT_STATE), TAKEN_BACK: _("Training taken back")}
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("cohort", _("Cohort")),
        Column("site", _("Workshop")), Column("at_start", _("At the beginning")),
        Column("at_end", _("At the end")), Column("was_in", _("In training at the beginning"), Kind.NUMBER),
        Column("began", _("Began"), Kind.NUMBER), Column("outcome", _("Outcome")),
        Column("is_in", _("In training at the end"), Kind.NUMBER),
        Column("before", _("Outcome in the period before")), Column("year", _("Outcome in the year")),
        Column("subsidised", _("Subsidised"), Kind.NUMBER),
    )  # fmt: skip
    return Dataset("places", _("Places in cohorts"), columns, tuple(rows), {
        "cohort": classes.cohort_words, "site": span.site_words, "at_start": standing, "at_end": standing,
        "outcome": standing, "before": standing, "year": standing, "was_in": yes_no(),
        "began": yes_no(), "is_in": yes_no(), "subsidised": yes_no(),
    })  # fmt: skip


def _became(before: str, after: str) -> str:
    if before == TRAINING and not after:
        return TAKEN_BACK
    return after if after in OUTCOMES and after != before else ""


def enrolment_moves(classes: Classes, places: Places) -> Dataset:
    """The moves that count in the period, those that came to light about submitted months marked."""
    span = places.span
    rows = [
        (move.id, move.person_id, classes.runs[move.cohort_id].code,
         move.from_state.value if move.from_state else "", move.to_state.value, move.on,
         str(move.month), span.late(move.on, move.month), move.reason)
        for moves in places.moves.values()
        for move in moves
        if str(move.month) in span.months
    ]  # fmt: skip
    rows.sort(key=lambda row: (row[5], row[0]))
    standing = {"": "—", **word(words.ENROLMENT_STATE)}
    columns = (
        Column("fact", ""), Column("person_id", _("Name"), Kind.PERSON), Column("cohort", _("Cohort")),
        Column("old", _("Before")), Column("new", _("After")), Column("day", _("Date"), Kind.DAY),
        Column("month", _("Counted in")), Column("of_month", _("Of the submitted month")),
        Column("reason", _("Reason")),
    )  # fmt: skip
    return Dataset("enrolment_moves", _("Moves of enrolments"), columns, tuple(rows), {
        "cohort": classes.cohort_words, "old": standing, "new": standing, "of_month": {"": "—"},
    })  # fmt: skip


class Counted(NamedTuple):
    """A place with its three figures, as of the end of the period."""

    place: Place
    state: str
    held: tuple[Held, ...]
    figures: Figures


def counted(classes: Classes, places: Places, flow: Dataset) -> tuple[Counted, ...]:
    """The three figures of everybody who trained in the period, by cohort and person."""
    wanted = {row[:2]: row[flow.place("at_end")] for row in flow.rows
              if row[flow.place("was_in")] or row[flow.place("began")] or row[flow.place("outcome")]}  # fmt: skip
    own: dict[tuple[int, int], Stood] = {}
    made_up: dict[tuple[int, int], Stood] = {}
    for mark in classes.known:
        if mark.makes_up_id is None:
            own[mark.person_id, mark.session_id] = mark
        else:
            made_up[mark.person_id, mark.makes_up_id] = mark
    found = []
    for place in places.places:
        run = classes.runs[place.cohort_id]
        state = wanted.get((place.person_id, run.code))
        if not state or state == EnrolmentState.TRANSFERRED.value:
            continue  # nobody who trained here, or whose training was taken back
        held = tuple(
            _held(classes, each, own.get((place.person_id, each.id)),
                  made_up.get((place.person_id, each.id)))
            for each in classes.of_cohort.get(place.cohort_id, ())
            if each.standing != "cancelled" and _is_of(each, place)
        )  # fmt: skip
        found.append(Counted(place, state, held, figures(held, run.planned_min, place.carried_min)))
    return tuple(found)


def _held(classes: Classes, meeting: Meeting, mark: Stood | None, elsewhere: Stood | None) -> Held:
    """One session for her. What was marked of a later one is not known yet, but for leave asked ahead;
    what was made up in a session that was cancelled afterwards is not made up."""
    host = classes.meetings.get(elsewhere.session_id) if elsewhere is not None else None
    if host is not None and host.standing != HELD:
        elsewhere = None
    if not meeting.is_over and mark is not None and mark.status.value != "excused":
        mark = None
    credited = mark.credited_min if mark else 0
    if elsewhere is not None:
        credited = min(meeting.taught_min, credited + elsewhere.credited_min)
    return Held(
        meeting.id, meeting.on, meeting.starts_min, meeting.taught_min, is_over=meeting.is_over,
        status=mark.status if mark else None, credited_min=credited, is_made_up=elsewhere is not None,
    )  # fmt: skip


def hours(classes: Classes, rows: Iterable[Counted]) -> Dataset:
    """The three figures of each learner in class hours, and the one that her cohort's policy names."""
    lines = []
    for each in rows:
        run = classes.runs[each.place.cohort_id]
        share = {name: tuple(map(run.hours, each.figures.share(name))) for name in RateName}
        led = share[run.policy.led_by]
        lines.append((
            each.place.person_id, run.code, classes.span.slug(run.site_id), each.state,
            *(part for name in RateName for part in share[name]), run.policy.led_by.value, *led,
            run.hours(needed_min(run.planned_min, run.policy)), run.hours(each.figures.excused_min),
            run.hours(each.figures.absent_min), run.hours(each.figures.unmarked_min),
        ))  # fmt: skip
    rate = word(words.RATE)
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("cohort", _("Cohort")),
        Column("site", _("Workshop")), Column("state", _("At the end")),
        *(
            Column(f"{name.value}_{end}", f"{rate[name.value]}, {label}", Kind.HOURS)
            for name in RateName
            for end, label in (("part", _("credited hours")), ("whole", _("of hours")))
        ),
        Column("led_by", _("Figure that leads")), Column("led_part", _("Hours credited"), Kind.HOURS),
        Column("led_whole", _("Hours to be had"), Kind.HOURS), Column("needed", _("Hours needed"), Kind.HOURS),
        Column("excused", _("Hours on leave"), Kind.HOURS), Column("absent", _("Hours absent"), Kind.HOURS),
        Column("unmarked", _("Hours unmarked"), Kind.HOURS),
    )  # fmt: skip
    return Dataset("hours", _("Class hours of each learner"), columns, tuple(lines), {
        "cohort": classes.cohort_words, "site": classes.span.site_words,
        "state": {"": "—", **word(words.ENROLMENT_STATE)}, "led_by": rate,
    })  # fmt: skip


def at_risk(classes: Classes, rows: Iterable[Counted]) -> Dataset:
    """Those in training who may not complete, with the gravest reason. For the office alone."""
    absences = int(current_app.config["AT_RISK_ABSENCES"])
    unmarked = int(current_app.config["AT_RISK_UNMARKED"])
    lines = []
    for each in rows:
        run = classes.runs[each.place.cohort_id]
        if each.state != TRAINING:
            continue
        found = reasons(each.held, each.figures, run.policy, absences=absences, unmarked=unmarked)
        if found:
            lines.append((
                each.place.person_id, run.code, found[0].risk.value,
                run.hours(each.figures.all_credited_min), run.hours(run.planned_min),
                run.hours(each.figures.reachable_min), run.hours(needed_min(run.planned_min, run.policy)),
            ))  # fmt: skip
    columns = (
        Column("person_id", _("Name"), Kind.PERSON), Column("cohort", _("Cohort")),
        Column("risk", _("Why")), Column("credited", _("Hours credited"), Kind.HOURS),
        Column("planned", _("Hours planned"), Kind.HOURS), Column("reachable", _("Hours still reachable"), Kind.HOURS),
        Column("needed", _("Hours needed"), Kind.HOURS),
    )  # fmt: skip
    return Dataset("at_risk", _("Learners at risk of not completing"), columns, tuple(lines),
                   {"cohort": classes.cohort_words, "risk": risks()})  # fmt: skip


def risks() -> dict[str, str]:
    """Labels of the reasons for which somebody may not complete."""
    return {
        "out_of_reach": _("Can no longer reach the hours needed"),
        "last_chance": _("Must not miss another session"),
        "absent_in_a_row": _("Absent several times in a row"),
        "unmarked": _("Several sessions without any mark"),
    }
