"""Slow, huge and many-field requests: 408 or 413, and whoever sends properly does not notice."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.canteen.programs import SCANS
from tests.faults.real_server import Answer, Server, wait_until

pytestmark = pytest.mark.faults
MIB = 1024 * 1024
SLOW = 20


def head(server: Server, path: str, length: int | None, kind: str = "application/json") -> bytes:
    """The head of a POST; without a length its content comes in chunks."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {kind}\r\n"
        f"Authorization: {server.canteen.token}\r\n{size}\r\n\r\n"
    ).encode()


def status_of(connection: socket.socket) -> int:
    """The status of the answer that comes next; 0 when the connection ends without one."""
    line = connection.recv(4096)
    return int(line[9:12]) if line else 0


@contextmanager
def connected(server: Server, count: int, first: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many connections, each with the same first bytes sent."""
    clients: list[socket.socket] = []
    try:
        for _ in range(count):
            clients.append(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            clients[-1].sendall(first)
        yield clients
    finally:
        for client in clients:
            client.close()


def post(server: Server, content: bytes, kind: str, path: str = "/sign-in") -> int:
    """The status of the answer to a whole form; sending may be cut short by it."""
    with connected(server, 1, head(server, path, len(content), kind)) as [client]:
        with contextlib.suppress(OSError):  # refused while it was still being sent
            client.sendall(content)
        return status_of(client)


def serve_some(server: Server, count: int = 3) -> list[Answer]:
    return [server.scan(item) for item in server.canteen.take(count)]


def workers_memory_kib(server: Server) -> list[int]:
    """The most memory that each process of the server ever used."""
    assert server.process is not None
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            if int(lines["NSsid"].split()[0]) == server.process.pid:
                found.append(int(lines["VmHWM"].split()[0]))
        except (OSError, KeyError):
            continue  # it has ended meanwhile
    return found


def test_twenty_slow_clients_of_every_kind_hold_up_nobody(server: Server) -> None:
    server.start()
    [item] = server.canteen.take(1)
    content = json.dumps(item).encode()
    half_head = head(server, SCANS, len(content))[:40]
    half_body = head(server, SCANS, len(content)) + content[:20]
    chunk = head(server, SCANS, None) + b'5\r\n{"id"\r\n'
    with (
        connected(server, SLOW),
        connected(server, SLOW, half_head),
        connected(server, SLOW, half_body) as half_way,
        connected(server, SLOW, chunk),
    ):
        time.sleep(0.5)  # all of them are being waited for
        answers = [*serve_some(server), server.get("/api/canteen/roster?site=one")]
        assert [answer.status for answer in answers] == [201, 201, 201, 200]
        assert max(answer.seconds for answer in answers) < 1
        # Slow is not wrong: what arrives in the end is served.
        half_way[0].sendall(content[20:])
        assert status_of(half_way[0]) == 201


def test_twenty_slow_readers_of_large_files_hold_up_nobody(server: Server) -> None:
    server.start()
    font = "static/fonts/NotoSansSC_400Regular.ttf"
    request = f"GET /{font} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    with connected(server, SLOW, request) as readers:
        time.sleep(0.5)
        answers = serve_some(server)
        assert [answer.status for answer in answers] == [201] * 3
        assert max(answer.seconds for answer in answers) < 1
        assert {status_of(reader) for reader in readers} == {200}


def watched(server: Server) -> dict[int, bool]:
    """For each connection that the server has: the client's port, and whether its silence is timed."""
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, _, timer, *_ = line.split()
        if int(local.split(":")[1], 16) == server.port and state == "01":
            found[int(remote.split(":")[1], 16)] = timer.startswith("02:")
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the kernel's own table")
def test_clients_that_vanish_without_a_word_are_looked_after(server: Server) -> None:
    server.start()
    for _ in range(8):  # each worker has served something
        server.get("/healthz")
    half = head(server, SCANS, 100) + b"half"
    with connected(server, SLOW, half) as clients:
        time.sleep(0.5)
        seen = watched(server)
        ports = [client.getsockname()[1] for client in clients]
        assert [seen[port] for port in ports] == [True] * SLOW


def test_content_that_arrives_too_slowly_is_answered_with_408(server: Server) -> None:
    server.env = {"ZHUHE_RECEIVE_S": "1"}
    server.start()
    length = MIB
    with connected(server, 1, head(server, SCANS, length)) as [client]:
        began = time.monotonic()
        client.setblocking(False)
        answered: list[int] = []

        def trickle() -> bool:
            try:
                client.send(b" " * 8192)
                time.sleep(0.05)
                answered.append(status_of(client))
            except BlockingIOError:
                return False
            return True

        wait_until(trickle, 10)
    assert answered == [408]
    assert 1 < time.monotonic() - began < 4


def test_heads_that_never_end_and_connections_without_a_word_are_closed(server: Server) -> None:
    server.words = "--http1-header-read-timeout 1000"
    server.start()
    with (
        connected(server, 2, b"POST /sign-in HTTP/1.1\r\nHost: a\r\nX-Slow: ") as begun,
        connected(server, 2) as silent,
    ):
        assert [client.recv(100) for client in begun + silent] == [b""] * 4


def test_200_mib_are_refused_with_413_and_never_held(server: Server) -> None:
    server.start()
    assert post(server, b"a=b", "application/x-www-form-urlencoded") == 200
    before = workers_memory_kib(server)
    for kind, path in (
        ("application/x-www-form-urlencoded", "/sign-in"),
        ("multipart/form-data; boundary=x", "/sign-in"),
        ("application/json", SCANS),
    ):
        assert post(server, b"a" * 200 * MIB, kind, path) == 413
        assert post(server, b"a" * 20 * MIB, kind, path) == 413
    with connected(server, 1, head(server, SCANS, None)) as [client]:
        with contextlib.suppress(OSError):
            for _ in range(80):  # more than the largest request, papers included
                client.sendall(b"100000\r\n" + b" " * MIB + b"\r\n")
        assert status_of(client) == 413
    after = workers_memory_kib(server)
    assert len(after) == len(before) >= 3
    assert max(after) - max(before) < 60 * 1024, (before, after)
    assert {answer.status for answer in serve_some(server)} == {201}


def test_ten_thousand_fields_are_refused_with_413(server: Server) -> None:
    server.start()
    many = "&".join(f"field{n}=1" for n in range(10_000)).encode()
    part = b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
    assert post(server, many, "application/x-www-form-urlencoded") == 413
    assert post(server, part * 10_000 + b"--x--\r\n", "multipart/form-data; boundary=x") == 413
    assert {answer.status for answer in serve_some(server)} == {201}


def test_heads_of_many_fields_or_endless_addresses_are_refused(server: Server) -> None:
    server.start()
    many = "".join(f"X-{n}: 1\r\n" for n in range(500))
    for first in (
        f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n{many}\r\n",
        f"GET /healthz?{'a' * 100_000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ):
        with connected(server, 1, first.encode()) as [client]:
            assert status_of(client) in (400, 414, 431)
    assert {answer.status for answer in serve_some(server)} == {201}
