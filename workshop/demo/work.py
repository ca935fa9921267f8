"""The way into work in the demo: placements in every state and channel, and their follow-ups.

Jobs of the first cohort are old enough for all follow-ups to be due; later ones are not. What
happened is told in the order of the clock, because openings are taken and given back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from core.evidence.actions import attach_clean
from workshop.actions import follow_ups, placements
from workshop.actions.follow_ups import Leaving
from workshop.actions.placements import Terms
from workshop.demo import vacancies as offers
from workshop.demo.papers import paper
from workshop.demo.people import CALLED_OFF, COMING, DAYTIME, EVENING, FIRST
from workshop.demo.story import Story
from workshop.values import (
    Channel,
    EvidenceKind,
    FollowUpOutcome,
    Form,
    LeavingReason,
    PlacementState,
)

_P, _O, _R = PlacementState, FollowUpOutcome, LeavingReason
EVIDENCE = {
    Form.EMPLOYED: (EvidenceKind.LABOUR_CONTRACT, "劳动合同"),
    Form.FLEXIBLE: (EvidenceKind.EMPLOYMENT_RECORD, "灵活就业登记"),
    Form.HOME_WORK: (EvidenceKind.PIECEWORK_RECEIPT, "加工费签收单"),
    Form.VENTURE: (EvidenceKind.BUSINESS_LICENCE, "营业执照"),
    Form.PUBLIC_POST: (EvidenceKind.SOCIAL_INSURANCE, "社保缴费记录"),
}
AFTER = (30, 90, 180)


@dataclass(frozen=True)
class Job:
    """One placement of the story. Days are counted back from the day of the story.

    way: the code of a vacancy, else the channel. reached: how far a referral that did not start
    came, at `at`. outcomes: what follow-ups found where it is not 「仍在原单位」; None: still open.
    """

    number: int
    way: str
    started: int = 0
    wage: int = 2600
    hours: int = 40
    verified: bool = True
    left: tuple[int, LeavingReason] | None = None
    outcomes: Mapping[int, FollowUpOutcome | None] = field(default_factory=dict)
    form: Form = Form.EMPLOYED
    title: str = ""
    employer: str = ""
    at: int = 0
    reached: PlacementState | None = None
    is_put_off: bool = False  # the follow-up that is still open was put off to tomorrow


# Ways that are no referral.
OWN, HOME, VENTURE = Channel.OWN_WORK.value, Channel.HOME_WORK.value, Channel.VENTURE.value

JOBS = (
    # Of the first cohort: old enough for 180 days, all within the half year after the training.
    Job(FIRST[7], "cleaner", 232, 2800, 48), Job(FIRST[8], "cleaner", 230, 3000, 48),
    Job(FIRST[9], "cleaner", 228, 2700, 48, left=(208, _R.LOW_WAGE)),
    Job(FIRST[9], OWN, 196, 3100, 44, title="酒店客房服务员", employer="渚河宾馆（示例）"),
    Job(FIRST[10], "cleaner", 226, 2700, 48, left=(150, _R.FAMILY_CARE)),
    Job(FIRST[11], "hourly", 224, 2000, 28, outcomes={180: _O.UNREACHABLE}),
    Job(FIRST[12], "hourly", 220, 2100, 28, outcomes={90: _O.OTHER_EMPLOYER}),
    Job(FIRST[12], OWN, 126, 2900, 44, title="仓库打包员", employer="隆润电商仓（示例）"),
    Job(FIRST[22], OWN, 218, 2400, 40, form=Form.FLEXIBLE, title="商场导购", employer="新世纪商场（示例）",
        left=(110, _R.MOVED)),
    Job(FIRST[13], OWN, 214, 2500, 44, title="幼儿园保洁", employer="水电幼儿园（示例）"),
    Job(FIRST[23], OWN, 212, 2600, 44, title="医院保洁", employer="渚河路卫生院（示例）"),
    Job(FIRST[14], OWN, 210, 2200, 30, form=Form.FLEXIBLE, title="住家保姆", employer="雇主家（示例）",
        outcomes={180: _O.REFUSED}),
    Job(FIRST[15], HOME, 206, 900, 20, form=Form.HOME_WORK, title="串珠加工",
        outcomes={180: _O.NOT_EMPLOYED}),
    Job(FIRST[3], VENTURE, 205, 2600, 56, form=Form.VENTURE, title="经营手工馍馍坊", employer="手工馍馍坊",
        left=(60, _R.OTHER)),
    Job(FIRST[20], "public", 204, 1900, 20), Job(FIRST[16], HOME, 203, 760, 18, form=Form.HOME_WORK, title="手套翻边"),
    Job(FIRST[24], "cleaner", 200, 2800, 48), Job(FIRST[17], "piecework", 199, 820, 20),
    Job(FIRST[18], "carer", 196, 2500, 44), Job(FIRST[21], "public", 195, 1900, 20, outcomes={90: _O.UNREACHABLE}),
    Job(FIRST[19], "carer", 191, 2500, 44),
    Job(FIRST[5], VENTURE, 190, 3500, 60, form=Form.VENTURE, title="经营早市凉皮摊", employer="早市凉皮摊"),
    Job(FIRST[25], "piecework", 186, 700, 18),
    # Women without a training: old enough for 90 days.
    Job(CALLED_OFF[4], OWN, 150, 2300, 40, title="早餐店帮工", employer="农林早点铺（示例）"),
    Job(CALLED_OFF[3], HOME, 138, 800, 20, form=Form.HOME_WORK, title="手套翻边", left=(80, _R.HEALTH)),
    Job(CALLED_OFF[0], "shelves", 112, 2100, 36),
    Job(CALLED_OFF[1], "shelves", 100, 2100, 36, outcomes={90: None}),  # overdue
    Job(CALLED_OFF[2], "cleaner", 90, 2900, 48, outcomes={90: None}),  # due today
    # Younger.
    Job(FIRST[6], "shelves", 50, 2050, 36, left=(38, _R.HOURS)),
    Job(FIRST[4], OWN, 48, 2300, 44, title="食堂帮工", employer="渚河中学食堂（示例）", left=(15, _R.EMPLOYER_STOPPED)),
    Job(FIRST[26], "hourly", 45, 2000, 28, outcomes={30: None}, is_put_off=True),
    Job(FIRST[27], "shelves", 28, 2100, 36),
    Job(118, VENTURE, 40, 3000, 60, form=Form.VENTURE, title="经营改衣坊", employer="渚河改衣坊"),
    Job(EVENING[10], HOME, 35, 700, 16, form=Form.HOME_WORK, title="串珠加工", verified=False,
        outcomes={30: None}),  # overdue
    Job(FIRST[28], "sewing", 30, 3000, 54, outcomes={30: None}),  # due today
    Job(FIRST[29], OWN, 20, 2700, 44, title="药店营业员", employer="农林大药房（示例）"),
    Job(EVENING[7], "sewing", 14, 3000, 54, left=(6, _R.LOW_WAGE)),
    # Started, and not verified yet.
    Job(COMING[8], "sewing", 8, 2900, 54, verified=False),
    Job(COMING[19], OWN, 5, 2400, 40, form=Form.FLEXIBLE, title="快递驿站分拣", employer="桃园驿站（示例）",
        verified=False),
    # On the way, and those that came to nothing.
    Job(COMING[17], "sewing", at=2, reached=_P.HIRED), Job(EVENING[5], "sewing", at=1, reached=_P.HIRED),
    Job(COMING[9], "sewing", at=3, reached=_P.INTERVIEW), Job(EVENING[6], "hourly", at=2, reached=_P.INTERVIEW),
    Job(COMING[18], "cleaner", at=2, reached=_P.REFERRED), Job(DAYTIME[12], "sewing", at=1, reached=_P.REFERRED),
    Job(119, "public", at=4, reached=_P.REFERRED),
    Job(EVENING[11], "cleaner", at=32, reached=_P.GAVE_UP), Job(EVENING[9], "sewing", at=18, reached=_P.NOT_HIRED),
    # Left over: the last opening was taken, the shop was given up.
    Job(FIRST[4], "carer", at=204, reached=_P.INTERVIEW), Job(EVENING[12], "kitchen", at=45, reached=_P.REFERRED),
)  # fmt: skip

Event = tuple[datetime, int, Callable[[], None]]


def place(story: Story, ventures: Mapping[int, UUID]) -> None:
    """Tell all of it. ventures: those that are placements, by woman."""
    employers, vacancies = offers.recruit(story)
    told: list[Event] = [
        (story.at(40, 11), 0, lambda: offers.stop(story, employers, vacancies))
    ]  # fmt: skip
    for number, job in enumerate(JOBS, 1):
        told += [
            (at, number, tell)
            for at, tell in _Told(story, job, employers, vacancies, ventures).events()
        ]
    for _at, _number, tell in sorted(told, key=lambda event: event[:2]):
        tell()


@dataclass
class _Told:
    """One job being told: its row is known once its first event was told."""

    story: Story
    job: Job
    employers: Mapping[str, int]
    vacancies: Mapping[str, int]
    ventures: Mapping[int, UUID]
    placement_id: UUID | None = None

    @property
    def person_id(self) -> int:
        return self.story.someone(self.job.number)[0]

    @property
    def key(self) -> tuple[int, UUID]:
        assert self.placement_id is not None
        return self.person_id, self.placement_id

    def events(self) -> list[tuple[datetime, Callable[[], None]]]:
        """What happened, each with its moment."""
        job, story = self.job, self.story
        if job.reached is not None:
            return self._referral(job.at, job.reached)
        found: list[tuple[datetime, Callable[[], None]]] = []
        if job.way in self.vacancies:
            found += self._referral(job.started + 2, _P.HIRED)
            found.append((story.at(job.started, 8), self._moved(_P.STARTED, job.started)))
        else:
            found.append((story.at(job.started, 10), self._begun))
        if job.verified:
            verified = max(0, job.started - 4 - job.number % 9)
            if job.left is None or verified > job.left[0]:
                found.append((story.at(verified, 15), self._verified(verified)))
        if job.left is not None:
            found.append((story.at(job.left[0], 18), self._left(*job.left)))
        return found + self._followed()

    def _referral(
        self, at: int, reached: PlacementState
    ) -> list[tuple[datetime, Callable[[], None]]]:
        """Referred, interviewed and hired, the last step `at` days ago."""
        steps = [_P.REFERRED, _P.INTERVIEW, _P.HIRED]
        way = steps[: steps.index(reached) + 1] if reached in steps else [*steps[:2], reached]
        first = at + 3 * (len(way) - 1)
        told = [(self.story.at(first, 9), self._referred(first))]
        for number, to in enumerate(way[1:], 1):
            ago = first - 3 * number
            told.append((self.story.at(ago, 14), self._moved(to, ago)))
        return told

    def _referred(self, ago: int) -> Callable[[], None]:
        def tell() -> None:
            self.placement_id = placements.refer(
                self.person_id, self.vacancies[self.job.way], on=self.story.ago(ago),
                by=self.story.coordinator, now=self.story.at(ago, 9),
            ).id  # fmt: skip

        return tell

    def _moved(self, to: PlacementState, ago: int) -> Callable[[], None]:
        reason = {_P.GAVE_UP: "离家太远（示例）", _P.NOT_HIRED: "试工未通过（示例）"}.get(to)
        terms = Terms(self.job.wage * 100, self.job.hours) if to is _P.STARTED else None

        def tell() -> None:
            placements.move(*self.key, to, on=self.story.ago(ago), reason=reason, terms=terms,
                            by=self.story.coordinator, now=self.story.at(ago, 14))  # fmt: skip

        return tell

    def _begun(self) -> None:
        job = self.job
        channel = Channel(job.way)
        self.placement_id = placements.start_own(
            self.person_id, channel=channel, form=job.form, job_title=job.title,
            started_on=self.story.ago(job.started),
            employer_id=self.employers["own"] if channel is Channel.HOME_WORK else None,
            employer_name=job.employer,
            terms=Terms(job.wage * 100, job.hours), venture_id=self.ventures.get(job.number)
            if channel is Channel.VENTURE else None,
            by=self.story.coordinator, now=self.story.at(job.started, 10),
        ).id  # fmt: skip

    @property
    def _form(self) -> Form:
        forms = {"hourly": Form.FLEXIBLE, "public": Form.PUBLIC_POST, "piecework": Form.HOME_WORK}
        return forms.get(self.job.way, self.job.form)

    def _verified(self, ago: int) -> Callable[[], None]:
        def tell() -> None:
            kind, title = EVIDENCE[self._form]
            now, by = self.story.at(ago, 15), self.story.coordinator
            attach_clean(placements.subject_of(*self.key), paper(title), title=f"{title}（示例）",
                         person_id=self.person_id, by=by, now=now)  # fmt: skip
            placements.verify(*self.key, evidence_kind=kind, on=self.story.ago(ago), by=by, now=now)

        return tell

    def _left(self, ago: int, reason: LeavingReason) -> Callable[[], None]:
        def tell() -> None:
            placements.leave(*self.key, on=self.story.ago(ago), reason=reason,
                             by=self.story.coordinator, now=self.story.at(ago, 18))  # fmt: skip

        return tell

    def _followed(self) -> list[tuple[datetime, Callable[[], None]]]:
        """Follow-ups that were due while she was there; whoever is not reached was tried first."""
        job, found = self.job, []
        for after in AFTER:
            due = job.started - after
            if due < 0 or (job.left is not None and due < job.left[0]):
                break
            outcome = job.outcomes.get(after, _O.SAME_EMPLOYER)
            if outcome is None:
                if due > 0:
                    found.append((self.story.at(due, 10), self._tried(after, due)))
                if job.is_put_off:
                    found.append((self.story.at(1, 16), self._put_off(after)))
                break
            done = max(0, due - self.story.random.randint(0, 3)) if due else 0
            if not self.story.has_come(self.story.at(done, 11)):
                break
            if outcome in (_O.UNREACHABLE, _O.REFUSED) and due > 4:
                found.append((self.story.at(due, 10), self._tried(after, due)))
                done = due - 4
            found.append((self.story.at(done, 11), self._found(after, done, outcome)))
            if outcome.ends_job:
                break
        return found

    def _tried(self, after: int, ago: int) -> Callable[[], None]:
        def tell() -> None:
            follow_ups.add_attempt(*self.key, after, note="两次未接（示例）", by=self.story.coordinator,
                                   now=self.story.at(ago, 10))  # fmt: skip

        return tell

    def _put_off(self, after: int) -> Callable[[], None]:
        def tell() -> None:
            follow_ups.put_off(
                *self.key, after, to=self.story.ago(-1), note="在上班，明天再打（示例）",
                by=self.story.coordinator, now=self.story.at(1, 16),
            )  # fmt: skip

        return tell

    def _found(self, after: int, ago: int, outcome: FollowUpOutcome) -> Callable[[], None]:
        on = self.story.ago(ago)
        reasons = {_O.OTHER_EMPLOYER: _R.BETTER_WORK, _O.NOT_EMPLOYED: _R.HEALTH}
        leaving = Leaving(on - timedelta(days=3), reasons[outcome]) if outcome.ends_job else None

        def tell() -> None:
            follow_ups.record_outcome(
                *self.key, after, outcome, on=on, by=self.story.coordinator,
                now=self.story.at(ago, 11), leaving=leaving,
                employer_name="隆润电商仓（示例）" if outcome is _O.OTHER_EMPLOYER else None,
                wage_fen=self.job.wage * 100 if outcome.is_in_work else None,
            )  # fmt: skip

        return tell
