"""Reads files that nobody trusts in a child process with limits of memory and time.

Run as a script, this file sets the limits and then runs another one: `python -I limited.py MEMORY CPU
SCRIPT …`. Nothing of the app is imported there, so a file that breaks its reader breaks only that.
"""

import os
import runpy
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_NEEDED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP")


@dataclass(frozen=True)
class Limits:
    """What one child may take: address space, processor time, and time on the wall."""

    memory_bytes: int
    cpu_s: int
    timeout_s: float


@dataclass(frozen=True)
class Ended:
    """How a child ended. code: what the script returned, or negative for the signal that killed it."""

    code: int
    output: bytes
    is_slow: bool


def run(script: Path, content: bytes, *arguments: object, limits: Limits) -> Ended:
    """Run a script on this content (its standard input) and wait for what it writes."""
    command = [
        sys.executable, "-I", __file__, str(limits.memory_bytes), str(limits.cpu_s), str(script),
        *map(str, arguments),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=limits.timeout_s, env=_bare()
        )
    except subprocess.TimeoutExpired:
        return Ended(-9, b"", True)
    is_slow = sys.platform != "win32" and done.returncode == -signal.SIGXCPU
    return Ended(done.returncode, done.stdout, is_slow)


def _bare() -> dict[str, str]:
    """An environment without our settings: no address of a database for a file that breaks out."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


def _limit(memory_bytes: int, cpu_s: int) -> None:
    """Let the kernel end this process before it takes the machine's memory or time."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit and size check remain
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    _limit(int(sys.argv[1]), int(sys.argv[2]))
    sys.argv = sys.argv[3:]
    runpy.run_path(sys.argv[0], run_name="__main__")
