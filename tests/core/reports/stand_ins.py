"""Quick papers in the place of the real ones, for tests of what happens around them."""

import types
from collections.abc import Callable
from typing import Any

import pytest

from core import reports
from core.reports.paper import Paper
from core.reports.values import Built


def pdf_of(
    kind: Any, built: Built, paper: Paper, progress: Callable[[int, int], None]
) -> tuple[bytes, int]:
    progress(1, 2)
    last = built.headline.lines[-1].cells[0] or ""
    text = f"%PDF {paper.output} {paper.revision} {paper.code} {built.value(last)}"
    return text.encode(), 3


def put_in(patch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Replace what draws; returns it, so that a test may make it fail."""
    layout = types.SimpleNamespace(pdf_of=pdf_of, missing_glyphs=lambda built, paper: ())
    suppression = types.SimpleNamespace(hidden=lambda built, minimum: frozenset())
    patch.setattr(reports, "layout", layout, raising=False)
    patch.setattr(reports, "suppression", suppression, raising=False)
    return layout
