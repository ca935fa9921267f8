"""The verbs of a report's life; each is one transaction that leaves its entry in the log.

In each `by` acts at `now`, and whoever may not is refused with report_not_yours; an unknown id with
report_unknown.
"""

import core.reports.sentences  # noqa: F401  each coded error has its sentence
from core.reports.actions.drafts import discard_draft, open_draft, start_revision
from core.reports.actions.issuing import order_issue
from core.reports.actions.reviewing import review, withdraw_review
from core.reports.actions.submitting import close, return_report, sign, submit
from core.reports.actions.writing import ask_full_ids, drop_full_ids, explain, write_texts

__all__ = [
    "ask_full_ids",
    "close",
    "discard_draft",
    "drop_full_ids",
    "explain",
    "open_draft",
    "order_issue",
    "return_report",
    "review",
    "sign",
    "start_revision",
    "submit",
    "withdraw_review",
    "write_texts",
]
