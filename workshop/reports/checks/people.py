"""Whether those who were counted should be: age, twice the same, identity, undecided trainings."""

from collections import defaultdict

import sqlalchemy as sa
from flask_babel import gettext as _

from core import show
from core.db import db
from core.paths import path_to
from core.people.models import Person
from core.reports.checks import Row, finding, likely_doubles, setting
from core.reports.values import Finding
from workshop import words
from workshop.models import Cohort, Course, Enrolment, Learner, RetirementAge, Skill
from workshop.reports.checks.ground import Ground, cohort_page, learner_page
from workshop.rules.retirement import retires_on
from workshop.values import EnrolmentState, RetirementStep


def retired(ground: Ground) -> Finding | None:
    """Learners counted for the subsidy who had reached the age of the dated table when they joined."""
    steps = [
        RetirementStep(row.sex.value, row.worker_kind, row.born_from, row.age_months)
        for row in db.session.scalars(sa.select(RetirementAge))
    ]
    about = {
        row.id: row
        for row in db.session.execute(
            sa.select(Person.id, Person.sex, Person.birth_on, Learner.worker_kind)
            .join(Learner, Learner.person_id == Person.id)
            .where(Person.id.in_({place.person_id for place in ground.subsidised}))
        )
    }
    rows: list[Row] = []
    for place in ground.subsidised:
        person = about.get(place.person_id)
        if person is None:
            continue
        ends = retires_on(
            person.sex.value if person.sex else None, person.worker_kind, person.birth_on, steps
        )
        if ends is not None and ends <= place.joined_on:
            rows.append((
                _("%(name)s · %(cohort)s: reached the age on %(day)s, joined on %(joined)s",
                  name=ground.name(place.person_id), cohort=place.cohort, day=show.full_day(ends),
                  joined=show.full_day(place.joined_on)), learner_page(place.person_id),
            ))  # fmt: skip
    return finding(
        "retired", _("Learners over the retirement age counted for the subsidy"),
        _("She may learn, but is not counted. Take the subsidy off her enrolment, or correct her birth "
          "date or kind of worker."), rows,
    )  # fmt: skip


def twice_subsidised(ground: Ground) -> Finding | None:
    """The same skill at the same level, counted for the subsidy more than once for one learner."""
    courses = {
        row.id: row
        for row in db.session.execute(
            sa.select(Course.id, Course.skill_id, Course.level, Skill.name).join(Skill, Skill.id == Course.skill_id)
        )
    }  # fmt: skip
    found: dict[tuple[int, int, str], list[str]] = defaultdict(list)
    for place in ground.subsidised:
        course = courses[place.course_id]
        key = ground.person(place.person_id), course.skill_id, course.level.value
        found[key].append(place.cohort)
    skills = {course.skill_id: course.name for course in courses.values()}
    levels = {level.value: label for level, label in words.SKILL_LEVEL.items()}
    rows: list[Row] = [
        (_("%(name)s · %(skill)s, %(level)s: %(cohorts)s", name=ground.name(person_id),
           skill=skills[skill_id], level=levels[level], cohorts="、".join(cohorts)), learner_page(person_id))
        for (person_id, skill_id, level), cohorts in found.items()
        if len(cohorts) > 1
    ]  # fmt: skip
    return finding(
        "twice", _("The same skill and level counted for the subsidy twice"),
        _("Take the subsidy off one of the enrolments, or write which rule allows it."), rows,
    )  # fmt: skip


def without_id(ground: Ground) -> Finding | None:
    """Learners counted for the subsidy who have no ID number."""
    data = ground.built.datasets["people"]
    place = data.place("id_number")
    known = {row[0] for row in data.rows if row[place]}
    lacking = {ground.person(each.person_id) for each in ground.subsidised} - known
    rows: list[Row] = [
        (ground.names[person_id], path_to("people.show", person_id=person_id))
        for person_id in ground.names
        if person_id in lacking
    ]
    return finding(
        "no_id", _("Learners counted for the subsidy without an ID number"),
        _("Ask for the ID card and enter the number; only then is it sure that she is counted once."), rows,
    )  # fmt: skip


def doubles(ground: Ground) -> Finding | None:
    """Two records that may be one human, at least one of them in training."""
    places = sa.select(Enrolment.person_id).join(Cohort, Cohort.id == Enrolment.cohort_id)
    ids = places.where(Cohort.site_id.in_(ground.span.site_ids))
    return finding(
        "doubles", _("Records that may be the same person, in training"),
        _("Merge them if they are one person; if not, write how they were told apart."),
        likely_doubles(ids, ground.trained),
    )  # fmt: skip


def undecided(ground: Ground) -> Finding | None:
    """Cohorts that ended some time ago, with learners who are still in training."""
    last = ground.built.period.last
    rows: list[Row] = [
        (_("%(cohort)s, ended on %(day)s: %(count)s still in training", cohort=row.name,
           day=show.full_day(row.ends_on), count=row.count), cohort_page(row.id))
        for row in db.session.execute(
            sa.select(Cohort.id, Cohort.name, Cohort.ends_on, sa.func.count().label("count"))
            .join(Enrolment, Enrolment.cohort_id == Cohort.id)
            .where(Cohort.site_id.in_(ground.span.site_ids), Cohort.ends_on <= last,
                   Enrolment.state == EnrolmentState.TRAINING)
            .group_by(Cohort.id, Cohort.name, Cohort.ends_on).order_by(Cohort.ends_on, Cohort.id)
        )
        if (last - row.ends_on).days >= setting("CHECK_UNDECIDED_DAYS")
    ]  # fmt: skip
    return finding(
        "undecided", _("Cohorts that are over, with trainings not decided"),
        _("Decide for each learner whether she completed; until then she counts as in training."), rows,
    )  # fmt: skip
