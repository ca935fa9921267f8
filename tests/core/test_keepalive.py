"""Signs of life are asked for where this process serves, and nowhere else."""

import socket
import sys

import pytest

from core.keepalive import OPTIONS, watch_peers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no list of open files")


def options(found: socket.socket) -> dict[str, int]:
    return {name: found.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in OPTIONS}


def is_watched(found: socket.socket) -> bool:
    kept = found.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    return kept and options(found) == OPTIONS


def test_connections_accepted_before_and_after_are_watched_and_outgoing_ones_are_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as out, server.accept()[0] as before:
            assert watch_peers() >= 2
            with socket.create_connection(address), server.accept()[0] as after:
                assert is_watched(before) and is_watched(after)
            assert not is_watched(out)
            # What belongs to others stays open and usable.
            out.sendall(b"still here")
            assert before.recv(20) == b"still here"
