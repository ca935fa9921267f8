"""Errors that mean something to the person at the screen; the edge translates them once.

`RuleError` carries a code; the sentence for it is registered beside the rule with `describe`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class RuleError(Exception):
    """A rule said no. `code` names it (snake_case), `details` are plain values for the sentence."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Busy(Exception):
    """The database could not be had in time. Nothing was written; the same request may be repeated."""

    retry_after_s = 2


@dataclass(frozen=True)
class Text:
    """What a coded error says, and with which HTTP status."""

    sentence: Any  # a lazy translation with %(name)s placeholders
    status: int = 409


_texts: dict[str, Text] = {}


def describe(texts: Mapping[str, Text]) -> None:
    """Register the sentences of coded errors. Raises ValueError when a code has two meanings."""
    for code, text in texts.items():
        known = _texts.setdefault(code, text)
        if known is not text and str(known.sentence) != str(text.sentence):
            raise ValueError(f"error code {code} is described twice")


def text_of(error: RuleError) -> Text | None:
    """The registered text of an error; None when nobody described its code."""
    return _texts.get(error.code)


def described_codes() -> frozenset[str]:
    """All codes with a sentence; a test compares them with the codes raised in the source."""
    return frozenset(_texts)
