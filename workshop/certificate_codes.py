"""The code by which anybody verifies a certificate: its year and serial, and a seal nobody can guess.

The seal is a keyed hash of the number on the paper, so that no code has to be stored, and whoever
knows how numbers are counted still cannot name another one that is valid.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

from core.privacy import secret
from core.reports.codes import ALPHABET

SEAL_LENGTH, _YEAR, _SERIAL = 8, 4, 4
PURPOSE = "certificate-seal"


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says; whether it is genuine is told by `is_genuine`."""

    year: int
    serial: int
    seal: str


def seal_of(number: str) -> str:
    """Eight letters and digits (36 bits) that belong to a number of ours."""
    value = int.from_bytes(hmac.new(secret(PURPOSE), number.encode(), hashlib.sha256).digest())
    letters = []
    for _ in range(SEAL_LENGTH):
        value, rest = divmod(value, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def token_of(year: int, serial: int, number: str) -> str:
    """The code of a certificate as it stands in an address: 20260001ACDE3467."""
    return f"{year:04d}{serial:04d}{seal_of(number)}"


def grouped(token: str) -> str:
    """As it is printed: 20260001-ACDE-3467."""
    seal = token[-SEAL_LENGTH:]
    return f"{token[:-SEAL_LENGTH]}-{seal[:4]}-{seal[4:]}"


def read(typed: str) -> Code | None:
    """The code in what somebody typed: full-width or small letters, blanks and dashes make no
    difference. None for what can be no code."""
    text = unicodedata.normalize("NFKC", typed).upper()
    text = "".join(c for c in text if c.isalnum())
    counted, seal = text[:-SEAL_LENGTH], text[-SEAL_LENGTH:]
    is_counted = (
        counted.isascii() and counted.isdigit() and len(counted) in range(_YEAR + _SERIAL, 13)
    )
    if not is_counted or len(seal) != SEAL_LENGTH or not set(seal) <= set(ALPHABET):
        return None
    return Code(int(counted[:_YEAR]), int(counted[_YEAR:]), seal)


def is_genuine(code: Code, number: str) -> bool:
    """Whether the seal belongs to this number."""
    return hmac.compare_digest(code.seal, seal_of(number))
