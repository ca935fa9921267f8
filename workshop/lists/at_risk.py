"""Learners who may not complete, each with the reasons in words; a constant number of queries.

Counted for those in training in cohorts that run. No phone and no hardship is read here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from core.db import db
from core.people.models import Person
from core.show import weekday_date
from workshop import queries
from workshop.models import Cohort, Enrolment
from workshop.rules.at_risk import Reason, Risk, reasons
from workshop.rules.hours import Figures, figures
from workshop.values import CohortState, EnrolmentState, Policy
from workshop.words.marks import class_hours, clock_words

_ORDER = {risk: place for place, risk in enumerate(Risk)}


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One learner in one cohort, why she is on the list, and her three figures."""

    person_id: int
    name: str
    cohort: Cohort
    counted: Figures
    reasons: tuple[Reason, ...]
    words: tuple[tuple[str, str], ...]

    @property
    def policy(self) -> Policy:
        return self.cohort.policy


def at_risk(
    visible: sa.ColumnElement[bool], now: datetime, cohort_id: int | None = None
) -> list[AtRisk]:
    """Everybody at risk in the cohorts that an actor sees, the gravest reasons first."""
    config = current_app.config
    statement = (
        sa.select(Enrolment, Person.name, Person.pinyin, Cohort)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.state == EnrolmentState.TRAINING, Cohort.state == CohortState.RUNNING, visible)
        .options(joinedload(Cohort.course), joinedload(Cohort.site))
    )  # fmt: skip
    if cohort_id is not None:
        statement = statement.where(Cohort.id == cohort_id)
    rows = db.session.execute(statement).all()
    held = queries.held_of([row.Enrolment for row in rows], now)
    found: list[tuple[Any, AtRisk]] = []
    for place, name, pinyin, cohort in rows:
        hers = held[place.person_id, place.cohort_id]
        counted = figures(hers, cohort.planned_min, place.carried_min)
        why = reasons(hers, counted, cohort.policy, absences=int(config["AT_RISK_ABSENCES"]),
                      unmarked=int(config["AT_RISK_UNMARKED"]))  # fmt: skip
        if why:
            one = AtRisk(place.person_id, name, cohort, counted, why,
                         tuple(reason_words(reason, cohort.policy) for reason in why))  # fmt: skip
            found.append(((_ORDER[why[0].risk], pinyin, place.person_id), one))
    return [one for _key, one in sorted(found, key=lambda pair: pair[0])]


def reason_words(reason: Reason, policy: Policy) -> tuple[str, str]:
    """The kind of a state, and the reason in words."""
    match reason.risk:
        case Risk.OUT_OF_REACH:
            hours = class_hours(reason.count, policy.class_hour_min, is_lacking=True)
            return "bad", _(
                "can no longer reach the hours: %(hours)s class hours lacking", hours=hours
            )
        case Risk.LAST_CHANCE:
            assert reason.session is not None
            when = f"{weekday_date(reason.session.on)} {clock_words(reason.session.starts_min)}"
            return "bad", _("the session of %(when)s is the last that can save her", when=when)
        case Risk.ABSENT_IN_A_ROW:
            return "warn", _("absent %(count)s times in a row", count=reason.count)
        case Risk.UNMARKED:
            return "warn", _("nothing recorded of %(count)s sessions", count=reason.count)
    raise AssertionError(reason.risk)
