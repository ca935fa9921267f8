"""Any order of steps by anybody, while facts change: the reports are what a plain model says they are."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core import audit, jobs
from core.access import Actor
from core.db import db, transaction
from core.errors import RuleError
from core.jobs.models import JobState
from core.reports import actions, queries, readiness
from core.reports.models import IssuedReport, Report, ReportFile
from core.reports.values import ALL
from tests.conftest import both_engines
from tests.core.reports import facts
from tests.core.reports.conftest import OCTOBER, TODAY, Office, job, report

# Most reports take the straight way; chance alone would hardly ever get to the end of it.
USUAL = ["go on"] * 6 + ["book"] * 4 + ["submit", "issue", "settle", "sign"] * 2
VERBS = [
    *USUAL, "take away", "open", "write", "explain", "ask_full_ids", "review", "withdraw_review", "scan",
    "start_revision", "discard_draft",
]  # fmt: skip
# A story that fails is told as it was: making it shorter takes minutes of a database's time.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
STEPS = st.tuples(
    st.sampled_from(VERBS),
    st.integers(0, 5),
    st.sampled_from(["clerk", "reviewer", "second", "admin"]),
    st.integers(0, 23),
)
SUBMITTED = ("submitted", "closed", "returned")


@dataclass
class Revision:
    """One revision as the model remembers it."""

    id: uuid.UUID
    state: str = "draft"
    summary: str = ""
    explained: frozenset[tuple[int, int]] | None = None
    asked_by: str | None = None
    reviewer: str | None = None
    reviewed: dict[int, int] | None = None
    has_scan: bool = False
    issued: dict[int, int] | None = None
    hashes: tuple[str, ...] = ()
    moves: list[str] = field(default_factory=lambda: ["draft"])

    def go(self, state: str) -> None:
        self.state = state
        self.moves.append(state)

    def reopen(self) -> None:
        if self.state == "reviewed":
            self.go("draft")
            self.reviewer = self.reviewed = None


class Life:
    """One month of one report, by four people; which of its revisions a step is about is any of them."""

    def __init__(self, office: Office) -> None:
        self.office, self.now = office, office.now
        self.revisions: list[Revision] = []
        self.facts: dict[int, int] = {}
        _empty()
        self.open_draft("clerk")

    # What the model knows.

    def actor(self, who: str) -> Actor:
        return getattr(self.office, who)  # type: ignore[no-any-return]

    def tick(self) -> None:
        self.now += timedelta(seconds=1)

    def any_of(self, number: int) -> Revision:
        return self.revisions[number % len(self.revisions)]

    def is_latest(self, one: Revision) -> bool:
        return one is self.revisions[-1]

    def large(self) -> frozenset[tuple[int, int]]:
        return frozenset(pair for pair in self.facts.items() if pair[1] >= facts.LARGE)

    def told(self, expected: str | None, call: Callable[[], Any]) -> Any:
        """Do it, and find that it was refused as the model says, or not at all."""
        self.tick()
        try:
            result, code = call(), None
        except RuleError as error:
            result, code = None, error.code
        db.session.rollback()
        assert code == expected
        return result

    # What happens.

    def fact_booked(self, number: int, fen: int) -> None:
        facts.put("2026-10", number, fen)
        self.facts[number] = fen

    def fact_taken_away(self, number: int) -> None:
        facts.take_away("2026-10", number)
        self.facts.pop(number, None)

    def open_draft(self, who: str) -> None:
        last = self.revisions[-1].state if self.revisions else None
        expected = None if last in (None, "draft", "reviewed") else "report_after_issue"
        found = self.told(expected, lambda: actions.open_draft(
            "facts", OCTOBER, ALL, by=self.actor(who), now=self.now
        ).id)  # fmt: skip
        if last is None:
            self.revisions.append(Revision(found))
        elif expected is None:
            assert found == self.revisions[-1].id

    def write_texts(self, at: int, who: str, summary: str) -> None:
        one = self.any_of(at)
        is_open = one.state in ("draft", "reviewed")
        self.told(None if is_open else "report_frozen", lambda: actions.write_texts(
            one.id, summary=summary, cases="", receiver="区民政局", by=self.actor(who), now=self.now
        ))  # fmt: skip
        if is_open and one.summary != summary:
            one.summary = summary
            one.reopen()

    def explain(self, at: int, who: str) -> None:
        one, large = self.any_of(at), self.large()
        if not large:
            return
        findings = readiness.examine(report(one.id), self.now)[1]
        digest = readiness.rows_digest(findings[0])
        is_open = one.state in ("draft", "reviewed")
        self.told(None if is_open else "report_frozen", lambda: actions.explain(
            one.id, "large", digest, "已核实", by=self.actor(who), now=self.now
        ))  # fmt: skip
        if is_open and one.explained != large:
            one.explained = large
            one.reopen()

    def ask_full_ids(self, at: int, who: str) -> None:
        one = self.any_of(at)
        is_open = one.state in ("draft", "reviewed")
        self.told(None if is_open else "report_frozen", lambda: actions.ask_full_ids(
            one.id, reason="局里要求", by=self.actor(who), now=self.now
        ))  # fmt: skip
        if is_open and one.asked_by != who:
            one.asked_by = who
            one.reopen()

    def review(self, at: int, who: str, grant: bool) -> None:
        one = self.any_of(at)
        large = self.large()
        expected = None
        if who == "clerk":
            expected = "report_not_yours"
        elif one.state != "draft":
            expected = "report_not_draft"
        elif large and one.explained != large:
            expected = "report_not_ready"
        elif grant and one.asked_by is None:
            expected = "report_full_ids_not_asked"
        elif grant and one.asked_by == who:
            expected = "report_full_ids_by_two"
        digest = self.office.digest(one.id)
        self.told(expected, lambda: actions.review(
            one.id, digest, grant_full_ids=grant, by=self.actor(who), now=self.now
        ))  # fmt: skip
        if expected is None:
            one.go("reviewed")
            one.reviewer, one.reviewed = who, dict(self.facts)

    def withdraw_review(self, at: int, who: str) -> None:
        one = self.any_of(at)
        expected = None if one.state == "reviewed" else "report_not_reviewed"
        self.told(expected, lambda: actions.withdraw_review(
            one.id, reason="再核", by=self.actor(who), now=self.now
        ))  # fmt: skip
        one.reopen()

    def issue(self, at: int, who: str, is_cancelled: bool) -> None:
        one = self.any_of(at)
        expected = None
        if one.state != "reviewed":
            expected = "report_not_reviewed"
        elif one.reviewer == who:
            expected = "report_reviewer_issues"
        by = self.actor(who)
        job_id = self.told(expected, lambda: actions.order_issue(one.id, by=by, now=self.now).id)
        if expected is not None:
            return
        if is_cancelled:
            jobs.cancel(job_id, by=by, now=self.now)
        jobs.run_job(job_id)
        state, note = job(job_id).state, job(job_id).note_code
        if is_cancelled:
            assert state is JobState.CANCELLED
        elif self.facts != one.reviewed:
            assert state is JobState.FAILED
            assert note in ("report_figures_changed", "report_rows_changed")
            one.reopen()
        else:
            assert state is JobState.DONE, note
            one.go("issued")
            one.issued, one.hashes = dict(self.facts), _hashes(one.id)
            assert len(one.hashes) == 4

    def scan(self, at: int) -> None:
        self.office.scan(self.any_of(at).id)
        self.any_of(at).has_scan = True

    def sign(self, at: int, who: str) -> None:
        one = self.any_of(at)
        expected = None
        if one.state != "issued":
            expected = "report_not_issued"
        elif not self.is_latest(one):
            expected = "report_has_newer"
        elif not one.has_scan:
            expected = "report_scan_missing"
        self.told(expected, lambda: actions.sign(one.id, by=self.actor(who), now=self.now))
        if expected is None:
            one.go("signed")

    def submit(self, at: int, who: str) -> None:
        one = self.any_of(at)
        expected = None
        if one.state not in ("signed", "returned"):
            expected = "report_not_signed"
        elif not self.is_latest(one):
            expected = "report_has_newer"
        elif one.state == "signed" and one.issued != self.facts:
            expected = "report_outdated"
        self.told(expected, lambda: actions.submit(
            one.id, receiver="区民政局", on=TODAY, note="", by=self.actor(who), now=self.now
        ))  # fmt: skip
        if expected is None:
            one.go("submitted")

    def settle(self, at: int, who: str, is_returned: bool) -> None:
        one = self.any_of(at)
        verb = actions.return_report if is_returned else actions.close
        expected = None if one.state == "submitted" else "report_not_submitted"
        self.told(expected, lambda: verb(one.id, note="缺页", by=self.actor(who), now=self.now))
        if expected is None:
            one.go("returned" if is_returned else "closed")

    def start_revision(self, at: int, who: str) -> None:
        one = self.any_of(at)
        expected = None
        if one.state in SUBMITTED:
            expected = "report_submitted"
        elif not self.is_latest(one):
            expected = "report_superseded"
        elif one.state in ("draft", "reviewed"):
            expected = "report_is_open"
        found = self.told(expected, lambda: actions.start_revision(
            one.id, reason="更正", by=self.actor(who), now=self.now
        ).id)  # fmt: skip
        if expected is None:
            self.revisions.append(Revision(found, summary=one.summary, explained=one.explained))

    def discard_draft(self, at: int, who: str) -> None:
        one = self.any_of(at)
        expected = None
        if one.state != "draft":
            expected = "report_not_draft"
        elif one is self.revisions[0] and (one.summary or one.explained or one.asked_by):
            expected = "report_draft_not_empty"
        self.told(expected, lambda: actions.discard_draft(one.id, by=self.actor(who), now=self.now))
        if expected is None:
            self.revisions.remove(one)
            if not self.revisions:
                self.open_draft(who)

    def go_on_as_usual(self, steps: int, twist: str) -> None:
        """So many steps of the straight way; twist: what may come between after the issue."""
        for _ in range(steps):
            at = len(self.revisions) - 1
            one = self.revisions[at]
            if one.state == "draft":
                if self.large() and one.explained != self.large():
                    self.explain(at, "clerk")
                self.review(at, "reviewer", False)
            elif one.state == "reviewed":
                self.issue(at, "clerk" if one.reviewer != "clerk" else "admin", False)
            elif one.state == "issued":
                self.scan(at)
                self.sign(at, "clerk")
            elif one.state in ("signed", "returned"):
                self.submit(at, "clerk")
            if twist and one.state in ("issued", "signed"):
                self.fact_booked(steps % 3, 100 * steps)
                if twist == "corrected":
                    self.start_revision(at, "clerk")

    # What always holds.

    def act(self, verb: str, at: int, who: str, number: int) -> None:
        """Take one step; at: which revision, number: whatever else the step is told."""
        is_odd = bool(number % 2)
        match verb:
            case "book":
                self.fact_booked(number % 3, (100, 200, 1000, 2000)[number % 4])
            case "take away":
                self.fact_taken_away(number % 3)
            case "open":
                self.open_draft(who)
            case "write":
                self.write_texts(at, who, ("", "小结", "另一份小结")[number % 3])
            case "scan":
                self.scan(at)
            case "review" | "issue" | "settle":
                getattr(self, verb)(at, who, is_odd)
            case "go on":
                self.go_on_as_usual(number % 6 + 1, ("", "", "corrected", "booked")[number // 6])
            case _:
                getattr(self, verb)(at, who)
        self.the_rows_are_what_the_model_says()
        self.what_was_issued_never_changes()

    def the_rows_are_what_the_model_says(self) -> None:
        db.session.expire_all()
        rows = queries.revisions(db.session(), "facts", ALL, "2026-10")
        assert [row.id for row in rows] == [one.id for one in self.revisions]
        assert [row.revision for row in rows] == list(range(1, len(rows) + 1))
        for row, one in zip(rows, self.revisions, strict=True):
            assert row.state.value == one.state
            assert [move.to_state.value for move in row.moves] == one.moves
            pairs = zip([None, *one.moves], one.moves, strict=False)
            assert [(m.from_state and m.from_state.value, m.to_state.value) for m in row.moves] == (
                list(pairs)
            )
            assert row.issued_by_id is None or row.issued_by_id != row.reviewed_by_id
        assert sum(one.state in ("draft", "reviewed") for one in self.revisions) <= 1
        assert sum(one.state in SUBMITTED for one in self.revisions) <= 1

    def what_was_issued_never_changes(self) -> None:
        for one in self.revisions:
            assert _hashes(one.id) == one.hashes
            if one.issued is not None:
                assert queries.as_issued(one.id).value("head.fen") == sum(one.issued.values())

    def the_log_holds(self) -> None:
        audit.seal(self.now)
        assert audit.verify().fault is None


def _hashes(report_id: uuid.UUID) -> tuple[str, ...]:
    return tuple(db.session.scalars(
        sa.select(ReportFile.sha256).where(ReportFile.report_id == report_id).order_by(ReportFile.output)
    ))  # fmt: skip


def _empty() -> None:
    """Begin a new story in the same database."""
    with transaction() as session:
        for name in ("attachment", "report_file", "issued_report", "report_explanation",
                     "report_move", "report", "audit_seal", "audit_values", "audit_entry", "job"):  # fmt: skip
            session.execute(sa.text(f"DELETE FROM {name}"))
        session.execute(sa.text("DELETE FROM change_counter WHERE name LIKE 'fact %'"))
    assert not db.session.scalars(sa.select(Report.id)).all()
    assert not db.session.scalars(sa.select(IssuedReport.id)).all()


@both_engines
def test_reports_live_as_a_plain_model_says(office: Office, engine_name: str) -> None:
    @settings(
        max_examples=25, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(STEPS, min_size=12, max_size=30))
    def live(steps: list[tuple[str, int, str, int]]) -> None:
        life = Life(office)
        for step in steps:
            life.act(*step)
        life.the_log_holds()

    live()
