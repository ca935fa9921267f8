"""A woman's way into one job: referred, moved on, started, verified, left.

Each move writes its row of placement_move, which is its own entry in the audit chain; what it sets
besides (wage, evidence, reason of leaving) goes to the log. A second job is a new placement.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import new_id, transaction
from core.errors import RuleError
from core.evidence.models import Attachment
from workshop.actions.follow_up_rows import add_follow_ups, end_follow_ups
from workshop.actions.openings import add_moves, filled, give_back, locked_vacancy, take_opening
from workshop.models import (
    Employer,
    Enrolment,
    Learner,
    Placement,
    PlacementMove,
    Vacancy,
)
from workshop.rules.moves import (
    EVIDENCE,
    FORMS,
    PLACEMENT_NEEDS_REASON,
    check_placement_move,
    first_state,
)
from workshop.values import (
    Channel,
    EnrolmentState,
    EvidenceKind,
    Form,
    LeavingReason,
    PlacementState,
    VacancyState,
)

_TRAINED = [state for state in EnrolmentState if state.has_trained]


@dataclass(frozen=True)
class Terms:
    """What she works for: fen a month, hours a week; None when not known."""

    wage_fen: int | None = None
    hours_week: int | None = None


def subject_of(person_id: int, placement_id: UUID) -> str:
    """The subject to which the papers of a placement are attached."""
    return f"placement:{person_id}.{placement_id}"


def _learner(session: Session, person_id: int, on: date) -> Learner:
    row = session.get(Learner, person_id)
    if row is None:
        raise RuleError("not_a_learner")
    if row.ended_on is not None and row.ended_on < on:
        raise RuleError("learner_ended")
    return row


def _training_of(session: Session, person_id: int, on: date) -> int | None:
    """The training that led to a job: the last one she took part in."""
    return session.scalar(
        sa.select(Enrolment.cohort_id)
        .where(Enrolment.person_id == person_id, Enrolment.state.in_(_TRAINED),
               Enrolment.joined_on <= on)
        .order_by(Enrolment.joined_on.desc(), Enrolment.cohort_id.desc())
        .limit(1)
    )  # fmt: skip


def _not_later(on: date, now: datetime) -> None:
    if on > service_day(now):
        raise RuleError("day_in_future")


def refer(
    person_id: int, vacancy_id: int, *, on: date, by: Actor, now: datetime, note: str | None = None
) -> Placement:
    """Refer a learner to an open vacancy.

    Raises RuleError not_a_learner, learner_ended, no_such_vacancy, vacancy_filled, vacancy_closed,
    already_referred, day_in_future.
    """
    _not_later(on, now)
    try:
        with transaction() as session:
            vacancy = locked_vacancy(session, vacancy_id)
            learner = _learner(session, person_id, on)
            _check_open(session, vacancy, on)
            _check_not_referred(session, person_id, vacancy_id)
            employer = session.get_one(Employer, vacancy.employer_id)
            row = Placement(
                person_id=person_id, id=new_id(), site_id=learner.home_site_id,
                channel=Channel.REFERRAL, form=vacancy.form, state=PlacementState.REFERRED,
                vacancy_id=vacancy.id, employer_id=employer.id, employer_name=employer.name,
                job_title=vacancy.title, cohort_id=_training_of(session, person_id, on),
                note=note, created_at=now, changed_at=now,
            )  # fmt: skip
            return _begun(session, row, on=on, by=by, now=now)
    except sa.exc.IntegrityError:
        # Two referred her at once: the second one is told what the first did.
        raise RuleError("already_referred") from None


def _check_open(session: Session, vacancy: Vacancy, on: date) -> None:
    if vacancy.state is VacancyState.FILLED:
        raise filled(session, vacancy.id)
    if vacancy.state is VacancyState.CLOSED:
        raise RuleError("vacancy_closed")
    if vacancy.closes_on is not None and vacancy.closes_on < on:
        raise RuleError("vacancy_closed")


def _check_not_referred(session: Session, person_id: int, vacancy_id: int) -> None:
    open_states = [state for state in PlacementState if state.is_open]
    known = sa.select(Placement.id).where(
        Placement.person_id == person_id, Placement.vacancy_id == vacancy_id,
        Placement.state.in_(open_states),
    )  # fmt: skip
    if session.scalar(known.limit(1)) is not None:
        raise RuleError("already_referred")


def _begun(session: Session, row: Placement, *, on: date, by: Actor, now: datetime) -> Placement:
    session.add(row)
    session.flush()
    session.add(PlacementMove(
        person_id=row.person_id, id=new_id(), placement_id=row.id, number=1, from_state=None,
        to_state=row.state, at=now, on=on, by_id=by.user_id, by_name=by.name,
    ))  # fmt: skip
    audit.record(session, "placement.added", subject=f"placement:{row.person_id}.{row.id}", by=by,
                 now=now, person_id=row.person_id, after={
                     "channel": row.channel, "form": row.form, "employer_name": row.employer_name,
                     "job_title": row.job_title, "vacancy_id": row.vacancy_id,
                     "started_on": row.started_on, "wage_fen": row.wage_fen,
                     "hours_week": row.hours_week,
                 })  # fmt: skip
    return row


def start_own(
    person_id: int, *, channel: Channel, form: Form, job_title: str, started_on: date, by: Actor,
    now: datetime, employer_id: int | None = None, employer_name: str = "",
    terms: Terms | None = None, venture_id: UUID | None = None, note: str | None = None,
) -> Placement:  # fmt: skip
    """Record work that she found, began or took home by herself: it begins at `started`.

    employer_name: of the business, for one of her own. Voluntary work is not recorded here.
    Raises RuleError not_a_learner, learner_ended, channel_is_referral, form_of_channel,
    employer_needed, no_such_employer, job_title_needed, day_in_future.
    """
    terms = terms or Terms()
    if first_state(channel) is not PlacementState.STARTED:
        raise RuleError("channel_is_referral")
    if form not in FORMS[channel]:
        raise RuleError("form_of_channel")
    if not job_title.strip():
        raise RuleError("job_title_needed")
    _not_later(started_on, now)
    with transaction() as session:
        learner = _learner(session, person_id, started_on)
        if employer_id is not None:
            employer = session.get(Employer, employer_id)
            if employer is None:
                raise RuleError("no_such_employer")
            employer_name = employer.name
        if not employer_name.strip():
            raise RuleError("employer_needed")
        row = Placement(
            person_id=person_id, id=new_id(), site_id=learner.home_site_id, channel=channel,
            form=form, state=PlacementState.STARTED, employer_id=employer_id,
            employer_name=employer_name.strip()[:96], job_title=job_title.strip()[:64],
            cohort_id=_training_of(session, person_id, started_on), venture_id=venture_id,
            started_on=started_on, wage_fen=terms.wage_fen, hours_week=terms.hours_week, note=note,
            created_at=now, changed_at=now,
        )  # fmt: skip
        _begun(session, row, on=started_on, by=by, now=now)
        add_follow_ups(session, row)
        return row


def locked_placement(
    session: Session, person_id: int, placement_id: UUID
) -> tuple[Placement, Vacancy | None]:
    """The placement, locked after its vacancy. Raises RuleError no_such_placement."""
    vacancy_id = session.scalar(
        sa.select(Placement.vacancy_id).where(
            Placement.person_id == person_id, Placement.id == placement_id
        )
    )
    vacancy = locked_vacancy(session, vacancy_id) if vacancy_id is not None else None
    row = session.get(
        Placement, (person_id, placement_id), with_for_update=True, populate_existing=True
    )
    if row is None:
        raise RuleError("no_such_placement")
    return row, vacancy


def _check_day(session: Session, row: Placement, on: date, now: datetime) -> None:
    """A move neither lies in the future nor before the one before it."""
    _not_later(on, now)
    before = session.scalar(
        sa.select(PlacementMove.on)
        .where(PlacementMove.person_id == row.person_id, PlacementMove.placement_id == row.id)
        .order_by(PlacementMove.number.desc())
        .limit(1)
    )
    if before is not None and on < before:
        raise RuleError("before_last_move", day=before.isoformat())


def move(
    person_id: int, placement_id: UUID, to: PlacementState, *, on: date, by: Actor, now: datetime,
    reason: str | None = None, terms: Terms | None = None,
) -> Placement:  # fmt: skip
    """Take a placement one step on: interview, hired, started, not hired, gave up.

    Hiring takes an opening, and with the last one ends the other referrals of the vacancy; starting
    sets wage and hours and makes the follow-ups. Verifying and leaving are verbs of their own.
    Raises RuleError no_such_placement, placement_no_such_move, vacancy_filled, reason_needed,
    day_in_future, before_last_move.
    """
    if to in (PlacementState.VERIFIED, PlacementState.LEFT):
        raise RuleError("placement_no_such_move", before="", after=str(to))
    reason = (reason or "").strip()[:128] or None
    if to in PLACEMENT_NEEDS_REASON and reason is None:
        raise RuleError("reason_needed")
    try:
        with transaction() as session:
            row, vacancy = locked_placement(session, person_id, placement_id)
            _check_step(session, row, vacancy, to)
            _check_day(session, row, on, now)
            held = row.state.holds_opening
            if to is PlacementState.STARTED:
                _start(session, row, on, terms or Terms(), by, now)
            if to in PLACEMENT_NEEDS_REASON:
                row.end_reason = reason
            add_moves(session, [row], to, on=on, reason=reason, by=by, now=now)
            session.flush()
            if vacancy is not None and to.holds_opening and not held:
                take_opening(session, vacancy, by=by, now=now)
            elif vacancy is not None and held and not to.holds_opening:
                give_back(session, vacancy, by=by, now=now)
            return row
    except sa.exc.IntegrityError as error:
        if "used_within_openings" in str(error.orig):
            raise RuleError("vacancy_filled", by="—", at="—") from None
        raise


def _check_step(
    session: Session, row: Placement, vacancy: Vacancy | None, to: PlacementState
) -> None:
    try:
        check_placement_move(row.state, to)
    except RuleError:
        # Ended a moment ago because somebody else took the last opening: say who.
        is_closed = row.state is PlacementState.NOT_HIRED and vacancy is not None
        if vacancy is not None and is_closed and vacancy.state is VacancyState.FILLED:
            raise filled(session, vacancy.id) from None
        raise


def _start(
    session: Session, row: Placement, on: date, terms: Terms, by: Actor, now: datetime
) -> None:
    row.started_on, row.wage_fen, row.hours_week = on, terms.wage_fen, terms.hours_week
    audit.record(session, "placement.started", subject=f"placement:{row.person_id}.{row.id}",
                 by=by, now=now, person_id=row.person_id,
                 after={"started_on": on, "wage_fen": terms.wage_fen,
                        "hours_week": terms.hours_week})  # fmt: skip
    add_follow_ups(session, row)


def change_terms(
    person_id: int, placement_id: UUID, terms: Terms, *, form: Form, by: Actor, now: datetime
) -> Placement:
    """Correct wage, hours and form of a job before it is verified; after, what was seen stands.

    Raises RuleError no_such_placement, placement_is_verified, placement_not_started, form_of_channel.
    """
    with transaction() as session:
        row, _vacancy = locked_placement(session, person_id, placement_id)
        if row.verified_on is not None:
            raise RuleError("placement_is_verified")
        if row.started_on is None:
            raise RuleError("placement_not_started")
        if form not in FORMS[row.channel]:
            raise RuleError("form_of_channel")
        before = {"wage_fen": row.wage_fen, "hours_week": row.hours_week, "form": row.form}
        row.wage_fen, row.hours_week, row.form = terms.wage_fen, terms.hours_week, form
        row.changed_at = now
        audit.record(session, "placement.changed", subject=f"placement:{person_id}.{row.id}", by=by,
                     now=now, person_id=person_id, before=before,
                     after={"wage_fen": row.wage_fen, "hours_week": row.hours_week,
                            "form": row.form})  # fmt: skip
        return row


def verify(
    person_id: int, placement_id: UUID, *, evidence_kind: EvidenceKind, on: date, by: Actor,
    now: datetime,
) -> Placement:  # fmt: skip
    """Confirm that she works there, by a paper that is attached; it counts in the month of `on`.

    `on` lies in the month at hand, so that the figures of a month that is over stay what they were.
    Home piecework counts from HOME_WORK_LEAST_FEN a month on.
    Raises RuleError no_such_placement, placement_no_such_move, placement_paper_needed, evidence_of_form,
    home_work_too_little, day_in_future, before_last_move, verified_in_past_month.
    """
    with transaction() as session:
        row, _vacancy = locked_placement(session, person_id, placement_id)
        check_placement_move(row.state, PlacementState.VERIFIED)
        _check_day(session, row, on, now)
        today = service_day(now)
        if (on.year, on.month) != (today.year, today.month):
            raise RuleError("verified_in_past_month")
        if evidence_kind not in EVIDENCE[row.form]:
            raise RuleError("evidence_of_form")
        if row.form is Form.HOME_WORK:
            least = int(current_app.config["HOME_WORK_LEAST_FEN"])
            if row.wage_fen is None or row.wage_fen < least:
                raise RuleError("home_work_too_little", least=f"{least // 100}.{least % 100:02d}")
        _check_evidence(session, row)
        row.verified_on, row.verified_at, row.verified_by_name = on, now, by.name
        row.evidence_kind = evidence_kind.value
        add_moves(session, [row], PlacementState.VERIFIED, on=on, reason=None, by=by, now=now)
        audit.record(session, "placement.verified", subject=f"placement:{person_id}.{row.id}",
                     by=by, now=now, person_id=person_id,
                     after={"verified_on": on, "evidence_kind": evidence_kind})  # fmt: skip
        return row


def _check_evidence(session: Session, row: Placement) -> None:
    # Locked, so that nobody removes the paper while it is being relied on.
    statement = (
        sa.select(Attachment.id)
        .where(Attachment.subject == subject_of(row.person_id, row.id),
               Attachment.removed_at.is_(None))
        .with_for_update()
    )  # fmt: skip
    if not session.scalars(statement).all():
        raise RuleError("placement_paper_needed")


def leave(
    person_id: int, placement_id: UUID, *, on: date, reason: LeavingReason, by: Actor,
    now: datetime, note: str | None = None, next_employer: str | None = None,
) -> Placement:  # fmt: skip
    """Record that she left; `on` is her last day. Her opening is free again.

    Follow-ups due after that day end: nobody has tried yet, they go; where somebody has, they say
    what leaving says. Those due before stay, because on that day she was still there.
    Raises RuleError no_such_placement, placement_no_such_move, ends_before_start, day_in_future.
    """
    _not_later(on, now)
    with transaction() as session:
        row, vacancy = locked_placement(session, person_id, placement_id)
        check_placement_move(row.state, PlacementState.LEFT)
        if row.started_on is not None and on < row.started_on:
            raise RuleError("left_before_start", day=row.started_on.isoformat())
        row.left_on, row.left_recorded_at, row.leaving_reason = on, now, reason
        row.end_reason = (note or "").strip()[:128] or None
        add_moves(session, [row], PlacementState.LEFT, on=on, reason=row.end_reason, by=by, now=now)
        session.flush()
        if vacancy is not None:
            give_back(session, vacancy, by=by, now=now)
        dropped = end_follow_ups(session, row, next_employer=next_employer, by=by, now=now)
        audit.record(session, "placement.left", subject=f"placement:{person_id}.{row.id}", by=by,
                     now=now, person_id=person_id, reason=row.end_reason,
                     after={"left_on": on, "leaving_reason": reason,
                            "follow_ups_ended": dropped})  # fmt: skip
        return row


def mark_told(person_id: int, placement_id: UUID, *, by: Actor, now: datetime) -> Placement:
    """Somebody told her that the vacancy was filled or closed. Telling again changes nothing.

    Raises RuleError no_such_placement, nothing_to_tell.
    """
    with transaction() as session:
        row, _vacancy = locked_placement(session, person_id, placement_id)
        if row.state is not PlacementState.NOT_HIRED:
            raise RuleError("nothing_to_tell")
        if row.told_at is None:
            row.told_at = now
            audit.record(session, "placement.told", subject=f"placement:{person_id}.{row.id}",
                         by=by, now=now, person_id=person_id)  # fmt: skip
        return row


def note_export(rows: int, *, by: Actor, now: datetime) -> None:
    """Write down that the list of placements was taken out as a file of so many rows."""
    with transaction() as session:
        audit.record(session, "placements.exported", subject="placements", by=by, now=now,
                     after={"rows": rows})  # fmt: skip
