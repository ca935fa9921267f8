"""Kinds of fields that the canteen's forms share: yuan, wall-clock times, choices from the values."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

DAY_FORMATS = ["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]
# A Chinese input method types these instead of the digits and signs of a price or a time.
_HALF_WIDTH = str.maketrans("0123456789.。:,%-", "0123456789..:,%-")
Kind = TypeVar("Kind", bound=StrEnum)


def half_width(text: str) -> str:
    """What was meant when a number was typed with a Chinese input method on."""
    return text.translate(_HALF_WIDTH).strip()


class YuanField(StringField):
    """An amount typed in yuan with at most two decimals; `data` is whole fen."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100}.{self.data % 100:02d}"

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]) if valuelist else ""
        self.data: int | None = None
        if not text:
            return
        text = text.removeprefix("¥").removesuffix("元").replace(",", "").strip()
        try:
            fen = Decimal(text) * 100
        except InvalidOperation:
            raise ValidationError(_l("Type an amount such as 12 or 12.50.")) from None
        if not fen.is_finite() or fen != int(fen) or not 0 <= fen < 10**11:
            raise ValidationError(_l("Type an amount such as 12 or 12.50."))
        self.data = int(fen)


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
        except InvalidOperation:
            raise ValidationError(_l("Type a share between 0 and 100 percent.")) from None
        if not share.is_finite() or share != int(share) or not 0 <= share <= 10_000:
            raise ValidationError(_l("Type a share between 0 and 100 percent."))
        self.data = int(share)


class ClockField(StringField):
    """A wall-clock time such as 11:30; `data` is minutes after midnight, up to 24:00."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 60:02d}:{self.data % 60:02d}"

    def process_formdata(self, valuelist: list[str]) -> None:
        text = half_width(valuelist[0]) if valuelist else ""
        self.data: int | None = None
        if not text:
            return
        found = re.fullmatch(r"(\d{1,2}):?(\d{2})", text)
        minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else 1441
        if minutes > 1440:
            raise ValidationError(_l("Type a time such as 11:30, at most 24:00."))
        self.data = minutes


class CheckboxField(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def day_field(label: Any, *, required: bool = True, **more: Any) -> DateField:
    """A date, picked or typed in one of the usual forms."""
    return DateField(
        label, [InputRequired() if required else Optional()], format=DAY_FORMATS, **more
    )


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


def weekday_choices() -> list[SelectChoice]:
    """Monday to Sunday as "1" to "7"."""
    names = (
        _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"),
        _l("Sunday"),
    )  # fmt: skip
    return [SelectChoice(str(number), name) for number, name in enumerate(names, 1)]


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


def ends_before_start(from_on: date | None, until_on: date | None) -> bool:
    """Whether two dates of a form stand in the wrong order."""
    return from_on is not None and until_on is not None and until_on < from_on
