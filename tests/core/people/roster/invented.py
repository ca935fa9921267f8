"""Invented people and a small writer of workbooks, for rosters with the quirks of real offices."""

import io
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

import xlsxwriter

from core.people.id_number import check_digit

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Somebody:
    name: str
    id_number: str
    birth: date
    sex: str
    phone: str
    address: str
    grid: int
    categories: tuple[str, ...]
    deliver: bool

    def but(self, **changes) -> "Somebody":
        return replace(self, **changes)


def id_number(birth: date, serial: int, area: str = "130499") -> str:
    first = f"{area}{birth:%Y%m%d}{serial:03d}"
    return first + check_digit(first)


def somebodies(count: int, seed: int = 7) -> list[Somebody]:
    """People born 1926–1960 with right ID numbers; the same for the same seed."""
    chance = random.Random(seed)
    people = []
    for n in range(count):
        birth = date(1926, 1, 1) + timedelta(days=chance.randrange(34 * 365))
        sex = chance.choice("男女")
        serial = chance.randrange(1, 498) * 2 + (sex == "男")
        name = chance.choice("王李张刘陈杨赵单查解") + chance.choice(
            ["秀英", "建国", "玉兰", "桂芳", "强", "䶮"]
        )
        people.append(Somebody(
            name, id_number(birth, serial), birth, sex, f"13{chance.randrange(10**9):09d}",
            f"农林二社区{n + 1}号楼2单元{chance.randrange(101, 603)}", chance.randrange(1, 7),
            chance.choice([("普通",), ("低保",), ("独居", "空巢"), ("重残",), ("高龄",), ("特困",)]),
            chance.random() < 0.4,
        ))  # fmt: skip
    return people


class Book:
    """Writes sheets row by row."""

    def __init__(self) -> None:
        self._file = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._file, {"in_memory": True})
        self.center = self.book.add_format({"align": "center"})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, name: str, rows: list[list], merges: list[tuple] = ()) -> "Book":
        sheet = self.book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, self.day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)
        for top, left, bottom, right, text in merges:
            sheet.merge_range(top, left, bottom, right, text, self.center)
        return self

    def hide(self, name: str) -> "Book":
        self.book.get_worksheet_by_name(name).hide()
        return self

    def bytes(self) -> bytes:
        self.book.close()
        return self._file.getvalue()
