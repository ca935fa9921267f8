"""Scans through the real server against the floor, on both engines and on a slow disk."""

import contextlib
import json
import os
import pickle
import signal
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time as clock_time
from datetime import timedelta
from pathlib import Path

from bench.served import DAY
from bootstrap import server_command
from core import clock
from core.config import ROOT
from tests import postgres

CLIENTS = (1, 4, 16)
REQUESTS = {1: 300, 4: 600, 16: 1600}
SITTINGS = (clock_time(7, 30), clock_time(11, 30), clock_time(17, 30))
SLOW_SYNC_US = 5000
SCAN, FLOOR = "/api/canteen/scans", "/bench/floor"


@dataclass(frozen=True)
class Run:
    """One run: scans a second, and milliseconds at three ranks."""

    per_second: float
    p50: float
    p95: float
    p99: float
    failed: int


@dataclass
class House:
    """A prepared instance: its environment, a device's token, and scans nobody has sent yet."""

    env: dict[str, str]
    token: str
    scans: Iterator[dict[str, object]]
    sample: dict[str, object]


def prepare(folder: Path, url: str = "") -> House:
    """An instance with the demo's 400 diners and no meals. url: PostgreSQL, or SQLite when empty."""
    env = {
        **os.environ,
        "ZHUHE_INSTANCE": str(folder),
        "ZHUHE_DATABASE_URL": url,
        "ZHUHE_SCAN_MAX_AGE_DAYS": "4000",
        "ZHUHE_CLOCK_SUSPECT_S": "400000000",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "bench.house", DAY.isoformat()]
    answer = subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    told = json.loads(answer.stdout.splitlines()[-1])
    scans = _scans(told["codes"])
    return House(env, told["token"], scans, next(scans))


def _scans(codes: list[list[str]]) -> Iterator[dict[str, object]]:
    """Each diner once in each sitting of the month so far: every one of them is served."""
    for ago in range(1, DAY.day):
        for sitting in SITTINGS:
            at = clock.moment_of(DAY - timedelta(days=ago), sitting).isoformat()
            for site, code in codes:
                yield {"id": str(uuid.uuid4()), "code": code, "site": site, "scanned_at": at,
                       "acknowledged": True}  # fmt: skip


@contextlib.contextmanager
def served(house: House, extra: dict[str, str] | None = None) -> Iterator[int]:
    """The product's own server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = server_command(
        sys.executable, "bench.served:create_app", host="127.0.0.1", port=port,
        SERVER_WORKERS=house.env.get("ZHUHE_SERVER_WORKERS", "2"),
    )  # fmt: skip
    server = subprocess.Popen(
        command, env={**house.env, **(extra or {})}, cwd=ROOT, start_new_session=True
    )
    try:
        _wait_until_answering(port)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(15)


def _wait_until_answering(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), 1) as probe,
        ):
            probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            if b" 200 " in probe.recv(100):
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer within 30 s")


def measure(house: House, port: int, path: str, clients: int, folder: Path) -> Run:
    """One run of one route with so many clients."""
    file = folder / "requests.pickle"
    file.write_bytes(pickle.dumps([
        _request(path, house.token, _content(house, path)) for _ in range(REQUESTS[clients])
    ]))  # fmt: skip
    command = [sys.executable, "-m", "bench.load", str(port), str(clients), str(file)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    told = json.loads(answer.stdout)
    ranks = statistics.quantiles(told["times"], n=100)
    return Run(len(told["times"]) / told["seconds"], ranks[49] * 1000, ranks[94] * 1000,
               ranks[98] * 1000, len(told["failed"]))  # fmt: skip


def _content(house: House, path: str) -> dict[str, object]:
    """A scan nobody has sent; for the floor, which looks at nothing in it, one is as good as another."""
    if path == SCAN:
        return next(house.scans)
    return {**house.sample, "id": str(uuid.uuid4())}


def _request(path: str, token: str, scan: dict[str, object]) -> bytes:
    body = json.dumps(scan).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def median(runs: list[Run]) -> Run:
    """The median of each figure; failures are added up."""
    return Run(
        *(statistics.median(getattr(run, name) for run in runs) for name in ("per_second", "p50", "p95", "p99")),
        failed=sum(run.failed for run in runs),
    )  # fmt: skip


def compare(name: str, house: House, folder: Path, rounds: int) -> None:
    """Scans and floor in turns; prints the medians and their ratios."""
    routes = {"floor": FLOOR, "scan": SCAN}
    with served(house) as port:
        for path in routes.values():  # warm both up
            measure(house, port, path, 1, folder)
        for clients in CLIENTS:
            runs: dict[str, list[Run]] = {label: [] for label in routes}
            for _ in range(rounds):
                for label, path in routes.items():
                    runs[label].append(measure(house, port, path, clients, folder))
            floor, scan = median(runs["floor"]), median(runs["scan"])
            for label, run in (("floor", floor), ("scan", scan)):
                print(f"{name:<11}{clients:>3} clients  {label:<6}{run.per_second:8.0f}/s   p50 {run.p50:7.2f}   "
                      f"p95 {run.p95:7.2f}   p99 {run.p99:7.2f} ms   failed {run.failed}")  # fmt: skip
            print(f"{'':<26}ratio {scan.per_second / floor.per_second:8.2f}     p50 {scan.p50 / floor.p50:7.2f}"
                  f"   {'':<11}   p99 {scan.p99 / floor.p99:7.2f}      p99/p50 {scan.p99 / scan.p50:.2f}",
                  flush=True)  # fmt: skip


def slow_disk(house: House, folder: Path, rounds: int) -> None:
    """SQLite when each sync takes 5 ms more: what group commit is for."""
    library = folder / "slow_sync.so"
    source = ROOT / "bench" / "slow_sync.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    extra = {"LD_PRELOAD": str(library), "SLOW_SYNC_US": str(SLOW_SYNC_US)}
    with served(house, extra) as port:
        results = {}
        for clients in (1, 16):
            runs = [measure(house, port, SCAN, clients, folder) for _ in range(rounds)]
            results[clients] = median(runs)
            run = results[clients]
            print(f"slow disk  {clients:>3} clients  scan  {run.per_second:8.0f}/s   p50 {run.p50:7.2f}   "
                  f"p99 {run.p99:7.2f} ms   failed {run.failed}")  # fmt: skip
        print(
            f"{'':<26}ratio {results[16].per_second / results[1].per_second:8.2f}  (16 clients to 1)",
            flush=True,
        )


def postgresql_url() -> str:
    """A fresh database on a PostgreSQL that syncs."""
    return postgres.create_database("bench", durable=True)
