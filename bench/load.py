"""Clients that only send and wait: `python -m bench.load PORT CLIENTS FILE` prints one line of JSON.

FILE holds pickled requests as bytes. Raw sockets, because the load runs on the server's own cores
and an HTTP client library would cost as much as the server.
"""

import json
import pickle
import socket
import sys
import threading
import time
from pathlib import Path


def _client(port: int, requests: list[bytes], times: list[float], failures: list[str]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            started = time.perf_counter()
            connection.sendall(request)
            status = _answer(connection)
            times.append(time.perf_counter() - started)
            if status != 201:
                failures.append(str(status))


def _answer(connection: socket.socket) -> int:
    """Read one answer with a Content-Length to its end; returns its status."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += _some(connection)
    return int(head[9:12])


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the server closed the connection")
    return piece


def main() -> None:
    port, clients = int(sys.argv[1]), int(sys.argv[2])
    requests: list[bytes] = pickle.loads(Path(sys.argv[3]).read_bytes())
    times: list[float] = []
    failures: list[str] = []
    threads = [
        threading.Thread(target=_client, args=(port, requests[n::clients], times, failures))
        for n in range(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    lost = len(requests) - len(times)
    print(json.dumps({"seconds": seconds, "times": times, "failed": failures + ["lost"] * lost}))


if __name__ == "__main__":
    main()
