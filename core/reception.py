"""The door of the app: a request is received whole, then waits for one of a few places to be worked on.

granian reads a request's content in the thread that works on it and waits for it without an end, so
a handful of slow senders would hold every thread. It is therefore given many threads, which receive,
wait and send, and only SERVER_THREADS requests at a time are worked on: more would only take turns
and push each other's data out of the processor's caches. Who waits for a commit, or for the database
longer than a moment, gives its place to others: reading goes on while nobody can write.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from core.keepalive import watch_peers

# In environ: the status with which the app must refuse what did not arrive as it should.
REFUSED = "zhuhe.refused"

PIECE_BYTES = 16 * 1024
# More than this of one request's content is kept on the disk.
MEMORY_BYTES = 256 * 1024
MIB = 1024 * 1024
# Content that is too large, but not by more than this, is let run out: a browser that is cut off while
# it sends may show a broken connection instead of our answer.
DRAINED = 2
# Whoever waits longer than this for the database lets others work meanwhile.
MOMENT_S = 0.05
# Whoever waits for a place longer than this is let in beside the others, until so many times as many are in.
LONG_S = 0.1
CROWDED = 3

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Gate:
    """Lets so many in at a time, first come, first served; a few more where one waits too long.

    A page that takes seconds thus holds up nobody: few at a time are quick, but it must not be
    the same few for long.
    """

    def __init__(self, places: int) -> None:
        self._places, self._most = places, places * CROWDED
        self._inside = 0
        self._mutex = threading.Lock()
        self._waiting: deque[_Turn] = deque()

    def enter(self, wait_s: float) -> bool:
        """Take a place; False when none came free in time."""
        with self._mutex:
            if self._inside < self._places:
                self._inside += 1
                return True
            turn = _Turn()
            self._waiting.append(turn)
        if turn.came(min(LONG_S, wait_s)):
            return True
        if wait_s > LONG_S:
            with self._mutex:
                turn.is_late = True
                self._call()
            if turn.came(wait_s - LONG_S):
                return True
        with self._mutex:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it was called in the very moment

    def leave(self) -> None:
        """Give the place back, and call whoever waits longest."""
        with self._mutex:
            self._inside -= 1
            self._call()

    def _call(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            if self._inside >= (self._most if first.is_late else self._places):
                return
            self._waiting.popleft()
            self._inside += 1
            first.call()


class _Turn:
    """Somebody who waits at the gate. `is_late`: for too long."""

    def __init__(self) -> None:
        self.is_late = False
        self._lock = threading.Lock()
        self._lock.acquire()

    def call(self) -> None:
        self._lock.release()

    def came(self, wait_s: float) -> bool:
        """Whether it was called within so many seconds."""
        return self._lock.acquire(timeout=max(0.0, wait_s))


@dataclass(slots=True)
class _Visit:
    """One request on its way. `since`: its arrival, later when the database last gave way to it.

    `kept`: what one step of it left open for the next.
    """

    gate: Gate
    since: float
    has_place: bool = False
    kept: Any = None


_visit: ContextVar[_Visit | None] = ContextVar("visit", default=None)


def left_s(wait_s: float) -> float:
    """Seconds that the present request may still wait, of `wait_s` from its arrival; never negative.

    All of it outside a request, and again after each `begun`: a batch waits for each of its items.
    """
    visit = _visit.get()
    return wait_s if visit is None else max(0.0, visit.since + wait_s - time.monotonic())


def is_awaited() -> bool:
    """Whether somebody waits for an answer: not so in a worker or a command."""
    return _visit.get() is not None


def begun() -> None:
    """The database gave way: its next wait is a new one."""
    if visit := _visit.get():
        visit.since = time.monotonic()


def give_way() -> None:
    """Let another request have this one's place, for good: this one only waits."""
    visit = _visit.get()
    if visit is not None and visit.has_place:
        visit.has_place = False
        visit.gate.leave()


def keep(connection: Any) -> None:
    """Leave a connection open for the next step of this request; closed at its end if none takes it."""
    visit = _visit.get()
    if visit is None:
        connection.close()
    else:
        visit.kept = connection


def take_kept() -> Any:
    """What was left open; None when nothing was. Whoever takes it closes it."""
    visit = _visit.get()
    if visit is None:
        return None
    kept, visit.kept = visit.kept, None
    return kept


class Reception:
    """The WSGI layer around an app.

    places: requests worked on at a time. wait_s: longest wait for a place. most_bytes: content that
    is received at all. receive_s: time for it to arrive, and again for each MiB.
    """

    def __init__(
        self, app: App, *, places: int, wait_s: float, most_bytes: int, receive_s: float
    ) -> None:
        self._app = app
        self._gate = Gate(places)
        self._wait_s = wait_s
        self._most_bytes = most_bytes
        self._receive_s = receive_s
        self._watches_peers = False

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self._watches_peers:
            # Not before: the server opens its socket when the app is there.
            self._watches_peers = True
            watch_peers()
        with self._received(environ), self._visited() as visit:
            if not visit.has_place:
                environ.setdefault(REFUSED, 503)
            answer = self._app(environ, start_response)
            try:
                # In one piece, so that a slow reader holds neither a place nor a thread.
                return [b"".join(answer)]
            finally:
                if close := getattr(answer, "close", None):
                    close()

    @contextmanager
    def _visited(self) -> Iterator[_Visit]:
        visit = _Visit(self._gate, time.monotonic())
        visit.has_place = self._gate.enter(self._wait_s)
        token = _visit.set(visit)
        try:
            yield visit
        finally:
            # The place first: it must come free even if closing fails.
            give_way()
            _visit.reset(token)
            if visit.kept is not None:
                visit.kept.close()

    @contextmanager
    def _received(self, environ: Environ) -> Iterator[None]:
        """Take the request's content in; it is gone after the block."""
        declared = environ.get("CONTENT_LENGTH") or ""
        length = int(declared) if declared.isdecimal() else None
        if length == 0 or (length is None and "HTTP_TRANSFER_ENCODING" not in environ):
            yield
            return
        if length is not None and length > self._most_bytes:
            if length <= DRAINED * self._most_bytes:
                self._receive(environ["wsgi.input"], _Nowhere(), length)
            # The app refuses it by its declared length and reads nothing.
            environ["wsgi.input"] = BytesIO()
            yield
            return
        with self._store(length) as store:
            received, status = self._receive(environ["wsgi.input"], store, length)
            if status:
                environ[REFUSED] = status
            else:
                environ["CONTENT_LENGTH"] = str(received)
                environ.pop("HTTP_TRANSFER_ENCODING", None)
            store.seek(0)
            environ["wsgi.input"], environ["wsgi.input_terminated"] = store, True
            yield

    @staticmethod
    def _store(length: int | None) -> IO[bytes]:
        if length is not None and length <= MEMORY_BYTES:
            return BytesIO()
        return SpooledTemporaryFile(MEMORY_BYTES)

    def _receive(
        self, source: Any, store: "IO[bytes] | _Nowhere", length: int | None
    ) -> tuple[int, int | None]:
        """How much arrived, and the status to refuse it with: too slow, or cut off on the way."""
        began, received = time.monotonic(), 0
        # One byte more than may be shows that there is more.
        most = self._most_bytes + 1 if length is None else length
        while received < most:
            piece = source.read(min(PIECE_BYTES, most - received))
            if not piece:
                return received, None if length is None else 400
            store.write(piece)
            received += len(piece)
            allowed_s = self._receive_s * (1 + received / MIB)
            if received < most and time.monotonic() - began > allowed_s:
                return received, 408
        return received, None


class _Nowhere:
    """Where content goes that nobody will read."""

    def write(self, piece: bytes) -> None:
        pass
