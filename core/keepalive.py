"""Clients that are gone without a word: a tablet out of the radio's reach never closes its connection.

The web server asks the kernel for no sign of life, so a request whose content stopped half-way would
hold its thread until the next start. Connections inherit these options from the socket that accepts them.
"""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# Silent for so long, then asked so often at such intervals: gone after a minute.
OPTIONS = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
_OPEN_FILES = Path("/proc/self/fd")


def watch_peers() -> int:
    """Ask for signs of life on the sockets at which this process serves; returns on how many.

    Does nothing where the system has no such list of open files (Windows, macOS).
    """
    ports = {each.getsockname()[1] for each in _sockets() if _listens(each)}
    count = 0
    for each in _sockets():
        if each.getsockname()[1] in ports:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in OPTIONS.items():
                each.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
            count += 1
    return count


def _sockets() -> Iterator[socket.socket]:
    """The TCP sockets of this process, each open only while it is looked at."""
    if not _OPEN_FILES.exists():
        return
    for name in os.listdir(_OPEN_FILES):
        # Another thread may close it meanwhile.
        with suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(name))) as found:
                is_tcp = found.type == socket.SOCK_STREAM
                if is_tcp and found.family in (socket.AF_INET, socket.AF_INET6):
                    yield found


def _listens(found: socket.socket) -> bool:
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
