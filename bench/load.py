"""Clients that only send and wait: `python -m bench.load PORT CLIENTS FILE` prints one line of JSON.

FILE holds pickled requests as bytes. One thread and raw sockets, because the load runs on the
server's own cores: an HTTP library would cost as much as the server, and threads would wait for
each other instead of for an answer.
"""

import json
import pickle
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

GIVE_UP_S = 30


class _Client:
    """One connection that is kept. All take what they send next from one pile.

    With a share each, the figures would be those of the slowest: the kernel deals connections out to the
    server's processes by chance, and the process with most of them would work on while the other rests.
    """

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_S)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._started = 0.0

    def send_next(self) -> bool:
        """Send another request; False when there is none left."""
        request = next(self._requests, None)
        if request is None:
            return False
        self._received = b""
        self._started = time.perf_counter()
        self.connection.sendall(request)
        return True

    def receive(self) -> tuple[int, float] | None:
        """Read on; status and seconds once the answer is whole."""
        piece = self.connection.recv(65536)
        now = time.perf_counter()
        if not piece:
            raise ConnectionError("the server closed the connection")
        self._received += piece
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return None
        return int(head[9:12]), now - self._started


def _length(head: bytes) -> int:
    at = head.lower().index(b"\r\ncontent-length:") + 17
    return int(head[at:].split(b"\r\n", 1)[0])


def main() -> None:
    port, clients = int(sys.argv[1]), int(sys.argv[2])
    requests: list[bytes] = pickle.loads(Path(sys.argv[3]).read_bytes())
    times: list[float] = []
    failed: list[str] = []
    waiting = selectors.DefaultSelector()
    pile = iter(requests)
    crowd = [_Client(port, pile) for _ in range(clients)]
    started = time.perf_counter()
    for client in crowd:
        if client.send_next():
            waiting.register(client.connection, selectors.EVENT_READ, client)
    while waiting.get_map():
        ready = waiting.select(GIVE_UP_S)
        if not ready:
            break
        for key, _events in ready:
            answer = key.data.receive()
            if answer is None:
                continue
            status, seconds = answer
            times.append(seconds)
            if status != 201:
                failed.append(str(status))
            if not key.data.send_next():
                waiting.unregister(key.fileobj)
    seconds = time.perf_counter() - started
    failed += ["lost"] * (len(requests) - len(times))
    for client in crowd:
        client.connection.close()
    print(json.dumps({"seconds": seconds, "times": times, "failed": failed}))


if __name__ == "__main__":
    main()
