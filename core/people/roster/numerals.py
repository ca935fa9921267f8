"""Chinese numerals as offices mix them into figures: 十二 → 12, 一九三六 → 1936."""

import re

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "○": 0, "O": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6}
_DIGITS |= {"柒": 7, "捌": 8, "玖": 9, "元": 1}
NUMERAL = "[零〇○一二两三四五六七八九十廿卅拾壹贰叁肆伍陆柒捌玖]"


def number_of(text: str) -> int | None:
    """The value of digits or of a Chinese numeral below one hundred (or read digit by digit)."""
    if text.isdigit():
        return int(text)
    text = text.replace("拾", "十").replace("廿", "二十").replace("卅", "三十")
    if not text or not all(c in _DIGITS or c == "十" for c in text):
        return None
    if "十" in text:
        tens, _, ones = text.partition("十")
        if len(tens) > 1 or len(ones) > 1:
            return None
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[c]) for c in text))


def with_digits(text: str) -> str:
    """The text with each run of Chinese numerals before 年月日号 or 网格 written in digits."""

    def digits(match: re.Match[str]) -> str:
        value = number_of(match[0])
        return match[0] if value is None else str(value)

    return re.sub(rf"{NUMERAL}+(?=\s*[年月日号网])", digits, text)
