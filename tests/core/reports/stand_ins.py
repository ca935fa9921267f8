"""Quick papers in the place of the real ones, for tests of what happens around them."""

from collections.abc import Callable
from typing import Any

import pytest

from core.reports import layout
from core.reports.paper import Paper
from core.reports.values import Built


def pdf_of(
    kind: Any, built: Built, paper: Paper, progress: Callable[[int, int], None]
) -> tuple[bytes, int]:
    progress(1, 2)
    last = built.headline.lines[-1].cells[0] or ""
    text = f"%PDF {paper.output} {paper.revision} {paper.code} {built.value(last)}"
    return text.encode(), 3


def put_in(patch: pytest.MonkeyPatch) -> Any:
    """Replace what draws until the patch ends; a test may set it otherwise meanwhile."""
    patch.setattr(layout, "pdf_of", pdf_of)
    patch.setattr(layout, "missing_glyphs", lambda built, paper: ())
    return layout
