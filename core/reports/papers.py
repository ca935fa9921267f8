"""What stands on the papers of one report besides its figures: from its row, its findings, the settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from core.reports import codes, readiness
from core.reports.models import IssuedReport, Report
from core.reports.paper import Paper
from core.reports.values import Finding, Output


@dataclass(frozen=True)
class Seal:
    """What an issue adds to a draft: who, when, and what the paper is verified by."""

    issued_at: datetime
    issued_by: str
    reviewed_by: str
    token: str
    digest: str
    audit_head: str

    @classmethod
    def of(cls, issued: IssuedReport) -> "Seal":
        return cls(issued.issued_at, issued.issued_by, issued.reviewed_by, issued.token,
                   issued.digest, issued.audit_head)  # fmt: skip


def paper_of(
    report: Report, output: Output, findings: Iterable[Finding] = (), seal: Seal | None = None
) -> Paper:
    """The paper of a report: a preview while there is no seal. findings: whose explanations it prints."""
    config = current_app.config
    written = readiness.explanations(report)
    return Paper(
        output=output, revision=report.revision, is_preview=seal is None,
        issued_at=seal.issued_at if seal else None, issued_by=seal.issued_by if seal else "",
        reviewed_by=seal.reviewed_by if seal else "", receiver=report.receiver,
        summary=report.summary, cases=report.cases,
        full_ids=report.full_ids_granted_by_id is not None,
        full_ids_reason=report.full_ids_reason or "",
        explanations=tuple(
            (finding.title, written[finding.code].text)
            for finding in findings
            if readiness.is_explained(finding, written)
        ),
        code=codes.grouped(seal.token) if seal else "", verify_url=address_of(seal) if seal else "",
        digest=seal.digest if seal else "", audit_head=seal.audit_head if seal else "",
        phone=config["OFFICE_PHONE"].strip(), complaint_phone=config["COMPLAINT_PHONE"].strip(),
    )  # fmt: skip


def address_of(seal: Seal) -> str:
    """Where strangers verify it; empty without a public address."""
    public = current_app.config["PUBLIC_URL"].strip().rstrip("/")
    return f"{public}/verify/{seal.token}" if public else ""
