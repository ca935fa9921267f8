"""What the policy of a cohort proposes for each of its learners. A constant number of queries."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from core.db import db
from workshop.models import Assessment, Cohort, Enrolment
from workshop.queries import figures_of
from workshop.rules.completion import judge
from workshop.values import Judged


def latest_results(cohort_id: int) -> Mapping[int, Assessment]:
    """By person the latest result of the cohort's assessment: a second try or a correction counts."""
    newest = (
        sa.select(Assessment.person_id, sa.func.max(Assessment.number).label("number"))
        .where(Assessment.cohort_id == cohort_id)
        .group_by(Assessment.person_id)
        .subquery()
    )
    rows = db.session.scalars(
        sa.select(Assessment)
        .join(newest, sa.and_(newest.c.person_id == Assessment.person_id,
                              newest.c.number == Assessment.number))
        .where(Assessment.cohort_id == cohort_id)
    )  # fmt: skip
    return {row.person_id: row for row in rows}


def proposals_of(
    enrolments: Iterable[Enrolment], cohort: Cohort, now: datetime
) -> Mapping[int, Judged]:
    """By person what is proposed for her and why. Three queries."""
    rows = list(enrolments)
    counted = figures_of(rows, {cohort.id: cohort}, now)
    results = latest_results(cohort.id)
    found = {}
    for row in rows:
        result = results.get(row.person_id)
        found[row.person_id] = judge(
            counted[row.person_id, cohort.id], cohort.policy, result.mark if result else None,
            result.is_passed if result else None,
        )  # fmt: skip
    return found
