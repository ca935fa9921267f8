"""Copied-in front-end files and fonts are exactly the ones their packages published."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
FILES = json.loads((STATIC / "vendor" / "vendor.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["file"])
def test_a_vendored_file_has_the_hash_of_its_package(entry: dict) -> None:
    content = (STATIC / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["file"])
def test_a_vendored_file_has_its_licence_beside_it(entry: dict) -> None:
    assert entry["licence"] and entry["licence_files"]
    for name in entry["licence_files"]:
        licence = STATIC / name
        assert licence.parent == (STATIC / entry["file"]).parent
        assert len(licence.read_text(encoding="utf-8")) > 400


def test_nothing_lies_among_the_vendored_files_unlisted() -> None:
    listed = {entry["file"] for entry in FILES} | {"vendor/vendor.json"}
    listed |= {name for entry in FILES for name in entry["licence_files"]}
    found = {
        path.relative_to(STATIC).as_posix()
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.is_file()
    }
    assert found == listed


def test_a_folder_of_vendored_files_carries_the_version() -> None:
    for entry in FILES:
        if entry["file"].startswith("vendor/"):
            assert Path(entry["file"]).parent.name.endswith(f"-{entry['version']}")


def test_the_card_reader_is_the_one_its_script_was_built_for() -> None:
    """Another reader than the bundled one fails only at run time, on the counter's camera."""
    by_package = {entry["package"]: entry for entry in FILES}
    reader = by_package["zxing-wasm"]
    script = (STATIC / by_package["barcode-detector"]["file"]).read_text(encoding="utf-8")
    assert f"zxing-wasm@{reader['version']}/" in script
    assert reader["sha256"] in script


def test_pages_name_only_vendored_files_that_exist() -> None:
    named = set()
    for page in [*ROOT.glob("templates/**/*.html"), *STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        text = page.read_text(encoding="utf-8")
        named |= {
            match.removeprefix("static/")
            for match in re.findall(r"(?:static/)?(?:vendor|fonts)/[\w.@-]+(?:/[\w.@-]+)*", text)
        }
    files = {name for name in named if Path(name).suffix and (not (STATIC / name).is_dir())}
    assert {name for name in files if not (STATIC / name).is_file()} == set()
