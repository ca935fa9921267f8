"""Opens an uploaded spreadsheet without trusting it: first looks, then a child with limits reads.

Everything that is no .xlsx is refused with a code that says what it is and what to do.
"""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l

from core import limited
from core.errors import RuleError, Text, describe
from core.people.roster import child
from core.people.roster.values import Cell

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_MEMBERS = 2_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

describe({
    "roster_empty": Text(_l("The file is empty. Choose the .xlsx file again; nothing was imported."), 422),
    "roster_too_large": Text(
        _l("This file is too large to be a roster. Nothing was imported. Copy the table into a new "
           "workbook and save that as .xlsx."), 413),
    "roster_csv": Text(
        _l("This is a text or CSV file, not an Excel workbook. Nothing was imported. Open it in "
           "Excel or WPS, choose “Save as”, type .xlsx, and send that file."), 422),
    "roster_old_xls": Text(
        _l("This is an old .xls or .et file. Nothing was imported. Open it in Excel or WPS, choose "
           "“Save as”, type .xlsx, and send that file."), 422),
    "roster_encrypted": Text(
        _l("This workbook has a password. Nothing was imported. Open it, remove the password, save "
           "it and send it again."), 422),
    "roster_damaged": Text(
        _l("This workbook is damaged or was not copied completely. Nothing was imported. Open it in "
           "Excel or WPS, save it again as .xlsx and send that file."), 422),
    "roster_not_spreadsheet": Text(
        _l("This is not an Excel workbook. Nothing was imported. Send the roster as .xlsx."), 422),
    "roster_too_slow": Text(
        _l("Reading this workbook takes too long. Nothing was imported. Copy the table alone into a "
           "new workbook and save that as .xlsx."), 422),
})  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One worksheet: cells by (row, column) from 0, and the merged ranges (first and last)."""

    name: str
    visible: bool
    cells: dict[tuple[int, int], Cell]
    merged: tuple[tuple[int, int, int, int], ...]

    def text(self, row: int, column: int) -> str:
        cell = self.cells.get((row, column))
        return cell.text.strip() if cell else ""

    @property
    def height(self) -> int:
        return max((row for row, _ in self.cells), default=-1) + 1

    @property
    def width(self) -> int:
        return max((column for _, column in self.cells), default=-1) + 1


@dataclass(frozen=True)
class Limits:
    """What reading one file may take; the settings IMPORT_… say it for an installation."""

    unpacked_bytes: int = 80 << 20
    memory_bytes: int = 768 << 20
    cpu_s: int = 10
    timeout_s: float = 20.0


def load_workbook(content: bytes, *, limits: Limits | None = None) -> list[Sheet]:
    """The sheets of an .xlsx. Raises RuleError (roster_…) for everything else."""
    limits = limits or Limits()
    _look(content, limits)
    done = limited.run(
        Path(child.__file__), content,
        limits=limited.Limits(limits.memory_bytes, limits.cpu_s, limits.timeout_s),
    )  # fmt: skip
    if done.is_slow:
        raise RuleError("roster_too_slow")
    if done.code == child.ENCRYPTED:
        raise RuleError("roster_encrypted")
    if done.code == child.CANNOT_OPEN:
        raise RuleError("roster_damaged")
    if done.code != 0:
        # Out of memory ends Rust with an abort and Python with a MemoryError; both mean a bomb.
        raise RuleError("roster_too_large")
    return [_sheet(data) for data in json.loads(done.output)]


def _sheet(data: dict) -> Sheet:
    cells = {
        (int(row), column): Cell(cell[1], cell[0])
        for row, values in data["rows"].items()
        for column, cell in enumerate(values)
        if cell is not None
    }
    return Sheet(data["name"], data["visible"], cells, tuple(tuple(m) for m in data["merged"]))


def _look(content: bytes, limits: Limits) -> None:
    """Refuse by the first bytes and the zip's own directory, before anything is unpacked."""
    if not content.strip():
        raise RuleError("roster_empty")
    if len(content) > MAX_FILE_BYTES:
        raise RuleError("roster_too_large")
    if content.startswith(_OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise RuleError("roster_encrypted" if encrypted else "roster_old_xls")
    if not content.startswith(b"PK"):
        raise RuleError("roster_csv" if _is_text(content) else "roster_not_spreadsheet")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise RuleError("roster_damaged") from None
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > limits.unpacked_bytes:
        raise RuleError("roster_too_large")
    if any(m.flag_bits & 1 for m in members):
        raise RuleError("roster_encrypted")
    if not any(m.filename.replace("\\", "/").lower() == "xl/workbook.xml" for m in members):
        raise RuleError("roster_not_spreadsheet")


def _is_text(content: bytes) -> bool:
    """Whether this reads as text in the encodings of Chinese offices."""
    start = content[:4096]
    if start.lstrip().startswith((b"%PDF", b"{\\rtf")) or b"\x00" in start.replace(
        b"\xff\xfe", b""
    ):
        return start.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-8", "gb18030"):
        try:
            text = start[: len(start) - len(start) % 2 or 1].decode(encoding, errors="strict")
        except UnicodeDecodeError as error:
            if error.start < len(start) - 4:
                continue
            text = start[: error.start].decode(encoding)
        printable = sum(c.isprintable() or c in "\r\n\t\ufeff" for c in text)
        return printable >= 0.95 * len(text) and any(c in text for c in ",\t;,\n<")
    return False
