"""What comes to light late, over the New Year: each fact counts in exactly one month, hours with it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask_babel import force_locale

from core.access import SYSTEM, Role
from core.db import db, new_id, transaction
from core.people.actions import merge_person
from core.reports.values import ALL, Built, Period
from tests.conftest import both_engines
from tests.workshop import house as h
from tests.workshop import told as t
from tests.workshop.house import House
from tests.workshop.october import submit
from tests.workshop.test_first_days import admitted
from tests.workshop.told import S
from workshop.actions import certificates, follow_ups, guidance
from workshop.actions.attendance import correct, mark
from workshop.lists import rates
from workshop.models import Certificate, Cohort, ExternalCertificate, GuidanceMeeting, Session
from workshop.reports.build import build
from workshop.reports.read.classes import code_of
from workshop.reports.since import changes
from workshop.values import EnrolmentState, FollowUpOutcome, Mark, MarkSource, SessionState

E = EnrolmentState
NOW = datetime(2027, 3, 2, 3, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 12, 21), date(2026, 12, 25)
MONTHS = ("2026-10", "2026-11", "2026-12", "2027-01", "2027-02")
FEBRUARY = date(2027, 2, 3)


@pytest.fixture
def cohort(workshop: House) -> Iterator[int]:
    """A class of five sessions that ended on 25 December; October to January are submitted."""
    cohort_id = h.cohort(workshop, first=FIRST, sessions=5)
    for number, month in enumerate(MONTHS[:-1]):
        year, later = divmod(10 + number, 12)
        submit(month, datetime(2026 + year, later + 1, 3, 2, 0, tzinfo=UTC))
    with force_locale("zh_Hans"):
        yield cohort_id


def trained(house: House, cohort_id: int, letter: str = "A") -> int:
    """She was in every session of a class."""
    person_id = h.learner(house, f"{letter}氏")
    t.named(person_id, letter)
    t.enrol(person_id, cohort_id, FIRST)
    for session_id in h.sessions_of(cohort_id):
        t.mark(person_id, session_id)
    return person_id


def rows(built: Built, name: str) -> list[dict[str, object]]:
    data = built.datasets[name]
    keys = [column.key for column in data.columns]
    return [dict(zip(keys, row, strict=True)) for row in data.rows]


def by_month(name: str) -> dict[str, int]:
    """The rows of a dataset that each month counts as its own."""
    found = {}
    for month in MONTHS:
        built = build(Period.parse(month), ALL, NOW)
        assert [each.sentence for each in built.identities if not each.holds] == []
        found[month] = sum(row["month"] == month for row in rows(built, name))
    return {month: count for month, count in found.items() if count}


@both_engines
def test_her_hours_are_there_when_it_is_decided_after_the_new_year(
    workshop: House, cohort: int
) -> None:
    person_id, waiting = trained(workshop, cohort), trained(workshop, cohort, "B")
    t.end(person_id, cohort, E.COMPLETED, FEBRUARY)
    built = build(Period.parse("2027-02"), ALL, NOW)
    hours = {row["person_id"]: row for row in rows(built, "register")}
    assert built.value("head.completed") == 1
    for each, state in ((person_id, "completed"), (waiting, "training")):
        assert (hours[each]["state"], hours[each]["credited"]) == (state, 2000)
    assert rows(built, "at_risk") == []
    assert [each.sentence for each in built.identities if not each.holds] == []


@both_engines
def test_a_decision_more_than_a_year_after_the_last_day_counts_once(workshop: House) -> None:
    cohort_id = h.cohort(workshop, first=date(2025, 6, 2), sessions=5)
    person_id = h.learner(workshop)
    t.enrol(person_id, cohort_id, date(2025, 6, 2))
    for session_id in h.sessions_of(cohort_id):
        t.mark(person_id, session_id)
    t.end(person_id, cohort_id, E.COMPLETED, FEBRUARY)
    with force_locale("zh_Hans"):
        assert by_month("enrolment_moves")["2027-02"] == 1
        built = build(Period.parse("2027-02"), ALL, NOW)
    assert built.value("head.completed") == 1
    assert [row["credited"] for row in rows(built, "register")] == [2000]


@both_engines
def test_a_training_taken_back_after_its_month_was_submitted_leaves_the_next_one_whole(
    workshop: House,
) -> None:
    cohort_id = h.cohort(workshop, first=date(2026, 10, 26), sessions=5)
    person_id, last = admitted(workshop, cohort_id), h.sessions_of(cohort_id)[-1]
    mark(last, [Mark(person_id, S.PRESENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.TRAINER), now=t.at(date(2026, 10, 30)))  # fmt: skip
    submit("2026-10", datetime(2026, 11, 3, 2, 0, tzinfo=UTC))
    correct(last, person_id, S.ABSENT, reason="点错", number=None, by=workshop.actor(Role.CLERK),
            now=t.at(date(2026, 11, 4)))  # fmt: skip
    with force_locale("zh_Hans"):
        october, november = (build(Period.parse(month), ALL, NOW) for month in MONTHS[:2])
    for built, expected in (
        (october, {"was_in": 0, "began": 1, "is_in": 1}),
        (november, {"was_in": 1, "began": 0, "taken_back": 1, "is_in": 0}),
    ):
        flow = {key: figure.value for key, figure in built.figures.items()}
        assert {
            f"flow.total.{key}": value for key, value in expected.items()
        }.items() <= flow.items()
        assert [each.sentence for each in built.identities if not each.holds] == []
    # It is no training that ended in some way, and she has no hours.
    assert not any(key.startswith("outcome.") for key in november.figures)
    assert rows(november, "hours") == []


@both_engines
def test_a_correction_of_december_booked_in_february_counts_in_february_alone(
    workshop: House, cohort: int
) -> None:
    person_id = trained(workshop, cohort)
    t.mark(person_id, h.sessions_of(cohort)[0], S.ABSENT, moment=t.at(FEBRUARY), after_lock=True,
           booked_month="2027-02")  # fmt: skip
    assert by_month("adjustments") == {"2027-02": 1}
    built = build(Period.parse("2027-02"), ALL, NOW)
    assert built.value("head.adjusted") == -1
    assert built.value("adjustment.2026-12.hours") == -400


@both_engines
def test_guidance_of_december_written_down_in_february_counts_in_february_alone(
    workshop: House, cohort: int
) -> None:
    person_id = h.learner(workshop)
    with transaction() as session:
        session.add(GuidanceMeeting(
            person_id=person_id, site_id=workshop.site_id, on=LAST, minutes=30, mentor="钱老师", topic="选品",
            recorded_at=t.at(FEBRUARY), recorded_by_name="徐专员",
        ))  # fmt: skip
    assert by_month("guidance") == {"2027-02": 1}


@both_engines
def test_what_is_declared_wrong_after_its_month_was_submitted_is_taken_off_once(
    workshop: House, cohort: int
) -> None:
    """A meeting of December and a certificate of October, voided in February; another in December."""
    person_id, clerk = h.learner(workshop), workshop.actor(Role.CLERK)
    about = {"person_id": person_id, "recorded_by_name": "徐专员"}
    meetings, paper = [new_id(), new_id()], new_id()
    with transaction() as session:
        for meeting_id in meetings:
            session.add(GuidanceMeeting(
                **about, id=meeting_id, site_id=workshop.site_id, on=LAST, minutes=30, mentor="钱老师",
                topic="选品", recorded_at=t.at(LAST),
            ))  # fmt: skip
        session.add(ExternalCertificate(
            **about, id=paper, title="专项职业能力证书", number="X-1", issuer="示例鉴定中心",
            issued_on=date(2026, 10, 20), recorded_at=t.at(date(2026, 10, 21)),
        ))  # fmt: skip
    for meeting_id, on in zip(meetings, (FEBRUARY, date(2026, 12, 30)), strict=True):
        guidance.void_meeting(person_id, meeting_id, reason="登记错人", by=clerk, now=t.at(on))
    certificates.remove_external(person_id, paper, reason="登记错人", by=clerk, now=t.at(FEBRUARY))
    keys = ("guidance", "guided", "guidance.voided", "certificates.others", "certificates.voided")
    found = {}
    for period in ("2026-10", "2026-12", "2027-01", "2027-02", "2026-Q4", "2027-Q1"):
        built = build(Period.parse(period), ALL, NOW)
        assert [each.sentence for each in built.identities if not each.holds] == []
        found[period] = tuple(built.value(f"head.{key}") for key in keys)
        women = [row["person_id"] for row in rows(built, "women")]
        assert women == [person_id] * built.value("head.guided")
        assert ("head.guidance.voided" in printed(built)) is (found[period][2] != 0)
    taken_off = (0, 0, -1, 0, -1)
    assert found == {
        "2026-10": (0, 0, 0, 1, 0), "2026-12": (1, 1, 0, 0, 0), "2027-01": (0, 0, 0, 0, 0),
        "2027-02": taken_off, "2026-Q4": (1, 1, 0, 1, 0), "2027-Q1": taken_off,
    }  # fmt: skip


def printed(built: Built) -> set[str | None]:
    """The figures of page one."""
    return {key for line in built.headline.lines for key in line.cells}


@both_engines
def test_a_period_that_holds_the_fact_and_its_void_counts_neither(workshop: House) -> None:
    submit("2026-10", datetime(2026, 11, 3, 2, 0, tzinfo=UTC))
    person_id, meeting_id = h.learner(workshop), new_id()
    with transaction() as session:
        session.add(GuidanceMeeting(
            person_id=person_id, id=meeting_id, site_id=workshop.site_id, on=date(2026, 10, 20), minutes=30,
            mentor="钱老师", topic="选品", recorded_at=t.at(date(2026, 10, 20)), recorded_by_name="徐专员",
        ))  # fmt: skip
    guidance.void_meeting(person_id, meeting_id, reason="登记错人", by=workshop.actor(Role.CLERK),
                          now=t.at(date(2026, 11, 10)))  # fmt: skip
    with force_locale("zh_Hans"):
        november, year = (build(Period.parse(each), ALL, NOW) for each in ("2026-11", "2026"))
    for end, counted, taken_off in ((".before", 1, 0), ("", 0, -1), (".year", 0, 0)):
        assert november.value(f"head.guidance{end}") == counted
        assert november.value(f"head.guidance.voided{end}") == taken_off
    assert (year.value("head.guidance"), year.value("head.guidance.voided")) == (0, 0)
    assert rows(year, "women") == []


@both_engines
def test_a_follow_up_put_right_after_its_month_was_submitted_counts_there_alone(
    workshop: House, cohort: int
) -> None:
    person_id, clerk = h.learner(workshop), workshop.actor(Role.CLERK)
    job_id = t.job(workshop, person_id, date(2026, 9, 20))
    t.follow_up(person_id, job_id, 90, date(2026, 12, 19), outcome=FollowUpOutcome.UNREACHABLE,
                done_on=date(2026, 12, 21))  # fmt: skip
    t.follow_up(person_id, job_id, 120, date(2027, 1, 18), outcome=FollowUpOutcome.UNREACHABLE,
                done_on=date(2027, 2, 1))  # fmt: skip
    for days, on in ((90, FEBRUARY), (120, date(2027, 2, 2)), (90, date(2027, 2, 8))):
        follow_ups.undo_outcome(person_id, job_id, days, reason="点错了", by=clerk, now=t.at(on))
        follow_ups.record_outcome(person_id, job_id, days, FollowUpOutcome.SAME_EMPLOYER, on=on,
                                  by=clerk, now=t.at(on))  # fmt: skip
    done = {
        period: [row["after_days"] for row in rows(build(Period.parse(period), ALL, NOW), "follow_ups")
                 if row["in_period"]]
        for period in (*MONTHS, "2027-Q1")
    }  # fmt: skip
    # The one of 120 days had been counted in no month yet.
    none: dict[str, list[object]] = {month: [] for month in MONTHS}
    assert done == {
        **none,
        "2026-12": ["90"],
        "2027-02": ["120"],
        "2027-Q1": ["120"],
    }


@both_engines
def test_what_is_taken_back_between_issue_and_submission_is_seen(workshop: House) -> None:
    """An outcome of November, and a meeting that the submitted October counts."""
    submit("2026-10", datetime(2026, 11, 3, 2, 0, tzinfo=UTC))
    person_id, meeting_id, clerk = h.learner(workshop), new_id(), workshop.actor(Role.CLERK)
    job_id = t.job(workshop, person_id, date(2026, 8, 10))
    t.follow_up(person_id, job_id, 90, date(2026, 11, 8), outcome=FollowUpOutcome.UNREACHABLE,
                done_on=date(2026, 11, 9))  # fmt: skip
    with transaction() as session:
        session.add(GuidanceMeeting(
            person_id=person_id, id=meeting_id, site_id=workshop.site_id, on=date(2026, 10, 20), minutes=30,
            mentor="钱老师", topic="选品", recorded_at=t.at(date(2026, 10, 20)), recorded_by_name="徐专员",
        ))  # fmt: skip
    november, issued_at, now = (
        Period.parse("2026-11"),
        t.at(date(2026, 12, 1)),
        t.at(date(2026, 12, 2)),
    )
    with force_locale("zh_Hans"):
        issued = build(november, ALL, issued_at)

    def seen() -> int:
        return changes(november, ALL, issued_at, lambda: issued)

    assert seen() == 0
    guidance.void_meeting(person_id, meeting_id, reason="登记错人", by=clerk, now=now)
    assert seen() == 1
    follow_ups.undo_outcome(person_id, job_id, 90, reason="点错了", by=clerk, now=now)
    assert seen() == 3  # done before, open now


@both_engines
def test_certificates_shown_after_their_months_were_submitted_count_once(
    workshop: House, cohort: int
) -> None:
    person_id = trained(workshop, cohort)
    t.end(person_id, cohort, E.COMPLETED, date(2026, 12, 28))
    with transaction() as session:
        session.add(ExternalCertificate(
            person_id=person_id, title="专项职业能力证书", number="X-1", issuer="示例鉴定中心",
            issued_on=date(2026, 10, 20), recorded_at=t.at(FEBRUARY), recorded_by_name="徐专员",
        ))  # fmt: skip
        session.add(own(person_id, cohort, "2026-0001", date(2026, 12, 28), t.at(FEBRUARY)))
    assert by_month("certificates") == {"2027-02": 2}


def own(
    person_id: int, cohort_id: int, number: str, on: date, issued_at: datetime, **more: object
) -> Certificate:
    return Certificate(
        person_id=person_id, cohort_id=cohort_id, number=number, name="A氏", course="缝纫初级",
        cohort="缝纫初级第 1 期", class_hours=20, from_on=FIRST, until_on=LAST, issued_on=on,
        issued_at=issued_at, issued_by_name="经办人甲", **more,
    )  # fmt: skip


@both_engines
def test_the_register_names_no_certificate_that_was_revoked_by_then(
    workshop: House, cohort: int
) -> None:
    person_id = trained(workshop, cohort)
    t.end(person_id, cohort, E.COMPLETED, FEBRUARY)
    revoked = {
        "revoked_at": t.at(date(2027, 2, 10)), "revoked_by_name": "经办人甲", "revoke_reason": "姓名有误",
    }  # fmt: skip
    with transaction() as session:
        session.add(own(person_id, cohort, "2027-0001", FEBRUARY, t.at(FEBRUARY), **revoked))
    february = Period.parse("2027-02")
    assert [row["certificate"] for row in rows(build(february, ALL, NOW), "register")] == [""]
    with transaction() as session:
        on = date(2027, 2, 11)
        session.add(own(person_id, cohort, "2027-0002", on, t.at(on)))
    assert [row["certificate"] for row in rows(build(february, ALL, NOW), "register")] == [
        "2027-0002"
    ]


@both_engines
def test_page_and_report_let_a_woman_out_on_the_same_day(workshop: House, cohort: int) -> None:
    """Whenever it was decided: the day her training ended."""
    people = {letter: trained(workshop, cohort, letter) for letter in "ABC"}
    for letter, state, on in (
        ("A", E.COMPLETED, FEBRUARY), ("B", E.INCOMPLETE, date(2026, 12, 28)),
        ("C", E.WITHDRAWN, date(2026, 12, 23)),
    ):  # fmt: skip
        t.end(people[letter], cohort, state, on)
    expected = {people["A"]: LAST, people["B"]: LAST, people["C"]: date(2026, 12, 23)}
    page = {each.person_id: each.on for each in rates.book().exits}
    report = build(Period.parse("2027-02"), ALL, NOW)
    assert page == {row["person_id"]: row["out_on"] for row in rows(report, "placed")} == expected


@both_engines
def test_page_and_report_count_two_records_of_one_woman_as_one(
    workshop: House, cohort: int
) -> None:
    """She trained under one record and works under another one, into which it was merged."""
    first, kept = trained(workshop, cohort), h.learner(workshop, "A氏")
    t.end(first, cohort, E.COMPLETED, LAST)
    other = h.cohort(workshop, number=2, first=FIRST, sessions=5, starts_min=14 * 60)
    t.enrol(kept, other, FIRST)
    t.end(kept, other, E.WITHDRAWN, LAST)
    job = t.job(workshop, kept, date(2026, 12, 28), verified_on=date(2027, 1, 4))
    t.follow_up(kept, job, 30, date(2027, 1, 27), outcome=FollowUpOutcome.SAME_EMPLOYER,
                done_on=date(2027, 1, 28))  # fmt: skip
    merge_person(first, kept, reason="同一人", by=SYSTEM, now=NOW)
    read = rates.book()
    [line] = rates.by_month(read, NOW.date())
    assert line.placed.of_all.whole == line.placed.of_all.part == (kept,)
    assert line.kept[0].lower.part == (kept,)
    page = {(code_of(each.group), each.person_id) for each in read.exits}
    report = rows(build(Period.parse("2027-02"), ALL, NOW), "placed")
    assert {(row["cohort"], row["person_id"]) for row in report if row["placed"]} == page
    assert len(page) == 2


@both_engines
def test_what_was_made_up_in_a_session_that_was_then_cancelled_is_not_credited(
    workshop: House, cohort: int
) -> None:
    person_id = trained(workshop, cohort)
    missed = h.sessions_of(cohort)[0]
    other = h.cohort(workshop, number=2, first=date(2026, 12, 28), sessions=3, starts_min=14 * 60)
    host = h.sessions_of(other)[0]
    t.mark(person_id, missed, S.ABSENT)
    t.mark(person_id, host, makes_up_id=missed)
    assert credited() == [2000]
    with transaction() as session:
        row = session.get_one(Session, host)
        row.state, row.change_reason = SessionState.CANCELLED, "停电"
    assert credited() == [1600]
    assert db.session.get_one(Cohort, cohort).ends_on == LAST


@both_engines
def test_what_was_made_up_at_another_workshop_is_hers_in_the_report_of_her_own(
    workshop: House, cohort: int
) -> None:
    person_id = trained(workshop, cohort)
    missed = h.sessions_of(cohort)[0]
    other = h.cohort(workshop, number=2, first=date(2026, 12, 28), sessions=3, starts_min=14 * 60)
    host = h.sessions_of(other)[0]
    elsewhere = h.second_site(workshop)
    with transaction() as session:
        session.get_one(Cohort, other).site_id = elsewhere
    t.mark(person_id, missed, S.ABSENT)
    assert credited("gongfang") == [1600]
    t.mark(person_id, host, makes_up_id=missed)
    assert credited("gongfang") == credited() == [2000]
    # Her visit is the other workshop's all the same.
    for scope, visits in (("gongfang", 4), ("dongjie", 1)):
        assert build(Period.parse("2026-12"), scope, NOW).value("head.visits") == visits
    with transaction() as session:
        row = session.get_one(Session, host)
        row.state, row.change_reason = SessionState.CANCELLED, "停电"
    assert credited("gongfang") == [1600]


def credited(scope: str = ALL) -> list[object]:
    built = build(Period.parse("2026-12"), scope, NOW)
    assert [each.sentence for each in built.identities if not each.holds] == []
    return [row["credited"] for row in rows(built, "register")]
