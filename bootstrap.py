"""Start, test or measure Zhuhe on a machine that has nothing but Python 3.11 and git.

    python3 bootstrap.py run [--port N] [--host H] [--no-demo]
    python3 bootstrap.py test [words for pytest]
    python3 bootstrap.py bench [words for the benchmarks]

Standard library only. What the system lacks is installed when this runs as root or `sudo -n`
works, and is otherwise named in one line to copy; Python packages go into `.venv`, data and
secrets into `instance`. On Windows: `py bootstrap.py`, which nobody has tested. On ARM Linux
Zhuhe needs PostgreSQL, because no safe SQLite is published for it.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import hashlib
import http.client
import importlib.util
import io
import json
import os
import platform
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
PORT = 8000
START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 15

# The web server, as bench/ chose it. Names in braces are settings. The many threads only receive,
# wait and send (core/reception.py); granian warns of so many, hence no warnings. HTTP/1 alone,
# because with both versions a connection that never says a word is never closed.
SERVER = (
    "wsgi --interface wsgi --factory --no-ws --http 1 --log-level error --workers-kill-timeout 5 "
    "--workers {SERVER_WORKERS} --blocking-threads 64 --host {host} --port {port} {app}"
)
SERVER_ON_WINDOWS = "waitress --threads 64 --listen {host}:{port} --call {app}"
WORKER = "flask worker"


def server_command(python: object, app: str = "wsgi:create_app", **fill: object) -> list[str]:
    """What starts the web server, here as in tests and bench. fill: the words in braces."""
    line = SERVER_ON_WINDOWS if os.name == "nt" else SERVER
    return [str(python), "-m", *(word.format(app=app, **fill) for word in line.split())]


def say(text: str) -> None:
    print(text, flush=True)


def stop(*lines: str) -> NoReturn:
    """End with a sentence about what is wrong and the line that mends it."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)
    raise SystemExit(1)


# --- what the operating system must have ------------------------------------------------------


class Need(NamedTuple):
    """Something of the system: what for, how to see it, its packages for apt, dnf and brew."""

    purpose: str
    is_there: Callable[[], Any]
    packages: str


def has_library(name: str, version: int = 0) -> bool:
    """Whether the dynamic linker finds this version of a library."""
    mac = [f"{home}lib{name}.0.dylib" for home in ("", "/opt/homebrew/lib/", "/usr/local/lib/")]
    for file in (f"lib{name}.so.{version}", f"lib{name}-0.dll", *mac):
        with contextlib.suppress(OSError):
            return bool(ctypes.CDLL(file))
    return False


def has_certificates() -> bool:
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    return bool(ssl.get_default_verify_paths().cafile) or bundle.exists() or os.name == "nt"


def has_program(*names: str) -> bool:
    return any(map(shutil.which, names))


def has_chinese_font() -> bool:
    fonts = Path("/usr/share/fonts")
    return sys.platform != "linux" or any((*fonts.rglob("*CJK*"), *fonts.rglob("wqy*")))


NEEDS = [
    Need("venv", lambda: importlib.util.find_spec("ensurepip"), "python3-venv python3 python"),
    Need("venv", has_certificates, "ca-certificates ca-certificates ca-certificates"),
    Need("pdf", lambda: has_library("pango-1.0"), "libpango-1.0-0 pango pango"),
    Need("pdf", lambda: has_library("pangoft2-1.0"), "libpangoft2-1.0-0 pango pango"),
    # Without this one a page of a PDF takes 10 s instead of 0.2 s.
    Need("pdf", lambda: has_library("harfbuzz-subset"), "libharfbuzz-subset0 harfbuzz harfbuzz"),
    Need("test", lambda: has_program("chromium", "google-chrome"), "chromium chromium chromium"),
    Need("test", has_chinese_font, "fonts-noto-cjk google-noto-sans-cjk-fonts font-noto-sans-cjk"),
    # The program that drives Chromium is linked against it on Linux.
    Need(
        "test",
        lambda: sys.platform != "linux" or has_library("atomic", 1),
        "libatomic1 libatomic gcc",
    ),
    # For two small libraries that make a disk slow, or its syncs fail.
    Need("compiler", lambda: sys.platform != "linux" or has_program("cc"), "gcc gcc gcc"),
    Need(
        "compiler",
        lambda: sys.platform != "linux" or Path("/usr/include/stdio.h").exists(),
        "libc6-dev glibc-devel gcc",
    ),
]


def missing(*purposes: str) -> list[Need]:
    return [need for need in NEEDS if need.purpose in purposes and not need.is_there()]


def install_line(needs: list[Need]) -> list[str]:
    """The command that installs these with the manager found here; their names when there is none."""
    for column, words in enumerate(("apt-get install -y", "dnf install -y", "brew install")):
        if has_program(words.split()[0]):
            prefix = [] if words.startswith("brew") or os.geteuid() == 0 else ["sudo"]
            names = dict.fromkeys(need.packages.split()[column] for need in needs)
            return [*prefix, *words.split(), *names]
    return [need.packages.split()[0] for need in needs]


def install_on_system(*purposes: str) -> list[Need]:
    """Install what is missing for these purposes where we may. Returns what still is missing."""
    needs = missing(*purposes)
    line = install_line(needs)
    if not needs or line[0] not in ("sudo", "apt-get", "dnf"):
        return needs
    if line[0] == "sudo":
        asked = has_program("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True)
        if not asked or asked.returncode:
            return needs
        line.insert(1, "-n")
    steps = [line]
    if "apt-get" in line:
        line.insert(line.index("install") + 1, "--no-install-recommends")
        steps.insert(0, [*line[: line.index("install")], "update"])
    say(f"Installing on this system, which can take minutes 正在安装系统软件包：{' '.join(line)}")
    for step in steps:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        result = subprocess.run(step, env=quiet, stdin=subprocess.DEVNULL, capture_output=True)
        if result.returncode:
            say((result.stdout + result.stderr).decode(errors="replace")[-3000:])
            say(f"This failed 安装失败：{' '.join(step)}")
    return missing(*purposes)


def require(needed: list[Need]) -> None:
    """Stop with the line to copy when something is missing and may not be installed from here."""
    if needed:
        names = ", ".join(need.packages.split()[0] for need in needed)
        line = " ".join(install_line(needed))
        stop(f"This system lacks {names}. 系统缺少以上软件，请先执行：", f"    {line}")


# --- the virtual environment ------------------------------------------------------------------


def python(*words: str, **how: Any) -> int:
    """Run a module of the virtual environment in the project's root; returns its exit code."""
    return subprocess.run([str(PYTHON), "-m", *words], cwd=ROOT, **how).returncode


def digest(*files: Path) -> str:
    """One hash of names and contents."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def stamp_of(file: Path) -> dict[str, Any]:
    """What an earlier run noted here as done; empty when there is nothing readable."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_text("utf-8"))
    return {}


def install(with_tools: bool = False) -> None:
    """Make `.venv`, install the locked packages, compile translations: only what has changed."""
    stamp_file = VENV / "zhuhe.json"
    stamp = stamp_of(stamp_file)
    wanted = {"python": sys.version_info.minor, "lock": digest(LOCK)}
    if with_tools:
        wanted["dev"] = digest(DEV_LOCK)
    if not PYTHON.exists() or not wanted.items() <= stamp.items():
        install_packages(DEV_LOCK if with_tools else LOCK, stamp.get("python"))
        stamp = wanted
        stamp_file.write_text(json.dumps(stamp), "utf-8")
    catalogues = sorted(ROOT.glob("translations/*/LC_MESSAGES/messages.po"))
    compiled = all(file.with_suffix(".mo").exists() for file in catalogues)
    if not compiled or stamp.get("catalogues") != digest(*catalogues):
        words = ("babel.messages.frontend", "compile", "-d", "translations", "-D", "messages")
        if catalogues and python(*words, capture_output=True) and python(*words):
            stop("The translations could not be compiled, see above. 翻译文件编译失败，见上。")
        stamp["catalogues"] = digest(*catalogues)
        stamp_file.write_text(json.dumps(stamp), "utf-8")


def install_packages(lock: Path, made_with: int | None) -> None:
    # Without pip somebody stopped us while the environment was made.
    usable = PYTHON.exists() and made_with in (None, sys.version_info.minor)
    usable = usable and not python("pip", "--version", capture_output=True)
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if not usable and subprocess.run(make).returncode:
        stop(f"The environment could not be made 请删除后重试：\n    rm -r {VENV}")
    say(f"Installing the packages of {lock.name} … 正在安装 Python 软件包……")
    # pip reads its own settings (mirror, certificate) where it always does.
    quiet = ("--quiet", "--disable-pip-version-check", "--root-user-action", "ignore")
    if python("pip", "install", *quiet, "--require-hashes", "-r", str(lock)):
        mirror = "https://pypi.tuna.tsinghua.edu.cn/simple"
        stop(
            "pip failed, see above. Where pypi.org is out of reach, name a mirror 可改用镜像后重试：",
            f"    {PYTHON} -m pip config --user set global.index-url {mirror}",
        )


# --- run --------------------------------------------------------------------------------------


def settings() -> tuple[dict[str, Any], Path]:
    """The application's settings and its instance folder, from the one file that knows them."""
    from core import config

    try:
        return config.load(config.instance_path(), {}), config.instance_path()
    except config.BadSetting as error:
        stop(f"A setting is wrong 设置有误：{error}")


def refuse_arm(database_url: str) -> None:
    if (sys.platform, platform.machine()) == ("linux", "aarch64") and not database_url:
        stop(
            "On ARM Linux Zhuhe needs PostgreSQL: no safe SQLite is published. 需使用 PostgreSQL:",
            "    export ZHUHE_DATABASE_URL=postgresql+psycopg://USER:PASSWORD@HOST/NAME",
        )


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                stop(f"Cannot listen on {host} port {port} 无法监听：{error.strerror}")
            stop(
                f"Port {port} is in use, perhaps by Zhuhe itself. 端口已被占用，可换一个：",
                f"    python3 bootstrap.py run --port {port + 1}",
            )


def prepare_data(values: dict[str, Any], instance: Path, demo: bool) -> Path:
    """Secrets, migrations and, in an empty database, the demo: `flask prepare` does them all.

    Skipped when nothing has touched the embedded database since the last clean end; the stamp is
    taken away while the service runs, so a power cut leads to a full check. Returns its path.
    """
    stamp_file = instance / "prepared.json"
    stamp = stamp_of(stamp_file)
    stamp_file.unlink(missing_ok=True)
    if not stamp or stamp != data_stamp(values, instance, demo):
        words = ["prepare"] if demo else ["prepare", "--no-demo"]
        if python("flask", *words):
            stop(
                "The database could not be prepared; see above. 数据库未能就绪，原有数据未受影响。"
            )
    return stamp_file


def data_stamp(values: dict[str, Any], instance: Path, demo: bool) -> dict[str, Any]:
    """What the embedded database looks like at rest; empty for any other, which is always asked."""
    file = instance / "zhuhe.db"
    log = file.with_name("zhuhe.db-wal")
    if values["DATABASE_URL"] or not file.exists() or (log.exists() and log.stat().st_size):
        return {}
    state = file.stat()
    migrations = digest(*sorted(ROOT.glob("migrations/versions/*.py")))
    data = [state.st_ino, state.st_size, state.st_mtime_ns]
    return {"data": data, "migrations": migrations, "demo": demo}


def answers(host: str, port: int) -> bool:
    """Whether the server takes requests; what it answers is its own business."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    with contextlib.closing(http.client.HTTPConnection(local, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False


def supervise(commands: dict[str, list[str]], is_up: Callable[[], bool], ready: str) -> int:
    """Run the commands until Ctrl-C or SIGTERM, or until one ends by itself, which ends them all.

    The first has the machine to itself until is_up() holds; then the others follow and `ready` is
    said. Returns the exit code: 0 when asked to stop, otherwise 1.
    """
    children: dict[str, subprocess.Popen[bytes]] = {}
    waiting = list(commands)
    deadline = time.monotonic() + START_TIMEOUT_S
    greeted = False
    try:
        while True:
            while waiting and (greeted or not children):
                command = commands[name := waiting.pop(0)]
                # A session of its own keeps the terminal's Ctrl-C away: they end in our order.
                children[name] = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
            for name, child in children.items():
                if child.poll() is not None:
                    say(
                        f"The {name} ended by itself (code {child.returncode}), so all was stopped."
                    )
                    say("服务意外停止，已保存的数据不受影响；请重新启动。")
                    return 1
            if not greeted and (greeted := is_up()):
                say(ready)
            if not greeted and time.monotonic() > deadline:
                say(f"No answer from the server after {START_TIMEOUT_S} s. 服务未能启动。")
                return 1
            time.sleep(0.2 if greeted else 0.05)
    except KeyboardInterrupt:
        say("Stopping … 正在停止……")
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        end(list(children.values()))


def end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask the children to finish; after a while make them, and whatever they started."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.kill()


def run(options: argparse.Namespace) -> int:
    values, instance = settings()
    refuse_arm(values["DATABASE_URL"])
    refuse_taken_port(options.host, options.port)
    lacking = install_on_system("venv", "pdf")
    if any(need.purpose == "venv" for need in lacking):
        require(lacking)
    os.environ["PATH"] = os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", os.defpath)])
    os.environ["ZHUHE_ALLOWED_HOSTS"] = f"{values['ALLOWED_HOSTS']},{options.host}"
    if lacking:
        os.environ["ZHUHE_PDF"] = "off"
        line = " ".join(install_line(lacking))
        say(f"No Pango, so PDFs are switched off until 缺少 Pango，暂不能生成 PDF，请执行： {line}")
    install()
    stamp_file = prepare_data(values, instance, not options.no_demo)
    commands = {
        "server": server_command(PYTHON, **values, host=options.host, port=options.port),
        "worker": [str(PYTHON), "-m", *WORKER.split()],
    }
    shown = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{shown}:{options.port}/"
    ready = f"Zhuhe is ready, Ctrl-C stops it. 渚河为民服务台已启动，按 Ctrl-C 停止： {address}"
    code = supervise(commands, lambda: answers(options.host, options.port), ready)
    if code == 0 and (stamp := data_stamp(values, instance, not options.no_demo)):
        stamp_file.write_text(json.dumps(stamp), "utf-8")
    return code


# --- test and bench ---------------------------------------------------------------------------


def test(words: list[str]) -> int:
    """Style, types, then every test; the last lines are pytest's summary."""
    refuse_arm(os.environ.get("ZHUHE_DATABASE_URL", ""))
    require(install_on_system("venv", "pdf", "test", "compiler"))
    install(with_tools=True)
    concise = "--output-format concise ."
    checks = (f"ruff check {concise}", f"ruff format --check {concise}", "mypy")
    failed = [check for check in checks if python(*check.split())]
    if failed:
        say(f"Failed 未通过：{', '.join(failed)}. The tests follow, the exit code stays 1.")
    # Some hundred processes load the product; compiled beforehand, also where Python may not keep it.
    python("compileall", "-q", "core", "canteen", "workshop", "migrations", "wsgi.py")
    # Three on two cores: whoever tests a time-out mostly waits.
    return python("pytest", "-n", "3", *words) or int(bool(failed))


def bench(words: list[str]) -> int:
    require(install_on_system("venv", "pdf", "compiler"))
    install(with_tools=True)
    return python("bench", *words)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="install what is missing and start 启动服务")
    runner.add_argument("--port", type=int, default=PORT, help=f"端口, default {PORT}")
    runner.add_argument("--host", default="127.0.0.1", help="监听地址, default 127.0.0.1")
    runner.add_argument("--no-demo", action="store_true", help="leave it empty 不装演示数据")
    commands.add_parser("test", help="every check; more words go to pytest 运行全部测试")
    commands.add_parser("bench", help="the benchmarks; more words go to them 性能测试")
    options, words = parser.parse_known_args(arguments)
    if options.command != "run":
        return (test if options.command == "test" else bench)(words)
    if words:
        parser.error(f"unknown 未知参数：{' '.join(words)}")
    return run(options)


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036
        stop(f"Zhuhe needs Python 3.11 or later, this is {platform.python_version()}. 需升级。")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console that cannot show Chinese
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
