"""The number on a service card: how it is made, read back and looked up.

Pure functions on text and keys: no database, no Flask. A card carries 17 digits and nothing
else about its owner. 15 of them come from a secret key and (person, serial), so the office can
print a card again without ever storing its number; two more are ISO 7064 MOD 97-10 check digits,
which find every single wrong digit and every swap of neighbours. Digits only, because they pass
through a Chinese input method where letters do not; 17, because that just fills a QR symbol of
version 1 at error correction level H.

Everybody who accepts a scan calls `read` and answers by `Reading.fault`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stdnum.iso7064 import mod_97_10

DERIVED_DIGITS = 15
CODE_DIGITS = DERIVED_DIGITS + 2
GROUPS = (4, 4, 4, 5)

# What a scanner, an input method or a careful typist adds around digits: spaces of every width,
# dashes of every length, line ends, a byte-order mark, zero-width marks and the like.
_DASHES = "-‐‑‒–—―−﹣－"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_FOLD: dict[int, str | None] = {ord("０") + n: str(n) for n in range(10)}
_FOLD |= dict.fromkeys(map(ord, _DASHES + _INVISIBLE))
_AIM_PREFIX = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_ID_NUMBER = re.compile(
    r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
)


class ScanFault(StrEnum):
    """Why a scan names no card of ours."""

    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TWO_CARDS = "two_cards"
    ID_NUMBER = "id_number"
    OTHER_CODE = "other_code"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scan turned out to be: either a code whose check digits hold, or a fault."""

    code: str | None
    fault: ScanFault | None


def make_code(key: bytes, person_id: int, serial: int) -> str:
    """The 17 digits of one card.

    key: the secret that only the office holds, at least 16 bytes. person_id, serial: whole
    numbers from 1. The same three give the same code for ever. Raises ValueError otherwise.
    """
    if len(key) < 16:
        raise ValueError("the card key is too short")
    if person_id < 1 or serial < 1:
        raise ValueError("person_id and serial start at 1")
    digest = hmac.digest(key, b"%d:%d" % (person_id, serial), "sha256")
    # 256 bits folded into 50: the bias towards small numbers is below one in 10^60.
    derived = int.from_bytes(digest, "big") % 10**DERIVED_DIGITS
    body = f"{derived:0{DERIVED_DIGITS}d}"
    return body + mod_97_10.calc_check_digits(body)


def hash_code(key: bytes, code: str) -> str:
    """What the database keeps of a code: 64 hexadecimal digits, useless without the key."""
    return hmac.digest(key, code.encode("ascii"), "sha256").hex()


def is_code(text: str) -> bool:
    """Whether text is exactly 17 ASCII digits whose check digits hold."""
    return (
        len(text) == CODE_DIGITS
        and text.isascii()
        and text.isdecimal()
        # MOD 97-10 of digits alone; stdnum takes 20 times as long, and each scan asks twice.
        and int(text) % 97 == 1
    )


def fold(text: str) -> str:
    """Text as a scanner meant it: ASCII digits, no blanks, dashes or invisible marks.

    Full-width digits come from an input method left in full-width mode, `]Q1` from scanners
    that announce the kind of symbol.
    """
    return _AIM_PREFIX.sub("", "".join(text.translate(_FOLD).split()))


def read(text: str) -> Reading:
    """Read one scan.

    text: whatever the scanner, the camera or a hand produced, of any length. A code comes back
    only when it is beyond doubt: two cards scanned into one line name neither.
    """
    # A scan is at most a line; what is longer is no card and is not worth folding.
    if len(text) > 1000:
        return Reading(None, ScanFault.TOO_LONG)
    folded = fold(text)
    if is_code(folded):
        return Reading(folded, None)
    return Reading(None, _fault(folded))


def _fault(folded: str) -> ScanFault:
    if not folded:
        return ScanFault.EMPTY
    if _ID_NUMBER.fullmatch(folded):
        return ScanFault.ID_NUMBER
    if not (folded.isascii() and folded.isdecimal()):
        return ScanFault.OTHER_CODE
    if len(folded) < CODE_DIGITS:
        return ScanFault.TOO_SHORT
    if len(folded) == CODE_DIGITS:
        return ScanFault.NOT_OURS
    return ScanFault.TWO_CARDS if _is_glued(folded) else ScanFault.TOO_LONG


def _is_glued(digits: str) -> bool:
    whole, rest = divmod(len(digits), CODE_DIGITS)
    return whole > 1 and not rest and all(is_code(part) for part in _cut(digits, whole))


def _cut(digits: str, pieces: int) -> Iterable[str]:
    return (digits[CODE_DIGITS * n : CODE_DIGITS * (n + 1)] for n in range(pieces))


def grouped(code: str) -> str:
    """A code as it is printed and read aloud: `0000 0000 0000 00000`."""
    parts, start = [], 0
    for width in GROUPS:
        parts.append(code[start : start + width])
        start += width
    return " ".join(parts)
