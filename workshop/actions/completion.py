"""Results of assessments, and who completes a cohort: proposed by its policy, decided by somebody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from workshop.actions.enrolments.steps import (
    check_day,
    check_not_before,
    enrolment_of,
    locked_cohort,
    locked_learners,
    step,
)
from workshop.actions.learners import note_course_skill
from workshop.models import Assessment, Cohort, Enrolment
from workshop.proposals import proposals_of
from workshop.values import EnrolmentState, Judged
from workshop.words import completion as completion_words

_E = EnrolmentState
DECISIONS = (_E.COMPLETED, _E.INCOMPLETE)


@dataclass
class Decided:
    """Whose completion was decided and how, and whose was not, and why."""

    done: dict[int, EnrolmentState] = field(default_factory=dict)
    refused: list[tuple[int, RuleError]] = field(default_factory=list)


def record_assessment(
    person_id: int, cohort_id: int, mark: int, *, on: date, by: Actor, now: datetime, note: str = ""
) -> Assessment:
    """Record one result; an earlier one stays, and the latest counts.

    Raises RuleError enrolment_no_cohort, enrolment_not_there, enrolment_in_future,
    assessment_not_training, assessment_mark, enrolment_before_class.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        row = enrolment_of(session, person_id, cohort_id)
        return _record(session, cohort, row, mark, on=on, note=note, by=by, now=now)


def record_assessments(
    cohort_id: int, marks: Mapping[int, int], *, on: date, by: Actor, now: datetime
) -> int:
    """Record results of many, all or none; returns how many are new. Who keeps her mark gets no new row.

    Raises RuleError as record_assessment.
    """
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        # By number, so that of several results the latest stands: 80 after 80 and 70 is a new one.
        latest = {
            row.person_id: (row.mark, row.on)
            for row in session.scalars(
                sa.select(Assessment)
                .where(Assessment.cohort_id == cohort_id, Assessment.person_id.in_(marks))
                .order_by(Assessment.number)
            )
        }
        count = 0
        for person_id, mark in sorted(marks.items()):
            if latest.get(person_id) == (mark, on):
                continue
            row = enrolment_of(session, person_id, cohort_id)
            _record(session, cohort, row, mark, on=on, note="", by=by, now=now)
            count += 1
        return count


def _record(
    session: Session, cohort: Cohort, row: Enrolment, mark: int, *, on: date, note: str, by: Actor,
    now: datetime,
) -> Assessment:  # fmt: skip
    if row.state is not _E.TRAINING:
        raise RuleError("assessment_not_training")
    check_not_before(cohort, on)
    if not 0 <= mark <= 100:
        raise RuleError("assessment_mark")
    last = session.scalar(
        sa.select(sa.func.max(Assessment.number)).where(
            Assessment.person_id == row.person_id, Assessment.cohort_id == row.cohort_id
        )
    )
    result = Assessment(
        person_id=row.person_id, cohort_id=row.cohort_id, number=(last or 0) + 1, on=on, mark=mark,
        is_passed=mark >= cohort.pass_mark, note=note.strip()[:128], recorded_at=now,
        recorded_by_name=by.name,
    )  # fmt: skip
    session.add(result)
    audit.record(session, "assessment.recorded", subject=f"enrolment:{row.person_id}:{row.cohort_id}",
                 by=by, now=now, person_id=row.person_id,
                 after={"number": result.number, "on": on, "mark": mark,
                        "is_passed": result.is_passed, "note": result.note})  # fmt: skip
    session.flush()
    return result


def decide_completion(
    cohort_id: int, decisions: Mapping[int, EnrolmentState], *, on: date, by: Actor, now: datetime,
    reason: str | None = None,
) -> Decided:  # fmt: skip
    """Decide for some or all; what the policy says is kept with each decision as its reason. Whoever
    completes has the skill of the course from then on.

    decisions: completed or incomplete by person. reason: needed for whoever is decided otherwise
    than proposed, and kept with hers. Raises RuleError enrolment_no_cohort, enrolment_in_future.
    """
    found = Decided()
    own_reason = (reason or "").strip() or None
    with transaction() as session:
        check_day(on, now)
        cohort = locked_cohort(session, cohort_id)
        rows = session.scalars(
            sa.select(Enrolment)
            .where(Enrolment.cohort_id == cohort_id, Enrolment.person_id.in_(decisions))
            .order_by(Enrolment.number, Enrolment.person_id)
        ).all()
        proposed = proposals_of(rows, cohort, now)
        learners = locked_learners(session, (row.person_id for row in rows))
        for row in rows:
            # A refusal comes before anything of this one is written, so the others stand.
            try:
                _decide(session, cohort, row, decisions[row.person_id], proposed[row.person_id],
                        own_reason, on=on, by=by, now=now)  # fmt: skip
            except RuleError as error:
                found.refused.append((row.person_id, error))
            else:
                found.done[row.person_id] = row.state
                if row.state is _E.COMPLETED:
                    note_course_skill(session, learners[row.person_id], cohort.course, on=on, by=by,
                                      now=now)  # fmt: skip
    return found


def _decide(
    session: Session, cohort: Cohort, row: Enrolment, to: EnrolmentState, judged: Judged,
    own_reason: str | None, *, on: date, by: Actor, now: datetime,
) -> None:  # fmt: skip
    if to not in DECISIONS or row.state is not _E.TRAINING:
        raise RuleError("enrolment_no_such_move", before=str(row.state), after=str(to))
    check_not_before(cohort, on)
    is_otherwise = judged.proposal.value != to.value
    if is_otherwise and own_reason is None:
        raise RuleError("completion_needs_reason")
    # In the language of the house, whatever the screen speaks: it is read years later.
    with force_locale(current_app.config["DEFAULT_LANGUAGE"]):
        words = completion_words.explanation(
            judged, cohort.class_hour_min, own_reason if is_otherwise else None
        )
    step(session, cohort, row, to, on=on, reason=words, by=by, now=now)


def undecided(session: Session, cohort_id: int) -> int:
    """How many of a cohort still can start, are in training or wait: it closes when there is nobody."""
    states = [state for state in EnrolmentState if state.is_open]
    count = session.scalar(
        sa.select(sa.func.count()).select_from(Enrolment)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(states))
    )  # fmt: skip
    return count or 0
