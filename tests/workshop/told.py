"""Facts of a workshop written straight into its tables, with the entries that verbs would leave.

For tests of what is counted: `house.py` makes the house, this tells what happened in it.
"""

import itertools
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from core.clock import moment_at
from core.db import new_id, transaction
from core.people.models import Person
from tests.workshop.house import House
from workshop.models import (
    Attendance,
    AttendanceMark,
    Cohort,
    Enrolment,
    EnrolmentMove,
    FollowUp,
    Placement,
    PlacementMove,
    Session,
)
from workshop.rules.hours import marked
from workshop.values import (
    AttendanceStatus,
    Channel,
    EnrolmentState,
    FollowUpOutcome,
    Form,
    LeavingReason,
    MarkSource,
    PlacementState,
)

MORNING = 10 * 60
S = AttendanceStatus


def at(day: date, minute: int = MORNING) -> datetime:
    """A moment of a day, minutes after midnight in Handan."""
    return moment_at(day, minute)


def named(person_id: int, letter: str, **more: Any) -> None:
    """Somebody whose name sorts as its letter; a longer name stays as it is."""
    with transaction() as session:
        row = session.get_one(Person, person_id)
        row.name, row.pinyin = letter if len(letter) > 1 else f"{letter}氏", letter.lower()
        for key, value in more.items():
            setattr(row, key, value)


def enrol(
    person_id: int, cohort_id: int, on: date, *, number: int | None = None, carried_min: int = 0,
    is_subsidised: bool = True,
) -> None:  # fmt: skip
    """She applied, was admitted and is in training from a day on."""
    with transaction() as session:
        session.add(Enrolment(
            person_id=person_id, cohort_id=cohort_id, state=EnrolmentState.TRAINING, applied_at=at(on),
            joined_on=on, number=number, carried_min=carried_min, is_subsidised=is_subsidised,
            not_subsidised_reason=None if is_subsidised else "已超龄", changed_at=at(on),
        ))  # fmt: skip
        session.flush()
        states = (
            None,
            EnrolmentState.APPLIED,
            EnrolmentState.ADMITTED,
            EnrolmentState.TRAINING,
        )
        for step, (before, after) in enumerate(itertools.pairwise(states), 1):
            session.add(_move(person_id, cohort_id, step, before, after, on, at(on)))


def _move(
    person_id: int, cohort_id: int, number: int, before: EnrolmentState | None,
    after: EnrolmentState, on: date, moment: datetime, reason: str | None = None,
) -> EnrolmentMove:  # fmt: skip
    return EnrolmentMove(
        person_id=person_id, id=new_id(), cohort_id=cohort_id, number=number, from_state=before,
        to_state=after, at=moment, on=on, reason=reason, by_name="经办人甲",
    )  # fmt: skip


def end(
    person_id: int, cohort_id: int, state: EnrolmentState, on: date, moment: datetime | None = None
) -> None:
    """Her training ends in this state, or a decision is taken back (TRAINING)."""
    with transaction() as session:
        row = session.get_one(Enrolment, (person_id, cohort_id))
        number = session.scalar(
            sa.select(sa.func.max(EnrolmentMove.number)).where(
                EnrolmentMove.person_id == person_id, EnrolmentMove.cohort_id == cohort_id
            )
        )
        session.add(_move(person_id, cohort_id, (number or 0) + 1, row.state, state, on,
                          moment or at(on), "说明"))  # fmt: skip
        row.state = state
        row.left_on = None if state is EnrolmentState.TRAINING else on


def mark(
    person_id: int, session_id: int, status: AttendanceStatus | None = S.PRESENT, *, late_min: int = 0,
    early_min: int = 0, moment: datetime | None = None, makes_up_id: int | None = None,
    booked_month: str | None = None, after_lock: bool = False, phone_hash: str | None = None,
    source: MarkSource = MarkSource.THUMB, by_name: str = "郑老师",
) -> None:  # fmt: skip
    """One mark and its entry; status None takes it away."""
    with transaction() as session:
        meeting = session.get_one(Session, session_id)
        moment = moment or at(meeting.on, meeting.ends_min)
        cohort = session.get_one(Cohort, meeting.cohort_id)
        cohort_id = cohort.id
        if makes_up_id is not None:
            cohort_id = session.get_one(Session, makes_up_id).cohort_id
        said = None
        if status is not None:
            said = marked(status, meeting.taught_min, cohort.policy, late_min, early_min)
        number = session.scalar(
            sa.select(sa.func.coalesce(sa.func.max(AttendanceMark.number), 0)).where(
                AttendanceMark.person_id == person_id, AttendanceMark.session_id == session_id
            )
        )
        number = (number or 0) + 1
        about: dict[str, Any] = {
            "person_id": person_id, "session_id": session_id, "cohort_id": cohort_id, "number": number,
            "makes_up_id": makes_up_id, "source": source, "reason": "更正" if after_lock else None,
        }  # fmt: skip
        if said is not None:
            about |= {
                "status": said.status, "late_min": said.late_min, "early_min": said.early_min,
                "credited_min": said.credited_min,
            }  # fmt: skip
        else:
            about |= {"status": None}
        session.add(AttendanceMark(
            **about, id=new_id(), after_lock=after_lock, booked_month=booked_month, at=moment,
            by_name=by_name, phone_hash=phone_hash,
        ))  # fmt: skip
        row = session.get(Attendance, (person_id, session_id))
        if row is not None:
            session.delete(row)
            session.flush()
        if said is not None:
            session.add(Attendance(**about, taught_min=meeting.taught_min, marked_at=moment,
                                   marked_by_name=by_name))  # fmt: skip


def job(
    house: House, person_id: int, started_on: date, *, verified_on: date | None = None,
    left_on: date | None = None, channel: Channel = Channel.OWN_WORK, form: Form = Form.EMPLOYED,
    wage_fen: int | None = None, employer_id: int | None = None, employer: str = "示例服装厂",
    cohort_id: int | None = None, reason: LeavingReason = LeavingReason.LOW_WAGE,
    at_moments: Mapping[PlacementState, datetime] | None = None, site_id: int | None = None,
    vacancy_id: int | None = None,
) -> UUID:  # fmt: skip
    """A job of her own finding, with its moves and follow-ups; returns its id."""
    moments, placement_id = at_moments or {}, new_id()
    state = PlacementState.STARTED
    steps: list[tuple[PlacementState | None, PlacementState, date]] = [(None, state, started_on)]
    for after, on in ((PlacementState.VERIFIED, verified_on), (PlacementState.LEFT, left_on)):
        if on is not None:
            steps.append((state, after, on))
            state = after
    verified_at = moments.get(PlacementState.VERIFIED, at(verified_on)) if verified_on else None
    with transaction() as session:
        session.add(Placement(
            person_id=person_id, id=placement_id, site_id=site_id or house.site_id,
            channel=channel if vacancy_id is None else Channel.REFERRAL, vacancy_id=vacancy_id,
            form=form, state=state, employer_id=employer_id, employer_name=employer, job_title="缝纫工",
            cohort_id=cohort_id, started_on=started_on, verified_on=verified_on, verified_at=verified_at,
            verified_by_name="徐专员" if verified_on else None,
            evidence_kind="labour_contract" if verified_on else None, left_on=left_on,
            leaving_reason=reason if left_on else None, wage_fen=wage_fen, created_at=at(started_on),
            changed_at=at(started_on),
        ))  # fmt: skip
        session.flush()
        for number, (before, after, on) in enumerate(steps, 1):
            session.add(PlacementMove(
                person_id=person_id, id=new_id(), placement_id=placement_id, number=number,
                from_state=before, to_state=after, at=moments.get(after, at(on)), on=on, by_name="徐专员",
            ))  # fmt: skip
    return placement_id


def follow_up(
    person_id: int, placement_id: UUID, after_days: int, due_on: date, *,
    outcome: FollowUpOutcome | None = None, done_on: date | None = None,
) -> None:  # fmt: skip
    """A follow-up that is due, or done."""
    with transaction() as session:
        session.add(FollowUp(
            person_id=person_id, placement_id=placement_id, after_days=after_days, due_on=due_on,
            next_on=due_on, outcome=outcome, done_on=done_on, done_at=at(done_on) if done_on else None,
            done_by_name="徐专员" if done_on else None,
            employer_name="另一家" if outcome is FollowUpOutcome.OTHER_EMPLOYER else None,
        ))  # fmt: skip
