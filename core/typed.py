"""What commands have in common: words checked before they reach a verb, and a database that is not there."""

import unicodedata
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from core.db import is_busy
from core.errors import Busy

_NO_TABLE = "42P01"
_AWAY = "The database does not answer or is busy; nothing was changed. `flask doctor` says more."


class Line(click.ParamType):
    """A text of at most so many characters, the blanks around it taken away; empty only if `optional`.

    SQLite would store any length.
    """

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


class Group(AppGroup):
    """Commands that say in one line when the database cannot be had, or has no tables yet."""

    def invoke(self, ctx: click.Context) -> Any:
        """As click has it. Raises ClickException instead of those two errors."""
        try:
            return super().invoke(ctx)
        except sa.exc.DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            if state == _NO_TABLE or "no such table" in str(error.orig):
                raise click.ClickException(
                    "The database has no schema yet: run `flask prepare` first."
                ) from error
            if not is_busy(error):
                raise
            raise click.ClickException(_AWAY) from error
        except (Busy, sa.exc.TimeoutError) as error:
            raise click.ClickException(_AWAY) from error
