"""How a placement begins: by a referral, or her own way into work."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import new_id, transaction
from core.errors import RuleError
from workshop.actions.follow_up_rows import add_follow_ups
from workshop.actions.openings import filled, is_employer_active, locked_vacancy
from workshop.models import (
    Employer,
    Enrolment,
    Learner,
    Placement,
    PlacementMove,
    Vacancy,
)
from workshop.rules.moves import (
    FORMS,
    first_state,
)
from workshop.values import (
    Channel,
    EnrolmentState,
    Form,
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


def not_later(on: date, now: datetime) -> None:
    if on > service_day(now):
        raise RuleError("day_in_future")


def refer(
    person_id: int, vacancy_id: int, *, on: date, by: Actor, now: datetime, note: str | None = None
) -> Placement:
    """Refer a learner to an open vacancy.

    Raises RuleError not_a_learner, learner_ended, no_such_vacancy, vacancy_filled, vacancy_closed,
    employer_retired, already_referred, day_in_future.
    """
    not_later(on, now)
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
    if not is_employer_active(session, vacancy):
        raise RuleError("employer_retired")


def _check_not_referred(session: Session, person_id: int, vacancy_id: int) -> None:
    open_states = [state for state in PlacementState if state.is_open]
    known = sa.select(Placement.id).where(
        Placement.person_id == person_id, Placement.vacancy_id == vacancy_id,
        Placement.state.in_(open_states),
    )  # fmt: skip
    if session.scalar(known.limit(1)) is not None:
        raise RuleError("already_referred")


def check_not_entered(
    session: Session, person_id: int, employer_name: str, started_on: date
) -> None:
    """Raises RuleError already_entered; the learner is locked, so that of two at once the second sees the first."""
    session.get(Learner, person_id, with_for_update={"key_share": True})
    known = sa.select(Placement.id).where(
        Placement.person_id == person_id, Placement.employer_name == employer_name,
        Placement.started_on == started_on,
        Placement.state.in_((PlacementState.STARTED, PlacementState.VERIFIED)),
    )  # fmt: skip
    if session.scalar(known.limit(1)) is not None:
        raise RuleError("already_entered", employer=employer_name, day=started_on.isoformat())


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
    employer_needed, no_such_employer, job_title_needed, day_in_future, already_entered.
    """
    terms = terms or Terms()
    if first_state(channel) is not PlacementState.STARTED:
        raise RuleError("channel_is_referral")
    if form not in FORMS[channel]:
        raise RuleError("form_of_channel")
    if not job_title.strip():
        raise RuleError("job_title_needed")
    not_later(started_on, now)
    with transaction() as session:
        learner = _learner(session, person_id, started_on)
        if employer_id is not None:
            employer = session.get(Employer, employer_id)
            if employer is None:
                raise RuleError("no_such_employer")
            employer_name = employer.name
        if not employer_name.strip():
            raise RuleError("employer_needed")
        employer_name = employer_name.strip()[:96]
        check_not_entered(session, person_id, employer_name, started_on)
        row = Placement(
            person_id=person_id, id=new_id(), site_id=learner.home_site_id, channel=channel,
            form=form, state=PlacementState.STARTED, employer_id=employer_id,
            employer_name=employer_name, job_title=job_title.strip()[:64],
            cohort_id=_training_of(session, person_id, started_on), venture_id=venture_id,
            started_on=started_on, wage_fen=terms.wage_fen, hours_week=terms.hours_week, note=note,
            created_at=now, changed_at=now,
        )  # fmt: skip
        _begun(session, row, on=started_on, by=by, now=now)
        add_follow_ups(session, row)
        return row
