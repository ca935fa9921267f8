"""The audit sample (审计资料包): some rows of an issued report by lot, each on one page of evidence.

Whoever has the seed draws the same rows again, so nobody can say that they were picked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from flask import render_template

from core.reports.pdf import to_pdf
from core.reports.values import Built, Dataset

MOST = 200


@dataclass(frozen=True, slots=True)
class Block:
    """One step of the way from the fact to the figure: its heading, facts, and lines of reasoning.

    images: papers that prove it, as data: addresses with their titles.
    """

    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    images: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One sampled row with everything that stands behind it."""

    title: str
    blocks: tuple[Block, ...]


def draw(data: Dataset, count: int, seed: int) -> list[tuple[Any, ...]]:
    """So many rows by lot, in their own order; all of them where there are no more.

    The same rows and seed always give the same sample. count >= 1.
    """
    numbers = range(len(data.rows))
    chosen = Random(seed).sample(numbers, min(count, len(data.rows)))
    return [data.rows[number] for number in sorted(chosen)]


def sample_pdf(
    built: Built, heading: str, code: str, seed: int, pages: Sequence[EvidencePage]
) -> bytes:
    """The pages as a PDF. code: that of the issued report. Raises PdfUnavailable."""
    return to_pdf(render_template(
        "reports/paper/sample.html", built=built, heading=heading, code=code, seed=seed, pages=pages,
    ))  # fmt: skip
