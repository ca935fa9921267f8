"""Guesses counted for each guesser within a window of time: card codes at a counter, codes of reports.

The counters are rows, so that a restart or another process forgives nothing.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.accounts.models import SignInFailure
from core.db import Moment
from core.privacy import blind_index

WINDOW_S = 60
_COUNTER: Any = SignInFailure.__table__


def key_of(purpose: str, who: str) -> str:
    """The key of a guesser's counter; the row does not tell who it is."""
    return blind_index(purpose, who)


def counted(connection: sa.Connection | Session, key: str, now: datetime) -> int:
    """How many wrong guesses stand in the window."""
    statement = sa.select(_COUNTER.c.failures).where(
        _COUNTER.c.key == key, _COUNTER.c.first_at > now - timedelta(seconds=WINDOW_S)
    )
    return connection.execute(statement).scalar() or 0


def count(session: Session, key: str, now: datetime) -> int:
    """Count one more, in the transaction at hand; returns how many there are now."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(_COUNTER).values(key=key, failures=1, first_at=now, wait_until=None)
    is_old = _COUNTER.c.first_at <= now - timedelta(seconds=WINDOW_S)
    # One statement, so that two guesses at once are two.
    return int(
        session.execute(
            fresh.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": sa.case((is_old, 1), else_=_COUNTER.c.failures + 1),
                    "first_at": sa.case(
                        (is_old, sa.literal(now, Moment())), else_=_COUNTER.c.first_at
                    ),
                },
            ).returning(_COUNTER.c.failures)
        ).scalar_one()
    )
