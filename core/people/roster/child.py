"""Runs alone in a child process (core/limited.py): opens a spreadsheet and prints its cells as JSON.

Exit codes say what happened: 3 cannot be opened, 4 encrypted, 5 too many cells.
"""

import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

MAX_ROWS = 20_000
MAX_COLUMNS = 300
MAX_SHEETS = 40
MAX_TEXT = 2_000
CANNOT_OPEN, ENCRYPTED, TOO_MANY = 3, 4, 5
UNCOMPUTED = "="
# A cell, its formula, its value: the tag, what stands in it, the text behind it.
_TAG = re.compile(rb"<(?:\w+:)?([cfv])((?:\s|/)[^<>]*)?>([^<]*)")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def plain(value: object) -> list[str] | None:
    """A cell as [kind, text]; None when it is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return ["bool", "1" if value else "0"]
    if isinstance(value, int | float):
        whole = isinstance(value, int) or (
            value == value and abs(value) < 1e20 and value == int(value)
        )
        return ["number", str(int(value)) if whole else repr(value)]
    if isinstance(value, datetime | date):
        return ["date", value.isoformat()[:10]]
    if isinstance(value, time | timedelta):
        return ["text", str(value)]
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), str(value))[:MAX_TEXT]
    return ["error" if re.fullmatch(r"#[A-Z0-9/]+[!?]?", text) else "text", text]


def lost_values(content: bytes) -> dict[str, dict[int, dict[int, list[str]]]]:
    """Cells of each sheet that python-calamine hands over as empty and that are none: errors, and
    formulas whose result no program has ever stored (UNCOMPUTED). Sheet → row → column → cell."""
    lost: dict[str, dict[int, dict[int, list[str]]]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, part in _parts(archive):
            xml = archive.read(part)
            if b't="e"' not in xml and b"<f" not in xml and b":f" not in xml:
                continue
            for attributes, has_formula, value in _cells(xml):
                is_error = b't="e"' in attributes
                is_uncomputed = has_formula and not value and b't="str"' not in attributes
                place = _PLACE.search(attributes)
                if place is None or not (is_error or is_uncomputed):
                    continue
                column = 0
                for letter in place[1]:
                    column = column * 26 + letter - 64
                text = value.decode(errors="replace")[:20] or UNCOMPUTED
                if column <= MAX_COLUMNS:
                    row = lost.setdefault(name, {}).setdefault(int(place[2]) - 1, {})
                    row[column - 1] = ["error", text]
    return lost


def _cells(xml: bytes) -> Iterator[tuple[bytes, bool, bytes]]:
    """Each cell's attributes, whether it has a formula, and its value, in one pass over the sheet."""
    attributes, has_formula, value = b"", False, b""
    for tag in _TAG.finditer(xml):
        kind, inside, text = tag.groups(default=b"")
        if kind == b"c":
            yield attributes, has_formula, value
            attributes, has_formula, value = inside, False, b""
        elif kind == b"f":
            has_formula = True
        else:
            value = text
    yield attributes, has_formula, value


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name and where it stands in the file."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "").lstrip("/") for link in links}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind(".//{*}sheet"):
        place = next((v for key, v in sheet.items() if key.endswith("}id")), None)
        target = targets.get(place, "")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if part in archive.NameToInfo:
            yield sheet.get("name", ""), part


def main() -> int:
    import python_calamine

    content = sys.stdin.buffer.read()
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
    except python_calamine.PasswordError:
        return ENCRYPTED
    except (python_calamine.CalamineError, OSError, ValueError):
        return CANNOT_OPEN
    try:
        lost = lost_values(content)
    except (
        KeyError, ValueError, OSError, RuntimeError, zlib.error, ElementTree.ParseError, zipfile.BadZipFile
    ):  # fmt: skip
        lost = {}
    sheets = []
    for meta in book.sheets_metadata[:MAX_SHEETS]:
        if meta.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = book.get_sheet_by_name(meta.name)
        except (python_calamine.CalamineError, OSError, ValueError):
            return CANNOT_OPEN
        rows: list[list[list[str] | None]] = []
        filled = 0
        if sheet.end is not None and sheet.start is not None:
            if sheet.width > 16_384:
                return TOO_MANY
            for number, values in enumerate(sheet.iter_rows()):
                cells = [plain(value) for value in values[:MAX_COLUMNS]]
                for column, cell in lost.get(meta.name, {}).get(number, {}).items():
                    cells += [None] * (column + 1 - len(cells))
                    cells[column] = cells[column] or cell
                while cells and cells[-1] is None:
                    cells.pop()
                filled += bool(cells)
                if filled > MAX_ROWS or number > 1_048_576:
                    return TOO_MANY
                rows.append(cells)
        while rows and not rows[-1]:
            rows.pop()
        sheets.append({
            "name": meta.name,
            "visible": meta.visible is python_calamine.SheetVisibleEnum.Visible,
            "rows": {number: cells for number, cells in enumerate(rows) if cells},
            "merged": [[*first, *last] for first, last in sheet.merged_cell_ranges or ()][:20_000],
        })  # fmt: skip
    sys.stdout.write(json.dumps(sheets))
    return 0


if __name__ == "__main__":
    sys.exit(main())
