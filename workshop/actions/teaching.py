"""Who may hold sessions at a workshop."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session as DbSession

from core.access import Role
from core.accounts.models import Grant, User
from core.errors import RuleError


def trainers_at(site_id: int, now: datetime) -> sa.Select[tuple[User]]:
    """The accounts that teach at a workshop now, by name."""
    return (
        sa.select(User)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.role == Role.TRAINER, Grant.site_id == site_id, User.ended_at.is_(None),
               sa.or_(User.ends_at.is_(None), User.ends_at > now))
        .order_by(User.display_name, User.id)
    )  # fmt: skip


def check_trainer(session: DbSession, user_id: int | None, site_id: int, now: datetime) -> None:
    """Raises RuleError no_such_trainer when this account does not teach at the workshop; None may be."""
    if user_id is None:
        return
    found = trainers_at(site_id, now).where(User.id == user_id)
    if session.scalar(found) is None:
        raise RuleError("no_such_trainer")
