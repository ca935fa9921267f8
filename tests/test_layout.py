"""Who may import whom, read from the syntax tree: wsgi → canteen | workshop → core, and inside a
package views, cli → forms, actions, reports → models, rules → values."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMMES = ("canteen", "workshop")
PACKAGES = ("core", *PROGRAMMES)
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# A role is a file's name, or the name of the package that a long file has become.
LEVEL = {
    "values": 0,
    "rules": 1,
    "models": 1,
    "forms": 2,
    "actions": 2,
    "reports": 2,
    "views": 3,
    "cli": 3,
}
JUNK_DRAWERS = {
    name + plural
    for name in ("util", "helper", "manager", "service", "common", "misc", "tool")
    for plural in ("", "s")
}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, is_package: bool) -> set[str]:
    """Full names of everything a module imports, wherever in the file it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")
                above = above[: len(above) - node.level + is_package]
                base = ".".join([*above, base] if base else above)
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def imports_of(path: Path) -> set[str]:
    return imports(path.read_text(encoding="utf-8"), dotted(path), path.name == "__init__.py")


def role(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return None
    # core.reports is a feature of its own, not the reports of a feature.
    inner = parts[2:] if parts[0] == "core" else parts[1:]
    return next((part for part in inner if part in LEVEL), None)


def is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def named(paths: list[Path]) -> dict:
    return {"argvalues": paths, "ids": [dotted(path) for path in paths]}


@pytest.mark.parametrize("path", **named([p for p in MODULES if is_within(dotted(p), "core")]))
def test_core_knows_no_programme(path: Path) -> None:
    assert {n for n in imports_of(path) if is_within(n, *PROGRAMMES, "wsgi", "tests")} == set()


@pytest.mark.parametrize("path", **named([p for p in MODULES if not is_within(dotted(p), "core")]))
def test_programmes_do_not_know_each_other(path: Path) -> None:
    own = dotted(path).split(".")[0]
    others = [programme for programme in PROGRAMMES if programme != own]
    assert {n for n in imports_of(path) if is_within(n, *others, "wsgi", "tests")} == set()


@pytest.mark.parametrize("path", **named([p for p in MODULES if role(dotted(p)) is not None]))
def test_imports_go_down_the_levels_only(path: Path) -> None:
    level = LEVEL[role(dotted(path)) or ""]
    upward = {n for n in imports_of(path) if (other := role(n)) and LEVEL[other] > level}
    assert upward == set()


@pytest.mark.parametrize("path", **named([p for p in MODULES if role(dotted(p)) == "rules"]))
def test_rules_are_pure(path: Path) -> None:
    package = ".".join(dotted(path).split(".")[: 2 if is_within(dotted(path), "core") else 1])
    foreign = {
        name
        for name in imports_of(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not is_within(name, "core.clock", "core.errors")
        and not (is_within(name, package) and role(name) in ("rules", "values"))
    }
    assert foreign == set()


@pytest.mark.parametrize("path", **named([p for p in MODULES if role(dotted(p)) == "actions"]))
def test_actions_know_nothing_of_http(path: Path) -> None:
    web = ("flask", "flask_login", "flask_wtf", "wtforms", "werkzeug")
    allowed = "flask.current_app"  # for its settings
    assert {n for n in imports_of(path) if is_within(n, *web) and n != allowed} == set()


def test_the_application_is_put_together_in_one_place_only() -> None:
    ours = {n for n in imports_of(ROOT / "wsgi.py") if is_within(n, *PACKAGES)}
    allowed = {"core.app.build_app", *PROGRAMMES, *(f"{name}.PROGRAMME" for name in PROGRAMMES)}
    assert ours
    assert ours <= allowed


def test_no_file_is_a_junk_drawer() -> None:
    parts = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & JUNK_DRAWERS == set()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import canteen.models", "canteen.models"),
        ("from canteen import rules", "canteen.rules"),
        ("from . import rules", "core.people.rules"),
        ("from ..sites.models import Site", "core.sites.models.Site"),
        ("def late():\n    from flask import g", "flask.g"),
    ],
)
def test_every_form_of_import_is_seen(line: str, name: str) -> None:
    assert imports(line, "core.people.views", is_package=False) == {name}


def test_a_relative_import_of_a_package_starts_at_itself() -> None:
    assert imports("from . import rules", "core.people", is_package=True) == {"core.people.rules"}
