"""The code by which anybody verifies a paper: short enough to be typed, too long to be guessed."""

import secrets
import unicodedata

# Without what is mistaken for something else in print or handwriting: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH, GROUP = 12, 4


def new_code() -> str:
    """Twelve characters at random (54 bits): the token in the address, and what is typed by hand."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """As it is printed: ACDE-3467-XYWT."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str | None:
    """The code in what somebody typed: full-width or small letters, blanks and dashes make no
    difference. None for what can be no code."""
    text = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(c for c in text if c.isalnum())
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None
