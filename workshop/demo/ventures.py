"""Guidance in the demo: businesses at every stage, loans in every state, meetings and their next steps."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from core.evidence.actions import attach_clean
from workshop.actions import guidance, ventures
from workshop.actions.guidance import MeetingFacts
from workshop.actions.ventures import StageMove
from workshop.demo import people
from workshop.demo.papers import paper
from workshop.demo.story import Story
from workshop.models import Venture
from workshop.values import LoanState, VentureStage

_S, _L = VentureStage, LoanState
MENTORS = ("郭老师（示例）", "马经理（示例）")
TOPICS = (
    ("选择项目", "说了想法和家里的难处。建议先试做两周，记下每天的成本和收入。", "列出前期要花的钱"),
    ("市场与成本", "一起算了租金、材料和水电。淡季要留三个月的开支。", "到附近三家店看价格"),
    ("办理执照", "讲了个体工商户登记的流程和材料。", "带租房合同到政务大厅核名"),
    ("申请创业贷款", "看了创业担保贷款的条件，她丈夫可以共同还款。", "到银行问清材料"),
    ("记账与报税", "教了流水账的记法，每季度申报。", "补记上个月的流水"),
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """One business: whose, its stages with how many days ago each was reached, and its loan."""

    number: int
    name: str
    trade: str
    stages: tuple[tuple[VentureStage, int], ...]
    jobs: int = 0
    amount_fen: int = 0
    loan: tuple[tuple[LoanState, int], ...] = ()
    is_placed: bool = False  # registered as a placement, in work.py


PLANS = (
    Plan(118, "渚河改衣坊", "改衣、窗帘", ((_S.IDEA, 74), (_S.PREPARING, 64), (_S.LICENSED, 50), (_S.OPERATING, 40)),
         3, 100_000_00, ((_L.SUBMITTED, 46), (_L.APPROVED, 38), (_L.PAID_OUT, 35)), True),
    Plan(people.FIRST[5], "早市凉皮摊", "小吃", ((_S.IDEA, 236), (_S.PREPARING, 222), (_S.LICENSED, 200),
                                          (_S.OPERATING, 190)),
         2, 50_000_00, ((_L.SUBMITTED, 195), (_L.APPROVED, 188), (_L.PAID_OUT, 186), (_L.REPAID, 20)), True),
    Plan(people.FIRST[3], "手工馍馍坊", "主食加工", ((_S.IDEA, 236), (_S.PREPARING, 225), (_S.LICENSED, 212),
                                           (_S.OPERATING, 205), (_S.ENDED, 60)),
         1, 80_000_00, ((_L.SUBMITTED, 209), (_L.REFUSED, 195)), True),
    Plan(119, "云姐月嫂服务部", "家政服务", ((_S.IDEA, 70), (_S.PREPARING, 40), (_S.LICENSED, 12)), 0,
         150_000_00, ((_L.SUBMITTED, 9),)),
    Plan(121, "巧手编织工作室", "手工编织", ((_S.IDEA, 60), (_S.LICENSED, 20)), 0, 30_000_00,
         ((_L.SUBMITTED, 18), (_L.APPROVED, 6))),
    Plan(people.EVENING[2], "校服改衣点", "改衣", ((_S.IDEA, 45), (_S.PREPARING, 15)), 0, 20_000_00),
    Plan(120, "社区小饭桌", "学生午餐", ((_S.IDEA, 65), (_S.PREPARING, 50), (_S.IDEA, 25)), 0, 60_000_00,
         ((_L.WITHDRAWN, 25),)),
    Plan(people.DAYTIME[6], "直播卖手工皂", "电商", ((_S.IDEA, 10),)),
)  # fmt: skip


def guide(story: Story) -> dict[int, UUID]:
    """Ventures with their papers, loans and meetings; returns those that are placements, by woman."""
    placed: dict[int, UUID] = {}
    for plan in PLANS:
        venture_id = _venture(story, plan)
        if plan.is_placed:
            placed[plan.number] = venture_id
        _meetings(story, plan, venture_id)
    _without_venture(story)
    return placed


def _venture(story: Story, plan: Plan) -> UUID:
    person_id, by = story.someone(plan.number)[0], story.coordinator
    first = plan.stages[0][1]
    venture = ventures.open_venture(
        person_id, name=plan.name, trade=plan.trade, on=story.ago(first), by=by,
        now=story.at(first, 11), plan=f"{plan.trade}，先小规模试做，三个月内看能不能养活自己。前期投入约一万元。",
    )  # fmt: skip
    for before, after in pairwise(plan.stages):
        if after[0] is _S.ENDED and plan.amount_fen:
            _loan(story, plan, person_id, venture.id)  # asked for while it went on
        _lead(story, plan, person_id, venture, before[0], *after)
    if plan.amount_fen and plan.stages[-1][0] is not _S.ENDED:
        _loan(story, plan, person_id, venture.id)
    return venture.id


def _lead(
    story: Story, plan: Plan, person_id: int, venture: Venture, before: VentureStage,
    to: VentureStage, ago: int,
) -> None:  # fmt: skip
    by = story.coordinator
    ventures.move_stage(person_id, venture.id, _step(story, plan, before, to, ago), by=by,
                        now=story.at(ago, 16))  # fmt: skip
    if to is _S.LICENSED:
        attach_clean(ventures.subject_of(venture), paper("营业执照"), title="营业执照（示例）",
                     person_id=person_id, by=by, now=story.at(ago, 17))  # fmt: skip


def _step(story: Story, plan: Plan, before: VentureStage, to: VentureStage, ago: int) -> StageMove:
    reason = {
        _S.ENDED: "店面到期，家里老人要人照顾（示例）",
        _S.IDEA: "暂时没有合适的场地（示例）",
    }.get(to)
    return StageMove(
        to, story.ago(ago), seen=before, reason=reason,
        licence_on=story.ago(ago + 1) if to is _S.LICENSED else None,
        licence_number=f"示例执照{plan.number:04d}" if to is _S.LICENSED else None,
        jobs_created=plan.jobs if to is _S.OPERATING else None,
    )  # fmt: skip


def _loan(story: Story, plan: Plan, person_id: int, venture_id: UUID) -> None:
    by = story.coordinator
    begun = (plan.loan[0][1] if plan.loan else 10) + 4
    loan = ventures.apply_for_loan(
        person_id, venture_id, bank="渚河农商银行（示例）", amount_fen=plan.amount_fen,
        note="创业担保贷款", on=story.ago(begun), by=by, now=story.at(begun, 15),
    )  # fmt: skip
    for state, ago in plan.loan:
        ventures.move_loan(
            person_id, loan.id, state, on=story.ago(ago), by=by, now=story.at(ago, 15),
            granted_fen=plan.amount_fen * 8 // 10 if state is _L.APPROVED else None,
        )  # fmt: skip


def _meetings(story: Story, plan: Plan, venture_id: UUID) -> None:
    """Some meetings on the way, each taking up the step before it; the last leaves one that waits."""
    first, last = plan.stages[0][1], min(plan.stages[-1][1], 20)
    count = min(len(TOPICS), 1 + (first - last) // 14)
    before: UUID | None = None
    for number in range(count):
        ago = first - (first - last) * number // max(1, count - 1)
        before = _meeting(story, plan.number, number, ago, venture_id, before, number < count - 1)


def _meeting(
    story: Story, number: int, topic: int, ago: int, venture_id: UUID | None,
    before: UUID | None, is_taken_up: bool,
) -> UUID:  # fmt: skip
    """before: the meeting whose next step is done with this one. The last one's step still waits."""
    name, notes, step = TOPICS[topic % len(TOPICS)]
    # Counted from today, so that some are overdue, one is due today and others are to come.
    next_on = story.ago(ago - 7) if is_taken_up else story.ago((number % 5 - 2) * 3)
    has_step = next_on >= story.ago(ago)
    facts = MeetingFacts(
        story.ago(ago), 30 + 10 * (topic % 4), MENTORS[number % 2], name, notes,
        step if has_step else "", next_on if has_step else None, venture_id,
    )  # fmt: skip
    meeting_id = UUID(int=story.random.getrandbits(128), version=4)
    guidance.record_meeting(
        story.someone(number)[0], facts, meeting_id=meeting_id, by=story.coordinator,
        now=story.at(ago, 17), done=[before] if before else (),
    )  # fmt: skip
    return meeting_id


def _without_venture(story: Story) -> None:
    """Women who only asked for now; one meeting was written down for the wrong one, one step put off."""
    numbers = (people.COMING[3], people.DAYTIME[9], people.EVENING[8], people.FIRST[12])
    for place, number in enumerate(numbers):
        _meeting(story, number, place, 4 + place, None, None, False)
    person_id = story.someone(people.DAYTIME[10])[0]
    wrong = _meeting(story, people.DAYTIME[10], 0, 3, None, None, False)
    guidance.void_meeting(person_id, wrong, reason="登记错人（示例）", by=story.coordinator,
                          now=story.at(2, 9))  # fmt: skip
    asked = _meeting(story, people.COMING[6], 1, 5, None, None, False)
    to = story.day + timedelta(days=6)
    guidance.put_off_next_step(story.someone(people.COMING[6])[0], asked, to=to,
                               by=story.coordinator, now=story.at(1, 9))  # fmt: skip
