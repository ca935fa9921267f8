"""What is taught in the demo: courses, rooms, and six cohorts, one in each state and one more.

Lessons fall on the weekday of the day of the story, so that there is a class in the morning, one in
the afternoon and one in the evening of that day, whatever day it is.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from core.db import db
from workshop.actions import cohorts, sessions
from workshop.actions.cohorts import CohortFacts
from workshop.actions.courses import CourseFacts, save_course, save_room
from workshop.actions.planning import plan_sessions
from workshop.demo.story import Story, minutes
from workshop.models import Session
from workshop.values import CohortState, Policy, SessionState, SkillLevel
from workshop.values.schedule import Pattern, Slot

MORNING = minutes(9), minutes(12)
AFTERNOON = minutes(14), minutes(17)
EVENING = minutes(18, 30), minutes(21, 30)
# Name, skill, level, class hours, what is taught.
COURSES = (
    ("家政服务员（初级）", "home_service", SkillLevel.JUNIOR, 64, "居室保洁、衣物洗护、家庭餐、照护老人与雇主沟通"),
    ("缝纫工（初级）", "sewing", SkillLevel.JUNIOR, 80, "平缝机、锁边机操作，裁剪，改衣，校服与工装"),
    ("育婴员（初级）", "infant_care", SkillLevel.JUNIOR, 48, "婴幼儿喂养、洗澡抚触、辅食、早教游戏与急救"),
    ("电商直播（入门）", "live_selling", SkillLevel.BASIC, 40, "开店、拍摄、直播话术、发货与售后"),
    ("手工编织（入门）", "handicraft", SkillLevel.BASIC, 32, "钩针、棒针、成品定价与寄卖"),
)  # fmt: skip


@dataclass
class Classes:
    """The cohorts by their part in the story, and those of their sessions that count, by time."""

    first: int
    evening: int
    daytime: int
    coming: int
    called_off: int


def teach(story: Story) -> Classes:
    """Courses, rooms and cohorts with their sessions; who learns in them comes later."""
    by = story.clerk
    for name, seats in (("一号教室", 36), ("二号实训室", 30), ("三号直播间", 12)):
        room = save_room(
            None, site_id=story.site_id, name=name, seats=seats, by=by, now=story.at(330)
        )
        story.rooms.append(room.id)
    courses = [
        save_course(
            None,
            CourseFacts(f"{name}", story.skills[skill], level, hours, Policy(), content),
            by=by, now=story.at(330),
        ).id
        for name, skill, level, hours, content in COURSES
    ]  # fmt: skip
    cleaning, sewing, infants, selling, knitting = courses
    first = _opened(story, cleaning, starts_ago=297, capacity=30, opened_ago=318)
    _plan(story, first, 297, _slots(story, (2, MORNING), (4, MORNING), (0, MORNING)))
    evening = _opened(story, sewing, starts_ago=49, capacity=26, opened_ago=70)
    _plan(story, evening, 49, _slots(story, (0, EVENING), (3, EVENING), room=1))
    daytime = _opened(story, sewing, starts_ago=21, capacity=30, opened_ago=38)
    _plan(story, daytime, 21, _slots(
        story, (0, MORNING), (0, AFTERNOON), (2, MORNING), (4, MORNING),
    ))  # fmt: skip
    for cohort_id, times in ((daytime, (MORNING, AFTERNOON)), (evening, (EVENING,))):
        _one_today(story, cohort_id, times)
    _changes(story, daytime, evening)
    coming = _opened(story, infants, starts_ago=-10, capacity=20, opened_ago=21, second=True)
    _plan(story, coming, -10, _slots(story, (1, AFTERNOON), (5, MORNING), room=1))
    _opened(story, selling, starts_ago=-45, capacity=12, opened_ago=2, state=CohortState.PLANNED)
    called_off = _opened(story, knitting, starts_ago=140, capacity=16, opened_ago=172, second=True)
    _plan(story, called_off, 140, _slots(story, (6, AFTERNOON)))
    return Classes(first, evening, daytime, coming, called_off)


def _opened(
    story: Story, course_id: int, *, starts_ago: int, capacity: int, opened_ago: int,
    state: CohortState = CohortState.OPEN, second: bool = False,
) -> int:  # fmt: skip
    starts_on = story.ago(starts_ago)
    trainer = story.second_trainer if second else story.trainer
    facts = CohortFacts(starts_on, starts_on + timedelta(days=20), capacity, trainer.user_id)
    return cohorts.open_cohort(
        course_id, facts, site_id=story.site_id, state=state, by=story.clerk,
        now=story.at(opened_ago),
    ).id  # fmt: skip


def _slots(story: Story, *lessons: tuple[int, tuple[int, int]], room: int = 0) -> tuple[Slot, ...]:
    """Lessons by how many weekdays after that of the day of the story."""
    return tuple(
        Slot((story.day.isoweekday() + after - 1) % 7 + 1, starts, ends, 0, story.rooms[room])
        for after, (starts, ends) in lessons
    )


def _plan(story: Story, cohort_id: int, starts_ago: int, slots: tuple[Slot, ...]) -> None:
    plan_sessions(cohort_id, Pattern(slots, story.ago(starts_ago)), by=story.clerk,
                  now=story.at(max(starts_ago, 0) + 8, 10))  # fmt: skip


def _one_today(story: Story, cohort_id: int, times: tuple[tuple[int, int], ...]) -> None:
    """On a holiday a class is held today all the same: the next of its kind is brought forward."""
    for starts, ends in times:
        coming = [
            one for one in sessions_of(cohort_id) if one.on >= story.day and one.starts_min == starts
        ]  # fmt: skip
        if coming and coming[0].on != story.day:
            sessions.reschedule(
                coming[0].id, on=story.day, starts_min=starts, ends_min=ends, taught_min=ends - starts,
                room_id=coming[0].room_id, reason="学员商定节日照常上课（示例）", by=story.clerk,
                now=story.at(3, 16),
            )  # fmt: skip


def _changes(story: Story, daytime: int, evening: int) -> None:
    """What changed on the way: somebody stood in, a class was cancelled and added at the end, rooms moved."""
    by = story.clerk
    past = sessions_of(daytime, story.day)
    sessions.set_substitute(past[-3].id, story.second_trainer.user_id, reason="郑老师外出培训（示例）", by=by,
                            now=past[-3].starts_at - timedelta(days=1))  # fmt: skip
    dark = sessions_of(evening)[5]
    sessions.cancel_session(dark.id, reason="停电检修（示例）", by=by,
                            now=dark.starts_at - timedelta(hours=5))  # fmt: skip
    last = sessions_of(evening)[-1].on
    plan_sessions(
        evening, Pattern(_slots(story, (3, EVENING), room=1), last + timedelta(days=1)), by=by,
        now=dark.starts_at,
    )  # fmt: skip
    coming = [one for one in sessions_of(evening) if one.on > story.day]
    sessions.move_room(
        coming[0].id,
        story.rooms[0],
        reason="二号实训室检修设备（示例）",
        by=by,
        now=story.at(1, 11),
    )
    later = coming[1]
    sessions.reschedule(
        later.id, on=later.on + timedelta(days=1), starts_min=later.starts_min, ends_min=later.ends_min,
        taught_min=later.taught_min, room_id=later.room_id, reason="场地另有活动（示例）", by=by,
        now=story.at(1, 11, 10),
    )  # fmt: skip


def sessions_of(cohort_id: int, until: date | None = None) -> list[Session]:
    """The sessions of a cohort that are not cancelled, by time; until: before this day."""
    statement = sa.select(Session).where(
        Session.cohort_id == cohort_id, Session.state == SessionState.PLANNED
    )
    if until is not None:
        statement = statement.where(Session.on < until)
    return list(db.session.scalars(statement.order_by(Session.on, Session.starts_min)))
