"""Runs alone in a child process (core/limited.py): opens a spreadsheet and prints its cells as JSON.

Exit codes say what happened: 3 cannot be opened, 4 encrypted, 5 too many cells.
"""

import json
import re
import sys
from datetime import date, datetime, time, timedelta

MAX_ROWS = 20_000
MAX_COLUMNS = 300
MAX_SHEETS = 40
MAX_TEXT = 2_000
CANNOT_OPEN, ENCRYPTED, TOO_MANY = 3, 4, 5
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


def main() -> int:
    import python_calamine

    try:
        book = python_calamine.load_workbook(sys.stdin.buffer)
    except python_calamine.PasswordError:
        return ENCRYPTED
    except (python_calamine.CalamineError, OSError, ValueError):
        return CANNOT_OPEN
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
