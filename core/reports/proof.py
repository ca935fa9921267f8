"""What stands behind one row of a report, as plain values: a programme gathers it, the house prints it."""

from dataclasses import dataclass


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
