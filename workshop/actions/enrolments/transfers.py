"""From one cohort of a course to another, with what she was credited."""

from datetime import date, datetime

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from workshop.actions.carried import carried_min
from workshop.actions.enrolments.moves import put_in
from workshop.actions.enrolments.offers import check_offer_stands, offer_free_seats
from workshop.actions.enrolments.steps import (
    check_day,
    check_hours_free,
    check_not_ended,
    check_takes_learners,
    enrolment_of,
    locked_cohort,
    locked_learner,
    step,
)
from workshop.models import Enrolment
from workshop.values import EnrolmentState

_E = EnrolmentState
_WITH_ROW = frozenset({_E.APPLIED, _E.WAITLISTED})


def transfer(
    person_id: int, cohort_id: int, to_cohort_id: int, *, on: date, reason: str, by: Actor,
    now: datetime,
) -> Enrolment:  # fmt: skip
    """Move her place to another cohort of the course; on: her last day here and her first there.

    What she was credited comes along, never more than is planned there. Returns the new place.
    Raises RuleError enrolment_other_course, enrolment_no_seat, enrolment_no_such_move, reason_needed, enrolment_stands,
    enrolment_clashes, enrolment_cohort_shut, enrolment_learner_ended, enrolment_marks_after, enrolment_in_future.
    """
    with transaction() as session:
        check_day(on, now)
        if cohort_id == to_cohort_id:
            raise RuleError("enrolment_to_itself")
        cohorts = {each: locked_cohort(session, each) for each in sorted((cohort_id, to_cohort_id))}
        old_cohort, cohort = cohorts[cohort_id], cohorts[to_cohort_id]
        learner = locked_learner(session, person_id)
        old = enrolment_of(session, person_id, cohort_id)
        if cohort.course_id != old_cohort.course_id:
            raise RuleError("enrolment_other_course", course=old_cohort.course.name)
        check_not_ended(learner)
        check_takes_learners(cohort)
        was_training, was_subsidised = old.state is _E.TRAINING, old.is_subsidised
        why = old.not_subsidised_reason
        how = {"on": on, "reason": reason, "by": by, "now": now}
        step(session, old_cohort, old, _E.TRANSFERRED, other_cohort_id=to_cohort_id, **how)  # type: ignore[arg-type]
        carried = carried_min(old, old_cohort, cohort, now) if was_training else 0
        check_hours_free(session, person_id, to_cohort_id, on)
        # Whoever waits there comes first.
        offer_free_seats(session, cohort, by=by, now=now)
        row = session.get(Enrolment, (person_id, to_cohort_id))
        if row is None or row.state not in _WITH_ROW:
            row = put_in(session, cohort, learner, other_cohort_id=cohort_id, **how)  # type: ignore[arg-type]
        elif row.state is _E.WAITLISTED and row.offered_until is None:
            raise RuleError("enrolment_no_seat", cohort=cohort.name, capacity=cohort.capacity)
        elif row.state is _E.WAITLISTED:
            check_offer_stands(row, now)
        step(session, cohort, row, _E.ADMITTED, other_cohort_id=cohort_id, **how)  # type: ignore[arg-type]
        row.carried_min = carried
        if cohort.is_subsidised and old_cohort.is_subsidised:
            row.is_subsidised, row.not_subsidised_reason = was_subsidised, why
        if was_training:
            step(session, cohort, row, _E.TRAINING, other_cohort_id=cohort_id, **how)  # type: ignore[arg-type]
        audit.record(session, "enrolment.transferred", subject=f"enrolment:{person_id}:{to_cohort_id}",
                     by=by, now=now, person_id=person_id, reason=reason,
                     after={"from_cohort": cohort_id, "carried_min": carried})  # fmt: skip
        offer_free_seats(session, old_cohort, by=by, now=now)
        return row
