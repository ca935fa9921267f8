"""How the first cohort ended: assessments, completion by its policy, certificates of ours and of others."""

import sqlalchemy as sa

from core.db import db
from core.evidence.actions import attach_clean
from workshop.actions import cohorts
from workshop.actions.certificates import (
    Shown,
    issue,
    issue_many,
    record_external,
    remove_external,
    revoke,
)
from workshop.actions.completion import decide_completion, record_assessment, record_assessments
from workshop.actions.learners import set_skill
from workshop.demo import people
from workshop.demo.classes import Classes, sessions_of
from workshop.demo.papers import paper
from workshop.demo.story import Story
from workshop.models import Certificate, Cohort, Enrolment
from workshop.proposals import proposals_of
from workshop.values import EnrolmentState, SkillLevel, SkillSource

_E = EnrolmentState


def finish(story: Story, classes: Classes) -> list[int]:
    """Close the first cohort; returns who completed it."""
    cohort_id, by = classes.first, story.clerk
    over = (story.day - sessions_of(cohort_id)[-1].on).days
    _assess(story, cohort_id, over)
    now = story.at(over - 4, 10)
    rows = _in_training(cohort_id)
    proposed = proposals_of(rows, db.session.get_one(Cohort, cohort_id), now)
    decisions = {
        person_id: _E.COMPLETED if judged.proposal.value == _E.COMPLETED.value else _E.INCOMPLETE
        for (person_id, judged) in proposed.items()
    }
    decide_completion(cohort_id, decisions, on=story.ago(over - 4), reason="未参加结业考核（示例）",
                      by=by, now=now)  # fmt: skip
    completed = sorted(one for one, state in decisions.items() if state is _E.COMPLETED)
    issue_many(completed, cohort_id, on=story.ago(over - 6), by=by, now=story.at(over - 6))
    _one_again(story, cohort_id, completed[0], over)
    for person_id in completed:
        set_skill(
            person_id, story.skills["home_service"], SkillLevel.JUNIOR, source=SkillSource.COURSE,
            since_on=story.ago(over - 4), by=by, now=story.at(over - 4, 11),
        )  # fmt: skip
    _others(story, cohort_id, completed, over)
    cohorts.close_cohort(cohort_id, by=by, now=story.at(over - 8))
    return completed


def _in_training(cohort_id: int) -> list[Enrolment]:
    return list(db.session.scalars(
        sa.select(Enrolment)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state == _E.TRAINING)
        .order_by(Enrolment.number)
    ))  # fmt: skip


def _assess(story: Story, cohort_id: int, over: int) -> None:
    """A result for all but one; who failed passes the second time."""
    ids = [row.person_id for row in _in_training(cohort_id)]
    missing, failing = story.someone(people.FIRST[4], people.FIRST[10])
    marks = {one: story.random.randint(62, 97) for one in ids if one != missing}
    marks[failing] = 48
    record_assessments(cohort_id, marks, on=story.ago(over - 2), by=story.trainer,
                       now=story.at(over - 2, 16))  # fmt: skip
    record_assessment(failing, cohort_id, 73, on=story.ago(over - 3), note="补考（示例）",
                      by=story.trainer, now=story.at(over - 3, 16))  # fmt: skip


def _one_again(story: Story, cohort_id: int, person_id: int, over: int) -> None:
    """One certificate was issued with a mistake: revoked, and issued anew."""
    wrong = db.session.scalars(
        sa.select(Certificate).where(
            Certificate.person_id == person_id, Certificate.cohort_id == cohort_id
        )
    ).one()
    revoke(person_id, wrong.id, reason="打印时姓名有误（示例）", by=story.clerk,
           now=story.at(over - 7, 9))  # fmt: skip
    issue(person_id, cohort_id, on=story.ago(over - 7), by=story.clerk, now=story.at(over - 7, 10))


def _others(story: Story, cohort_id: int, completed: list[int], over: int) -> None:
    """Certificates of other bodies, as they were shown; one was entered for the wrong woman."""
    made = [
        record_external(
            person_id,
            Shown(
                "专项职业能力证书（家庭保洁）", f"示例-{story.day.year}-{number:04d}",
                "市职业技能鉴定指导中心（示例）", story.ago(over - 30), story.skills["home_service"],
                SkillLevel.JUNIOR, cohort_id,
            ),
            by=story.coordinator, now=story.at(over - 32),
        )
        for number, person_id in enumerate(completed[1:6], 1)
    ]  # fmt: skip
    remove_external(made[-1].person_id, made[-1].id, reason="登记错人（示例）", by=story.clerk,
                    now=story.at(over - 33))  # fmt: skip


def sign_in_sheets(story: Story, classes: Classes) -> None:
    """The signed sheets of most sessions that were held, as photographs."""
    for cohort_id in (classes.first, classes.evening, classes.daytime):
        for number, lesson in enumerate(sessions_of(cohort_id, story.day)):
            if number % 5 != 4:
                attach_clean(
                    f"session:{lesson.id}", paper("签到表"), title="签到表（示例）", person_id=None,
                    by=story.trainer, now=lesson.ends_at,
                )  # fmt: skip
