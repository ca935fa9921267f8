"""Papers of a report: the scan that was signed stays with what was signed."""

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import SYSTEM, Actor, Role
from core.accounts.actions import add_user
from core.accounts.models import User
from core.db import db, transaction
from core.errors import RuleError
from core.evidence.actions import attach, content_of, list_of, remove
from core.evidence.models import Attachment
from core.reports.models import Report
from core.reports.values import ReportState
from core.sites.models import Site, SiteKind
from tests.conftest import NOON
from tests.core.evidence.papers import pdf

OFFICE = Actor("经办人甲", roles=frozenset({Role.CLERK}), site_ids=None)
ADMIN = Actor("管理员", roles=frozenset({Role.ADMIN}), site_ids=None)


@pytest.fixture(autouse=True)
def _reviewer(in_app: Flask) -> None:
    add_user("shenhe", "审核人乙", Role.REVIEWER, None, by=SYSTEM, now=NOON)


def report(scope: str = "all", state: ReportState = ReportState.ISSUED) -> Report:
    with transaction() as session:
        row = Report(
            name="canteen", scope=scope, period="2026-10", state=state, reviewed_digest="0" * 64,
            reviewed_by_id=db.session.scalar(sa.select(User.id)),
            created_at=NOON, changed_at=NOON,
        )  # fmt: skip
        session.add(row)
    return row


def scan_of(row: Report, by: Actor = OFFICE) -> Attachment:
    return attach(
        f"report:{row.id}", pdf(pages=2), title="签字盖章件", person_id=None, by=by, now=NOON
    )


def code_of(call, *args, **values) -> str:
    with pytest.raises(RuleError) as caught:
        call(*args, **values)
    return caught.value.code


def test_the_office_attaches_the_signed_scan_and_an_auditor_reads_it(in_app: Flask) -> None:
    row = report()
    scan = scan_of(row)
    assert [each.title for each in list_of(f"report:{row.id}")] == ["签字盖章件"]
    auditor = Actor("审计丙", roles=frozenset({Role.AUDITOR}), site_ids=None)
    assert content_of(scan.id, by=auditor, now=NOON).attachment.pages == 2
    assert code_of(scan_of, row, auditor) == "evidence_not_yours"
    counter = Actor("窗口", roles=frozenset({Role.COUNTER}), site_ids=frozenset({1}))
    assert code_of(content_of, scan.id, by=counter, now=NOON) == "evidence_not_yours"


def test_a_report_of_one_site_is_open_to_who_sees_that_site(in_app: Flask) -> None:
    with transaction() as session:
        sites = [Site(slug=slug, name=slug, kind=SiteKind.CANTEEN) for slug in ("one", "two")]
        session.add_all(sites)
    one, two = (site.id for site in sites)
    own, whole = scan_of(report("one")), scan_of(report())

    def looks(site_id: int, scan: Attachment) -> str:
        by = Actor("审计", roles=frozenset({Role.AUDITOR}), site_ids=frozenset({site_id}))
        try:
            content_of(scan.id, by=by, now=NOON)
        except RuleError as error:
            return error.code
        return "seen"

    assert [looks(one, own), looks(two, own), looks(one, whole)] == [
        "seen", "evidence_not_yours", "evidence_not_yours",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "state", [ReportState.SIGNED, ReportState.SUBMITTED, ReportState.RETURNED, ReportState.CLOSED]
)
def test_what_a_report_was_signed_with_is_not_removed_by_the_office(
    in_app: Flask, state: ReportState
) -> None:
    row = report()
    first, second = scan_of(row), attach(
        f"report:{row.id}", pdf(), title="别人的", person_id=None, by=OFFICE, now=NOON
    )  # fmt: skip
    remove(first.id, reason="扫错了", by=OFFICE, now=NOON)
    with transaction() as session:
        session.get_one(Report, row.id).state = state
    assert code_of(remove, second.id, reason="扫错了", by=OFFICE, now=NOON) == "evidence_not_yours"
    remove(second.id, reason="他人资料", by=ADMIN, now=NOON)
