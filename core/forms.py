"""Pieces of forms that the rooms of the house share: text, days, choices, reasons, refusals."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from core.clock import YEARS
from core.errors import RuleError

DAY_FORMATS = ["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]
# A Chinese input method types these instead of the digits and signs of a price or a time.
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | str.maketrans(
    "\u3002\uffe5", ".¥"
)
# Digits in threes as a bank writes them, or in fours as one counts by 万.
_AMOUNT = re.compile(r"(\d{1,9}|\d{1,3}(?:,\d{3}){1,2}|\d{1,4},\d{4})(?:\.(\d{0,2})0*)?", re.ASCII)
# What a whole number of PostgreSQL holds; a larger one makes an error of either database.
LARGEST_ID = 2**31 - 1
Kind = TypeVar("Kind", bound=StrEnum)


def stripped(text: Any) -> Any:
    """What was typed without the blanks around it, the full-width one included."""
    return text.strip() if isinstance(text, str) else text


def half_width(text: str) -> str:
    """What was meant when a number was typed with a Chinese input method on."""
    return text.translate(_HALF_WIDTH).strip()


def posted_id(text: str) -> int:
    """An id as a form or an address sends it; one that is too large for any id becomes the largest,
    which nobody has. Raises ValueError for what is no number."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("not an id")
    return min(int(text), LARGEST_ID) if len(text) <= 10 else LARGEST_ID


class IdField(IntegerField):
    """The id of something in an address; one that is too large becomes the largest, as above."""

    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = min(max(self.data, 0), LARGEST_ID)


def fen_of(yuan: str) -> int:
    """Whole fen of an amount as it is typed: 12, 12.5, ¥1,200 or 12.50元. Raises ValueError."""
    found = _AMOUNT.fullmatch(half_width(yuan).removeprefix("¥").removesuffix("元").strip())
    if found is None:
        raise ValueError("not an amount")
    return int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))


class YuanField(StringField):
    """An amount typed in yuan with at most two decimals; `data` is whole fen, at most `most_fen`."""

    def __init__(self, *args: Any, most_fen: int = LARGEST_ID, **more: Any) -> None:
        super().__init__(*args, **more)
        self._most_fen = most_fen

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100}.{self.data % 100:02d}"

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data: int | None = None
        if not text:
            return
        try:
            fen = fen_of(text)
        except ValueError:
            raise ValidationError(_l("Type an amount such as 12 or 12.50.")) from None
        if fen > self._most_fen:
            raise ValidationError(_l("Type an amount such as 12 or 12.50."))
        self.data = fen


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


def weekday_choices() -> list[SelectChoice]:
    """Monday to Sunday as "1" to "7"."""
    names = (
        _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"),
        _l("Sunday"),
    )  # fmt: skip
    return [SelectChoice(str(number), name) for number, name in enumerate(names, 1)]


def ends_before_start(from_on: date | None, until_on: date | None) -> bool:
    """Whether two dates of a form stand in the wrong order."""
    return from_on is not None and until_on is not None and until_on < from_on


def text_field(label: Any, most: int, *, required: bool = True, **more: Any) -> StringField:
    """A line of text of at most so many characters."""
    first = DataRequired() if required else Optional()  # blanks alone are no text
    return StringField(label, [first, Length(max=most)], filters=[stripped], **more)


def _possible(_form: Any, field: Any) -> None:
    """What is reckoned from a day must be a day too."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError(_l("Type a date from 1900 to 2199."))


def day_field(label: Any, *, required: bool = True, **more: Any) -> DateField:
    """A date, picked or typed in one of the usual forms."""
    first = InputRequired() if required else Optional()
    return DateField(label, [first, _possible], format=DAY_FORMATS, **more)


def select_field(label: Any, kind: Callable[[str], Any], **more: Any) -> SelectField:
    """A choice whose `data` is a value of `kind`, or None for the empty choice."""

    def coerce(value: Any) -> Any:
        return None if value in (None, "") else kind(value)

    return SelectField(label, coerce=coerce, **more)


def choices_of(words: Mapping[Kind, Any], only: Iterable[Kind] | None = None) -> list[SelectChoice]:
    """The members of an enum with their words, as choices of a field."""
    return [SelectChoice(member.value, words[member]) for member in (only or words)]


def any_or(choices: Iterable[SelectChoice], label: Any) -> list[SelectChoice]:
    """Choices with an empty one before them: no filter, or nothing chosen."""
    return [SelectChoice("", label), *choices]


class FilterForm(FlaskForm):
    """Filters of a list, read from the address. What cannot be read is shown and does not filter."""

    class Meta:
        csrf = False

    def __init__(self, **more: Any) -> None:
        super().__init__(formdata=request.args, **more)
        self.validate()

    def value_of(self, name: str) -> Any:
        """What a field filters by; None when it is empty or wrong."""
        part = self[name]
        return None if part.errors or part.data in ("", None) else part.data


class ReasonForm(FlaskForm):
    """Why something is ended or opened again."""

    reason = text_field(_l("Reason"), 200)


def blame(form: FlaskForm, error: RuleError, fields: Mapping[str, str], default: str) -> None:
    """Put the sentence of a refusal beside the field that it speaks of."""
    from core.edge import sentence

    part = form[fields.get(error.code, default)]
    part.errors = [*part.errors, sentence(error)]
