"""What the cells of a learner's row mean: typed values, and findings for each that needs a look."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from core.people.roster.dates import read_dates
from core.people.roster.values import Cell, Finding, Level, RosterRow
from workshop.importer import words as reading
from workshop.importer.book import Book
from workshop.importer.children import read_children, read_under_12

LONG_UNEMPLOYED = "失业一年以上"


@dataclass(frozen=True)
class Meant:
    """What a row says beyond the registry; None where the file has no such column or it is empty."""

    skills: tuple[str, ...] = ()
    wishes: frozenset[str] | None = None
    hardship: tuple[str, ...] = ()
    certified: bool = False
    certified_by: str = ""
    children_under_12: int | None = None
    unemployed_since: date | None = None
    work: str = ""
    from_work: str = ""  # the hardship that only her state of work tells
    findings: tuple[Finding, ...] = ()

    @property
    def has_needs(self) -> bool:
        return bool(self.skills) or self.wishes is not None or self.children_under_12 is not None


@dataclass
class Reader:
    """Reads the programme's own cells of one row; each method reads one and may add findings."""

    row: RosterRow
    book: Book
    findings: list[Finding] = field(default_factory=list)

    def meant(self) -> Meant:
        hardship = [name for name in self.row.categories or () if name]
        for name in hardship:
            if name not in self.book.categories:
                self._find("hardship_not_in_table", "categories", name)
        works = self._works()
        is_long = any(work.for_a_year for work in works)
        from_work = LONG_UNEMPLOYED if is_long and LONG_UNEMPLOYED not in hardship else ""
        certified = self._certified(hardship)
        named = dict.fromkeys((*hardship, *([from_work] if from_work else [])))
        return Meant(
            self._skills(), self._wishes(),
            tuple(name for name in named if name in self.book.categories),
            certified, self._certifier(), self._children(), self._since(works),
            works[0].text if works else "", from_work, tuple(self.findings),
        )  # fmt: skip

    def _text(self, name: str) -> str:
        return self.row.own.get(name, "").strip()

    def _find(self, code: str, name: str, text: str = "", level: Level = Level.WRONG) -> None:
        self.findings.append(Finding(code, level, name, "", {"text": text}))

    def _skills(self) -> tuple[str, ...]:
        found, unknown = reading.read_skills(self._text("skills_wanted"), tuple(self.book.skills))
        if unknown:
            self._find("skill_unknown", "skills_wanted", "、".join(unknown))
        return tuple(found)

    def _wishes(self) -> frozenset[str] | None:
        text = self._text("wish")
        if not text:
            return None
        found, unknown = reading.read_wishes(text)
        if unknown:
            self._find("wish_unknown", "wish", "、".join(unknown))
        return frozenset(found)

    def _certified(self, hardship: list[str]) -> bool:
        text = self._text("certified")
        if not text:
            # 未认定 and 是 name no authority, wherever they stand.
            return bool(self._certifier() or reading.read_certified(self._text("certified_by")))
        said = reading.read_certified(text)
        if said is None:
            self._find("certified_unreadable", "certified", text)
        elif said and not hardship:
            self._find("certified_without_kind", "certified", level=Level.WARNING)
        return bool(said)

    def _certifier(self) -> str:
        """Who certified, as far as the cell names an authority."""
        text = self._text("certified_by")
        return text if text and reading.read_certified(text) is None else ""

    def _children(self) -> int | None:
        text = self._text("children_under_12")
        if text:
            count = read_under_12(text)
            if count is None:
                self._find("children_unreadable", "children_under_12", text)
            return count
        text = self._text("children")
        if not text:
            return None
        is_read, count = read_children(text)
        if not is_read:
            self._find("children_unreadable", "children", text)
        elif count is None:
            self._find("children_without_ages", "children", text, Level.WARNING)
        return count

    def _since(self, works: list[reading.Work]) -> date | None:
        """Since when she has no work: the cell of that name, else the date beside her state of work."""
        if text := self._text("unemployed_since"):
            return self._day("unemployed_since", text)
        for work in works:
            if re.search(r"\d\D+\d|\d{6}", work.since):  # a year alone is not enough
                return self._day(work.head, work.since)
        return None

    def _day(self, name: str, text: str) -> date | None:
        """A day, or the first of a month: it is enough to know since which month she has no work."""
        folded = unicodedata.normalize("NFKC", text).strip()
        plain = re.sub(r"^(?:自|从|于|约)|(?:份|左右|至今|以来|开始|起)+$", "", folded)
        read = {
            date(each.year, each.month, each.day or 1)
            for each in read_dates(Cell(plain), self.book.today) if each.month is not None
        }  # fmt: skip
        if name in self.row.own_numbers and re.fullmatch(r"\d{4}\.1", plain):
            # Excel makes 2024.10 the number 2024.1.
            october = {day.replace(month=10) for day in read}
            read |= {day for day in october if day <= self.book.today}
        # Of a two-digit year it is the latest that lies not ahead.
        read -= {day for day in read if any(_is_century_before(day, other) for other in read)}
        born = self.row.birth_on or date(self.book.today.year - 70, 1, 1)
        days = [day for day in read if day >= born]
        if len(days) == 1:
            return days[0]
        code = "since_ambiguous" if days else "since_impossible" if read else "since_unreadable"
        self._find(code, name, text)
        return None

    def _works(self) -> list[reading.Work]:
        """What each cell about her state of work says."""
        found = []
        for name in ("work", "work_state", "unemployed"):
            text = self._text(name)
            if not text:
                continue
            work = reading.read_work(text, name, self.book.today)
            if work is None:
                self._find("work_unknown", name, text)
                continue
            if work.kind in ("retired", "student"):
                self._find("work_retired", name, text, Level.WARNING)
            found.append(work)
        return found


def _is_century_before(day: date, other: date) -> bool:
    return (day.year + 100, day.month, day.day) == (other.year, other.month, other.day)
