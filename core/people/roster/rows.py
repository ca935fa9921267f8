"""Gives raw rows their meaning: typed values, and findings for each cell that needs a look."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.people.id_number import (
    IdFault,
    IdReading,
    looks_rounded,
    read_id_number,
    take_apart,
)
from core.people.names import read_name
from core.people.roster.cells import (
    chosen,
    clean_text,
    fold,
    is_ditto,
    is_nothing,
    read_community,
    read_contact,
    read_grid,
    read_phones,
    read_sex,
    words_beside,
)
from core.people.roster.child import UNCOMPUTED
from core.people.roster.dates import read_dates
from core.people.roster.row_reader import RowReader
from core.people.roster.values import Cell, Finding, Level, RawRow, RosterRow, Vocabulary
from core.people.roster.wants import categories_of, diets_of, is_delivered

_IN_ID_NUMBER = ("birth", "birth_year", "birth_month", "birth_day", "sex", "age")
# Only signs are folded in a name: NFKC would exchange rare characters.
_PLAIN_SIGNS = {0xFF1A: ":", 0xFF08: "(", 0xFF09: ")"}
_GONE = re.compile(
    r"去世|死亡|已故|病[故逝]|亡故|过世|离世|逝世|不在了|迁[出往至到]|搬[走离到至往家迁]|已搬|入住(养老|敬老|护理|福利)|"
    r"住(养老|敬老|护理|福利)院|注销|退出|停[发用餐]|不健在"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_PRESENT = re.compile(r"在册|正常|在|健在|存活|是|在世|常住|在住|新增|不变|无变[化动]|√")


def type_rows(
    raws: Iterable[RawRow],
    vocabulary: Vocabulary,
    today: date,
    *,
    communities: tuple[str, ...] = (),
) -> list[RosterRow]:
    """Typed rows with their findings, those between rows (the same person twice) included."""
    raws = list(raws)
    all_rounded = _column_is_rounded(raws)
    rows = [
        _Typing(
            raw, vocabulary, today=today, communities=communities, all_rounded=all_rounded
        ).row()
        for raw in raws
    ]
    return _mark_doubles(rows)


def _column_is_rounded(raws: Sequence[RawRow]) -> bool:
    """Whether most numbers end in 000: then Excel rounded also those whose check digit happens to fit."""
    numbers = [
        re.sub(r"\D", "", raw.cells["id_number"].text) for raw in raws if "id_number" in raw.cells
    ]
    rounded = sum(looks_rounded(number) for number in numbers)
    return rounded >= 3 and rounded * 2 > len(numbers)


def _mark_doubles(rows: list[RosterRow]) -> list[RosterRow]:
    seen_ids: dict[str, RosterRow] = {}
    seen_names: dict[tuple[str, date], RosterRow] = {}
    marked = []
    for row in rows:
        key = (row.name, row.birth_on) if row.birth_on else None
        first = seen_ids.get(row.id_number or "")
        if first is not None and not row.wrong_id:
            row = _with(row, "id_twice", Level.WRONG, "id_number", first)
        elif key and (like := seen_names.get(key)):
            row = _with(row, "same_name_and_birth", Level.WARNING, "name", like)
        if row.id_number and not row.wrong_id:
            seen_ids.setdefault(row.id_number, row)
        if key:
            seen_names.setdefault(key, row)
        marked.append(row)
    return marked


def _with(row: RosterRow, code: str, level: Level, name: str, other: RosterRow) -> RosterRow:
    details = {"sheet": other.sheet, "row": str(other.row), "name": other.name}
    return replace(row, findings=(*row.findings, Finding(code, level, name, "", details)))


@dataclass
class _Typing(RowReader):
    """The reading of one row; each method reads one thing and may add findings."""

    today: date
    communities: tuple[str, ...]
    all_rounded: bool

    def row(self) -> RosterRow:
        errors = {name: cell for name, cell in self.raw.cells.items() if cell.kind == "error"}
        kept = {name: cell for name, cell in self.raw.cells.items() if name not in errors}
        self.raw = replace(self.raw, cells=kept)
        name, name_note = self._name()
        number, wrong_id, reading = self._id_number()
        birth_on = self._birth(reading)
        sex = self._sex(reading, name_note)
        for name_of, broken in errors.items():
            # What follows from the ID number is missed by nobody.
            if reading is None or reading.fault or name_of not in _IN_ID_NUMBER:
                code = "cell_uncomputed" if broken.text == UNCOMPUTED else "cell_error"
                self.find(code, Level.WARNING, name_of, text=broken.text)
        self._age(birth_on)
        phones = self._phones("phone")
        second = self._phones("phone_2") or ()
        if phones is None and (beside := read_phones(name_note)).numbers:
            phones, name_note = beside.numbers, beside.rest
        self.keep_numbers("电话", ((phones or ()) + second)[1:])
        address = self._address()
        if phones is None and (in_address := _PHONE.search(fold(address or ""))):
            phones = (in_address[0],)
            address = clean_text(_PHONE.sub(" ", fold(address or ""), count=1)).strip("/,;、: ")
        community, grid, grid_text = self._area(address)
        contact_name, contact_phones, relation = self._contact()
        note = self._note(name_note)
        own = {
            name: text for name, _ in self.vocabulary.columns if (text := self.text(name)) is not None
        }  # fmt: skip
        numbers = {n for n in own if (cell := self.cell(n)) is not None and cell.kind == "number"}
        return RosterRow(
            self.raw.sheet, self.raw.row, name, name_note,
            id_number=number, wrong_id=wrong_id, birth_on=birth_on, sex=sex,
            phone=(phones or second or ("",))[0] if phones is not None or second else None,
            other_phones=tuple(p for p in ((phones or ()) + second)[1:]),
            address=address, registration_address=self.text("registration_address"),
            community=community, grid=grid, grid_text=grid_text,
            categories=categories_of(self), diets=diets_of(self), deliver=is_delivered(self),
            contact_name=contact_name, contact_relation=relation,
            contact_phone=contact_phones[0] if contact_phones else None,
            note=note, own=own, own_numbers=frozenset(numbers), findings=tuple(self.findings),
        )  # fmt: skip

    # -- who

    def _name(self) -> tuple[str, str]:
        cell = self.cell("name")
        text = cell.text if cell else ""
        reading = read_name("" if is_nothing(text) or is_ditto(text) else text)
        if reading.fault:
            self.find(reading.fault, Level.WRONG, "name", reading.proposal, text=reading.name)
        elif cell and clean_text(cell.text) != reading.name:
            self.find("name_folded", Level.NOTE, "name", text=cell.text.strip(), kept=reading.name)
        return reading.name, reading.note

    def _id_number(self) -> tuple[str | None, bool, IdReading | None]:
        cell = self.cell("id_number")
        if cell is None or not re.search(r"[\da-zA-Z]", fold(cell.text)) or is_nothing(cell.text):
            # 丢失, 办理中: no number, but worth knowing.
            self.beside += [clean_text(cell.text)] if cell and not is_nothing(cell.text) else []
            self.find("id_missing", Level.WRONG, "id_number")
            return None, False, None
        text, beside = take_apart(cell.text)
        self.beside += [beside] if beside else []
        reading = read_id_number(text, self.today, from_number_cell=cell.kind == "number")
        fault = reading.fault
        if fault is None and self.all_rounded and looks_rounded(reading.number):
            fault = IdFault.ROUNDED
            reading = replace(reading, fault=fault, sex=None)
        if fault is None:
            return reading.number, False, reading
        self.find(fault.value, Level.WRONG, "id_number", reading.proposal, text=reading.number,
                   length=len(reading.number))  # fmt: skip
        return reading.number, True, reading

    def _birth(self, reading: IdReading | None) -> date | None:
        of_id = reading.birth_on if reading else None
        sure = of_id is not None and reading is not None and reading.fault is None
        name = "birth" if self.cell("birth") else "birth_year"
        cell = self.cell("birth") or self._birth_of_parts()
        if cell is None or is_nothing(cell.text):
            if of_id is None:
                self.find("birth_missing", Level.WARNING, "birth")
            return of_id
        dates = read_dates(cell, self.today)
        if of_id is not None and any(d.fits(of_id) for d in dates):
            return of_id
        level = Level.WARNING if sure else Level.WRONG
        if not dates:
            self.find("birth_unreadable", level, name, text=cell.text)
            return of_id
        full = [d.full for d in dates if d.full]
        if sure:
            self.find("birth_disagrees", Level.WARNING, name, text=cell.text, of_id=of_id)
            return of_id
        if not full:
            self.find("birth_incomplete", Level.WRONG, name, text=cell.text)
            return None
        if len(full) > 1:
            self.find("birth_ambiguous", Level.WRONG, name, str(full[0]), text=cell.text)
            return None
        return full[0]

    def _birth_of_parts(self) -> Cell | None:
        parts = [self.cell(f"birth_{part}") for part in ("year", "month", "day")]
        if parts[0] is None:
            return None
        digits = [re.sub(r"\D", "", fold(part.text)) if part else "" for part in parts]
        return Cell("-".join(d for d in digits if d))

    def _sex(self, reading: IdReading | None, name_note: str) -> str | None:
        of_id = reading.sex if reading else None
        sure = of_id is not None and reading is not None and reading.fault is None
        cell = self.cell("sex")
        written = read_sex(chosen(cell.text)) if cell else read_sex(name_note)
        if cell and written is None and not is_nothing(cell.text):
            self.find(
                "sex_unreadable", Level.WARNING if of_id else Level.WRONG, "sex", text=cell.text
            )
        if written and of_id and sure and written != of_id:
            self.find("sex_disagrees", Level.WARNING, "sex", text=written, of_id=of_id)
            return of_id
        return written or of_id

    def _age(self, birth_on: date | None) -> None:
        cell = self.cell("age")
        match = re.match(r"\D{0,3}(\d{1,3})", fold(cell.text)) if cell else None
        if match is None or birth_on is None:
            return
        had_birthday = (self.today.month, self.today.day) >= (birth_on.month, birth_on.day)
        age = self.today.year - birth_on.year - (not had_birthday)
        # Rosters are a year or two old, and many count 虚岁.
        if not -2 <= int(match[1]) - age <= 2:
            self.find("age_disagrees", Level.WARNING, "age", text=match[1], age=age)

    # -- where and how to reach

    def _phones(self, name: str) -> tuple[str, ...] | None:
        if not self.has(name):
            return None
        cell = self.cell(name)
        if cell is None:
            return ()
        phones = read_phones(cell.text)
        if phones.fault:
            self.find("phone_unreadable", Level.WARNING, name, text=cell.text.strip())
        if words_beside(phones):
            self.beside.append(clean_text(cell.text))
        return phones.numbers

    def _address(self) -> str | None:
        parts = [("address_estate", ""), ("address_building", "号楼"), ("address_unit", "单元"),
                 ("address_room", "")]  # fmt: skip
        whole = self.text("address")
        built = ""
        for name, unit in parts:
            text = self.text(name) or ""
            built += f"{text}{unit}" if unit and text.isdigit() else text
        other = self.text("address_2")
        if other and is_ditto(other) is False and other not in (whole or ""):
            self.beside.append(f"送餐地址\uff1a{other}" if whole else other)
        if whole is None and not any(self.has(name) for name, _ in parts):
            return None
        if self.raw.cells.get("address", Cell("")).kind == "number":
            self.find("address_is_number", Level.WARNING, "address", text=whole)
        return (whole or "") + built if built not in (whole or "") else whole or ""

    def _area(self, address: str | None) -> tuple[str, int | None, str]:
        """Community, grid number and the grid as written, from the cell, the section or the title."""
        both = self.cell("community_grid")
        grid_cell = self.cell("grid") or both or (Cell(self.raw.grid) if self.raw.grid else None)
        grid = read_grid(grid_cell.text) if grid_cell else None
        cell = self.cell("community")
        community = ""
        for text in (cell.text if cell else "", both.text if both else ""):
            community = community or self._community(text)
        community = community or (grid.community if grid else "") or self.raw.community
        if not community and address:
            community = read_community(address, self.communities)
        if grid is None:
            return community, None, ""
        text = fold(grid_cell.text if grid_cell and not is_nothing(grid_cell.text) else "")
        return community, grid.number, re.sub(r"(?<=\d)\.0+$", "", text)

    def _community(self, text: str) -> str:
        if not text or is_nothing(text):
            return ""
        found = read_community(text, self.communities)
        if found:
            return found
        bare = clean_text(text)
        if bare.endswith("外"):  # 街道外: whoever lives in none of ours
            return bare
        return read_community(f"{bare}社区", self.communities) or bare

    def _contact(self) -> tuple[str | None, tuple[str, ...], str | None]:
        relation = self.text("relation")
        phones = self._phones("contact_phone") or ()
        name: str | None = None
        for column in ("contact_name", "contact"):
            text = self.text(column)
            if not text:
                name = text if name is None else name
                continue
            inside = read_phones(text)
            phones = (*phones, *(n for n in inside.numbers if n not in phones))
            rest = inside.rest if inside.numbers else text
            rest = rest.translate(_PLAIN_SIGNS)
            reading = read_name(rest.replace(":", " "))
            found, related = read_contact(rest)
            relation = relation or related or None
            name = found or reading.name or rest
            self.beside += [reading.note] if reading.note and reading.note != related else []
        self.keep_numbers("联系人电话", phones[1:])
        return name, phones, relation

    def _note(self, name_note: str) -> str | None:
        texts = [self.text("note"), self.text("note_2")]
        known = [text for text in texts if text]
        status = self.text("status") or ""
        if _PRESENT.fullmatch(status):
            status = ""
        known += [status] if status else []
        for text in [*known, name_note]:
            if text and _GONE.search(text):
                self.find("note_says_gone", Level.WARNING, "note", text=text)
                break
        if name_note and name_note not in ("男", "女") and not re.fullmatch(r"\d{1,6}", name_note):
            known.append(name_note)
        known += [text for text in self.beside if text not in known]
        return "\uff1b".join(known) if known or any(text is not None for text in texts) else None
