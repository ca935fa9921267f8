"""Birth dates in every form an office types them; what is ambiguous stays so for a human."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from core.people.roster.numerals import NUMERAL, number_of, with_digits
from core.people.roster.values import Cell

_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(1_000, 60_000)
_LUNAR = re.compile(r"农历|阴历|旧历|正月|腊月|冬月|初[一二三四五六七八九十]|闰")


@dataclass(frozen=True)
class PartialDate:
    """A date of which the day, or month and day, may be unknown (None)."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def full(self) -> date | None:
        return date(self.year, self.month, self.day) if self.month and self.day else None

    def fits(self, other: date) -> bool:
        """Whether a full date agrees as far as this one goes."""
        if self.year != other.year:
            return False
        if self.month not in (None, other.month):
            return False
        return self.day in (None, other.day)


def read_dates(cell: Cell, today: date) -> tuple[PartialDate, ...]:
    """What a cell may mean as a past date, likeliest first; () when it is none.

    More than one answer where day and month could be swapped, or a two-digit year could belong to
    either century: the ID number then decides, or a human.
    """
    text = unicodedata.normalize("NFKC", cell.text).strip().strip("[]【】'’‘\"")
    # Both calendars in one cell: the solar date counts.
    if solar := re.search(r"\((?:公历|阳历|新历)[::]?([^()]+)\)$", text):
        text = solar[1]
    text = re.sub(r"\((?:农历|阴历|旧历)[^()]*[月\d][^()]*\)$", "", text).strip()
    if not text or _LUNAR.search(text):
        return ()
    text = re.sub(r"[((].*?[))]$|[出诞]?生$|^(公历|阳历|生于|约)", "", text).strip()
    text = re.sub(rf"民国\s*(\d{{1,2}}|{NUMERAL}+)\s*年", _republican, text)
    if cell.kind == "number":  # the time of day, which no form shows
        text = re.sub(r"^(\d{5})\.\d+$", r"\1", text)
    found = _digits_only(text, cell.kind) if re.fullmatch(r"\d+(\.0+)?", text) else _parts(text)
    if cell.kind == "number" and re.fullmatch(r"\d{4}\.1", text):
        found += _ymd(text[:4], "10", None)  # 1943.10 as a number has lost its 0
    return tuple(dict.fromkeys(p for p in found if _possible(p, today)))


def _republican(match: re.Match[str]) -> str:
    """民国32年 is 1943年."""
    year = number_of(match[1])
    return f"{1911 + year}年" if year else match[0]


def _digits_only(text: str, kind: str) -> list[PartialDate]:
    digits = text.partition(".")[0]
    size = len(digits)
    if size == 8:
        return [
            *_ymd(digits[:4], digits[4:6], digits[6:]),
            *_ymd(digits[4:], digits[2:4], digits[:2]),
        ]
    if size == 6:
        found = _ymd(digits[:4], digits[4:], None) if digits[:2] in ("18", "19", "20") else []
        return [*found, *_ymd(digits[:2], digits[2:4], digits[4:])]
    if size == 4:
        return _ymd(digits, None, None)
    if size == 5 and int(digits) in _SERIALS:
        day = _EXCEL_EPOCH + timedelta(days=int(digits))
        return [PartialDate(day.year, day.month, day.day)]
    if size == 7 and digits[:2] in ("19", "20"):  # 1936927: only one split may be possible
        return [
            *_ymd(digits[:4], digits[4:5], digits[5:]),
            *_ymd(digits[:4], digits[4:6], digits[6:]),
        ]
    return []


def _parts(text: str) -> list[PartialDate]:
    text = re.sub(
        r"[\sT]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$|[上下]午.*$|星期.$|周.$", "", text
    ).strip()
    text = re.sub(r"(?<=[一二三四五六七八九])[Oo0](?=[年一二三四五六七八九])", "〇", text)
    text = re.sub(rf"{NUMERAL}+(?=\s*(?:[./-]|$))", lambda m: str(number_of(m[0]) or m[0]), text)
    text = with_digits(text)
    if not re.fullmatch(r"[\d\s年月日号.\-/\\、,_~‐-―−·。:']+", text):
        return []
    numbers = re.findall(r"\d+", text)
    if "年" in text and len(numbers) in (1, 2, 3):
        return _ymd(*[*numbers, None, None][:3])
    if len(numbers) == 3:
        first, second, third = numbers
        if len(first) == 4:
            return _ymd(first, second, third)
        if len(third) == 4:
            return [*_ymd(third, second, first), *_ymd(third, first, second)]
        return _ymd(first, second, third)
    if len(numbers) == 2:
        first, second = numbers
        if len(first) == 4:
            # 1936.0927 and 1936-927 are typed too.
            return (
                _ymd(first, second, None) if len(second) < 3 else _digits_only(first + second, "")
            )
        if len(second) == 4:
            return _ymd(second, first, None)
        if len(first) == 2 and int(first) > 12:
            return _ymd(first, second, None)
    return []


def _ymd(year: str | None, month: str | None, day: str | None) -> list[PartialDate]:
    if year is None or len(year) not in (2, 4):
        return []
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    return [PartialDate(y, int(month) if month else None, int(day) if day else None) for y in years]


def _possible(partial: PartialDate, today: date) -> bool:
    try:
        first = date(partial.year, partial.month or 1, partial.day or 1)
    except ValueError:
        return False
    return first <= today and partial.year >= today.year - 125
