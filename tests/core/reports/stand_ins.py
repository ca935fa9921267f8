"""Quick papers in the place of the real ones, for tests of what happens around them."""

import sys
import types
from importlib.util import find_spec
from typing import Any

import pytest

from core import reports
from core.reports.paper import Paper
from core.reports.values import Built


def pdf_of(kind: Any, built: Built, paper: Paper) -> tuple[bytes, int]:
    text = f"%PDF {paper.output} {paper.revision} {paper.code} {built.value('head.fen')}"
    return text.encode(), 3


def put_in(patch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Replace what draws; returns it, so that a test may make it fail."""
    layout = types.SimpleNamespace(pdf_of=pdf_of, missing_glyphs=lambda built, paper: ())
    suppression = types.SimpleNamespace(hidden=lambda built, minimum: frozenset())
    patch.setattr(reports, "layout", layout, raising=False)
    patch.setattr(reports, "suppression", suppression, raising=False)
    if find_spec("core.reports.months") is None:
        months = types.ModuleType("core.reports.months")
        months.lock_month = lambda session, name, month: None  # type: ignore[attr-defined]
        patch.setitem(sys.modules, "core.reports.months", months)
    return layout
