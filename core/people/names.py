"""Names of people: kept exactly, folded only where typing made them differ, and found by sound.

A name is never normalised (NFC and NFKC replace rare characters by common ones). What is folded:
typing spaces inside a Chinese name, the look-alikes of the middle dot, a note in brackets.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import product

from pypinyin import Style, pinyin

from core.people.surnames import COMPOUND_SURNAMES, SURNAME_READINGS

MAX_NAME = 50
MAX_READINGS = 24
_DOTS = re.compile(r"[\u00b7\u0387\u2022\u2027\u2219\u22c5\u30fb\uff65\u16eb\u2e31\u25cf\u25cb]")
_FULL_STOP = re.compile(r"(?<=[\u3400-\u9fff])\s*[.\uff0e\u3002\ufe52]\s*(?=[\u3400-\u9fff])")
_OPEN, _CLOSE = (
    r"(\[{<\u3010\u3014\u3008\u300a\uff08\uff3b\uff1c",
    r")\]}>\u3011\u3015\u3009\u300b\uff09\uff3d\uff1e",
)
_BRACKETS = re.compile(rf"[{_OPEN}](?P<note>[^{_OPEN}{_CLOSE}]*)[{_CLOSE}]")
_HAN = r"[\u2e80-\u2fdf\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_SPACE_IN_HAN = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
_MARKS = r"*\uff0a\u2605\u2606#\uff03\u203b\u25b2\u25b3\u25ce\u25c6\u25c7\u221a\u2713\u2714"
_TRAIL = re.compile(rf"(?P<name>.*?[^\s\d{_MARKS}])\s*(?P<note>[\d\u2460-\u2473{_MARKS}]+)$")
_LEAD = re.compile(
    rf"(?P<note>[{_MARKS}\u2460-\u2473]+|\d{{1,4}}\s*[.\uff0e\u3001)\uff09]?)\s*(?P<name>{_HAN}{{2}}.*)"
)
_REMARK = re.compile(
    r"(?P<name>.{2,}?)[\s\-\u2010-\u2015,\uff0c\u3001]*"
    r"(?P<note>已(?:故|去世|死亡|病故|迁出|搬走|搬迁|搬离)"
    r"|去世|死亡|病故|亡故|过世|迁出|搬走)$"
)
_EDGES = " .,\uff0c\u3001\u3002;\uff1b'\u2018\u2019`:\uff1a"
# What programs leave around text without showing it; what turns the text around is refused.
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a\u202c\u2060\ufeff]")
_LOST = re.compile(r"[?\uff1f\u25a1\u25a0\u25cf\ufffd*\uff0a]")


@dataclass(frozen=True)
class NameReading:
    """A name as it is kept, what stood beside it, and why it cannot be taken (`fault`)."""

    name: str
    note: str = ""
    fault: str | None = None
    proposal: str | None = None


def read_name(text: str) -> NameReading:
    """Fold the typing of a name. Faults: name_missing, name_hidden_characters, name_lost_character,
    name_no_letters, name_two_people, name_too_long."""
    text = _UNSEEN.sub("", text)
    hidden = "".join(c for c in text if not _is_hidden(c))
    # 王(李)氏 is one name: hers before and after she married.
    folded = fold_name(re.sub(rf"[{_OPEN}]({_HAN}{{1,2}})[{_CLOSE}](?=氏)", r"\1", hidden))
    if hidden != text:
        return NameReading(folded, fault="name_hidden_characters", proposal=folded)
    notes = [m["note"].strip() for m in _BRACKETS.finditer(folded)]
    name = fold_name(_BRACKETS.sub("", folded)).strip(_EDGES)
    if lead := _LEAD.fullmatch(name):
        name = lead["name"]
        notes = [*notes, *([] if lead["note"][0].isdigit() else [lead["note"]])]
    for pattern in (_TRAIL, _REMARK):
        if beside := pattern.fullmatch(name):
            name, notes = beside["name"].strip(), [*notes, beside["note"]]
    lines = [
        line.split() for line in re.sub(r"[(\uff08].*?[)\uff09]", "", text).strip().splitlines()
    ]
    parts = [fold_name(" ".join(line)) for line in lines if line]
    parts = parts if len(parts) > 1 else lines[0] if len(lines) == 1 else []
    if len(parts) > 1 and _are_names(parts):
        return NameReading(" ".join(parts), "\u3001".join(n for n in notes if n), "name_two_people")
    return NameReading(name, "、".join(n for n in notes if n), _fault_of(name))


def _are_names(parts: list[str]) -> bool:
    """Whether each part is a name by itself: 张三 李四, but neither 王 芳 nor 欧阳 娜娜."""
    return parts[0] not in COMPOUND_SURNAMES and all(
        re.fullmatch(rf"{_HAN}{{2,4}}", part) and not _REMARK.fullmatch(f"甲乙{part}")
        for part in parts
    )


def fold_name(text: str) -> str:
    """The name with typing spaces and look-alike dots folded: 「李 波」 → 「李波」, 「买买提.艾力」 → ·."""
    name = " ".join(text.split())
    name = _DOTS.sub("·", _FULL_STOP.sub("·", name))
    name = re.sub(r"\s*·+\s*", "·", name).strip("· ")
    return _SPACE_IN_HAN.sub("", name)


def has_hidden_characters(text: str) -> bool:
    """Whether control, bidirectional or other invisible characters are in a text."""
    return any(_is_hidden(c) for c in text)


def _is_hidden(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn")


def _fault_of(name: str) -> str | None:
    if not name:
        return "name_missing"
    if len(name) > MAX_NAME:
        return "name_too_long"
    if _LOST.search(name):
        return "name_lost_character"
    if re.search(r"[\u3001,\uff0c;\uff1b/\uff0f\\+\uff0b&\uff06]", name):
        return "name_two_people"
    if not any(unicodedata.category(c) in ("Lo", "Lu", "Ll", "Co") for c in name):
        return "name_no_letters"
    return None


def split_surname(name: str) -> tuple[str, str]:
    """Surname and given name; compound surnames whole, an ethnic name's first part alone."""
    if not re.match(_HAN, name):
        return name, ""
    if "·" in name:
        first, _, rest = name.partition("·")
        return first, rest
    size = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:size], name[size:]


def sort_key(name: str) -> str:
    """The syllables by which lists are sorted, surnames as they are read: 单桂芳 → "shan gui fang".

    Collations of databases differ, so this is stored.
    """
    surname, given = split_surname(name)
    return " ".join([*_surname_readings(surname)[0], *(s[0] for s in _syllables(given))])[:120]


def search_readings(name: str) -> frozenset[str]:
    """All by which a name is found: whole pinyin and initials, in every reading of the surname.

    单桂芳 → shanguifang, danguifang, changuifang, sgf, dgf, cgf. At most about twice MAX_READINGS.
    """
    surname, given = split_surname(name)
    surnames = _surname_readings(surname)
    choices = [s[:2] for s in _syllables(given)]
    while choices and len(surnames) * _size(choices) > MAX_READINGS:
        longest = max(range(len(choices)), key=lambda n: len(choices[n]))
        if len(choices[longest]) == 1:
            break
        choices[longest] = choices[longest][:1]
    found = set()
    for first in surnames[:MAX_READINGS]:
        for rest in product(*choices):
            parts = [*first, *rest]
            found.add("".join(parts)[:60])
            found.add("".join(p[0] for p in parts if p)[:60])
    return frozenset(found - {""})


def fold_query(text: str) -> str:
    """A typed search as readings are stored: lower case, without spaces, dots and accents."""
    plain = unicodedata.normalize("NFKD", re.sub("[üǖǘǚǜ]", "v", text.lower()))
    return "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))


def _size(choices: list[list[str]]) -> int:
    size = 1
    for choice in choices:
        size *= len(choice)
    return size


def _surname_readings(surname: str) -> list[list[str]]:
    """Readings of a surname, the usual one first, each a list of syllables."""
    known = [r.split() for r in SURNAME_READINGS.get(surname, ())]
    if len(surname) == 1:
        known += [[s] for s in (_syllables(surname) or [[]])[0]]
    else:
        known.append([s[0] for s in _syllables(surname)])
    unique: list[list[str]] = []
    for reading in known:
        if reading and reading not in unique:
            unique.append(reading)
    return unique or [[]]


def _syllables(text: str) -> list[list[str]]:
    """Readings of each character without tones; what has no reading stands for itself."""
    letters = re.sub(r"[·\s'’-]", "", text)
    if not letters:
        return []
    usual = pinyin(letters, style=Style.NORMAL, v_to_u=False)
    every = pinyin(letters, style=Style.NORMAL, heteronym=True, v_to_u=False)
    if len(usual) != len(every):
        every = usual
    return [
        list(dict.fromkeys(fold_query(s) for s in [*first, *more] if fold_query(s)))
        for first, more in zip(usual, every, strict=True)
        if fold_query(first[0])
    ]
