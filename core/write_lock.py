"""The queue before SQLite's single writer: one lock for the threads and processes of a machine.

SQLite itself only polls for its write lock, so under load an unlucky writer waits while others
overtake it (p99 667 ms at 16 clients; with this lock 45 ms). What is queued here is only who may
begin; SQLite's own lock still guards the file.

Whoever waits longer than a moment gives its place in the server to requests that only read. Once the
lock could not be had for a whole wait, one request after the other tries it for a moment and all the
rest are told at once to come again, until somebody gets it: nobody waits a whole time anew.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Busy
from core.reception import MOMENT_S, begun, give_way, is_awaited, left_s

if sys.platform != "win32":  # there: one process only, the thread lock is enough
    import fcntl

# How long a lock that is known to be kept is tried, and SQLite's own before others may work meanwhile.
TRY_S = 0.25


class WriteLock:
    """A lock file beside the database. Bounded wait; dies with its process."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self._threads = threading.Lock()
        self._file: int | None = None
        self._owner_pid: int | None = None
        self._is_stuck = False

    def patience_s(self) -> float:
        """How long whoever comes now may wait, in seconds."""
        left = left_s(self.timeout_s)
        if not (self._is_stuck and is_awaited()):
            return left
        return 0.0 if self._threads.locked() else min(TRY_S, left)

    @contextmanager
    def hold(self) -> Iterator[float]:
        """Hold the lock; yields until when (monotonic) to wait for SQLite's own. Raises Busy when late."""
        deadline = time.monotonic() + self.patience_s()
        self._wait_for_other_threads(deadline)
        try:
            descriptor = self._descriptor()
            self._wait_for_other_processes(descriptor, deadline)
            try:
                yield deadline
            finally:
                if sys.platform != "win32":
                    fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def had(self) -> None:
        """SQLite let the holder begin."""
        self._is_stuck = False
        begun()

    def missed(self) -> Busy:
        """The wait was in vain; returns what to raise."""
        self._is_stuck = True
        return Busy()

    def _wait_for_other_threads(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if self._threads.acquire(timeout=max(0.0, min(MOMENT_S, left))):
            return
        give_way()
        if not self._threads.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise self.missed()

    def _descriptor(self) -> int:
        # A forked child shares its parent's open file and with it the lock: it opens its own.
        if self._file is None or self._owner_pid != os.getpid():
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._owner_pid = os.getpid()
        return self._file

    def _wait_for_other_processes(self, descriptor: int, deadline: float) -> None:
        if sys.platform == "win32":
            return
        pause_s, is_patient_until = 0.0001, time.monotonic() + MOMENT_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                now = time.monotonic()
                if now >= deadline:
                    raise self.missed() from None
                if now > is_patient_until:
                    give_way()
                # Waiting is polled because a blocking flock cannot time out.
                time.sleep(pause_s)
                pause_s = min(pause_s * 1.5, 0.002)
