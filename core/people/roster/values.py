"""The value types of a roster: cells as the file holds them, rows as they are understood."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as field_
from datetime import date
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One cell: its text and what the file stores it as (text number date bool error)."""

    text: str
    kind: str = "text"


class Level(StrEnum):
    """How much a finding matters: a wrong row waits for a human, a note was settled by reading."""

    WRONG = "wrong"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """What was noticed about one cell. `code` names the sentence, `details` fill it in."""

    code: str
    level: Level
    field: str = ""
    cell: str = ""
    details: Mapping[str, str] = field_(default_factory=dict)
    proposal: str | None = None


@dataclass(frozen=True)
class Vocabulary:
    """The words of categories: each spelling → canonical name, or "" when it says nothing.

    `default` is the category of a row that names none though the roster has categories.
    `columns` are the programme's own: a field and the pattern of its folded heads; what stands
    there is handed on as text.
    """

    words: Mapping[str, str] = field_(default_factory=dict)
    default: str = ""
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name in self.words.values() if name)


@dataclass(frozen=True)
class RawRow:
    """One line of the table as it stands there: field → cell. Can be mended cell by cell."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, str] = field_(default_factory=dict)  # field → column letters
    community: str = ""
    grid: str = ""
    category: str = ""

    def cell_name(self, name: str) -> str:
        """Where a field stands, as Excel calls it: "D5"; "" when the table has no such column."""
        letters = self.columns.get(name, "")
        return f"{letters}{self.row}" if letters else ""

    def mended(self, changes: Mapping[str, str]) -> "RawRow":
        """The row with cells replaced by what a human typed."""
        cells = {**self.cells, **{name: Cell(text) for name, text in changes.items()}}
        return RawRow(
            self.sheet, self.row, cells, self.columns, self.community, self.grid, self.category
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RawRow":
        cells = {name: Cell(**cell) for name, cell in data["cells"].items()}
        return cls(**{**data, "cells": cells})


@dataclass(frozen=True)
class RosterRow:
    """One person of a roster, typed. None means that the file has no such column."""

    sheet: str
    row: int
    name: str
    name_note: str = ""
    id_number: str | None = None
    wrong_id: bool = False
    birth_on: date | None = None
    sex: str | None = None
    phone: str | None = None
    other_phones: tuple[str, ...] = ()
    address: str | None = None
    registration_address: str | None = None
    community: str = ""
    grid: int | None = None
    grid_text: str = ""
    categories: tuple[str, ...] | None = None
    diets: tuple[str, ...] | None = None
    deliver: bool | None = None
    contact_name: str | None = None
    contact_relation: str | None = None
    contact_phone: str | None = None
    note: str | None = None
    own: Mapping[str, str] = field_(default_factory=dict)  # cells of the programme's own columns
    own_numbers: frozenset[str] = frozenset()  # those that the file stores as numbers
    findings: tuple[Finding, ...] = ()

    @property
    def is_wrong(self) -> bool:
        return any(f.level is Level.WRONG for f in self.findings)

    def as_plain(self) -> dict[str, Any]:
        """The fields a program reads: `flask people import --json` prints these."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "name": self.name,
            "id_number": self.id_number,
            "birth": self.birth_on.isoformat() if self.birth_on else None,
            "sex": self.sex,
            "phone": self.phone,
            "other_phones": list(self.other_phones),
            "address": self.address,
            "community": self.community,
            "grid": self.grid,
            "categories": list(self.categories or ()),
            "diets": list(self.diets or ()),
            "deliver": bool(self.deliver),
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "note": self.note,
            **self.own,
            "wrong_id": self.wrong_id,
            "findings": [
                {"code": f.code, "level": f.level.value, "field": f.field, "cell": f.cell}
                for f in self.findings
            ],
        }


@dataclass(frozen=True)
class Skipped:
    """A line or sheet that was left out, and why."""

    sheet: str
    row: int | None
    why: str
    text: str = ""


@dataclass(frozen=True)
class SheetRead:
    """A sheet that holds a table: where its head stands and what each column was taken for."""

    name: str
    head_row: int
    titles: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]  # (letters, head as written, field or "")
    community: str = ""


@dataclass(frozen=True)
class Roster:
    """All that was read from a file."""

    sheets: tuple[SheetRead, ...]
    rows: tuple[RawRow, ...]
    skipped: tuple[Skipped, ...]
