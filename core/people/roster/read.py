"""Reads a roster: file → sheets → lines → raw rows. `rows` gives them their meaning."""

import re
from dataclasses import replace

from flask_babel import lazy_gettext as _l

from core.errors import RuleError, Text, describe
from core.people.roster.cells import (
    clean_text,
    fold,
    is_ditto,
    is_nothing,
    read_community,
    read_mark,
)
from core.people.roster.heads import fold_head
from core.people.roster.lines import (
    is_example,
    is_footer,
    is_numbering,
    is_total,
    section_of,
    way_of,
)
from core.people.roster.load import Limits, Sheet, load_workbook
from core.people.roster.table import Column, Table, find_further_tables, find_table
from core.people.roster.values import Cell, RawRow, Roster, SheetRead, Skipped, Vocabulary

MAX_PEOPLE = 20_000
_ASIDE = re.compile(r"示例|样表|样例|说明|填写|模板|字典|选项|下拉|参数|代码表")
_NO_PLACE = re.compile(
    r"表|册|名单|名册|信息|老人|老年|汇总|数据|台账|登记|人员|网格|对象|总|年|月"
)
_ENDED = re.compile(r"去世|死亡|亡故|退出|停发|停用|注销|迁出|作废|减少|已故|旧表|取消")
_FILLED_DOWN = ("community", "grid", "community_grid", "street")
_DITTO_FIELDS = frozenset({
    "address", "community", "grid", "community_grid", "contact_name", "contact_phone", "phone",
    "categories", "registration_address", "deliver", "relation", "street", "diets",
})  # fmt: skip

describe({
    "roster_no_head": Text(
        _l("No table with a column “姓名” was found in %(sheets)s. Nothing was imported. Each column "
           "needs a head; the template shows which ones are known."), 422),
    "roster_no_rows": Text(
        _l("The table in %(sheets)s has a head but nobody under it. Nothing was imported."), 422),
    "roster_no_sheet": Text(
        _l("The workbook has no sheet %(sheet)s. Nothing was imported. It has: %(sheets)s."), 422),
})  # fmt: skip


def read_roster(
    content: bytes,
    vocabulary: Vocabulary,
    *,
    communities: tuple[str, ...] = (),
    sheet: str = "",
    limits: Limits | None = None,
) -> Roster:
    """The people of an .xlsx as raw rows, with what was skipped and why.

    communities: names that exist; sheet: read only this one. Raises RuleError (roster_…).
    """
    sheets = load_workbook(content, limits=limits)
    chosen, skipped = _choose(sheets, sheet)
    reads: list[SheetRead] = []
    rows: list[RawRow] = []
    reader: _SheetReader | None = None
    for one in chosen:
        table = find_table(one, vocabulary)
        if table is None and reader is not None and reader.goes_on_in(one):
            # The sheet goes on where the one before it ended; nobody wrote the head again.
            table = replace(reader.table, top=-1, bottom=-1)
        if table is None:
            skipped.append(Skipped(one.name, None, "no_head" if one.cells else "empty_sheet"))
            continue
        before, reader = reader, _SheetReader(one, table, vocabulary, communities)
        if before is not None and table.top < 0:
            reader.follow(before)
        rows += reader.read()
        skipped += reader.skipped
        reads += reader.summaries()
    names = "、".join(f"「{s.name}」" for s in sheets)
    if not reads:
        raise RuleError("roster_no_head", sheets=names)
    if not rows:
        raise RuleError("roster_no_rows", sheets="、".join(f"「{r.name}」" for r in reads))
    if len(rows) > MAX_PEOPLE:
        raise RuleError("roster_too_large")
    return Roster(tuple(reads), tuple(rows), tuple(skipped))


def _choose(sheets: list[Sheet], wanted: str) -> tuple[list[Sheet], list[Skipped]]:
    if wanted:
        chosen = [s for s in sheets if s.name == wanted]
        if not chosen:
            raise RuleError(
                "roster_no_sheet", sheet=wanted, sheets="、".join(s.name for s in sheets)
            )
        return chosen, [Skipped(s.name, None, "not_chosen") for s in sheets if s.name != wanted]
    chosen, skipped = [], []
    for sheet in sheets:
        why = ""
        if not sheet.visible:
            why = "hidden_sheet"
        elif _ASIDE.search(sheet.name):
            why = "example_sheet"
        elif _ENDED.search(sheet.name):
            why = "ended_sheet"
        if why:
            skipped.append(Skipped(sheet.name, None, why))
        else:
            chosen.append(sheet)
    return (chosen, skipped) if chosen else (sheets, [])


class _SheetReader:
    """Reads the lines of one sheet, remembering the section they stand in."""

    def __init__(
        self, sheet: Sheet, table: Table, vocabulary: Vocabulary, communities: tuple[str, ...]
    ) -> None:
        self.sheet, self.table, self.vocabulary = sheet, table, vocabulary
        self.tables = [table, *find_further_tables(sheet, table, vocabulary)]
        self.communities = communities
        self.skipped: list[Skipped] = []
        self.titles = tuple(
            text for row in range(table.top) if (text := " ".join(self._texts(row)))
        )
        named = [read_community(text, communities) for text in self._title_texts()]
        self.community = next((name for name in named if name), "") or self._sheet_community()
        self.grid = self._grid_of_title()
        self.category = self.ended = ""
        self.way = next((way for text in self._title_texts() if (way := way_of(text))), "")
        self.merged_into: dict[tuple[int, int], tuple[int, int]] = {}
        for top, left, bottom, right in sheet.merged:
            if top > table.bottom and bottom > top:
                for row in range(top + 1, bottom + 1):
                    for column in range(left, right + 1):
                        self.merged_into[row, column] = (top, left)
        self._use(table)

    def _use(self, table: Table) -> None:
        """Read the lines from here on by the columns of this table."""
        self.table = table
        self.heads = [self._heads(row) for row in range(table.top, table.bottom + 1)]

    def goes_on_in(self, sheet: Sheet) -> bool:
        """Whether a sheet without a head has ID numbers where this one has them, from its first lines."""
        columns = [c.index for block in self.table.blocks for c in block if c.field == "id_number"]
        return any(
            re.fullmatch(r"\d{17}[\dxX]", fold(sheet.text(row, column)))
            for row in range(3) for column in columns
        )  # fmt: skip

    def follow(self, before: "_SheetReader") -> None:
        """Stand in the section in which the sheet before ended."""
        self.community = self.community or before.community
        self.grid = self.grid or before.grid
        self.category, self.way, self.ended = before.category, before.way, before.ended

    def _sheet_community(self) -> str:
        """The community after which the sheet is named; many leave out the word 社区 there."""
        name = self.sheet.name.strip()
        found = read_community(name, self.communities)
        if found or not re.fullmatch(r"[\u3400-\u9fff]{2,5}", name) or _NO_PLACE.search(name):
            return found
        return read_community(f"{name}社区")

    def _grid_of_title(self) -> str:
        for text in (*self._title_texts(), self.sheet.name):
            if match := re.search(r"第?[\d一二三四五六七八九十]{1,3}号?网格", fold(text)):
                return match[0]
        return ""

    def _title_texts(self) -> list[str]:
        return [text for row in range(self.table.top) for text in self._texts(row)]

    def _texts(self, row: int) -> list[str]:
        columns = sorted(c for r, c in self.sheet.cells if r == row)
        return [text for c in columns if (text := self.sheet.text(row, c))]

    def _heads(self, row: int) -> dict[int, str]:
        return {
            column.index: fold_head(self.sheet.text(row, column.index))
            for block in self.table.blocks
            for column in block
            if self.sheet.text(row, column.index)
        }

    def summaries(self) -> list[SheetRead]:
        """What each table of the sheet was taken for."""
        return [
            SheetRead(
                self.sheet.name, table.bottom + 1, self.titles,
                tuple(
                    (c.letters, f"{c.group}/{c.head}" if c.group else c.head, c.category or c.field)
                    for block in table.blocks for c in block
                ),
                self.community,
            )
            for table in self.tables
        ]  # fmt: skip

    def read(self) -> list[RawRow]:
        rows: list[RawRow] = []
        by_line: dict[int, dict[int, str]] = {}
        for row, column in self.sheet.cells:
            if row > self.table.bottom and (text := self.sheet.text(row, column)):
                by_line.setdefault(row, {})[column] = text
        further = {table.top: table for table in self.tables[1:]}
        for line in range(self.table.bottom + 1, self.sheet.height):
            if line in further:
                self._use(further[line])
                self.ended = ""
            texts = by_line.get(line, {})
            is_head = self.table.top <= line <= self.table.bottom
            why = "repeated_head" if is_head else self._no_people(texts)
            told = len(self.skipped)
            people = [] if why else self._people(line)
            rows += people
            # Nothing written in the file goes without a word.
            if why or (not people and len(self.skipped) == told):
                shown = " ".join(texts[c] for c in sorted(texts))[:80]
                self.skipped.append(Skipped(self.sheet.name, line + 1, why or "note", shown))
        return self._fill_down(rows)

    def _no_people(self, texts: dict[int, str]) -> str:
        """Why a whole line holds nobody; "" when it holds people. Takes note of section titles."""
        if not texts:
            return "blank"
        ordered = [texts[c] for c in sorted(texts)]
        if self._repeats_head(texts) or is_numbering(ordered):
            return "repeated_head"
        first = ordered[0]
        has_number = any(re.search(r"\d{6,}", fold(t)) for t in ordered)
        if is_example(first) or (len(ordered) > 1 and is_example(ordered[1])):
            return "example"
        if not has_number and (is_total(first) or (len(ordered) > 1 and is_total(ordered[1]))):
            return "total"
        is_alone = len(set(ordered)) == 1 and not self._is_name_only(texts)
        if is_alone and not has_number and len(first) <= 20 and _ENDED.search(first):
            self.ended = clean_text(first)
            return "section"
        has_id = any(re.fullmatch(r"\d{15}(\d\d[\dxX])?", fold(t)) for t in ordered)
        if is_footer(first) and (len(ordered) < 5 or not has_number) and not has_id:
            return "note"
        if len(set(ordered)) == 1 and way_of(first):
            self.way, self.ended = way_of(first), ""
            return "section"
        if len(set(ordered)) == 1 or (len(ordered) == 2 and re.search(r"\d+[人户]", ordered[1])):
            section = section_of(first, self.vocabulary, self.communities)
            if section and not self._is_name_only(texts):
                community, grid, category = section
                self.community_section(community, grid, category)
                return "section"
        if is_alone and (len(first) > 8 or re.search(r"\d", fold(first))):
            return "note"
        return ""

    def community_section(self, community: str, grid: str, category: str) -> None:
        """Let a section title stand for the lines below it."""
        self.ended = ""
        if community:
            self.community, self.grid = community, grid
        elif grid:
            self.grid = grid
        elif category:
            self.category = category

    def _is_name_only(self, texts: dict[int, str]) -> bool:
        name_columns = {c.index for b in self.table.blocks for c in b if c.field == "name"}
        only = next(iter(texts))
        communities = {name.removesuffix("社区") for name in self.communities}
        is_short = len(texts[only]) <= 3 and fold(texts[only]) not in communities
        return len(texts) == 1 and only in name_columns and is_short

    def _repeats_head(self, texts: dict[int, str]) -> bool:
        folded = {column: fold_head(text) for column, text in texts.items()}
        for heads in self.heads:
            same = sum(folded.get(column) == head for column, head in heads.items())
            if same >= 2 and same * 2 >= len(folded):
                return True
        return False

    def _people(self, line: int) -> list[RawRow]:
        rows = []
        for block in self.table.blocks:
            row, why = self._person(line, block)
            if row is not None:
                rows.append(row)
            elif why:
                text = " ".join(t for c in block if (t := self.sheet.text(line, c.index)))
                self.skipped.append(Skipped(self.sheet.name, line + 1, why, text[:80]))
        return rows

    def _person(self, line: int, block: tuple[Column, ...]) -> tuple[RawRow | None, str]:
        cells: dict[str, Cell] = {}
        own: set[str] = set()
        columns: dict[str, str] = {}
        for column in block:
            name = self._cell_name(column)
            if not name:
                continue
            while name in columns and column.field != "choice":
                name += "'"
            columns.setdefault(name, column.letters)
            origin = self.merged_into.get((line, column.index), (line, column.index))
            cell = self.sheet.cells.get(origin)
            if cell is None or not cell.text.strip():
                continue
            if column.field == "name" and origin != (line, column.index):
                return None, "continued"
            # Lines prepared with formulas and filled with nothing hold nobody.
            if origin == (line, column.index) and cell.kind != "error":
                own.add(column.field)
            if column.field == "choice":
                if read_mark(cell.text) is False:
                    continue
                chosen = cells[name].text + "、" if name in cells else ""
                cell = Cell(chosen + column.option)
            cells[name] = cell
        name = cells.get("name", Cell("")).text
        if not own - {"number", "community", "grid", "street"} and not name.strip():
            return None, "numbered_blank" if own else ""
        if is_nothing(name) and not own & {"id_number", "phone", "birth"}:
            return None, "note"
        if is_example(name):
            return None, "example"
        if self.way and "deliver" not in columns:
            cells["deliver"] = Cell(self.way)
        if self.ended:
            cells.setdefault("note_2", Cell(self.ended))
        return RawRow(
            self.sheet.name, line + 1, cells, columns, self.community, self.grid, self.category
        ), ""

    @staticmethod
    def _cell_name(column: Column) -> str:
        if column.field in ("", "other", "number", "id_kind", "street"):
            return ""
        if column.field == "choice":
            return column.category
        if column.field == "tick":
            return f"tick:{column.category}"
        if column.field == "asked":
            return f"asked:{fold_head(column.head)}"
        if column.field == "categories_2":
            return f"side:{fold_head(column.head)}"
        return column.field

    def _fill_down(self, rows: list[RawRow]) -> list[RawRow]:
        """同上 takes the cell above; a community or grid written once for many lines holds for them."""
        sparse = {
            name
            for name in _FILLED_DOWN
            if rows and name in rows[0].cells
            and sum(name in row.cells for row in rows) * 2 <= len(rows)
        }  # fmt: skip
        before: dict[str, Cell] = {}
        filled = []
        for row in rows:
            cells = dict(row.cells)
            for name in row.columns:
                cell = cells.get(name)
                above = before.get(name)
                ditto = cell is not None and name in _DITTO_FIELDS and is_ditto(cell.text)
                if above is not None and (ditto or (cell is None and name in sparse)):
                    cells[name] = above
            before = {**before, **cells}
            filled.append(replace(row, cells=cells))
        return filled
