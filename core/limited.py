"""Runs a script alone in a child process with limits, for files that nobody should trust.

The script imports nothing of the application, reads the file from its input and answers on its
output; a file that breaks its reader breaks only this. This module is its own first line there: it
sets the limits and hands over.
"""

import os
import runpy
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_NEEDED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP")
_OUT_OF_TIME = getattr(signal, "SIGXCPU", None)  # Windows has none


@dataclass(frozen=True)
class Limits:
    """What one run may take."""

    memory_bytes: int
    cpu_s: int
    timeout_s: float


class TooSlow(Exception):
    """The script was ended because it took too long."""


def run(script: Path, content: bytes, limits: Limits, *args: str) -> tuple[int, bytes]:
    """Exit code and output of a script that was given `content`. Raises TooSlow.

    Running out of memory ends a script by a signal or an exception; both give a code that is not 0.
    """
    command = [sys.executable, "-I", __file__, str(limits.memory_bytes), str(limits.cpu_s),
               str(script), *args]  # fmt: skip
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=limits.timeout_s, env=_bare()
        )
    except subprocess.TimeoutExpired:
        raise TooSlow from None
    if _OUT_OF_TIME is not None and done.returncode == -_OUT_OF_TIME:
        raise TooSlow
    return done.returncode, done.stdout


def _bare() -> dict[str, str]:
    """An environment without our settings: no address of a database for a file that breaks out."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


def _set(memory_bytes: int, cpu_s: int) -> None:
    """Let the kernel end this process before it takes the machine's memory or time."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    _set(int(sys.argv[1]), int(sys.argv[2]))
    sys.argv = sys.argv[3:]
    runpy.run_path(sys.argv[0], run_name="__main__")
