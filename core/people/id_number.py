"""ID numbers of residents: read as offices write them, checked as the standard says.

The address code is not checked: `stdnum.cn.ric.validate` compares a county's founding year with the
birth year and so refuses everybody born before 1983 in 邯山区 (130402). Source: GB 11643-1999.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.iso7064 import mod_11_2

OLDEST_YEARS = 125
# What the fingers make of the check character X.
_LOOKS_LIKE_X = str.maketrans({"×": "X", "х": "X", "Х": "X", "✕": "X", "╳": "X", "乂": "X"})
# Letters typed for digits; only where all the rest fits, so that a passport stays a passport.
_LOOKS_LIKE_DIGIT = str.maketrans({"O": "0", "〇": "0", "○": "0", "I": "1", "L": "1", "|": "1"})
# White space, dashes, quotes, and what other programs put around numbers without showing it.
_SEPARATORS = re.compile(
    r"[\s\-\u2010-\u2015\u2212_.·'\"’‘`“”\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff,:]"
)
_INSIDE = re.compile(r"(?<![0-9A-Z])[1-9]\d{16}[\dX](?![0-9A-Z])")
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?E\+?1[67]$")


class IdFault(StrEnum):
    """Why something is not an ID number."""

    LENGTH = "id_length"
    CHARACTERS = "id_characters"
    BIRTH_DATE = "id_birth_date"
    CHECK_DIGIT = "id_check_digit"
    OLD = "id_old_15_digits"
    ROUNDED = "id_rounded"


@dataclass(frozen=True)
class IdReading:
    """What an ID number says. `fault` None means that it may be trusted.

    number: the folded text, also when it is wrong; birth_on and sex as far as they can be read;
    proposal: the number it probably should be (the 18 digits of an old one).
    """

    number: str
    fault: IdFault | None = None
    birth_on: date | None = None
    sex: str | None = None
    proposal: str | None = None


def fold(text: str) -> str:
    """Full-width digits, spaces, dashes and a lower-case x as the standard writes them."""
    folded = unicodedata.normalize("NFKC", text)
    folded = _SEPARATORS.sub("", folded).translate(_LOOKS_LIKE_X).upper()
    if re.fullmatch(r".{17}\*", folded):
        folded = f"{folded[:17]}X"
    likely = folded.translate(_LOOKS_LIKE_DIGIT)
    return likely if len(likely) == 18 and mod_11_2.is_valid(likely) else folded


def take_apart(text: str) -> tuple[str, str]:
    """The only number in a cell and the words beside it: 身份证130…507X(丢失) → 130…507X, 丢失."""
    plain = re.sub(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "",
                   unicodedata.normalize("NFKC", text))  # fmt: skip
    found = list(dict.fromkeys(_INSIDE.findall(plain.upper())))
    if len(found) != 1 or fold(text) == found[0]:
        return text, ""
    rest = re.sub(found[0], " ", plain, flags=re.IGNORECASE)
    rest = re.sub(r"^\s*(居民|公民)?身份证?(件)?(号码?)?[\s::]*", "", rest)
    return found[0], " ".join(re.sub(r"[()\[\]{}/\\;,、。'\"::]+", " ", rest).split())


def check_digit(first_17: str) -> str:
    """The 18th character for the first 17 digits (ISO 7064 MOD 11-2)."""
    return str(mod_11_2.calc_check_digit(first_17))


def read_id_number(text: str, today: date, *, from_number_cell: bool = False) -> IdReading:
    """Read and check an ID number.

    text: as typed or stored; today: nobody is born later; from_number_cell: the spreadsheet holds
    it as a number, and so Excel kept only its first 15 digits, whatever they look like now.
    """
    number = fold(text)
    written = unicodedata.normalize("NFKC", text).strip().upper()
    if _SCIENTIFIC.match(written):
        return IdReading(written, IdFault.ROUNDED)
    if re.fullmatch(r"\d{15}", number):
        return _read_old(number, today)
    if from_number_cell and re.fullmatch(r"\d{16,20}", number):
        return IdReading(number, IdFault.ROUNDED, _birth(number[6:14], today))
    if len(number) != 18:
        # The number of a disability card is the ID number and two digits.
        first = number[:18] if re.fullmatch(r"[1-9]\d{16}[\dX]\d{2}", number) else ""
        is_first = bool(first) and mod_11_2.is_valid(first) and _birth(first[6:14], today)
        return IdReading(number, IdFault.LENGTH, proposal=first if is_first else None)
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        return IdReading(number, IdFault.CHARACTERS)
    birth_on = _birth(number[6:14], today)
    sex = "男" if int(number[16]) % 2 else "女"
    if birth_on is None:
        return IdReading(number, IdFault.BIRTH_DATE)
    if not mod_11_2.is_valid(number):
        if looks_rounded(number):
            # The last three digits are Excel's zeros: neither the sex nor the rest is known.
            return IdReading(number, IdFault.ROUNDED, birth_on)
        return IdReading(number, IdFault.CHECK_DIGIT, birth_on, sex)
    return IdReading(number, None, birth_on, sex)


def looks_rounded(number: str) -> bool:
    """Whether only 15 significant digits are left, as Excel leaves them."""
    return len(number) == 18 and number.isdigit() and number.endswith("000")


def _birth(digits: str, today: date) -> date | None:
    if not re.fullmatch(r"\d{8}", digits):
        return None
    try:
        birth_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return birth_on if today.year - OLDEST_YEARS <= birth_on.year and birth_on <= today else None


def _read_old(number: str, today: date) -> IdReading:
    """15 digits, issued until 1999 and invalid since 2013; its 18 digits are proposed."""
    # 996–999 were kept for people who were already a hundred years old.
    century = "18" if number[12:] in ("996", "997", "998", "999") else "19"
    first_17 = number[:6] + century + number[6:]
    birth_on = _birth(first_17[6:14], today)
    if birth_on is None or number[0] == "0":
        return IdReading(number, IdFault.LENGTH)
    sex = "男" if int(number[14]) % 2 else "女"
    return IdReading(number, IdFault.OLD, birth_on, sex, first_17 + check_digit(first_17))
