"""Certificates: ours, numbered, issued and revoked, and those of other bodies, recorded and removed."""

from workshop.actions.certificates.external import Shown, record_external, remove_external
from workshop.actions.certificates.issuing import Issued, issue, issue_many, revoke

__all__ = [
    "Issued",
    "Shown",
    "issue",
    "issue_many",
    "record_external",
    "remove_external",
    "revoke",
]
