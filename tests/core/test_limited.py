"""A script for hostile files runs alone: with limits, without our settings, without our modules."""

from pathlib import Path

import pytest

from core import limited
from core.limited import Ended, Limits

LIMITS = Limits(memory_bytes=400 << 20, cpu_s=2, timeout_s=10)


def run(
    tmp_path: Path, script: str, content: bytes = b"", *args: str, limits: Limits = LIMITS
) -> Ended:
    file = tmp_path / "script.py"
    file.write_text(f"import sys\n{script}\n", encoding="utf-8")
    return limited.run(file, content, *args, limits=limits)


def test_it_is_given_the_content_and_answers(tmp_path: Path) -> None:
    script = (
        "sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1] + sys.argv[1].encode()); sys.exit(7)"
    )
    assert run(tmp_path, script, b"abc", "JPEG") == Ended(7, b"cbaJPEG", False)


def test_it_sees_neither_our_settings_nor_our_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHUHE_DATABASE_URL", "postgresql+psycopg://secret@db/zhuhe")
    script = "import os; print(sorted(n for n in os.environ if n.startswith('ZHUHE')))"
    assert run(tmp_path, script) == Ended(0, b"[]\n", False)
    assert run(tmp_path, "import core.db").code != 0


def test_it_writes_no_file_and_takes_no_more_memory_than_allowed(tmp_path: Path) -> None:
    target = tmp_path / "written"
    assert run(tmp_path, f"open({str(target)!r}, 'w', 1).write('x\\n')").code != 0
    assert not target.exists() or target.read_bytes() == b""
    ended = run(tmp_path, "b = bytearray(600 << 20); print(len(b))")
    assert (ended.code != 0, ended.output) == (True, b"")


@pytest.mark.parametrize(
    "limits", [Limits(400 << 20, 1, 30), Limits(400 << 20, 30, 0.3)], ids=["cpu", "clock"]
)
def test_it_is_ended_when_it_takes_too_long(tmp_path: Path, limits: Limits) -> None:
    assert run(tmp_path, "while True: pass", limits=limits).is_slow
