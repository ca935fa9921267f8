"""Kinds of fields that the canteen's forms share: percents, choices from the values."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from core.forms import half_width

Kind = TypeVar("Kind", bound=StrEnum)


class PercentField(StringField):
    """A share typed in percent with at most two decimals; `data` is in 1/10000."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]).removesuffix("%").strip() if valuelist else ""
        self.data: int | None = None
        if not text:
            return
        try:
            share = Decimal(text) * 100
        except ArithmeticError:
            raise ValidationError(_l("Type a share between 0 and 100 percent.")) from None
        if not share.is_finite() or not 0 <= share <= 10_000 or share != int(share):
            raise ValidationError(_l("Type a share between 0 and 100 percent."))
        self.data = int(share)


def choices_of(
    words: Mapping[Kind, Any], *, only: Iterable[Kind] | None = None
) -> list[SelectChoice]:
    """The members of an enum with their words, as choices of a field."""
    members = list(words) if only is None else list(only)
    return [SelectChoice(member.value, words[member]) for member in members]


def any_or(choices: Iterable[SelectChoice], label: Any) -> list[SelectChoice]:
    """Choices with an empty one before them: no filter, or nothing chosen."""
    return [SelectChoice("", label), *choices]


def optional(kind: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Coerce a choice, an empty one to None."""

    def coerce(value: Any) -> Any:
        return None if value in (None, "") else kind(value)

    return coerce


def select(label: Any, kind: Callable[[str], Any], **more: Any) -> SelectField:
    """A choice whose `data` is a value of `kind`, or None."""
    return SelectField(label, coerce=optional(kind), **more)


class FilterForm(FlaskForm):
    """Filters of a list, read from the address. What cannot be read is shown and does not filter."""

    class Meta:
        csrf = False

    def __init__(self, **more: Any) -> None:
        super().__init__(formdata=request.args, **more)

    def read(self) -> None:
        """Validate; a choice without an empty one stands on its first until somebody chooses."""
        for part in self:
            if (
                isinstance(part, SelectField)
                and not part.raw_data
                and part.data is None
                and part.choices
            ):
                part.data = part.coerce(SelectChoice.from_input(part.choices[0]).value)
        self.validate()

    def value_of(self, name: str) -> Any:
        """What a field filters by; None when it is empty or wrong."""
        part = self[name]
        return None if part.errors or part.data in ("", None) else part.data
