"""Attendance in the demo: every kind of mark, self check-in, make-ups, a correction, and what is missing.

Sessions of the two cohorts that run are told in the order of the clock, because learners go from
one to the other and make up in one what they missed in the other.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.db import db
from workshop.actions.attendance import correct, mark, undo
from workshop.actions.check_in import check_in, key, open_check_in, settle, step_s
from workshop.demo import people
from workshop.demo.classes import Classes, sessions_of
from workshop.demo.story import Story, Woman
from workshop.models import Enrolment, Session
from workshop.roster import on_the_sheet
from workshop.rules import room_code
from workshop.values import AttendanceStatus, Mark, MarkSource

_A = AttendanceStatus
EXCUSES = ("孩子发烧", "家里老人复诊", "陪孩子开家长会", "本人身体不适")
Event = tuple[datetime, Callable[[], None]]


@dataclass
class Habits:
    """How somebody comes: her chance of being absent, and the lessons that she misses for certain."""

    absent: float = 0.025
    misses: frozenset[int] = frozenset()


@dataclass
class Attended:
    """One cohort's lessons up to today, and how its learners come."""

    cohort_id: int
    lessons: list[Session]
    habits: dict[int, Habits] = field(default_factory=dict)
    skipped: frozenset[int] = frozenset()  # lessons that nobody has marked yet


def attend_first(story: Story, classes: Classes, events: Sequence[Event]) -> None:
    """The cohort that is over. events: what happened between its lessons."""
    numbers = people.FIRST
    habits = {story.someone(numbers[1])[0]: Habits(absent=1)}
    for number in numbers[4:7]:
        habits[story.someone(number)[0]] = Habits(absent=0.55)
    lessons = sessions_of(classes.first, story.day)
    _tell(story, [Attended(classes.first, lessons, habits)], events)


def attend(story: Story, classes: Classes, events: Sequence[Event]) -> None:
    """The two cohorts that run, up to yesterday."""
    day, evening = (
        Attended(cohort_id, sessions_of(cohort_id, story.day))
        for cohort_id in (classes.daytime, classes.evening)
    )
    held = len(day.lessons)
    away, three, lost, last = story.someone(*people.DAYTIME[:1], *people.DAYTIME[2:5])
    makes_up = story.someone(people.DAYTIME[5])[0]
    day.habits = {
        away: Habits(absent=1),
        three: Habits(0, frozenset(range(held - 4, held - 1))),
        lost: Habits(0, frozenset(range(0, min(held - 2, 6)))),
        last: Habits(0, frozenset({0, 2, 4})),
        makes_up: Habits(0, frozenset({1})),
    }
    other, corrected = story.someone(*people.EVENING[3:5])
    evening.habits = {other: Habits(0, frozenset({4})), corrected: Habits(0, frozenset({0}))}
    day.skipped = frozenset({held - 1})
    evening.skipped = frozenset({len(evening.lessons) - 2})
    _tell(story, [day, evening], events)
    _make_up(story, makes_up, day.lessons[1], evening.lessons, Mark(0, _A.PRESENT))
    _make_up(story, other, evening.lessons[4], day.lessons, Mark(0, _A.LATE, late_min=10))
    correct(
        evening.lessons[0].id, corrected, _A.EXCUSED, reason="补交了住院证明，原登记为缺勤（示例）",
        number=None, by=story.clerk, now=story.at(9, 15),
    )  # fmt: skip


def _tell(story: Story, all_attended: Sequence[Attended], events: Sequence[Event]) -> None:
    """Lessons and events in the order of the clock."""
    told: list[tuple[datetime, Callable[[], None]]] = list(events)
    for attended in all_attended:
        for number, lesson in enumerate(attended.lessons):
            if number not in attended.skipped:
                told.append((lesson.ends_at, _lesson(story, attended, number)))
    for _at, tell in sorted(told, key=lambda pair: pair[0]):
        tell()


def _lesson(story: Story, attended: Attended, number: int) -> Callable[[], None]:
    return lambda: _mark(story, attended, number)


def _sheet(lesson: Session) -> list[int]:
    return list(db.session.scalars(
        sa.select(Enrolment.person_id).where(on_the_sheet(lesson.cohort_id, lesson.on))
        .order_by(Enrolment.number, Enrolment.person_id)
    ))  # fmt: skip


def _mark(story: Story, attended: Attended, number: int) -> None:
    """One lesson: leave entered the evening before, some in other ways, the rest present."""
    lesson, random = attended.lessons[number], story.random
    sheet = _sheet(lesson)
    by = story.second_trainer if lesson.substitute_id else story.trainer
    usual = [person_id for person_id in sheet if person_id not in attended.habits]
    leave = random.choice(usual) if number % 3 == 1 else None
    if leave is not None:
        excused = Mark(leave, _A.EXCUSED, reason=random.choice(EXCUSES), number=None)
        mark(lesson.id, [excused], session_version=None, source=MarkSource.EXCUSE, by=by,
             now=lesson.starts_at - timedelta(hours=14))  # fmt: skip
    if number == 4:
        _checked_in(story, lesson, usual, leave)
    if number == 2:  # a thumb too quick: taken back, and marked anew below
        first = lesson.starts_at + timedelta(minutes=20)
        never = [one for one in sheet if attended.habits.get(one, Habits()).absent == 1]
        absent = [Mark(one, _A.ABSENT, number=None) for one in never]
        mark(lesson.id, absent, session_version=None, source=MarkSource.THUMB, by=by, now=first,
             all_present=True)  # fmt: skip
        undo(lesson.id, by=by, now=first + timedelta(seconds=20))
    marks = [
        one for person_id in sheet if person_id != leave
        and (one := _how(story, attended, person_id, number)) is not None
    ]  # fmt: skip
    source = (MarkSource.THUMB, MarkSource.THUMB, MarkSource.SHEET)[number % 3]
    if number % 4 == 1:  # each by her name
        named = {one.person_id for one in marks} | {leave}
        marks += [Mark(one, _A.PRESENT, number=None) for one in sheet if one not in named]
    if number % 5 == 3:
        card = [Mark(one, _A.PRESENT, number=None) for one in usual[3:6] if one != leave]
        mark(lesson.id, card, session_version=None, source=MarkSource.CARD, by=by,
             now=lesson.starts_at + timedelta(minutes=1))  # fmt: skip
    mark(lesson.id, marks, session_version=None, source=source, by=by, all_present=True,
         now=lesson.ends_at - timedelta(minutes=10))  # fmt: skip


def _how(story: Story, attended: Attended, person_id: int, number: int) -> Mark | None:
    """A mark that is not simply present."""
    random, habits = story.random, attended.habits.get(person_id, Habits())
    chance = random.random()
    if number in habits.misses or chance < habits.absent:
        return Mark(person_id, _A.ABSENT, number=None)
    if person_id in attended.habits:
        return None
    if chance < 0.075:
        return Mark(person_id, _A.LATE, late_min=random.randint(3, 15), number=None)
    if chance < 0.09:
        return Mark(person_id, _A.LEFT_EARLY, early_min=random.randint(5, 15), number=None)
    if chance < 0.093:  # later than the policy allows: absent
        return Mark(person_id, _A.LATE, late_min=40, number=None)
    return None


def _make_up(
    story: Story, person_id: int, missed: Session, others: Sequence[Session], how: Mark
) -> None:
    """She sits in the next class of the other cohort instead."""
    after = next((one for one in others[:-2] if one.on > missed.on), None)
    if after is None:
        return
    made_up = Mark(person_id, how.status, how.late_min, number=None, makes_up_id=missed.id)
    mark(after.id, [made_up], session_version=None, source=MarkSource.THUMB, by=story.trainer,
         now=after.ends_at)  # fmt: skip


def _phoned(story: Story, ids: Sequence[int]) -> list[Woman]:
    """Those of these women who can check in by themselves: their telephone is known."""
    wanted = set(ids)
    return [woman for woman in story.women if woman.person_id in wanted and woman.phone]


def _check_in(lesson: Session, woman: Woman, at: datetime) -> None:
    code = room_code.current(key(), lesson.id, at, step_s())
    phone = hashlib.sha256(f"demo-{woman.person_id}".encode()).hexdigest()
    check_in(code, woman.name, (woman.phone or "")[-4:], phone_hash=phone, address="demo", now=at)


def _checked_in(story: Story, lesson: Session, usual: Sequence[int], leave: int | None) -> None:
    """Four checked in by themselves; the trainer saw three of them, and did not see the fourth."""
    begins = lesson.starts_at - timedelta(minutes=15)
    open_check_in(lesson.id, by=story.trainer, now=begins)
    women = _phoned(story, [one for one in usual if one != leave])[:4]
    for number, woman in enumerate(women, 2):
        _check_in(lesson, woman, begins + timedelta(minutes=number))
    ids = [woman.person_id for woman in women]
    for chosen, confirmed in ((ids[:3], True), (ids[3:], False)):
        settle(lesson.id, chosen, confirmed=confirmed, by=story.trainer,
               now=lesson.starts_at + timedelta(minutes=5))  # fmt: skip


def wait_today(story: Story, classes: Classes) -> None:
    """Today: leave for the afternoon is entered, and in the class of now some wait to be confirmed."""
    today = [one for one in sessions_of(classes.daytime) if one.on == story.day]
    today += [one for one in sessions_of(classes.evening) if one.on == story.day]
    if len(today) > 1:
        usual = _sheet(today[1])
        excused = Mark(usual[-1], _A.EXCUSED, reason=EXCUSES[0], number=None)
        mark(today[1].id, [excused], session_version=None, source=MarkSource.EXCUSE,
             by=story.trainer, now=story.at(1, 19))  # fmt: skip
    begun = [one for one in today if story.has_come(one.starts_at)]
    if not begun:
        return
    lesson = begun[0] if story.until is None else begun[-1]
    begins = lesson.starts_at - timedelta(minutes=12)
    open_check_in(lesson.id, by=story.trainer, now=begins)
    for number, woman in enumerate(_phoned(story, _sheet(lesson))[:5], 1):
        _check_in(lesson, woman, begins + timedelta(minutes=number))
