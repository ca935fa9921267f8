"""What commands are told on their line, checked before it reaches a verb: SQLite would store any length."""

import unicodedata
from typing import Any

import click


class Line(click.ParamType):
    """A text of at most so many characters, the blanks around it taken away; empty only if `optional`."""

    name = "text"

    def __init__(self, most: int, *, optional: bool = False) -> None:
        self._most = most
        self._least = 0 if optional else 1

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text. Fails with a sentence for one that is too long, empty or not readable."""
        text = str(value).strip()
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            self.fail("a text without control characters, in UTF-8", param, ctx)
        if not self._least <= len(text) <= self._most:
            self.fail(f"{self._least} to {self._most} characters", param, ctx)
        return text
