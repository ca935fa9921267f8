"""Card codes that belong to nobody: counted for each device, and too many of them slowed.

Known cards are never slowed: whoever tries codes at a counter must not stop its queue. To keep the
queue fast, a process looks at the counter of a device only after that device sent it an unknown code.
"""

from datetime import datetime

import structlog
from flask import current_app

from canteen.actions import statements as sql
from canteen.actions.records import exception_row
from canteen.actions.scan import ByCode, Scan
from canteen.models import CanteenException
from canteen.values import ExceptionKind
from core import audit, guessing
from core.access import Actor
from core.clock import service_day
from core.db import transaction, upsert
from core.writer import reader

log = structlog.get_logger("canteen")
WINDOW_S = guessing.WINDOW_S


def _key(by: Actor) -> str:
    who = f"device:{by.device_id}" if by.device_id is not None else f"user:{by.user_id}"
    return guessing.key_of("unknown-codes", who)


def is_suspect(by: Actor) -> bool:
    """Whether this process has seen an unknown code from this device. Costs nothing."""
    seen: set[tuple[int | None, int | None]] = current_app.extensions.get(
        "canteen_unknown_codes", set()
    )
    return (by.device_id, by.user_id) in seen


def is_over(scan: Scan, by: Actor, now: datetime) -> bool:
    """Whether this scan is one unknown code too many. Never for a known card, nor for a repetition."""
    with reader() as connection:
        count = guessing.counted(connection, _key(by), now)
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
        count = guessing.count(session, _key(by), now)
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
