"""How rosters tell of children: how many, how old, grown up or not. Pure functions on one cell.

Ages count before numbers. Where they are told of some children and not of all, it is unclear.
"""

import re
import unicodedata

from core.people.roster.cells import is_nothing, read_mark
from core.people.roster.numerals import number_of

_YOUNG, _MOST = 12, 12
_N = r"(?:\d{1,2}|[一二]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
# 8岁, 八岁, 5、13岁; who is told in months (or 半岁) is a small child.
_AGES = re.compile(
    rf"(?<![\d.一二两三四五六七八九十])({_N}(?:\s*[、,/和与及]\s*{_N})*)\s*[周多]?岁(?:半|零?{_N}个月)?|半岁|{_N}\s*个月大?"
)
# No child's age: 12岁以下, 未满12岁, 16岁以上.
_LIMIT = re.compile(
    rf"(?P<under>未满|不满|不到|小于)?(?P<age>{_N})\s*周?岁(?:及|含)?(?P<side>以下|以内|以上)?"
)
_COUNT = re.compile(
    r"(?<![第\d.])(?P<n>\d{1,2}|[一二两三四五六])\s*(?:个(?!月)|名|位|人|孩|胎|(?=[子女儿男]))"
    r"(?!(?<=[二三四五六])(?:女儿|儿子))(?P<sex>儿子?|女儿?|子(?!女)|男)?|"
    r"^(?:共|有|育有)?(?P<alone>\d{1,2}|[一二两三四五六])(?=$|[(,;:])"
)
_GROWN = re.compile(r"(?<!未)成年|(?:已|都|均|参加)工作|成家")
_ALL_GROWN = re.compile(r"(?:已经?|均|都|全部?|皆|子女|孩子|儿女|参加)*(?:成年|工作|成家)了?")
_NONE = re.compile(r"未生?育|未婚|(?:无|没有?|未有)(?:未成年)?的?(?:子女|孩子|小孩|儿童)")
_PIECES = re.compile(r"[,;:、。()/\s]+")


def read_under_12(text: str) -> int | None:
    """How many children under 12 a cell of that name gives; None when it cannot be read."""
    folded = _fold(text)
    if is_nothing(folded):
        return 0
    if (mark := read_mark(folded)) is not None:
        return int(mark)  # 有: at least one
    young, total = _young(folded), _total(folded)
    if young is not None or _AGES.search(folded) or _GROWN.search(folded):
        return young
    if total is None:
        return 0 if _NONE.search(folded) else None
    return None if re.search(r"\d", _COUNT.sub("", folded)) else total


def read_children(text: str) -> tuple[bool, int | None]:
    """Whether a cell about children can be read, and how many are under 12 as far as it says."""
    folded = _fold(text)
    mark = read_mark(folded)
    if is_nothing(folded) or mark is False:
        return True, 0
    young, total = _young(folded), _total(folded)
    if young is None and total is None and not _AGES.search(folded) and _NONE.search(folded):
        return True, 0
    known = mark is not None or young is not None or total is not None
    return known or bool(re.search(r"[子女儿孩岁]|成年", folded)), young


def _fold(text: str) -> str:
    return re.sub(r"(?<=\d)\.0+$", "", unicodedata.normalize("NFKC", text).strip())


def _number(text: str) -> int:
    return number_of(text) or 0


def _total(text: str) -> int | None:
    """How many are counted: 1子1女 are two, and 2个(1子1女) are no more."""
    found = [(_number(m["n"] or m["alone"]), bool(m["sex"])) for m in _COUNT.finditer(text)]
    if not found:
        return None
    plain = [n for n, has_sex in found if not has_sex]
    if len(plain) > 2 and plain[0] == sum(plain[1:]):
        plain = plain[:1]  # 2个,一个8岁,一个10岁
    total = max(sum(plain), sum(n for n, has_sex in found if has_sex))
    return total if total <= _MOST else None


def _young(text: str) -> int | None:
    """How many are under 12, where the age of each is told; else None."""
    if "孕" in text:
        return None
    if _total(text) == 0:
        return 0
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if any(m["under"] or m["side"] for m in _LIMIT.finditer(text)):
        return _within_limits(pieces)
    total, ages = _total(text), _ages(text)
    grown = [piece for piece in pieces if _GROWN.search(piece)]
    is_all = any(_ALL_GROWN.fullmatch(piece) for piece in grown)
    told = len(ages) + sum(_total(piece) or 1 for piece in grown)
    if not ages:
        others = "".join(piece for piece in pieces if piece not in grown)
        is_all = is_all or (total is None and not re.search(r"[子女儿孩学幼]", others))
        return 0 if grown and "未成年" not in text and (is_all or told == total) else None
    if re.search(r"\d", _COUNT.sub("", _AGES.sub("", text))):
        return None
    if len(ages) == 1 and re.search(r"均|都|双胞胎|龙凤胎", text):
        ages = ages * (total or 2)
    elif total is not None and told < total and not is_all:
        return None
    return sum(age < _YOUNG for age in ages)


def _ages(text: str) -> list[int]:
    return [
        _number(age)
        for match in _AGES.finditer(text)
        for age in (re.findall(_N, match[1]) if match[1] else ["0"])
    ]


def _within_limits(pieces: list[str]) -> int | None:
    """How many are under 12 where limits are told: 12岁以下2个, 2个(均12岁以下), 无12岁以下."""
    limits = {piece: _LIMIT.search(piece) for piece in pieces}
    bare = [p for p, m in limits.items() if m is None or not (m["under"] or m["side"])]
    young = sum(age < _YOUNG for piece in bare for age in _ages(piece))
    for piece in pieces:
        limit = limits[piece]
        if piece in bare or limit is None:
            continue
        rest = piece.replace(limit[0], "").strip("均都全共有是为的子女孩小儿童")
        count = 0 if rest[:1] in ("无", "没") else _total(rest or ",".join(bare))
        age = _number(limit["age"])
        is_over = limit["side"] == "以上"
        if count is None or (count and (age < _YOUNG if is_over else age > _YOUNG)):
            return None
        young += 0 if is_over else count
    return young
