"""Whether a place counts for subsidy. Nobody is refused for it: she learns all the same."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from workshop.actions.enrolments.steps import enrolment_of, locked_cohort
from workshop.models import Cohort, Course, Enrolment, Learner, RetirementAge
from workshop.rules.retirement import is_over
from workshop.values import EnrolmentState, RetirementStep

# Codes stand in not_subsidised_reason; enrolment_words.py has their words. Other text is the office's own.
COHORT, RETIRED, TAUGHT_BEFORE = "cohort", "retired", "taught_before"
_COUNTED = tuple(
    state for state in EnrolmentState if state.has_trained or state is EnrolmentState.ADMITTED
)


def judge(session: Session, row: Enrolment, learner: Learner, cohort: Cohort, on: date) -> None:
    """Set whether the place counts for subsidy, and why not."""
    row.not_subsidised_reason = reason_against(session, learner, cohort, on)
    row.is_subsidised = row.not_subsidised_reason is None


def reason_against(session: Session, learner: Learner, cohort: Cohort, on: date) -> str | None:
    """Why a place of hers in this cohort does not count for subsidy, as a code; None when it does."""
    if not cohort.is_subsidised:
        return COHORT
    if _is_retired(session, learner, max(on, cohort.starts_on)):
        return RETIRED
    if _was_taught(session, learner.person_id, cohort):
        return TAUGHT_BEFORE
    return None


def _is_retired(session: Session, learner: Learner, on: date) -> bool:
    """Whether she has reached the age of the dated table; whom it cannot judge is not over it."""
    person = learner.person
    steps = [
        RetirementStep(row.sex, row.worker_kind, row.born_from, row.age_months)
        for row in session.scalars(sa.select(RetirementAge).where(RetirementAge.sex == person.sex))
    ]
    return bool(is_over(person.sex, learner.worker_kind, person.birth_on, steps, on))


def _was_taught(session: Session, person_id: int, cohort: Cohort) -> bool:
    """Whether a place in another cohort counts for the same skill and level already."""
    course = session.get_one(Course, cohort.course_id)
    found = (
        sa.select(Enrolment.cohort_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Course, Course.id == Cohort.course_id)
        .where(
            Enrolment.person_id == person_id, Enrolment.cohort_id != cohort.id,
            Enrolment.is_subsidised, Enrolment.state.in_(_COUNTED),
            Course.skill_id == course.skill_id, Course.level == course.level,
        )
        .limit(1)
    )  # fmt: skip
    return session.scalar(found) is not None


def set_subsidised(
    person_id: int, cohort_id: int, is_subsidised: bool, *, reason: str, by: Actor, now: datetime
) -> Enrolment:
    """The office decides otherwise, and says why. Raises RuleError enrolment_not_there, reason_needed."""
    reason = reason.strip()[:128]
    if not reason:
        raise RuleError("reason_needed")
    with transaction() as session:
        locked_cohort(session, cohort_id)
        row = enrolment_of(session, person_id, cohort_id)
        before = {"is_subsidised": row.is_subsidised, "reason": row.not_subsidised_reason}
        row.is_subsidised, row.changed_at = is_subsidised, now
        row.not_subsidised_reason = None if is_subsidised else reason
        audit.record(session, "enrolment.subsidy_set", subject=f"enrolment:{person_id}:{cohort_id}",
                     by=by, now=now, person_id=person_id, reason=reason, before=before,
                     after={"is_subsidised": is_subsidised})  # fmt: skip
        return row
