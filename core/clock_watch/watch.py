"""Notices that the clock was moved, and keeps it in the log until somebody has checked it.

A moved clock is noticed by comparing it with the seconds since the machine was started, which nobody
can move. Each move is an entry `clock.moved` of the log, each look after one an entry `clock.checked`
about it; a move without one is open. So nothing here depends on the order of moments.
"""

import socket
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import Flask, current_app

from core import audit, clock
from core.access import SYSTEM, Actor
from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import Busy
from core.jobs.sweeps import sweep

log = structlog.get_logger("clock")

MOVED, CHECKED = "clock.moved", "clock.checked"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Of the newest entries about the clock: there are two for each time that it was moved.
LOOK_BACK = 100


def since_start_s() -> float:
    """Seconds since the machine was started, asleep or not."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def this_machine() -> str:
    """This machine since it was last started."""
    start = _BOOT_ID.read_text()[:8] if _BOOT_ID.exists() else "0"
    return f"{socket.gethostname()[:60]}-{start}"


@dataclass(frozen=True)
class Move:
    """The clock was moved by so many seconds (forward when positive); `at` is what it showed afterwards."""

    id: uuid.UUID
    at: datetime
    moved_s: int


class Watch:
    """One process's memory of how far the clock is ahead of the seconds since the start."""

    def __init__(self) -> None:
        self.ahead_s = clock.now().timestamp() - since_start_s()


def init_app(app: Flask) -> None:
    """Look at the clock before each request."""
    app.extensions["zhuhe_clock"] = Watch()
    app.before_request(_look_before_request)


def _look_before_request() -> None:
    look(clock.now())


@sweep()
def look_at_clock(now: datetime) -> int:
    """The same while nobody asks for anything."""
    return int(look(now))


def look(now: datetime) -> bool:
    """Whether the clock was moved since the last look; then it is kept, at the next look if not at this."""
    if clock.is_held():
        return False  # a story that is told of another time
    watch: Watch = current_app.extensions["zhuhe_clock"]
    ahead_s = now.timestamp() - since_start_s()
    moved_s = ahead_s - watch.ahead_s
    if abs(moved_s) > current_app.config["CLOCK_SUSPECT_S"]:
        log.error("clock.moved", moved_s=round(moved_s))
        try:
            _keep(round(ahead_s / 60), round(moved_s), now)
        except (Busy, sa.exc.DBAPIError):
            log.warning("clock.not_kept", exc_info=True)
            return False
        watch.ahead_s = ahead_s
        return True
    # What is corrected by and by is no move.
    watch.ahead_s = ahead_s
    return False


def _keep(ahead_min: int, moved_s: int, now: datetime) -> None:
    machine = this_machine()
    with transaction() as session:
        # Each process of a machine notices the same move.
        known = [_parts(entry) for entry in _open_entries()]
        if any(where == machine and abs(ahead - ahead_min) <= 1 for where, ahead, _ in known):
            return
        audit.record(session, MOVED, subject=f"clock:{machine}:{ahead_min}:{moved_s}", by=SYSTEM,
                     now=now, after={"moved_s": moved_s})  # fmt: skip


def _parts(entry: AuditEntry) -> tuple[str, int, int]:
    """Machine, minutes ahead of its start, and seconds moved, as the subject of a move has them."""
    machine, ahead_min, moved_s = entry.subject.removeprefix("clock:").rsplit(":", 2)
    return machine, int(ahead_min), int(moved_s)


def _open_entries() -> list[AuditEntry]:
    entries = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.action.in_((MOVED, CHECKED)))
        .order_by(AuditEntry.id.desc())
        .limit(LOOK_BACK)
    ).all()
    checked = {entry.subject for entry in entries if entry.action == CHECKED}
    return [e for e in entries if e.action == MOVED and f"clock:{e.id}" not in checked]


def open_moves() -> list[Move]:
    """Moves of the clock that nobody has looked after."""
    return [Move(entry.id, entry.at, _parts(entry)[2]) for entry in _open_entries()]


def check_moves(reason: str, *, by: Actor, now: datetime) -> int:
    """Somebody has compared the clock with another and found it right; returns how many moves that closed.

    reason: what was done about it.
    """
    with transaction() as session:
        entries = _open_entries()
        for entry in entries:
            audit.record(
                session, CHECKED, subject=f"clock:{entry.id}", by=by, now=now, reason=reason
            )
    return len(entries)
