"""When a session takes marks: from a while before it begins until it is locked."""

from datetime import date, datetime, timedelta

from core.clock import moment_at


def locks_at(on: date, lock_days: int) -> datetime:
    """From when on only the office corrects: the end of the day so many days after the session."""
    return moment_at(on + timedelta(days=lock_days), 1440)


def opens_at(starts_at: datetime, early_minutes: int) -> datetime:
    """From when on a mark may say more than that she is on leave."""
    return starts_at - timedelta(minutes=early_minutes)
