"""The page about faults names every fault and only tests that exist."""

import re
from pathlib import Path

from core.config import ROOT

PAGE = (ROOT / "docs/faults.md").read_text("utf-8")


def test_every_fault_has_its_row() -> None:
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    assert numbers == list(range(1, 47))


def test_every_test_that_is_named_exists_and_every_test_of_faults_is_named() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
    own = {f"tests/faults/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert own - named == {f"tests/faults/{Path(__file__).name}"}
