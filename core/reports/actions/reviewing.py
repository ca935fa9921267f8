"""The second pair of eyes: what the reviewer saw is what may be issued."""

import uuid
from datetime import datetime

from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.reports import queries, readiness, rules, snapshot
from core.reports.actions.rows import entry, locked, needed, take, to_draft
from core.reports.models import Report
from core.reports.rules import Step
from core.reports.values import Built, Period


def review(
    report_id: uuid.UUID, digest: str, *, grant_full_ids: bool, by: Actor, now: datetime,
    shown_at: datetime | None = None,
) -> None:  # fmt: skip
    """Vouch for a report as it was shown.

    digest: snapshot.digest of the count that the page showed; shown_at: the report's changed_at on
    that page, so that nobody vouches for texts they have not seen. Counts once more.
    Raises RuleError report_month_running, report_changed (figures, rows or texts differ by now),
    report_not_ready (something is unexplained or stops it), report_not_draft, report_needs_account,
    report_full_ids_not_asked, report_full_ids_by_two.
    """
    report = queries.report_of(report_id)
    rules.target_of(Step.REVIEW, report.state, by.roles)
    rules.check_ended(Period.parse(report.period), now)
    if by.user_id is None:
        raise RuleError("report_needs_account")
    seen_at = shown_at or report.changed_at
    seen = readiness.look(report, now)
    if snapshot.digest(seen.built) != digest:
        raise RuleError("report_changed")
    if missing := [item for item in seen.items if not item.is_done and item.code != "review"]:
        raise RuleError("report_not_ready", count=len(missing))
    with transaction() as session:
        report = locked(session, report_id)
        if report.changed_at != seen_at:
            raise RuleError("report_changed")
        _vouch(report, seen.built, digest, by.user_id)
        if grant_full_ids:
            _grant(report, by.user_id)
        take(session, report, Step.REVIEW, by=by, now=now)
        report.open_items = 0
        entry(session, "report.reviewed", report, by=by, now=now,
              after={"digest": digest, "full_ids": report.full_ids_granted_by_id is not None})  # fmt: skip


def _vouch(report: Report, built: Built, digest: str, user_id: int) -> None:
    report.reviewed_by_id, report.reviewed_digest = user_id, digest
    report.reviewed_figures = {key: figure.value for key, figure in built.figures.items()}


def _grant(report: Report, user_id: int) -> None:
    if report.full_ids_reason is None:
        raise RuleError("report_full_ids_not_asked")
    if report.full_ids_asked_by_id == user_id:
        raise RuleError("report_full_ids_by_two")
    report.full_ids_granted_by_id = user_id


def withdraw_review(report_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> None:
    """Make a reviewed report a draft again; an issue under way stops.

    Raises RuleError report_not_reviewed, report_reason_needed.
    """
    reason = needed(reason, "report_reason_needed")
    with transaction() as session:
        report = locked(session, report_id)
        rules.target_of(Step.WITHDRAW, report.state, by.roles)
        to_draft(session, report, reason, by=by, now=now)
