"""A month of a workshop made by hand: October 2026, with what came before it and what came late.

September was submitted on the 3rd of October. Eight women, A to H, and K of an older cohort; a session
has four class hours of 45 minutes. The figures of it stand in test_report_build.py.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from core.access import SYSTEM
from core.db import new_id, transaction
from core.people.actions import merge_person
from core.reports.models import Report, ReportMove
from core.reports.values import ReportState
from tests.workshop import house as h
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.told import S
from workshop.models import (
    Certificate,
    Cohort,
    Employer,
    ExternalCertificate,
    GuidanceMeeting,
    HardshipCategory,
    HardshipTag,
    LoanApplication,
    Session,
    Venture,
)
from workshop.values import (
    Basis,
    Channel,
    CohortState,
    EnrolmentState,
    FollowUpOutcome,
    Form,
    LeavingReason,
    LoanState,
    MarkSource,
    RateName,
    SessionState,
    VentureStage,
)

E = EnrolmentState
NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def day(number: int, month: int = 10) -> date:
    return date(2026, month, number)


@dataclass
class October:
    """Who, which cohorts (0 the old one), and their sessions by day."""

    house: House
    people: dict[str, int] = field(default_factory=dict)
    cohorts: list[int] = field(default_factory=list)
    sessions: dict[tuple[int, date], int] = field(default_factory=dict)
    jobs: dict[str, UUID] = field(default_factory=dict)

    def mark(
        self, letter: str, cohort: int, on: date, status: S | None = S.PRESENT, **more: object
    ) -> None:
        session_id = self.sessions[cohort, on]
        t.mark(self.people[letter], session_id, status, **more)  # type: ignore[arg-type]

    def all(self, letters: str, cohort: int, on: date) -> None:
        for letter in letters:
            self.mark(letter, cohort, on)


def tell(house: House) -> October:
    """Everything of it."""
    made = October(house)
    for letter in "ABCDEFGHK":
        made.people[letter] = h.learner(house, f"{letter}氏")
        t.named(made.people[letter], letter)
    for number, first, many, starts in (
        (9, day(16, 3), 5, h.MORNING), (1, day(28, 9), 10, h.MORNING), (2, day(26), 10, 14 * 60),
    ):  # fmt: skip
        cohort_id = h.cohort(house, number=number, first=first, sessions=many, starts_min=starts)
        at = len(made.cohorts)
        made.cohorts.append(cohort_id)
        with transaction() as session:
            for row in session.query(Session).filter_by(cohort_id=cohort_id):
                made.sessions[at, row.on] = row.id
    with transaction() as session:
        session.get_one(Cohort, made.cohorts[2]).led_by = RateName.HELD
        old = session.get_one(Cohort, made.cohorts[0])
        old.state, old.closed_at = CohortState.CLOSED, t.at(day(31, 3))
        off = session.get_one(Session, made.sessions[1, day(8)])
        off.state, off.change_reason = SessionState.CANCELLED, "停电"
    _training(made)
    _outcomes(made)
    _help(made)
    _work(made)
    _hardship(made)
    return made


def _training(made: October) -> None:
    for letter in "GK":
        t.enrol(made.people[letter], made.cohorts[0], day(16, 3))
    t.end(made.people["G"], made.cohorts[0], E.COMPLETED, day(31, 3))
    t.end(made.people["K"], made.cohorts[0], E.INCOMPLETE, day(31, 3))
    for letter in "ABCD":
        t.enrol(made.people[letter], made.cohorts[1], day(28, 9))
    # September: 3 + 4 + 2 visits; A's late one earns 170 of 180 minutes, which is 3.78.
    made.all("ABD", 1, day(28, 9))
    made.mark("C", 1, day(28, 9), S.ABSENT)
    made.all("ABCD", 1, day(29, 9))
    made.mark("A", 1, day(30, 9), S.LATE, late_min=10)
    made.mark("B", 1, day(30, 9))
    made.mark("C", 1, day(30, 9), S.EXCUSED)
    submit("2026-09", datetime(2026, 10, 3, 2, 0, tzinfo=UTC))
    # Then came to light that A was not late, and D, unmarked, was there: one visit more, 0.22 + 4 hours.
    late = {"moment": t.at(day(6)), "booked_month": "2026-10", "after_lock": True}
    made.mark("A", 1, day(30, 9), S.PRESENT, **late)
    made.mark("D", 1, day(30, 9), S.PRESENT, **late)

    made.all("ABCD", 1, day(1))
    made.all("AD", 1, day(2))
    made.mark("B", 1, day(2), S.LATE, late_min=10)  # 3.78
    made.mark("C", 1, day(2), S.ABSENT)
    made.mark("A", 1, day(5))
    made.mark("B", 1, day(5), S.LEFT_EARLY, early_min=5)  # 175 minutes: 3.89
    made.mark("C", 1, day(5), S.ABSENT)
    made.mark("D", 1, day(5), S.EXCUSED)
    made.all("ABD", 1, day(6))
    made.mark("C", 1, day(6), S.ABSENT)
    made.all("AD", 1, day(7))  # B is unmarked
    made.all("AB", 1, day(9))
    made.mark("D", 1, day(9), S.ABSENT)

    for letter in "EFG":
        t.enrol(made.people[letter], made.cohorts[2], day(26))
    made.all("EFG", 2, day(26))
    made.mark("D", 2, day(26), makes_up_id=made.sessions[1, day(9)])
    made.all("EG", 2, day(27))
    made.mark("F", 2, day(27), S.LATE, late_min=20)  # too late: absent
    made.all("EF", 2, day(28))
    made.mark("G", 2, day(28), S.EXCUSED)
    made.all("FG", 2, day(29))  # E is unmarked
    made.all("EF", 2, day(30))
    made.mark("G", 2, day(30), S.ABSENT)
    made.mark(
        "G", 2, day(30), moment=t.at(day(1, 11)), after_lock=True, source=MarkSource.CORRECTION
    )
    made.all("EFG", 2, day(2, 11))  # not October's, though it is marked when October is counted


def _outcomes(made: October) -> None:
    one, people = made.cohorts[1], made.people
    t.end(people["C"], one, E.WITHDRAWN, day(6))
    t.end(people["A"], one, E.COMPLETED, day(12))
    t.end(people["B"], one, E.COMPLETED, day(12))
    t.end(people["B"], one, E.TRAINING, day(13))
    t.end(people["B"], one, E.INCOMPLETE, day(14))
    t.end(people["D"], one, E.COMPLETED, day(30))
    with transaction() as session:
        for letter, number, on in (("A", "2026-0001", day(12)), ("D", "2026-0002", day(31))):
            session.add(Certificate(
                person_id=people[letter], cohort_id=one, number=number, name=letter, course="缝纫初级",
                cohort="缝纫初级第 1 期", class_hours=36, from_on=day(28, 9), until_on=day(9), issued_on=on,
                issued_at=t.at(on), issued_by_name="经办人甲",
            ))  # fmt: skip
        for letter, number, on in (("B", "X-1", day(20, 9)), ("D", "X-2", day(20))):
            session.add(ExternalCertificate(
                person_id=people[letter], title="专项职业能力证书", number=number, issuer="示例鉴定中心",
                issued_on=on, recorded_at=t.at(on), recorded_by_name="徐专员",
            ))  # fmt: skip


def _help(made: October) -> None:
    people, site_id = made.people, made.house.site_id
    with transaction() as session:
        for letter, on, minutes, recorded_at, voided in (
            ("A", day(15, 9), 40, t.at(day(15, 9)), False), ("A", day(15), 60, t.at(day(15)), False),
            ("A", day(22), 30, t.at(day(22)), False), ("H", day(22), 90, t.at(day(22)), True),
            ("H", day(29), 45, t.at(day(29)), False),
            # Of September, written down when September had been submitted.
            ("A", day(25, 9), 20, t.at(day(20)), False),
        ):  # fmt: skip
            session.add(GuidanceMeeting(
                person_id=people[letter], site_id=site_id, on=on, minutes=minutes, mentor="钱老师",
                topic="选品", recorded_at=recorded_at, recorded_by_name="徐专员",
                voided_at=recorded_at if voided else None, void_reason="记错" if voided else None,
            ))  # fmt: skip
        hers = new_id()
        session.add(Venture(person_id=people["A"], name="小吃", stage=VentureStage.PREPARING,
                            stage_since=day(1), created_at=t.at(day(1))))  # fmt: skip
        session.add(Venture(person_id=people["H"], id=hers, name="布艺", stage=VentureStage.LICENSED,
                            stage_since=day(20), licence_on=day(20), jobs_created=3,
                            created_at=t.at(day(1))))  # fmt: skip
        session.flush()
        session.add(LoanApplication(person_id=people["H"], venture_id=hers, bank="示例银行",
                                    amount_fen=5_000_000, state=LoanState.SUBMITTED, state_since=day(22),
                                    created_at=t.at(day(22))))  # fmt: skip


def _work(made: October) -> None:
    house, people = made.house, made.people
    with transaction() as session:
        factory = Employer(name="妇女创业微工厂", is_micro_factory=True, created_at=t.at(day(1, 1)))
        session.add(factory)
        session.flush()
        factory_id = factory.id
    made.jobs = {
        "A": t.job(house, people["A"], day(15), verified_on=day(20), wage_fen=320_000),
        "B": t.job(house, people["B"], day(1, 9), verified_on=day(20, 9), left_on=day(10),
                   reason=LeavingReason.FAMILY_CARE),
        "C": t.job(house, people["C"], day(8), verified_on=day(21), left_on=day(28), wage_fen=60_000,
                   channel=Channel.HOME_WORK, form=Form.HOME_WORK),
        "D": t.job(house, people["D"], day(26)),
        "H": t.job(house, people["H"], day(20), verified_on=day(25), channel=Channel.VENTURE,
                   form=Form.VENTURE, employer="布艺"),
        "G": t.job(house, people["G"], day(10, 4), verified_on=day(20, 4), employer_id=factory_id,
                   employer="妇女创业微工厂"),
    }  # fmt: skip
    t.follow_up(people["B"], made.jobs["B"], 30, day(1))
    t.follow_up(people["A"], made.jobs["A"], 30, day(14, 11))
    t.follow_up(people["G"], made.jobs["G"], 90, day(9, 7), outcome=FollowUpOutcome.SAME_EMPLOYER,
                done_on=day(3))  # fmt: skip
    t.follow_up(people["G"], made.jobs["G"], 180, day(7), outcome=FollowUpOutcome.UNREACHABLE,
                done_on=day(9))  # fmt: skip


def _hardship(made: October) -> None:
    with transaction() as session:
        low = HardshipCategory(code="low", name="低保家庭", position=100)
        single = HardshipCategory(code="single", name="单亲家庭", position=101)
        session.add_all([low, single])
        session.flush()
        for letter, category, until in (
            ("A", low, None), ("A", single, None), ("C", low, day(30, 9)), ("H", single, None),
        ):  # fmt: skip
            session.add(HardshipTag(
                person_id=made.people[letter], category_id=category.id, basis=Basis.SELF_DECLARED,
                from_on=day(1, 1), until_on=until, recorded_at=t.at(day(1, 1)),
                recorded_by_name="徐专员", end_reason="到期" if until else None,
            ))  # fmt: skip


def submit(month: str, at: datetime, scope: str = "all") -> UUID:
    """A month's report was submitted, as if it had gone the whole way; returns its id."""
    from tests.canteen.house import reviewer_id

    with transaction() as session:
        row = Report(
            name="workshop", scope=scope, period=month, state=ReportState.SUBMITTED,
            reviewed_digest="0" * 64, reviewed_by_id=reviewer_id(session), created_at=at, changed_at=at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(ReportMove(
            report_id=row.id, number=1, from_state=ReportState.SIGNED, to_state=ReportState.SUBMITTED,
            at=at, by_name="经办人甲", on=at.date(), receiver="区妇联",
        ))  # fmt: skip
        return row.id


def merge_all(made: October) -> None:
    """Each woman is found in the registry a second time, and her record merged into that one."""
    for letter, person_id in made.people.items():
        kept = h.person(made.house)
        t.named(kept, letter)
        merge_person(person_id, kept, reason="同一人", by=SYSTEM, now=NOW)
        made.people[letter] = kept
