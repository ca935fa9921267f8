"""One month of a workshop from the marks to the submission and beyond: what is counted where, and once."""

import io
from datetime import date, datetime, timedelta
from uuid import UUID

import pypdfium2
import pytest
from flask_babel import force_locale
from python_calamine import CalamineWorkbook

from core import audit, jobs
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.accounts.sessions import user_actor
from core.db import db, transaction
from core.errors import RuleError
from core.reports import actions, codes, months, queries, readiness, snapshot
from core.reports.models import IssuedReport
from core.reports.values import ALL, Output, Period
from tests.conftest import NOON, both_engines
from tests.core.reports import stand_ins
from tests.core.reports.conftest import Office
from tests.workshop import house as h
from tests.workshop import told as t
from tests.workshop.house import House
from workshop.actions import attendance, follow_ups, planning
from workshop.models import AttendanceMark, GuidanceMeeting, Session
from workshop.reports.build import build
from workshop.values import AttendanceStatus, EnrolmentState, FollowUpOutcome
from workshop.values.schedule import Pattern, Slot

OCTOBER, NOVEMBER = Period.parse("2026-10"), Period.parse("2026-11")
FIRST = date(2026, 10, 12)
TODAY = date(2026, 11, 24)
S = AttendanceStatus


class Workshop(Office):
    """The office of the tests of reports, with the workshop's own report."""

    def open(self, period: Period | None = None) -> UUID:
        period = period or self.period
        return actions.open_draft("workshop", period, ALL, by=self.clerk, now=self.now).id

    def review(self, report_id: UUID, *, grant: bool = False) -> None:
        """What the checks found is explained first, as the clerk would."""
        seen = readiness.look(queries.report_of(report_id), self.now)
        for finding in seen.findings:
            assert not finding.stops, finding
            actions.explain(
                report_id, finding.code, readiness.rows_digest(finding), "已核实", by=self.clerk, now=self.now
            )  # fmt: skip
        super().review(report_id, grant=grant)

    def submit(self, report_id: UUID) -> None:
        actions.submit(report_id, receiver="区妇联", on=TODAY, note="", by=self.clerk, now=self.now)


@pytest.fixture
def office(workshop: House) -> Workshop:
    """Nothing here is a stand-in: papers are drawn and the workbook is written."""
    found = {
        name: user_actor(add_user(name, name, role, None, by=SYSTEM, now=NOON)[0])
        for name, role in (
            ("clerk", Role.CLERK), ("reviewer", Role.REVIEWER), ("admin", Role.ADMIN),
            ("second", Role.REVIEWER),
        )
    }  # fmt: skip
    return Workshop(**found, now=NOON, period=OCTOBER)


@pytest.fixture
def october(workshop: House) -> tuple[list[int], list[int]]:
    return small_october(workshop)


def small_october(workshop: House) -> tuple[list[int], list[int]]:
    """Two learners in five sessions of October: ten marks, the last of them absent."""
    cohort_id = h.cohort(workshop, first=FIRST, sessions=5)
    people = [h.learner(workshop, name) for name in ("王䶮英", "李㛃")]
    sessions = h.sessions_of(cohort_id)
    for number, person_id in enumerate(people):
        t.enrol(person_id, cohort_id, FIRST, number=number + 1)
        for session_id in sessions:
            t.mark(person_id, session_id)
    t.mark(people[1], sessions[4], S.ABSENT)
    return people, sessions


def text_of(content: bytes) -> str:
    """The words of a PDF, without blanks."""
    document = pypdfium2.PdfDocument(content)
    return "".join("".join(page.get_textpage().get_text_bounded() for page in document).split())


def correct(session_id: int, person_id: int, status: S, by: Workshop, now: datetime = NOON) -> None:
    saved = attendance.correct(
        session_id, person_id, status, reason="与签到表核对", number=None, by=by.clerk, now=now
    )
    assert saved.saved or not saved.refused, saved.refused


def figures(period: Period) -> dict[str, int]:
    with force_locale("zh_Hans"):
        built = build(period, ALL, NOON)
    assert [each.sentence for each in built.identities if not each.holds] == []
    keys = ("visits", "people", "credited", "adjusted")
    return {
        key: built.figures[f"head.{key}"].value for key in keys if f"head.{key}" in built.figures
    }


@both_engines
def test_a_correction_after_the_submission_is_in_the_next_month_once(
    office: Workshop, october: tuple[list[int], list[int]]
) -> None:
    people, sessions = october
    first = office.open()
    office.review(first)
    office.issue(first)
    issued = queries.as_issued(first)
    assert (issued.value("head.visits"), issued.value("head.people")) == (9, 2)
    assert issued.value("head.credited") == 9 * 400
    assert_papers(first)

    # Corrected between issue and submission: the report as it is can't be submitted.
    correct(sessions[0], people[0], S.ABSENT, office)
    office.sign(first)
    with pytest.raises(RuleError, match="report_outdated"):
        office.submit(first)
    second = actions.start_revision(first, reason="一人未到", by=office.clerk, now=NOON).id
    office.review(second)
    office.issue(second)
    assert queries.as_issued(second).value("head.visits") == 8
    office.sign(second)
    office.submit(second)
    kept = db.session.get_one(IssuedReport, second).digest

    # From now on October stands; what comes to light is November's, once.
    correct(sessions[4], people[1], S.PRESENT, office)
    with pytest.raises(RuleError, match="report_submitted"):
        actions.start_revision(second, reason="再改", by=office.clerk, now=NOON)
    [booked] = db.session.query(AttendanceMark).filter(AttendanceMark.booked_month.is_not(None))
    assert booked.booked_month == "2026-11"
    assert figures(OCTOBER) == {"visits": 8, "people": 2, "credited": 3200, "adjusted": 0}
    assert figures(NOVEMBER) == {"visits": 0, "people": 0, "credited": 0, "adjusted": 1}
    assert figures(Period.parse("2026-12"))["adjusted"] == 0
    assert snapshot.digest(queries.as_issued(second)) == kept
    # Her hours are hers from the day they are known on: 40 hours planned by five sessions of four.
    november = build(NOVEMBER, ALL, NOON)
    assert november.value("adjustment.2026-10.hours") == 400
    audit.seal(NOON)
    assert audit.verify().fault is None


def assert_papers(report_id: UUID) -> None:
    issued = db.session.get_one(IssuedReport, report_id)
    files = {row.output: row for row in issued.files}
    texts = {output.value: text_of(files[output.value].content) for output in Output}
    for output, text in texts.items():
        assert codes.grouped(issued.token) in text
        assert ("王䶮英" in text) is (output != Output.PUBLIC)
        # Two people only: the notice board must not tell of their hours.
        assert ("16/20" in text) is (output != Output.PUBLIC)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(files["workbook"].content))
    cells = [
        cell
        for name in workbook.sheet_names
        for row in workbook.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    assert 36.0 in cells and "王䶮英" in cells and "16/20" in cells


@both_engines
@pytest.mark.parametrize("what", ["a follow-up is undone", "a session is planned"])
def test_what_is_taken_back_or_added_after_the_issue_keeps_it_from_being_submitted(
    office: Workshop,
    workshop: House,
    october: tuple[list[int], list[int]],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    stand_ins.put_in(monkeypatch)
    [one, _other], sessions = october
    job = t.job(workshop, one, date(2026, 9, 1), verified_on=date(2026, 9, 10))
    t.follow_up(one, job, 30, date(2026, 10, 1), outcome=FollowUpOutcome.SAME_EMPLOYER,
                done_on=date(2026, 10, 8))  # fmt: skip
    with transaction() as session:
        cohort = session.get_one(Session, sessions[0]).cohort
        cohort_id, cohort.planned_min = cohort.id, cohort.planned_min + h.TAUGHT
    report_id = office.open()
    for step in ("review", "issue", "sign"):
        getattr(office, step)(report_id)
    assert months.facts_after(queries.report_of(report_id)) == 0
    if what == "a session is planned":
        wednesday = Slot(3, h.MORNING, h.NOON_MIN, room_id=workshop.room_id)
        planning.plan_sessions(
            cohort_id, Pattern((wednesday,), date(2026, 10, 28), 1), by=office.clerk, now=NOON
        )
    else:
        follow_ups.undo_outcome(one, job, 30, reason="打错电话", by=office.clerk, now=NOON)
    with pytest.raises(RuleError, match="report_outdated"):
        office.submit(report_id)


@both_engines
def test_what_was_recorded_late_counts_in_the_first_open_month(
    office: Workshop,
    workshop: House,
    october: tuple[list[int], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Guidance, completions and jobs carry no month of their own: the moment of their record tells."""
    stand_ins.put_in(monkeypatch)
    people, _sessions = october
    job = t.job(workshop, people[1], date(2026, 9, 1), verified_on=date(2026, 9, 10))
    t.follow_up(people[1], job, 30, date(2026, 10, 1))
    report_id = office.open()
    for step in ("review", "issue", "sign", "submit"):
        getattr(office, step)(report_id)
    later = NOON + timedelta(hours=2)
    follow_ups.record_outcome(people[1], job, 30, FollowUpOutcome.SAME_EMPLOYER, on=date(2026, 10, 30),
                              by=office.clerk, now=later)  # fmt: skip
    with transaction() as session:
        session.add(GuidanceMeeting(
            person_id=people[0], site_id=workshop.site_id, on=date(2026, 10, 20), minutes=30,
            mentor="钱老师", topic="选品", recorded_at=later, recorded_by_name="徐专员",
        ))  # fmt: skip
    cohort_id = db.session.query(AttendanceMark).first().cohort_id  # type: ignore[union-attr]
    t.end(people[0], cohort_id, EnrolmentState.COMPLETED, date(2026, 10, 30), later)
    with force_locale("zh_Hans"):
        before, after = (build(period, ALL, later) for period in (OCTOBER, NOVEMBER))
    for built, count in ((before, 0), (after, 1)):
        assert built.value("head.guidance") == count
        assert built.value("head.completed") == count
        assert built.figures["head.guidance.year"].value == count
        assert [each.sentence for each in built.identities if not each.holds] == []
        assert built.value("due.total.in_period") == count
    for name in ("guidance", "enrolment_moves", "follow_ups"):
        assert after.value(f"late.{name}") == 1


@both_engines
def test_what_was_on_its_way_at_the_submission_is_lost_in_neither_month(
    office: Workshop,
    workshop: House,
    october: tuple[list[int], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It bears a moment before the submission, and was written after: no report has seen it yet."""
    stand_ins.put_in(monkeypatch)
    people, _sessions = october
    seen = dict(person_id=people[0], site_id=workshop.site_id, on=date(2026, 10, 20), minutes=30,
                mentor="钱老师", topic="选品", recorded_by_name="徐专员")  # fmt: skip
    with transaction() as session:
        session.add(GuidanceMeeting(**seen, recorded_at=NOON - timedelta(minutes=10)))
    report_id = office.open()
    for step in ("review", "issue", "sign", "submit"):
        getattr(office, step)(report_id)
    assert queries.as_issued(report_id).value("head.guidance") == 1
    with transaction() as session:
        session.add(GuidanceMeeting(**seen, recorded_at=NOON - timedelta(seconds=2)))
    with force_locale("zh_Hans"):
        assert build(OCTOBER, ALL, NOON).value("head.guidance") == 1
        assert build(NOVEMBER, ALL, NOON).value("head.guidance") == 1
    assert jobs.work_off() == 0


@both_engines
def test_a_quarter_and_a_single_workshop_live_the_same_life(
    office: Workshop, october: tuple[list[int], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.put_in(monkeypatch)
    at_one = actions.open_draft("workshop", OCTOBER, "gongfang", by=office.clerk, now=NOON).id
    for step in ("review", "issue", "sign", "submit"):
        getattr(office, step)(at_one)
    assert queries.as_issued(at_one).value("head.visits") == 9
    third = Period.parse("2026-Q3")
    quarter = actions.open_draft("workshop", third, ALL, by=office.clerk, now=NOON).id
    for step in ("review", "issue", "sign", "submit", "close"):
        getattr(office, step)(quarter)
    assert queries.as_issued(quarter).value("head.visits") == 0
