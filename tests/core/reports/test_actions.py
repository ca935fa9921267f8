"""The life of a report: every move and every forbidden one, on both engines."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.access import SYSTEM
from core.db import db, new_id, transaction
from core.errors import RuleError
from core.evidence.models import Attachment
from core.reports import actions, queries, readiness
from core.reports.models import Report, ReportExplanation, ReportMove
from core.reports.sentences import move_note
from core.reports.values import ALL, Period, ReportState
from core.sites.models import Site, SiteKind
from tests.conftest import both_engines
from tests.core.reports import facts
from tests.core.reports.conftest import MONDAY, OCTOBER, PATHS, TODAY, Office, log, report, story

Verb = Callable[..., Any]


def refused(call: Verb, *args: Any, **more: Any) -> str | None:
    """The code with which a call is refused; None when it is not."""
    try:
        call(*args, **more)
    except RuleError as error:
        db.session.rollback()
        return error.code
    return None


def verbs(office: Office, report_id: uuid.UUID) -> dict[str, Verb]:
    """Every verb on this report, as the clerk calls it, or the reviewer where only she may."""
    digest = office.digest(report_id)
    clerk: dict[str, Any] = {"by": office.clerk, "now": MONDAY}
    reviewer: dict[str, Any] = {"by": office.reviewer, "now": MONDAY}
    return {
        "write_texts": lambda **who: actions.write_texts(
            report_id, summary="新的小结", cases="", receiver="区民政局", **{**clerk, **who}
        ),
        "explain": lambda **who: actions.explain(
            report_id, "large", "0" * 64, "核实无误", **{**clerk, **who}
        ),
        "ask_full_ids": lambda **who: actions.ask_full_ids(
            report_id, reason="民政局要求", **{**clerk, **who}
        ),
        "drop_full_ids": lambda **who: actions.drop_full_ids(report_id, **{**clerk, **who}),
        "review": lambda **who: actions.review(
            report_id, digest, grant_full_ids=False, **{**reviewer, **who}
        ),
        "withdraw_review": lambda **who: actions.withdraw_review(
            report_id, reason="再核一遍", **{**clerk, **who}
        ),
        "order_issue": lambda **who: actions.order_issue(report_id, **{**clerk, **who}),
        "sign": lambda **who: actions.sign(report_id, **{**clerk, **who}),
        "submit": lambda **who: actions.submit(
            report_id, receiver="区民政局", on=TODAY, note="", **{**clerk, **who}
        ),
        "close": lambda **who: actions.close(report_id, note="", **{**clerk, **who}),
        "return_report": lambda **who: actions.return_report(
            report_id, note="缺页", **{**clerk, **who}
        ),
        "start_revision": lambda **who: actions.start_revision(
            report_id, reason="作废一餐", **{**clerk, **who}
        ),
        "discard_draft": lambda **who: actions.discard_draft(report_id, **{**clerk, **who}),
        "open_draft": lambda **who: actions.open_draft(
            "facts", OCTOBER, ALL, **{**clerk, **who}
        ),
    }  # fmt: skip


# What each verb says in each state; a verb that is not named here succeeds.
_FROZEN = dict.fromkeys(
    ("write_texts", "explain", "ask_full_ids", "drop_full_ids"), "report_frozen"
)
_NOT_DRAFT = {"review": "report_not_draft", "discard_draft": "report_not_draft"}
_NOT_REVIEWED = dict.fromkeys(("withdraw_review", "order_issue"), "report_not_reviewed")
_NOT_SUBMITTED = dict.fromkeys(("close", "return_report"), "report_not_submitted")
_NOT_ISSUED = {"sign": "report_not_issued"}
_NOT_SIGNED = {"submit": "report_not_signed"}
_OPEN = {"start_revision": "report_is_open"}
_AFTER = {"open_draft": "report_after_issue"}
_SUBMITTED = {"start_revision": "report_submitted"}
REFUSALS: dict[str, dict[str, str]] = {
    "draft": _NOT_REVIEWED | _NOT_ISSUED | _NOT_SIGNED | _NOT_SUBMITTED | _OPEN,
    "reviewed": _NOT_DRAFT | _NOT_ISSUED | _NOT_SIGNED | _NOT_SUBMITTED | _OPEN,
    "issued": _FROZEN | _NOT_DRAFT | _NOT_REVIEWED | _NOT_SIGNED | _NOT_SUBMITTED | _AFTER,
    "signed": _FROZEN | _NOT_DRAFT | _NOT_REVIEWED | _NOT_ISSUED | _NOT_SUBMITTED | _AFTER,
    "submitted": _FROZEN | _NOT_DRAFT | _NOT_REVIEWED | _NOT_ISSUED | _NOT_SIGNED | _AFTER | _SUBMITTED,
    "returned": _FROZEN | _NOT_DRAFT | _NOT_REVIEWED | _NOT_ISSUED | _NOT_SUBMITTED | _AFTER | _SUBMITTED,
    "closed": _FROZEN | _NOT_DRAFT | _NOT_REVIEWED | _NOT_ISSUED | _NOT_SIGNED | _NOT_SUBMITTED | _AFTER
              | _SUBMITTED,
}  # fmt: skip


@both_engines
@pytest.mark.parametrize("state", PATHS)
def test_in_each_state_each_forbidden_verb_is_refused_by_its_code_and_changes_nothing(
    office: Office, state: str, engine_name: str
) -> None:
    report_id = office.led_to(state)
    told, entries = story(report_id), log(report_id)
    assert told[-1] == state
    found = {
        name: refused(verb)
        for name, verb in verbs(office, report_id).items()
        if name in REFUSALS[state]
    }
    assert found == REFUSALS[state]
    assert (story(report_id), log(report_id)) == (told, entries)


@both_engines
@pytest.mark.parametrize("state", PATHS)
def test_in_each_state_each_other_verb_succeeds(
    office: Office, state: str, engine_name: str
) -> None:
    names = [name for name in verbs(office, office.led_to(state)) if name not in REFUSALS[state]]
    assert names or state == "closed"
    for name in names:
        _start_anew()
        report_id = office.led_to(state)
        if name == "sign":
            office.scan(report_id)
        assert refused(verbs(office, report_id)[name]) is None, name


def _start_anew() -> None:
    """Forget every report, as if the office had just opened."""
    with transaction() as session:
        for table in ("report_file", "issued_report", "report_move", "report_explanation", "report",
                      "attachment", "report_month_book"):  # fmt: skip
            session.execute(sa.text(f"DELETE FROM {table}"))


@pytest.mark.parametrize("state", ["draft", "reviewed", "issued", "submitted"])
def test_nobody_outside_the_office_takes_any_step(office: Office, state: str) -> None:
    report_id = office.led_to(state)
    found = {refused(verb, by=office.stranger) for verb in verbs(office, report_id).values()}
    assert found == {"report_not_yours"}


def test_a_report_that_is_not_there_is_named_by_every_verb(office: Office) -> None:
    calls = verbs(office, office.open())
    gone = {name: verb for name, verb in verbs_of_nobody(office).items() if name in calls}
    assert {refused(verb) for name, verb in gone.items() if name != "open_draft"} == {
        "report_unknown"
    }


def verbs_of_nobody(office: Office) -> dict[str, Verb]:
    office.digest = lambda _id: "0" * 64  # type: ignore[method-assign]
    return verbs(office, new_id())


@both_engines
def test_the_whole_life_is_told_move_by_move_with_who_and_when(
    office: Office, engine_name: str
) -> None:
    report_id = office.led_to("returned")
    office.submit(report_id)
    office.close(report_id)
    moves = report(report_id).moves
    assert [(move.from_state and move.from_state.value, move.to_state.value) for move in moves] == [
        (None, "draft"), ("draft", "reviewed"), ("reviewed", "issued"), ("issued", "signed"),
        ("signed", "submitted"), ("submitted", "returned"), ("returned", "submitted"),
        ("submitted", "closed"),
    ]  # fmt: skip
    assert [move.number for move in moves] == list(range(1, 9))
    assert [move.by_name for move in moves[:3]] == [
        "clerk person",
        "reviewer person",
        "clerk person",
    ]
    assert {move.at for move in moves} == {MONDAY}
    assert (moves[4].receiver, moves[4].on, moves[5].note) == ("区民政局", TODAY, "附件缺页")
    assert log(report_id) == [
        "report.begun", "report.reviewed", "report.issue_ordered", "report.issue_done",
        "report.signed", "report.submitted", "report.returned", "report.submitted", "report.closed",
    ]  # fmt: skip


@both_engines
def test_a_draft_opened_twice_is_one(office: Office, engine_name: str) -> None:
    first = office.open()
    assert actions.open_draft("facts", OCTOBER, ALL, by=office.reviewer, now=MONDAY).id == first
    assert story(first) == ["draft"]
    assert report(first).receiver == "区民政局"


def test_a_draft_is_of_a_known_kind_and_site_and_of_a_period_that_has_begun(
    office: Office,
) -> None:
    def open_draft(name: str, period: str, scope: str) -> str | None:
        return refused(
            actions.open_draft, name, Period.parse(period), scope, by=office.clerk, now=MONDAY
        )

    with transaction() as session:
        session.add(Site(slug="works", name="微工厂", kind=SiteKind.WORKSHOP))
        session.add(Site(slug="meals", name="食堂", kind=SiteKind.CANTEEN))
    assert open_draft("nothing", "2026-10", ALL) == "report_kind_unknown"
    assert open_draft("facts", "2026-10", "nowhere") == "report_scope_unknown"
    assert open_draft("facts", "2026-10", "meals") == "report_scope_unknown"
    assert open_draft("facts", "2026-12", ALL) == "report_in_future"
    assert open_draft("facts", "2026-10", "works") is None
    assert open_draft("facts", "2026-11", ALL) is None
    assert open_draft("facts", "2026", ALL) is None


@both_engines
@pytest.mark.parametrize(
    ("verb", "note"),
    [
        ("write_texts", "复核后修改了文字"),
        ("explain", "复核后修改了核查说明"),
        ("ask_full_ids", "复核后变更了完整身份证号的申请"),
        ("withdraw_review", "再核一遍"),
    ],
)
def test_what_changes_after_the_review_takes_the_review_back(
    office: Office, verb: str, note: str, engine_name: str
) -> None:
    report_id = office.led_to("reviewed")
    verbs(office, report_id)[verb]()
    found = report(report_id)
    assert story(report_id) == ["draft", "reviewed", "draft"]
    assert move_note(found.moves[-1].note) == note
    assert (found.reviewed_by_id, found.reviewed_digest, found.reviewed_figures) == (None,) * 3
    assert log(report_id).count("report.review_withdrawn") == 1


def test_texts_written_again_as_they_are_keep_the_review(office: Office) -> None:
    report_id = office.open()
    texts = {"summary": " 十月小结 ", "cases": "一位老人", "receiver": "区民政局"}
    actions.write_texts(report_id, **texts, by=office.clerk, now=MONDAY)
    office.review(report_id)
    actions.write_texts(report_id, **texts, by=office.clerk, now=MONDAY)
    assert report(report_id).state is ReportState.REVIEWED
    assert report(report_id).summary == "十月小结"


def test_a_text_too_long_is_refused_whole(office: Office) -> None:
    report_id = office.open()
    found = refused(
        actions.write_texts, report_id, summary="长" * 8001, cases="", receiver="", by=office.clerk, now=MONDAY
    )  # fmt: skip
    assert found == "report_text_long"
    assert report(report_id).summary == ""


def test_texts_are_stored_encrypted_and_their_words_stay_out_of_the_log(office: Office) -> None:
    from core.audit import AuditEntry, values_of

    report_id = office.open()
    actions.write_texts(
        report_id, summary="小结 canary", cases="王大娘 canary", receiver="市局", by=office.clerk, now=MONDAY
    )  # fmt: skip
    stored = db.session.execute(sa.text("SELECT summary, cases FROM report")).one()
    assert "canary" not in "".join(stored)
    entries = list(db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "report.texts_changed")
    ))  # fmt: skip
    values = values_of(entries)[entries[0].id]
    assert values["after"] == {"summary": 9, "cases": 10, "receiver": "市局"}


@both_engines
def test_the_review_keeps_what_was_seen(office: Office, engine_name: str) -> None:
    report_id = office.led_to("reviewed")
    found = report(report_id)
    assert found.reviewed_by_id == office.reviewer.user_id
    assert found.reviewed_digest == office.digest(report_id)
    assert found.reviewed_figures == {"head.facts": 3, "head.fen": 1500}
    assert found.open_items == 0


def test_only_a_reviewer_reviews_and_only_somebody_who_signed_in(office: Office) -> None:
    report_id = office.open()
    review = verbs(office, report_id)["review"]
    assert refused(review, by=office.clerk) == "report_not_yours"
    assert refused(review, by=SYSTEM) == "report_needs_account"
    assert refused(review, by=office.admin) is None


def test_a_review_of_figures_that_have_changed_since_is_refused(office: Office) -> None:
    report_id = office.open()
    review = verbs(office, report_id)["review"]
    facts.put("2026-10", 1, 501)
    assert refused(review) == "report_changed"
    assert story(report_id) == ["draft"]


def test_a_review_of_texts_that_have_changed_since_is_refused(office: Office) -> None:
    report_id = office.open()
    shown_at = report(report_id).changed_at
    later = MONDAY + timedelta(seconds=5)
    actions.write_texts(
        report_id, summary="新", cases="", receiver="区民政局", by=office.clerk, now=later
    )
    digest = office.digest(report_id)
    review: dict[str, Any] = {"grant_full_ids": False, "by": office.reviewer, "now": later}
    assert refused(actions.review, report_id, digest, shown_at=shown_at, **review) == (
        "report_changed"
    )
    assert refused(actions.review, report_id, digest, shown_at=later, **review) is None


def test_a_running_month_is_neither_reviewed_nor_issued(office: Office) -> None:
    report_id = office.open(Period.parse("2026-11"))
    assert refused(office.review, report_id) == "report_month_running"
    readiness.look(report(report_id), MONDAY)  # but previewed it may be
    assert report(report_id).open_items == 1


@both_engines
def test_a_finding_is_explained_before_the_review_and_for_its_very_rows(
    office: Office, engine_name: str
) -> None:
    report_id = office.open()
    facts.put("2026-10", 3, 1000)
    assert refused(office.review, report_id) == "report_not_ready"
    seen = readiness.look(report(report_id), MONDAY)
    [large] = seen.findings
    digest = readiness.rows_digest(large)
    actions.explain(report_id, "large", digest, "已核实", by=office.clerk, now=MONDAY)
    assert refused(office.review, report_id) is None
    facts.put("2026-10", 4, 1001)
    actions.withdraw_review(report_id, reason="又有一条", by=office.clerk, now=MONDAY)
    assert refused(office.review, report_id) == "report_not_ready"


def test_nobody_can_explain_away_what_stops_a_report(office: Office) -> None:
    report_id = office.open()
    facts.put("2026-10", 3, -1)
    [negative] = readiness.look(report(report_id), MONDAY).findings
    digest = readiness.rows_digest(negative)
    actions.explain(report_id, "negative", digest, "没关系", by=office.clerk, now=MONDAY)
    assert refused(office.review, report_id) == "report_not_ready"


def test_whole_id_numbers_are_asked_for_by_one_and_granted_by_another(office: Office) -> None:
    report_id = office.open()
    assert refused(office.review, report_id, grant=True) == "report_full_ids_not_asked"
    actions.ask_full_ids(report_id, reason="局里要求", by=office.reviewer, now=MONDAY)
    assert refused(office.review, report_id, grant=True) == "report_full_ids_by_two"
    actions.ask_full_ids(report_id, reason="局里要求", by=office.clerk, now=MONDAY)
    office.review(report_id, grant=True)
    assert report(report_id).full_ids_granted_by_id == office.reviewer.user_id
    actions.drop_full_ids(report_id, by=office.clerk, now=MONDAY)
    found = report(report_id)
    assert (found.state, found.full_ids_reason, found.full_ids_granted_by_id) == (
        ReportState.DRAFT, None, None,
    )  # fmt: skip


def test_a_review_without_the_grant_leaves_numbers_masked(office: Office) -> None:
    report_id = office.open()
    actions.ask_full_ids(report_id, reason="局里要求", by=office.clerk, now=MONDAY)
    office.review(report_id)
    assert report(report_id).full_ids_granted_by_id is None


@both_engines
def test_signing_needs_a_scan_that_was_not_removed(office: Office, engine_name: str) -> None:
    report_id = office.led_to("issued")
    sign = verbs(office, report_id)["sign"]
    assert refused(sign) == "report_scan_missing"
    scan_id = office.scan(report_id)
    with transaction() as session:
        row = session.get_one(Attachment, scan_id)
        row.removed_at, row.removed_reason = MONDAY, "传错了"
    assert refused(sign) == "report_scan_missing"
    office.scan(report_id)
    assert refused(sign) is None


@pytest.mark.parametrize(
    ("receiver", "on", "code"),
    [
        ("  ", TODAY, "report_receiver_needed"),
        ("区民政局", date(2026, 11, 1), "report_submitted_early"),
        ("区民政局", date(2026, 11, 3), "report_submitted_late"),
        ("区民政局", TODAY, None),
    ],
)
def test_a_submission_has_a_receiver_and_a_day_that_can_be(
    office: Office, receiver: str, on: date, code: str | None
) -> None:
    report_id = office.led_to("signed")
    found = refused(
        actions.submit, report_id, receiver=receiver, on=on, note="", by=office.clerk, now=MONDAY
    )
    assert found == code


@both_engines
@pytest.mark.parametrize(
    "change",
    [
        lambda: facts.put("2026-10", 7, 1),
        lambda: facts.take_away("2026-10", 0),
        lambda: facts.put("2026-10", 0, 299),
    ],
    ids=["added", "taken away", "amount"],
)
def test_a_report_whose_records_changed_since_the_issue_is_not_submitted(
    office: Office, change: Callable[[], None], engine_name: str
) -> None:
    report_id = office.led_to("signed")
    change()
    assert refused(office.submit, report_id) == "report_outdated"
    revision = actions.start_revision(report_id, reason="更正", by=office.clerk, now=MONDAY).id
    for step in ("review", "issue", "sign", "submit"):
        getattr(office, step)(revision)
    assert story(report_id)[-1] == "signed"
    assert story(revision)[-1] == "submitted"


def test_a_returned_report_is_handed_in_again_with_the_same_figures_whatever_came_in_since(
    office: Office,
) -> None:
    report_id = office.led_to("returned")
    facts.put("2026-10", 7, 1)  # by now an adjustment
    office.submit(report_id)
    assert story(report_id)[-2:] == ["returned", "submitted"]
    assert queries.as_issued(report_id).value("head.fen") == 1500


@both_engines
def test_the_next_revision_goes_on_from_the_texts_and_leaves_the_older_as_it_is(
    office: Office, engine_name: str
) -> None:
    report_id = office.open()
    actions.write_texts(
        report_id, summary="小结", cases="案例", receiver="市局", by=office.clerk, now=MONDAY
    )
    facts.put("2026-10", 3, 1000)
    [large] = readiness.look(report(report_id), MONDAY).findings
    digest = readiness.rows_digest(large)
    actions.explain(report_id, "large", digest, "已核实", by=office.clerk, now=MONDAY)
    office.review(report_id)
    office.issue(report_id)
    assert refused(actions.start_revision, report_id, reason=" ", by=office.clerk, now=MONDAY) == (
        "report_reason_needed"
    )
    new = actions.start_revision(report_id, reason="一餐作废", by=office.clerk, now=MONDAY)
    assert (new.revision, new.reason, new.summary, new.cases, new.receiver, new.state) == (
        2, "一餐作废", "小结", "案例", "市局", ReportState.DRAFT,
    )  # fmt: skip
    assert readiness.explanations(new)["large"].text == "已核实"
    assert actions.open_draft("facts", OCTOBER, ALL, by=office.clerk, now=MONDAY).id == new.id
    again = refused(actions.start_revision, report_id, reason="x", by=office.clerk, now=MONDAY)
    assert again == "report_superseded"
    assert story(report_id)[-1] == "issued"
    assert queries.superseded_by(report(report_id)) is None
    office.review(new.id)
    office.issue(new.id)
    later = queries.superseded_by(report(report_id))
    assert later is not None and later.revision == 2
    assert queries.superseded_by(report(new.id)) is None


@both_engines
def test_the_older_revision_is_neither_signed_nor_submitted_once_a_newer_is_begun(
    office: Office, engine_name: str
) -> None:
    report_id = office.led_to("signed")
    new = actions.start_revision(report_id, reason="更正", by=office.clerk, now=MONDAY).id
    assert refused(office.submit, report_id) == "report_has_newer"
    actions.discard_draft(new, by=office.clerk, now=MONDAY)
    assert refused(office.submit, report_id) is None


def test_a_first_draft_with_words_in_it_is_kept_and_an_empty_one_may_go(office: Office) -> None:
    report_id = office.open()
    actions.write_texts(
        report_id, summary="小结", cases="", receiver="", by=office.clerk, now=MONDAY
    )
    assert refused(actions.discard_draft, report_id, by=office.clerk, now=MONDAY) == (
        "report_draft_not_empty"
    )
    actions.write_texts(report_id, summary="", cases="", receiver="", by=office.clerk, now=MONDAY)
    actions.discard_draft(report_id, by=office.clerk, now=MONDAY)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReportMove)) == 0
    assert log(report_id)[-1] == "report.discarded"
    assert office.open() != report_id


def test_a_discarded_revision_takes_its_explanations_with_it(office: Office) -> None:
    report_id = office.led_to("issued")
    new = actions.start_revision(report_id, reason="更正", by=office.clerk, now=MONDAY).id
    actions.explain(new, "large", "0" * 64, "说明", by=office.clerk, now=MONDAY)
    actions.discard_draft(new, by=office.clerk, now=MONDAY)
    assert db.session.get(Report, new) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReportExplanation)) == 0
    assert [row.id for row in queries.revisions(db.session(), "facts", ALL, "2026-10")] == [
        report_id
    ]


@both_engines
@pytest.mark.parametrize(
    ("state", "column", "value"),
    [
        ("issued", "issued_by_id", "reviewed_by_id"),  # the reviewer herself issued
        ("reviewed", "reviewed_digest", "NULL"),
        ("reviewed", "reviewed_by_id", "NULL"),
        ("draft", "full_ids_granted_by_id", "1"),
        ("draft", "full_ids_reason", "'局里要求'"),
        ("draft", "revision", "0"),
        ("draft", "revision", "2"),  # a correction without a reason
        ("draft", "state", "'lost'"),
    ],
)
def test_the_database_itself_refuses_what_no_report_may_be(
    office: Office, state: str, column: str, value: str, engine_name: str
) -> None:
    office.led_to(state)
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.text(f"UPDATE report SET {column} = {value}"))


@both_engines
def test_the_database_itself_keeps_one_open_and_one_submitted_revision(
    office: Office, engine_name: str
) -> None:
    first = office.led_to("submitted")
    values: dict[str, Any] = {
        "name": "facts", "scope": ALL, "period": "2026-10", "reason": "x", "created_at": MONDAY,
        "changed_at": MONDAY, "reviewed_by_id": office.reviewer.user_id, "reviewed_digest": "0" * 64,
    }  # fmt: skip
    with transaction() as session:
        session.add(Report(**values, revision=2, state=ReportState.DRAFT))
    for state in (ReportState.REVIEWED, ReportState.CLOSED):
        with pytest.raises(sa.exc.IntegrityError), transaction() as session:
            session.add(Report(**values, revision=3, state=state))
    assert report(first).state is ReportState.SUBMITTED


@both_engines
def test_the_database_itself_wants_a_receiver_and_a_reason_with_a_move(
    office: Office, engine_name: str
) -> None:
    report_id = office.led_to("submitted")
    for state in (ReportState.SUBMITTED, ReportState.RETURNED):
        with pytest.raises(sa.exc.IntegrityError), transaction() as session:
            session.add(ReportMove(report_id=report_id, number=99, from_state=None, to_state=state,
                                   at=MONDAY, by_name="x"))  # fmt: skip
