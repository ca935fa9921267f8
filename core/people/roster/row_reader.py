"""One raw row, its cells by the field they hold, and what is found about them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.people.names import has_hidden_characters
from core.people.roster.cells import clean_text, is_nothing
from core.people.roster.values import Cell, Finding, Level, RawRow, Vocabulary

MAX_TEXT = 200


@dataclass
class RowReader:
    """What every reading of a row needs."""

    raw: RawRow
    vocabulary: Vocabulary
    findings: list[Finding] = field(default_factory=list, kw_only=True)
    # Words of cells that hold something else too; they go to the note.
    beside: list[str] = field(default_factory=list, kw_only=True)

    def cell(self, name: str) -> Cell | None:
        """The cell of a field; None when it is empty."""
        cell = self.raw.cells.get(name)
        return cell if cell is not None and cell.text.strip() else None

    def has(self, name: str) -> bool:
        """Whether the roster has a column for a field."""
        return name in self.raw.columns or name in self.raw.cells

    def find(
        self, code: str, level: Level, name: str, proposal: str | None = None, **details: object
    ) -> None:
        """Note a finding about the cell of a field; details are the values of its sentence."""
        plain = {key: str(value) for key, value in details.items()}
        self.findings.append(Finding(code, level, name, self.raw.cell_name(name), plain, proposal))

    def text(self, name: str) -> str | None:
        """Free text of a cell; None when there is no such column, "" when it is empty."""
        if not self.has(name):
            return None
        cell = self.cell(name)
        if cell is None or is_nothing(cell.text):
            return ""
        if has_hidden_characters(cell.text):
            plain = "".join(c for c in cell.text if not has_hidden_characters(c))
            self.find("hidden_characters", Level.WRONG, name, proposal=clean_text(plain))
        if cell.kind == "date" and "address" in name:
            self.find("cell_is_date", Level.WARNING, name, text=cell.text)
        text = clean_text(cell.text)
        if len(text) > MAX_TEXT:
            self.find("text_too_long", Level.WRONG, name, limit=MAX_TEXT)
        return text[:MAX_TEXT]

    def keep_numbers(self, label: str, numbers: Iterable[str]) -> None:
        """Numbers beyond the one that is registered go to the note, if no cell's words hold them."""
        told = " ".join(re.sub(r"[^\d ]", "", text) for text in self.beside)
        more = [n for n in dict.fromkeys(numbers) if re.sub(r"\D", "", n) not in told]
        self.beside += [f"{label}\uff1a{number}" for number in more]
