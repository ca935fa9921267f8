"""What a row says of meals: the categories somebody belongs to, her diet, whether she gets them at the door."""

import re

from core.people.roster.cells import (
    chosen,
    fold,
    is_not_now,
    is_nothing,
    read_categories,
    read_mark,
    read_yes_no,
    split_words,
)
from core.people.roster.row_reader import RowReader
from core.people.roster.values import Level

# 残疾 of no level and 困难 of no kind may be a category; 是否参保 is none.
_LIKE_CATEGORY = re.compile(
    r"残|困|贫|低保|低收入|五保|特困|孤|失能|失独|优抚|烈|军|计生|病|独居|空巢|留守|高龄"
)
_NO_DIET = re.compile(
    r"(无|没有|没|不)(特殊|任何)?(忌口?|禁忌|要求|过敏史?|特殊|需求|饮食禁忌|挑食|特殊要求|忌讳)|正常|普通(饮食)?|"
    r"均可|都(行|可以?|吃)|随意|否|一般|×"
)


def categories_of(row: RowReader) -> tuple[str, ...] | None:
    """Names of categories, the default one where none is said; None when the roster tells of none."""
    words = row.vocabulary.words
    found: list[str] = []
    unknown: list[str] = []
    has_column = "categories" in row.raw.columns or bool(row.raw.category)
    cell = row.cell("categories")
    if cell and not is_nothing(chosen(cell.text)):
        found, unknown = read_categories(chosen(cell.text), words)
    for name in row.raw.columns:
        kind, _, head = name.rstrip("'").partition(":")
        if kind not in ("tick", "side", "asked"):
            continue
        has_column = has_column or kind != "asked"
        value = row.cell(name)
        if value is None:
            continue
        read = _ticked if kind == "tick" else _side
        found += read(row, name, head, value.text)
    if unknown:
        row.find("category_unknown", Level.WRONG, "categories", text="、".join(unknown))
    if not found and not unknown and row.raw.category:
        found = [row.raw.category]
    if not has_column and not found:
        return None
    if not found and not unknown and row.vocabulary.default:
        found = [row.vocabulary.default]
    kept = list(dict.fromkeys(found))
    if len(kept) > 1 and row.vocabulary.default in kept:
        kept.remove(row.vocabulary.default)
    return tuple(kept)


def _ticked(row: RowReader, name: str, category: str, text: str) -> list[str]:
    mark = None if is_not_now(text) else read_yes_no(text)
    if mark is None:
        said, unknown = read_categories(text, row.vocabulary.words)
        if unknown or not said:
            row.find("mark_unreadable", Level.WRONG, name, text=text.strip())
        return said or []
    return [category] if mark else []


def _side(row: RowReader, name: str, head: str, text: str) -> list[str]:
    """A further column (残疾等级, 居住状况): what it says is read with its head; the rest is no category."""
    words, value = row.vocabulary.words, fold(text)
    asked = re.sub(r"^(是否|是不是|有无)(为|属于|属|是|享受|有)?|情况|状况|类型|等级", "", head)
    if read_mark(value):
        names, unknown = read_categories(asked, words)
        if unknown:
            level = Level.WARNING if _LIKE_CATEGORY.search(head) else Level.NOTE
            row.find("side_ticked", level, name, text=head)
        return [c for c in names if c]
    if is_nothing(value) or read_yes_no(value) is False:
        return []
    for topic in ("残疾", "失能"):
        if topic in head and topic not in value:
            value = "、".join(f"{part}{topic}" for part in split_words(value))
    found, unknown = read_categories(value, words)
    if unknown:
        row.find("side_not_taken", Level.NOTE, name, text="、".join(unknown))
    return found


def diets_of(row: RowReader) -> tuple[str, ...] | None:
    """Needs of diet in the roster's own words; None when there is no such column."""
    text = row.text("diets")
    if text is None:
        return None
    text = fold(text)
    # "对花生、海鲜过敏" names two allergies; "低盐、花生过敏" only one.
    listed = re.sub(
        r"对([^;。\s]+?)(?:都|均)?过敏",
        lambda m: "、".join(f"{w}过敏" for w in re.split(r"[、,和及/]", m[1]) if w),
        text,
    )
    words = split_words(listed)
    return tuple(dict.fromkeys(w for w in words if w and not _NO_DIET.fullmatch(w)))


def is_delivered(row: RowReader) -> bool | None:
    """Whether meals go to her door; None when no column says, or a mark cannot be read."""
    if not row.has("deliver"):
        return None
    cell = row.cell("deliver")
    if cell is None:
        return False
    mark = read_yes_no(chosen(cell.text))
    if mark is None:
        row.find("mark_unreadable", Level.WRONG, "deliver", text=cell.text.strip())
    return mark
