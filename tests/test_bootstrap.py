"""The two commands: what they tell a machine that lacks something, and how they stop."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).parent.parent
NEEDS = [
    bootstrap.Need("pdf", lambda: None, "libpango-1.0-0 pango pango"),
    bootstrap.Need("pdf", lambda: None, "libharfbuzz-subset0 harfbuzz harfbuzz"),
]

# As in a terminal: a shell that runs the tests in the background makes its children deaf to Ctrl-C.
SUPERVISOR = """
import signal, sys, bootstrap
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, bootstrap.interrupt)
bootstrap.START_TIMEOUT_S = 20
bootstrap.STOP_TIMEOUT_S = float(sys.argv[3])
commands = {"worker": [sys.executable, "-c", sys.argv[1]], "server": [sys.executable, "-c", sys.argv[2]]}
raise SystemExit(bootstrap.supervise(commands, lambda: True, "ready"))
"""
STAYS = "import time; print('up', flush=True); time.sleep(60)"
ENDS = "import time; time.sleep(0.3); raise SystemExit(3)"
IS_DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAYS}"


def only(monkeypatch: pytest.MonkeyPatch, *programs: str, root: bool = False) -> None:
    """Pretend that these programs and no others are installed."""
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: name if name in programs else None)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0 if root else 1000)


@pytest.mark.parametrize(
    ("programs", "root", "line"),
    [
        (["apt-get"], True, "apt-get install -y libpango-1.0-0 libharfbuzz-subset0"),
        (["apt-get"], False, "sudo apt-get install -y libpango-1.0-0 libharfbuzz-subset0"),
        (["dnf"], False, "sudo dnf install -y pango harfbuzz"),
        (["brew"], False, "brew install pango harfbuzz"),
        ([], False, "libpango-1.0-0 libharfbuzz-subset0"),
    ],
)
def test_one_line_installs_everything_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, programs: list[str], root: bool, line: str
) -> None:
    only(monkeypatch, *programs, root=root)
    assert " ".join(bootstrap.install_line(NEEDS)) == line


def test_nothing_is_installed_without_the_right_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    only(monkeypatch, "apt-get")
    monkeypatch.setattr(bootstrap, "NEEDS", NEEDS)
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: pytest.fail("ran something"))
    with pytest.raises(SystemExit) as ended:
        bootstrap.require(bootstrap.install_on_system("pdf"))
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert "    sudo apt-get install -y libpango-1.0-0 libharfbuzz-subset0\n" in error


def test_a_taken_port_is_answered_with_the_line_that_mends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit):
            bootstrap.refuse_taken_port("127.0.0.1", port)
    assert f"python3 bootstrap.py run --port {port + 1}" in capsys.readouterr().err


def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHUHE_SERVER_WORKERS", "two")
    with pytest.raises(SystemExit):
        bootstrap.settings()
    assert "server_workers" in capsys.readouterr().err


def test_a_machine_whose_sqlite_loses_data_is_sent_to_postgresql(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    bootstrap.refuse_arm("postgresql+psycopg://zhuhe@db/zhuhe")
    with pytest.raises(SystemExit):
        bootstrap.refuse_arm("")
    assert "ZHUHE_DATABASE_URL=postgresql+psycopg://" in capsys.readouterr().err


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty project; returns what was run in its environment."""
    ran: list[str] = []

    def python(*words: str, **_: object) -> int:
        ran.append(" ".join(words[:2]))
        return 0

    interpreter = tmp_path / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.touch()
    for lock in ("run", "dev"):
        (tmp_path / lock).write_text(lock)
    catalogue = tmp_path / "translations/zh_Hans/LC_MESSAGES/messages.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("")
    catalogue.with_suffix(".mo").touch()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", interpreter)
    monkeypatch.setattr(bootstrap, "LOCK", tmp_path / "run")
    monkeypatch.setattr(bootstrap, "DEV_LOCK", tmp_path / "dev")
    monkeypatch.setattr(bootstrap, "python", python)
    return ran


INSTALLED = ["pip --version", "pip install", "babel.messages.frontend compile"]


def test_a_second_start_installs_nothing(project: list[str]) -> None:
    bootstrap.install()
    assert project == INSTALLED
    bootstrap.install()
    assert project == INSTALLED


def test_the_tests_add_their_tools_and_a_later_start_keeps_them(project: list[str]) -> None:
    bootstrap.install()
    bootstrap.install(with_tools=True)
    assert project == INSTALLED * 2
    bootstrap.install()
    assert project == INSTALLED * 2


def test_a_changed_lock_is_installed(project: list[str], tmp_path: Path) -> None:
    bootstrap.install()
    (tmp_path / "run").write_text("newer")
    bootstrap.install()
    assert project == INSTALLED * 2


def test_a_changed_translation_is_compiled_and_nothing_else(
    project: list[str], tmp_path: Path
) -> None:
    bootstrap.install()
    (tmp_path / "translations/zh_Hans/LC_MESSAGES/messages.po").write_text("msgid")
    bootstrap.install()
    assert project == [*INSTALLED, INSTALLED[-1]]


def test_a_failed_installation_is_tried_again(
    project: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = bootstrap.python
    monkeypatch.setattr(bootstrap, "python", lambda *words, **_: int(words[1] == "install"))
    with pytest.raises(SystemExit):
        bootstrap.install()
    monkeypatch.setattr(bootstrap, "python", works)
    bootstrap.install()
    assert project == INSTALLED


def test_data_untouched_since_a_clean_end_is_not_prepared_again(
    project: list[str], tmp_path: Path
) -> None:
    values = {"DATABASE_URL": ""}
    database = tmp_path / "zhuhe.db"
    database.write_text("rows")
    stamp = bootstrap.prepare_data(values, tmp_path, demo=True)
    assert project == ["flask prepare"]
    # What a clean end writes; while the service runs there is no stamp, so a crash is noticed.
    stamp.write_text(json.dumps(bootstrap.data_stamp(values, tmp_path, demo=True)))
    bootstrap.prepare_data(values, tmp_path, demo=True)
    assert project == ["flask prepare"]
    assert not stamp.exists()
    bootstrap.prepare_data(values, tmp_path, demo=True)
    assert project == ["flask prepare"] * 2


@pytest.mark.parametrize("change", ["another file", "a write-ahead log", "a server"])
def test_data_that_may_have_changed_is_prepared(
    project: list[str], tmp_path: Path, change: str
) -> None:
    values = {"DATABASE_URL": ""}
    database = tmp_path / "zhuhe.db"
    database.write_text("rows")
    stamp = bootstrap.data_stamp(values, tmp_path, demo=True)
    (tmp_path / "prepared.json").write_text(json.dumps(stamp))
    if change == "another file":
        database.write_text("more rows")
    elif change == "a write-ahead log":
        (tmp_path / "zhuhe.db-wal").write_text("a transaction")
    else:
        values["DATABASE_URL"] = "postgresql+psycopg://zhuhe@db/zhuhe"
    bootstrap.prepare_data(values, tmp_path, demo=True)
    assert project == ["flask prepare"]


def supervisor(worker: str, server: str, patience_s: float = 10) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, worker, server, str(patience_s)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_both_processes_cleanly(number: signal.Signals) -> None:
    with supervisor(STAYS, STAYS) as process:
        assert process.stdout
        assert sorted(process.stdout.readline().strip() for _ in range(3)) == ["ready", "up", "up"]
        process.send_signal(number)
        # The pipe closes only when both children, who share it, have ended.
        assert "Stopping" in process.stdout.read()
    assert process.returncode == 0


def test_a_dead_process_ends_the_other_with_a_plain_sentence() -> None:
    with supervisor(ENDS, STAYS) as process:
        assert process.stdout
        said = process.stdout.read()
    assert "The worker ended by itself (code 3)" in said
    assert process.returncode == 1


def test_a_process_that_does_not_listen_is_ended_all_the_same() -> None:
    started = time.monotonic()
    with supervisor(ENDS, IS_DEAF, patience_s=0.2) as process:
        assert process.stdout
        process.stdout.read()
    assert time.monotonic() - started < 10


def test_help_names_the_commands_and_options() -> None:
    shown = [
        subprocess.run(
            [sys.executable, ROOT / "bootstrap.py", *words],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for words in (["--help"], ["run", "--help"])
    ]
    assert all(name in shown[0] for name in ("run", "test", "bench"))
    assert all(name in shown[1] for name in ("--port", "--host", "--no-demo"))
