"""Finds the table in a sheet: its head of one to three lines, and what each column holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.people.roster.heads import (
    YES_NO_HEAD,
    category_of,
    choice_of,
    field_of,
    fold_head,
    is_category_group,
    own_field,
)
from core.people.roster.load import Sheet
from core.people.roster.values import Vocabulary

MAX_TITLE_LINES = 60
_NO_GROUP = re.compile(r"[::]|填报|填表|制表|年\d|\d年|日期|单位")
_PEOPLE_FIELDS = frozenset({
    "id_number", "sex", "birth", "birth_year", "age", "phone", "address", "grid", "community",
    "categories", "community_grid", "registration_address",
})  # fmt: skip
_NAME_HEAD = re.compile(r"^\W*(\S{0,8}姓\s*名|名\s*字|老人|老年人|\S{0,4}对象|name)", re.IGNORECASE)
_DATA = re.compile(r"\d{4,}|^[√×✓]$")


@dataclass(frozen=True)
class Column:
    """One column: index from 0, its head and the group above it, the field or category it holds.

    A `choice` is a column of ticks for one answer (`option`) to the field that `category` names.
    """

    index: int
    head: str
    group: str
    field: str
    category: str = ""
    option: str = ""

    @property
    def letters(self) -> str:
        return column_letters(self.index)


@dataclass(frozen=True)
class Table:
    """A table: lines of its head (from 0, first and last) and one block of columns per person a line."""

    top: int
    bottom: int
    blocks: tuple[tuple[Column, ...], ...]


def column_letters(index: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def find_table(sheet: Sheet, vocabulary: Vocabulary) -> Table | None:
    """The first table with names in a sheet; None when there is none."""
    filled = _Filled(sheet)
    for row in range(min(sheet.height, MAX_TITLE_LINES)):
        if _is_head(filled, row):
            return _table(filled, row, vocabulary)
    return None


def find_further_tables(sheet: Sheet, first: Table, vocabulary: Vocabulary) -> list[Table]:
    """The tables below the first one of a sheet whose heads are other ones or stand elsewhere."""
    filled = _Filled(sheet)
    rows = sorted({row for (row, _), cell in sheet.cells.items()
                   if row > first.bottom and _NAME_HEAD.search(cell.text[:20])})  # fmt: skip
    tables = [first]
    for row in rows:
        if row > tables[-1].bottom and _is_head(filled, row):
            table = _table(filled, row, vocabulary)
            if _meanings(table) != _meanings(tables[-1]):
                tables.append(table)
    return tables[1:]


def _meanings(table: Table) -> list[tuple[int, str, str, str]]:
    return [(c.index, c.field, c.category, c.option) for block in table.blocks for c in block]


def _table(filled: "_Filled", row: int, vocabulary: Vocabulary) -> Table:
    bottom = _bottom(filled, row, vocabulary)
    columns = list(_columns(filled, row, bottom, vocabulary))
    return Table(row, bottom, tuple(_settle(block) for block in _blocks(columns)))


class _Filled:
    """A sheet in which every cell of a merged range shows the range's text."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.width, self.height = sheet.width, sheet.height
        self.origin: dict[tuple[int, int], tuple[int, int]] = {}
        self.spans: dict[tuple[int, int], tuple[int, int]] = {}
        for top, left, bottom, right in sheet.merged:
            self.spans[top, left] = (bottom, right)
            for row in range(top, min(bottom, top + 12) + 1):
                for column in range(left, min(right, left + 300) + 1):
                    self.origin[row, column] = (top, left)

    def text(self, row: int, column: int) -> str:
        return self.sheet.text(*self.origin.get((row, column), (row, column)))

    def own(self, row: int, column: int) -> str:
        return self.sheet.text(row, column)


def _is_head(filled: _Filled, row: int) -> bool:
    if not any(filled.own(row, column) for column in range(filled.width)):
        return False
    fields = {field_of(filled.text(row, column)) for column in range(filled.width)}
    texts = {filled.text(row, column) for column in range(filled.width)} - {""}
    return "name" in fields and bool(fields & _PEOPLE_FIELDS) and len(texts) >= 2


def _bottom(filled: _Filled, top: int, vocabulary: Vocabulary) -> int:
    """The last line of the head that begins at `top`: further lines only name what is above them."""
    names = [c for c in range(filled.width) if field_of(filled.text(top, c)) == "name"]
    bottom = top
    while bottom < min(top + 2, filled.height - 1):
        row = bottom + 1
        own = [c for c in range(filled.width) if filled.own(row, c)]
        under_name = filled.text(row, names[0])
        if not own or (under_name and under_name != filled.text(top, names[0])):
            break
        if any(filled.sheet.cells[row, c].kind in ("number", "date") for c in own):
            break
        texts = [filled.own(row, c) for c in own]
        if any(_DATA.search(text) for text in texts) or len(own) < 2:
            break
        groups = [filled.text(bottom, c) or _left_of(filled, bottom, c) for c in own]
        known = sum(
            bool(own_field(text, vocabulary.columns) or field_of(text, filled.text(top, c)))
            or category_of(text, group, vocabulary.words, vocabulary.names) is not None
            or choice_of(text, group)[0] != ""
            for c, text, group in zip(own, texts, groups, strict=True)
        )
        if known * 2 < len(own):
            break
        bottom = row
    return bottom


def _left_of(filled: _Filled, row: int, column: int) -> str:
    """The nearest text to the left: a group whose cells nobody merged."""
    return next((text for c in range(column, -1, -1) if (text := filled.text(row, c))), "")


def _columns(filled: _Filled, top: int, bottom: int, vocabulary: Vocabulary) -> Iterator[Column]:
    groups = [_groups(filled, row) for row in range(max(0, top - 2), top)]
    beside = ""
    for column in range(filled.width):
        levels = [filled.text(row, column) for row in range(top, bottom + 1)]
        if bottom > top and not levels[0] and any(levels[1:]):
            levels[0] = beside  # a group whose cells nobody merged
        beside = levels[0]
        stack = [group[column] for group in groups if column in group]
        stack += [text for text in levels if text]
        texts = [text for n, text in enumerate(stack) if n == 0 or text != stack[n - 1]]
        if not texts:
            continue
        head, group = texts[-1], texts[-2] if len(texts) > 1 else ""
        field, category = own_field(head, vocabulary.columns), ""
        if field:
            yield Column(column, head, group, field)
            continue
        field, option = choice_of(head, group)
        if field:
            yield Column(column, head, group, "choice", field, option)
            continue
        field = field_of(head, group)
        if field in ("", "categories_2", "other") or (is_category_group(group) and group != head):
            category = category_of(head, group, vocabulary.words, vocabulary.names) or ""
            if category:
                field = "tick"
            elif not field and (YES_NO_HEAD.match(fold_head(head)) or is_category_group(group)):
                field = "asked"  # what is ticked there may be a category that nobody knows
        yield Column(column, head, group, field, category)


def _groups(filled: _Filled, row: int) -> dict[int, str]:
    """Texts over several columns in a line above the head, but neither titles nor 填报单位 lines."""
    found: dict[int, str] = {}
    for (top, left), (_, right) in filled.spans.items():
        text = filled.sheet.text(top, left)
        narrow = right > left and right - left + 1 < 0.8 * filled.width
        if top == row and narrow and text and not _NO_GROUP.search(text) and len(text) <= 16:
            found.update(dict.fromkeys(range(left, right + 1), text))
    return found


def _blocks(columns: list[Column]) -> list[list[Column]]:
    """Two tables side by side under one title are two blocks."""
    heads = [fold_head(column.head) for column in columns]
    for size in range(2, len(heads) // 2 + 1):
        times = -(-len(heads) // size)
        block = heads[:size]
        fields = {column.field for column in columns[:size]}
        same = all(heads[n] == block[n % size] for n in range(len(heads)))
        if same and times > 1 and "name" in fields and fields & _PEOPLE_FIELDS:
            return [columns[n : n + size] for n in range(0, len(columns), size)]
    return [columns]


_HEAD_OF_HOUSEHOLD = re.compile(r"户主|申请人|代办")
_KEEPER = re.compile(r"网格(员|长)|负责人|责任人|包联|帮扶|楼(栋)?长|志愿者|送餐员|经办")


def _whose(column: Column, position: int, block: list[Column]) -> Column:
    """A column, or the same as `other` when it is about somebody else: 户主姓名 beside 姓名, and the
    phone right of a 网格员 when the person's own comes later."""
    rest = [c for n, c in enumerate(block) if n != position and c.field == column.field]
    left = block[position - 1] if position else column
    is_household = (
        column.field == "name"
        and _HEAD_OF_HOUSEHOLD.search(column.head)
        and not all(_HEAD_OF_HOUSEHOLD.search(c.head) for c in rest)
    )
    is_household = is_household or (
        column.field == "relation" and "户主" in column.head and bool(rest)
    )
    is_keeper = (
        column.field == "phone"
        and _KEEPER.search(left.head)
        and any(c.index > column.index for c in rest)
    )
    return replace(column, field="other") if is_household or is_keeper else column


_SECOND = {
    "address": "address_2",
    "phone": "phone_2",
    "categories": "categories_2",
    "note": "note_2",
}


def _settle(block: list[Column]) -> tuple[Column, ...]:
    """Each field once: a phone right of a contact is the contact's, a second name is a contact's."""
    block = [_whose(column, n, block) for n, column in enumerate(block)]
    settled: list[Column] = []
    taken: set[str] = set()
    repeatable = {
        "tick",
        "choice",
        "asked",
        "categories_2",
        "other",
        "number",
        "",
        "phone_2",
        "note_2",
        "relation",
    }
    for position, column in enumerate(block):
        field = column.field
        near = {c.field for c in settled[max(0, position - 2) : position]}
        if (
            field in ("phone", "phone_2")
            and "contact_name" in near
            and "contact_phone" not in taken
        ):
            field = "contact_phone"
        elif field == "name" and "name" in taken:
            field = "contact_name"
        if field in taken and field not in repeatable:
            field = _SECOND.get(field, "other")
        taken.add(field)
        settled.append(replace(column, field=field))
    if "address" not in taken and "address_room" not in taken and "address_building" not in taken:
        settled = [
            replace(c, field="address") if c.field == "registration_address" else c for c in settled
        ]
    return tuple(settled)
