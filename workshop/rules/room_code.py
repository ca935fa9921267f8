"""The code that is shown in a room: six digits that change with time, so that none can be passed on.

Pure functions of a key, a session and a moment. A code is good for the step of time in which it is
shown and for the one after it, because it takes a while to type.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

DIGITS = 6


def step_of(moment: datetime, step_s: int) -> int:
    """The number of the step of time that a moment falls into. step_s: its length, whole seconds from 1."""
    return int(moment.timestamp()) // step_s


def code_at(key: bytes, session_id: int, step: int) -> str:
    """The six digits of one session in one step."""
    digest = hmac.digest(key, b"%d:%d" % (session_id, step), "sha256")
    # 256 bits folded into 20: the bias towards small numbers is below one in 10^70.
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}d}"


def current(key: bytes, session_id: int, now: datetime, step_s: int) -> str:
    """The code to be shown now."""
    return code_at(key, session_id, step_of(now, step_s))


def seconds_left(now: datetime, step_s: int) -> int:
    """How long the code of now is still shown: 1 to step_s."""
    return step_s - int(now.timestamp()) % step_s


def is_good(key: bytes, session_id: int, code: str, now: datetime, step_s: int) -> bool:
    """Whether a typed code is that of now or the one before it."""
    step = step_of(now, step_s)
    return any(hmac.compare_digest(code, code_at(key, session_id, n)) for n in (step, step - 1))


def was_shown(
    key: bytes, session_id: int, code: str, shown_from: datetime, shown_until: datetime, step_s: int
) -> bool:
    """Whether this was the session's code at some time between two moments, at most a day apart."""
    return code in _between(key, session_id, shown_from, shown_until, step_s)


def _between(
    key: bytes, session_id: int, shown_from: datetime, shown_until: datetime, step_s: int
) -> Iterator[str]:
    until = min(shown_until, shown_from + timedelta(days=1))
    for step in range(step_of(shown_from, step_s), step_of(until, step_s) + 1):
        yield code_at(key, session_id, step)


def read_code(typed: str) -> str | None:
    """The six digits that somebody typed, full-width ones, blanks and dashes folded; None for anything else."""
    digits = "".join(
        str(ord(c) - 0xFF10) if "０" <= c <= "９" else c
        for c in typed
        if not c.isspace() and c not in "-－—–·"
    )
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else None
