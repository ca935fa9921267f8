"""What must be looked at before the canteen's report is issued."""

from datetime import datetime

from core.reports.values import Built, Finding


def check(built: Built, now: datetime) -> tuple[Finding, ...]:
    """All findings of a counted report, those that stop the issue first."""
    return ()
