"""What the cells of a roster mean, as a human mended them: the part of an import that needs no registry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.people.imports.areas import Areas
from core.people.imports.importer import Importer
from core.people.roster.rows import type_rows
from core.people.roster.values import RawRow, Roster, RosterRow, Vocabulary


@dataclass(frozen=True)
class Decision:
    """What a human decided about a row: cells mended, left out, or taken without ID number."""

    mend: Mapping[str, str] = field(default_factory=dict)
    leave_out: str = ""
    no_id_reason: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> "Decision":
        return cls(**data) if data else cls()


@dataclass(frozen=True)
class Meaning:
    """A roster with what was decided and what each cell means: the part of a plan that needs no registry.

    typed: the rows that are not left out, by their place. What the reading leaned on is kept
    (vocabulary, communities), so that it can be told whether it still holds.
    """

    raws: tuple[RawRow, ...]
    keys: tuple[str, ...]
    decisions: tuple[Decision, ...]
    typed: Mapping[int, RosterRow]
    vocabulary: Vocabulary
    communities: tuple[str, ...]

    def holds(self, importer: Importer) -> bool:
        """Whether the words of categories and communities are still the ones it was read with."""
        return importer.vocabulary() == self.vocabulary and Areas().names == self.communities


def read_meaning(
    roster: Roster, importer: Importer, today: date, decisions: Mapping[str, Mapping[str, Any]]
) -> Meaning:
    """Type each row of a roster, mended as somebody decided."""
    vocabulary, communities = importer.vocabulary(), Areas().names
    keys = tuple(key_of(raw) for raw in roster.rows)
    decided = tuple(Decision.of(decisions.get(key)) for key in keys)
    raws = tuple(raw.mended(d.mend) for raw, d in zip(roster.rows, decided, strict=True))
    kept = [n for n, decision in enumerate(decided) if not decision.leave_out]
    typed = type_rows([raws[n] for n in kept], vocabulary, today, communities=communities)
    return Meaning(
        raws, keys, decided, dict(zip(kept, typed, strict=True)), vocabulary, communities
    )


def key_of(raw: RawRow) -> str:
    """Names a row within its batch; two people of one line differ by their columns."""
    return f"{raw.sheet}!{raw.row}{raw.columns.get('name', '')}"
