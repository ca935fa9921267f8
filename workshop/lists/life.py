"""One line of a learner's life: need, enrolments, hours, certificates, guidance, referrals, work,
follow-ups, in the order of time. Hardship is no part of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from core.clock import service_day
from core.db import db
from workshop.models import (
    Certificate,
    Cohort,
    Enrolment,
    EnrolmentMove,
    ExternalCertificate,
    FollowUp,
    GuidanceMeeting,
    Learner,
    LoanApplication,
    NeedsAssessment,
    Placement,
    Venture,
    WantedSkill,
)
from workshop.queries import figures_of
from workshop.rules.hours import Figures
from workshop.values import (
    Channel,
    EnrolmentState,
    FollowUpOutcome,
    LoanState,
    PlacementState,
    VentureStage,
)


class Station(StrEnum):
    """The stations of the line, in the order in which most women pass them."""

    NEED = "need"
    ENROLMENT = "enrolment"
    HOURS = "hours"
    CERTIFICATE = "certificate"
    GUIDANCE = "guidance"
    REFERRAL = "referral"
    PLACEMENT = "placement"
    FOLLOW_UP = "follow_up"


class What(StrEnum):
    """What happened on a day."""

    REGISTERED = "registered"
    ENDED = "ended"
    NEEDS = "needs"
    ENROLMENT = "enrolment"
    HOURS = "hours"
    OUTCOME = "outcome"
    CERTIFICATE = "certificate"
    EXTERNAL = "external"
    MEETING = "meeting"
    VENTURE = "venture"
    LOAN = "loan"
    REFERRAL = "referral"
    START = "start"
    VERIFIED = "verified"
    LEFT = "left"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True)
class Event:
    """One point of the line. `row` is what it tells of; state: the kind and word of a state.

    endpoint, args: the page that has more of it; a template asks whether the actor may open it.
    """

    on: date
    what: What
    row: Any
    station: Station | None = None
    state: str = "info"
    endpoint: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    figures: Figures | None = None
    cohort: Cohort | None = None


_OUTCOMES = {
    EnrolmentState.COMPLETED: "ok", EnrolmentState.INCOMPLETE: "warn",
    EnrolmentState.WITHDRAWN: "off", EnrolmentState.TRANSFERRED: "info",
}  # fmt: skip
_OF_ENROLMENT = {
    EnrolmentState.APPLIED: "wait", EnrolmentState.WAITLISTED: "wait", EnrolmentState.ADMITTED: "ok",
    EnrolmentState.TRAINING: "ok", EnrolmentState.DECLINED: "off", EnrolmentState.GAVE_UP: "off",
    EnrolmentState.NO_SHOW: "warn",
}  # fmt: skip
_OF_REFERRAL = {
    PlacementState.REFERRED: "wait", PlacementState.INTERVIEW: "wait", PlacementState.HIRED: "ok",
    PlacementState.NOT_HIRED: "off", PlacementState.GAVE_UP: "off",
}  # fmt: skip
_OF_FOLLOW_UP = {
    FollowUpOutcome.SAME_EMPLOYER: "ok", FollowUpOutcome.OTHER_EMPLOYER: "ok",
    FollowUpOutcome.NOT_EMPLOYED: "bad", FollowUpOutcome.UNREACHABLE: "warn",
    FollowUpOutcome.REFUSED: "off",
}  # fmt: skip
_OF_LOAN = {
    LoanState.APPROVED: "ok", LoanState.PAID_OUT: "ok", LoanState.REPAID: "ok",
    LoanState.REFUSED: "bad", LoanState.WITHDRAWN: "off",
}  # fmt: skip
# Of one day, what comes first on the line.
_ORDER = list(What)


def line_of(learner: Learner, now: datetime) -> list[Event]:
    """The whole line, oldest first; what is due later stands at its end. A constant number of queries."""
    person_id, today = learner.person_id, service_day(now)
    events = [Event(learner.registered_on, What.REGISTERED, learner, state="ok")]
    events += _needs(person_id)
    events += _training(person_id, now)
    events += _certificates(person_id)
    events += _guidance(person_id)
    events += _work(person_id, today)
    if learner.ended_on is not None:
        events.append(Event(learner.ended_on, What.ENDED, learner, state="off"))
    return sorted(events, key=lambda event: (event.on, _ORDER.index(event.what)))


def stations(events: list[Event], today: date) -> list[tuple[Station, Event | None]]:
    """Each station with the last thing that has happened there; None where the line has not come yet."""
    last: dict[Station, Event] = {}
    for event in events:
        if event.station is not None and event.on <= today:
            last[event.station] = event
    return [(station, last.get(station)) for station in Station]


def _of(person_id: int, model: Any) -> sa.Select[Any]:
    return sa.select(model).where(model.person_id == person_id)


def _needs(person_id: int) -> Iterator[Event]:
    for row in db.session.scalars(
        _of(person_id, NeedsAssessment)
        .options(selectinload(NeedsAssessment.wanted).joinedload(WantedSkill.skill))
        .order_by(NeedsAssessment.asked_on, NeedsAssessment.recorded_at)
    ):
        state = "info" if row.weekdays else "warn"
        yield Event(row.asked_on, What.NEEDS, row, Station.NEED, state)


def _training(person_id: int, now: datetime) -> Iterator[Event]:
    enrolments = list(db.session.scalars(
        _of(person_id, Enrolment)
        .options(joinedload(Enrolment.cohort).joinedload(Cohort.course))
        .order_by(Enrolment.applied_at)
    ))  # fmt: skip
    trained = [row for row in enrolments if row.joined_on is not None]
    counted = figures_of(trained, {row.cohort_id: row.cohort for row in trained}, now)
    moves = _outcome_moves(person_id)
    for row in enrolments:
        page: dict[str, Any] = {
            "endpoint": "workshop.enrolment", "cohort": row.cohort,
            "args": {"cohort_id": row.cohort_id, "person_id": person_id},
        }  # fmt: skip
        state = _OF_ENROLMENT.get(row.state, "info")
        applied_on = service_day(row.applied_at)
        yield Event(applied_on, What.ENROLMENT, row, Station.ENROLMENT, state, **page)
        figures = counted.get((person_id, row.cohort_id))
        if row.joined_on is not None and row.state is EnrolmentState.TRAINING:
            # So far: it stands at the last day of which it tells.
            on = max(row.joined_on, min(service_day(now), row.cohort.ends_on))
            yield Event(on, What.HOURS, row, Station.HOURS, "ok", figures=figures, **page)
        elif row.state in _OUTCOMES:
            move = moves.get(row.cohort_id)
            on = move.on if move else row.left_on or service_day(row.changed_at)
            station = Station.HOURS if figures else Station.ENROLMENT
            yield Event(on, What.OUTCOME, row, station, _OUTCOMES[row.state], figures=figures, **page)  # fmt: skip


def _outcome_moves(person_id: int) -> dict[int, EnrolmentMove]:
    """The last move out of training, or into its result, by cohort."""
    rows = db.session.scalars(
        _of(person_id, EnrolmentMove).where(EnrolmentMove.to_state.in_(tuple(_OUTCOMES)))
        .order_by(EnrolmentMove.number)
    )  # fmt: skip
    return {row.cohort_id: row for row in rows}


def _certificates(person_id: int) -> Iterator[Event]:
    for row in db.session.scalars(_of(person_id, Certificate)):
        yield Event(
            row.issued_on, What.CERTIFICATE, row, Station.CERTIFICATE,
            "off" if row.revoked_at else "ok", "workshop.certificate",
            {"person_id": person_id, "certificate_id": row.id},
        )  # fmt: skip
    kept = ExternalCertificate.removed_at.is_(None)
    for row in db.session.scalars(_of(person_id, ExternalCertificate).where(kept)):
        yield Event(row.issued_on, What.EXTERNAL, row, Station.CERTIFICATE, "ok")


def _guidance(person_id: int) -> Iterator[Event]:
    page: dict[str, Any] = {
        "endpoint": "workshop.learner_guidance", "args": {"person_id": person_id},
    }  # fmt: skip
    for row in db.session.scalars(_of(person_id, Venture)):
        state = {VentureStage.ENDED: "off", VentureStage.IDEA: "wait"}.get(row.stage, "ok")
        yield Event(
            row.stage_since, What.VENTURE, row, Station.GUIDANCE, state, "workshop.venture",
            {"person_id": person_id, "venture_id": row.id},
        )  # fmt: skip
    kept = GuidanceMeeting.voided_at.is_(None)
    for row in db.session.scalars(_of(person_id, GuidanceMeeting).where(kept)):
        yield Event(row.on, What.MEETING, row, Station.GUIDANCE, "info", **page)
    for row in db.session.scalars(_of(person_id, LoanApplication)):
        state = _OF_LOAN.get(row.state, "wait")
        yield Event(row.state_since, What.LOAN, row, Station.GUIDANCE, state, **page)


def _work(person_id: int, today: date) -> Iterator[Event]:
    for row in db.session.scalars(_of(person_id, Placement).order_by(Placement.created_at)):
        page: dict[str, Any] = {
            "endpoint": "workshop.placement", "args": {"person_id": person_id, "placement_id": row.id},
        }  # fmt: skip
        if row.channel is Channel.REFERRAL:
            state = _OF_REFERRAL.get(row.state, "ok")
            on = service_day(row.created_at)
            yield Event(on, What.REFERRAL, row, Station.REFERRAL, state, **page)
        if row.started_on is not None:
            state = "wait" if row.state is PlacementState.STARTED else "ok"
            yield Event(row.started_on, What.START, row, Station.PLACEMENT, state, **page)
        if row.verified_on is not None:
            yield Event(row.verified_on, What.VERIFIED, row, Station.PLACEMENT, "ok", **page)
        if row.left_on is not None:
            yield Event(row.left_on, What.LEFT, row, Station.PLACEMENT, "off", **page)
    for row in db.session.scalars(
        _of(person_id, FollowUp).options(joinedload(FollowUp.placement))
    ):  # fmt: skip
        is_late = row.outcome is None and row.due_on < today
        state = _OF_FOLLOW_UP[row.outcome] if row.outcome else "warn" if is_late else "wait"
        yield Event(
            row.done_on or row.due_on, What.FOLLOW_UP, row, Station.FOLLOW_UP, state,
            "workshop.follow_up",
            {"person_id": person_id, "placement_id": row.placement_id, "after_days": row.after_days},
        )  # fmt: skip
