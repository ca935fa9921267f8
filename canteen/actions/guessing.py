"""Card codes that belong to nobody: counted for each device, and too many of them slowed.

The counters are rows, so that a restart or another process forgives nothing. Known cards are never
slowed: whoever tries codes at a counter must not stop its queue. To keep the queue fast, a process
looks at the counter of a device only after that device sent it an unknown code.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from canteen.actions import statements as sql
from canteen.actions.records import exception_row
from canteen.actions.scan import ByCode, Scan
from canteen.models import CanteenException
from canteen.values import ExceptionKind
from core import audit
from core.access import Actor
from core.accounts.models import SignInFailure
from core.clock import service_day
from core.db import Moment, transaction, upsert
from core.privacy import blind_index
from core.writer import reading

log = structlog.get_logger("canteen")
WINDOW_S = 60
_COUNTER: Any = SignInFailure.__table__


def _key(by: Actor) -> str:
    who = f"device:{by.device_id}" if by.device_id is not None else f"user:{by.user_id}"
    return blind_index("unknown-codes", who)


def is_suspect(by: Actor) -> bool:
    """Whether this process has seen an unknown code from this device. Costs nothing."""
    seen: set[tuple[int | None, int | None]] = current_app.extensions.get(
        "canteen_unknown_codes", set()
    )
    return (by.device_id, by.user_id) in seen


def is_over(scan: Scan, by: Actor, now: datetime) -> bool:
    """Whether this scan is one unknown code too many. Never for a known card, nor for a repetition."""
    statement = sa.select(_COUNTER.c.failures).where(
        _COUNTER.c.key == _key(by), _COUNTER.c.first_at > now - timedelta(seconds=WINDOW_S)
    )
    with reading().connect() as connection:
        count = connection.execute(statement).scalar() or 0
        if count < current_app.config["UNKNOWN_CODES_PER_MINUTE"] or not isinstance(
            scan.who, ByCode
        ):
            return False
        known = sql.BY_CODE.first(connection, code_hash=scan.who.index)
        stored = connection.execute(sql.STORED, {"event_id": scan.id}).first()
    return known is None and stored is None


def note_unknown(scan: Scan, *, by: Actor, now: datetime) -> None:
    """Count an unknown code. The one that reaches the limit is put before a human, once a window."""
    current_app.extensions.setdefault("canteen_unknown_codes", set()).add(
        (by.device_id, by.user_id)
    )
    limit = current_app.config["UNKNOWN_CODES_PER_MINUTE"]
    with transaction() as session:
        insert = (
            postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        )
        fresh = insert(_COUNTER).values(key=_key(by), failures=1, first_at=now, wait_until=None)
        is_old = _COUNTER.c.first_at <= now - timedelta(seconds=WINDOW_S)
        # One statement, so that two of its codes at once are two.
        count = session.execute(
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
        if count != limit:
            return
        log.warning("scan.codes_guessed", device_id=by.device_id, user_id=by.user_id, count=count)
        event = {"id": scan.id, "person_id": None, "site_id": scan.site_id,
                 "day": service_day(now), "sitting": None}  # fmt: skip
        row = exception_row(
            event, ExceptionKind.UNKNOWN_CARD, {"reason": "codes_guessed", "count": count}, now
        )
        upsert(session, CanteenException, row, ["event_id", "kind"])
        audit.record(session, "device.codes_guessed", subject=f"device:{by.device_id}", by=by, now=now,
                     after={"count": count, "site_id": scan.site_id})  # fmt: skip
