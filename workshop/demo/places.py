"""Places in the demo's cohorts: applied for, given, waited for, given up, and what became of them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from workshop.actions import cohorts
from workshop.actions.enrolments import admit, apply, move, transfer
from workshop.demo import people
from workshop.demo.classes import Classes
from workshop.demo.story import Story
from workshop.values import EnrolmentState

_E = EnrolmentState
Event = tuple[datetime, Callable[[], None]]


def fill(story: Story, classes: Classes) -> None:
    """Give places in the cohorts that have begun, before anything is marked."""
    for cohort_id, numbers, ago in (
        (classes.first, people.FIRST, 302), (classes.evening, people.EVENING, 54),
        (classes.daytime, people.DAYTIME, 26),
    ):  # fmt: skip
        ids = story.someone(*numbers)
        _apply(story, cohort_id, ids, ago)
        admit(ids, cohort_id, or_wait=True, on=story.ago(ago - 1), by=story.coordinator,
              now=story.at(ago - 1, 15))  # fmt: skip
    gave_up = story.someone(people.FIRST[0])[0]
    move(gave_up, classes.first, _E.GAVE_UP, on=story.ago(299), reason="找到了全职工作（示例）",
         by=story.coordinator, now=story.at(299))  # fmt: skip
    for cohort_id, ago in ((classes.first, 297), (classes.evening, 49), (classes.daytime, 21)):
        cohorts.start_cohort(cohort_id, by=story.clerk, now=story.at(ago, 8))


def _apply(story: Story, cohort_id: int, ids: Iterable[int], ago: int) -> None:
    for number, person_id in enumerate(ids):
        apply(person_id, cohort_id, on=story.ago(ago), by=story.coordinator,
              now=story.at(ago, 9, number))  # fmt: skip


def moves_of_first(story: Story, classes: Classes) -> list[Event]:
    """Who left the first cohort between its lessons."""
    return [
        (story.at(ago, 22), _moved(story, classes.first, number, to, ago, reason))
        for number, to, ago, reason in (
            (people.FIRST[1], _E.NO_SHOW, 286, "一直未到，电话停机（示例）"),
            (people.FIRST[2], _E.WITHDRAWN, 285, "照顾住院的婆婆（示例）"),
            (people.FIRST[3], _E.WITHDRAWN, 280, "家远，往返不便（示例）"),
        )
    ]  # fmt: skip


def moves_of_running(story: Story, classes: Classes) -> list[Event]:
    """In the cohorts that run: one withdrew, one stayed away, one now comes in the evening."""
    switching = story.someone(people.DAYTIME[1])[0]

    def switch() -> None:
        transfer(switching, classes.daytime, classes.evening, on=story.ago(8),
                 reason="白天要上班，改上晚班（示例）", by=story.coordinator, now=story.at(8, 22))  # fmt: skip

    return [
        (story.at(20, 22), _moved(story, classes.evening, people.EVENING[0], _E.WITHDRAWN, 20,
                                  "怀孕，暂不便上课（示例）")),
        (story.at(8, 22), _moved(story, classes.daytime, people.DAYTIME[0], _E.NO_SHOW, 8,
                                 "一直未到，电话未接（示例）")),
        (story.at(8, 22, 10), switch),
    ]  # fmt: skip


def _moved(
    story: Story, cohort_id: int, number: int, to: EnrolmentState, ago: int, reason: str
) -> Callable[[], None]:
    person_id = story.someone(number)[0]

    def tell() -> None:
        move(person_id, cohort_id, to, on=story.ago(ago), reason=reason, by=story.coordinator,
             now=story.at(ago, 22))  # fmt: skip

    return tell


def wait(story: Story, classes: Classes) -> None:
    """The cohort that is open: full, some wait, and one who gave up let an offer go out."""
    ids = story.someone(*people.COMING)
    early, late = ids[:-2], ids[-2:]
    _apply(story, classes.coming, early, 6)
    cohort_id, by = classes.coming, story.coordinator
    move(early[0], cohort_id, _E.DECLINED, on=story.ago(5), reason="同类课程去年已结业（示例）", by=by,
         now=story.at(5, 10))  # fmt: skip
    admit(early[1:], cohort_id, or_wait=True, on=story.ago(5), by=by, now=story.at(5, 11))
    move(early[5], cohort_id, _E.GAVE_UP, on=story.ago(1), reason="上课时间与夜班冲突（示例）", by=by,
         now=story.at(1, 16))  # fmt: skip
    _apply(story, cohort_id, late, 1)


def call_off(story: Story, classes: Classes) -> None:
    """Too few came together: each was told first, then the cohort was cancelled."""
    ids = story.someone(*people.CALLED_OFF)
    _apply(story, classes.called_off, ids, 160)
    cohort_id, by = classes.called_off, story.coordinator
    admit(ids[:6], cohort_id, or_wait=True, on=story.ago(158), by=by, now=story.at(158))
    for person_id in ids:
        move(person_id, cohort_id, _E.GAVE_UP, on=story.ago(143),
             reason="报名人数不足，已电话告知（示例）", by=by, now=story.at(143))  # fmt: skip
    cohorts.cancel_cohort(cohort_id, reason="报名人数不足（示例）", by=story.clerk,
                          now=story.at(142))  # fmt: skip
